/** Why a step ran: the kinds of reasons. */
import type { ShapeName } from './shape.js'
import type { FileChange } from './sources.js'

/**
 * One reason. `asked` and `parent` are facts of this run; those that name a difference are facts, too, as far as the
 * earlier build goes; the rest says what is likely or that nothing is known.
 */
export type Cause =
  | { readonly kind: 'asked'; readonly by: 'no-cache' | 'no-cache-filters' | 'refresh-after' | 'test-cache' }
  | { readonly kind: 'parent'; readonly step: StepName }
  /** `before` and `after` are references with the digests that they stood for. */
  | { readonly kind: 'base'; readonly before: string; readonly after: string }
  | { readonly kind: 'instruction'; readonly before?: string; readonly after: string }
  /** What the step stands on: an instruction above it, such as `ENV`, is another, new or gone. */
  | { readonly kind: 'above'; readonly before?: string; readonly after?: string; readonly line?: number }
  /** Names of build arguments; their values are nobody's business. */
  | { readonly kind: 'argument'; readonly names: readonly string[] }
  /** Inputs that are part of the step have other values. */
  | { readonly kind: 'input'; readonly names: readonly ShapeName[] }
  | { readonly kind: 'files'; readonly changed: readonly FileChange[]; readonly more: number }
  /** Nothing is different, but no cache that was to be read could be. */
  | { readonly kind: 'no-cache-found'; readonly references: readonly string[]; readonly result: 'missing' | 'failed' }
  /** No cache was to be read, and the builder had nothing. */
  | { readonly kind: 'cold' }
  /** Nothing is different, and yet it was not there. */
  | { readonly kind: 'evicted' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason }

/** Why nothing can be said. */
export type UnknownReason = 'no-record' | 'not-built' | 'files-unread' | 'source-unread' | 'dockerfile-unread'

/** A step as it is pointed to. */
export type StepName = { readonly stage?: string; readonly instruction: string; readonly line?: number }
