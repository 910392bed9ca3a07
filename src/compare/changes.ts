/** Two indexes of files, and what became of each file: changed, added, removed, or only moved. */
import { byPath, type SnapshotFile } from './files.js'

/** One path whose content or place differs. */
export type FileChange =
  | { readonly kind: 'added'; readonly path: string; readonly size: number; readonly after: SnapshotFile }
  | { readonly kind: 'removed'; readonly path: string; readonly size: number; readonly before: SnapshotFile }
  | {
      /** Where the paths of the two differ, they differ in a version or a hash: `libz.so.1.2` became `libz.so.1.3`. */
      readonly kind: 'changed'
      readonly path: string
      readonly size: number
      readonly before: SnapshotFile
      readonly after: SnapshotFile
    }

/** One content that is now at another path. */
export type FileMove = { readonly before: SnapshotFile; readonly after: SnapshotFile }

export type FilesDifference = {
  readonly changes: readonly FileChange[]
  readonly moves: readonly FileMove[]
  /** Paths that only the current index has, before moves were told apart. */
  readonly newPaths: readonly string[]
  /** Paths that only the baseline's has. */
  readonly gonePaths: readonly string[]
}

/** Compares two sorted lists. `isCertain` says of a file that only one of them has whether the other would list it. */
export function diffFiles(
  current: readonly SnapshotFile[],
  baseline: readonly SnapshotFile[],
  isCertain: { readonly added: (file: SnapshotFile) => boolean; readonly removed: (file: SnapshotFile) => boolean }
): FilesDifference {
  const changes: FileChange[] = []
  let added: SnapshotFile[] = []
  let removed: SnapshotFile[] = []
  let here = 0
  let there = 0
  while (here < current.length || there < baseline.length) {
    const after = current[here]
    const before = baseline[there]
    if (before === undefined || (after !== undefined && after.path < before.path)) {
      if (isCertain.added(after!)) added.push(after!)
      here++
    } else if (after === undefined || before.path < after.path) {
      if (isCertain.removed(before)) removed.push(before)
      there++
    } else {
      if (after.size !== before.size || after.crc !== before.crc) changes.push(changeOf(before, after))
      here++
      there++
    }
  }
  const newPaths = added.map(({ path }) => path)
  const gonePaths = removed.map(({ path }) => path)

  // The more of the path's end stays, the surer it is that this very file moved.
  const moves: FileMove[] = []
  for (const parts of [3, 2, 1, 0]) {
    const key = ({ path, size, crc }: SnapshotFile) => (size === 0 ? undefined : `${size}:${crc}:${endOf(path, parts)}`)
    ;({ added, removed } = pairFiles(added, removed, key, (before, after) => moves.push({ before, after })))
  }
  ;({ added, removed } = pairFiles(added, removed, versionless, (before, after) =>
    changes.push(changeOf(before, after))
  ))
  for (const after of added) changes.push({ kind: 'added', path: after.path, size: after.size, after })
  for (const before of removed) changes.push({ kind: 'removed', path: before.path, size: -before.size, before })
  return { changes: changes.sort(byPath), moves, newPaths, gonePaths }
}

function changeOf(before: SnapshotFile, after: SnapshotFile): FileChange {
  return { kind: 'changed', path: after.path, size: after.size - before.size, before, after }
}

/** Pairs files with equal keys, first with first, and returns those that are left. */
function pairFiles(
  added: readonly SnapshotFile[],
  removed: readonly SnapshotFile[],
  key: (file: SnapshotFile) => string | undefined,
  onPair: (before: SnapshotFile, after: SnapshotFile) => void
): { readonly added: SnapshotFile[]; readonly removed: SnapshotFile[] } {
  if (added.length === 0 || removed.length === 0) return { added: [...added], removed: [...removed] }
  const waiting = new Map<string, { readonly files: SnapshotFile[]; next: number }>()
  for (const file of removed) {
    const name = key(file)
    if (name === undefined) continue
    const queue = waiting.get(name)
    if (queue === undefined) waiting.set(name, { files: [file], next: 0 })
    else queue.files.push(file)
  }
  const paired = new Set<SnapshotFile>()
  const left = added.filter((after) => {
    const name = key(after)
    const queue = name === undefined ? undefined : waiting.get(name)
    const before = queue?.files[queue.next]
    if (queue === undefined || before === undefined) return true
    queue.next++
    paired.add(before)
    onPair(before, after)
    return false
  })
  return { added: left, removed: removed.filter((file) => !paired.has(file)) }
}

/** The last parts of a path. */
function endOf(path: string, parts: number): string {
  let start = path.length
  for (let part = 0; part < parts && start > 0; part++) start = path.lastIndexOf('/', start - 1)
  return path.slice(Math.max(start, 0))
}

/** A path with its versions and hashes blanked out; undefined for one that has none. */
export function versionless({ path }: { readonly path: string }): string | undefined {
  const blank = path.replace(/(?<!\d)\d+(?:\.\d+)+|(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{6,}(?![0-9a-z])/gi, '*')
  return blank === path ? undefined : blank
}
