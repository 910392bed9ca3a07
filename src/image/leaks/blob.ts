import { createReadStream } from 'node:fs'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { ImageError } from '../errors.js'
import { readRange } from '../files.js'
import { compressionOf } from '../inflate.js'
import { defaultLimits } from '../limits.js'
import { tarReader } from '../tar/reader.js'
import { knownKey } from './known_keys.js'
import type { NeedlePlan } from './needles.js'
import { hitStream, type Hit } from './stream.js'

/**
 * What is found in a layer's blob on disk, read to its end; for blobs that are no image's, such as a cache's. Private keys that everybody has
 * are left out: see known_keys.ts.
 */
export async function searchBlob(path: string, size: number, needles: NeedlePlan): Promise<readonly Hit[]> {
  const hits = hitStream(needles)
  for await (const piece of inflatedBlob(path, size)) hits.write(piece)
  return hits.end().hits.filter((hit) => hit.kind === 'secret' || knownKey(hit.fingerprint) === undefined)
}

/**
 * The path of the entry in which each hit of a layer's blob lies, as the archive has it; `undefined` where it lies in none.
 * @param hits in the order of the stream
 */
export async function pathsOfHits(
  path: string,
  size: number,
  hits: readonly Hit[]
): Promise<readonly (string | undefined)[]> {
  const paths: (string | undefined)[] = hits.map(() => undefined)
  let next = 0
  const reader = tarReader(
    {
      entry: (entry) => {
        const end = entry.dataOffset + entry.storedSize
        for (let hit = hits[next]; hit !== undefined && hit.offset < end; hit = hits[++next]) {
          if (hit.offset >= entry.headerOffset) paths[next] = entry.path.toString()
        }
      },
      content: () => undefined,
      entryEnd: () => undefined
    },
    defaultLimits
  )
  try {
    for await (const piece of inflatedBlob(path, size)) reader.write(piece)
  } catch (error) {
    if (!(error instanceof ImageError)) throw error // no archive
  }
  return paths
}

async function* inflatedBlob(path: string, size: number): AsyncGenerator<Buffer> {
  const magic = await readRange({ path, offset: 0, size: Math.min(size, 4) }, 4, path)
  const compression = compressionOf(magic)
  const source = createReadStream(path, { highWaterMark: 2 ** 20 })
  const pieces =
    compression === 'gzip'
      ? source.pipe(createGunzip({ chunkSize: 2 ** 19 }))
      : compression === 'zstd'
        ? source.pipe(createZstdDecompress({ chunkSize: 2 ** 19 }))
        : source
  source.once('error', (error) => pieces.destroy(error))
  for await (const piece of pieces as AsyncIterable<Buffer>) yield piece
}
