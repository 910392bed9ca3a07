/** Snapshots made up from a few words: layers with the files they show, everything else derived. */
import { createHash } from 'node:crypto'
import type { Snapshot, SnapshotFile, SnapshotLayer } from '../../../src/compare/index.js'
import type { Digest } from '../../../src/image/index.js'

/** Content by its size and a seed: equal seeds and sizes are equal content. */
export type Content = number | readonly [size: number, seed: number]

export type LayerStory = {
  readonly run: string
  readonly files?: Readonly<Record<string, Content>>
  /** Bytes that no container sees. */
  readonly hidden?: number
  readonly stage?: string
  readonly line?: number
  readonly base?: boolean
  /** Another time stamp: another diffID, the same content. */
  readonly time?: number
  /** Another compression: another digest, the same diffID. */
  readonly recompressed?: boolean
  /** Size of a base layer, whose files no index has. */
  readonly size?: number
}

/** Config and manifest of every image made up here. */
export const documents = 1500

export function digestOf(...of: readonly unknown[]): Digest {
  return `sha256:${createHash('sha256').update(JSON.stringify(of)).digest('hex')}`
}

/** Compressed, a made-up layer is half its size, and never less than an empty archive. */
export function transferSizeOf(size: number): number {
  return 32 + Math.floor(size / 2)
}

export function snapshot(layers: readonly LayerStory[], more: Partial<Snapshot> = {}): Snapshot {
  const made = layers.map((story): SnapshotLayer => {
    const shown = Object.values(story.files ?? {}).reduce<number>((sum, content) => sum + sizeOf(content), 0)
    const size = story.size ?? shown + (story.hidden ?? 0)
    const content = [story.files, story.hidden, story.size, story.base === true ? story.run : undefined]
    const isEmpty = story.files === undefined && size === 0
    const diffID = isEmpty ? digestOf('empty') : digestOf(content, story.time)
    return {
      digest: digestOf(diffID, story.recompressed),
      diffID,
      contentDigest: isEmpty ? digestOf('empty content') : digestOf(content),
      size,
      transferSize: transferSizeOf(size),
      instruction: story.run,
      base: story.base ?? false,
      ...(story.stage === undefined ? {} : { stage: story.stage }),
      ...(story.line === undefined ? {} : { line: story.line })
    }
  })
  const files = new Map<string, SnapshotFile>()
  for (const [layer, { files: own = {}, base }] of layers.entries()) {
    if (base === true) continue
    for (const [path, content] of Object.entries(own)) {
      files.set(path, { path, size: sizeOf(content), crc: crcOf(content), layer })
    }
  }
  const list = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  const size = made.reduce((sum, layer) => sum + layer.size, 0)
  const own = made.reduce((sum, layer) => sum + (layer.base ? 0 : layer.size), 0)
  const blobs = new Map(made.map(({ digest, transferSize = 0 }) => [digest, transferSize]))
  return {
    platform: 'linux/amd64',
    manifestDigest: digestOf('manifest', made),
    size,
    transferSize: documents + [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0),
    reclaimable: own - list.reduce((sum, file) => sum + file.size, 0),
    layers: made,
    files: { list },
    omissions: [],
    ...more
  }
}

/** So many files in a directory, of one size each, contents told apart by the seed. */
export function filesIn(
  folder: string,
  count: number,
  size: number,
  seed = 0,
  name: (at: number) => string = (at) => `f${at}.py`
): Readonly<Record<string, Content>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${folder}/${name(at)}`, [size, seed * 100_000 + at] as const])
  )
}

function sizeOf(content: Content): number {
  return typeof content === 'number' ? content : content[0]
}

function crcOf(content: Content): number {
  const bytes = createHash('sha256').update(JSON.stringify(content)).digest()
  return bytes.readUInt32BE(0)
}
