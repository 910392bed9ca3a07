/** The layer cache of a run, written once it has an end: all of a green one, what was built of a red one. */
import { openSearchAhead } from '../cache/ahead.js'
import { keepForRetry, lookAtImported, type KeepOptions } from '../cache/keep.js'
import type { CachePorts, CacheWriting } from '../cache/write.js'
import type { SuppliedCredentials } from '../credentials/credentials.js'
import type { Failure } from '../failure/failure.js'
import type { Learned, Workflow } from '../findings.js'
import { Cancelled, type Ports } from '../ports.js'
import type { Built } from './gate.js'
import type { Prepared } from './prepare.js'
import type { World } from './start.js'

type Parts = {
  readonly workflow: Workflow
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  readonly prepared: Prepared
  readonly supplied: SuppliedCredentials
  readonly built: Built
  /** The runner's. */
  readonly env: World['env']
  /** Private folder of the run. */
  readonly folder: string
}

/** What writing the layer cache takes, in whichever phase it is written. */
export function planKeeping(
  ports: Pick<Ports, 'exec' | 'log' | 'signal'>,
  { workflow, dockerfile, prepared, supplied, built, env, folder }: Parts
): KeepOptions {
  const { plan, cache } = prepared
  const { steps, provenance, cache: read } = built.learned
  const { inputs, credentials } = workflow
  const near = { env, driver: prepared.builder.driver }
  const outcomes = [...cache.outcomes, ...(read?.outcomes ?? [])]
  return {
    ...{ base: plan.base, plan: plan.gate, settled: cache, dockerfile, env: supplied.env, folder },
    ahead: openSearchAhead(ports),
    imported: lookAtImported(ports, plan.base, cache, { outcomes, near }),
    built: { steps, provenance, imports: built.run.progress },
    carrying: { ...near, layers: [], mountFrom: [] },
    ...(inputs.budget.leakCheck === 'fail' ? { sensitive: credentials.sensitive, ignoredKeys: inputs.leakIgnore } : {})
  }
}

/** Keeps what a red build has built for the next run. The failure stays what it was, also where this is cancelled. */
export async function keepRed(ports: CachePorts, options: KeepOptions, failure: Failure): Promise<Learned> {
  try {
    return { ...learnedOfCache(await keepForRetry(ports, { ...options, failure })), failure }
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    return { failure }
  }
}

/** What came of writing the cache, as a part of the findings. */
export function learnedOfCache({ outcomes, imports, notes }: CacheWriting): Learned {
  return { cache: { outcomes, imports }, notes }
}
