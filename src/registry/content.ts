/** What has to be in a registry for an image to be there: read from OCI layouts on the disk, each document verified. */
import { asArray, asNumber, asObject, asString, dig, parseJSON, without, type JSONObject } from '../core/json.js'
import {
  blobName,
  folderFiles,
  ImageError,
  isAttestation,
  isDigest,
  parseJSONObject,
  readBlob,
  readDocument,
  readRange,
  type Descriptor,
  type Digest,
  type FileRange,
  type Files
} from '../image/index.js'
import { assembleIndex, type Document, type ManifestDescriptor } from './assemble.js'
import { MANIFEST_BYTES } from './manifest.js'

/** A config or a layer. */
export type Blob = {
  readonly digest: Digest
  readonly size: number
  /** Where it lies. Absent where it does not lie here: the registry has it already, or it cannot be pushed. */
  readonly file?: FileRange
  /** Whether another repository may have it. */
  readonly layer: boolean
}

/** A manifest or an index, and what it is pushed as. */
export type PushedDocument = Document & {
  readonly part: 'manifest' | 'attestation' | 'index'
  /** How the attestations in it are written; absent where there are none. */
  readonly attests?: AttestationForm
}

/** Known by an annotation, or an OCI artifact: the form since BuildKit 0.32, which some registries do not take. */
export type AttestationForm = 'annotated' | 'artifact'

/** A blob that lies here. */
export type LocalBlob = Blob & { readonly file: FileRange }

/** All of one image. */
export type Content = {
  /** What the tags will stand for. */
  readonly root: PushedDocument
  /** What the one layout says of it beside its digest: its platform, annotations of its own. Absent for several. */
  readonly described?: Described
  /** In the order in which a registry takes them: images, what speaks of them, inner indexes, and the root last. */
  readonly documents: readonly PushedDocument[]
  readonly blobs: readonly LocalBlob[]
}

/** Members of a descriptor: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#properties */
export type Described = { readonly platform?: JSONObject; readonly annotations?: JSONObject }

/** The same where some of it may be in the registry alone. */
export type PartialContent = Omit<Content, 'blobs'> & { readonly blobs: readonly Blob[] }

const MOST_DOCUMENTS = 1000
const DEEPEST = 8
const CONFIG_BYTES = 32 * 2 ** 20

/** What BuildKit and containerd write into a layout's `index.json` for their own use. */
const ownAnnotations =
  /^(?:org\.opencontainers\.image\.(?:ref\.name|created)$|io\.containerd\.|containerd\.io\/|config\.digest$)/

/**
 * Reads one image from the layouts of its platforms. The index or manifest of a single layout is pushed as it is; several
 * layouts get an index over all their images and attestations.
 *
 * @param annotations of the index that is made for several layouts, beside those of the indexes in them
 * Throws `ImageError`.
 */
export async function readContent(
  layouts: readonly string[],
  annotations: Readonly<Record<string, string>> = {}
): Promise<Content> {
  const { blobs, ...rest } = await read(layouts, annotations, findThere)
  return { ...rest, blobs: blobs.filter((blob): blob is LocalBlob => blob.file !== undefined) }
}

/**
 * Reads one image, or what has the form of one, from a layout in which blobs are missing or have another size: such ones
 * are taken from elsewhere, or have no file. Throws `ImageError`.
 */
export function readPartialContent(layout: string, elsewhere: ReadonlyMap<Digest, FileRange>): Promise<PartialContent> {
  return read([layout], {}, async (files, { digest, size }) => {
    const file = await files.find(blobName(digest))
    return file?.size === size ? file : elsewhere.get(digest)
  })
}

async function read(
  layouts: readonly string[],
  annotations: Readonly<Record<string, string>>,
  locate: Locate
): Promise<PartialContent> {
  const reading: Reading = { documents: new Map(), blobs: new Map(), platforms: new Map(), locate }
  const roots: JSONObject[] = []
  for (const layout of layouts) {
    const files = folderFiles(layout)
    const found = await readRoots(files, layout)
    for (const root of found) await descend(reading, files, root, 0)
    roots.push(...found)
  }
  const distinct = [...new Map(roots.map((root) => [asString(root.digest), root])).values()]
  const [only] = distinct
  if (only === undefined) throw new ImageError('not-an-image', `${layouts.join(', ')}: there is no image in it`)
  const root =
    distinct.length === 1 ? documentOf(reading, asString(only.digest) ?? '') : assemble(reading, distinct, annotations)
  if (root === undefined) throw new ImageError('not-an-image', `${layouts.join(', ')}: the image is not in it`)
  const others = [...reading.documents.values()].filter(
    ({ digest, abandoned }) => digest !== root.digest && !(abandoned ?? false)
  )
  const inOrder = (['manifest', 'attestation', 'index'] as const).flatMap((part) =>
    others.filter((document) => document.part === part)
  )
  return {
    root,
    ...(distinct.length === 1 ? { described: describedIn(only) } : {}),
    documents: [...inOrder, root],
    blobs: [...reading.blobs.values()]
  }
}

