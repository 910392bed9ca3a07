/**
 * The whole run as a story, green, red and cancelled at each phase, without an engine: what was asked of docker and in
 * which order, what was said, what has left, and that everything is ended.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { look } from '../src/adapters/disk.js'
import { dig } from '../src/core/json.js'
import { processMark } from '../src/core/process_mark.js'
import { readImages } from '../src/image/index.js'
import { tellGitHub, wantsTelling } from '../src/publish/tell.js'
import { headline } from '../src/report/sections/headline.js'
import { streamOf, redEnd } from './buildkit/support/buildx.js'
import { recordedText } from './fixtures/recorded.js'
import type { Given } from './inputs/support.js'
import { generateKey } from './ssh/support.js'
import {
  cached,
  green,
  openRegistry,
  openStage,
  redAt,
  steps,
  tested,
  type Outcome,
  type Script,
  type ScriptedRegistry,
  type Stage
} from './support/story.js'
import { pullRequestEvent } from './support/runner.js'

jest.setTimeout(60_000)

let stage: Stage
const at: Stage['at'] = (...parts) => stage.at(...parts)
const play: Stage['play'] = (script) => stage.play(script)

/** Made once: that takes longer than many a run. */
let key: string
beforeAll(() => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sg-key-'))
  key = generateKey(folder).text
  rmSync(folder, { recursive: true })
})

beforeEach(() => {
  stage = openStage()
})

afterEach(() => stage[Symbol.dispose]())

/** Nothing of the run lies in the runner's temporary folder any more, and no process has to do with it. */
function expectTidy(): void {
  expect(stage.left()).toEqual([])
}

const out = (): Given => ({ outputs: `type=oci,dest=${at('app.tar')}` })

describe('a green run', () => {
  test('builds once, looks inside and publishes nothing that was not asked for', async () => {
    const { failure, did, result } = await play()
    expect(failure).toBeUndefined()
    expect(did).toEqual(['buildx bake'])
    expect(result.report.gate).toMatchObject({ verdict: 'passed', targets: [{ stage: 'test', result: 'ran' }] })
    expect(result.report.builds[0].images).toHaveLength(1)
    expect(result.report.builds[0].publish).toEqual({ published: false, reason: 'push, load and outputs are not set' })
    expect(result.report.seconds.phases.map(({ name }) => name)).toEqual([
      ...['credentials', 'pre-flight', 'outline', 'gate', 'inspect', 'publish']
    ])
    expectTidy()
  })

  test('loads the image after the build, under its tags, and holds the engine to it', async () => {
    const { failure, did, asked, result } = await play({ given: { load: 'true', tags: 'app:1\napp:2' } })
    expect(failure).toBeUndefined()
    expect(did).toEqual(['buildx bake', 'image pull', 'image tag', 'image tag', 'image rm'])
    expect(asked.at(-1)).toMatch(/^image inspect --format \{\{json \.\}\} .*app:1$/)
    expect(result.report.builds[0].publish).toMatchObject({ published: true, tags: ['app:1', 'app:2'], how: ['load'] })
    expectTidy()
  })

  test('puts files in their place', async () => {
    const built = `type=docker,dest=${at('docker.tar')}`
    const { failure, result } = await play({ given: { outputs: `${built}\n${out().outputs ?? ''}`, tags: 'app:1' } })
    expect(failure).toBeUndefined()
    expect(readFileSync(at('docker.tar'), 'utf8')).toBe('a file')
    // The inspected image itself.
    const { images } = await readImages(at('app.tar'))
    const [inspected] = result.report.builds[0].images
    expect(images.map(({ configDigest, names }) => [configDigest, ...names])).toEqual([
      [inspected?.configDigest, 'docker.io/library/app:1', '1']
    ])
    expect(result.report.builds[0].publish).toMatchObject({ published: true, how: [built, out().outputs] })
    expectTidy()
  })

  test('of tests alone inspects and publishes nothing', async () => {
    const { failure, did, result } = await play({ given: { target: '' } })
    expect(failure).toBeUndefined()
    expect(did).toEqual(['buildx bake'])
    expect([result.report.gate.verdict, result.report.builds[0].images]).toEqual(['passed', []])
    expect(result.report.builds[0].publish).toEqual({ published: false, reason: 'only the gate was asked for' })
    expectTidy()
  })
})

describe('what the Dockerfile mounts', () => {
  const mounting = (text: string): string => text.replace('RUN pytest', 'RUN --mount=type=secret,id=npm pytest')
  const outlines = (asked: readonly string[]): readonly string[] =>
    asked.filter((line) => line.includes('--call=outline'))

  test('is asked once, while docker is asked about the builder', async () => {
    const { failure, asked } = await play({ dockerfile: mounting })
    expect(failure).toBeUndefined()
    expect(outlines(asked)).toHaveLength(1)
  })

  test('is asked of the builder that is made instead', async () => {
    const { failure, asked } = await play({ dockerfile: mounting, given: { builder: 'auto', ...out() } })
    expect(failure).toBeUndefined()
    expect(outlines(asked).at(-1)).toContain(' --builder stagegate-')
  })

  test('is not asked of a stranger’s Dockerfile before the builder is known', async () => {
    const { asked } = await play({
      ...{ dockerfile: mounting, event: { name: 'pull_request', payload: pullRequestEvent('stranger/app').payload } },
      ...when(/^buildx inspect/, { exitCode: 1, stderr: recordedText('inspect-missing.txt') })
    })
    expect(outlines(asked)).toEqual([])
  })
})

/** A run that does all there is to do: a key, a secret, a builder of its own, the layer cache, smoke, verify, three ways out. */
function everything({ address }: ScriptedRegistry): Given {
  return {
    ...{ 'ssh-private-key': key, secrets: `token=${SECRET}`, builder: 'auto' },
    ...{ 'cache-image': `${address}/cache`, smoke: '--version', verify: 'echo looking; exit 0', 'max-size': '500' },
    ...{ push: 'true', load: 'true', tags: `${address}/app:1`, ...out() }
  }
}

