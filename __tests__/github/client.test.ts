/** The client against a server in trouble. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createClient, type ClientOptions } from '../../src/github/client.js'
import { explainApiError } from '../../src/github/errors.js'
import { createRedactor } from '../../src/report/redact.js'
import { fetchThroughProxy } from '../../src/github/fetch.js'
import { freePort, GitHub, refusal, type Reply } from './support/github.js'

const TOKEN = 'ghp_octocat'
const call = { permission: 'statuses: write' }
const NOW = Date.parse('2026-11-20T12:00:00Z')

let github: GitHub
let waits: number[]

beforeAll(async () => {
  github = await GitHub.start()
})
afterAll(async () => {
  await github[Symbol.asyncDispose]()
})
beforeEach(() => {
  github.forget()
  waits = []
})
afterEach(() => {
  expect(github.faults).toEqual([])
})

const client = (options: Partial<ClientOptions> = {}) => github.client(TOKEN, { waits, now: () => NOW, ...options })
const ask = async (options?: Partial<ClientOptions>) => await client(options).repo('GET', '/pulls?state=open', call)

/** Answers in order; then the server is well again. */
function inOrder(...replies: readonly Reply[]): void {
  const left = [...replies]
  github.trouble = () => left.shift()
}

describe('tries again', () => {
  it.each<[string, readonly Reply[], readonly number[]]>([
    ['after a 502, each time later', [{ status: 502 }, { status: 503 }, { status: 500 }], [1000, 2000, 4000]],
    ['after as many seconds as it is told', [refusal(429, 'Slow down', { 'retry-after': '7' })], [7000]],
    ['at the time it is told', [refusal(429, 'Slow down', { 'retry-after': 'Fri, 20 Nov 2026 12:00:09 GMT' })], [9000]],
    ['after a 503 with a time', [{ status: 503, headers: { 'retry-after': '3' } }], [3000]],
    [
      'when the rate limit is reset',
      [
        refusal(403, 'No', {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(NOW / 1000 + 20)
        })
      ],
      [21_000]
    ],
    [
      'a minute after a secondary limit without a time',
      [refusal(403, 'You have exceeded a secondary rate limit')],
      [60_000]
    ]
  ])('%s', async (_name, replies, expected) => {
    inOrder(...replies)
    expect(await ask()).toMatchObject({ ok: true })
    expect(waits).toEqual(expected)
    expect(github.requests).toHaveLength(replies.length + 1)
  })

  it('when the connection breaks', async () => {
    let broken = 0
    const unsteady: ClientOptions['fetch'] = async (url, init) => {
      broken += 1
      if (broken === 1) return await fetch('http://127.0.0.1:1/', { method: init.method })
      return await fetch(url, init)
    }
    expect(await ask({ fetch: unsteady })).toMatchObject({ ok: true })
    expect(waits).toEqual([1000])
  })

  it('not for ever', async () => {
    github.trouble = () => ({ status: 502 })
    expect(await ask()).toEqual({ ok: false, error: { kind: 'unavailable', reason: 'the server answered 502' } })
    expect(github.requests).toHaveLength(4)
  })

  it('not when it would have to wait for longer than a minute in all', async () => {
    inOrder(refusal(429, 'Slow down', { 'retry-after': '3600' }))
    const result = await ask()
    expect(result).toEqual({ ok: false, error: { kind: 'rate-limited', seconds: 3600 } })
    expect(waits).toEqual([])
  })

  it('not for longer than a minute over several calls', async () => {
    const one = client()
    const slow = refusal(429, 'Slow down', { 'retry-after': '40' })
    inOrder(slow)
    expect(await one.repo('GET', '/pulls', call)).toMatchObject({ ok: true })
    inOrder(slow)
    expect(await one.repo('GET', '/pulls', call)).toMatchObject({ ok: false, error: { kind: 'rate-limited' } })
    expect(waits).toEqual([40_000])
  })

  it.each([401, 404, 410, 422])('not after %i', async (status) => {
    github.trouble = () => ({ status, body: { message: 'no' } })
    expect(await ask()).toMatchObject({ ok: false })
    expect(github.requests).toHaveLength(1)
  })

  it('not after the run was cancelled', async () => {
    const cancelling = new AbortController()
    github.trouble = () => ({ status: 502 })
    const sleep = (): Promise<void> => {
      cancelling.abort()
      return Promise.reject(new Error('aborted'))
    }
    const result = await ask({ signal: cancelling.signal, sleep })
    expect(result).toEqual({ ok: false, error: { kind: 'unavailable', reason: 'the run was cancelled' } })
    expect(github.requests).toHaveLength(1)
  })
})

