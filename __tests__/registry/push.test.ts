/** Pushing to a real registry: what was in the layout is what is there, to the byte. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { pushImages } from '../../src/registry/push.js'
import type { PushOutcome } from '../../src/registry/outcome.js'
import { startFaultyRegistry, type FaultyRegistry, type Passed } from '../e2e/support/faults.js'
import { registryBlob, registryManifest, registryTags, startRegistry, type Registry } from '../support/engine.js'
import { makeLayout, readImages, type LaidOut, type MadeLayout } from './support/layout.js'
import { encoded, homeWith, portsFor, type Environment } from './support/ports.js'

jest.setTimeout(60_000)

let registry: Registry
let closed: Registry
let folder: string
let count = 0
const login = { user: 'pusher', password: 'a:pass word' }

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-push-'))
  ;[registry, closed] = await Promise.all([
    startRegistry({ inMemory: true }),
    startRegistry({ auth: login, inMemory: true })
  ])
})

afterAll(async () => {
  await Promise.all([registry[Symbol.asyncDispose](), closed[Symbol.asyncDispose](), rm(folder, { recursive: true })])
})

function fresh(): string {
  count += 1
  return path.join(folder, `layout-${count}`)
}

async function push(images: readonly LaidOut[], env: Environment = {}): Promise<PushOutcome> {
  return pushImages(portsFor(env), { env: { DOCKER_CONFIG: folder, ...env }, images: await readImages(images) })
}

/** Whether a repository holds all of a layout. */
async function expectAll(repository: string, { blobs, image, root }: MadeLayout, at = registry): Promise<void> {
  const documents = new Set([image.digest, root.digest])
  for (const [digest, bytes] of blobs) {
    if (documents.has(digest)) expect((await registryManifest(at, repository, digest))?.digest).toBe(digest)
    else if (!bytes.includes('"schemaVersion"'))
      expect((await registryBlob(at, repository, digest)).equals(bytes)).toBe(true)
  }
}

test('an image without an index arrives as it is, under each of its tags', async () => {
  const layout = await makeLayout(fresh())
  const references = [
    `${registry.address}/plain:1`,
    `${registry.address}/plain:latest`,
    `${registry.address}/other/copy:1`
  ]
  const outcome = await push([{ layouts: [layout.folder], references }])
  expect(outcome).toMatchObject({
    ok: true,
    references: references.map((reference) => ({ reference, digest: layout.root.digest, state: 'pushed' })),
    // The second repository takes them over from the first.
    uploaded: { blobs: 4, bytes: 30_000 + layout.config.size },
    mounted: { blobs: 4 },
    present: { blobs: 0 },
    retries: []
  })
  await expectAll('plain', layout)
  await expectAll('other/copy', layout)
  expect(await registryTags(registry, 'plain')).toEqual(['1', 'latest'])
  expect((await registryManifest(registry, 'plain', 'latest'))?.mediaType).toBe(layout.root.mediaType)
})

test.each(['annotated', 'artifact'] as const)(
  'an index with its attestation (%s) arrives as it is',
  async (attestation) => {
    const layout = await makeLayout(fresh(), { attestation })
    const outcome = await push([{ layouts: [layout.folder], references: [`${registry.address}/${attestation}:1`] }])
    expect(outcome.problem).toBeUndefined()
    expect((await registryManifest(registry, attestation, '1'))?.digest).toBe(layout.root.digest)
    await expectAll(attestation, layout)
  }
)

