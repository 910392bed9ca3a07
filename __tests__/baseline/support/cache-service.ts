/**
 * An Actions cache service that speaks the v2 protocol (twirp over JSON, then a block blob), for the real client.
 * Entries have a scope, as GitHub's have: a token writes to one ref and reads from some. Loopback only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Entry = { readonly scope: string; readonly key: string; readonly version: string; blob: Buffer; finished: boolean }

/** What a token may do: `write` to one scope, or nothing; `read` from these, in this order. */
export type Grant = { readonly write?: string; readonly read: readonly string[] }

export type Trouble = {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

const LARGEST_SINGLE_PUT = 128 * 1024 * 1024

export class CacheService {
  readonly entries: Entry[] = []
  readonly calls: string[] = []
  /** Answers in place of the service; `hang` for no answer at all. */
  trouble: (method: string) => Trouble | 'hang' | undefined = () => undefined

  private readonly server = createServer((request, response) => void this.answer(request, response))

  static async start(): Promise<CacheService> {
    const service = new CacheService()
    await new Promise<void>((resolve) => service.server.listen(0, '127.0.0.1', resolve))
    return service
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`
  }

  /** The variables a runner sets for a step whose token has this grant. */
  environment(grant: Grant): Readonly<Record<string, string>> {
    return {
      ACTIONS_CACHE_SERVICE_V2: 'True',
      ACTIONS_RESULTS_URL: this.url,
      ACTIONS_RUNTIME_TOKEN: Buffer.from(JSON.stringify(grant)).toString('base64url'),
      GITHUB_SERVER_URL: 'https://github.com'
    }
  }

  forget(): void {
    this.entries.length = 0
    this.calls.length = 0
    this.trouble = () => undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const content = Buffer.concat(chunks)
    const url = new URL(request.url ?? '/', this.url)
    const method = url.pathname.split('/').at(-1) ?? ''
    const reply = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (url.pathname.startsWith('/blob/')) return this.blob(request, response, { url, content })
    this.calls.push(method)
    const trouble = this.trouble(method)
    if (trouble === 'hang') return
    if (trouble !== undefined) return reply(trouble.status, trouble.body, trouble.headers)
    const grant = readGrant(request)
    if (grant === undefined) return reply(401, { code: 'unauthenticated', msg: 'no token' })
    const {
      key,
      version,
      restore_keys: restoreKeys = [],
      size_bytes: size
    } = JSON.parse(content.toString()) as {
      key: string
      version: string
      restore_keys?: readonly string[]
      size_bytes?: string
    }
    switch (method) {
      case 'CreateCacheEntry': {
        const { write: scope } = grant
        if (scope === undefined) return reply(200, { ok: false, message: 'cache write denied: the token is read-only' })
        if (this.entries.some((entry) => entry.scope === scope && entry.key === key && entry.version === version)) {
          return reply(409, { code: 'already_exists', msg: 'cache entry with the same key already exists' })
        }
        const id = this.entries.push({ scope, key, version, blob: Buffer.alloc(0), finished: false }) - 1
        return reply(200, { ok: true, signed_upload_url: this.signed(id) })
      }
      case 'FinalizeCacheEntryUpload': {
        const id = this.entries.findLastIndex((entry) => entry.key === key && entry.version === version)
        const entry = this.entries[id]
        if (entry?.blob.length !== Number(size)) return reply(200, { ok: false, message: 'size' })
        entry.finished = true
        return reply(200, { ok: true, entry_id: String(id + 1) })
      }
      case 'GetCacheEntryDownloadURL': {
        const found = this.find([key, ...restoreKeys], version, grant.read)
        if (found === undefined) return reply(200, { ok: false })
        const id = this.entries.indexOf(found)
        return reply(200, { ok: true, signed_download_url: this.signed(id), matched_key: found.key })
      }
      default:
        return reply(404, { code: 'bad_route', msg: method })
    }
  }

  /** Scope by scope, key by key: the very key, else the newest of those that begin with it. */
  private find(keys: readonly string[], version: string, scopes: readonly string[]): Entry | undefined {
    for (const scope of scopes) {
      const there = this.entries.filter((entry) => entry.finished && entry.scope === scope && entry.version === version)
      for (const key of keys) {
        const found = there.find((entry) => entry.key === key) ?? there.findLast((entry) => entry.key.startsWith(key))
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  private signed(id: number): string {
    return `${this.url}blob/${id}?sig=s1gnature`
  }

  private blob(request: IncomingMessage, response: ServerResponse, at: { url: URL; content: Buffer }): void {
    const entry = this.entries[Number(at.url.pathname.split('/')[2])]
    if (entry === undefined || at.url.searchParams.get('sig') !== 's1gnature') return void response.writeHead(403).end()
    if (request.method !== 'PUT') return void response.writeHead(200).end(entry.blob)
    if (at.content.length > LARGEST_SINGLE_PUT || request.headers['x-ms-blob-type'] !== 'BlockBlob') {
      return void response.writeHead(400).end()
    }
    entry.blob = at.content
    response.writeHead(201, { etag: '"1"', 'last-modified': new Date().toUTCString() }).end()
  }
}

function readGrant(request: IncomingMessage): Grant | undefined {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return token === undefined ? undefined : (JSON.parse(Buffer.from(token, 'base64url').toString()) as Grant)
}
