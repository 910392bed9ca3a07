/** How a value was written where it was found. */
export type Encoding = 'raw' | 'base64' | 'base64url' | 'url' | 'json' | 'hex'

/** One way to write a value, as the bytes to look for. */
export type EncodedValue = { readonly encoding: Encoding; readonly bytes: Buffer }

/** Every form a value is searched in, each once: forms that equal an earlier one are left out. */
export function encodingsOf(value: Buffer): readonly EncodedValue[] {
  const forms: EncodedValue[] = [{ encoding: 'raw', bytes: value }]
  const seen = new Set([value.toString('latin1')])
  const add = (encoding: Encoding, text: string) => {
    const bytes = Buffer.from(text, 'utf8')
    const key = bytes.toString('latin1')
    if (seen.has(key)) return
    seen.add(key)
    forms.push({ encoding, bytes })
  }
  for (const skew of [0, 1, 2] as const) {
    const text = base64At(value, skew)
    add('base64', text)
    add('base64url', text.replaceAll('+', '-').replaceAll('/', '_'))
  }
  add('hex', value.toString('hex'))
  add('hex', value.toString('hex').toUpperCase())
  const text = value.toString('utf8')
  // Bytes that are no text have no URL or JSON form.
  if (Buffer.from(text, 'utf8').equals(value)) {
    for (const form of urlForms(text)) add('url', form)
    for (const form of jsonForms(text)) add('json', form)
  }
  return forms
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

/** Percent-encoded as browsers, RFC 3986 and HTML forms do it, with upper- and lower-case hex digits. */
function urlForms(text: string): readonly string[] {
  const component = encodeURIComponent(text.toWellFormed())
  const strict = component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = strict.replaceAll('%20', '+')
  return [component, strict, form].flatMap((upper) => [
    upper,
    upper.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  ])
}

/** Inside a JSON string as JavaScript, Go (which escapes <, > and &), PHP (which escapes /) and ASCII-only writers do it. */
function jsonForms(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1)
  const escaped = (form: string, characters: RegExp) =>
    form.replace(characters, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const ascii = escaped(plain, /[\u007f-\uffff]/g)
  return [
    plain,
    escaped(plain, /[<>&\u2028\u2029]/g),
    plain.replaceAll('/', '\\/'),
    ascii,
    ascii.replaceAll('/', '\\/')
  ]
}
