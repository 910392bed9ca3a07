/** Pushing a searched cache to a real registry. */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { carryCache, type Carrying } from '../../src/cache/carry.js'
import { readCacheLayers } from '../../src/cache/layers.js'
import { seesAsBuilder } from '../../src/cache/near.js'
import { cacheForm } from '../../src/cache/plan.js'
import { Cancelled } from '../../src/ports.js'
import { readContent } from '../../src/registry/content.js'
import { startFaultyRegistry, type FaultyRegistry } from '../e2e/support/faults.js'
import { makeLayout, type MadeLayout } from '../registry/support/layout.js'
import { portsFor } from '../registry/support/ports.js'
import { makeLog } from '../ssh/support.js'
import { registryManifest, registryTags, startRegistry, type Registry } from '../support/engine.js'

jest.setTimeout(60_000)

let registry: Registry
let watched: FaultyRegistry
let folder: string
let count = 0

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-carry-'))
  registry = await startRegistry({ inMemory: true })
  watched = await startFaultyRegistry(registry)
})
afterEach(() => {
  watched.misbehave(() => undefined)
})
afterAll(async () => {
  await watched[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** A cache as BuildKit leaves it on disk: its layers and its manifest have the form of an image's. */
async function makeCache(): Promise<MadeLayout> {
  count += 1
  return makeLayout(path.join(folder, `cache-${count}`))
}

/** The layer was not to be written. */
async function leaveOut({ folder: layout, layers }: MadeLayout, index: number): Promise<void> {
  await truncate(path.join(layout, 'blobs', layers[index]?.digest.replace(':', '/') ?? ''))
}

const planned = (reference: string): string => `type=registry,ref=${reference},${cacheForm},ignore-error=true`

async function carry(
  { folder: layout }: MadeLayout,
  to: readonly string[],
  given: Partial<Carrying> & { readonly limitSeconds?: number; readonly controller?: AbortController } = {}
) {
  const { controller, ...options } = given
  const carrying = { env: { DOCKER_CONFIG: folder }, driver: 'docker', layers: [], mountFrom: [], limitSeconds: 30 }
  return carryCache({ ...portsFor({}, controller), log: makeLog().log }, layout, { ...carrying, to, ...options })
}

const layersOf = ({ layers }: MadeLayout): ReadonlyMap<string, number> =>
  new Map(layers.map(({ digest, size }) => [digest, size]))

test('the files arrive as they are, under each reference, and can be read again', async () => {
  const cache = await makeCache()
  const references = [`${registry.address}/all:branch-main`, `${registry.address}/all:branch-main-retry`]
  expect(await carry(cache, references.map(planned))).toEqual(layersOf(cache))
  for (const tag of ['branch-main', 'branch-main-retry']) {
    expect((await registryManifest(registry, 'all', tag))?.digest).toBe(cache.root.digest)
  }
  const near = { env: {}, driver: 'docker' }
  const read = await readCacheLayers(portsFor(), { builder: 'default' }, references[0] ?? '', near)
  expect(read).toEqual(layersOf(cache))
})

test('a layer that was not written comes from the image', async () => {
  const cache = await makeCache()
  const { blobs } = await readContent([cache.folder])
  const beside = await makeLayout(path.join(folder, 'beside'), { layers: 0, shared: [...cache.blobs.values()] })
  const layers = (await readContent([beside.folder])).blobs
  expect(blobs.length).toBeGreaterThan(1)
  await leaveOut(cache, 1)
  expect(await carry(cache, [planned(`${registry.address}/image:c`)], { layers })).toEqual(layersOf(cache))
  expect((await registryManifest(registry, 'image', 'c'))?.digest).toBe(cache.root.digest)
})

test('a layer that was not written may be in the repository, or in one of an image', async () => {
  const cache = await makeCache()
  await carry(cache, [planned(`${registry.address}/earlier:c`)])
  await leaveOut(cache, 0)
  expect(await carry(cache, [planned(`${registry.address}/earlier:again`)])).toEqual(layersOf(cache))
  const mountFrom = [`${registry.address}/earlier:c`]
  expect(await carry(cache, [planned(`${registry.address}/later:c`)], { mountFrom })).toEqual(layersOf(cache))
})

test('no other repository is asked for what had to be searched: it is new', async () => {
  const [cache, at] = [await makeCache(), watched.address]
  const mountFrom = [`${at}/one:c`, `${at}/two:c`]
  expect(await carry(cache, [planned(`${at}/new:c`)], { mountFrom })).toEqual(layersOf(cache))
  const writes = watched.writes('new')
  expect(writes.length).toBeGreaterThan(cache.layers.length)
  expect(writes.filter((write) => write.includes('mount='))).toEqual([])
})

test('where a layer is nowhere, no tag is written', async () => {
  const cache = await makeCache()
  await leaveOut(cache, 2)
  expect(await carry(cache, [planned(`${registry.address}/none:c`)])).toBeUndefined()
  expect(await registryTags(registry, 'none')).toEqual([])
})

test.each<[string, string, Partial<Carrying>]>([
  ['a builder elsewhere', planned('REGISTRY/asked:c'), { driver: 'remote' }],
  ['a builder in a container, whose loopback is its own', planned('REGISTRY/asked:c'), { driver: 'docker-container' }],
  ['attributes of the user', 'type=registry,ref=REGISTRY/asked:c,mode=max,compression=zstd', {}],
  ['a short value', 'REGISTRY/asked:c', {}]
])('BuildKit writes it itself for %s', async (_, value, options) => {
  watched.takePassed()
  expect(await carry(await makeCache(), [value.replace('REGISTRY', watched.address)], options)).toBeUndefined()
  expect(watched.takePassed()).toEqual([])
})

test.each<[string, (layout: string) => Promise<void>]>([
  ['an index of layers', (layout) => writeFile(path.join(layout, 'index.json'), '{"manifests":[]}')],
  ['no layout', (layout) => rm(path.join(layout, 'index.json'))]
])('BuildKit writes it itself where there is %s', async (_, change) => {
  const cache = await makeCache()
  await change(cache.folder)
  expect(await carry(cache, [planned(`${registry.address}/other:c`)])).toBeUndefined()
})

test('a manifest that is not what its digest says is not pushed', async () => {
  const cache = await makeCache()
  await writeFile(path.join(cache.folder, 'blobs', cache.root.digest.replace(':', '/')), 'x'.repeat(cache.root.size))
  expect(await carry(cache, [planned(`${registry.address}/changed:c`)])).toBeUndefined()
})

test('a registry that says nothing is waited for until the time is up', async () => {
  watched.misbehave((method) => (method === 'POST' ? { kind: 'silence' } : undefined))
  expect(await carry(await makeCache(), [planned(`${watched.address}/silent:c`)], { limitSeconds: 1 })).toBe('late')
})

test('a cancel ends it', async () => {
  const controller = new AbortController()
  watched.misbehave((method) => {
    if (method !== 'POST') return undefined
    controller.abort()
    return { kind: 'silence' }
  })
  const carrying = carry(await makeCache(), [planned(`${watched.address}/cancelled:c`)], { controller })
  await expect(carrying).rejects.toThrow(Cancelled)
})

test('what a refused push says is BuildKit’s to say: it tries it again', async () => {
  watched.misbehave((method) => (method === 'PUT' ? { kind: 'answer', status: 403 } : undefined))
  expect(await carry(await makeCache(), [planned(`${watched.address}/refused:c`)])).toBeUndefined()
  expect(await registryTags(registry, 'refused')).toEqual([])
})

test.each([
  ['docker', 'ghcr.io/acme/app:c', true],
  ['docker', '127.0.0.1:5000/app:c', true],
  ['docker-container', 'ghcr.io/acme/app:c', true],
  ['docker-container', 'localhost:5000/app:c', false],
  ['remote', 'ghcr.io/acme/app:c', false],
  ['kubernetes', 'ghcr.io/acme/app:c', false],
  ['cloud', 'ghcr.io/acme/app:c', false],
  ['docker', 'NOT a reference', false]
])('the runner sees a registry as the builder does: %s, %s: %s', (driver, reference, sees) => {
  expect(seesAsBuilder({ driver }, reference)).toBe(sees)
})
