/**
 * The classic image store, which a hosted runner may have: no OCI layout, no cache export, no attestations, one platform.
 * What it can do is done the long way round; for the rest a builder is made, or the run says what to change.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFile, execFileSync } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { canStartEngine, registryManifest, registryTags, startEngine, type Engine } from '../support/engine.js'
import type { StepResult } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { imageManifest, weigh } from './support/image.js'
import { expectExit } from './support/log.js'
import { startFaultyRegistry } from './support/faults.js'
import { processesWith, until } from './support/processes.js'
import { expectEngineClean, expectNothingLeft, expectRefused, plain } from './support/refusal.js'
import { docker, job, linkedJob, startLinkedProject, startProject } from './support/variety.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

const run = promisify(execFile)

const ownEngine = canStartEngine() ? describe : describe.skip

ownEngine('the classic image store', () => {
  let engine: Engine
  let workspace: Workspace

  beforeAll(async () => {
    engine = await startEngine({ store: 'classic', name: 'classic' })
    workspace = await startProject()
  })

  afterAll(async () => {
    await workspace[Symbol.asyncDispose]()
    await expectEngineClean(engine.env)
    await engine[Symbol.asyncDispose]()
  })

  /** Runs it, and ends it with SIGKILL as soon as `moment` has come. */
  async function runKilled(
    project: Workspace,
    inputs: Readonly<Record<string, string>>,
    moment: () => Promise<unknown>
  ): Promise<StepResult> {
    const killed = Promise.withResolvers<void>()
    const running = project.run(inputs, {
      env: engine.env,
      onStart: (child) => {
        moment().then(() => {
          child.kill('SIGKILL')
          killed.resolve()
        }, killed.reject)
      }
    })
    await killed.promise
    const result = await running
    expect(result.exitCode).toBe(137)
    return result
  }

  test('gate, inspection, load and push', async () => {
    const repository = freshRepository()
    const tag = `${repository.reference}:1`
    const result = await workspace.run({ ...job, push: 'true', load: 'true', tags: tag }, { env: engine.env })
    expectExit(result, 0)
    expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true', layers: '3', steps: '3' })
    await expectNothingLeft(result)

    // The engine's own size counts blocks; ours is that of the content.
    expect(result.outputs.size).toBe(String((await weigh(repository.name, '1')).size))
    expect(result.outputs['transfer-size']).toBeUndefined()
    expect(result.summary).not.toContain('Transfer')

    // Lines of the user's Dockerfile, from the engine's own provenance.
    expect(result.summary).toMatch(/100\.0.kB .*Dockerfile#L6\) `RUN dd if=\/dev\/zero/)

    const pushed = await registryManifest(sharedRegistry(), repository.name, '1')
    const imageID = await docker(engine.env, 'image', 'inspect', '--format', '{{.Id}}', tag)
    expect(pushed?.digest).toBe(result.outputs.digest)
    expect(pushed?.config?.digest).toBe(result.outputs.imageid)
    expect(imageID).toBe(result.outputs.imageid)
  })

  long.test('load alone', async () => {
    const tag = `${fresh('app')}:1`
    const result = await workspace.run({ ...job, load: 'true', tags: tag }, { env: engine.env })
    expectExit(result, 0)
    expect(result.outputs.published).toBe('true')
    expect(await docker(engine.env, 'image', 'inspect', '--format', '{{.Id}}', tag)).toBe(result.outputs.imageid)
  })

  test('a red gate', async () => {
    await using red = await startProject(`echo 1 of 7 failed ${fresh()}; exit 7`)
    const result = await expectRefused(red, { env: engine.env, says: ['Dockerfile:4', 'exit code 7', '1 of 7 failed'] })
    expect(result.outputs.gate).toBe('failed')
  })

  describe('targets that are built upon each other', () => {
    test('are the image that bake makes', async () => {
      const [repository, other] = [freshRepository(), freshRepository()]
      await using linked = await startLinkedProject({ image: `${repository.reference}:1` })
      const result = await linked.run(linkedJob, { env: engine.env })
      expectExit(result, 0)
      expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true', layers: '2' })
      expect(result.summary).toContain('`target:tools:build`')
      await expectNothingLeft(result)
      await run('docker', ['buildx', 'bake', '--push'], {
        cwd: linked.folder,
        env: { ...process.env, ...engine.env, IMAGE: `${other.reference}:1` }
      })
      expect((await registryManifest(sharedRegistry(), other.name, '1'))?.digest).toBe(result.outputs.digest)
    })

    long.test('are told by their names where they fail', async () => {
      await using linked = await startLinkedProject({ image: `${freshRepository().reference}:1`, tool: 'exit 7' })
      await expectRefused(linked, {
        env: engine.env,
        with: { ...linkedJob, tags: '' },
        says: ['target:tools:build', 'exit code 7', '--set tools.target=build']
      })
    })
  })

  long.test('a push that fails is a failed push', async () => {
    const { summary } = await expectRefused(workspace, {
      env: engine.env,
      with: { tags: '127.0.0.1:9/app:1' },
      says: ['failed to push 127.0.0.1:9/app:1', 'connection refused', 'Run the job again']
    })
    expect(summary).toContain('the push failed')
  })

  long.test('a cache to write wants another builder; where none can be had, it is left out and said', async () => {
    const cache = freshRepository()
    const result = await workspace.run({ ...job, 'cache-image': cache.reference }, { env: engine.env })
    expectExit(result, 0)
    expect(result.outputs.gate).toBe('passed')
    // On a machine that can pull, the builder is made instead, and the cache is there.
    const written = (await registryTags(sharedRegistry(), cache.name)).length > 0
    if (written) {
      expect(result.summary).toContain('docker-container driver')
      await result.post()
    } else {
      expect(result.log).toContain('buildx create --name stagegate-')
      expect(result.log).toContain('--driver docker-container --driver-opt network=host')
      expect(result.summary).toContain('The cache was not written.')
      expect(result.summary).toContain('docker/setup-buildx-action')
      await expectNothingLeft(result)
    }
    await expectEngineClean(engine.env)
  })

  test.each(
    some(
      [
        ['several platforms', { platforms: 'linux/amd64,linux/arm64' }, 'several platforms'],
        ['attestations', { provenance: 'mode=max' }, 'attestations'],
        ['an OCI layout', { outputs: 'type=oci,dest=image.tar' }, 'the output "type=oci,dest=image.tar"'],
        ['an archive', { outputs: 'type=docker,dest=image.tar' }, 'the output "type=docker,dest=image.tar"'],
        ['a compression', { outputs: 'type=image,name=a/b,compression=zstd' }, 'compression=zstd"'],
        ['annotations of an output', { outputs: 'type=image,name=a/b,annotation-index.a=b' }, 'annotation-index.a=b"'],
        ['annotations', { annotations: 'a=b' }, 'cannot do: annotations']
      ],
      1
    )
  )('%s want another builder; where none can be had, the run stops', async (_, inputs, lack) => {
    await using own = await startProject()
    const result = await own.run({ ...job, ...inputs }, { env: { ...engine.env, GITHUB_JOB: fresh('job') } })
    const made = result.summary.includes('docker-container driver')
    if (!made) {
      expectExit(result, 1)
      expect(result.summary).toContain('the Docker engine failed, nothing was published')
      expect(plain(result.summary)).toContain(lack)
      expect(result.summary).toContain('docker/setup-buildx-action')
      expect(result.log).not.toContain('[test ')
      await expectNothingLeft(result)
    } else await result.post()
    await expectEngineClean(engine.env)
  })

  long.test('a folder and a tar are written, beside what is pushed and what the engine keeps', async () => {
    await using own = await startProject()
    const [pushed, kept] = [freshRepository(), freshRepository()]
    const outputs = `type=local,dest=out\ntype=tar,dest=files.tar\ntype=image,name=${kept.reference}:1`
    const result = await own.run({ ...job, push: 'true', tags: `${pushed.reference}:1`, outputs }, { env: engine.env })
    expectExit(result, 0)
    expect((await readdir(own.folder)).sort()).toEqual(['Dockerfile', 'files.tar', 'out'])
    expect(await readFile(path.join(own.folder, 'out/app'))).toHaveLength(100_000)
    expect(execFileSync('tar', ['-tf', path.join(own.folder, 'files.tar')]).toString()).toContain('app\n')
    expect((await imageManifest(pushed.name, '1')).config?.digest).toBe(result.outputs.imageid)
    await expectNothingLeft(result)
  })

  long.test('a docker output without a destination goes to the engine, as load does', async () => {
    const tag = `${fresh('app')}:1`
    const result = await workspace.run({ ...job, tags: tag, outputs: 'type=docker' }, { env: engine.env })
    expectExit(result, 0)
    expect(await docker(engine.env, 'image', 'inspect', '--format', '{{.Id}}', tag)).toBe(result.outputs.imageid)
  })

  long.test('attestations that are turned off are none to stop for', async () => {
    const repository = freshRepository()
    const result = await workspace.run(
      { ...job, push: 'true', provenance: 'false', sbom: 'false', tags: `${repository.reference}:1` },
      { env: engine.env }
    )
    expectExit(result, 0)
    expect((await imageManifest(repository.name, '1')).config?.digest).toBe(result.outputs.imageid)
  })

  long.test('a kill in the middle of the inspection leaves a tag, which post removes', async () => {
    await using large = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')}\nRUN dd if=/dev/zero of=/large bs=1M count=400\n`
    })
    const inspected = () => docker(engine.env, 'image', 'ls', '--quiet', 'stagegate-inspect')
    const result = await runKilled(large, {}, () => until('the inspection', 60, async () => (await inspected()) !== ''))
    await result.post()
    expect(await inspected()).toBe('')
    expect(await readdir(result.temporary)).toEqual([])
  })

  test('a kill in the middle of a push, and no post: the push ends, and the next run removes the tag', async () => {
    await using registry = await startFaultyRegistry(sharedRegistry())
    registry.misbehave((method) => (method === 'PUT' || method === 'PATCH' ? { kind: 'silence' } : undefined))
    const name = `${registry.address}/e2e/${fresh('killed')}:1`
    const inspected = () => docker(engine.env, 'image', 'ls', '--quiet', 'stagegate-inspect')
    const result = await runKilled(workspace, { ...job, push: 'true', tags: name }, () =>
      until('the push', 60, () => processesWith(`push --quiet ${name}`).length > 0)
    )
    expect(await inspected()).not.toBe('')
    // Without post: what guards the folder has removed it by now, and the tag is there for the next run.
    await until('the folder to be gone', 20, async () => (await readdir(result.temporary)).length === 0)

    await until('the push to end', 20, () => processesWith(`push --quiet ${name}`).length === 0)

    const next = await workspace.run(job, { env: engine.env })
    expectExit(next, 0)
    expect(await inspected()).toBe('')
    await docker(engine.env, 'image', 'rm', name)
  })
})
