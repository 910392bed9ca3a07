import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  makeBuilder,
  planAutoBuilder,
  readEngineRegistries,
  type AutoBuilderWishes
} from '../../src/buildkit/auto_builder.js'
import type { Exec, ExecResult, Log } from '../../src/ports.js'
import { recordedText } from '../fixtures/recorded.js'

const none = { mirrors: [], insecure: [], insecureNetworks: [] }
const wishes: AutoBuilderWishes = { job: 'o/r/1', networks: [''], allow: [], texts: [], registries: none }

describe('a plan', () => {
  test.each<[string, Partial<AutoBuilderWishes>]>([
    ['the input network', { networks: ['', 'host'] }],
    ['an entitlement', { allow: ['network.host'] }],
    ['an address on loopback', { texts: ['localhost:5000/app:1'] }]
  ])('takes the host’s network for %s', (_, change) => {
    const plan = planAutoBuilder({ ...wishes, ...change })
    expect(plan.hostNetwork).toBe(true)
    expect(plan.name).toMatch(/^stagegate-[0-9a-f]{12}$/)
    // A step with another need does not find a builder that cannot meet it.
    expect(plan.name).not.toBe(planAutoBuilder(wishes).name)
  })

  test('is the same for another step with the same needs, and another for another job', () => {
    expect(planAutoBuilder({ ...wishes, texts: ['ghcr.io/a/b:2'] })).toEqual(planAutoBuilder(wishes))
    expect(planAutoBuilder({ ...wishes, job: 'o/r/2' }).name).not.toBe(planAutoBuilder(wishes).name)
    expect(planAutoBuilder(wishes)).toMatchObject({ hostNetwork: false, flags: '', configuration: '' })
  })

  test('grants what is allowed', () => {
    expect(planAutoBuilder({ ...wishes, allow: ['security.insecure'] }).flags).toContain(
      '--allow-insecure-entitlement security.insecure'
    )
  })

  test('reaches registries as the engine does', () => {
    const text = JSON.stringify({
      RegistryConfig: {
        Mirrors: ['https://mirror.example.com/hub/', 'http://10.0.0.7:5001/'],
        InsecureRegistryCIDRs: ['127.0.0.0/8', '::1/128', '10.0.0.0/8'],
        IndexConfigs: { 'docker.io': { Secure: true }, 'registry.lan:5000': { Secure: false } }
      }
    })
    const registries = readEngineRegistries(text)
    const texts = ['10.1.2.3:5000/app:1', '192.0.2.1:5000/app:1', '127.0.0.1:5000/app:1']
    expect(planAutoBuilder({ ...wishes, texts, registries }).configuration).toBe(
      [
        '[registry."docker.io"]',
        '  mirrors = ["mirror.example.com/hub", "10.0.0.7:5001"]',
        '[registry."10.0.0.7:5001"]',
        '  http = true',
        '  insecure = true',
        '[registry."10.1.2.3:5000"]',
        '  http = true',
        '  insecure = true',
        '[registry."registry.lan:5000"]',
        '  http = true',
        '  insecure = true',
        ''
      ].join('\n')
    )
  })

  test.each([
    ['10.0.0.0/8', true],
    ['10.1.2.3/32', true],
    ['10.1.2.3', true],
    ['10.0.0.5', false],
    ['10.0.0.5/', false],
    ['10.1.0.0/x', false]
  ])('lets a registry be insecure by the network %s: %s', (network, isInsecure) => {
    const registries = { ...none, insecureNetworks: [network] }
    const { configuration } = planAutoBuilder({ ...wishes, texts: ['FROM 10.1.2.3:5000/app'], registries })
    expect(configuration).toBe(isInsecure ? '[registry."10.1.2.3:5000"]\n  http = true\n  insecure = true\n' : '')
  })

  test.each(['', 'nonsense', '{}', '{"RegistryConfig":{"Mirrors":null}}'])(
    'takes %s for an engine with no wishes',
    (text) => {
      expect(readEngineRegistries(text)).toEqual(none)
    }
  )
})

