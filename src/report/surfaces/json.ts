/**
 * The report for programs: one versioned JSON document, described by docs/report.schema.json. Sizes are bytes, times
 * are seconds, shares are fractions from 0 to 1. Logs stay in the job log; only the failed step has its last lines.
 */
import type { Failure } from '../../failure/failure.js'
import type { Step } from '../../core/step.js'
import { headline, stateOf, type State } from '../sections/headline.js'
import type { Report, StageReport } from '../model.js'

/** Raised when a reader of the previous version would misread the new one. New members do not raise it. */
export const REPORT_SCHEMA = 1

/** A step without its log. */
export type JSONStep = Omit<Step, 'logTail'>

export type JSONReport = Omit<Report, 'stages' | 'steps' | 'startedAt' | 'relayed'> & {
  readonly schema: typeof REPORT_SCHEMA
  /** The verdict in one line, as it heads the summary. */
  readonly headline: string
  readonly state: State
  /** When the run started, ISO 8601. */
  readonly startedAt?: string
  readonly stages: readonly (Omit<StageReport, 'firstToRun'> & { readonly firstToRun?: JSONStep })[]
  readonly steps: readonly JSONStep[]
}

/** The report as data for `JSON.stringify`. Holds what the Report holds: redact that, not this. */
export function toJSON(report: Report): JSONReport {
  const { name, outcome, trusted, trustReason, startedAt, gate, images, comparison, verdict, advice, lint } = report
  return {
    schema: REPORT_SCHEMA,
    name,
    headline: headline(report),
    state: stateOf(report),
    outcome: outcome.kind === 'green' ? outcome : { kind: 'red', failure: failureJSON(outcome.failure) },
    trusted,
    ...(trustReason === undefined ? {} : { trustReason }),
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
    seconds: report.seconds,
    gate,
    images,
    ...(comparison === undefined ? {} : { comparison }),
    verdict,
    ...(report.smoke === undefined ? {} : { smoke: report.smoke }),
    ...(report.verify === undefined ? {} : { verify: report.verify }),
    stages: report.stages.map(({ firstToRun, ...stage }) => ({
      ...stage,
      ...(firstToRun === undefined ? {} : { firstToRun: withoutLog(firstToRun) })
    })),
    steps: report.steps.map(withoutLog),
    cache: report.cache,
    ...(report.cacheMounts === undefined ? {} : { cacheMounts: report.cacheMounts }),
    lint,
    advice,
    publish: report.publish,
    notes: report.notes,
    source: report.source,
    builder: report.builder
  }
}

/**
 * The Report again: what `toJSON` was given, but for the logs that it leaves out. Headline and state are not taken over,
 * since every rendering makes them anew. Goes by the types: what others wrote is held against the schema before.
 */
export function fromJSON(json: JSONReport): Report {
  const { name, outcome, trusted, trustReason, startedAt, gate, images, comparison, verdict, advice, lint } = json
  return {
    name,
    outcome,
    trusted,
    ...(trustReason === undefined ? {} : { trustReason }),
    ...(startedAt === undefined ? {} : { startedAt: Date.parse(startedAt) }),
    seconds: json.seconds,
    gate,
    images,
    ...(comparison === undefined ? {} : { comparison }),
    verdict,
    ...(json.smoke === undefined ? {} : { smoke: json.smoke }),
    ...(json.verify === undefined ? {} : { verify: json.verify }),
    stages: json.stages.map(({ firstToRun, ...stage }) => ({
      ...stage,
      ...(firstToRun === undefined ? {} : { firstToRun: { ...firstToRun, logTail: [] } })
    })),
    steps: json.steps.map((step) => ({ ...step, logTail: [] })),
    cache: json.cache,
    ...(json.cacheMounts === undefined ? {} : { cacheMounts: json.cacheMounts }),
    lint,
    advice,
    publish: json.publish,
    notes: json.notes,
    source: json.source,
    builder: json.builder
  }
}

/** Lines of the failed step's log. */
const LOG_LINES = 100

function failureJSON(failure: Failure): Failure {
  if ((failure.kind !== 'test' && failure.kind !== 'build') || failure.step === undefined) return failure
  return { ...failure, step: { ...failure.step, logTail: failure.step.logTail.slice(-LOG_LINES) } }
}

function withoutLog(step: Step): JSONStep {
  const { vertex, name, instruction, stage, platform, state, startedAt, seconds, error, line, inputs } = step
  return {
    vertex,
    name,
    instruction,
    state,
    seconds,
    ...(stage === undefined ? {} : { stage }),
    ...(platform === undefined ? {} : { platform }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(error === undefined ? {} : { error }),
    ...(line === undefined ? {} : { line }),
    ...(inputs === undefined ? {} : { inputs })
  }
}
