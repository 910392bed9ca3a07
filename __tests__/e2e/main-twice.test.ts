/** `verify-reproducible`: an image leaves only if a second build of it, from nothing, is the same. */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import {
  canStartEngine,
  registryManifest,
  registryTags,
  sharedEngine,
  startEngine,
  startProxyBuilder
} from '../support/engine.js'
import { long } from '../support/tiers.js'
import { makeKey } from './support/keys.js'
import { expectExit } from './support/log.js'
import { job, startPortableProject, startProject } from './support/variety.js'
import { baseImage, freshRepository, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()
const env = { SOURCE_DATE_EPOCH: '1700000000' }

/** A push that is to be built twice. */
function pushed(reference: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { push: 'true', tags: `${reference}:1`, reproducible: 'true', 'verify-reproducible': 'true', ...more }
}

test('what a command draws by chance is named, and nothing leaves; without it the image leaves', async () => {
  const lines = [
    `FROM ${await baseImage('busybox')}`,
    'RUN mkdir /made',
    'RUN cat /proc/sys/kernel/random/uuid > /made/now && touch /made/b',
    ''
  ]
  await using chance = await startWorkspace({ Dockerfile: lines.join('\n') })
  const [first, second] = [freshRepository(), freshRepository()]
  const red = await chance.run(pushed(first.reference), { env })
  expectExit(red, 1)
  expect(red.summary).toContain('a second build made a different image, nothing was published')
  expect(red.summary).toContain('cat /proc/sys/kernel/random/uuid > /made/now')
  expect(red.summary).toMatch(/\[Dockerfile:3\]/)
  expect(red.summary).toMatch(/\| `\/made\/now` \| content \|/)
  expect(red.summary).not.toMatch(/`\/made\/b`/)
  expect(red.outputs.published).toBe('false')
  expect(await registryTags(registry, first.name)).toEqual([])

  await using plain = await startProject()
  const green = await plain.run({ ...job, ...pushed(second.reference) }, { env })
  expectExit(green, 0)
  expect(green.summary).toContain('**reproducible**: built twice, same digest')
  expect(await registryTags(registry, second.name)).toEqual(['1'])
})

long.test('the times of the build are told as such, with what helps', async () => {
  await using workspace = await startProject()
  const repository = freshRepository()
  const result = await workspace.run({ ...job, ...pushed(repository.reference, { reproducible: 'false' }) })
  expectExit(result, 1)
  expect(result.summary).toMatch(/\| `\/base` \| only its time \|/)
  expect(result.summary).toContain('reproducible: true')
  expect(await registryTags(registry, repository.name)).toEqual([])
})

long.test(
  'a step that was cached before the commit is told as that, and one that each commit makes anew is the same',
  async () => {
    const base = await baseImage('busybox')
    const dockerfile = (declared: string) => `FROM ${base}\n${declared}RUN echo ${randomUUID()} > /made\n`
    const seconds = () => ({ SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000)) })
    const { reference } = freshRepository()
    const summaries = []
    for (const declared of ['', 'ARG SOURCE_DATE_EPOCH\n']) {
      await using workspace = await startWorkspace({ Dockerfile: dockerfile(declared) })
      expectExit(await workspace.run(pushed(reference, { 'verify-reproducible': 'false' }), { env: seconds() }), 0)
      await setTimeout(2000)
      summaries.push((await workspace.run(pushed(reference), { env: seconds() })).summary)
    }
    const [cached, anew] = summaries
    expect(cached).toMatch(/\| `\/made` \| only its time \|/)
    expect(cached).toContain('The first build took this step from a cache.')
    expect(cached).toContain('Declare `ARG SOURCE_DATE_EPOCH`')
    expect(cached).not.toContain('on chance')
    expect(anew).toContain('**reproducible**: built twice, same digest')
  }
)

