/**
 * Takes injected secrets out of texts that leave the run by a way the runner does not mask (API calls, files), and out
 * of the log stream before anything else sees it. Knows the values, so it needs no patterns and has no false alarms.
 */

/** A secret that was handed to the build. */
export type Secret = { readonly id: string; readonly value: string }

/**
 * Shorter values are left alone: replacing every `dev` or `{` would ruin the text and tell more than it hides.
 * The same floor holds for every encoded form.
 */
export const SHORTEST_VALUE = 6

/** A line of a multi-line value is replaced on its own from this length on: `}` and `"type": 1` are no secrets. */
export const SHORTEST_LINE = 12

/** What stands in the place of a secret. */
export const REDACTED = '***'

/** Length of the piece by which a hidden form is recognised at first; at most SHORTEST_VALUE. */
const PREFIX = 4

/** Length of the pieces by which base64 is recognised that was folded into lines at an unknown place. */
const PIECE = 12

/** From one piece to the next: they overlap, so what follows without a gap is found without a gap. */
const PIECE_STEP = 4

/** Base64 beyond this length is not looked for in pieces: a secret of 100 kB would have 100,000 of them. */
const LONGEST_IN_PIECES = 8192

/** Lines of one value that are also looked for encoded one by one; of further lines only the raw form is. */
const MOST_ENCODED_LINES = 256

/** The first lines of key files are the same for everyone. */
const PEM_BOUNDARY = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/

/**
 * A function that replaces every secret, in each form it may have taken, by `***`. Meant for a log stream: one pass
 * over the text whatever the number of secrets, nothing at all without secrets.
 */
export function createRedactor(secrets: readonly Secret[]): (text: string) => string {
  const forms = new Set(secrets.flatMap(({ value }) => hiddenForms(value)))
  if (forms.size === 0) return (text) => text
  const finder = createFinder([...forms])
  return (text) => replaceSpans(text, finder(text))
}

/**
 * The same value with every string in it redacted; keys stay. Redact the model, not the rendering: a renderer escapes
 * characters, and an escaped secret is not found any more.
 */
export function redacted<T>(value: T, redact: (text: string) => string): T {
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return redact(part)
    if (Array.isArray(part)) return part.map(walk)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, entry]: [string, unknown]) => [key, walk(entry)]))
  }
  // Strings become strings, and everything else keeps its shape.
  return walk(value) as T
}

/** Every form of a value that is looked for. */
function hiddenForms(value: string): string[] {
  const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim())
  const ownLines =
    lines.length === 1 ? [] : lines.filter((line) => line.length >= SHORTEST_LINE && !PEM_BOUNDARY.test(line))
  const lineFeeds = value.replace(/\r\n?/g, '\n')
  const wholes = [value, lineFeeds, lineFeeds.replaceAll('\n', '\r\n')].flatMap((whole) => [whole, whole.trim()])
  return [...new Set([...wholes, ...ownLines])]
    .filter((raw) => raw.trim().length >= SHORTEST_VALUE)
    .flatMap((raw, index) => [raw, ...(index < MOST_ENCODED_LINES ? encodings(raw) : [])])
    .filter((form) => form.length >= SHORTEST_VALUE)
    .concat(base64Pieces(value))
}

function encodings(raw: string): string[] {
  const bytes = Buffer.from(raw, 'utf8')
  const hex = bytes.toString('hex')
  const url = encodeURIComponent(raw.toWellFormed())
  const json = JSON.stringify(raw).slice(1, -1)
  return [
    ...base64Forms(bytes),
    hex,
    hex.toUpperCase(),
    url,
    url.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()),
    url.replaceAll('%20', '+'),
    encodeURI(raw.toWellFormed()),
    // The four marks that encodeURIComponent leaves and other languages escape.
    url.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`),
    json,
    json.replace(/[<>&]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`),
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1)
  ]
}

/**
 * Base64 of the value wherever it starts inside a longer text: at the first, second or third byte of a group. Only the
 * characters that hold nothing but the value; and the lines into which the `base64` command (76) and PEM (64) fold.
 */
function base64Forms(bytes: Buffer): string[] {
  const unfolded = unfoldedBase64(bytes)
  const whole = bytes.toString('base64')
  const folded = [64, 76].flatMap((width) =>
    whole.length <= width ? [] : (whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
  )
  const standard = [whole, ...unfolded, ...folded]
  return standard.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')])
}

function unfoldedBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })
}

/**
 * Pieces of the base64: in `echo "user:$TOKEN" | base64` the fold may fall anywhere into the token. Overlapping finds
 * are one, so at most the few characters beside a fold remain.
 */
function base64Pieces(value: string): string[] {
  return unfoldedBase64(Buffer.from(value, 'utf8'))
    .filter((form) => form.length > PIECE && form.length <= LONGEST_IN_PIECES)
    .flatMap((form) =>
      Array.from({ length: Math.floor((form.length - PIECE) / PIECE_STEP) + 1 }, (_, index) =>
        form.slice(index * PIECE_STEP, index * PIECE_STEP + PIECE)
      )
    )
}

type Span = readonly [start: number, end: number]

/**
 * Finds all occurrences of any form in one pass. A table of hashed prefixes rules out nearly every position with one
 * look, so the cost does not grow with the number of forms (a key of 50 lines has about a thousand).
 */
function createFinder(forms: readonly string[]): (text: string) => readonly Span[] {
  const candidates = new Map<string, string[]>()
  const seen = new Uint8Array(1 << 16)
  for (const form of forms) {
    seen[prefixHash(form, 0)] = 1
    const prefix = form.slice(0, PREFIX)
    const list = candidates.get(prefix)
    if (list === undefined) candidates.set(prefix, [form])
    else list.push(form)
  }
  for (const list of candidates.values()) list.sort((a, b) => b.length - a.length)

  return (text) => {
    const spans: [number, number][] = []
    let open: [number, number] | undefined
    for (let index = 0; index + PREFIX <= text.length; index += 1) {
      if (seen[prefixHash(text, index)] === 0) continue
      const found = candidates.get(text.slice(index, index + PREFIX))?.find((form) => text.startsWith(form, index))
      if (found === undefined) continue
      const end = index + found.length
      // Overlapping and touching finds are one: a half-covered secret would show its other half.
      if (open !== undefined && index <= open[1]) open[1] = Math.max(open[1], end)
      else spans.push((open = [index, end]))
    }
    return spans
  }
}

function prefixHash(text: string, index: number): number {
  return (
    (text.charCodeAt(index) * 0x9e5 +
      text.charCodeAt(index + 1) * 0x3d1 +
      text.charCodeAt(index + 2) * 0x1f +
      text.charCodeAt(index + 3)) &
    0xffff
  )
}

function replaceSpans(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text
  let result = ''
  let from = 0
  for (const [start, end] of spans) {
    result += text.slice(from, start) + REDACTED
    from = end
  }
  return result + text.slice(from)
}
