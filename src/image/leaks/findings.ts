import type { Digest } from '../digest.js'
import type { ImageConfig } from '../documents.js'
import type { PlatformImage } from '../image_set.js'
import type { Encoding } from '../../core/secret_encodings.js'
import { readStatement } from '../attestations.js'
import { parseJSON } from '../../core/json.js'
import { splitPair } from '../../core/pair.js'
import { searchOf, type NeedlePlan } from './needles.js'
import { hitsIn, type Hit } from './stream.js'

/** A secret or a private key found where it must not be. Holds no value: paths and instructions are shown with `***` in its place. */
export type LeakFinding = LeakIdentity & {
  readonly place: LeakPlace
  /** How often it was found at this place, in this encoding. */
  readonly count: number
}

/** What was found. */
export type LeakIdentity =
  | {
      readonly kind: 'secret'
      readonly secretId: string
      readonly encoding: Encoding
      /** `part`: a line, a member of a structure, or a stretch of a long value. */
      readonly extent: 'whole' | 'part'
      /** Which part, where that is known: "the value after `_authToken=`". */
      readonly part?: string
    }
  | {
      readonly kind: 'private-key'
      /** `OPENSSH`, `RSA`, `EC`, `DSA`, `PKCS8`, `ENCRYPTED`, `PGP`, `PuTTY`. */
      readonly format: string
      readonly encrypted: boolean
      readonly encoding: Encoding
      /** `sha256:` and the digest of the key's decoded body: what `leak-ignore` takes. */
      readonly fingerprint: string
    }

/** Where it was found. */
export type LeakPlace =
  | {
      /** `name`: in the path, a link's target or an attribute. `outside`: in a layer's bytes that belong to no file. */
      readonly in: 'file' | 'name' | 'outside'
      readonly layer: LeakLayer
      /** Empty for `outside`. */
      readonly path: string
      /** Whether a container sees this very file; otherwise a later layer deletes or replaces it, and it is shipped all the same. */
      readonly live: boolean
    }
  | { readonly in: 'env' | 'label'; readonly name: string }
  /** `line` counts from 0, empty layers included. */
  | { readonly in: 'history'; readonly line: number }
  /** `cmd`, `user`, …; `other` for a member this library has no name for. */
  | { readonly in: 'config'; readonly member: string }
  /** `on`: what it is published with. */
  | { readonly in: 'annotation'; readonly name: string; readonly on: AnnotationPlace }
  /** A manifest or an index, outside its annotations. */
  | { readonly in: 'manifest'; readonly digest: Digest }
  | { readonly in: 'attestation'; readonly digest: Digest; readonly predicateType: string }

/** A document, or the descriptor of one, of a layer or of a config. */
export type AnnotationPlace = 'index' | 'manifest' | 'descriptor' | 'layer'

export type LeakLayer = { readonly index: number; readonly digest: Digest; readonly createdBy: string | undefined }

/** What a text holds, without where: for the caller's own report, command lines, build arguments. */
export type TextLeak = LeakIdentity & { readonly count: number }

/** Searches a text, a report before it is published say. Pure; an empty list is a clean text. */
export function searchText(plan: NeedlePlan, text: string | Buffer): readonly TextLeak[] {
  return groupHits(hitsIn(plan, text))
}

/** The text with every find replaced by `***`; a private key up to its END line. */
export function redactText(plan: NeedlePlan, text: string): string {
  const { search, needles } = searchOf(plan)
  const bytes = Buffer.from(text, 'utf8')
  const ranges: { start: number; end: number }[] = []
  search.find(bytes, bytes.length, (pattern, start, end) => {
    const needle = needles[pattern]!
    if (needle.kind === 'secret') ranges.push({ start, end })
    else {
      const keyEnd = endOfKey(bytes, end)
      if (keyEnd !== undefined) ranges.push({ start, end: keyEnd })
    }
  })
  if (ranges.length === 0) return text
  ranges.sort((a, b) => a.start - b.start)
  const pieces: string[] = []
  let at = 0
  for (const { start, end } of ranges) {
    if (start > at || pieces.length === 0) pieces.push(bytes.toString('utf8', at, start), '***')
    at = Math.max(at, end)
  }
  return pieces.join('') + bytes.toString('utf8', at)
}

