/** Registries in TLS, and behind a token service. */
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { repositoryAt } from '../../src/registry/address.js'
import { createRegistryClient } from '../../src/registry/client.js'
import { findDigest } from '../../src/registry/manifest.js'
import { pushImages } from '../../src/registry/push.js'
import { startFaultyRegistry, type Fault } from '../e2e/support/faults.js'
import { startRegistry } from '../support/engine.js'
import { makeAuthority, makeCertificate, type Authority } from './support/certificates.js'
import { makeLayout, readImages, type MadeLayout } from './support/layout.js'
import { encoded, homeWith, portsFor, type Environment } from './support/ports.js'
import { startTokenService } from './support/tokens.js'

jest.setTimeout(60_000)

let folder: string
let authority: Authority
let layout: MadeLayout

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-secure-'))
  authority = await makeAuthority(folder, 'authority')
  layout = await makeLayout(path.join(folder, 'layout'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const push = async (reference: string, env: Environment, mountFrom: readonly string[] = []) =>
  pushImages(portsFor(env), {
    env,
    images: await readImages([{ layouts: [layout.folder], references: [reference], mountFrom }])
  })

async function digestAt(reference: string, env: Environment): Promise<unknown> {
  const repository = repositoryAt(reference)
  if (repository === undefined) throw new Error(reference)
  using client = createRegistryClient(portsFor(env), { env })
  return await findDigest(client, repository, repository.tag)
}

test('TLS is spoken with an authority from certs.d, and not with another', async () => {
  const tls = await makeCertificate(folder, authority)
  await using registry = await startRegistry({ tls })
  const reference = `${registry.address}/app:1`

  await using home = await homeWith()
  const certificates = path.join(home.folder, 'certs.d', registry.address)
  await mkdir(certificates, { recursive: true })
  await copyFile(authority.certificate, path.join(certificates, 'ca.crt'))
  expect((await push(reference, home.env)).problem).toBeUndefined()
  expect(await digestAt(reference, home.env)).toEqual({ digest: layout.root.digest })

  const other = await makeAuthority(folder, 'other')
  await copyFile(other.certificate, path.join(certificates, 'ca.crt'))
  expect((await push(reference, home.env)).problem).toMatchObject({ kind: 'certificate' })

  // As docker does it on this machine where nobody vouches.
  await using bare = await homeWith()
  expect((await push(reference, bare.env)).problem).toBeUndefined()
})

test('tokens are asked for each repository, with a login or an identity token, and anew when they end', async () => {
  await using service = await startTokenService(authority, ['someone:secret', 'refresh', ':'])
  await using registry = await startRegistry({ tokens: service })
  const reference = `${registry.address}/acme/app:1`
  await using home = await homeWith({ auths: { [registry.address]: { auth: encoded('someone', 'secret') } } })
  expect((await push(reference, home.env)).problem).toBeUndefined()
  // One for all that goes on at once.
  expect(service.asked).toEqual([{ method: 'GET', login: 'someone:secret', scopes: ['repository:acme/app:pull,push'] }])

  service.asked.length = 0
  const derived = `${registry.address}/acme/derived:1`
  const mounted = await push(derived, home.env, [reference])
  expect(mounted).toMatchObject({ ok: true, mounted: { blobs: 3 } })
  expect(service.asked.map(({ scopes }) => scopes.join(' '))).toContain(
    'repository:acme/derived:pull,push repository:acme/app:pull'
  )

  service.asked.length = 0
  await using identity = await homeWith({ auths: { [registry.address]: { identitytoken: 'refresh' } } })
  expect((await push(`${registry.address}/acme/third:1`, identity.env)).problem).toBeUndefined()
  expect(service.asked).toEqual([{ method: 'POST', login: 'refresh', scopes: ['repository:acme/third:pull,push'] }])

  await using wrong = await homeWith({ auths: { [registry.address]: { auth: encoded('someone', 'hunter2hunter2') } } })
  const refused = await push(`${registry.address}/acme/fourth:1`, wrong.env)
  expect(refused.problem).toMatchObject({ kind: 'login-refused' })
  expect(refused.problem?.message).toContain('answers 401')
  expect(JSON.stringify(refused)).not.toContain('hunter2')
})

test('a token that ends in the middle is replaced', async () => {
  await using service = await startTokenService(authority, ['someone:secret'])
  await using registry = await startRegistry({ tokens: service })
  await using faulty = await startFaultyRegistry(registry)
  const challenge = `Bearer realm="${service.realm}",service="${service.service}",scope="repository:app:pull,push"`
  const refused: Fault = { kind: 'answer', status: 401, headers: { 'WWW-Authenticate': challenge } }
  await using home = await homeWith({ auths: { [faulty.address]: { auth: encoded('someone', 'secret') } } })
  let puts = 0
  faulty.misbehave((method) => (method === 'PUT' && ++puts === 2 ? refused : undefined))
  expect((await push(`${faulty.address}/app:1`, home.env)).problem).toBeUndefined()
  expect(service.asked).toHaveLength(2)
})

test('a push of what is there asks for one token', async () => {
  await using service = await startTokenService(authority, ['someone:secret'])
  await using registry = await startRegistry({ tokens: service })
  await using watched = await startFaultyRegistry(registry)
  await using home = await homeWith({ auths: { [watched.address]: { auth: encoded('someone', 'secret') } } })
  const reference = `${watched.address}/acme/app:1`
  expect((await push(reference, home.env)).problem).toBeUndefined()
  service.asked.length = 0
  watched.takePassed()
  expect((await push(reference, home.env)).problem).toBeUndefined()
  expect(service.asked).toHaveLength(1)
  const question = `HEAD /v2/acme/app/manifests/${layout.root.digest}`
  // Refused at first, for a registry says only then where its tokens are.
  expect(watched.takePassed().map(({ method, path: url }) => `${method} ${url}`)).toEqual([
    ...[question, question, 'PUT /v2/acme/app/manifests/1']
  ])
})

test('a login is not sent to another host that an upload leads to', async () => {
  await using registry = await startRegistry({ auth: { user: 'someone', password: 'secret' } })
  const seen: (string | undefined)[] = []
  const storage = createServer((request, response) => {
    seen.push(request.headers.authorization)
    request.resume().on('end', () => response.writeHead(201).end())
  })
  storage.listen(0, '127.0.0.1')
  await once(storage, 'listening')
  try {
    await using faulty = await startFaultyRegistry(registry)
    const port = (storage.address() as AddressInfo).port
    const elsewhere: Fault = {
      kind: 'answer',
      status: 202,
      headers: { Location: `http://127.0.0.1:${port}/store?signed=a%2Fb` }
    }
    faulty.misbehave((method) => (method === 'POST' ? elsewhere : undefined))
    await using home = await homeWith({ auths: { [faulty.address]: { auth: encoded('someone', 'secret') } } })
    await push(`${faulty.address}/app:1`, home.env)
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.every((authorization) => authorization === undefined)).toBe(true)
  } finally {
    storage.closeAllConnections()
    storage.close()
    await once(storage, 'close')
  }
})

test.each<[string, (method: string, url: string) => boolean, Fault]>([
  [
    'an upload',
    (method) => method === 'POST',
    { kind: 'answer', status: 202, headers: { Location: 'http://127.0.0.1:1/store?signature=abc' } }
  ],
  [
    'a question',
    (method) => method === 'HEAD',
    { kind: 'answer', status: 307, headers: { Location: 'http://127.0.0.1:1/store?signature=abc' } }
  ],
  [
    'a login',
    () => true,
    {
      kind: 'answer',
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer realm="http://127.0.0.1:1/token?signature=abc"' }
    }
  ]
])(
  'a host that is not there, to which %s leads, is named beside the registry that sends there',
  async (_, when, fault) => {
    await using registry = await startRegistry()
    await using faulty = await startFaultyRegistry(registry)
    faulty.misbehave((method, url) => (when(method, url) ? fault : undefined))
    await using home = await homeWith()
    const { problem } = await push(`${faulty.address}/app:1`, home.env)
    expect(problem).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining(`127.0.0.1:1, to which ${faulty.address} sends, cannot be reached (ECONNREFUSED`)
    })
    expect(JSON.stringify(problem)).not.toContain('signature')
  }
)
