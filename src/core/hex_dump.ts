/**
 * Hex as people read it: a byte is two digits, and something stands between. As `xxd`, `hexdump -C` and `od -tx1` print it, as
 * `openssl` does (`aa:bb`), and as programs embed it (`0xaa, 0xbb`, `\xaa\xbb`, `%aa%bb`, `\u00aa\u00bb`).
 */

/** What stands before each byte, and how many bytes stand together. */
type Style = { readonly before: string; readonly together: 1 | 2; readonly upper?: true }

const styles: readonly Style[] = [
  { before: ' ', together: 1 },
  { before: ' ', together: 1, upper: true },
  { before: ' ', together: 2 },
  { before: ':', together: 1 },
  { before: ':', together: 1, upper: true },
  { before: '-', together: 1, upper: true },
  { before: '\\x', together: 1 },
  { before: ', 0x', together: 1 },
  { before: ',0x', together: 1 },
  { before: '%', together: 1 },
  { before: '%', together: 1, upper: true },
  { before: '\\u00', together: 1 }
]

/** Bytes that stand side by side in any dump of a value: `hexdump -C` leaves a gap after each eight. */
const LONGEST_RUN = 6
const STEP = 3
/** In so many bytes there is a run of eight, wherever the lines end. */
const ENOUGH = 16

/**
 * Texts of which one stands in each dump of a value, and which stand hardly anywhere else. What has one is no find yet: see
 * `findDump`.
 */
export function dumpMarks(value: Buffer): readonly Buffer[] {
  const run = Math.min(LONGEST_RUN, value.length >> 1)
  const last = Math.min(value.length, ENOUGH) - run
  const step = value.length < ENOUGH ? 1 : STEP
  const marks = new Set<string>()
  for (let at = 0; at <= last; at += step) {
    const digits = Array.from(value.subarray(at, at + run), (byte) => byte.toString(16).padStart(2, '0'))
    for (const { before, together, upper = false } of styles) {
      for (let phase = 0; phase < together; phase++) {
        const text = digits.map((pair, index) => (index > 0 && (index + phase) % together === 0 ? before : '') + pair)
        marks.add(upper ? text.join('').toUpperCase() : text.join(''))
      }
    }
  }
  return [...marks].map((mark) => Buffer.from(mark, 'latin1'))
}

/** Characters that a byte takes at most, and those of a line around its bytes: an offset, a margin, the text beside them. */
const WIDEST_BYTE = 6
const WIDEST_LINE = 128
const FEWEST_IN_LINE = 8

/** How far from a mark the dump of a value may reach. */
export function dumpReach(value: Buffer): number {
  return value.length * WIDEST_BYTE + (Math.ceil(value.length / FEWEST_IN_LINE) + 2) * WIDEST_LINE
}

/** Where in a text a dump of a value begins and ends, if there is one. */
export function findDump(text: string, value: Buffer): { readonly start: number; readonly end: number } | undefined {
  const bare = text.replace(/[^\r\n]+/g, withoutColumns)
  // Nothing is taken off lines without columns, nor off the first one, which may begin in its middle.
  const first = /[\r\n]|$/.exec(text)?.index ?? 0
  for (const candidate of new Set([bare, text.slice(0, first) + bare.slice(first), text])) {
    const pairs = [...candidate.replace(/0x|\\x|\\u00/gi, ({ length }) => ' '.repeat(length)).matchAll(/[0-9a-f]{2}/gi)]
    const at = Buffer.from(pairs.map(([pair]) => pair).join(''), 'hex').indexOf(value)
    const [start, end] = [pairs[at]?.index, pairs[at + value.length - 1]?.index]
    if (at >= 0 && start !== undefined && end !== undefined) return { start, end: end + 2 }
  }
  return undefined
}

/** A line with blanks in the place of its offset and of the text beside its bytes. */
function withoutColumns(line: string): string {
  const offset = /^\s*[0-9a-f]{4,16}(?::|(?= ))/i.exec(line)?.[0].length ?? 0
  if (offset === 0) return line
  const rest = line.slice(offset)
  // `xxd` ends its columns by two blanks; `hexdump -C` has two in the middle as well, and a `|` behind.
  const bytes = / [|>]/.test(rest)
    ? rest.slice(0, rest.search(/ [|>]/))
    : (/^ *(?:[0-9a-f]+ )*(?:[0-9a-f]+)?/i.exec(rest)?.[0] ?? '')
  return `${' '.repeat(offset)}${bytes.padEnd(rest.length)}`
}
