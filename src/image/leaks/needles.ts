import { searchSlices, type Pattern, type Search } from '../../core/byte_search.js'
import type { Omission } from '../omission.js'
import { inSlices, type Slices } from '../../core/slices.js'
import { base64At, encodingsOf, percentEncoded, type Encoding } from '../../core/secret_encodings.js'
import { dumpMarks, dumpReach, findDump } from '../../core/hex_dump.js'
import { bareValue, secretForms } from '../../core/secret_forms.js'
import { keyBlocks, privateKeyLabels, PUTTY_MARK, readPrivateKey, type PrivateKey } from './private_key.js'

/** A value that must not be in the image. */
export type Secret = {
  /** The only thing of it that a finding names. */
  readonly id: string
  readonly value: Buffer | string
  readonly kind: 'secret' | 'ssh-key'
}

/** What is searched for, made ready once. It can be printed: no value is in it. */
export type NeedlePlan = {
  readonly secretIds: readonly string[]
  /** Byte patterns over all secrets, encodings and lines, the marks of private keys included. */
  readonly patterns: number
  /** Secrets, or parts of them, that can't be searched for, and why. An analysis repeats them. */
  readonly omissions: readonly Omission[]
}

/** How the text of a key's first line stands where it was found. */
export type KeyWriting = { readonly as: 'raw' | 'hex' | 'url' } | { readonly as: 'base64'; readonly skew: 0 | 1 | 2 }

/** What one pattern stands for. */
export type Needle =
  | {
      readonly kind: 'secret'
      readonly secretId: string
      readonly encoding: Encoding
      /** `part`: a line, a member of a structure, or a stretch of a long value. */
      readonly extent: 'whole' | 'part'
      readonly part?: string
    }
  /** The first line of an armoured private key. */
  | { readonly kind: 'key-mark'; readonly writing: KeyWriting }

/** Of a longer value a stretch of this many bytes from its middle is searched for, where it differs most from others of its kind. */
const LONGEST_PATTERN = 512

/** Pieces of one value, and patterns of all, that are searched for in every encoding; of the others only the raw form is. */
const MOST_ENCODED = 64
const MOST_ENCODED_PATTERNS = 60_000

/** Pieces of one value that are searched for in dumps as well, the marks of all of them, and what of a longer piece is. */
const MOST_DUMPED = 16
const MOST_DUMP_PATTERNS = 20_000
const LONGEST_DUMPED = 64

// The values stay behind this door, so that no log, error or report can print them by accident.
const searches = new WeakMap<NeedlePlan, { readonly search: Search; readonly needles: readonly Needle[] }>()

type Piece = { readonly bytes: Buffer; readonly extent: 'whole' | 'part'; readonly part?: string }

/**
 * Turns secrets into what to search for: each value, the secrets inside it and its telling lines, in every encoding. Of a private key
 * only the secret parts are telling: its public half and the bytes that all keys share may be anywhere. Values are never
 * shown again, only ids. Large secrets take seconds, in which other things go on.
 */
export function planNeedles(secrets: readonly Secret[]): Promise<NeedlePlan> {
  return inSlices(planInSlices(secrets))
}

function* planInSlices(secrets: readonly Secret[]): Slices<NeedlePlan> {
  const patterns: Pattern[] = []
  const needles: Needle[] = []
  const omissions: Omission[] = []
  const seen = new Set<string>()
  let partly = 0
  let dumped = 0

  const planned: { readonly id: string; readonly pieces: readonly Piece[] }[] = []
  for (const secret of secrets) {
    planned.push({ id: secret.id, pieces: piecesOf(secret, omissions) })
    yield
  }
  for (const { id, pieces } of planned) {
    for (const piece of pieces) add(id, piece, 'raw', piece.bytes, false)
    yield
  }
  for (const { id, pieces } of planned) {
    const encoded = evenly(pieces, MOST_ENCODED)
    if (encoded.length < pieces.length) {
      omissions.push({
        ...{ kind: 'value', secretId: id },
        words: `secret "${id}" has ${pieces.length} parts: all were searched for as they are, and ${encoded.length} of them encoded`
      })
    }
    for (const piece of encoded) {
      yield
      if (patterns.length > MOST_ENCODED_PATTERNS) partly++
      else for (const { encoding, bytes, mayWrap } of encodingsOf(piece.bytes)) add(id, piece, encoding, bytes, mayWrap)
    }
  }
  for (const { id, pieces } of planned) {
    for (const piece of evenly(pieces, MOST_DUMPED)) {
      yield
      addDump(id, piece)
    }
  }
  if (partly > 0)
    omissions.push({
      kind: 'image',
      words: `the secrets have too many parts: ${partly} of them were searched for only as they are`
    })
  addKeyMarks()

  const plan: NeedlePlan = { secretIds: secrets.map(({ id }) => id), patterns: patterns.length, omissions }
  searches.set(plan, { search: yield* searchSlices(patterns), needles })
  return plan

  function add(secretId: string, piece: Piece, encoding: Encoding, bytes: Buffer, mayWrap: boolean): void {
    const key = `${secretId} ${bytes.toString('latin1')}`
    if (seen.has(key)) return
    seen.add(key)
    const { extent, part } = piece
    patterns.push({ bytes, mayWrap })
    needles.push({ kind: 'secret', secretId, encoding, extent, ...(part === undefined ? {} : { part }) })
  }

  function addDump(secretId: string, { bytes, extent, part }: Piece): void {
    if (dumped > MOST_DUMP_PATTERNS) return
    const value = middleOf(bytes, LONGEST_DUMPED)
    const confirm = {
      reach: dumpReach(value),
      find: (around: Uint8Array) => findDump(Buffer.from(around).toString('latin1'), value)
    }
    for (const mark of dumpMarks(value)) {
      patterns.push({ bytes: mark, mayWrap: false, confirm })
      needles.push({
        ...{ kind: 'secret', secretId, encoding: 'hex', extent: value === bytes ? extent : 'part' },
        ...(part === undefined ? {} : { part })
      })
      dumped++
    }
  }

  function addKeyMarks(): void {
    const mark = (bytes: string, writing: KeyWriting) => {
      patterns.push({ bytes: Buffer.from(bytes), mayWrap: writing.as === 'base64' || writing.as === 'hex' })
      needles.push({ kind: 'key-mark', writing })
    }
    const begins = [...privateKeyLabels.map((label) => `-----BEGIN ${label}-----`), PUTTY_MARK]
    for (const begin of begins) {
      const bytes = Buffer.from(begin)
      mark(begin, { as: 'raw' })
      for (const skew of [0, 1, 2] as const) mark(base64At(bytes, skew), { as: 'base64', skew })
      const hex = bytes.toString('hex')
      for (const form of [hex, hex.toUpperCase()]) mark(form, { as: 'hex' })
      if (begin === PUTTY_MARK) continue // nothing in it is escaped
      const full = percentEncoded(bytes, alphanumeric)
      for (const form of [
        begin.replaceAll(' ', '%20'),
        begin.replaceAll(' ', '+'),
        full,
        full.replaceAll('%2D', '%2d')
      ]) {
        mark(form, { as: 'url' })
      }
    }
  }
}

