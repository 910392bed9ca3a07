/** What a rule of advice is, and what rules share: what is looked at, and what is found. */
import { chainOf, type Dockerfile, type Instruction } from '../dockerfile/index.js'
import type { Step } from '../core/step.js'
import { grouped } from '../core/units.js'
import type { ImageConfig } from '../image/index.js'
import type { LintFinding } from '../core/lint.js'
import type { ImageReport } from '../inspect/model.js'

/** Advice on the Dockerfile or the image. Never fails a run. */
export type AdviceItem = {
  /** Name to ignore it by: `# check=skip=NAME` in the Dockerfile. */
  readonly rule: string
  readonly message: string
  /** One line that mends it. */
  readonly fix: string
  /** 1-based line of the user's Dockerfile. */
  readonly line?: number
  /** Bytes it costs, where it costs bytes. */
  readonly bytes?: number
}

/** What advice is given on. */
export type Subject = {
  readonly images: readonly {
    readonly report: ImageReport
    readonly config: Pick<ImageConfig, 'user' | 'env'> & Partial<Commands>
  }[]
  /** The Dockerfile's text; absent where it is not on this machine. */
  readonly dockerfile?: string
  /** Stage that became the image; empty for the last one. */
  readonly target: string
  readonly testTargets: readonly string[]
  /** Steps that ran or were cached: the builder writes the digest of a base image into its `FROM`. */
  readonly steps: readonly Step[]
  /** What BuildKit's checks found. */
  readonly lint: readonly LintFinding[]
  /** `NAME=VALUE`, and names of further contexts as `NAME=SOURCE`. */
  readonly buildArgs: readonly string[]
  readonly buildContexts: readonly string[]
  /** The build context: bytes sent to the builder, and whether there is a .dockerignore. Absent for a remote one. */
  readonly context?: { readonly bytes: number; readonly hasIgnoreFile: boolean }
}

/** What a container runs of its image. */
type Commands = Pick<ImageConfig, 'entrypoint' | 'cmd' | 'healthcheck'>

/** Every rule, what matters most first: the order of advice that costs no bytes. */
export const RULES = [
  'CredentialInEnv',
  'RunsAsRoot',
  'TestStageInImage',
  'PipeHidesFailure',
  'HeredocWithoutErrexit',
  'PackageCacheInLayer',
  'AptListsInLayer',
  'FilesCopiedByChown',
  'FilesCopiedByChmod',
  'FilesCopiedBySetcap',
  'SetuidFiles',
  'WorldWritableFiles',
  'NetworkClientInImage',
  'BaseNotPinned',
  'ContextNotIgnored',
  'AddInsteadOfCopy'
] as const

export type RuleName = (typeof RULES)[number]

/** Less than this is not worth a line of advice. */
export const LEAST_BYTES = 100_000

/** Advice of one rule; the same `subject` on several platforms is one piece of advice. */
export type Found = AdviceItem & { readonly rule: RuleName; readonly subject: string }

/** A subject, its Dockerfile read. */
export type Examined = { readonly subject: Subject; readonly dockerfile: Dockerfile }

/** A rule on a build as a whole. */
export type OnBuild = (examined: Examined) => readonly Found[]

/** A rule on the image of one platform. */
export type OnImage = (image: Subject['images'][number], examined: Examined) => readonly Found[]

/** A line, where one is known. */
export function at(line: number | undefined): { readonly line?: number } {
  return line === undefined ? {} : { line }
}

/** Instructions of the target's own chain, the last one first. */
export function ownInstructions(
  { subject: { target }, dockerfile }: Examined,
  keywords: readonly string[]
): readonly Instruction[] {
  const chain = new Set(chainOf(dockerfile, target).map(({ index }) => index))
  return dockerfile.instructions
    .filter(({ keyword, stage }) => keywords.includes(keyword) && chain.has(stage))
    .reverse()
}

/** `one file`, `1,200 files`. */
export function files(count: number): string {
  return count === 1 ? 'one file' : `${grouped(count)} files`
}

/** With a capital letter, as a sentence begins. */
export function capital(words: string): string {
  return words.replace(/^[a-z]/, (letter) => letter.toUpperCase())
}