describe('a builder', () => {
  const plan = planAutoBuilder({ ...wishes, networks: ['host'], registries: { ...none, insecure: ['r.lan'] } })
  const buildx = { major: 0, minor: 29, text: 'v0.29.1' }
  const refused =
    'ERROR: failed to do request: Head "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout'
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stagegate-auto-'))
  })

  afterAll(() => rm(folder, { recursive: true }))

  type Script = {
    readonly exists?: boolean
    /** What `create` says; a builder that appears meanwhile is another step's. */
    readonly create?: string
    readonly appears?: boolean
    /** What each try to boot says; empty for a success. */
    readonly boots?: readonly string[]
  }

  /** Runs `makeBuilder` with a docker on which builders come and go; what was run, and what came of it. */
  async function make({ exists = false, create = '', appears = false, boots = [''] }: Script) {
    let there = exists
    let tries = 0
    const asked: string[] = []
    const events: string[] = []
    let configuration = ''
    const answer = (stdout: string, stderr = ''): ExecResult => ({
      ...{ stdout, stderr, exitCode: stderr === '' ? 0 : 1, timedOut: false }
    })
    const exec: Exec = async ({ args }) => {
      asked.push(
        args
          .join(' ')
          .replace(folder, 'FOLDER')
          .replace(/stagegate-builder-\w+/, 'OWN')
      )
      const [, verb, flag] = args
      if (verb === 'version') return answer(recordedText('version.txt'))
      if (verb === 'create') {
        configuration = await readFile(args.at(-1) ?? '', 'utf8')
        there = create === '' || appears
        return answer('', create)
      }
      if (flag === '--bootstrap') return answer('', boots[tries++] ?? '')
      if (!there) return answer('', `ERROR: no builder "${plan.name}" found`)
      return answer(`Name: ${plan.name}\nDriver: docker-container\n\nNodes:\nName: ${plan.name}0\nStatus: running\n`)
    }
    const log: Log = {
      ...{ info: () => undefined, untrusted: () => undefined, notice: () => undefined, warning: () => undefined },
      ...{ error: () => undefined, debug: () => undefined, group: (_, body) => body() }
    }
    const show = ({ args }: { readonly args: readonly string[] }): Promise<number> => {
      events.push(args.join(' '))
      return Promise.resolve(0)
    }
    const made = await makeBuilder({ exec, log, show }, plan, {
      ...{ buildx, folder, pauses: [1, 1] },
      onCreate: () => events.push('noted'),
      onShared: () => events.push('dropped')
    })
    return { made, asked, events, configuration, tries }
  }

  test('is created, noted before, and started', async () => {
    const { made, asked, events, configuration } = await make({})
    expect(made).toMatchObject({ builder: { name: plan.name, flag: plan.name, created: true }, notes: [] })
    expect(asked).toContain(
      `buildx create --name ${plan.name} --driver docker-container --driver-opt network=host --buildkitd-config FOLDER/OWN/buildkitd.toml`
    )
    expect(configuration).toBe('[registry."r.lan"]\n  http = true\n  insecure = true\n')
    expect(events).toEqual(['noted'])
    expect(await readdir(folder)).toEqual([])
  })

  test('is found again by the next step', async () => {
    const { made, asked, events } = await make({ exists: true })
    expect(made).toMatchObject({ builder: { created: false }, notes: [] })
    expect(asked.join('\n')).not.toContain('buildx create')
    expect(events).toEqual([])
  })

  test('is another step’s where both started at once', async () => {
    const { made, events } = await make({
      create: 'ERROR: existing instance for "x" but no append mode',
      appears: true
    })
    expect(made).toMatchObject({ builder: { created: false } })
    expect(events).toEqual(['noted', 'dropped'])
  })

  test('that cannot be created is a reason', async () => {
    const { made, events } = await make({ create: 'ERROR: no valid drivers found' })
    expect(made).toEqual({ reason: 'no valid drivers found' })
    expect(events).toEqual(['noted'])
  })

  test('is started again where that may help, and told', async () => {
    const { made, tries } = await make({ boots: [refused, 'ERROR: name is already in use by container', ''] })
    expect(tries).toBe(3)
    expect(made).toMatchObject({ notes: [expect.stringMatching(/^The builder started at the third try, after /)] })
  })

  test('that never starts is removed, after three tries', async () => {
    const { made, events, tries } = await make({ boots: [refused, refused, refused, ''] })
    expect(tries).toBe(3)
    expect(made).toEqual({ reason: refused.replace('ERROR: ', '') })
    expect(events).toEqual(['noted', `buildx rm --force ${plan.name}`])
  })

  test('that never starts is left to the step that made it', async () => {
    const { events } = await make({ exists: true, boots: ['ERROR: pull access denied'] })
    expect(events).toEqual([])
  })

  test('is not started again where that cannot help', async () => {
    const { tries } = await make({ boots: ['ERROR: pull access denied for moby/buildkit, 500', ''] })
    expect(tries).toBe(1)
  })
})
