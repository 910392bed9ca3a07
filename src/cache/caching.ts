/** The layer cache of a run: what is planned, which registries answer, what is kept in the end, and what of it is told. */
import { readImported, writeCache, type CacheWriting } from './write.js'
import type { CacheLayers } from './layers.js'
import type { Failure } from '../failure/failure.js'
import type { GatePlan } from '../gate/gate.js'
import { salvageCache } from './salvage.js'
import type { Context } from '../occasion/context.js'
import type { Credentials } from '../credentials/credentials.js'
import { cacheReference, isRegistryCache } from '../inputs/cache_value.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Journal } from '../journal.js'
import { candidates, forRetry, planCache, readOne, tabulateCache, testPart, type CachePlan } from './plan.js'
import type { BuildBase } from '../buildkit/command.js'
import { Cancelled, type Exec, type Log, type Ports } from '../ports.js'
import { findRefusal } from '../registry/permission.js'
import { findPresence, silenceSeconds, type Presence } from '../registry/presence.js'
import type { TrustPlan } from '../occasion/trust.js'

type Asked = { readonly inputs: Inputs; readonly context: Context; readonly trustPlan: TrustPlan }

/** The plan of a run before its builder is known. */
export type CacheIntent = {
  readonly plan: CachePlan
  /** What is known of references before they are used. */
  readonly look: (references: readonly string[]) => Promise<ReadonlyMap<string, Presence>>
  /** The same of all in the plan. */
  readonly presence: Promise<ReadonlyMap<string, Presence>>
  /** References that may not be written, with the registry's words. */
  readonly refused: Promise<ReadonlyMap<string, string>>
}

/** Plans the layer cache, prints the plan as a table, and begins to ask the registries what they think of it. */
export function intendCache(
  { exec, log }: Pick<Ports, 'exec' | 'log'>,
  { inputs, context, trustPlan, env }: Asked & { readonly env: Environment },
  journal: Journal
): CacheIntent {
  const table = tabulateCache(inputs, context, trustPlan)
  journal.cacheFacts = { plan: table }
  if (table.length > 0) log.info('Layer cache:')
  const width = Math.min(120, Math.max(0, ...table.map(({ reference }) => reference.length)))
  for (const { reference, action, why } of table) {
    log.info(action === 'none' ? `  ${why}` : `  ${action.padEnd(5)}  ${reference.padEnd(width)}  ${why}`)
  }
  const plan = planCache(inputs, context, trustPlan)
  const look: CacheIntent['look'] = (references) => findPresence(exec, env, references)
  const presence = look([...registryReferences(plan), ...(plan.retry === undefined ? [] : [plan.retry])])
  return { plan, look, presence, refused: findRefused(plan, exec, env, log) }
}

function registryReferences({ from, to }: CachePlan): readonly string[] {
  return [...from, ...to].filter(isRegistryCache).map(cacheReference)
}

type Environment = Readonly<Record<string, string | undefined>>

/** Nobody waits for the answers before there is something to write; the log has them as soon as they come. */
async function findRefused(
  { to }: CachePlan,
  exec: Exec,
  env: Environment,
  log: Log
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>()
  const ask = async (reference: string): Promise<void> => {
    const words = await findRefusal(exec, env, reference)
    if (words === undefined) return
    refused.set(reference, words)
    log.info(
      `The layer cache cannot be written to ${reference}: ${words}. Log in with the right to write before this step.`
    )
  }
  await Promise.all(to.filter(isRegistryCache).map(cacheReference).map(ask))
  return refused
}

/** What the solves of a run are given. */
export type SettledCache = {
  readonly cache: CachePlan
  /** For each test target its references where the tests are solved on their own: one cannot hold two solves. */
  readonly testCaches: readonly CachePlan[]
  /** References that may not be written, with the registry's words. */
  readonly refused: CacheIntent['refused']
}

/**
 * Settles the plan for a builder: what is there is read, and what does not answer is left alone.
 * @param plan the intent's, as far as the builder can do it
 * @param inTurn whether the tests are solved one after the other
 */
export async function settleCache(
  { look, presence, refused }: CacheIntent,
  {
    inputs,
    context,
    trustPlan,
    driver,
    plan,
    inTurn
  }: Asked & { readonly driver: string; readonly plan: CachePlan; readonly inTurn: boolean },
  journal: Journal
): Promise<SettledCache> {
  const allowed = { ...trustPlan, cacheWrite: plan.to.length > 0 }
  const ofTests = inTurn
    ? inputs.testTargets.map((stage) => planCache(inputs, context, allowed, testPart(inputs, stage)))
    : []
  const seen = new Map([...(await presence), ...(await look(ofTests.flatMap((each) => candidates(each, inputs))))])
  // A builder elsewhere has a network of its own.
  const isHere = /^docker(?:-container)?$/.test(driver)
  const presenceOf = (reference: string): Presence => {
    const found = seen.get(reference) ?? 'unknown'
    return found === 'silent' && !isHere ? 'unknown' : found
  }
  const isSilent = (value: string): boolean => isRegistryCache(value) && presenceOf(cacheReference(value)) === 'silent'
  const answers = (value: string): boolean => !isSilent(value)
  const cache = readOne(keepIf(plan, answers, answers), inputs, presenceOf)
  journal.cache = {
    from: [...plan.from.filter(isSilent), ...cache.from],
    to: [...plan.to.filter(isSilent), ...cache.to]
  }
  const error = `the registry did not answer within ${silenceSeconds} s, and was not asked again`
  const silence = { seconds: silenceSeconds, done: true }
  journal.internals = [
    ...plan.from
      .filter(isSilent)
      .map((value) => ({ ...silence, name: `importing cache manifest from ${cacheReference(value)}`, error })),
    ...plan.to
      .filter(isSilent)
      .map(cacheReference)
      .map((reference) => ({ ...silence, name: 'exporting cache to registry', error: `${reference}: ${error}` }))
  ]
  const testCaches = ofTests.map((each) => readOne(keepIf(each, answers, answers), inputs, presenceOf))
  return { cache, testCaches, refused: isHere ? refused : Promise.resolve(new Map()) }
}