/** Findings in what is published with an image besides its layers: config, annotations, provenance and other attestations. */
export async function searchDocuments(plan: NeedlePlan, image: PlatformImage): Promise<readonly LeakFinding[]> {
  const findings: LeakFinding[] = []
  const search = (text: string | Buffer, place: LeakPlace) => {
    for (const leak of searchText(plan, text)) findings.push({ ...leak, place })
  }
  for (const { place, text } of configTexts(image.config, (name) => redactText(plan, name))) search(text, place)
  // Whatever has no name above is in the document all the same.
  searchDocument(image.configText, { in: 'config', member: 'other' })
  const searched = new Set<string>()
  for (const { on, annotations } of image.annotated) {
    for (const [name, text] of Object.entries(annotations)) {
      const key = JSON.stringify([on, name, text])
      if (searched.has(key)) continue
      searched.add(key)
      search(`${name}=${text}`, { in: 'annotation', name: redactText(plan, name), on })
    }
  }
  for (const { digest, text } of [...image.documents, ...image.attestations])
    searchDocument(text, { in: 'manifest', digest })
  for (const statement of image.attestations.flatMap(({ statements, config }) => [...statements, config])) {
    const { digest } = statement.descriptor
    const place: LeakPlace = { in: 'attestation', digest, predicateType: statement.predicateType }
    const bytes = await readStatement(statement)
    search(bytes, place)
    searchRest(decodedStrings(bytes), place)
  }
  return findings

  function searchDocument(text: string, place: LeakPlace): void {
    searchRest(text, place)
    searchRest(decodedStrings(text), place)
  }

  /** A document as it is published: what was found in its members is not told again. */
  function searchRest(text: string, place: LeakPlace): void {
    const known = new Set(findings.map(identityOf))
    for (const leak of searchText(plan, text)) if (!known.has(identityOf(leak))) findings.push({ ...leak, place })
  }
}

/** Larger documents, which are lists of packages, are searched as they are written alone. */
const LARGEST_DECODED = 32 * 2 ** 20

/**
 * The names and strings of a JSON document, one a line, where they are written otherwise than they are: a value that is escaped
 * or encoded in a string with an `&` stands in the document in two encodings at once.
 */
function decodedStrings(document: string | Buffer): string {
  if (document.length > LARGEST_DECODED || !document.includes('\\')) return ''
  const strings: string[] = []
  // Not by recursion: how deep it is, is up to whoever wrote it.
  const pending: unknown[] = [parseJSON(document.toString())]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value === 'string') strings.push(value)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        if (!Array.isArray(value)) strings.push(name)
        pending.push(member)
      }
    }
  }
  return strings.join('\n')
}

/**
 * Groups hits at one place: each secret once, and each kind of key. A whole value tells more than a part of it, a raw one more than an
 * encoded one; what tells less is left out, and so is not counted.
 */
export function groupHits(hits: readonly Hit[]): readonly TextLeak[] {
  const groups = new Map<string, TextLeak>()
  for (const hit of hits) {
    const identity = identityOfHit(hit)
    const key = identityOf(identity)
    const group = groups.get(key)
    const rank = group === undefined ? 1 : tellingRank(identity) - tellingRank(group)
    if (rank > 0) groups.set(key, { ...identity, count: 1 })
    else if (rank === 0 && group !== undefined) groups.set(key, { ...group, count: group.count + 1 })
  }
  return [...groups.values()]
}

const leastTelling: readonly Encoding[] = [
  ...(['hex', 'utf16', 'quoted', 'xml', 'json', 'url', 'base64url', 'base64', 'raw'] as const)
]

function tellingRank(leak: LeakIdentity): number {
  const whole = leak.kind === 'secret' && leak.extent === 'whole' ? leastTelling.length : 0
  return whole + leastTelling.indexOf(leak.encoding)
}

/** A hit without its place. */
function identityOfHit(hit: Hit): LeakIdentity {
  if (hit.kind === 'private-key') {
    const { kind, format, encrypted, encoding, fingerprint } = hit
    return { kind, format, encrypted, encoding, fingerprint }
  }
  const { kind, secretId, encoding, extent, part } = hit
  return { kind, secretId, encoding, extent, ...(part === undefined ? {} : { part }) }
}

function identityOf(leak: LeakIdentity): string {
  return leak.kind === 'secret' ? `secret ${leak.secretId}` : `key ${leak.fingerprint}`
}

/** Every text of a config that has a name people know, decoded from its JSON form. */
function configTexts(
  config: ImageConfig,
  redact: (name: string) => string
): readonly { readonly place: LeakPlace; readonly text: string }[] {
  const members = ['user', 'workingDir', 'entrypoint', 'cmd', 'healthcheck', 'onBuild', 'shell', 'volumes'] as const
  return [
    ...config.env.map((text) => ({
      place: { in: 'env', name: redact(splitPair(text).name) } as const,
      text
    })),
    ...Object.entries(config.labels).map(([name, text]) => ({
      place: { in: 'label', name: redact(name) } as const,
      text: `${name}=${text}`
    })),
    ...config.history.flatMap(({ createdBy, comment }, line) =>
      [createdBy, comment]
        .filter((text) => text !== undefined)
        .map((text) => ({ place: { in: 'history', line } as const, text }))
    ),
    ...members.flatMap((member) =>
      [config[member] ?? []].flat().map((text) => ({ place: { in: 'config', member } as const, text }))
    )
  ]
}

/** Where an armoured key ends that begins before `from`; undefined where it has no END line and so is only mentioned. */
function endOfKey(bytes: Buffer, from: number): number | undefined {
  const end = bytes.indexOf('-----END ', from)
  const close = end === -1 ? -1 : bytes.indexOf('-----', end + 9)
  return close === -1 ? undefined : close + 5
}
