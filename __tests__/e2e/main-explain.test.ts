/** What was cached and why not more, told by real builds: on a builder that remembers, and on one that starts empty. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import type { Cause } from '../../src/explain/cause.js'
import type { Explanation } from '../../src/explain/causes.js'
import type { Saving } from '../../src/explain/saved.js'
import { CacheService } from '../baseline/support/cache-service.js'
import { canStartEngine, startEngine, type Engine } from '../support/engine.js'
import { pullRequestEvent, type StepResult } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { baseImage, fresh, freshRepository, startWorkspace, type Workspace } from './support/workspace.js'

jest.setTimeout(240_000)

const run = promisify(execFile)
const withEngine = canStartEngine() ? describe : describe.skip

let cache: CacheService
beforeAll(async () => {
  cache = await CacheService.start()
})
afterAll(async () => {
  await cache[Symbol.asyncDispose]()
})

/** A project whose dependencies take a while, with a gate and an image that both copy the sources. */
async function project(): Promise<{ readonly lines: readonly string[]; readonly files: Record<string, string> }> {
  return {
    lines: [
      `FROM ${await baseImage('busybox')} AS deps`,
      `RUN sleep 1 && echo ${fresh()} > /id`,
      'COPY lock.txt /lock.txt',
      'RUN sleep 1.5 && cp /lock.txt /installed',
      'FROM deps AS test',
      'COPY src /src',
      'RUN grep -q fine /src/app.txt',
      'FROM deps AS production',
      'ARG CHANNEL=stable',
      'COPY src /src',
      'RUN echo $CHANNEL > /channel'
    ],
    files: {
      'lock.txt': '1',
      'src/app.txt': 'fine',
      'src/deep/other.txt': 'x',
      'notes.txt': 'n',
      '.dockerignore': '*.log\n'
    }
  }
}

type Told = StepResult & {
  readonly why: Readonly<Record<string, Explanation>>
  readonly saved?: Saving
  readonly since?: string
}

/** Pushes are of commits of their own, so that each keeps a baseline. */
let commits = 0

async function build(
  workspace: Workspace,
  lines: readonly string[],
  {
    inputs = {},
    event,
    env = {},
    exitCode = 0
  }: {
    inputs?: Record<string, string>
    event?: ReturnType<typeof pullRequestEvent>
    env?: Readonly<Record<string, string | undefined>>
    exitCode?: number
  } = {}
): Promise<Told> {
  commits += 1
  await workspace.write({ Dockerfile: `${lines.join('\n')}\n` })
  const scope = event === undefined ? 'refs/heads/main' : 'refs/pull/12/merge'
  const result = await workspace.run(
    { 'test-target': 'test', target: 'production', 'report-name': 'explained', ...inputs },
    {
      env: {
        ...cache.environment({ write: scope, read: [scope, 'refs/heads/main'] }),
        GITHUB_SHA: commits.toString(16).padStart(40, '0'),
        ...env
      },
      ...(event === undefined ? {} : { event })
    }
  )
  expectExit(result, exitCode)
  const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as {
    stages: { name: string; why?: Explanation }[]
    cache: { saved?: Saving; comparedWith?: string }
  }
  const { saved, comparedWith } = report.cache
  return {
    ...result,
    why: Object.fromEntries(report.stages.flatMap(({ name, why }) => (why === undefined ? [] : [[name, why]]))),
    ...(saved === undefined ? {} : { saved }),
    ...(comparedWith === undefined ? {} : { since: comparedWith })
  }
}

const causes = ({ why }: Told): Record<string, Cause> =>
  Object.fromEntries(Object.entries(why).map(([stage, { cause }]) => [stage, cause]))

