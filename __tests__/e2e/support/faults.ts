/**
 * A registry that misbehaves: an HTTP proxy in front of a real one, which passes everything through until a test says
 * what goes wrong. It also counts what passes, so that a test can say what a run did and did not transfer.
 */
import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Transform } from 'node:stream'
import type { RegistryAddress } from '../../support/engine.js'

/** What happens to a request. */
export type Fault =
  /** The proxy answers itself; 401 comes with the challenge that makes a client ask for credentials. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection ends without a word. */
  | { readonly kind: 'hang-up' }
  /** The connection ends after so many bytes of the answer. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The connection ends after so many bytes of the request's body. */
  | { readonly kind: 'cut-request'; readonly after: number }
  /** Nothing comes until the client gives up. */
  | { readonly kind: 'silence' }
  /** Ten bytes come every tenth of a second, until the client gives up. */
  | { readonly kind: 'crawl' }
  /** Some bytes of the answer are turned over. */
  | { readonly kind: 'corrupt' }
  /** The answer is another text. */
  | { readonly kind: 'rewrite'; readonly rewrite: (body: Buffer) => Buffer | string }

/** One request as it came by. */
export type Passed = { readonly method: string; readonly path: string; sent: number; received: number }

export type FaultyRegistry = AsyncDisposable &
  RegistryAddress & {
    /** Decides about each request from now on; without an argument everything passes. */
    readonly misbehave: (decide?: (method: string, path: string) => Fault | undefined) => void
    /** Requests that would have changed a repository, of what was not taken yet. */
    readonly writes: (repository: string) => readonly string[]
    /** What came by since it was last asked. */
    readonly takePassed: () => readonly Passed[]
  }

export async function startFaultyRegistry(registry: RegistryAddress): Promise<FaultyRegistry> {
  let decide: (method: string, path: string) => Fault | undefined = () => undefined
  let passed: Passed[] = []
  const server = createServer((incoming, response) => {
    const { method = 'GET', url = '/' } = incoming
    const record: Passed = { method, path: url, sent: 0, received: 0 }
    passed.push(record)
    incoming.on('data', (chunk: Buffer) => (record.received += chunk.length))
    const fault = decide(method, url)
    if (fault?.kind === 'hang-up') incoming.socket.destroy()
    else if (fault?.kind === 'cut-request') {
      incoming.on('data', () => {
        if (record.received > fault.after) incoming.socket.destroy()
      })
    } else if (fault?.kind === 'silence') incoming.resume()
    else if (fault?.kind === 'answer') answer(incoming, response, fault.status, fault.headers)
    else forward(registry, incoming, response, record, fault)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    misbehave: (next = () => undefined) => {
      decide = next
    },
    writes: (repository) =>
      passed
        .filter(({ method, path }) => !['GET', 'HEAD'].includes(method) && path.startsWith(`/v2/${repository}/`))
        .map(({ method, path }) => `${method} ${path}`),
    takePassed: () => passed.splice(0),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      passed = []
    }
  }
}

function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {}
): void {
  incoming.resume()
  const challenge = status === 401 ? { 'WWW-Authenticate': 'Basic realm="test"' } : {}
  response.writeHead(status, { 'Content-Type': 'application/json', ...challenge, ...headers })
  response.end(
    JSON.stringify({ errors: [{ code: codes[status] ?? 'UNKNOWN', message: `as the test says: ${status}` }] })
  )
}

const codes: Readonly<Record<number, string>> = { 401: 'UNAUTHORIZED', 403: 'DENIED', 429: 'TOOMANYREQUESTS' }

function forward(
  { address }: RegistryAddress,
  incoming: IncomingMessage,
  response: ServerResponse,
  record: Passed,
  fault: Fault | undefined
): void {
  // The registry names its upload addresses after the Host it was asked by, which is ours.
  const outgoing = request(`http://${address}${incoming.url ?? '/'}`, {
    method: incoming.method ?? 'GET',
    headers: incoming.headers
  })
  outgoing.on('response', (answered) => {
    if (fault?.kind === 'rewrite') {
      rewrite(answered, response, fault.rewrite)
      return
    }
    response.writeHead(answered.statusCode ?? 502, answered.headers)
    answered.on('data', (chunk: Buffer) => (record.sent += chunk.length))
    if (fault === undefined) answered.pipe(response)
    else {
      const spoilt = spoil(fault, () => incoming.socket.destroy())
      response.on('close', () => spoilt.destroy())
      answered.pipe(spoilt).pipe(response)
    }
  })
  outgoing.on('error', () => incoming.socket.destroy())
  incoming.on('error', () => outgoing.destroy())
  response.on('close', () => outgoing.destroy())
  incoming.pipe(outgoing)
}

function spoil(fault: Fault, hangUp: () => void): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const start = seen
      seen += chunk.length
      if (fault.kind === 'cut' && seen > fault.after) {
        this.push(chunk.subarray(0, fault.after - start))
        setImmediate(hangUp)
        return // never done: the rest waits for ever
      }
      if (fault.kind === 'crawl') {
        let at = 0
        const timer = setInterval(() => this.push(chunk.subarray(at, (at += 10))), 100)
        this.once('close', () => clearInterval(timer))
        return // for ever slow
      }
      if (fault.kind === 'corrupt') chunk[chunk.length >> 1]! ^= 0xff
      done(null, chunk)
    }
  })
}

function rewrite(answered: IncomingMessage, response: ServerResponse, change: (body: Buffer) => Buffer | string): void {
  const chunks: Buffer[] = []
  answered.on('data', (chunk: Buffer) => chunks.push(chunk))
  answered.on('end', () => {
    const body = Buffer.from(change(Buffer.concat(chunks)))
    const headers: IncomingHttpHeaders = { ...answered.headers, 'content-length': String(body.length) }
    delete headers['docker-content-digest']
    response.writeHead(answered.statusCode ?? 502, headers)
    response.end(body)
  })
}
