import { createHash } from 'node:crypto'
import { types } from 'node:util'
import { createGunzip, createZstdDecompress, constants, type Gunzip, type ZstdDecompress } from 'node:zlib'
import { checkDigest, hashFor, type Digest } from './digest.js'
import { ImageError, reasonOf } from './errors.js'
import { streamGrowing, streamRange, type FileRange, type GrowingFile } from './files.js'
import { isZero } from './tar/header.js'
import type { ImageLayer } from './image_set.js'
import type { Limits } from './limits.js'

export type Compression = 'none' | 'gzip' | 'zstd'

/** What became of a layer's bytes. */
export type InflatedLayer = {
  /** As the bytes say; the media type may lie. */
  readonly compression: Compression
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number
  /** Digest of the uncompressed tar. */
  readonly diffID: Digest
}

/** A layer's bytes, and what is known of them before they are read. */
export type PackedLayer = Pick<ImageLayer, 'named'> & {
  readonly blob: FileRange | GrowingFile | undefined
  readonly descriptor: Pick<ImageLayer['descriptor'], 'digest'>
  /** Absent where no config has named the layer yet. */
  readonly diffID?: Digest
}

/** Bytes that tell how a layer is compressed. */
const MAGIC = 4

/** Output of one inflating step. Larger pieces cost fewer trips through the thread pool, see docs/analysis.md. */
const CHUNK_SIZE = 512 * 1024

/** Finished pieces that may wait while the main thread works on one: inflating goes on in the thread pool meanwhile. */
const PIECES_AHEAD = 4

type Decompressor = Gunzip | ZstdDecompress

/**
 * Reads a layer once: verifies the blob's digest, inflates, verifies the diffID or works it out, and hands each uncompressed
 * piece to `sink`.
 * A piece is valid for good; nobody writes to it again. Takes gzip with several members and zstd with several frames.
 *
 * Throws `wrong-digest`, `wrong-size`, `corrupt-layer`, `limit`, and whatever `sink` throws.
 */
export async function inflateLayer(
  layer: PackedLayer,
  sink: (piece: Buffer) => void,
  limits: Limits,
  signal?: AbortSignal
): Promise<InflatedLayer> {
  const { blob, descriptor, diffID } = layer
  const what = `layer ${descriptor.digest}`
  if (blob === undefined) throw new ImageError('missing-blob', `${what} is not in the layout`)

  const blobHash = hashFor(descriptor.digest)
  const tarHash = diffID === undefined ? createHash('sha256') : hashFor(diffID)
  let tarSize = 0
  const take = (piece: Buffer) => {
    tarSize += piece.length
    checkBomb(tarSize, blob.size, limits, what)
    tarHash.update(piece)
    sink(piece)
  }

  const source = 'later' in blob ? streamGrowing(blob, signal) : blob.size === 0 ? [] : streamRange(blob)
  // Hashing follows each piece on its way in, so that the blob is read once.
  const { magic, pieces } = await peeked(hashed(source, (piece) => blobHash.update(piece), signal))
  const compression = compressionOf(magic)
  if (compression === 'none') for await (const piece of pieces) take(piece)
  else await inflate(pieces, compression, take, limits, what)

  if (layer.named) checkDigest(blobHash, descriptor.digest, `${what}: the blob`)
  if (diffID === undefined) return { compression, tarSize, diffID: `sha256:${tarHash.digest('hex')}` }
  checkDigest(tarHash, diffID, `${what}: the uncompressed tar`)
  return { compression, tarSize, diffID }
}

/** By magic bytes: RFC 1952 section 2.3.1, RFC 8878 sections 3.1.1 and 3.1.2. */
export function compressionOf(magic: Uint8Array): Compression {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip'
  if (magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd) return 'zstd'
  if ((magic[0]! & 0xf0) === 0x50 && magic[1] === 0x2a && magic[2] === 0x4d && magic[3] === 0x18) return 'zstd'
  return 'none'
}

async function* hashed(
  source: AsyncIterable<unknown> | Iterable<unknown>,
  update: (piece: Buffer) => void,
  signal?: AbortSignal
): AsyncGenerator<Buffer> {
  for await (const piece of source) {
    signal?.throwIfAborted()
    if (!Buffer.isBuffer(piece)) throw new TypeError('a file stream without encoding yields buffers')
    update(piece)
    yield piece
  }
}