/** Without names, which each that writes a layout gives itself. */
function describedIn(descriptor: JSONObject): Described {
  const platform = asObject(descriptor.platform)
  const annotations = without(
    asObject(descriptor.annotations) ?? {},
    'io.containerd.image.name',
    'org.opencontainers.image.ref.name'
  )
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations })
  }
}

/** Where a blob lies; 'nowhere' where it is no part of what is pushed. Throws `ImageError` where it has to lie somewhere. */
type Locate = (files: Files, blob: Descriptor, what: string) => Promise<FileRange | 'nowhere' | undefined>

type Reading = {
  readonly documents: Map<Digest, PushedDocument & { readonly abandoned?: boolean }>
  readonly blobs: Map<Digest, Blob>
  readonly locate: Locate
  /** Of manifests that stand alone in their layout: what their config says. */
  readonly platforms: Map<Digest, NonNullable<ManifestDescriptor['platform']>>
}

async function readRoots(files: Files, layout: string): Promise<readonly JSONObject[]> {
  const index = await files.find('index.json')
  if (index === undefined) throw new ImageError('not-an-image', `${layout} is not an OCI layout: it has no index.json`)
  const json = parseJSON((await readRange(index, MANIFEST_BYTES, 'index.json')).toString())
  return asArray(dig(json, 'manifests')).flatMap((entry): readonly JSONObject[] =>
    [asObject(entry)].filter((object) => object !== undefined)
  )
}

/** Reads a document and what it needs, inner ones first. */
async function descend(reading: Reading, files: Files, raw: JSONObject, depth: number): Promise<void> {
  const digest = asString(raw.digest) ?? ''
  if (!isDigest(digest)) throw new ImageError('corrupt-document', 'index.json has an entry without a digest')
  if (reading.documents.has(digest)) return
  if (reading.documents.size >= MOST_DOCUMENTS || depth > DEEPEST) {
    throw new ImageError(
      'limit',
      `more than ${MOST_DOCUMENTS} manifests, or more than ${DEEPEST} indexes in each other`
    )
  }
  const what = `manifest ${digest}`
  const known = { mediaType: asString(raw.mediaType) ?? '', digest, size: asNumber(raw.size) ?? -1 }
  const descriptor: Descriptor = {
    ...known,
    annotations: annotationsOf(raw),
    platform: undefined,
    artifactType: asString(raw.artifactType),
    urls: []
  }
  const bytes = await readBlob(files, descriptor, MANIFEST_BYTES, what)
  const json = parseJSONObject(bytes, what)
  const document = readDocument(json, what)
  const mediaType = asString(json.mediaType) ?? known.mediaType
  if (document.kind === 'index') {
    for (const child of asArray(json.manifests)) await descend(reading, files, asObject(child) ?? {}, depth + 1)
    const children = document.manifests.map((child) => reading.documents.get(child.digest)?.attests)
    reading.documents.set(digest, { part: 'index', mediaType, digest, bytes, ...attestsOf(children) })
    return
  }
  const parts = [{ ...document.config, layer: false }, ...document.layers.map((layer) => ({ ...layer, layer: true }))]
  for (const part of parts) await addBlob(reading, files, part, what)
  const isArtifact = document.subject !== undefined || document.artifactType !== undefined
  if (isAttestation(descriptor, document) || document.subject !== undefined) {
    const attests = isArtifact ? 'artifact' : 'annotated'
    reading.documents.set(digest, { part: 'attestation', mediaType, digest, bytes, attests })
    return
  }
  reading.documents.set(digest, { part: 'manifest', mediaType, digest, bytes })
  if (depth > 0 || raw.platform !== undefined) return
  const config = await readBlob(files, document.config, CONFIG_BYTES, `config ${document.config.digest}`)
  const platform = platformOf(parseJSON(config.toString()))
  if (platform !== undefined) reading.platforms.set(digest, platform)
}

