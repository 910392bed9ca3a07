/** `outputs` beside `push` and `load`: they mean what they mean to buildx, and shape what is inspected and published. */
import { describe, expect, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { registryBlob, registryManifest, registryTags, type RegistryManifest } from '../support/engine.js'
import { long } from '../support/tiers.js'
import { imageManifest, readImageFile } from './support/image.js'
import { expectExit } from './support/log.js'
import { expectRefused } from './support/refusal.js'
import { docker, job, startPortableProject, startProject } from './support/variety.js'
import { baseImage, fresh, freshRepository, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()

async function tagged(name: string, tag = '1'): Promise<RegistryManifest> {
  const manifest = await registryManifest(registry, name, tag)
  if (manifest === undefined) throw new Error(`the registry has no ${name}:${tag}`)
  return manifest
}

function annotations({ document }: RegistryManifest): Readonly<Record<string, string>> {
  return (document as { readonly annotations?: Readonly<Record<string, string>> }).annotations ?? {}
}

describe('push: true beside an image output means that one', () => {
  test('with its compression and its annotations', async () => {
    await using workspace = await startProject()
    const repository = freshRepository()
    const result = await workspace.run({
      ...job,
      ...{ push: 'true', tags: `${repository.reference}:1` },
      outputs:
        'type=image,compression=zstd,force-compression=true,oci-mediatypes=true,annotation.org.example.team=infra'
    })
    expectExit(result, 0)
    const image = await imageManifest(repository.name, '1')
    expect(image.layers.map(({ mediaType }) => mediaType)).toEqual(
      image.layers.map(() => 'application/vnd.oci.image.layer.v1.tar+zstd')
    )
    expect(annotations(image)).toEqual({ 'org.example.team': 'infra' })
    // What the summary names, and weighs, is what the registry has.
    expect(result.summary).toContain(image.digest)
    const bytes = image.layers.reduce((sum, { size }) => sum + size, image.config?.size ?? 0)
    const manifest = JSON.stringify(image.document).length
    expect(Number(result.outputs['transfer-size'])).toBeGreaterThan(bytes + manifest / 2)
    expect(Number(result.outputs['transfer-size'])).toBeLessThan(bytes + 2 * manifest)
    expect((await tagged(repository.name)).digest).toBe(result.outputs.digest)
  })

  long.test('with the annotations of an index over several platforms', async () => {
    await using workspace = await startPortableProject()
    const repository = freshRepository()
    const result = await workspace.run({
      ...job,
      ...{ push: 'true', tags: `${repository.reference}:1`, platforms: 'linux/amd64,linux/arm64', provenance: 'false' },
      annotations:
        'manifest,index:org.example.both=yes\nindex:org.example.around=yes\nmanifest[linux/arm64]:org.example.arm=yes',
      outputs:
        'type=image,name=target,compression=zstd,force-compression=true,annotation-index.org.opencontainers.image.description=My multi-arch image'
    })
    expectExit(result, 0)
    const index = await tagged(repository.name)
    expect(annotations(index)).toEqual({
      'org.opencontainers.image.description': 'My multi-arch image',
      'org.example.both': 'yes',
      'org.example.around': 'yes'
    })
    expect(index.digest).toBe(result.outputs.digest)
    const images = await Promise.all(index.manifests.map(({ digest }) => tagged(repository.name, digest)))
    expect(images.map(annotations)).toEqual([
      { 'org.example.both': 'yes' },
      { 'org.example.both': 'yes', 'org.example.arm': 'yes' }
    ])
    expect(new Set(images.flatMap(({ layers }) => layers.map(({ mediaType }) => mediaType)))).toEqual(
      new Set(['application/vnd.oci.image.layer.v1.tar+zstd'])
    )
  })

  test('with its names, by digest and on the docker driver, where there are no tags', async () => {
    await using workspace = await startProject()
    const [one, two] = [freshRepository(), freshRepository()]
    const result = await workspace.run({
      ...job,
      ...{ push: 'true', provenance: 'false' },
      outputs: `type=image,"name=${one.reference},${two.reference}",push-by-digest=true,name-canonical=true,push=true`
    })
    expectExit(result, 0)
    for (const { name } of [one, two]) {
      expect((await tagged(name, result.outputs.digest)).digest).toBe(result.outputs.digest)
      expect(await registryTags(registry, name)).toEqual([])
    }
  })

  long.test('with its name, where there are no tags', async () => {
    await using workspace = await startProject()
    const repository = freshRepository()
    const result = await workspace.run({ ...job, push: 'true', outputs: `type=image,name=${repository.reference}` })
    expectExit(result, 0)
    expect(result.outputs.published).toBe('true')
    expect((await tagged(repository.name, 'latest')).digest).toBe(result.outputs.digest)
  })

  long.test('by digest, the repository in tags', async () => {
    await using workspace = await startProject()
    const repository = freshRepository()
    const outputs = 'type=image,push-by-digest=true,name-canonical=true,push=true'
    const result = await workspace.run({ ...job, tags: repository.reference, outputs })
    expectExit(result, 0)
    expect((await tagged(repository.name, result.outputs.digest)).digest).toBe(result.outputs.digest)
    expect(await registryTags(registry, repository.name)).toEqual([])
    const { log } = await expectRefused(workspace, {
      with: { push: 'false', tags: `${repository.reference}:main`, outputs },
      says: ['push-by-digest cannot push the tag']
    })
    expect(log).not.toContain('[test ')
  })
})

long.test('timestamps are rewritten in what is inspected', async () => {
  await using workspace = await startProject()
  const repository = freshRepository()
  const result = await workspace.run(
    {
      ...job,
      provenance: 'false',
      outputs: `type=image,name=${repository.reference}:1,push=true,rewrite-timestamp=true`
    },
    { env: { SOURCE_DATE_EPOCH: '1700000000' } }
  )
  expectExit(result, 0)
  const image = await imageManifest(repository.name, '1')
  expect(result.summary).toContain(image.digest)
  expect(image.digest).toBe(result.outputs.digest)
  expect(image.config?.digest).toBe(result.outputs.imageid)
})

long.test('two builds of one commit are one image', async () => {
  await using workspace = await startProject('echo tested > /tested')
  const time = '1700000000 +0200'
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
      cwd: workspace.folder,
      env: { ...process.env, GIT_COMMITTER_DATE: time, GIT_AUTHOR_DATE: time }
    })
  git('init', '-q')
  git('add', '--all')
  git('commit', '-q', '-m', 'One')
  const repository = freshRepository()
  const build = async (tag: string, more: Readonly<Record<string, string>> = {}) => {
    const given = { push: 'true', tags: `${repository.reference}:${tag}`, reproducible: 'true', provenance: 'false' }
    const result = await workspace.run({ ...job, ...given, ...more })
    expectExit(result, 0)
    return result.outputs
  }
  const first = await build('1')
  const second = await build('2', { 'no-cache': 'true' })
  expect([second.digest, second.imageid]).toEqual([first.digest, first.imageid])
  const config = await registryBlob(registry, repository.name, first.imageid ?? '')
  expect(JSON.parse(String(config))).toMatchObject({ created: '2023-11-14T22:13:20Z' })
})

