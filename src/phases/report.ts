/** The end of every run, green or red: what it has learned becomes the Report. */
import { buildFromInputs, buildName, groupName } from '../builds/from_inputs.js'
import type { Build } from '../builds/build.js'
import { dockerfileInRepository } from '../builds/checkout.js'
import { identityOf, jointIdentity } from '../builds/identity.js'
import { reproduction } from '../builds/shape.js'
import { redacted } from '../core/own_words.js'
import { dockerfileName, type Source } from '../core/source.js'
import { tellingMost, type Step } from '../core/step.js'
import { secretArguments } from '../credentials/arguments.js'
import { explainStages, locateByText, UNEXPLAINED, withSaving } from '../explain/explain.js'
import { ownWords } from '../explain/own_words.js'
import { argumentName } from '../explain/record.js'
import type { Failure } from '../failure/failure.js'
import { nothingBuilt, type BuildFindings, type Ending, type Findings, type Note } from '../findings.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Occasion } from '../occasion/occasion.js'
import { inFailedRun } from '../publish/report.js'
import { dockerfileSteps, groupStages, locateSteps, readCache } from '../report/assemble.js'
import type { BuildReport, GateReport, OwnReport, Report } from '../report/model.js'
import type { TestsReport } from '../test_reports/model.js'

/** The findings as the Report. `startedAt` is in milliseconds since the epoch, `seconds` the wall-clock of the run. */
export function makeReport(
  { occasion, builds, notes, phases }: Findings,
  ending: Ending | undefined,
  time: { readonly startedAt: number; readonly seconds: number }
): Report {
  const { trust } = occasion
  const [[name, build] = [buildName(undefined, occasion), nothingBuilt] as const, ...more] = builds
  const first = lookAt(name, build, occasion)
  const others = more.map((other) => lookAt(...other, occasion))
  const all = [first, ...others]
  const isOne = others.length === 0
  const { inputs } = first
  const { builder } = build
  const failure = ending?.failure
  const red =
    failure === undefined
      ? undefined
      : locateFailure(failure, (all.find((each) => each.name === ending?.image) ?? first).told.steps)
  // A run that is cancelled is so as a whole.
  const image = red?.kind === 'cancelled' ? undefined : ending?.image
  const report = (each: Looked): BuildReport => ({
    ...reportBuild(each.name, each.build, failure),
    ...(isOne ? {} : { own: each.told })
  })
  const [identity, ...identities] = all.flatMap((each) => each.identity ?? [])
  const value: Report = {
    name: isOne || inputs === undefined ? name : groupName(inputs, occasion),
    ...(identity === undefined || identities.length < others.length
      ? {}
      : { identity: jointIdentity([identity, ...identities]) }),
    outcome:
      red === undefined ? { kind: 'green' } : { kind: 'red', failure: red, ...(image === undefined ? {} : { image }) },
    trusted: trust.trusted,
    ...(trust.trusted ? {} : { trustReason: trust.reason }),
    ...(isOne ? first.told : joined(first, others)),
    builds: [report(first), ...others.map(report)],
    startedAt: time.startedAt,
    seconds: { total: time.seconds, phases },
    notes: tellNotes(
      [...notes, ...all.flatMap((each) => each.notes.map((text) => ({ text, build: each.name })))],
      all.length
    ),
    builder: {
      name: builder?.name ?? '',
      driver: builder?.driver ?? '',
      buildx: builder?.buildx.text ?? '',
      ...(builder?.buildkit === undefined ? {} : { buildkit: builder.buildkit })
    }
  }
  return redacted(value, (text) => all.reduce((left, { words }) => words(left), text))
}

/** Each note once, below the names of the images that it is of: those of all images, and of an only one, need none. */
function tellNotes(notes: readonly Note[], images: number): readonly string[] {
  return [...Map.groupBy(notes, ({ text }) => text)].map(([text, same]) => {
    const names = new Set(same.flatMap(({ build }) => build ?? []))
    const isOfAll = names.size === images || same.some(({ build }) => build === undefined)
    return isOfAll ? text : `${[...names].join(', ')}: ${text}`
  })
}

/** A build of the findings, as it is told. */
type Looked = {
  readonly name: string
  readonly build: BuildFindings
  readonly inputs: Inputs | undefined
  /** It was asked for with a test, as far as that is known. */
  readonly hasTests: boolean
  readonly identity: string | undefined
  readonly told: OwnReport
  readonly notes: readonly string[]
  readonly words: (text: string) => string
}

