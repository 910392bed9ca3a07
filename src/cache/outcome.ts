/** What became of the caches that a run reads and writes. */
import type { CacheValues } from '../buildkit/command.js'
import type { Internal } from '../core/progress.js'
import { cacheReference, cacheType, isRegistryCache } from '../inputs/cache_value.js'
import { repositoryAt } from '../registry/address.js'

/** What was done with one reference, or with one cache of another kind than registry. */
export type CacheOutcome = {
  /** As in the value: a reference, or the type of a cache without one (`gha`). */
  readonly reference: string
  readonly way: 'read' | 'write'
  /**
   * `missing`: it was not there. `unchanged`: everything is in a cache already, so it was not written. `withheld`: it
   * holds what must not leave the runner. `not-run`: nobody has tried.
   */
  readonly result: 'ok' | 'missing' | 'failed' | 'unchanged' | 'withheld' | 'not-run'
  readonly seconds?: number
  /** Bytes of the layers that were uploaded. */
  readonly bytes?: number
  /** Of an unchanged one: the reference that holds everything, itself or another that is read. */
  readonly heldBy?: string
  /** Of a failed or withheld one: why. */
  readonly message?: string
}

/** BuildKit's names for the writing of a cache, by its type; before 0.11 a registry's had none of its own. */
const exportNames: readonly (readonly [RegExp, string])[] = [
  [/^exporting cache to registry$/, 'registry'],
  [/^exporting (?:cache )?to GitHub (?:Actions )?Cache$/i, 'gha'],
  [/^exporting cache to client directory$/, 'local'],
  [/^exporting cache to Amazon S3$/, 's3'],
  [/^exporting cache to Azure Blob Storage$/, 'azblob'],
  [/^(?:exporting|preparing layers for) inline cache$/, 'inline'],
  [/^exporting (?:content )?cache(?: to .*)?$/, '']
]

const IMPORTING = 'importing cache manifest from '

/** The type of cache that a part of the builder's own work writes; empty where its name does not tell. */
function exportedType({ name }: Internal): string | undefined {
  return exportNames.find(([pattern]) => pattern.test(name))?.[1]
}

/**
 * What became of each cache of a solve, in the order of its values.
 * @param internals the builder's own work in the solve, or in several with the same values
 * @param sizes compressed bytes of layers by digest, as far as they are known
 */
export function readOutcomes(
  { from, to }: CacheValues,
  internals: readonly Internal[],
  sizes: ReadonlyMap<string, number> = new Map()
): readonly CacheOutcome[] {
  const read = from.map((value) => ({
    way: 'read' as const,
    ...transferOf(cacheReference(value), importsOf(value, internals))
  }))
  const written = to.map((value) => {
    const own = exportsOf(value, to, internals)
    const bytes = cacheType(value) === 'registry' ? undefined : bytesOf(own, sizes) // a registry may have had them before
    const transfer = transferOf(cacheReference(value), own)
    return {
      way: 'write' as const,
      ...transfer,
      ...(bytes === undefined || transfer.result !== 'ok' ? {} : { bytes })
    }
  })
  return [...read, ...written]
}

/** An import names its reference; one of another type than registry has a number: `local:5607003162800035581`. */
function importsOf(value: string, internals: readonly Internal[]): readonly Internal[] {
  const reference = cacheReference(value)
  const exact = internals.filter(({ name }) => name === IMPORTING + reference)
  return exact.length > 0
    ? exact
    : internals.filter(
        ({ name }) => name.startsWith(`${IMPORTING}${cacheType(value)}:`) && cacheType(value) !== 'registry'
      )
}

/** An export names only its type, but its failure may hold the address. */
function exportsOf(value: string, all: readonly string[], internals: readonly Internal[]): readonly Internal[] {
  const type = cacheType(value)
  const likely = internals.filter((internal) => [type, ''].includes(exportedType(internal) ?? 'none'))
  const named = likely.filter((internal) => concerns(internal, value))
  if (named.length > 0) return named
  return likely.filter((internal) => !all.some((other) => other !== value && concerns(internal, other)))
}

/**
 * Whether a failure is about the cache of a value: it holds the reference itself, an address in its repository, or the scope
 * of a token for it.
 */
function concerns({ error }: Internal, value: string): boolean {
  const reference = cacheReference(value)
  const repository = isRegistryCache(value) ? repositoryAt(reference) : undefined
  if (error === undefined || repository === undefined) return false
  const { host, path } = repository
  return (
    (reference.includes('/') && error.includes(reference)) ||
    error.includes(`//${host}/v2/${path}/`) ||
    error.includes(`scope=${encodeURIComponent(`repository:${path}:`)}`)
  )
}

function transferOf(reference: string, own: readonly Internal[]): Omit<CacheOutcome, 'way'> {
  const failed = own.find(({ error }) => error !== undefined)
  if (failed?.error !== undefined) {
    // A blob that is not there is another matter: the cache was there, and is damaged.
    const missing = failed.error.endsWith(`${reference}: not found`)
    return { reference, result: missing ? 'missing' : 'failed', message: failed.error }
  }
  const finished = own.find(({ done }) => done)
  return finished === undefined
    ? { reference, result: 'not-run' }
    : { reference, result: 'ok', seconds: finished.seconds }
}

function bytesOf(own: readonly Internal[], sizes: ReadonlyMap<string, number>): number | undefined {
  const known = own.flatMap(({ layers = [] }) => layers).map((digest) => sizes.get(digest))
  const complete = known.filter((size) => size !== undefined)
  return complete.length < known.length || known.length === 0
    ? undefined
    : complete.reduce((sum, size) => sum + size, 0)
}

/** The one that tells most: what went wrong in any solve, else what the first solve that tried it said. */
const telling: readonly CacheOutcome['result'][] = ['failed', 'withheld', 'missing', 'ok', 'unchanged', 'not-run']

/** One outcome for each reference and way, in the order in which they first appear. */
export function mergeOutcomes(outcomes: readonly CacheOutcome[]): readonly CacheOutcome[] {
  const rank = ({ result }: CacheOutcome): number => telling.indexOf(result)
  const groups = Map.groupBy(outcomes, ({ way, reference }) => `${way} ${reference}`)
  return [...groups.values()].flatMap((same) => same.toSorted((one, other) => rank(one) - rank(other)).slice(0, 1))
}
