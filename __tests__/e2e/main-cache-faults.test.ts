/** A registry cache that misbehaves: the build goes on, and the summary says what happened. Every fault is a real one. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'
import { writeSearched } from '../../src/cache/write.js'
import { findPresence } from '../../src/registry/presence.js'
import { noImports } from '../../src/core/progress.js'
import { runSolve } from '../../src/buildkit/solve.js'
import { cacheReference } from '../../src/inputs/cache_value.js'
import { plainBuild, type Build } from '../../src/builds/build.js'
import { noCredentials } from '../../src/buildkit/command.js'
import { makeLog } from '../ssh/support.js'
import { canStartEngine, registryManifest, registryTags, startEngine, type Engine } from '../support/engine.js'
import type { StepResult } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { startFaultyRegistry, type Fault, type FaultyRegistry } from './support/faults.js'
import { expectExit, printed } from './support/log.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(180_000)

const run = promisify(execFile)
const registry = sharedRegistry()
const withEngine = canStartEngine() ? describe : describe.skip

/** 300 kB that do not compress, then something that depends on the context. */
async function dockerfile(): Promise<string> {
  return `FROM ${await baseImage('busybox')} AS deps
RUN echo MADE=${fresh()} && head -c 300000 /dev/urandom > /data
FROM deps AS test
COPY app.txt /app.txt
RUN echo TESTED=$(cat /app.txt)
FROM deps AS production
COPY app.txt /app.txt
`
}