long.test('one change at a time on a builder that remembers', async () => {
  const { lines, files } = await project()
  await using workspace = await startWorkspace(files)
  const change = (from: string, to: string): readonly string[] => lines.map((line) => line.replace(from, to))

  const first = await build(workspace, lines)
  expect(first.saved).toBeUndefined()
  expect(first.since).toBeUndefined()
  expect(causes(first).deps).toEqual({ kind: 'cold' })
  expect(cache.entries).toHaveLength(1)

  // Nothing changed: nothing to explain, and all of it saved.
  const event = pullRequestEvent()
  const same = await build(workspace, lines, { event })
  expect(same.why).toEqual({})
  expect(same.since).toBe(`main @ ${'0'.repeat(7)}`)
  expect(same.saved?.unknownSteps).toBe(0)
  expect(same.saved?.seconds).toBeGreaterThan(2.5)
  expect(same.saved?.stepSeconds).toBeGreaterThanOrEqual(same.saved?.seconds ?? Infinity)
  expect(same.summary).toMatch(/6 of 6 steps cached, about [\d.]+\u00a0s saved/)
  expect(same.summary).not.toContain('What broke the cache')

  // A source file: both stages copy it. What no step copies is of no interest.
  await workspace.write({ 'src/app.txt': 'fine again', 'src/new.txt': 'n', 'notes.txt': 'other', 'a.log': 'ignored' })
  const code = await build(workspace, lines, { event })
  const changed = [
    { path: 'src/app.txt', how: 'changed' },
    { path: 'src/new.txt', how: 'added' }
  ]
  expect(causes(code)).toEqual({
    test: { kind: 'files', changed, more: 0 },
    production: { kind: 'files', changed, more: 0 }
  })
  expect(code.saved?.seconds).toBeGreaterThan(2.5)
  expect(code.summary).toContain('**What broke the cache** since main @ `0000000`')
  const [line = ''] = code.summary.split('\n').filter((each) => each.includes('`src/new.txt` (new) changed'))
  for (const told of ['**`test`**', '**`production`**', '`COPY src /src`: `src/app.txt` and'])
    expect(line).toContain(told)

  // The same when the test is red.
  await workspace.write({ 'src/app.txt': 'broken' })
  const red = await build(workspace, lines, { event, exitCode: 1 })
  expect(red.outputs.gate).toBe('failed')
  expect(causes(red).test).toEqual({ kind: 'files', changed, more: 0 })
  expect(red.summary).toContain('What ran, and why it was not cached')
  await workspace.write({ 'src/app.txt': 'fine' })

  // An instruction, once the new file is the baseline's.
  await build(workspace, lines)
  const instructed = await build(workspace, change('grep -q fine', 'grep -cq fine'), { event })
  expect(causes(instructed)).toEqual({
    test: { kind: 'instruction', before: 'RUN grep -q fine /src/app.txt', after: 'RUN grep -cq fine /src/app.txt' }
  })

  // A build argument: its name is told, its value is not.
  const argument = await build(workspace, lines, { event, inputs: { 'build-args': 'CHANNEL=nightly-7' } })
  expect(causes(argument)).toEqual({ production: { kind: 'argument', names: ['CHANNEL'] } })
  expect(argument.summary).toContain('the build argument `CHANNEL` has another value')

  // What was asked for needs no other reason.
  const asked = await build(workspace, lines, { event, inputs: { 'test-cache': 'rerun' } })
  // The step that both stages share may go by the name of the other.
  expect(causes(asked).test).toEqual({ kind: 'asked', by: 'test-cache' })
  expect(new Set(Object.values(causes(asked)).map(({ kind }) => kind))).toEqual(new Set(['asked']))

  // A stage follows what it is built from.
  const parent = await build(workspace, change('sleep 1.5', 'sleep 1.2'), { event })
  expect(causes(parent).deps).toMatchObject({ kind: 'instruction', before: expect.stringContaining('sleep 1.5') })
  expect(causes(parent).test).toMatchObject({ kind: 'parent', step: { stage: 'deps' } })
  expect(causes(parent).production).toMatchObject({ kind: 'parent', step: { stage: 'deps' } })
  expect(parent.why.deps?.seconds).toBeGreaterThan(1.1)
  expect(parent.summary).toMatch(/`(?:test|production)` and `(?:test|production)` had to follow/)
})

long.test('a base image that moved', async () => {
  const base = freshRepository()
  const publishBase = async (): Promise<void> => {
    await using folder = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')}\nRUN echo ${fresh()} > /x\n`
    })
    await run('docker', ['buildx', 'build', '--push', '--provenance=false', '-t', `${base.reference}:1`, folder.folder])
  }
  await publishBase()
  const lines = [
    `FROM ${base.reference}:1 AS base`,
    `RUN echo ${fresh()} > /id`,
    'FROM base AS test',
    'RUN test -s /id'
  ]
  await using workspace = await startWorkspace({})
  const given = { inputs: { 'report-name': 'moved', target: '' } }
  await build(workspace, lines, given)
  await publishBase()
  const moved = await build(workspace, lines, { ...given, event: pullRequestEvent() })
  const { kind, before = '', after = '' } = causes(moved).base as Extract<Cause, { kind: 'base' }>
  expect(kind).toBe('base')
  const reference = new RegExp(`^${base.reference}:1@sha256:[0-9a-f]{64}$`)
  expect(before).toMatch(reference)
  expect(after).toMatch(reference)
  expect(after).not.toBe(before)
  expect(causes(moved).test).toMatchObject({ kind: 'parent' })
})

