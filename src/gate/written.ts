/** What was written in a context since a moment. */
import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as letOthers } from 'node:timers/promises'

/** Files and folders that were written, and whether all were looked at. */
export type Written = { readonly places: readonly string[]; readonly isWhole: boolean }

/** Looks at some places and all that lies in them. Never rejects: what cannot be read has not been written. */
export type FindWritten = (places: readonly string[]) => Promise<Written>

/** Entries that are looked at for one question. Some seconds of work. */
const MOST_ENTRIES = 1_000_000

/** Changes that are told. Most are of files that the builder is not sent, and who asks tells them apart. */
const MOST_CHANGES = 100_000

/** Entries until somebody else has a turn. A look at the disk that is waited for one by one takes ten times as long. */
const AT_ONCE = 2000

/**
 * One look for all who ask: a place that was looked at is not looked at again. Git's own folder is nobody's source unless it is
 * named: asking git anything writes into it.
 * @param since milliseconds since the epoch
 * @param limits for tests
 */
export function openWritten(
  since: number,
  { entries, changes }: { readonly entries?: number; readonly changes?: number } = {}
): FindWritten {
  const [mostEntries, mostChanges] = [entries ?? MOST_ENTRIES, changes ?? MOST_CHANGES]
  const known = new Map<string, Promise<Written>>()

  const look = async (start: string): Promise<Written> => {
    const places: string[] = []
    const open = [start]
    for (let seen = 1; open.length > 0; seen += 1) {
      if (seen > mostEntries || places.length >= mostChanges) return { places, isWhole: false }
      if (seen % AT_ONCE === 0) await letOthers()
      const place = open.pop() ?? ''
      const facts = lstatOf(place)
      if (facts === undefined) continue
      const isGit = path.basename(place) === '.git'
      if (facts.ctimeMs >= since && !isGit) places.push(place)
      if (!facts.isDirectory()) continue
      for (const name of namesIn(place)) {
        const isNoise = name === '.git' || (isGit && /^index$|\.lock$/.test(name))
        if (!isNoise) open.push(path.join(place, name))
      }
    }
    return { places, isWhole: true }
  }

  return async (places) => {
    const found: Written[] = []
    for (const place of places) {
      const looking = known.get(place) ?? look(place)
      known.set(place, looking)
      found.push(await looking)
    }
    return { places: found.flatMap((each) => each.places), isWhole: found.every(({ isWhole }) => isWhole) }
  }
}

function lstatOf(place: string): ReturnType<typeof lstatSync> | undefined {
  try {
    return lstatSync(place, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
