/** A registry that fails at each request of a push: what is told of the tags is what the registry has. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { pushImages } from '../../src/registry/push.js'
import type { PushOutcome } from '../../src/registry/outcome.js'
import type { ProblemKind } from '../../src/registry/problem.js'
import { startFaultyRegistry, type Fault, type FaultyRegistry } from '../e2e/support/faults.js'
import { registryManifest, startRegistry, type Registry } from '../support/engine.js'
import { makeLayout, readImages, type MadeLayout } from './support/layout.js'
import { portsFor } from './support/ports.js'

jest.setTimeout(60_000)

let registry: Registry
let faulty: FaultyRegistry
let folder: string
let count = 0

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-faults-'))
  registry = await startRegistry({ inMemory: true })
  faulty = await startFaultyRegistry(registry)
})

afterAll(async () => {
  await faulty[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** The requests of a push, in their order. */
const requests = {
  'HEAD manifest': (method: string, url: string) => method === 'HEAD' && url.includes('/manifests/sha256:'),
  'HEAD blob': (method: string, url: string) => method === 'HEAD' && url.includes('/blobs/'),
  'POST upload': (method: string) => method === 'POST',
  'PUT blob': (method: string, url: string) => method === 'PUT' && url.includes('/uploads/'),
  'PUT manifest': (method: string, url: string) => method === 'PUT' && url.includes('/manifests/sha256:'),
  'PUT first tag': (method: string, url: string) => method === 'PUT' && url.endsWith('/manifests/1'),
  'PUT second tag': (method: string, url: string) => method === 'PUT' && url.endsWith('/manifests/2')
} as const
type RequestName = keyof typeof requests
const names = Object.keys(requests) as RequestName[]

type Pushed = { readonly outcome: PushOutcome; readonly waits: readonly number[]; readonly tags: readonly boolean[] }

/** Pushes under two tags, with a fault that comes so many times, and looks behind the fault at what is there. */
async function pushWith(
  name: RequestName,
  fault: Fault,
  times: number,
  options: object = {},
  isMeant: (method: string, url: string) => boolean = () => true
): Promise<Pushed> {
  count += 1
  const layout = await makeLayout(path.join(folder, `layout-${count}`), { layers: 1, layerBytes: 300_000 })
  let left = times
  faulty.misbehave((method, url) =>
    isMeant(method, url) && requests[name](method, url) && left-- > 0 ? fault : undefined
  )
  const ports = portsFor()
  const references = [1, 2].map((tag) => `${faulty.address}/app-${count}:${tag}`)
  const images = await readImages([{ layouts: [layout.folder], references }])
  const outcome = await pushImages(ports, { env: { DOCKER_CONFIG: folder }, images, ...options })
  faulty.misbehave()
  return { outcome, waits: ports.waits, tags: await Promise.all(['1', '2'].map((tag) => has(layout, tag))) }
}

async function has({ root }: MadeLayout, tag: string): Promise<boolean> {
  return (await registryManifest(registry, `app-${count}`, tag))?.digest === root.digest
}

/** Nothing is claimed that is not so. */
function expectTruth({ outcome, tags }: Pushed): void {
  outcome.references.forEach(({ state }, index) => {
    if (state === 'pushed' || state === 'there') expect(tags[index]).toBe(true)
    if (state === 'without') expect(tags[index]).toBe(false)
  })
}

const passing: readonly Fault[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) => ({ kind: 'answer', status }) as const),
  { kind: 'hang-up' },
  { kind: 'cut-request', after: 100 }
]

describe.each(names)('at %s', (name) => {
  test.each(passing.map((fault): [string, Fault] => [JSON.stringify(fault), fault]))(
    'a fault that passes is got over: %s',
    async (_, fault) => {
      // HEAD and POST have no body to be cut.
      if (fault.kind === 'cut-request' && !name.startsWith('PUT')) return
      const pushed = await pushWith(name, fault, 1)
      expect(pushed.outcome.problem).toBeUndefined()
      expect(pushed.outcome.retries.length).toBeGreaterThan(0)
      expect(pushed.tags).toEqual([true, true])
      expectTruth(pushed)
    }
  )

  test.each<[string, Fault, ProblemKind]>([
    ['500', { kind: 'answer', status: 500 }, 'broken'],
    ['429', { kind: 'answer', status: 429 }, 'rate-limit'],
    ['507', { kind: 'answer', status: 507 }, 'quota'],
    ['401', { kind: 'answer', status: 401 }, 'login-missing'],
    ['403', { kind: 'answer', status: 403 }, 'forbidden'],
    ['a cut', { kind: 'hang-up' }, 'unreachable']
  ])('a fault that stays is told: %s', async (_, fault, kind) => {
    const pushed = await pushWith(name, fault, Infinity)
    const isHarmless = name.startsWith('HEAD') && kind === 'forbidden'
    expect(pushed.outcome.problem?.kind).toBe(isHarmless ? undefined : kind)
    const first = name === 'PUT second tag' || isHarmless
    expect(pushed.outcome.references.map(({ state }) => state)).toEqual([
      first ? 'pushed' : 'without',
      isHarmless ? 'pushed' : 'without'
    ])
    expect(pushed.tags).toEqual([first, isHarmless])
    expect(pushed.waits.length).toBeLessThanOrEqual(3 * 4)
  })

  test('silence ends', async () => {
    const pushed = await pushWith(name, { kind: 'silence' }, Infinity, {
      patience: { idle: 0.5, answer: 0.5 },
      attempts: 1
    })
    expectTruth(pushed)
    expect(pushed.outcome.problem?.kind).toBe('silent')
  })
})

