/**
 * The gate: the test targets and the target are built, and the target counts only if every test target passed.
 *
 * One solve where the Dockerfile can take a generated last stage, else one solve after the other, the tests first.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Build } from '../builds/build.js'
import { dockerfilePath } from '../core/source.js'
import { addImports, noImports, type Imports, type Internal } from '../core/progress.js'
import type { BuildBase, CacheValues } from '../buildkit/command.js'
import { planGateDockerfile } from './gate_stage.js'
import type { Ports } from '../ports.js'
import type { GateReport, GateTarget } from '../report/model.js'
import type { BuilderFacts } from '../buildkit/causes.js'
import { classifyFailure } from '../buildkit/classify.js'
import type { Failure } from '../failure/failure.js'
import type { Provenance } from '../buildkit/provenance.js'
import { usableCache } from '../buildkit/imports.js'
import { logProgress, runSolve, type SolveResult } from '../buildkit/solve.js'
import { isWork, sameStage, type Step } from '../core/step.js'

/** The file and stage to build for a gate in one solve. */
export type GateFile = { readonly path: string; readonly stage: string; readonly lastUserLine: number }

/** How the gate is built. */
export type GatePlan = {
  readonly testTargets: readonly string[]
  /** Stage that becomes the image: a name, an index, empty for the last one; `undefined` for a gate without a target. */
  readonly target: string | undefined
  /** Set when everything goes into one solve. */
  readonly file?: GateFile
  /** Why there are several solves, where there are. */
  readonly reason?: string
  /** The only stage's name in a Dockerfile with one, whose steps BuildKit does not name. */
  readonly onlyStage?: string
}

/** What came of it. `failure` is set when the run is red. */
export type GateRun = {
  readonly gate: GateReport
  /** The target was built and may be inspected. */
  readonly targetBuilt: boolean
  readonly failure?: Failure
  readonly steps: readonly Step[]
  readonly internals: readonly Internal[]
  readonly imports: Imports
  readonly provenance: readonly Provenance[]
  readonly notes: readonly string[]
  /** Bytes of the build context that were sent to the builder. */
  readonly contextBytes: number
}

export type GateOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  /** Only read here: it is written once everything has passed. */
  readonly cache: CacheValues
  /** For each test target its cache where the tests are solved on their own: one reference cannot hold two solves. */
  readonly testCaches: readonly CacheValues[]
  readonly env: Readonly<Record<string, string>>
  readonly metadataFile: string
  /** Why a missing credential is no failure of this run; `undefined` in a trusted run. */
  readonly untrusted: string | undefined
  /** Ids of the secrets and ssh agents the build gets. */
  readonly supplied: readonly string[]
  /** Who builds: the same words want another look with each driver. */
  readonly builder?: BuilderFacts
}

type GatePorts = Pick<Ports, 'exec' | 'log'>

/** Writes the gate Dockerfile into `folder`; a reason where the user's cannot take the stage. */
export async function writeGateFile(
  { source }: Pick<Build, 'source'>,
  stages: readonly string[],
  folder: string
): Promise<GateFile | { readonly reason: string }> {
  if (source.context.kind === 'remote') return { reason: 'the context is remote' }
  const dockerfile = dockerfilePath(source)
  const planned = planGateDockerfile(await readFile(dockerfile), stages)
  if (!planned.ok) return { reason: planned.reason }
  const target = await placeDockerfile(planned.text, dockerfile, path.join(folder, 'gate'))
  return { path: target, stage: planned.stage, lastUserLine: planned.firstLine - 1 }
}

/** Writes a generated Dockerfile under the name of the one it comes from; returns its path. */
export async function placeDockerfile(text: Buffer, source: string, folder: string): Promise<string> {
  const target = path.join(folder, path.basename(source))
  await mkdir(folder, { recursive: true })
  await writeFile(target, text)
  // BuildKit looks for the ignore file of a Dockerfile beside it, before the context's own.
  await copyFile(`${source}.dockerignore`, `${target}.dockerignore`).catch(() => undefined)
  return target
}

