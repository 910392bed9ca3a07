/** Limits against hostile input. Each is far above what real images hold; passing one is an `ImageError` with code `limit`. */
export type Limits = {
  /** Tar entries over all layers of an image. */
  readonly entries: number
  /** Bytes of one path or link target in a tar archive. Linux allows 4096. */
  readonly pathBytes: number
  /** Bytes of one PAX header or GNU long name; the same 1 MiB as Go's `archive/tar`. */
  readonly headerBytes: number
  /** Uncompressed bytes of one layer. */
  readonly layerBytes: number
  /** Uncompressed bytes per compressed byte, looked at once a layer has passed `ratioFrom` bytes. */
  readonly ratio: number
  /** Uncompressed bytes below which no ratio is suspicious. Deflate never passes 1032, zstd can. */
  readonly ratioFrom: number
  /** Largest zstd window, as its base-2 logarithm. 27 is what zstd's own command line accepts. */
  readonly zstdWindowLog: number
  /** Bytes of one index, manifest or config document. */
  readonly documentBytes: number
  /** Manifests reachable from one index, and the depth of nesting. */
  readonly manifests: number
  readonly indexDepth: number
}

const GIBIBYTE = 2 ** 30

export const defaultLimits: Limits = {
  entries: 10_000_000,
  pathBytes: 65_535,
  headerBytes: 2 ** 20,
  layerBytes: 1024 * GIBIBYTE,
  ratio: 2000,
  ratioFrom: 8 * GIBIBYTE,
  zstdWindowLog: 27,
  documentBytes: 32 * 2 ** 20,
  manifests: 1000,
  indexDepth: 8
}
