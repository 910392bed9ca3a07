import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

type How = { readonly perPlatform?: readonly string[]; readonly perTest?: boolean; readonly driver?: string }

async function settle(
  given: Given,
  { perPlatform = [], perTest = false, driver = 'remote' }: How = {}
): Promise<SettledCache> {
  const occasion = occasionFor('push')
  const inputs = inputsOf(given)
  const asked = { build: buildOf(given), occasion, trustPlan: planTrust(occasion, inputs) }
  const intent = intendCache({ exec, log: makeLog().log }, { ...asked, env: {}, after: Promise.resolve() })
  return settleCache(intent, { ...asked, driver, plan: intent.plan, perTest, perPlatform })
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
    const { parts } = await settle(given, { perPlatform: both, perTest: true })
    const all = parts.flatMap((part) => [part.cache, ...part.testCaches].flatMap(({ to }) => references(to)))
    expect(new Set(all).size).toBe(4)
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
  const { parts, cache } = await settle(image, { perPlatform })
  expect(parts).toEqual([{ cache, testCaches: [] }])
})

describe('a registry is asked nothing twice', () => {
  test.each<[string, Given, readonly string[], boolean]>([
    ['by one builder', {}, [], false],
    ['for several of the user in one repository', { 'cache-image': '' }, [], false],
    ['where tests are solved on their own', { 'test-target': 'test\nlint' }, [], true],
    ['by several nodes', { platforms: both.join(',') }, both, false],
    ['by several nodes, tests on their own', { platforms: both.join(','), 'test-target': 'test\nlint' }, both, true]
  ])('%s', async (_, more, perPlatform, perTest) => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
      response.writeHead(request.method === 'POST' ? 202 : 404, { Location: `/v2/upload/${asked.length}` }).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
      const mine = ['a', 'b'].map((tag) => `type=registry,ref=${host}/mine:${tag}`).join('\n')
      const given = { ...image, 'cache-image': `${host}/app-cache`, 'cache-from': mine, ...more }
      const own = given['cache-image'] === '' ? { 'cache-to': mine } : {}
      const { refused } = await settle({ ...given, ...own }, { perPlatform, perTest, driver: 'docker' })
      await refused
      // A cache, a question whether it may be written, and the end of that upload.
      expect(asked).toEqual(
        expect.arrayContaining([expect.stringContaining('HEAD '), expect.stringContaining('POST ')])
      )
      expect(asked.filter((request, index) => asked.indexOf(request) !== index)).toEqual([])
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})