/** Builds the gate. Without test targets there is nothing to gate and nothing is built here. */
export async function runGate(ports: GatePorts, options: GateOptions): Promise<GateRun> {
  const { plan, untrusted } = options
  if (plan.testTargets.length === 0) return nothingToGate
  if (plan.file === undefined) return solveInTurn(ports, options)

  const result = await solve(ports, options, plan.file.stage, options.cache, plan.file)
  const run = readOneSolve(result, options)
  const withheld =
    untrusted === undefined || run.failure === undefined ? undefined : withheldCredential(run.failure, options)
  if (withheld === undefined) return run
  ports.log.info(`The build needs ${withheld}, which this run is not given. What can be built without it is built now.`)
  return solveInTurn(ports, options, run.imports)
}

/**
 * The failure that it is when tests could not be built for want of a credential: a check that is green then would say that
 * they passed. `undefined` where they were built, where there is no gate, or where the workflow accepts it.
 */
export function judgeUntested({ verdict, targets }: GateReport, untested: 'fail' | 'pass'): Failure | undefined {
  if (untested === 'pass' || verdict !== 'skipped') return undefined
  const stages = targets.flatMap(({ stage, result }) => (result === 'skipped' ? [stage] : []))
  return stages.length === 0 ? undefined : { kind: 'untested', stages }
}

const nothingToGate: GateRun = {
  gate: { verdict: 'skipped', reason: 'no test-target is set', targets: [] },
  targetBuilt: true,
  steps: [],
  internals: [],
  imports: noImports,
  provenance: [],
  notes: [],
  contextBytes: 0
}

function readOneSolve(result: SolveResult, options: GateOptions): GateRun {
  const { plan } = options
  const { steps, internals, contextBytes } = result.progress
  const targets = plan.testTargets.map((stage) => judgeTarget(stage, steps, result.ok, plan.onlyStage))
  const common = { steps, internals, imports: addImports(noImports, result.progress), notes: [], contextBytes }
  if (result.ok) {
    return {
      ...common,
      gate: { verdict: 'passed', targets },
      targetBuilt: plan.target !== undefined,
      provenance: [result.metadata.provenance]
    }
  }
  const failure = failureOf(result, options)
  return {
    ...common,
    gate: judgeGate(targets, failure, []), // the tests may all have passed before the target failed
    targetBuilt: false,
    provenance: [],
    failure
  }
}

/** One solve per test target, then the target. In an untrusted run a stage that lacks a credential is left out. */
async function solveInTurn(ports: GatePorts, options: GateOptions, before = noImports): Promise<GateRun> {
  const { plan, untrusted } = options
  const targets: GateTarget[] = []
  const steps: Step[] = []
  const internals: Internal[] = []
  const provenance: Provenance[] = []
  const notes: string[] = []
  const leftOut: string[] = []
  let contextBytes = 0
  let imports = before

  const done = (failure?: Failure): GateRun => ({
    gate: judgeGate(targets, failure, leftOut),
    targetBuilt: failure === undefined && plan.target !== undefined && !leftOut.includes(plan.target),
    steps: distinctSteps(steps),
    internals,
    imports,
    provenance,
    notes,
    contextBytes,
    ...(failure === undefined ? {} : { failure })
  })

  const stages = [...plan.testTargets, ...(plan.target === undefined ? [] : [plan.target])]
  for (const [index, stage] of stages.entries()) {
    const isTest = index < plan.testTargets.length
    // Where other runs need one solve, they have written one reference.
    const cache = plan.file === undefined && isTest ? (options.testCaches[index] ?? options.cache) : options.cache
    const result = await solve(ports, options, stage, usableCache(cache, imports))
    steps.push(...result.progress.steps)
    internals.push(...result.progress.internals)
    imports = addImports(imports, result.progress)
    contextBytes = Math.max(contextBytes, result.progress.contextBytes)
    if (result.ok) provenance.push(result.metadata.provenance)
    const failure = result.ok ? undefined : failureOf(result, options)
    const withheld = failure === undefined || untrusted === undefined ? undefined : withheldCredential(failure, options)
    if (withheld !== undefined) {
      const shown = stage === '' ? 'the last stage' : `stage ${stage}`
      notes.push(`${shown} was left out: it needs ${withheld}, and ${untrusted ?? ''}.`)
      leftOut.push(stage)
      if (isTest) targets.push({ stage, result: 'skipped', seconds: 0 })
      continue
    }
    if (isTest) targets.push(judgeTarget(stage, result.progress.steps, result.ok, plan.onlyStage))
    if (failure !== undefined) return done(failure)
  }
  return done()
}