function attestsOf(forms: readonly (AttestationForm | undefined)[]): { readonly attests?: AttestationForm } {
  const attests = forms.includes('artifact') ? 'artifact' : forms.find((form) => form !== undefined)
  return attests === undefined ? {} : { attests }
}

async function addBlob(
  { blobs, locate }: Reading,
  files: Files,
  descriptor: Descriptor & { readonly layer: boolean },
  what: string
): Promise<void> {
  const { digest, size, layer } = descriptor
  if (blobs.has(digest)) return
  const file = await locate(files, descriptor, what)
  if (file !== 'nowhere') blobs.set(digest, { digest, size, layer, ...(file === undefined ? {} : { file }) })
}

async function findThere(
  files: Files,
  { digest, size, urls, mediaType }: Descriptor,
  what: string
): Promise<FileRange | 'nowhere'> {
  const file = await files.find(blobName(digest))
  // Layers that may not be distributed stay where their URLs say.
  if (file === undefined && (urls.length > 0 || /foreign|nondistributable/.test(mediaType))) return 'nowhere'
  if (file === undefined) throw new ImageError('missing-blob', `${digest} of ${what} is not in the layout`)
  if (file.size !== size) {
    throw new ImageError('wrong-size', `${digest} of ${what} has ${file.size} bytes, its descriptor says ${size}`)
  }
  return file
}

function documentOf({ documents }: Reading, digest: string): PushedDocument | undefined {
  return isDigest(digest) ? documents.get(digest) : undefined
}

/** The index over all images; those that held them per platform are not pushed. */
function assemble(
  reading: Reading,
  roots: readonly JSONObject[],
  annotations: Readonly<Record<string, string>>
): PushedDocument {
  const around: Record<string, string> = {}
  const entries = roots.flatMap((root) => {
    const document = documentOf(reading, asString(root.digest) ?? '')
    if (document?.part !== 'index') return [rootDescriptor(reading, root)]
    const json = parseJSONObject(document.bytes, 'index')
    Object.assign(around, annotationsOf(json))
    reading.documents.set(document.digest, { ...document, abandoned: true })
    return asArray(json.manifests).map((entry) => describe(asObject(entry) ?? {}))
  })
  const index = assembleIndex({ manifests: entries, annotations: { ...around, ...annotations } })
  const children = entries.map(({ digest }) => reading.documents.get(digest)?.attests)
  return { ...index, part: 'index', ...attestsOf(children) }
}

/** A manifest that stands alone in its layout has no platform beside it, and annotations that are for the layout. */
function rootDescriptor(reading: Reading, root: JSONObject): ManifestDescriptor {
  const described = describe(root)
  const annotations = Object.fromEntries(
    Object.entries(described.annotations ?? {}).filter(([name]) => !ownAnnotations.test(name))
  )
  const platform = described.platform ?? reading.platforms.get(described.digest)
  return { ...described, annotations, ...(platform === undefined ? {} : { platform }) }
}

function describe(raw: JSONObject): ManifestDescriptor {
  const digest = asString(raw.digest) ?? ''
  if (!isDigest(digest)) throw new ImageError('corrupt-document', 'an index has an entry without a digest')
  const artifactType = asString(raw.artifactType)
  const platform = platformOf(raw.platform)
  const annotations = annotationsOf(raw)
  return {
    ...{ mediaType: asString(raw.mediaType) ?? '', digest, size: asNumber(raw.size) ?? 0 },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform }),
    ...(artifactType === undefined ? {} : { artifactType })
  }
}

function annotationsOf(raw: JSONObject): Readonly<Record<string, string>> {
  const entries = Object.entries(asObject(raw.annotations) ?? {})
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** The same members in a descriptor and in an image's config. */
function platformOf(raw: unknown): ManifestDescriptor['platform'] {
  const [os, architecture] = [asString(dig(raw, 'os')), asString(dig(raw, 'architecture'))]
  if (os === undefined || architecture === undefined) return undefined
  const [variant, version] = [asString(dig(raw, 'variant')), asString(dig(raw, 'os.version'))]
  const features = asArray(dig(raw, 'os.features')).filter((feature) => typeof feature === 'string')
  return {
    ...{ os, architecture },
    ...(variant === undefined ? {} : { variant }),
    ...(version === undefined ? {} : { 'os.version': version }),
    ...(features.length === 0 ? {} : { 'os.features': features })
  }
}
