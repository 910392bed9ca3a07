/** The end of every run, green or red: what it has learned becomes the Report. */
import path from 'node:path'
import { buildFromInputs, buildName } from '../builds/from_inputs.js'
import { identityOf } from '../builds/identity.js'
import { reproduction } from '../builds/shape.js'
import { redacted } from '../core/own_words.js'
import { dockerfilePath } from '../core/source.js'
import type { Step } from '../core/step.js'
import { secretArguments } from '../credentials/arguments.js'
import { explainStages, locateByText, UNEXPLAINED, withSaving } from '../explain/explain.js'
import { ownWords } from '../explain/own_words.js'
import { argumentName } from '../explain/record.js'
import type { Failure } from '../failure/failure.js'
import { nothingBuilt, type BuildFindings, type Findings } from '../findings.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Occasion } from '../occasion/occasion.js'
import { dockerfileSteps, groupStages, locateSteps, readCache } from '../report/assemble.js'
import type { BuildReport, Report } from '../report/model.js'

/** The findings as the Report. `startedAt` is in milliseconds since the epoch, `seconds` the wall-clock of the run. */
export function makeReport(
  { occasion, workflow, builds, notes, phases }: Findings,
  failure: Failure | undefined,
  time: { readonly startedAt: number; readonly seconds: number }
): Report {
  const inputs = workflow?.inputs
  const { trust } = occasion
  const name = buildName(inputs, occasion)
  const build = builds[name] ?? nothingBuilt
  const { builder, cacheMounts, tests } = build
  const went = lookAtBuild(build, inputs)
  const steps = dockerfileSteps(went.steps)
  const words = ownWords(build.steps, inputs?.buildArgs ?? [], build.history?.now)
  const report: Report = {
    name,
    ...(inputs === undefined ? {} : { identity: identityOf(inputs, occasion) }),
    outcome: failure === undefined ? { kind: 'green' } : { kind: 'red', failure: locateFailure(failure, steps) },
    trusted: trust.trusted,
    ...(trust.trusted ? {} : { trustReason: trust.reason }),
    gate: build.gate,
    ...(tests === undefined ? {} : { tests }),
    builds: [reportBuild(name, build, failure)],
    stages: went.stages,
    steps,
    startedAt: time.startedAt,
    seconds: { total: time.seconds, phases },
    cache: went.cache,
    ...(cacheMounts === undefined ? {} : { cacheMounts }),
    lint: { findings: build.lint },
    notes: [...notes, ...went.notes],
    source: sourceOf(inputs, occasion),
    builder: {
      name: builder?.name ?? '',
      driver: builder?.driver ?? '',
      buildx: builder?.buildx.text ?? '',
      ...(builder?.buildkit === undefined ? {} : { buildkit: builder.buildkit })
    }
  }
  return redacted(report, words)
}

/** One image, as far as the run came with it. */
function reportBuild(name: string, build: BuildFindings, failure: Failure | undefined): BuildReport {
  const { images, verdict, advice, comparison, smoke, verify, publish } = build
  return {
    ...{ name, images, verdict, advice },
    publish: failure === undefined || publish.published ? publish : { published: false, reason: 'the run failed' },
    ...(comparison === undefined ? {} : { comparison }),
    ...(smoke === undefined ? {} : { smoke }),
    ...(verify === undefined ? {} : { verify })
  }
}

/** The build stage by stage, with what an earlier one tells about it. */
function lookAtBuild(
  { steps: told, provenance, cache: used, roles, history }: BuildFindings,
  inputs: Inputs | undefined
): Pick<Report, 'steps' | 'stages' | 'cache' | 'notes'> {
  const located = locateSteps(told, provenance)
  const cache = readCache(used)
  const unexplained = { steps: located, stages: groupStages(located, roles), cache, notes: [] }
  if (inputs === undefined || history === undefined) return unexplained
  try {
    const steps = locateByText(located, history)
    const stages = groupStages(steps, roles)
    const reasons = explainStages(stages, steps, history, { inputs, cache, onlyStage: roles.onlyStage })
    return {
      steps,
      stages: stages.map((stage) => {
        const why = reasons.get(stage.name)
        return why === undefined ? stage : { ...stage, why }
      }),
      cache: withSaving(cache, steps, history),
      notes: []
    }
  } catch {
    // What is built is built: its report must not fail for want of an explanation.
    return { ...unexplained, notes: [UNEXPLAINED] }
  }
}

/** A failed step's line from the error text also belongs to the step itself. */
function locateFailure(failure: Failure, steps: readonly Step[]): Failure {
  if (failure.kind !== 'test' && failure.kind !== 'build') return failure
  const step = failure.step
  if (step === undefined) return failure
  const line = failure.line ?? steps.find(({ vertex }) => vertex === step.vertex)?.line
  return line === undefined ? failure : { ...failure, line, step: { ...step, line } }
}

function sourceOf(inputs: Inputs | undefined, occasion: Occasion): Report['source'] {
  const { serverUrl, repository, sha, runUrl, workspace, pullRequest } = occasion
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
    ...(runUrl === undefined ? {} : { runUrl })
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
