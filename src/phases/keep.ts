/** The layer cache of a run, written once it has an end: all of a green one, what was built of a red one. */
import { openSearchAhead } from '../cache/ahead.js'
import { keepForRetry, keepUnpublished, lookAtImported, type KeepOptions } from '../cache/keep.js'
import { RETRY_LIMIT_SECONDS } from '../cache/retry.js'
import type { CachePorts, CacheWriting } from '../cache/write.js'
import type { SuppliedCredentials } from '../credentials/credentials.js'
import type { Failure } from '../failure/failure.js'
import { failureOf } from '../failure/of.js'
import type { Learned, Workflow } from '../findings.js'
import { layersOf } from '../inspect/inspect.js'
import type { Ports } from '../ports.js'
import type { Built } from './gate.js'
import type { Image } from './image.js'
import type { Prepared } from './prepare.js'
import type { World } from './start.js'
import type { Inspected } from './verdict.js'

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

/** Keeps what a red build has built for the next run. The failure stays what it was. */
export async function keepRed(ports: CachePorts, options: KeepOptions, failure: Failure): Promise<Learned> {
  return { ...(await besideRed(ports, keepForRetry(ports, { ...options, failure }))), failure }
}

/** Keeps an image of a red run that was built whole, and may not leave. */
export async function keepWhole(
  ports: CachePorts,
  { keeping, inspected }: Pick<Other, 'keeping' | 'inspected'>
): Promise<Learned> {
  const searched = layersOf(inspected?.inspection.analyses ?? [])
  return besideRed(ports, keepUnpublished(ports, { ...keeping, searched }))
}

/** A run is red for what it is red for, also where it is cancelled meanwhile. */
async function besideRed({ log }: Pick<CachePorts, 'log'>, writing: Promise<CacheWriting>): Promise<Learned> {
  try {
    return learnedOfCache(await writing)
  } catch (error) {
    log.debug(`The layer cache of a red run was not written: ${String(error)}`)
    return {}
  }
}

/** One of several images, which has passed its gate. */
type Other = Pick<Image, 'know' | 'phase'> & {
  readonly keeping: KeepOptions
  /** Absent where nobody has looked into it yet. */
  readonly inspected?: Inspected | undefined
}

/** These are said of one image; whatever else ends a run may be wrong with the builder, too. */
const OF_ONE_IMAGE: ReadonlySet<Failure['kind']> = new Set([
  ...(['test', 'build', 'dockerfile', 'credential', 'untested'] as const),
  ...(['leak', 'budget', 'smoke', 'verify', 'irreproducible'] as const)
])

/**
 * Keeps what the other images of a red run have built: the next try need not build them again.
 * @throws what the run is red for, when that is done
 */
export async function keepOthers(ports: CachePorts, others: readonly Other[], red: unknown): Promise<never> {
  const kept = OF_ONE_IMAGE.has(failureOf(red).kind) ? others.filter(mayKeep) : []
  if (kept.length > 0) {
    await ports.log.group('Keep what the other images have built', async () => {
      const begin = performance.now()
      for (const each of kept) {
        if (performance.now() - begin > RETRY_LIMIT_SECONDS * 1000) break
        await each.phase('keep layers', async () => each.know(await keepWhole(ports, each)))
      }
    })
  }
  throw red
}

/** What leaves has been searched: an image that was not looked into leaves it to the search of its cache, which has to be made. */
function mayKeep({ keeping, inspected }: Other): boolean {
  const isClean =
    inspected === undefined
      ? keeping.sensitive !== undefined
      : inspected.inspection.analyses.every(({ leaks }) => leaks.length === 0)
  return isClean && keeping.settled.parts.some(({ cache }) => cache.retry !== undefined)
}

/** What came of writing the cache, as a part of the findings. */
export function learnedOfCache({ outcomes, imports, notes }: CacheWriting): Learned {
  return { cache: { outcomes, imports }, notes }
}