/** A plan with those values alone that may be read, and those that may be written; the retry cache is both. */
function keepIf(
  { from, to, retry }: CachePlan,
  mayRead: (value: string) => boolean,
  mayWrite: (value: string) => boolean
): CachePlan {
  const keepsRetry = retry !== undefined && mayRead(retry) && mayWrite(retry)
  return { from: from.filter(mayRead), to: to.filter(mayWrite), ...(keepsRetry ? { retry } : {}) }
}

/** The plan without what may not be written, which goes into the journal as what it is: an export that failed. */
async function withoutRefused(
  { cache, testCaches, refused }: SettledCache,
  journal: Journal
): Promise<Omit<SettledCache, 'refused'>> {
  const words = new Map([...(await refused)].map(([reference, why]) => [withoutTag(reference), why]))
  const whyNot = (value: string): string | undefined => words.get(withoutTag(cacheReference(value)))
  const isAllowed = (value: string): boolean => whyNot(value) === undefined
  journal.internals = [
    ...journal.internals,
    ...cache.to
      .filter((value) => !isAllowed(value))
      .map((value) => ({
        ...{ name: 'exporting cache to registry', seconds: 0, done: true },
        error: `${cacheReference(value)}: ${whyNot(value) ?? ''}`
      }))
  ]
  const any = (): boolean => true
  return {
    cache: keepIf(cache, any, isAllowed),
    testCaches: testCaches.map((testCache) => keepIf(testCache, any, isAllowed))
  }
}

function withoutTag(reference: string): string {
  return reference.replace(/:[^/:]+$/, '')
}

/** What writing the layer cache takes. */
export type KeepOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  readonly settled: SettledCache
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  readonly imported: () => Promise<ReadonlyMap<string, CacheLayers>>
  /** What must not leave the runner; absent where nobody looks for it. */
  readonly sensitive?: Credentials['sensitive']
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
  { settled, ...options }: KeepOptions & { readonly searched?: readonly string[] },
  journal: Journal
): Promise<void> {
  const { steps, internals, provenance } = journal
  const built = { steps, internals, provenance }
  const allowed = await withoutRefused(settled, journal)
  const imported = await options.imported()
  note(journal, await writeCache(ports, { ...options, ...allowed, imported, built }))
}

/** Keeps what a run has built whose image may not leave, since it is too big: the next try need not build it all again. */
export async function keepUnpublished(
  ports: Pick<Ports, 'exec' | 'log'>,
  options: KeepOptions & { readonly searched?: readonly string[] },
  journal: Journal
): Promise<void> {
  const cache = forRetry(options.settled.cache)
  if (cache === undefined) return
  const testCaches = options.settled.testCaches.map(({ from }) => ({ from, to: [] }))
  journal.cache = { ...journal.cache, to: cache.to }
  await keepCache(ports, { ...options, settled: { ...options.settled, cache, testCaches } }, journal)
}

/** Keeps what a red build has built for the next run. The failure stays what it was. */
export async function keepForRetry(
  ports: Pick<Ports, 'exec' | 'log'>,
  { settled, ...options }: KeepOptions & { readonly failure: Failure },
  journal: Journal
): Promise<void> {
  const { cache } = await withoutRefused(settled, journal)
  const writing = await salvageCache(ports, {
    ...options,
    ...{ cache, imported: await options.imported(), steps: journal.steps }
  }).catch((error: unknown) => {
    if (error instanceof Cancelled) throw error
    ports.log.debug(`The cache of the failed build was not written: ${String(error)}`)
    return undefined
  })
  const isRefused = cache.to.length < settled.cache.to.length
  journal.cache = {
    ...journal.cache,
    to: writing === undefined ? (isRefused ? journal.cache.to : []) : (forRetry(cache)?.to ?? [])
  }
  if (writing !== undefined) note(journal, writing)
}

function note(journal: Journal, { internals, notes, uploads, unchanged }: CacheWriting): void {
  journal.internals = [...journal.internals, ...internals]
  journal.notes.push(...notes)
  journal.cacheFacts = { ...journal.cacheFacts, uploads, unchanged }
}
