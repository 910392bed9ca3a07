/**
 * The build of a run: the tests and the image in one bake call, the image exported while the tests still run. A red test
 * cancels the rest; what had been exported by then lies in a private folder and goes with it.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { linkedBuilds, planPrint, type Bake } from '../buildkit/bake.js'
import type { BuilderFacts } from '../buildkit/causes.js'
import { classifyFailure } from '../buildkit/classify.js'
import { findTransient } from '../buildkit/transient.js'
import type { BuildBase } from '../buildkit/command.js'
import { usableCache } from '../buildkit/imports.js'
import { runBake, logProgress, type BakeResult } from '../buildkit/solve.js'
import { noMetadata, type BuildMetadata, type Provenance } from '../buildkit/provenance.js'
import type { ProgressListener } from '../buildkit/progress.js'
import { addImports, noImports, type Imports, type Progress } from '../core/progress.js'
import { isWork } from '../core/step.js'
import { parseJSON, dig } from '../core/json.js'
import { isLinkedStep, readLinkedStage } from '../core/linked.js'
import { stageInWords } from '../core/step.js'
import type { Failure } from '../failure/failure.js'
import { Stop } from '../failure/stop.js'
import type { Ports } from '../ports.js'
import type { GatePlan } from './plan.js'
import { findUntested, judgeGate, judgeTarget, openOwnSteps, type GateReport, type GateTarget } from './judge.js'
import { openContexts, type LoadIgnored } from './contexts.js'
import { credentialInWords, lackingOf, withLacking } from './lacking.js'
import { compareBuilds } from './proof.js'
import { findReadings } from './readings.js'
import { failedStages, isCachedExport, judgeExports, readExports, type StageExport } from './report_target.js'
import { withScript } from './script.js'
import { joinTwins } from './twins.js'
import { settleUntold } from './untold.js'
import { openWritten } from './written.js'
import { planTargets, type ExportPlan, type PlannedTarget } from './targets.js'

export type BuildOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  /** Values of `--cache-from`. */
  readonly cacheFrom: readonly string[]
  /** Whether an imported cache is looked up for all targets first (lookup.ts). */
  readonly looksUp?: boolean
  readonly exporting: ExportPlan
  readonly env: Readonly<Record<string, string>>
  readonly metadataFile: string
  /** Why a missing credential is no failure of this run; `undefined` in a trusted run. */
  readonly untrusted: string | undefined
  /** Ids of the secrets and ssh agents the build gets: `secret:ID`, `ssh:ID`. */
  readonly supplied: readonly string[]
  /** Loads what tells the paths of the context that BuildKit passes over. */
  readonly loadIgnored?: LoadIgnored
  /** Who builds: the same words want another look with each driver. */
  readonly builder?: BuilderFacts
  /** Told when the builder begins to write an image into its folder. */
  readonly onExporting?: (image: ExportedImage) => void
  /** Told as soon as it lies there, while tests may still run. */
  readonly onExported?: (image: ExportedImage) => void
  /** Awaited before each call but the first, which may have left files behind. */
  readonly beforeAgain?: () => Promise<void>
}

/** An image of one platform, exported. */
export type ExportedImage = {
  /** As in `platforms`; empty for the builder's own. */
  readonly platform: string
  /** The layout's folder. */
  readonly layout: string
}

/** What came of it. `failure` is set when the run is red. */
export type BuildRun = {
  readonly gate: GateReport
  readonly failure?: Failure
  /** One a platform, with what the builder wrote of it; empty where the image was not built. */
  readonly images: readonly (ExportedImage & { readonly metadata: BuildMetadata })[]
  /** What the stage of `test-report-target` has exported, one a platform. */
  readonly exports: readonly (StageExport & { readonly cached: boolean })[]
  /** What the builder wrote of each file of the user's. */
  readonly files: readonly BuildMetadata[]
  readonly progress: Progress
  /** The images' first: a test's has the steps of other stages. */
  readonly provenance: readonly Provenance[]
  readonly notes: readonly string[]
}

type BuildPorts = Pick<Ports, 'exec' | 'log'>

