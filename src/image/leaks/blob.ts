import { createReadStream } from 'node:fs'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { readRange } from '../files.js'
import { compressionOf } from '../inflate.js'
import { knownKey } from './known_keys.js'
import type { NeedlePlan } from './needles.js'
import { hitStream, type Hit } from './stream.js'

/**
 * What is found in a layer's blob on disk, read to its end; for blobs that are no image's, such as a cache's. Private keys that everybody has
 * are left out: see known_keys.ts.
 */
export async function searchBlob(path: string, size: number, needles: NeedlePlan): Promise<readonly Hit[]> {
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
  const hits = hitStream(needles)
  for await (const piece of pieces as AsyncIterable<Buffer>) hits.write(piece)
  return hits.end().hits.filter((hit) => hit.kind === 'secret' || knownKey(hit.fingerprint) === undefined)
}
