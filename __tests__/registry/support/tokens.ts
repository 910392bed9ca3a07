/** A token service as registries have beside them: https://distribution.github.io/distribution/spec/auth/token/ */
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Authority } from './certificates.js'

/** One request for a token. */
export type TokenRequest = {
  readonly method: string
  /** `user:password` in clear, or a refresh token. */
  readonly login: string
  readonly scopes: readonly string[]
}

export type TokenService = AsyncDisposable & {
  readonly realm: string
  readonly service: string
  readonly issuer: string
  readonly bundle: string
  readonly asked: TokenRequest[]
  /** Seconds for which further tokens are good. */
  lifetime: number
}

/** Gives a token to whoever shows one of the logins, for what was asked; others get 401. */
export async function startTokenService(signer: Authority, logins: readonly string[]): Promise<TokenService> {
  const key = createPrivateKey(await readFile(signer.key))
  const chain = new X509Certificate(await readFile(signer.certificate)).raw.toString('base64')
  const asked: TokenRequest[] = []
  const service: { lifetime: number } = { lifetime: 300 }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString())
      const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      const login = form.get('refresh_token') ?? Buffer.from(basic, 'base64').toString()
      const scopes = form.get('scope')?.split(' ') ?? searchParams.getAll('scope')
      asked.push({ method: request.method ?? '', login, scopes })
      if (!logins.includes(login)) response.writeHead(401).end('{"details":"no such user"}')
      else {
        const token = jwt(scopes)
        const name = request.method === 'POST' ? 'access_token' : 'token'
        response.end(JSON.stringify({ [name]: token, expires_in: service.lifetime }))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(service, {
    ...{ realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, service: 'tests', issuer: 'tests' },
    ...{ bundle: signer.certificate, asked },
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  })

  function jwt(scopes: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000)
    const access = scopes.map((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':')
      return { type, name, actions: actions.split(',') }
    })
    const times = { iat: now, nbf: now - 10, exp: now + service.lifetime, jti: randomUUID() }
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const head = part({ typ: 'JWT', alg: 'ES256', x5c: [chain] })
    const body = `${head}.${part({ iss: 'tests', aud: 'tests', sub: 'someone', ...times, access })}`
    return `${body}.${sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
}
