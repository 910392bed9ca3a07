/**
 * Getting one blob into a repository, in the order in which it costs least: it is there, it is taken over from another
 * repository, it is sent. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import type { Repository } from './address.js'
import { resolveLocation, type Question, type RegistryClient } from './client.js'
import type { Blob } from './content.js'
import type { Answer, Body } from './transport.js'

/** How a blob came to be in a repository. */
export type BlobWay = 'present' | 'mounted' | 'uploaded'

export type BlobTask = {
  readonly client: RegistryClient
  readonly repository: Repository
  readonly blob: Blob
  /** Paths of repositories of the same registry that may have it. */
  readonly mountFrom: readonly string[]
  /** Registries that have asked for pieces; kept by the caller for all blobs. */
  readonly inPieces: Set<string>
  /** Called when all of it is on its way: a registry takes a while to file a large blob. */
  readonly onSent?: () => void
  readonly signal: AbortSignal
}

/** Bytes of a piece, unless the registry wants larger ones. */
const PIECE_BYTES = 32 * 2 ** 20

/** Other repositories that are asked for a blob. */
const MOST_MOUNTS = 2

/** The way, or the answer that stands against it after some attempts. Rejects with `NoAnswer` and `Cancelled`. */
export async function ensureBlob(task: BlobTask): Promise<BlobWay | Answer> {
  const { client, repository, blob, signal } = task
  return client.retrying(`${blob.digest.slice(0, 19)} to ${repository.name}`, () => attempt(task), {
    failed: (outcome) => (typeof outcome === 'string' ? undefined : outcome),
    signal
  })
}

/** All of it anew: an upload that was cut off cannot be trusted, and the blob may have arrived all the same. */
async function attempt(task: BlobTask): Promise<BlobWay | Answer> {
  const { blob, inPieces, repository } = task
  const head = await ask(task, { method: 'HEAD', at: `blobs/${blob.digest}` })
  if (head.status === 200) return 'present'
  if (isBusy(head)) return head
  const begun = await mountOrBegin(task)
  if (begun === 'mounted') return begun
  if (begun === undefined) return head
  if (begun.status !== 202) return begun
  const least = Number(begun.headers['oci-chunk-min-length'] ?? 0)
  if (inPieces.has(repository.host)) return sendInPieces(task, begun, least)
  const sent = await sendWhole(task, begun)
  if (sent === 'uploaded' || ![404, 405, 411, 413, 501].includes(sent.status)) return sent
  // Behind a proxy with a limit, or a registry that knows no upload in one request.
  const again = await begin(task)
  if (again.status !== 202) return again
  const pieces = await sendInPieces(task, again, least)
  if (pieces === 'uploaded') inPieces.add(repository.host)
  return pieces === 'uploaded' || sent.status === 404 ? pieces : sent
}

/** Some registries answer a HEAD with 403, 404 or 405 whatever they have; the upload tells then. */
export function isBusy({ status }: Answer): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500
}

/** `undefined`: it was not taken over, and there is nothing to upload. */
async function mountOrBegin(task: BlobTask): Promise<'mounted' | Answer | undefined> {
  const { blob, repository, mountFrom } = task
  const sources = mountFrom.filter((path) => path !== repository.path).slice(0, MOST_MOUNTS)
  for (const source of sources) {
    const at = `blobs/uploads/?${new URLSearchParams({ mount: blob.digest, from: source }).toString()}`
    const answer = await ask(task, { method: 'POST', at, mountFrom: source })
    if (answer.status === 201) return 'mounted'
    if (answer.status === 202 && source === sources.at(-1) && blob.file !== undefined) return answer
    if (answer.status === 202) await giveUp(task, answer)
    // Whatever else it says of the other repository is no reason not to upload.
  }
  return blob.file === undefined ? undefined : begin(task)
}

function begin(task: BlobTask): Promise<Answer> {
  return ask(task, { method: 'POST', at: 'blobs/uploads/' })
}

/** An upload that nobody goes on with; the registry would end it by itself after days. */
async function giveUp(task: BlobTask, begun: Answer): Promise<void> {
  const upload = resolveLocation(begun.headers.location ?? '', begun.url)
  if (upload?.origin === begun.url.origin) await ask(task, { method: 'DELETE', at: upload })
}

async function sendWhole(task: BlobTask, begun: Answer): Promise<'uploaded' | Answer> {
  const { file } = task.blob
  const at = withDigest(begun, task.blob)
  if (at === undefined || file === undefined) return begun
  const { path, offset, size } = file
  const onSent = task.onSent === undefined ? {} : { onSent: task.onSent }
  const answer = await ask(task, { method: 'PUT', at, ...onSent, ...sending({ kind: 'file', path, offset, size }) })
  return isDone(answer) ? 'uploaded' : answer
}

async function sendInPieces(task: BlobTask, begun: Answer, least: number): Promise<'uploaded' | Answer> {
  const { file } = task.blob
  if (file === undefined) return begun
  const { path, offset, size } = file
  const piece = Math.max(PIECE_BYTES, Number.isSafeInteger(least) ? least : 0)
  let last = begun
  for (let from = 0; from < size; from += piece) {
    const at = resolveLocation(last.headers.location ?? '', last.url)
    if (at === undefined) return last
    const length = Math.min(piece, size - from)
    const body: Body = { kind: 'file', path, offset: offset + from, size: length }
    const range = { 'Content-Range': `${from}-${from + length - 1}` }
    last = await ask(task, { method: 'PATCH', at, ...sending(body, range) })
    if (last.status !== 202 && last.status !== 204) return last
  }
  const at = withDigest(last, task.blob)
  if (at === undefined) return last
  const answer = await ask(task, { method: 'PUT', at, slow: true })
  return isDone(answer) ? 'uploaded' : answer
}

function sending(body: Body, headers: Readonly<Record<string, string>> = {}): Partial<Question> {
  return { body, slow: true, headers: { 'Content-Type': 'application/octet-stream', ...headers } }
}

/** Where the blob ends: the address that the registry gave, with all that it says already. */
function withDigest(begun: Answer, { digest }: Blob): URL | undefined {
  const at = resolveLocation(begun.headers.location ?? '', begun.url)
  // The rest of the query stays as it is, to the byte: it may be signed.
  if (at !== undefined) at.search = `${at.search === '' ? '' : `${at.search}&`}digest=${encodeURIComponent(digest)}`
  return at
}

function isDone({ status }: Answer): boolean {
  return status === 201 || status === 204
}

function ask(
  { client, repository, signal }: BlobTask,
  question: Omit<Question, 'actions' | 'signal'>
): Promise<Answer> {
  return client.ask(repository, { ...question, actions: 'pull,push', signal })
}
