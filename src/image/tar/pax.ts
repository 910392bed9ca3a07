import { ImageError } from '../errors.js'

/** The records of a PAX header that change what an entry is. */
export type PaxRecords = {
  path?: Buffer
  linkPath?: Buffer
  size?: number
  uid?: number
  gid?: number
  /** Seconds since 1970, with a fraction; NaN where it is none. */
  modified?: number
  /** Full size of a sparse file; its map, if it is in the data, counts as stored bytes. */
  sparseSize?: number
  sparseName?: Buffer
  /** Extended attributes as they stand in the header, `key=value` one after the other. */
  attributes?: Buffer[]
}

const SPACE = 0x20
const EQUALS = 0x3d
const NEWLINE = 0x0a

/**
 * Reads the body of a PAX header: `length key=value\n`, again and again.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 * Throws `corrupt-layer` where a record's length does not fit.
 */
export function readPaxRecords(body: Buffer): PaxRecords {
  const records: PaxRecords = {}
  let at = 0
  while (at < body.length) {
    // A few writers pad the body with NULs.
    if (body[at] === 0) break
    const lengthEnd = body.indexOf(SPACE, at)
    const length = lengthEnd === -1 ? NaN : decimal(body.toString('latin1', at, lengthEnd))
    const end = at + length
    const keyEnd = body.indexOf(EQUALS, lengthEnd)
    if (!(end <= body.length) || keyEnd === -1 || keyEnd >= end || body[end - 1] !== NEWLINE) {
      throw new ImageError('corrupt-layer', 'a PAX header has a record whose length does not fit')
    }
    apply(
      records,
      body.toString('latin1', lengthEnd + 1, keyEnd),
      body.subarray(keyEnd + 1, end - 1),
      body.subarray(lengthEnd + 1, end)
    )
    at = end
  }
  return records
}

function apply(records: PaxRecords, key: string, value: Buffer, record: Buffer): void {
  // An empty value takes a record of a global header back.
  switch (key) {
    case 'path':
      if (value.length > 0) records.path = Buffer.from(value)
      return
    case 'linkpath':
      if (value.length > 0) records.linkPath = Buffer.from(value)
      return
    case 'size':
      records.size = wholeNumber(value, key)
      return
    case 'uid':
      records.uid = wholeNumber(value, key)
      return
    case 'gid':
      records.gid = wholeNumber(value, key)
      return
    case 'mtime':
      records.modified = Number(value.toString('latin1'))
      return
    // https://www.gnu.org/software/tar/manual/html_node/PAX-0.html: three versions of sparse files.
    case 'GNU.sparse.size':
    case 'GNU.sparse.realsize':
      records.sparseSize = wholeNumber(value, key)
      return
    case 'GNU.sparse.name':
      records.sparseName = Buffer.from(value)
      return
    default:
      if (key.startsWith('SCHILY.xattr.') || key.startsWith('LIBARCHIVE.xattr.')) {
        ;(records.attributes ??= []).push(Buffer.from(record))
      }
  }
}

function wholeNumber(value: Buffer, key: string): number {
  const number = decimal(value.toString('latin1'))
  if (!Number.isSafeInteger(number)) {
    throw new ImageError('corrupt-layer', `a PAX header's ${key} is not a whole number below 2^53`)
  }
  return number
}

function decimal(text: string): number {
  return /^[0-9]{1,17}$/.test(text) ? Number(text) : NaN
}
