/** Docker 26 with buildx 0.13, the oldest that is supported: the job is the same, what it cannot ask is left out and said. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { canStartEngine, registryManifest, registryTags, startEngine, type Engine } from '../support/engine.js'
import { long } from '../support/tiers.js'
import { weigh } from './support/image.js'
import { expectExit, ranSteps } from './support/log.js'
import { expectEngineClean, expectNothingLeft, expectRefused } from './support/refusal.js'
import { docker, job, linkedJob, startLinkedProject, startPortableProject, startProject } from './support/variety.js'
import { fresh, freshRepository, sharedRegistry, type Workspace } from './support/workspace.js'

jest.setTimeout(120_000)

const ownEngine = canStartEngine() ? describe : describe.skip
const skipped = 'This buildx has no --call'

ownEngine('the oldest engine', () => {
  let engine: Engine
  let workspace: Workspace

  beforeAll(async () => {
    engine = await startEngine({ release: 'old', name: 'old' })
    workspace = await startProject()
  })

  afterAll(async () => {
    await workspace[Symbol.asyncDispose]()
    await expectEngineClean(engine.env)
    await engine[Symbol.asyncDispose]()
  })

  test('is older than the pre-flight', async () => {
    expect(await docker(engine.env, 'buildx', 'version')).toMatch(/ v?0\.13\./)
  })

  test('gate, inspection, load, push and cache', async () => {
    const repository = freshRepository()
    const cache = freshRepository()
    const inputs = {
      ...job,
      push: 'true',
      load: 'true',
      tags: `${repository.reference}:1`,
      'cache-image': cache.reference
    }
    const first = await workspace.run(inputs, { env: engine.env })
    expectExit(first, 0)
    expect(first.outputs).toMatchObject({
      gate: 'passed',
      published: 'true',
      layers: '3',
      steps: '3',
      'cached-steps': '0'
    })
    expect(first.summary).toContain(skipped)
    expect(first.log).toContain('[test 1/1] RUN echo all tests passed')
    expect(first.log).toContain('test 1/1 │ all tests passed')
    await expectNothingLeft(first)

    // It tells no lines: the layers have their instructions from the image's own history.
    expect(first.summary).toContain('`RUN dd if=/dev/zero of=/app bs=1000 count=100`')
    // The layers have no lines; those of the steps are read off the Dockerfile.
    const [layers = '', build = ''] = first.summary.split('### Layers')[1]?.split('### Build') ?? []
    expect(layers).not.toContain('Dockerfile#L')
    expect(build).toContain('Dockerfile#L6) `RUN dd if=/dev/zero of=/app')

    const weight = await weigh(repository.name, '1')
    expect(first.outputs.digest).toBe((await registryManifest(sharedRegistry(), repository.name, '1'))?.digest)
    expect(await docker(engine.env, 'image', 'inspect', '--format', '{{.Id}}', `${repository.reference}:1`)).toBe(
      first.outputs.imageid
    )
    expect(first.outputs['transfer-size']).toBe(String(weight.transferSize))
    expect(first.outputs.size).toBe(String(weight.size))
    expect(await registryTags(sharedRegistry(), cache.name)).toHaveLength(1)

    const again = await workspace.run(inputs, { env: engine.env })
    expectExit(again, 0)
    expect(again.outputs['cached-steps']).toBe('3')
    expect(again.summary).toContain('tests passed (cached)')
  })

  long.test('load alone', async () => {
    const result = await workspace.run({ ...job, load: 'true', tags: `${fresh('app')}:1` }, { env: engine.env })
    expectExit(result, 0)
    expect(result.outputs.published).toBe('true')
  })

  test('a red gate has its stage, its line and its last words', async () => {
    await using red = await startProject(`echo 1 of 7 failed ${fresh()}; exit 7`)
    const result = await expectRefused(red, { env: engine.env, says: ['Dockerfile:4', 'exit code 7', '1 of 7 failed'] })
    expect(result.outputs.gate).toBe('failed')
    expect(result.summary).toContain('the tests failed')
    expect(result.summary).toContain('`test`')
  })

  describe('targets that are built upon each other', () => {
    long.test('are found in the cache by the next run', async () => {
      const repository = freshRepository()
      await using linked = await startLinkedProject({ image: `${repository.reference}:1` })
      const inputs = { ...linkedJob, 'cache-image': `${repository.reference}-cache` }
      const first = await linked.run(inputs, { env: engine.env })
      expectExit(first, 0)
      expect(first.outputs).toMatchObject({ gate: 'passed', published: 'true', layers: '2' })
      await expectNothingLeft(first)
      await docker(engine.env, 'buildx', 'prune', '--all', '--force')
      await linked.write({ 'app/code': 'other code' })
      const second = await linked.run(inputs, { env: engine.env })
      expectExit(second, 0)
      expect(second.summary).toContain('tests passed (cached)')
      expect(ranSteps(second.log)).toEqual(['production COPY'])
    })

    test('are told by their names where they fail', async () => {
      await using linked = await startLinkedProject({ image: `${freshRepository().reference}:1`, tool: 'exit 7' })
      await expectRefused(linked, {
        env: engine.env,
        with: { ...linkedJob, tags: '' },
        says: ['target:tools:build', 'exit code 7', '--set tools.target=build']
      })
    })
  })

  test('a missing stage is found by the build', async () => {
    await expectRefused(workspace, {
      env: engine.env,
      with: { target: 'prodution' },
      says: ['target', 'the Dockerfile has no stage "prodution"']
    })
  })

  long.test('several platforms', async () => {
    await using portable = await startPortableProject()
    const repository = freshRepository()
    const platforms = 'linux/amd64,linux/arm64'
    const result = await portable.run(
      { ...job, platforms, push: 'true', tags: `${repository.reference}:1` },
      { env: engine.env }
    )
    expectExit(result, 0)
    const index = await registryManifest(sharedRegistry(), repository.name, '1')
    expect(index?.digest).toBe(result.outputs.digest)
    for (const platform of platforms.split(',')) expect(result.summary).toContain(`\`${platform}\``)
  })
})
