/** The layer cache of a run at its end: what is written of it, green or red, and what came of that. */
import type { BuildBase } from '../buildkit/command.js'
import type { Failure } from '../failure/failure.js'
import { cacheReference } from '../inputs/cache_value.js'
import type { CacheLayers } from './layers.js'
import type { Near } from './near.js'
import type { CacheOutcome } from './outcome.js'
import { forRetry } from './plan.js'
import type { Asking } from '../registry/quickly.js'
import { RETRY_LIMIT_SECONDS, writeForRetry } from './retry.js'
import type { SearchAhead } from './ahead.js'
import { keepIf, type CachePart, type SettledCache } from './settle.js'
import {
  mergeWritings,
  nothingWritten,
  planOnlySearch,
  readImported,
  writeCache,
  type CacheOptions,
  type CachePorts,
  type CacheWriting
} from './write.js'

/** What writing the layer cache takes. */
export type KeepOptions = Omit<CacheOptions, 'ahead' | 'cache' | 'testCaches' | 'imported'> & {
  readonly settled: SettledCache
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  readonly imported: () => Promise<ReadonlyMap<string, CacheLayers>>
  readonly ahead: SearchAhead
}

/**
 * Returns what tells what is in the references that were read. It looks when it is first asked, and once. Never fails.
 * @param known what became of the reading, and where the run stands
 */
export function lookAtImported(
  asking: Asking,
  base: Pick<BuildBase, 'builder'>,
  { cache }: Pick<SettledCache, 'cache'>,
  known: { readonly outcomes: readonly CacheOutcome[]; readonly near: Near }
): KeepOptions['imported'] {
  let looking: ReturnType<KeepOptions['imported']> | undefined
  return () => (looking ??= readImported(asking, base, cache, known).catch(() => new Map<string, CacheLayers>()))
}

/** Writes the layer cache of a run that has passed. Never fails a run; throws `Cancelled`. */
export async function keepCache(ports: CachePorts, { settled, ...options }: KeepOptions): Promise<CacheWriting> {
  const { parts, outcomes } = await withoutRefused(settled)
  const imported = await options.imported()
  const written: CacheWriting[] = [{ ...nothingWritten, outcomes }]
  for (const part of parts) {
    written.push(await writeCache(ports, { ...options, ...part, ...ofPart(options, part), imported }))
  }
  return mergeWritings(written)
}

/** Begins what writing the layer cache takes before anything of it leaves the runner, where that is one search. */
export function prepareCache({ settled, ahead, ...options }: KeepOptions): void {
  const plan = async () => {
    const { parts } = await withoutRefused(settled)
    const [part] = parts
    if (part === undefined || parts.length > 1 || options.sensitive === undefined) return undefined
    const imported = await options.imported()
    return planOnlySearch({ ...options, ...part, ...ofPart(options, part), imported })
  }
  ahead.begin(plan())
}

/** Keeps what a run has built whose image may not leave, as it is too big or another one is red: the next try need not build it all again. Throws `Cancelled`. */
export async function keepUnpublished(ports: CachePorts, { settled, ...options }: KeepOptions): Promise<CacheWriting> {
  const parts = settled.parts.flatMap((part): readonly CachePart[] => {
    const cache = forRetry(part.cache)
    const testCaches = part.testCaches.map(({ from }) => ({ from, to: [] }))
    return cache === undefined ? [] : [{ ...part, cache, testCaches }]
  })
  return keepCache(ports, { ...options, settled: { ...settled, parts }, limitSeconds: RETRY_LIMIT_SECONDS })
}

/** Keeps what a red build has built for the next run. Throws `Cancelled`. */
export async function keepForRetry(
  ports: CachePorts,
  { settled, failure, ...options }: KeepOptions & { readonly failure: Failure }
): Promise<CacheWriting> {
  const { parts, outcomes } = await withoutRefused(settled)
  const imported = await options.imported()
  const written: CacheWriting[] = [{ ...nothingWritten, outcomes }]
  for (const part of parts) {
    const own = ofPart(options, part)
    const retrying = { ...options, ...own, failure, imported, cache: part.cache }
    const platform = part.platform === undefined ? {} : { platform: part.platform }
    const writing = await writeForRetry(ports, { ...retrying, ...platform })
    if (writing !== undefined) written.push(writing)
  }
  return mergeWritings(written)
}

/** The build as the node of a part has it. */
function ofPart({ base, built }: Pick<KeepOptions, 'base' | 'built'>, { platform }: CachePart) {
  if (platform === undefined) return { base, built }
  const steps = built.steps.filter((step) => step.platform === undefined || step.platform === platform)
  return {
    base: { ...base, build: { ...base.build, shape: { ...base.build.shape, platforms: [platform] } } },
    built: { ...built, steps }
  }
}

/** The parts without what may not be written, and what becomes of that: an export that failed. */
async function withoutRefused({
  parts,
  refused
}: SettledCache): Promise<{ readonly parts: readonly CachePart[]; readonly outcomes: readonly CacheOutcome[] }> {
  const words = new Map([...(await refused)].map(([reference, why]) => [withoutTag(reference), why]))
  const whyNot = (value: string): string | undefined => words.get(withoutTag(cacheReference(value)))
  const any = (): boolean => true
  const isAllowed = (value: string): boolean => whyNot(value) === undefined
  return {
    parts: parts.map(({ cache, testCaches, ...part }) => ({
      ...part,
      cache: keepIf(cache, any, isAllowed),
      testCaches: testCaches.map((each) => keepIf(each, any, isAllowed))
    })),
    outcomes: parts.flatMap(({ cache }) =>
      cache.to.flatMap((value): readonly CacheOutcome[] => {
        const message = whyNot(value)
        return message === undefined
          ? []
          : [{ reference: cacheReference(value), way: 'write', result: 'failed', seconds: 0, message }]
      })
    )
  }
}

function withoutTag(reference: string): string {
  return reference.replace(/:[^/:]+$/, '')
}
