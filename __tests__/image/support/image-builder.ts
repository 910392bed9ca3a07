import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Digest } from '../../../src/image/index.js'
import { tar, type TarInput } from './tar-builder.js'

/** The files of a layout or archive, by name. */
export type LayoutFiles = Map<string, Buffer>

export type LayerInput = {
  readonly entries?: readonly TarInput[]
  /** Instead of entries. */
  readonly tar?: Buffer
  readonly compression?: 'none' | 'gzip' | 'zstd'
  /** The blob instead of the compressed tar. */
  readonly blob?: Buffer
  readonly mediaType?: string
  readonly createdBy?: string
  readonly diffID?: string
  readonly urls?: readonly string[]
  readonly absent?: boolean
}

export type ImageInput = {
  readonly layers: readonly LayerInput[]
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly history?: readonly Readonly<Record<string, unknown>>[]
  readonly annotations?: Readonly<Record<string, string>>
  /** In-toto statements for an attestation beside the image. */
  readonly statements?: readonly unknown[]
  /** The newer form: an artifact type and a subject. */
  readonly artifact?: boolean
}

type Json = Readonly<Record<string, unknown>>

export function digestOf(bytes: Buffer): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Puts a blob into a layout and returns its descriptor. */
export function addBlob(files: LayoutFiles, bytes: Buffer, mediaType: string, more: Json = {}) {
  const digest = digestOf(bytes)
  files.set(`blobs/sha256/${digest.slice(7)}`, bytes)
  return { mediaType, digest, size: bytes.length, ...more }
}

export function addJson(files: LayoutFiles, json: Json, mediaType: string, more: Json = {}) {
  return addBlob(files, Buffer.from(JSON.stringify(json)), mediaType, more)
}

const oci = 'application/vnd.oci.image'

export function layerTar(layer: LayerInput): Buffer {
  return layer.tar ?? tar(layer.entries ?? [])
}

export function layerBlob(layer: LayerInput): Buffer {
  if (layer.blob !== undefined) return layer.blob
  const bytes = layerTar(layer)
  switch (layer.compression ?? 'gzip') {
    case 'none':
      return bytes
    case 'gzip':
      return gzipSync(bytes)
    case 'zstd':
      return zstdCompressSync(bytes)
  }
}

export function configOf(image: ImageInput): Json {
  return {
    architecture: image.architecture ?? 'amd64',
    os: image.os ?? 'linux',
    ...(image.variant === undefined ? {} : { variant: image.variant }),
    config: image.config ?? {},
    rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => layer.diffID ?? digestOf(layerTar(layer))) },
    history:
      image.history ?? image.layers.map((layer, at) => ({ created_by: layer.createdBy ?? `RUN step ${at} # buildkit` }))
  }
}

/** Adds an image, and its attestation if it has statements; returns the descriptors for an index. */
export function addImage(files: LayoutFiles, image: ImageInput): readonly Json[] {
  const config = addJson(files, configOf(image), `${oci}.config.v1+json`)
  const layers = image.layers.map((layer) => {
    const blob = layerBlob(layer)
    const descriptor = addBlob(files, blob, layer.mediaType ?? `${oci}.layer.v1.tar+${layer.compression ?? 'gzip'}`)
    if (layer.absent === true) files.delete(`blobs/sha256/${descriptor.digest.slice(7)}`)
    return layer.urls === undefined ? descriptor : { ...descriptor, urls: layer.urls }
  })
  const manifest = addJson(
    files,
    { schemaVersion: 2, mediaType: `${oci}.manifest.v1+json`, config, layers, annotations: image.annotations ?? {} },
    `${oci}.manifest.v1+json`,
    { platform: { os: image.os ?? 'linux', architecture: image.architecture ?? 'amd64', variant: image.variant } }
  )
  if (image.statements === undefined) return [manifest]
  const statements = image.statements.map((statement) =>
    addBlob(files, Buffer.from(JSON.stringify(statement)), 'application/vnd.in-toto+json', {
      annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' }
    })
  )
  const platform = { os: 'unknown', architecture: 'unknown' }
  const attestation = image.artifact
    ? addJson(
        files,
        {
          schemaVersion: 2,
          artifactType: 'application/vnd.docker.attestation.manifest.v1+json',
          config: addBlob(files, Buffer.from('{}'), 'application/vnd.oci.empty.v1+json'),
          layers: statements,
          subject: manifest
        },
        `${oci}.manifest.v1+json`,
        { platform }
      )
    : addJson(
        files,
        {
          schemaVersion: 2,
          config: addJson(files, { architecture: 'unknown' }, `${oci}.config.v1+json`),
          layers: statements
        },
        `${oci}.manifest.v1+json`,
        {
          platform,
          annotations: {
            'vnd.docker.reference.type': 'attestation-manifest',
            'vnd.docker.reference.digest': manifest.digest
          }
        }
      )
  return [manifest, attestation]
}

/** A layout whose index.json points to one index of all images, as BuildKit writes it. */
export function layoutOf(images: readonly ImageInput[], names: readonly string[] = ['latest']): LayoutFiles {
  const files: LayoutFiles = new Map()
  const index = addJson(
    files,
    { schemaVersion: 2, manifests: images.flatMap((image) => addImage(files, image)) },
    `${oci}.index.v1+json`
  )
  const manifests = names.map((name) => ({ ...index, annotations: { 'org.opencontainers.image.ref.name': name } }))
  return withIndex(files, manifests)
}

/** Adds the two files every layout has. */
export function withIndex(files: LayoutFiles, manifests: readonly Json[]): LayoutFiles {
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'))
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })))
  return files
}

/** A docker-save archive as before version 25. */
export function dockerSaveOf(image: ImageInput, names: readonly string[] = ['app:1']): LayoutFiles {
  const files: LayoutFiles = new Map()
  const config = Buffer.from(JSON.stringify(configOf(image)))
  const configName = `${digestOf(config).slice(7)}.json`
  files.set(configName, config)
  const layers = image.layers.map((layer, at) => {
    const name = `${String(at).padStart(64, 'a')}/layer.tar`
    files.set(name, layer.blob ?? layerTar(layer))
    return name
  })
  files.set('manifest.json', Buffer.from(JSON.stringify([{ Config: configName, RepoTags: names, Layers: layers }])))
  return files
}

export function archiveOf(files: LayoutFiles): Buffer {
  return tar([...files].map(([path, content]) => ({ path, content })))
}

/** A temporary folder that goes when its scope ends. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'stagegate-image-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

export async function writeFiles(root: string, files: LayoutFiles): Promise<string> {
  for (const [name, bytes] of files) {
    const path = join(root, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
  }
  return root
}
