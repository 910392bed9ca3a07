import { stat } from 'node:fs/promises'
import { attestationOf, isAttestation, type Attestation } from './attestations.js'
import { blobName, checkDigest, hashFor, type Digest } from './digest.js'
import { readDockerSave } from './docker_save.js'
import {
  platformName,
  readConfig,
  readDocument,
  type Descriptor,
  type ImageManifest,
  type Platform
} from './documents.js'
import { ImageError } from './errors.js'
import { archiveFiles, folderFiles, readRange, type FileRange, type Files } from './files.js'
import type { ImageLayer, ImageSet, PlatformImage } from './image_set.js'
import { parseJSONObject } from './json.js'
import { defaultLimits, type Limits } from './limits.js'

export type ReadOptions = {
  /** Read only what carries this reference name. */
  readonly name?: string
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
}

/**
 * Opens an OCI layout (folder or tar) or a docker-save archive (folder or tar, old or new) and reads its manifests and configs.
 * Layers are only located. Documents are verified against their digests.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 *
 * Throws `ImageError`: `not-an-image`, `missing-blob`, `wrong-digest`, `wrong-size`, `corrupt-document`, `limit`.
 */
export async function readImages(path: string, options: ReadOptions = {}): Promise<ImageSet> {
  const limits = { ...defaultLimits, ...options.limits }
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new ImageError('not-an-image', `${path} does not exist`)
  if (!found.isDirectory() && !found.isFile()) {
    throw new ImageError('not-an-image', `${path} is neither a folder nor a file`)
  }
  const files = found.isDirectory() ? folderFiles(path) : await archiveFiles(path, options.signal)
  const index = await files.find('index.json')
  if (index !== undefined) return readLayout(path, files, index, limits, options)
  const manifest = await files.find('manifest.json')
  if (manifest !== undefined) return readDockerSave(path, files, manifest, limits, options.name)
  throw new ImageError('not-an-image', `${path} holds neither index.json (OCI layout) nor manifest.json (docker save)`)
}

async function readLayout(
  path: string,
  files: Files,
  indexFile: FileRange,
  limits: Limits,
  options: ReadOptions
): Promise<ImageSet> {
  const marker = await files.find('oci-layout')
  if (marker !== undefined) {
    const version = parseJSONObject(
      await readRange(marker, limits.documentBytes, 'oci-layout'),
      'oci-layout'
    ).imageLayoutVersion
    if (typeof version !== 'string' || !version.startsWith('1.')) {
      throw new ImageError('unsupported', `${path}: imageLayoutVersion ${JSON.stringify(version)} is not 1.x`)
    }
  }
  const index = readDocument(
    parseJSONObject(await readRange(indexFile, limits.documentBytes, 'index.json'), 'index.json'),
    'index.json'
  )
  if (index.kind !== 'index') throw new ImageError('corrupt-document', 'index.json is a manifest, not an index')

  const roots = index.manifests.filter((root) => options.name === undefined || namesOf(root).includes(options.name))
  if (options.name !== undefined && roots.length === 0) {
    const names = index.manifests.flatMap(namesOf).join(', ')
    throw new ImageError(
      'not-an-image',
      `${path} has no image named ${options.name}; it has: ${names === '' ? 'no names' : names}`
    )
  }

  const images = new Map<Digest, PlatformImage>()
  const attestations: Attestation[] = []
  const others = new Map<Digest, { digest: Digest; mediaType: string }>()
  let visited = 0

  const whole: Around = {
    annotated: [{ on: 'index', annotations: index.annotations }],
    documents: []
  }
  for (const root of roots) await descend(root, namesOf(root), whole, 0)
  return {
    format: 'oci-layout',
    images: [...images.values()].map((image) => ({
      ...image,
      attestations: attestations.filter((attestation) => attestation.subject === image.manifestDigest)
    })),
    strayAttestations: attestations.filter(({ subject }) => subject === undefined || !images.has(subject)),
    others: [...others.values()]
  }

  async function descend(
    descriptor: Descriptor,
    names: readonly string[],
    around: Around,
    depth: number
  ): Promise<void> {
    options.signal?.throwIfAborted()
    if (++visited > limits.manifests) throw new ImageError('limit', `${path}: more than ${limits.manifests} manifests`)
    // Digests make a true cycle impossible, yet index.json has none, and a chain can be made as long as one likes.
    if (depth > limits.indexDepth)
      throw new ImageError('limit', `${path}: indices nested deeper than ${limits.indexDepth}`)
    const known = images.get(descriptor.digest)
    if (known !== undefined) {
      images.set(descriptor.digest, {
        ...known,
        names: [...new Set([...known.names, ...names])],
        annotated: [...known.annotated, ...around.annotated, { on: 'descriptor', annotations: descriptor.annotations }],
        documents: [...known.documents, ...around.documents]
      })
      return
    }
    const what = `manifest ${descriptor.digest}`
    const bytes = await readBlob(files, descriptor, limits.documentBytes, what)
    const document = readDocument(parseJSONObject(bytes, what), what)
    const here: Around = {
      annotated: [
        ...around.annotated,
        { on: 'descriptor', annotations: descriptor.annotations },
        { on: document.kind, annotations: document.annotations }
      ],
      documents: [...around.documents, { digest: descriptor.digest, text: bytes.toString('utf8') }]
    }
    if (document.kind === 'index') {
      for (const child of document.manifests) await descend(child, names, here, depth + 1)
    } else if (isAttestation(descriptor, document)) {
      if (attestations.some(({ digest }) => digest === descriptor.digest)) return
      attestations.push(await attestationOf(descriptor, { manifest: document, text: bytes.toString('utf8') }, files))
    } else if (!isImageConfig(document.config.mediaType)) {
      others.set(descriptor.digest, {
        digest: descriptor.digest,
        mediaType: document.artifactType ?? document.config.mediaType
      })
    } else {
      const image = await readImage(files, descriptor, document, limits)
      images.set(descriptor.digest, {
        ...image,
        names,
        annotated: [...here.annotated, ...image.annotated],
        documents: here.documents
      })
    }
  }
}

