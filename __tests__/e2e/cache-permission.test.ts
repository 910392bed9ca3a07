/** Whether a cache repository may be written, asked of real registries with docker's own logins. */
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'
import { findRefusal } from '../../src/registry/permission.js'
import { startRegistry, type Registry } from '../support/engine.js'
import { sentinel } from './support/workspace.js'

jest.setTimeout(60_000)

const credentials = { user: 'someone', password: sentinel() }
let open: Registry
let closed: Registry
let folder: string

beforeAll(async () => {
  open = await startRegistry()
  closed = await startRegistry({ auth: credentials })
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-permission-'))
})

afterAll(async () => {
  await open[Symbol.asyncDispose]()
  await closed[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const encoded = (password: string): string => Buffer.from(`someone:${password}`).toString('base64')

/** Asks with a docker configuration, and perhaps a credential helper whose answer is given. */
async function ask(reference: string, config: object = {}, helper?: string): Promise<string | undefined> {
  const home = await mkdtemp(path.join(folder, 'home-'))
  await writeFile(path.join(home, 'config.json'), JSON.stringify(config))
  if (helper !== undefined) {
    await writeFile(path.join(home, 'docker-credential-test'), `#!/bin/sh\n[ "$1" = get ] || exit 9\n${helper}\n`)
    await chmod(path.join(home, 'docker-credential-test'), 0o755)
  }
  const env = { ...process.env, DOCKER_CONFIG: home, PATH: `${home}:${process.env.PATH ?? ''}` }
  return findRefusal({ exec: createExec(childEnvironment(env), new AbortController().signal) }, env, reference)
}

describe('a registry without logins', () => {
  test('may be written, and is left as it was', async () => {
    expect(await ask(`${open.address}/app-cache:main`)).toBeUndefined()
    const catalog = (await (await fetch(`http://${open.address}/v2/_catalog`)).json()) as { repositories: string[] }
    expect(catalog.repositories).toEqual([])
  })
})

describe('a registry with logins', () => {
  const login = (auth: string): object => ({ auths: { [closed.address]: { auth } } })
  const reference = (): string => `${closed.address}/app-cache:main`

  test('refuses who has none', async () => {
    expect(await ask(reference())).toMatch(/^401 Unauthorized/)
  })

  test('refuses a login that is wrong', async () => {
    expect(await ask(reference(), login(encoded('wrong')))).toMatch(/^401 Unauthorized/)
  })

  test('may be written with the login that docker keeps', async () => {
    expect(await ask(reference(), login(encoded(credentials.password)))).toBeUndefined()
  })

  test('may be written with the login that a credential helper keeps', async () => {
    const answer = JSON.stringify({ ServerURL: closed.address, Username: 'someone', Secret: credentials.password })
    const helper = `[ "$(cat)" = "${closed.address}" ] && echo '${answer}'`
    for (const config of [{ credHelpers: { [closed.address]: 'test' } }, { credsStore: 'test' }]) {
      expect(await ask(reference(), config, helper)).toBeUndefined()
    }
  })

  test('refuses who has none in the helper', async () => {
    const helper = 'echo "credentials not found in native keychain"; exit 1'
    expect(await ask(reference(), { credsStore: 'test' }, helper)).toMatch(/^401 Unauthorized/)
  })

  test.each<[string, object, string | undefined]>([
    ['a helper that is not there', { credsStore: 'nowhere' }, undefined],
    ['a helper that fails', { credsStore: 'test' }, 'exit 3'],
    ['a helper whose name is a path', { credsStore: '../test' }, undefined]
  ])('says nothing of %s: docker will', async (_, config, helper) => {
    expect(await ask(reference(), config, helper)).toBeUndefined()
  })
})

describe('a registry that hands out tokens', () => {
  /** Takes the token for what was asked, as a registry behind a token service does. */
  async function startTokens(status: number): Promise<AsyncDisposable & { readonly address: string; asked: string[] }> {
    const asked: string[] = []
    const server = createServer((request: IncomingMessage, response) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1')
      const { authorization = 'nothing' } = request.headers
      asked.push(`${request.method} ${url.pathname}${url.search} with ${authorization}`)
      if (url.pathname === '/token') response.end(JSON.stringify({ token: 't0' }))
      else if (authorization !== 'Bearer t0') {
        const realm = `http://${request.headers.host}/token`
        response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}",service="the registry"` }).end()
      } else if (request.method === 'DELETE') response.writeHead(204).end()
      else if (status === 202)
        response.writeHead(202, { Location: '/v2/acme/app-cache/blobs/uploads/u1?state=x' }).end()
      else
        response.writeHead(status).end('{"errors":[{"code":"DENIED","message":"installation not allowed to write"}]}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      asked,
      address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    }
  }

  test('is asked for one to push with, and the upload is given up', async () => {
    await using tokens = await startTokens(202)
    const auths = { [tokens.address]: { auth: encoded('right') } }
    expect(await ask(`${tokens.address}/acme/app-cache:main`, { auths })).toBeUndefined()
    expect(tokens.asked).toEqual([
      'POST /v2/acme/app-cache/blobs/uploads/ with nothing',
      `GET /token?service=the+registry&scope=repository%3Aacme%2Fapp-cache%3Apull%2Cpush with Basic ${encoded('right')}`,
      'POST /v2/acme/app-cache/blobs/uploads/ with Bearer t0',
      'DELETE /v2/acme/app-cache/blobs/uploads/u1?state=x with Bearer t0'
    ])
  })

  test.each([
    [403, '403 Forbidden: installation not allowed to write'],
    [404, '404 Not Found: installation not allowed to write'],
    [500, undefined]
  ])('and answers %i', async (status, expected) => {
    await using tokens = await startTokens(status)
    expect(await ask(`${tokens.address}/acme/app-cache:main`)).toBe(expected)
  })
})

describe('a registry that misbehaves', () => {
  type Answer = (response: ServerResponse) => void
  const refuse = (response: ServerResponse, body: string): void => void response.writeHead(403).end(body)

  test.each<[string, Answer, string | undefined]>([
    [
      'with a command for the runner in its words is quoted in one line',
      (response) => refuse(response, JSON.stringify({ errors: [{ message: 'no\n::error title=x::injected\r\n!' }] })),
      '403 Forbidden: no ::error title=x::injected !'
    ],
    ['with an endless answer is not listened to', (response) => refuse(response, 'x'.repeat(100_000)), undefined],
    [
      'and never comes to an end is not waited for',
      (response) => {
        response.writeHead(403)
        response.write('{')
      },
      undefined
    ]
  ])('%s', async (_, answer, expected) => {
    const closed = Promise.withResolvers<void>()
    const server = createServer((_request, response) => {
      response.once('close', closed.resolve)
      answer(response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
      const exec = createExec({}, new AbortController().signal)
      expect(await findRefusal({ exec }, {}, `${address}/app-cache:main`, 1)).toBe(expected)
      await closed.promise // it hangs up on its own
    } finally {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  })
})

test('a registry that is not there says nothing', async () => {
  expect(await ask('127.0.0.1:9/app-cache:main')).toBeUndefined()
})
