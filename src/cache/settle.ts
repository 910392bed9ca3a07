/** The layer cache of a run before anything is built: what is planned, which registries answer, what is read in the end. */
import type { Occasion } from '../occasion/occasion.js'
import type { CacheValues } from '../buildkit/command.js'
import { cacheReference, isRegistryCache } from '../inputs/cache_value.js'
import type { Build } from '../builds/build.js'
import type { CacheOutcome } from './outcome.js'
import { candidates, planCache, readOne, tabulateCache, testPart, type CachePlan, type CacheRow } from './plan.js'
import type { Log, Ports } from '../ports.js'
import { repositoryAt } from '../registry/address.js'
import { findRefusal } from '../registry/permission.js'
import type { Asking } from '../registry/quickly.js'
import { findPresence, SILENCE_SECONDS, type Presence } from '../registry/presence.js'
import type { TrustPlan } from '../occasion/trust_plan.js'

type Wanted = { readonly build: Build; readonly occasion: Occasion; readonly trustPlan: TrustPlan }
type Environment = Readonly<Record<string, string | undefined>>

/** The plan of a run before its builder is known. */
export type CacheIntent = {
  readonly plan: CachePlan
  /** The plan for people. */
  readonly rows: readonly CacheRow[]
  /** What is known of references before they are used. */
  readonly look: (references: readonly string[]) => Promise<ReadonlyMap<string, Presence>>
  /** The same of all in the plan. */
  readonly presence: Promise<ReadonlyMap<string, Presence>>
  /** References that may not be written, with the registry's words. */
  readonly refused: Promise<ReadonlyMap<string, string>>
}

type Intending = Wanted & {
  readonly env: Environment
  /** Resolves when the registries may be asked. */
  readonly after: Promise<void>
}

/** Plans the layer cache, prints the plan as a table, and asks the registries what they think of it. */
export function intendCache(
  { log, ...asking }: Asking & Pick<Ports, 'log'>,
  { build, occasion, trustPlan, env, after }: Intending
): CacheIntent {
  const rows = tabulateCache(build, occasion, trustPlan)
  if (rows.length > 0) log.info('Layer cache:')
  const width = Math.min(120, Math.max(0, ...rows.map(({ reference }) => reference.length)))
  for (const { reference, action, why } of rows) {
    log.info(action === 'none' ? `  ${why}` : `  ${action.padEnd(5)}  ${reference.padEnd(width)}  ${why}`)
  }
  const plan = planCache(build, occasion, trustPlan)
  const look: CacheIntent['look'] = (references) => findPresence(asking, env, references)
  const known = [...registryReferences(plan), ...(plan.retry === undefined ? [] : [plan.retry])]
  const presence = after.then(() => look(known))
  return { plan, rows, look, presence, refused: after.then(() => findRefused(plan, asking, env, log)) }
}

function registryReferences({ from, to }: CachePlan): readonly string[] {
  return [...from, ...to].filter(isRegistryCache).map(cacheReference)
}

/** Nobody waits for the answers before there is something to write; the log has them as soon as they come. */
async function findRefused(
  { to }: CachePlan,
  asking: Asking,
  env: Environment,
  log: Log
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>()
  // It is a repository that may be written or not, whatever the tag.
  const repositories = new Map<string, Promise<string | undefined>>()
  const ask = async (reference: string): Promise<void> => {
    const repository = repositoryAt(reference)?.name ?? reference
    const answer = repositories.get(repository) ?? findRefusal(asking, env, reference)
    repositories.set(repository, answer)
    const words = await answer
    if (words === undefined) return
    refused.set(reference, words)
    log.info(
      `The layer cache cannot be written to ${reference}: ${words}. Before this step, log in with an account that may write there.`
    )
  }
  await Promise.all(to.filter(isRegistryCache).map(cacheReference).map(ask))
  return refused
}

/** The references that one solve of everything writes, on one builder or on one node of it. */
export type CachePart = {
  /** Set where each node builds one platform: a reference that two of them wrote would have the layers of the last. */
  readonly platform?: string
  readonly cache: CachePlan
  /** For each test target its references where each is solved on its own: one cannot hold two solves. */
  readonly testCaches: readonly CachePlan[]
}

/** What the solves of a run are given. */
export type SettledCache = {
  /** What a solve of all platforms reads, and all that is written in the end. */
  readonly cache: CachePlan
  /** The same as it is written: in one part, or in one a platform. */
  readonly parts: readonly CachePart[]
  /** References that may not be written, with the registry's words. */
  readonly refused: CacheIntent['refused']
  /** All that was to be read and written, with what has been given up already. */
  readonly planned: CacheValues
  /** What was given up. */
  readonly outcomes: readonly CacheOutcome[]
  /** The plan for people. */
  readonly rows: readonly CacheRow[]
  readonly notes: readonly string[]
}