const SECRET = 'hunter2-is-long-enough-4711'

const prepared = ['ssh-add -q', 'buildx create']
const gate = [...prepared, 'buildx bake']
const smoke = ['image pull', 'network create', 'container run', 'container rm', 'network rm']
/** What was pulled for it goes last, since the engine gets the same image. */
const gone = ['image rm']
const load = ['image pull', 'image tag', 'image rm']
/** Searched for secrets, and written. */
const cache = ['buildx build', 'buildx build']

/** How an image leaves: to a registry, to an engine, as a file. */
type Way = 'push' | 'load' | 'file'

/** What has left the runner is just this, and the report and the outputs say so. */
function expectLeft({ result, outputs }: Outcome, { tags }: ScriptedRegistry, ways: readonly Way[]): void {
  expect(tags()).toEqual(ways.includes('push') ? ['1'] : [])
  expect(look(at('app.tar')) === 'file').toBe(ways.includes('file'))
  const [{ name, publish }] = result.report.builds
  const how = ways.map((way) => (way === 'file' ? out().outputs : way))
  const isRed = result.report.outcome.kind === 'red'
  // In a red run only a push counts.
  const counts = isRed ? ways.includes('push') : ways.length > 0
  expect(publish).toMatchObject(counts ? { published: true, how } : { published: false })
  expect('kept' in publish ? publish.kept.how : []).toEqual(counts ? [] : how)
  expect(outputs.published).toBe(String(counts))
  if (!isRed) return
  expect([outputs.digest, outputs.imageid, outputs.metadata].map((value) => value !== undefined)).toEqual(
    [1, 2, 3].map(() => counts)
  )
  if (result.report.builds[0].images.length === 0) return
  expect(JSON.parse(outputs.images ?? '[]')).toEqual([
    expect.objectContaining({ name, tags: counts ? (publish as { tags: unknown }).tags : [] })
  ])
  expect(outputs.images?.includes('"digest"')).toBe(counts)
}

/** The run has ended what it can, `post` is told of all the rest and ends it, and nothing that is secret was said. */
async function expectEnded(outcome: Outcome): Promise<void> {
  expectTidy()
  const { asked, did, lines, result, saved } = outcome
  const said = JSON.stringify([result.report, lines, asked, [...saved]])
  expect(said).not.toContain(SECRET)
  expect(said).not.toContain(key.split('\n')[3] ?? key)
  const ended = await outcome.post()
  const made = (command: string, remove: string): readonly string[] => (did.includes(command) ? [remove] : [])
  expect([...new Set(ended)].sort()).toEqual(
    [
      ...made('buildx create', 'buildx rm --force stagegate-NAME'),
      ...['image pull', 'image rm']
        .flatMap((command) => made(command, 'image rm localhost/stagegate-NAME@DIGEST'))
        .slice(0, 1),
      // The second name is of an archive, for an engine that does not pull from here.
      ...made('image load', 'image rm stagegate-smoke-NAME:inspected'),
      ...made('image pull', 'container rm --force --volumes stagegate-smoke-NAME'),
      ...made('image pull', 'network rm stagegate-smoke-NAME')
    ].sort()
  )
  expectTidy()
}

/** Commands in their order; the cache is searched beside smoke and verify and written beside the publishing, so its own come last here. */
function inOrder({ did }: Outcome): readonly string[] {
  return [...did.filter((line) => line !== 'buildx build'), ...did.filter((line) => line === 'buildx build')]
}

/** Without the search of the cache, which a run that is red soon enough does not begin. */
function withoutSearch({ did }: Outcome): readonly string[] {
  return did.filter((line) => line !== 'buildx build')
}

/** What the summary, the comment, the status and the last line of the log say. */
function verdict({ result }: Outcome): string {
  return headline(result.report).replace(/^[^:]*: /, '')
}

