/** Why an image's size changed, by path. */
import type { BaseShare } from './base.js'
import { diffFiles, versionless, type FileChange, type FileMove } from './changes.js'
import type { SnapshotFile } from './files.js'
import type { LayerChange, PlacedLayer } from './layers.js'
import { packageChanges, packageFolder, type PackageChange } from './packages.js'
import type { Snapshot } from './record.js'
import { rollUp } from './rollup.js'

/** What a path has to do with the change in size. */
export type PathChange = {
  /** A directory or a file. */
  readonly path: string
  /** `added`: the baseline's own layers have nothing there, and nothing that it replaced. `removed`: the image's have nothing left there. */
  readonly kind: 'added' | 'removed' | 'changed'
  /** Change in bytes, never 0. */
  readonly size: number
  readonly directory: boolean
  /** Rows of their own speak of parts of this directory: the row is what they leave. */
  readonly rest: boolean
  /** How many files below it changed, moved ones not counted. */
  readonly files: FileCounts
  /** Of a file or directory that replaced one of another version: the path of that. */
  readonly from?: string
  /** The layer that most of it is due to: the image's, or the baseline's where `removed`. */
  readonly layer?: PlacedLayer
  readonly package?: PackageChange
}

export type FileCounts = { readonly added: number; readonly changed: number; readonly removed: number }

/** Files with the same content at other paths. They change no size. */
export type PathMove = {
  readonly from: string
  readonly to: string
  readonly files: number
  readonly size: number
}

/** The change in size by path. `listed` + `base` + `hidden` is the change in size of the whole image. */
export type PathsDifference = {
  /** Largest change first. */
  readonly rows: readonly PathChange[]
  /** Changes that no row speaks of. */
  readonly other: { readonly files: number; readonly size: number }
  /** All of `rows` and `other`. */
  readonly listed: number
  /** Of the layers of the base image. */
  readonly base: number
  /** Of what the index doesn't list: overwritten and deleted files of own layers, and those that are too small for it. */
  readonly hidden: number
  readonly files: FileCounts & { readonly moved: number }
  /** Largest first. */
  readonly moves: readonly PathMove[]
  readonly packages: readonly PackageChange[]
  /** Why there are no rows, although files may have changed. */
  readonly omission?: string
}

export type PathOptions = {
  readonly layers: readonly LayerChange[]
  readonly base: BaseShare
  /** Length of each list. */
  readonly top: number
}

/** Files renamed from one directory to another, each in its own way, up to which each has a row. */
const FEW_RENAMES = 3

