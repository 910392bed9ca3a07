import type { LayersAhead, Scanned } from './ahead.js'
import type { Omission } from './omission.js'
import type { Digest } from './digest.js'
import { transferBytes } from './documents.js'
import { entryTable, TYPE_FILE } from './entries.js'
import {
  clientPrograms,
  modeFacts,
  packageCaches,
  type ClientProgram,
  type ModeFacts,
  type PackageCache
} from './facts.js'
import { weigh, type Figures, type Reclaimable } from './figures.js'
import { layerInstructions } from './history.js'
import type { Compression } from './inflate.js'
import type { PlatformImage } from './image_set.js'
import { layerFindings } from './leaks/layers.js'
import { redactText, searchDocuments, type LeakFinding } from './leaks/findings.js'
import type { NeedlePlan } from './leaks/needles.js'
import { tolerate, type ToleratedKey } from './leaks/tolerance.js'
import { defaultLimits, type Limits } from './limits.js'
import { overlayLayers, type LayerFiles } from './overlay.js'
import { pathTable } from './paths.js'
import { findDuplicates, type Duplicates } from './duplicates.js'
import { copiesOf, type LayerCopies } from './copies.js'
import { SCANS_AT_ONCE, scanLayer, type LayerScan } from './scan.js'
import type { FileTree } from './tree.js'
import { turns } from './turns.js'

/** What one platform's image weighs, why, and what is in it. Every figure is defined in docs/analysis.md. Sizes are bytes. */
export type ImageAnalysis = {
  /** `linux/amd64`. */
  readonly platform: string
  readonly manifestDigest: Digest | undefined
  readonly configDigest: Digest
  /** Content of the regular files of all layers. */
  readonly size: number
  /** Config, manifest and each different layer blob once: what a host without any of it downloads. */
  readonly transferSize: number
  readonly layers: readonly LayerAnalysis[]
  readonly reclaimable: Reclaimable
  /** Share of `size` that a container sees, 0 to 1; 1 for an empty image. */
  readonly efficiency: number
  readonly biggestFiles: Figures['biggestFiles']
  readonly biggestDirectories: Figures['biggestDirectories']
  readonly packageCaches: readonly PackageCache[]
  /** Undefined where there are none. */
  readonly duplicates: Duplicates | undefined
  readonly modes: ModeFacts
  readonly clients: readonly ClientProgram[]
  /** Empty is only a clean bill where `leakSearch` is defined and `omissions` has nothing to say about it. */
  readonly leaks: readonly LeakFinding[]
  /** Private keys that are no leaks: of packages, of everybody, or ignored. */
  readonly tolerated: readonly ToleratedKey[]
  /** Undefined if no needles were given. */
  readonly leakSearch:
    { readonly layers: readonly number[]; readonly secretIds: readonly string[]; readonly bytes: number } | undefined
  /** Sentences that say what could not be examined, or not as it claims to be. */
  readonly omissions: readonly Omission[]
  /** All files, for `fileIndex` and `mergedFiles`. */
  readonly tree: FileTree
}

export type LayerAnalysis = {
  readonly index: number
  readonly digest: Digest
  readonly diffID: Digest
  readonly mediaType: string
  /** As the bytes say. */
  readonly compression: Compression
  /** Content of the layer's regular files. */
  readonly size: number
  /** Bytes of the blob. */
  readonly transferSize: number
  /** Bytes of the uncompressed tar, headers and padding included. */
  readonly tarSize: number
  /** Tar entries, whiteouts not included. */
  readonly entries: number
  readonly files: LayerFiles
  /** The history's line, secrets replaced by `***`; undefined where history and layers don't pair up. */
  readonly createdBy: string | undefined
  /** One of the base image's layers. */
  readonly base: boolean
  /** Nothing in it: no entry, no whiteout. */
  readonly empty: boolean
  /** Equal in two layers whose files differ in nothing but times. */
  readonly contentDigest: Digest
  /** Files of lower layers brought again with the same content; none in base layers. */
  readonly copies: LayerCopies
}

