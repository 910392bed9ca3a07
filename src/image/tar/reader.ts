import { ImageError } from '../errors.js'
import type { Limits } from '../limits.js'
import { BLOCK_SIZE, isZero, readTarHeader, typeOfFlag, type TarEntryType, type TarHeader } from './header.js'
import { readPaxRecords, type PaxRecords } from './pax.js'

/** One entry of an archive, with its PAX and GNU extensions applied. Its paths may be views: valid until `entryEnd`, copy to keep. */
export type TarEntry = {
  readonly type: TarEntryType
  /** As written, so perhaps with a leading `./` or `/`, or with bytes that are no UTF-8. */
  readonly path: Buffer
  /** The path stands nowhere in the archive as a whole: it was joined from two fields. */
  readonly pathJoined: boolean
  readonly linkPath: Buffer
  /** The low twelve bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970; NaN where it is no number. */
  readonly modified: number
  /** Bytes of the file once extracted, holes included. */
  readonly size: number
  /** Bytes that follow in the archive: less than `size` for a sparse file. */
  readonly storedSize: number
  readonly deviceMajor: number
  readonly deviceMinor: number
  /** Extended attributes as PAX wrote them. */
  readonly attributes: readonly Buffer[]
  /** Where the first block that belongs to this entry begins in the archive, its extensions included. */
  readonly headerOffset: number
  /** Where its data begin in the archive. */
  readonly dataOffset: number
}

/** What a reader calls while it is fed. Content is a view on the chunk: copy what is to be kept. */
export type TarVisitor = {
  readonly entry: (entry: TarEntry) => void
  readonly content: (bytes: Buffer) => void
  readonly entryEnd: () => void
}

export type TarReader = {
  readonly write: (chunk: Buffer) => void
  /** Tells the reader that no more bytes come; throws `corrupt-layer` if that is in the middle of an entry. */
  readonly end: () => void
  /** Bytes of content that follow and may be left out by a caller with random access, through `skip`. */
  readonly skippable: () => number
  readonly skip: (bytes: number) => void
  /** Bytes other than zero after the end of the archive. The engines do not read them as files. */
  readonly trailing: () => number
}

const FLAG_PAX = 0x78
const FLAG_PAX_SOLARIS = 0x58
const FLAG_PAX_GLOBAL = 0x67
const FLAG_LONG_NAME = 0x4c
const FLAG_LONG_LINK = 0x4b

const none = Buffer.alloc(0)
const noAttributes: readonly Buffer[] = []

/**
 * Reads a tar archive that arrives in chunks of any size. Linear in the bytes, and keeps nothing but the current header.
 * An archive may end without its blocks of zeros; it may not end inside an entry.
 */
