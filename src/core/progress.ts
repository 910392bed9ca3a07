/** What a build told while it ran, once it has ended. `src/buildkit/progress.ts` reads it from BuildKit's stream. */
import type { Step } from './step.js'

/** Work that is no step of the Dockerfile: importing and exporting cache, loading the context, pushing. */
export type Internal = {
  readonly name: string
  readonly seconds: number
  readonly error?: string
  readonly done: boolean
}

/** What the stream told, complete after `end()`. */
export type Progress = {
  readonly steps: readonly Step[]
  readonly internals: readonly Internal[]
  /** Lines that are no JSON: buildx's own messages and, after a failure, the place and the error. */
  readonly plain: readonly string[]
  /** Largest amount reported for the transfer of the build context, in bytes. */
  readonly contextBytes: number
  /** Digests of the image manifests that were exported, attestations and indices not included. */
  readonly manifests: readonly string[]
  /** What came from a registry for steps that did not have to run, base images not included. */
  readonly downloads: Downloads
}

/** Layers that were downloaded: their bytes, and the seconds in which at least one was under way. */
export type Downloads = { readonly bytes: number; readonly seconds: number }
