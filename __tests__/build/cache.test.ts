import { afterAll, expect, test } from '@jest/globals'
import { writeCache, type CacheWriting } from '../../src/build/cache.js'
import type { GatePlan } from '../../src/build/gate.js'
import { replay } from '../fixtures/recorded.js'
import { inputsOf } from '../inputs/support.js'
import { makeFolder, makeLog } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

const file = { path: '/project/gate/Dockerfile', stage: 'stagegate-gate', lastUserLine: 16 }
const oneSolve: GatePlan = { testTargets: ['test'], target: 'production', file }
const inTurn: GatePlan = { testTargets: ['test', 'lint'], target: 'production' }

async function write(
  plan: GatePlan,
  to: readonly string[],
  byTarget: Readonly<Record<string, string>>
): Promise<CacheWriting & { readonly asked: readonly (readonly string[])[] }> {
  const { exec, asked } = replay(byTarget)
  const options = {
    base: { inputs: inputsOf({}), credentials: [] },
    plan,
    cache: { from: ['from'], to },
    testCache: { from: ['test-from'], to: to.map((value) => `test-${value}`) },
    env: {},
    folder: folder.path
  }
  return { ...(await writeCache({ exec, log: makeLog().log }, options)), asked }
}

const solved = (args: readonly string[]): readonly (string | undefined)[] =>
  ['--target', '--cache-to', '--output'].map((flag) => args[args.indexOf(flag) + 1])

test('one solve writes both chains into one reference', async () => {
  const { asked, notes } = await write(oneSolve, ['type=registry,ref=a'], { 'stagegate-gate': 'gate-cached' })
  expect(asked.map(solved)).toEqual([['stagegate-gate', 'type=registry,ref=a', 'type=cacheonly']])
  expect(asked[0]).toEqual(expect.arrayContaining(['--file', file.path]))
  expect(asked[0]).not.toContain('--no-cache')
  expect(notes).toEqual([])
})

test('in turn, the tests have a reference of their own', async () => {
  const recorded = { test: 'gate-cached', lint: 'gate-cached', production: 'gate-cached' }
  const { asked } = await write(inTurn, ['type=registry,ref=a'], recorded)
  expect(asked.map(solved)).toEqual([
    ['test', 'test-type=registry,ref=a', 'type=cacheonly'],
    ['lint', 'test-type=registry,ref=a', 'type=cacheonly'],
    ['production', 'type=registry,ref=a', 'type=cacheonly']
  ])
})

test.each<[string, readonly string[]]>([
  ['nothing to write', []],
  ['an inline cache, which is in the image', ['type=inline']]
])('%s asks nothing', async (_, to) => {
  expect((await write(oneSolve, to, {})).asked).toEqual([])
})

test('a cache that cannot be written is a note', async () => {
  const { notes } = await write(oneSolve, ['type=registry,ref=a'], { 'stagegate-gate': 'run-failed-test' })
  expect(notes).toHaveLength(1)
  expect(notes[0]).toMatch(/^The cache was not written: /)
})
