/**
 * The one value that the summary, the annotations, the comment and the JSON are renderings of.
 * It holds numbers and plain strings; every renderer escapes for its own surface. Sizes are bytes, times are seconds.
 */
import { without } from '../core/json.js'
import type { Failure } from '../failure/failure.js'
import type { Step } from '../core/step.js'
import type { Explanation } from '../explain/causes.js'
import type { Saving } from '../explain/saved.js'
import type { CacheOutcome } from '../cache/outcome.js'
import type { CacheRow } from '../cache/plan.js'
import type { SmokeResult } from '../smoke/smoke.js'
import type { TestsReport } from '../test_reports/model.js'
import type { VerifyResult } from '../verify/verify.js'
import type { RuleResult } from '../judge/index.js'
import type { CacheMountReport } from '../mounts/told.js'
import type { AdviceItem } from '../advise/rule.js'
import type { ComparisonReport } from '../baseline/comparison.js'
import type { ReleasesReport } from '../baseline/releases.js'
import type { TrendReport } from '../baseline/trend.js'
import type { LintFinding } from '../core/lint.js'
import type { GateReport } from '../gate/judge.js'
import type { ImageReport } from '../inspect/model.js'

/** What the rooms below return as they report it. */
export type { AdviceItem } from '../advise/rule.js'
export type { ComparisonReport } from '../baseline/comparison.js'
export type { ReleasesReport } from '../baseline/releases.js'
export type { TrendReport } from '../baseline/trend.js'
export type { LintFinding } from '../core/lint.js'
export type { GateReport, GateTarget } from '../gate/judge.js'
export type { ImageFigures, ImageReport, LayerReport } from '../inspect/model.js'
export type { CacheMountReport } from '../mounts/told.js'

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

/** What left the runner. In a run that failed only a push has published anything. */
export type PublishReport =
  | {
      readonly published: true
      readonly tags: readonly string[]
      /** Of what the tags point to or, where nothing was pushed or loaded, of an archive; empty where there is none. */
      readonly digest: string
      /** `push`, `load`, and the outputs as typed. */
      readonly how: readonly string[]
      /** Outputs that hold the image in another form than under `digest`, with the digest that it has there, if that is known. */
      readonly archives?: readonly Archive[]
      readonly unknown?: readonly string[]
    }
  | {
      readonly published: false
      readonly reason: string
      /** Where the image is on the runner all the same: its names in an engine, and `load` and the outputs as typed. */
      readonly kept?: { readonly tags: readonly string[]; readonly how: readonly string[] }
      /** References that were on their way, and of which the registry does not say whether they have the image. */
      readonly unknown?: readonly string[]
    }

/** An image in a file. */
export type Archive = { readonly output: string; readonly digest?: string }

/**
 * How far an image got. Only a push publishes: what was loaded into an engine, or exported to a file, stays on the runner.
 * `unknown`: the registry does not say whether it has a tag that was on its way.
 */
export type Reach = 'pushed' | 'unknown' | 'loaded' | 'exported' | 'nowhere'

/** How far it got, by the farthest of its ways. */
export function reachOf(publish: PublishReport): Reach {
  const { unknown = [] } = publish
  const { how = [] } = publish.published ? publish : (publish.kept ?? {})
  if (publish.published && (how.includes('push') || how.length === 0)) return 'pushed'
  if (unknown.length > 0) return 'unknown'
  if (how.length === 0) return 'nowhere'
  return how.includes('load') ? 'loaded' : 'exported'
}

/** The names that say how far it got: tags, or names in an engine. */
export function reachedNames(publish: PublishReport): readonly string[] {
  if (reachOf(publish) === 'unknown') return publish.unknown ?? []
  return publish.published ? publish.tags : (publish.kept?.tags ?? [])
}

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
  /**
   * In place of these, where only bake can build it: the files, none for those that bake looks for, the image's target, and what
   * is set otherwise, without secrets and without what lets something leave.
   */
  readonly bake?: { readonly files: readonly string[]; readonly target: string; readonly set: readonly string[] }
}

/** What GitHub itself says of the run that a handed-on report comes from. */
export type RelayedReport = {
  /** How the run ended, as in `workflow_run.conclusion`: `success`, `failure`, `timed_out`, … */
  readonly conclusion: string
}

