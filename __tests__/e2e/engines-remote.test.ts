/**
 * A builder that is no part of the engine (the `remote` driver; the docker-container driver takes the same way), several
 * platforms, and several nodes.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import {
  canStartEngine,
  registryManifest,
  registryTags,
  sharedEngine,
  startEngine,
  startProxyBuilder,
  type Builder,
  type Engine,
  type RegistryManifest
} from '../support/engine.js'
import { long, some } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { expectEngineClean, expectNothingLeft, expectRefused } from './support/refusal.js'
import { docker, job, linkedJob, startLinkedProject, startPortableProject, startProject } from './support/variety.js'
import { fresh, freshRepository, sharedRegistry, type Workspace } from './support/workspace.js'

jest.setTimeout(120_000)

const run = promisify(execFile)

// The proxy speaks to a unix socket: here, that of the engine the tests share.
const shared = sharedEngine()
const platforms = 'linux/amd64,linux/arm64'

afterAll(() => expectEngineClean())

/** The images of an index by platform, without attestations. */
function imagesOf(index: RegistryManifest | undefined): Record<string, string> {
  type Entry = { readonly digest: string; readonly platform?: { readonly os: string; readonly architecture: string } }
  const { manifests = [] } = (index?.document ?? {}) as { readonly manifests?: readonly Entry[] }
  const images = manifests.map(({ digest, platform }) => [
    `${platform?.os ?? ''}/${platform?.architecture ?? ''}`,
    digest
  ])
  return Object.fromEntries(images.filter(([platform]) => platform !== 'unknown/unknown')) as Record<string, string>
}

describe('a remote builder', () => {
  let builder: Builder
  let workspace: Workspace

  beforeAll(async () => {
    builder = await startProxyBuilder({ env: shared })
    workspace = await startProject()
  })

  afterAll(async () => {
    await workspace[Symbol.asyncDispose]()
    await builder[Symbol.asyncDispose]()
  })

  test('gate, inspection, push, load and cache', async () => {
    const repository = freshRepository()
    const cache = freshRepository()
    const tag = `${repository.reference}:1`
    const inputs = {
      ...job,
      builder: builder.name,
      push: 'true',
      load: 'true',
      tags: tag,
      'cache-image': cache.reference
    }
    const result = await workspace.run(inputs)
    expectExit(result, 0)
    expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true', layers: '3' })
    expect(result.summary).toContain('remote driver')
    await expectNothingLeft(result)

    // The id that `docker run` takes; it is of the bytes that were pushed.
    expect(await docker({}, 'image', 'inspect', '--format', '{{.Id}}', tag)).toBe(result.outputs.imageid)
    expect(result.outputs.imageid).toBe(result.outputs.digest)
    expect((await registryManifest(sharedRegistry(), repository.name, '1'))?.digest).toBe(result.outputs.digest)
    expect(await registryTags(sharedRegistry(), cache.name)).toHaveLength(1)
    expect(await docker({}, 'run', '--rm', '--network', 'none', tag, 'stat', '-c', '%s', '/app')).toBe('100000')
    // This builder keeps what it pushes in the engine that the image was then loaded into, under the same name.
    await docker({}, 'image', 'rm', result.outputs.digest ?? '')
  })

  test('load alone brings the inspected image into the engine', async () => {
    const tag = `${fresh('app')}:1`
    const result = await workspace.run({ ...job, builder: builder.name, load: 'true', tags: tag })
    expectExit(result, 0)
    expect(result.outputs.published).toBe('true')
  })

  long.test('targets that are built upon each other', async () => {
    const repository = freshRepository()
    await using linked = await startLinkedProject({ image: `${repository.reference}:1` })
    const inputs = { ...linkedJob, builder: builder.name, 'cache-image': `${repository.reference}-cache` }
    const result = await linked.run(inputs)
    expectExit(result, 0)
    expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true', layers: '2' })
    expect(result.summary).toContain('`target:tools:build`')
    await expectNothingLeft(result)
    expect((await registryManifest(sharedRegistry(), repository.name, '1'))?.digest).toBe(result.outputs.digest)
    expect(await registryTags(sharedRegistry(), `${repository.name}-cache`)).toHaveLength(1)
  })

  long.test('a red gate', async () => {
    await using red = await startProject(`echo 1 of 7 failed ${fresh()}; exit 7`)
    const result = await expectRefused(red, {
      with: { builder: builder.name },
      says: ['Dockerfile:4', 'exit code 7', '1 of 7 failed']
    })
    expect(result.outputs.gate).toBe('failed')
  })
})

