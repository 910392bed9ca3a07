/**
 * An image of a registry as the baseline: read by the run's own builder, with its logins and without the run's secrets.
 * One that cannot be had is said and never makes a run red.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { CacheService } from '../baseline/support/cache-service.js'
import { canStartEngine, startEngine, startRegistry } from '../support/engine.js'
import { pullRequestEvent, type StepOptions, type StepResult } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { recordBuildx, solves } from './support/buildx.js'
import { makeKey } from './support/keys.js'
import { expectExit } from './support/log.js'
import { expectEngineClean, expectNothingLeft } from './support/refusal.js'
import { docker, startPortableProject } from './support/variety.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sentinel,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

const job = { 'test-target': 'test', target: 'production' }

let workspace: Workspace
/** What is in the registry: the image with a megabyte less. */
let published: { readonly reference: string; readonly digest: string }

async function build(
  instructions: readonly string[],
  inputs: StepOptions['with'],
  options: Parameters<Workspace['run']>[1] = {},
  test = 'test -s /fresh'
): Promise<StepResult> {
  const lines = [...stages, 'FROM base AS test', `RUN ${test}`, 'FROM base AS production', ...instructions]
  await workspace.write({ Dockerfile: `${lines.join('\n')}\n` })
  return workspace.run({ ...job, ...inputs }, options)
}

let stages: readonly string[]

beforeAll(async () => {
  workspace = await startWorkspace({ 'app.txt': 'app', 'vendor/library.bin': Buffer.alloc(1_000_000, fresh()) })
  stages = [`FROM ${await baseImage('busybox')} AS base`, `RUN echo ${fresh()} > /fresh`]
  const { reference } = freshRepository()
  const result = await build(['COPY app.txt /'], { tags: `${reference}:1`, push: 'true', provenance: 'false' })
  expectExit(result, 0)
  published = { reference: `${reference}:1`, digest: result.outputs.digest ?? '' }
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await expectEngineClean()
})