/** Builds it. In an untrusted run a target that lacks a credential is left out, and the others are built without it. */
export async function runBuild(ports: BuildPorts, options: BuildOptions): Promise<BuildRun> {
  const calls = openCalls(ports, options)
  await refuseUnknown(ports, bakeOf(options, calls.targets))

  let wanted = calls.targets
  const leftOut: LeftOut[] = []
  const interruptions: string[] = []
  const since = Date.now()
  // Each round leaves out at least one target.
  for (let round = 0; round <= calls.targets.length; round += 1) {
    const tried = await callPatiently(ports, options, calls, wanted)
    const { result } = tried
    interruptions.push(...tried.notes)
    wanted = tried.targets
    const failure = result.ok ? undefined : failureOf(result, options, wanted)
    const lacking = failure === undefined ? undefined : withheldCredential(failure, options)
    const without = lacking === undefined ? wanted : withoutFailed(result, wanted)
    if (lacking === undefined || without.length === wanted.length) {
      return readRun(result, failure, { options, targets: wanted, leftOut, interruptions, since })
    }
    const stages = new Set(wanted.filter((target) => !without.includes(target)).map(({ stage }) => stage))
    for (const stage of stages) leftOut.push({ stage, lacking })
    wanted = without.length === 0 ? without : await calls.again(without)
    if (wanted.length === 0)
      return readRun(result, undefined, { options, targets: wanted, leftOut, interruptions, since })
    ports.log.info(
      `The build needs ${lacking}, which this run is not given. What can be built without it is built now.`
    )
  }
  throw new Error(`the build was not settled in ${calls.targets.length} rounds`)
}

/** The calls of one build. */
type Calls = {
  /** Of the first call. */
  readonly targets: readonly PlannedTarget[]
  /** Some targets, planned for another call. */
  readonly again: (targets: readonly PlannedTarget[]) => Promise<readonly PlannedTarget[]>
  readonly call: (targets: readonly PlannedTarget[]) => Promise<Called>
}

/** A call that ended, with its targets as they were built last. */
type Called = { readonly result: BakeResult; readonly targets: readonly PlannedTarget[] }

/**
 * Each call gets a folder of its own, since an OCI layout that is written into again keeps the image that was there. A cache
 * that has broken one is read by none that comes after it.
 */
function openCalls(ports: BuildPorts, options: BuildOptions): Calls {
  const { base, plan, exporting } = options
  const { platforms } = base.build.shape
  const planCall = (call: number): readonly PlannedTarget[] =>
    planTargets({
      ...{ tests: plan.testTargets, testReport: plan.testReport, target: plan.target },
      exporting: call === 0 ? exporting : { ...exporting, folder: path.join(exporting.folder, `call-${call}`) },
      platforms,
      annotations: base.build.image.annotations,
      ...(call > 0 || options.looksUp !== true || plan.lookup === undefined ? {} : { lookup: plan.lookup })
    })
  let calls = 0
  let imports: Imports = noImports
  const again: Calls['again'] = async (targets) => {
    await options.beforeAgain?.()
    calls += 1
    await mkdir(path.join(exporting.folder, `call-${calls}`), { recursive: true })
    const names = new Set(targets.map(({ name }) => name))
    return planCall(calls).filter(({ name }) => names.has(name))
  }
  return {
    targets: planCall(0),
    again,
    async call(first) {
      let targets = first
      const usable = usableCache({ from: options.cacheFrom, to: [] }, imports)
      const result = await runBake(ports, bakeOf({ ...options, cacheFrom: usable.from }, targets), {
        env: { ...options.env, BUILDX_METADATA_PROVENANCE: 'max' },
        listener: listen(ports, () => targets, options),
        platforms: platformNames(targets, platforms),
        planAgain: async () => (targets = await again(targets))
      })
      imports = addImports(imports, result.progress)
      const { broken } = imports
      const progress = broken === undefined ? result.progress : { ...result.progress, broken }
      return { result: { ...result, progress }, targets }
    }
  }
}

/** The call, and once more where a registry or the network was in the way and no test had run. */
async function callPatiently(
  ports: BuildPorts,
  { plan }: BuildOptions,
  calls: Calls,
  targets: readonly PlannedTarget[]
): Promise<Called & { readonly notes: readonly string[] }> {
  const start = performance.now()
  const first = await calls.call(targets)
  const { result } = first
  if (isHelpersFailure(result, first.targets)) {
    // What went wrong is told best by a target of the user's.
    return { ...(await calls.call(await calls.again(targets))), notes: [] }
  }
  const only = plan.onlyStage === undefined ? {} : { onlyStage: plan.onlyStage }
  const text = result.ok
    ? undefined
    : findTransient({ progress: result.progress, testStages: plan.testTargets, ...only })
  if (text === undefined) return { ...first, notes: [] }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  ports.log.info(`The build was interrupted (${text}). It is tried once more.`)
  return {
    ...(await calls.call(await calls.again(targets))),
    notes: [`The build was interrupted after ${seconds} s and tried once more: ${text}.`]
  }
}

