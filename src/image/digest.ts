import { createHash, type Hash } from 'node:crypto'
import { ImageError } from './errors.js'

/**
 * A content digest, `algorithm:hex`, checked when parsed.
 * https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
export type Digest = `sha256:${string}` | `sha512:${string}`

const pattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/

/** Whether a text is a digest of an algorithm that the spec registers. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text)
}

/** Parses a digest; throws `corrupt-document` naming `what` otherwise. */
export function parseDigest(text: string, what: string): Digest {
  if (isDigest(text)) return text
  throw new ImageError('corrupt-document', `${what}: "${text.slice(0, 100)}" is not a sha256 or sha512 digest`)
}

/** The two parts of a digest: where a layout keeps the blob. */
export function splitDigest(digest: Digest): { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string } {
  return digest.startsWith('sha256:')
    ? { algorithm: 'sha256', hex: digest.slice(7) }
    : { algorithm: 'sha512', hex: digest.slice(7) }
}

/** A running hash of the algorithm that `expected` is written in. */
export function hashFor(expected: Digest): Hash {
  return createHash(splitDigest(expected).algorithm)
}

/** The sha256 digest of some bytes. */
export function sha256Of(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Throws `wrong-digest` unless the finished hash is the expected digest. */
export function checkDigest(hash: Hash, expected: Digest, what: string): void {
  const { algorithm, hex } = splitDigest(expected)
  const actual = hash.digest('hex')
  if (actual !== hex) throw new ImageError('wrong-digest', `${what} has digest ${algorithm}:${actual}, not ${expected}`)
}

/** Where a layout keeps a blob. The digest has been parsed, so the name can't climb out of the folder. */
export function blobName(digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest)
  return `blobs/${algorithm}/${hex}`
}
