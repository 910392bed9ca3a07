import { createHash } from 'node:crypto'
import { derElements, DER_IDENTIFIER, DER_INTEGER, DER_OCTETS, DER_SEQUENCE, type ByteRange } from './der.js'

/** A private key that was really read, not merely announced by a BEGIN line. */
export type PrivateKey = {
  /** The armour's label: `OPENSSH`, `RSA`, `EC`, `DSA`, `ENCRYPTED`, `PGP`, `PuTTY`, or `PKCS8` where PEM writes none. */
  readonly format: string
  readonly encrypted: boolean
  /** The decoded body. */
  readonly body: Buffer
  /** The parts of the body that nobody but the owner may know; the rest is public or the same in every key. */
  readonly secretParts: readonly ByteRange[]
}

/** The labels a private key's armour can have, as they stand after `BEGIN `. */
export const privateKeyLabels = [
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'DSA PRIVATE KEY',
  'OPENSSH PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'PGP PRIVATE KEY BLOCK'
] as const

/** How a file of PuTTY's begins; a version follows. */
export const PUTTY_MARK = 'PuTTY-User-Key-File-'

/** Longest armoured key looked at, in bytes: RSA with 16 384 bits takes 13 KB. */
export const LONGEST_KEY_TEXT = 48 * 1024

/**
 * Reads the armoured private key at the start of a text. Takes what files and JSON make of its line ends: CRLF, a literal `\n`,
 * blanks, quotes around each line. Undefined if the body is not complete, not base64 or not a key: a test's stub, documentation.
 */
