import { describe, expect, test } from '@jest/globals'
import {
  createBuilder,
  findLacks,
  inspectBuilder,
  knowsCall,
  parseInspection,
  parseVersion,
  removeBuilderCommand,
  type Builder
} from '../../src/buildkit/builder.js'
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

async function stopOf(exec: Exec, requested = 'auto'): Promise<unknown> {
  try {
    await inspectBuilder({ exec, show: () => Promise.resolve(0), log: silent }, requested)
  } catch (error) {
    if (error instanceof Stop) return error.failure
    throw error
  }
  throw new Error('it was accepted')
}

const current = result(recordedText('version.txt'))

describe('docker buildx inspect', () => {
  test.each([
    ['inspect-containerd.txt', false],
    ['inspect-old.txt', false],
    ['inspect-classic.txt', true]
  ])('%s is the classic store: %s', (file, classicStore) => {
    const { builder, error } = parseInspection(recordedText(file))
    expect(error).toBeUndefined()
    expect(builder).toMatchObject({ name: 'default', driver: 'docker', classicStore })
    expect(builder.platforms).toContain('linux/amd64')
    expect(builder.buildkit).toBeUndefined() // the docker driver says v0.0.0+unknown
  })

  test('a docker-container builder', () => {
    const text = [
      'Name:          builder-1',
      'Driver:        docker-container',
      '',
      'Nodes:',
      'Name:                  builder-10',
      'Status:                running',
      'BuildKit version:      v0.31.0',
      'Platforms:             linux/amd64*, linux/arm64'
    ].join('\n')
    expect(parseInspection(text).builder).toEqual({
      name: 'builder-1',
      driver: 'docker-container',
      classicStore: false,
      platforms: ['linux/amd64*', 'linux/arm64'],
      buildkit: 'v0.31.0'
    })
  })

  test('one without an engine', () => {
    expect(parseInspection(recordedText('inspect-no-daemon.txt')).error).toBe(
      'Cannot connect to the Docker daemon at unix:///no/such.sock. Is the docker daemon running?'
    )
  })

  test('nothing', () => {
    expect(parseInspection('').builder).toMatchObject({ name: '', driver: '', platforms: [] })
  })
})

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
})

describe('what a builder lacks', () => {
  const classic = { classicStore: true } as const satisfies Partial<Builder>
  const needs = { cacheExport: true, platforms: ['linux/amd64', 'linux/arm64'], exports: ['the output "type=oci"'] }
  const builder = (change: Partial<Builder>): Builder => ({
    name: 'default',
    driver: 'docker',
    buildx: { major: 0, minor: 29, text: '0.29.1' },
    classicStore: false,
    platforms: [],
    created: false,
    ...change
  })

  test('with the classic store', () => {
    expect(findLacks(builder(classic), needs)).toEqual([
      'writing a registry cache',
      'building several platforms',
      'the output "type=oci"'
    ])
    expect(findLacks(builder(classic), { cacheExport: false, platforms: ['linux/arm64'], exports: [] })).toEqual([])
  })

  test('with any other, nothing', () => {
    expect(findLacks(builder({}), needs)).toEqual([])
  })
})

describe('a builder of our own', () => {
  const name = 'stagegate-0123456789ab'
  const container = result(`Name: ${name}\nDriver: docker-container\nBuildKit version: v0.31.0\n`)

  /** Runs `createBuilder` with a docker on which builders come and go; what was run, and what came of it. */
  async function create(existing: boolean, works: boolean, hostNetwork = false) {
    const shown: string[] = []
    let exists = existing
    const noted: string[] = []
    const exec: Exec = ({ args }) =>
      Promise.resolve(
        args[1] === 'version' ? current : exists ? container : result('', 1, `ERROR: no builder "${name}" found`)
      )
    const show = ({ args }: Command): Promise<number> => {
      shown.push(args.join(' '))
      if (args[1] === 'create' && works) exists = true
      return Promise.resolve(args[1] === 'create' && !works ? 1 : 0)
    }
    const made = await createBuilder({ exec, show, log: silent }, name, {
      hostNetwork,
      onCreate: () => noted.push('noted')
    })
    return { made, shown, noted }
  }

  test('is created, and noted before', async () => {
    const { made, shown, noted } = await create(false, true)
    expect(made).toMatchObject({ name, flag: name, driver: 'docker-container', created: true, buildkit: 'v0.31.0' })
    expect(shown).toEqual([`buildx create --name ${name} --driver docker-container --bootstrap`])
    expect(noted).toEqual(['noted'])
  })

  test('reaches the runner’s own addresses where it must', async () => {
    const { shown } = await create(false, true, true)
    expect(shown[0]).toContain('--driver-opt network=host')
  })

  test('is found again by the next step', async () => {
    const { made, shown, noted } = await create(true, true)
    expect(made).toMatchObject({ name, created: false })
    expect([shown, noted]).toEqual([[], []])
  })

  test('that cannot be had is removed again', async () => {
    const { made, shown } = await create(false, false)
    expect(made).toBeUndefined()
    expect(shown.at(-1)).toBe(removeBuilderCommand(name).args.join(' '))
  })
})