/** Whether the call ended at a target that only looks the cache up, before a step failed. */
function isHelpersFailure(result: BakeResult, targets: readonly PlannedTarget[]): boolean {
  if (result.ok || result.progress.steps.some(({ state }) => state === 'failed')) return false
  const failed = failedTarget(result)
  return targets.some(({ name, role }) => name === failed && role === 'helper')
}

/** The target that the message of a failed call names. */
function failedTarget({ progress }: BakeResult): string | undefined {
  return progress.plain.map((line) => /^ERROR: target ([\w-]+): /.exec(line)?.[1]).findLast(Boolean)
}

type LeftOut = { readonly stage: string; readonly lacking: string }

function bakeOf({ base, plan, cacheFrom, metadataFile }: BuildOptions, targets: readonly PlannedTarget[]): Bake {
  const { fresh } = base.build
  const rerun = fresh.rerunTests ? plan.testTargets : []
  return {
    ...base,
    targets,
    metadataFile,
    cache: { from: cacheFrom },
    fresh: { noCache: fresh.noCache, noCacheFilters: [...fresh.noCacheFilters, ...rerun] }
  }
}

/** What an old buildx does not know of a bake file it passes over in silence. It is asked where that would matter. */
async function refuseUnknown(ports: BuildPorts, bake: Bake): Promise<void> {
  const { addHosts, allow } = bake.build.shape
  const asked = [
    ...(addHosts.length === 0 ? [] : [{ input: 'add-hosts', attribute: 'extra-hosts' }]),
    ...(allow.length === 0 ? [] : [{ input: 'allow', attribute: 'entitlements' }])
  ]
  const [first] = bake.targets
  if (asked.length === 0 || first === undefined) return
  const { exitCode, stdout } = await ports.exec(planPrint(bake), { input: planPrint(bake).input, timeoutSeconds: 30 })
  if (exitCode !== 0) return // the build itself will say why
  const problems = asked
    .filter(({ attribute }) => dig(parseJSON(stdout), 'target', first.name, attribute) === undefined)
    .map(({ input }) => ({
      input,
      problem: 'this buildx cannot set it in the one call that builds the tests and the image',
      fix: 'Use a newer buildx; docker/setup-buildx-action installs one.'
    }))
  if (problems.length > 0) throw new Stop({ kind: 'input', problems })
}

/** @param targetsOf those that are built now */
function listen(
  { log }: BuildPorts,
  targetsOf: () => readonly PlannedTarget[],
  { onExporting, onExported }: BuildOptions
): ProgressListener {
  const listener = logProgress(log)
  return {
    ...listener,
    onInternal(internal, event) {
      listener.onInternal?.(internal, event)
      if (!internal.name.startsWith('exporting to oci image format') || internal.error !== undefined) return
      const targets = targetsOf()
      const isMeant = ({ name }: PlannedTarget): boolean => targets.length === 1 || name === internal.target
      const image = targets.filter(({ role }) => role === 'image').find(isMeant)
      const tell = event === 'started' ? onExporting : onExported
      if (image?.role === 'image') tell?.({ platform: image.platform, layout: image.layout })
    }
  }
}

/** How steps of a target are named for its platform, where there are several: as BuildKit does in one solve for all. */
function platformNames(
  targets: readonly PlannedTarget[],
  platforms: readonly string[]
): Readonly<Record<string, string>> {
  if (platforms.length < 2) return {}
  return Object.fromEntries(
    targets.flatMap((target) => (target.role === 'files' ? [] : [[target.name, target.platform]]))
  )
}

