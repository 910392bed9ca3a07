/**
 * The whole run without an engine: real inputs, files, inspection and publishing, and a docker by script that says what the
 * real one would and writes the image where it is told to. What is asked of it, and in which order, is what a run is.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { folders, look } from '../src/adapters/disk.js'
import { asArray, asString, dig, parseJSON } from '../src/core/json.js'
import type { Failure } from '../src/failure/failure.js'
import { Cancelled, type Command, type Exec, type ExecResult, type Ports } from '../src/ports.js'
import { parseLeftovers } from '../src/leftovers.js'
import { run, type RunResult } from '../src/run.js'
import { keptLog, redEnd, streamOf, type Told } from './buildkit/support/buildx.js'
import { recordedText } from './fixtures/recorded.js'
import { digestOf, layoutOf, writeFiles } from './image/support/image-builder.js'
import { action, readGiven, type Given } from './inputs/support.js'
import { pullRequestEvent } from './support/runner.js'

const DOCKERFILE = `FROM scratch AS build
RUN make
FROM build AS test
RUN pytest
FROM build AS production
COPY --from=build /app /app
`

const stages = [
  { name: 'build' },
  { name: 'test', base: 'build' },
  { name: 'production', base: 'build', default: true }
]

let root: string
const at = (...parts: readonly string[]): string => path.join(root, ...parts)

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'stagegate-run-'))
  mkdirSync(at('temporary'))
  mkdirSync(at('app'))
  writeFileSync(at('app/Dockerfile'), DOCKERFILE)
})

afterEach(() => rmSync(root, { recursive: true }))

const steps: readonly Told[] = [
  { vertex: 'make', name: '[_test0-0 build 2/2] RUN make' },
  { vertex: 'make', name: '[_image-0 build 2/2] RUN make' },
  { vertex: 'copy', name: '[_image-0 production 1/1] COPY --from=build /app /app', inputs: ['make'] },
  { vertex: 'export', name: '[_image-0] exporting to oci image format' }
]
const tested: Told = { vertex: 'test', name: '[_test0-0 test 1/1] RUN pytest', inputs: ['make'] }

type Script = {
  readonly given?: Given
  /** What the image has in a file. */
  readonly content?: string
  readonly event?: { readonly name: string; readonly payload: unknown }
  /** What docker says to a command otherwise. */
  readonly docker?: (line: string, cancel: () => void) => Partial<ExecResult> | undefined
  /** How the one call ends, once the image is written. */
  readonly bake?: (targets: readonly string[], cancel: () => void) => Partial<ExecResult> & { readonly stream: string }
}

type Outcome = {
  readonly result: RunResult
  readonly failure: Failure | undefined
  /** Commands in their order, without what only asks. */
  readonly did: readonly string[]
  readonly asked: readonly string[]
  readonly lines: readonly string[]
  readonly masked: readonly string[]
  readonly saved: ReadonlyMap<string, string>
}

