/** OCI layouts made for tests: small, valid, and different each time. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readContent } from '../../../src/registry/content.js'
import type { PushImage } from '../../../src/registry/push.js'

export type MadeDescriptor = {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Readonly<Record<string, string>>
  readonly artifactType?: string
}

/** What to put into a layout. */
export type LayoutPlan = {
  readonly layers?: number
  readonly layerBytes?: number
  /** `arm64` and so on. */
  readonly architecture?: string
  /** An index around the image, with an attestation in this form. */
  readonly attestation?: 'annotated' | 'artifact'
  /** Annotations of the index. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Layers that another image has, too. */
  readonly shared?: readonly Buffer[]
}

export type MadeLayout = {
  readonly folder: string
  /** What `index.json` names. */
  readonly root: MadeDescriptor
  readonly image: MadeDescriptor
  readonly config: MadeDescriptor
  readonly layers: readonly MadeDescriptor[]
  /** Every blob by its digest. */
  readonly blobs: ReadonlyMap<string, Buffer>
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Writes a layout as BuildKit's `type=oci,tar=false` leaves it. Layers are random bytes: nobody here unpacks them. */
export async function makeLayout(folder: string, plan: LayoutPlan = {}): Promise<MadeLayout> {
  const { layers = 3, layerBytes = 10_000, architecture = 'amd64', attestation, annotations, shared = [] } = plan
  const blobs = new Map<string, Buffer>()
  const add = (bytes: Buffer, mediaType: string): MadeDescriptor => {
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const addJSON = (value: object, mediaType: string): MadeDescriptor =>
    add(Buffer.from(JSON.stringify(value)), mediaType)
  const contents = [...shared, ...Array.from({ length: layers }, () => randomBytes(layerBytes))]
  const packed = contents.map((bytes) => add(bytes, 'application/vnd.oci.image.layer.v1.tar+gzip'))
  const platform = { architecture, os: 'linux' }
  const config = addJSON(
    { ...platform, config: {}, rootfs: { type: 'layers', diff_ids: packed.map(({ digest }) => digest) } },
    'application/vnd.oci.image.config.v1+json'
  )
  const manifestType = 'application/vnd.oci.image.manifest.v1+json'
  const image = addJSON({ schemaVersion: 2, mediaType: manifestType, config, layers: packed }, manifestType)
  const root = attestation === undefined ? image : addIndex()
  for (const [digest, bytes] of blobs) {
    const file = path.join(folder, 'blobs', digest.replace(':', '/'))
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, bytes)
  }
  await writeFile(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const named = { ...root, annotations: { 'org.opencontainers.image.created': '2026-01-01T00:00:00Z' } }
  await writeFile(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }))
  return { folder, root, image, config, layers: packed, blobs }

  function addIndex(): MadeDescriptor {
    const statement = { ...addJSON({ predicate: architecture, about: image.digest }, 'application/vnd.in-toto+json') }
    const isArtifact = attestation === 'artifact'
    const artifactType = 'application/vnd.docker.attestation.manifest.v1+json'
    const empty = isArtifact
      ? addJSON({}, 'application/vnd.oci.empty.v1+json')
      : addJSON({ architecture: 'unknown', os: 'unknown', rootfs: { type: 'layers', diff_ids: [] } }, config.mediaType)
    const artifact = isArtifact ? { artifactType, subject: image } : {}
    const manifest = addJSON(
      { schemaVersion: 2, mediaType: manifestType, ...artifact, config: empty, layers: [statement] },
      manifestType
    )
    const speaksOf = {
      'vnd.docker.reference.digest': image.digest,
      'vnd.docker.reference.type': 'attestation-manifest'
    }
    const indexType = 'application/vnd.oci.image.index.v1+json'
    const manifests = [
      { ...image, platform },
      { ...manifest, annotations: speaksOf, platform: { architecture: 'unknown', os: 'unknown' } }
    ]
    return addJSON(
      { schemaVersion: 2, mediaType: indexType, manifests, ...(annotations && { annotations }) },
      indexType
    )
  }
}

/** An image to push, by its layouts. */
export type LaidOut = Omit<PushImage, 'content'> & {
  readonly layouts: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
}

/** Reads the images that are to be pushed. */
export function readImages(images: readonly LaidOut[]): Promise<readonly PushImage[]> {
  return Promise.all(
    images.map(async ({ layouts, annotations, ...rest }) => ({
      ...rest,
      content: await readContent(layouts, annotations)
    }))
  )
}