describe('a run with everything', () => {
  test('does it in this order, lets it out, and ends it', async () => {
    await using registry = await openRegistry()
    const outcome = await play({ given: everything(registry) })
    const { failure, result, outputs, masked } = outcome
    expect(failure).toBeUndefined()
    expect(inOrder(outcome)).toEqual([...gate, ...smoke, ...load, ...gone, ...cache])
    expect(result.report.cache.exports).toMatchObject([{ result: 'ok' }])
    expect(result.report.seconds.phases.map(({ name }) => name)).toEqual([
      ...['credentials', 'pre-flight', 'outline', 'gate', 'inspect', 'smoke and verify', 'publish']
    ])
    expect(outputs).toMatchObject({ gate: 'passed', published: 'true', leaks: '0', steps: '3', size: '5' })
    expect(outputs.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(JSON.parse(outputs.images ?? '')).toEqual([
      {
        ...{ name: 'app', tags: [`${registry.address}/app:1`], digest: outputs.digest, size: 5 },
        transferSize: Number(outputs['transfer-size'])
      }
    ])
    expect(verdict(outcome)).toMatch(/^tests passed/)
    expect(masked).toContain(SECRET)
    expectLeft(outcome, registry, ['push', 'load', 'file'])
    await expectEnded(outcome)
  })
})

/** An answer to the command that a pattern names, every time. */
function when(pattern: RegExp, result: Awaited<ReturnType<NonNullable<Script['answer']>>>): Pick<Script, 'answer'> {
  return { answer: (line) => (pattern.test(line) ? result : undefined) }
}

type Red = {
  readonly script?: Script
  /** What the workflow gives otherwise. */
  readonly given?: Given
  /** What the registry answers otherwise. */
  readonly refuse?: (request: string) => number | undefined
  readonly failure: object
  readonly did: readonly string[]
  readonly left?: readonly Way[]
  readonly gate: 'passed' | 'failed' | 'skipped'
  /** Before what is said of everything that is withheld. */
  readonly says: string
}

const mismatch = streamOf([...steps.slice(1), { vertex: 'other', name: '[_test0-0 build 2/2] RUN make' }, tested])
const other = JSON.stringify({ Descriptor: { digest: 'sha256:other' }, RootFS: { Layers: ['sha256:other'] } })

describe('a run that is red at', () => {
  test.each<[string, Red]>([
    [
      'its inputs',
      {
        ...{ given: { tags: 'UPPER' }, failure: { kind: 'input', problems: [{ input: 'tags' }] } },
        ...{ did: [], gate: 'skipped', says: 'an input is wrong' }
      }
    ],
    [
      'the time of its commit, where there is no clone',
      {
        ...{ given: { reproducible: 'true' }, failure: { kind: 'input', problems: [{ input: 'reproducible' }] } },
        ...{ did: [], gate: 'skipped', says: 'an input is wrong' }
      }
    ],
    [
      'its credentials',
      {
        given: { 'ssh-private-key': 'no key' },
        ...{ failure: { kind: 'input', problems: [{ input: 'ssh-private-key' }] } },
        ...{ did: [], gate: 'skipped', says: 'an input is wrong' }
      }
    ],
    [
      'buildx, which is not there',
      {
        script: when(/^buildx version/, { exitCode: 1, stderr: 'no such command' }),
        failure: { kind: 'engine', message: expect.stringContaining('docker has no buildx') },
        ...{ did: ['ssh-add -q'], gate: 'skipped', says: 'the Docker engine failed' }
      }
    ],
    [
      'its builder, which is not there',
      {
        script: when(/^buildx inspect/, { exitCode: 1, stderr: recordedText('inspect-missing.txt') }),
        ...{ failure: { kind: 'engine' }, did: ['ssh-add -q'], gate: 'skipped', says: 'the Docker engine failed' }
      }
    ],
    [
      'its builder, which is too old to rewrite times',
      {
        ...{ given: { reproducible: 'true' }, failure: { kind: 'input', problems: [{ input: 'reproducible' }] } },
        script: {
          env: { SOURCE_DATE_EPOCH: '1' },
          ...when(/^buildx inspect/, {
            stdout: recordedText('inspect-containerd.txt').replace('v0.0.0+unknown', 'v0.12.5')
          })
        },
        ...{ did: ['ssh-add -q'], gate: 'skipped', says: 'an input is wrong' }
      }
    ],
    [
      'its builder, which cannot be made',
      {
        script: when(/^buildx create/, { exitCode: 1, stderr: 'ERROR: no space left' }),
        failure: { kind: 'engine', message: expect.stringContaining('no space left') },
        ...{ did: prepared, gate: 'skipped', says: 'the Docker engine failed' }
      }
    ],
    [
      'its stages',
      {
        ...{ given: { 'test-target': 'tset' }, failure: { kind: 'input', problems: [{ input: 'test-target' }] } },
        ...{ did: prepared, gate: 'skipped', says: 'an input is wrong' }
      }
    ],
    [
      'a secret that nobody gives',
      {
        script: {
          dockerfile: (text) => text.replace('RUN pytest', 'RUN --mount=type=secret,id=npm,required=true pytest'),
          ...when(/--call=outline/, {
            stdout: JSON.stringify({ sources: [''], secrets: [{ name: 'npm', required: true }] })
          })
        },
        ...{
          failure: { kind: 'credential', id: 'npm' },
          did: prepared,
          gate: 'skipped',
          says: 'the secret "npm" is missing'
        }
      }
    ],
    [
      'its tests, though the image was exported',
      {
        script: { bake: () => redAt('test') },
        failure: { kind: 'test', exitCode: 1, step: { name: '[test 1/1] RUN pytest' } },
        // What was built is kept for the next try.
        ...{ did: [...gate, ...cache], gate: 'failed', says: 'the tests failed' }
      }
    ],
    [
      'its image',
      {
        script: { bake: () => redAt('copy') },
        ...{
          failure: { kind: 'build' },
          did: [...gate, ...cache],
          gate: 'passed',
          says: 'the build failed (production)'
        }
      }
    ],
    [
      'an image that is not what was tested',
      {
        script: { bake: () => ({ stream: mismatch }) },
        ...{
          failure: { kind: 'mismatch' },
          did: gate,
          gate: 'passed',
          says: 'the image is not the one that was tested'
        }
      }
    ],
    [
      'a leak',
      {
        script: { content: [`password=${SECRET}\n`] },
        failure: { kind: 'leak', findings: [{ secretId: 'token', place: { path: '/app/a' } }] },
        ...{ did: gate, gate: 'passed', says: 'the secret "token" is in the image' }
      }
    ],
    [
      'its budget',
      {
        script: { content: ['x'.repeat(1000)] },
        failure: { kind: 'budget', broken: [{ rule: 'max-size' }] },
        // The next try need not build it all again.
        ...{ did: [...gate, ...cache], gate: 'passed', says: 'the image is 500 B over its budget of 500 B' }
      }
    ],
    [
      'its smoke test',
      {
        script: when(/^container inspect/, { stdout: '[{"State":{"Status":"exited","ExitCode":3}}]' }),
        failure: { kind: 'smoke', results: [{ reason: 'it ended with exit code 3' }] },
        ...{ did: [...gate, ...smoke, ...gone], gate: 'passed', says: 'the image did not pass its smoke test' }
      }
    ],
    [
      'an engine that does not take the image',
      {
        script: when(/^image (?:pull|load)/, { exitCode: 1, stderr: 'no space left' }),
        failure: { kind: 'smoke', results: [{ reason: 'the engine could not take the image' }] },
        ...{
          did: [...gate, 'image pull', 'image load', 'image rm', 'image rm'],
          gate: 'passed',
          says: 'the image did not pass its smoke test'
        }
      }
    ],
    [
      'an engine that is not there',
      {
        script: when(/^version/, { exitCode: 1, stderr: 'Cannot connect to the Docker daemon' }),
        failure: { kind: 'smoke', results: [{ reason: 'no engine is there to start it' }] },
        did: [...gate, 'image rm'],
        ...{ gate: 'passed', says: 'the image did not pass its smoke test' }
      }
    ],
    [
      'a command that says no, after it has looked at the image',
      {
        given: { verify: 'exit 3' },
        ...{
          failure: { kind: 'verify', results: [{ exitCode: 3 }] },
          did: [...gate, ...smoke, ...gone],
          gate: 'passed'
        },
        says: 'verify said no (exit code 3)'
      }
    ],
    [
      'an engine that has another image under the name',
      {
        script: when(/^image inspect --format {{json \.}}/, { stdout: other }),
        ...{
          failure: { kind: 'mismatch' },
          did: [...gate, ...smoke, ...load, ...gone, ...cache],
          gate: 'passed',
          says: 'the image is not the one that was tested'
        }
      }
    ],
    [
      'the place of a file that somebody has taken meanwhile, when the others have the image',
      {
        given: { verify: 'mkdir "$RUNNER_TEMP/../app.tar"' },
        failure: {
          kind: 'input',
          problems: [{ input: 'outputs', problem: expect.stringContaining('could not be put') }]
        },
        ...{
          did: [...gate, ...smoke, ...load, ...gone, ...cache],
          left: ['push', 'load'],
          gate: 'passed',
          says: 'an input is wrong after tags had been published'
        }
      }
    ],
    [
      'a registry that takes no tag, when the engine has the image',
      {
        refuse: (request) => (request === 'PUT /v2/app/manifests/1' ? 403 : undefined),
        failure: { kind: 'registry', message: expect.stringContaining('not for you') },
        ...{
          did: [...gate, ...smoke, ...load, ...gone, ...cache],
          left: ['load'],
          gate: 'passed',
          says: 'the push failed, only the local engine has the image'
        }
      }
    ]
  ])('%s', async (_, { script, given, refuse, failure, did, left = [], gate, says }) => {
    await using registry = await openRegistry(refuse)
    const outcome = await play({ ...script, given: { ...everything(registry), ...given } })
    expect(outcome.failure).toMatchObject(failure)
    const isTried = outcome.failure?.kind === 'smoke' || outcome.failure?.kind === 'verify'
    expect(isTried ? withoutSearch(outcome) : inOrder(outcome)).toEqual(did)
    expect(outcome.outputs.gate).toBe(gate)
    expect(verdict(outcome)).toBe(left.length === 0 ? `${says}, nothing was published` : says)
    expectLeft(outcome, registry, left)
    await expectEnded(outcome)
  })
})

test.each(['constructor', 'toString', '__proto__'])('a run may be called %s', async (name) => {
  const { result, outputs, failure } = await play({ given: { 'report-name': name } })
  expect(failure).toBeUndefined()
  expect(result.report).toMatchObject({ name, builds: [{ name, images: [{}] }] })
  expect(outputs.gate).toBe('passed')
  const red = await play({ given: { 'report-name': name }, bake: () => redAt('test') })
  expect(red.result.report).toMatchObject({ name, outcome: { kind: 'red', failure: { kind: 'test' } } })
})

test('the layer cache is searched while verify looks at the image, and told of where it is written', async () => {
  await using registry = await openRegistry()
  const asked = at('asked')
  const outcome = await play({
    given: {
      ...everything(registry),
      verify: `for i in $(seq 400); do [ -e ${asked} ] && break; sleep 0.05; done; [ -e ${asked} ] && echo seen`
    },
    cache: () => {
      writeFileSync(asked, '')
      const names = ['client directory', 'registry'].map((place) => `exporting cache to ${place}`)
      return { stream: streamOf(names.map((name) => ({ vertex: name, name, seconds: 2 }))) }
    }
  })
  expect(outcome.failure).toBeUndefined()
  expect(outcome.did.filter((line) => line === 'buildx build')).toEqual(cache)
  const lines = outcome.lines.join('\n')
  expect(lines.indexOf('exporting cache to client directory')).toBeGreaterThan(lines.indexOf('seen'))
  expect(outcome.result.report.cache.exports).toMatchObject([{ result: 'ok' }])
  await expectEnded(outcome)
})

describe('test reports in a cache mount', () => {
  const mount = 'RUN --mount=type=cache,id=test-reports,target=/r pytest'
  const writing: Script = {
    dockerfile: (text) => text.replace('RUN pytest', mount),
    bake: () => ({ stream: streamOf([...steps, { ...tested, name: `[_test0-0 test 1/1] ${mount}` }]) })
  }
  const isTakenOut = (line: string): boolean => /^buildx build .*dest=\S*\/packed/.test(line)
  const pushing = ({ address }: ScriptedRegistry): Given => ({ push: 'true', tags: `${address}/app:1` })
  /** Its mount does not say what is in it. */
  const tests = { stages: [{ stage: 'test', omissions: [expect.stringContaining('could not be read')] }] }

  test.each<[string, Red['refuse'], object | undefined]>([
    ['are taken out while the image is pushed', undefined, undefined],
    [
      'are told where the push fails',
      (request) => (request.startsWith('PUT /v2/app/manifests/sha') ? 403 : undefined),
      { kind: 'registry' }
    ]
  ])('%s', async (_, refuse, failure) => {
    const pushed = Promise.withResolvers<string>()
    await using registry = await openRegistry((request) => {
      if (request.startsWith('PUT /v2/app/manifests/')) pushed.resolve('pushed')
      return refuse?.(request)
    })
    const seen: string[] = []
    const answer: Script['answer'] = async (line) => {
      if (!isTakenOut(line)) return undefined
      const over = new AbortController()
      seen.push(await Promise.race([pushed.promise, wait(20_000, 'nothing was', { signal: over.signal })]))
      over.abort()
      return {}
    }
    const outcome = await play({ ...writing, given: pushing(registry), answer })
    expect(seen).toEqual(['pushed'])
    expect(outcome.failure).toEqual(failure === undefined ? undefined : expect.objectContaining(failure))
    expect(outcome.result.report.tests).toMatchObject(tests)
    expectTidy()
  })

  test('are told where the run is cancelled while it pushes', async () => {
    const cancelling: { cancel?: () => void } = {}
    await using registry = await openRegistry((request) => {
      if (request.startsWith('PUT /v2/app/manifests/')) cancelling.cancel?.()
      return undefined
    })
    const answer: Script['answer'] = (_line, cancel) => {
      cancelling.cancel = cancel
      return undefined
    }
    const { failure, result } = await play({ ...writing, given: pushing(registry), answer })
    expect(failure).toEqual({ kind: 'cancelled' })
    expect(result.report.tests).toMatchObject(tests)
    expectTidy()
  })

  test('are there before verify looks', async () => {
    await using registry = await openRegistry()
    const report = at('verified.json')
    const verify = `cp "$STAGEGATE_REPORT" ${report}`
    const answer: Script['answer'] = (line) => (isTakenOut(line) ? wait(300, {}) : undefined)
    const { failure, result } = await play({ ...writing, given: { ...pushing(registry), verify }, answer })
    expect(failure).toBeUndefined()
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ tests })
    expect(result.report.tests).toMatchObject(tests)
  })

  test('are taken out before it is built once more, which writes to the mount', async () => {
    await using registry = await openRegistry()
    const order: string[] = []
    const { failure } = await play({
      ...writing,
      given: { ...pushing(registry), 'verify-reproducible': 'true' },
      async answer(line) {
        if (isTakenOut(line)) {
          await wait(300)
          order.push('taken out')
          return {}
        }
        if (/^buildx (?:bake|build) /.test(line) && !line.includes('--call=')) order.push('built')
        return undefined
      }
    })
    expect([failure, order]).toEqual([undefined, ['built', 'taken out', 'built']])
  })

  test('are told where the image is over its budget', async () => {
    const answer: Script['answer'] = (line) => (isTakenOut(line) ? {} : undefined)
    const { failure, result } = await play({ ...writing, given: { tags: 'app:1', 'max-size': '1' }, answer })
    expect(failure).toMatchObject({ kind: 'budget' })
    expect(result.report.tests).toMatchObject(tests)
  })
})

