import { crc32 } from 'node:zlib'
import { ImageError } from './errors.js'
import type { Limits } from './limits.js'
import { resized } from './paths.js'
import type { TarEntryType } from './tar/header.js'
import type { TarEntry } from './tar/reader.js'

/**
 * The tar entries of all layers of an image as columns: an entry is a number from 1 on. About 40 bytes each, see docs/analysis.md.
 * Layers are read side by side, so numbers of different layers alternate; each layer keeps its own list, in its archive's order.
 */
export type EntryTable = {
  count: number
  /** Index of the layer. */
  layer: Uint16Array
  type: Uint8Array
  path: Int32Array
  /** Bytes of content, 0 for anything but a file. */
  size: Float64Array
  mode: Uint16Array
  uid: Uint32Array
  gid: Uint32Array
  /** CRC-32 of the stored content: tells a copy from a change. */
  crc: Uint32Array
  /** CRC-32 of the extended attributes (capabilities, SELinux labels), 0 for none. */
  attributes: Uint32Array
  /** For a hard link the path it names, for a symlink its text, for a device its numbers. */
  link: Int32Array
}

export const entryTypes = [
  'file',
  'hard-link',
  'symlink',
  'character-device',
  'block-device',
  'directory',
  'fifo',
  'other'
] as const satisfies readonly TarEntryType[]

export const TYPE_FILE = 0
export const TYPE_HARD_LINK = 1
export const TYPE_SYMLINK = 2
export const TYPE_DIRECTORY = 5
export const TYPE_OTHER = 7

export function entryTable(): EntryTable {
  const capacity = 1024
  return {
    count: 1,
    layer: new Uint16Array(capacity),
    type: new Uint8Array(capacity),
    path: new Int32Array(capacity),
    size: new Float64Array(capacity),
    mode: new Uint16Array(capacity),
    uid: new Uint32Array(capacity),
    gid: new Uint32Array(capacity),
    crc: new Uint32Array(capacity),
    attributes: new Uint32Array(capacity),
    link: new Int32Array(capacity)
  }
}

/** Adds an entry and returns its number; throws `limit` beyond `limits.entries`. */
export function addEntry(
  table: EntryTable,
  entry: { readonly layer: number; readonly path: number; readonly link: number; readonly tar: TarEntry },
  limits: Limits
): number {
  if (table.count > limits.entries) {
    throw new ImageError('limit', `the image has more than ${limits.entries} tar entries`)
  }
  if (table.count === table.type.length) grow(table)
  const { tar } = entry
  const added = table.count++
  table.layer[added] = entry.layer
  table.type[added] = entryTypes.indexOf(tar.type)
  table.path[added] = entry.path
  table.size[added] = tar.size
  table.mode[added] = tar.mode
  table.uid[added] = tar.uid
  table.gid[added] = tar.gid
  table.attributes[added] = attributesMark(tar.attributes)
  table.link[added] = entry.link
  return added
}

/** Bottom up, and within a layer as in its archive: numbers of different layers alternate in an order that differs from run to run. */
export function orderEntries({ layer }: EntryTable, a: number, b: number): number {
  return layer[a]! - layer[b]! || a - b
}

/** The order in which a builder writes attributes says nothing. */
function attributesMark(attributes: readonly Buffer[]): number {
  if (attributes.length === 0) return 0
  return crc32(Buffer.concat(attributes.toSorted((a, b) => a.compare(b))))
}

function grow(table: EntryTable): void {
  const capacity = table.type.length * 2
  table.layer = resized(table.layer, new Uint16Array(capacity))
  table.type = resized(table.type, new Uint8Array(capacity))
  table.path = resized(table.path, new Int32Array(capacity))
  table.size = resized(table.size, new Float64Array(capacity))
  table.mode = resized(table.mode, new Uint16Array(capacity))
  table.uid = resized(table.uid, new Uint32Array(capacity))
  table.gid = resized(table.gid, new Uint32Array(capacity))
  table.crc = resized(table.crc, new Uint32Array(capacity))
  table.attributes = resized(table.attributes, new Uint32Array(capacity))
  table.link = resized(table.link, new Int32Array(capacity))
}
