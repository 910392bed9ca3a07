import { TYPE_DIRECTORY, TYPE_FILE, TYPE_HARD_LINK, TYPE_SYMLINK, type EntryTable } from './entries.js'
import { resized, ROOT_PATH, type PathTable } from './paths.js'
import type { LayerScan } from './scan.js'

/** The layers of an image laid over each other: what a container sees, and which bytes it does not. */
export type Overlay = {
  /** By path: the entry that a container sees there, 0 for none, `IMPLIED_FOLDER` for a folder that no entry made. */
  readonly live: Int32Array
  /** By entry: the file whose content it shows, itself for a file and its target for a hard link; 0 for anything else. */
  readonly content: Int32Array
  /** By entry: the file below that this one replaced, 0 for none. */
  readonly replaced: Int32Array
  readonly files: readonly LayerFiles[]
  /** Bottom up, each as a clause that follows the layer's name. */
  readonly notes: readonly (readonly string[])[]
}

/** How many paths other than directories a layer brings, replaces and hides. */
export type LayerFiles = { readonly added: number; readonly changed: number; readonly removed: number }

export const IMPLIED_FOLDER = -1

/** Links followed on one path before it counts as a loop, as in Linux. */
const MOST_LINKS = 40

/**
 * Applies layers bottom up. Whiteouts of a layer act on the layers below only, wherever in the archive they stand; then its entries follow
 * in their order, as the engines extract them: through symlinks in a parent, a file in place of a folder with all that was in it.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
 * Linear in the entries: what is live in a folder is a list, so hiding a tree costs what it took to make it.
 */
