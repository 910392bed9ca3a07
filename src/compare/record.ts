/** What a baseline keeps of an image: its figures, its layers, and the live files of its own layers. */
import { mergedFiles, type Digest, type FileRecord, type ImageAnalysis } from '../image/index.js'
import { keepLargest, type FileIndex, type SnapshotFile } from './files.js'

/** One platform's image as far as it can be compared with. Sizes are bytes; plain data, defined in docs/difference.md. */
export type Snapshot = {
  /** `linux/amd64`. */
  readonly platform: string
  readonly manifestDigest?: string
  /** Reference of the base image as the build names it; absent where it is not known. */
  readonly base?: string
  readonly size: number
  /** Undefined where the engine keeps no compressed form. */
  readonly transferSize?: number
  /** Reclaimable bytes of the own layers. */
  readonly reclaimable: number
  /** Bottom up. */
  readonly layers: readonly SnapshotLayer[]
  /** The live files of the own layers. */
  readonly files: FileIndex
  /** Sentences that say what is not in it. */
  readonly omissions: readonly string[]
}

export type SnapshotLayer = {
  readonly digest: Digest
  readonly diffID: Digest
  /** Equal in two layers whose files differ in nothing but times; undefined where the layer was not read. */
  readonly contentDigest?: Digest
  readonly size: number
  readonly transferSize?: number
  /** As the report shows it. */
  readonly instruction: string
  readonly line?: number
  readonly stage?: string
  readonly base: boolean
}

/** What the report knows of an image beyond its analysis. An `ImageReport` is one. */
export type ShownImage = {
  readonly transferSize?: number
  readonly manifestDigest?: string
  readonly base?: string
  readonly layers: readonly {
    readonly transferSize?: number
    readonly instruction: string
    readonly line?: number
    readonly stage?: string
  }[]
}

export type SnapshotOptions = {
  /** Applied to every instruction, stage and path. */
  readonly redact?: ((text: string) => string) | undefined
  /** Files to keep, the largest ones; never more than `MOST_FILES`. */
  readonly files?: number | undefined
}

/** Layers of a snapshot. The engines allow 127. */
export const MOST_LAYERS = 1000

/** Characters kept of an instruction. */
export const MOST_INSTRUCTION = 2000

/** Stands for the content of a layer that is not in the layout. */
const unread = `sha256:${'0'.repeat(64)}`

/** Takes what is kept of an image. Walks all its files once, twice where there are hard links. */
export function takeSnapshot(analysis: ImageAnalysis, shown: ShownImage, options: SnapshotOptions = {}): Snapshot {
  const redact = options.redact ?? ((text: string) => text)
  const omissions: string[] = []
  const layers = analysis.layers.slice(0, MOST_LAYERS).map((layer, index): SnapshotLayer => {
    const { instruction = '', line, stage, transferSize } = shown.layers[index] ?? {}
    return {
      digest: layer.digest,
      diffID: layer.diffID,
      size: layer.size,
      instruction: redact(instruction).slice(0, MOST_INSTRUCTION),
      base: layer.base,
      ...(layer.contentDigest === unread ? {} : { contentDigest: layer.contentDigest }),
      ...(transferSize === undefined ? {} : { transferSize }),
      ...(line === undefined ? {} : { line }),
      ...(stage === undefined ? {} : { stage: redact(stage).slice(0, MOST_INSTRUCTION) })
    }
  })
  if (analysis.layers.length > MOST_LAYERS) {
    omissions.push(`the image has ${analysis.layers.length} layers, of which the lowest ${MOST_LAYERS} are kept`)
  }
  const files = keepLargest(ownFiles(analysis, layers.length, redact), options.files)
  if (files.leftOut !== undefined) omissions.push(leftOutSentence(files.leftOut.files))
  return {
    platform: analysis.platform,
    size: analysis.size,
    reclaimable: analysis.reclaimable.own,
    layers,
    files,
    omissions,
    ...(shown.transferSize === undefined ? {} : { transferSize: shown.transferSize }),
    ...(shown.manifestDigest === undefined ? {} : { manifestDigest: shown.manifestDigest }),
    ...(shown.base === undefined ? {} : { base: redact(shown.base).slice(0, MOST_INSTRUCTION) })
  }
}

/** The same snapshot with no more than so many files, the largest. */
export function withFewerFiles(snapshot: Snapshot, most: number): Snapshot {
  if (snapshot.files.list.length <= most) return snapshot
  const kept = keepLargest(snapshot.files.list, most)
  const before = snapshot.files.leftOut ?? { files: 0, size: 0, largest: 0 }
  const now = kept.leftOut ?? { files: 0, size: 0, largest: 0 }
  const leftOut = {
    files: before.files + now.files,
    size: before.size + now.size,
    largest: Math.max(before.largest, now.largest)
  }
  const others = snapshot.omissions.filter((omission) => omission !== leftOutSentence(before.files))
  return { ...snapshot, files: { ...kept, leftOut }, omissions: [...others, leftOutSentence(leftOut.files)] }
}

function leftOutSentence(files: number): string {
  return `${files} of the smallest files are not in the index of files`
}

/** The live files of the own layers, with content that several hard links show counted at one of them. */
function* ownFiles(
  { tree, layers }: ImageAnalysis,
  layerCount: number,
  redact: (text: string) => string
): Generator<SnapshotFile> {
  const isOwn = ({ layer }: FileRecord) => layer >= 0 && layer < layerCount && layers[layer]?.base === false
  const links: FileRecord[] = []
  for (const record of mergedFiles(tree)) {
    if (!isOwn(record)) continue
    if (record.type === 'file') yield fileOf(record, record.size, redact)
    else if (record.type === 'hard-link') links.push(record)
  }
  if (links.length === 0) return

  const shown = new Set<string>()
  const wanted = new Set(links.map(({ link }) => link))
  for (const record of mergedFiles(tree)) {
    if (record.type === 'file' && wanted.has(record.path)) shown.add(`${record.path}\0${record.crc}`)
  }
  for (const record of links) {
    const content = `${record.link}\0${record.crc}`
    yield fileOf(record, shown.has(content) ? 0 : record.size, redact)
    shown.add(content)
  }
}

function fileOf({ path, crc, layer }: FileRecord, size: number, redact: (text: string) => string): SnapshotFile {
  const shown = redact(path)
  return { path: shown.startsWith('/') ? shown : `/${shown}`, size, crc: Number.parseInt(crc ?? '0', 16), layer }
}