describe('what is there is not asked for twice', () => {
  const shown = ({ method, path: url }: Passed): string => `${method} ${url.replace(/^\/v2\/[^/]+\//, '')}`
  const pushes = async (images: readonly LaidOut[]) => {
    watched.takePassed()
    const outcome = await push(images)
    const asked = watched.takePassed().map(shown)
    expect(outcome.ok).toBe(true)
    return { outcome, asked }
  }
  let watched: FaultyRegistry
  beforeAll(async () => {
    watched = await startFaultyRegistry(registry)
  })
  afterEach(() => {
    watched.misbehave()
  })
  afterAll(async () => {
    await watched[Symbol.asyncDispose]()
  })

  test('an image: one question, and the tag', async () => {
    const layout = await makeLayout(fresh())
    const image = { layouts: [layout.folder], references: [`${watched.address}/again:1`] }
    const first = await pushes([image])
    expect(first.asked).toHaveLength(1 + 3 * layout.blobs.size - 3 + 2)
    const { outcome, asked } = await pushes([image])
    expect(outcome).toMatchObject({ present: { blobs: 4 }, uploaded: { blobs: 0, bytes: 0 } })
    expect(asked).toEqual([`HEAD manifests/${layout.root.digest}`, 'PUT manifests/1'])
  })

  test('an index: one question for each manifest in it, and the tag', async () => {
    const layout = await makeLayout(fresh(), { attestation: 'annotated' })
    const image = { layouts: [layout.folder], references: [`${watched.address}/index:1`] }
    await pushes([image])
    const { asked } = await pushes([image])
    expect(asked).toHaveLength(4)
    expect(asked.at(0)).toBe(`HEAD manifests/${layout.root.digest}`)
    expect(asked.slice(1, 3)).toContain(`HEAD manifests/${layout.image.digest}`)
    expect(asked.at(-1)).toBe('PUT manifests/1')
  })

  test('a platform that is there: nothing but its manifest', async () => {
    const [amd, arm] = [await makeLayout(fresh()), await makeLayout(fresh(), { architecture: 'arm64' })]
    await pushes([{ layouts: [amd.folder], references: [`${watched.address}/one:1`] }])
    const { outcome, asked } = await pushes([
      { layouts: [amd.folder, arm.folder], references: [`${watched.address}/one:2`] }
    ])
    expect(outcome).toMatchObject({ present: { blobs: 4 }, uploaded: { blobs: 4 } })
    expect(asked.filter((request) => request.includes(amd.image.digest))).toEqual([
      `HEAD manifests/${amd.image.digest}`
    ])
    for (const digest of amd.blobs.keys()) expect(asked).not.toContain(`HEAD blobs/${digest}`)
    for (const { digest } of arm.layers) expect(asked).toContain(`HEAD blobs/${digest}`)
  })

  test('a manifest that was removed from below its index comes back', async () => {
    const layout = await makeLayout(fresh(), { attestation: 'annotated' })
    const image = { layouts: [layout.folder], references: [`${watched.address}/hollow:1`] }
    await pushes([image])
    watched.misbehave((method, url) =>
      method === 'HEAD' && url.endsWith(`/manifests/${layout.image.digest}`)
        ? { kind: 'answer', status: 404 }
        : undefined
    )
    const { asked } = await pushes([image])
    for (const { digest } of layout.layers) expect(asked).toContain(`HEAD blobs/${digest}`)
    expect(asked).toContain(`PUT manifests/${layout.image.digest}`)
  })

  test('a second repository takes over what the first one has, and has it then, too', async () => {
    const layout = await makeLayout(fresh())
    const references = [`${watched.address}/left:1`, `${watched.address}/right:1`]
    await pushes([{ layouts: [layout.folder], references: references.slice(0, 1) }])
    const { outcome } = await pushes([{ layouts: [layout.folder], references }])
    expect(outcome).toMatchObject({ present: { blobs: 4 }, mounted: { blobs: 4 }, uploaded: { blobs: 0 } })
    await expectAll('right', layout)
    expect((await pushes([{ layouts: [layout.folder], references }])).asked).toHaveLength(2 + 2)
  })
})

test('what a base has in the same registry is taken over from there', async () => {
  const base = await makeLayout(fresh())
  await push([{ layouts: [base.folder], references: [`${registry.address}/base:1`] }])
  const shared = base.layers.map(({ digest }) => base.blobs.get(digest) ?? Buffer.alloc(0))
  const layout = await makeLayout(fresh(), { shared, layers: 1 })
  const outcome = await push([
    {
      layouts: [layout.folder],
      references: [`${registry.address}/derived:1`],
      mountFrom: ['docker.io/library/alpine:3', `${registry.address}/nowhere:1`, `${registry.address}/base:1`]
    }
  ])
  expect(outcome).toMatchObject({ ok: true, mounted: { blobs: 3, bytes: 30_000 }, uploaded: { blobs: 2 } })
  await expectAll('derived', layout)
})

