/** Builders that answer in part, behind TLS, or not at all: what can be known before the build is said before it. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { once } from 'node:events'
import path from 'node:path'
import tls from 'node:tls'
import { parseInspection } from '../../src/buildkit/nodes.js'
import { certify, type Certificates } from '../support/certificates.js'
import { canStartEngine, sharedEngine, startEngine, startProxyBuilder } from '../support/engine.js'
import { long, some } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { expectEngineClean, expectRefused } from './support/refusal.js'
import { docker, startPortableProject, startProject } from './support/variety.js'
import { fresh, type Workspace } from './support/workspace.js'

jest.setTimeout(120_000)

const shared = sharedEngine()

let workspace: Workspace

beforeAll(async () => {
  workspace = await startProject()
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await expectEngineClean()
})

/** A builder of the remote driver at an endpoint. */
async function remote(endpoint: string, options: Readonly<Record<string, string>> = {}) {
  const name = fresh('remote')
  const given = Object.entries(options).flatMap(([key, value]) => ['--driver-opt', `${key}=${value}`])
  await docker({}, 'buildx', 'create', '--name', name, '--driver', 'remote', ...given, endpoint)
  return { name, [Symbol.asyncDispose]: () => docker({}, 'buildx', 'rm', name).then(() => undefined) }
}

describe('a builder that does not answer', () => {
  test.each(
    some(
      [
        ['tcp://127.0.0.1:9', 'nothing listens there'],
        ['tcp://no-such-host.invalid:1234', 'no address'],
        ['unix:///no/such/buildkit.sock', 'no such socket']
      ],
      2
    )
  )('%s', async (endpoint, reason) => {
    await using builder = await remote(endpoint)
    await expectRefused(workspace, { with: { builder: builder.name }, says: [builder.name, endpoint, reason] })
  })

  long.test('nor hangs up', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const endpoint = `tcp://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
    try {
      await using builder = await remote(endpoint)
      await expectRefused(workspace, { with: { builder: builder.name }, says: [endpoint, 'did not answer within'] })
    } finally {
      silent.close()
    }
  })
})

describe('behind TLS', () => {
  let ours: Certificates
  let other: Certificates

  beforeAll(async () => {
    ;[ours, other] = await Promise.all([certify(workspace.folder, 'ours'), certify(workspace.folder, 'other')])
  })

  test('a builder builds for those whom it knows, and the others are told why not', async () => {
    await using plain = await startProxyBuilder({ env: shared })
    const [node] = parseInspection(await docker({}, 'buildx', 'inspect', plain.name)).nodes
    const socket = node?.endpoint.replace('unix://', '') ?? ''
    const [ca, cert, key] = await Promise.all(
      [ours.authority, ours.certificate, ours.key].map((file) => readFile(file))
    )
    const options = { ca, cert, key, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] }
    const terminator = tls.createServer({ ...options }, (client) => {
      const behind = net.connect(socket)
      client.pipe(behind).pipe(client)
      for (const end of [client, behind]) end.on('error', () => [client, behind].forEach((one) => one.destroy()))
    })
    terminator.on('tlsClientError', () => undefined)
    terminator.listen(0, '127.0.0.1')
    await once(terminator, 'listening')
    const address = terminator.address()
    const endpoint = `tcp://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
    const as = ({ certificate, key: secret }: Certificates) => ({
      ...{ cacert: ours.authority, cert: certificate, key: secret, servername: '127.0.0.1' }
    })
    try {
      await using known = await remote(endpoint, as(ours))
      const result = await workspace.run({ 'test-target': 'test', builder: known.name })
      expectExit(result, 0)
      expect(result.outputs.gate).toBe('passed')
      await using stranger = await remote(endpoint, as(other))
      await expectRefused(workspace, { with: { builder: stranger.name }, says: [endpoint, 'certificate'] })
    } finally {
      terminator.close()
    }
  })
})

describe('a dead node among several', () => {
  test('is said, and stops only what it alone can build', async () => {
    await using builder = await startProxyBuilder({
      env: shared,
      nodes: [
        { host: shared.DOCKER_HOST, platform: 'linux/amd64' },
        { host: 'unix:///no/such/engine.sock', platform: 'linux/arm64' }
      ]
    })
    const result = await workspace.run({ 'test-target': 'test', builder: builder.name, platforms: 'linux/amd64' })
    expectExit(result, 0)
    expect(result.summary).toContain('does not answer')
    await expectRefused(workspace, {
      with: { builder: builder.name, platforms: 'linux/amd64,linux/arm64' },
      says: ['which builds linux/arm64', 'cannot be reached']
    })
  })
})

test('a platform that no node has is a wrong input', async () => {
  const { summary } = await expectRefused(workspace, {
    with: { platforms: 'linux/s390x' },
    says: ['no node of the builder', 'linux/s390x', 'docker/setup-qemu-action']
  })
  expect(summary).toContain('an input is wrong')
})

test('load without an engine is refused before the build', async () => {
  await using builder = await startProxyBuilder({ env: shared })
  const { log } = await expectRefused(workspace, {
    with: { builder: builder.name, load: 'true' },
    env: { DOCKER_HOST: 'unix:///no/such/engine.sock' },
    says: ['there is no Docker engine to load the image into']
  })
  expect(log).not.toContain('[test ')
})

const ownEngine = canStartEngine() ? test : test.skip

ownEngine(
  'several platforms are not loaded into the classic image store, which is known before the build',
  async () => {
    await using engine = await startEngine({ store: 'classic', name: 'classic-load' })
    await using portable = await startPortableProject()
    const { log } = await expectRefused(portable, {
      with: { platforms: 'linux/amd64,linux/arm64', load: 'true', push: 'false', tags: path.join(fresh('app'), 'a:1') },
      env: engine.env,
      says: ['cannot be loaded into this engine', 'classic image store']
    })
    expect(log).not.toContain('buildx create')
  }
)
