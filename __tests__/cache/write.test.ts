import { afterAll, describe, expect, test } from '@jest/globals'
import { readImported, writeCache, type Built, type CacheWriting } from '../../src/cache/write.js'
import type { GatePlan } from '../../src/gate/plan.js'
import { noImports } from '../../src/core/progress.js'
import type { CacheOutcome } from '../../src/cache/outcome.js'
import { parseMetadata } from '../../src/buildkit/provenance.js'
import type { Exec } from '../../src/ports.js'
import { readRecorded, recordedBuild, replay } from '../fixtures/recorded.js'
import { noCredentials } from '../../src/buildkit/command.js'
import { buildOf } from '../builds/support.js'
import { makeFolder, makeLog } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

const file = { path: '/project/gate/Dockerfile', stage: 'stagegate-gate', lastUserLine: 16 }
const oneSolve: GatePlan = { testTargets: ['test'], target: 'production', file }
const perTest: GatePlan = { testTargets: ['test', 'lint'], target: 'production' }

const nothing: Built = { steps: [], provenance: [], imports: noImports }

/** What the run knows before it writes. */
type Known = {
  readonly built?: Built
  readonly read?: readonly string[]
  readonly manifest?: string
  readonly from?: readonly string[]
  readonly given?: Readonly<Record<string, string>>
  /** Changes what the builder prints. */
  readonly rename?: (text: string) => string
}

async function write(
  plan: GatePlan,
  to: readonly string[],
  byTarget: Readonly<Record<string, string>>,
  { built = nothing, read = [], manifest = '', from = ['from'], given = {}, rename = (text) => text }: Known = {}
): Promise<CacheWriting & { readonly asked: readonly (readonly string[])[] }> {
  const { exec: build, asked } = replay(byTarget)
  // A registry says what is in a reference: the same before and after.
  const exec: Exec = (command, options) =>
    command.args.includes('imagetools')
      ? Promise.resolve({ exitCode: manifest === '' ? 1 : 0, stdout: manifest, stderr: '', timedOut: false })
      : build(command, {
          ...options,
          onStderr: (chunk) => options?.onStderr?.(Buffer.from(rename(chunk.toString())))
        })
  const options = {
    base: { build: buildOf(given), credentials: noCredentials },
    plan,
    cache: { from, to },
    testCaches: ['test', 'lint'].map((stage) => ({
      from: [`${stage}-from`],
      to: to.map((value) => `${stage}-${value}`)
    })),
    env: {},
    folder: folder.path,
    built,
    carrying: { env: {}, driver: 'remote', layers: [], mountFrom: [] }
  }
  const outcomes = read.map((reference): CacheOutcome => ({ reference, way: 'read', result: 'ok' }))
  const imported = await readImported({ exec }, { builder: 'default' }, options.cache, {
    outcomes,
    near: options.carrying
  })
  return {
    ...(await writeCache({ exec, log: makeLog().log, signal: new AbortController().signal }, { ...options, imported })),
    asked
  }
}

const written = ({ outcomes }: CacheWriting): readonly CacheOutcome[] => outcomes.filter(({ way }) => way === 'write')

const solved = (args: readonly string[]): readonly (string | undefined)[] =>
  ['--target', '--cache-to', '--output'].map((flag) => args[args.indexOf(flag) + 1])

test('one solve writes both chains into one reference', async () => {
  const { asked, notes } = await write(oneSolve, ['type=registry,ref=a'], { 'stagegate-gate': 'gate-cached' })
  expect(asked.map(solved)).toEqual([['stagegate-gate', 'type=registry,ref=a', 'type=cacheonly']])
  expect(asked[0]).toEqual(expect.arrayContaining(['--file', file.path]))
  expect(asked[0]).not.toContain('--no-cache')
  expect(notes).toEqual([])
})

test('without a stage that stands for all, each test has a reference of its own', async () => {
  const recorded = { test: 'gate-cached', lint: 'gate-cached', production: 'gate-cached' }
  const { asked } = await write(perTest, ['type=registry,ref=a'], recorded)
  expect(asked.map(solved)).toEqual([
    ['test', 'test-type=registry,ref=a', 'type=cacheonly'],
    ['lint', 'lint-type=registry,ref=a', 'type=cacheonly'],
    ['production', 'type=registry,ref=a', 'type=cacheonly']
  ])
})

