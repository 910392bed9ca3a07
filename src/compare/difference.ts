/** Two images, one platform: what a reviewer wants to know of the difference. Pure; every figure is defined in docs/difference.md. */
import { shareOfBase } from './base.js'
import { matchLayers, type LayerChange } from './layers.js'
import { comparePaths, type PathsDifference } from './paths.js'
import type { Snapshot, SnapshotLayer } from './record.js'

/** A figure before and now. */
export type Delta = {
  readonly before: number
  readonly now: number
  readonly change: number
  /** `change` as a fraction of `before`; undefined where that is 0. */
  readonly share?: number
}

/** What a host that has the baseline downloads. */
export type PullCost = {
  /** Compressed bytes of the layers it lacks, and the config and manifest if they are others. */
  readonly bytes: number
  /** How many layers it lacks. */
  readonly layers: number
}

/** The difference between an image and its baseline on one platform. Sizes are bytes. */
export type Difference = {
  readonly platform: string
  /** Neither a figure, nor a layer, nor the order of layers differs. */
  readonly same: boolean
  readonly size: Delta
  /** Undefined where one of the images has none. */
  readonly transferSize?: Delta
  /** Of own layers. */
  readonly reclaimable: Delta
  readonly layerCount: Delta
  /** Undefined where the image has no compressed form. */
  readonly pullCost?: PullCost
  /** Every layer, bottom up, removed ones where they were. Their `size` sums to `size.change`. */
  readonly layers: readonly LayerChange[]
  /** Why the size changed, by instruction: own layers whose size differs, largest change first. With `base` they sum to `size.change`. */
  readonly byInstruction: readonly LayerChange[]
  /** Change in size of the base image's layers; with `baseUnknown`, of all that may be. */
  readonly base: number
  /** Only one of the two images knows its base, and they don't share it: `base` is a net figure of the layers below the own ones. */
  readonly baseUnknown?: true
  /** Reference of the baseline's base image; absent where it is not known. */
  readonly baseBefore?: string
  /** Why the size changed, by path. */
  readonly byPath: PathsDifference
  /** Own layers that are new blobs although nothing but times differs. */
  readonly timestampsOnly: number
  /** Sentences that say what could not be compared. */
  readonly omissions: readonly string[]
}

export type CompareOptions = {
  /** Length of each list of paths, 20 by default. */
  readonly top?: number | undefined
}

/** The platforms of two builds: those that both have, and those that only one has. */
export type ImagesDifference = {
  readonly differences: readonly Difference[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** Compares what two builds have, platform by platform, in the current build's order. */
export function compareImages(
  current: readonly Snapshot[],
  baseline: readonly Snapshot[],
  options: CompareOptions = {}
): ImagesDifference {
  const before = new Map(baseline.map((snapshot) => [snapshot.platform, snapshot]))
  const now = new Set(current.map(({ platform }) => platform))
  return {
    differences: current.flatMap((snapshot) => {
      const match = before.get(snapshot.platform)
      return match === undefined ? [] : [compare(snapshot, match, options)]
    }),
    added: current.flatMap(({ platform }) => (before.has(platform) ? [] : [platform])),
    removed: baseline.flatMap(({ platform }) => (now.has(platform) ? [] : [platform]))
  }
}

/** Compares an image with its baseline. Both are of one platform. */
export function compare(current: Snapshot, baseline: Snapshot, { top = 20 }: CompareOptions = {}): Difference {
  const layers = matchLayers(current.layers, baseline.layers)
  const base = shareOfBase(layers)
  const { own } = base
  const byPath = comparePaths(current, baseline, { layers, base, top: Math.max(1, top) })
  const cost = pullCost(current, baseline)
  const transferSize =
    current.transferSize === undefined || baseline.transferSize === undefined
      ? undefined
      : delta(current.transferSize, baseline.transferSize)
  const figures = {
    size: delta(current.size, baseline.size),
    reclaimable: delta(current.reclaimable, baseline.reclaimable),
    layerCount: delta(current.layers.length, baseline.layers.length),
    ...(transferSize === undefined ? {} : { transferSize })
  }
  return {
    platform: current.platform,
    same:
      layers.every((layer) => layer.kind === 'reused' && !layer.moved && !layer.recompressed) &&
      Object.values(figures).every(({ change }) => change === 0),
    ...figures,
    ...(cost === undefined ? {} : { pullCost: cost }),
    layers,
    byInstruction: own.filter(({ size }) => size !== 0).sort((a, b) => Math.abs(b.size) - Math.abs(a.size)),
    base: base.size,
    ...(base.known ? {} : { baseUnknown: true }),
    ...(baseline.base === undefined ? {} : { baseBefore: baseline.base }),
    byPath,
    timestampsOnly: own.filter((layer) => layer.kind === 'changed' && layer.timestampsOnly).length,
    omissions: [
      ...current.omissions.map((omission) => `this image: ${omission}`),
      ...baseline.omissions.map((omission) => `the baseline: ${omission}`),
      ...(byPath.omission === undefined ? [] : [byPath.omission])
    ]
  }
}

/** A figure's two values and what lies between them. */
export function delta(now: number, before: number): Delta {
  const change = now - before
  return before === 0 ? { before, now, change } : { before, now, change, share: change / before }
}

/**
 * A host keeps blobs by digest, and unpacked layers by the chain of diffIDs below and with them: what it has under either name it
 * does not fetch again. https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
function pullCost(current: Snapshot, baseline: Snapshot): PullCost | undefined {
  if (current.transferSize === undefined) return undefined
  const blobs = new Map<string, number>()
  for (const { digest, transferSize } of current.layers) {
    if (transferSize === undefined) return undefined
    blobs.set(digest, transferSize)
  }
  const documents = Math.max(0, current.transferSize - [...blobs.values()].reduce((sum, size) => sum + size, 0))
  const sameManifest = current.manifestDigest !== undefined && current.manifestDigest === baseline.manifestDigest
  const present = new Set<string>(baseline.layers.map(({ digest }) => digest))
  const shared = sharedChain(current.layers, baseline.layers)
  const lacking = current.layers.filter(({ digest }, index) => index >= shared && !present.has(digest))
  const wanted = new Set<string>(lacking.map(({ digest }) => digest))
  const bytes = [...wanted].reduce((sum, digest) => sum + (blobs.get(digest) ?? 0), 0)
  return { bytes: bytes + (sameManifest ? 0 : documents), layers: wanted.size }
}

/** How many layers from the bottom on are the same. */
function sharedChain(current: readonly SnapshotLayer[], baseline: readonly SnapshotLayer[]): number {
  const differs = current.findIndex(({ diffID }, at) => diffID !== baseline[at]?.diffID)
  return differs === -1 ? current.length : differs
}