function judgeGate(
  targets: readonly GateTarget[],
  failure: Failure | undefined,
  leftOut: readonly string[]
): GateReport {
  if (failure?.kind === 'test') return { verdict: 'failed', targets }
  const skipped = targets.filter(({ result }) => result === 'skipped')
  if (skipped.length > 0) {
    const reason = `${leftOut.join(', ')} could not be built without credentials`
    return { verdict: 'skipped', reason, targets }
  }
  if (failure === undefined || targets.every(({ result }) => result === 'ran' || result === 'cached')) {
    return { verdict: 'passed', targets }
  }
  return { verdict: 'skipped', reason: 'the build ended before the tests did', targets }
}

function solve(
  ports: GatePorts,
  options: GateOptions,
  target: string,
  cache: CacheValues,
  file?: GateFile
): Promise<SolveResult> {
  const { base, plan, env, metadataFile } = options
  const { fresh } = base.build
  const rerun = fresh.rerunTests ? plan.testTargets : []
  return runSolve(
    ports,
    {
      ...base,
      target,
      cache: { from: cache.from, to: [] },
      metadataFile,
      outputs: ['type=cacheonly'],
      fresh: { noCache: fresh.noCache, noCacheFilters: [...fresh.noCacheFilters, ...rerun] },
      ...(file === undefined ? {} : { dockerfile: file.path })
    },
    {
      env: { ...env, BUILDX_METADATA_PROVENANCE: 'max' },
      listener: logProgress(ports.log),
      ...(file === undefined ? {} : { hiddenStage: file.stage })
    }
  )
}

function failureOf(result: SolveResult & { readonly ok: false }, { plan, builder }: GateOptions): Failure {
  return classifyFailure({
    ...result,
    testStages: plan.testTargets,
    ...(plan.onlyStage === undefined ? {} : { onlyStage: plan.onlyStage }),
    ...(builder === undefined ? {} : { builder })
  })
}

/** How a test target went, from the steps of its own stage. */
function judgeTarget(stage: string, steps: readonly Step[], ok: boolean, onlyStage: string | undefined): GateTarget {
  const own = steps.filter((step) => sameStage(step.stage ?? onlyStage, stage) && isWork(step))
  const seconds = own.reduce((sum, step) => sum + step.seconds, 0)
  const has = (state: Step['state']): boolean => own.some((step) => step.state === state)
  if (has('failed')) return { stage, result: 'failed', seconds }
  if (!ok && (own.length === 0 || has('cancelled') || has('waiting'))) return { stage, result: 'cancelled', seconds }
  return { stage, result: own.length > 0 && own.every((step) => step.state === 'cached') ? 'cached' : 'ran', seconds }
}

/** The credential a failed step asked for and was not given: in BuildKit's words, or in the step's own mounts. */
function withheldCredential(failure: Failure, { supplied }: GateOptions): string | undefined {
  if (failure.kind === 'credential') return `the ${failure.credential === 'ssh' ? 'ssh id' : 'secret'} "${failure.id}"`
  // A test that ran and failed is red, whatever it mounts.
  if (failure.kind !== 'build') return undefined
  for (const [, options = ''] of failure.step?.instruction.matchAll(/--mount=(\S*type=(?:secret|ssh)\S*)/g) ?? []) {
    const isSSH = options.includes('type=ssh')
    const target = /(?:^|,)(?:target|dst|destination)=([^,\s]+)/.exec(options)?.[1] ?? ''
    const id = /(?:^|,)id=([^,\s]+)/.exec(options)?.[1] ?? (isSSH ? 'default' : path.basename(target))
    if (!supplied.includes(`${isSSH ? 'ssh' : 'secret'}:${id}`)) return `the ${isSSH ? 'ssh id' : 'secret'} "${id}"`
  }
  return undefined
}

/**
 * Several solves meet the same steps again as cached: the first meeting tells what happened. They meet under the same
 * name; the digest of a vertex that copies from the context, and of all that follow it, is another in each solve.
 */
function distinctSteps(steps: readonly Step[]): readonly Step[] {
  const byName = new Map<string, Step>()
  for (const step of steps) {
    const known = byName.get(step.name)
    if (known === undefined || known.state === 'waiting' || known.state === 'cancelled') byName.set(step.name, step)
  }
  return [...byName.values()]
}
