import { base64At, encodingsOf, type Encoding } from './encodings.js'
import { longestKeyText, privateKeyLabels, readPrivateKey, type PrivateKey } from './private-key.js'
import { buildSearch, type Pattern, type Search } from './search.js'

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
  readonly omissions: readonly string[]
}

/** What one pattern stands for. */
export type Needle =
  | {
      readonly kind: 'secret'
      readonly secretId: string
      readonly encoding: Encoding
      /** `part`: one line, or a stretch of a long value. */
      readonly extent: 'whole' | 'part'
    }
  /** The first line of an armoured private key, as it is or, with a skew, inside a base64 text. */
  | { readonly kind: 'key-mark'; readonly skew: 0 | 1 | 2 | undefined }

/** Bytes below which a secret is not searched for: shorter ones occur by chance, and slow the search down. */
export const shortestSecret = 8

/** Characters below which a line of a longer value is not searched for on its own. */
export const shortestLine = 16

/** Of a longer value a stretch of this many bytes from its middle is searched for, where it differs most from others of its kind. */
const longestPattern = 512

/** Lines of one value that are searched for on their own. */
const mostLines = 64

// The values stay behind this door, so that no log, error or report can print them by accident.
const searches = new WeakMap<NeedlePlan, { readonly search: Search; readonly needles: readonly Needle[] }>()

/**
 * Turns secrets into what to search for: each value raw, in base64 at the three offsets, base64url, URL-, JSON- and hex-encoded,
 * and the telling lines of a value with several. Of a private key only the secret parts are telling: its public half and
 * the bytes that all keys share may be anywhere. Values are never shown again, only ids.
 */
export function planNeedles(secrets: readonly Secret[]): NeedlePlan {
  const patterns: Pattern[] = []
  const needles: Needle[] = []
  const omissions: string[] = []

  for (const secret of secrets) {
    const value = typeof secret.value === 'string' ? Buffer.from(secret.value, 'utf8') : secret.value
    const trimmed = trim(value)
    const reason = unsearchable(trimmed)
    if (reason !== undefined) {
      omissions.push(`secret "${secret.id}" was not searched for: ${reason}`)
      continue
    }
    const text = trimmed.toString('utf8')
    const key = readPrivateKey(text)
    if (secret.kind === 'ssh-key' && key === undefined) {
      omissions.push(
        `key "${secret.id}" could not be read as a private key: only its whole text and its lines were searched for`
      )
    }
    if (trimmed.length <= longestPattern) add(secret.id, 'whole', trimmed)
    else add(secret.id, 'part', trimmed.subarray((trimmed.length - longestPattern) >> 1).subarray(0, longestPattern))
    const lines = key === undefined ? tellingLines(text) : keyLines(text, key)
    if (lines.length > mostLines) {
      omissions.push(
        `secret "${secret.id}" has ${lines.length} lines: ${mostLines} of them were searched for one by one`
      )
    }
    for (const line of evenly(lines, mostLines)) add(secret.id, 'part', Buffer.from(line, 'utf8'))
    for (const { start, end } of key?.secretParts ?? []) {
      if (end - start >= 16) add(secret.id, 'part', Buffer.from(key!.body.subarray(start, Math.min(end, start + 48))))
    }
  }
  addKeyMarks()

  const plan: NeedlePlan = { secretIds: secrets.map(({ id }) => id), patterns: patterns.length, omissions }
  searches.set(plan, { search: buildSearch(patterns), needles })
  return plan

  function add(secretId: string, extent: 'whole' | 'part', value: Buffer): void {
    for (const { encoding, bytes } of encodingsOf(value)) {
      const mayWrap = encoding === 'base64' || encoding === 'base64url'
      patterns.push({ bytes, mayWrap })
      needles.push({ kind: 'secret', secretId, encoding, extent })
      // A line end in the part that finds the place would hide the match: a second place to start from.
      if (mayWrap && bytes.length >= 48) {
        patterns.push({ bytes: bytes.subarray(32), mayWrap })
        needles.push({ kind: 'secret', secretId, encoding, extent: 'part' })
      }
    }
  }

  function addKeyMarks(): void {
    for (const label of privateKeyLabels) {
      const mark = Buffer.from(`-----BEGIN ${label}-----`)
      patterns.push({ bytes: mark, mayWrap: false })
      needles.push({ kind: 'key-mark', skew: undefined })
      for (const skew of [0, 1, 2] as const) {
        patterns.push({ bytes: Buffer.from(base64At(mark, skew)), mayWrap: false })
        needles.push({ kind: 'key-mark', skew })
      }
    }
  }
}

/** The search that belongs to a plan. */
export function searchOf(plan: NeedlePlan): { readonly search: Search; readonly needles: readonly Needle[] } {
  const found = searches.get(plan)
  if (found === undefined) throw new TypeError('a needle plan comes from planNeedles')
  return found
}

/** Why a value can't be searched for, or undefined. */
function unsearchable(value: Buffer): string | undefined {
  if (value.length < shortestSecret) return `it has ${value.length} bytes, fewer than ${shortestSecret}`
  const distinct = new Set(value.subarray(0, longestPattern)).size
  return distinct < 4 ? `it is made of ${distinct} different characters` : undefined
}

/**
 * The lines of a value that are telling on their own: long enough, with a run of twelve letters and digits as tokens and keys have.
 * `registry=https://registry.example.com/` is a line of many secret files and no secret.
 */
export function tellingLines(text: string): readonly string[] {
  const lines = text.split(/\r\n|\n|\r|\\n/).map((line) => line.trim())
  if (lines.length < 2) return []
  return lines.filter(
    (line) =>
      line.length >= shortestLine &&
      !line.startsWith('-----') &&
      (line.match(/[A-Za-z0-9_+=]{12,}/g) ?? []).some((run) => /[0-9]/.test(run) && /[A-Za-z]/.test(run))
  )
}

/** The lines of an armoured key that hold at least twelve bytes of its secret parts. */
function keyLines(text: string, key: PrivateKey): readonly string[] {
  const lines: string[] = []
  let characters = 0
  for (const line of text
    .slice(0, longestKeyText)
    .split(/\r\n|\n|\r|\\n/)
    .map((part) => part.trim())) {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(line)) continue
    const start = (characters * 3) / 4
    const end = ((characters + line.length) * 3) / 4
    characters += line.length
    const overlap = key.secretParts.reduce(
      (sum, part) => sum + Math.max(0, Math.min(end, part.end) - Math.max(start, part.start)),
      0
    )
    if (line.length >= shortestLine && overlap >= 12) lines.push(line)
  }
  return lines
}

function trim(value: Buffer): Buffer {
  const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
  let start = 0
  let end = value.length
  while (start < end && isBlank(value[start])) start++
  while (end > start && isBlank(value[end - 1])) end--
  return value.subarray(start, end)
}

function evenly<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items
  return Array.from({ length: most }, (_, at) => items[Math.floor((at * items.length) / most)]!)
}
