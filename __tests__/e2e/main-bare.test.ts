/** The outputs `digest`, `imageid` and `metadata` are what a bare `docker buildx build` of the same target gives. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { canStartEngine, registryManifest, startProxyBuilder, type Builder } from '../support/engine.js'
import { long, some } from '../support/tiers.js'
import { imageManifest } from './support/image.js'
import { expectExit } from './support/log.js'
import { docker, job, startPortableProject, startProject } from './support/variety.js'
import { fresh, freshRepository, sharedRegistry, type Workspace } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()
/** Of the run that the runner of these tests is. */
const attempt = 'https://github.com/acme/app/actions/runs/1/attempts/1'

type Outputs = {
  readonly digest?: string
  readonly imageid?: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/** What docker/build-push-action makes its outputs of: the two files of a bare build. */
async function bare({ folder }: Workspace, ...flags: readonly string[]): Promise<Outputs> {
  const beside = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bare-'))
  const place = (name: string) => path.join(beside, name)
  // There is no id where there is no image.
  const id = flags.some((flag) => /^type=(?:local|tar)/.test(flag)) ? [] : ['--iidfile', place('id')]
  const files = ['--metadata-file', place('metadata.json'), ...id]
  try {
    await docker({}, 'buildx', 'build', '--quiet', '--target', 'production', ...files, ...flags, folder)
    const read = (name: string) => readFile(place(name), 'utf8').catch(() => '')
    const [metadata, imageid] = [JSON.parse(await read('metadata.json')) as Outputs['metadata'], await read('id')]
    const digest = metadata['containerimage.digest']
    return { metadata, ...(typeof digest === 'string' ? { digest } : {}), ...(imageid === '' ? {} : { imageid }) }
  } finally {
    await rm(beside, { recursive: true })
  }
}

async function ours(workspace: Workspace, inputs: Readonly<Record<string, string>>): Promise<Outputs> {
  const result = await workspace.run({ ...job, ...inputs })
  expectExit(result, 0)
  const { digest, imageid, metadata = '' } = result.outputs
  const json = JSON.parse(metadata) as Outputs['metadata']
  // To the byte, as the file is written.
  expect(metadata).toBe(JSON.stringify(json, undefined, 2))
  return { metadata: json, ...(digest && { digest }), ...(imageid && { imageid }) }
}

/** Without what differs from one build to the next: ids of builds, the time, and all digests that depend on these. */
function comparable(outputs: Outputs, { name, stable }: { readonly name: string; readonly stable: boolean }): unknown {
  const text = JSON.stringify(outputs)
    .replaceAll(name, 'NAME')
    .replaceAll(/"buildx\.build\.ref":"[\w-]+\/[\w-]+\/\w+"/g, '"buildx.build.ref":"REF"')
    .replaceAll(/"org\.opencontainers\.image\.created":"[\dTZ:-]+"/g, '"org.opencontainers.image.created":"TIME"')
  if (stable || outputs.digest === undefined) return JSON.parse(text) as unknown
  // The id is then the digest, or it is not: that must be so of both.
  return JSON.parse(text.replaceAll(outputs.digest, 'DIGEST').replaceAll(/"size":\d+/g, '"size":0')) as unknown
}

type Mode = {
  readonly inputs?: Readonly<Record<string, string>>
  readonly flags: readonly string[]
  /** No attestation: the very same digests. */
  readonly stable?: true
}

/** Builds it both ways, each under a name of its own. */
async function compare(workspace: Workspace, { inputs = {}, flags, stable }: Mode): Promise<Outputs> {
  const [one, two] = [freshRepository(), freshRepository()]
  const named = <T>(value: T, name: string): T => JSON.parse(JSON.stringify(value).replaceAll('NAME', name)) as T
  const expected = await bare(workspace, ...named(flags, one.reference))
  const seen = await ours(workspace, named(inputs, two.reference))
  const settings = { stable: stable ?? false }
  expect(comparable(seen, { ...settings, name: two.reference })).toEqual(
    comparable(expected, { ...settings, name: one.reference })
  )
  return seen
}

const push = { push: 'true', tags: 'NAME:1' }
const noProvenance = { provenance: 'false' }

describe('the docker driver', () => {
  let workspace: Workspace
  beforeAll(async () => {
    workspace = await startProject()
  })
  afterAll(async () => workspace[Symbol.asyncDispose]())

  test.each<[string, Mode]>(
    some(
      [
        [
          'a push without attestations',
          {
            inputs: { ...push, ...noProvenance },
            flags: ['--push', '--provenance=false', '-t', 'NAME:1'],
            stable: true
          }
        ],
        ['a push', { inputs: push, flags: ['--push', '-t', 'NAME:1'] }],
        [
          'a push with all of the provenance',
          // With the run as its builder, as docker/build-push-action has it.
          {
            inputs: { ...push, provenance: 'mode=max' },
            flags: ['--push', `--provenance=mode=max,builder-id=${attempt}`, '-t', 'NAME:1']
          }
        ],
        [
          'an annotated push',
          {
            inputs: { ...push, ...noProvenance, annotations: 'a.b=c' },
            flags: ['--push', '--provenance=false', '--annotation', 'a.b=c', '-t', 'NAME:1'],
            stable: true
          }
        ],
        [
          'an image output',
          {
            inputs: {
              ...noProvenance,
              outputs: 'type=image,name=NAME:1,push=true,compression=zstd,force-compression=true'
            },
            flags: [
              '--provenance=false',
              '--output',
              'type=image,name=NAME:1,push=true,compression=zstd,force-compression=true'
            ],
            stable: true
          }
        ],
        ['a load', { inputs: { load: 'true', tags: 'NAME:1' }, flags: ['--load', '-t', 'NAME:1'] }],
        [
          'a load with provenance, which docker/build-push-action gives the run as its builder',
          {
            inputs: { load: 'true', tags: 'NAME:1', provenance: 'mode=min' },
            flags: [
              ...['--load', '-t', 'NAME:1'],
              '--provenance=mode=min,builder-id=https://github.com/acme/app/actions/runs/1/attempts/1'
            ]
          }
        ],
        [
          'an OCI archive',
          {
            inputs: { outputs: 'type=oci,dest=image.tar', tags: 'NAME:1' },
            flags: ['--output', 'type=oci,dest=/dev/null', '-t', 'NAME:1'],
            stable: true
          }
        ],
        ['files', { inputs: { outputs: 'type=tar,dest=files.tar' }, flags: ['--output', 'type=tar,dest=/dev/null'] }],
        ['nothing but the cache', { inputs: { outputs: 'type=cacheonly' }, flags: ['--output', 'type=cacheonly'] }]
      ],
      3
    )
  )('%s', async (_, mode) => void (await compare(workspace, mode)))

  long.test('several platforms', async () => {
    await using portable = await startPortableProject()
    const platforms = 'linux/amd64,linux/arm64'
    const mode = {
      inputs: { ...push, platforms, ...noProvenance },
      flags: ['--push', '--platform', platforms, '--provenance=false', '-t', 'NAME:1']
    }
    // Older versions of buildx write no provenance of several platforms; ours is what newer ones write.
    const expected = await bare(
      portable,
      ...mode.flags.map((flag) => flag.replace('NAME', freshRepository().reference))
    )
    const repository = freshRepository()
    const seen = await ours(portable, { ...mode.inputs, tags: `${repository.reference}:1` })
    expect([seen.digest, seen.imageid]).toEqual([expected.digest, expected.imageid])
    const own = Object.keys(seen.metadata).filter((key) => !key.startsWith('buildx.build.provenance'))
    expect(own).toEqual(Object.keys(expected.metadata).filter((key) => !key.startsWith('buildx.build.provenance')))
    expect(seen.metadata['containerimage.descriptor']).toEqual(expected.metadata['containerimage.descriptor'])
    for (const platform of platforms.split(',')) {
      expect(seen.metadata[`buildx.build.provenance/${platform}`]).toMatchObject({
        invocation: { environment: { platform: 'linux/amd64' } }
      })
    }
  })

  test('an image that is loaded has the id that docker takes, with a name and without', async () => {
    for (const inputs of [{ tags: `${fresh('app')}:1` }, { provenance: 'mode=max' }]) {
      const { imageid = '', digest } = await ours(workspace, { load: 'true', ...inputs })
      expect(imageid).toBe(digest)
      const size = await docker({}, 'run', '--rm', '--network', 'none', imageid, 'wc', '-c', '/app')
      expect(size).toBe('100000 /app')
      expect(await docker({}, 'image', 'ls', '--all', '--digests')).not.toMatch(/127\.0\.0\.1:\d+\/stagegate-/)
      await docker({}, 'image', 'rm', '--force', imageid)
    }
  })

  long.test('an image that is pushed and loaded is one, with its provenance', async () => {
    const { name, reference } = freshRepository()
    const { imageid, digest } = await ours(workspace, { push: 'true', load: 'true', tags: `${reference}:1` })
    expect((await registryManifest(registry, name, '1'))?.manifests).toHaveLength(2)
    expect([imageid, await docker({}, 'image', 'inspect', '--format', '{{.Id}}', `${reference}:1`)]).toEqual([
      digest,
      digest
    ])
  })

  long.test('the provenance is as much as buildx is asked for', async () => {
    const repository = freshRepository()
    const inputs = { ...job, push: 'true', tags: `${repository.reference}:1` }
    for (const [mode, members] of [
      ['max', ['buildConfig', 'buildType', 'builder', 'invocation', 'materials', 'metadata']],
      ['disabled', undefined]
    ] as const) {
      const result = await workspace.run(inputs, { env: { BUILDX_METADATA_PROVENANCE: mode } })
      expectExit(result, 0)
      const { 'buildx.build.provenance': seen } = JSON.parse(result.outputs.metadata ?? '') as Record<string, object>
      expect(seen === undefined ? undefined : Object.keys(seen).sort()).toEqual(members)
      expect((await registryManifest(registry, repository.name, '1'))?.digest).toBe(result.outputs.digest)
      expect((await imageManifest(repository.name, '1')).config?.digest).not.toBe(result.outputs.imageid)
    }
  })
})

const anotherDriver = canStartEngine() ? describe : describe.skip

anotherDriver('another driver', () => {
  let builder: Builder
  let workspace: Workspace
  beforeAll(async () => {
    const { DOCKER_HOST = '', DOCKER_CONFIG = '', PATH = '' } = process.env
    builder = await startProxyBuilder({ env: { DOCKER_HOST, DOCKER_CONFIG, PATH } })
    workspace = await startProject()
  })
  afterAll(async () => {
    await workspace[Symbol.asyncDispose]()
    await builder[Symbol.asyncDispose]()
  })

  const byDigest = 'type=image,name=NAME,push=true,push-by-digest=true,name-canonical=true,oci-mediatypes=true'
  test.each<[string, Mode]>(
    some(
      [
        ['a push', { inputs: push, flags: ['--push', '-t', 'NAME:1'] }],
        [
          'by digest',
          {
            inputs: { ...noProvenance, outputs: byDigest },
            flags: ['--provenance=false', '--output', byDigest],
            stable: true
          }
        ]
      ],
      1
    )
  )('%s', async (_, { inputs = {}, flags, ...mode }) => {
    const named = { inputs: { ...inputs, builder: builder.name }, flags: [...flags, '--builder', builder.name] }
    await compare(workspace, { ...mode, ...named })
  })
})
