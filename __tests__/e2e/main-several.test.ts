/** Several images of one run, by a bake or compose file: all pass, or none leaves. */
import { afterAll, expect, jest, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { registryManifest, registryTags } from '../support/engine.js'
import { long } from '../support/tiers.js'
import { expectExit, withoutMasks } from './support/log.js'
import { expectEngineClean } from './support/refusal.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(180_000)

afterAll(() => expectEngineClean())

/** A Dockerfile with a test, and an image that says what it is. */
async function dockerfile(name: string, test: string): Promise<string> {
  return [
    `FROM ${await baseImage('busybox')} AS base`,
    `RUN echo ${fresh()} > /${name}`,
    'FROM base AS test',
    `RUN ${test}`,
    'FROM base AS production',
    `CMD ["cat", "/${name}"]`,
    ''
  ].join('\n')
}

/** Services, each with a Dockerfile of its own, by what their tests run. */
async function shop(tests: Readonly<Record<string, string>> = { api: 'true', web: 'true' }) {
  const repository = freshRepository()
  const names = Object.keys(tests)
  const service = (name: string): string =>
    `  ${name}: { image: "${repository.reference}-${name}:1", build: { context: ./${name}, target: production } }\n`
  const files: Record<string, string> = { 'compose.yaml': `services:\n${names.map(service).join('')}` }
  for (const name of names) files[`${name}/Dockerfile`] = await dockerfile(name, tests[name] ?? 'true')
  const tagsOf = (name: string) => registryTags(sharedRegistry(), `${repository.name}-${name}`)
  return { repository, files, tagsOf }
}

const inputs = { 'bake-files': 'compose.yaml', 'test-target': 'test', target: '', push: 'true' }

test('all services of a compose file are tested, inspected and pushed', async () => {
  // Neither test passes unless the other one runs at the same time.
  const both = `--mount=type=cache,id=${fresh()},target=/both`
  const meet = (own: string, other: string): string =>
    `${both} touch /both/${own}; for i in $(seq 600); do test -e /both/${other} && exit 0; sleep 0.1; done; exit 1`
  const { repository, files } = await shop({ api: meet('api', 'web'), web: meet('web', 'api') })
  await using workspace = await startWorkspace(files)
  const cacheImage = `${repository.reference}-cache`
  const result = await workspace.run({
    ...inputs,
    'cache-image': cacheImage,
    load: 'true',
    smoke: 'cat /etc/passwd',
    verify: 'echo "LOOKED=$STAGEGATE_IMAGE"'
  })
  expectExit(result, 0)
  expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true' })
  const images = JSON.parse(result.outputs.images ?? '') as readonly { name: string; digest: string; tags: string[] }[]
  expect(images.map(({ name }) => name)).toEqual(['api', 'web'])
  for (const { name, digest, tags } of images) {
    expect(tags).toEqual([`${repository.reference}-${name}:1`])
    const manifest = await registryManifest(sharedRegistry(), `${repository.name}-${name}`, '1')
    expect(manifest?.digest).toBe(digest)
    expect(result.summary).toContain(digest)
    expect(JSON.parse(result.outputs.metadata ?? '')).toMatchObject({ [name]: { 'containerimage.digest': digest } })
  }
  const looked = [...result.log.matchAll(/^LOOKED=\S+@(\S+)/gm)].map(([, digest]) => digest)
  expect(new Set(looked).size).toBe(2)
  // Each has a cache of its own.
  expect(await registryTags(sharedRegistry(), `${repository.name}-cache`)).toHaveLength(2)
})

test('a red test of one of them ends the other one, and keeps both back', async () => {
  const secret = sentinel()
  const { files, tagsOf } = await shop({
    api: 'sleep 1000',
    web: '--mount=type=secret,id=token cat /run/secrets/token; exit 3'
  })
  await using workspace = await startWorkspace(files)
  const result = await workspace.run({ ...inputs, secrets: `token=${secret}` })
  expectExit(result, 1)
  expect(result.outputs).toMatchObject({ gate: 'failed', published: 'false' })
  expect([await tagsOf('api'), await tagsOf('web')]).toEqual([[], []])
  expect(result.summary).toContain('❌ web: the tests failed')
  expect(result.summary).toContain('not published, since web failed')
  expect(withoutMasks(result.log) + result.summary).not.toContain(secret)
})

test('what the others have built is in the layer cache of each when one is red', async () => {
  const secret = sentinel()
  const { repository, files, tagsOf } = await shop({
    api: '--mount=type=secret,id=token cp /run/secrets/token /left',
    // Red when the others have been built.
    web: 'sleep 4; exit 3',
    cli: 'true'
  })
  await using workspace = await startWorkspace(files)
  const cacheImage = `${repository.reference}-cache`
  const given = { ...inputs, 'cache-image': cacheImage, secrets: `token=${secret}` }
  const result = await workspace.run({ ...given, 'report-name': 'shop' })
  expectExit(result, 1)
  expect([await tagsOf('api'), await tagsOf('web'), await tagsOf('cli')]).toEqual([[], [], []])
  // The cache of the one whose test has left a secret is searched as well, and is its alone.
  expect(result.summary).toMatch(/- shop\/api: The layer cache was not written: a layer of it holds the secret "token"/)
  const tags = await registryTags(sharedRegistry(), `${repository.name}-cache`)
  expect(tags.filter((tag) => tag.endsWith('-retry'))).toEqual(tags)
  expect(tags).toHaveLength(2)
})

test('the layer cache of each holds its own layers alone', async () => {
  const secret = sentinel()
  const { repository, files } = await shop({
    api: '--mount=type=secret,id=token cp /run/secrets/token /left',
    web: 'true',
    cli: 'true'
  })
  await using workspace = await startWorkspace(files)
  const cacheImage = `${repository.reference}-cache`
  const result = await workspace.run({ ...inputs, 'cache-image': cacheImage, secrets: `token=${secret}` })
  expectExit(result, 0)
  const { builds } = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as {
    readonly builds: readonly {
      readonly name: string
      readonly own: { readonly cache: { readonly exports: readonly { readonly result: string }[] } }
    }[]
  }
  const written = builds.map(({ name, own }) => [name, own.cache.exports.map((each) => each.result)])
  expect(Object.fromEntries(written)).toEqual({ api: ['withheld'], web: ['ok'], cli: ['ok'] })
})

long.test('a verify command that says no to the second keeps the first one back', async () => {
  const { files, tagsOf } = await shop()
  await using workspace = await startWorkspace(files)
  const verify = 'grep -q /web "$STAGEGATE_OCI_LAYOUT"/blobs/sha256/* && exit 4; exit 0'
  const result = await workspace.run({ ...inputs, verify })
  expectExit(result, 1)
  expect([await tagsOf('api'), await tagsOf('web')]).toEqual([[], []])
})
