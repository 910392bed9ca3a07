/** The layer cache of a run: what is planned, which registries answer, what is kept in the end, and what of it is told. */
import { readImported, writeCache, type CacheWriting } from './build/cache.js'
import type { CacheLayers } from './build/cache_layers.js'
import type { Failure } from './build/failure.js'
import type { GatePlan } from './build/gate.js'
import { findSilentReferences, silenceSeconds, withoutReferences } from './build/registry.js'
import { salvageCache } from './build/salvage.js'
import type { Context } from './context.js'
import type { Credentials } from './credentials.js'
import { cacheReference } from './inputs/cache_value.js'
import type { Inputs } from './inputs/inputs.js'
import type { Journal } from './journal.js'
import { forRetry, planCache, tabulateCache, type CachePlan } from './plan/cache.js'
import type { BuildBase } from './plan/command.js'
import { Cancelled, type Log, type Ports } from './ports.js'
import type { TrustPlan } from './trust.js'

type Asked = { readonly inputs: Inputs; readonly context: Context; readonly trustPlan: TrustPlan }

/** The plan of a run before its builder is known. */
export type CacheIntent = {
  readonly plan: CachePlan
  /** References whose registry does not answer. */
  readonly silent: Promise<readonly string[]>
}

/** Plans the layer cache, prints the plan as a table, and begins to ask the registries whether they are there. */
export function intendCache(log: Log, { inputs, context, trustPlan }: Asked, journal: Journal): CacheIntent {
  const table = tabulateCache(inputs, context, trustPlan)
  journal.cacheFacts = { plan: table }
  if (table.length > 0) log.info('Layer cache:')
  const width = Math.min(120, Math.max(0, ...table.map(({ reference }) => reference.length)))
  for (const { reference, action, why } of table) {
    log.info(action === 'none' ? `  ${why}` : `  ${action.padEnd(5)}  ${reference.padEnd(width)}  ${why}`)
  }
  const plan = planCache(inputs, context, trustPlan)
  return { plan, silent: findSilentReferences(plan) }
}

/** What the solves of a run are given. */
export type SettledCache = {
  readonly cache: CachePlan
  /** The references for the tests where they are solved on their own. */
  readonly testCache: CachePlan
}

/**
 * Settles the plan for a builder.
 * @param plan the intent's, as far as the builder can do it
 */
export async function settleCache(
  { silent }: CacheIntent,
  { inputs, context, trustPlan, driver, plan }: Asked & { readonly driver: string; readonly plan: CachePlan },
  journal: Journal
): Promise<SettledCache> {
  journal.cache = plan
  const tests = planCache(inputs, context, { ...trustPlan, cacheWrite: plan.to.length > 0 }, 'tests')
  // A builder elsewhere has a network of its own.
  const unusable = /^docker(?:-container)?$/.test(driver) ? await silent : []
  const read = plan.from.map(cacheReference)
  const error = `the registry did not answer within ${silenceSeconds} s, and was not asked again`
  journal.internals = unusable.map((reference) => ({
    ...{ seconds: silenceSeconds, done: true },
    ...(read.includes(reference)
      ? { name: `importing cache manifest from ${reference}`, error }
      : { name: 'exporting cache to registry', error: `${reference}: ${error}` })
  }))
  return {
    cache: withoutReferences(plan, unusable),
    testCache: unusable.length === 0 ? tests : { from: [], to: [] }
  }
}

type KeepOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  readonly settled: SettledCache
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  readonly imported: () => Promise<ReadonlyMap<string, CacheLayers>>
}

/** Looks at what is in the references that were read, once: when it is first asked, or before it is needed. Never fails. */
export function lookAtImported(
  ports: Pick<Ports, 'exec'>,
  base: BuildBase,
  { cache }: SettledCache,
  journal: Journal
): KeepOptions['imported'] {
  let looking: ReturnType<KeepOptions['imported']> | undefined
  return () =>
    (looking ??= readImported(ports, base, cache, journal.internals).catch(() => new Map<string, CacheLayers>()))
}

/** Writes the layer cache of a run that has passed. */
export async function keepCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  { settled, ...options }: KeepOptions,
  journal: Journal
): Promise<void> {
  const { steps, internals, provenance } = journal
  const built = { steps, internals, provenance }
  const imported = await options.imported()
  note(journal, await writeCache(ports, { ...options, ...settled, imported, built }))
}

/** Keeps what a red build has built for the next run. The failure stays what it was. */
export async function keepForRetry(
  ports: Pick<Ports, 'exec' | 'log'>,
  { settled, ...options }: KeepOptions & { readonly failure: Failure; readonly sensitive?: Credentials['sensitive'] },
  journal: Journal
): Promise<void> {
  const { cache } = settled
  const writing = await salvageCache(ports, {
    ...options,
    ...{ cache, imported: await options.imported(), steps: journal.steps }
  }).catch((error: unknown) => {
    if (error instanceof Cancelled) throw error
    ports.log.debug(`The cache of the failed build was not written: ${String(error)}`)
    return undefined
  })
  journal.cache = { ...journal.cache, to: writing === undefined ? [] : (forRetry(cache)?.to ?? []) }
  if (writing !== undefined) note(journal, writing)
}

function note(journal: Journal, { internals, notes, uploads, unchanged }: CacheWriting): void {
  journal.internals = [...journal.internals, ...internals]
  journal.notes.push(...notes)
  journal.cacheFacts = { ...journal.cacheFacts, uploads, unchanged }
}
