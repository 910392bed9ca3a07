import { describe, expect, test } from '@jest/globals'
import { findLacks, inspectBuilder, knowsCall, parseVersion, type Builder } from '../../src/buildkit/builder.js'
import { Stop } from '../../src/failure/stop.js'
import { ProgramMissing, type Command, type Exec, type ExecResult, type Log } from '../../src/ports.js'
import { recordedText } from '../fixtures/recorded.js'

const silent: Log = {
  info: () => undefined,
  untrusted: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  group: (_, body) => body()
}
const result = (stdout: string, exitCode = 0, stderr = ''): ExecResult => ({
  exitCode,
  stdout,
  stderr,
  timedOut: false
})

/** A docker that answers `version` and `inspect` as the recorded ones did. */
function docker(version: ExecResult, inspect: ExecResult): Exec {
  return ({ args }) => Promise.resolve(args[1] === 'version' ? version : inspect)
}

async function stopOf(exec: Exec, requested = 'auto', env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  try {
    await inspectBuilder({ exec, show: () => Promise.resolve(0), log: silent }, requested, env)
  } catch (error) {
    if (error instanceof Stop) return error.failure
    throw error
  }
  throw new Error('it was accepted')
}

const current = result(recordedText('version.txt'))

test.each([
  ['github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4', { major: 0, minor: 29, text: '0.29.1+ds1' }],
  ['github.com/docker/buildx v0.35.0 8e6f6d5', { major: 0, minor: 35, text: 'v0.35.0' }],
  ['github.com/docker/buildx v0.20.1-desktop.2 abc', { major: 0, minor: 20, text: 'v0.20.1-desktop.2' }],
  ['github.com/docker/buildx v1.0.0-rc1', { major: 1, minor: 0, text: 'v1.0.0-rc1' }],
  ['github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3', { major: 0, minor: 13, text: '0.13.1+ds1' }],
  ['nonsense', undefined],
  ['', undefined]
])('%s', (text, version) => {
  expect(parseVersion(text)).toEqual(version)
})

test.each([
  ['version.txt', true],
  ['version-old.txt', false]
])('%s knows --call: %s', (file, knows) => {
  const buildx = parseVersion(recordedText(file))
  expect(buildx !== undefined && knowsCall({ buildx })).toBe(knows)
})

describe('a builder that will do', () => {
  test('is described', async () => {
    const exec = docker(current, result(recordedText('inspect-containerd.txt')))
    const builder = await inspectBuilder({ exec, show: () => Promise.resolve(0), log: silent }, 'auto')
    expect(builder).toMatchObject({ name: 'default', driver: 'docker', created: false, buildx: { minor: 29 } })
    expect(builder).not.toHaveProperty('flag')
  })

  test('is named where the user named it', async () => {
    const asked: Command[] = []
    const answer = docker(current, result(recordedText('inspect-containerd.txt')))
    const exec: Exec = (command) => {
      asked.push(command)
      return answer(command)
    }
    const builder = await inspectBuilder({ exec, show: () => Promise.resolve(0), log: silent }, 'mine')
    expect(builder.flag).toBe('mine')
    expect(asked.map(({ args }) => args.join(' ')).sort()).toEqual(['buildx inspect mine', 'buildx version'])
  })
})

describe('one that will not', () => {
  const inspect = result(recordedText('inspect-containerd.txt'))
  const noDaemon = recordedText('inspect-no-daemon.txt')

  test.each<[string, Exec, string, object]>([
    [
      'there is no docker',
      () => Promise.reject(new ProgramMissing('docker')),
      'auto',
      { kind: 'engine', message: 'there is no docker command on this runner' }
    ],
    [
      'there is no buildx',
      docker(result('', 1, "docker: 'buildx' is not a docker command.\nSee 'docker --help'"), inspect),
      'auto',
      { kind: 'engine', message: "docker has no buildx (docker: 'buildx' is not a docker command.)" }
    ],
    [
      'buildx is too old',
      docker(result('github.com/docker/buildx v0.12.1 abc'), inspect),
      'auto',
      { kind: 'engine', message: 'buildx v0.12.1 is too old', fix: expect.stringContaining('0.13') }
    ],
    [
      'the engine does not answer',
      docker(current, result(noDaemon)),
      'auto',
      {
        kind: 'engine',
        message: expect.stringContaining('Cannot connect to the Docker daemon at unix:///no/such.sock')
      }
    ],
    [
      'the builder does not exist',
      docker(current, result('', 1, recordedText('inspect-missing.txt'))),
      'nosuch',
      { kind: 'input', problems: [{ input: 'builder', problem: 'there is no builder "nosuch"' }] }
    ],
    [
      'the current builder was removed',
      docker(current, result('', 1, recordedText('inspect-missing.txt'))),
      'auto',
      { kind: 'engine', message: 'the builder cannot be used: no builder "nosuch" found' }
    ]
  ])('because %s', async (_, exec, requested, failure) => {
    expect(await stopOf(exec, requested)).toMatchObject(failure)
  })

  test.each(['BUILDX_BUILDER', 'DOCKER_CONTEXT'])('because %s names one that is not there', async (variable) => {
    const exec = docker(current, result('', 1, recordedText('inspect-missing.txt')))
    const problem = expect.stringContaining('names "nosuch"')
    expect(await stopOf(exec, 'auto', { [variable]: 'nosuch' })).toMatchObject({
      kind: 'input',
      problems: [{ input: variable, problem }]
    })
    expect(await stopOf(exec, 'auto', { [variable]: 'other' })).toMatchObject({ kind: 'engine' })
  })
})

describe('what a builder lacks', () => {
  const classic = { classicStore: true } as const satisfies Partial<Builder>
  const needs = {
    cacheExport: true,
    platforms: ['linux/amd64', 'linux/arm64'],
    exports: [{ input: 'outputs', what: 'the output "type=oci"' }]
  }
  const builder = (change: Partial<Builder>): Builder => ({
    name: 'default',
    driver: 'docker',
    buildx: { major: 0, minor: 29, text: '0.29.1' },
    classicStore: false,
    platforms: [],
    nodes: [],
    created: false,
    ...change
  })

  test('with the classic store', () => {
    expect(findLacks(builder(classic), needs)).toEqual([
      { input: 'cache-to', what: 'writing a registry cache' },
      { input: 'platforms', what: 'building several platforms' },
      { input: 'outputs', what: 'the output "type=oci"' }
    ])
    expect(findLacks(builder(classic), { cacheExport: false, platforms: ['linux/arm64'], exports: [] })).toEqual([])
  })

  test('with any other, nothing', () => {
    expect(findLacks(builder({}), needs)).toEqual([])
  })
})