/** One image that was asked for, on all its platforms: what is in it, how it was judged, and what became of it. */
export type BuildReport = {
  /** Identity of this image in comments and baselines (`report-name`). */
  readonly name: string
  /** One entry per platform; empty for a gate-only or red run. */
  readonly images: readonly ImageReport[]
  /** Absent where nothing was to be compared: `compare-to: none`, or no image. */
  readonly comparison?: ComparisonReport
  /** What the builds of the baseline's branch weighed; absent where none is kept. */
  readonly trend?: TrendReport
  /** What the image's last releases transfer; absent where none is known. */
  readonly releases?: ReleasesReport
  /** Every rule that was applied, per platform; empty where no image was inspected. */
  readonly verdict: readonly RuleResult[]
  /** How each platform's image did when it was started; absent where that was not asked for, or not reached. */
  readonly smoke?: readonly SmokeResult[]
  /** How the `verify` command ended for each platform; absent like `smoke`. */
  readonly verify?: readonly VerifyResult[]
  /** A second build from nothing made the same manifests; absent where it was not asked for, or not reached, or made others. */
  readonly builtTwice?: { readonly seconds: number }
  readonly advice: readonly AdviceItem[]
  readonly publish: PublishReport
  /** How it was built and tested, where the run is of several images. */
  readonly own?: OwnReport
}

/** How one of several images was built and tested: the same members of the run are those of all images together. */
export type OwnReport = Pick<
  RunReport,
  'gate' | 'tests' | 'stages' | 'steps' | 'cache' | 'cacheMounts' | 'lint' | 'source'
>

/** How a run ended. */
export type Outcome =
  | { readonly kind: 'green' }
  | {
      readonly kind: 'red'
      readonly failure: Failure
      /** The one of several images that it is about; absent where it is about the run. */
      readonly image?: string
    }

/** A run: what all of its images share. */
export type RunReport = {
  /** Heads the comment: the name of the image, where there is one. */
  readonly name: string
  /** A mark that tells the image from another one that goes by the same name; absent where the inputs could not be read. */
  readonly identity?: string
  readonly outcome: Outcome
  readonly trusted: boolean
  /** Why the run is untrusted; absent in a trusted one. */
  readonly trustReason?: string
  /** Set where this report was handed on by another workflow, which vouches for nothing in it (`src/comment/`). */
  readonly relayed?: RelayedReport
  readonly gate: GateReport
  /** What the test reports say that the stages have left; absent where none was to be had. */
  readonly tests?: TestsReport
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

export type Report = RunReport & {
  /** Never empty: a run that ended before it built anything has one without images. */
  readonly builds: readonly [BuildReport, ...BuildReport[]]
}

/** A report as one of its images has it. A section is a function of this. */
export type BuildView = RunReport &
  BuildReport & {
    /** The run failed, and not for this image. */
    readonly bystander?: true
    /** Another image of the run was published, or may have been. */
    readonly othersLeft?: true
  }

/** The report once for each of its images, what failed first. */
export function viewsOf(report: Report): readonly [BuildView, ...BuildView[]] {
  const images = imageViewsOf(report)
  const { outcome, builds } = report
  if (builds.length === 1 || outcome.kind === 'green' || images[0].bystander !== true) return images
  return [viewOfRun(report), ...images.filter((view) => view.images.length > 0)]
}

/** The images alone, also where what failed is none of them. */
export function imageViewsOf(report: Report): readonly [BuildView, ...BuildView[]] {
  const { builds, ...run } = report
  const [first, ...others] = builds
  // An only image has the name of the run.
  if (others.length === 0) return [{ ...first, ...run }]
  const { outcome } = run
  const view = (build: BuildReport): BuildView => ({
    ...(build.own === undefined ? run : without(run, 'tests', 'cacheMounts')),
    ...build,
    ...build.own,
    seconds: { ...run.seconds, phases: run.seconds.phases.filter(({ image = build.name }) => image === build.name) },
    ...(builds.some((other) => other !== build && hasLeft(other)) ? { othersLeft: true } : {})
  })
  if (outcome.kind === 'green') return [view(first), ...others.map(view)]
  const bystander = (build: BuildReport): BuildView => ({ ...view(build), bystander: true })
  const failed = builds.find(({ name }) => name === outcome.image)
  if (failed === undefined) return [bystander(first), ...others.map(bystander)]
  return [view(failed), ...builds.filter((build) => build !== failed).map(bystander)]
}

/** As far as that is known. */
function hasLeft({ publish }: BuildReport): boolean {
  return ['pushed', 'unknown'].includes(reachOf(publish))
}

/** What failed is no image's. */
function viewOfRun({ builds, ...run }: Report): BuildView {
  const reached = (...those: readonly Reach[]) => builds.find(({ publish }) => those.includes(reachOf(publish)))
  const { publish } = reached('pushed') ?? reached('unknown') ?? reached('loaded', 'exported') ?? builds[0]
  return { ...run, images: [], verdict: [], advice: [], publish }
}

/** A phase of the run, for the timeline. `start` counts seconds from the start of the run. */
export type PhaseTime = {
  readonly name: string
  readonly start: number
  readonly seconds: number
  /** The one of several images that it was about. */
  readonly image?: string
}