describe('smoke and verify look at the image at the same time', () => {
  const state = (words: object) => ({ stdout: JSON.stringify([{ State: words }]) })
  const running = state({ Status: 'running', Running: true })
  const ended = (exitCode: number) => state({ Status: 'exited', ExitCode: exitCode })

  test('smoke is red while verify still runs: verify comes to its end, and the image stays as long', async () => {
    await using registry = await openRegistry()
    const stopped = at('stopped')
    let saidBefore = ''
    const outcome = await play({
      given: { ...everything(registry), verify: `while [ ! -e ${stopped} ]; do sleep 0.05; done; echo seen; exit 4` },
      answer(line) {
        if (line.startsWith('image rm')) saidBefore = readFileSync(stopped, 'latin1')
        if (line.startsWith('network rm')) writeFileSync(stopped, '')
        return line.startsWith('container inspect') ? ended(3) : undefined
      },
      onLine: (line) => writeFileSync(stopped, line)
    })
    expect(outcome.failure).toMatchObject({ kind: 'smoke', results: [{ exitCode: 3 }] })
    expect(outcome.result.report.builds[0].verify).toMatchObject([{ exitCode: 4, log: ['seen'] }])
    expect(saidBefore).toBe('seen')
    expect(withoutSearch(outcome)).toEqual([...gate, ...smoke, ...gone])
    expectLeft(outcome, registry, [])
    await expectEnded(outcome)
  })

  test('verify is red while smoke still runs: the container comes to its end', async () => {
    await using registry = await openRegistry()
    const vetoed = at('vetoed')
    let watched = 0
    const outcome = await play({
      given: { ...everything(registry), verify: `echo no > ${vetoed}; exit 3` },
      answer(line) {
        if (!line.startsWith('container inspect')) return undefined
        // Once more after the veto.
        watched += existsSync(vetoed) ? 1 : 0
        return watched > 1 ? ended(0) : running
      }
    })
    expect(outcome.failure).toMatchObject({ kind: 'verify', results: [{ exitCode: 3 }] })
    expect(outcome.result.report.builds[0].smoke).toMatchObject([{ result: 'passed' }])
    expect(withoutSearch(outcome)).toEqual([...gate, ...smoke, ...gone])
    expectLeft(outcome, registry, [])
    await expectEnded(outcome)
  })

  test('one that breaks does not leave the other running', async () => {
    await using registry = await openRegistry()
    const outcome = await play({
      given: { ...everything(registry), verify: `echo looking; sleep 600` },
      answer(line) {
        if (line.startsWith('container run')) throw new Error('the pipe is gone')
        return undefined
      }
    })
    expect(outcome.failure).toMatchObject({ kind: 'internal', message: expect.stringContaining('the pipe is gone') })
    expect(withoutSearch(outcome)).toEqual([...gate, ...smoke, ...gone])
    expectLeft(outcome, registry, [])
    await expectEnded(outcome)
  })

  test('a cancel ends both', async () => {
    await using registry = await openRegistry()
    let looks = false
    const outcome = await play({
      given: { ...everything(registry), verify: 'echo looking; sleep 600' },
      answer(line, cancel) {
        if (!line.startsWith('container inspect')) return undefined
        if (looks) cancel()
        return running
      },
      onLine: (line) => void (looks ||= line === 'looking')
    })
    expect(outcome.failure).toEqual({ kind: 'cancelled' })
    expect(withoutSearch(outcome)).toEqual([...gate, ...smoke.slice(0, 3)])
    expectLeft(outcome, registry, [])
    await expectEnded(outcome)
  })

  test('no tool cuts the path of the layout, wherever the runner works', async () => {
    mkdirSync(at('ci@corp:1'))
    const told = at('layout.txt')
    const { failure } = await play({
      given: {
        tags: 'app:1',
        verify: `test -e "$STAGEGATE_OCI_LAYOUT/oci-layout"; echo "$STAGEGATE_OCI_LAYOUT" > ${told}`
      },
      env: { RUNNER_TEMP: at('ci@corp:1') }
    })
    expect(failure).toBeUndefined()
    const layout = readFileSync(told, 'utf8').trim()
    expect(layout).not.toMatch(/[:@,]/)
    expect([existsSync(layout), readdirSync(at('ci@corp:1'))]).toEqual([false, []])
  })

  test('without smoke the image that a command may have pulled goes as well', async () => {
    const { did, failure } = await play({ given: { tags: 'app:1', verify: 'docker pull "$STAGEGATE_IMAGE" || true' } })
    expect(failure).toBeUndefined()
    expect(did).toEqual(['buildx bake', 'image rm'])
  })

  test('what a killed run has left in the engine goes with the next one, though it is red before it comes so far', async () => {
    const mark = processMark(spawnSync('true').pid)
    const [left, inUse] = [mark, processMark()].map((of) => `stagegate-smoke-${of}0123456789ab`)
    const digest = `sha256:${'a'.repeat(64)}`
    const outcome = await play({
      given: { smoke: '--version' },
      bake: () => redAt('test'),
      answer(line) {
        if (/^(?:container|network) ls /.test(line) || line.includes('reference=stagegate-smoke-')) {
          return { stdout: ['app', inUse, left, ''].join('\n') }
        }
        if (!line.startsWith('image ls')) return undefined
        return { stdout: `127.0.0.1:1/stagegate-${mark}0123456789abcdef@${digest}\n127.0.0.1:2/app@${digest}\n` }
      }
    })
    expect(outcome.failure).toMatchObject({ kind: 'test' })
    expect(outcome.asked.filter((line) => line.includes(' rm '))).toEqual([
      'container rm --force --volumes stagegate-smoke-NAME',
      'network rm stagegate-smoke-NAME',
      'image rm stagegate-smoke-NAME:inspected',
      'image rm --no-prune localhost/stagegate-NAME@DIGEST'
    ])
  })
})

