/** Layers that are scanned while their builder writes them come to the same as those that are read afterwards. */
import { describe, expect, test } from '@jest/globals'
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  analyseImage,
  mergedFiles,
  planNeedles,
  readImages,
  scanAhead,
  type GrowingFile,
  type ImageAnalysis,
  type LayersAhead,
  type PlatformImage
} from '../../src/image/index.js'
import { digestOf, layerBlob, layoutOf, temporaryFolder, writeFiles, type ImageInput } from './support/image-builder.js'
import { seeded } from './support/random.js'
import { file } from './support/tar-builder.js'

const SECRET = 'ghp_0123456789abcdef'
const kilo = ['x'.repeat(1000), 'y'.repeat(1000)]
const needles = await planNeedles([{ id: 'token', kind: 'secret', value: SECRET }])

type OnDisk = AsyncDisposable & { readonly image: PlatformImage; readonly images: readonly PlatformImage[] }

async function onDisk(...inputs: readonly ImageInput[]): Promise<OnDisk> {
  const folder = await temporaryFolder()
  const { images } = await readImages(await writeFiles(folder.path, layoutOf(inputs)))
  return { image: images[0]!, images, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

/** Begins with each layer as one that is being written. */
function beginAll(ahead: LayersAhead, { layers }: PlatformImage): void {
  for (const { descriptor, blob } of layers) {
    if (blob !== undefined) ahead.begin(descriptor.digest, { ...blob, later: blob.path })
  }
}

/** What an analysis says; its files are in no particular order. */
function said({ tree, ...analysis }: ImageAnalysis): unknown {
  return { analysis, files: [...mergedFiles(tree)].map((each) => JSON.stringify(each)).toSorted() }
}

describe('an analysis of layers that were scanned ahead', () => {
  test('says what one without says, of random images', async () => {
    const random = seeded(7)
    let leaks = 0
    for (let round = 0; round < 60; round++) {
      const layers = Array.from({ length: 1 + random.below(5) }, () => ({
        entries: [
          ...random.entries(random.below(12)),
          ...random.entries(random.below(4)).map((entry) => ({ ...entry, mode: 0o6777 })),
          ...Array.from({ length: random.below(4) }, () => file(random.path(), kilo[random.below(2)])),
          ...(random.below(4) === 0 ? [file('t', SECRET)] : [])
        ],
        compression: random.pick(['none', 'gzip', 'zstd'] as const)
      }))
      await using disk = await onDisk({ layers })
      const { image } = disk
      const baseDiffIDs = Promise.resolve(image.layers.slice(0, random.below(3)).map(({ diffID }) => diffID))
      const ahead = scanAhead({ needles })
      beginAll(ahead, { ...image, layers: image.layers.toReversed() })
      const plain = await analyseImage(image, { needles, baseDiffIDs })
      expect(said(await analyseImage(image, { needles, baseDiffIDs, ahead }))).toEqual(said(plain))
      leaks += plain.leaks.length
    }
    expect(leaks).toBeGreaterThan(10)
  })

  test('does not read them again, and reads the others', async () => {
    const shared = [file('a', 'same')]
    await using disk = await onDisk({
      layers: [{ entries: shared }, { entries: shared }, { entries: [file('b', 'x')] }]
    })
    const { image } = disk
    const [first, second] = image.layers
    if (first?.blob === undefined || second === undefined) throw new Error('no layers')
    const ahead = scanAhead({ needles })
    beginAll(ahead, { ...image, layers: [second, first] })
    const taken = await ahead.take(image.layers, needles)
    // One blob stands for two layers; it was scanned once, for the lower.
    expect([...(taken?.scans.keys() ?? [])]).toEqual([0])
    expect([...(taken?.entries.layer.subarray(1, taken.entries.count) ?? [])]).toEqual([0])
  })
})

describe('nothing is taken', () => {
  const input: ImageInput = { layers: [{ entries: [file('a', 'x')] }, { entries: [file('b', SECRET)] }] }

  test('where a layer is not the image’s', async () => {
    await using disk = await onDisk(input, { ...input, layers: input.layers.slice(1), architecture: 'arm64' })
    const [one, other] = disk.images
    const ahead = scanAhead({ needles })
    beginAll(ahead, one!)
    expect(await ahead.take(other!.layers, needles)).toBeUndefined()
    expect((await analyseImage(other!, { needles, ahead })).leaks).toHaveLength(1)
  })

  test('a second time', async () => {
    await using disk = await onDisk(input)
    const ahead = scanAhead({ needles })
    beginAll(ahead, disk.image)
    expect(await ahead.take(disk.image.layers, needles)).toBeDefined()
    expect(await ahead.take(disk.image.layers, needles)).toBeUndefined()
  })

  test('of what is begun too late', async () => {
    await using disk = await onDisk(input)
    const [lower, upper] = disk.image.layers
    const ahead = scanAhead({ needles })
    beginAll(ahead, { ...disk.image, layers: [lower!] })
    const taking = ahead.take(disk.image.layers, needles)
    beginAll(ahead, { ...disk.image, layers: [upper!] })
    const taken = await taking
    expect([...(taken?.scans.keys() ?? [])]).toEqual([0])
    await setTimeout(50)
    expect(taken?.entries.count).toBe(2)
  })

  test('of a layer whose writer gave up', async () => {
    await using disk = await onDisk(input)
    const [lower, upper] = disk.image.layers
    const place = path.join(path.dirname(lower!.blob!.path), 'part')
    await writeFile(place, (await readFile(lower!.blob!.path)).subarray(0, 9))
    const ahead = scanAhead({ needles })
    ahead.begin(lower!.descriptor.digest, { path: place, later: place, size: lower!.blob!.size })
    beginAll(ahead, { ...disk.image, layers: [upper!] })
    expect((await analyseImage(disk.image, { needles, ahead })).leaks).toHaveLength(1)
  })

  test('where something else is looked for', async () => {
    await using disk = await onDisk(input)
    const ahead = scanAhead({ needles: undefined })
    beginAll(ahead, disk.image)
    expect((await analyseImage(disk.image, { needles, ahead })).leaks).toHaveLength(1)
  })

  test('of a config that names another layer, which the analysis tells', async () => {
    const wrong = `sha256:${'1'.repeat(64)}`
    await using disk = await onDisk({ layers: [{ entries: [file('a', 'x')], diffID: wrong }] })
    const ahead = scanAhead({ needles })
    beginAll(ahead, disk.image)
    await expect(analyseImage(disk.image, { needles, ahead })).rejects.toMatchObject({ code: 'wrong-digest' })
  })

  test('of a blob that is not what it is named', async () => {
    await using disk = await onDisk(input)
    const [layer] = disk.image.layers
    await writeFile(layer!.blob!.path, Buffer.alloc(layer!.blob!.size))
    const ahead = scanAhead({ needles })
    beginAll(ahead, disk.image)
    expect(await ahead.take(disk.image.layers, needles)).toBeUndefined()
  })

  test('when it was aborted', async () => {
    await using disk = await onDisk(input)
    const stopping = new AbortController()
    const ahead = scanAhead({ needles, signal: stopping.signal })
    const [layer] = disk.image.layers
    ahead.begin(layer!.descriptor.digest, { path: layer!.blob!.path, later: layer!.blob!.path, size: 2 ** 40 })
    await setTimeout(20)
    stopping.abort()
    expect(await ahead.take(disk.image.layers, needles)).toBeUndefined()
  })
})

describe('a blob that is complete', () => {
  test('is scanned where it is large, unless it is a document', async () => {
    const large = file('a', seeded(1).bytes(20_000).toString('hex'))
    const statements = [{ text: 'x'.repeat(20_000) }]
    await using disk = await onDisk({ layers: [{ entries: [large] }, { entries: [file('b', '')] }], statements })
    const { image } = disk
    const ahead = scanAhead({ needles })
    for (const { descriptor, blob } of image.layers) ahead.begin(descriptor.digest, blob!)
    const statement = digestOf(Buffer.from(JSON.stringify(statements[0])))
    const place = path.join(path.dirname(image.layers[0]!.blob!.path), statement.slice(7))
    ahead.begin(statement, { path: place, offset: 0, size: 20_011 })
    const taken = await ahead.take(image.layers, needles)
    expect([...(taken?.scans.keys() ?? [])]).toEqual([0])
  })
})

describe('a layer that is being written', () => {
  test.each(['none', 'gzip', 'zstd'] as const)(
    'is read to its end, in pieces and over its renaming: %s',
    async (kind) => {
      const layer = {
        entries: [file('a', SECRET), file('b', seeded(2).bytes(40_000).toString('hex'))],
        compression: kind
      }
      await using disk = await onDisk({ layers: [layer] })
      const blob = layerBlob(layer)
      const { digest } = disk.image.layers[0]!.descriptor
      const folder = path.join(path.dirname(disk.image.layers[0]!.blob!.path), 'ingest')
      await mkdir(folder)
      const growing: GrowingFile = {
        path: path.join(folder, 'data'),
        later: path.join(folder, 'done'),
        size: blob.length
      }
      await writeFile(growing.path, blob.subarray(0, 3))
      const ahead = scanAhead({ needles })
      ahead.begin(digest, growing)
      for (let at = 3; at < blob.length; at += 9_000) {
        await setTimeout(3)
        await appendFile(growing.path, blob.subarray(at, at + 9_000))
      }
      await rename(growing.path, growing.later)
      const taken = await ahead.take(disk.image.layers, needles)
      expect(taken?.scans.get(0)?.hits).toHaveLength(1)
      expect(taken?.scans.get(0)?.diffID).toBe(disk.image.layers[0]!.diffID)
    }
  )

  test('is found where it is complete by the time its turn comes', async () => {
    await using disk = await onDisk({ layers: [{ entries: [file('a', 'x')] }] })
    const { blob, descriptor } = disk.image.layers[0]!
    const ahead = scanAhead({ needles })
    ahead.begin(descriptor.digest, { path: `${blob!.path}-gone`, later: blob!.path, size: blob!.size })
    expect((await ahead.take(disk.image.layers, needles))?.scans.size).toBe(1)
  })
})