export function tarReader(visitor: TarVisitor, limits: Limits): TarReader {
  let state: 'header' | 'sparse map' | 'extension' | 'content' | 'padding' | 'end' = 'header'
  let offset = 0 // of the byte that `write` looks at, from the start of the archive
  let remaining = 0 // bytes left of the current extension, content or padding
  let padding = 0
  let zeroBlocks = 0
  let trailing = 0
  let entryStart = 0
  const partial = Buffer.alloc(BLOCK_SIZE)
  let partialLength = 0
  let pending: TarHeader | undefined // whose sparse map is being passed
  let extensionFlag = 0
  let extension: Buffer = none
  let pax: PaxRecords = {}
  let longName: Buffer | undefined
  let longLink: Buffer | undefined
  let fresh = true // no extension block of the next entry has been seen

  return { write, end, skippable: () => (state === 'content' ? remaining : 0), skip, trailing: () => trailing }

  function write(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      const before = at
      at = step(chunk, at)
      offset += at - before
    }
  }

  function step(chunk: Buffer, at: number): number {
    switch (state) {
      case 'header':
      case 'sparse map': {
        const take = Math.min(BLOCK_SIZE - partialLength, chunk.length - at)
        if (take === BLOCK_SIZE) {
          block(chunk, at, offset)
        } else {
          chunk.copy(partial, partialLength, at, at + take)
          partialLength += take
          if (partialLength === BLOCK_SIZE) {
            partialLength = 0
            block(partial, 0, offset + take - BLOCK_SIZE)
          }
        }
        return at + take
      }
      case 'extension': {
        const take = Math.min(remaining, chunk.length - at)
        chunk.copy(extension, extension.length - remaining, at, at + take)
        remaining -= take
        if (remaining === 0) endExtension()
        return at + take
      }
      case 'content': {
        const take = Math.min(remaining, chunk.length - at)
        visitor.content(at === 0 && take === chunk.length ? chunk : chunk.subarray(at, at + take))
        remaining -= take
        if (remaining === 0) endContent()
        return at + take
      }
      case 'padding': {
        const take = Math.min(remaining, chunk.length - at)
        remaining -= take
        if (remaining === 0) state = 'header'
        return at + take
      }
      case 'end':
        for (let index = at; index < chunk.length; index++) if (chunk[index] !== 0) trailing++
        return chunk.length
    }
  }

  function block(bytes: Buffer, at: number, blockOffset: number): void {
    if (state === 'sparse map') return sparseMapBlock(bytes, at, blockOffset)
    const header = located(blockOffset, () => readTarHeader(bytes, at))
    if (header === undefined) {
      // Two blocks of zeros end the archive; GNU tar, Go and libarchive also take one at the end of the file.
      if (++zeroBlocks === 2) state = 'end'
      return
    }
    if (zeroBlocks > 0) throw corrupt(blockOffset, 'an entry follows a block of zeros')
    if (fresh) {
      entryStart = blockOffset
      fresh = false
    }
    if (isExtension(header.flag)) return beginExtension(header, blockOffset)
    if (header.sparse?.extended === true) {
      // Its map blocks may overwrite the block that the names are views on.
      pending = { ...header, name: Buffer.from(header.name) }
      state = 'sparse map'
      return
    }
    located(blockOffset, () => {
      beginEntry(header, blockOffset + BLOCK_SIZE)
    })
  }

  function sparseMapBlock(bytes: Buffer, at: number, blockOffset: number): void {
    if (bytes[at + 504] !== 0 || pending === undefined) return
    const header = pending
    pending = undefined
    beginEntry(header, blockOffset + BLOCK_SIZE)
  }

  function beginExtension(header: TarHeader, blockOffset: number): void {
    if (header.size > limits.headerBytes) {
      throw new ImageError(
        'limit',
        `tar at byte ${blockOffset}: an extended header of ${header.size} bytes, more than ${limits.headerBytes}`
      )
    }
    extensionFlag = header.flag
    extension = Buffer.alloc(header.size)
    remaining = header.size
    padding = paddingOf(header.size)
    state = 'extension'
    if (remaining === 0) endExtension()
  }

  function endExtension(): void {
    const body = extension
    located(offset, () => {
      // Docker, containerd and BuildKit pass over global headers, so the files they extract do not show them either.
      if (extensionFlag === FLAG_PAX || extensionFlag === FLAG_PAX_SOLARIS) pax = { ...pax, ...readPaxRecords(body) }
      else if (extensionFlag === FLAG_LONG_NAME) longName = untilNul(body)
      else if (extensionFlag === FLAG_LONG_LINK) longLink = untilNul(body)
    })
    if (extensionFlag === FLAG_PAX_GLOBAL)
      fresh = longName === undefined && longLink === undefined && Object.keys(pax).length === 0
    pad()
  }

  function beginEntry(header: TarHeader, dataOffset: number): void {
    const path = pax.sparseName ?? pax.path ?? longName ?? header.name
    const linkPath = pax.linkPath ?? longLink ?? header.linkName
    if (path.length > limits.pathBytes || linkPath.length > limits.pathBytes) {
      const bytes = Math.max(path.length, linkPath.length)
      throw new ImageError(
        'limit',
        `tar at byte ${entryStart}: a path of ${bytes} bytes, more than ${limits.pathBytes}`
      )
    }
    const type = typeOfFlag(header.flag, path) ?? 'other'
    // Links, directories and devices have no content whatever their size field says, as in Go's archive/tar.
    const storedSize = type === 'file' || type === 'other' ? (pax.size ?? header.size) : 0
    const size = type === 'file' ? (pax.sparseSize ?? header.sparse?.realSize ?? storedSize) : 0
    visitor.entry({
      type,
      path,
      pathJoined: path === header.name && header.joined,
      linkPath: type === 'symlink' || type === 'hard-link' ? linkPath : none,
      mode: header.mode,
      uid: pax.uid ?? header.uid,
      gid: pax.gid ?? header.gid,
      modified: pax.modified ?? header.modified,
      size,
      storedSize,
      deviceMajor: header.deviceMajor,
      deviceMinor: header.deviceMinor,
      attributes: pax.attributes ?? noAttributes,
      headerOffset: entryStart,
      dataOffset
    })
    pax = {}
    longName = undefined
    longLink = undefined
    fresh = true
    remaining = storedSize
    padding = paddingOf(storedSize)
    state = 'content'
    if (remaining === 0) endContent()
  }

  function endContent(): void {
    visitor.entryEnd()
    pad()
  }

  function pad(): void {
    remaining = padding
    state = padding === 0 ? 'header' : 'padding'
  }

  function skip(bytes: number): void {
    if (state !== 'content' || bytes > remaining) throw new RangeError('only content can be skipped')
    offset += bytes
    remaining -= bytes
    if (remaining === 0) endContent()
  }

  function end(): void {
    if (state === 'end') return
    // Missing padding and a few zeros are a writer's habit; half an entry is a loss.
    const complete = state === 'padding' || (state === 'header' && isZero(partial, 0, partialLength))
    if (!complete || !fresh)
      throw corrupt(offset, `the archive ends inside ${state === 'header' ? 'a header' : `the ${state}`}`)
  }
}

function isExtension(flag: number): boolean {
  return typeOfFlag(flag, none) === undefined
}

function paddingOf(size: number): number {
  return (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE
}

function untilNul(body: Buffer): Buffer {
  const end = body.indexOf(0)
  return end === -1 ? body : body.subarray(0, end)
}

function corrupt(offset: number, reason: string): ImageError {
  return new ImageError('corrupt-layer', `tar at byte ${offset}: ${reason}`)
}

/** Runs a step and adds the place to what it throws. */
function located<Result>(offset: number, step: () => Result): Result {
  try {
    return step()
  } catch (caught) {
    if (caught instanceof ImageError && caught.code === 'corrupt-layer' && !caught.message.startsWith('tar at')) {
      throw new ImageError('corrupt-layer', `tar at byte ${offset}: ${caught.message}`, { cause: caught })
    }
    throw caught
  }
}
