/**
 * Every path of an image once, as a number: 1 is the root, and a parent's number is smaller than its children's.
 * Columns instead of objects: about 40 bytes a path plus its name, so that a million files fit in the memory the docs promise.
 * Names are bytes, as in the archive: they need not be UTF-8.
 */
export type PathTable = {
  /** Paths so far, the unused number 0 included. */
  readonly count: () => number
  /** The child of that name, made if need be. */
  readonly child: (parent: number, bytes: Uint8Array, start: number, end: number) => number
  /**
   * The path as an archive writes it: leading, doubled and closing slashes and `.` fall away, `..` climbs but never above the root,
   * which is how the engines read it.
   */
  readonly path: (bytes: Uint8Array) => number
  /** How many parts `..` there were in all paths so far. */
  readonly climbs: () => number
  /** A symlink's text, kept as it is; its number is no path. */
  readonly text: (bytes: Uint8Array) => number
  /** The number of an absolute path, or 0 if no layer has it. */
  readonly find: (path: string) => number
  readonly parent: (path: number) => number
  /** The last part of a path, or a text. Bytes that are no UTF-8 show as U+FFFD. */
  readonly name: (path: number) => string
  readonly nameBytes: (path: number) => Uint8Array
  /** `/usr/bin/env`; the root is `/`. */
  readonly format: (path: number) => string
}

export const ROOT_PATH = 1

const TEXT_PARENT = 0
const SLASH = 0x2f
const DOT = 0x2e

export function pathTable(): PathTable {
  let count = 2
  let climbs = 0
  let parents = new Int32Array(1024)
  let hashes = new Int32Array(1024)
  let nameStarts = new Uint32Array(1024)
  let nameLengths = new Uint16Array(1024)
  let names = Buffer.alloc(16 * 1024)
  let namesLength = 0
  let slots = new Int32Array(2048) // open addressing; 0 is free

  // Archives list a folder's files one after the other: most paths share all but the last part with the one before.
  let lastFolder: Uint8Array = new Uint8Array(0)
  let lastFolderPath = ROOT_PATH

  return {
    count: () => count,
    child,
    path,
    climbs: () => climbs,
    text,
    find,
    parent: (at) => parents[at]!,
    name,
    nameBytes,
    format
  }

  function child(parent: number, bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(parent, bytes, start, end)
    const slot = slotOf(hash, parent, bytes, start, end)
    return slots[slot] !== 0 ? slots[slot]! : add(slot, hash, parent, bytes, start, end)
  }

  /** The slot of a child, or the free one where it belongs. */
  function slotOf(hash: number, parent: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = slots.length - 1
    let slot = hash & mask
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (hashes[found] === hash && parents[found] === parent && equals(found, bytes, start, end)) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  function find(text: string): number {
    let at = ROOT_PATH
    for (const part of text.split('/')) {
      if (part === '') continue
      const bytes = Buffer.from(part)
      at = slots[slotOf(hashOf(at, bytes, 0, bytes.length), at, bytes, 0, bytes.length)]!
      if (at === 0) return 0
    }
    return at
  }

  function add(slot: number, hash: number, parent: number, bytes: Uint8Array, start: number, end: number): number {
    if (count === parents.length) growColumns()
    const length = end - start
    if (namesLength + length > names.length) growNames(length)
    for (let at = start; at < end; at++) names[namesLength + at - start] = bytes[at]!
    const added = count++
    parents[added] = parent
    hashes[added] = hash
    nameStarts[added] = namesLength
    nameLengths[added] = length
    namesLength += length
    slots[slot] = added
    if (count * 2 > slots.length) growSlots()
    return added
  }

  function path(bytes: Uint8Array): number {
    let folderEnd = bytes.length
    while (folderEnd > 0 && bytes[folderEnd - 1] === SLASH) folderEnd--
    const nameEnd = folderEnd
    while (folderEnd > 0 && bytes[folderEnd - 1] !== SLASH) folderEnd--
    const climbsBefore = climbs
    const folder = isSame(lastFolder, bytes, folderEnd) ? lastFolderPath : walk(ROOT_PATH, bytes, 0, folderEnd)
    if (climbs === climbsBefore && (folder !== lastFolderPath || lastFolder.length !== folderEnd)) {
      lastFolder = Uint8Array.prototype.slice.call(bytes, 0, folderEnd)
      lastFolderPath = folder
    }
    return walk(folder, bytes, folderEnd, nameEnd)
  }

  function walk(from: number, bytes: Uint8Array, start: number, end: number): number {
    let at = from
    let partStart = start
    for (let index = start; index <= end; index++) {
      if (index < end && bytes[index] !== SLASH) continue
      const length = index - partStart
      if (length === 2 && bytes[partStart] === DOT && bytes[partStart + 1] === DOT) {
        climbs++
        at = at === ROOT_PATH ? at : parents[at]!
      } else if (length > 1 || (length === 1 && bytes[partStart] !== DOT)) at = child(at, bytes, partStart, index)
      partStart = index + 1
    }
    return at
  }

  function text(bytes: Uint8Array): number {
    return child(TEXT_PARENT, bytes, 0, bytes.length)
  }

  function name(at: number): string {
    return names.toString('utf8', nameStarts[at], nameStarts[at]! + nameLengths[at]!)
  }

  function nameBytes(at: number): Uint8Array {
    return names.subarray(nameStarts[at], nameStarts[at]! + nameLengths[at]!)
  }

  function format(at: number): string {
    if (at === ROOT_PATH) return '/'
    const parts: string[] = []
    for (let part = at; part > ROOT_PATH; part = parents[part]!) parts.push(name(part))
    return `/${parts.reverse().join('/')}`
  }

  function equals(at: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (nameLengths[at] !== end - start) return false
    const from = nameStarts[at]! - start
    for (let index = start; index < end; index++) if (names[from + index] !== bytes[index]) return false
    return true
  }

  function growColumns(): void {
    const capacity = parents.length * 2
    parents = resized(parents, new Int32Array(capacity))
    hashes = resized(hashes, new Int32Array(capacity))
    nameStarts = resized(nameStarts, new Uint32Array(capacity))
    nameLengths = resized(nameLengths, new Uint16Array(capacity))
  }

  function growNames(length: number): void {
    const grown = Buffer.alloc(Math.max(names.length * 2, namesLength + length))
    names.copy(grown, 0, 0, namesLength)
    names = grown
  }

  function growSlots(): void {
    slots = new Int32Array(slots.length * 2)
    const mask = slots.length - 1
    for (let at = 2; at < count; at++) {
      let slot = hashes[at]! & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = at
    }
  }
}

/** A longer column with the same beginning. */
export function resized<Column extends { set: (from: Column) => void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}

/** FNV-1a with a final mix, so that the low bits, which choose the slot, depend on all of it. */
function hashOf(parent: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(parent ^ 0x811c9dc5, 0x01000193)
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}

function isSame(last: Uint8Array, bytes: Uint8Array, end: number): boolean {
  if (last.length !== end) return false
  for (let at = 0; at < end; at++) if (last[at] !== bytes[at]) return false
  return true
}
