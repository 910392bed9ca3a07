import { parseDigest, type Digest } from './digest.js'
import { ImageError } from './errors.js'
import { asArray, asObject, asString, isObject, stringMapOf, stringOf, stringsOf, type JSONObject } from './json.js'

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export type Descriptor = {
  readonly mediaType: string
  readonly digest: Digest
  /** Bytes of the blob. */
  readonly size: number
  readonly annotations: Readonly<Record<string, string>>
  readonly platform: Platform | undefined
  readonly artifactType: string | undefined
  /** Where a non-distributable blob can be fetched from; such a blob may be absent from a layout. */
  readonly urls: readonly string[]
}

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md#image-index-property-descriptions */
export type Platform = {
  readonly os: string
  readonly architecture: string
  readonly variant: string | undefined
  readonly osVersion: string | undefined
}

/** An index or a manifest, told apart by what it holds rather than by what it calls itself. */
export type ImageDocument = ImageIndex | ImageManifest

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md */
export type ImageIndex = {
  readonly kind: 'index'
  readonly manifests: readonly Descriptor[]
  readonly annotations: Readonly<Record<string, string>>
}

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md */
export type ImageManifest = {
  readonly kind: 'manifest'
  readonly mediaType: string | undefined
  readonly artifactType: string | undefined
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject: Descriptor | undefined
  readonly annotations: Readonly<Record<string, string>>
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md, as far as this library speaks of it. */
export type ImageConfig = {
  readonly created: string | undefined
  readonly os: string
  readonly architecture: string
  readonly variant: string | undefined
  readonly osVersion: string | undefined
  readonly user: string | undefined
  readonly env: readonly string[]
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  readonly workingDir: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly volumes: readonly string[]
  readonly healthcheck: readonly string[]
  readonly shell: readonly string[]
  readonly onBuild: readonly string[]
  readonly history: readonly HistoryEntry[]
  readonly diffIDs: readonly Digest[]
}

/** One line of an image's history. It may be missing, or shorter than the layers are. */
export type HistoryEntry = {
  readonly created: string | undefined
  readonly createdBy: string | undefined
  readonly comment: string | undefined
  readonly emptyLayer: boolean
}

/** `os/architecture` or `os/architecture/variant`, as `--platform` takes it. */
export function platformName(platform: Platform): string {
  const variant = platform.variant === undefined ? '' : `/${platform.variant}`
  return `${platform.os}/${platform.architecture}${variant}`
}

/**
 * Bytes that a pull transfers: those of the documents, manifest and config, and of each layer once, since a registry keeps
 * and sends a blob once, however often a manifest names it.
 */
export function transferBytes(documents: number, layers: readonly Descriptor[]): number {
  const blobs = new Map(layers.map(({ digest, size }) => [digest, size]))
  return documents + [...blobs.values()].reduce((sum, size) => sum + size, 0)
}

/** Reads an index or a manifest; throws `corrupt-document` naming `what`. */
export function readDocument(json: JSONObject, what: string): ImageDocument {
  if (Array.isArray(json.manifests)) {
    const manifests = json.manifests.map((item, at) => readDescriptor(item, `${what}: manifests[${at}]`))
    return { kind: 'index', manifests, annotations: stringMapOf(json.annotations) }
  }
  if (!isObject(json.config)) {
    throw new ImageError('corrupt-document', `${what} is neither an index (no manifests) nor a manifest (no config)`)
  }
  return {
    kind: 'manifest',
    mediaType: stringOf(json.mediaType),
    artifactType: stringOf(json.artifactType),
    config: readDescriptor(json.config, `${what}: config`),
    layers: asArray(json.layers, `${what}: layers`).map((item, at) => readDescriptor(item, `${what}: layers[${at}]`)),
    subject: json.subject === undefined ? undefined : readDescriptor(json.subject, `${what}: subject`),
    annotations: stringMapOf(json.annotations)
  }
}

function readDescriptor(value: unknown, what: string): Descriptor {
  const json = asObject(value, what)
  const size = json.size
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new ImageError('corrupt-document', `${what}: size is not a whole number of bytes`)
  }
  return {
    mediaType: stringOf(json.mediaType) ?? '',
    digest: parseDigest(asString(json.digest, `${what}: digest`), what),
    size,
    annotations: stringMapOf(json.annotations),
    platform: readPlatform(json.platform),
    artifactType: stringOf(json.artifactType),
    urls: stringsOf(json.urls)
  }
}

function readPlatform(value: unknown): Platform | undefined {
  if (!isObject(value)) return undefined
  const os = stringOf(value.os)
  const architecture = stringOf(value.architecture)
  if (os === undefined || architecture === undefined) return undefined
  return { os, architecture, variant: stringOf(value.variant), osVersion: stringOf(value['os.version']) }
}

/** Reads an image config; throws `corrupt-document` naming `what`. */
export function readConfig(json: JSONObject, what: string): ImageConfig {
  const rootfs = asObject(json.rootfs, `${what}: rootfs`)
  const config = isObject(json.config) ? json.config : {}
  const healthcheck = isObject(config.Healthcheck) ? config.Healthcheck : {}
  const keysOf = (value: unknown) => (isObject(value) ? Object.keys(value) : [])
  return {
    created: stringOf(json.created),
    os: stringOf(json.os) ?? 'unknown',
    architecture: stringOf(json.architecture) ?? 'unknown',
    variant: stringOf(json.variant),
    osVersion: stringOf(json['os.version']),
    user: stringOf(config.User),
    env: stringsOf(config.Env),
    entrypoint: stringsOf(config.Entrypoint),
    cmd: stringsOf(config.Cmd),
    workingDir: stringOf(config.WorkingDir),
    labels: stringMapOf(config.Labels),
    volumes: keysOf(config.Volumes),
    healthcheck: stringsOf(healthcheck.Test),
    shell: stringsOf(config.Shell),
    onBuild: stringsOf(config.OnBuild),
    history: asArray(json.history, `${what}: history`).map(readHistoryEntry),
    diffIDs: asArray(rootfs.diff_ids, `${what}: rootfs.diff_ids`).map((item, at) =>
      parseDigest(asString(item, `${what}: diff_ids[${at}]`), `${what}: diff_ids[${at}]`)
    )
  }
}

function readHistoryEntry(value: unknown): HistoryEntry {
  const json = isObject(value) ? value : {}
  return {
    created: stringOf(json.created),
    createdBy: stringOf(json.created_by),
    comment: stringOf(json.comment),
    emptyLayer: json.empty_layer === true
  }
}
