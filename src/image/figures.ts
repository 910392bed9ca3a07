import { orderEntries, TYPE_DIRECTORY, TYPE_FILE } from './entries.js'
import { ROOT_PATH, type PathTable } from './paths.js'
import { contentAt, eachShown, isBefore, type FileTree } from './tree.js'

/** Bytes of an image that no container sees: `size` minus what is live. Definitions and a worked example: docs/analysis.md. */
export type Reclaimable = {
  /** Bytes in own layers, which another Dockerfile would not ship. */
  readonly own: number
  /** Bytes in base layers. */
  readonly base: number
  /** The paths with most of it, largest first. */
  readonly paths: readonly ReclaimablePath[]
}

export type ReclaimablePath = {
  readonly path: string
  /** Reclaimable bytes at this path over all layers. */
  readonly size: number
  readonly own: number
  /** Every layer that holds a copy, the live one included. */
  readonly layers: readonly { readonly index: number; readonly size: number; readonly live: boolean }[]
  /** Whether nothing is left of it in the image; otherwise a later layer replaced it. */
  readonly deleted: boolean
  /** The layer that deletes it, or a folder above it. */
  readonly deletedBy?: number
  /** Where something else is at the path now, a folder or a link: the layer that took the file away. */
  readonly replacedBy?: number
}

export type LargeFile = {
  readonly path: string
  readonly size: number
  /** Index of the layer that holds the content. */
  readonly layer: number
  readonly base: boolean
}

export type LargeDirectory = {
  readonly path: string
  /** Live bytes in the directory and below. */
  readonly size: number
  /** Those of them that own layers hold. */
  readonly own: number
}

export type Figures = {
  readonly size: number
  readonly live: number
  readonly reclaimable: Reclaimable
  /** By entry: 1 where a container sees this file's content. */
  readonly shown: Uint8Array
  readonly biggestFiles: { readonly own: readonly LargeFile[]; readonly base: readonly LargeFile[] }
  readonly biggestDirectories: { readonly own: readonly LargeDirectory[]; readonly all: readonly LargeDirectory[] }
}

/** A directory is not listed where one directory in it has more than this share of its bytes: the inner one says more. */
const DOMINANT_SHARE = 0.9

/** Weighs the overlaid image: two passes over entries and paths. `top` is the length of each list. */
export function weigh(tree: FileTree, top: number): Figures {
  const { paths, entries, isBase } = tree
  const count = paths.count()
  const shown = new Uint8Array(entries.count)
  const liveBytes = new Float64Array(count)
  const ownBytes = new Float64Array(count)
  const before = (a: number, b: number): boolean => orderEntries(entries, contentAt(tree, a), contentAt(tree, b)) < 0
  const ownFiles = largest(top, before)
  const baseFiles = largest(top, before)
  // The second name of a file adds nothing.
  eachShown(tree, (path, content) => {
    shown[content] = 1
    const size = entries.size[content]!
    const base = isBase(entries.layer[content]!)
    liveBytes[path] = size
    if (!base) ownBytes[path] = size
    ;(base ? baseFiles : ownFiles).offer(path, size)
  })

  let size = 0
  let live = 0
  let own = 0
  let base = 0
  const directories = biggestDirectories(tree, liveBytes, ownBytes, top)
  // The two columns have served; at a million paths each is eight megabytes.
  const deadBytes = liveBytes.fill(0)
  const deadOwn = ownBytes.fill(0)
  for (let entry = 1; entry < entries.count; entry++) {
    if (entries.type[entry] !== TYPE_FILE) continue
    const bytes = entries.size[entry]!
    size += bytes
    if (shown[entry] === 1) {
      live += bytes
      continue
    }
    const path = entries.path[entry]!
    deadBytes[path]! += bytes
    if (isBase(entries.layer[entry]!)) base += bytes
    else {
      own += bytes
      deadOwn[path]! += bytes
    }
  }
  const fileOf = (path: number): LargeFile => {
    const content = contentAt(tree, path)
    const layer = entries.layer[content]!
    return { path: paths.format(path), size: entries.size[content]!, layer, base: isBase(layer) }
  }
  return {
    size,
    live,
    shown,
    reclaimable: { own, base, paths: reclaimablePaths(tree, shown, deadBytes, deadOwn, top) },
    biggestFiles: { own: ownFiles.items().map(fileOf), base: baseFiles.items().map(fileOf) },
    biggestDirectories: directories
  }
}

