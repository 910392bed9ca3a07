/** What a run has learned so far. Phases add to it; at the end, green or red, it becomes the Report. */
import path from 'node:path'
import type { Builder } from './buildkit/builder.js'
import type { Failure } from './failure/failure.js'
import { addImports, noImports, type Imports } from './core/progress.js'
import type { CacheOutcome } from './cache/outcome.js'
import type { Provenance } from './buildkit/provenance.js'
import type { Step } from './core/step.js'
import type { Context } from './occasion/context.js'
import { explainStages, locateByText, UNEXPLAINED, withSaving, type Hindsight } from './explain/explain.js'
import { ownWords } from './explain/own_words.js'
import { redacted } from './core/own_words.js'
import { argumentName } from './explain/record.js'
import { secretArguments } from './credentials/arguments.js'
import { dockerfilePath } from './core/source.js'
import type { Inputs } from './inputs/inputs.js'
import { parseReference } from './core/reference.js'
import { buildFromInputs } from './builds/from_inputs.js'
import { reproduction } from './builds/shape.js'
import type { StageRoles } from './gate/plan.js'
import { dockerfileSteps, groupStages, locateSteps, readCache, type CacheFindings } from './report/assemble.js'
import type {
  AdviceItem,
  CacheMountReport,
  ComparisonReport,
  GateReport,
  ImageReport,
  LintFinding,
  PhaseTime,
  PublishReport,
  Report
} from './report/model.js'
import type { Trust } from './occasion/trust.js'
import type { SmokeResult } from './smoke/smoke.js'
import type { VerifyResult } from './verify/verify.js'
import type { RuleResult } from './judge/index.js'

export type Journal = {
  inputs?: Inputs
  trust?: Trust
  builder?: Builder
  cache: CacheFindings
  cacheMounts?: readonly CacheMountReport[]
  roles: StageRoles
  gate: GateReport
  steps: readonly Step[]
  provenance: readonly Provenance[]
  images: readonly ImageReport[]
  lint: readonly LintFinding[]
  advice: readonly AdviceItem[]
  verdict: readonly RuleResult[]
  comparison?: ComparisonReport
  smoke?: readonly SmokeResult[]
  verify?: readonly VerifyResult[]
  hindsight?: Hindsight
  publish: PublishReport
  readonly notes: string[]
  readonly phases: PhaseTime[]
}

export function openJournal(): Journal {
  return {
    cache: { planned: { from: [], to: [] }, outcomes: [], imports: noImports, rows: [] },
    roles: { testTargets: [], target: undefined },
    gate: { verdict: 'skipped', reason: 'the run ended before the gate', targets: [] },
    steps: [],
    provenance: [],
    images: [],
    lint: [],
    advice: [],
    verdict: [],
    publish: { published: false, reason: 'the run ended before it' },
    notes: [],
    phases: []
  }
}

/** Adds what a phase has learned of the layer cache. */
export function noteCache(journal: Journal, outcomes: readonly CacheOutcome[], imports: Imports = noImports): void {
  const { cache } = journal
  journal.cache = {
    ...cache,
    outcomes: [...cache.outcomes, ...outcomes],
    imports: addImports(cache.imports, imports)
  }
}

/** The journal as the Report. `startedAt` is in milliseconds since the epoch, `seconds` the wall-clock of the run. */
export function closeJournal(
  journal: Journal,
  context: Context,
  failure: Failure | undefined,
  time: { startedAt: number; seconds: number }
): Report {
  const { inputs, trust, builder } = journal
  const { steps: built, stages, cache } = lookAtBuild(journal)
  const steps = dockerfileSteps(built)
  const words = ownWords(journal.steps, inputs?.buildArgs ?? [], journal.hindsight?.now)
  const report: Report = {
    name: reportName(inputs, context),
    outcome: failure === undefined ? { kind: 'green' } : { kind: 'red', failure: locateFailure(failure, steps) },
    trusted: trust?.trusted ?? true,
    ...(trust === undefined || trust.trusted ? {} : { trustReason: trust.reason }),
    gate: journal.gate,
    images: journal.images,
    stages,
    steps,
    startedAt: time.startedAt,
    seconds: { total: time.seconds, phases: journal.phases },
    cache,
    ...(journal.smoke === undefined ? {} : { smoke: journal.smoke }),
    ...(journal.verify === undefined ? {} : { verify: journal.verify }),
    ...(journal.cacheMounts === undefined ? {} : { cacheMounts: journal.cacheMounts }),
    lint: { findings: journal.lint },
    advice: journal.advice,
    verdict: journal.verdict,
    ...(journal.comparison === undefined ? {} : { comparison: journal.comparison }),
    publish:
      failure === undefined || journal.publish.published
        ? journal.publish
        : { published: false, reason: 'the run failed' },
    notes: journal.notes,
    source: sourceOf(inputs, context),
    builder: {
      name: builder?.name ?? '',
      driver: builder?.driver ?? '',
      buildx: builder?.buildx.text ?? '',
      ...(builder?.buildkit === undefined ? {} : { buildkit: builder.buildkit })
    }
  }
  return redacted(report, words)
}

