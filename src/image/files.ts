import { open, stat } from 'node:fs/promises'
import { createReadStream, type ReadStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ImageError, reasonOf } from './errors.js'
import { defaultLimits } from './limits.js'
import { tarReader } from './tar/reader.js'

/** A range of bytes in a file: a whole blob of a layout folder, or one inside an archive. */
export type FileRange = {
  readonly path: string
  readonly offset: number
  readonly size: number
}

/** A file that is still being written. */
export type GrowingFile = {
  readonly path: string
  /** Where it is moved to when it is complete. */
  readonly later: string
  /** Bytes that it will have. */
  readonly size: number
  /** Whether nobody writes it any more: what is not there then does not come. */
  readonly isOver?: () => boolean
}

/** The files of a layout by their name, wherever they lie. */
export type Files = {
  /** The named file, or undefined if there is none. Names are relative, with `/`. */
  readonly find: (name: string) => Promise<FileRange | undefined>
}

/** Reads a whole range; throws `limit` above `limit` bytes, and `missing-blob` if the file is shorter than the range. */
export async function readRange(range: FileRange, limit: number, what: string): Promise<Buffer> {
  if (range.size > limit) throw new ImageError('limit', `${what} has ${range.size} bytes, more than ${limit}`)
  await using file = await open(range.path)
  const bytes = Buffer.alloc(range.size)
  let filled = 0
  while (filled < range.size) {
    const { bytesRead } = await file.read(bytes, filled, range.size - filled, range.offset + filled)
    if (bytesRead === 0) throw new ImageError('missing-blob', `${what} ends after ${filled} of ${range.size} bytes`)
    filled += bytesRead
  }
  return bytes
}

/** Bytes of one piece: larger reads are what makes inflating fast, see docs/analysis.md. */
const PIECE = 2 ** 20

/** Streams a range. */
export function streamRange(range: FileRange): ReadStream {
  return createReadStream(range.path, {
    start: range.offset,
    end: range.offset + range.size - 1,
    highWaterMark: PIECE
  })
}

/** Milliseconds between two looks at a file that does not grow, and how many of them there are one after the other. */
const LOOK_MILLISECONDS = 10
const MOST_LOOKS = 6000

/** Streams a file while it is written, to its last byte; throws `missing-blob` if that does not come. */
export async function* streamGrowing(
  { path, later, size, isOver }: GrowingFile,
  signal?: AbortSignal
): AsyncGenerator<Buffer> {
  await using file = await open(path).catch(() => open(later))
  let piece = Buffer.allocUnsafe(Math.min(PIECE, size))
  let looks = 0
  for (let offset = 0; offset < size;) {
    const isLast = isOver?.() === true
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, size - offset), offset)
    offset += bytesRead
    looks = bytesRead > 0 ? 0 : looks + 1
    if (bytesRead > 0) {
      yield piece.subarray(0, bytesRead)
      piece = Buffer.allocUnsafe(piece.length) // a piece is its reader's for good
    } else if (isLast || looks > MOST_LOOKS) {
      throw new ImageError('missing-blob', `${path} ends after ${offset} of ${size} bytes`)
    } else await setTimeout(LOOK_MILLISECONDS, undefined, signal === undefined ? {} : { signal })
  }
}

/** The files of a folder. */
export function folderFiles(folder: string): Files {
  return {
    find: async (name) => {
      const path = join(folder, cleanName(name))
      const found = await stat(path).catch(() => undefined)
      // Anything else, a pipe say, could keep us waiting for ever.
      return found?.isFile() === true ? { path, offset: 0, size: found.size } : undefined
    }
  }
}

/** The files inside a tar archive on disk, found in one pass that reads only its headers. */
export async function archiveFiles(path: string, signal?: AbortSignal): Promise<Files> {
  const files = new Map<string, FileRange>()
  const links = new Map<string, string>()
  let last = ''
  const reader = tarReader(
    {
      entry: (entry) => {
        const name = cleanName(entry.path.toString('utf8'))
        last = name
        if (entry.type === 'file') files.set(name, { path, offset: entry.dataOffset, size: entry.storedSize })
        // Before version 25 docker save wrote a layer that occurs twice as a symlink to the first.
        else if (entry.type === 'symlink') links.set(name, cleanName(`${name}/../${entry.linkPath.toString('utf8')}`))
        else if (entry.type === 'hard-link') links.set(name, cleanName(entry.linkPath.toString('utf8')))
      },
      content: () => undefined,
      entryEnd: () => undefined
    },
    defaultLimits
  )
  await using file = await open(path)
  const window = Buffer.alloc(64 * 1024)
  let offset = 0
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead } = await file.read(window, 0, window.length, offset)
      if (bytesRead === 0) break
      reader.write(window.subarray(0, bytesRead))
      offset += bytesRead
      const skippable = reader.skippable()
      if (skippable > 0) reader.skip(skippable)
      offset += skippable
    }
    const { size } = await file.stat()
    if (offset > size) {
      throw new ImageError('corrupt-layer', `it ends inside "${last}", at byte ${size} of ${offset}`)
    }
    reader.end()
  } catch (caught) {
    if (!(caught instanceof ImageError)) throw caught
    throw new ImageError('not-an-image', `${path} is not a complete tar archive: ${reasonOf(caught)}`, {
      cause: caught
    })
  }
  return { find: (name) => Promise.resolve(files.get(cleanName(name)) ?? followLinks(cleanName(name))) }

  function followLinks(name: string): FileRange | undefined {
    let target = links.get(name)
    for (let hops = 0; target !== undefined && hops < 40; hops++) {
      const found = files.get(target)
      if (found !== undefined) return found
      target = links.get(target)
    }
    return undefined
  }
}

/** A name without `.`, `..`, doubled or leading slashes. It can't climb out of the folder or archive. */
function cleanName(name: string): string {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