describe('index annotations on one platform', () => {
  const annotated = 'manifest,index:org.opencontainers.image.title=app'

  test('are in the index that the provenance makes', async () => {
    await using workspace = await startProject()
    const repository = freshRepository()
    const result = await workspace.run({
      ...job,
      push: 'true',
      tags: `${repository.reference}:1`,
      annotations: annotated
    })
    expectExit(result, 0)
    expect(annotations(await tagged(repository.name))).toEqual({ 'org.opencontainers.image.title': 'app' })
    expect(annotations(await imageManifest(repository.name, '1'))).toEqual({ 'org.opencontainers.image.title': 'app' })
  })

  long.test('are no reason for a red run where nothing is pushed', async () => {
    await using workspace = await startProject()
    const result = await workspace.run({ ...job, tags: `${freshRepository().reference}:1`, annotations: annotated })
    expectExit(result, 0)
    const loaded = await workspace.run({
      ...job,
      load: 'true',
      tags: `${freshRepository().reference}:1`,
      annotations: annotated
    })
    expectExit(loaded, 0)
  })

  test('are told to have no place where there is no index to push', async () => {
    await using workspace = await startProject()
    const { log } = await expectRefused(workspace, {
      with: { provenance: 'false', annotations: annotated },
      says: ['annotations', 'index']
    })
    expect(log).not.toContain('[test ')
  })
})

