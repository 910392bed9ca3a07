/**
 * Reads the input `ssh-private-key` as people paste it: finds the keys, repairs what copying did to them, and explains
 * each one that cannot be used. Pure; no text that comes out of it, other than `PrivateKey.text`, holds key material.
 */
import type { InputProblem } from '../core/problem.js'
import { explain, type Unusable } from './explain.js'
import { isOpenSsh, parseKey, writeArmour, type Armour, type KeyFacts } from './format.js'
import { splitText, type Piece } from './pieces.js'

/** A private key in canonical text, ready for `ssh-add -`. `text` is the secret; all else may be shown. */
export type PrivateKey = KeyFacts & {
  readonly text: string
  /** What was put right, in words for the log. */
  readonly repairs: readonly string[]
}

/** What the input holds. Usable keys are listed even when there are problems beside them. */
export type KeyReading = { readonly keys: readonly PrivateKey[]; readonly problems: readonly InputProblem[] }

type Finding =
  | { readonly kind: 'key'; readonly key: PrivateKey }
  | { readonly kind: 'unusable'; readonly reason: Unusable }
  /** A public half: harmless beside its own private key, a mistake without it. */
  | { readonly kind: 'public'; readonly fingerprint: string | undefined }

/** Finds, repairs and parses every private key in the text. */
export function readPrivateKeys(text: string): KeyReading {
  const findings = splitText(text).flatMap(examine)
  const keys = withoutRepeats(findings.flatMap((finding) => (finding.kind === 'key' ? [finding.key] : [])))
  const known = new Set(keys.map((key) => key.fingerprint))
  const unusable = findings.flatMap((finding): readonly [Finding, Unusable][] => {
    if (finding.kind === 'key') return []
    if (finding.kind === 'unusable') return [[finding, finding.reason]]
    return finding.fingerprint !== undefined && known.has(finding.fingerprint) ? [] : [[finding, 'public']]
  })
  if (findings.length === 0) return { keys: [], problems: [explain('empty', undefined)] }
  const several = findings.length > 1
  const problems = unusable.map(([finding, reason]) =>
    explain(reason, several ? `Key ${findings.indexOf(finding) + 1} of ${findings.length}` : undefined)
  )
  return { keys, problems }
}

/** The agent holds a key once however often it is given. */
function withoutRepeats(keys: readonly PrivateKey[]): readonly PrivateKey[] {
  return keys.filter((key, index) => keys.findIndex((other) => isSame(other, key)) === index)
}

function isSame(one: PrivateKey, other: PrivateKey): boolean {
  return one.text === other.text || (one.fingerprint !== undefined && one.fingerprint === other.fingerprint)
}

function examine(piece: Piece): readonly Finding[] {
  switch (piece.kind) {
    case 'unusable':
      return [{ kind: 'unusable', reason: piece.reason }]
    case 'public':
      return [{ kind: 'public', fingerprint: piece.fingerprint }]
    case 'body':
      return [examineBody(OPENSSH, piece.body, piece.repairs)]
    case 'block':
      return examineBlock(piece)
  }
}

function examineBlock(block: Extract<Piece, { kind: 'block' }>): readonly Finding[] {
  const { label } = block
  // `openssl ecparam -genkey` writes the curve in front of the key; ssh-add does not want it.
  if (label === 'EC PARAMETERS') return []
  const foreign = foreignLabel(label)
  if (foreign !== undefined) return [foreign]
  const lines = unescape(block.content)
  const repairs = [...block.repairs, ...layoutRepairs(block.content)]
  const { headers, rest } = takeHeaders(lines)
  const base64 = rest.replace(/[\s"'`,\\\uFEFF\u200B\u00A0]/g, '')
  if (base64.includes('***')) return [{ kind: 'unusable', reason: 'masked' }]
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return [{ kind: 'unusable', reason: 'garbage' }]
  return [examineBody({ label, headers }, Buffer.from(base64, 'base64'), repairs)]
}

function examineBody(given: Armour, body: Buffer, repairs: readonly string[]): Finding {
  const parsed = parseKey(given, body)
  if ('unusable' in parsed) return { kind: 'unusable', reason: parsed.unusable }
  const { facts, rewritten } = parsed
  const openssh = isOpenSsh(rewritten ?? body)
  const armour = openssh ? OPENSSH : given
  const all = new Set(repairs)
  if (rewritten !== undefined) all.add("rewrote PKCS#8 in OpenSSH's own format, which every version reads")
  else if (openssh && given.label !== OPENSSH.label) all.add('corrected the label of the BEGIN and END lines')
  return { kind: 'key', key: { ...facts, text: writeArmour(armour, rewritten ?? body), repairs: [...all] } }
}

const OPENSSH: Armour = { label: 'OPENSSH PRIVATE KEY', headers: [] }

const PRIVATE_LABELS = new Set([
  'OPENSSH PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'DSA PRIVATE KEY',
  'PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY'
])

function foreignLabel(label: string): Finding | undefined {
  if (PRIVATE_LABELS.has(label)) return undefined
  if (label.endsWith('PUBLIC KEY')) return { kind: 'public', fingerprint: undefined }
  if (label.startsWith('PGP ')) return { kind: 'unusable', reason: 'pgp' }
  if (label.includes('CERTIFICATE')) return { kind: 'unusable', reason: 'x509' }
  if (label.startsWith('SSH2 ')) return { kind: 'unusable', reason: 'ssh2-private' }
  return { kind: 'unusable', reason: 'unknown' }
}

/** Base64 holds no backslash, so every `\n` and `\r` in a key is an escape that nobody undid. */
function unescape(content: string): string {
  return content.replace(/\\+[rn]/g, '\n')
}

function layoutRepairs(content: string): readonly string[] {
  const repairs: string[] = []
  if (content.includes('\r')) repairs.push('turned CRLF line ends into LF')
  if (/\\+[rn]/.test(content)) repairs.push('turned literal \\n into line ends')
  const lines = unescape(content)
  if (!/[\r\n]/.test(lines)) repairs.push('split a key folded to one line')
  else if (/[\r\n][ \t]+\S/.test(lines)) repairs.push('removed indentation')
  if (/["'`]/.test(content)) repairs.push('removed quotes')
  return repairs
}

/** The two headers of an encrypted traditional PEM (RFC 1421), wherever folding has put them. */
function takeHeaders(content: string): { readonly headers: readonly string[]; readonly rest: string } {
  const match = /^\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Z0-9-]+),\s*([0-9A-Fa-f]+)\s/.exec(content)
  if (match === null) return { headers: [], rest: content }
  const headers = ['Proc-Type: 4,ENCRYPTED', `DEK-Info: ${match[1] ?? ''},${match[2] ?? ''}`]
  return { headers, rest: content.slice(match[0].length) }
}