async function play({ given = {}, content = 'hello', event, docker, bake = green }: Script = {}): Promise<Outcome> {
  const commands: string[] = []
  const cancelling = new AbortController()
  const files = layoutOf([{ layers: [{ entries: [{ path: 'app/a', content: Buffer.from(content) }] }] }])
  const manifest = asString(dig(asArray(dig(parseJSON(String(rootIndexOf(files))), 'manifests'))[0], 'digest')) ?? ''
  const done = (more: Partial<ExecResult> = {}): ExecResult => ({
    ...{ exitCode: 0, stdout: '', stderr: '', timedOut: false },
    ...more
  })

  const answer = async ({ args }: Command, input: string, onStderr: (chunk: Buffer) => void): Promise<ExecResult> => {
    const line = args.join(' ')
    const otherwise = docker?.(line, () => cancelling.abort())
    if (cancelling.signal.aborted) throw new Cancelled()
    if (otherwise !== undefined) return done(otherwise)
    if (line === 'buildx version') return done({ stdout: recordedText('version.txt') })
    if (line.startsWith('buildx inspect')) return done({ stdout: recordedText('inspect-containerd.txt') })
    if (line.includes('--call=targets')) return done({ stdout: JSON.stringify({ targets: stages }) })
    if (line.includes('--call=')) return done({ stdout: '{}' })
    if (line.startsWith('info'))
      return done({ stdout: '{"DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}' })
    if (line.startsWith('buildx bake')) {
      const definition = parseJSON(input)
      const targets = asArray(dig(definition, 'group', 'default', 'targets')).map(String)
      for (const target of targets) {
        for (const output of asArray(dig(definition, 'target', target, 'output')).map(String)) {
          const dest = /dest=(.*)$/.exec(output)?.[1]
          if (dest !== undefined && output.startsWith('type=oci,tar=false')) await writeFiles(dest, files)
          else if (dest !== undefined) writeFileSync(dest, 'a file')
        }
      }
      const { stream, ...more } = bake(targets, () => cancelling.abort())
      onStderr(Buffer.from(stream))
      const metadata = args[args.indexOf('--metadata-file') + 1] ?? ''
      writeFileSync(metadata, JSON.stringify({ '_image-0': { 'containerimage.digest': digestOf(Buffer.from('')) } }))
      if (cancelling.signal.aborted) throw new Cancelled()
      return done(more)
    }
    if (line.startsWith('image inspect --format {{.Id}}')) return done({ stdout: `${manifest}\n` })
    if (line.startsWith('image inspect')) return done({ stdout: JSON.stringify({ Descriptor: { digest: manifest } }) })
    if (/^image (?:pull|tag|rm)/.test(line)) return done()
    throw new Error(`nobody expected docker ${line}`)
  }
  const exec: Exec = (command, { input = '', onStderr = () => undefined } = {}) => {
    if (cancelling.signal.aborted) return Promise.reject(new Cancelled())
    commands.push(command.args.join(' '))
    return answer(command, String(input), onStderr)
  }

  const { log, lines } = keptLog()
  const masked: string[] = []
  const saved = new Map<string, string>()
  const ports: Ports = {
    ...{ exec, log, signal: cancelling.signal, now: () => Date.now() },
    show: () => Promise.resolve(0),
    runner: {
      mask: (value) => void masked.push(value),
      saveState: (name, value) => void saved.set(name, value),
      setOutput: () => undefined,
      exportVariable: () => undefined,
      writeSummary: () => Promise.resolve()
    }
  }
  if (event !== undefined) writeFileSync(at('event.json'), JSON.stringify(event.payload))
  const result = await run(ports, {
    env: {
      ...{
        PATH: process.env.PATH,
        RUNNER_TEMP: at('temporary'),
        GITHUB_WORKSPACE: root,
        GITHUB_REPOSITORY: 'acme/app'
      },
      ...{ GITHUB_EVENT_NAME: event?.name ?? 'push', GITHUB_REF: 'refs/heads/main', GITHUB_ACTOR: 'octocat' },
      ...(event === undefined ? {} : { GITHUB_EVENT_PATH: at('event.json') })
    },
    read: readGiven({ context: at('app'), 'test-target': 'test', target: 'production', ...given }),
    declaredInputs: Object.keys(action.inputs),
    ...{ look, folders },
    cacheWorker: { file: 'false', args: [] }
  })
  const { outcome } = result.report
  return {
    ...{ result, lines, masked, saved, asked: commands },
    failure: outcome.kind === 'red' ? outcome.failure : undefined,
    did: commands.filter((line) => !isQuestion(line)).map((line) => line.split(' ').slice(0, 2).join(' '))
  }
}

/** The index that `index.json` names. */
function rootIndexOf(files: ReadonlyMap<string, Buffer>): Buffer {
  const digest = asString(dig(asArray(dig(parseJSON(String(files.get('index.json'))), 'manifests'))[0], 'digest')) ?? ''
  return files.get(`blobs/sha256/${digest.slice('sha256:'.length)}`) ?? Buffer.from('')
}

function isQuestion(line: string): boolean {
  return /^(?:buildx (?:version|inspect)|info|image inspect)|--call=/.test(line)
}

function green(targets: readonly string[]): { readonly stream: string } {
  const plain = targets.length === 1
  const own = [...steps, tested].filter(({ name }) => targets.some((target) => name.startsWith(`[${target}`)))
  return { stream: streamOf(plain ? own.map((step) => ({ ...step, name: step.name.replace(/_\w+-0 /, '') })) : own) }
}

const process1 = 'process "/bin/sh -c pytest" did not complete successfully: exit code: 1'
const redTest = (): Partial<ExecResult> & { readonly stream: string } => ({
  stream: streamOf([...steps, { ...tested, state: 'failed', error: process1 }]) + redEnd('_test0-0', process1),
  exitCode: 1
})