withEngine('a builder that has never seen the project', () => {
  let cold: Engine
  let faulty: FaultyRegistry
  beforeAll(async () => {
    await baseImage('busybox')
    cold = await startEngine({ name: 'faults' })
    faulty = await startFaultyRegistry(registry)
  }, 300_000)
  afterAll(async () => {
    await faulty[Symbol.asyncDispose]()
    await cold[Symbol.asyncDispose]()
  })

  /** A project whose cache another builder has written, and where its parts lie. */
  type Warm = AsyncDisposable & {
    readonly workspace: Workspace
    readonly reference: string
    readonly name: string
    readonly inputs: Readonly<Record<string, string>>
    readonly isConfig: (path: string) => boolean
    readonly isBlob: (path: string) => boolean
  }

  async function warm({ change = true }: { readonly change?: boolean } = {}): Promise<Warm> {
    faulty.misbehave()
    const workspace = await startWorkspace({ Dockerfile: await dockerfile(), 'app.txt': 'one' })
    const { name } = freshRepository()
    const tag = `${name}:c`
    const gate = path.join(workspace.folder, 'Both')
    await workspace.write({
      Both: `${await readText(workspace)}FROM scratch AS both\nCOPY --from=test /none* /\nCOPY --from=production /none* /1/\n`
    })
    const to = `type=registry,ref=${registry.address}/${tag},mode=max,image-manifest=true`
    await run('docker', [
      'buildx',
      'build',
      '-q',
      '-f',
      gate,
      '--output',
      'type=cacheonly',
      '--cache-to',
      to,
      workspace.folder
    ])
    const manifest = await registryManifest(registry, name, 'c')
    const largest = manifest?.layers.toSorted((a, b) => b.size - a.size).find(({ size }) => size < 400_000)
    if (change) await workspace.write({ 'app.txt': 'two' })
    faulty.takePassed()
    return {
      workspace,
      name,
      reference: `${faulty.address}/${tag}`,
      inputs: { 'test-target': 'test', 'cache-from': `type=registry,ref=${faulty.address}/${tag}` },
      isConfig: (url) => url.includes(manifest?.config?.digest ?? 'none'),
      isBlob: (url) => url.includes(largest?.digest ?? 'none'),
      [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]()
    }
  }

  const readText = async ({ folder }: Workspace): Promise<string> =>
    (await run('cat', [path.join(folder, 'Dockerfile')])).stdout

  const onCold = ({ workspace, inputs }: Warm, more: Readonly<Record<string, string>> = {}): Promise<StepResult> =>
    workspace.run({ ...inputs, ...more }, { env: cold.env })

  const levels = ({ annotations }: StepResult): readonly string[] => annotations.map(({ level }) => level)

  long.test('with a registry that works, what is cached does not run', async () => {
    await using project = await warm()
    const result = await onCold(project)
    expectExit(result, 0)
    expect(printed(result.log, 'MADE')).toEqual([])
    expect(printed(result.log, 'TESTED')).toEqual(['two'])
    expect(result.summary).not.toContain('did not work')
    // The layer came once, and the figures say so.
    const bytes = faulty.takePassed().reduce((sum, { sent, path }) => sum + (project.isBlob(path) ? sent : 0), 0)
    expect(bytes).toBeGreaterThan(300_000)
    expect(result.summary).toMatch(/downloaded in/)
  })

  test.each<[string, Fault, string]>(
    some(
      [
        ['has lost a layer', { kind: 'answer', status: 404 }, 'not found'],
        ['limits how often it is asked', { kind: 'answer', status: 429 }, '429 Too Many Requests'],
        ['fails', { kind: 'answer', status: 503 }, '503 Service Unavailable'],
        ['hangs up in the middle of a layer, each time', { kind: 'cut', after: 0 }, 'EOF'],
        ['has a damaged layer', { kind: 'corrupt' }, 'unexpected commit digest']
      ],
      1
    )
  )('one that %s costs a second build', async (_, fault, words) => {
    await using project = await warm()
    faulty.misbehave((method, url) => (method === 'GET' && project.isBlob(url) ? fault : undefined))
    const result = await onCold(project)
    expectExit(result, 0)
    expect(result.outputs.gate).toBe('passed')
    expect(printed(result.log, 'MADE')).toHaveLength(1)
    expect(printed(result.log, 'TESTED')).toEqual(['two'])
    expect(result.summary).toContain('The layer cache did not work')
    expect(result.summary).toContain(words)
    expect(result.summary).toContain('started again without it')
    expect(levels(result)).toContain('warning')
    expect(levels(result)).not.toContain('error')
  })

  long.test('a layer that is missing only when the image is made costs no more than that', async () => {
    await using project = await warm({ change: false })
    faulty.misbehave((_, url) => (project.isBlob(url) ? { kind: 'answer', status: 404 } : undefined))
    const result = await onCold(project, { target: 'production' })
    expectExit(result, 0)
    expect(result.outputs.gate).toBe('passed')
    expect(Number(result.outputs.size)).toBeGreaterThan(300_000)
    expect(result.summary).toContain('started again without it')
  })

  test('a connection that is cut in the middle of a layer is taken up again', async () => {
    await using project = await warm()
    let cuts = 0
    faulty.misbehave((method, url) => {
      if (method !== 'GET' || !project.isBlob(url) || cuts > 2) return undefined
      cuts += 1
      return { kind: 'cut', after: 100_000 }
    })
    const result = await onCold(project)
    expectExit(result, 0)
    expect(cuts).toBeGreaterThan(0)
    expect(printed(result.log, 'MADE')).toEqual([])
    expect(result.summary).not.toContain('did not work')
  })

  test.each(
    some<[string, (project: Warm) => (method: string, url: string) => Fault | undefined, string]>(
      [
        ['401', () => answerManifests(401), '401 Unauthorized'],
        ['403', () => answerManifests(403), '403 Forbidden'],
        ['429', () => answerManifests(429), '429 Too Many Requests'],
        ['503', () => answerManifests(503), '503 Service Unavailable'],
        [
          'a lost description of the cache',
          ({ isConfig }) =>
            (_, url) =>
              isConfig(url) ? { kind: 'answer', status: 404 } : undefined,
          'could not fetch content descriptor'
        ]
      ],
      1
    )
  )('%s is an empty cache and a warning', async (_, fault, words) => {
    await using project = await warm()
    faulty.misbehave(fault(project))
    const result = await onCold(project)
    expectExit(result, 0)
    expect(printed(result.log, 'MADE')).toHaveLength(1)
    expect(result.summary).toContain('The layer cache did not work')
    expect(result.summary).toContain(words)
    expect(result.summary).not.toContain('started again')
    expect(levels(result)).toEqual(['warning'])
  })

  long.test('a cache that a newer BuildKit has written is an empty one', async () => {
    await using project = await warm()
    const renamed = (body: Buffer): string => body.toString().replaceAll('cacheconfig.v0', 'cacheconfig.v9')
    faulty.misbehave((_, url) => (url.endsWith('/manifests/c') ? { kind: 'rewrite', rewrite: renamed } : undefined))
    const result = await onCold(project)
    expectExit(result, 0)
    expect(printed(result.log, 'MADE')).toHaveLength(1)
    expect(levels(result)).not.toContain('error')
  })

  long.test.each(['cache-from', 'cache-image'])(
    'a registry that takes questions and answers none (%s)',
    async (input) => {
      await using project = await warm()
      faulty.misbehave((_, url) => (url.includes('/manifests/') ? { kind: 'silence' } : undefined))
      const planned = { 'cache-from': '', 'cache-image': `${faulty.address}/${freshRepository().name}-cache` }
      const result = await onCold(project, input === 'cache-image' ? planned : {})
      expectExit(result, 0)
      expect(printed(result.log, 'MADE')).toHaveLength(1)
      expect(result.summary).toContain('did not answer within 10 s')
      faulty.misbehave()
      const reference = cacheReference(project.inputs['cache-from'] ?? '')
      expect([...(await findPresence({ exec: execOn(cold) }, {}, [reference]))]).toEqual([[reference, 'there']])
    }
  )

  long.test.each(['silence', 'crawl'] as const)('a layer that does not come (%s) is given up', async (kind) => {
    await using project = await warm()
    faulty.misbehave((method, url) => (method === 'GET' && project.isBlob(url) ? { kind } : undefined))
    const { log, lines } = makeLog()
    await using temporary = await temporaryFolder()
    const solve = {
      ...{ build: buildFor(project), credentials: noCredentials, target: 'test', outputs: ['type=cacheonly'] },
      cache: { from: [project.inputs['cache-from'] ?? ''], to: [] },
      metadataFile: path.join(temporary.path, 'metadata.json')
    }
    const result = await runSolve({ exec: execOn(cold), log }, solve, {
      ...{ env: {}, listener: {} },
      patience: { seconds: 2, bytes: 1000 }
    })
    expect(result.ok).toBe(true)
    expect(result.progress.broken?.message).toBe('a layer of the cache came too slowly: less than 1 kB in 2 s')
    expect(lines.join()).toContain('built again without it')
  })

  test.each<[string, Fault, string]>(
    some(
      [
        ['may not be written', { kind: 'answer', status: 403 }, 'may write there'],
        ['is full', { kind: 'answer', status: 507 }, 'The registry is full'],
        ['takes no more for now', { kind: 'answer', status: 429 }, 'limits how often it is asked']
      ],
      1
    )
  )('a cache that %s is a warning that says what to do', async (_, fault, words) => {
    await using project = await warm()
    const { name, reference } = freshRepository()
    faulty.misbehave((method) => (method === 'POST' || method === 'PUT' || method === 'PATCH' ? fault : undefined))
    const result = await project.workspace.run(
      {
        ...{ 'test-target': 'test', target: 'production', tags: `${reference}:1`, push: 'true' },
        'cache-image': `${faulty.address}/${name}-cache`
      },
      { env: cold.env }
    )
    expectExit(result, 0)
    expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(result.summary).toContain('could not be written')
    expect(result.summary).toContain(words)
    expect(await registryTags(registry, `${name}-cache`)).toEqual([])
  })

  test('a cache that may not be written is told before the build, and nothing is sent there', async () => {
    await using project = await warm()
    const { name } = freshRepository()
    faulty.misbehave((method) => (method === 'POST' ? { kind: 'answer', status: 403 } : undefined))
    faulty.takePassed()
    const result = await onCold(project, { 'cache-from': '', 'cache-image': `${faulty.address}/${name}-cache` })
    expectExit(result, 0)
    const told = result.log.indexOf('The layer cache cannot be written')
    expect(told).toBeGreaterThan(0)
    expect(told).toBeLessThan(result.log.indexOf('RUN echo'))
    expect(result.summary).toContain('403 Forbidden')
    expect(levels(result)).toEqual(['warning'])
    const sent = faulty.takePassed().filter(({ method }) => method !== 'GET' && method !== 'HEAD')
    expect(sent.map(({ method }) => method)).toEqual(['POST'])
  })

  long.test('an export that hangs is stopped', async () => {
    await using project = await warm()
    faulty.misbehave((method) => (method === 'POST' ? { kind: 'silence' } : undefined))
    const { log } = makeLog()
    await using temporary = await temporaryFolder()
    const to = `${faulty.address}/${freshRepository().name}:c`
    const { outcomes, notes } = await writeSearched(
      { exec: execOn(cold), log, signal: new AbortController().signal },
      {
        ...{ build: buildFor(project), credentials: noCredentials, target: 'test' },
        cache: { from: [], to: [`type=registry,ref=${to},mode=max,ignore-error=true`] },
        metadataFile: path.join(temporary.path, 'metadata.json')
      },
      {
        ...{ env: {}, folder: temporary.path, limitSeconds: 4, imported: new Map() },
        built: { steps: [], provenance: [], imports: noImports },
        carrying: { env: {}, driver: 'docker', layers: [], mountFrom: [] },
        withheldNote: (why) => why
      }
    )
    expect(notes).toEqual([])
    expect(outcomes).toEqual([
      {
        ...{ reference: to, way: 'write', result: 'failed' },
        message: 'it was not written within 4 s, and the export was stopped'
      }
    ])
  })
})

function answerManifests(status: number): (method: string, url: string) => Fault | undefined {
  return (_, url) => (url.includes('/manifests/') ? { kind: 'answer', status } : undefined)
}

function execOn({ env }: Engine): ReturnType<typeof createExec> {
  return createExec(childEnvironment({ ...process.env, ...env }), new AbortController().signal)
}

function buildFor({ workspace }: { readonly workspace: Workspace }): Build {
  return plainBuild('app', workspace.folder)
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-faults-'))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
