/** An inspected image as it is reported: its layers joined with the lines that made them. Sizes are bytes. */
import type { Duplicates, ImageAnalysis, LayerAnalysis } from '../image/index.js'

/** One layer of the image, in order from the bottom, joined with where the Dockerfile made it. */
export type LayerReport = {
  readonly digest: string
  readonly diffID: string
  /** Bytes of file content, uncompressed. */
  readonly size: number
  /** Compressed bytes as transferred; `undefined` where the engine keeps no compressed form. */
  readonly transferSize?: number
  /** The instruction as in the Dockerfile or, for a base layer, as in the image's history. */
  readonly instruction: string
  /** 1-based line of the user's Dockerfile; absent for base layers and where the builder does not tell. */
  readonly line?: number
  readonly stage?: string
  readonly base: boolean
  /** Nothing in it: no entry, no whiteout. */
  readonly empty: boolean
  /** How many files it adds, changes and removes. */
  readonly files: LayerAnalysis['files']
  /** Files of lower layers brought again with the same content: what a `chown -R` costs. */
  readonly copies: LayerAnalysis['copies']
}

/** What the analysis found in an image besides its layers; each figure is defined in docs/analysis.md. */
export type ImageFigures = Pick<
  ImageAnalysis,
  | 'reclaimable'
  | 'efficiency'
  | 'biggestFiles'
  | 'biggestDirectories'
  | 'packageCaches'
  | 'modes'
  | 'clients'
  | 'leaks'
  | 'leakSearch'
  | 'omissions'
> & {
  /** The same content under several names; absent where there is none. */
  readonly duplicates?: Duplicates
}

/** The inspected image of one platform. */
export type ImageReport = {
  readonly platform: string
  /** Reference of the base image as in the Dockerfile's `FROM`; absent where it is not known. */
  readonly base?: string
  /** Why base layers could not be told from own ones, as a clause; then all count as own. Absent where they could. */
  readonly baseUnknown?: string
  readonly manifestDigest?: string
  readonly configDigest: string
  readonly size: number
  readonly transferSize?: number
  readonly layers: readonly LayerReport[]
  readonly figures: ImageFigures
}
