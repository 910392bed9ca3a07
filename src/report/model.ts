/**
 * The one value that the summary, the annotations, the comment and the JSON are renderings of.
 * It holds numbers and plain strings; every renderer escapes for its own surface. Sizes are bytes, times are seconds.
 */
import type { Failure } from '../failure/failure.js'
import type { Step } from '../core/step.js'
import type { Difference } from '../compare/index.js'
import type { Explanation } from '../explain/causes.js'
import type { Saving } from '../explain/saved.js'
import type { ImageAnalysis, LayerAnalysis } from '../image/index.js'
import type { CacheOutcome } from '../cache/outcome.js'
import type { CacheRow } from '../cache/plan.js'
import type { SmokeResult } from '../smoke/smoke.js'
import type { VerifyResult } from '../verify/verify.js'
import type { RuleResult } from '../judge/index.js'

/** One stage of the build as it went: its steps, which of them came from the cache, and the time the others took. */
export type StageReport = {
  readonly name: string
  /** `test`: a test target. `target`: the stage that becomes the image. `other`: what either is built from. */
  readonly role: 'test' | 'target' | 'other'
  readonly steps: number
  readonly cached: number
  /** Time in steps that ran, summed over the stage. */
  readonly seconds: number
  /** The first step that was not cached: where the cache broke. */
  readonly firstToRun?: Step
  /** Why it was not, as far as that is known. */
  readonly why?: Explanation
}

/** The verdict of the gate as a whole and of each test target. */
export type GateReport = {
  readonly verdict: 'passed' | 'failed' | 'skipped'
  /** Why there is no verdict, when skipped. */
  readonly reason?: string
  readonly targets: readonly GateTarget[]
}

export type GateTarget = {
  readonly stage: string
  /** `cached`: every step of the stage came from the cache, nothing ran now. */
  readonly result: 'ran' | 'cached' | 'failed' | 'cancelled' | 'skipped'
  readonly seconds: number
}

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
>

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

/** What the run did with the registry layer cache. Problems are warnings: they never fail a build. */
export type CacheReport = {
  readonly imports: readonly CacheTransfer[]
  readonly exports: readonly CacheTransfer[]
  /** What was planned, and why. */
  readonly plan?: readonly CacheRow[]
  /** Layers that were downloaded for steps that did not have to run. */
  readonly downloads?: { readonly bytes: number; readonly seconds: number }
  /** An import broke the build, which was then built again without any: BuildKit's words, and the seconds lost. */
  readonly broken?: { readonly message: string; readonly seconds: number }
  /** What cached steps would have taken; absent where no run of them is known. Defined in docs/what-was-cached.md. */
  readonly saved?: Saving
  /** The earlier build that durations and reasons come from: `main @ 3f2c1a9`. */
  readonly comparedWith?: string
}

/** What became of one reference. */
export type CacheTransfer = Omit<CacheOutcome, 'way'>

/** A cache mount that was carried between builders. Trouble with one is a note. */
export type CacheMountReport = {
  readonly id: string
  /** What was done before the build; `kept`: the builder had it. Absent where nothing was stored of it. */
  readonly before?: 'restored' | 'kept'
  /** What was done after the build; `withheld`: a secret is in it. Absent where no step used it or nothing may be stored. */
  readonly after?: 'saved' | 'unchanged' | 'too-large' | 'withheld'
  /** Bytes of its content as an archive, uncompressed. */
  readonly size?: number
}

/** A finding of BuildKit's own checks (`--call=check`). */
export type LintFinding = {
  readonly rule: string
  readonly message: string
  readonly url?: string
  readonly line?: number
}

/** What left the runner. */
export type PublishReport =
  | {
      readonly published: true
      readonly tags: readonly string[]
      readonly digest: string
      readonly how: readonly string[]
    }
  | { readonly published: false; readonly reason: string }

/** Where links lead: the commit, the Dockerfile as a path in the repository, the run. */
export type SourceReport = {
  readonly serverUrl?: string
  readonly repository?: string
  readonly sha?: string
  readonly runUrl?: string
  /** Path of the Dockerfile as the user wrote it, for messages. */
  readonly dockerfile: string
  /** Path of the Dockerfile from the repository's root, for links; absent outside a checkout. */
  readonly dockerfileInRepository?: string
  /** Arguments with which a person builds the same on another machine, without target and file; the context is last. */
  readonly buildArguments?: readonly string[]
}

/** The image against its baseline, or why there is nothing to compare with. */
export type ComparisonReport =
  | {
      readonly kind: 'compared'
      /** What was compared with, as a clause: `main @ 3f2c1a9, the base commit itself`. */
      readonly baseline: string
      readonly differences: readonly Difference[]
      /** Platforms that only one side has. */
      readonly added: readonly string[]
      readonly removed: readonly string[]
    }
  | { readonly kind: 'none'; readonly reason: string }

/** What GitHub itself says of the run that a handed-on report comes from. */
export type RelayedReport = {
  /** How the run ended, as in `workflow_run.conclusion`: `success`, `failure`, `timed_out`, … */
  readonly conclusion: string
}

export type Report = {
  /** Identity of this image in comments and baselines (`report-name`). */
  readonly name: string
  readonly outcome: { readonly kind: 'green' } | { readonly kind: 'red'; readonly failure: Failure }
  readonly trusted: boolean
  /** Why the run is untrusted; absent in a trusted one. */
  readonly trustReason?: string
  /** Set where this report was handed on by another workflow, which vouches for nothing in it (`src/comment/`). */
  readonly relayed?: RelayedReport
  readonly gate: GateReport
  /** One entry per platform; empty for a gate-only or red run. */
  readonly images: readonly ImageReport[]
  readonly stages: readonly StageReport[]
  /** Steps of the user's Dockerfile that ran or were cached, in order of completion; internal ones are left out. */
  readonly steps: readonly Step[]
  /** Milliseconds since the epoch at the start of the run: puts steps and phases on one time axis. */
  readonly startedAt?: number
  /** Wall-clock of the whole run and of its parts. */
  readonly seconds: { readonly total: number; readonly phases: readonly PhaseTime[] }
  readonly cache: CacheReport
  /** Absent where no cache mount was carried. */
  readonly cacheMounts?: readonly CacheMountReport[]
  readonly lint: { readonly findings: readonly LintFinding[] }
  readonly advice: readonly AdviceItem[]
  /** Absent where nothing was to be compared: `compare-to: none`, or no image. */
  readonly comparison?: ComparisonReport
  /** Every rule that was applied, per platform; empty where no image was inspected. */
  readonly verdict: readonly RuleResult[]
  /** How each platform's image did when it was started; absent where that was not asked for, or not reached. */
  readonly smoke?: readonly SmokeResult[]
  /** How the `verify` command ended for each platform; absent like `smoke`. */
  readonly verify?: readonly VerifyResult[]
  readonly publish: PublishReport
  /** Degradations and advice that do not fail the run, most important first; plain text. */
  readonly notes: readonly string[]
  readonly source: SourceReport
  /** Versions that made this image: buildx, BuildKit, driver. */
  readonly builder: {
    readonly name: string
    readonly driver: string
    readonly buildx: string
    readonly buildkit?: string
  }
}

/** A phase of the run, for the timeline. `start` counts seconds from the start of the run. */
export type PhaseTime = { readonly name: string; readonly start: number; readonly seconds: number }
