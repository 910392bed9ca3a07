/** The end of every run, green or red: what it has learned becomes the Report. */
import path from 'node:path'
import { buildFromInputs, buildName } from '../builds/from_inputs.js'
import type { Build } from '../builds/build.js'
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
  const build = builds.get(name) ?? nothingBuilt
  const { builder, cacheMounts, tests } = build
  const asked = inputs === undefined ? undefined : askedFor(inputs, name)
  const went = lookAtBuild(build, asked)
  const steps = dockerfileSteps(went.steps)
  const words = ownWords(build.steps, inputs?.buildArgs ?? [], build.history?.now)
  const report: Report = {
    name,
    ...(asked === undefined ? {} : { identity: identityOf(asked, occasion) }),
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
    source: sourceOf(inputs, asked, occasion),
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
  const { images, verdict, advice, comparison, trend, releases, smoke, verify, builtTwice, publish } = build
  return {
    ...{ name, images, verdict, advice },
    publish: failure === undefined || publish.published ? publish : { published: false, reason: 'the run failed' },
    ...(comparison === undefined ? {} : { comparison }),
    ...(trend === undefined ? {} : { trend }),
    ...(releases === undefined ? {} : { releases }),
    ...(smoke === undefined ? {} : { smoke }),
    ...(verify === undefined ? {} : { verify }),
    ...(builtTwice === undefined ? {} : { builtTwice })
  }
}

/** The build stage by stage, with what an earlier one tells about it. */
function lookAtBuild(
  { steps: told, provenance, cache: used, roles, refreshed, history }: BuildFindings,
  asked: Build | undefined
): Pick<Report, 'steps' | 'stages' | 'cache' | 'notes'> {
  const located = locateSteps(told, provenance)
  const cache = readCache(used)
  const unexplained = { steps: located, stages: groupStages(located, roles), cache, notes: [] }
  if (asked === undefined || history === undefined) return unexplained
  try {
    const steps = locateByText(located, history)
    const stages = groupStages(steps, roles)
    const reasons = explainStages(stages, steps, history, {
      ...{ build: asked, cache, refreshed, onlyStage: roles.onlyStage }
    })
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

function sourceOf(inputs: Inputs | undefined, asked: Build | undefined, occasion: Occasion): Report['source'] {
  const { serverUrl, repository, sha, runUrl, workspace, pullRequest } = occasion
  const dockerfile = asked === undefined ? 'Dockerfile' : dockerfilePath(asked.source)
  const inRepository = path.relative(workspace, path.resolve(dockerfile))
  const isLocal =
    asked?.source.context.kind !== 'remote' && !inRepository.startsWith('..') && !path.isAbsolute(inRepository)
  const commit = pullRequest?.headSha ?? sha
  return {
    dockerfile,
    ...(isLocal ? { dockerfileInRepository: inRepository } : {}),
    ...(inputs === undefined || asked === undefined ? {} : { buildArguments: reproductionOf(inputs, asked) }),
    ...(repository === '' ? {} : { serverUrl, repository }),
    ...(commit === '' ? {} : { sha: commit }),
    ...(runUrl === undefined ? {} : { runUrl })
  }
}

/** The build as the workflow writes it: with the names alone of arguments that it gives no value. */
function askedFor(inputs: Inputs, name: string): Build {
  const { shape, ...build } = buildFromInputs(inputs, name, {})
  return { ...build, shape: { ...shape, buildArgs: inputs.buildArgs } }
}

function reproductionOf(inputs: Inputs, { shape, ...build }: Build): readonly string[] {
  // Who builds it anew sets the variable: buildx takes the value of a name alone from there.
  const buildArgs = shape.buildArgs.map((argument) =>
    secretArguments([argument]).length === 0 ? argument : argumentName(argument)
  )
  return reproduction(
    { ...build, shape: { ...shape, buildArgs } },
    {
      secrets: inputs.secrets.map(({ id }) => id),
      ssh: [...new Set([...(inputs.sshPrivateKey.trim() === '' ? [] : ['default']), ...inputs.ssh.map(({ id }) => id)])]
    }
  )
}
