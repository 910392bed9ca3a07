/** Bytes to look for. */
export type Pattern = {
  readonly bytes: Uint8Array
  /** Line ends inside the text are passed over once the pattern's beginning was found, as base64 is broken into lines. */
  readonly mayWrap: boolean
}

/** Calls back with a pattern's number and the offsets of a match. */
export type MatchVisitor = (pattern: number, start: number, end: number) => void

/** A set of patterns, ready to be looked for in any number of streams. */
export type Search = {
  /** Bytes of the longest match there can be. */
  readonly longest: number
  /** Reports every match that lies within the text, ordered by its first byte. */
  readonly find: (text: Uint8Array, length: number, visit: MatchVisitor) => void
}

const hashBits = 17

/** Base64 is broken at 64 or 76 characters; YAML adds a margin to each line. */
const shortestWrap = 32

/** No line end falls into a window twice. Wider ones skip no further in practice: the table fills up with what is in them. */
const widestWindow = shortestWrap

const widestMargin = 16

/**
 * All patterns at once, skipping: Wu and Manber's algorithm ("A fast algorithm for multi-pattern searching", 1994) with blocks
 * of three bytes. A window as long as the shortest pattern slides over the text; a table says for its last three bytes how far it
 * may jump without passing a match, so most bytes are never looked at. Figures are in docs/analysis.md. Patterns have at least 3 bytes.
 */
export function buildSearch(patterns: readonly Pattern[]): Search {
  const window = Math.min(widestWindow, ...patterns.map(({ bytes }) => bytes.length))
  if (window < 3) throw new RangeError('a pattern needs at least three bytes')
  const shifts = new Uint8Array(1 << hashBits).fill(window - 2)
  const buckets = new Map<number, number[]>()
  for (const [index, { bytes }] of patterns.entries()) {
    for (let last = 2; last < window; last++) {
      const block = blockOf(bytes, last)
      shifts[block] = Math.min(shifts[block]!, window - 1 - last)
    }
    const block = blockOf(bytes, window - 1)
    const bucket = buckets.get(block)
    if (bucket === undefined) buckets.set(block, [index])
    else bucket.push(index)
  }
  return { longest: patterns.reduce((longest, pattern) => Math.max(longest, longestMatch(pattern)), 0), find }

  function find(text: Uint8Array, length: number, visit: MatchVisitor): void {
    let last = window - 1
    while (last < length) {
      const block = blockOf(text, last)
      const shift = shifts[block]!
      if (shift === 0) {
        const start = last - window + 1
        for (const index of buckets.get(block)!) {
          const end = matchEnd(patterns[index]!, text, start, length)
          if (end !== undefined) visit(index, start, end)
        }
        last++
      } else {
        last += shift
      }
    }
  }
}

/** A search over a text that arrives in chunks of any size: reports each match once, when its last byte has come. */
export function searchStream({ find, longest }: Search, visit: MatchVisitor): (chunk: Uint8Array) => void {
  const reach = Math.max(0, longest - 1)
  const seam = new Uint8Array(2 * reach)
  let carried = 0 // bytes at the start of the seam that belong to earlier chunks
  let offset = 0 // of the chunk

  return (chunk) => {
    const head = Math.min(reach, chunk.length)
    seam.set(head === chunk.length ? chunk : chunk.subarray(0, head), carried)
    if (carried > 0) {
      const border = carried
      find(seam, carried + head, (pattern, start, end) => {
        if (start < border && end > border) visit(pattern, offset - border + start, offset - border + end)
      })
    }
    find(chunk, chunk.length, (pattern, start, end) => {
      visit(pattern, offset + start, offset + end)
    })
    offset += chunk.length
    if (chunk.length >= reach) {
      seam.set(chunk.subarray(chunk.length - reach))
      carried = reach
    } else {
      const filled = carried + chunk.length
      const kept = Math.min(filled, reach)
      seam.copyWithin(0, filled - kept, filled)
      carried = kept
    }
  }
}

/** Where a pattern that begins at `start` ends, or undefined if it isn't there. */
function matchEnd({ bytes, mayWrap }: Pattern, text: Uint8Array, start: number, length: number): number | undefined {
  let at = start
  let wraps = 0
  for (let index = 0; index < bytes.length; index++, at++) {
    if (mayWrap && index > 0 && text[at] !== bytes[index] && wraps * shortestWrap <= bytes.length) {
      const next = afterLineEnd(text, at, length)
      if (next !== at) wraps++
      at = next
    }
    if (at >= length || text[at] !== bytes[index]) return undefined
  }
  return at
}

/** Past a line end, written as itself or as a literal `\n`, and the next line's margin; the same place if there is none. */
function afterLineEnd(text: Uint8Array, start: number, length: number): number {
  let at = start
  if (text[at] === 0x5c && text[at + 1] === 0x6e) at += 2
  else {
    if (text[at] === 0x0d) at++
    if (text[at] !== 0x0a) return start
    at++
  }
  const margin = Math.min(length, at + widestMargin)
  while (at < margin && (text[at] === 0x20 || text[at] === 0x09)) at++
  return at
}

function longestMatch({ bytes, mayWrap }: Pattern): number {
  return mayWrap ? bytes.length + (Math.floor(bytes.length / shortestWrap) + 1) * (2 + widestMargin) : bytes.length
}

/** The table's place for the three bytes that end at `last`: a multiplicative hash, because text uses few of the 2^24 triples. */
function blockOf(text: Uint8Array, last: number): number {
  return Math.imul(text[last - 2]! | (text[last - 1]! << 8) | (text[last]! << 16), 0x9e3779b1) >>> (32 - hashBits)
}