export type AnalyseOptions = {
  /** The base image's diffIDs, bottom up. Layers that match from the bottom on are base layers. */
  readonly baseDiffIDs?: readonly Digest[] | Promise<readonly Digest[]> | undefined
  /** What to look for in own layers and documents, from `planNeedles`. Without it nothing is searched. */
  readonly needles?: NeedlePlan | undefined
  /** Layers that were scanned before the image was whole, for the same needles. */
  readonly ahead?: LayersAhead | undefined
  /** Paths, `/folder/**` and fingerprints of private keys that may be in the image. */
  readonly ignoredKeys?: readonly string[] | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Length of each list of largest things. */
const ROWS = 20

/**
 * Reads every layer of an image once, several side by side, and says what is in it. Verifies blobs and diffIDs on the way.
 * Throws `ImageError` where an image is not what it claims to be, and the signal's reason when aborted.
 */
export async function analyseImage(image: PlatformImage, options: AnalyseOptions = {}): Promise<ImageAnalysis> {
  const limits = { ...defaultLimits, ...options.limits }
  const { needles } = options
  // Where the base is told later, all layers are searched meanwhile, and what is in its own does not count.
  let baseCount = options.baseDiffIDs instanceof Promise ? 0 : countBase(image, options.baseDiffIDs ?? [])
  const isBase = (layer: number) => layer < baseCount
  const { paths, entries, scans: known } = (await options.ahead?.take(image.layers, needles)) ?? nothingScanned()
  const redact = (text: string) => (needles === undefined ? text : redactText(needles, text))
  const omissions: Omission[] = [...(needles?.omissions ?? [])]

  const scanned = await inParallel(image.layers.length, options.signal, (at, signal) => {
    const layer = image.layers[at]!
    const scan = known.get(at)
    if (scan !== undefined) return Promise.resolve(scan)
    if (layer.blob === undefined) return Promise.resolve(absentLayer)
    return scanLayer(layer, at, { paths, entries, limits, signal, needles: isBase(at) ? undefined : needles })
  })
  const baseDiffIDs = await options.baseDiffIDs
  baseCount = countBase(image, baseDiffIDs ?? [])
  const scans = scanned.map((scan, at) => (isBase(at) ? { ...scan, hits: [], droppedHits: 0 } : scan))
  if (baseDiffIDs !== undefined && baseDiffIDs.length > baseCount) {
    omissions.push({
      kind: 'image',
      words: `the base image has ${baseDiffIDs.length} layers, of which only ${baseCount} are in this image`
    })
  }
  const overlay = overlayLayers(paths, entries, scans)
  const tree: FileTree = { paths, entries, overlay, scans, isBase }
  const figures = weigh(tree, ROWS)

  const instructions = layerInstructions(image.config.history, image.layers.length)
  const layers = image.layers.map(({ descriptor, diffID }, index): LayerAnalysis => {
    const scan = scans[index]!
    const createdBy = instructions[index]
    return {
      index,
      digest: descriptor.digest,
      diffID,
      mediaType: descriptor.mediaType,
      compression: scan.compression,
      transferSize: descriptor.size,
      tarSize: scan.tarSize,
      size: sizeOf(tree, scan),
      entries: scan.entries.length,
      files: overlay.files[index]!,
      createdBy: createdBy === undefined ? undefined : redact(createdBy),
      base: isBase(index),
      empty: scan.entries.length + scan.whiteouts.length + scan.opaques.length === 0,
      contentDigest: scan.contentDigest,
      copies: copiesOf(tree, isBase(index) ? undefined : scan)
    }
  })

  for (const [index, { descriptor, blob }] of image.layers.entries()) {
    const omit = (words: string) => omissions.push({ kind: 'layer', layer: index, words })
    if (blob === undefined) omit(`(${descriptor.digest}) is not in the layout and was not examined`)
    for (const note of [...scans[index]!.notes, ...overlay.notes[index]!]) omit(note)
    const { droppedHits } = scans[index]!
    if (droppedHits > 0) omit(`has ${droppedHits} more finds than are listed`)
  }

  const findings =
    needles === undefined ? [] : [...layerFindings(tree, layers, redact), ...(await searchDocuments(needles, image))]
  const { leaks, tolerated } = await tolerate(findings, {
    ...{ image, tree, limits, signal: options.signal },
    ignored: options.ignoredKeys ?? []
  })
  const home = image.config.env.find((variable) => variable.startsWith('HOME='))?.slice(5)
  return {
    platform: image.platformName,
    manifestDigest: image.manifestDigest,
    configDigest: image.configDigest,
    size: figures.size,
    transferSize: transferBytes(
      image.configSize + image.manifestSize,
      image.layers.map(({ descriptor }) => descriptor)
    ),
    layers,
    reclaimable: figures.reclaimable,
    efficiency: figures.size === 0 ? 1 : figures.live / figures.size,
    biggestFiles: figures.biggestFiles,
    biggestDirectories: figures.biggestDirectories,
    packageCaches: packageCaches(tree, figures.shown, home === undefined ? [] : [home]),
    duplicates: findDuplicates(tree, ROWS),
    modes: modeFacts(tree, 100),
    clients: clientPrograms(tree),
    leaks,
    tolerated,
    leakSearch:
      needles === undefined
        ? undefined
        : {
            layers: image.layers.flatMap(({ blob }, index) => (isBase(index) || blob === undefined ? [] : [index])),
            secretIds: needles.secretIds,
            bytes: scans.reduce((sum, scan, index) => sum + (isBase(index) ? 0 : scan.tarSize), 0)
          },
    omissions,
    tree
  }
}

function nothingScanned(): Scanned {
  return { paths: pathTable(), entries: entryTable(), scans: new Map() }
}

const noDigest: Digest = `sha256:${'0'.repeat(64)}`

const absentLayer: LayerScan = {
  compression: 'none',
  tarSize: 0,
  diffID: noDigest,
  entries: new Int32Array(0),
  whiteouts: [],
  opaques: [],
  contentDigest: noDigest,
  hits: [],
  droppedHits: 0,
  notes: []
}

/** Base layers are those that both images have from the bottom on: a layer's diffID is its content's name. */
function countBase(image: PlatformImage, baseDiffIDs: readonly Digest[]): number {
  const differs = image.layers.findIndex(({ diffID }, at) => diffID !== baseDiffIDs[at])
  return differs === -1 ? image.layers.length : differs
}

/** Bytes of the files of a layer. */
function sizeOf({ entries }: FileTree, scan: LayerScan): number {
  let size = 0
  for (const entry of scan.entries) {
    if (entries.type[entry] === TYPE_FILE) size += entries.size[entry]!
  }
  return size
}

/** Runs `work` for 0 to `count` - 1, a few at a time. The first failure stops the others and is thrown. */
async function inParallel<Result>(
  count: number,
  signal: AbortSignal | undefined,
  work: (at: number, signal: AbortSignal) => Promise<Result>
): Promise<readonly Result[]> {
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const inTurn = turns(SCANS_AT_ONCE)
  const running = Array.from({ length: count }, (_, at) =>
    inTurn(() => {
      either.throwIfAborted()
      return work(at, either)
    })
  )
  try {
    const results = await Promise.all(running)
    signal?.throwIfAborted()
    return results
  } catch (caught) {
    stop.abort(caught)
    await Promise.allSettled(running)
    throw caught
  }
}