/** What is published around an image: the annotations and the texts of the documents on the way to it. */
type Around = Pick<PlatformImage, 'annotated' | 'documents'>

async function readImage(
  files: Files,
  descriptor: Descriptor,
  manifest: ImageManifest,
  limits: Limits
): Promise<PlatformImage> {
  const what = `config ${manifest.config.digest}`
  const bytes = await readBlob(files, manifest.config, limits.documentBytes, what)
  const config = readConfig(parseJSONObject(bytes, what), what)
  if (config.diffIDs.length !== manifest.layers.length) {
    throw new ImageError(
      'corrupt-document',
      `manifest ${descriptor.digest} has ${manifest.layers.length} layers, its config ${config.diffIDs.length} diffIDs`
    )
  }
  const platform: Platform = descriptor.platform ?? config
  const layers = manifest.layers.map(async (layer, at): Promise<ImageLayer> => {
    const blob = await files.find(blobName(layer.digest))
    if (blob === undefined && !isForeign(layer)) {
      throw new ImageError('missing-blob', `layer ${at} (${layer.digest}) is not in the layout`)
    }
    if (blob !== undefined && blob.size !== layer.size)
      throw wrongSize(`layer ${at} (${layer.digest})`, blob.size, layer.size)
    return { descriptor: layer, diffID: config.diffIDs[at]!, blob, named: true }
  })
  return {
    platform: {
      os: platform.os,
      architecture: platform.architecture,
      variant: platform.variant,
      osVersion: platform.osVersion
    },
    platformName: platformName(platform),
    manifestDigest: descriptor.digest,
    manifestSize: descriptor.size,
    mediaType: manifest.mediaType ?? descriptor.mediaType,
    config,
    configDigest: manifest.config.digest,
    configSize: manifest.config.size,
    configText: bytes.toString('utf8'),
    layers: await Promise.all(layers),
    annotated: [
      { on: 'descriptor', annotations: manifest.config.annotations },
      ...(manifest.subject === undefined
        ? []
        : [{ on: 'descriptor', annotations: manifest.subject.annotations } as const]),
      ...manifest.layers.map(({ annotations }) => ({ on: 'layer', annotations }) as const)
    ],
    documents: [],
    names: [],
    attestations: []
  }
}

/** Reads and verifies a small blob. */
export async function readBlob(files: Files, descriptor: Descriptor, limit: number, what: string): Promise<Buffer> {
  const blob = await files.find(blobName(descriptor.digest))
  if (blob === undefined) throw new ImageError('missing-blob', `${what} is not in the layout`)
  if (blob.size !== descriptor.size) throw wrongSize(what, blob.size, descriptor.size)
  const bytes = await readRange(blob, limit, what)
  checkDigest(hashFor(descriptor.digest).update(bytes), descriptor.digest, what)
  return bytes
}

function namesOf(descriptor: Descriptor): readonly string[] {
  const { annotations } = descriptor
  return [annotations['io.containerd.image.name'], annotations['org.opencontainers.image.ref.name']].filter(
    (name) => name !== undefined
  )
}

function isImageConfig(mediaType: string): boolean {
  return (
    mediaType === '' ||
    mediaType === 'application/vnd.oci.image.config.v1+json' ||
    mediaType === 'application/vnd.docker.container.image.v1+json'
  )
}

function isForeign(layer: Descriptor): boolean {
  return layer.urls.length > 0 || /foreign|nondistributable/.test(layer.mediaType)
}

function wrongSize(what: string, actual: number, expected: number): ImageError {
  return new ImageError('wrong-size', `${what} has ${actual} bytes, its descriptor says ${expected}`)
}