describe('several platforms', () => {
  test.each(
    some(
      [
        ['pushed', {}],
        ['pushed without attestations', { provenance: 'false' }]
      ],
      1
    )
  )('%s are the inspected ones', async (_, inputs) => {
    await using workspace = await startPortableProject()
    const repository = freshRepository()
    const result = await workspace.run({
      ...job,
      ...inputs,
      platforms,
      push: 'true',
      tags: `${repository.reference}:1`
    })
    expectExit(result, 0)
    await expectNothingLeft(result)
    const index = await registryManifest(sharedRegistry(), repository.name, '1')
    expect(index?.digest).toBe(result.outputs.digest)
    const images = imagesOf(index)
    expect(Object.keys(images).sort()).toEqual(platforms.split(','))
    expect(new Set(Object.values(images)).size).toBe(2)
    // The summary names the manifests that were inspected.
    for (const digest of Object.values(images)) expect(result.summary).toContain(digest)
    expect(result.outputs.layers).toBeUndefined()
  })

  long.test('loaded are the inspected ones', async () => {
    await using workspace = await startPortableProject()
    const tag = `${fresh('app')}:1`
    const result = await workspace.run({ ...job, platforms, load: 'true', tags: tag })
    expectExit(result, 0)
    expect(result.outputs.published).toBe('true')
  })

  long.test("of which one is not this machine's", async () => {
    await using workspace = await startPortableProject()
    const repository = freshRepository()
    const tag = `${repository.reference}:1`
    const result = await workspace.run({ ...job, platforms: 'linux/arm64', push: 'true', load: 'true', tags: tag })
    expectExit(result, 0)
    expect(result.summary).toContain('`linux/arm64`')
    expect((await registryManifest(sharedRegistry(), repository.name, '1'))?.digest).toBe(result.outputs.imageid)
  })
})

const ownEngine = canStartEngine() ? describe : describe.skip

ownEngine('several nodes', () => {
  let second: Engine
  let builder: Builder

  beforeAll(async () => {
    second = await startEngine({ name: 'node' })
    builder = await startProxyBuilder({
      env: shared,
      nodes: [
        { host: shared.DOCKER_HOST, platform: 'linux/amd64' },
        { host: second.env.DOCKER_HOST, platform: 'linux/arm64' }
      ]
    })
  })

  afterAll(async () => {
    await builder[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
  })

  test('test and build every platform, each on its own', async () => {
    await using workspace = await startPortableProject()
    const repository = freshRepository()
    const result = await workspace.run({
      ...{ ...job, builder: builder.name, platforms, push: 'true', tags: `${repository.reference}:1` }
    })
    expectExit(result, 0)
    expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    for (const platform of platforms.split(',')) expect(result.log).toMatch(new RegExp(`\\[${platform}\\S* test `))
    const index = await registryManifest(sharedRegistry(), repository.name, '1')
    expect(index?.digest).toBe(result.outputs.digest)
    const images = imagesOf(index)
    expect(Object.keys(images).sort()).toEqual(platforms.split(','))
    for (const digest of Object.values(images)) expect(result.summary).toContain(digest)
    await expectNothingLeft(result)
  })

  describe('build targets upon each other', () => {
    test('on each of them, as bake does', async () => {
      const [repository, other] = [freshRepository(), freshRepository()]
      await using linked = await startLinkedProject({
        platforms: platforms.split(','),
        image: `${repository.reference}:1`
      })
      const result = await linked.run({ ...linkedJob, builder: builder.name })
      expectExit(result, 0)
      expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true' })
      for (const platform of platforms.split(',')) expect(result.log).toContain(`[${platform} target:base:based `)
      await expectNothingLeft(result)
      await run('docker', ['buildx', 'bake', '--builder', builder.name, '--push'], {
        cwd: linked.folder,
        env: { ...process.env, IMAGE: `${other.reference}:1` }
      })
      const [ours, theirs] = await Promise.all(
        [repository, other].map(({ name }) => registryManifest(sharedRegistry(), name, '1'))
      )
      expect(ours?.digest).toBe(result.outputs.digest)
      expect(imagesOf(ours)).toEqual(imagesOf(theirs))
    })

    long.test('and tell what fails of one, which ends it on the others', async () => {
      await using linked = await startLinkedProject({
        ...{ platforms: platforms.split(','), tool: 'exit 7', image: `${freshRepository().reference}:1` }
      })
      const { summary } = await expectRefused(linked, {
        with: { ...linkedJob, tags: '', builder: builder.name },
        says: ['target:tools:build', 'exit code 7', '--set tools.target=build']
      })
      expect(summary).not.toMatch(/Dockerfile#L\d/)
    })

    long.test('and find them in the cache', async () => {
      const repository = freshRepository()
      await using linked = await startLinkedProject({
        platforms: platforms.split(','),
        image: `${repository.reference}:1`
      })
      const inputs = { ...linkedJob, builder: builder.name, 'cache-image': `${repository.reference}-cache` }
      expectExit(await linked.run(inputs), 0)
      expect(await registryTags(sharedRegistry(), `${repository.name}-cache`)).toHaveLength(2)
      await docker(second.env, 'buildx', 'prune', '--all', '--force')
      const again = await linked.run(inputs)
      expectExit(again, 0)
      expect(again.summary).toContain('| `target:tools:build` | from cache |')
    })
  })
})
