import { orderEntries } from './entries.js'
import { ROOT_PATH } from './paths.js'
import type { FileTree } from './tree.js'

/** Content that a container sees under several names, each a file of its own: a copy where a link would do. */
export type Duplicates = {
  /** Bytes of own layers beyond one copy of each content. */
  readonly size: number
  /** Files that hold them. */
  readonly files: number
  /** The contents with most of it, largest first. */
  readonly contents: readonly DuplicateContent[]
}

export type DuplicateContent = {
  /** Bytes of one copy. */
  readonly size: number
  readonly copies: number
  /** Of all copies the first few paths, those of the base image first. */
  readonly paths: readonly string[]
  /** The layer that holds the last copy. */
  readonly layer: number
}

/** What is smaller is a licence, and not worth a thought. */
const LEAST_BYTES = 1000

const MOST_PATHS = 4

/** Groups what a container sees by size and CRC-32; hard links are one file. Contents of base layers alone do not count. */
export function findDuplicates({ paths, entries, overlay, isBase }: FileTree, top: number): Duplicates | undefined {
  const { live, content } = overlay
  const first = new Map<number, number>()
  const groups = new Map<number, number[]>()
  const seen = new Uint8Array(entries.count)
  for (let path = ROOT_PATH; path < paths.count(); path++) {
    const entry = live[path] ?? 0
    const held = entry > 0 ? content[entry]! : 0
    if (held === 0 || seen[held] === 1 || entries.size[held]! < LEAST_BYTES) continue
    // A file with several names goes by its own, as long as a container sees that one.
    if (entry !== held && live[entries.path[held]!] === held) continue
    seen[held] = 1
    const size = entries.size[held]!
    // As many bits of the size as a number has beside the 32 of the CRC; the rest is compared below.
    const key = (size % 2 ** 20) * 2 ** 32 + (entries.crc[held]! >>> 0)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, path)
    else if (entries.size[content[live[earlier]!]!] === size) {
      const group = groups.get(earlier)
      if (group === undefined) groups.set(earlier, [earlier, path])
      else group.push(path)
    }
  }
  const contentAt = (path: number): number => content[live[path]!]!
  const layerOf = (path: number): number => entries.layer[contentAt(path)]!
  const order = (a: number, b: number): number => orderEntries(entries, contentAt(a), contentAt(b))
  const contents = [...groups.values()].flatMap((group) => {
    const own = group.filter((path) => !isBase(layerOf(path)))
    const extra = own.length < group.length ? own.length : own.length - 1
    const size = entries.size[contentAt(group[0]!)]!
    return extra < 1 ? [] : [{ group: group.toSorted(order), size, extra }]
  })
  if (contents.length === 0) return undefined
  return {
    size: contents.reduce((sum, { size, extra }) => sum + size * extra, 0),
    files: contents.reduce((sum, { extra }) => sum + extra, 0),
    contents: contents
      .sort((a, b) => b.size * b.extra - a.size * a.extra || order(a.group[0]!, b.group[0]!))
      .slice(0, top)
      .map(({ group, size }) => ({
        size,
        copies: group.length,
        paths: group.slice(0, MOST_PATHS).map((path) => paths.format(path)),
        layer: layerOf(group.at(-1)!)
      }))
  }
}