long.test('a run of the gate alone keeps its record apart from the image of the same commit', async () => {
  const { lines, files } = await project()
  await using workspace = await startWorkspace(files)
  const before = cache.entries.length
  const inputs = { 'report-name': 'gate-only', target: '' }
  await build(workspace, lines, { inputs })
  expect(cache.entries).toHaveLength(before + 1)
  const again = await build(workspace, lines, { inputs, event: pullRequestEvent() })
  expect(again.saved?.seconds).toBeGreaterThan(2.5)
  expect(again.summary).toContain('saved')
  // The image of the last stage has a series of its own.
  await build(workspace, lines, { inputs: { ...inputs, 'test-target': '' } })
  expect(cache.entries).toHaveLength(before + 2)
})

long.test('what a step reads beside the files that it copies', async () => {
  const id = fresh()
  let download = 'first'
  await using server = await startServer(() => download)
  const base = await baseImage('busybox')
  const dockerfile = ({ command = 'one', config = 'one', path = 'tool' } = {}): readonly string[] => [
    `FROM ${base} AS base`,
    `RUN echo ${id} > /id`,
    'FROM base AS script',
    'RUN <<EOF',
    'echo always',
    `echo ${command} > /script`,
    'EOF',
    'FROM base AS config',
    'COPY <<EOF /etc/app.conf',
    `value=${config}`,
    'EOF',
    'FROM base AS bound',
    'RUN --mount=type=bind,source=src,target=/in cat /in/app.txt > /bound',
    'FROM base AS fetched',
    `ADD ${server.address}/${path} /tool`,
    'FROM base AS twin',
    'COPY src /src',
    'RUN echo twin > /who',
    'FROM base AS other',
    'COPY src /src',
    'RUN echo other > /who',
    'FROM base AS production',
    ...['script', 'config', 'bound', 'fetched', 'twin', 'other'].map((stage) => `COPY --from=${stage} /id /${stage}`)
  ]
  await using workspace = await startWorkspace({
    ...{ 'src/app.txt': id, 'src/debug.log': '1', 'secret.log': '1' },
    '.dockerignore': '# not for the image\n**/*.log\n'
  })
  const given = { inputs: { 'report-name': 'reads', 'test-target': '' } }
  const event = pullRequestEvent()
  await build(workspace, dockerfile(), given)

  // What is ignored is not sent, and cannot be the reason of anything.
  await workspace.write({ 'src/debug.log': '2', 'secret.log': '2' })
  expect(causes(await build(workspace, dockerfile(), { ...given, event }))).toEqual({})

  const script = await build(workspace, dockerfile({ command: 'two' }), { ...given, event })
  expect(causes(script)).toEqual({ script: expect.objectContaining({ kind: 'instruction' }) })
  const config = await build(workspace, dockerfile({ config: 'two' }), { ...given, event })
  expect(causes(config)).toEqual({ config: expect.objectContaining({ kind: 'instruction' }) })

  // The mount and two stages that share a step read the same file.
  await workspace.write({ 'src/app.txt': `${id} 2`, 'src/debug.log': '3' })
  const files = { kind: 'files', changed: [{ path: 'src/app.txt', how: 'changed' }], more: 0 }
  const bound = await build(workspace, dockerfile(), { ...given, event })
  expect(causes(bound)).toEqual({ bound: files, twin: files, other: files })
  await workspace.write({ 'src/app.txt': id })

  // Nobody recorded what an address held.
  download = 'second'
  const fetched = await build(workspace, dockerfile(), { ...given, event })
  expect(causes(fetched)).toEqual({ fetched: { kind: 'unknown', reason: 'source-unread' } })
  expect(fetched.why.fetched?.certainty).toBe('unknown')
  expect(fetched.summary).toContain('not known, as it reads something from outside the build context')
  const moved = await build(workspace, dockerfile({ path: 'tool-2' }), { ...given, event })
  expect(causes(moved).fetched).toMatchObject({ kind: 'instruction', before: expect.stringContaining('/tool /tool') })
})

test('a variable is named, and its value is kept nowhere', async () => {
  const lines = [
    `FROM ${await baseImage('busybox')} AS base`,
    `RUN echo ${fresh()} > /id`,
    'ARG CHANNEL TOKEN=none',
    'ENV PLACE=/srv/$TOKEN',
    'WORKDIR $PLACE/${CHANNEL%%-*}',
    'COPY app.txt ./$TOKEN/',
    'FROM base AS production',
    'RUN echo $TOKEN > /token'
  ]
  const values = [fresh('first-'), fresh('second-')] as const
  await using workspace = await startWorkspace({ 'app.txt': '1' })
  const given = (value: string) => ({
    inputs: { 'report-name': 'variables', 'test-target': '', 'build-args': `TOKEN=${value}\nCHANNEL=part${value}-1` }
  })
  const before = cache.entries.length
  await build(workspace, lines, given(values[0]))
  const other = await build(workspace, lines, { ...given(values[1]), event: pullRequestEvent() })
  expect(causes(other).base).toEqual({ kind: 'argument', names: ['CHANNEL', 'TOKEN'] })
  expect(other.why.base?.certainty).toBe('likely')
  expect(causes(other).production).toMatchObject({ kind: 'parent' })
  expect(other.summary).toContain('most likely the build arguments `CHANNEL` and `TOKEN` have other values')

  const kept = cache.entries.slice(before)
  expect(kept).toHaveLength(1)
  const { build: record } = JSON.parse(await unpacked(kept[0]!.blob)) as { build: string }
  expect(record).toContain('stagegate-build')
  expect(record).toContain('TOKEN')
  for (const value of values) expect(record).not.toContain(value.slice(0, -1))
  expect(JSON.stringify(other.why)).not.toContain(values[0])
})

