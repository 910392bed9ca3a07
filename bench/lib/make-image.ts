import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import { createGzip } from 'node:zlib'

/** What an image for a measurement holds. Files are cut from node's own binary and from the sources in node_modules. */
export type ImageShape = {
  readonly layers: number
  readonly files: number
  /** Bytes of content over all layers. */
  readonly bytes: number
  /** `real`: code and binaries; `repeated`: one block again and again. */
  readonly data: 'real' | 'repeated'
}

const block = 512

/** Writes the image as an OCI layout, unless an equal one is there already. Returns its folder. */
export async function makeImage(root: string, shape: ImageShape): Promise<string> {
  const folder = join(root, `${shape.data}-${shape.layers}x${shape.files}x${shape.bytes}`)
  if ((await stat(join(folder, 'index.json')).catch(() => undefined)) !== undefined) return folder
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const pool = shape.data === 'real' ? await realBytes() : Buffer.alloc(4 * 2 ** 20, 'the same line again and again\n')
  const layers: { digest: string; size: number; diffID: string }[] = []
  for (let layer = 0; layer < shape.layers; layer++) layers.push(await makeLayer(blobs, layer, shape, pool))

  const json = async (value: unknown): Promise<{ digest: string; size: number }> => {
    const bytes = Buffer.from(JSON.stringify(value))
    const hex = createHash('sha256').update(bytes).digest('hex')
    await writeFile(join(blobs, hex), bytes)
    return { digest: `sha256:${hex}`, size: bytes.length }
  }
  const config = await json({
    os: 'linux',
    architecture: 'amd64',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffID }) => diffID) }
  })
  const mediaType = 'application/vnd.oci.image'
  const manifest = await json({
    schemaVersion: 2,
    config: { mediaType: `${mediaType}.config.v1+json`, ...config },
    layers: layers.map(({ digest, size }) => ({ mediaType: `${mediaType}.layer.v1.tar+gzip`, digest, size }))
  })
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const manifests = [{ mediaType: `${mediaType}.manifest.v1+json`, ...manifest }]
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  return folder
}

/** One layer: its share of the files, of sizes as in real images, many small and a few large. */
async function makeLayer(
  blobs: string,
  layer: number,
  shape: ImageShape,
  pool: Buffer
): Promise<{ digest: string; size: number; diffID: string }> {
  const count = Math.floor(shape.files / shape.layers)
  const mean = shape.bytes / shape.files
  let state = layer + 1
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32
  const tarHash = createHash('sha256')
  const blobHash = createHash('sha256')
  let size = 0
  const gzip = createGzip({ level: 6, chunkSize: 2 ** 18 })
  const path = join(blobs, `layer-${layer}`)
  const out = createWriteStream(path)
  gzip.on('data', (piece: Buffer) => {
    blobHash.update(piece)
    size += piece.length
  })
  gzip.pipe(out)
  const put = async (bytes: Buffer) => {
    tarHash.update(bytes)
    if (!gzip.write(bytes)) await once(gzip, 'drain')
  }
  let pending: Buffer[] = []
  let pendingBytes = 0
  const flush = async () => {
    await put(Buffer.concat(pending))
    pending = []
    pendingBytes = 0
  }
  for (let at = 0; at < count; at++) {
    // Exponential with a mean of 1: most files are small, most bytes are in large ones.
    const length = Math.round(-Math.log(1 - random() * 0.999999) * mean)
    pending.push(header(`opt/layer-${layer}/package-${Math.floor(at / 100)}/module-${at % 100}-${layer}.bin`, length))
    for (let left = length; left > 0;) {
      const take = Math.min(left, 2 ** 20)
      const from = Math.floor(random() * (pool.length - take))
      pending.push(pool.subarray(from, from + take))
      pendingBytes += take
      left -= take
      if (pendingBytes > 2 ** 22) await flush()
    }
    pending.push(Buffer.alloc((block - (length % block)) % block))
    pendingBytes += 1024
    if (pendingBytes > 2 ** 22) await flush()
  }
  pending.push(Buffer.alloc(2 * block))
  await flush()
  gzip.end()
  await once(out, 'close')
  const hex = blobHash.digest('hex')
  await rename(path, join(blobs, hex))
  return { digest: `sha256:${hex}`, size, diffID: `sha256:${tarHash.digest('hex')}` }
}

function header(path: string, size: number): Buffer {
  const bytes = Buffer.alloc(block)
  bytes.write(path, 0)
  bytes.write('0000644\0' + '0000000\0' + '0000000\0', 100)
  bytes.write(`${size.toString(8).padStart(11, '0')}\0` + '14000000000\0', 124)
  bytes.write('        0', 148)
  bytes.write('ustar\0' + '00', 257)
  bytes.write(
    `${bytes
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148
  )
  return bytes
}

/** Bytes as images hold them: half machine code, half source text. */
async function realBytes(): Promise<Buffer> {
  const binary = (await readFile(process.execPath)).subarray(0, 64 * 2 ** 20)
  const root = join(import.meta.dirname, '../../node_modules')
  const texts: Buffer[] = []
  let length = 0
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(?:[cm]?js|ts|json|md)$/.test(entry.name)) continue
    const bytes = await readFile(join(entry.parentPath, entry.name))
    texts.push(bytes)
    length += bytes.length
    if (length > binary.length) break
  }
  // In alternating stretches, so that every file has a chance of both.
  const text = Buffer.concat(texts)
  const stretch = 128 * 1024
  const pieces: Buffer[] = []
  for (let at = 0; at < Math.min(text.length, binary.length); at += stretch) {
    pieces.push(text.subarray(at, at + stretch), binary.subarray(at, at + stretch))
  }
  return Buffer.concat(pieces)
}