function reclaimablePaths(
  { paths, entries, overlay, scans }: FileTree,
  shown: Uint8Array,
  deadBytes: Float64Array,
  deadOwn: Float64Array,
  top: number
): readonly ReclaimablePath[] {
  const list = largest(top, (a, b) => isBefore(paths, a, b))
  for (let path = ROOT_PATH; path < deadBytes.length; path++) list.offer(path, deadBytes[path]!)
  const copies = new Map(list.items().map((path) => [path, [] as { index: number; size: number; live: boolean }[]]))
  const others = new Map(list.items().map((path) => [path, new Set<number>()]))
  for (let entry = 1; entry < entries.count; entry++) {
    const [path, index] = [entries.path[entry]!, entries.layer[entry]!]
    if (entries.type[entry] !== TYPE_FILE) others.get(path)?.add(index)
    else copies.get(path)?.push({ index, size: entries.size[entry]!, live: shown[entry] === 1 })
  }
  const hidden = scans.map(({ whiteouts, opaques }) => new Set([...whiteouts, ...opaques]))
  return [...copies].map(([path, layers]) => {
    layers.sort((a, b) => a.index - b.index)
    const deleted = (overlay.live[path] ?? 0) === 0
    const replaced = !deleted && layers.every(({ live }) => !live)
    const from = (layers.at(-1)?.index ?? -1) + 1
    const takesAway = (marks: ReadonlySet<number>, layer: number): boolean =>
      layer >= from && (hides(marks, paths, path) || (replaced && others.get(path)?.has(layer) === true))
    const by = deleted || replaced ? hidden.findIndex(takesAway) : -1
    return {
      path: paths.format(path),
      size: deadBytes[path]!,
      own: deadOwn[path]!,
      layers,
      deleted,
      ...(by === -1 ? {} : deleted ? { deletedBy: by } : { replacedBy: by })
    }
  })
}

/** Whether a layer marks the path, or a folder above it, as gone. */
function hides(marks: ReadonlySet<number>, paths: PathTable, path: number): boolean {
  for (let at = path; at !== ROOT_PATH && at > 0; at = paths.parent(at)) if (marks.has(at)) return true
  return false
}

/** Sums live bytes up the tree: a parent's number is smaller than its children's, so one pass downwards will do. */
function biggestDirectories(
  { paths, entries, overlay }: FileTree,
  liveBytes: Float64Array,
  ownBytes: Float64Array,
  top: number
): Figures['biggestDirectories'] {
  const largestChild = new Float64Array(liveBytes.length)
  const largestOwnChild = new Float64Array(liveBytes.length)
  const before = (a: number, b: number): boolean => isBefore(paths, a, b)
  const all = largest(top, before)
  const own = largest(top, before)
  for (let path = liveBytes.length - 1; path > ROOT_PATH; path--) {
    const entry = overlay.live[path] ?? 0
    if (entry === 0) continue
    const parent = paths.parent(path)
    const bytes = liveBytes[path]!
    const ownPart = ownBytes[path]!
    liveBytes[parent]! += bytes
    ownBytes[parent]! += ownPart
    if (entry > 0 && entries.type[entry] !== TYPE_DIRECTORY) continue
    if (bytes > largestChild[parent]!) largestChild[parent] = bytes
    if (ownPart > largestOwnChild[parent]!) largestOwnChild[parent] = ownPart
    if (largestChild[path]! <= bytes * DOMINANT_SHARE) all.offer(path, bytes)
    if (largestOwnChild[path]! <= ownPart * DOMINANT_SHARE) own.offer(path, ownPart)
  }
  const directoryOf = (path: number): LargeDirectory => ({
    path: paths.format(path),
    size: liveBytes[path]!,
    own: ownBytes[path]!
  })
  return { own: own.items().map(directoryOf), all: all.items().map(directoryOf) }
}

/**
 * The `top` items of greatest weight above 0, greatest first. Of equal ones that which is `before` the other, or the earlier:
 * paths are offered in an order that differs from run to run, since layers are scanned side by side.
 */
export function largest(
  top: number,
  before: (a: number, b: number) => boolean = () => false
): {
  readonly offer: (item: number, weight: number) => void
  readonly items: () => readonly number[]
} {
  const kept: { item: number; weight: number }[] = []
  let least = 0
  return {
    offer: (item, weight) => {
      if (weight < least || weight <= 0) return
      let at = kept.length
      for (; at > 0; at--) {
        const other = kept[at - 1]!
        if (other.weight > weight || (other.weight === weight && !before(item, other.item))) break
      }
      if (at === top) return
      kept.splice(at, 0, { item, weight })
      if (kept.length > top) kept.pop()
      if (kept.length === top) least = kept[top - 1]!.weight
    },
    items: () => kept.map(({ item }) => item)
  }
}