describe('a run that is cancelled', () => {
  const atCommand = (pattern: RegExp, nth = 1): Script => {
    let seen = 0
    return {
      answer: (line, cancel) => {
        if (pattern.test(line) && (seen += 1) === nth) cancel()
        return undefined
      }
    }
  }
  test.each<[string, Script, readonly string[]]>([
    ['before its builder is known', atCommand(/^buildx version/), []],
    ['while its key is loaded', atCommand(/^ssh-add -q/), ['ssh-add -q']],
    ['while its builder is made', atCommand(/^buildx create/), prepared],
    ['while its builder starts', atCommand(/--bootstrap/), prepared],
    ['while it is built', atCommand(/^buildx bake/), gate],
    ['while the image is pulled for its smoke test', atCommand(/^image pull/), [...gate, 'image pull']],
    ['while its container starts', atCommand(/^container run/), [...gate, ...smoke.slice(0, 3)]],
    ['while its container is watched', atCommand(/^container inspect/), [...gate, ...smoke.slice(0, 3)]],
    ['while its container is removed', atCommand(/^container rm/), [...gate, ...smoke.slice(0, 4)]],
    ['while the engine takes it', atCommand(/^image pull/, 2), [...gate, ...smoke, 'image pull']],
    ['while it gets its name', atCommand(/^image tag/), [...gate, ...smoke, ...load.slice(0, 2)]]
  ])('%s', async (_, script, did) => {
    await using registry = await openRegistry()
    const outcome = await play({ ...script, given: everything(registry) })
    expect(outcome.failure).toEqual({ kind: 'cancelled' })
    // A cancelled run starts no command any more.
    expect(inOrder(outcome).filter((line) => line !== 'buildx build')).toEqual(did)
    expect(verdict(outcome)).toMatch(/cancelled/)
    expectLeft(outcome, registry, [])
    await expectEnded(outcome)
  })

  test('while verify looks at it', async () => {
    await using registry = await openRegistry()
    const given = { ...everything(registry), verify: 'echo looking; sleep 600' }
    const onLine: Script['onLine'] = (line, cancel) => {
      if (line === 'looking') cancel()
    }
    const outcome = await play({ given, onLine })
    expect(outcome.failure).toEqual({ kind: 'cancelled' })
    expect(outcome.did).not.toContain('image tag')
    expectLeft(outcome, registry, [])
    await expectEnded({ ...outcome, did: [...gate, 'image pull'] })
  })

  test.each<[string, RegExp, readonly Way[]]>([
    ['while its layers are pushed: the engine has it', /^POST .*app.blobs/, ['load']],
    ['while its last tag is written: it has left', /^PUT .*manifests.1$/, ['push', 'load']]
  ])('%s', async (_, request, left) => {
    const cancelling: { cancel?: () => void } = {}
    await using registry = await openRegistry((seen) => {
      if (request.test(seen)) cancelling.cancel?.()
      return undefined
    })
    const answer: Script['answer'] = (_line, cancel) => {
      cancelling.cancel = cancel
      return undefined
    }
    const outcome = await play({ given: everything(registry), answer })
    expect(outcome.failure).toEqual({ kind: 'cancelled' })
    expectLeft(outcome, registry, left)
    await expectEnded(outcome)
  })

  test('while its tag is written, before the registry has it: nobody claims to know', async () => {
    const cancelling: { cancel?: () => void } = {}
    await using registry = await openRegistry((seen) => {
      if (!/^PUT .*manifests.1$/.test(seen)) return undefined
      cancelling.cancel?.()
      return 503
    })
    const answer: Script['answer'] = (_line, cancel) => {
      cancelling.cancel = cancel
      return undefined
    }
    const outcome = await play({ given: everything(registry), answer })
    const { report } = outcome.result
    expect(outcome.failure).toEqual({ kind: 'cancelled' })
    expectLeft(outcome, registry, ['load'])
    const reference = `${registry.address}/app:1`
    expect(report.builds[0].publish).toMatchObject({ unknown: [reference] })
    expect(report.notes).toContain(
      `Whether these tags have the image is not known, since the registry did not say: ${reference}.`
    )
    expect(headline(report)).toMatch(/: cancelled, and whether the image was published is not known$/)
  })

  test('while the cache of a red build is written: it is red', async () => {
    await using registry = await openRegistry()
    const script: Script = { ...atCommand(/^buildx build --progress/), bake: () => redAt('test') }
    const outcome = await play({ ...script, given: everything(registry) })
    expect(outcome.failure).toMatchObject({ kind: 'test' })
    expect(outcome.did).toEqual([...gate, 'buildx build'])
    expectLeft(outcome, registry, [])
    await expectEnded(outcome)
  })
})

