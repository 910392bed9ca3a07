/** The clean-up of examples/workflows/cache-cleanup.yml, run as a runner would, against registries that delete. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { parse } from 'yaml'
import { GitHub, type Reply, type Request } from '../github/support/github.js'
import {
  registryManifest,
  registryTags,
  startRegistry,
  type Registry,
  type RegistryAddress
} from '../support/engine.js'
import { pullRequestEvent, repositoryRoot } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { baseImage, fresh, startWorkspace } from './support/workspace.js'

jest.setTimeout(120_000)

const run = promisify(execFile)

type Workflow = {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run: string }[] }>>
}

const workflow = parse(
  readFileSync(path.join(repositoryRoot, 'examples/workflows/cache-cleanup.yml'), 'utf8')
) as Workflow
const auth = { user: 'ci', password: 'p:a"s\\$s' }
const name = 'acme/app-cache'

let github: GitHub
let token: string
beforeAll(async () => {
  github = await GitHub.start()
  token = await github.workflowToken({ pull_requests: 'read' })
  await github.direct('PATCH', '/repos/acme/app/pulls/1', 'ghp_acme', { state: 'closed' })
})
afterAll(async () => {
  await github[Symbol.asyncDispose]()
})

// Pull request #1 is closed, #2 is open, and there is no #12.
const closed = ['pr-1-test-production-0000aaaa', 'pr-1-test-production-0000aaaa-retry', 'pr-1-0000bbbb']
const open = ['pr-2-0000cccc', 'pr-2-0000cccc-retry']
const others = ['branch-main-test-0000aaaa', 'branch-pr-1-0000dddd', 'local-0000eeee', 'pr-1.0', 'tags-pr-1-0000ffff']
const longer = 'pr-12-test-production-0000aaaa'

describe('a registry', () => {
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry({ auth })
  })
  afterAll(async () => {
    await registry[Symbol.asyncDispose]()
  })

  test('that was never written to has nothing to clean', async () => {
    expect(await cleanUp(registry, 1)).toEqual([])
  })

  test('loses what belongs to the pull request that was closed, and nothing else', async () => {
    for (const tag of [...closed, ...open, ...others, longer]) await put(registry, tag, tag)
    // The same cache under two tags is one manifest: it must stay for the other one.
    await put(registry, 'pr-1-same', 'shared')
    await put(registry, 'branch-same', 'shared')
    // Both its own: the second is gone with the first.
    await put(registry, 'pr-1-twice', 'twice')
    await put(registry, 'pr-1-twice-retry', 'twice')
    // An image beside the caches, as an index and by itself, whatever it is called.
    await put(registry, 'pr-1-preview', 'preview', { config: IMAGE })
    await putIndex(registry, 'pr-1-platforms', 'image')
    await putIndex(registry, 'latest', 'image')

    const lines = await cleanUp(registry, 1)
    const kept = [...open, ...others, longer, 'branch-same', 'pr-1-same', 'pr-1-preview', 'pr-1-platforms', 'latest']
    expect(await registryTags(registry, name)).toEqual(kept.sort())
    const same = [
      'kept pr-1-platforms, which is the same as latest',
      'kept pr-1-same, which is the same as branch-same'
    ]
    const deleted = [...closed, 'pr-1-twice'].map((tag) => `deleted ${tag}`)
    expect(lines.map((line) => line.replace('pr-1-twice-retry', 'pr-1-twice'))).toEqual([...deleted.sort(), ...same])
    // Nothing is left to do, and that is no failure.
    expect(await cleanUp(registry, 1)).toEqual(same)
    expect(await cleanUp(registry, 99)).toEqual([])
  })

  long.test(
    'loses, once a week, what belongs to any closed pull request; one that GitHub does not know stays',
    async () => {
      for (const tag of closed) await put(registry, tag, tag)
      const failure = await cleanUp(registry).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 1 }) // #12 could not be looked up, and somebody should know
      expect(linesOf(failure).filter((line) => line.startsWith('deleted'))).toEqual(
        closed.map((tag) => `deleted ${tag}`).sort()
      )
      expect(await registryTags(registry, name)).toEqual(expect.arrayContaining([...open, ...others, longer]))
    }
  )

  test('that refuses says so, and never a password', async () => {
    const wrong = { ...registry, auth: { user: 'ci', password: 'wrong-password' } }
    const failure = await cleanUp(wrong, 1).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 1, stdout: expect.stringContaining('answers 401') })
    expect(JSON.stringify(failure)).not.toContain('wrong-password')
  })
})

long.test('what the action writes for a pull request goes with it, and main keeps its own', async () => {
  await using registry = await startRegistry()
  await using workspace = await startWorkspace({
    Dockerfile: `FROM ${await baseImage('busybox')} AS test\nARG RUN=${fresh()}\nRUN echo $RUN > /tested\nCOPY red.txt /\nRUN ! grep red /red.txt`,
    'red.txt': 'green'
  })
  const given = { 'test-target': 'test', 'cache-image': `${registry.address}/${name}` }
  const event = pullRequestEvent()
  expect((await workspace.run(given)).exitCode).toBe(0)
  await workspace.write({ 'red.txt': 'a change' })
  expect((await workspace.run(given, { event })).exitCode).toBe(0)
  await workspace.write({ 'red.txt': 'red' })
  expect((await workspace.run(given, { event })).exitCode).toBe(1)
  const before = await registryTags(registry, name)
  expect(before.map((tag) => tag.replace(/[0-9a-f]{16}/, 'HASH'))).toEqual([
    'branch-main-test-HASH',
    'pr-12-test-HASH',
    'pr-12-test-HASH-retry'
  ])
  await cleanUp(registry, 1)
  expect(await registryTags(registry, name)).toEqual(before)
  await cleanUp(registry, 12)
  expect(await registryTags(registry, name)).toEqual(before.slice(0, 1))
})

// There is no ghcr.io for tests: the packages API is played after its documentation, with the manifests of a registry.
describe('ghcr.io', () => {
  const old = '2026-01-01T00:00:00Z'

  test.each([
    ['when a pull request is closed, loses its versions', 1, [2, 6, 8]],
    [
      'once a week loses those of all closed ones, and caches that lost their tag before yesterday',
      undefined,
      [2, 4, 6, 8]
    ]
  ])('%s', async (_name, number, expected) => {
    await using registry = await startRegistry()
    const now = new Date().toISOString()
    const make = async (id: number, updated: string, ...tags: readonly string[]) =>
      version(id, updated, await put(registry, `v${id}`, `v${id}`), tags)
    const versions = [
      await make(1, old, 'branch-main-test-aaaa'),
      await make(2, old, 'pr-1-test-bbbb'),
      await make(3, old, 'pr-1-test-cccc', 'branch-main-cccc'),
      await make(4, old),
      await make(5, now),
      await make(6, now, 'pr-1-test-dddd', 'pr-1-test-dddd-retry'),
      await make(7, old, 'pr-2-eeee'),
      await make(8, now, 'pr-1-ffff'),
      // A platform of an image has no tag either, and no index is a cache.
      version(9, old, await put(registry, 'v9', 'v9', { config: IMAGE }), []),
      version(10, old, await putIndex(registry, 'v10', 'v9'), ['pr-1-preview']),
      version(11, old, await putIndex(registry, 'v11', 'v9'), [])
    ]
    // More than a page of versions that are none of our business.
    const main = await put(registry, 'main', 'main')
    const many = Array.from({ length: 150 }, (_, index) => version(100 + index, now, main, [`branch-${index}`]))
    await using front = await startGhcr(registry)
    const left = new Map([...many, ...versions].map((row) => [row.id, row]))
    github.trouble = (request) => packages(request, left)
    try {
      await runScript('ghcr', {
        ...{ CACHE_IMAGE: 'ghcr.io/Acme/App/Cache', REGISTRY: front.url },
        NUMBER: String(number ?? '')
      })
    } finally {
      github.trouble = () => undefined
    }
    const gone = versions.map(({ id }) => id).filter((id) => !left.has(id))
    expect(gone).toEqual(expected)
    expect(left.size).toBe(many.length + versions.length - expected.length)
  })

  test('that refuses makes the run red', async () => {
    await using registry = await startRegistry()
    await using front = await startGhcr(registry)
    const left = new Map([[1, version(1, old, await put(registry, 'v1', 'v1'), ['pr-1-aaaa'])]])
    github.trouble = (request) =>
      request.method === 'DELETE' ? { status: 403, body: { message: 'no' } } : packages(request, left)
    try {
      const given = { CACHE_IMAGE: 'ghcr.io/acme/app/cache', REGISTRY: front.url, NUMBER: '1' }
      const failure = await runScript('ghcr', given).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining('403') })
      expect(linesOf(failure)).toEqual([])
    } finally {
      github.trouble = () => undefined
    }
  })
})

/** Runs the job for a registry; resolves to what it printed, sorted. Without a number for all closed pull requests. */
async function cleanUp(registry: RegistryAddress, number?: number): Promise<readonly string[]> {
  return await runScript('registry', {
    REPOSITORY: `http://${registry.address}/v2/${name}`,
    USERNAME: registry.auth?.user ?? '',
    PASSWORD: registry.auth?.password ?? '',
    NUMBER: String(number ?? '')
  })
}

