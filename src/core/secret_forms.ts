/**
 * What of a secret is looked for: the one list for everything that looks for secrets, in images, layer caches, cache mounts,
 * logs and reports. Each piece is then looked for in the encodings of secret_encodings.ts.
 */
import { count } from './units.js'
import { isUtf8 } from 'node:buffer'
import { decodedBase64 } from './base64_text.js'
import { SHORTEST_FORM, textOf, withoutMark } from './secret_encodings.js'
import { DEEPEST_BASE64, decodedWords, looksLikePassword, looksLikeToken, secretParts } from './secret_parts.js'

/** A piece of a secret. */
export type SecretPiece = {
  readonly extent: 'whole' | 'part'
  readonly bytes: Buffer
  /** What a part is, in words that may be shown: "the value after `_authToken=`". */
  readonly part?: string
  /** Taken out of texts, and not looked for in images: an ordinary word or line, which is found by chance. */
  readonly common: boolean
}

/** A secret in pieces. */
export type SecretForms = {
  readonly pieces: readonly SecretPiece[]
  /** Why the value as a whole is not looked for in images; a clause. */
  readonly unsearched?: string
}

/** Bytes from which on a value, a line of it or a part of it is looked for: what the runner masks. */
export const SHORTEST_SECRET = SHORTEST_FORM

/** Below this length a value is not looked for in an image if it is a word, a number or a few hex digits. */
const SHORTEST_WORD = 12
const SHORTEST_HEX = 8

/** A piece is made of at least so many different bytes: `xxxxxx` and `------` stand in any file. */
const FEWEST_BYTES = 4

/** The first and the last line of a key file are the same for everyone. */
const PEM_BOUNDARY = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/

/** All pieces of a value, each once, the whole first; and of what it stands for, where it is base64. */
export function secretForms(given: Buffer): SecretForms {
  const whole = bareValue(given)
  const reason = tooPlain(whole)
  if (reason !== undefined) return { pieces: [], unsearched: reason }
  const word = commonWord(whole)
  const pieces: SecretPiece[] = [{ extent: 'whole', bytes: whole, common: word !== undefined }]
  const seen = new Set([whole.toString('latin1')])
  const add = (piece: Omit<SecretPiece, 'extent'>) => {
    const key = piece.bytes.toString('latin1')
    if (seen.has(key) || tooPlain(piece.bytes) !== undefined) return
    seen.add(key)
    pieces.push({ extent: 'part', ...piece })
  }
  let value: Buffer | undefined = whole
  for (let depth = 0; value !== undefined && depth <= DEEPEST_BASE64; depth++) {
    if (depth > 0) add({ part: decodedWords('the value'), bytes: value, common: commonWord(value) !== undefined })
    addTexts(value)
    const decoded = decodedBase64(textOf(value) ?? '')
    value = decoded === undefined ? undefined : bareValue(decoded.bytes)
  }
  return { pieces, ...(word === undefined ? {} : { unsearched: word }) }

  function addTexts(value: Buffer): void {
    const text = textOf(value)
    if (text === undefined) return
    const encoding = isUtf8(value) || /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1'
    for (const { part, text: own } of secretParts(text)) {
      add({ part, bytes: Buffer.from(own, encoding), common: false })
      const decoded = decodedBase64(own)
      // Of a text the parts know.
      if (decoded !== undefined && decoded.text === undefined) {
        add({ part: decodedWords(part), bytes: decoded.bytes, common: false })
      }
    }
    for (const line of maskedLines(text)) {
      add({ bytes: Buffer.from(line, encoding), common: !looksLikeToken(line) && !looksLikePassword(line) })
    }
  }
}

/**
 * The lines of a value that the runner is told to mask, and so all other texts hide. It masks every line of a value that it is
 * given, even a lone `{`, so it gets them one by one.
 * https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs (AddMaskCommandExtension)
 */
export function maskedLines(value: string): readonly string[] {
  const lines = value
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_SECRET && new Set(line).size >= FEWEST_BYTES && !PEM_BOUNDARY.test(line))
  return [...new Set(lines)]
}

/** Why a piece is never looked for, or undefined. */
function tooPlain(bytes: Buffer): string | undefined {
  if (bytes.length < SHORTEST_SECRET) return `it has ${count(bytes.length, 'byte')}, fewer than ${SHORTEST_SECRET}`
  const distinct = new Set(bytes.subarray(0, 512)).size
  return distinct < FEWEST_BYTES ? `it is made of ${distinct} different characters` : undefined
}

/** Why a value would be found in any image, or undefined. */
export function commonWord(bytes: Buffer): string | undefined {
  if (bytes.length >= SHORTEST_WORD) return undefined
  const text = bytes.toString('latin1')
  if (/^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)$/.test(text)) return 'it is a single word, which any image may have'
  if (/^[0-9]+$/.test(text)) return 'it is a short number, which any image may have'
  return bytes.length < SHORTEST_HEX && /^[0-9a-f]+$/i.test(text)
    ? 'it is a few hex digits, which any image may have'
    : undefined
}

/** A value without the blanks around it, and without a mark of UTF-8 before it. */
export function bareValue(marked: Buffer): Buffer {
  const value = withoutMark(marked)
  const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
  let start = 0
  let end = value.length
  while (start < end && isBlank(value[start])) start++
  while (end > start && isBlank(value[end - 1])) end--
  return value.subarray(start, end)
}
