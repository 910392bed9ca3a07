import type { Slices } from './slices.js'

/** Bytes to look for. */
export type Pattern = {
  readonly bytes: Uint8Array
  /** Line ends inside the text are passed over, as base64 and hex are broken into lines. */
  readonly mayWrap: boolean
  /** Finds what the pattern is only a mark of. */
  readonly confirm?: Confirm
}

/** What a mark may be a mark of: it is looked for around the mark, and its place is the match. */
export type Confirm = {
  /** How far from the mark it may begin or end. */
  readonly reach: number
  readonly find: (around: Uint8Array) => { readonly start: number; readonly end: number } | undefined
}

/** Calls back with a pattern's number and the offsets of a match. */
export type MatchVisitor = (pattern: number, start: number, end: number) => void

/** A set of patterns, ready to be looked for in any number of streams. */
export type Search = {
  /** Bytes of the longest match there can be. */
  readonly longest: number
  /** Reports every match that lies within the text, each once, in no order that may be relied on. */
  readonly find: (text: Uint8Array, length: number, visit: MatchVisitor) => void
}

const HASH_BITS = 17

/** Of so many small things one is a place to be interrupted at. */
const BREATH = 512

/** Wider windows skip no further in practice: the table fills up with what is in them. */
const WIDEST_WINDOW = 32

/** A line end with its quotes, its backslash and the next line's margin. */
const WIDEST_BREAK = 24

/** A pattern that wraps is recognised by pieces of this length, of which one lies whole within any line of 15 and more. */
const PIECE_LENGTH = 12
const PIECE_STEP = 4

/** Of pieces that are the same in many patterns, so many are kept. The rest of each pattern tells them apart. */
const MOST_ALIKE = 64

/** Pieces of all patterns together. Beyond that a pattern has two, so that lines of 64 and more hide nothing. */
const MOST_PIECES = 150_000

/**
 * All patterns at once, skipping: Wu and Manber's algorithm ("A fast algorithm for multi-pattern searching", 1994) with blocks
 * of three bytes. A window as long as the shortest piece slides over the text; a table says for its last three bytes how far it
 * may jump without passing a match, so most bytes are never looked at. What ends in a known block is looked up by a hash of the
 * window, and patterns with the same beginning are narrowed down byte by byte, so that many patterns cost no more than a few.
 * Figures are in docs/analysis.md. Patterns have at least 3 bytes. In slices, since tens of thousands of patterns take seconds.
 */
export function* searchSlices(patterns: readonly Pattern[]): Slices<Search> {
  const pieces = yield* piecesOf(patterns)
  const window = pieces.shortest
  if (window < 3) throw new RangeError('a pattern needs at least three bytes')
  const shifts = new Uint8Array(1 << HASH_BITS).fill(window - 2)
  for (let piece = 0; piece < pieces.count; piece++) {
    if (piece % BREATH === 0) yield
    const { bytes } = patterns[pieces.pattern[piece]!]!
    const offset = pieces.offset[piece]!
    for (let last = 2; last < window; last++) {
      const block = blockOf(bytes, offset + last)
      shifts[block] = Math.min(shifts[block]!, window - 1 - last)
    }
  }
  const plain = yield* lookupOf(patterns, pieces, { window, mayWrap: false })
  const wrapping = yield* lookupOf(patterns, pieces, { window, mayWrap: true })
  for (let group = 0; group + 1 < plain.borders.length; group++) {
    if (group % BREATH === 0) yield
    const [low, high] = plain.borders.subarray(group)
    if (high! - low! < 2) continue
    const bytesAt = (piece: number) => patterns[pieces.pattern[piece]!]!.bytes
    plain.pieces.subarray(low, high).sort((a, b) => Buffer.compare(bytesAt(a), bytesAt(b)))
  }
  return { longest: patterns.reduce((longest, pattern) => Math.max(longest, longestMatch(pattern)), 0), find }

  function find(text: Uint8Array, length: number, visit: MatchVisitor): void {
    /** Where the last match of a wrapping pattern ended: its other pieces are found as well. */
    const ends = new Map<number, number>()
    /** Up to where marks have been looked at. */
    const done = new Map<Confirm, number>()
    let last = window - 1
    while (last < length) {
      const shift = shifts[blockOf(text, last)]!
      if (shift > 0) {
        last += shift
        continue
      }
      const place = { text, start: last - window + 1, length }
      const hash = hashOf(text, place.start, window)
      const same = plain.group(hash)
      if (same !== -1) narrow(plain.borders[same]!, plain.borders[same + 1]!, place, { done, visit })
      const like = wrapping.group(hash)
      if (like !== -1) wrapped(like, place, { ends, visit })
      last++
    }
  }

  /** Reports those of the sorted patterns that stand at a place: the range that still agrees shrinks with each byte. */
  function narrow(
    low: number,
    high: number,
    place: Place,
    { done, visit }: { readonly done: Map<Confirm, number>; readonly visit: MatchVisitor }
  ): void {
    const { text, start, length } = place
    const indexAt = (position: number) => pieces.pattern[plain.pieces[position]!]!
    for (let depth = 0; low < high; depth++) {
      // Those that end here stand first.
      while (low < high && patterns[indexAt(low)]!.bytes.length === depth) {
        const index = indexAt(low++)
        const { confirm } = patterns[index]!
        if (confirm === undefined) visit(index, start, start + depth)
        else marked(index, confirm, { place, done, visit })
      }
      if (low === high || start + depth >= length) return
      const byte = text[start + depth]!
      const at = (position: number) => patterns[indexAt(position)]!.bytes[depth]!
      if (at(low) !== byte) low = firstWhere(low, high, (position) => at(position) >= byte)
      if (low < high && at(high - 1) !== byte) high = firstWhere(low, high, (position) => at(position) > byte)
    }
  }

  function wrapped(
    group: number,
    place: Place,
    { ends, visit }: { readonly ends: Map<number, number>; readonly visit: MatchVisitor }
  ): void {
    const first = wrapping.borders[group]!
    const end = Math.min(wrapping.borders[group + 1]!, first + MOST_ALIKE)
    for (let position = first; position < end; position++) {
      const piece = wrapping.pieces[position]!
      const index = pieces.pattern[piece]!
      if (place.start < (ends.get(index) ?? 0)) continue
      const match = wrappedMatch(patterns[index]!.bytes, pieces.offset[piece]!, place)
      if (match === undefined) continue
      ends.set(index, match.end)
      visit(index, match.start, match.end)
    }
  }
}

