/**
 * The SSH wire encoding (RFC 4251, section 5): strings and integers with a 32-bit big-endian length in front, and the
 * public key blobs made of them. https://www.rfc-editor.org/rfc/rfc4251#section-5
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

/** A value read from a blob and the offset behind it. */
export type Read<T> = { readonly value: T; readonly next: number }

/** Reads a 32-bit number; undefined where the blob ends too early. */
export function readNumber(blob: Buffer, at: number): Read<number> | undefined {
  return at + 4 > blob.length ? undefined : { value: blob.readUInt32BE(at), next: at + 4 }
}

/** Reads one length-prefixed string; undefined where the blob is shorter than the length says. */
export function readString(blob: Buffer, at: number): Read<Buffer> | undefined {
  const length = readNumber(blob, at)
  if (length === undefined || length.next + length.value > blob.length) return undefined
  const next = length.next + length.value
  return { value: blob.subarray(length.next, next), next }
}

/** Reads strings to the very end of the blob; undefined when the last one is cut or bytes are left over. */
export function readAllStrings(blob: Buffer): readonly Buffer[] | undefined {
  const values: Buffer[] = []
  let at = 0
  while (at < blob.length) {
    const read = readString(blob, at)
    if (read === undefined) return undefined
    values.push(read.value)
    at = read.next
  }
  return values
}

/** The key type a public blob names first, e.g. `ssh-ed25519`; undefined when there is no readable name. */
export function blobType(blob: Buffer): string | undefined {
  const name = readString(blob, 0)?.value.toString('latin1')
  return name !== undefined && /^[a-z0-9@.-]{3,64}$/.test(name) ? name : undefined
}

/** The fingerprint as `ssh-keygen -l` prints it: `SHA256:` and unpadded base64. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** The SSH public blob of an RSA, NIST EC or Ed25519 key; undefined for a kind that SSH has no name for. */
export function publicBlob(key: KeyObject): Buffer | undefined {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const part = (name: 'n' | 'e' | 'x' | 'y'): Buffer => Buffer.from(jwk[name] ?? '', 'base64url')
  if (jwk.kty === 'RSA') return writeStrings('ssh-rsa', integer(part('e')), integer(part('n')))
  if (jwk.crv === 'Ed25519') return writeStrings('ssh-ed25519', part('x'))
  const curve = CURVES.get(jwk.crv ?? '')
  if (curve === undefined) return undefined
  return writeStrings(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.of(4), part('x'), part('y')]))
}

const CURVES: ReadonlyMap<string, string> = new Map([
  ['P-256', 'nistp256'],
  ['P-384', 'nistp384'],
  ['P-521', 'nistp521']
])

/** Writes length-prefixed strings one after the other. */
export function writeStrings(...values: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = typeof value === 'string' ? Buffer.from(value) : value
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    })
  )
}

/** An `mpint` is signed: a leading zero byte keeps a set top bit from meaning "negative". */
function integer(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
}
