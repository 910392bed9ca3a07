import { ImageError } from '../errors.js'

/** What a tar entry is. `other` is a type flag that neither POSIX nor GNU tar gives a meaning the engines share. */
export type TarEntryType =
  'file' | 'hard-link' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo' | 'other'

/** The numbers of one 512-byte header block, before any PAX or GNU extension is applied. */
export type TarHeader = {
  /** The raw flag as a byte, since extensions are flags too. */
  readonly flag: number
  readonly name: Buffer
  /** The name was joined from two fields, and stands nowhere in the archive as a whole. */
  readonly joined: boolean
  readonly linkName: Buffer
  /** Permission bits with setuid, setgid and sticky: the low twelve. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes stored after the header. */
  readonly size: number
  /** Seconds since 1970; NaN where the field is none, since nothing depends on it. */
  readonly modified: number
  readonly deviceMajor: number
  readonly deviceMinor: number
  /** For GNU's old sparse type: the file's full size, and whether more map blocks follow. */
  readonly sparse: { readonly realSize: number; readonly extended: boolean } | undefined
}

export const BLOCK_SIZE = 512

const SLASH = 0x2f
const FLAG_SPARSE = 0x53 // 'S'

/**
 * Reads one header block: POSIX ustar, GNU and v7.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * Returns undefined for a block of zeros. Throws `corrupt-layer` for a wrong checksum or a number that cannot be.
 * Names are views on the block: copy what is to outlive it.
 */
export function readTarHeader(block: Buffer, start: number): TarHeader | undefined {
  const stored = checksumField(block, start)
  const actual = checksum(block, start)
  if (stored === undefined || (stored !== actual && stored !== signedChecksum(block, start))) {
    if (isZero(block, start, start + BLOCK_SIZE)) return undefined
    throw new ImageError('corrupt-layer', 'a tar header has a wrong checksum')
  }
  const flag = block[start + 156]!
  // "ustar\0" is POSIX and has a name prefix; "ustar  " is GNU and keeps other things there.
  const joined = block[start + 345] !== 0 && block.toString('latin1', start + 257, start + 263) === 'ustar\0'
  return {
    flag,
    name: joined ? joinedName(block, start) : field(block, start, 100),
    joined,
    linkName: field(block, start + 157, 100),
    mode: readNumber(block, start + 100, 8) & 0o7777,
    uid: readNumber(block, start + 108, 8),
    gid: readNumber(block, start + 116, 8),
    size: readNumber(block, start + 124, 12),
    modified: readTime(block, start + 136, 12),
    deviceMajor: readNumber(block, start + 329, 8),
    deviceMinor: readNumber(block, start + 337, 8),
    sparse:
      flag === FLAG_SPARSE
        ? { realSize: readNumber(block, start + 483, 12), extended: block[start + 482] !== 0 }
        : undefined
  }
}

/** The type for a flag; undefined for flags that describe the next entry rather than being one. */
export function typeOfFlag(flag: number, name: Buffer): TarEntryType | undefined {
  switch (flag) {
    case 0x00: // v7 wrote directories as files whose name ends in a slash
      return name.at(-1) === SLASH ? 'directory' : 'file'
    case 0x30: // '0'
    case 0x37: // '7', contiguous
      return 'file'
    case 0x31:
      return 'hard-link'
    case 0x32:
      return 'symlink'
    case 0x33:
      return 'character-device'
    case 0x34:
      return 'block-device'
    case 0x35:
      return 'directory'
    case 0x36:
      return 'fifo'
    case FLAG_SPARSE:
      return 'file'
    case 0x78: // 'x' PAX for the next entry
    case 0x67: // 'g' PAX for all that follow
    case 0x58: // 'X' Solaris' PAX
    case 0x4c: // 'L' GNU long name
    case 0x4b: // 'K' GNU long link name
      return undefined
    default:
      return 'other'
  }
}

/**
 * A number field: octal text, or base 256 when the first byte's top bit is set.
 * Throws `corrupt-layer` for other text, a negative number or one beyond 2^53.
 */
export function readNumber(block: Buffer, start: number, length: number): number {
  const first = block[start]!
  if (first >= 0x80) return readBase256(block, start, length)
  let value = 0
  let at = start
  const end = start + length
  while (at < end && (block[at] === 0x20 || block[at] === 0)) at++
  for (; at < end; at++) {
    const byte = block[at]!
    if (byte === 0x20 || byte === 0) break
    if (byte < 0x30 || byte > 0x37) throw new ImageError('corrupt-layer', 'a tar header has a number that is not octal')
    value = value * 8 + (byte - 0x30)
  }
  return value
}

/** As `readNumber`, of octal text alone: other times are before 1970 or after the year 2242. */
function readTime(block: Buffer, start: number, length: number): number {
  let value = 0
  for (let at = start; at < start + length; at++) {
    const byte = block[at]!
    if (byte === 0x20 || byte === 0) continue
    if (byte < 0x30 || byte > 0x37) return NaN
    value = value * 8 + (byte - 0x30)
  }
  return value
}

function readBase256(block: Buffer, start: number, length: number): number {
  if (block[start]! >= 0xc0) throw new ImageError('corrupt-layer', 'a tar header has a negative number')
  let value = block[start]! & 0x3f
  for (let at = start + 1; at < start + length; at++) value = value * 256 + block[at]!
  if (!Number.isSafeInteger(value)) throw new ImageError('corrupt-layer', 'a tar header has a number beyond 2^53')
  return value
}

/** A text field, up to its first NUL. */
function field(block: Buffer, start: number, length: number): Buffer {
  let end = start
  while (end < start + length && block[end] !== 0) end++
  return block.subarray(start, end)
}

function joinedName(block: Buffer, start: number): Buffer {
  return Buffer.concat([field(block, start + 345, 155), Buffer.of(SLASH), field(block, start, 100)])
}

function checksumField(block: Buffer, start: number): number | undefined {
  try {
    return readNumber(block, start + 148, 8)
  } catch {
    return undefined
  }
}

/** The sum of the block's bytes with its own eight read as spaces. */
function checksum(block: Buffer, start: number): number {
  let sum = 8 * 0x20
  for (let at = start; at < start + 148; at++) sum += block[at]!
  for (let at = start + 156; at < start + BLOCK_SIZE; at++) sum += block[at]!
  return sum
}

/** Some old Unix tars summed signed characters. */
function signedChecksum(block: Buffer, start: number): number {
  let high = 0
  for (let at = start; at < start + BLOCK_SIZE; at++)
    if (block[at]! >= 0x80 && (at < start + 148 || at >= start + 156)) high++
  return checksum(block, start) - 256 * high
}

export function isZero(block: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (block[at] !== 0) return false
  return true
}
