/** The ways in which builds write a value down. The README and docs/analysis.md claim exactly these. */
import { isUtf8 } from 'node:buffer'

/** How a value was written where it was found. */
export type Encoding = 'raw' | 'base64' | 'base64url' | 'url' | 'json' | 'xml' | 'quoted' | 'utf16' | 'hex'

/** One way to write a value, as the bytes to look for. */
export type EncodedValue = {
  readonly encoding: Encoding
  readonly bytes: Buffer
  /** Base64 and hex are broken into lines. */
  readonly mayWrap: boolean
}

/** A form of fewer bytes is not looked for: it would be found by chance. */
export const SHORTEST_FORM = 6

/** Every form of a value but the value itself, each once. */
export function encodingsOf(value: Buffer): readonly EncodedValue[] {
  const forms: EncodedValue[] = []
  const seen = new Set([value.toString('latin1')])
  const add = (encoding: Encoding, form: string | Buffer) => {
    const bytes = typeof form === 'string' ? Buffer.from(form, 'utf8') : form
    const key = bytes.toString('latin1')
    if (seen.has(key) || bytes.length < SHORTEST_FORM) return
    seen.add(key)
    forms.push({ encoding, bytes, mayWrap: ['base64', 'base64url', 'hex'].includes(encoding) })
  }
  for (const form of rawForms(value)) add('raw', form)
  const text = textOf(value)
  // PowerShell makes base64 of UTF-16.
  for (const bytes of [value, ...(text === undefined ? [] : [Buffer.from(text, 'utf16le')])]) {
    for (const skew of [0, 1, 2] as const) {
      const form = base64At(bytes, skew)
      add('base64', form)
      add('base64url', form.replaceAll('+', '-').replaceAll('/', '_'))
    }
  }
  add('hex', value.toString('hex'))
  add('hex', value.toString('hex').toUpperCase())
  for (const form of urlForms(value)) add('url', form)
  if (text !== undefined) {
    for (const form of jsonForms(text)) add('json', form)
    for (const form of xmlForms(text)) add('xml', form)
    for (const form of quotedForms(text)) add('quoted', form)
    for (const form of utf16Forms(text)) add('utf16', form)
  }
  return forms
}

/**
 * The value as tools hand it on that work on text: with line ends of one kind, from Latin-1 to UTF-8 and back, and what a
 * program makes of it that takes it for UTF-8 when it is not.
 */
export function rawForms(value: Buffer): readonly Buffer[] {
  const wide = fromUTF16(value)
  if (wide !== undefined) return [value, ...rawForms(Buffer.from(wide.trim()))]
  const bytes = value.toString('latin1')
  const lineFeeds = bytes.replace(/\r\n?/g, '\n')
  const forms = /[\r\n]/.test(bytes) ? [bytes, lineFeeds, lineFeeds.replaceAll('\n', '\r\n')] : [bytes]
  return forms.flatMap((form) => {
    const plain = Buffer.from(form, 'latin1')
    if (/^[\0-\x7f]*$/.test(form)) return [plain]
    const text = textOf(plain)
    if (isUtf8(plain)) {
      return text !== undefined && /^[\0-\xff]*$/.test(text) ? [plain, Buffer.from(text, 'latin1')] : [plain]
    }
    const broken = plain.toString('utf8')
    const telling = broken.replaceAll('\ufffd', '').length >= SHORTEST_FORM
    return [
      plain,
      ...(text === undefined ? [] : [Buffer.from(text, 'utf8')]),
      ...(telling ? [Buffer.from(broken, 'utf8')] : [])
    ]
  })
}

/**
 * A value as text, without a mark at its start: UTF-16 with its mark, UTF-8, or else Latin-1 where it has nothing but letters and
 * signs of it. Undefined for other bytes.
 */
export function textOf(value: Buffer): string | undefined {
  const wide = fromUTF16(value)
  if (wide !== undefined) return wide
  const bare = withoutMark(value)
  if (isUtf8(bare)) return bare.includes(0) ? undefined : bare.toString('utf8')
  const text = bare.toString('latin1')
  return /^[\t\r\n\x20-\x7e\xa0-\xff]*$/.test(text) ? text : undefined
}

/** A value without the byte order mark of UTF-8, which programs take off before they read on. */
export function withoutMark(value: Buffer): Buffer {
  return value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf ? value.subarray(3) : value
}

/** The text of a file that PowerShell wrote: UTF-16 with a mark at its start. */
function fromUTF16(value: Buffer): string | undefined {
  const mark = value.length > 2 ? value.readUInt16BE() : 0
  if (mark !== 0xfffe && mark !== 0xfeff) return undefined
  // A last line end may have been taken off, of which one byte is left.
  const even = Buffer.from(value.subarray(0, value.length & ~1))
  const text = (mark === 0xfffe ? even : even.swap16()).toString('utf16le').slice(1)
  return /^[^\0-\x08\ufffd\ufffe]*$/.test(text) ? text : undefined
}