describe('a failure as a sentence', () => {
  it.each<[string, Reply, string]>([
    [
      'a permission',
      refusal(403, 'Resource not accessible by integration'),
      "It failed: the token may not do this (403). Add `statuses: write` to the job's `permissions`."
    ],
    [
      'an invalid token',
      refusal(401, 'Bad credentials'),
      'It failed: the token is not valid, or no longer valid (401).'
    ],
    [
      'an archive',
      refusal(403, 'Repository was archived so is read-only.'),
      'It failed: the repository is archived (403).'
    ],
    [
      'nothing there',
      refusal(404, 'Not Found'),
      "It failed: not found (404). GitHub also says so when the token may not do this. Add `statuses: write` to the job's `permissions`."
    ],
    [
      'prose that quotes us',
      { status: 422, body: { message: TOKEN, errors: [{ field: TOKEN }] } },
      'It failed: the server did not accept the request (422).'
    ],
    [
      'a rate limit',
      refusal(429, 'x', { 'retry-after': '90' }),
      'It failed: the rate limit is used up, for another 90 seconds.'
    ],
    ['an answer that is no JSON', { status: 502 }, 'It failed: the server answered 502.']
  ])('%s', async (_name, reply, sentence) => {
    github.trouble = () => reply
    const result = await ask()
    if (result.ok) throw new Error('no failure')
    expect(explainApiError(result.error, 'It failed')).toBe(sentence)
    expect(JSON.stringify(result)).not.toContain(TOKEN)
  })
})

it('sends no secret, wherever it is in a body', async () => {
  const redact = createRedactor([{ id: 'token', value: 'S3ntinel+value' }])
  const body = { state: 'success', context: 'a S3ntinel+value b', description: 'S3ntinel%2Bvalue' }
  await client({ redact }).repo('POST', `/statuses/${'a'.repeat(40)}`, { ...call, body })
  expect(github.requests[0]?.body).toEqual({ state: 'success', context: 'a *** b', description: '***' })
})

describe('an address', () => {
  it('where nobody listens', async () => {
    const reason = 'the connection failed (ECONNREFUSED)'
    const result = await ask({ apiUrl: `http://127.0.0.1:${await freePort()}` })
    expect(result).toEqual({ ok: false, error: { kind: 'unavailable', reason } })
  })

  it.each([
    ['that is none', 'api', 'GITHUB_API_URL is not an address'],
    ['that is empty', '', 'GITHUB_API_URL is not an address']
  ])('%s', async (_name, apiUrl, reason) => {
    for (const result of [await ask({ apiUrl }), await client({ apiUrl }).list('/pulls', call)]) {
      expect(result).toEqual({ ok: false, error: { kind: 'unavailable', reason } })
    }
  })
})

/** A server of one handler. */
async function serve(handler: RequestListener): Promise<{ url: string; server: Server } & AsyncDisposable> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

const plain = (apiUrl: string, more: Partial<ClientOptions> = {}) =>
  createClient({
    apiUrl,
    token: TOKEN,
    repository: 'acme/app',
    redact: (text) => text,
    fetch,
    now: () => NOW,
    signal: new AbortController().signal,
    sleep: () => Promise.resolve(),
    ...more
  })