function lookAt(name: string, build: BuildFindings, occasion: Occasion): Looked {
  const { workflow, gate, tests, cacheMounts, lint, history } = build
  const inputs = workflow?.inputs
  const asked = inputs === undefined ? undefined : askedFor(inputs, name)
  const { stages, steps, cache, notes } = lookAtBuild(build, asked)
  return {
    ...{ name, build, inputs, notes, hasTests: inputs === undefined || inputs.testTargets.length > 0 },
    identity: asked === undefined ? undefined : identityOf(asked, occasion),
    told: {
      ...{ gate, stages, cache },
      ...(tests === undefined ? {} : { tests }),
      steps: dockerfileSteps(steps),
      ...(cacheMounts === undefined ? {} : { cacheMounts }),
      lint: { findings: lint },
      source: sourceOf(inputs, asked, occasion)
    },
    words: ownWords(build.steps, inputs?.buildArgs ?? [], history?.now)
  }
}

/** What is of the run where it is of several images. */
function joined(first: Looked, others: readonly Looked[]): OwnReport {
  const looked = [first, ...others]
  const all = looked.map(({ told }) => told)
  const [tests, ...moreTests] = all.flatMap((each) => each.tests ?? [])
  const mounts = all.flatMap(({ cacheMounts = [] }) => cacheMounts)
  // A step that several images need may have run for one of them, and be there already for the others.
  const steps = Map.groupBy(
    all.flatMap((each) => each.steps),
    ({ vertex }) => vertex
  )
  return {
    source: first.told.source,
    gate: joinedGate(looked),
    ...(tests === undefined ? {} : { tests: joinedTests(tests, moreTests) }),
    stages: all.flatMap(({ stages }) => stages),
    steps: [...steps.values()].flatMap((same) => tellingMost(same) ?? []),
    cache: {
      imports: all.flatMap(({ cache }) => cache.imports),
      exports: all.flatMap(({ cache }) => cache.exports)
    },
    ...(mounts.length === 0 ? {} : { cacheMounts: mounts }),
    lint: { findings: all.flatMap(({ lint }) => lint.findings) }
  }
}

/** Red as soon as one is. An image without a test stands in nobody's way; one whose tests nobody has seen does. */
function joinedGate(looked: readonly Looked[]): GateReport {
  const targets = looked.flatMap(({ told }) => told.gate.targets)
  if (looked.some(({ told }) => told.gate.verdict === 'failed')) return { verdict: 'failed', targets }
  const skipped = looked.filter(({ told }) => told.gate.verdict === 'skipped')
  const open = skipped.find(({ hasTests }) => hasTests || skipped.length === looked.length)
  return open === undefined ? { verdict: 'passed', targets } : { ...open.told.gate, targets }
}

/** What changed against a baseline, and the folder, are of each image alone. */
function joinedTests(first: TestsReport, others: readonly TestsReport[]): TestsReport {
  return others.length === 0 ? first : { stages: [first, ...others].flatMap(({ stages }) => stages) }
}

/** One image, as far as the run came with it. */
function reportBuild(name: string, build: BuildFindings, failure: Failure | undefined): BuildReport {
  const { images, verdict, advice, comparison, trend, releases, smoke, verify, builtTwice, publish } = build
  return {
    ...{ name, images, verdict, advice },
    publish: failure === undefined ? publish : inFailedRun(publish),
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

/** What a step builds that says nothing. */
const HERE: Source = { context: { kind: 'local', path: '.' }, file: '' }

function sourceOf(inputs: Inputs | undefined, asked: Build | undefined, occasion: Occasion): Report['source'] {
  const { serverUrl, repository, sha, runUrl, pullRequest } = occasion
  const dockerfile = asked === undefined ? 'Dockerfile' : dockerfileName(asked.source)
  const inRepository = dockerfileInRepository(asked?.source ?? HERE, occasion)
  const commit = pullRequest?.headSha ?? sha
  return {
    dockerfile,
    ...(inRepository === undefined ? {} : { dockerfileInRepository: inRepository }),
    ...(inputs === undefined || asked === undefined ? {} : howToBuild(inputs, asked)),
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

/** What of `bake-set` lets something leave: bake adds to a list what is set once more, so it would go on. */
const LETS_OUT = /^[^=]*\.(?:output|push|load|cache-to)\+?=/

/** What a person runs to see the same. Linked targets, and a Dockerfile in a bake file, are known to bake alone. */
function howToBuild(inputs: Inputs, asked: Build): Pick<Report['source'], 'buildArguments' | 'bake'> {
  const { bake, links } = inputs
  if (bake === undefined || (links.targets.length === 0 && !bake.isInline)) {
    return { buildArguments: reproductionOf(inputs, asked) }
  }
  const set = bake.set.filter((entry) => !LETS_OUT.test(entry) && secretArguments([entry]).length === 0)
  return { bake: { files: bake.files, target: bake.target, set } }
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