describe('the layer cache', () => {
  test('is asked of nobody where there is none', async () => {
    const requests: string[] = []
    await using registry = await openRegistry((request) => void requests.push(request))
    const outcome = await play({ given: { ...everything(registry), 'cache-image': '' } })
    expect(outcome.failure).toBeUndefined()
    expect(inOrder(outcome)).toEqual([...gate, ...smoke, ...load, ...gone])
    expect(outcome.asked.filter((line) => line.includes('cache'))).toEqual([])
    expect(requests.filter((request) => request.includes('/cache'))).toEqual([])
    expectLeft(outcome, registry, ['push', 'load', 'file'])
    await expectEnded(outcome)
  })

  test.each<[string, Omit<Script, 'given'>, Red['refuse'], object]>([
    [
      'whose export fails',
      { cache: () => ({ stream: redEnd('x', 'error writing layer blob: broken pipe'), exitCode: 1 }) },
      undefined,
      { result: 'withheld', message: expect.stringContaining('could not be searched') }
    ],
    [
      'that may not be written',
      {},
      (request) => (request.startsWith('POST /v2/cache/') ? 403 : undefined),
      { result: 'failed', message: expect.stringContaining('403 Forbidden: not for you') }
    ],
    [
      'whose registry has lost its mind',
      { cache: () => ({ stream: '' }) },
      (request) => (request.includes('/v2/cache/') ? 500 : undefined),
      { result: 'not-run' }
    ]
  ])('%s spoils nothing', async (_, script, refuse, written) => {
    await using registry = await openRegistry(refuse)
    const outcome = await play({ ...script, given: everything(registry) })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.result.report.cache.exports).toMatchObject([written])
    expectLeft(outcome, registry, ['push', 'load', 'file'])
    await expectEnded(outcome)
  })

  test.each<[string, Omit<Script, 'given'>, Given, string | undefined]>([
    ['of a run that has published leaves it green', {}, {}, undefined],
    ['of a red gate leaves it red for that', { bake: () => redAt('test') }, {}, 'test'],
    ['of an image over its budget leaves it red for that', {}, { 'max-size': '1' }, 'budget']
  ])('on a full disk %s', async (_, script, given, kind) => {
    await using registry = await openRegistry()
    const full = (): never => {
      throw Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC', path: '/tmp/x' })
    }
    const outcome = await play({ ...script, given: { ...everything(registry), ...given }, cache: full })
    expect(outcome.failure?.kind).toBe(kind)
    const message = 'the runner could not write a file (/tmp/x): no space, or no inode, is left on its disk'
    expect(outcome.result.report.cache.exports.at(-1)).toMatchObject({ result: 'failed', message })
    expectLeft(outcome, registry, kind === undefined ? ['push', 'load', 'file'] : [])
    await expectEnded(outcome)
  })

  test.each<[string, Omit<Script, 'given'>, Given, string]>([
    ['a red gate', { bake: () => redAt('test') }, {}, 'test'],
    ['an image over its budget', {}, { 'max-size': '1' }, 'budget']
  ])('of %s that is cancelled meanwhile leaves the run red for what it was', async (_, script, given, kind) => {
    await using registry = await openRegistry()
    const cache: Script['cache'] = (cancel) => {
      cancel()
      return cached()
    }
    const outcome = await play({ ...script, given: { ...everything(registry), ...given }, cache })
    expect(outcome.failure?.kind).toBe(kind)
    expectLeft(outcome, registry, [])
    await expectEnded(outcome)
  })

  test('that cannot be read spoils nothing', async () => {
    await using registry = await openRegistry((request) =>
      request.startsWith('HEAD /v2/cache/manifests/') ? 200 : undefined
    )
    const given = everything(registry)
    const bake: Script['bake'] = (targets) => {
      const name = `importing cache manifest from ${given['cache-image']}:branch-main-test-production-x`
      const { stream } = green(targets)
      return { stream: stream + streamOf([{ vertex: 'import', name, state: 'failed', error: 'EOF' }]) }
    }
    const outcome = await play({ given, bake })
    expect(outcome.failure).toBeUndefined()
    expectLeft(outcome, registry, ['push', 'load', 'file'])
    await expectEnded(outcome)
  })
})

