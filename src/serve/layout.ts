/**
 * The inspected image as files for other programs: OCI layouts, of one platform or of all that is published, and a tar that
 * `docker load` and the readers of docker archives take. All have the manifests that are published, byte for byte.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { copyFile, link, mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { finished, pipeline } from 'node:stream/promises'
import { canonicalName, canonicalRepository, parseReference } from '../core/reference.js'
import { blobName, checkDigest, hashFor, streamRange, type Digest } from '../image/index.js'
import type { Shelf, ShelfBlob, ShelfDocument, SingleImage } from './shelf.js'

/** What a file of its own says, and where the tools find the one image: its `org.opencontainers.image.ref.name`. */
export type LayoutOptions = {
  readonly refName: string
  /** `repository:tag` of the image in an archive; without a slash it is docker's own short form. */
  readonly tag: string
}

/** A name as an archive has it: in full, since containerd knows no short ones. */
export function archiveNames(name: string): LayoutOptions {
  const reading = parseReference(name)
  if (!reading.ok) return { refName: 'latest', tag: name }
  const { tag: refName = 'latest' } = reading.reference
  return { refName, tag: `${canonicalRepository(reading.reference)}:${refName}` }
}

const LAYOUT_FILE = JSON.stringify({ imageLayoutVersion: '1.0.0' })

/** Writes a layout with exactly this image. Blobs are hard links where the file system has them. */
export async function writeSingleLayout(folder: string, image: SingleImage, refName: string): Promise<void> {
  await fillLayout(folder, shelfOf(image), [{ refName, tag: refName }], placeBlob)
}

/**
 * Writes all of an image as a layout that leaves the runner: copies, and held against their digests, since others have had
 * links to the blobs. Throws `ImageError` where one is not what it was.
 */
export async function writeLayout(
  folder: string,
  image: Shelf,
  names: readonly LayoutOptions[],
  signal?: AbortSignal
): Promise<void> {
  await fillLayout(folder, image, names, (blob, to) => pipeline(checkedBytes(blob, signal), createWriteStream(to)))
}

async function fillLayout(
  folder: string,
  image: Shelf,
  names: readonly LayoutOptions[],
  place: (blob: ShelfBlob, to: string) => Promise<void>
): Promise<void> {
  await mkdir(path.join(folder, 'blobs', 'sha256'), { recursive: true })
  await writeFile(path.join(folder, 'oci-layout'), LAYOUT_FILE)
  await writeFile(path.join(folder, 'index.json'), indexOf(image, names))
  for (const { digest, bytes } of documentsOf(image)) await writeFile(await placeOf(folder, digest), bytes)
  for (const blob of image.blobs) await place(blob, await placeOf(folder, blob.digest))
}

/** Writes the same layout into a tar. */
export async function writeLayoutArchive(
  file: string,
  image: Shelf,
  names: readonly LayoutOptions[],
  signal?: AbortSignal
): Promise<void> {
  await writeTar(file, entriesOf(image, names), (blob) => checkedBytes(blob, signal))
}

/** A folder for a platform, in which no tool finds a `:`, `@` or `,` to cut the path at: `linux-arm-v7`. */
export function platformFolder(platform: string): string {
  return platform.replace(/[^A-Za-z0-9.]+/g, '-')
}

async function placeOf(folder: string, digest: Digest): Promise<string> {
  const file = path.join(folder, blobName(digest))
  await mkdir(path.dirname(file), { recursive: true })
  return file
}

async function placeBlob({ file, size }: ShelfBlob, to: string): Promise<void> {
  const isWhole = file.offset === 0 && (await stat(file.path)).size === size
  if (isWhole) {
    try {
      await link(file.path, to)
      return
    } catch {
      await copyFile(file.path, to) // another file system, or one without links
      return
    }
  }
  await pipeline(streamRange(file), createWriteStream(to))
}

/**
 * Writes an archive as `docker image save` of Docker 25 and later does: an OCI layout, and beside it the `manifest.json`
 * of old. Layers stay as they are, compressed too; docker, skopeo, go-containerregistry and dive look at their bytes.
 * @param options absent for an image without a name
 * @param whole what the layout holds: all platforms and attestations, or that image alone
 */
