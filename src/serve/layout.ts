/**
 * One platform's image as files for other programs: an OCI layout with nothing else in it, and a tar that `docker load`
 * and the readers of docker archives take. Both have the manifest that will be published.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { copyFile, link, mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { finished, pipeline } from 'node:stream/promises'
import { canonicalName } from '../core/reference.js'
import { blobName, streamRange, type Digest } from '../image/index.js'
import type { Shelf, ShelfBlob, ShelfDocument, SingleImage } from './shelf.js'

/** What a file of its own says, and where the tools find the one image: its `org.opencontainers.image.ref.name`. */
export type LayoutOptions = {
  readonly refName: string
  /** `repository:tag` of the image in an archive; without a slash it is docker's own short form. */
  readonly tag: string
}

const LAYOUT_FILE = JSON.stringify({ imageLayoutVersion: '1.0.0' })

/** Writes a layout with exactly this image. Blobs are hard links where the file system has them. */
export async function writeSingleLayout(folder: string, image: SingleImage, refName: string): Promise<void> {
  await mkdir(path.join(folder, 'blobs', 'sha256'), { recursive: true })
  await writeFile(path.join(folder, 'oci-layout'), LAYOUT_FILE)
  await writeFile(path.join(folder, 'index.json'), indexOf(image.manifest, { refName, tag: refName }))
  await writeFile(await placeOf(folder, image.manifest.digest), image.manifest.bytes)
  for (const blob of distinctBlobs(image)) await placeBlob(blob, await placeOf(folder, blob.digest))
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
  whole: Shelf = { root: image.manifest, documents: [], blobs: distinctBlobs(image) }
): Promise<void> {
  const out = createWriteStream(file, { highWaterMark: 1 << 20 })
  const failed = finished(out)
  failed.catch(() => undefined) // awaited below
  const write = async (chunk: Uint8Array): Promise<void> => {
    if (!out.write(chunk)) await Promise.race([once(out, 'drain'), failed])
  }
  const add = async (name: string, bytes: Buffer): Promise<void> => {
    await write(tarHeader(name, bytes.length))
    await write(Buffer.concat([bytes, padding(bytes.length)]))
  }
  try {
    await add('oci-layout', Buffer.from(LAYOUT_FILE))
    await add('index.json', Buffer.from(indexOf(whole.root, options)))
    await add('manifest.json', Buffer.from(dockerManifest(image, options?.tag)))
    const documents = new Map([whole.root, ...whole.documents].map((document) => [document.digest, document]))
    for (const { digest, bytes } of documents.values()) await add(blobName(digest), bytes)
    for (const blob of whole.blobs) {
      await write(tarHeader(blobName(blob.digest), blob.size))
      if (blob.size > 0) for await (const chunk of streamRange(blob.file)) await write(chunk as Buffer)
      await write(padding(blob.size))
    }
    await write(Buffer.alloc(2 * BLOCK))
  } finally {
    out.end()
  }
  await failed
}

function indexOf({ mediaType, digest, bytes }: ShelfDocument, options: LayoutOptions | undefined): string {
  const descriptor = { mediaType, digest, size: bytes.length }
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [options === undefined ? descriptor : { ...descriptor, annotations: namesIn(options) }]
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