test('no secret and no content of a file is in what is kept', async () => {
  const { lines, files } = await project()
  const [secret, content] = [fresh('secret-value-'), fresh('content-of-a-file-')]
  await using workspace = await startWorkspace({ ...files, 'src/data.txt': content, [`src/${secret}.txt`]: 'x' })
  const before = cache.entries.length
  await build(workspace, [...lines, `RUN echo ${secret}`], {
    inputs: {
      'report-name': 'kept',
      'leak-check': 'off',
      secrets: `token=${secret}`,
      'build-args': `CHANNEL=${secret}`
    }
  })
  const kept = cache.entries.slice(before)
  expect(kept).toHaveLength(1)
  const text = await unpacked(kept[0]!.blob)
  expect(text).toContain('stagegate-build')
  expect(text).toContain('data.txt')
  expect(text).not.toContain(secret)
  expect(text).not.toContain(content)
})

withEngine('a builder that starts empty', () => {
  let cold: Engine
  beforeAll(async () => {
    await baseImage('busybox')
    cold = await startEngine({ name: 'explain' })
  }, 300_000)
  afterAll(async () => {
    await cold[Symbol.asyncDispose]()
  })

  long.test('knows from the baseline what the registry cache saved, and why it did not more', async () => {
    const { lines, files } = await project()
    const registry = freshRepository()
    await using workspace = await startWorkspace(files)
    const inputs = { 'report-name': 'cold', 'cache-image': registry.reference }
    const event = pullRequestEvent()
    await build(workspace, lines, { inputs })

    const same = await build(workspace, lines, { inputs, event, env: cold.env })
    expect(same.why).toEqual({})
    expect(same.saved?.seconds).toBeGreaterThan(2.5)

    await workspace.write({ 'src/app.txt': 'fine too' })
    const code = await build(workspace, lines, { inputs, event, env: cold.env })
    expect(causes(code).test).toEqual({ kind: 'files', changed: [{ path: 'src/app.txt', how: 'changed' }], more: 0 })

    // A cache that can be read, but never had the dependencies: it is only likely that nobody had kept them.
    const strange = freshRepository().reference
    const { [0]: from = '' } = lines
    await using another = await startWorkspace({ Dockerfile: `${from}\nRUN echo ${fresh()} > /x\n` })
    const exported = `type=registry,ref=${strange}:1,mode=max`
    await run('docker', ['buildx', 'build', '--output', 'type=cacheonly', '--cache-to', exported, another.folder])
    const third = await startEngine({ name: 'evicted' })
    try {
      const given = { 'report-name': 'cold', 'cache-from': `type=registry,ref=${strange}:1` }
      const evicted = await build(workspace, lines, { inputs: given, event, env: third.env })
      expect(evicted.why.deps).toMatchObject({ cause: { kind: 'evicted' }, certainty: 'likely' })
      expect(causes(evicted).test).toMatchObject({ kind: 'parent' })
    } finally {
      await third[Symbol.asyncDispose]()
    }

    // Another cache, which has nothing: the sources are still what changed, the dependencies only were not there.
    const elsewhere = { ...inputs, 'cache-image': freshRepository().reference }
    const other = await startEngine({ name: 'other' })
    try {
      const empty = await build(workspace, lines, { inputs: elsewhere, event, env: other.env })
      expect(causes(empty).deps).toMatchObject({ kind: 'no-cache-found', result: 'missing' })
      expect(empty.why.deps?.certainty).toBe('likely')
      expect(empty.saved).toBeUndefined()
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })
})

/** Serves one text at every address, to this machine alone. */
async function startServer(text: () => string): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((_, response) => {
    response.setHeader('ETag', `"${text()}"`)
    response.end(text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** The text in an archive of the cache client. */
async function unpacked(archive: Buffer): Promise<string> {
  await using folder = await startWorkspace({ archive })
  const isZstd = archive.readUInt32LE(0) === 0xfd2fb528
  const { stdout } = await run('tar', [isZstd ? '--zstd' : '-z', '-xOPf', `${folder.folder}/archive`], {
    maxBuffer: 64 * 1024 * 1024
  })
  return stdout
}
