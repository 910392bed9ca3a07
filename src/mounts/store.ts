/** Storing what a run has left in cache mounts, for the runs to come. */
import { rename } from 'node:fs/promises'
import { askCache, troubleOf, type Cache, type CacheAnswer } from '../actions-cache/cache.js'
import { bytes } from '../core/units.js'
import { planNeedles, type NeedlePlan, type Secret } from '../image/index.js'
import { readArchive } from './archive.js'
import { mountKey, plainMount, type CacheMount } from './mount.js'
import { MOST_EACH, type Archive } from './pack.js'
import { contentKey, fitInto, nextRecord, writeRecord, type StoredMount } from './record.js'
import { Trouble } from './solver.js'
import type { Told } from './told.js'

type Storing = {
  readonly told: Told
  readonly cache: Cache
  /** Values that must not be stored: everybody who can open a pull request can read what is. */
  readonly sensitive: readonly Secret[]
  /** What an earlier run has stored. */
  readonly before: readonly StoredMount[]
}

/** Bytes of all archives, uncompressed; documented in docs/cache-mounts.md. */
const MOST_TOTAL = 512_000_000

const UPLOAD_SECONDS = 120

/** Uploads the contents that changed, which takes their files away. Returns what is stored of each. */
export async function storeContents(storing: Storing, packed: readonly Archive[]): Promise<readonly StoredMount[]> {
  const { told, sensitive } = storing
  const leaveOut = (mount: CacheMount, reason: string): void => {
    told.tell(mount, { after: 'too-large' })
    told.note(mount, `was not stored: ${reason}. The next run starts from what was stored before.`)
  }
  for (const { mount, word } of packed) {
    if (word === 'too-large') leaveOut(mount, `it is larger than ${bytes(MOST_EACH)}`)
    else if (word !== 'saved') told.note(mount, 'was not stored: it could not be read.')
  }
  const { within, beyond } = fitInto(
    packed.filter(({ word }) => word === 'saved'),
    MOST_TOTAL
  )
  for (const { mount } of beyond) leaveOut(mount, `with the others it is larger than ${bytes(MOST_TOTAL)}`)
  const needles = await planNeedles(sensitive)
  const uploads = new Map<string, Promise<CacheAnswer>>()
  const stored = await Promise.all(within.map((archive) => storeOne(storing, archive, needles, uploads)))
  return stored.filter((mount) => mount !== undefined)
}

async function storeOne(
  { told, cache, before }: Storing,
  { mount, file, size }: Archive,
  needles: NeedlePlan,
  /** By digest: of two mounts that hold the same, one is sent. */
  uploads: Map<string, Promise<CacheAnswer>>
): Promise<StoredMount | undefined> {
  const { digest, empty, secrets } = await readArchive(file, needles)
  if (empty) return undefined
  if (secrets.length > 0) {
    const which = secrets.map((id) => `"${id}"`).join(', ')
    told.tell(mount, { after: 'withheld' })
    told.note(
      mount,
      `was not stored: it holds the value of ${which}, and whoever can open a pull request can read what is stored. Have the command keep it out of its cache, or set cache-mounts to false.`
    )
    return undefined
  }
  const entry: StoredMount = { ...plainMount(mount), digest, size }
  if (before.some((each) => mountKey(each) === mountKey(mount) && each.digest === digest)) {
    told.tell(mount, { after: 'unchanged', size })
    return entry
  }
  const sent = uploads.get(digest)
  const task = { kind: 'save', name: 'mount.tar', key: contentKey(digest) } as const
  const sending = sent ?? cache.ask(task, (to) => rename(file, to), UPLOAD_SECONDS)
  uploads.set(digest, sending)
  const answer = await sending
  const isThere = answer.result.kind === 'exists'
  if (answer.result.kind !== 'saved' && !isThere) {
    told.note(mount, `was not stored: ${troubleOf(answer)}.`)
    return undefined
  }
  told.tell(mount, { after: isThere || sent !== undefined ? 'unchanged' : 'saved', size })
  return entry
}

/** Stores which contents belong to the build, if that is news. Throws a `Trouble`. */
export async function storeRecord(
  { cache, before }: Pick<Storing, 'cache' | 'before'>,
  key: string,
  anew: readonly StoredMount[],
  known: { readonly present: readonly CacheMount[]; readonly complete: boolean }
): Promise<void> {
  const text = writeRecord(nextRecord(before, anew, known))
  if (anew.length === 0 || text === writeRecord(before)) return
  const answer = await askCache(cache, { kind: 'save', name: 'mounts.json', key }, { content: text })
  if (answer.result.kind !== 'saved') throw new Trouble(troubleOf(answer))
}
