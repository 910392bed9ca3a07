import type { Encoding } from './encodings.js'
import { searchOf, type Needle, type NeedlePlan } from './needles.js'
import { longestKeyText, readPrivateKey } from './private-key.js'
import { searchStream } from './search.js'

/** Something found at an offset of a stream, without the value. */
export type Hit = { readonly offset: number; readonly encoding: Encoding } & (
  | { readonly kind: 'secret'; readonly secretId: string; readonly extent: 'whole' | 'part' }
  | { readonly kind: 'private-key'; readonly format: string; readonly encrypted: boolean }
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
const mostHits = 10_000

/** A key in base64 takes a third more. */
const longestCapture = Math.ceil(longestKeyText * 1.4)

/** No mark of a key, in base64 or not, is longer: what a mark's first byte may lie behind the chunk with its last. */
const longestMark = 64

/** Text from the mark of a key on, until there is enough of it to read the key. */
type Capture = {
  readonly offset: number
  readonly skew: 0 | 1 | 2 | undefined
  readonly pieces: Buffer[]
  length: number
}

/** Looks for a plan's secrets, and for any private key that can be read, in a text that arrives in chunks. */
export function hitStream(plan: NeedlePlan): HitStream {
  const { search, needles } = searchOf(plan)
  const hits: Hit[] = []
  let dropped = 0
  let offset = 0 // behind the last chunk
  const recent: Buffer[] = []
  let recentLength = 0
  let capture: Capture | undefined
  const feed = searchStream(search, (pattern, start) => {
    const needle = needles[pattern]!
    if (needle.kind === 'secret') add(secretHit(needle, start))
    else beginCapture(start, needle.skew)
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
    if (hits.length < mostHits) hits.push(hit)
    else dropped++
  }

  function beginCapture(start: number, skew: 0 | 1 | 2 | undefined): void {
    endCapture(start)
    const pieces: Buffer[] = []
    let pieceStart = offset - recentLength
    for (const piece of recent) {
      if (start < pieceStart + piece.length) pieces.push(piece.subarray(Math.max(0, start - pieceStart)))
      pieceStart += piece.length
    }
    capture = { offset: start, skew, pieces, length: offset - start }
  }

  /** Reads the key if there is one. The text ends where the next mark begins, so no byte is read twice. */
  function endCapture(at: number): void {
    if (capture === undefined) return
    const { offset: start, skew, pieces } = capture
    capture = undefined
    const text = Buffer.concat(pieces).toString('latin1', 0, Math.min(at - start, longestCapture))
    const key = readPrivateKey(skew === undefined ? text : fromBase64(text, skew))
    if (key === undefined) return
    const encoding = skew === undefined ? 'raw' : 'base64'
    add({ kind: 'private-key', format: key.format, encrypted: key.encrypted, encoding, offset: start })
  }
}

function secretHit({ secretId, encoding, extent }: Extract<Needle, { kind: 'secret' }>, offset: number): Hit {
  return { kind: 'secret', secretId, encoding, extent, offset }
}

/** Hits in a text that is there as a whole. */
export function hitsIn(plan: NeedlePlan, text: string | Buffer): readonly Hit[] {
  const stream = hitStream(plan)
  stream.write(typeof text === 'string' ? Buffer.from(text, 'utf8') : text)
  return stream.end().hits
}

/** Decodes a base64 text whose first character is not on a border of four. The first byte is lost; it was a hyphen. */
function fromBase64(text: string, skew: 0 | 1 | 2): string {
  const run = /^(?:[A-Za-z0-9+/]|\s|\\n)*/.exec(text)?.[0].replace(/\s|\\n/g, '') ?? ''
  const decoded = Buffer.from('A'.repeat(Math.ceil((skew * 8) / 6)) + run, 'base64').toString('latin1')
  const begin = decoded.indexOf('BEGIN ')
  return begin === -1 ? '' : `-----${decoded.slice(begin)}`
}
