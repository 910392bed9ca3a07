/** The text of a key from how it was written down: armour in base64, in hex or percent-encoded is armour all the same. */
import { PUTTY_MARK } from './private_key.js'
import type { KeyWriting } from './needles.js'

/** What programs put at the end of a line, around it, and before the next. */
const lineBreak = /(?:\s|\\[nr]?|["'`]\s*[+,.;&]?\s*)+/y

/** @param text from the mark on, latin1 */
export function writtenOut(text: string, writing: KeyWriting): string {
  switch (writing.as) {
    case 'raw':
      return text
    case 'base64':
      return fromBase64(text, writing.skew)
    case 'hex':
      return fromHex(text)
    case 'url':
      return fromURL(text)
  }
}

/** Decodes a base64 text whose first character is not on a border of four. The first byte is lost; it was the mark's first. */
function fromBase64(text: string, skew: 0 | 1 | 2): string {
  const run = joined(text, /^[A-Za-z0-9+/]+/)
  const decoded = Buffer.from('A'.repeat(Math.ceil((skew * 8) / 6)) + run, 'base64').toString('latin1')
  const putty = decoded.slice(0, 40).indexOf(PUTTY_MARK.slice(1))
  if (putty !== -1) return PUTTY_MARK.slice(0, 1) + decoded.slice(putty)
  const begin = decoded.slice(0, 40).indexOf('BEGIN ')
  return begin === -1 ? '' : `-----${decoded.slice(begin)}`
}

function fromHex(text: string): string {
  const run = joined(text, /^[0-9a-fA-F]+/)
  return Buffer.from(run, 'hex').toString('latin1')
}

function fromURL(text: string): string {
  const run = /^[^\s"'<>&]+/.exec(text)?.[0] ?? ''
  const spaced = run.slice(0, 30).includes('BEGIN+') ? run.replaceAll('+', ' ') : run
  return spaced.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The text up to where it stops to be of an alphabet, line ends taken out. */
function joined(text: string, alphabet: RegExp): string {
  let run = ''
  for (let at = 0; at < text.length;) {
    const part = alphabet.exec(text.slice(at, at + 4096))?.[0]
    if (part === undefined) return run
    run += part
    at += part.length
    lineBreak.lastIndex = at
    const gap = lineBreak.exec(text)
    if (gap?.index === at) at += gap[0].length
  }
  return run
}
