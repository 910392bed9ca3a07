/**
 * The report for programs: one versioned JSON document, described by docs/report.schema.json. Sizes are bytes, times
 * are seconds, shares are fractions from 0 to 1. Logs stay in the job log; only the failed step has its last lines.
 */
import type { Failure } from '../../failure/failure.js'
import { without } from '../../core/json.js'
import type { Step } from '../../core/step.js'
import { headline, stateOfRun, type State } from '../sections/headline.js'
import type { BuildReport, OwnReport, Report, StageReport } from '../model.js'

/** Raised when a reader of the previous version would misread the new one. New members do not raise it. */
export const REPORT_SCHEMA = 2

/** A step without its log. */
export type JSONStep = Omit<Step, 'logTail'>

type JSONStage = Omit<StageReport, 'firstToRun'> & { readonly firstToRun?: JSONStep }

/** Steps are written without their logs. */
type JSONSteps = { readonly stages: readonly JSONStage[]; readonly steps: readonly JSONStep[] }

type JSONBuild = Omit<BuildReport, 'own'> & { readonly own?: Omit<OwnReport, keyof JSONSteps> & JSONSteps }

/** The Report as it is, but for what is written another way. */
export type JSONReport = Omit<Report, 'builds' | 'startedAt' | 'relayed' | keyof JSONSteps> &
  JSONSteps & {
    readonly schema: typeof REPORT_SCHEMA
    /** The verdict in one line, as it heads the summary. */
    readonly headline: string
    readonly state: State
    /** When the run started, ISO 8601. */
    readonly startedAt?: string
    readonly builds: readonly [JSONBuild, ...JSONBuild[]]
  }

/** The report as data for `JSON.stringify`. Holds what the Report holds: redact that, not this. */
export function toJSON(report: Report): JSONReport {
  const { outcome, startedAt, builds } = report
  const [first, ...others] = builds
  return {
    schema: REPORT_SCHEMA,
    headline: headline(report),
    state: stateOfRun(report),
    ...without(report, 'relayed', 'startedAt'),
    outcome: outcome.kind === 'green' ? outcome : { ...outcome, failure: failureJSON(outcome.failure) },
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
    ...withoutLogs(report),
    builds: [buildJSON(first), ...others.map(buildJSON)]
  }
}

function buildJSON({ own, ...build }: BuildReport): JSONBuild {
  return own === undefined ? build : { ...build, own: { ...own, ...withoutLogs(own) } }
}

function withoutLogs({ stages, steps }: Pick<Report, 'stages' | 'steps'>): JSONSteps {
  return {
    stages: stages.map(({ firstToRun, ...stage }) => ({
      ...stage,
      ...(firstToRun === undefined ? {} : { firstToRun: withoutLog(firstToRun) })
    })),
    steps: steps.map(withoutLog)
  }
}

/**
 * The Report again: what `toJSON` was given, but for the logs that it leaves out. Headline and state are not taken over,
 * since every rendering makes them anew. Goes by the types: what others wrote is held against the schema before.
 */
export function fromJSON(json: JSONReport): Report {
  const { startedAt, builds } = json
  const [first, ...others] = builds
  return {
    ...without(json, 'schema', 'headline', 'state', 'startedAt'),
    ...(startedAt === undefined ? {} : { startedAt: Date.parse(startedAt) }),
    ...withEmptyLogs(json),
    builds: [buildOf(first), ...others.map(buildOf)]
  }
}

function buildOf({ own, ...build }: JSONBuild): BuildReport {
  return own === undefined ? build : { ...build, own: { ...own, ...withEmptyLogs(own) } }
}

function withEmptyLogs({ stages, steps }: JSONSteps): Pick<Report, 'stages' | 'steps'> {
  return {
    stages: stages.map(({ firstToRun, ...stage }) => ({
      ...stage,
      ...(firstToRun === undefined ? {} : { firstToRun: { ...firstToRun, logTail: [] } })
    })),
    steps: steps.map((step) => ({ ...step, logTail: [] }))
  }
}

/** Lines of the failed step's log. */
const LOG_LINES = 100

function failureJSON(failure: Failure): Failure {
  if ((failure.kind !== 'test' && failure.kind !== 'build') || failure.step === undefined) return failure
  return { ...failure, step: { ...failure.step, logTail: failure.step.logTail.slice(-LOG_LINES) } }
}

function withoutLog(step: Step): JSONStep {
  return without(step, 'logTail')
}