test('an archive beside a push is the image that was pushed, and docker takes it', async () => {
  await using workspace = await startPortableProject()
  const repository = freshRepository()
  const result = await workspace.run({
    ...job,
    ...{ push: 'true', tags: `${repository.reference}:1`, platforms: 'linux/amd64,linux/arm64' },
    outputs: 'type=oci,dest=image.tar\ntype=oci,dest=layout,tar=false'
  })
  expectExit(result, 0)
  const { digest } = await tagged(repository.name)
  expect(result.outputs.digest).toBe(digest)
  const archive = path.join(workspace.folder, 'image.tar')
  const indexes = [
    execFileSync('tar', ['-xOf', archive, 'index.json']).toString(),
    await readFile(path.join(workspace.folder, 'layout/index.json'), 'utf8')
  ]
  for (const text of indexes) {
    const { manifests } = JSON.parse(text) as {
      readonly manifests: readonly { readonly digest: string; readonly annotations: Readonly<Record<string, string>> }[]
    }
    expect(manifests.map((each) => [each.digest, each.annotations['io.containerd.image.name']])).toEqual([
      [digest, `${repository.reference}:1`]
    ])
  }
  await docker({}, 'load', '--input', archive)
  expect(await docker({}, 'image', 'inspect', '--format', '{{.Id}}', `${repository.reference}:1`)).toContain(digest)
  await docker({}, 'image', 'rm', `${repository.reference}:1`)
})

long.test('files and folders are there once everything has passed', async () => {
  await using workspace = await startProject()
  const tag = `${fresh('app')}:1`
  const result = await workspace.run({
    ...job,
    tags: tag,
    outputs: 'type=oci,dest=image.tar\ntype=docker,dest=docker.tar\ntype=tar,dest=files.tar\ntype=local,dest=out'
  })
  expectExit(result, 0)
  expect(result.outputs.published).toBe('true')
  expect((await readdir(workspace.folder)).sort()).toEqual([
    'Dockerfile',
    'docker.tar',
    'files.tar',
    'image.tar',
    'out'
  ])
  expect(await readFile(path.join(workspace.folder, 'out/app'))).toHaveLength(100_000)
  const list = (name: string) => execFileSync('tar', ['-tf', path.join(workspace.folder, name)]).toString()
  expect(list('files.tar')).toContain('app\n')
  const { imageid = '' } = result.outputs
  expect(await docker({}, 'load', '--input', path.join(workspace.folder, 'docker.tar'))).toContain(tag)
  await docker({}, 'image', 'rm', tag)
  for (const name of ['image.tar', 'docker.tar']) expect(list(name)).toContain(`blobs/sha256/${imageid.slice(7)}`)
})

test('a base is the base on every platform', async () => {
  const base = freshRepository()
  await using workspace = await startWorkspace({
    'base/Dockerfile': `FROM ${await baseImage('busybox')}\nRUN head -c 3000000 /dev/zero > /waste\nRUN rm /waste\n`,
    Dockerfile: `FROM ${base.reference}:1 AS base
COPY own /own
FROM --platform=$BUILDPLATFORM ${await baseImage('busybox')} AS test
RUN echo ${fresh()}
FROM base AS production
USER 1000
`,
    own: fresh()
  })
  await docker(
    {},
    ...['buildx', 'build', '--provenance=false', '--push', '--quiet', '-t', `${base.reference}:1`],
    path.join(workspace.folder, 'base')
  )
  const repository = freshRepository()
  const result = await workspace.run({
    ...job,
    ...{
      platforms: 'linux/amd64,linux/arm64',
      'max-reclaimable': '1MB',
      push: 'true',
      tags: `${repository.reference}:1`
    }
  })
  expectExit(result, 0)
  expect(result.summary).not.toContain('did not tell which layers')
  expect(result.summary.match(/The base image has 3\.0 MB more of it/g)).toHaveLength(2)
  expect(result.outputs.reclaimable).toBe('0')
  expect((await tagged(repository.name)).digest).toBe(result.outputs.digest)
})

long.test('a base below COPY --link is known again from the cache', async () => {
  await using workspace = await startWorkspace({ linked: fresh() })
  await writeFile(
    path.join(workspace.folder, 'Dockerfile'),
    `FROM ${await baseImage('busybox')} AS production\nCOPY --link linked /linked\nRUN echo ${fresh()} > /own\n`
  )
  const layers = []
  for (const tag of ['1', '2']) {
    const repository = freshRepository()
    const result = await workspace.run({ target: 'production', push: 'true', tags: `${repository.reference}:${tag}` })
    expectExit(result, 0)
    expect(await readImageFile(repository.name, tag, '/linked')).toMatch(/^r/)
    const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as {
      readonly builds: readonly {
        readonly images: readonly { readonly layers: readonly { readonly base: boolean }[] }[]
      }[]
    }
    layers.push(report.builds[0]?.images[0]?.layers.map(({ base }) => base))
  }
  expect(layers[0]).toEqual([true, false, false])
  expect(layers[1]).toEqual(layers[0])
})
