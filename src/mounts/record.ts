/**
 * What is stored of a build's cache mounts, and under which keys.
 *
 * Each content is an entry of its own, named by its digest: what did not change is there already, and two jobs that
 * store at once do not meet. Which contents belong to a build is in a record, an entry per run that stored something;
 * the newest is found by the beginning of its key. The cache service keeps the branches apart: a run finds the entries
 * of its own branch or pull request, then those of the base and the default branch, and nobody finds a pull request's.
 */
import { createHash } from 'node:crypto'
import path from 'node:path'
import { asArray, asNumber, asString, dig, parseJSON } from '../core/json.js'
import { dockerfileName } from '../core/source.js'
import type { Build } from '../builds/build.js'
import { mountsVariant } from '../builds/shape.js'
import { mountKey, parseMount, plainMount, type CacheMount } from './mount.js'

/** A mount with the content that is stored of it. */
export type StoredMount = CacheMount & {
  /** sha256 of the content, hexadecimal; names, owners, modes and bytes count, times do not. */
  readonly digest: string
  /** Bytes of the archive, uncompressed. */
  readonly size: number
}

/** Raised when older versions can't read what is stored. */
const FORMAT = 'v1'

/** The machine whose programs wrote into the mounts, such as `linux-x64`. */
export type Machine = string

/** Beginnings of record keys, nearest first: of the very same build, then of any build of this Dockerfile. */
export function recordPrefixes(build: Build, machine: Machine): readonly string[] {
  const { context } = build.source
  const where = context.kind === 'local' ? path.posix.normalize(context.path) : context.url
  const dockerfile = `stagegate-mounts-${FORMAT}-${machine}-${short([where, dockerfileName(build.source)])}-`
  return [`${dockerfile}${short(mountsVariant(build))}-`, dockerfile]
}

/** Key of a content. */
export function contentKey(digest: string): string {
  return `stagegate-mount-${FORMAT}-${digest}`
}

/** The record as text; the same mounts give the same text. */
export function writeRecord(mounts: readonly StoredMount[]): string {
  const lines = mounts.map((mount) => ({ ...plainMount(mount), digest: mount.digest, size: mount.size }))
  const sorted = lines.sort((a, b) => (mountKey(a) < mountKey(b) ? -1 : 1))
  return JSON.stringify({ format: FORMAT, mounts: sorted })
}

/** Reads a record; what makes no sense in it is left out. */
export function parseRecord(text: string): readonly StoredMount[] {
  const json = parseJSON(text)
  if (dig(json, 'format') !== FORMAT) return []
  return asArray(dig(json, 'mounts')).flatMap((entry) => {
    const mount = parseMount(entry)
    const digest = asString(dig(entry, 'digest'))
    const size = asNumber(dig(entry, 'size'))
    if (mount === undefined || digest === undefined || !/^[0-9a-f]{64}$/.test(digest)) return []
    return size === undefined || !(size >= 0) ? [] : [{ ...mount, digest, size }]
  })
}

/**
 * The mounts that the next record holds: those of before with what is stored anew. Mounts that the Dockerfile has no
 * more go only after a whole build (`complete`): a red one has not told all of its steps.
 */
export function nextRecord(
  before: readonly StoredMount[],
  anew: readonly StoredMount[],
  { present, complete }: { readonly present: readonly CacheMount[]; readonly complete: boolean }
): readonly StoredMount[] {
  const keys = new Set(present.map(mountKey))
  const kept = complete ? before.filter((mount) => keys.has(mountKey(mount))) : before
  return [...new Map([...kept, ...anew].map((mount) => [mountKey(mount), mount])).values()]
}

/** The archives that fit into `bytes` together, the small ones first: so most of them do. */
export function fitInto<T extends { readonly size: number }>(
  archives: readonly T[],
  bytes: number
): { readonly within: readonly T[]; readonly beyond: readonly T[] } {
  const sorted = [...archives].sort((a, b) => a.size - b.size)
  let total = 0
  const end = sorted.findIndex(({ size }) => (total += size) > bytes)
  return end < 0 ? { within: sorted, beyond: [] } : { within: sorted.slice(0, end), beyond: sorted.slice(end) }
}

function short(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20)
}
