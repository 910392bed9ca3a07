import { orderEntries } from './entries.js'
import { contentAt, eachShown, type FileTree } from './tree.js'

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
export function findDuplicates(tree: FileTree, top: number): Duplicates | undefined {
  const { paths, entries, isBase } = tree
  const sizeAt = (path: number): number => entries.size[contentAt(tree, path)]!
  const layerOf = (path: number): number => entries.layer[contentAt(tree, path)]!
  const order = (a: number, b: number): number => orderEntries(entries, contentAt(tree, a), contentAt(tree, b))
  const first = new Map<number, number>()
  const groups = new Map<number, number[]>()
  eachShown(tree, (path, held) => {
    const size = entries.size[held]!
    if (size < LEAST_BYTES) return
    // As many bits of the size as a number has beside the 32 of the CRC; the rest is compared below.
    const key = (size % 2 ** 20) * 2 ** 32 + (entries.crc[held]! >>> 0)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, path)
    else if (sizeAt(earlier) === size) {
      const group = groups.get(earlier)
      if (group === undefined) groups.set(earlier, [earlier, path])
      else group.push(path)
    }
  })
  const contents = [...groups.values()].flatMap((group) => {
    const own = group.filter((path) => !isBase(layerOf(path)))
    const extra = own.length < group.length ? own.length : own.length - 1
    const size = sizeAt(group[0]!)
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
