/** The one call that builds the tests and the image, on a buildx by script: what a run makes of what it is told. */
import { describe, expect, test } from '@jest/globals'
import path from 'node:path'
import { noCredentials } from '../../src/buildkit/command.js'
import { Stop } from '../../src/failure/stop.js'
import type { BuildOptions } from '../../src/gate/build.js'
import { redEnd, streamOf, type Answer, type Asked, type Told } from '../buildkit/support/buildx.js'
import { buildOf } from '../builds/support.js'
import type { Given } from '../inputs/support.js'
import { privateFolder, runScripted, type Outcome } from './support/build.js'

const folder = privateFolder()

const shared: readonly Told[] = [
  { vertex: 'base', name: '[_test0-0 build 1/2] COPY . .' },
  { vertex: 'base', name: '[_image-0 build 1/2] COPY . .' }
]
const tested: Told = { vertex: 'test', name: '[_test0-0 test 1/1] RUN pytest', inputs: ['base'], seconds: 3 }
const imaged: Told = { vertex: 'prod', name: '[_image-0 production 1/1] RUN make', inputs: ['base'] }
const exported: Told = { vertex: 'export', name: '[_image-0] exporting to oci image format' }
const green = [...shared, imaged, exported, tested]

function provenanceOf(materials: Readonly<Record<string, string>>): unknown {
  return {
    'buildx.build.provenance': {
      materials: Object.entries(materials).map(([uri, sha256]) => ({ uri, digest: { sha256 } }))
    }
  }
}

type Change = {
  readonly given?: Given
  readonly tests?: readonly string[]
  readonly target?: string | undefined
  readonly untrusted?: string
  readonly supplied?: readonly string[]
  readonly onlyStage?: string
  readonly change?: Partial<BuildOptions>
}

function build(
  answers: readonly (Answer | ((asked: Asked) => Answer))[],
  { given = {}, tests = ['test'], untrusted, supplied = [], onlyStage, change, ...wish }: Change = {}
): Promise<Outcome> {
  return runScripted(folder.path, answers, {
    base: { build: buildOf(given), credentials: noCredentials },
    plan: {
      testTargets: tests,
      target: 'target' in wish ? wish.target : 'production',
      ...(onlyStage === undefined ? {} : { onlyStage })
    },
    ...{ env: { TOKEN: 'x' }, untrusted, supplied },
    ...change
  })
}

