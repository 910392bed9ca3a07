/**
 * Copies of reports without secrets: they may be uploaded, where nothing masks them. A secret may be in a path, and in XML its
 * halves may stand apart in the text and be one again for whoever reads it. Pure.
 */

type Redact = (text: string) => string

/** What opens a section that is no element, and what closes it. */
const SECTIONS: Readonly<Record<string, string>> = { '<!--': '-->', '<![CDATA[': ']]>', '<?': '?>' }

/**
 * The document without secrets, also those that comments, CDATA sections or references to characters take apart: where there
 * are such, it is written anew without these. Undefined where it declares entities, of which anything may be put together.
 */
export function cleanXML(text: string, redact: Redact): string | undefined {
  const prolog = text.slice(0, /<[A-Za-z_]/.exec(text)?.index)
  if (prolog.includes('<!ENTITY')) return undefined
  const cleaned = redact(text)
  const plain = plainXML(text)
  if (plain === text) return cleaned
  const cleanedPlain = redact(plain)
  return plainXML(cleaned) === cleanedPlain ? cleaned : cleanedPlain
}

/** The path without secrets, as one that no other file has. Artifacts take no `*` in a name. */
export function cleanPath(path: string, redact: Redact, taken: ReadonlySet<string>): string {
  const clean = redact(path).replaceAll('***', 'redacted')
  const [, stem = '', extension = ''] = /^([^]*?)(\.[A-Za-z]+)?$/.exec(clean) ?? []
  let free = clean
  for (let number = 2; taken.has(free); number++) free = `${stem}-${number}${extension}`
  return free
}

/** A document as its readers see it: without comments and instructions, CDATA as text, and each character written in one way. */
function plainXML(text: string): string {
  const pieces: string[] = []
  /** What nobody closes is not looked for again. */
  const unclosed = new Set<string>()
  const opening = /<!--|<!\[CDATA\[|<\?(?!xml\s)/g
  let at = 0
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const [mark] = match
    const close = SECTIONS[mark] ?? ''
    pieces.push(withPlainReferences(text.slice(at, match.index)))
    at = opening.lastIndex
    const end = unclosed.has(mark) ? -1 : text.indexOf(close, at)
    if (end === -1) {
      unclosed.add(mark)
      continue
    }
    if (mark === '<![CDATA[') pieces.push(escaped(text.slice(at, end)))
    at = end + close.length
    opening.lastIndex = at
  }
  pieces.push(withPlainReferences(text.slice(at)))
  return pieces.join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** References to characters by number as the characters, where these have nothing to say in XML, and else by name. */
function withPlainReferences(text: string): string {
  return text.replace(/&#(?:x0*([0-9a-f]{1,6})|0*(\d{1,7}));/gi, (all, hex: unknown, decimal: unknown) => {
    const code = typeof hex === 'string' ? parseInt(hex, 16) : Number(decimal)
    if (code < 0x20) return `&#${code};`
    return code > 0x10ffff ? all : (NAMED[String.fromCodePoint(code)] ?? String.fromCodePoint(code))
  })
}