export async function writeArchive(
  file: string,
  image: SingleImage,
  options?: LayoutOptions,
  whole: Shelf = shelfOf(image)
): Promise<void> {
  const manifest = Buffer.from(dockerManifest(image, options?.tag))
  const [layout, index, ...rest] = entriesOf(whole, options === undefined ? [] : [options])
  await writeTar(
    file,
    [layout, index, { name: 'manifest.json', bytes: manifest }, ...rest].filter((entry) => entry !== undefined)
  )
}

/** A file of a layout. */
type LayoutEntry = { readonly name: string } & ({ readonly bytes: Buffer } | { readonly blob: ShelfBlob })

function entriesOf(image: Shelf, names: readonly LayoutOptions[]): readonly LayoutEntry[] {
  return [
    { name: 'oci-layout', bytes: Buffer.from(LAYOUT_FILE) },
    { name: 'index.json', bytes: Buffer.from(indexOf(image, names)) },
    ...documentsOf(image).map(({ digest, bytes }) => ({ name: blobName(digest), bytes })),
    ...image.blobs.map((blob) => ({ name: blobName(blob.digest), blob }))
  ]
}

/** The bytes of a blob, in pieces. Throws `wrong-digest` at its end where they are others. */
async function* checkedBytes(blob: ShelfBlob, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const hash = hashFor(blob.digest)
  for await (const piece of plainBytes(blob)) {
    signal?.throwIfAborted()
    hash.update(piece)
    yield piece
  }
  checkDigest(hash, blob.digest, 'a layer or config of the image')
}

async function* plainBytes({ size, file }: ShelfBlob): AsyncGenerator<Buffer> {
  if (size > 0) for await (const piece of streamRange(file)) yield piece as Buffer
}

async function writeTar(file: string, entries: readonly LayoutEntry[], bytesOf = plainBytes): Promise<void> {
  const out = createWriteStream(file, { highWaterMark: 1 << 20 })
  const failed = finished(out)
  failed.catch(() => undefined) // awaited below
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (!out.write(chunk)) await Promise.race([once(out, 'drain'), failed])
  }
  try {
    for (const entry of entries) {
      const size = 'blob' in entry ? entry.blob.size : entry.bytes.length
      await write(tarHeader(entry.name, size))
      if ('bytes' in entry) await write(entry.bytes)
      else for await (const chunk of bytesOf(entry.blob)) await write(chunk)
      await write(padding(size))
    }
    await write(Buffer.alloc(2 * BLOCK))
  } finally {
    out.end()
  }
  await failed
}

/** Of an image with several names it has an entry for each, as BuildKit and containerd write it. */
function indexOf({ root, described = {} }: Shelf, names: readonly LayoutOptions[]): string {
  const { mediaType, digest, bytes } = root
  const descriptor = { mediaType, digest, size: bytes.length, ...described }
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests:
      names.length === 0
        ? [descriptor]
        : names.map((each) => ({ ...descriptor, annotations: { ...described.annotations, ...namesIn(each) } }))
  })
}

function namesIn({ refName, tag }: LayoutOptions): Readonly<Record<string, string>> {
  return {
    // Containerd knows no short names.
    ...(tag === refName ? {} : { 'io.containerd.image.name': canonicalName(tag) ?? tag }),
    'org.opencontainers.image.ref.name': refName
  }
}

function dockerManifest({ config, layers }: SingleImage, tag: string | undefined): string {
  return JSON.stringify([
    {
      Config: blobName(config.digest),
      RepoTags: tag === undefined ? null : [tag],
      Layers: layers.map(({ digest }) => blobName(digest))
    }
  ])
}

function shelfOf(image: SingleImage): Shelf {
  return { root: image.manifest, documents: [], blobs: distinctBlobs(image) }
}

function documentsOf({ root, documents }: Shelf): readonly ShelfDocument[] {
  return [...new Map([root, ...documents].map((document) => [document.digest, document])).values()]
}

function distinctBlobs({ config, layers }: SingleImage): readonly ShelfBlob[] {
  return [...new Map([config, ...layers].map((blob) => [blob.digest, blob])).values()]
}

const BLOCK = 512

/** A plain file's header; the names here are short and the numbers fit, up to 8 GiB in octal and beyond it in base 256. */
function tarHeader(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  }
  block.write(name, 0, 'latin1')
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  if (size < 8 ** 11) octal(size, 124, 12)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(size), 128)
  }
  octal(0, 136, 12)
  block.write('0', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}