describe('the token', () => {
  it('follows a repository that was renamed, with the same method', async () => {
    const seen: string[] = []
    await using server = await serve((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`)
      if (request.url?.startsWith('/repos/') === true) {
        response.writeHead(301, { location: '/repositories/1/statuses/abc' }).end('{}')
      } else response.writeHead(201).end('{}')
    })
    expect(await plain(server.url).repo('POST', '/statuses/abc', { ...call, body: {} })).toMatchObject({ ok: true })
    expect(seen).toEqual([
      `POST /repos/acme/app/statuses/abc Bearer ${TOKEN}`,
      `POST /repositories/1/statuses/abc Bearer ${TOKEN}`
    ])
  })

  it('goes to no other server', async () => {
    const strangers: string[] = []
    await using stranger = await serve((request, response) => {
      strangers.push(request.url ?? '')
      response.end('[]')
    })
    await using server = await serve((request, response) => {
      const elsewhere = `${stranger.url}/stolen`
      if (request.url?.includes('list') === true)
        response.writeHead(200, { link: `<${elsewhere}?page=2>; rel="next"` }).end('[]')
      else response.writeHead(302, { location: elsewhere }).end()
    })
    expect(await plain(server.url).repo('GET', '/pulls', call)).toMatchObject({ ok: false })
    await plain(server.url).list('/list', call)
    expect(strangers).toEqual([])
  })

  it('does not go round in circles', async () => {
    let count = 0
    await using server = await serve((request, response) => {
      count += 1
      response.writeHead(302, { location: request.url }).end()
    })
    expect(await plain(server.url).repo('GET', '/pulls', call)).toMatchObject({ ok: false })
    expect(count).toBe(4)
  })
})

describe('a list', () => {
  it('ends, whatever the server says', async () => {
    let pages = 0
    await using server = await serve((_request, response) => {
      pages += 1
      response.writeHead(200, { link: `</x?page=${pages + 1}>; rel="next", </x?page=1>; rel="first"` }).end('[1]')
    })
    expect(await plain(server.url).list('/pulls', call)).toMatchObject({ ok: true, value: { length: 50 } })
    expect(pages).toBe(50)
  })

  it('that is none is a failure', async () => {
    await using server = await serve((_request, response) => response.end('{"message":"hello"}'))
    expect(await plain(server.url).list('/pulls', call)).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
  })
})

describe('a server that does not answer', () => {
  const silence = { ok: false, error: { kind: 'unavailable', reason: 'no answer within 1 seconds' } }
  const patience = { answer: 100, lastAnswer: 50, all: 7_000 }

  it('is given up', async () => {
    await using server = await serve(() => undefined)
    expect(await plain(server.url, { patience }).repo('GET', '/pulls', call)).toEqual(silence)
  })

  it('is given up where it sends from one address to another', async () => {
    let hops = 0
    await using server = await serve((request, response) => {
      hops += 1
      setTimeout(() => response.writeHead(302, { location: request.url }).end(), 60)
    })
    const one = plain(server.url, { patience: { answer: 100, lastAnswer: 50, all: 500 } })
    expect(await one.repo('GET', '/pulls', call)).toEqual(silence)
    expect(hops).toBe(2)
  })

  /** A clock that goes on while an answer or the next attempt is waited for, and a server that takes so long. */
  function slowly(answers: (milliseconds: number) => { readonly after: number; readonly status: number }) {
    let clock = NOW
    let asked = 0
    const options: Partial<ClientOptions> = {
      now: () => clock,
      sleep: (milliseconds) => Promise.resolve(void (clock += milliseconds)),
      fetch: () => {
        asked += 1
        const { after, status } = answers(clock - NOW)
        clock += after
        if (status === 0) return Promise.reject(new DOMException('', 'TimeoutError'))
        const headers = { get: (name: string) => (status === 429 && name === 'retry-after' ? '60' : null) }
        return Promise.resolve({ status, headers, text: () => Promise.resolve('[]') })
      }
    }
    return { one: plain('https://github.internal', options), seconds: () => (clock - NOW) / 1000, asked: () => asked }
  }

  it('is waited for a minute over all calls, and then not asked again', async () => {
    // The fourth attempt has the eight seconds that are left.
    const { one, seconds, asked } = slowly((at) => ({ after: Math.min(15_000, 60_000 - at), status: 0 }))
    for (let calls = 0; calls < 3; calls += 1) {
      expect(await one.repo('GET', '/pulls', call)).toEqual({
        ok: false,
        error: { kind: 'unavailable', reason: 'no answer within 8 seconds' }
      })
    }
    expect([seconds(), asked()]).toEqual([60, 4])
  })

  it('and then answers is asked once more, after all that waiting', async () => {
    const limited = slowly((at) => ({ after: 0, status: at === 0 ? 429 : 200 }))
    expect(await limited.one.repo('GET', '/pulls', call)).toMatchObject({ ok: true })
    expect(await limited.one.repo('POST', '/statuses/abc', call)).toMatchObject({ ok: true })
    expect(limited.seconds()).toBe(60)
  })

  it('is not asked again for long where it is slow with everything', async () => {
    const { one, asked } = slowly((at) => (at < 60_000 ? { after: 14_000, status: 503 } : { after: 5_000, status: 0 }))
    for (let calls = 0; calls < 3; calls += 1)
      expect(await one.repo('GET', '/pulls', call)).toMatchObject({ ok: false })
    expect(asked()).toBe(5)
  })
})

describe('through a proxy', () => {
  const variables = ['http_proxy', 'no_proxy'] as const
  const before = variables.map((name) => process.env[name])
  afterEach(() => {
    for (const [index, name] of variables.entries()) {
      const value = before[index]
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  })

  /** A proxy that tunnels every connection to one place, or leaves it hanging. */
  async function proxyTo(port: number | undefined, seen: string[] = []): Promise<{ url: string } & AsyncDisposable> {
    const sockets = new Set<Duplex>()
    const proxy = createServer()
    proxy.on('connect', (request, socket: Duplex) => {
      seen.push(request.url ?? '')
      sockets.add(socket.on('error', () => undefined))
      if (port === undefined) return
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      sockets.add(upstream.on('error', () => undefined))
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => proxy.close(resolve))
      }
    }
  }

  it('the call arrives, and its answer', async () => {
    const seen: string[] = []
    await using server = await serve((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`)
      request.pipe(response.setHeader('x-test', 'yes'))
    })
    await using proxy = await proxyTo(Number(new URL(server.url).port), seen)
    process.env.http_proxy = proxy.url
    process.env.no_proxy = ''
    const { repo } = plain('http://github.internal/api/v3', { fetch: fetchThroughProxy })
    expect(await repo('POST', '/statuses/abc', { ...call, body: { a: 1 } })).toEqual({ ok: true, value: { a: 1 } })
    expect(seen).toEqual(['github.internal:80', `POST /api/v3/repos/acme/app/statuses/abc Bearer ${TOKEN}`])
  })

  it('arrives where the proxy is an address without a scheme, as for docker', async () => {
    const seen: string[] = []
    await using server = await serve((request, response) => void request.pipe(response))
    await using proxy = await proxyTo(Number(new URL(server.url).port), seen)
    process.env.http_proxy = new URL(proxy.url).host
    process.env.no_proxy = ''
    const { repo } = plain('http://github.internal/api/v3', { fetch: fetchThroughProxy })
    expect(await repo('POST', '/statuses/abc', { ...call, body: { a: 1 } })).toEqual({ ok: true, value: { a: 1 } })
    expect(seen).toEqual(['github.internal:80'])
  })

  it('is not gone where the proxy is not for the address', async () => {
    process.env.http_proxy = 'http://127.0.0.1:1'
    process.env.no_proxy = '127.0.0.1'
    expect(await ask({ fetch: fetchThroughProxy })).toMatchObject({ ok: true })
  })

  it.each([
    ['http://me:off/50@proxy:3128', 'http_proxy is not the address of a proxy'],
    ['http://me:50%off@proxy:3128', 'the user or the password in http_proxy is not percent-encoded'],
    ['me:off/50@proxy', 'http_proxy is not the address of a proxy'],
    ['socks5://proxy:3128', 'http_proxy names a proxy that is neither http:// nor https://'],
    ['proxy:3128', 'http_proxy does not begin with http:// or https://']
  ])('at %s is told of, and not passed by', async (address, reason) => {
    process.env.http_proxy = address
    process.env.no_proxy = ''
    const sleep = () => Promise.reject(new Error('it is waited for'))
    const { repo } = plain('http://github.internal', { fetch: fetchThroughProxy, sleep })
    expect(await repo('GET', '/pulls', call)).toEqual({ ok: false, error: { kind: 'unavailable', reason } })
    process.env.no_proxy = '127.0.0.1'
    expect(await ask({ fetch: fetchThroughProxy })).toMatchObject({ ok: true })
  })

  it.each([
    [407, '', 'the proxy requires a login, which http_proxy does not have (407)', 1],
    [407, 'me:off@', 'the proxy does not accept the login in http_proxy (407)', 1],
    [403, 'me:off@', 'the proxy in http_proxy does not let this host through (403)', 1],
    [502, 'me:off@', 'the proxy in http_proxy answers 502', 4]
  ])('that answers %i to "%s" is told of', async (status, login, reason, attempts) => {
    let asked = 0
    await using proxy = await serve(() => undefined)
    proxy.server.on('connect', (_, socket) => {
      asked += 1
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    })
    process.env.http_proxy = proxy.url.replace('//', `//${login}`)
    process.env.no_proxy = ''
    const { repo } = plain('http://github.internal', { fetch: fetchThroughProxy })
    expect(await repo('GET', '/pulls', call)).toEqual({ ok: false, error: { kind: 'unavailable', reason } })
    expect(asked).toBe(attempts)
  })

  it('where nobody listens is told of', async () => {
    process.env.http_proxy = `http://me:off@127.0.0.1:${await freePort()}`
    process.env.no_proxy = ''
    const { repo } = plain('http://github.internal', { fetch: fetchThroughProxy })
    const reason = 'the proxy in http_proxy cannot be reached'
    expect(await repo('GET', '/pulls', call)).toEqual({ ok: false, error: { kind: 'unavailable', reason } })
  })

  it('that hangs is given up on', async () => {
    await using proxy = await proxyTo(undefined)
    process.env.http_proxy = proxy.url
    process.env.no_proxy = ''
    const impatient: ClientOptions['fetch'] = (url, init) =>
      fetchThroughProxy(url, { ...init, signal: AbortSignal.timeout(50) })
    const result = await plain('http://github.internal', { fetch: impatient }).repo('GET', '/pulls', call)
    expect(result).toEqual({ ok: false, error: { kind: 'unavailable', reason: 'no answer within 15 seconds' } })
  })
})
