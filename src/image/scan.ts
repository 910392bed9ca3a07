import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { crc32 } from 'node:zlib'
import type { Digest } from './digest.js'
import { addEntry, TYPE_OTHER, type EntryTable } from './entries.js'
import { inflateLayer, type Compression, type PackedLayer } from './inflate.js'
import { hitStream, type Hit } from './leaks/stream.js'
import type { NeedlePlan } from './leaks/needles.js'
import type { Limits } from './limits.js'
import { resized, type PathTable } from './paths.js'
import { tarReader, type TarEntry } from './tar/reader.js'

/** What one pass over a layer's bytes yields. Layers are scanned side by side, so nothing here depends on another layer. */
export type LayerScan = {
  readonly compression: Compression
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number
  /** Digest of the uncompressed tar. */
  readonly diffID: Digest
  /** Entries in the order of the archive, as numbers of the entry table. */
  readonly entries: Int32Array
  /** Paths that hide what lower layers have at them. */
  readonly whiteouts: readonly number[]
  /** Folders that hide all that lower layers have in them. */
  readonly opaques: readonly number[]
  /**
   * A digest of all that an engine would extract but times: names, types, modes, owners, sizes, CRC-32 of contents, link targets,
   * extended attributes, whiteouts. Two layers with equal content digests and different digests differ in timestamps only.
   */
  readonly contentDigest: Digest
  readonly hits: readonly PlacedHit[]
  /** Hits beyond those that are kept. */
  readonly droppedHits: number
  /** What of this layer could not be taken at face value, each as a clause that follows the layer's name. */
  readonly notes: readonly string[]
}

/** A hit with the entry that it lies in. */
export type PlacedHit = {
  readonly hit: Hit
  /** 0 if it lies in no entry: after the archive's end. */
  readonly path: number
  readonly entry: number
  /** Whether it is in the header (a name, a link target, an attribute) rather than in the content. */
  readonly inName: boolean
}

export type ScanOptions = {
  readonly paths: PathTable
  readonly entries: EntryTable
  /** Search this layer for leaks. */
  readonly needles: NeedlePlan | undefined
  readonly limits: Limits
  readonly signal: AbortSignal | undefined
}

/** Layers inflated side by side: more than the cores gain nothing, and each holds a few megabytes. */
export const SCANS_AT_ONCE = Math.min(4, availableParallelism() + 1)

const whiteoutPrefix = Buffer.from('.wh.')
const aufsPrefix = Buffer.from('.wh..wh.')
const opaqueMarker = Buffer.from('.wh..wh..opq')
const SLASH = 0x2f

/** Reads a layer once and lists what is in it. Throws what `inflateLayer` throws. */
export async function scanLayer(layer: PackedLayer, index: number, options: ScanOptions): Promise<LayerScan> {
  const { paths, entries, limits, signal } = options
  const hits = options.needles === undefined ? undefined : hitStream(options.needles)
  const listed = intList()
  const whiteouts: number[] = []
  const opaques: number[] = []
  const spans = spanList(entries)
  const content = contentHash()
  let current: TarEntry | undefined
  let currentEntry = 0
  let crc = 0
  let climbing = 0
  let invalidNames = 0
  let invalidWhiteouts = 0
  let unknownTypes = 0

  const reader = tarReader(
    {
      entry: (entry) => {
        current = entry
        crc = 0
        currentEntry = 0
        if (!isUtf8(entry.path)) invalidNames++
        const climbsBefore = paths.climbs()
        const path = placeEntry(entry)
        if (paths.climbs() > climbsBefore) climbing++
        if (hits === undefined) return
        spans.add(entry, currentEntry, path)
        if (entry.pathJoined) hits.aside(entry.path, entry.headerOffset)
      },
      content: (bytes) => {
        crc = crc32(bytes, crc)
      },
      entryEnd: () => {
        entries.crc[currentEntry] = crc
        if (current !== undefined) content.add(current, crc)
      }
    },
    limits
  )
  const { compression, tarSize, diffID } = await inflateLayer(
    layer,
    (piece) => {
      hits?.write(piece)
      reader.write(piece)
    },
    limits,
    signal
  )
  reader.end()
  const found = hits?.end()

  const notes: string[] = []
  if (climbing > 0)
    notes.push(`has ${count(climbing, 'name')} with "..": read as the engines do, which never leave the root`)
  if (invalidNames > 0) notes.push(`has ${count(invalidNames, 'name')} that are no UTF-8, shown with U+FFFD`)
  if (invalidWhiteouts > 0) notes.push(`has ${count(invalidWhiteouts, 'whiteout')} without a name, ignored`)
  if (unknownTypes > 0) notes.push(`has ${count(unknownTypes, 'entry', 'entries')} of a type that is no file, ignored`)
  if (reader.trailing() > 0) notes.push('has bytes after the end of its archive, which the engines do not extract')
  return {
    compression,
    tarSize,
    diffID,
    entries: listed.values(),
    whiteouts,
    opaques,
    contentDigest: content.digest(),
    hits: (found?.hits ?? []).map((hit) => ({ hit, ...spans.placeOf(hit.offset) })),
    droppedHits: found?.dropped ?? 0,
    notes
  }

  /** Lists an entry as what it is: a whiteout, or something at a path. Returns the path. */
  function placeEntry(entry: TarEntry): number {
    const { path } = entry
    let end = path.length
    while (end > 0 && path[end - 1] === SLASH) end--
    const start = path.lastIndexOf(SLASH, end - 1) + 1
    if (!startsWith(path, whiteoutPrefix, start, end)) return addFile(entry)
    const folder = paths.path(path.subarray(0, start))
    if (startsWith(path, aufsPrefix, start, end)) {
      // https://github.com/opencontainers/image-spec/blob/main/layer.md#opaque-whiteout; the rest of that prefix is AUFS's own.
      if (end - start === opaqueMarker.length && startsWith(path, opaqueMarker, start, end)) opaques.push(folder)
      return folder
    }
    const name = path.subarray(start + whiteoutPrefix.length, end)
    if (name.length === 0 || name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'))) {
      invalidWhiteouts++
      return folder
    }
    const hidden = paths.child(folder, name, 0, name.length)
    whiteouts.push(hidden)
    return hidden
  }

  function addFile(entry: TarEntry): number {
    const path = paths.path(entry.path)
    if (entry.type === 'other') unknownTypes++
    currentEntry = addEntry(entries, { layer: index, path, link: linkOf(entry), tar: entry }, limits)
    if (entries.type[currentEntry] !== TYPE_OTHER) listed.push(currentEntry)
    return path
  }

  function linkOf(entry: TarEntry): number {
    if (entry.type === 'hard-link') return paths.path(entry.linkPath)
    if (entry.type === 'symlink') return paths.text(entry.linkPath)
    return entry.type === 'character-device' || entry.type === 'block-device'
      ? (entry.deviceMajor << 20) | (entry.deviceMinor & 0xfffff)
      : 0
  }
}