describe('a green build', () => {
  test('is one call, of which the tests and the image are told', async () => {
    const metadata = { '_test0-0': provenanceOf({ a: '1' }), '_image-0': { 'containerimage.digest': 'sha256:i' } }
    const { run, asked } = await build([{ stream: streamOf(green), metadata }])
    expect(asked.map(({ targets }) => targets)).toEqual([['_test0-0', '_image-0']])
    expect(asked[0]?.env).toEqual({ TOKEN: 'x', BUILDX_METADATA_PROVENANCE: 'max', BUILDX_BAKE_ENTITLEMENTS_FS: '0' })
    expect(run.failure).toBeUndefined()
    expect(run.gate).toEqual({ verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 3 }] })
    expect(run.images.map(({ platform, layout, metadata }) => [platform, layout, metadata.digest])).toEqual([
      ['', path.join(folder.path, 'image'), 'sha256:i']
    ])
    expect(run.notes).toEqual([])
  })

  test('has the provenance of the images first', async () => {
    const metadata = { '_test0-0': provenanceOf({ a: '1' }), '_image-0': provenanceOf({ b: '2' }) }
    const { run } = await build([{ stream: streamOf(green), metadata }])
    expect(run.provenance.map(({ materials }) => [...materials])).toEqual([[['b', '2']], [['a', '1']]])
  })

  test('tells of an image as soon as it is exported, while the tests run', async () => {
    const { begun, told } = await build([{ stream: streamOf(green) }])
    expect(told).toEqual([{ platform: '', layout: path.join(folder.path, 'image') }])
    expect(begun).toEqual(told)
  })

  test.each<[string, Told]>([
    ['that could not be exported', { ...exported, state: 'failed', error: 'no space left' }],
    ['of another exporter', { ...exported, name: '[_image-0] exporting to image' }],
    ['of a test', { ...exported, name: '[_test0-0] exporting to oci image format' }]
  ])('tells of none %s', async (_, other) => {
    const { begun, told } = await build([{ stream: streamOf([...shared, imaged, other, tested]) }])
    expect(told).toEqual([])
    expect(begun).toHaveLength(other.state === 'failed' ? 1 : 0)
  })

  test('of an image alone has no gate, and no names of targets in its stream', async () => {
    const stream = streamOf([
      { vertex: 'p', name: '[production 1/1] RUN make' },
      { vertex: 'export', name: 'exporting to oci image format' }
    ])
    const { run, told } = await build([{ stream }], { tests: [] })
    expect(run.gate).toEqual({ verdict: 'skipped', reason: 'no test-target is set', targets: [] })
    expect([run.images.length, told.length]).toEqual([1, 1])
  })

  test('of tests alone has no image', async () => {
    const stream = streamOf([{ vertex: 't', name: '[test 1/1] RUN pytest' }])
    const { run, asked } = await build([{ stream }], { target: undefined })
    expect(asked[0]?.targets).toEqual(['_test0-0'])
    expect([run.gate.verdict, run.images]).toEqual(['passed', []])
  })

  test('of several platforms names its steps and its layouts for them', async () => {
    const stream = streamOf(
      ['linux/amd64', 'linux/arm64'].flatMap((platform, at) => [
        { vertex: `t${at}`, name: `[_test0-${at} test 1/1] RUN pytest` },
        { vertex: `p${at}`, name: `[_image-${at} production 1/1] RUN make` },
        { vertex: `e${at}`, name: `[_image-${at}] exporting to oci image format`, at: platform.length }
      ])
    )
    const { run, begun, told } = await build([{ stream }], { given: { platforms: 'linux/amd64,linux/arm64' } })
    expect(run.failure).toBeUndefined()
    expect(run.progress.steps.map(({ platform, stage }) => `${platform ?? ''} ${stage ?? ''}`)).toEqual([
      'linux/amd64 test',
      'linux/amd64 production',
      'linux/arm64 test',
      'linux/arm64 production'
    ])
    const images = [
      { platform: 'linux/amd64', layout: path.join(folder.path, 'image-0') },
      { platform: 'linux/arm64', layout: path.join(folder.path, 'image-1') }
    ]
    expect([begun, told]).toEqual([images, images])
    expect(run.images.map(({ platform, layout }) => ({ platform, layout }))).toEqual(images)
  })
})

describe('a red build', () => {
  const process = 'process "/bin/sh -c pytest" did not complete successfully: exit code: 1'

  test('is red for its test, and has no image, though one was exported', async () => {
    const stream = streamOf([...shared, imaged, exported, { ...tested, state: 'failed', error: process }])
    const { run, told } = await build([{ stream: stream + redEnd('_test0-0', process), exitCode: 1 }])
    expect(run.failure).toMatchObject({ kind: 'test', exitCode: 1, step: { name: '[test 1/1] RUN pytest' } })
    expect(run.gate.targets).toEqual([{ stage: 'test', result: 'failed', seconds: 3 }])
    expect([run.gate.verdict, run.images, told.length]).toEqual(['failed', [], 1])
  })

  test('of another step leaves the tests undecided', async () => {
    const stream = streamOf([
      ...shared,
      { ...imaged, state: 'failed', error: process },
      { ...tested, state: 'cancelled' }
    ])
    const { run } = await build([{ stream: stream + redEnd('_image-0', process), exitCode: 1 }])
    expect(run.failure).toMatchObject({ kind: 'build', exitCode: 1, step: { name: '[production 1/1] RUN make' } })
    expect(run.gate.verdict).toBe('skipped')
    expect(run.gate.targets.map(({ result }) => result)).toEqual(['cancelled'])
  })

  test('of another step, after the tests, keeps that they passed', async () => {
    const stream = streamOf([...shared, tested, { ...imaged, state: 'failed', error: process }])
    const { run } = await build([{ stream: stream + redEnd('_image-0', process), exitCode: 1 }])
    expect([run.failure?.kind, run.gate.verdict]).toEqual(['build', 'passed'])
  })
})

