/**
 * Two images in, their difference out. Pure; knows nothing of GitHub or of where a baseline is kept.
 *
 *     const now = analyses.map((analysis, at) => takeSnapshot(analysis, images[at]))
 *     const parsed = parseSnapshots(stored)
 *     const { differences } = compareImages(now, parsed.ok ? parsed.snapshots : [])
 */
export {
  compare,
  compareImages,
  type CompareOptions,
  type Delta,
  type Difference,
  type ImagesDifference,
  type PullCost
} from './difference.js'
export type { FileIndex, LeftOut, SnapshotFile } from './files.js'
export type { LayerChange, PlacedLayer } from './layers.js'
export type { PackageChange } from './packages.js'
export type { FileCounts, PathChange, PathMove, PathsDifference } from './paths.js'
export { takeSnapshot, type ShownImage, type Snapshot, type SnapshotLayer, type SnapshotOptions } from './record.js'
export { parseSnapshots, writeSnapshots, type ParsedSnapshots } from './store.js'
