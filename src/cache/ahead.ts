/**
 * The search of a layer cache, begun before it is known whether the cache may be written: while the image is tried, the builder
 * has nothing else to do. What it writes lies in the run's private folder, and goes unless somebody takes it.
 */
import { once } from 'node:events'
import { holdLog } from '../adapters/held_log.js'
import { endedBy, type Ports } from '../ports.js'
import { searchCache, type CacheSolve, type SearchedCache, type SearchOptions } from './search.js'

/** Where a search can be begun, once. Disposing of it ends the search, and removes what it has written. */
export type SearchAhead = AsyncDisposable & {
  /**
   * Begins it; nothing is awaited, and nothing thrown.
   * @param planning what is searched, once that is known; `undefined` for nothing
   */
  readonly begin: (planning: Promise<PlannedSearch | undefined>) => void
  /**
   * The cache that a solve would write, searched; `undefined` where that search was not begun, or somebody has it already.
   * Rejects as `searchCache` does. What it had to say is in the log from now on.
   */
  readonly take: (solve: CacheSolve) => Promise<SearchedCache | undefined>
}

/** What is to be searched. */
export type PlannedSearch = { readonly solve: CacheSolve; readonly searching: SearchOptions }

type Begun = { readonly key: string; readonly searched: Promise<SearchedCache | undefined> }

/** Opens it. */
export function openSearchAhead({ exec, log }: Pick<Ports, 'exec' | 'log'>): SearchAhead {
  const unwanted = new AbortController()
  const held = holdLog(log)
  const ports = { exec: endedBy(unwanted.signal, exec), log: held.log }
  /** Whoever ends it does not wait for a registry that has nothing to say. */
  const over = once(unwanted.signal, 'abort').then(noop, noop)
  let begun: Promise<Begun | undefined> = Promise.resolve(undefined)
  let isTaken = false

  const search = (planned: PlannedSearch | undefined): Begun | undefined => {
    if (planned === undefined || unwanted.signal.aborted) return undefined
    const searched = searchCache(ports, planned.solve, planned.searching)
    searched.catch(noop)
    return { key: keyOf(planned.solve), searched }
  }
  return {
    begin(planning) {
      begun = Promise.race([planning.then(search, noop), over])
    },
    async take(solve) {
      const found = await begun
      if (isTaken || found?.key !== keyOf(solve)) return undefined
      isTaken = true
      await held.release()
      return await found.searched
    },
    async [Symbol.asyncDispose]() {
      unwanted.abort()
      const searched = await (await begun)?.searched.catch(noop)
      if (!isTaken) await searched?.[Symbol.asyncDispose]()
    }
  }
}

/** All of a solve that decides what is in its cache. */
function keyOf({ target, dockerfile, cache, build }: CacheSolve): string {
  return JSON.stringify([target, dockerfile, cache.from, build.shape.platforms])
}

function noop(): undefined {
  // Whoever takes it is told; what cannot be planned is searched where it is written.
}
