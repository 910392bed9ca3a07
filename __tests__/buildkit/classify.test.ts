/** Every text of a failed build, as buildx printed it (capture.sh), told apart. */
import { describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { classifyFailure } from '../../src/buildkit/classify.js'
import { lastError, readPlainError } from '../../src/buildkit/plain_error.js'
import { findTransient } from '../../src/buildkit/transient.js'
import type { Internal } from '../../src/core/progress.js'
import type { Failure } from '../../src/failure/failure.js'
import { readRecorded, recordedBuild } from '../fixtures/recorded.js'

function classify(name: string, testStages: readonly string[] = ['test'], onlyStage?: string): Failure {
  return classifyFailure({
    exitCode: recordedBuild(name).exitCode,
    progress: readRecorded(name, { hidden: 'stagegate-gate' }),
    testStages,
    ...(onlyStage === undefined ? {} : { onlyStage })
  })
}

const problem = (input: string, text: string): object => ({
  kind: 'input',
  problems: [{ input, problem: expect.stringContaining(text) }]
})
const step = (instruction: string, stage?: string): object => ({
  state: 'failed',
  instruction: expect.stringContaining(instruction),
  ...(stage === undefined ? {} : { stage })
})

const expected: Readonly<Record<string, object>> = {
  // A step that ran to its end
  'run-failed-test': { kind: 'test', exitCode: 1, line: 9, step: step('1 failed, 2 passed', 'test') },
  'run-failed-test-upper-case': { kind: 'test', exitCode: 1, line: 9, step: step('exit 1', 'test') },
  'run-failed-others-cancelled': { kind: 'test', exitCode: 1, line: 9, step: step('sleep 0.5; exit 1', 'test') },
  'run-failed-builder': { kind: 'build', exitCode: 3, line: 6, step: step('exit 3', 'builder') },
  'run-failed-test-unnamed': { kind: 'build', exitCode: 1, line: 9, step: step('exit 1', 'stage-2') },
  'run-failed-one-stage': { kind: 'build', exitCode: 42, line: 2, step: step('exit 42') },
  'run-command-not-found': { kind: 'build', exitCode: 127, line: 2, step: step('no-such-command') },
  'run-killed': { kind: 'build', exitCode: 137, line: 2, step: step('kill -9') },
  'run-exec-form-missing': { kind: 'build', exitCode: 1, line: 2, step: step('/no/such/binary') },
  // Files that are not there
  'copy-source-missing': {
    kind: 'build',
    line: 2,
    step: step('COPY nosuchfile'),
    message: expect.stringContaining('"/nosuchfile": not found')
  },
  'copy-from-stage-source-missing': {
    kind: 'build',
    line: 3,
    step: step('COPY --from=a', 'stage-1'),
    message: 'lstat /nosuchfile: no such file or directory'
  },
  'add-url-down': {
    kind: 'build',
    step: step('ADD http://127.0.0.1:9/file'),
    message: expect.stringContaining('connection refused')
  },
  // The Dockerfile
  'syntax-error': {
    kind: 'dockerfile',
    line: 2,
    message: 'dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)'
  },
  'syntax-unknown-flag': {
    kind: 'dockerfile',
    line: 2,
    message: 'dockerfile parse error on line 2: unknown flag: --bogus'
  },
  'security-not-allowed': { kind: 'dockerfile', line: 2 },
  'empty-dockerfile': { kind: 'dockerfile', message: 'the Dockerfile cannot be empty' },
  'missing-dockerfile': {
    kind: 'dockerfile',
    message: 'failed to read dockerfile: open Nofile: no such file or directory'
  },
  'missing-target': problem('target', 'the Dockerfile has no stage "nosuch"'),
  'no-from': { kind: 'dockerfile', line: 1, message: 'no build stage in current context' },
  'bad-stage-name': {
    kind: 'dockerfile',
    line: 1,
    message: expect.stringContaining('invalid name for build stage: "1bad"')
  },
  'bad-base-reference': {
    kind: 'dockerfile',
    line: 1,
    message: expect.stringContaining('repository name (Case) must be lowercase')
  },
  'lint-error': {
    kind: 'dockerfile',
    message: 'lint violation found for rules: ConsistentInstructionCasing',
    fix: expect.stringContaining('check=error=true')
  },
  'network-not-allowed': {
    kind: 'dockerfile',
    message: 'failed to load LLB: network.host is not allowed',
    fix: expect.stringContaining('allow')
  },
  // Registries
  'base-missing': { kind: 'registry', line: 1, reference: '127.0.0.1:5000/no/such:1' },
  'base-registry-down': { kind: 'registry', line: 1, reference: '127.0.0.1:9/no/such:1' },
  'base-registry-unknown': { kind: 'registry', line: 1, reference: 'no-such-host.invalid/x:1' },
  'circular-stages': { kind: 'registry', line: 1, reference: 'a' },
  'copy-from-image-missing': { kind: 'registry', line: 2, reference: '127.0.0.1:5000/no/stage' },
  'syntax-image-unreachable': { kind: 'registry', line: 1, reference: '127.0.0.1:9/docker/dockerfile:1' },
  'push-registry-down': { kind: 'registry', reference: '127.0.0.1:9/t/x:1' },
  'cache-export-failed': { kind: 'registry', message: expect.stringContaining('error writing layer blob') },
  // Credentials
  'secret-missing': { kind: 'credential', credential: 'secret', id: 'tok', line: 2 },
  'ssh-missing': { kind: 'credential', credential: 'ssh', id: 'default', line: 2 },
  'ssh-missing-id': { kind: 'credential', credential: 'ssh', id: 'gh', line: 2 },
  // The engine
  'daemon-missing': {
    kind: 'engine',
    message: 'Cannot connect to the Docker daemon at unix:///no/such.sock. Is the docker daemon running?'
  },
  'builder-missing': { kind: 'engine', message: 'no builder "nosuch" found' },
  'flag-unknown': {
    kind: 'engine',
    message: 'this buildx does not know --no-such-flag',
    fix: expect.stringContaining('newer buildx')
  },
  // Values that buildx itself refuses
  'context-missing': problem('context', 'path "/no-such-folder" not found'),
  'ssh-file-missing': problem('ssh', '/no/such/key: no such file'),
  'ssh-no-agent': problem('ssh-private-key', 'SSH_AUTH_SOCK'),
  'secret-file-missing': problem('secret-files', '/no/such/file'),
  'cache-unknown-type': problem('cache-to', 'unknown cache exporter: "bogus"'),
  'flag-shm-size': problem('shm-size', "invalid size: 'lots'"),
  'flag-ulimit': problem('ulimit', 'invalid ulimit argument: x'),
  'flag-add-host': problem('add-hosts', 'invalid host x'),
  'flag-network': problem('network', 'network mode "bogus" not supported'),
  'flag-allow': problem('allow', 'unknown entitlement bogus'),
  'flag-platform': problem('platforms', '"linux/bogus/x/y": cannot parse platform specifier'),
  'flag-output': problem('outputs', 'exporter "bogus" could not be found'),
  'flag-cache-to': problem('cache-to', 'registry cache exporter requires ref'),
  'flag-attest': problem('provenance, sbom or attests', 'invalid value bogus'),
  'flag-provenance': problem('provenance, sbom or attests', 'invalid value bogus'),
  'flag-annotation': problem('annotations', 'unknown annotation type "bogus"'),
  'flag-build-context': problem('build-contexts', 'failed to get build context x'),
  'flag-tag': problem('tags', 'invalid tag "UPPER/Case:x y"')
}

describe('what was recorded', () => {
  test.each(Object.entries(expected))('%s', (name, failure) => {
    expect(classify(name)).toMatchObject(failure)
  })

  test('every red build of capture.sh is in the table, or is kept from buildx by the inputs', () => {
    const names = readdirSync(join(import.meta.dirname, '../fixtures/buildx'))
      .filter((file) => file.endsWith('.exit'))
      .map((file) => file.replace(/\.exit$/, ''))
    const red = names.filter((name) => recordedBuild(name).exitCode !== 0)
    const checked = ['flag-build-arg', 'flag-label', 'flag-cache-from']
    expect(red.filter((name) => !(name in expected)).sort()).toEqual(checked.sort())
  })

  test('nothing is blamed on a cache that could not be read', () => {
    const { internals, plain } = readRecorded('cache-imports')
    expect(recordedBuild('cache-imports').exitCode).toBe(0)
    expect(internals.filter(({ error }) => error !== undefined)).toHaveLength(2)
    expect(plain).toEqual([])
  })
})

describe('test targets', () => {
  test('that are not there are named by their input', () => {
    expect(classify('missing-target', ['NoSuch'])).toMatchObject(problem('test-target', 'has no stage "nosuch"'))
  })

  test('are meant in any case', () => {
    expect(classify('run-failed-test', ['lint', 'TEST']).kind).toBe('test')
  })

  test('without a name are meant by their index', () => {
    expect(classify('run-failed-test-unnamed', ['2'])).toMatchObject({ kind: 'test', exitCode: 1 })
  })

  test('in a Dockerfile with one stage, whose steps BuildKit does not name', () => {
    expect(classify('run-failed-one-stage', ['test'], 'test')).toMatchObject({ kind: 'test', exitCode: 42 })
  })

  test('whose base fails are not to blame', () => {
    expect(classify('run-failed-builder', ['test']).kind).toBe('build')
  })
})

describe('texts that cannot be recorded here', () => {
  const told = (message: string, exitCode = 1, internals: readonly Internal[] = []): Failure =>
    classifyFailure({
      exitCode,
      testStages: [],
      progress: {
        steps: [],
        internals,
        plain: message === '' ? [] : [message],
        contextBytes: 0,
        findings: [],
        loads: [],
        downloads: { bytes: 0, seconds: 0 },
        builtFor: new Map(),
        graph: new Map()
      }
    })

  test.each([
    // Podman 4.3's words as they came; Docker's as reports have them.
    [
      'initializing source docker://moby/buildkit:buildx-stable-1: pinging container registry registry-1.docker.io: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
      'image of BuildKit'
    ],
    [
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
      'image of BuildKit'
    ],
    ['Error response from daemon: OCI runtime create failed: whatever', 'inspect --bootstrap']
  ])('a builder that does not start: %s', (message, fix) => {
    const booting = { name: '[internal] booting buildkit', seconds: 1, done: true, error: message }
    expect(told(`ERROR: failed to build: ${message}`, 1, [booting])).toEqual({
      ...{ kind: 'engine', message, fix: expect.stringContaining(fix) }
    })
  })

  test.each<[string, string, object]>([
    [
      'a storage driver that the image store does not have',
      'ERROR: failed to build: failed to solve: failed to read dockerfile: failed to prepare  as 9eoy99va6niv1s7tol9q82rnr: snapshotter not loaded: vfs: invalid argument',
      { kind: 'engine', fix: expect.stringContaining('storage-driver') }
    ],
    [
      'a bridge that is gone',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c x" did not complete successfully: network bridge not found',
      { kind: 'engine', message: 'a command could not be started or was ended: network bridge not found' }
    ],
    [
      'memory that ran out',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c x" did not complete successfully: cannot allocate memory',
      { kind: 'engine', fix: expect.stringContaining('Memory ran out') }
    ],
    [
      'an engine that died',
      'ERROR: failed to build: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
      { kind: 'engine' }
    ],
    [
      'a disk that is full',
      'ERROR: failed to build: failed to solve: failed to compute cache key: write /var/lib/x: no space left on device',
      { kind: 'engine' }
    ],
    [
      'the classic store',
      'ERROR: failed to build: Cache export is not supported for the docker driver.',
      { kind: 'engine' }
    ],
    [
      'a registry that wants a login',
      'ERROR: failed to build: failed to solve: failed to push ghcr.io/a/b:1: unexpected status from HEAD request to https://ghcr.io/v2/a/b/blobs/x: 401 Unauthorized',
      { kind: 'registry', reference: 'ghcr.io/a/b:1' }
    ],
    [
      'a token that is refused',
      'ERROR: failed to build: failed to solve: a/b: failed to resolve source metadata for docker.io/a/b:latest: pull access denied, repository does not exist or may require authorization',
      { kind: 'registry', reference: 'a/b' }
    ],
    [
      'a target of bake',
      'ERROR: target app: failed to solve: secret tok: not found',
      { kind: 'credential', id: 'tok' }
    ],
    [
      'an id with a blank',
      'ERROR: failed to build: failed to solve: secret a b: not found',
      { kind: 'credential', id: 'a b' }
    ],
    [
      'a build function that ended',
      'ERROR: failed to build: failed to run Build function: target stage "x" could not be found',
      problem('target', 'the Dockerfile has no stage "x"')
    ],
    ['nothing at all', '', { kind: 'engine', message: 'docker buildx ended with exit code 1 and said nothing' }]
  ])('%s', (_, message, failure) => {
    expect(told(message)).toMatchObject(failure)
  })

  test('a platform that a FROM line names is the Dockerfile’s affair', () => {
    const plain = [
      'Dockerfile:1',
      '--------------------',
      '   1 | >>> FROM --platform=bogus a',
      '--------------------',
      'ERROR: failed to build: failed to solve: failed to parse platform bogus: "bogus": unknown operating system or architecture: invalid argument'
    ]
    const failure = classifyFailure({
      exitCode: 1,
      testStages: [],
      progress: {
        steps: [],
        internals: [],
        plain,
        contextBytes: 0,
        findings: [],
        loads: [],
        downloads: { bytes: 0, seconds: 0 },
        builtFor: new Map(),
        graph: new Map()
      }
    })
    expect(failure.kind).not.toBe('input')
    expect(failure).toMatchObject({ kind: 'dockerfile', line: 1 })
  })

  // https://github.com/docker/buildx/issues/3875
  const trace = [
    'goroutine 109 [running]:',
    'github.com/docker/buildx/util/progress.(*Printer).Write(0x25a72f19810, 0x25a72da3260)',
    '\tgithub.com/docker/buildx/util/progress/printer.go:89 +0x4d',
    'created by github.com/docker/buildx/util/progress.NewChannel in goroutine 108',
    '\tgithub.com/docker/buildx/util/progress/writer.go:54 +0xac'
  ]
  test.each<[string, readonly string[], string]>([
    ['that panics', ['panic: send on closed channel', '', ...trace], 'panic: send on closed channel'],
    [
      'that panics by a signal',
      [
        'panic: runtime error: invalid memory address or nil pointer dereference',
        '[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0xfca460]',
        ...trace
      ],
      'panic: runtime error: invalid memory address or nil pointer dereference'
    ],
    [
      'that Go ends',
      [
        'WARN: something before',
        'fatal error: all goroutines are asleep - deadlock!',
        'goroutine 1 gp=0xc000002380 m=0 mp=0x55d1 [chan receive, 2 minutes]:',
        ...trace
      ],
      'fatal error: all goroutines are asleep - deadlock!'
    ],
    ['of which only the trace is there', trace, 'goroutine 109 [running]:']
  ])('a client %s', (_, plain, message) => {
    const progress = { ...readRecorded('run-failed-one-stage', {}), steps: [], internals: [] }
    const kept = plain.filter((line) => line !== '')
    expect(classifyFailure({ exitCode: 2, progress: { ...progress, plain: kept }, testStages: [] })).toEqual({
      kind: 'engine',
      message: `docker buildx crashed: ${message}`,
      fix: expect.stringContaining('another version of buildx')
    })
    // What it said before it crashed is the reason.
    const said = ['ERROR: target app: failed to solve: secret tok: not found', ...kept]
    expect(classifyFailure({ exitCode: 2, progress: { ...progress, plain: said }, testStages: [] })).toMatchObject({
      ...{ kind: 'credential', id: 'tok' }
    })
    expect(lastError(plain.join('\n'))).toBe(message)
  })

  test('a cancelled client', () => {
    expect(told('ERROR: failed to build: failed to solve: Canceled: context canceled', 130)).toEqual({
      kind: 'cancelled'
    })
  })

  test('a killed client', () => {
    expect(told('', 137)).toMatchObject({ kind: 'engine' })
  })
})

test('the place of an error', () => {
  expect(readPlainError(readRecorded('syntax-error').plain)).toEqual({
    message: 'dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)',
    speaker: 'BuildKit',
    line: 2
  })
  expect(readPlainError([])).toEqual({ message: '', speaker: 'buildx' })
})

test.each(['copy-source-missing', 'copy-from-stage-source-missing'])(
  '%s: the step is known although BuildKit ended before it told which',
  (name) => {
    const progress = readRecorded(name, { hidden: 'stagegate-gate' })
    const steps = progress.steps.map(({ error, ...one }) =>
      error === undefined ? one : { ...one, state: 'cancelled' as const }
    )
    const told = classifyFailure({ exitCode: 1, progress: { ...progress, steps }, testStages: [] })
    expect(told).toMatchObject({ kind: 'build', step: { instruction: expect.stringContaining('nosuchfile') } })
    // Of two that want the file nobody knows which one it was.
    const twice = [...steps, ...steps.map((one) => ({ ...one, vertex: `${one.vertex}-again` }))]
    const untold = classifyFailure({ exitCode: 1, progress: { ...progress, steps: twice }, testStages: [] })
    expect(untold).not.toHaveProperty('step')
  }
)

describe('a message that was written to keep its reader busy', () => {
  test.each([
    ['secret ', 'unrecognised'],
    ['exec: ', 'unrecognised'],
    ['lstat ', 'unrecognised'],
    ['dial unix ', 'engine'],
    ['no builder ', 'unrecognised'],
    ['cannot is forbidden: User ', 'unrecognised'],
    ['timed out waiting for ', 'unrecognised'],
    ['ref a locked ', 'unrecognised'],
    ['moby/buildkit', 'unrecognised'],
    ['unexpected status from 413 ', 'registry'],
    ['unexpected status from storage resource ', 'registry'],
    ['unexpected status from quota ', 'registry'],
    ['unexpected status from exceed ', 'registry'],
    ['unexpected status from exceed', 'registry']
  ])('%s', (words, kind) => {
    const message = `${words.repeat(200_000)}!`
    const progress = readRecorded('run-failed-one-stage', {})
    const plain = [`ERROR: failed to build: failed to solve: ${message}`]
    const build = { exitCode: 1, progress: { ...progress, plain, steps: [], internals: [] }, testStages: [] }
    expect(classifyFailure(build).kind).toBe(kind)
    const process = `process "${message}" did not complete successfully: ${message}`
    const started = { ...build, progress: { ...build.progress, plain: [`ERROR: failed to solve: ${process}`] } }
    expect(classifyFailure(started).kind).toBe('engine')
    expect(findTransient(build)).toBeUndefined()
  })

  test('the secret that is missed is told by the last line', () => {
    const plain = ['ERROR: failed to solve: secret a secret b: not found']
    const progress = { ...readRecorded('run-failed-one-stage', {}), plain, steps: [], internals: [] }
    expect(classifyFailure({ exitCode: 1, progress, testStages: [] })).toMatchObject({ id: 'a secret b' })
  })
})