test('a wait is as long as the registry asks, and none when it asks for too much', async () => {
  const limited = (seconds: string): Fault => ({ kind: 'answer', status: 429, headers: { 'Retry-After': seconds } })
  expect((await pushWith('POST upload', limited('7'), 1)).waits).toEqual([7000])
  const hopeless = await pushWith('POST upload', limited('3600'), Infinity)
  expect(hopeless.waits).toEqual([])
  expect(hopeless.outcome.problem?.fix).toContain('in 3600 s')
})

test('a tag that was written although the answer got lost is told as there', async () => {
  const pushed = await pushWith('PUT second tag', { kind: 'cut', after: 0 }, Infinity)
  expectTruth(pushed)
  expect(pushed.tags[0]).toBe(true)
})

test('a registry that takes no large bodies gets pieces', async () => {
  // The PUT that ends an upload in pieces has no body.
  const inPieces = new Set<string>()
  const isWhole = (method: string, url: string): boolean => {
    const upload = /\/uploads\/([\w-]+)/.exec(url)?.[1] ?? ''
    if (method === 'PATCH') inPieces.add(upload)
    return !inPieces.has(upload)
  }
  const pushed = await pushWith('PUT blob', { kind: 'answer', status: 413 }, 100, {}, isWhole)
  expect(pushed.outcome.problem).toBeUndefined()
  expect(pushed.tags).toEqual([true, true])
})

test.each<[string, number, Readonly<Record<string, string>>, RegExp]>([
  ['200 of a portal', 200, {}, /does not have it/],
  ['202 and nothing comes of it', 202, {}, /does not have it/],
  [
    'another digest',
    201,
    { 'docker-content-digest': `sha256:${'1'.repeat(64)}` },
    /has sha256:1{64} instead of sha256:[0-9a-f]{64}$/
  ]
])('a registry that says yes to a tag and has none is not believed: %s', async (_, status, headers, words) => {
  const pushed = await pushWith('PUT first tag', { kind: 'answer', status, headers }, 1)
  expect(pushed.outcome.problem).toMatchObject({ kind: 'refused', message: expect.stringMatching(words) })
  expect(pushed.outcome.references.map(({ state }) => state)).toEqual(['without', 'without'])
  expect(pushed.tags).toEqual([false, false])
})

test('a cancel in the PUT of a digest that is pushed without a tag leaves it unknown where it may still arrive', async () => {
  count += 1
  const layout = await makeLayout(path.join(folder, `layout-${count}`), { layers: 1 })
  const controller = new AbortController()
  faulty.misbehave((method, url) => {
    if (!requests['PUT manifest'](method, url)) return undefined
    controller.abort()
    return { kind: 'hang-up' }
  })
  const references = [`${faulty.address}/app-${count}`]
  const images = await readImages([{ layouts: [layout.folder], references }])
  const byDigest = images.map((image) => ({ ...image, byDigest: true }))
  const outcome = await pushImages(portsFor({}, controller), { env: { DOCKER_CONFIG: folder }, images: byDigest })
  faulty.misbehave()
  expect(outcome.problem?.kind).toBe('cancelled')
  expect(outcome.references).toEqual([{ reference: references[0], digest: layout.root.digest, state: 'unknown' }])
})

test.each(names)('a cancel at %s is told, with the tags as they are', async (name) => {
  count += 1
  const layout = await makeLayout(path.join(folder, `layout-${count}`), { layers: 1 })
  const controller = new AbortController()
  faulty.misbehave((method, url) => {
    if (requests[name](method, url)) controller.abort()
    return undefined
  })
  const references = [1, 2].map((tag) => `${faulty.address}/app-${count}:${tag}`)
  const images = await readImages([{ layouts: [layout.folder], references }])
  const outcome = await pushImages(portsFor({}, controller), { env: { DOCKER_CONFIG: folder }, images })
  faulty.misbehave()
  expect(outcome.problem?.kind).toBe('cancelled')
  expect(outcome.references[0]?.state).not.toBe('unknown')
  if (name === 'PUT second tag') expect(outcome.references[0]?.state).toBe('pushed')
  else if (!name.includes('tag')) expect(outcome.references.map(({ state }) => state)).toEqual(['without', 'without'])
})
