/**
 * Cuts pasted text into pieces: blocks between BEGIN and END lines, public halves, base64 of either, and things that
 * are no key at all. Knows nothing of what is inside a key.
 */
import type { Unusable } from './explain.js'
import { isOpenSsh } from './format.js'
import { fingerprint } from './wire.js'

/** One thing found in the text. */
export type Piece =
  | { readonly kind: 'block'; readonly label: string; readonly content: string; readonly repairs: readonly string[] }
  /** The decoded body of an OpenSSH key that came without its BEGIN and END lines. */
  | { readonly kind: 'body'; readonly body: Buffer; readonly repairs: readonly string[] }
  | { readonly kind: 'public'; readonly fingerprint: string | undefined }
  | { readonly kind: 'unusable'; readonly reason: Unusable }

type Marker = { readonly word: 'BEGIN' | 'END'; readonly label: string; readonly start: number; readonly end: number }

// Lenient on dashes and on line breaks within the label; SSH2 public keys have four dashes and a space.
const MARKER = /-{2,}\s?(BEGIN|END)\s+([A-Z0-9][A-Z0-9\s]*?)\s?-{2,}/g
const PUBLIC_LINE =
  /((?:sk-)?(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+)(-cert-v01)?(?:@openssh\.com)?)\s+(AAAA[\w+/=]*)/g
const BASE64_BEGIN = 'LS0tLS1CRUdJTi' // "-----BEGIN" as base64 shows it

/** Cuts the text into its pieces, in their order. No piece means that there is nothing but white space and quotes. */
export function splitText(text: string, depth = 0): readonly Piece[] {
  const markers = findMarkers(text)
  const pieces: Piece[] = []
  let at = 0
  for (let index = 0; index < markers.length; index++) {
    const marker = markers[index]
    if (marker === undefined) break
    const outside = text.slice(at, marker.start)
    const around = splitOutside(outside, depth, markers.length > 0)
    pieces.push(...around)
    at = marker.end
    if (marker.word === 'END') {
      // An END without its BEGIN: fine where the body before it could be read, else the head is what is missing.
      if (!around.some((piece) => piece.kind === 'body')) replaceLast(pieces, around.length, 'headless')
      continue
    }
    const end = markers[index + 1]
    if (end?.word !== 'END') {
      pieces.push(unterminated(marker.label))
      at = end?.start ?? text.length
      continue
    }
    index++
    at = end.end
    if (end.label !== marker.label) pieces.push({ kind: 'unusable', reason: 'damaged' })
    else pieces.push(cutBlock(text, { begin: marker, end, outside }))
  }
  return [...pieces, ...splitOutside(text.slice(at), depth, markers.length > 0)]
}

function findMarkers(text: string): readonly Marker[] {
  return [...text.matchAll(MARKER)].map((match) => ({
    word: match[1] === 'BEGIN' ? 'BEGIN' : 'END',
    label: (match[2] ?? '').replace(/\s+/g, ' '),
    start: match.index,
    end: match.index + match[0].length
  }))
}

function replaceLast(pieces: Piece[], count: number, reason: Unusable): void {
  pieces.splice(pieces.length - count, count, { kind: 'unusable', reason })
}

function unterminated(label: string): Piece {
  if (label.endsWith('PUBLIC KEY')) return { kind: 'public', fingerprint: undefined }
  return { kind: 'unusable', reason: 'truncated' }
}

type Span = { readonly begin: Marker; readonly end: Marker; readonly outside: string }

