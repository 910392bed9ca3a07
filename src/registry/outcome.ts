/** What a push has done, as values. */
import type { Repository } from './address.js'
import type { Retry } from './client.js'
import type { RegistryProblem } from './problem.js'

/** What became of one reference. */
export type ReferenceOutcome = {
  /** As it was given. */
  readonly reference: string
  /** What was to be there. */
  readonly digest: string
  /**
   * `pushed` by this run; `there` already, with this very image; `without` it: the registry was asked; `untouched`: this run
   * did not come to it, and the registry could not be asked; `unknown`: it was on its way, and the registry does not say.
   * Without a tag, it is about the digest in the repository.
   */
  readonly state: 'pushed' | 'there' | 'without' | 'untouched' | 'unknown'
}

/** Blobs and bytes over all repositories; a blob in two repositories counts twice. */
export type BlobCount = { readonly blobs: number; readonly bytes: number }

export type PushOutcome = {
  /** All that was to be there is there. */
  readonly ok: boolean
  readonly references: readonly ReferenceOutcome[]
  readonly present: BlobCount
  readonly mounted: BlobCount
  readonly uploaded: BlobCount
  /** Further attempts that were needed, with what they cost. */
  readonly retries: readonly Retry[]
  /** Why not all is there. */
  readonly problem?: RegistryProblem
}

/** A reference that is to stand for an image. */
export type Target = {
  readonly reference: string
  readonly repository: Repository
  /** Absent where nothing but the digest is pushed. */
  readonly tag?: string
}
