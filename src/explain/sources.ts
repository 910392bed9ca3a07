/** What a step reads of the build context, and which of it has changed. */
import { mountsOf, wordsOf } from '../dockerfile/index.js'
import type { SnapshotFile } from '../compare/files.js'

/** Patterns in the words of `.dockerignore`, relative to the context; `.` is all of it. */
export type Sources = { readonly wanted: readonly string[]; readonly excluded: readonly string[] }

/** Reads `COPY`, `ADD` and the bind mounts of `RUN`; what comes from another stage or the network is left out. */
export function readSources(instruction: string): Sources {
  const flags = /^\w+((?:\s+--[a-z][a-z-]*(?:=\S*)?)*)\s*/.exec(instruction)
  const rest = instruction.slice(flags?.[0].length ?? 0)
  const options = (flags?.[1] ?? '').split(/\s+/).filter((flag) => flag !== '')
  if (/^RUN\b/i.test(instruction)) return { wanted: options.flatMap(boundFrom), excluded: [] }
  if (options.some((flag) => flag.startsWith('--from='))) return { wanted: [], excluded: [] }
  const words = rest.startsWith('[') && !rest.includes('"') ? rest.slice(1, -1).split(', ') : wordsOf(rest)
  const own = words.slice(0, -1).filter((word) => !/^<<|:\/\/|^git@/.test(word))
  // Only with `--parents` two stars mean any number of folders; `./` keeps a name from being taken for a rule.
  const plain = (word: string): string => (options.includes('--parents') ? word : word.replace(/\*\*+/g, '*'))
  return {
    wanted: own.map((word) => (/^[#!]/.test(word) ? `./${plain(word)}` : plain(word))),
    excluded: options.flatMap((flag) => /^--exclude=(.+)$/.exec(flag)?.[1] ?? [])
  }
}

/** The source of a `--mount` that binds a folder of the context, as most bind mounts do. */
function boundFrom(flag: string): readonly string[] {
  return mountsOf({ flags: [flag] }).flatMap(({ type, options }) =>
    type !== 'bind' || options.has('from') ? [] : [options.get('source') ?? '.']
  )
}

/** Tells paths, relative to the context, by the rules of `.dockerignore`. */
export type Matcher = (patterns: readonly string[]) => (path: string) => boolean

/** Stars in one pattern; the time that it takes to search for more of them grows with each. */
const MOST_STARS = 6

/** Whether patterns can be searched for in reasonable time. */
export function isSearchable(patterns: readonly string[]): boolean {
  return patterns.every((pattern) => [...pattern.matchAll(/\*+/g)].length <= MOST_STARS)
}

/** A file that is not what it was. */
export type FileChange = { readonly path: string; readonly how: 'changed' | 'added' | 'removed' }

/** Which of the files that a step reads differ; sorted by path. */
export function changedFiles(
  before: readonly SnapshotFile[],
  now: readonly SnapshotFile[],
  sources: Sources,
  matcher: Matcher
): readonly FileChange[] {
  const everything = sources.wanted.some((pattern) => /^\.?\/*$/.test(pattern))
  const wanted = everything ? () => true : matcher(sources.wanted)
  const excluded = sources.excluded.length === 0 ? () => false : matcher(sources.excluded)
  const older = new Map(before.map((file) => [file.path, file]))
  const changes: FileChange[] = []
  const note = (path: string, how: FileChange['how']): void => {
    const relative = path.slice(1)
    if (wanted(relative) && !excluded(relative)) changes.push({ path: relative, how })
  }
  for (const { path, crc, size } of now) {
    const known = older.get(path)
    older.delete(path)
    if (known === undefined) note(path, 'added')
    else if (known.crc !== crc || known.size !== size) note(path, 'changed')
  }
  for (const path of older.keys()) note(path, 'removed')
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}
