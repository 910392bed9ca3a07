/** One layer's archive, entry by entry with its times: what only a comparison of two of them needs, and an analysis does not keep. */
import { crc32 } from 'node:zlib'
import { inflateLayer } from './inflate.js'
import type { ImageLayer } from './image_set.js'
import { defaultLimits } from './limits.js'
import { tarReader } from './tar/reader.js'

/** What one path of a layer is, in words that are equal where the archives say the same. */
export type LayerFile = {
  /** Absolute. A whiteout has its own name. */
  readonly path: string
  readonly type: string
  /** Size and checksum of a file, the text of a link, the numbers of a device. */
  readonly content: string
  /** Mode, owner and extended attributes. */
  readonly attributes: string
  /** Seconds since 1970. */
  readonly modified: number
}

/** Lists a layer in its archive's order. Throws `ImageError` as `analyseImage` does. */
export async function listLayer(layer: ImageLayer, signal?: AbortSignal): Promise<readonly LayerFile[]> {
  const files: LayerFile[] = []
  let current: LayerFile | undefined
  let size = 0
  let crc = 0
  const reader = tarReader(
    {
      entry: (entry) => {
        if (files.length >= defaultLimits.entries) throw new Error('the layer has too many entries')
        crc = 0
        size = entry.size
        const { type, path, linkPath, mode, uid, gid, modified } = entry
        const what = type === 'file' ? '' : `${linkPath.toString()} ${entry.deviceMajor} ${entry.deviceMinor}`
        current = {
          path: `/${path
            .toString()
            .replace(/^(?:\.?\/)+/, '')
            .replace(/(?<!\/)\/+$/, '')}`,
          ...{ type, modified, content: what },
          attributes: [mode, uid, gid, ...entry.attributes.map((each) => each.toString('latin1'))].join(' ')
        }
      },
      content: (bytes) => {
        crc = crc32(bytes, crc)
      },
      entryEnd: () => {
        if (current === undefined) return
        files.push(current.type === 'file' ? { ...current, content: `${size} ${crc}` } : current)
      }
    },
    defaultLimits
  )
  await inflateLayer(layer, reader.write, defaultLimits, signal)
  reader.end()
  return files
}