test.each([
  ['secret token: not found', { kind: 'credential', credential: 'secret', id: 'token' }],
  ['unset ssh forward key default', { kind: 'credential', credential: 'ssh', id: 'default' }]
])('what a linked target lacks is told by its name: %s', async (error, expected) => {
  const linked = [{ name: 'base', source: buildOf({}).source, attributes: {} }]
  const base = { build: { ...buildOf({ 'build-contexts': '' }), linked }, credentials: noCredentials }
  const step: Told = { vertex: 'b', name: '[_linked0-0 deps 2/2] RUN make', state: 'failed', error }
  const stream = streamOf([step]) + redEnd('_image-0', error)
  const { run } = await runScripted(folder.path, [{ stream, exitCode: 1 }], { base })
  expect(run.failure).toEqual({ ...expected, linked: 'base' })
})

describe('an untrusted run', () => {
  const untrusted = 'pull request #7 comes from the fork a/b'
  const missing = (target: string): Answer => ({
    stream: streamOf(shared) + redEnd(target, 'secret token: not found'),
    exitCode: 1
  })
  const withoutImage = streamOf([{ vertex: 'test', name: '[test 1/1] RUN pytest' }])

  test('leaves out the image that lacks a credential, and builds the tests', async () => {
    const { run, asked, lines } = await build([missing('_image-0'), { stream: withoutImage }], { untrusted })
    expect(asked.map(({ targets }) => targets)).toEqual([['_test0-0', '_image-0'], ['_test0-0']])
    expect([run.failure, run.gate.verdict, run.images]).toEqual([undefined, 'passed', []])
    expect(run.notes).toEqual([
      'stage production was left out: it needs the secret "token", and pull request #7 comes from the fork a/b.'
    ])
    expect(lines.join('\n')).toContain('The build needs the secret "token", which this run is not given.')
  })

  test('leaves out a test that lacks one on every platform, and builds the others', async () => {
    const stream = streamOf([
      { vertex: 'unit', name: '[_test1-0 unit 1/1] RUN pytest' },
      { vertex: 'unit1', name: '[_test1-1 unit 1/1] RUN pytest' },
      imaged
    ])
    const { run, asked } = await build([missing('_test0-1'), { stream }], {
      ...{ untrusted, tests: ['e2e', 'unit'] },
      given: { platforms: 'linux/amd64,linux/arm64' }
    })
    expect(asked[1]?.targets).toEqual(['_test1-0', '_test1-1', '_image-0', '_image-1'])
    expect(run.gate.targets.map(({ stage, result }) => [stage, result])).toEqual([
      ['e2e', 'skipped'],
      ['unit', 'ran']
    ])
    expect(run.gate).toMatchObject({ verdict: 'skipped', reason: 'stage e2e could not be built without credentials' })
    expect([run.failure, run.images.length]).toEqual([undefined, 2])
  })

  test('ends where everything is left out, and says of each why', async () => {
    const { run, asked } = await build([missing('_test0-0'), missing('_image-0')], { untrusted })
    expect(asked.map(({ targets }) => targets)).toEqual([['_test0-0', '_image-0'], ['_image-0']])
    expect([run.failure, run.gate.verdict, run.images]).toEqual([undefined, 'skipped', []])
    expect(run.notes.map((note) => note.split(':')[0])).toEqual([
      'stage test was left out',
      'stage production was left out'
    ])
  })

  test.each<[string, string, readonly string[], string | undefined]>([
    ['a secret by its id', 'RUN --mount=type=secret,id=key make', [], 'the secret "key"'],
    ['a secret by its target', 'RUN --mount=type=secret,target=/run/key make', [], 'the secret "key"'],
    ['the default agent', 'RUN --mount=type=ssh git clone x', [], 'the ssh id "default"'],
    ['one of two', 'RUN --mount=type=secret,id=a --mount=type=ssh,id=b x', ['secret:a'], 'the ssh id "b"'],
    ['nothing that it does not have', 'RUN --mount=type=secret,id=a x', ['secret:a'], undefined],
    ['no mount', 'RUN make', [], undefined]
  ])('blames what a failed step mounts: %s', async (_, instruction, supplied, lacking) => {
    const process = 'process "/bin/sh -c make" did not complete successfully: exit code: 1'
    const failed: Told = {
      ...imaged,
      name: `[_image-0 production 1/1] ${instruction}`,
      state: 'failed',
      error: process
    }
    const red = { stream: streamOf([...shared, failed]) + redEnd('_image-0', process), exitCode: 1 }
    const { run, asked } = await build([red, { stream: withoutImage }], { untrusted, supplied })
    if (lacking === undefined) expect([asked.length, run.failure?.kind]).toEqual([1, 'build'])
    else expect(run.notes).toEqual([`stage production was left out: it needs ${lacking}, and ${untrusted}.`])
  })

  test('is red for a test that ran and failed, whatever it mounts', async () => {
    const process = 'process "/bin/sh -c x" did not complete successfully: exit code: 1'
    const name = '[_test0-0 test 1/1] RUN --mount=type=secret,id=key x'
    const stream = streamOf([...shared, { ...tested, name, state: 'failed', error: process }])
    const { run, asked } = await build([{ stream: stream + redEnd('_test0-0', process), exitCode: 1 }], { untrusted })
    expect([asked.length, run.failure?.kind, run.gate.verdict]).toEqual([1, 'test', 'failed'])
  })

  test('tells with any red step what it mounts and was not given', async () => {
    const process = 'process "/bin/sh -c x" did not complete successfully: exit code: 1'
    const name =
      '[_test0-0 test 1/1] RUN --mount=type=secret,id=a --mount=type=secret,id=b --mount=type=ssh echo --mount=type=ssh,id=c'
    const stream = streamOf([...shared, { ...tested, name, state: 'failed', error: process }])
    const red = { stream: stream + redEnd('_test0-0', process), exitCode: 1 }
    const lacking = async (supplied: readonly string[]) => {
      const { run } = await build([red], { supplied })
      return run.failure?.kind === 'test' ? run.failure.lacking : 'no test'
    }
    expect(await lacking(['secret:a'])).toEqual([
      { credential: 'secret', id: 'b' },
      { credential: 'ssh', id: 'default' }
    ])
    expect(await lacking(['secret:a', 'secret:b', 'ssh:default'])).toBeUndefined()
  })

  test('tells with any red step the lines of its heredocs', async () => {
    const process = 'process "/bin/sh -c x" did not complete successfully: exit code: 1'
    const name = '[_test0-0 test 1/1] RUN <<EOF (set -e...)'
    const stream = streamOf([...shared, { ...tested, name, state: 'failed', error: process }])
    const place = ['Dockerfile:4', '-'.repeat(20), '   4 | >>> RUN <<EOF', '-'.repeat(20), ''].join('\n')
    const scripts = [{ first: 4, last: 6, script: { lines: ['set -e', 'EOF'], more: 0 } }]
    const plan = { testTargets: ['test'], target: 'production', scripts }
    const { run } = await build([{ stream: stream + place + redEnd('_test0-0', process), exitCode: 1 }], {
      change: { plan }
    })
    expect(run.failure).toMatchObject({ kind: 'test', line: 4, script: { lines: ['set -e', 'EOF'], more: 0 } })
  })

  test('is what leaves out: a trusted run is red', async () => {
    const { run, asked } = await build([missing('_image-0')])
    expect([asked.length, run.failure]).toEqual([1, { kind: 'credential', credential: 'secret', id: 'token' }])
    expect(run.gate.verdict).toBe('skipped')
  })
})

