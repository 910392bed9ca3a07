/**
 * Writing the registry layer cache. It comes after the verdict, in calls of its own beside the publish: nothing leaves
 * the runner before it has passed, not even as cache, and a registry that refuses the cache cannot spoil a push.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { dockerfilePath } from '../inputs/inputs.js'
import { forExport, forRetry, type CachePlan } from '../plan/cache.js'
import type { BuildBase } from '../plan/command.js'
import { planSalvageDockerfile, type Progressed } from '../plan/salvage.js'
import type { Ports } from '../ports.js'
import { readPlainError } from './classify.js'
import type { Failure } from './failure.js'
import { isFrom, placeDockerfile, type GatePlan } from './gate.js'
import type { Internal } from './progress.js'
import { namesStage } from './preflight.js'
import { logProgress, runSolve } from './solve.js'
import type { Step } from './step.js'

export type CacheOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  readonly cache: CachePlan
  /** References for the tests where they are solved on their own. */
  readonly testCache: CachePlan
  readonly env: Readonly<Record<string, string>>
  /** Private folder for metadata files. */
  readonly folder: string
}

/** What the exports did, for the report, and sentences about those that could not be made at all. Never fails a run. */
export type CacheWriting = { readonly internals: readonly Internal[]; readonly notes: readonly string[] }

/** A cache is worth minutes, not a job that hangs on a registry that has almost stopped. */
const exportLimitSeconds = 600

/** Builds everything once more, which is all there already, and exports it. */
export async function writeCache(ports: Pick<Ports, 'exec' | 'log'>, options: CacheOptions): Promise<CacheWriting> {
  const { plan, cache, testCache } = options
  const writings: CacheWriting[] = []
  for (const solve of planExports(plan, cache, testCache)) writings.push(await writeOne(ports, options, solve))
  return { internals: writings.flatMap(({ internals }) => internals), notes: writings.flatMap(({ notes }) => notes) }
}

/**
 * Keeps what a red run has built, under a reference of its own, so that a retry on another builder starts at the step that
 * failed. Nothing of it was inspected, as no intermediate stage ever is; the verdict is on images, and none came of this.
 */
export async function writeRetryCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  options: CacheOptions & RedBuild
): Promise<CacheWriting> {
  const { base, cache, folder, plan } = options
  const retry = forRetry(cache)
  const { inputs } = base
  const nothing: CacheWriting = { internals: [], notes: [] }
  // Where nothing has come to an end now, what is in the registry already is worth more than less of the same.
  const isNew = options.steps.some((step) => step.state === 'ran' && !isFrom(step))
  if (retry === undefined || !isNew || inputs.context.kind !== 'local') return nothing
  const source = dockerfilePath(inputs)
  const text = await readFile(source)
  const progressed = readProgressed(options, text.toString('latin1'), plan.onlyStage)
  const planned = planSalvageDockerfile(text, progressed)
  if (!planned.ok) return nothing
  const dockerfile = await placeDockerfile(planned.text, source, path.join(folder, 'retry'))
  const writing = await writeOne(ports, options, { target: planned.stage, cache: retry, dockerfile })
  const isWritten = writing.internals.some(
    ({ name, done, error }) => done && error === undefined && name.startsWith('exporting cache to ')
  )
  return isWritten
    ? { ...writing, notes: [...writing.notes, 'What had been built is in the layer cache: the next run starts there.'] }
    : writing
}

type RedBuild = { readonly steps: readonly Step[]; readonly failure: Failure }

/**
 * How far a red build got. Stages that the text does not name are left out: the cut gives those after it another index,
 * and BuildKit shows a base image under a name of its own.
 */
function readProgressed({ steps, failure }: RedBuild, text: string, onlyStage: string | undefined): Progressed {
  const stages = Map.groupBy(steps, ({ stage }) => stage ?? '')
  const complete = [...stages].flatMap(([stage, own]) =>
    namesStage(text, stage) && own.every(({ state }) => state === 'ran' || state === 'cached') ? [stage] : []
  )
  if (failure.kind !== 'test' && failure.kind !== 'build') return { complete }
  const stage = failure.step?.stage?.replace(/^stage-(?=\d+$)/, '') ?? onlyStage
  if (stage === undefined || failure.line === undefined) return { complete }
  return { complete, failed: { stage, line: failure.line } }
}

async function writeOne(
  ports: Pick<Ports, 'exec' | 'log'>,
  { base, plan, env, folder }: CacheOptions,
  solve: Export
): Promise<CacheWriting> {
  const result = await runSolve(
    ports,
    { ...base, ...solve, outputs: ['type=cacheonly'], metadataFile: path.join(folder, `cache-${solve.target}.json`) },
    {
      env,
      listener: logProgress(ports.log, { again: true }),
      timeoutSeconds: exportLimitSeconds,
      ...(plan.file === undefined ? {} : { hiddenStage: plan.file.stage })
    }
  )
  const { internals, plain } = result.progress
  if (result.ok) return { internals, notes: [] }
  const reason = result.timedOut
    ? `the registry took more than ${exportLimitSeconds / 60} minutes`
    : readPlainError(plain).message
  return { internals, notes: [`The cache was not written: ${reason}`] }
}

type Export = { readonly target: string; readonly cache: CachePlan; readonly dockerfile?: string }

/** One solve where one stage stands for all; else the tests under a reference of their own, since a reference holds one solve. */
function planExports(plan: GatePlan, cache: CachePlan, testCache: CachePlan): readonly Export[] {
  const { file, testTargets, target } = plan
  const all =
    file !== undefined
      ? [{ target: file.stage, cache, dockerfile: file.path }]
      : [
          ...testTargets.map((stage) => ({ target: stage, cache: testCache })),
          ...(target === undefined ? [] : [{ target, cache }])
        ]
  return all.map((solve) => ({ ...solve, cache: forExport(solve.cache) })).filter((solve) => solve.cache.to.length > 0)
}
