/**
 * What is inside one private key: OpenSSH's own container, the old PEM forms and PKCS#8.
 * OpenSSH's format: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto'
import type { Unusable } from './explain.js'
import { blobType, fingerprint, publicBlob, readNumber, readString, writeStrings, type Read } from './wire.js'

/** How a private key is written down: OpenSSH's container, a traditional PEM (PKCS#1, SEC 1), or PKCS#8. */
export type KeyFormat = 'openssh' | 'pem' | 'pkcs8'

/** What could be read of a key without its passphrase. */
export type KeyFacts = {
  readonly format: KeyFormat
  /** As in a public key line, e.g. `ssh-ed25519`; undefined for an encrypted PEM or PKCS#8 key, which hides it. */
  readonly type: string | undefined
  /** `SHA256:…` of the public half, where the format shows it or the key is not encrypted. */
  readonly fingerprint: string | undefined
  readonly comment: string | undefined
  readonly encrypted: boolean
}

/** The lines around a key's body. `headers` are those of RFC 1421, e.g. `DEK-Info`. */
export type Armour = { readonly label: string; readonly headers: readonly string[] }

/** A key that can be used, or why not. `rewritten` is the body in OpenSSH's container where the given form won't load. */
export type Parsed = { readonly facts: KeyFacts; readonly rewritten?: Buffer } | { readonly unusable: Unusable }

const MAGIC = Buffer.from('openssh-key-v1\0')
const LOADABLE = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521'
])

/** How many strings follow the type in the private section, before the comment. */
const PRIVATE_FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 6,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3
}

/** Whether these bytes are OpenSSH's own container, whatever the label says. */
export function isOpenSsh(body: Buffer): boolean {
  return body.subarray(0, MAGIC.length).equals(MAGIC)
}

