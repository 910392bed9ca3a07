/**
 * Takes injected secrets out of texts that leave the run by a way the runner does not mask (API calls, files), and out
 * of the log stream before anything else sees it. Knows the values, so it needs no guesses.
 */
import { pieceOffsets, searchSlices, type Pattern } from '../core/byte_search.js'
import { encodingsOf, rawForms } from '../core/secret_encodings.js'
import { bareValue, commonWord, secretForms, SHORTEST_SECRET, type SecretPiece } from '../core/secret_forms.js'
import { atOnce, inSlices, type Slices } from '../core/slices.js'

/** A secret that was handed to the build. */
export type Secret = { readonly id: string; readonly value: Buffer | string }

/** A function that takes every secret out of a text. */
export type Redactor = ((text: string) => string) & {
  /**
   * The same for a text that was made of redacted values and words of ours, a comment say: a secret that is an ordinary word is no
   * longer in the values, and our words are no secrets.
   */
  readonly again: (text: string) => string
}

/** What stands in the place of a secret. */
const REDACTED = '***'

/** Pieces of base64 and hex that are hidden on their own: a fold may be anywhere. Shorter ones are found by chance. */
const SHORTEST_PIECE = 8

/** Characters of base64 and hex that are looked for as a whole, however it is broken into lines. */
const LONGEST_WHOLE = 100

/** Values beyond this length are not looked for in pieces, and beyond the next only as they are and line by line. */
const LONGEST_IN_PIECES = 8192
const LONGEST_ENCODED = 64 * 1024

/** Parts of one value that are also looked for encoded, and forms of all values. */
const MOST_ENCODED = 256
const MOST_FORMS = 120_000

/** A redactor that replaces every secret, in each form it may have taken, by `***`. One pass over the text whatever their number. */
export function createRedactor(secrets: readonly Secret[]): Redactor {
  return atOnce(redactorSlices(secrets))
}

/** The same, and other things go on meanwhile: many large secrets take seconds. */
export function prepareRedactor(secrets: readonly Secret[]): Promise<Redactor> {
  return inSlices(redactorSlices(secrets))
}

function* redactorSlices(secrets: readonly Secret[]): Slices<Redactor> {
  const all = yield* redactorOf(secrets)
  const unusual = secrets.filter(({ value }) => commonWord(bareValue(bytesOf(value))) === undefined)
  return Object.assign((text: string) => all(text), {
    again: unusual.length === secrets.length ? all : yield* redactorOf(unusual)
  })
}

function* redactorOf(secrets: readonly Secret[]): Slices<(text: string) => string> {
  const forms = yield* hiddenForms(secrets.map(({ value }) => bytesOf(value)))
  if (forms.length === 0) return (text) => text
  const search = yield* searchSlices(forms)
  const spansOf = (text: string): { readonly bytes: Buffer; readonly spans: readonly Span[] } => {
    const bytes = Buffer.from(text, 'utf8')
    const spans: [number, number][] = []
    search.find(bytes, bytes.length, (_, start, end) => spans.push([start, end]))
    return { bytes, spans: united(spans) }
  }
  return (text) => {
    const shapeless = withoutShapeless(text)
    const seen = spansOf(text)
    if (shapeless === undefined) return replaceSpans(seen)
    // What is between the characters of a secret goes with it, and the rest of the text keeps its colours.
    const hidden = spansOf(shapeless.text).spans.map(([start, end]): Span => [
      shapeless.offsets[start] ?? 0,
      (shapeless.offsets[end - 1] ?? 0) + 1
    ])
    return replaceSpans({
      bytes: seen.bytes,
      spans: united([...seen.spans, ...hidden].map(([start, end]) => [start, end]))
    })
  }
}

