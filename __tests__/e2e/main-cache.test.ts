/** The registry layer cache: what one runner has built, no other has to build again. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { canStartEngine, registryManifest, registryTags, startEngine, type Engine } from '../support/engine.js'
import { pullRequestEvent } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { imageManifest } from './support/image.js'
import { expectExit, printed, ranSteps } from './support/log.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(180_000)

const registry = sharedRegistry()
const withEngine = canStartEngine() ? describe : describe.skip

async function dockerfile(): Promise<string> {
  return `FROM ${await baseImage('busybox')} AS deps
ARG RUN=${fresh()}
RUN cat /proc/sys/kernel/random/uuid > /id && echo MADE=$(cat /id)
FROM deps AS build
COPY app.txt /app.txt
RUN cat /id /app.txt > /built && echo BUILT=$(cat /app.txt)
FROM build AS test
COPY test.txt /test.txt
RUN echo TESTED=$(cat /id)-$(cat /test.txt)
FROM ${await baseImage('busybox')} AS production
COPY --from=build /built /app
RUN cp /app /app2 && echo PACKED=$(cat /id 2>/dev/null || echo yes)
`
}

withEngine('a cold builder with a warm registry cache', () => {
  let cold: Engine
  beforeAll(async () => {
    await baseImage('busybox')
    cold = await startEngine({ name: 'cold' })
  }, 300_000)
  afterAll(async () => {
    await cold[Symbol.asyncDispose]()
  })

  test('re-runs nothing for gate and target, and after a change only what depends on it', async () => {
    const app = freshRepository()
    const cache = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile(),
      'app.txt': 'one',
      'test.txt': 'first'
    })
    const given = {
      'test-target': 'test',
      target: 'production',
      tags: `${app.reference}:main`,
      push: 'true',
      'cache-image': cache.reference
    }
    const warm = await workspace.run(given)
    expectExit(warm, 0)
    const [id] = printed(warm.log, 'MADE')
    const [reference, ...others] = await registryTags(registry, cache.name)
    expect(others).toEqual([])
    expect(reference).toMatch(/^branch-main-test-production-/)
    const written = await registryManifest(registry, cache.name, reference ?? '')

    // Another runner, on a pull request of this repository.
    const pull = await workspace.run(
      { ...given, tags: `${app.reference}:pr` },
      { env: cold.env, event: pullRequestEvent() }
    )
    expectExit(pull, 0)
    expect(pull.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(ranSteps(pull.log)).toEqual([])
    expect(pull.outputs['cached-steps']).toBe(pull.outputs.steps)
    expect(pull.summary).toMatch(/^## ✅ .*tests passed \(cached\)/)
    // The same layers, and hence the same content; made only once in the world.
    const layersOf = async (tag: string) => (await imageLayers(app.name, tag)).join()
    expect(await layersOf('pr')).toBe(await layersOf('main'))

    expect(pull.summary).toMatch(/downloaded in/)
    // It needs no reference of its own: it reads the branch's next time, too.
    expect(pull.summary).toContain(`not needed, \`${cache.reference}:${reference}\` holds everything`)
    expect(await registryTags(registry, cache.name)).toEqual([reference])
    expect((await registryManifest(registry, cache.name, reference ?? ''))?.digest).toBe(written?.digest)

    // Once more on the branch: its reference holds all of it, and is left alone.
    const again = await workspace.run({ ...given, push: 'false' }, { env: cold.env })
    expectExit(again, 0)
    expect(again.summary).toContain('holds everything already')
    expect(again.log).toContain('the branch itself, main; once everything has passed')

    // A change to a test's file: the test alone runs.
    await workspace.write({ 'test.txt': 'second' })
    const testChanged = await workspace.run(given, { env: cold.env })
    expectExit(testChanged, 0)
    expect(ranSteps(testChanged.log)).toEqual(['test COPY', 'test RUN'])
    expect(printed(testChanged.log, 'TESTED')).toEqual([`${id}-second`])

    // A change to the code: the dependencies stay.
    await workspace.write({ 'app.txt': 'two' })
    const whole = await registryManifest(registry, cache.name, reference ?? '')
    const codeChanged = await workspace.run(given, { env: cold.env, event: pullRequestEvent() })
    expectExit(codeChanged, 0)
    expect(printed(codeChanged.log, 'MADE')).toEqual([])
    expect(printed(codeChanged.log, 'BUILT')).toEqual(['two'])
    expect(printed(codeChanged.log, 'TESTED')).toEqual([`${id}-second`])
    expect(printed(codeChanged.log, 'PACKED')).toEqual(['yes'])
    expect(codeChanged.outputs).toMatchObject({ 'cached-steps': '1', steps: '7' })

    // It read the branch's cache and wrote only its own.
    expect(codeChanged.summary).toContain(`${cache.reference}:${reference}`)
    expect(codeChanged.summary).toMatch(/written in .*new\)/)
    const now = await registryTags(registry, cache.name)
    expect(now).toEqual([reference, expect.stringMatching(/^pr-12-test-production-[0-9a-f]{16}$/)])
    expect((await registryManifest(registry, cache.name, reference ?? ''))?.digest).toBe(whole?.digest)
  })

  long.test('after a red test another builder starts at the step that failed', async () => {
    const cache = freshRepository()
    const base = await baseImage('busybox')
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${base} AS deps
ARG RUN=${fresh()}
RUN cat /proc/sys/kernel/random/uuid > /id && echo MADE=$(cat /id)
FROM deps AS test
RUN cp /id /prepared && echo PREPARED=$(cat /prepared)
COPY test.txt /test.txt
RUN echo TESTED=$(cat /test.txt) \\
  && grep -q good /test.txt
RUN echo AFTERWARDS=yes
FROM ${base} AS production
COPY --from=deps /id /app
RUN echo PACKED=$(cat /app)
`,
      'test.txt': 'bad'
    })
    const given = { 'test-target': 'test', target: 'production', 'cache-image': cache.reference }
    const red = await workspace.run(given)
    expectExit(red, 1)
    expect(red.outputs.gate).toBe('failed')
    expect(red.summary).toContain('the next run starts there')
    const [reference = '', ...others] = await registryTags(registry, cache.name)
    expect(others).toEqual([])
    expect(reference).toMatch(/^branch-main-test-production-[0-9a-f]{16}-retry$/)

    const again = await workspace.run(given, { env: cold.env })
    expectExit(again, 1)
    expect(ranSteps(again.log, { but: 'production' })).toEqual(['test RUN'])
    expect(printed(again.log, 'TESTED')).toEqual(['bad'])

    // Mended: the half cache serves the run and is not what it leaves behind.
    await workspace.write({ 'test.txt': 'good' })
    const green = await workspace.run(given, { env: cold.env })
    expectExit(green, 0)
    expect(ranSteps(green.log, { but: 'production' })).toEqual(['test COPY', 'test RUN', 'test RUN'])
    expect(await registryTags(registry, cache.name)).toEqual([reference.replace(/-retry$/, ''), reference])
  })

  long.test('after a red build, too, and a pull request of a fork keeps nothing', async () => {
    const cache = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS deps
ARG RUN=${fresh()}
RUN echo MADE=yes
RUN exit 3
`
    })
    const given = { target: 'deps', 'cache-image': cache.reference }
    expectExit(await workspace.run(given), 1)
    const kept = await registryTags(registry, cache.name)
    expect(kept).toEqual([expect.stringMatching(/-retry$/)])
    const again = await workspace.run(given, { env: cold.env })
    expectExit(again, 1)
    expect(printed(again.log, 'MADE')).toEqual([])

    const fork = await workspace.run(
      { ...given, 'build-args': `RUN=${fresh()}` },
      { event: pullRequestEvent('mallory/app') }
    )
    expectExit(fork, 1)
    expect(printed(fork.log, 'MADE')).toEqual(['yes'])
    expect(await registryTags(registry, cache.name)).toEqual(kept)
  })

  long.test('a secret in a layer keeps what a red run had built where it is', async () => {
    const cache = freshRepository()
    const value = `sk-${sentinel()}`
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS deps
ARG RUN=${fresh()}
RUN --mount=type=secret,id=token,required=true cat /run/secrets/token > /token && echo MADE=yes
FROM deps AS test
RUN echo FAILED=yes && false
FROM deps AS production
RUN echo PACKED=yes
`
    })
    const given = {
      ...{ 'test-target': 'test', target: 'production', 'cache-image': cache.reference },
      secrets: `token=${value}`
    }
    const red = await workspace.run(given)
    expectExit(red, 1)
    expect(printed(red.log, 'MADE')).toEqual(['yes'])
    expect(red.outputs.gate).toBe('failed')
    expect(await registryTags(registry, cache.name)).toEqual([])
    expect(red.summary).toContain('holds the secret "token"')
    expect(red.summary).not.toContain(value)

    // Asked not to look for leaks, it does not.
    const unsearched = await workspace.run({ ...given, 'leak-check': 'off', 'build-args': `RUN=${fresh()}` })
    expectExit(unsearched, 1)
    expect(await registryTags(registry, cache.name)).toHaveLength(1)
  })

  test('and so it does where the image is over its budget, and has nothing of the secret', async () => {
    const cache = freshRepository()
    const value = `sk-${sentinel()}`
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS deps
ARG RUN=${fresh()}
RUN --mount=type=secret,id=token,required=true cat /run/secrets/token > /token
FROM deps AS test
RUN test -s /token
FROM ${await baseImage('busybox')} AS production
RUN echo PACKED=yes
`
    })
    const over = await workspace.run({
      ...{ 'test-target': 'test', target: 'production', 'cache-image': cache.reference },
      ...{ secrets: `token=${value}`, 'max-layers': '1' }
    })
    expectExit(over, 1)
    expect(over.outputs.gate).toBe('passed')
    expect(over.summary).toContain('The layer cache was not written: a layer of it holds the secret "token".')
    expect(over.summary).not.toContain(value)
    expect(await registryTags(registry, cache.name)).toEqual([])
  })

  long.test('what a red run keeps it does not build for that', async () => {
    const cache = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM --platform=$BUILDPLATFORM ${await baseImage('busybox')} AS deps
ARG TARGETARCH RUN=${fresh()}
RUN echo FIRST=$TARGETARCH && if [ $TARGETARCH = arm64 ]; then sleep 600; fi
RUN echo SECOND=$TARGETARCH
FROM deps AS test
RUN echo FAILS=$TARGETARCH && false
FROM deps AS production
`
    })
    const red = await workspace.run({
      ...{ 'test-target': 'test', target: 'production', platforms: 'linux/amd64,linux/arm64' },
      'cache-image': cache.reference
    })
    expectExit(red, 1)
    expect(red.outputs.gate).toBe('failed')
    expect(printed(red.log, 'FIRST')).toHaveLength(2)
    expect(printed(red.log, 'SECOND')).toHaveLength(1)
  })

  long.test('cache-mode decides what is read and written', async () => {
    const cache = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile(),
      'app.txt': 'one',
      'test.txt': 'first'
    })
    const given = { 'test-target': 'test', target: 'production', 'cache-image': cache.reference }
    const read = await workspace.run({ ...given, 'cache-mode': 'read' })
    expectExit(read, 0)
    expect(await registryTags(registry, cache.name)).toEqual([])
    // The cache that was not there is told, and no trouble.
    expect(read.summary).toContain('was empty before this run')
    expect(read.annotations).toEqual([])

    const write = await workspace.run({ ...given, 'cache-mode': 'read-write' })
    expectExit(write, 0)
    expect(await registryTags(registry, cache.name)).toHaveLength(1)

    const off = await workspace.run({ ...given, 'cache-mode': 'off' }, { env: cold.env })
    expectExit(off, 0)
    expect(printed(off.log, 'MADE')).toHaveLength(1)
  })

  long.test('raw cache-from and cache-to are handed through', async () => {
    const cache = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile(),
      'app.txt': 'one',
      'test.txt': 'first'
    })
    const given = { 'test-target': 'test', target: 'production' }
    const warm = await workspace.run({ ...given, 'cache-to': `type=registry,ref=${cache.reference}:mine,mode=max` })
    expectExit(warm, 0)
    expect(await registryTags(registry, cache.name)).toEqual(['mine'])
    const reused = await workspace.run(
      { ...given, 'cache-from': `type=registry,ref=${cache.reference}:mine` },
      { env: cold.env }
    )
    expectExit(reused, 0)
    expect(ranSteps(reused.log)).toEqual([])
  })
})

test('a cache that can be neither read nor written is a warning', async () => {
  const app = freshRepository()
  await using workspace = await startWorkspace({
    Dockerfile: await dockerfile(),
    'app.txt': 'one',
    'test.txt': 'first'
  })
  const green = await workspace.run({
    'test-target': 'test',
    target: 'production',
    tags: `${app.reference}:1`,
    push: 'true',
    'cache-image': '127.0.0.1:9/nobody/there'
  })
  expectExit(green, 0)
  expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
  expect(await registryTags(registry, app.name)).toEqual(['1'])
  expect(green.summary).toContain('The layer cache did not work')
  expect(green.annotations.map(({ level }) => level)).toContain('warning')
  expect(green.annotations.map(({ level }) => level)).not.toContain('error')
})

async function imageLayers(repository: string, tag: string): Promise<readonly string[]> {
  return (await imageManifest(repository, tag)).layers.map(({ digest }) => digest)
}