/** The build stage by stage, with what an earlier one tells about it. */
function lookAtBuild(journal: Journal): Pick<Report, 'steps' | 'stages' | 'cache'> {
  const { inputs, hindsight, roles } = journal
  const located = locateSteps(journal.steps, journal.provenance)
  const cache = readCache(journal.cache)
  if (inputs === undefined || hindsight === undefined)
    return { steps: located, stages: groupStages(located, roles), cache }
  try {
    const steps = locateByText(located, hindsight)
    const stages = groupStages(steps, roles)
    const reasons = explainStages(stages, steps, hindsight, { inputs, cache, onlyStage: roles.onlyStage })
    return {
      steps,
      stages: stages.map((stage) => {
        const why = reasons.get(stage.name)
        return why === undefined ? stage : { ...stage, why }
      }),
      cache: withSaving(cache, steps, hindsight)
    }
  } catch {
    // What is built is built: its report must not fail for want of an explanation.
    journal.notes.push(UNEXPLAINED)
    return { steps: located, stages: groupStages(located, roles), cache }
  }
}

/** The image's name in headings: what the user said, else the last part of what is published, else the repository's. */
export function reportName(inputs: Inputs | undefined, context: Context): string {
  if (inputs !== undefined && inputs.reportName !== '') return inputs.reportName
  const reading = parseReference(inputs?.tags[0] ?? '')
  const published = reading.ok ? reading.reference.path : context.repository
  const name = published.split('/').at(-1) ?? ''
  return name === '' ? 'image' : name
}

/** A failed step's line from the error text also belongs to the step itself. */
function locateFailure(failure: Failure, steps: readonly Step[]): Failure {
  if (failure.kind !== 'test' && failure.kind !== 'build') return failure
  const step = failure.step
  if (step === undefined) return failure
  const line = failure.line ?? steps.find(({ vertex }) => vertex === step.vertex)?.line
  return line === undefined ? failure : { ...failure, line, step: { ...step, line } }
}

function sourceOf(inputs: Inputs | undefined, context: Context): Report['source'] {
  const { serverUrl, repository, sha, runID, workspace, pullRequest } = context
  const dockerfile = inputs === undefined ? 'Dockerfile' : dockerfilePath(inputs)
  const inRepository = path.relative(workspace, path.resolve(dockerfile))
  const isLocal = inputs?.context.kind !== 'remote' && !inRepository.startsWith('..') && !path.isAbsolute(inRepository)
  const commit = pullRequest?.headSha ?? sha
  return {
    dockerfile,
    ...(isLocal ? { dockerfileInRepository: inRepository } : {}),
    ...(inputs === undefined ? {} : { buildArguments: reproductionOf(inputs) }),
    ...(repository === '' ? {} : { serverUrl, repository }),
    ...(commit === '' ? {} : { sha: commit }),
    ...(repository === '' || runID === '' ? {} : { runUrl: `${serverUrl}/${repository}/actions/runs/${runID}` })
  }
}

function reproductionOf(inputs: Inputs): readonly string[] {
  // Who builds it anew sets the variable: buildx takes the value of a name alone from there.
  const buildArgs = inputs.buildArgs.map((argument) =>
    secretArguments([argument]).length === 0 ? argument : argumentName(argument)
  )
  const { shape, ...build } = buildFromInputs(inputs, '', {})
  return reproduction(
    { ...build, shape: { ...shape, buildArgs } },
    {
      secrets: inputs.secrets.map(({ id }) => id),
      ssh: [...new Set([...(inputs.sshPrivateKey.trim() === '' ? [] : ['default']), ...inputs.ssh.map(({ id }) => id)])]
    }
  )
}
