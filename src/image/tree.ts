import { entryTypes, TYPE_FILE, TYPE_HARD_LINK, TYPE_SYMLINK, type EntryTable } from './entries.js'
import { IMPLIED_FOLDER, type Overlay } from './overlay.js'
import { ROOT_PATH, type PathTable } from './paths.js'
import type { LayerScan } from './scan.js'
import type { TarEntryType } from './tar/header.js'

/** All that was read of an image's files, in columns. Opaque: `fileIndex` and `mergedFiles` read it. */
export type FileTree = {
  readonly paths: PathTable
  readonly entries: EntryTable
  readonly overlay: Overlay
  readonly scans: readonly LayerScan[]
  readonly isBase: (layer: number) => boolean
}

/** One path as a layer brings it, or as a container sees it. */
export type FileRecord = {
  readonly path: string
  readonly type: TarEntryType
  /** Bytes of content. A hard link shows those of its target, which count once in every sum. */
  readonly size: number
  /** The low twelve bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Of a symlink its text, of a hard link the path it names. */
  readonly link: string | undefined
  /** CRC-32 of the content, eight hex digits: tells changed from unchanged, proves nothing. Undefined for anything but files. */
  readonly crc: string | undefined
  /** Index of the layer. */
  readonly layer: number
}

/** The files that each own layer brings, layer by layer in the archive's order: what a baseline stores to be compared with later. */
export function* fileIndex(tree: FileTree): Generator<FileRecord> {
  for (const [layer, scan] of tree.scans.entries()) {
    if (tree.isBase(layer)) continue
    for (const entry of scan.entries) yield recordOf(tree, entry, tree.entries.path[entry]!)
  }
}

/** What a container sees, in no particular order. Folders that no entry made have the engines' mode, 0755 of root. */
export function* mergedFiles(tree: FileTree): Generator<FileRecord> {
  const { live } = tree.overlay
  for (let path = ROOT_PATH; path < tree.paths.count(); path++) {
    const entry = live[path] ?? 0
    if (entry > 0) yield recordOf(tree, entry, path)
    else if (entry === IMPLIED_FOLDER) {
      const folder = { type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0 } as const
      yield { ...folder, path: tree.paths.format(path), link: undefined, crc: undefined, layer: -1 }
    }
  }
}

function recordOf({ paths, entries, overlay }: FileTree, entry: number, path: number): FileRecord {
  const type = entries.type[entry]!
  const content = overlay.content[entry]!
  const link = entries.link[entry]!
  return {
    path: paths.format(path),
    type: entryTypes[type] ?? 'other',
    size: entries.size[content]!,
    mode: entries.mode[entry]!,
    uid: entries.uid[entry]!,
    gid: entries.gid[entry]!,
    link: type === TYPE_SYMLINK ? paths.name(link) : type === TYPE_HARD_LINK ? paths.format(link) : undefined,
    crc: type === TYPE_FILE || content > 0 ? hex(entries.crc[content]!) : undefined,
    layer: entries.layer[entry]!
  }
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}

/** The file whose content a container sees at a path, which has one. */
export function contentAt({ overlay }: FileTree, path: number): number {
  return overlay.content[overlay.live[path]!]!
}

/**
 * Tells each file whose content a container sees, once, with the path it goes by: its own or, where that is gone, the first of its
 * hard links in the order of the alphabet.
 */
export function eachShown({ paths, entries, overlay }: FileTree, tell: (path: number, content: number) => void): void {
  const { live, content } = overlay
  const linked = new Map<number, number>()
  for (let path = ROOT_PATH; path < paths.count(); path++) {
    const entry = live[path] ?? 0
    const held = entry > 0 ? content[entry]! : 0
    if (held === 0) continue
    if (held === entry) {
      tell(path, held)
      continue
    }
    const other = linked.get(held)
    if (other === undefined || isBefore(paths, path, other)) linked.set(held, path)
  }
  for (const [held, path] of linked) if (!hasOwnName(held)) tell(path, held)

  function hasOwnName(file: number): boolean {
    return live[entries.path[file]!] === file
  }
}

/** Whether a path comes before another in the order of the alphabet: their numbers say which was scanned first. */
export function isBefore(paths: PathTable, path: number, other: number): boolean {
  return paths.format(path) < paths.format(other)
}
