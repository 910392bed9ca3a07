/** One platform as files for other programs. */
import { expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readImages } from '../../src/image/index.js'
import {
  archiveNames,
  platformFolder,
  writeArchive,
  writeLayout,
  writeLayoutArchive,
  writeSingleLayout
} from '../../src/serve/layout.js'
import { singleImage } from '../../src/serve/shelf.js'
import { imageOnDisk, sha256 } from './support.js'

async function armImage() {
  const disk = await imageOnDisk()
  const digest = disk.manifests[1] ?? ''
  const image = singleImage(disk.shelf, digest)
  if (image === undefined) throw new Error('no image')
  return { ...disk, digest, image }
}

test('a layout has the one image, its name, no attestation and the same digest', async () => {
  await using given = await armImage()
  const folder = path.join(given.folder, 'single')
  await writeSingleLayout(folder, given.image, 'linux-arm64')
  const { images, strayAttestations } = await readImages(folder)
  expect(images.map(({ manifestDigest, platformName }) => [manifestDigest, platformName])).toEqual([
    [given.digest, 'linux/arm64']
  ])
  expect(images.flatMap(({ names }) => names)).toEqual(['linux-arm64'])
  expect(strayAttestations).toEqual([])
  const layer = given.image.layers[0]
  // No second copy of the layers.
  const linked = path.join(folder, 'blobs/sha256', layer?.digest.slice(7) ?? '')
  expect((await stat(linked)).ino).toBe((await stat(layer?.file.path ?? '')).ino)
})

test('a blob inside another file is copied, and its absence is a failure of the writer', async () => {
  await using given = await armImage()
  const { config } = given.image
  const inTar = (file: string) => ({
    ...{ ...given.image, layers: [] },
    config: { ...config, file: { path: file, offset: 512, size: config.size } }
  })
  const tar = path.join(given.folder, 'blobs.tar')
  await writeFile(tar, Buffer.concat([Buffer.alloc(512), await readFile(config.file.path), Buffer.alloc(512)]))
  await writeSingleLayout(path.join(given.folder, 'copied'), inTar(tar), 'x')
  const copied = await readFile(path.join(given.folder, 'copied/blobs/sha256', config.digest.slice(7)))
  expect(sha256(copied)).toBe(config.digest)

  const gone = inTar(path.join(given.folder, 'no-such.tar'))
  await expect(writeSingleLayout(path.join(given.folder, 'gone'), gone, 'x')).rejects.toThrow('ENOENT')
})

test.each([
  ['a folder', writeLayout],
  ['a tar', writeLayoutArchive]
])('the whole image in %s has its digest, its attestations and all of its names', async (_, write) => {
  await using given = await imageOnDisk()
  const place = path.join(given.folder, 'whole')
  await write(place, given.shelf, ['acme/app:1', 'r.example.com/app'].map(archiveNames))
  const { images } = await readImages(place)
  expect(images.map(({ manifestDigest }) => manifestDigest)).toEqual(given.manifests)
  expect(images[0]?.names).toEqual(['docker.io/acme/app:1', '1', 'r.example.com/app:latest', 'latest'])
  const { images: original } = await readImages(given.folder)
  const attested = (all: typeof images) => all.map(({ attestations }) => attestations.map(({ digest }) => digest))
  expect(attested(images)).toEqual(attested(original))
  expect(attested(images).flat()).toHaveLength(1)

  const nameless = path.join(given.folder, 'nameless')
  const described = { platform: { os: 'linux', architecture: 'arm64' }, annotations: { a: 'b' } }
  await write(nameless, { ...given.shelf, described }, [])
  const index =
    write === writeLayout
      ? await readFile(path.join(nameless, 'index.json'), 'utf8')
      : execFileSync('tar', ['-xOf', nameless, 'index.json'], { encoding: 'utf8' })
  expect(JSON.parse(index)).toMatchObject({ manifests: [{ digest: given.shelf.root.digest, ...described }] })
  expect((await readImages(nameless)).images.flatMap(({ names }) => names)).toEqual([])
})

test('an archive holds the same image, for readers of either kind', async () => {
  await using given = await armImage()
  const file = path.join(given.folder, 'image.tar')
  await writeArchive(file, given.image, { refName: 'inspected', tag: 'stagegate/app:inspected' })
  const { images } = await readImages(file)
  expect(images.map(({ manifestDigest }) => manifestDigest)).toEqual([given.digest])
  const names = execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n')
  const manifest = JSON.parse(execFileSync('tar', ['-xOf', file, 'manifest.json'], { encoding: 'utf8' })) as {
    Config: string
    RepoTags: string[]
    Layers: string[]
  }[]
  expect(manifest[0]?.RepoTags).toEqual(['stagegate/app:inspected'])
  for (const name of [manifest[0]?.Config ?? '', ...(manifest[0]?.Layers ?? [])]) {
    expect(names).toContain(name)
    expect(sha256(execFileSync('tar', ['-xOf', file, name]))).toBe(`sha256:${path.basename(name)}`)
  }
  expect((await readFile(file)).length % 512).toBe(0)
})

test('what is not on the shelf is no image', async () => {
  await using given = await armImage()
  expect(singleImage(given.shelf, `sha256:${'0'.repeat(64)}`)).toBeUndefined()
  const lacking = { ...given.shelf, blobs: given.shelf.blobs.slice(0, 0) }
  expect(singleImage(lacking, given.digest)).toBeUndefined()
})

test.each([
  ['linux/amd64', 'linux-amd64'],
  ['linux/arm/v7', 'linux-arm-v7'],
  ['windows(10.0.17763.1)/amd64', 'windows-10.0.17763.1-amd64']
])('the folder of %s', (platform, folder) => {
  expect(platformFolder(platform)).toBe(folder)
})

test.each([
  ['a folder', writeLayout],
  ['a tar', writeLayoutArchive]
])('a blob that is not what it was is refused in %s', async (_, write) => {
  await using given = await armImage()
  const [layer] = given.image.layers
  if (layer === undefined) throw new Error('no layer')
  const bytes = await readFile(layer.file.path)
  await writeFile(layer.file.path, bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1))
  const refused = write(path.join(given.folder, 'out'), given.shelf, [])
  await expect(refused).rejects.toMatchObject({ code: 'wrong-digest', message: expect.stringContaining(layer.digest) })
})
