/** One HTTP request and its answer, over connections that are kept. Knows nothing of logins and repositories. */
import { open } from 'node:fs/promises'
import http from 'node:http'
import type https from 'node:https'
import { Cancelled } from '../ports.js'

/** Bytes to send. A file is read anew for each attempt. */
export type Body = { readonly kind: 'bytes'; readonly bytes: Buffer } | FileBody

type FileBody = { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly size: number }

/** Bytes of a file that are read and sent at once. */
const PIECE_BYTES = 2 ** 20

export type Exchange = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Body
  /** Called when all of it is on its way, and the answer is waited for. */
  readonly onSent?: () => void
  /** Bytes of the answer that are read; one that is longer is an error. */
  readonly limitBytes: number
  readonly patience: Patience
  readonly signal: AbortSignal
}

/** Seconds that are waited. A server that sends a byte now and then does not get more of them. */
export type Patience = {
  /** For a connection, and for a peer that takes no more bytes. */
  readonly idle: number
  /** For the whole answer, after everything was sent. */
  readonly answer: number
}

/** An answer, read to its end. */
export type Answer = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly bytes: Buffer
  /** Whom it came from. */
  readonly url: URL
}

/** No answer came. `fresh` is false for a kept connection that the server had closed meanwhile: try again at once. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly reason: 'silent' | 'failed' | 'too-long'
  /**
   * The system's code, such as `ECONNRESET`, or one of ours: `FILE`, `PROXY` for a proxy whose variable is wrong, `PROXY_DENIES`
   * for one that does not lead there; empty where there is none.
   */
  readonly code: string
  readonly fresh: boolean
  /** Who was asked, as in an address; absent before it is known. */
  readonly host?: string
  constructor(reason: NoAnswer['reason'], code: string, message: string, fresh = true, host?: string) {
    super(message)
    this.reason = reason
    this.code = code
    this.fresh = fresh
    if (host !== undefined) this.host = host
  }

  /** The same, of a host. */
  of(host: string): NoAnswer {
    return new NoAnswer(this.reason, this.code, this.message, this.fresh, host)
  }
}

/** How many bytes a body has. */
export function sizeOf(body: Body): number {
  return body.kind === 'bytes' ? body.bytes.length : body.size
}

/** Sends a request over an agent. Rejects with `NoAnswer`, and with `Cancelled` when the signal is aborted. */
export function exchange(
  { method, url, headers, body, onSent, limitBytes, patience, signal }: Exchange,
  agent: http.Agent,
  request: typeof https.request = http.request
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return void reject(new Cancelled())
    const length = body === undefined ? (method === 'POST' || method === 'PUT' ? 0 : undefined) : sizeOf(body)
    const outgoing = request(url, {
      method,
      agent,
      headers: { 'User-Agent': 'stagegate', ...headers, ...(length === undefined ? {} : { 'Content-Length': length }) }
    })
    let deadline: NodeJS.Timeout | undefined
    let answered = false
    const settle = (): void => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', cancel)
    }
    const fail = (error: Error): void => {
      settle()
      outgoing.destroy()
      reject(error)
    }
    const cancel = (): void => fail(new Cancelled())
    const silence = (): void => fail(new NoAnswer('silent', 'ETIMEDOUT', 'no answer in time'))
    const waitForAnswer = (): void => void (deadline ??= setTimeout(silence, patience.answer * 1000))
    const broken = (error: NodeJS.ErrnoException): void =>
      fail(
        error instanceof NoAnswer
          ? error
          : new NoAnswer('failed', error.code ?? '', error.message, !outgoing.reusedSocket || answered)
      )
    signal.addEventListener('abort', cancel, { once: true })

    outgoing.setTimeout(patience.idle * 1000, () => {
      // Once all is sent, the deadline counts.
      if (deadline === undefined) silence()
    })
    outgoing.once('finish', waitForAnswer)
    if (onSent !== undefined) outgoing.once('finish', onSent)
    outgoing.on('error', broken)
    outgoing.once('response', (incoming) => {
      answered = true
      waitForAnswer()
      readAll(incoming, limitBytes).then((bytes) => {
        settle()
        // What answers before it has everything does not want the rest.
        if (!outgoing.writableFinished) outgoing.destroy()
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, bytes, url })
      }, broken)
    })

    if (body?.kind !== 'file' || body.size === 0) {
      outgoing.end(body?.kind === 'bytes' ? body.bytes : undefined)
      return
    }
    // Errors of the connection come by the request itself; those of the file only here.
    sendFile(outgoing, body).catch((error: unknown) => {
      fail(new NoAnswer('failed', 'FILE', error instanceof Error ? error.message : String(error)))
    })
  })
}

/**
 * Sends a file from two buffers in turn: one is read while the other is on its way. A stream would make a new buffer for each
 * piece, which costs a third of all the work. Resolves also when the connection ends before; rejects for the file alone.
 */
async function sendFile(outgoing: http.ClientRequest, { path, offset, size }: FileBody): Promise<void> {
  const ended = new Promise<'ended'>((resolve) => outgoing.once('close', () => resolve('ended')))
  const send = (piece: Buffer): Promise<'sent' | 'ended'> => {
    const sent = new Promise<'sent' | 'ended'>((resolve) => {
      outgoing.write(piece, (error) => resolve(error == null ? 'sent' : 'ended'))
    })
    return Promise.race([sent, ended])
  }
  await using file = await open(path)
  const pieceBytes = Math.min(PIECE_BYTES, size)
  let [read, onItsWay] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)]
  let before: Promise<'sent' | 'ended'> = Promise.resolve('sent')
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(read, 0, Math.min(pieceBytes, size - at), offset + at)
    if (bytesRead === 0) throw new Error(`${path} has become shorter meanwhile`)
    if ((await before) === 'ended') return
    before = send(read.subarray(0, bytesRead))
    at += bytesRead
    ;[read, onItsWay] = [onItsWay, read]
  }
  if ((await before) === 'sent') outgoing.end()
}

async function readAll(incoming: http.IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limit) throw new NoAnswer('too-long', '', `the answer is longer than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