function cutBlock(text: string, { begin, end, outside }: Span): Piece {
  const repairs: string[] = []
  const dashes = [text.slice(begin.start, begin.end), text.slice(end.start, end.end)]
  if (!dashes.every((line) => /^-{5}\S[^-]*\S-{5}$/.test(line))) repairs.push('completed the BEGIN and END lines')
  const after = text.slice(end.end)
  if (/["'`]\s*$/.test(outside) || /^(?:\s|\\+[rn])*["'`]/.test(after)) repairs.push('removed quotes')
  if (/(?:^|[\r\n])[ \t]+$/.test(outside) && /[\r\n]/.test(text)) repairs.push('removed indentation')
  if (isLeftOut(outside) || isLeftOut(after.split(/-{2,}\s?BEGIN/)[0] ?? ''))
    repairs.push('left out text beside the key')
  if (!/^[ \t"'`,]*(?:\r?\n|\\+[rn])/.test(after)) repairs.push('added the missing final newline')
  return { kind: 'block', label: begin.label, content: text.slice(begin.end, end.start), repairs }
}

function isLeftOut(outside: string): boolean {
  const rest = tidy(outside)
  return rest !== '' && classify(rest) === 'unknown' && !isBase64(rest)
}

/** Comments, white space, quotes and list punctuation around keys mean nothing. */
function tidy(outside: string): string {
  return outside
    .replace(/[\uFEFF\u200B]/g, '')
    .replace(/\u00A0/g, ' ')
    .replace(/\\+[rn]/g, '\n')
    .replace(/^\s*#.*$/gm, '')
    .replace(/^[\s"'`,[\]]+|[\s"'`,[\]]+$/g, '')
}

/** What stands outside of blocks. Unknown text beside a key is no problem of its own; alone it is. */
function splitOutside(outside: string, depth: number, besideKeys: boolean): readonly Piece[] {
  const rest = tidy(outside)
  if (rest === '') return []
  const publicLines = [...rest.matchAll(PUBLIC_LINE)]
  if (publicLines.length > 0) return publicLines.map((match) => publicPiece(match[2], match[3] ?? ''))
  const reason = classify(rest)
  if (reason === 'unknown' && isBase64(rest)) return splitBase64(rest, depth, besideKeys)
  return reason === 'unknown' && besideKeys ? [] : [{ kind: 'unusable', reason }]
}

function publicPiece(certificate: string | undefined, base64: string): Piece {
  if (certificate !== undefined) return { kind: 'unusable', reason: 'certificate' }
  return { kind: 'public', fingerprint: fingerprint(Buffer.from(base64, 'base64')) }
}

function classify(text: string): Unusable {
  if (text.includes('${{') || /^secrets\.\w+$/.test(text)) return 'expression'
  if (/PuTTY-User-Key-File-\d/.test(text)) return 'putty'
  if (text.includes('***')) return 'masked'
  if (/^\$\{?[A-Za-z_]\w*\}?$/.test(text) || /^%\w+%$/.test(text)) return 'variable'
  if (isPath(text)) return 'path'
  return 'unknown'
}

function isPath(text: string): boolean {
  if (text.length > 250 || /[\n=]/.test(text)) return false
  return (
    /^(?:~|\.{1,2}[\\/]|\/|[A-Za-z]:\\|\$HOME\b|file:)/.test(text) ||
    /(?:^|[\\/])id_\w+$|\.(?:pem|key|ppk|pub)$/.test(text)
  )
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/=\s]+$/.test(text)
}

/** Each key may be encoded for itself: a new one starts behind padding, or where "-----BEGIN" shows again. */
function splitBase64(text: string, depth: number, besideKeys: boolean): readonly Piece[] {
  const chunks = text.replace(/\s+/g, '').split(new RegExp(`(?<==)(?!=)|(?=${BASE64_BEGIN})`))
  return chunks
    .filter((chunk) => chunk !== '')
    .flatMap((chunk): readonly Piece[] => {
      const bytes = Buffer.from(chunk, 'base64')
      if (isOpenSsh(bytes)) return [{ kind: 'body', body: bytes, repairs: ['added the missing BEGIN and END lines'] }]
      if (/^AAAA[A-Z]3NzaC1|^AAAAE2VjZHNh/.test(chunk)) return [{ kind: 'public', fingerprint: fingerprint(bytes) }]
      if (bytes[0] === 0x30 && chunk.length > 64) return [{ kind: 'unusable', reason: 'headless' }]
      const decoded = bytes.toString('utf8')
      const telling = /^[\t\r\n\x20-\x7e\u00a0-\uffff]+$/.test(decoded) && !decoded.includes('\ufffd')
      if (telling && depth < 2) return splitText(decoded, depth + 1).map(fromBase64)
      if (chunk.length < 64) return besideKeys ? [] : [{ kind: 'unusable', reason: 'unknown' }]
      return [{ kind: 'unusable', reason: 'garbage' }]
    })
}

function fromBase64(piece: Piece): Piece {
  if (piece.kind !== 'block' && piece.kind !== 'body') return piece
  return { ...piece, repairs: ['decoded base64', ...piece.repairs] }
}
