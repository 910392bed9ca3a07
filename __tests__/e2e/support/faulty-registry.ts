/** A registry that fails on purpose: everything goes on to the real one, unless a fault has something to say. */
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What to do with a request; `undefined` lets it pass. */
export type Fault = (request: { readonly method: string; readonly path: string }) => Trouble | undefined

export type Trouble =
  /** Answers so, and asks nobody. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** Passes the head and half of the body, then hangs up. */
  | { readonly kind: 'cut' }
  /** Passes the body with another byte in its middle. */
  | { readonly kind: 'corrupt' }

export type FaultyRegistry = AsyncDisposable & {
  /** `127.0.0.1:PORT`, for references. */
  readonly address: string
  fault: Fault | undefined
  /** Requests that met trouble. */
  readonly troubled: () => number
}

export async function startFaultyRegistry(real: string): Promise<FaultyRegistry> {
  let troubled = 0
  const server = http.createServer((request, response) => {
    const trouble = registry.fault?.({ method: request.method ?? '', path: request.url ?? '' })
    if (trouble === undefined) return pass(real, request, response)
    troubled += 1
    if (trouble.kind !== 'status') return pass(real, request, response, trouble.kind)
    request.resume()
    response.writeHead(trouble.status, { 'content-type': 'application/json' })
    return response.end(JSON.stringify({ errors: [{ code: trouble.code, message: 'by intention' }] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const registry: FaultyRegistry = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: undefined,
    troubled: () => troubled,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
  return registry
}

function pass(real: string, request: IncomingMessage, response: ServerResponse, how?: 'cut' | 'corrupt'): void {
  const [host, port] = real.split(':')
  // The host stays what the client asked for, so that addresses of uploads lead here too.
  const onward = http.request({ host, port, method: request.method, path: request.url, headers: request.headers })
  request.pipe(onward)
  onward.on('error', () => response.destroy())
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    if (how === undefined) return answer.pipe(response)
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => {
      const body = Buffer.concat(chunks)
      const half = body.length >> 1
      if (how === 'corrupt') {
        if (body.length > 0) body[half] = (body[half] ?? 0) ^ 0xff
        return response.end(body)
      }
      response.write(body.subarray(0, half))
      return setTimeout(() => response.destroy(), 20)
    })
    return answer
  })
}
