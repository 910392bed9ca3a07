/** Endpoints of every kind, real ones on loopback. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http2 from 'node:http2'
import net, { type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeNodes } from '../../src/buildkit/nodes.js'
import { findUnreachable } from '../../src/buildkit/reach.js'
import { certify } from '../support/certificates.js'

let folder: string
const servers: (Server | http2.Http2Server)[] = []

async function listen(server: Server | http2.Http2Server): Promise<string> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `tcp://127.0.0.1:${address.port}`
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-reach-'))
  await Promise.all([certify(folder, 'ours'), certify(folder, 'other')])
})

afterAll(async () => {
  for (const server of servers) server.close()
  await rm(folder, { recursive: true })
})

describe('without TLS', () => {
  test('a BuildKit answers', async () => {
    expect(await findUnreachable(await listen(http2.createServer()))).toBeUndefined()
  })

  test('on a socket, too', async () => {
    const server = http2.createServer()
    servers.push(server)
    server.listen(join(folder, 'ours.sock'))
    await once(server, 'listening')
    expect(await findUnreachable(`unix://${join(folder, 'ours.sock')}`)).toBeUndefined()
  })

  test.each([
    ['tcp://127.0.0.1:9', 'nothing listens there'],
    ['tcp://no-such-host.invalid:1234', 'no address'],
    ['unix:///no/such.sock', 'no such socket']
  ])('%s: %s', async (endpoint, words) => {
    expect(await findUnreachable(endpoint)).toContain(words)
  })

  test('one that says nothing is not waited for', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined).resume())
    expect(await findUnreachable(await listen(silent), {}, 100)).toBe('it did not answer within 0.1 s')
  })

  test('one that hangs up', async () => {
    expect(await findUnreachable(await listen(net.createServer((socket) => socket.destroy())))).toMatch(
      /closed|ECONNRESET/
    )
  })

  test.each(['kubernetes:///x', 'ssh://host', 'docker-container://x', 'default', '', 'tcp://host'])(
    '%s cannot be looked at',
    async (endpoint) => {
      expect(await findUnreachable(endpoint)).toBeUndefined()
    }
  )
})

describe('with mTLS', () => {
  let endpoint: string
  const file = (name: string): string => join(folder, name)

  beforeAll(async () => {
    const [ca, cert, key] = await Promise.all(
      ['oursca.pem', 'ours.pem', 'ours.key'].map((name) => readFile(file(name)))
    )
    const server = http2.createSecureServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true })
    server.on('tlsClientError', () => undefined)
    server.on('sessionError', () => undefined)
    endpoint = await listen(server)
  })

  test('the right certificates', async () => {
    const options = { cacert: file('oursca.pem'), cert: file('ours.pem'), key: file('ours.key') }
    expect(await findUnreachable(endpoint, options)).toBeUndefined()
  })

  test('an authority that did not sign the server', async () => {
    expect(await findUnreachable(endpoint, { cacert: file('otherca.pem') })).toContain('certificate was refused')
  })

  test('a client that the server does not know', async () => {
    const options = { cacert: file('oursca.pem'), cert: file('other.pem'), key: file('other.key') }
    expect(await findUnreachable(endpoint, options)).toMatch(/certificate/)
  })

  test('another name', async () => {
    const options = {
      cacert: file('oursca.pem'),
      cert: file('ours.pem'),
      key: file('ours.key'),
      servername: 'x.example'
    }
    expect(await findUnreachable(endpoint, options)).toContain('certificate was refused')
  })

  test('a file that is not there', async () => {
    expect(await findUnreachable(endpoint, { cacert: file('nosuch.pem') })).toContain('cannot be read')
  })

  test.each([
    ['a certificate that is none', 'none.pem', 'ours.key', /^its driver option "cert" names \S+none\.pem, which/],
    ['a key that is none', 'ours.pem', 'none.pem', /^its driver option "key" names \S+none\.pem, which/],
    ['each in the place of the other', 'ours.key', 'ours.pem', /^its driver option "cert" names \S+ours\.key, which/],
    ['the key of another', 'ours.pem', 'other.key', /^its driver option "key" names another key/]
  ])('%s', async (_, cert, key, words) => {
    await writeFile(file('none.pem'), 'no PEM\n')
    const options = { cacert: file('oursca.pem'), cert: file(cert), key: file(key) }
    const reason = await findUnreachable(endpoint, options)
    expect(reason).toMatch(words)
    const node = {
      ...{ name: 'a', endpoint, status: 'inactive', platforms: [] },
      assigned: [],
      containerdStore: false,
      options
    }
    const nodes = [{ ...node, ...(reason === undefined ? {} : { error: reason }) }]
    expect(judgeNodes({ name: 'b', driver: 'remote', nodes }, { platforms: [] }).failure).toMatchObject({
      kind: 'engine',
      fix: expect.stringContaining('`cert`, `key`')
    })
  })
})