/** Every form of the values that is looked for: all of them as they are, and then encoded as far as there is room. */
function* hiddenForms(values: readonly Buffer[]): Slices<readonly Pattern[]> {
  /** Each with whether it is also found where it is broken into lines. */
  const seen = new Map<string, boolean>()
  const add = (bytes: Buffer, mayWrap = false) => {
    if (bytes.length < SHORTEST_SECRET) return
    const form = bytes.toString('latin1')
    seen.set(form, mayWrap || seen.get(form) === true)
  }
  const planned: Pick<SecretPiece, 'extent' | 'bytes'>[][] = []
  for (const value of values) {
    yield
    const pieces = secretForms(value).pieces.map(({ extent, bytes }) => ({ extent, bytes }))
    // A file ends with a line end, and so does what is printed of it.
    const [whole] = pieces
    planned.push(
      whole === undefined || whole.bytes.length === value.length
        ? pieces
        : [{ extent: 'whole' as const, bytes: value }, ...pieces]
    )
  }
  for (const { bytes } of planned.flat()) {
    yield
    for (const form of rawForms(bytes)) add(form)
  }
  for (const { extent, bytes } of planned.flatMap((pieces) => pieces.slice(0, MOST_ENCODED))) {
    yield
    if (seen.size > MOST_FORMS || bytes.length > LONGEST_ENCODED) continue
    const padded = bytes.toString('base64')
    const urlSafe = padded.replaceAll('+', '-').replaceAll('/', '_')
    const wrapping = encodingsOf(bytes)
      .filter((form) => {
        add(form.bytes)
        return form.mayWrap
      })
      .map((form) => form.bytes)
    for (const form of [padded, urlSafe, urlSafe.replace(/=+$/, '')]) add(Buffer.from(form))
    if (extent === 'part' || bytes.length > LONGEST_IN_PIECES) continue
    for (const form of [...wrapping, Buffer.from(padded)]) {
      const { size, offsets } = pieceOffsets(form.length)
      if (size >= SHORTEST_PIECE) for (const at of offsets) add(form.subarray(at, at + size))
      // A short one is found whole, over the line ends in it: a line of it may hold less than a piece.
      if (form.length <= LONGEST_WHOLE) add(form, true)
    }
  }
  return [...seen].map(([form, mayWrap]) => ({ bytes: Buffer.from(form, 'latin1'), mayWrap }))
}

function bytesOf(value: Buffer | string): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value
}

/** Colours, cursor movements, titles and links of terminals (ECMA-48), and characters that nobody sees. Blanks and line ends are none. */
const SHAPELESS =
  /[\u001b\u009b](?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]{0,4000}(?:\u0007|\u001b\\)|[PX^_][^\u001b\n]{0,4000}\u001b\\|[ -/]+[0-~]|[0-Z\\-~])?|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\u{e0000}-\u{e0fff}]/gu

/**
 * A text without what has no shape, and for each of its bytes where that was. Undefined where there is nothing of it. The offsets
 * count bytes of UTF-8, as the search does.
 */
function withoutShapeless(text: string): { readonly text: string; readonly offsets: Float64Array } | undefined {
  let rest = ''
  let from = 0
  const kept: (readonly [start: number, length: number])[] = []
  let at = 0 // in bytes of the whole text
  for (const { 0: match, index } of text.matchAll(SHAPELESS)) {
    const part = text.slice(from, index)
    const length = Buffer.byteLength(part)
    if (length > 0) kept.push([at, length])
    rest += part
    at += length + Buffer.byteLength(match)
    from = index + match.length
  }
  if (from === 0) return undefined
  const last = text.slice(from)
  kept.push([at, Buffer.byteLength(last)])
  rest += last
  const offsets = new Float64Array(Buffer.byteLength(rest))
  let filled = 0
  for (const [start, length] of kept) for (let byte = 0; byte < length; byte++) offsets[filled++] = start + byte
  return { text: rest, offsets }
}

type Span = readonly [start: number, end: number]

/** Overlapping and touching finds are one: a half-covered secret would show its other half. */
function united(spans: [number, number][]): readonly Span[] {
  spans.sort((a, b) => a[0] - b[0] || b[1] - a[1])
  const joined: [number, number][] = []
  for (const span of spans) {
    const open = joined.at(-1)
    if (open !== undefined && span[0] <= open[1]) open[1] = Math.max(open[1], span[1])
    else joined.push(span)
  }
  return joined
}

function replaceSpans({ bytes, spans }: { readonly bytes: Buffer; readonly spans: readonly Span[] }): string {
  if (spans.length === 0) return bytes.toString('utf8')
  const pieces: string[] = []
  let from = 0
  for (const [start, end] of spans) {
    pieces.push(bytes.toString('utf8', from, start), REDACTED)
    from = end
  }
  return pieces.join('') + bytes.toString('utf8', from)
}
