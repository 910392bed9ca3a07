/** What a build told while it ran, once it has ended. `src/buildkit/progress.ts` reads it from BuildKit's stream. */
import type { LintFinding } from './lint.js'
import type { Step } from './step.js'

/** Work that is no step of the Dockerfile: importing and exporting cache, loading the context, pushing. */
export type Internal = {
  readonly name: string
  /** The target of a bake call that it was for. */
  readonly target?: string
  readonly seconds: number
  readonly error?: string
  readonly done: boolean
  /** Digests of the layers it said it was writing, in order. */
  readonly layers?: readonly string[]
}

/** What the stream told, complete after `end()`. */
export type Progress = {
  readonly steps: readonly Step[]
  readonly internals: readonly Internal[]
  /** Lines that are no JSON: buildx's own messages and, after a failure, the place and the error. */
  readonly plain: readonly string[]
  /** Largest amount reported for the transfer of the build context, in bytes. */
  readonly contextBytes: number
  /** What the checks of BuildKit's frontend found, each once, in the order of their lines. */
  readonly findings: readonly LintFinding[]
  /** What came from a registry for steps that did not have to run, base images not included. */
  readonly downloads: Downloads
  /** The targets of a bake call that each vertex was built for, by its digest. */
  readonly builtFor: ReadonlyMap<string, readonly string[]>
  /** The digests of what each vertex is built from, in order, by its own. Generated stages are not in it. */
  readonly graph: ReadonlyMap<string, readonly string[]>
  /** What was read of folders on the runner. */
  readonly loads: readonly Load[]
  /** Set where a cache that was to be read broke the build, which was then started again without any. */
  readonly broken?: BrokenImport
}

/** A reading of a folder: BuildKit sends a selection of its files once to all steps that share it. */
export type Load = {
  /** Digest of its own vertex. */
  readonly vertex: string
  /** The named context; absent for the build context. */
  readonly context?: string
  /** The linked target whose context it is. */
  readonly linked?: string
  /** Vertices of the steps that are built upon it. */
  readonly readers: readonly string[]
}

/** What an imported cache did to a build: BuildKit's words, and the seconds that were lost. */
export type BrokenImport = { readonly message: string; readonly seconds: number }

/** What the caches that were read came to: what was downloaded, and whether one broke the build. */
export type Imports = Pick<Progress, 'downloads' | 'broken'>

/** Nothing was read yet. */
export const noImports: Imports = { downloads: { bytes: 0, seconds: 0 } }

/** Imports of two solves, the earlier first. */
export function addImports(one: Imports, other: Imports): Imports {
  const broken = one.broken ?? other.broken
  return { downloads: addDownloads(one.downloads, other.downloads), ...(broken === undefined ? {} : { broken }) }
}

export function addDownloads(one: Downloads, other: Downloads): Downloads {
  return { bytes: one.bytes + other.bytes, seconds: one.seconds + other.seconds }
}

/** Layers that were downloaded: their bytes, and the seconds in which at least one was under way. */
export type Downloads = { readonly bytes: number; readonly seconds: number }
