/** Values that are handed over in base64 and decoded by the build: a keystore, or a file that a variable could not hold. */
import { isUtf8 } from 'node:buffer'
import { textOf } from './secret_encodings.js'

/**
 * Bytes from which on a value counts as base64 of a text, and of other bytes. A word or a password decodes to a text by a rare
 * chance alone, and then to one that stands nowhere. Any letters decode to some bytes: these have to be many, and their base64
 * has to have what a machine's has.
 */
const SHORTEST_TEXT = 8
const SHORTEST_BYTES = 16

/** A line of base64 that is followed by others is at least so long. */
const SHORTEST_LINE = 16

/** Everybody has it, also in base64. */
const PUBLIC = /^-----BEGIN (?:[A-Z0-9]+ ){0,3}(?:CERTIFICATE|PUBLIC KEY)/

/** What a value stands for; `text` where that is one. */
export type Decoded = { readonly bytes: Buffer; readonly text: string | undefined }

/**
 * What a value stands for that is base64 from its first to its last character, in either alphabet, with or without padding, in
 * one line or in lines of one length. Undefined for what only looks like it: a word, hex digits, what has bits left over; and
 * for certificates and public keys.
 */
export function decodedBase64(value: string): Decoded | undefined {
  const bytes = fromBase64(value)
  if (bytes === undefined || bytes.length < SHORTEST_TEXT) return undefined
  const one = value.replace(/[\s=]+/g, '')
  const again = bytes.toString(/[-_]/.test(one) ? 'base64url' : 'base64').replace(/=+$/, '')
  if (again !== one) return undefined
  const text = readableText(bytes)
  if (text !== undefined) return PUBLIC.test(text) && !text.includes('PRIVATE KEY') ? undefined : { bytes, text }
  const isMachineMade = /[A-Z]/.test(one) && /[a-z]/.test(one) && /[0-9+/_-]/.test(one)
  return bytes.length >= SHORTEST_BYTES && isMachineMade ? { bytes, text } : undefined
}

/** The text of UTF-8, or of UTF-16 with a mark: in any other encoding any bytes are a text. */
function readableText(bytes: Buffer): string | undefined {
  const isMarked = /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))
  const text = isUtf8(bytes) || isMarked ? textOf(bytes) : undefined
  return text === undefined || /[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\ufffd]/.test(text) ? undefined : text
}

/** The bytes where the file itself says that it is base64, as `auth` of a docker configuration does: whatever they are. */
export function fromBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/_=\s-]{8,}$/.test(text)) return undefined
  const lines = text
    .trim()
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
  const [first = ''] = lines
  const last = lines.length - 1
  if (last > 0 && first.length < SHORTEST_LINE) return undefined
  const isEven = lines.every(({ length }, at) => length === first.length || (at === last && length < first.length))
  const one = lines.join('')
  return isEven && /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/.test(one) ? Buffer.from(one, 'base64') : undefined
}