describe('a mistake in the inputs', () => {
  test.each<[string, Given, string]>([
    ['a push without a name', { push: 'true' }, 'push'],
    ['a size that is none', { 'max-size': 'big' }, 'max-size']
  ])('is told before anything is built: %s', async (_, given, input) => {
    const { failure, did } = await play({ given })
    expect(failure).toMatchObject({ kind: 'input', problems: [{ input }] })
    expect(did).toEqual([])
    expectTidy()
  })
})

test('a Dockerfile in UTF-16 is told before docker is asked to build it', async () => {
  writeFileSync(at('app/Dockerfile'), Buffer.from('\ufeffFROM scratch\nRUN make\n', 'utf16le'))
  const { failure, did } = await play()
  const problem = expect.stringMatching(/Dockerfile" is encoded as UTF-16$/)
  expect(failure).toMatchObject({ kind: 'input', problems: [{ input: 'file', problem }] })
  expect(did).toEqual([])
  expectTidy()
})

describe('a pull request from a fork', () => {
  const event = { name: 'pull_request', payload: pullRequestEvent('stranger/app').payload }

  test('is built and inspected, and pushes nothing', async () => {
    const { failure, did, result } = await play({ given: { push: 'true', tags: 'r.example/app:1' }, event })
    expect(failure).toBeUndefined()
    expect(did).toEqual(['buildx bake'])
    expect(result.report).toMatchObject({ gate: { verdict: 'passed' }, builds: [{ publish: { published: false } }] })
    expect(JSON.stringify(result.report.builds[0].publish)).toContain('comes from the fork stranger/app')
    expectTidy()
  })

  test.each([
    ['pull_request', 'keeps what GitHub itself gave it', true],
    ['pull_request_target', 'gets neither key nor secret, and runs no command', false]
  ])('under %s %s, and writes nothing elsewhere', async (name, _, keeps) => {
    const requests: string[] = []
    await using registry = await openRegistry((request) => void requests.push(request))
    const outcome = await play({ given: everything(registry), event: { ...event, name } })
    expect(outcome.failure).toBeUndefined()
    expect(inOrder(outcome)).toEqual([...gate.slice(keeps ? 0 : 1), ...smoke, ...load, ...gone])
    expect(outcome.lines.includes('looking')).toBe(keeps)
    expect(requests.filter((request) => !request.startsWith('HEAD '))).toEqual([])
    expectLeft(outcome, registry, ['load', 'file'])
    expect(outcome.outputs.gate).toBe('passed')
    await expectEnded(outcome)
  })

  test('gives its verify command nothing by name, and a run of the repository itself does', async () => {
    const script: Script = {
      given: { tags: 'app:1', verify: 'echo "given: ${SCANNER_TOKEN:-nothing}"', 'verify-env': 'SCANNER_TOKEN' },
      env: { SCANNER_TOKEN: 'of-the-workflow' }
    }
    const [fork, own] = [await play({ ...script, event }), await play(script)]
    expect([fork.failure, own.failure]).toEqual([undefined, undefined])
    expect(fork.lines).toContain('given: nothing')
    expect(own.lines).toContain('given: of-the-workflow')
    expect([...fork.result.report.notes, ...own.result.report.notes].join()).not.toContain('verify-env')
    const without = await play({ ...script, env: { SCANNER_TOKEN: '' } })
    expect(without.lines).toContain('given: nothing')
    expect(without.result.report.notes).toContainEqual(expect.stringContaining('verify ran without SCANNER_TOKEN'))
  })

  test('gives a build argument that is a name alone no variable, and a run of the repository itself does', async () => {
    const argumentsOf = async (more: Script): Promise<unknown> => {
      const script = { given: { 'build-args': 'NPM_TOKEN\nVERSION=1' }, env: { NPM_TOKEN: 'of-the-workflow' } }
      const { failure, definitions, result } = await play({ ...script, ...more })
      expect(failure).toBeUndefined()
      const told = result.report.notes.some((note) => note.includes('the variables of the build arguments NPM_TOKEN'))
      // Under pull_request_target a run gets nothing at all, and says so in other words.
      expect(told).toBe(more.event?.name === 'pull_request')
      const names = ['NPM_TOKEN', 'VERSION']
      return names.map((name) => dig(definitions[0], 'target', '_test0-0', 'args', name))
    }
    expect(await argumentsOf({})).toEqual(['of-the-workflow', '1'])
    for (const name of ['pull_request', 'pull_request_target']) {
      expect(await argumentsOf({ event: { ...event, name } })).toEqual([undefined, '1'])
    }
  })

  test('whose tests cannot be built without a credential is red, for nobody knows whether they pass', async () => {
    const lacking = { stream: streamOf(steps.slice(1)) + redEnd('_test0-0', 'secret token: not found'), exitCode: 1 }
    const bake: Script['bake'] = (targets) => (targets.includes('_test0-0') ? lacking : green(targets))
    const { failure, did, result } = await play({ event, bake })
    expect(failure).toEqual({ kind: 'untested', stages: ['test'] })
    expect(did).toEqual(['buildx bake', 'buildx bake'])
    expect(result.report.builds[0].images).toHaveLength(1)
    expectTidy()
  })
})

describe('a run whose comment GitHub refuses', () => {
  test('stays green, and says which permission is missing', async () => {
    await using github = await openRegistry(() => 403)
    const given = { 'github-token': 'ghs_16C7e42F292c6912E7710c838347Ae178B4a', 'commit-status': 'stagegate' }
    const env = { GITHUB_API_URL: `http://${github.address}` }
    const { failure, result } = await play({ given, env, event: pullRequestEvent() })
    expect(failure).toBeUndefined()
    const { report, inputs, occasion, redact } = result
    if (inputs === undefined) throw new Error('no inputs')
    expect(wantsTelling({ report, inputs, occasion })).toBe(true)
    const ports = { now: () => Date.now(), signal: new AbortController().signal }
    expect(await tellGitHub(ports, { report, inputs, occasion, redact })).toEqual([
      expect.stringContaining('pull-requests: write'),
      expect.stringContaining('statuses: write')
    ])
  })
})