test('a digest alone leaves no tag', async () => {
  const layout = await makeLayout(fresh())
  const reference = `${registry.address}/untagged`
  const outcome = await push([{ layouts: [layout.folder], references: [reference], byDigest: true }])
  expect(outcome.references).toEqual([{ reference, digest: layout.root.digest, state: 'pushed' }])
  expect(await registryTags(registry, 'untagged')).toEqual([])
  await expectAll('untagged', layout)
})

test('where there is no reference, nothing is done', async () => {
  const layout = await makeLayout(fresh())
  expect(await push([{ layouts: [layout.folder], references: [] }])).toMatchObject({ ok: true, references: [] })
})

test('layouts of several platforms become one index, and one layer of both is sent once', async () => {
  const shared = [Buffer.from('in both')]
  const annotations = { 'org.example.of': 'both' }
  const amd = await makeLayout(fresh(), { shared, attestation: 'artifact', annotations })
  const arm = await makeLayout(fresh(), { shared, architecture: 'arm64' })
  const references = [`${registry.address}/platforms:1`]
  const outcome = await push([{ layouts: [amd.folder, arm.folder], references, annotations: { z: '<1>' } }])
  expect(outcome).toMatchObject({ ok: true, uploaded: { blobs: 1 + 3 + 1 + 2 + 3 + 1 } })
  const stored = await registryManifest(registry, 'platforms', '1')
  expect(stored?.document).toMatchObject({
    mediaType: 'application/vnd.oci.image.index.v1+json',
    annotations: { 'org.example.of': 'both', z: '<1>' },
    manifests: [
      { digest: amd.image.digest, platform: { architecture: 'amd64', os: 'linux' } },
      { digest: arm.image.digest, platform: { architecture: 'arm64', os: 'linux' } },
      { annotations: { 'vnd.docker.reference.digest': amd.image.digest }, platform: { os: 'unknown' } }
    ]
  })
  expect(outcome.references[0]?.digest).toBe(stored?.digest)
  // The index of one platform alone is not what anybody wants.
  expect(await registryManifest(registry, 'platforms', amd.root.digest)).toBeUndefined()
})

describe('two registries, of which one refuses', () => {
  test('leave both without the tag', async () => {
    const layout = await makeLayout(fresh())
    const references = [`${registry.address}/half:1`, `${closed.address}/half:1`]
    const outcome = await push([{ layouts: [layout.folder], references }])
    expect(outcome).toMatchObject({
      ok: false,
      problem: { kind: 'login-missing', status: 401 },
      references: [{ state: 'without' }, { state: 'untouched' }]
    })
    expect(await registryTags(registry, 'half')).toEqual([])
  })
})

describe('logins', () => {
  test('docker’s own is used', async () => {
    await using home = await homeWith({ auths: { [closed.address]: { auth: encoded(login.user, login.password) } } })
    const layout = await makeLayout(fresh())
    const outcome = await push([{ layouts: [layout.folder], references: [`${closed.address}/mine:1`] }], home.env)
    expect(outcome.problem).toBeUndefined()
    await expectAll('mine', layout, closed)
  })

  test('a wrong one is told with its source, and without its password', async () => {
    await using home = await homeWith({ auths: { [closed.address]: { auth: encoded('pusher', 'hunter2hunter2') } } })
    const layout = await makeLayout(fresh())
    const outcome = await push([{ layouts: [layout.folder], references: [`${closed.address}/mine:2`] }], home.env)
    expect(outcome.problem).toMatchObject({ kind: 'login-refused', status: 401 })
    expect(outcome.problem?.message).toContain(`the login of pusher from ${home.folder}/config.json is not accepted`)
    expect(JSON.stringify(outcome)).not.toContain('hunter2')
  })

  test('one in a file that is cut off is told as that, and not as none', async () => {
    await using home = await homeWith()
    const file = path.join(home.folder, 'config.json')
    await writeFile(file, `{"auths":{"${closed.address}":{"auth":"${encoded('pusher', 'hunter2hunter2')}`)
    const layout = await makeLayout(fresh())
    const outcome = await push([{ layouts: [layout.folder], references: [`${closed.address}/mine:3`] }], home.env)
    expect(outcome.problem).toMatchObject({ kind: 'login-missing', status: 401 })
    expect(outcome.problem?.message).toContain(`none could be read: ${file} is cut off or not JSON`)
    expect(JSON.stringify(outcome)).not.toContain(encoded('pusher', 'hunter2hunter2').slice(0, 8))
  })
})