describe('an image that is not what was tested', () => {
  test('because a step of both is two vertices', async () => {
    const stream = streamOf([
      { vertex: 'one', name: '[_test0-0 build 1/2] RUN make' },
      { vertex: 'two', name: '[_image-0 build 1/2] RUN make' },
      ...[tested, imaged, exported]
    ])
    const { run } = await build([{ stream }])
    const cause = 'the step [build 1/2] RUN make was built twice, from different inputs'
    expect([run.failure, run.images]).toEqual([{ kind: 'mismatch', cause }, []])
  })

  test('because what both fetched is another', async () => {
    const uri = 'pkg:docker/alpine@3'
    const metadata = { '_test0-0': provenanceOf({ [uri]: 'a' }), '_image-0': provenanceOf({ [uri]: 'b' }) }
    const { run } = await build([{ stream: streamOf(green), metadata }])
    expect(run.failure).toEqual({ kind: 'mismatch', cause: `${uri} was a for the tests and b for the image` })
    expect(run.images).toEqual([])
  })

  test.each([
    ['of a base that only one has', { a: '1' }, { b: '2' }],
    ['where the builder wrote nothing', {}, {}]
  ])('not %s', async (_, test, image) => {
    const metadata = { '_test0-0': provenanceOf(test), '_image-0': provenanceOf(image) }
    const { run } = await build([{ stream: streamOf(green), metadata }])
    expect(run.failure).toBeUndefined()
  })

  test('is told of its own platform: another has steps of its own', async () => {
    const uri = 'https://example.com/a.tar'
    const stream = streamOf(
      [0, 1].flatMap((at) => [
        { vertex: `t${at}`, name: `[_test0-${at} test 1/1] RUN pytest` },
        { vertex: `p${at}`, name: `[_image-${at} production 1/1] RUN make` }
      ])
    )
    const given = { platforms: 'linux/amd64,linux/arm64' }
    const by = (...digests: readonly string[]): Readonly<Record<string, unknown>> =>
      Object.fromEntries(
        ['_test0-0', '_image-0', '_test0-1', '_image-1'].map((name, at) => [
          name,
          provenanceOf({ [uri]: digests[at] ?? '' })
        ])
      )
    const { run } = await build([{ stream, metadata: by('a', 'a', 'b', 'b') }], { given })
    expect(run.failure).toBeUndefined()
    const { run: other } = await build([{ stream, metadata: by('a', 'a', 'b', 'c') }], { given })
    expect(other.failure).toEqual({ kind: 'mismatch', cause: `${uri} was b for the tests and c for the image` })
  })
})