type Settling = Wanted & {
  readonly driver: string
  /** The intent's, as far as the builder can do it. */
  readonly plan: CachePlan
  /** Whether each test has a reference of its own. */
  readonly perTest: boolean
  /** The platforms, where several nodes build them; each then has references of its own. */
  readonly perPlatform?: readonly string[]
}

/** Settles the plan for a builder: what is there is read, and what does not answer is left alone. */
export async function settleCache(intent: CacheIntent, settling: Settling): Promise<SettledCache> {
  const { build, driver, plan } = settling
  const drafts = draftParts(settling)
  const unknown = drafts.flatMap(({ cache, testCaches, build: own }) =>
    [...(cache === plan ? [] : [cache]), ...testCaches].flatMap((each) => candidates(each, own))
  )
  const known = await intent.presence
  const seen = new Map([...known, ...(await intent.look(unknown.filter((reference) => !known.has(reference))))])
  // A builder elsewhere has a network of its own.
  const isHere = /^docker(?:-container)?$/.test(driver)
  const presenceOf = (reference: string): Presence => {
    const found = seen.get(reference) ?? 'unknown'
    return found === 'silent' && !isHere ? 'unknown' : found
  }
  const isSilent = (value: string): boolean => isRegistryCache(value) && presenceOf(cacheReference(value)) === 'silent'
  const answers = (value: string): boolean => !isSilent(value)
  const settle = (each: CachePlan, own: Build): CachePlan => readOne(keepIf(each, answers, answers), own, presenceOf)
  const parts = drafts.map(({ platform, cache, testCaches, build: own }): CachePart => ({
    ...(platform === undefined ? {} : { platform }),
    cache: settle(cache, own),
    testCaches: testCaches.map((each) => settle(each, own))
  }))

  const cache = together(parts.map((part) => part.cache))
  const silent = together(drafts.map((draft) => keepIf(draft.cache, isSilent, isSilent)))
  const perNode = drafts.flatMap(({ platform, build: own }) =>
    platform === undefined
      ? []
      : tabulateCache(own, settling.occasion, settling.trustPlan).map((row) => ({
          ...row,
          why: `${platform}: ${row.why}`
        }))
  )
  const shared = parts.length > 1 ? build.cache.to.filter((value) => cache.to.some((to) => to.startsWith(value))) : []
  return {
    cache,
    parts,
    refused: isHere ? intent.refused : Promise.resolve(new Map()),
    planned: { from: [...silent.from, ...cache.from], to: [...silent.to, ...cache.to] },
    outcomes: [
      ...silent.from.map((value) => silence(value, 'read')),
      ...silent.to.map((value) => silence(value, 'write'))
    ],
    rows: perNode.length === 0 ? intent.rows : perNode,
    notes: shared.map(
      (value) =>
        `Each node of the builder writes the cache-to "${cacheReference(value)}", so only the last one's layers remain. With cache-image each platform has a reference of its own.`
    )
  }
}

type Draft = CachePart & { readonly build: Build }

/** The plans of all parts. A reference has its platforms in its name, so each part has others. */
function draftParts({ build, occasion, trustPlan, plan, perTest, perPlatform = [] }: Settling): readonly Draft[] {
  const allowed = { ...trustPlan, cacheWrite: plan.to.length > 0 }
  const draft = (own: Build, cache: CachePlan): Draft => ({
    build: own,
    cache,
    testCaches: perTest ? own.tests.map((stage) => planCache(own, occasion, allowed, testPart(own, stage))) : []
  })
  if (perPlatform.length < 2) return [draft(build, plan)]
  return perPlatform.map((platform) => {
    const own = { ...build, shape: { ...build.shape, platforms: [platform] } }
    return { ...draft(own, planCache(own, occasion, allowed)), platform }
  })
}

/** Several plans as one. A retry cache is one part's alone. */
function together(plans: readonly CachePlan[]): CachePlan {
  const [first, ...others] = plans
  if (first !== undefined && others.length === 0) return first
  return {
    from: [...new Set(plans.flatMap(({ from }) => from))],
    to: [...new Set(plans.flatMap(({ to }) => to))]
  }
}

function silence(value: string, way: CacheOutcome['way']): CacheOutcome {
  const message = `the registry did not answer within ${SILENCE_SECONDS} s, and was not asked again`
  return { reference: cacheReference(value), way, result: 'failed', seconds: SILENCE_SECONDS, message }
}

/** A plan with those values alone that may be read, and those that may be written; the retry cache is both. */
export function keepIf(
  { from, to, retry }: CachePlan,
  mayRead: (value: string) => boolean,
  mayWrite: (value: string) => boolean
): CachePlan {
  const keepsRetry = retry !== undefined && mayRead(retry) && mayWrite(retry)
  return { from: from.filter(mayRead), to: to.filter(mayWrite), ...(keepsRetry ? { retry } : {}) }
}