test.each<[string, readonly string[]]>([
  ['nothing to write', []],
  ['an inline cache, which is in the image', ['type=inline']]
])('%s asks nothing', async (_, to) => {
  expect((await write(oneSolve, to, {})).asked).toEqual([])
})

test('a cache that cannot be written at all is a failed one, in the words of the builder', async () => {
  const writing = await write(oneSolve, ['type=registry,ref=a'], { 'stagegate-gate': 'cache-unknown-type' })
  const message = expect.stringContaining('unknown cache exporter')
  expect(written(writing)).toEqual([{ reference: 'a', way: 'write', result: 'failed', message }])
  expect(writing.notes).toEqual([])
})

test('a gha cache that buildx leaves out without a word is a failed one', async () => {
  const writing = await write(oneSolve, ['type=gha,mode=max'], { 'stagegate-gate': 'gate-cached' })
  expect(written(writing)).toMatchObject([
    { reference: 'gha', result: 'failed', message: expect.stringContaining('ACTIONS_RUNTIME_TOKEN') }
  ])
})

describe('a reference that was read', () => {
  const own = 'type=registry,ref=registry.example.com/app-cache:main'
  const { steps } = readRecorded('gate-cached', { hidden: 'stagegate-gate' })
  const recording = parseMetadata(recordedBuild('gate-cached').metadata).provenance
  // The recorded builder had made no layers of its tests; one that read them from a registry has them all.
  const provenance = {
    ...recording,
    stepLayers: new Map(steps.map(({ vertex }, index) => [vertex, ['sha256:base', `sha256:step${index}`]]))
  }
  const built: Built = { ...nothing, steps, provenance: [provenance] }
  const layers = [...new Set([...provenance.stepLayers.values()].flat())]
  const manifestOf = (digests: readonly string[]): string =>
    JSON.stringify({ layers: digests.map((digest) => ({ digest, size: 100 })) })
  const main = 'registry.example.com/app-cache:main'
  const known: Known = { built, read: [main], from: [own], manifest: manifestOf(layers) }
  const recorded = { 'stagegate-gate': 'gate-cached' }

  test('is left alone where it holds every layer of a build in which nothing ran', async () => {
    expect(layers.length).toBeGreaterThan(1)
    const writing = await write(oneSolve, [own], recorded, known)
    expect(writing.asked).toEqual([])
    expect(writing.outcomes).toEqual([{ reference: main, way: 'write', result: 'unchanged', heldBy: main }])
  })

  test.each<[string, Known]>([
    ['a layer is not in it', { ...known, manifest: manifestOf(layers.slice(1)) }],
    ['the registry does not tell what is in it', { ...known, manifest: '' }],
    ['it was not read', { ...known, read: [] }],
    ['another one was read', { ...known, from: [own.replace('main', 'other')] }],
    ['a step ran', { ...known, built: { ...built, steps: steps.map((step) => ({ ...step, state: 'ran' as const })) } }],
    ['the builder does not tell the layers', { ...known, built: { ...built, provenance: [] } }]
  ])('is written where %s', async (_, changed) => {
    const writing = await write(oneSolve, [own], recorded, changed)
    expect(writing.asked).toHaveLength(1)
    expect(written(writing).map(({ result }) => result)).not.toContain('unchanged')
  })

  test('makes a planned reference needless, and not one that the user names', async () => {
    const other = own.replace('main', 'pr-1')
    const planned = await write(oneSolve, [other], recorded, {
      ...known,
      given: { 'cache-image': 'registry.example.com/app-cache' }
    })
    expect(planned.asked).toEqual([])
    const reference = 'registry.example.com/app-cache:pr-1'
    expect(planned.outcomes).toEqual([{ reference, way: 'write', result: 'unchanged', heldBy: main }])
    expect((await write(oneSolve, [other], recorded, known)).asked).toHaveLength(1)
  })

  test('the bytes of layers that were not in it before are counted', async () => {
    const to = own.replace('main', 'pr-1')
    const writing = await write(
      oneSolve,
      [to],
      { 'stagegate-gate': 'cache-local-out' },
      {
        ...{ manifest: manifestOf(layers), from: [to] },
        rename: (text) => text.replaceAll('cache to client directory', 'cache to registry')
      }
    )
    expect(written(writing).map(({ bytes }) => bytes)).toEqual([100 * layers.length])
  })
})