/** Writes a key as OpenSSH and OpenSSL write it: lines of 70 or 64 characters and a final newline. */
export function writeArmour({ label, headers }: Armour, body: Buffer): string {
  const width = label === 'OPENSSH PRIVATE KEY' ? /.{1,70}/g : /.{1,64}/g
  const lines = body.toString('base64').match(width) ?? []
  const head = headers.length === 0 ? [] : [...headers, '']
  return [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** Parses one private key. */
export function parseKey(armour: Armour, body: Buffer): Parsed {
  if (body.length === 0) return { unusable: 'truncated' }
  if (isOpenSsh(body)) return parseOpenSsh(body)
  if (armour.label === 'OPENSSH PRIVATE KEY') {
    return { unusable: MAGIC.subarray(0, body.length).equals(body) ? 'truncated' : 'damaged' }
  }
  if (armour.headers.length > 0) return parseEncryptedPem(body)
  if (derLength(body) > body.length) return { unusable: 'truncated' }
  if (armour.label === 'ENCRYPTED PRIVATE KEY') return { facts: hidden('pkcs8') }
  return parsePlainPem(armour, body)
}

function parseOpenSsh(body: Buffer): Parsed {
  const cipher = readString(body, MAGIC.length)
  const kdf = cipher && readString(body, cipher.next)
  const kdfOptions = kdf && readString(body, kdf.next)
  const count = kdfOptions && readNumber(body, kdfOptions.next)
  if (count !== undefined && count.value !== 1) return { unusable: 'damaged' }
  const publicKey = count && readString(body, count.next)
  const privateKey = publicKey && readString(body, publicKey.next)
  if (cipher === undefined || kdf === undefined || publicKey === undefined || privateKey === undefined) {
    return { unusable: 'truncated' }
  }
  const type = blobType(publicKey.value)
  if (type === undefined) return { unusable: 'damaged' }
  if (!LOADABLE.has(type)) return { unusable: whyNot(type) }
  const encrypted = cipher.value.toString('latin1') !== 'none' || kdf.value.toString('latin1') !== 'none'
  const facts = { format: 'openssh', type, fingerprint: fingerprint(publicKey.value), encrypted } as const
  if (encrypted) return { facts: { ...facts, comment: undefined } }
  const comment = readComment(privateKey.value, type)
  return comment === undefined
    ? { unusable: 'damaged' }
    : { facts: { ...facts, comment: comment === '' ? undefined : comment } }
}

/** The comment ends the private section; undefined when the two check numbers differ or a field is cut. */
function readComment(section: Buffer, type: string): string | undefined {
  const first = readNumber(section, 0)
  const second = first && readNumber(section, first.next)
  if (second === undefined || first?.value !== second.value) return undefined
  let read: Read<Buffer> | undefined = readString(section, second.next)
  if (read?.value.toString('latin1') !== type) return undefined
  for (let left = (PRIVATE_FIELDS[type] ?? 0) + 1; left > 0 && read !== undefined; left--) {
    read = readString(section, read.next)
  }
  return read?.value.toString('utf8')
}

function whyNot(type: string): Unusable {
  if (type.includes('-cert-v')) return 'certificate'
  if (type.startsWith('sk-')) return 'hardware'
  return type === 'ssh-dss' ? 'dsa' : 'unsupported'
}

/** Traditional PEM encryption is a block cipher in CBC mode: a length that is no multiple of the block was cut. */
function parseEncryptedPem(body: Buffer): Parsed {
  return body.length % 8 === 0 ? { facts: hidden('pem') } : { unusable: 'truncated' }
}

function parsePlainPem(armour: Armour, body: Buffer): Parsed {
  const key = openPem(writeArmour(armour, body))
  if (key === undefined) return { unusable: 'damaged' }
  const kind = key.asymmetricKeyType
  if (kind === 'dsa') return { unusable: 'dsa' }
  // OpenSSH refuses RSA keys below 1024 bits (SSH_RSA_MINIMUM_MODULUS_SIZE).
  if (kind === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 1024) return { unusable: 'unsupported' }
  if (kind !== 'rsa' && kind !== 'ec' && kind !== 'ed25519') return { unusable: 'unsupported' }
  const blob = publicBlob(key)
  if (blob === undefined) return { unusable: 'unsupported' }
  const facts: KeyFacts = {
    format: armour.label === 'PRIVATE KEY' ? 'pkcs8' : 'pem',
    type: blobType(blob),
    fingerprint: fingerprint(blob),
    comment: undefined,
    encrypted: false
  }
  return kind === 'ed25519' ? { facts, rewritten: writeEd25519(key, blob) } : { facts }
}

/**
 * OpenSSH reads Ed25519 in PKCS#8 (what `openssl genpkey` writes) only from 9.6 on, and answers "invalid format" before.
 * https://www.openssh.com/txt/release-9.6
 */
function writeEd25519(key: KeyObject, blob: Buffer): Buffer {
  const jwk = key.export({ format: 'jwk' })
  const [seed, publicKey] = [Buffer.from(jwk.d ?? '', 'base64url'), Buffer.from(jwk.x ?? '', 'base64url')]
  const check = randomBytes(4)
  const fields = writeStrings('ssh-ed25519', publicKey, Buffer.concat([seed, publicKey]), '')
  const section = Buffer.concat([check, check, fields])
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (section.length % 8)) % 8))
  return Buffer.concat([
    MAGIC,
    writeStrings('none', 'none', ''),
    Buffer.of(0, 0, 0, 1),
    writeStrings(blob, Buffer.concat([section, padding]))
  ])
}

function openPem(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    return undefined // OpenSSL's reason is a code for its own source lines; "damaged" says all a reader can use.
  }
}

function hidden(format: KeyFormat): KeyFacts {
  return { format, type: undefined, fingerprint: undefined, comment: undefined, encrypted: true }
}

/** The whole length that a DER SEQUENCE declares for itself, header included (X.690, 8.1.3). */
function derLength(body: Buffer): number {
  const first = body[1] ?? 0
  if (body[0] !== 0x30 || first < 0x80) return first + 2
  const size = first & 0x7f
  return size > 4 || body.length < 2 + size ? Number.POSITIVE_INFINITY : body.readUIntBE(2, size) + 2 + size
}