long.test('each platform is built twice, with its secrets, and the layer cache is written as ever', async () => {
  const lines = [
    `FROM --platform=$BUILDPLATFORM ${await baseImage('busybox')} AS made`,
    'RUN --mount=type=secret,id=token,required=true wc -c < /run/secrets/token > /made',
    'FROM made AS test',
    'RUN test -s /made && cat /proc/sys/kernel/random/uuid',
    'FROM scratch AS production',
    'ARG TARGETARCH',
    'COPY --from=made /made /made-$TARGETARCH',
    ''
  ]
  await using workspace = await startWorkspace({ Dockerfile: lines.join('\n') })
  const repository = freshRepository()
  const given = {
    ...{ ...job, ...pushed(repository.reference), secrets: 'token=a-secret-that-is-long-enough' },
    ...{ platforms: 'linux/amd64,linux/arm64', provenance: 'mode=max', annotations: 'manifest:org.example.team=infra' },
    ...{ outputs: 'type=image,compression=zstd,force-compression=true,oci-mediatypes=true' },
    'cache-image': `${repository.reference}-cache`
  }
  const first = await workspace.run(given, { env })
  expectExit(first, 0)
  expect(first.summary).toContain('**reproducible**: built twice, same digest')
  expect(await registryTags(registry, `${repository.name}-cache`)).not.toEqual([])
  // The second build of this run takes nothing from a cache; the first does, and so do its tests.
  const second = await workspace.run(given, { env })
  expectExit(second, 0)
  expect(second.summary).toContain('tests passed (cached)')
  expect(second.summary).toContain('**reproducible**: built twice, same digest')
})

long.test('the target of a bake file is built twice with its arguments, its key and its secret', async () => {
  const lines = [
    `FROM ${await baseImage('busybox')} AS base`,
    'ARG WORD',
    'RUN --mount=type=ssh --mount=type=secret,id=token,required=true test -S "$SSH_AUTH_SOCK" && wc -c < /run/secrets/token > /made && echo $WORD >> /made',
    'FROM base AS test',
    'RUN grep -x said /made',
    'FROM base AS production',
    'COPY --from=named app /app',
    ''
  ]
  const repository = freshRepository()
  const target = {
    ...{ target: 'production', args: { WORD: 'said' }, contexts: { named: './more' } },
    ...{ tags: [`${repository.reference}:1`], ssh: ['default'], secret: ['id=token,env=TOKEN'] }
  }
  await using workspace = await startWorkspace({
    ...{ Dockerfile: lines.join('\n'), 'more/app': 'app' },
    'docker-bake.json': JSON.stringify({ target: { app: target } })
  })
  const result = await workspace.run(
    {
      ...{ 'bake-targets': 'app', 'test-target': 'test', 'ssh-private-key': makeKey().privateKey },
      ...{ push: 'true', reproducible: 'true', 'verify-reproducible': 'true' }
    },
    { env: { ...env, TOKEN: 'a-secret-that-is-long-enough' } }
  )
  expectExit(result, 0)
  expect(result.summary).toContain('**reproducible**: built twice, same digest')
  expect((await registryManifest(registry, repository.name, '1'))?.digest).toBe(result.outputs.digest)
})

const withNodes = canStartEngine() ? long.test : test.skip

withNodes(
  'each node builds its platform twice; what one of them draws by chance is told with its platform',
  async () => {
    await using second = await startEngine({ name: 'node' })
    await using builder = await startProxyBuilder({
      env: sharedEngine(),
      nodes: [
        { host: sharedEngine().DOCKER_HOST, platform: 'linux/amd64' },
        { host: second.env.DOCKER_HOST, platform: 'linux/arm64' }
      ]
    })
    const repository = freshRepository()
    const given = {
      ...job,
      ...pushed(repository.reference),
      builder: builder.name,
      platforms: 'linux/amd64,linux/arm64'
    }
    await using same = await startPortableProject()
    const green = await same.run(given, { env })
    expectExit(green, 0)
    expect(green.summary).toContain('**reproducible**: built twice, same digest')

    const lines = [
      `FROM --platform=$BUILDPLATFORM ${await baseImage('busybox')} AS made`,
      'ARG TARGETARCH',
      'RUN if [ $TARGETARCH = arm64 ]; then cat /proc/sys/kernel/random/uuid > /made; else echo 1 > /made; fi',
      'FROM made AS test',
      'RUN test -s /made',
      'FROM scratch AS production',
      'COPY --from=made /made /made',
      ''
    ]
    await using chance = await startWorkspace({ Dockerfile: lines.join('\n') })
    const red = await chance.run({ ...given, tags: `${repository.reference}:2` }, { env })
    expectExit(red, 1)
    expect(red.summary).toContain('a second build made a different image (linux/arm64), nothing was published')
    expect(red.summary).toMatch(/\| `\/made` \| content \|/)
    expect(await registryTags(registry, repository.name)).toEqual(['1'])
  }
)
