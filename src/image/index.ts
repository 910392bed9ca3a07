/**
 * An OCI layout in, an analysis out. Knows nothing of GitHub, Docker or the environment.
 *
 *     const { images } = await readImages('./image')
 *     const needles = planNeedles([{ id: 'npm', value: token, kind: 'secret' }])
 *     const analysis = await analyseImage(images[0], { needles })
 */
export { scanAhead, type LayersAhead } from './ahead.js'
export { analyseImage, type AnalyseOptions, type ImageAnalysis, type LayerAnalysis } from './analysis.js'
export { isAttestation, readStatement, type Attestation, type Statement } from './attestations.js'
export type { LayerCopies } from './copies.js'
export type { DuplicateContent, Duplicates } from './duplicates.js'
export { layerTimes } from './history.js'
export { blobName, checkDigest, hashFor, isDigest, parseDigest, sha256Of, type Digest } from './digest.js'
export {
  platformName,
  readDocument,
  transferBytes,
  type Descriptor,
  type HistoryEntry,
  type ImageConfig,
  type Platform
} from './documents.js'
export { ImageError, type ImageErrorCode } from './errors.js'
export type { ClientProgram, Counted, ModeFact, ModeFacts, PackageCache } from './facts.js'
export type { LargeDirectory, LargeFile, Reclaimable, ReclaimablePath } from './figures.js'
export { folderFiles, readRange, streamRange, type FileRange, type Files, type GrowingFile } from './files.js'
export type { Compression } from './inflate.js'
export type { Annotated, ImageLayer, ImageSet, PlatformImage } from './image_set.js'
export { isObject, parseJSONObject, type JSONObject } from './json.js'
export { readBlob, readImages, type ReadOptions } from './layout.js'
export { pathsOfHits, searchBlob } from './leaks/blob.js'
export type { Encoding } from '../core/secret_encodings.js'
export {
  redactText,
  searchText,
  type AnnotationPlace,
  type LeakFinding,
  type LeakIdentity,
  type LeakLayer,
  type LeakPlace,
  type TextLeak
} from './leaks/findings.js'
export { hitStream } from './leaks/stream.js'
export { planNeedles, type NeedlePlan, type Secret } from './leaks/needles.js'
export { isIgnored, type ToleratedKey } from './leaks/tolerance.js'
export { defaultLimits, type Limits } from './limits.js'
export type { LayerFiles } from './overlay.js'
export type { TarEntryType } from './tar/header.js'
export { tarReader } from './tar/reader.js'
export { listLayer, type LayerFile } from './layer_files.js'
export { fileIndex, mergedFiles, type FileRecord, type FileTree } from './tree.js'
export type { Omission } from './omission.js'
