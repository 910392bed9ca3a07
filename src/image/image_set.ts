/** What was found in a layout or an archive, before any layer is read. */
import type { Attestation } from './attestations.js'
import type { Digest } from './digest.js'
import type { Descriptor, ImageConfig, Platform } from './documents.js'
import type { FileRange } from './files.js'

/** What a layout or an archive holds: its images by platform, and what goes with them. */
export type ImageSet = {
  readonly format: 'oci-layout' | 'docker-save'
  /** One per platform, in the index's order. The same manifest under two names is one image with two names. */
  readonly images: readonly PlatformImage[]
  /** Attestations whose image is not in the set. The others hang on their image. */
  readonly strayAttestations: readonly Attestation[]
  /** Manifests that are no container image, a Helm chart say. */
  readonly others: readonly { readonly digest: Digest; readonly mediaType: string }[]
}

/** The image of one platform: its manifest and config, parsed, and where its layers lie. */
export type PlatformImage = {
  readonly platform: Platform
  /** `linux/arm64/v8`. */
  readonly platformName: string
  /** Undefined in an old docker-save archive, which has no manifest. */
  readonly manifestDigest: Digest | undefined
  /** Bytes of the manifest, 0 if there is none. */
  readonly manifestSize: number
  readonly mediaType: string
  readonly config: ImageConfig
  readonly configDigest: Digest
  /** Bytes of the config. */
  readonly configSize: number
  /** The config as it was written. */
  readonly configText: string
  readonly layers: readonly ImageLayer[]
  /** The annotations of each document and descriptor that is published with the image: none hides another of the same name. */
  readonly annotated: readonly Annotated[]
  /** The manifest, and the indices around it, as they were written. */
  readonly documents: readonly { readonly digest: Digest; readonly text: string }[]
  /** `org.opencontainers.image.ref.name`, often only a tag, or the full name from `io.containerd.image.name`. */
  readonly names: readonly string[]
  readonly attestations: readonly Attestation[]
}

/** The annotations of one document or descriptor. */
export type Annotated = {
  readonly on: 'index' | 'manifest' | 'descriptor' | 'layer'
  readonly annotations: Readonly<Record<string, string>>
}

/** One layer: what the manifest and the config say of it, and its bytes. */
export type ImageLayer = {
  /** In an old docker-save archive, where nothing names the blob, the digest is the diffID. */
  readonly descriptor: Descriptor
  /** Digest of the uncompressed tar. */
  readonly diffID: Digest
  /** Undefined for a non-distributable layer that is not in the layout. */
  readonly blob: FileRange | undefined
  /** Whether `descriptor.digest` is that of the blob, and can be verified. */
  readonly named: boolean
}
