import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { analyseImage, fileIndex, ImageError, mergedFiles, planNeedles, readImages } from '../../../src/image/index.js'
import {
  archiveOf,
  digestOf,
  dockerSaveOf,
  layerTar,
  layoutOf,
  temporaryFolder,
  writeFiles,
  type LayerInput,
  type LayoutFiles
} from './image-builder.js'
import { seeded } from './random.js'
import { base256, file, gnuLongName, tar, tarEntry, type TarInput } from './tar-builder.js'

type Random = ReturnType<typeof seeded>

const secret = 'fuzz-SECRET-0123456789'
const needles = await planNeedles([{ id: 'planted', value: secret, kind: 'secret' }])

/** Small limits, so that what passes them is met as well. */
const limits = { entries: 200, pathBytes: 2000, headerBytes: 5000, layerBytes: 10_000_000, documentBytes: 200_000 }

/**
 * One broken image, made from a number: its tar, its compressed stream, its documents or its archive is damaged, and whatever is above the
 * damage is made to fit again, so that the damage is met and not only a digest. Returns what is wrong, or undefined: either an `ImageError`
 * must come, or an analysis whose sums hold and whose leak check found the secret that is in the bytes.
 */
export async function fuzzRound(seed: number): Promise<string | undefined> {
  const random = seeded(seed)
  const archives = Array.from({ length: random.below(3) + 1 }, () => damaged(random, oddTar(random), random.below(3)))
  const layers = archives.map((bytes) => layerOf(random, bytes))
  const image = { layers, statements: [{ build: 'args' }] }
  const files =
    random.below(4) === 0 ? dockerSaveOf({ layers: archives.map((bytes) => ({ tar: bytes })) }) : layoutOf([image])
  if (random.below(3) === 0) damageDocument(random, files)

  await using folder = await temporaryFolder()
  let path = folder.path
  if (random.below(3) === 0) {
    path = join(folder.path, 'image.tar')
    await writeFile(path, damaged(random, archiveOf(files), random.below(2)))
  } else await writeFiles(folder.path, files)

  try {
    const { images } = await readImages(path, { limits })
    for (const found of images) {
      const analysis = await analyseImage(found, { needles, limits })
      const { size, reclaimable, efficiency, leaks, layers: analysed, tree } = analysis
      const sum = analysed.reduce((total, layer) => total + layer.size, 0)
      if (sum !== size) return `layers sum up to ${sum}, not ${size}`
      const live = size - reclaimable.own - reclaimable.base
      if (!(live >= 0) || !(efficiency >= 0 && efficiency <= 1)) return `live ${live}, efficiency ${efficiency}`
      for (const record of mergedFiles(tree))
        if (!record.path.startsWith('/') || /\/\.\.?(?:\/|$)/.test(record.path)) return `path ${record.path}`
      for (const record of fileIndex(tree)) if (!(record.size >= 0)) return `size ${record.size} of ${record.path}`
      const planted = found.layers.some(({ diffID }) =>
        archives.some((bytes, at) => isLayer(diffID, layers[at]!) && bytes.includes(secret))
      )
      if (planted && leaks.length === 0) return 'the planted secret was not found'
    }
    return undefined
  } catch (caught) {
    return caught instanceof ImageError ? undefined : `${caught instanceof Error ? caught.stack : String(caught)}`
  }
}

/** Archives with every feature, some of them in the wrong place. */
function oddTar(random: Random): Buffer {
  const inputs = Array.from({ length: random.below(10) }, (): TarInput => {
    const path = String(random.entry().path)
    switch (random.below(9)) {
      case 0:
        return file(path, secret)
      case 1:
        return file('x', 'y', { pax: { path: `${'deep/'.repeat(random.below(500))}f` } })
      case 2:
        return gnuLongName('l/'.repeat(random.below(200)))
      case 3:
        return file(path, 'z', { sizeField: base256(random.below(2000), 12) })
      case 4:
        return file(path, random.bytes(random.below(1500)), {
          pax: { 'GNU.sparse.realsize': String(random.below(2 ** 31)) }
        })
      case 5:
        return {
          path,
          flag: random.pick(['S', 'g', 'x', 'X', 'K', 'V', '3', '6', '7']),
          content: random.bytes(random.below(600))
        }
      case 6:
        return { path: random.bytes(20) }
      default:
        return random.entry()
    }
  })
  return random.below(4) === 0 ? Buffer.concat(inputs.map(tarEntry)) : tar(inputs)
}

function layerOf(random: Random, bytes: Buffer): LayerInput {
  const part = random.below(bytes.length + 1)
  const parts = [bytes.subarray(0, part), bytes.subarray(part)]
  switch (random.below(4)) {
    case 0:
      return { tar: bytes, compression: 'none' }
    case 1:
      return {
        tar: bytes,
        blob: damaged(random, Buffer.concat(parts.map((piece) => gzipSync(piece))), random.below(2))
      }
    case 2:
      return {
        tar: bytes,
        blob: damaged(random, Buffer.concat(parts.map((piece) => zstdCompressSync(piece))), random.below(2))
      }
    default:
      return { tar: bytes }
  }
}

/** Flips, cuts, repeats, overwrites. */
function damaged(random: Random, bytes: Buffer, times: number): Buffer {
  let result = Buffer.from(bytes)
  for (let round = 0; round < times && result.length > 0; round++) {
    const at = random.below(result.length)
    const length = random.below(Math.min(600, result.length - at)) + 1
    switch (random.below(5)) {
      case 0:
        result[at] = random.below(256)
        break
      case 1:
        result = Buffer.from(result.subarray(0, at))
        break
      case 2:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)])
        break
      case 3:
        result = Buffer.concat([result.subarray(0, at + length), result.subarray(at)])
        break
      default:
        result.fill(random.pick([0, 0xff, 0x20, 0x37]), at, at + length)
    }
  }
  return result
}

/** Damages index.json or manifest.json as text or as JSON; no digest guards them. */
function damageDocument(random: Random, files: LayoutFiles): void {
  const name = files.has('index.json') ? 'index.json' : 'manifest.json'
  const text = files.get(name)!.toString()
  const strange = [
    'null',
    '[]',
    '{}',
    '-1',
    '1e99',
    '"x"',
    'true',
    '[null]',
    '{"digest":1}',
    `"sha256:${'0'.repeat(64)}"`
  ]
  const changed =
    random.below(2) === 0
      ? damaged(random, Buffer.from(text), 2)
      : Buffer.from(
          text.replace(/(:)("[^"]*"|\d+|\[[^\]]*\])/g, (whole) =>
            random.below(6) === 0 ? `:${random.pick(strange)}` : whole
          )
        )
  files.set(name, changed)
}

function isLayer(diffID: string, layer: LayerInput): boolean {
  return digestOf(layerTar(layer)) === diffID
}