function failureOf(
  result: BakeResult & { readonly ok: false },
  { base, plan, cacheFrom, builder }: BuildOptions,
  targets: readonly PlannedTarget[]
): Failure {
  const linked = linkedBuilds({ ...base, targets, cache: { from: cacheFrom } })
  const failed = linked.find(({ name }) => name === failedTarget(result))?.target.name
  const step = result.progress.steps.find((each) => each.state === 'failed' && isLinkedStep(each))
  const whose = failed ?? readLinkedStage(step?.stage ?? '')?.target
  const isOwn = openOwnSteps(plan, result.progress.builtFor)
  const steps = result.progress.steps.map((each) => {
    // A step of a test may go by the name of a stage of the image, which it is a step of, too.
    const test = plan.testTargets.find(
      (stage) => each.state === 'failed' && isOwn(each, stage, namesOf(targets, stage))
    )
    return test === undefined ? each : { ...each, stage: test }
  })
  const failure = classifyFailure({
    ...result,
    progress: { ...result.progress, steps },
    testStages: plan.testTargets,
    isLinked: whose !== undefined,
    ...(plan.onlyStage === undefined ? {} : { onlyStage: plan.onlyStage }),
    ...(builder === undefined ? {} : { builder })
  })
  if (failure.kind === 'credential') return { ...failure, ...(whose === undefined ? {} : { linked: whose }) }
  // A step is told by its stage.
  const isTold = failed === undefined || !('message' in failure) || ('step' in failure && failure.step !== undefined)
  return isTold ? failure : { ...failure, message: `${failure.message} (in the linked target "${failed}")` }
}

/** The targets without those of the stage that failed: the message names one, or the failed step tells whose it is. */
function withoutFailed(result: BakeResult, targets: readonly PlannedTarget[]): readonly PlannedTarget[] {
  const { steps, builtFor } = result.progress
  const step = steps.find(({ state }) => state === 'failed')
  const named = [failedTarget(result), ...(builtFor.get(step?.vertex ?? '') ?? [])]
  const failed =
    named
      .map((name) => targets.find((target) => target.name === name && target.role !== 'helper'))
      .find((target) => target !== undefined) ?? (targets.length === 1 ? targets[0] : undefined)
  if (failed === undefined) return targets
  const isImage = failed.role !== 'test'
  return targets.filter((target) =>
    isImage ? target.role === 'test' : target.stage !== failed.stage || target.role !== 'test'
  )
}

type Settled = {
  readonly options: BuildOptions
  readonly targets: readonly PlannedTarget[]
  readonly leftOut: readonly LeftOut[]
  readonly interruptions: readonly string[]
  /** Milliseconds since the epoch at the start of the first call. */
  readonly since: number
}

async function readRun(result: BakeResult, failure: Failure | undefined, settled: Settled): Promise<BuildRun> {
  const { options, targets, leftOut, interruptions } = settled
  const { plan, untrusted } = options
  const { progress } = result
  const metadata = result.ok ? result.metadata : new Map<string, BuildMetadata>()
  const isLeftOut = (stage: string): boolean => leftOut.some((left) => left.stage === stage)
  const ofImages = targets.filter(({ role }) => role === 'image').map(({ name }) => name)
  const told = result.ok && failure === undefined ? { ...progress, steps: settleUntold(progress) } : progress
  const exports = (await readExports(targets, result.ok)).map((each) => ({
    ...each,
    cached: isCachedExport(each, ofImages, told)
  }))
  const proof: Proof =
    result.ok && failure === undefined
      ? await prove(progress, metadata, settled, ofImages)
      : { notes: [], untested: [] }
  const broken = failure ?? proof.failure ?? judgeExports(exports, ofImages, told)
  const failed = result.ok ? failedStages(exports) : []
  const isOwn = openOwnSteps(plan, progress.builtFor)
  const tests = plan.testTargets.map((stage): GateTarget => {
    if (isLeftOut(stage) || proof.untested.includes(stage)) return { stage, result: 'skipped', seconds: 0 }
    const names = namesOf(targets, stage)
    const own = told.steps.filter((step) => isWork(step) && isOwn(step, stage, names))
    const judged = judgeTarget(stage, own, failure === undefined)
    return failed.includes(stage) ? { ...judged, result: 'failed' } : judged
  })
  const images =
    result.ok && failure === undefined
      ? targets.flatMap((target) =>
          target.role === 'image'
            ? [{ platform: target.platform, layout: target.layout, metadata: metadata.get(target.name) ?? noMetadata }]
            : []
        )
      : []
  const isOfImage = (vertex: string): boolean =>
    progress.builtFor.get(vertex)?.some((name) => ofImages.includes(name)) === true
  const ofTests = targets.filter(({ role }) => role === 'test').map(({ name }) => name)
  return {
    gate:
      plan.testTargets.length === 0
        ? { verdict: 'skipped', reason: 'no test-target is set', targets: [] }
        : judgeGate(tests, broken, { leftOut: leftOut.map(({ stage }) => stage), untested: proof.untested }),
    images: broken === undefined ? images : [],
    exports,
    files: targets.flatMap(({ role, name }) => (role === 'files' ? (metadata.get(name) ?? []) : [])),
    progress: { ...progress, steps: joinTwins(told.steps, isOfImage) },
    provenance: [...ofImages, ...ofTests].flatMap((name) => metadata.get(name)?.provenance ?? []),
    notes: [
      ...interruptions,
      ...proof.notes,
      ...leftOut.map(
        ({ stage, lacking }) => `${stageInWords(stage)} was left out: it needs ${lacking}, and ${untrusted ?? ''}.`
      )
    ],
    ...(broken === undefined ? {} : { failure: detailed(broken, options, metadata) })
  }
}