export function readPrivateKey(text: string): PrivateKey | undefined {
  if (text.startsWith(PUTTY_MARK)) return readPuTTY(text)
  const begin = /^-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?)-----/.exec(text)
  if (begin === null) return undefined
  const label = begin[1] ?? ''
  const end = text.indexOf(`-----END ${label}-----`, begin[0].length)
  if (end === -1 || end > LONGEST_KEY_TEXT) return undefined
  const inside = text.slice(begin[0].length, end)
  const lines = inside
    .replace(/\\+[nr]/g, '\n')
    .split(/[\r\n]+/)
    .map((line) => line.trim().replace(/^["'`]+|["'`][\s+.,;\\]*$/g, ''))
    .filter((line) => !/^[\s+.,;\\]*$/.test(line))
  const headers = lines.filter((line) => /^[A-Za-z-]+: /.test(line))
  const bodyLines = lines.filter((line) => !headers.includes(line) && !/^=[A-Za-z0-9+/]{4}$/.test(line))
  const base64 = bodyLines.join('').replace(/\s/g, '')
  if (base64.length < 40 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const body = Buffer.from(base64, 'base64')
  const read = readBody(label, body, headers)
  if (read === undefined) return undefined
  return { format: label === 'PRIVATE KEY' ? 'PKCS8' : (label.split(' ')[0] ?? ''), body, ...read }
}

/** Every block of a text that can be read as a key, with its text. */
export function keyBlocks(text: string): readonly { readonly text: string; readonly key: PrivateKey }[] {
  return [...text.matchAll(/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-/g)].flatMap(
    ({ index }, at, marks) => {
      const block = text.slice(index, Math.min(marks[at + 1]?.index ?? text.length, index + LONGEST_KEY_TEXT))
      const key = readPrivateKey(block)
      return key === undefined ? [] : [{ text: block, key }]
    }
  )
}

/** What stands for a key where it is to be named: sha256 of its decoded body, as `base64 -d | sha256sum` has it. */
export function fingerprintOf({ body }: PrivateKey): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

type KeyBody = Pick<PrivateKey, 'encrypted' | 'secretParts'>

function readBody(label: string, body: Buffer, headers: readonly string[]): KeyBody | undefined {
  const whole = { start: 0, end: body.length }
  if (label === 'OPENSSH PRIVATE KEY') return readOpenSsh(body)
  if (label === 'PGP PRIVATE KEY BLOCK') return readPgp(body)
  // RFC 1421's way to encrypt: nothing in the body can be read, but the header says a cipher and the length fits one.
  if (headers.some((header) => header.startsWith('DEK-Info: '))) {
    return body.length >= 48 && body.length % 8 === 0 ? { encrypted: true, secretParts: [whole] } : undefined
  }
  const outer = derElements(body, whole)
  if (outer?.length !== 1 || outer[0]?.tag !== DER_SEQUENCE) return undefined
  if (label === 'ENCRYPTED PRIVATE KEY') {
    const [algorithm, data, ...rest] = derElements(body, outer[0]) ?? []
    if (algorithm?.tag !== DER_SEQUENCE || data?.tag !== DER_OCTETS || rest.length > 0 || data.end - data.start < 32)
      return undefined
    return { encrypted: true, secretParts: [data] }
  }
  const secretParts = label === 'PRIVATE KEY' ? readPkcs8(body, outer[0]) : readTraditional(body, outer[0])
  return secretParts === undefined ? undefined : { encrypted: false, secretParts }
}

/** PKCS#8, RFC 5208 and 5958: version, algorithm, and the key in an octet string. */
function readPkcs8(body: Buffer, range: ByteRange): readonly ByteRange[] | undefined {
  const [version, algorithm, key] = derElements(body, range) ?? []
  if (version?.tag !== DER_INTEGER || algorithm?.tag !== DER_SEQUENCE || key?.tag !== DER_OCTETS) return undefined
  if (derElements(body, algorithm)?.[0]?.tag !== DER_IDENTIFIER) return undefined
  const inner = derElements(body, key)
  if (inner?.length !== 1) return undefined
  // Ed25519 and its kin hold one octet string, DSA and Diffie-Hellman one integer.
  if (inner[0]?.tag === DER_SEQUENCE) return readTraditional(body, inner[0])
  return inner[0] !== undefined && inner[0].end - inner[0].start >= 16 ? [inner[0]] : undefined
}

/** PKCS#1 (RFC 8017 A.1.2), SEC 1 (RFC 5915) and OpenSSL's DSA: told apart by what is inside. */
function readTraditional(body: Buffer, range: ByteRange): readonly ByteRange[] | undefined {
  const elements = derElements(body, range)
  const [version, second] = elements ?? []
  if (elements === undefined || version?.tag !== DER_INTEGER || version.end - version.start !== 1) return undefined
  if (second?.tag === DER_OCTETS) return second.end - second.start >= 16 ? [second] : undefined
  if (!elements.every(({ tag }) => tag === DER_INTEGER)) return undefined
  if (elements.length === 9) return elements.slice(3)
  return elements.length === 6 ? elements.slice(5) : undefined
}

const OPENSSH_MAGIC = 'openssh-key-v1\0'

/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function readOpenSsh(body: Buffer): KeyBody | undefined {
  if (body.toString('latin1', 0, OPENSSH_MAGIC.length) !== OPENSSH_MAGIC) return undefined
  const outer = sshStrings(body, OPENSSH_MAGIC.length, 3)
  if (outer === undefined) return undefined
  const [cipher, , options] = outer
  const counted = options === undefined ? undefined : sshStrings(body, options.end + 4, 2)
  const secret = counted?.[1]
  if (cipher === undefined || secret === undefined || secret.end > body.length) return undefined
  if (body.toString('latin1', cipher.start, cipher.end) !== 'none') return { encrypted: true, secretParts: [secret] }
  // Two equal numbers prove that the right passphrase was used; here they prove that this is a key.
  if (secret.end - secret.start < 16 || body.readUInt32BE(secret.start) !== body.readUInt32BE(secret.start + 4))
    return undefined
  return { encrypted: false, secretParts: openSshSecrets(body, secret) }
}

/** Where the secret numbers of an unencrypted OpenSSH key lie, by the order in which each type writes them. */
function openSshSecrets(body: Buffer, secret: ByteRange): readonly ByteRange[] {
  const type = sshStrings(body, secret.start + 8, 1)?.[0]
  const name = type === undefined ? '' : body.toString('latin1', type.start, type.end)
  const fields = type === undefined ? [] : sshStrings(body, type.end, 8, true)
  const at = (...indices: number[]) => indices.map((index) => fields?.[index]).filter((field) => field !== undefined)
  if (name === 'ssh-ed25519') return at(1).map(({ start }) => ({ start, end: start + 32 })) // the second half is public
  if (name === 'ssh-rsa') return at(2, 3, 4, 5)
  if (name.startsWith('ecdsa-sha2-')) return at(2)
  if (name === 'ssh-dss') return at(4)
  return [{ start: secret.start + 8, end: secret.end }]
}

/** RFC 4251 strings, one after the other: a length of four bytes, then the content. */
function sshStrings(body: Buffer, start: number, count: number, fewer = false): readonly ByteRange[] | undefined {
  const ranges: ByteRange[] = []
  let at = start
  while (ranges.length < count) {
    if (at + 4 > body.length) return fewer ? ranges : undefined
    const end = at + 4 + body.readUInt32BE(at)
    if (end > body.length) return fewer ? ranges : undefined
    ranges.push({ start: at + 4, end })
    at = end
  }
  return ranges
}

/** RFC 9580 section 5.5.1.3: the first packet is a secret key, of a version that exists. */
function readPgp(body: Buffer): KeyBody | undefined {
  const first = body[0] ?? 0
  const tag = (first & 0xc0) === 0xc0 ? first & 0x3f : (first & 0x3c) >> 2
  if ((first & 0x80) === 0 || tag !== 5 || body.length < 64) return undefined
  return { encrypted: false, secretParts: [{ start: 0, end: body.length }] }
}

/** https://the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html */
function readPuTTY(text: string): PrivateKey | undefined {
  const lines = text
    .slice(0, LONGEST_KEY_TEXT)
    .replace(/\\+[nr]/g, '\n')
    .split(/[\r\n]+/)
    .map((line) => line.trim().replace(/^["'`]+|["'`][\s+.,;\\]*$/g, ''))
  const valueOf = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  const cipher = valueOf('Encryption')
  const count = Number(valueOf('Private-Lines'))
  if (!/^PuTTY-User-Key-File-[123]: /.test(lines[0] ?? '') || cipher === undefined || !(count > 0 && count < 1000))
    return undefined
  const first = lines.findIndex((line) => line.startsWith('Private-Lines: ')) + 1
  const base64 = lines.slice(first, first + count).join('')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const body = Buffer.from(base64, 'base64')
  const whole = { start: 0, end: body.length }
  if (body.length < 32) return undefined
  if (cipher !== 'none') return { format: 'PuTTY', encrypted: true, body, secretParts: [whole] }
  const fields = sshStrings(body, 0, 8, true) ?? []
  return fields.at(-1)?.end === body.length
    ? { format: 'PuTTY', encrypted: false, body, secretParts: fields }
    : undefined
}