/**
 * Looks around a mark. What is looked at is so wide that marks near this one have nothing to add, so that a text which is full of
 * them takes no longer than others.
 */
function marked(
  index: number,
  confirm: Confirm,
  { place, done, visit }: { readonly place: Place; readonly done: Map<Confirm, number>; readonly visit: MatchVisitor }
): void {
  const { text, start, length } = place
  if (start < (done.get(confirm) ?? 0)) return
  const { reach, find } = confirm
  const from = Math.max(0, start - reach)
  const found = find(text.subarray(from, Math.min(length, start + 3 * reach)))
  done.set(confirm, found === undefined ? start + reach : from + found.end)
  if (found !== undefined) visit(index, from + found.start, from + found.end)
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

/** Offsets in a text of `length` characters of the pieces by which it is recognised, however it is broken into lines, and their length. */
export function pieceOffsets(length: number): { readonly size: number; readonly offsets: readonly number[] } {
  const half = Math.floor(length / 2)
  const size = Math.min(length, Math.max(6, Math.min(PIECE_LENGTH, half - 2)))
  const step = Math.max(1, Math.min(PIECE_STEP, half - size + 1))
  const offsets: number[] = []
  for (let at = 0; at + size <= length; at += step) offsets.push(at)
  if (offsets.at(-1) !== length - size) offsets.push(length - size)
  return { size, offsets }
}

type Pieces = {
  readonly count: number
  readonly pattern: Int32Array
  readonly offset: Int32Array
  /** Bytes of the shortest piece. */
  readonly shortest: number
}

function* piecesOf(patterns: readonly Pattern[]): Slices<Pieces> {
  const pattern: number[] = []
  const offset: number[] = []
  let shortest = WIDEST_WINDOW
  for (const [index, { bytes, mayWrap }] of patterns.entries()) {
    if (index % BREATH === 0) yield
    if (!mayWrap) {
      shortest = Math.min(shortest, bytes.length)
      pattern.push(index)
      offset.push(0)
      continue
    }
    const { size, offsets } = pieceOffsets(bytes.length)
    shortest = Math.min(shortest, size)
    const few = pattern.length > MOST_PIECES ? [0, ...(bytes.length >= 48 ? [32] : [])] : offsets
    for (const at of few) {
      pattern.push(index)
      offset.push(at)
    }
  }
  return { count: pattern.length, pattern: Int32Array.from(pattern), offset: Int32Array.from(offset), shortest }
}

/** Pieces by a hash of their window, in plain arrays: a map of lists would take ten times the memory. */
type Lookup = {
  /** Numbers of pieces, those of one hash together. */
  readonly pieces: Uint32Array
  /** Where each group begins, and behind them where the last one ends. */
  readonly borders: Uint32Array
  /** The group of a hash, or -1. */
  readonly group: (hash: number) => number
}

function* lookupOf(
  patterns: readonly Pattern[],
  { count, pattern, offset }: Pieces,
  { window, mayWrap }: { readonly window: number; readonly mayWrap: boolean }
): Slices<Lookup> {
  // Hash and number in one: a double holds 53 bits, and there are fewer than 2^21 pieces.
  const keys = new Float64Array(count)
  let length = 0
  for (let piece = 0; piece < count; piece++) {
    if (piece % BREATH === 0) yield
    const { bytes, mayWrap: wraps } = patterns[pattern[piece]!]!
    if (wraps === mayWrap) keys[length++] = (hashOf(bytes, offset[piece]!, window) >>> 0) * 2 ** 21 + piece
  }
  const sorted = keys.subarray(0, length).sort()
  const hashAt = (position: number) => Math.floor(sorted[position]! / 2 ** 21)
  const starts: number[] = []
  for (let position = 0; position < length; position++) {
    if (position % BREATH === 0) yield
    if (position === 0 || hashAt(position) !== hashAt(position - 1)) starts.push(position)
  }
  const borders = Uint32Array.from([...starts, length])
  const bits = Math.max(4, Math.ceil(Math.log2(starts.length + 1)) + 1)
  const mask = (1 << bits) - 1
  const table = new Int32Array(1 << bits).fill(-1)
  for (let group = 0; group < starts.length; group++) {
    let slot = hashAt(borders[group]!) & mask
    while (table[slot] !== -1) slot = (slot + 1) & mask
    table[slot] = group
  }
  return {
    pieces: Uint32Array.from(sorted, (key) => key % 2 ** 21),
    borders,
    group: (hash) => {
      const wanted = hash >>> 0
      for (let slot = wanted & mask; table[slot] !== -1; slot = (slot + 1) & mask) {
        if (hashAt(borders[table[slot]!]!) === wanted) return table[slot]!
      }
      return -1
    }
  }
}

type Place = { readonly text: Uint8Array; readonly start: number; readonly length: number }

/** The first position in `low` to `high` - 1 for which something holds that holds for all after it; `high` if there is none. */
function firstWhere(low: number, high: number, holds: (position: number) => boolean): number {
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** Where a wrapping pattern begins and ends whose piece at `offset` begins at `start`, or undefined if the rest of it isn't there. */
function wrappedMatch(
  bytes: Uint8Array,
  offset: number,
  { text, start, length }: Place
): { readonly start: number; readonly end: number } | undefined {
  let breaks = Math.floor(bytes.length / PIECE_LENGTH) + 1
  let begin = start
  for (let index = offset - 1; index >= 0; index--) {
    if (text[begin - 1] !== bytes[index]) {
      const before = beforeBreak(text, begin, length, bytes[index]!)
      if (before === undefined || breaks-- === 0) return undefined
      begin = before
    }
    begin--
  }
  let at = start
  for (let index = offset; index < bytes.length; index++, at++) {
    if (text[at] !== bytes[index] && at > begin) {
      const next = afterBreak(text, at, length)
      if (next !== at && breaks-- === 0) return undefined
      at = next
    }
    if (at >= length || text[at] !== bytes[index]) return undefined
  }
  return { start: begin, end: at }
}

/**
 * Past a line end, written as itself or as a literal `\n`, with what languages put around it: a closing quote, a plus, a backslash,
 * the next line's margin, mark of a comment and opening quote. The same place if there is none.
 */
function afterBreak(text: Uint8Array, start: number, length: number): number {
  const limit = Math.min(length, start + WIDEST_BREAK)
  let at = start
  let ended = false
  while (at < limit) {
    const byte = text[at]!
    if (byte === 0x0a || byte === 0x0d) ended = true
    else if (byte === 0x5c) {
      const next = text[at + 1]
      if ((next === 0x6e || next === 0x72) && at + 1 < limit) {
        ended = true
        at++
      }
    } else if (byte === 0x2b) {
      // A plus belongs to base64 as well: as a sign it has a blank or a quote beside it.
      const beside = ended ? text[at + 1] : at === start ? undefined : text[at - 1]
      if (beside === undefined || !isPadding(beside)) break
    } else if (!isPadding(byte) && !(ended && (byte === 0x23 || byte === 0x3e || byte === 0x2a))) break
    at++
  }
  return ended ? at : start
}

/** Where a text ends, with `byte`, before the line end that ends at `end`. */
function beforeBreak(text: Uint8Array, end: number, length: number, byte: number): number | undefined {
  const limit = Math.max(1, end - WIDEST_BREAK)
  for (let at = end - 1; at >= limit; at--) {
    if (text[at - 1] === byte && afterBreak(text, at, length) === end) return at
  }
  return undefined
}

/** A blank, a tab, a quote, or what ends or joins a line in some language. */
function isPadding(byte: number): boolean {
  return (
    byte === 0x20 ||
    byte === 0x09 ||
    byte === 0x22 ||
    byte === 0x27 ||
    byte === 0x60 ||
    byte === 0x2c ||
    byte === 0x2e ||
    byte === 0x3b ||
    byte === 0x26
  )
}

function longestMatch({ bytes, mayWrap, confirm }: Pattern): number {
  if (confirm !== undefined) return bytes.length + 2 * confirm.reach
  return mayWrap ? bytes.length + (Math.floor(bytes.length / PIECE_LENGTH) + 1) * WIDEST_BREAK : bytes.length
}

/** The table's place for the three bytes that end at `last`: a multiplicative hash, because text uses few of the 2^24 triples. */
function blockOf(text: Uint8Array, last: number): number {
  return Math.imul(text[last - 2]! | (text[last - 1]! << 8) | (text[last]! << 16), 0x9e3779b1) >>> (32 - HASH_BITS)
}

/** FNV-1a of a window. https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashOf(text: Uint8Array, start: number, window: number): number {
  let hash = 0x811c9dc5
  for (let at = start; at < start + window; at++) hash = Math.imul(hash ^ text[at]!, 0x01000193)
  return hash
}