/** Compares the live files of own layers and accounts for every byte of the change in size. */
export function comparePaths(
  current: Snapshot,
  baseline: Snapshot,
  { layers, base: { size: base, known }, top }: PathOptions
): PathsDifference {
  const change = current.size - baseline.size
  // The one index has the files of a base image, and the other has not.
  if (!known) {
    const nothing = { added: 0, changed: 0, removed: 0, moved: 0 }
    return {
      rows: [],
      other: { files: 0, size: 0 },
      listed: 0,
      base,
      hidden: change - base,
      files: nothing,
      moves: [],
      packages: [],
      omission: 'the base image is known of only one of the two images, so their files were not compared'
    }
  }
  const here = ownFiles(current, placesInBase(layers, 'layer'))
  const there = ownFiles(baseline, placesInBase(layers, 'before'))
  const { changes, moves, newPaths, gonePaths } = diffFiles(here, there, {
    added: ({ size }) => size > (baseline.files.leftOut?.largest ?? -1),
    removed: ({ size }) => size > (current.files.leftOut?.largest ?? -1)
  })

  const hasFolder = remembered((folder: string) => hasFilesBelow(here, folder) || hasFilesBelow(there, folder))
  const places = changes.map(({ path }) => packageFolder(path, hasFolder) ?? path)
  const sizes = new Map<string, number>()
  for (const [at, { size }] of changes.entries()) sizes.set(places[at]!, (sizes.get(places[at]!) ?? 0) + size)
  const found = packageChanges(newPaths, gonePaths, { hasFolder, sizeOf: (folder) => sizes.get(folder) })
  const packages = found.map(({ change }) => change)
  // The versions that became others are one row with these.
  const rowFolders = new Map(found.flatMap(({ change, folders }) => folders.map((folder) => [folder, change.path])))
  const folders = places.map((place) => rowFolders.get(place) ?? place)
  const versions = new Map(packages.map((change) => [change.path, change]))

  const weighed = changes.map(({ size }, at) => ({ path: folders[at]!, weight: Math.abs(size) }))
  const homes = new Set(folders.flatMap((folder, at) => (folder === changes[at]!.path ? [] : [parentOf(folder)])))
  const { rows, rowOf } = rollUp(weighed, {
    rows: top,
    isWhole: (folder) => !hasFilesBelow(here, folder) || !hasFilesBelow(there, folder),
    isHome: (folder) => homes.has(folder)
  })
  const members: FileChange[][] = rows.map(() => [])
  const others: FileChange[] = []
  for (const [at, row] of rowOf.entries()) (members[row] ?? others).push(changes[at]!)
  const shown = rows.map(({ path, rest: hasRows }, at): PathChange => {
    const files = members[at]!
    const directory = files.length > 1 || files[0]!.path !== path
    // A file may have been where now is a directory that has rows.
    const rest = hasRows && directory
    const layer = mainLayer(files, current, baseline)
    const version = versions.get(path)
    const only = directory ? undefined : files[0]
    const from = only === undefined ? folderBefore(path, files) : pathBefore(only)
    return {
      path,
      kind: only?.kind ?? (rest ? 'changed' : kindOf(path, files)),
      size: sum(files.map(({ size }) => size)),
      directory,
      rest,
      files: countFiles(files),
      ...(from === undefined ? {} : { from }),
      ...(layer === undefined ? {} : { layer }),
      ...(version === undefined ? {} : { package: version })
    }
  })
  const listed = sum(changes.map(({ size }) => size))
  return {
    rows: shown
      .filter(({ size }) => size !== 0)
      .sort((a, b) => Math.abs(b.size) - Math.abs(a.size) || (a.path < b.path ? -1 : 1)),
    other: { files: others.length, size: sum(others.map(({ size }) => size)) },
    listed,
    base,
    hidden: change - base - listed,
    files: { ...countFiles(changes), moved: moves.length },
    moves: groupMoves(moves)
      .sort((a, b) => b.size - a.size)
      .slice(0, top),
    packages: packages.toSorted((a, b) => Math.abs(b.size ?? 0) - Math.abs(a.size ?? 0)).slice(0, top)
  }

  /** A file that was replaced by one of another version counts at its new path, and was somewhere before. */
  function kindOf(path: string, files: readonly FileChange[]): PathChange['kind'] {
    if (!hasFilesAt(there, path) && files.every(({ kind }) => kind === 'added')) return 'added'
    return hasFilesAt(here, path) || files.some(({ kind }) => kind !== 'removed') ? 'changed' : 'removed'
  }

  /** The directory that this one replaced as a whole; undefined where either is in both images. */
  function folderBefore(path: string, files: readonly FileChange[]): string | undefined {
    const depth = path.split('/').length
    const from = new Set(
      files.flatMap((file) => (file.kind === 'changed' ? [file.before.path.split('/').slice(0, depth).join('/')] : []))
    )
    const [folder] = from
    if (folder === undefined || from.size > 1 || folder === path) return undefined
    return hasFilesAt(there, path) || hasFilesAt(here, folder) ? undefined : folder
  }
}

/** The path that a file had under another version. */
function pathBefore(change: FileChange): string | undefined {
  return change.kind === 'changed' && change.before.path !== change.path ? change.before.path : undefined
}

/** The places of base layers on one side; a layer that is base in one image counts as base in both. */
function placesInBase(layers: readonly LayerChange[], side: 'layer' | 'before'): ReadonlySet<number> {
  const places = layers.flatMap((change) => {
    if (!change.base) return []
    if (side === 'layer') return change.kind === 'removed' ? [] : [change.layer.index]
    return change.kind === 'added' ? [] : [change.before.index]
  })
  return new Set(places)
}

function ownFiles({ files }: Snapshot, base: ReadonlySet<number>): readonly SnapshotFile[] {
  return base.size === 0 ? files.list : files.list.filter(({ layer }) => !base.has(layer))
}

