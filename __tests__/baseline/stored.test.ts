/** The manifest of an image to compare with, asked of a real registry, in place of the one that a builder wrote. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { withStoredManifests } from '../../src/baseline/stored.js'
import type { Snapshot } from '../../src/compare/index.js'
import { pushImages } from '../../src/registry/push.js'
import { startFaultyRegistry, type FaultyRegistry } from '../e2e/support/faults.js'
import { makeLayout, readImages, type MadeLayout } from '../registry/support/layout.js'
import { portsFor } from '../registry/support/ports.js'
import { startRegistry, type Registry } from '../support/engine.js'

jest.setTimeout(60_000)

let real: Registry
let registry: FaultyRegistry
let folder: string
let single: MadeLayout
let index: MadeLayout

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-stored-'))
  real = await startRegistry({ inMemory: true })
  registry = await startFaultyRegistry(real)
  ;[single, index] = await Promise.all([
    makeLayout(path.join(folder, 'single')),
    makeLayout(path.join(folder, 'index'), { attestation: 'artifact' })
  ])
  const images = await readImages([
    { layouts: [single.folder], references: [`${real.address}/app:single`] },
    { layouts: [index.folder], references: [`${real.address}/app:index`] }
  ])
  expect((await pushImages(portsFor({}), { env: { DOCKER_CONFIG: folder }, images })).ok).toBe(true)
})
beforeEach(() => {
  registry.misbehave()
  registry.takePassed()
})
afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await real[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** As a builder exported it. */
const exported: Snapshot = {
  ...{ platform: 'linux/amd64', size: 1, reclaimable: 0, layers: [], omissions: [], files: { list: [] } },
  ...{ transferSize: 5, manifestDigest: `sha256:${'0'.repeat(64)}` }
}

const read = (tag: string, digest: string, ...snapshots: readonly Snapshot[]) =>
  withStoredManifests(
    { exec: portsFor({}).exec },
    { reference: `${registry.address}/app:${tag}`, digest, env: { DOCKER_CONFIG: folder } },
    snapshots
  )

const transferOf = ({ image, config, layers }: MadeLayout): number =>
  [image, config, ...layers].reduce((sum, { size }) => sum + size, 0)

test.each<readonly [string, string, () => MadeLayout]>([
  ['an image', 'single', () => single],
  ['an index', 'index', () => index]
])('%s has the digest and the transfer size of its registry', async (_, tag, made) => {
  const { root, image } = made()
  const stored = { ...exported, transferSize: transferOf(made()), manifestDigest: image.digest }
  expect(await read(tag, root.digest, exported)).toEqual([stored])
})

test('the tag is not asked for: it may have moved since the image was read', async () => {
  await read('index', single.root.digest, exported)
  expect(registry.takePassed().filter(({ path }) => path.endsWith('/index'))).toEqual([])
})

test('nobody is asked where the manifest is the registry’s, or nothing has a compressed size', async () => {
  const same = { ...exported, manifestDigest: single.root.digest }
  const { transferSize, ...classic } = exported
  expect(transferSize).toBe(5)
  expect(await read('single', single.root.digest, same, classic)).toEqual([same, classic])
  expect(registry.takePassed()).toEqual([])
})

test('a registry that does not tell, or has another platform, leaves what was exported', async () => {
  const other = { ...exported, platform: 'linux/arm64' }
  expect(await read('single', single.root.digest, other)).toEqual([other])
  registry.misbehave(() => ({ kind: 'answer', status: 500 }))
  expect(await read('single', single.root.digest, exported)).toEqual([exported])
})