/** The first bytes of a stream, and the stream with them. */
async function peeked(
  source: AsyncGenerator<Buffer>
): Promise<{ readonly magic: Buffer; readonly pieces: AsyncIterable<Buffer> }> {
  const pieces: Buffer[] = []
  let length = 0
  while (length < MAGIC) {
    const next = await source.next()
    if (next.done === true) break
    pieces.push(next.value)
    length += next.value.length
  }
  const all = async function* () {
    try {
      yield* pieces.splice(0)
      yield* source
    } finally {
      await source.return(undefined)
    }
  }
  return { magic: Buffer.concat(pieces).subarray(0, MAGIC), pieces: all() }
}

async function inflate(
  pieces: AsyncIterable<Buffer>,
  compression: 'gzip' | 'zstd',
  take: (piece: Buffer) => void,
  limits: Limits,
  what: string
): Promise<void> {
  let stream: InflateStream | undefined
  try {
    for await (const piece of pieces) {
      let rest = piece
      while (rest.length > 0) {
        stream ??= inflateStream(compression === 'gzip' ? gunzip() : unzstd(limits), take)
        const consumed = await stream.write(rest)
        if (consumed === rest.length) break
        // Node ends its stream where a zstd frame ends inside a write, and where a gzip member is followed by zeros.
        await stream.end()
        stream = undefined
        rest = rest.subarray(consumed)
        if (compression === 'gzip') {
          if (!isZero(rest, 0, rest.length))
            throw new ImageError('corrupt-layer', `${what}: bytes follow the gzip stream`)
          break
        }
      }
    }
    await stream?.end()
  } catch (caught) {
    if (!isZlibError(caught)) throw caught
    throw new ImageError('corrupt-layer', `${what} does not inflate as ${compression}: ${reasonOf(caught)}`, {
      cause: caught
    })
  } finally {
    stream?.destroy()
  }
}

function gunzip(): Gunzip {
  return createGunzip({ chunkSize: CHUNK_SIZE })
}

function unzstd(limits: Limits): ZstdDecompress {
  return createZstdDecompress({
    chunkSize: CHUNK_SIZE,
    params: { [constants.ZSTD_d_windowLogMax]: limits.zstdWindowLog }
  })
}

type InflateStream = {
  /** Resolves with the bytes consumed: fewer than given where the compressed stream ended. */
  readonly write: (piece: Buffer) => Promise<number>
  /** Resolves when all output has been taken. */
  readonly end: () => Promise<void>
  readonly destroy: () => void
}

/**
 * One decompressor. Output is queued and taken after the callback that brought it, because node starts the next
 * inflating step only when that callback returns: so the thread pool inflates while this thread searches.
 */
function inflateStream(stream: Decompressor, take: (piece: Buffer) => void): InflateStream {
  const queue: Buffer[] = []
  let scheduled = false
  let failure: { readonly error: unknown } | undefined
  let ended = false
  let wake: () => void = () => undefined

  stream.on('data', (piece: Buffer) => {
    queue.push(piece)
    if (queue.length >= PIECES_AHEAD) stream.pause()
    if (!scheduled) {
      scheduled = true
      setImmediate(work)
    }
  })
  stream.on('end', () => {
    ended = true
    wake()
  })
  stream.on('error', fail)

  return { write, end, destroy: () => void stream.destroy() }

  function work(): void {
    scheduled = false
    const piece = queue.shift()
    if (piece === undefined || failure !== undefined) return
    try {
      take(piece)
    } catch (error) {
      fail(error)
      return
    }
    if (queue.length < PIECES_AHEAD && stream.isPaused()) stream.resume()
    if (queue.length > 0) {
      scheduled = true
      setImmediate(work)
    } else wake()
  }

  function fail(error: unknown): void {
    failure ??= { error }
    stream.destroy()
    wake()
  }

  async function until(done: () => boolean): Promise<void> {
    while (failure === undefined && !done()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    // Reported as it came, with its own type.
    if (failure !== undefined) throw failure.error
  }

  async function write(piece: Buffer): Promise<number> {
    const before = stream.bytesWritten
    let written = false
    stream.write(piece, () => {
      written = true
      wake()
    })
    await until(() => written || ended)
    return stream.bytesWritten - before
  }

  async function end(): Promise<void> {
    if (!ended) stream.end()
    await until(() => ended && queue.length === 0)
  }
}

function checkBomb(tarSize: number, blobSize: number, limits: Limits, what: string): void {
  if (tarSize > limits.layerBytes) {
    throw new ImageError('limit', `${what} inflates to more than ${limits.layerBytes} bytes`)
  }
  if (tarSize > limits.ratioFrom && tarSize > blobSize * limits.ratio) {
    throw new ImageError('limit', `${what} inflates to more than ${limits.ratio} times its size`)
  }
}

function isZlibError(caught: unknown): boolean {
  return types.isNativeError(caught) && 'code' in caught && /^(?:Z_|ZSTD_|ERR_)/.test(String(caught.code))
}
