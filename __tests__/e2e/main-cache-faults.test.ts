/** A registry cache in trouble: it may cost time, it is told, and it never makes a build red. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { canStartEngine, startEngine, type Engine } from '../support/engine.js'
import type { StepResult } from '../support/runner.js'
import { startFaultyRegistry, type Fault, type FaultyRegistry, type Trouble } from './support/faulty-registry.js'
import { expectExit, printed } from './support/log.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

const withEngine = canStartEngine() ? describe : describe.skip

let registry: FaultyRegistry
let workspace: Workspace

beforeAll(async () => {
  registry = await startFaultyRegistry(sharedRegistry().address)
  workspace = await startWorkspace({ 'test.txt': 'first' })
})

afterEach(() => {
  registry.fault = undefined
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

const isBlob: (request: { path: string }) => boolean = ({ path }) => path.includes('/blobs/sha256:')
const isManifest: (request: { path: string }) => boolean = ({ path }) => path.includes('/manifests/')
const status = (code: number, name: string): Trouble => ({ kind: 'status', status: code, code: name })

/** A Dockerfile that nobody has built before. */
async function writeDockerfile(): Promise<void> {
  const base = await baseImage('busybox')
  await workspace.write({
    Dockerfile: `FROM ${base} AS deps
ARG RUN=${fresh()}
RUN head -c 40000 /dev/urandom > /made && echo MADE=yes
FROM deps AS test
COPY test.txt /
RUN echo TESTED=$(cat /test.txt)
FROM deps AS production
`
  })
}

/** A repository as it is named on the real registry and on the faulty one. */
function cacheRepository(): { readonly direct: string; readonly faulty: string } {
  const { reference, name } = freshRepository()
  return { direct: reference, faulty: `${registry.address}/${name}` }
}

const given = { 'test-target': 'test', target: 'production' }

function warnings({ annotations }: StepResult): string {
  return annotations
    .filter(({ level }) => level === 'warning')
    .map(({ text }) => text)
    .join('\n')
}

withEngine('a cache that cannot be read', () => {
  let cold: Engine
  beforeAll(async () => {
    await baseImage('busybox')
    cold = await startEngine({ name: 'cold' })
  }, 300_000)
  afterAll(async () => {
    await cold[Symbol.asyncDispose]()
  })

  test.each<[string, Fault]>([
    ['refuses with 401', (request) => (isManifest(request) ? status(401, 'UNAUTHORIZED') : undefined)],
    ['refuses with 403', (request) => (isManifest(request) ? status(403, 'DENIED') : undefined)],
    ['answers 429', (request) => (isManifest(request) ? status(429, 'TOOMANYREQUESTS') : undefined)],
    ['answers 500', (request) => (isManifest(request) ? status(500, 'UNKNOWN') : undefined)],
    ['has lost its blobs', (request) => (isBlob(request) ? status(404, 'BLOB_UNKNOWN') : undefined)],
    ['answers 503 for blobs', (request) => (isBlob(request) ? status(503, 'UNKNOWN') : undefined)],
    ['hangs up in the middle of a blob', (request) => (isBlob(request) ? { kind: 'cut' } : undefined)],
    ['has a blob with another content', (request) => (isBlob(request) ? { kind: 'corrupt' } : undefined)]
  ])('since the registry %s', async (_, fault) => {
    const cache = cacheRepository()
    await writeDockerfile()
    await workspace.write({ 'test.txt': 'first' })
    expectExit(await workspace.run({ ...given, 'cache-image': cache.direct }), 0)

    // The tests have changed, so another builder needs the layers below them.
    await workspace.write({ 'test.txt': 'second' })
    registry.fault = fault
    const before = registry.troubled()
    const step = await workspace.run({ ...given, 'cache-image': cache.faulty, 'cache-mode': 'read' }, { env: cold.env })
    expect(registry.troubled()).toBeGreaterThan(before)
    expectExit(step, 0)
    expect(step.outputs.gate).toBe('passed')
    expect(new Set(printed(step.log, 'TESTED'))).toEqual(new Set(['second']))
    expect(printed(step.log, 'MADE').length).toBeGreaterThan(0)
    expect(step.summary).toMatch(/The layer cache did not work|layer cache could not be used/)
    expect(warnings(step)).toMatch(/cache/)
  })
})
