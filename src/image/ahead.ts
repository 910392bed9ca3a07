import { readRange, type FileRange, type GrowingFile } from './files.js'
import type { Digest } from './digest.js'
import { entryTable, type EntryTable } from './entries.js'
import type { ImageLayer } from './image_set.js'
import type { NeedlePlan } from './leaks/needles.js'
import { defaultLimits, type Limits } from './limits.js'
import { pathTable, type PathTable } from './paths.js'
import { SCANS_AT_ONCE, scanLayer, type LayerScan } from './scan.js'
import { turns } from './turns.js'

/** Scans of an image's layers by their index, with the tables that they are told in. */
export type Scanned = {
  readonly paths: PathTable
  readonly entries: EntryTable
  readonly scans: ReadonlyMap<number, LayerScan>
}

/** Scans the layers of one image before its manifest says whose they are: a builder writes layers first. */
export type LayersAhead = {
  /**
   * Scans a blob that lies on the disk in full, unless it is a document, or a layer that is still written. Nothing is awaited,
   * and nothing thrown: a layer that cannot be read is told when the analysis comes to it.
   */
  readonly begin: (digest: Digest, blob: FileRange | GrowingFile) => void
  /**
   * Waits for what was begun. Undefined where that is of no use, and all is to be scanned: a blob was no layer of the image, or
   * not what its config says of it, something else was looked for, or it is asked once more. From then on nothing is begun, and
   * what is not written is not waited for.
   */
  readonly take: (layers: readonly ImageLayer[], needles: NeedlePlan | undefined) => Promise<Scanned | undefined>
}

/** Complete blobs below this many bytes are scanned faster than they are told from documents. */
const SMALLEST = 16 * 1024

/** Layers have 16 bits for their number. */
const MOST_LAYERS = 2 ** 16

type Options = {
  /** What the analysis looks for. */
  readonly needles: NeedlePlan | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly signal?: AbortSignal | undefined
}

type Begun = {
  readonly digest: Digest
  /** Undefined where it failed. */
  readonly scan: Promise<LayerScan | undefined>
}

/** Opens the scans of one image. Aborted, they end. */
export function scanAhead({ needles, signal, ...options }: Options): LayersAhead {
  const limits = { ...defaultLimits, ...options.limits }
  const paths = pathTable()
  const entries = entryTable()
  const known = new Set<Digest>()
  const telling: Promise<void>[] = []
  const begun: Begun[] = []
  /** All is written, and the tables are the analysis's. */
  let isOver = false
  const inTurn = turns(SCANS_AT_ONCE)

  const scan = (digest: Digest, blob: FileRange | GrowingFile): void => {
    const layer = { blob, descriptor: { digest }, named: true }
    const number = begun.length
    if (number >= MOST_LAYERS) return
    const scanning = inTurn(() => scanLayer(layer, number, { paths, entries, limits, signal, needles }))
    begun.push({ digest, scan: scanning.catch(() => undefined) })
  }

  return {
    begin(digest, blob) {
      const isGrowing = 'later' in blob
      if (isOver || known.has(digest) || (!isGrowing && blob.size < SMALLEST)) return
      known.add(digest)
      if (isGrowing) {
        scan(digest, { ...blob, isOver: () => isOver })
        return
      }
      const told = isDocument(blob).then((is) => (is ? undefined : scan(digest, blob)))
      telling.push(told.catch(() => undefined))
    },
    async take(layers, wanted) {
      const isFirst = !isOver
      isOver = true
      await Promise.all(telling)
      const scans = await Promise.all(begun.map((each) => each.scan))
      const places = begun.map(({ digest }, number) =>
        layers.findIndex((layer) => layer.descriptor.digest === digest && layer.diffID === scans[number]?.diffID)
      )
      // What is in the tables cannot be taken out again.
      if (!isFirst || wanted !== needles || places.includes(-1)) return undefined
      for (let entry = 1; entry < entries.count; entry++) entries.layer[entry] = places[entries.layer[entry]!]!
      return {
        paths,
        entries,
        scans: new Map(scans.flatMap((each, number) => (each ? [[places[number]!, each]] : [])))
      }
    }
  }
}

/** Manifests, configs and statements are JSON objects; no archive begins like one. */
async function isDocument(blob: FileRange): Promise<boolean> {
  const [first] = await readRange({ ...blob, size: 1 }, 1, 'a blob')
  return first === 0x7b
}