/** Runs a job's step as the runner starts `shell: bash`. */
async function runScript(job: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const script = workflow.jobs[job]?.steps[0]?.run ?? 'exit 2'
  const shell = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script]
  const runner = { PATH: process.env.PATH, GITHUB_API_URL: github.apiUrl, GITHUB_REPOSITORY: 'acme/app', TOKEN: token }
  return linesOf(await run('bash', shell, { env: { ...runner, ...env } }))
}

function linesOf(result: unknown): readonly string[] {
  const { stdout } = result as { readonly stdout: string }
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}

const CACHE = 'application/vnd.buildkit.cacheconfig.v0'
const IMAGE = 'application/vnd.oci.image.config.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** Pushes a manifest of one small blob, a cache unless told otherwise; by digest where there is no tag; resolves to its digest. */
async function put(
  registry: RegistryAddress,
  tag: string | undefined,
  content: string,
  { config = CACHE } = {}
): Promise<string> {
  const blob = Buffer.from(JSON.stringify({ content }))
  const digest = digestOf(blob)
  const started = await ask(registry, 'blobs/uploads/', { method: 'POST' })
  const location = new URL(started.headers.get('location') ?? '', `http://${registry.address}`)
  location.searchParams.set('digest', digest)
  expect((await fetch(location, { method: 'PUT', headers: login(registry), body: blob })).status).toBe(201)
  const descriptor = { mediaType: config, digest, size: blob.length }
  return await putManifest(registry, tag, { mediaType: MANIFEST, config: descriptor, layers: [] })
}

