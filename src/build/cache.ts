/**
 * Writing the registry layer cache. It comes after the verdict, in calls of its own beside the publish: nothing leaves
 * the runner before it has passed, not even as cache, and a registry that refuses the cache cannot spoil a push.
 */
import path from 'node:path'
import { forExport, type CachePlan } from '../plan/cache.js'
import type { BuildBase } from '../plan/command.js'
import type { Ports } from '../ports.js'
import { readPlainError } from './classify.js'
import type { GatePlan } from './gate.js'
import type { Internal } from './progress.js'
import { logProgress, runSolve } from './solve.js'

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

/** Builds everything once more, which is all there already, and exports it. */
export async function writeCache(ports: Pick<Ports, 'exec' | 'log'>, options: CacheOptions): Promise<CacheWriting> {
  const { base, plan, cache, testCache, env, folder } = options
  const internals: Internal[] = []
  const notes: string[] = []
  for (const [index, solve] of planExports(plan, cache, testCache).entries()) {
    const result = await runSolve(
      ports,
      { ...base, ...solve, outputs: ['type=cacheonly'], metadataFile: path.join(folder, `cache-${index}.json`) },
      {
        env,
        listener: logProgress(ports.log, { again: true }),
        ...(plan.file === undefined ? {} : { hiddenStage: plan.file.stage })
      }
    )
    internals.push(...result.progress.internals)
    if (!result.ok) notes.push(`The cache was not written: ${readPlainError(result.progress.plain).message}`)
  }
  return { internals, notes }
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
