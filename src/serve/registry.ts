/**
 * A read-only registry on the loopback address, for as long as somebody looks at an image that has not left yet: docker,
 * skopeo and every scanner read from it the digests that will be published.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { streamRange } from '../image/index.js'
import { servedName } from './name.js'
import type { Shelf, ShelfBlob, ShelfDocument } from './shelf.js'

/** The registry while it is there; disposing it ends every connection. */
export type ServedImage = AsyncDisposable & {
  /** `127.0.0.1:PORT/stagegate-…`: the repository, to which `@sha256:…` or `:inspected` is added. It has this process's mark. */
  readonly repository: string
}

/** The one tag; it stands for what the user's tags will stand for. */
export const SERVED_TAG = 'inspected'

const MOST_CONNECTIONS = 256
const IDLE_MILLISECONDS = 60_000

/** Serves the image on a random port under a name that nobody can guess. */
export async function serveImage(shelf: Shelf): Promise<ServedImage> {
  const name = servedName()
  const answer = answerFrom(shelf, name)
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy()) // a client that hung up, or a file that is gone
  })
  server.maxConnections = MOST_CONNECTIONS
  server.setTimeout(IDLE_MILLISECONDS)
  // Docker asks with TLS first, and in plain HTTP only where the answer to that is HTTP.
  server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'))
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    repository: `127.0.0.1:${port}/${name}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

function answerFrom({ root, documents, blobs }: Shelf, name: string): Answer {
  // Looked up, never made into a path: there is nothing to climb out of.
  const manifests = new Map<string, ShelfDocument>([...documents, root].map((document) => [document.digest, document]))
  manifests.set(SERVED_TAG, root)
  const byDigest = new Map<string, ShelfBlob>(blobs.map((blob) => [blob.digest, blob]))

  return async (request, response) => {
    response.setHeader('Docker-Distribution-API-Version', 'registry/2.0')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return refuse(response, 405, 'UNSUPPORTED', 'this registry is read-only')
    }
    const place = (request.url ?? '').split('?')[0] ?? ''
    if (place === '/v2/' || place === '/v2') return sendBytes(response, request, 'application/json', Buffer.from('{}'))
    const [, repository, kind, reference = ''] = /^\/v2\/([^/]+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(place) ?? []
    if (repository !== name) return refuse(response, 404, 'NAME_UNKNOWN', 'no such repository')
    if (kind === 'tags' && reference === 'list') {
      return sendBytes(response, request, 'application/json', Buffer.from(JSON.stringify({ name, tags: [SERVED_TAG] })))
    }
    const manifest = kind === 'manifests' ? manifests.get(reference) : undefined
    if (manifest !== undefined) {
      response.setHeader('Docker-Content-Digest', manifest.digest)
      return sendBytes(response, request, manifest.mediaType, manifest.bytes)
    }
    const blob = kind === 'blobs' ? byDigest.get(reference) : undefined
    if (blob !== undefined) return sendBlob(response, request, blob)
    return refuse(response, 404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN', 'no such content')
  }
}

function sendBytes(response: ServerResponse, request: IncomingMessage, type: string, bytes: Buffer): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

async function sendBlob(response: ServerResponse, request: IncomingMessage, blob: ShelfBlob): Promise<void> {
  const range = readRangeHeader(request.headers.range, blob.size)
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${blob.size}`)
    return refuse(response, 416, 'RANGE_INVALID', 'the range is outside the blob')
  }
  const { start, end } = range ?? { start: 0, end: blob.size - 1 }
  const size = end - start + 1
  response.writeHead(range === undefined ? 200 : 206, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': size,
    'Docker-Content-Digest': blob.digest,
    'Accept-Ranges': 'bytes',
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${blob.size}` })
  })
  if (request.method === 'HEAD' || size === 0) {
    response.end()
    return
  }
  await pipeline(streamRange({ path: blob.file.path, offset: blob.file.offset + start, size }), response)
}

/**
 * A `Range` header of one range; anything else is ignored, as the specification allows.
 * https://www.rfc-editor.org/rfc/rfc9110#name-range
 */
export function readRangeHeader(
  header: string | undefined,
  size: number
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return undefined
  if (from === '') {
    const length = Math.min(Number(to), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(from)
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (to !== '' && Number(to) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}
