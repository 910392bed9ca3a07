/** What is told of cache mounts while they are carried. A mount is only ever a help, so whatever goes wrong is a note. */
import { Cancelled, type Ports } from '../ports.js'
import { mountKey, type CacheMount } from './mount.js'
import { Trouble } from './solver.js'

/** A cache mount that was carried between builders. Trouble with one is a note. */
export type CacheMountReport = {
  readonly id: string
  /** What was done before the build; `kept`: the builder had it. Absent where nothing was stored of it. */
  readonly before?: 'restored' | 'kept'
  /** What was done after the build; `withheld`: a secret is in it. Absent where no step used it or nothing may be stored. */
  readonly after?: 'saved' | 'unchanged' | 'too-large' | 'withheld'
  /** Bytes of its content as an archive, uncompressed. */
  readonly size?: number
}

type Change = Omit<CacheMountReport, 'id'>

/** Where it is told. */
export type Told = {
  readonly tell: (mount: CacheMount, change: Change) => void
  /** A sentence about one mount, as `was not stored: …`. */
  readonly note: (mount: Pick<CacheMount, 'id'>, sentence: string) => void
  /**
   * Does what may fail: trouble becomes a note, and `undefined`. A cancelled run says so elsewhere.
   * @param verb what is then not done with the mounts
   */
  readonly harmless: <T>(verb: 'restored' | 'stored', work: () => Promise<T>) => Promise<T | undefined>
  /** Everything that was told until now. */
  readonly all: () => { readonly mounts: readonly CacheMountReport[]; readonly notes: readonly string[] }
}

/** Nothing is told yet. */
export function openTold({ debug }: Pick<Ports['log'], 'debug'>): Told {
  const mounts = new Map<string, CacheMountReport>()
  const notes: string[] = []
  return {
    tell(mount, change) {
      const key = mountKey(mount)
      mounts.set(key, { id: mount.id, ...mounts.get(key), ...change })
    },
    note: ({ id }, sentence) => void notes.push(`The cache mount "${id}" ${sentence}`),
    async harmless(verb, work) {
      try {
        return await work()
      } catch (error) {
        const reason = reasonOf(error, debug)
        if (reason !== undefined) notes.push(`The cache mounts were not ${verb}: ${reason}.`)
        return undefined
      }
    },
    all: () => ({ mounts: [...mounts.values()], notes })
  }
}

/** Why something could not be done, as a clause; `undefined` where the run was cancelled. */
export function reasonOf(error: unknown, debug: Ports['log']['debug']): string | undefined {
  if (error instanceof Cancelled) return undefined
  if (error instanceof Trouble) return error.message
  debug(String(error))
  return 'their files could not be read or written'
}