describe('a build whose steps are done for another one, at the same time', () => {
  const waiting = [...shared, imaged, tested].map((step): Told => ({ ...step, state: 'waiting' }))
  const theirs = (state: 'ran' | 'cached'): readonly Told[] =>
    [imaged, tested].map((step) => ({ ...step, state, vertex: `their-${step.vertex}`, inputs: ['their-base'] }))

  test.each<[string, readonly Told[], string, readonly string[]]>([
    ['is cached where all that it is told of is', theirs('cached'), 'cached', ['cached', 'cached', 'cached']],
    ['has run its tests where they are told to have run', theirs('ran'), 'ran', ['waiting', 'ran', 'ran']],
    ['claims no run that nobody has told of', [], 'cached', ['waiting', 'waiting', 'waiting']]
  ])('%s', async (_, told, result, states) => {
    const { run } = await build([{ stream: streamOf([...waiting, ...told, exported]) }])
    expect(run.failure).toBeUndefined()
    expect(run.gate).toMatchObject({ verdict: 'passed', targets: [{ stage: 'test', result }] })
    expect(run.progress.steps.map(({ state }) => state)).toEqual(states)
    expect(run.images).toHaveLength(1)
  })

  test('has not passed where it ended before they were done', async () => {
    const stream = streamOf(waiting) + redEnd('_image-0', 'no space left on device')
    const { run } = await build([{ stream, exitCode: 1 }])
    expect(run.gate).toMatchObject({ verdict: 'skipped', targets: [{ result: 'cancelled' }] })
    expect(run.progress.steps.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
  })
})

describe('a test that runs nothing', () => {
  const problem = 'stage test runs no command while it is built: a build does not run CMD or ENTRYPOINT'

  test.each<[string, readonly Told[]]>([
    ['has only files', [...shared, imaged, { ...tested, name: '[_test0-0 test 1/1] COPY tests .' }]],
    ['has only what the image has', [...shared, imaged]],
    [
      'has the commands of the image',
      [
        ...shared,
        { vertex: 'm', name: '[_test0-0 build 2/2] RUN make' },
        { vertex: 'm', name: '[_image-0 build 2/2] RUN make' }
      ]
    ]
  ])('is a mistake of the inputs: %s', async (_, steps) => {
    const { run } = await build([{ stream: streamOf(steps) }])
    expect(run.failure).toMatchObject({ kind: 'input', problems: [{ input: 'test-target', problem }] })
    expect(run.images).toEqual([])
  })

  test('is one, too, where nothing else is built', async () => {
    const stream = streamOf([{ vertex: 't', name: '[test 1/1] COPY tests .' }])
    const { run } = await build([{ stream }], { target: undefined })
    expect(run.failure).toMatchObject({ kind: 'input', problems: [{ input: 'test-target', problem }] })
  })

  test('is none where a stage that only the test needs runs them', async () => {
    const steps: readonly Told[] = [
      ...[...shared, imaged],
      { vertex: 'u', name: '[_test0-0 unit 1/1] RUN pytest' },
      { vertex: 'c', name: '[_test0-0 test 1/1] COPY --from=unit /report .' }
    ]
    const { run } = await build([{ stream: streamOf(steps) }])
    expect([run.failure, run.gate.verdict]).toEqual([undefined, 'passed'])
  })
})

describe('an old buildx', () => {
  const given = { 'add-hosts': 'db:10.0.0.1', allow: 'network.host' }
  const print = (attributes: Readonly<Record<string, unknown>>): Answer => ({
    stdout: JSON.stringify({ target: { '_test0-0': attributes } })
  })

  test('that passes over what it does not know is told before anything is built', async () => {
    const failure = await build([print({})], { given }).catch((error: unknown) =>
      error instanceof Stop ? error.failure : error
    )
    expect(failure).toMatchObject({ kind: 'input', problems: [{ input: 'add-hosts' }, { input: 'allow' }] })
  })

  test('that knows one of two is told of the other', async () => {
    const failure = await build([print({ 'extra-hosts': { db: '10.0.0.1' } })], { given }).catch((error: unknown) =>
      error instanceof Stop ? error.failure : error
    )
    expect(failure).toMatchObject({ kind: 'input', problems: [{ input: 'allow' }] })
  })

  test.each<[string, Answer]>([
    ['that knows both builds', print({ 'extra-hosts': {}, entitlements: ['network.host'] })],
    ['that cannot be asked lets the build say why', { exitCode: 1 }]
  ])('%s', async (_, answer) => {
    const { run, asked } = await build([answer, { stream: streamOf(green) }], { given })
    expect(asked[0]?.args).toContain('--print')
    expect([asked.length, run.gate.verdict]).toEqual([2, 'passed'])
  })
})

describe('a step of a test that is one of the image, too, under the name of its stage', () => {
  const both = (more: Partial<Told>): readonly Told[] =>
    ['_test0-0', '_image-0'].map((target) => ({
      ...{ vertex: 'make', name: `[${target} build 1/1] RUN make check`, seconds: 2 },
      ...more
    }))
  const plan = {
    testTargets: ['test'],
    target: 'production',
    ownRuns: new Map([['test', new Set(['RUN make check'])]])
  }

  test('is the test, which ran', async () => {
    const { run } = await build([{ stream: streamOf([...both({}), imaged, exported]) }], { change: { plan } })
    expect(run.failure).toBeUndefined()
    expect(run.gate).toEqual({ verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 2 }] })
  })

  test('is a test that failed', async () => {
    const words = 'process "/bin/sh -c make check" did not complete successfully: exit code: 2'
    const stream = streamOf(both({ state: 'failed', error: words })) + redEnd('_image-0', words)
    const { run } = await build([{ stream, exitCode: 1 }], { change: { plan } })
    expect(run.failure).toMatchObject({ kind: 'test', exitCode: 2, step: { stage: 'test' } })
    expect(run.gate).toEqual({ verdict: 'failed', targets: [{ stage: 'test', result: 'failed', seconds: 2 }] })
  })

  test('is none where the test’s own stage has another', async () => {
    const other = { ...plan, ownRuns: new Map([['test', new Set<string>()]]) }
    const { run } = await build([{ stream: streamOf([...both({}), imaged, exported]) }], { change: { plan: other } })
    expect(run.failure).toMatchObject({ kind: 'input', problems: [{ input: 'test-target' }] })
    expect(run.gate).toEqual({
      ...{ verdict: 'skipped', reason: 'stage test ran no command' },
      targets: [{ stage: 'test', result: 'skipped', seconds: 0 }]
    })
  })
})

