/**
 * A build as a value: everything that decides what is built, and from which files. Planning, solving,
 * caching, comparing and reproducing take a `Build`; only `from_inputs.ts` knows the inputs it is made of.
 */
import type { Source } from '../core/source.js'
import { argumentsOf, type LinkedTarget } from '../core/linked.js'

/**
 * What shapes the result of each step. A new member needs a row in `shape.ts`, which says how buildx is told of it and
 * whether another value makes another cache, another set of mounts and another command to reproduce the build with.
 */
export type Shape = {
  /** `NAME=VALUE`, or `NAME` for the value of the environment variable of that name. */
  readonly buildArgs: readonly string[]
  /** `NAME=PATH`, `NAME=URL`, or `NAME=target:TARGET` for one of the linked targets. */
  readonly buildContexts: readonly string[]
  readonly platforms: readonly string[]
  /** Empty for the builder's default. */
  readonly network: string
  /** `HOST:IP`. */
  readonly addHosts: readonly string[]
  /** Entitlements, such as `network.host`. */
  readonly allow: readonly string[]
  readonly shmSize: string
  readonly ulimit: readonly string[]
}

/** What is written around the layers of the image. */
export type ImageWishes = {
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
  /** Value for `--provenance`; empty keeps buildx's default. */
  readonly provenance: string
  readonly sbom: string
  readonly attests: readonly string[]
  /** No file in the own layers is newer than `SOURCE_DATE_EPOCH`. */
  readonly rewriteTimestamps: boolean
}

/** What of the builder's own memory may be used. */
export type Freshness = {
  readonly pull: boolean
  readonly noCache: boolean
  /** Stages to build without the cache. */
  readonly noCacheFilters: readonly string[]
  /** The test stages run, whatever the cache has of them. */
  readonly rerunTests: boolean
}

/** Where results of the build are kept for later builds. */
export type CacheWishes = {
  /** Repository for planned references; empty for none. */
  readonly image: string
  readonly mode: 'auto' | 'read-write' | 'read' | 'off'
  /** As for `--cache-from` and `--cache-to`. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** Whether cache mounts are carried between runs. */
  readonly mounts: boolean
  /** What the user says tells it from other builds of the same Dockerfile, such as the legs of a matrix; mostly empty. */
  readonly variant: string
}

export type Build = {
  /** Identity among the builds of a run. */
  readonly name: string
  readonly source: Source
  /** Stage that becomes the image; empty for the last one. */
  readonly target: string
  /** Stages that must pass. */
  readonly tests: readonly string[]
  /** The one of them whose files are exported, an exit code among them; empty for none. */
  readonly testReport: string
  /** Only the tests are built: nothing names an image and nothing asks for one. */
  readonly gateOnly: boolean
  readonly shape: Shape
  /** What named contexts of a bake file stand for; each behind those that it needs itself. */
  readonly linked: readonly LinkedTarget[]
  readonly image: ImageWishes
  readonly fresh: Freshness
  readonly cache: CacheWishes
}

/** Build arguments of all that is built, `NAME=VALUE`; the build's own last. */
export function allArguments({ shape, linked }: Pick<Build, 'shape' | 'linked'>): readonly string[] {
  return [...linked.flatMap(argumentsOf), ...shape.buildArgs]
}

const plainShape: Shape = {
  ...{ buildArgs: [], buildContexts: [], platforms: [], network: '', addHosts: [], allow: [], shmSize: '', ulimit: [] }
}

/** A build of a folder's Dockerfile in which nothing is asked for: what `docker buildx build FOLDER` would build. */
export function plainBuild(name: string, folder: string): Build {
  return {
    name,
    source: { context: { kind: 'local', path: folder }, file: '' },
    target: '',
    tests: [],
    testReport: '',
    gateOnly: false,
    shape: plainShape,
    linked: [],
    image: { labels: [], annotations: [], provenance: '', sbom: '', attests: [], rewriteTimestamps: false },
    fresh: { pull: false, noCache: false, noCacheFilters: [], rerunTests: false },
    cache: { image: '', mode: 'auto', from: [], to: [], mounts: false, variant: '' }
  }
}
