import { describe, expect, test } from '@jest/globals'
import { cacheReference } from '../../src/inputs/cache_value.js'
import { intendCache, settleCache, type SettledCache } from '../../src/cache/settle.js'
import { planTrust } from '../../src/occasion/trust_plan.js'
import type { Exec } from '../../src/ports.js'
import { occasionFor } from '../fixtures/started.js'
import { buildOf } from '../builds/support.js'
import { inputsOf, type Given } from '../inputs/support.js'
import { makeLog } from '../ssh/support.js'

const image: Given = { 'cache-image': '127.0.0.1:9/app-cache', 'test-target': 'test', target: 'production' }
const both = ['linux/amd64', 'linux/arm64']

/** No registry is there to ask, and none is asked. */
const exec: Exec = () => Promise.resolve({ exitCode: 1, stdout: '', stderr: '', timedOut: false })

async function settle(
  given: Given,
  { perPlatform = [], inTurn = false }: { readonly perPlatform?: readonly string[]; readonly inTurn?: boolean } = {}
): Promise<SettledCache> {
  const occasion = occasionFor('push')
  const inputs = inputsOf(given)
  const asked = { build: buildOf(given), occasion, trustPlan: planTrust(occasion, inputs) }
  const intent = intendCache({ exec, log: makeLog().log }, { ...asked, env: {} })
  return settleCache(intent, { ...asked, driver: 'remote', plan: intent.plan, inTurn, perPlatform })
}

const references = (values: readonly string[]): readonly string[] => values.map(cacheReference)

describe('a builder with several nodes', () => {
  const given = { ...image, platforms: both.join(',') }

  test('writes a reference a platform, and reads those of all', async () => {
    const { parts, cache, planned, rows } = await settle(given, { perPlatform: both })
    expect(parts.map(({ platform }) => platform)).toEqual(both)
    const written = parts.map((part) => references(part.cache.to))
    expect(new Set(written.flat()).size).toBe(2)
    expect(references(cache.to)).toEqual(written.flat())
    expect(references(cache.from)).toEqual(parts.flatMap((part) => references(part.cache.from)))
    expect(rows.map(({ why }) => why.split(':')[0])).toEqual(expect.arrayContaining(both))
    expect(planned).toEqual({ from: cache.from, to: cache.to })
    expect(new Set(parts.map((part) => part.cache.retry)).size).toBe(2)
  })

  test('gives each platform the reference that a builder of this platform alone writes', async () => {
    const alone = await Promise.all(both.map((platform) => settle({ ...image, platforms: platform })))
    const { parts } = await settle(given, { perPlatform: both })
    expect(parts.map((part) => references(part.cache.to))).toEqual(alone.map(({ cache }) => references(cache.to)))
  })

  test('keeps tests that are solved on their own apart, too', async () => {
    const { parts, testCaches } = await settle(given, { perPlatform: both, inTurn: true })
    const all = parts.flatMap((part) => [part.cache, ...part.testCaches].flatMap(({ to }) => references(to)))
    expect(new Set(all).size).toBe(4)
    expect(testCaches).toHaveLength(1)
  })

  test('says so where a reference of the user is written by each of them', async () => {
    const named = { platforms: both.join(','), 'cache-to': 'type=registry,ref=127.0.0.1:9/mine:1' }
    const { notes } = await settle(named, { perPlatform: both })
    expect(notes).toEqual([expect.stringContaining('"127.0.0.1:9/mine:1"')])
    expect((await settle(named)).notes).toEqual([])
  })
})

test.each<[string, readonly string[]]>([
  ['one node', []],
  ['one platform', ['linux/amd64']]
])('with %s there is one part', async (_, perPlatform) => {
  const { parts, cache, testCaches } = await settle(image, { perPlatform })
  expect(parts).toEqual([{ cache, testCaches }])
})