/** `1.0 MB larger than REFERENCE`, and what made it so. */
function expectCompared(result: StepResult, digest = published.digest): void {
  expectExit(result, 0)
  expect(result.outputs['size-diff']).toBe('1000000')
  expect(result.summary).toMatch(/^## ✅ .*, 1\.0 MB larger than \S+$/m)
  expect(result.summary).toContain('COPY vendor /vendor')
  expect(result.summary).toContain('/vendor/library.bin')
  expect(result.summary).toContain(digest)
}

describe('an image in a registry', () => {
  test('is compared with, without the cache service and without what the run has', async () => {
    await using cache = await CacheService.start()
    await using recorder = await recordBuildx()
    const secret = sentinel()
    const result = await build(
      ['COPY vendor /vendor', 'COPY app.txt /'],
      {
        'compare-to': published.reference,
        ...{ secrets: `token=${secret}`, 'ssh-private-key': makeKey().privateKey, 'build-args': 'VERSION=1' },
        ...{ labels: 'a=b', 'build-contexts': 'other=.' }
      },
      { env: { ...cache.environment({ write: 'refs/heads/main', read: ['refs/heads/main'] }), ...recorder.env } }
    )
    expectCompared(result)
    expect(result.summary).toContain(`${published.reference} @ \`${published.digest.slice(7, 19)}\``)
    expect(result.summary).toContain(`read from the registry as \`${published.digest}\``)
    expect(cache.calls).toEqual([])
    const [baseline, ...others] = solves(await recorder.calls()).filter(({ args }) => args.includes('--pull'))
    expect(others).toEqual([])
    expect(baseline?.args.filter((arg) => arg.startsWith('--'))).toEqual([
      '--progress',
      '--metadata-file',
      '--file',
      '--pull',
      '--output'
    ])
    await expectNothingLeft(result, [secret])
  })

  test('that is the same, manifest and all, is nothing to pull', async () => {
    const again = { 'compare-to': published.reference, provenance: 'false' }
    const result = await build(['COPY app.txt /'], { ...again, tags: published.reference, push: 'true' })
    expectExit(result, 0)
    expect(result.outputs.digest).toBe(published.digest)
    expect([result.outputs['transfer-size-diff'], result.outputs['pull-cost']]).toEqual(['0', '0'])
  })

  long.test('is found by its digest', async () => {
    const reference = `${published.reference.replace(/:1$/, '')}@${published.digest}`
    expectCompared(await build(['COPY app.txt /', 'COPY vendor /vendor'], { 'compare-to': reference }))
  })

  long.test('is compared with in a run from a fork, too', async () => {
    const result = await build(
      ['COPY app.txt /', 'COPY vendor /vendor'],
      { 'compare-to': published.reference },
      { event: pullRequestEvent('mallory/app', 'mallory') }
    )
    expectCompared(result)
  })

  test('is read with the login of the machine', async () => {
    const auth = { user: 'someone', password: sentinel() }
    await using registry = await startRegistry({ auth })
    const config = await mkdtemp(path.join(os.tmpdir(), 'stagegate-config-'))
    try {
      // The plugins are in there, too.
      const usual = process.env.DOCKER_CONFIG ?? path.join(os.homedir(), '.docker')
      await cp(usual, config, {
        recursive: true,
        filter: (file) => !/^(?:config\.json$|\.tmp-)/.test(path.basename(file))
      })
      const login = Buffer.from(`${auth.user}:${auth.password}`).toString('base64')
      await writeFile(
        path.join(config, 'config.json'),
        JSON.stringify({ auths: { [registry.address]: { auth: login } } })
      )
      const env = { DOCKER_CONFIG: config }
      const tag = `${registry.address}/${fresh('app')}:1`
      const pushed = await build(['COPY app.txt /'], { tags: tag, push: 'true', provenance: 'false' }, { env })
      expectExit(pushed, 0)
      const instructions = ['COPY app.txt /', 'COPY vendor /vendor']
      expectCompared(await build(instructions, { 'compare-to': tag }, { env }), pushed.outputs.digest)

      // Nobody logged in: a note that says what to do, a limit that was not judged, and a green run.
      const stranger = await build(
        instructions,
        { 'compare-to': tag, 'max-increase': '0' },
        { event: pullRequestEvent() }
      )
      expectExit(stranger, 0)
      expect(stranger.summary).toContain('the registry refused it')
      expect(stranger.summary).toContain('docker/login-action')
      expectUnjudged(stranger)
    } finally {
      await rm(config, { recursive: true, force: true })
    }
  })

  long.test('is left where it is by a gate without an image', async () => {
    await using recorder = await recordBuildx()
    await build([], {})
    const result = await workspace.run(
      { 'test-target': 'test', 'compare-to': published.reference },
      { env: recorder.env }
    )
    expectExit(result, 0)
    expect(result.outputs.gate).toBe('passed')
    const calls = solves(await recorder.calls())
    expect(calls.length).toBeGreaterThan(0)
    expect(calls.filter(({ args }) => args.includes('--pull'))).toEqual([])
  })

  long.test('that lacks a platform is compared with on the others', async () => {
    await using portable = await startPortableProject()
    const tag = `${freshRepository().reference}:1`
    const inputs = { ...job, 'compare-to': tag, 'max-increase': '1%' }
    expectExit(
      await portable.run({
        ...job,
        tags: tag,
        push: 'true',
        platforms: 'linux/amd64,linux/s390x',
        provenance: 'false'
      }),
      0
    )
    const result = await portable.run(
      { ...inputs, platforms: 'linux/amd64,linux/arm64' },
      { event: pullRequestEvent() }
    )
    expectExit(result, 0)
    expect(result.summary).toMatch(/Not compared: `linux\/arm64`, which \S+ does not have\./)
    expectUnjudged(result)
    const warnings = result.annotations.filter(({ level }) => level === 'warning').map(({ text }) => text)
    expect(warnings.join('\n')).toContain('The baseline has no linux/arm64')

    // An image without an index is of one platform, whatever one asks for.
    const other = await portable.run({ ...job, 'compare-to': published.reference, platforms: 'linux/arm64' })
    expectExit(other, 0)
    expect(other.summary).toContain('could not be read: it has no image for this platform')
  })
})

function expectUnjudged(result: StepResult): void {
  expect(result.summary).toMatch(/^> \[!WARNING\]\n> .*`max-increase` was not judged/m)
  const warnings = result.annotations.filter(({ level }) => level === 'warning').map(({ text }) => text)
  expect(warnings.join('\n')).toContain('max-increase was not judged')
}

describe('an image that cannot be had', () => {
  test.each<[string, () => string, string]>(
    some(
      [
        ['is not there', () => `${freshRepository().reference}:none`, 'there is no such image'],
        ['is in a registry that is down', () => '127.0.0.1:9/app:1', 'the registry returned an error'],
        [
          'has another digest',
          () => `${sharedRegistry().address}/app@sha256:${'0'.repeat(64)}`,
          'there is no such image'
        ]
      ],
      1
    )
  )('because it %s is no baseline', async (_, reference, reason) => {
    const named = reference()
    const result = await build(
      ['COPY app.txt /'],
      { 'compare-to': named, 'max-increase': '0' },
      {
        event: pullRequestEvent()
      }
    )
    expectExit(result, 0)
    expect(result.summary).toContain(`could not be read: ${reason}`)
    expect(result.summary).toContain(named)
    expect(result.outputs['size-diff']).toBeUndefined()
    expectUnjudged(result)
  })

  long.test('because its registry never answers does not hold up a red run', async () => {
    const silent = await listenSilently()
    try {
      const reference = `127.0.0.1:${(silent.address() as AddressInfo).port}/app:1`
      const result = await build([], { 'compare-to': reference }, {}, 'exit 3')
      expectExit(result, 1)
      expect(result.summary).toMatch(/^## ❌ .*the tests failed/)
      await expectNothingLeft(result)
    } finally {
      silent.close()
    }
  })
})

/** Takes connections and says nothing. */
async function listenSilently(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).unref())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server.unref()
}

const ownEngine = canStartEngine() ? test : test.skip

ownEngine('the classic image store compares with an image, too', async () => {
  await using engine = await startEngine({ store: 'classic', name: 'compare-to' })
  const result = await build(
    ['COPY app.txt /', 'COPY vendor /vendor'],
    { 'compare-to': published.reference },
    { env: engine.env }
  )
  expectExit(result, 0)
  expect(result.outputs['size-diff']).toBe('1000000')
  expect(result.outputs['pull-cost']).toBeUndefined()
  expect(await docker(engine.env, 'image', 'ls', '--quiet', '--filter', 'reference=stagegate-inspect')).toBe('')
})