function hasFilesBelow(files: readonly SnapshotFile[], folder: string): boolean {
  const prefix = folder === '/' ? '/' : `${folder}/`
  return files[firstFrom(files, prefix)]?.path.startsWith(prefix) === true
}

function hasFilesAt(files: readonly SnapshotFile[], path: string): boolean {
  return files[firstFrom(files, path)]?.path === path || hasFilesBelow(files, path)
}

/** The place of the first file whose path is not before a text. */
function firstFrom(files: readonly SnapshotFile[], text: string): number {
  let low = 0
  let high = files.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (files[middle]!.path < text) low = middle + 1
    else high = middle
  }
  return low
}

/** The layer that most of the changed bytes are due to; a removal's is the baseline's. */
function mainLayer(changes: readonly FileChange[], current: Snapshot, baseline: Snapshot): PlacedLayer | undefined {
  const here = new Map<number, number>()
  const there = new Map<number, number>()
  for (const change of changes) {
    const [weights, { layer }] = change.kind === 'removed' ? [there, change.before] : [here, change.after]
    weights.set(layer, (weights.get(layer) ?? 0) + Math.abs(change.size))
  }
  const weights = here.size > 0 ? here : there
  const index = [...weights].sort(([, a], [, b]) => b - a)[0]?.[0]
  const layer = index === undefined ? undefined : (here.size > 0 ? current : baseline).layers[index]
  return index === undefined || layer === undefined ? undefined : { ...layer, index }
}

function countFiles(changes: readonly FileChange[]): FileCounts {
  const counts = { added: 0, changed: 0, removed: 0 }
  for (const { kind } of changes) counts[kind]++
  return counts
}

/** Moves that a directory's move explains become one. Those that only follow a new version's directory are left out. */
function groupMoves(moves: readonly FileMove[]): PathMove[] {
  const folders = groupBy(
    moves.filter(
      ({ before, after }) => versionless(before) === undefined || versionless(before) !== versionless(after)
    ),
    ({ before, after }) => movedRoot(before.path, after.path)
  )
  const isRename = ([from, to]: readonly [string, string]) => nameOf(from) !== nameOf(to)
  const single = folders.filter(
    ({ files, pair }) => files.length === 1 && isRename(pair) && files[0]!.after.path === pair[1]
  )
  const many = groupBy(
    single.flatMap(({ files }) => files),
    ({ before, after }) => [parentOf(before.path), parentOf(after.path)]
  ).filter(({ files }) => files.length > FEW_RENAMES)
  const renamed = new Set(many.flatMap(({ files }) => files))
  return [...folders.filter(({ files }) => !renamed.has(files[0]!)), ...many].map(({ pair, files }) => {
    const [from, to] = files.length === 1 ? [files[0]!.before.path, files[0]!.after.path] : pair
    return { from, to, files: files.length, size: sum(files.map(({ after }) => after.size)) }
  })
}

type MoveGroup = { readonly pair: readonly [string, string]; readonly files: FileMove[] }

function groupBy(
  moves: readonly FileMove[],
  pairOf: (move: FileMove) => readonly [string, string]
): readonly MoveGroup[] {
  const groups = new Map<string, MoveGroup>()
  for (const move of moves) {
    const pair = pairOf(move)
    const group = groups.get(pair.join('\0'))
    if (group === undefined) groups.set(pair.join('\0'), { pair, files: [move] })
    else group.files.push(move)
  }
  return [...groups.values()]
}

/** The directories that moved: both paths without the parts that they end in alike. A renamed file is itself. */
function movedRoot(from: string, to: string): readonly [string, string] {
  const [one, other] = [from.split('/'), to.split('/')]
  let same = 0
  while (same < Math.min(one.length, other.length) - 1 && one.at(-1 - same) === other.at(-1 - same)) same++
  const root = (parts: readonly string[]) => parts.slice(0, parts.length - same).join('/') || '/'
  return [root(one), root(other)]
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1)).replace(/^[^/]$/, '/')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function remembered(ask: (text: string) => boolean): (text: string) => boolean {
  const answers = new Map<string, boolean>()
  return (text) => {
    const answer = answers.get(text) ?? ask(text)
    answers.set(text, answer)
    return answer
  }
}
