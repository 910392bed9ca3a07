import { blobName, isDigest, type Digest } from './digest.js'
import type { Descriptor, ImageManifest } from './documents.js'
import { ImageError } from './errors.js'
import { readRange, type FileRange, type Files } from './files.js'
import { checkDigest, hashFor } from './digest.js'

/**
 * BuildKit's provenance and SBOM for one image. It is a manifest beside the image's, of the platform unknown/unknown,
 * and counts neither as an image nor in any size.
 * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
 */
export type Attestation = {
  readonly digest: Digest
  /** The manifest digest of the image it speaks of. */
  readonly subject: Digest | undefined
  /** Its manifest as it was written, annotations included. */
  readonly text: string
  readonly statements: readonly Statement[]
  /** Its config, which says nothing and is published all the same. */
  readonly config: Statement
}

/** One in-toto statement. */
export type Statement = {
  /** `https://slsa.dev/provenance/v1`, `https://spdx.dev/Document`; empty if not said. */
  readonly predicateType: string
  readonly descriptor: Descriptor
  readonly blob: FileRange
}

const IN_TOTO = 'application/vnd.in-toto+json'

/** Whether a manifest is an attestation, in BuildKit's older form (an annotation) or its newer one (an artifact type). */
export function isAttestation(descriptor: Descriptor, manifest: ImageManifest): boolean {
  return (
    descriptor.annotations['vnd.docker.reference.type'] === 'attestation-manifest' ||
    [descriptor.artifactType, manifest.artifactType].includes('application/vnd.docker.attestation.manifest.v1+json') ||
    (manifest.layers.length > 0 && manifest.layers.every((layer) => layer.mediaType === IN_TOTO))
  )
}

/** Names an attestation's statements. Throws `missing-blob` if one is not there. */
export async function attestationOf(
  descriptor: Descriptor,
  { manifest, text }: { readonly manifest: ImageManifest; readonly text: string },
  files: Files
): Promise<Attestation> {
  const reference = descriptor.annotations['vnd.docker.reference.digest'] ?? ''
  const locate = async (layer: Descriptor): Promise<Statement> => {
    const blob = await files.find(blobName(layer.digest))
    if (blob === undefined) throw new ImageError('missing-blob', `attestation ${layer.digest} is not in the layout`)
    return { predicateType: layer.annotations['in-toto.io/predicate-type'] ?? '', descriptor: layer, blob }
  }
  return {
    digest: descriptor.digest,
    text,
    subject: isDigest(reference) ? reference : manifest.subject?.digest,
    statements: await Promise.all(manifest.layers.map(locate)),
    config: await locate(manifest.config)
  }
}

/** The bytes of a statement, verified. Throws `wrong-digest`, and `limit` above `limit` bytes (an SBOM can be large). */
export async function readStatement(statement: Statement, limit = 256 * 2 ** 20): Promise<Buffer> {
  const { descriptor, blob } = statement
  const what = `attestation ${descriptor.digest}`
  const bytes = await readRange(blob, limit, what)
  checkDigest(hashFor(descriptor.digest).update(bytes), descriptor.digest, what)
  return bytes
}