/** Where entries lie in the archive, kept only while a layer is searched: 16 bytes each. */
type Spans = {
  readonly add: (entry: TarEntry, number: number, path: number) => void
  readonly placeOf: (offset: number) => Pick<PlacedHit, 'path' | 'entry' | 'inName'>
}

function spanList(entries: EntryTable): Spans {
  let starts = new Float64Array(64)
  let headers = new Uint32Array(64)
  // An entry's number, or the path of a whiteout as a negative number.
  let owners = new Int32Array(64)
  let length = 0
  let end = 0
  return {
    add: (entry, number, path) => {
      if (length === starts.length) {
        starts = resized(starts, new Float64Array(length * 2))
        headers = resized(headers, new Uint32Array(length * 2))
        owners = resized(owners, new Int32Array(length * 2))
      }
      starts[length] = entry.headerOffset
      headers[length] = entry.dataOffset - entry.headerOffset
      owners[length++] = number === 0 ? -path : number
      end = entry.dataOffset + entry.storedSize
    },
    placeOf: (offset) => {
      if (length === 0 || offset < starts[0]! || offset >= end) return { path: 0, entry: 0, inName: false }
      let low = 0
      let high = length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (starts[middle]! <= offset) low = middle + 1
        else high = middle
      }
      const at = low - 1
      const owner = owners[at]!
      if (owner < 0) return { path: -owner, entry: 0, inName: true }
      return { path: entries.path[owner]!, entry: owner, inName: offset < starts[at]! + headers[at]! }
    }
  }
}

/** Collects what an engine would extract and hashes it in large pieces: one call per entry would cost more than the hashing. */
function contentHash(): { readonly add: (entry: TarEntry, crc: number) => void; readonly digest: () => Digest } {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(64 * 1024)
  let filled = 0
  const text = (bytes: Uint8Array) => {
    if (filled + 4 + bytes.length > buffer.length) flush()
    buffer.writeUInt32LE(bytes.length, filled)
    filled += 4
    if (bytes.length > buffer.length - 4) {
      flush()
      hash.update(bytes)
    } else {
      buffer.set(bytes, filled)
      filled += bytes.length
    }
  }
  const flush = () => {
    hash.update(buffer.subarray(0, filled))
    filled = 0
  }
  return {
    add: (entry, crc) => {
      if (filled + 64 > buffer.length) flush()
      buffer.write(entry.type.padEnd(17), filled, 'latin1')
      filled += 17
      for (const number of [entry.mode, entry.uid, entry.gid, entry.deviceMajor, entry.deviceMinor, crc]) {
        buffer.writeUInt32LE(number >>> 0, filled)
        filled += 4
      }
      buffer.writeDoubleLE(entry.size, filled)
      filled += 8
      text(entry.path)
      text(entry.linkPath)
      for (const attribute of entry.attributes) text(attribute)
    },
    digest: () => {
      flush()
      return `sha256:${hash.digest('hex')}`
    }
  }
}

function intList(): { readonly push: (value: number) => void; readonly values: () => Int32Array } {
  let list = new Int32Array(64)
  let length = 0
  return {
    push: (value) => {
      if (length === list.length) {
        const grown = new Int32Array(length * 2)
        grown.set(list)
        list = grown
      }
      list[length++] = value
    },
    values: () => list.subarray(0, length)
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, start: number, end: number): boolean {
  if (end - start < prefix.length) return false
  for (let at = 0; at < prefix.length; at++) if (bytes[start + at] !== prefix[at]) return false
  return true
}

function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`
}
