/** The files of a snapshot, and how they are written: sorted, front-coded by folder, a text for each column. */

/** One live file of an own layer. */
export type SnapshotFile = {
  /** Absolute, without empty parts. */
  readonly path: string
  /** Bytes; 0 for all but one of several hard links to the same content. */
  readonly size: number
  /** CRC-32 of the content: tells changed from unchanged, proves nothing. */
  readonly crc: number
  /** Index of the layer. */
  readonly layer: number
}

export type FileIndex = {
  /** Sorted by path, each path once. */
  readonly list: readonly SnapshotFile[]
  /** Undefined where all are listed. */
  readonly leftOut?: LeftOut
}

/** Files that the index does not list. */
export type LeftOut = {
  readonly files: number
  readonly size: number
  /** Bytes of the largest of them: nothing larger is missing from the list. */
  readonly largest: number
}

/** The files as they are stored: columns compress better than rows. */
export type FileColumns = {
  readonly count: number
  /** What each path adds to the one before, from a whole part on; joined by `//`, which no path has in it. */
  readonly names: string
  /** How many parts each path shares with the one before; base 36, joined by commas, as the two below. */
  readonly shared: string
  readonly sizes: string
  readonly layers: string
  /** Eight hex digits each. */
  readonly crcs: string
}

/** Files of one image's index. */
export const MOST_FILES = 200_000

/** Characters of all paths of an index, written in full. */
const MOST_PATH_TEXT = 32 * 2 ** 20

/** Characters of a path. Linux allows 4096 bytes. */
const MOST_PATH_LENGTH = 4096

/** Bytes of anything: beyond, a number is no size. */
export const MOST_BYTES = 2 ** 50

export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

function bySize(a: SnapshotFile, b: SnapshotFile): number {
  return b.size - a.size || byPath(a, b)
}

/** The largest files, sorted by path. Holds no more than twice as many at a time. */
export function keepLargest(files: Iterable<SnapshotFile>, most: number = MOST_FILES): FileIndex {
  const limit = Math.min(most, MOST_FILES)
  let kept: SnapshotFile[] = []
  let floor = -1 // after a cut, what is smaller than all that were kept has no chance
  const leftOut = { files: 0, size: 0, largest: 0 }
  const leave = ({ size }: SnapshotFile): void => {
    leftOut.files++
    leftOut.size += size
    if (size > leftOut.largest) leftOut.largest = size
  }
  const cut = (): void => {
    kept.sort(bySize)
    kept.slice(limit).forEach(leave)
    kept = kept.slice(0, limit)
    floor = kept.at(-1)?.size ?? Infinity
  }
  for (const file of files) {
    if (file.path.length > MOST_PATH_LENGTH || file.size < floor) leave(file)
    else if (kept.push(file) >= 2 * limit && kept.length > limit) cut()
  }
  if (kept.length > limit) cut()
  if (kept.reduce((sum, { path }) => sum + path.length, 0) > MOST_PATH_TEXT) {
    kept.sort(bySize)
    let text = 0
    const end = kept.findIndex(({ path }) => (text += path.length) > MOST_PATH_TEXT)
    kept.slice(end).forEach(leave)
    kept = kept.slice(0, end)
  }
  // Redaction may have made two paths one.
  const list = kept.sort(byPath).filter(({ path }, at) => path !== kept[at - 1]?.path)
  return leftOut.files === 0 ? { list } : { list, leftOut }
}

/** Writes a sorted list as columns. */
export function writeColumns(files: readonly SnapshotFile[]): FileColumns {
  const names: string[] = []
  const shared: string[] = []
  let before: readonly string[] = []
  for (const { path } of files) {
    const parts = path.slice(1).split('/')
    let same = 0
    while (same < parts.length - 1 && parts[same] === before[same]) same++
    shared.push(same.toString(36))
    names.push(parts.slice(same).join('/'))
    before = parts
  }
  return {
    count: files.length,
    names: names.join('//'),
    shared: shared.join(),
    sizes: files.map(({ size }) => size.toString(36)).join(),
    layers: files.map(({ layer }) => layer.toString(36)).join(),
    crcs: files.map(({ crc }) => crc.toString(16).padStart(8, '0')).join('')
  }
}

/** Reads columns that anybody may have written; a text says what is wrong with them. */
export function readColumns(columns: FileColumns, layerCount: number): readonly SnapshotFile[] | string {
  const { count } = columns
  if (count > MOST_FILES) return `lists ${count} files, more than ${MOST_FILES}`
  if (columns.crcs.length !== count * 8 || !/^[0-9a-f]*$/.test(columns.crcs)) return 'has no checksum for each file'
  if (count === 0) return []
  const names = split(columns.names, '//', count)
  const shared = readNumbers(columns.shared, count, MOST_PATH_LENGTH)
  const sizes = readNumbers(columns.sizes, count, MOST_BYTES)
  const layers = readNumbers(columns.layers, count, layerCount - 1)
  if (names === undefined) return `has other than ${count} file names`
  if (shared === undefined) return 'has no common part for each path'
  if (sizes === undefined) return 'has no size for each file'
  if (layers === undefined) return 'has files in layers that are not there'

  const files: SnapshotFile[] = []
  let before = ''
  let text = 0
  for (const [at, name] of names.entries()) {
    const end = endOfParts(before, shared[at]!)
    if (end === undefined) return `has a path, number ${at}, that shares more with the one before than that one has`
    const path = `${before.slice(0, end)}/${name}`
    text += path.length
    if (!isPath(name) || path.length > MOST_PATH_LENGTH) return `has a path, number ${at}, that is none`
    if (text > MOST_PATH_TEXT) return `has paths of more than ${MOST_PATH_TEXT} characters`
    if (at > 0 && path <= before) return `has paths that are not sorted, at number ${at}`
    const crc = Number.parseInt(columns.crcs.slice(at * 8, at * 8 + 8), 16)
    files.push({ path, size: sizes[at]!, crc, layer: layers[at]! })
    before = path
  }
  return files
}

function isPath(name: string): boolean {
  return name !== '' && !name.startsWith('/') && !name.endsWith('/')
}

/** Where the first parts of a path end, without the slash; undefined if those would be all of it or more. */
function endOfParts(path: string, parts: number): number | undefined {
  let end = 0
  for (let part = 0; part < parts; part++) {
    end = path.indexOf('/', end + 1)
    if (end === -1) return undefined
  }
  return end
}

function split(text: string, by: string, count: number): readonly string[] | undefined {
  // One more than wanted is enough to know that it is too many.
  const items = text.split(by, count + 1)
  return items.length === count ? items : undefined
}

function readNumbers(text: string, count: number, most: number): Float64Array | undefined {
  const items = split(text, ',', count)
  if (items === undefined) return undefined
  const numbers = new Float64Array(count)
  for (const [at, item] of items.entries()) {
    const number = /^[0-9a-z]{1,11}$/.test(item) ? Number.parseInt(item, 36) : Number.NaN
    if (!(number <= most)) return undefined
    numbers[at] = number
  }
  return numbers
}
