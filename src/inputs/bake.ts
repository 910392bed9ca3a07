/** The inputs `bake-files`, `bake-targets` and `bake-set`: which bake file the step names, and what of it. */
import type { Grammar } from './grammar.js'

export type BakeSource = {
  readonly files: readonly string[]
  readonly targets: readonly string[]
  readonly set: readonly string[]
}

/** What of a bake file an image's inputs come from. */
export type BakeOrigin = {
  /** None for those that bake looks for. */
  readonly files: readonly string[]
  readonly target: string
  /** `KEY=VALUE`, as `bake-set` has it. */
  readonly set: readonly string[]
  /** Its Dockerfile is written in the bake file. */
  readonly isInline: boolean
}

/** Whether a bake file says what to build. */
export function namesBake({ text }: Pick<Grammar, 'text'>): boolean {
  return ['bake-files', 'bake-targets', 'bake-set'].some((input) => text(input) !== '')
}

/** Reads them; `undefined` where the step names no bake file. */
export function parseBakeSource({
  list,
  unquotedRecords
}: Pick<Grammar, 'list' | 'unquotedRecords'>): BakeSource | undefined {
  const source = { files: list('bake-files'), targets: list('bake-targets'), set: unquotedRecords('bake-set') }
  return Object.values(source).some((values) => values.length > 0) ? source : undefined
}