const alphanumeric = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'))

/** The search that belongs to a plan. */
export function searchOf(plan: NeedlePlan): { readonly search: Search; readonly needles: readonly Needle[] } {
  const found = searches.get(plan)
  if (found === undefined) throw new TypeError('a needle plan comes from planNeedles')
  return found
}

/** What of a secret is searched for. */
function piecesOf(secret: Secret, omissions: Omission[]): readonly Piece[] {
  const value = typeof secret.value === 'string' ? Buffer.from(secret.value, 'utf8') : secret.value
  const { pieces, unsearched } = secretForms(value)
  const omit = (words: string) => omissions.push({ kind: 'value', secretId: secret.id, words })
  if (unsearched !== undefined) omit(`secret "${secret.id}" was not searched for: ${unsearched}`)
  if (pieces.length === 0) return []
  const text = bareValue(value).toString('latin1')
  // A key may be in what the value is the base64 of.
  const parts = pieces.slice(1).map(({ bytes }) => bytes.toString('latin1'))
  const keys = [text, ...parts.filter((part) => part.includes('PRIVATE KEY-----'))].flatMap(keyBlocks)
  if (secret.kind === 'ssh-key' && readPrivateKey(text) === undefined) {
    omit(`key "${secret.id}" could not be read as a private key: only its whole text and its lines were searched for`)
  }
  // A line of a key may be all public.
  const own = new Set(keys.flatMap(({ text: block }) => linesOf(block)))
  const searched = pieces
    .filter(({ common, bytes }) => !common && !own.has(bytes.toString('latin1')))
    .map(({ extent, bytes, part }): Piece => {
      if (bytes.length <= LONGEST_PATTERN) return { extent, bytes, ...(part === undefined ? {} : { part }) }
      return { extent: 'part', bytes: middleOf(bytes, LONGEST_PATTERN), ...(part === undefined ? {} : { part }) }
    })
  const secretNumbers = keys.flatMap(({ text: block, key }) => [
    ...keyLines(block, key).map((line) => Buffer.from(line)),
    ...key.secretParts
      .filter(({ start, end }) => end - start >= 16)
      .map(({ start, end }) => Buffer.from(key.body.subarray(start, Math.min(end, start + 48))))
  ])
  const all = [...searched, ...secretNumbers.map((bytes): Piece => ({ extent: 'part', bytes }))]
  return [...new Map(all.toReversed().map((piece) => [piece.bytes.toString('latin1'), piece])).values()].reverse()
}

function linesOf(block: string): readonly string[] {
  return block.split(/\r\n|\n|\r|\\n/).map((line) => line.trim())
}

/** The lines of an armoured key that hold at least twelve bytes of its secret parts. */
function keyLines(block: string, key: PrivateKey): readonly string[] {
  const lines: string[] = []
  let characters = 0
  for (const line of linesOf(block)) {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(line)) continue
    const start = (characters * 3) / 4
    const end = ((characters + line.length) * 3) / 4
    characters += line.length
    const overlap = key.secretParts.reduce(
      (sum, part) => sum + Math.max(0, Math.min(end, part.end) - Math.max(start, part.start)),
      0
    )
    if (line.length >= 16 && overlap >= 12) lines.push(line)
  }
  return lines
}

function middleOf(bytes: Buffer, length: number): Buffer {
  return bytes.length <= length ? bytes : bytes.subarray((bytes.length - length) >> 1).subarray(0, length)
}

function evenly<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items
  return Array.from({ length: most }, (_, at) => items[Math.floor((at * items.length) / most)]!)
}
