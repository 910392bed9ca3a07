/**
 * Imported cache that breaks a build. BuildKit takes a reference that cannot be read for an empty one, but a layer that
 * is missing, damaged or refused ends the build, and one that never arrives holds it up for ever. Then the solve is run
 * once more without imports, and so is every later one of the run.
 */
import { canonicalRepository, isDockerHub, parseReference } from '../core/reference.js'
import { cacheReference } from '../inputs/cache_value.js'
import { readPlainError } from './plain_error.js'
import type { CacheValues } from './command.js'
import type { Imports, Progress } from '../core/progress.js'
import type { ProgressReader } from './progress.js'

/** A download that moves fewer bytes than this in so many seconds is given up. */
export type Patience = { readonly seconds: number; readonly bytes: number }

/** Half a megabyte a minute: at that pace even a small layer takes longer than any step that could be run instead. */
export const defaultPatience: Patience = { seconds: 60, bytes: 500_000 }

/** What a solve is to read after those before it: nothing any more, where a cache has broken one of them. */
export function usableCache<Values extends CacheValues>(cache: Values, { broken }: Imports): Values {
  return broken === undefined ? cache : { ...cache, from: [] }
}

/**
 * BuildKit's texts for a layer that it could not fetch or that is not what its digest says. They name the address, if
 * any; a base image fails with the same texts, from an address that is no cache's.
 */
export function findBrokenImport(progress: Progress, cacheFrom: readonly string[]): string | undefined {
  const { message } = readPlainError(progress.plain)
  const fetching =
    /failed to copy: |httpReadSeeker|could not fetch content descriptor|unexpected commit digest|failed commit on ref "(?:layer|unknown)-|failed size validation|failed to get reader from content store|missing descriptor handlers|invalid tar header|(?:gzip|zstd): invalid|error decompressing|failed to extract layer|unexpected EOF/
  if (!fetching.test(message) || message.includes('did not complete successfully')) return undefined
  const address = /https?:\/\/([^/\s]+)\/v2\/(\S+?)\/(?:blobs|manifests)\//.exec(message)
  if (address === null) return message
  const repository = `${address[1] ?? ''}/${address[2] ?? ''}`
  return cacheFrom.some((value) => sameRepository(cacheReference(value), repository)) ? message : undefined
}

/** Docker Hub is asked under another name than it is written, and it is written in several ways. */
function sameRepository(reference: string, repository: string): boolean {
  const [one, other] = [reference, repository].map((text) => {
    const reading = parseReference(text)
    if (!reading.ok) return undefined
    const { domain, ...rest } = reading.reference
    return canonicalRepository(domain === undefined || isDockerHub(domain) ? rest : reading.reference)
  })
  return one !== undefined && one === other
}

/** Watches the downloads of a solve. `signal` aborts when one is given up, and `reason` then says why. */
export function watchDownloads(
  reader: Pick<ProgressReader, 'downloading'>,
  { seconds, bytes }: Patience
): Disposable & { readonly signal: AbortSignal; readonly reason: () => string | undefined } {
  const stop = new AbortController()
  let since = performance.now()
  let seen = 0
  const timer = setInterval(
    () => {
      const { bytes: now, open } = reader.downloading()
      if (!open || now - seen >= bytes) {
        since = performance.now()
        seen = now
      } else if (performance.now() - since >= seconds * 1000) stop.abort()
    },
    Math.min(1000, seconds * 250)
  )
  return {
    signal: stop.signal,
    reason: () =>
      stop.signal.aborted
        ? `a layer of the cache came too slowly: less than ${bytes / 1000} kB in ${seconds} s`
        : undefined,
    [Symbol.dispose]: () => clearInterval(timer)
  }
}