export function overlayLayers(paths: PathTable, entries: EntryTable, scans: readonly LayerScan[]): Overlay {
  // Following a symlink can name new paths, so the columns may have to grow.
  let capacity = paths.count() + 1024
  let live = new Int32Array(capacity)
  let first = new Int32Array(capacity)
  let next = new Int32Array(capacity)
  let previous = new Int32Array(capacity)
  let hidden = new Int32Array(capacity) // the lower layer's entry that a layer hid
  let hiddenIn = new Uint16Array(capacity) // by which layer, counted from 1
  const content = new Int32Array(entries.count)
  const replaced = new Int32Array(entries.count)
  live[ROOT_PATH] = IMPLIED_FOLDER

  const files: LayerFiles[] = []
  const notes: string[][] = []
  for (const [layer, scan] of scans.entries()) apply(scan, layer)
  return { live, content, replaced, files, notes }

  function apply(scan: LayerScan, layer: number): void {
    const mark = layer + 1
    let hiddenCount = 0
    let dangling = 0
    let lost = 0
    const opened = new Set<number>()
    for (const path of scan.opaques) {
      const folder = resolve(path)
      if (folder === 0 || opened.has(folder)) continue
      opened.add(folder)
      hideChildren(folder)
    }
    for (const path of scan.whiteouts) {
      const target = placeOf(path)
      if (target !== 0 && target !== ROOT_PATH) hide(target)
    }
    for (const entry of scan.entries) {
      const path = placeOf(entries.path[entry]!)
      if (path === 0 || (path === ROOT_PATH && entries.type[entry] !== TYPE_DIRECTORY)) lost++
      else place(entry, path)
    }

    // Counted at the end, so that an archive that names a path twice counts it once.
    let added = 0
    let changed = 0
    for (const entry of scan.entries) {
      const path = entries.path[entry]!
      if (live[path] !== entry || !isFile(entry)) continue
      if (hiddenIn[path] === mark) changed++
      else added++
    }
    files.push({ added, changed, removed: hiddenCount - changed })
    const clauses: string[] = []
    if (dangling > 0)
      clauses.push(`has ${dangling} hard ${dangling === 1 ? 'link' : 'links'} to nothing, counted as empty`)
    if (lost > 0) clauses.push(`has ${lost} ${lost === 1 ? 'entry' : 'entries'} that no engine could place, left out`)
    notes.push(clauses)

    function place(entry: number, path: number): void {
      entries.path[entry] = path
      const type = entries.type[entry]!
      if (type === TYPE_FILE) content[entry] = entry
      if (type === TYPE_HARD_LINK) {
        const target = placeOf(entries.link[entry]!)
        // A link to itself would take its own content away.
        if (target === path) return
        const shown = live[target]!
        if (shown > 0) content[entry] = content[shown]!
        else dangling++
      }
      if (type === TYPE_DIRECTORY && isFolder(live[path]!)) {
        live[path] = entry
        return
      }
      hide(path)
      makeFolders(paths.parent(path))
      show(path, entry)
      if (type !== TYPE_DIRECTORY && hiddenIn[path] === mark) replaced[entry] = hidden[path]!
    }

    function hide(path: number): void {
      if (live[path] === 0) return
      hideChildren(path)
      remember(path)
      live[path] = 0
      unlink(path)
    }

    function hideChildren(folder: number): void {
      // Without recursion: a path may be tens of thousands of folders deep.
      let at = first[folder]!
      while (at !== 0) {
        while (first[at] !== 0) at = first[at]!
        const parent = paths.parent(at)
        remember(at)
        live[at] = 0
        unlink(at)
        if (first[parent] !== 0) at = first[parent]!
        else at = parent === folder ? 0 : parent
      }
    }

    /** Notes that this layer hid a lower layer's file, so that bringing it back counts as a change. */
    function remember(path: number): void {
      const entry = live[path]!
      if (!isFile(entry) || entries.layer[entry] === layer || hiddenIn[path] === mark) return
      hidden[path] = entry
      hiddenIn[path] = mark
      hiddenCount++
    }

    /** Makes the folders above an entry that no entry of their own made, as the engines do. */
    function makeFolders(folder: number): void {
      // The engines refuse a file as a folder. Here the later entry wins.
      for (let at = folder; !isFolder(live[at]!); at = paths.parent(at)) hide(at)
      for (let at = folder; !isFolder(live[at]!); at = paths.parent(at)) show(at, IMPLIED_FOLDER)
    }
  }

  function isFile(entry: number): boolean {
    return entry > 0 && entries.type[entry] !== TYPE_DIRECTORY
  }

  function isFolder(entry: number): boolean {
    return entry === IMPLIED_FOLDER || (entry > 0 && entries.type[entry] === TYPE_DIRECTORY)
  }

  function show(path: number, entry: number): void {
    ensure(path)
    const parent = paths.parent(path)
    const sibling = first[parent]!
    live[path] = entry
    next[path] = sibling
    previous[path] = 0
    if (sibling !== 0) previous[sibling] = path
    first[parent] = path
  }

  function unlink(path: number): void {
    const before = previous[path]!
    const after = next[path]!
    if (before === 0) first[paths.parent(path)] = after
    else next[before] = after
    if (after !== 0) previous[after] = before
  }

  /** Where an entry lands: its parent may be a symlink. 0 for a loop. */
  function placeOf(path: number): number {
    ensure(path)
    const parent = paths.parent(path)
    // A live folder has only live folders above it, so no symlink is on the way.
    if (path === ROOT_PATH || isFolder(live[parent]!)) return path
    const folder = resolve(parent)
    if (folder === 0) return 0
    if (folder === parent) return path
    const name = paths.nameBytes(path)
    const place = paths.child(folder, name, 0, name.length)
    ensure(place)
    return place
  }

  /** The folder that a path leads to through symlinks; it need not exist. 0 for a loop. */
  function resolve(path: number): number {
    ensure(path)
    const parts: number[] = []
    for (let at = path; at !== ROOT_PATH; at = paths.parent(at)) parts.push(at)
    let at = ROOT_PATH
    let links = 0
    while (parts.length > 0) {
      const part = parts.pop()!
      const name = paths.nameBytes(part)
      const step = paths.child(at, name, 0, name.length)
      ensure(step)
      const entry = live[step]!
      if (entry <= 0 || entries.type[entry] !== TYPE_SYMLINK) {
        at = step
        continue
      }
      if (++links > MOST_LINKS) return 0
      const target = paths.nameBytes(entries.link[entry]!)
      if (target[0] === 0x2f) at = ROOT_PATH
      at = follow(at, target, parts)
    }
    return at
  }

  /** Puts the parts of a link's text before the parts that are still to go. */
  function follow(from: number, target: Uint8Array, parts: number[]): number {
    let at = from
    const names = Buffer.from(target).toString('latin1').split('/')
    const ahead: number[] = []
    for (const name of names) {
      if (name === '' || name === '.') continue
      if (name === '..') {
        if (ahead.length > 0) ahead.pop()
        else if (at !== ROOT_PATH) at = paths.parent(at)
      } else {
        const bytes = Buffer.from(name, 'latin1')
        ahead.push(paths.child(at, bytes, 0, bytes.length))
      }
    }
    parts.push(...ahead.reverse())
    return at
  }

  function ensure(path: number): void {
    if (path < capacity) return
    capacity = Math.max(capacity * 2, path + 1)
    live = grown(live, capacity)
    first = grown(first, capacity)
    next = grown(next, capacity)
    previous = grown(previous, capacity)
    hidden = grown(hidden, capacity)
    hiddenIn = resized(hiddenIn, new Uint16Array(capacity))
  }
}

function grown(from: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  return resized(from, new Int32Array(capacity))
}
