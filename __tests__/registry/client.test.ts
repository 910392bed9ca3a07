/** Answers that are none, and how often they are asked for. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { repositoryAt } from '../../src/registry/address.js'
import { createRegistryClient } from '../../src/registry/client.js'
import { explainNoAnswer } from '../../src/registry/explain.js'
import { pushImages } from '../../src/registry/push.js'
import { NoAnswer } from '../../src/registry/transport.js'
import { makeLayout, readImages } from './support/layout.js'
import { homeWith, portsFor } from './support/ports.js'

/** Says more than anybody wants to know. */
const talkative = createServer((_, response) => {
  requests += 1
  response.end('x'.repeat(200_000))
})
let requests = 0
let host: string

beforeAll(async () => {
  talkative.listen(0, '127.0.0.1')
  await once(talkative, 'listening')
  host = `127.0.0.1:${(talkative.address() as AddressInfo).port}`
})
beforeEach(() => void (requests = 0))
afterAll(async () => {
  talkative.close()
  talkative.closeAllConnections()
  await once(talkative, 'close')
})

/** What a client rejects with. */
async function askFor(reference: string, { env = {}, ports = portsFor() } = {}): Promise<unknown> {
  const repository = repositoryAt(reference)
  if (repository === undefined) throw new Error(reference)
  using client = createRegistryClient(ports, { env })
  return await client.askAgain(repository, { method: 'GET', at: 'blobs/x', actions: 'pull' }).then(
    () => undefined,
    (error: unknown) => error
  )
}

test('an answer that is too long is asked for once, and told as such', async () => {
  const error = await askFor(`${host}/app:1`)
  if (!(error instanceof NoAnswer)) throw error
  expect([error.reason, requests]).toEqual(['too-long', 1])
  expect(explainNoAnswer(error, { reference: 'app:1', host, part: 'question' })).toMatchObject({
    kind: 'refused',
    message: `${host}: the answer is longer than 65536 bytes`,
    fix: expect.stringContaining('may not be a registry')
  })
})

test.each([
  ['HTTPS_PROXY', 'http://me:50%off@127.0.0.1:9', 'the user or the password in HTTPS_PROXY is not percent-encoded'],
  ['https_proxy', 'http://me:50%off@127.0.0.1:9', 'the user or the password in https_proxy is not percent-encoded'],
  ['HTTPS_PROXY', 'http://me:off/50@127.0.0.1:9', 'HTTPS_PROXY is not the address of a proxy'],
  ['https_proxy', 'me:off#50@127.0.0.1:9', 'https_proxy is not the address of a proxy'],
  ['HTTPS_PROXY', 'http://127.0.0.1:99999', 'HTTPS_PROXY is not the address of a proxy'],
  ['HTTPS_PROXY', 'socks5://me:off@127.0.0.1:9', 'HTTPS_PROXY names a proxy that is neither http:// nor https://']
])('a proxy in %s that cannot be used is told of without its address: %s', async (name, value, said) => {
  const ports = portsFor()
  const error = await askFor('r.example.com/app:1', { env: { [name]: value }, ports })
  if (!(error instanceof NoAnswer)) throw error
  const problem = explainNoAnswer(error, { reference: 'app:1', host: 'r.example.com', part: 'question' })
  expect(problem).toMatchObject({
    kind: 'unreachable',
    message: `r.example.com cannot be reached: ${said}`,
    fix: expect.stringMatching(/http:\/\/HOST:PORT .*"%" is %25/)
  })
  expect(JSON.stringify([problem, error.message])).not.toMatch(/me:|off/)
  expect(ports.waits).toEqual([])
})

describe('a proxy that makes no way', () => {
  /** Answers every CONNECT with this status. */
  async function refusing(
    status: number
  ): Promise<{ readonly host: string; readonly asked: () => number } & AsyncDisposable> {
    let asked = 0
    const proxy = createServer().on('connect', (_, socket) => {
      asked += 1
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    return {
      host: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      asked: () => asked,
      [Symbol.asyncDispose]: async () => {
        proxy.close()
        proxy.closeAllConnections()
        await once(proxy, 'close')
      }
    }
  }

  test.each<[number, string, string, RegExp, number]>([
    [
      407,
      '',
      'the proxy requires a login, which HTTPS_PROXY does not have (407)',
      /http:\/\/USER:PASSWORD@HOST:PORT/,
      1
    ],
    [407, 'me:off@', 'the proxy does not accept the login in HTTPS_PROXY (407)', /In user and password "%" is %25/, 1],
    [403, 'me:off@', 'the proxy in HTTPS_PROXY does not let this host through (403)', /NO_PROXY/, 1],
    [502, 'me:off@', 'the proxy in HTTPS_PROXY answers 502', /proxy \(HTTPS_PROXY, NO_PROXY\)/, 4]
  ])('answers %i to "%s"', async (status, login, said, fix, attempts) => {
    await using proxy = await refusing(status)
    const ports = portsFor()
    const error = await askFor('r.example.com/app:1', { env: { HTTPS_PROXY: `http://${login}${proxy.host}` }, ports })
    if (!(error instanceof NoAnswer)) throw error
    const problem = explainNoAnswer(error, { reference: 'app:1', host: 'r.example.com', part: 'question' })
    expect(problem).toMatchObject({
      ...{ kind: 'unreachable', message: expect.stringContaining(said), fix: expect.stringMatching(fix) }
    })
    expect(JSON.stringify([problem, error.message])).not.toMatch(/me:|off|127\.0\.0\.1/)
    expect([proxy.asked(), ports.waits.length]).toEqual([attempts, attempts - 1])
  })

  test('leaves the references of a push as they are', async () => {
    await using proxy = await refusing(407)
    await using home = await homeWith()
    const layout = await makeLayout(path.join(home.folder, 'layout'), { layers: 1 })
    const images = await readImages([{ layouts: [layout.folder], references: ['r.example.com/app:1'] }])
    const ports = portsFor()
    const env = { ...home.env, HTTPS_PROXY: `http://${proxy.host}` }
    const outcome = await pushImages(ports, { env, images, attempts: 6 })
    expect(outcome).toMatchObject({
      ...{ ok: false, retries: [], references: [{ state: 'untouched' }] },
      problem: { kind: 'unreachable', message: expect.stringContaining('requires a login') }
    })
    expect(ports.waits).toEqual([])
  })
})

test('a registry that was never reached has its references untouched, not unknown', async () => {
  await using home = await homeWith()
  const layout = await makeLayout(path.join(home.folder, 'layout'), { layers: 1 })
  const references = ['r.invalid/app:1', 'r.invalid/app:2']
  const images = await readImages([{ layouts: [layout.folder], references }])
  const outcome = await pushImages(portsFor(), { env: home.env, images })
  expect(outcome.problem?.kind).toBe('unreachable')
  expect(outcome.references.map(({ state }) => state)).toEqual(['untouched', 'untouched'])
})