/**
 * The characters of a base64 text that depend on nothing but the value, when `skew` bytes (modulo 3) come before it and
 * anything after. https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
export function base64At(value: Buffer, skew: 0 | 1 | 2): string {
  const text = Buffer.concat([Buffer.alloc(skew), value]).toString('base64')
  const first = Math.ceil((skew * 8) / 6)
  const last = Math.floor(((skew + value.length) * 8) / 6)
  return text.slice(first, last)
}

/** What each way of percent-encoding leaves as it is, besides letters, digits, `-`, `_` and `.`. */
const unescaped = [
  "~!*'()", // encodeURIComponent
  '~', // RFC 3986
  '~/', // Python's quote
  "~!*'();/?:@&=+$,#", // encodeURI
  '*' // HTML forms
].map((others) => new Set(Buffer.from(`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.${others}`)))

/** Percent-encoded byte by byte, with upper- and lower-case hex digits; in form style a blank is a plus. */
function urlForms(value: Buffer): readonly string[] {
  const forms = unescaped.map((kept) => percentEncoded(value, kept))
  return [...forms, ...forms.slice(-1).map((form) => form.replaceAll('%20', '+'))].flatMap((upper) => [
    upper,
    upper.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  ])
}

/** Every byte of a value that is not kept as `%XX`. */
export function percentEncoded(value: Buffer, kept: ReadonlySet<number>): string {
  return Array.from(value, (byte) =>
    kept.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  ).join('')
}

const ascii = /[\u007f-\uffff]/g

/**
 * Inside a JSON string as JavaScript, Go and Rails (which escape <, > and &), Gson (= and ' as well), .NET (+, `, quotes and all
 * beyond ASCII), PHP (which escapes /) and ASCII-only writers do it, and JSON inside JSON.
 */
function jsonForms(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1)
  const html = escaped(plain, /[<>&\u2028\u2029]/g)
  const gson = escaped(plain, /[<>&='\u2028\u2029]/g)
  const onlyASCII = escaped(plain, ascii)
  const net = escaped(escaped(plain.replaceAll('\\"', '\\u0022'), /[<>&+'`]/g), ascii)
  const php = escaped(escaped(plain.replaceAll('\\"', '\\u0022'), /[<>&']/g), ascii)
  const forms = [plain, html, gson, onlyASCII, net, php]
  return [...forms, ...forms.map((form) => form.replaceAll('/', '\\/'))].flatMap((form) => {
    const upper = form.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`)
    return [form, upper, JSON.stringify(form).slice(1, -1), JSON.stringify(upper).slice(1, -1)]
  })
}

function escaped(form: string, characters: RegExp): string {
  return form.replace(characters, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * In XML and HTML, as text and in an attribute, as Java, Python, Go, .NET and browsers write it: a settings.xml, a JUnit report.
 * Quotes have a name or a number, and the blanks of an attribute a number. https://www.w3.org/TR/xml/#syntax
 */
function xmlForms(text: string): readonly string[] {
  const asText = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const both = asText.replaceAll('>', '&gt;')
  const double = both.replaceAll('"', '&quot;')
  const quoted = [
    double,
    double.replaceAll("'", '&apos;'),
    double.replaceAll("'", '&#39;'),
    double.replaceAll("'", '&#x27;'),
    both.replaceAll('"', '&#34;').replaceAll("'", '&#39;')
  ]
  const decimal = quoted.map((form) => form.replace(/[\t\r\n]/g, (blank) => `&#${blank.charCodeAt(0)};`))
  const hex = decimal.map((form) =>
    form.replaceAll('&#9;', '&#x9;').replaceAll('&#10;', '&#xA;').replaceAll('&#13;', '&#xD;')
  )
  return [asText, both, ...quoted, ...decimal, ...hex]
}

/**
 * In a file of settings or a script: as shells write it (`printf %q`, `export -p`, `${value@Q}`, Python's shlex), in YAML and SQL
 * between single quotes, in Python and JavaScript, and as Java's properties do it.
 */
function quotedForms(text: string): readonly string[] {
  const onOneLine = (form: string): string => form.replaceAll('\r', '\\r').replaceAll('\n', '\\n')
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll("'", "''"),
    text.replace(/[\\"$`]/g, '\\$&'),
    text.replace(/[ !"$&'()*,;<>?[\\\]^`{|}]/g, '\\$&'),
    onOneLine(text.replace(/[\\']/g, '\\$&')),
    onOneLine(text.replace(/[\\=:#!]/g, '\\$&'))
  ]
}

/** As PowerShell and other programs of Windows write files, in either order of bytes. */
function utf16Forms(text: string): readonly Buffer[] {
  return [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()]
}