/** Nothing of the run lies in the runner's temporary folder any more. */
function expectTidy(): void {
  expect(readdirSync(at('temporary'))).toEqual([])
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
    const { failure, result } = await play({ given: out() })
    expect(failure).toBeUndefined()
    expect(readFileSync(at('app.tar'), 'utf8')).toBe('a file')
    expect(result.report.builds[0].publish).toMatchObject({ published: true, how: [out().outputs] })
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

describe('a red run lets nothing out', () => {
  const everything = (): Given => ({ load: 'true', tags: 'app:1', ...out() })

  /** Nothing but the build has happened. */
  function expectNothingOut({ did, result }: Outcome): void {
    expect(did).toEqual(['buildx bake'])
    expect(result.report.builds[0].publish.published).toBe(false)
    expect(existsSync(at('app.tar'))).toBe(false)
    expectTidy()
  }

  test('at the gate, though the image was exported', async () => {
    const outcome = await play({ given: everything(), bake: redTest })
    expect(outcome.failure).toMatchObject({ kind: 'test', exitCode: 1, step: { name: '[test 1/1] RUN pytest' } })
    expect(outcome.result.report.gate.verdict).toBe('failed')
    expectNothingOut(outcome)
  })

  test('by a leak, and says nowhere what leaked', async () => {
    const secret = 'hunter2-is-long-enough-4711'
    const given = { ...everything(), secrets: `token=${secret}` }
    const outcome = await play({ given, content: `password=${secret}\n` })
    expect(outcome.failure).toMatchObject({
      kind: 'leak',
      findings: [{ secretId: 'token', place: { path: '/app/a' } }]
    })
    expect(JSON.stringify([outcome.result.report, outcome.lines, outcome.asked, [...outcome.saved]])).not.toContain(
      secret
    )
    expect(outcome.masked).toContain(secret)
    expectNothingOut(outcome)
  })

  test('by its budget', async () => {
    const outcome = await play({ given: { ...everything(), 'max-size': '10' }, content: 'x'.repeat(1000) })
    expect(outcome.failure).toMatchObject({ kind: 'budget', broken: [{ rule: 'max-size' }] })
    expect(outcome.result.report.gate.verdict).toBe('passed')
    expectNothingOut(outcome)
  })

  test('by a cancel in the middle of the build', async () => {
    const bake: Script['bake'] = (targets, cancel) => {
      cancel()
      return green(targets)
    }
    const outcome = await play({ given: everything(), bake })
    expect(outcome.failure).toEqual({ kind: 'cancelled' })
    expectNothingOut(outcome)
  })

  test('by an image that is not what was tested', async () => {
    const stream = streamOf([...steps.slice(1), { vertex: 'other', name: '[_test0-0 build 2/2] RUN make' }, tested])
    const outcome = await play({ given: everything(), bake: () => ({ stream }) })
    expect(outcome.failure).toMatchObject({ kind: 'mismatch' })
    expectNothingOut(outcome)
  })

  test('by a command that says no, after it has looked at the image', async () => {
    const outcome = await play({ given: { ...everything(), verify: 'exit 3' } })
    expect(outcome.failure).toMatchObject({ kind: 'verify', results: [{ exitCode: 3 }] })
    expect(existsSync(at('app.tar'))).toBe(false)
    expectTidy()
  })
})

describe('a run that is stopped while it publishes', () => {
  const given = (): Given => ({ load: 'true', tags: 'app:1', ...out() })

  test('because the engine has another image under the name: no file is placed', async () => {
    const stdout = JSON.stringify({ Descriptor: { digest: 'sha256:other' }, RootFS: { Layers: ['sha256:other'] } })
    const docker: Script['docker'] = (line) => (line.includes('{{json .}}') ? { stdout } : undefined)
    const { failure, result } = await play({ given: given(), docker })
    expect(failure).toMatchObject({ kind: 'mismatch' })
    expect([result.report.gate.verdict, result.report.builds[0].publish.published]).toEqual(['passed', false])
    expect(existsSync(at('app.tar'))).toBe(false)
    expectTidy()
  })

  test('because it is cancelled: no file is placed, and nothing is left', async () => {
    const docker: Script['docker'] = (line, cancel) => {
      if (line.startsWith('image pull')) cancel()
      return undefined
    }
    const { failure, did, saved } = await play({ given: given(), docker })
    expect(failure).toEqual({ kind: 'cancelled' })
    expect(did).toEqual(['buildx bake', 'image pull'])
    // A cancelled run starts no command any more: `post` removes what the engine may have by now.
    expect(parseLeftovers(saved.get('leftovers') ?? '').images).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+\/stagegate-[0-9a-f]{32}@sha256:/)
    ])
    expect(existsSync(at('app.tar'))).toBe(false)
    expectTidy()
  })
})

describe('a machine without what it takes', () => {
  test.each<[string, NonNullable<Script['docker']>, string]>([
    [
      'buildx',
      (line) => (line === 'buildx version' ? { exitCode: 1, stderr: 'no such command' } : undefined),
      'docker has no buildx'
    ],
    [
      'a builder',
      (line) =>
        line.startsWith('buildx inspect') ? { exitCode: 1, stderr: recordedText('inspect-missing.txt') } : undefined,
      'builder'
    ]
  ])('is told before anything is built: %s', async (_, docker, words) => {
    const { failure, did } = await play({ docker })
    expect(failure?.kind).toBe('engine')
    expect(JSON.stringify(failure)).toContain(words)
    expect(did).toEqual([])
    expectTidy()
  })
})

describe('a mistake in the inputs', () => {
  test.each<[string, Given, string]>([
    ['a tag that is none', { tags: 'UPPER', load: 'true' }, 'tags'],
    ['a stage that is not there', { 'test-target': 'tset' }, 'test-target'],
    ['a push without a name', { push: 'true' }, 'push'],
    ['a size that is none', { 'max-size': 'big' }, 'max-size']
  ])('is told before anything is built: %s', async (_, given, input) => {
    const { failure, did } = await play({ given })
    expect(failure).toMatchObject({ kind: 'input', problems: [{ input }] })
    expect(did).toEqual([])
    expectTidy()
  })
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
