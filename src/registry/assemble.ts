/**
 * One index over the images of several layouts, as BuildKit writes it for several platforms: images first, then their
 * attestations. https://github.com/opencontainers/image-spec/blob/main/image-index.md
 */
import { sha256Of, type Digest } from '../image/index.js'

/** A descriptor as it stands in an index: https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export type ManifestDescriptor = {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: {
    readonly architecture: string
    readonly os: string
    readonly variant?: string
    readonly 'os.version'?: string
    readonly 'os.features'?: readonly string[]
  }
  readonly artifactType?: string
}

export type IndexPlan = {
  /** Images and attestations; their order is kept within each kind. One that occurs twice is written once. */
  readonly manifests: readonly ManifestDescriptor[]
  /** Annotations of the index itself. */
  readonly annotations?: Readonly<Record<string, string>>
  /** OCI unless told; docker's where every image in it is docker's and none has an attestation. */
  readonly mediaType?: typeof OCI_INDEX | typeof DOCKER_LIST
}

/** A document that is pushed as it is. */
export type Document = { readonly mediaType: string; readonly digest: Digest; readonly bytes: Buffer }

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

/** Whether a descriptor is that of an attestation: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md */
function describesAttestation({ annotations, artifactType }: ManifestDescriptor): boolean {
  return (
    annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' ||
    artifactType === 'application/vnd.docker.attestation.manifest.v1+json'
  )
}

/** Writes the index. The same plan gives the same bytes: members in the order that Go's structs have, maps sorted. */
export function assembleIndex({ manifests, annotations, mediaType = fitting(manifests) }: IndexPlan): Document {
  const distinct = [...new Map(manifests.map((manifest) => [keyOf(manifest), manifest])).values()]
  const ordered = [
    ...distinct.filter((manifest) => !describesAttestation(manifest)),
    ...distinct.filter(describesAttestation)
  ]
  const index = {
    schemaVersion: 2,
    mediaType,
    manifests: ordered.map(writeDescriptor),
    ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations: sorted(annotations) })
  }
  const bytes = Buffer.from(escapeAsGo(JSON.stringify(index, undefined, 2)))
  return { mediaType, digest: sha256Of(bytes), bytes }
}

/** Two platforms may have the very same manifest. */
function keyOf({ digest, platform }: ManifestDescriptor): string {
  return `${digest} ${JSON.stringify(platform)}`
}

function fitting(manifests: readonly ManifestDescriptor[]): typeof OCI_INDEX | typeof DOCKER_LIST {
  return manifests.length > 0 && manifests.every((manifest) => manifest.mediaType === DOCKER_MANIFEST)
    ? DOCKER_LIST
    : OCI_INDEX
}

function writeDescriptor({ mediaType, digest, size, annotations, platform, artifactType }: ManifestDescriptor): object {
  return {
    ...{ mediaType, digest, size },
    ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations: sorted(annotations) }),
    ...(platform === undefined ? {} : { platform: writePlatform(platform) }),
    ...(artifactType === undefined ? {} : { artifactType })
  }
}

function writePlatform(platform: NonNullable<ManifestDescriptor['platform']>): object {
  const names = ['architecture', 'os', 'os.version', 'os.features', 'variant'] as const
  return Object.fromEntries(names.flatMap((name) => (platform[name] === undefined ? [] : [[name, platform[name]]])))
}

/** In the order of bytes, as Go sorts the keys of a map. */
function sorted(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(annotations)
  return Object.fromEntries(entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
}

/** Go's encoder keeps text from being taken for HTML or for the end of a line of JavaScript. */
function escapeAsGo(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