/** A failure with what is known of its step beside its words. */
function detailed(
  failure: Failure,
  { plan, supplied }: BuildOptions,
  metadata: ReadonlyMap<string, BuildMetadata>
): Failure {
  const lines = [...metadata.values()].map(({ provenance }) => provenance.lines)
  return withScript(withLacking(failure, supplied), plan.scripts ?? [], (vertex) =>
    lines.map((each) => each.get(vertex)).find((line) => line !== undefined)
  )
}

/** Names of the targets that build a test, one a platform. */
function namesOf(targets: readonly PlannedTarget[], stage: string): readonly string[] {
  return targets.flatMap((target) => (target.role === 'test' && target.stage === stage ? [target.name] : []))
}

/** What is wrong with a build that went well. */
type Proof = {
  readonly failure?: Failure
  readonly notes: readonly string[]
  /** Stages that ran no command. */
  readonly untested: readonly string[]
}

/** What a build that went well may not be: tests that ran nothing, or an image that is not what was tested. */
async function prove(
  { steps, loads, builtFor }: Progress,
  metadata: ReadonlyMap<string, BuildMetadata>,
  { options, targets, since }: Settled,
  images: readonly string[]
): Promise<Proof> {
  const { plan } = options
  const contextOf = openContexts(options.base.build, options.loadIgnored)
  const tests = targets.filter(({ role }) => role === 'test')
  const provenanceOf = (name: string): Provenance => (metadata.get(name) ?? noMetadata).provenance
  const untested = findUntested(
    tests,
    images,
    { steps, builtFor },
    {
      isOwn: openOwnSteps(plan, builtFor),
      lineOf: (target, vertex) => provenanceOf(target).lines.get(vertex)
    }
  )
  const [first] = untested
  if (first !== undefined) {
    const problem = `stage ${first} runs no command while it is built: a build does not run CMD or ENTRYPOINT`
    const fix = 'Write the tests as a RUN in this stage, for example "RUN pytest".'
    return { failure: { kind: 'input', problems: [{ input: 'test-target', problem, fix }] }, notes: [], untested }
  }
  const notes = new Set<string>()
  const findWritten = openWritten(since)
  const readings = tests.length === 0 ? [] : await findReadings({ steps, loads, builtFor }, contextOf)
  for (const image of targets) {
    if (image.role !== 'image') continue
    for (const test of targets) {
      if (test.role !== 'test' || test.platform !== image.platform) continue
      const agreement = await compareBuilds({
        ...{ steps, loads, builtFor, contextOf, readings, findWritten },
        targets: { image: image.name, test: test.name },
        provenance: { image: provenanceOf(image.name), test: provenanceOf(test.name) }
      })
      if (agreement.kind === 'different') {
        return { failure: { kind: 'mismatch', cause: agreement.cause }, notes: [...notes], untested }
      }
      if (agreement.kind === 'unsure') {
        notes.add(
          `Whether a file changed between its reading for the tests and for the image is not known: ${agreement.why}.`
        )
      }
    }
  }
  return { notes: [...notes], untested }
}

/** The credential a failed step asked for and was not given: in BuildKit's words, or in the step's own mounts. */
function withheldCredential(failure: Failure, { untrusted, supplied }: BuildOptions): string | undefined {
  if (untrusted === undefined) return undefined
  if (failure.kind === 'credential') return credentialInWords(failure)
  // A test that ran and failed is red, whatever it mounts.
  if (failure.kind !== 'build' || failure.step === undefined) return undefined
  const [first] = lackingOf(failure.step, supplied)
  return first === undefined ? undefined : credentialInWords(first)
}