describe('a cache that breaks a call', () => {
  const cacheFrom = ['type=registry,ref=r.example/cache:main']
  const words =
    'failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://r.example/v2/cache/blobs/sha256:1: 404 Not Found'
  // The image was there already: a layer that only a test needs was not.
  const broken: Answer = { stream: streamOf([...shared, imaged, exported]) + redEnd('_test0-0', words), exitCode: 1 }
  const importsOf = ({ definition }: Asked): unknown =>
    (definition['_image-0'] as Readonly<Record<string, unknown>>)['cache-from']

  test('costs a second one, which writes into another folder: a layout would keep both images', async () => {
    const prepared: string[] = []
    const answers = [broken, { stream: streamOf(green) }]
    const beforeAgain = () => Promise.resolve(void prepared.push('files'))
    const { run, asked, told, begun } = await build(answers, { change: { cacheFrom, beforeAgain } })
    const layouts = ['image', 'call-1/image'].map((name) => path.join(folder.path, name))
    expect(asked.map(({ definition }) => /dest=([^,"]+)/.exec(JSON.stringify(definition['_image-0']))?.[1])).toEqual(
      layouts
    )
    expect(asked.map(importsOf)).toEqual([cacheFrom, undefined])
    expect([told, begun].map((images) => images.map(({ layout }) => layout))).toEqual([layouts, layouts])
    expect([run.failure, run.images.map(({ layout }) => layout), prepared]).toEqual([
      undefined,
      [layouts[1]],
      ['files']
    ])
    expect(run.progress.broken?.message).toBe(words)
  })

  test('is read by none that comes after it', async () => {
    const secret = redEnd('_test0-0', 'secret token: not found')
    const { run, asked } = await build([broken, { stream: secret, exitCode: 1 }, { stream: streamOf(green) }], {
      untrusted: 'it comes from a fork',
      change: { cacheFrom }
    })
    expect(asked.map(importsOf)).toEqual([cacheFrom, undefined, undefined])
    expect([run.progress.broken?.message, run.images.map(({ layout }) => path.basename(path.dirname(layout)))]).toEqual(
      [words, ['call-2']]
    )
  })
})

describe('trouble that passes', () => {
  const message =
    'alpine:3: failed to resolve source metadata for docker.io/library/alpine:3: unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable'
  const interrupted: Answer = { stream: redEnd('_image-0', message), exitCode: 1 }

  test('is tried once more, and noted', async () => {
    const { run, lines } = await build([interrupted, { stream: streamOf(green) }])
    expect([run.failure, run.gate.verdict, run.images.length]).toEqual([undefined, 'passed', 1])
    expect(run.notes).toEqual([
      expect.stringMatching(
        /^The build was interrupted after \d+\.\d s and tried once more: alpine:3: .*503 Service Unavailable\.$/
      )
    ])
    expect(lines.some((line) => line.includes('It is tried once more.'))).toBe(true)
  })

  test('that comes again is the failure', async () => {
    const { run, asked } = await build([interrupted, interrupted])
    expect([asked.length, run.failure?.kind, run.notes.length]).toEqual([2, 'registry', 1])
  })

  test('is not tried again where a test had begun', async () => {
    const stream = streamOf([...shared, tested]) + redEnd('_image-0', message)
    const { run, asked } = await build([{ stream, exitCode: 1 }])
    expect([asked.length, run.failure?.kind, run.notes]).toEqual([1, 'registry', []])
  })
})
