/** What a run has learned. Each phase returns its part, `run.ts` alone merges them, and at the end they become the report. */
import type { Credentials } from './credentials/credentials.js'
import type { Builder } from './buildkit/builder.js'
import type { Provenance } from './buildkit/provenance.js'
import { addImports, noImports } from './core/progress.js'
import type { Step } from './core/step.js'
import type { Refreshed } from './explain/causes.js'
import type { BuildHistory } from './explain/explain.js'
import type { Failure } from './failure/failure.js'
import type { StageRoles } from './gate/plan.js'
import type { Inputs } from './inputs/inputs.js'
import type { RuleResult } from './judge/index.js'
import type { Occasion } from './occasion/occasion.js'
import type { TrustPlan } from './occasion/trust_plan.js'
import type { PublishedMetadata } from './publish/metadata.js'
import type { CacheFindings } from './report/assemble.js'
import type {
  AdviceItem,
  BuildReport,
  CacheMountReport,
  ComparisonReport,
  GateReport,
  ImageReport,
  LintFinding,
  PhaseTime,
  PublishReport,
  ReleasesReport,
  TrendReport
} from './report/model.js'
import type { Redactor } from './report/redact.js'
import type { SmokeResult } from './smoke/smoke.js'
import type { TestsReport } from './test_reports/model.js'
import type { VerifyResult } from './verify/verify.js'

/** What the workflow asks for of an image, with what it may have. */
export type Workflow = {
  readonly inputs: Inputs
  readonly trustPlan: TrustPlan
  readonly credentials: Credentials
  /** Takes everything secret out of a text. */
  readonly redact: Redactor
}

/** What is known of one build. */
export type BuildFindings = {
  /** What it was asked for; absent where not even that could be read. */
  readonly workflow?: Workflow
  readonly builder?: Builder
  readonly cache: CacheFindings
  readonly cacheMounts?: readonly CacheMountReport[]
  readonly roles: StageRoles
  readonly gate: GateReport
  /** Stages that were built again because what a cache had of them was too old. */
  readonly refreshed: Refreshed
  readonly tests?: TestsReport
  readonly steps: readonly Step[]
  readonly provenance: readonly Provenance[]
  readonly images: readonly ImageReport[]
  readonly lint: readonly LintFinding[]
  readonly advice: readonly AdviceItem[]
  readonly verdict: readonly RuleResult[]
  readonly comparison?: ComparisonReport
  readonly trend?: TrendReport
  readonly releases?: ReleasesReport
  readonly smoke?: readonly SmokeResult[]
  readonly verify?: readonly VerifyResult[]
  readonly builtTwice?: BuildReport['builtTwice']
  /** The build as it is remembered, and the earlier one that it is held against. */
  readonly history?: BuildHistory
  readonly publish: PublishReport
  /** Of the published or, if nothing was published, the inspected image. */
  readonly metadata?: PublishedMetadata
  /** Ends the run, once the rest of what the phase has learned is known. */
  readonly failure?: Failure
}

/** Something that a reader is to know. */
export type Note = {
  readonly text: string
  /** The build that it is of; absent where it is the run's. */
  readonly build?: string
}

export type Findings = {
  readonly occasion: Occasion
  /** By name, in the order in which they are built. */
  readonly builds: ReadonlyMap<string, BuildFindings>
  readonly notes: readonly Note[]
  readonly phases: readonly PhaseTime[]
}

/**
 * What a phase has learned of a build. It takes the place of what was known, but for outcomes and imports of the layer
 * cache, and notes: these are added.
 */
export type Learned = Partial<Omit<BuildFindings, 'cache'>> & {
  readonly cache?: Partial<CacheFindings>
  readonly notes?: readonly string[]
}

/** Why a run is red. */
export type Ending = {
  readonly failure: Failure
  /** The one of several images that it is about; absent where it is about the run. */
  readonly image?: string
}

/** What is known before anything has happened. */
export function openFindings(occasion: Occasion): Findings {
  return { occasion, builds: new Map(), notes: [], phases: [] }
}

/** What is known of a build before anything has happened to it. */
export const nothingBuilt: BuildFindings = {
  cache: { planned: { from: [], to: [] }, outcomes: [], imports: noImports, rows: [] },
  roles: { testTargets: [], target: undefined },
  gate: { verdict: 'skipped', reason: 'the run ended before the gate', targets: [] },
  refreshed: [],
  steps: [],
  provenance: [],
  images: [],
  lint: [],
  advice: [],
  verdict: [],
  publish: { published: false, reason: 'the run ended before it' }
}

/** The findings with what a phase has learned of the build of that name. */
export function addLearned(findings: Findings, name: string, { notes = [], cache, ...changed }: Learned): Findings {
  const known = findings.builds.get(name) ?? nothingBuilt
  const builds = new Map(findings.builds).set(name, { ...known, ...changed, cache: addCache(known.cache, cache) })
  return {
    ...findings,
    builds,
    notes: [...findings.notes, ...notes.map((text) => ({ text, build: name }))]
  }
}

/** The findings with notes that are of no image. */
export function addNotes(findings: Findings, notes: readonly string[]): Findings {
  return { ...findings, notes: [...findings.notes, ...notes.map((text) => ({ text }))] }
}

function addCache(
  known: CacheFindings,
  { outcomes = [], imports = noImports, ...planned }: Partial<CacheFindings> = {}
) {
  return {
    ...known,
    ...planned,
    outcomes: [...known.outcomes, ...outcomes],
    imports: addImports(known.imports, imports)
  }
}