function digestOf(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Pushes an index of one image, which has no tag of its own. */
async function putIndex(registry: RegistryAddress, tag: string, content: string): Promise<string> {
  const digest = await put(registry, undefined, content, { config: IMAGE })
  const { document } = (await registryManifest(registry, name, digest)) ?? {}
  const manifests = [{ mediaType: MANIFEST, digest, size: Buffer.byteLength(JSON.stringify(document)) }]
  return await putManifest(registry, tag, { mediaType: 'application/vnd.oci.image.index.v1+json', manifests })
}

async function putManifest(
  registry: RegistryAddress,
  tag: string | undefined,
  document: { readonly mediaType: string } & Readonly<Record<string, unknown>>
): Promise<string> {
  const body = JSON.stringify({ schemaVersion: 2, ...document })
  const response = await ask(registry, `manifests/${tag ?? digestOf(body)}`, {
    method: 'PUT',
    body,
    headers: { 'Content-Type': document.mediaType }
  })
  expect(response.status).toBe(201)
  return response.headers.get('docker-content-digest') ?? ''
}

function ask(registry: RegistryAddress, what: string, init: RequestInit): Promise<Response> {
  const headers = { ...login(registry), ...(init.headers as Record<string, string> | undefined) }
  return fetch(`http://${registry.address}/v2/${name}/${what}`, { ...init, headers })
}

function login({ auth }: RegistryAddress): Record<string, string> {
  return auth === undefined
    ? {}
    : { Authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}` }
}

/** A version as https://docs.github.com/rest/packages/packages#list-package-versions-for-a-package-owned-by-an-organization shows it. */
function version(id: number, updated: string, digest: string, tags: readonly string[]) {
  return { id, name: digest, updated_at: updated, metadata: { package_type: 'container', container: { tags } } }
}

/** Answers for the package acme/app/cache; everything else is left to the emulator. */
function packages(request: Request, left: Map<number, ReturnType<typeof version>>): Reply | undefined {
  const [route = '', query] = request.path.split('?')
  if (route === '/users/acme') return { status: 200, body: { login: 'acme', type: 'Organization' } }
  if (!route.startsWith('/orgs/acme/packages/container/app%2Fcache/versions')) return undefined
  if (request.headers.authorization !== `Bearer ${token}`) return { status: 401, body: { message: 'Bad credentials' } }
  if (request.method === 'DELETE') {
    return { status: left.delete(Number(route.split('/').at(-1))) ? 204 : 404 }
  }
  const page = new URLSearchParams(query)
  const size = Number(page.get('per_page') ?? 30)
  const start = (Number(page.get('page') ?? 1) - 1) * size
  return { status: 200, body: [...left.values()].slice(start, start + size) }
}

/** The registry of ghcr.io: a token for a login, and with it the manifests of another registry, under another name. */
async function startGhcr(registry: RegistryAddress): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://ghcr')
    const bearer = incoming.headers.authorization === 'Bearer for-pulling'
    const digest = /^\/v2\/acme\/app\/cache\/manifests\/(sha256:\w+)$/.exec(pathname)?.[1]
    const basic = Buffer.from((incoming.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
    if (pathname === '/token' && basic.endsWith(`:${token}`)) {
      const isOurs = searchParams.get('scope') === 'repository:acme/app/cache:pull'
      outgoing.writeHead(isOurs ? 200 : 403).end(JSON.stringify({ token: 'for-pulling' }))
    } else if (!bearer || digest === undefined) {
      outgoing.writeHead(401).end()
    } else {
      const headers = { Accept: incoming.headers.accept ?? '' }
      void ask(registry, `manifests/${digest}`, { headers }).then(async (response) => {
        outgoing.writeHead(response.status).end(await response.text())
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
