import { searchStream } from '../../core/byte_search.js'
import type { Encoding } from '../../core/secret_encodings.js'
import { writtenOut } from './key_writing.js'
import { searchOf, type KeyWriting, type Needle, type NeedlePlan } from './needles.js'
import { fingerprintOf, LONGEST_KEY_TEXT, readPrivateKey } from './private_key.js'

/** Something found at an offset of a stream, without the value. */
export type Hit = { readonly offset: number; readonly encoding: Encoding } & (
  | { readonly kind: 'secret'; readonly secretId: string; readonly extent: 'whole' | 'part'; readonly part?: string }
  | { readonly kind: 'private-key'; readonly format: string; readonly encrypted: boolean; readonly fingerprint: string }
)

export type HitStream = {
  /** Chunks must stay as they are until the next few have been written: a key may span them. */
  readonly write: (chunk: Buffer) => void
  /** Searches a text that belongs to an offset but does not stand there as a whole. */
  readonly aside: (text: Buffer, at: number) => void
  /** What was found, in the order of the stream, and how many more hits there were than are kept. */
  readonly end: () => { readonly hits: readonly Hit[]; readonly dropped: number }
}

/** A file made of nothing but a secret must not fill the memory. */
const MOST_HITS = 10_000

/** A key in hex takes twice as much, and line ends. */
const longestCapture = Math.ceil(LONGEST_KEY_TEXT * 2.1)

/** Text from the mark of a key on, until there is enough of it to read the key. */
type Capture = {
  readonly offset: number
  readonly writing: KeyWriting
  readonly pieces: Buffer[]
  length: number
}

/** Looks for a plan's secrets, and for any private key that can be read, in a text that arrives in chunks. */
export function hitStream(plan: NeedlePlan): HitStream {
  const { search, needles } = searchOf(plan)
  /** What a mark's first byte may lie behind the chunk with its last. */
  const longestMark = search.longest
  const hits: Hit[] = []
  let dropped = 0
  let offset = 0 // behind the last chunk
  const recent: Buffer[] = []
  let recentLength = 0
  let capture: Capture | undefined
  const feed = searchStream(search, (pattern, start) => {
    const needle = needles[pattern]!
    if (needle.kind === 'secret') add(secretHit(needle, start))
    else beginCapture(start, needle.writing)
  })

  return { write, aside, end }

  function aside(text: Buffer, at: number): void {
    search.find(text, text.length, (pattern) => {
      const needle = needles[pattern]!
      if (needle.kind === 'secret') add(secretHit(needle, at))
    })
  }

  function write(chunk: Buffer): void {
    offset += chunk.length
    recent.push(chunk)
    recentLength += chunk.length
    while (recent.length > 1 && recentLength - recent[0]!.length >= longestMark) recentLength -= recent.shift()!.length
    if (capture !== undefined) {
      capture.pieces.push(chunk)
      capture.length += chunk.length
    }
    feed(chunk)
    if (capture !== undefined && capture.length >= longestCapture) endCapture(offset)
  }

  function end(): { hits: readonly Hit[]; dropped: number } {
    endCapture(offset)
    return { hits: hits.toSorted((a, b) => a.offset - b.offset), dropped }
  }

  function add(hit: Hit): void {
    if (hits.length < MOST_HITS) hits.push(hit)
    else dropped++
  }

  function beginCapture(start: number, writing: KeyWriting): void {
    endCapture(start)
    const pieces: Buffer[] = []
    let pieceStart = offset - recentLength
    for (const piece of recent) {
      if (start < pieceStart + piece.length) pieces.push(piece.subarray(Math.max(0, start - pieceStart)))
      pieceStart += piece.length
    }
    capture = { offset: start, writing, pieces, length: offset - start }
  }

  /** Reads the key if there is one. The text ends where the next mark begins, so no byte is read twice. */
  function endCapture(at: number): void {
    if (capture === undefined) return
    const { offset: start, writing, pieces } = capture
    capture = undefined
    const text = firstBytes(pieces, Math.min(at - start, longestCapture)).toString('latin1')
    const key = readPrivateKey(writtenOut(text, writing))
    if (key === undefined) return
    const encoding = writing.as
    const { format, encrypted } = key
    add({ kind: 'private-key', format, encrypted, fingerprint: fingerprintOf(key), encoding, offset: start })
  }
}

/** The beginning of a text in pieces. Between two marks there may be a line, and behind it the rest of a large chunk. */
function firstBytes(pieces: readonly Buffer[], length: number): Buffer {
  const taken: Buffer[] = []
  for (let at = 0, rest = length; rest > 0 && at < pieces.length; at++) {
    const piece = pieces[at]!.subarray(0, rest)
    taken.push(piece)
    rest -= piece.length
  }
  return taken.length === 1 ? taken[0]! : Buffer.concat(taken)
}

function secretHit({ kind, ...needle }: Extract<Needle, { kind: 'secret' }>, offset: number): Hit {
  return { kind, ...needle, offset }
}

/** Hits in a text that is there as a whole. */
export function hitsIn(plan: NeedlePlan, text: string | Buffer): readonly Hit[] {
  const stream = hitStream(plan)
  stream.write(typeof text === 'string' ? Buffer.from(text, 'utf8') : text)
  return stream.end().hits
}
