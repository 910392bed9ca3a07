/**
 * The whole run against the plain calls that it replaces, in turn, so that a machine that slows down slows both:
 *
 * - `warm`: a tiny image, against building the test stage, then building and pushing the target;
 * - `everything`: the same with an SSH key, a secret, a layer cache, a cache mount, a baseline and 20 MB in the image;
 * - `gate`: tests of 6 s and an image of 110 MB that is made and packed meanwhile, inspected and not pushed, against the
 *   tests alone;
 * - `start`: a post with nothing to do, and a step that is refused for an input, against an empty program;
 * - `drivers`: `warm` for each kind of builder and store, each against the plain calls to the same one.
 *
 * Needs an engine, `eval "$(script/engine up)"`, and `npm run build`.
 *
 *     node bench/run.ts [ROUNDS] [warm|everything|gate|start|drivers]
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { CacheService } from '../__tests__/baseline/support/cache-service.ts'
import { sharedEngine, startEngine, startProxyBuilder } from '../__tests__/support/engine.ts'
import { repositoryRoot, startRunner, type StepOptions } from '../__tests__/support/runner.ts'
import { median } from './lib/docker.ts'

const rounds = Math.min(50, Number(process.argv[2] ?? 10))
const only = process.argv[3]
const registry = process.env.STAGEGATE_REGISTRY ?? '127.0.0.1:5000'
const base = process.env.BENCH_BASE ?? `${registry}/base/busybox:1`
const tag = `${registry}/bench/run:1`
const built = { target: 'production', 'test-target': 'test', tags: tag }
const pushed = { ...built, push: 'true' }

const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bench-'))
const runner = await startRunner()
const service = await CacheService.start()
const benches = { warm, everything, gate, start, drivers }
try {
  for (const [name, bench] of Object.entries(benches)) if (only === undefined || only === name) await bench()
} finally {
  await service[Symbol.asyncDispose]()
  await runner[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}

async function warm(): Promise<void> {
  await writeTiny()
  await compare('a warm run', 'two plain buildx calls', () => act(pushed), twoCalls([]))
}

function writeTiny(): Promise<void> {
  return writeDockerfile('FROM base AS test', 'RUN echo tested', 'FROM base AS production', 'RUN echo app > /app')
}

async function drivers(): Promise<void> {
  await writeTiny()
  await using classic = await startEngine({ store: 'classic' })
  await using old = await startEngine({ release: 'old' })
  await using remote = await startProxyBuilder({ env: sharedEngine() })
  const kinds: readonly (readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>])[] = [
    ['docker, containerd store', {}, {}],
    ['docker, classic store', { builder: 'default' }, classic.env],
    ['docker, containerd store, the old release', {}, old.env],
    ['remote', { builder: remote.name }, {}]
  ]
  for (const [kind, inputs, env] of kinds) {
    const flags = Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value])
    await compare(kind, 'two plain buildx calls', () => act({ ...pushed, ...inputs }, env), twoCalls(flags, env))
  }
}

async function everything(): Promise<void> {
  const key = path.join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key])
  const mount = '--mount=type=cache,target=/cache'
  await writeDockerfile(
    'FROM base AS deps',
    `RUN ${mount} --mount=type=secret,id=token --mount=type=ssh head -c 20000000 /dev/urandom | tee /cache/kept > /dependencies`,
    'FROM deps AS test',
    `RUN ${mount} test -s /cache/kept`,
    'FROM deps AS production',
    'RUN echo app > /app'
  )
  const inputs = {
    ...pushed,
    ...{ 'ssh-private-key': await readFile(key, 'utf8'), secrets: 'token=a-secret-of-the-bench' },
    'cache-image': `${registry}/bench/run-cache`
  }
  const main = 'refs/heads/main'
  const env = { ...service.environment({ write: main, read: [main] }), GITHUB_REF_NAME: 'main' }
  let run = 0
  // Each run keeps its own baseline, as on GitHub.
  const next = (): StepOptions['env'] => ({ ...env, GITHUB_RUN_ID: String((run += 1)) })
  const flags = ['--ssh', `default=${key}`, '--secret', 'id=token,env=BENCH_TOKEN']
  await compare('everything on, warm', 'two plain buildx calls', () => act(inputs, next()), twoCalls(flags))
}

async function gate(): Promise<void> {
  await writeDockerfile(
    'FROM base AS test',
    'ARG ROUND',
    'RUN sleep 6',
    'FROM base AS production',
    'ARG ROUND',
    'RUN head -c 110000000 /dev/urandom > /app'
  )
  let round = 0
  const next = (): string => `ROUND=${Date.now()}-${(round += 1)}`
  const alone = (): Promise<void> => docker(['--target', 'test', '--output', 'type=cacheonly', '--build-arg', next()])
  await compare('gate of 6 s and image', 'the gate alone', () => act({ ...built, 'build-args': next() }), alone)
}

async function start(): Promise<void> {
  const bundle = (entry: string, env: Readonly<Record<string, string>> = {}): Promise<void> =>
    command(process.execPath, [path.join(repositoryRoot, 'dist', entry)], { RUNNER_TEMP: folder, ...env }, [0, 1])
  const empty = (): Promise<void> => command(process.execPath, ['--eval', '0'])
  await compare('a post with nothing to do', 'an empty program', () => bundle('post/index.js'), empty)
  await compare(
    'a step that is refused',
    'an empty program',
    () => bundle('index.js', { INPUT_PUSH: 'perhaps' }),
    empty
  )
}

async function act(inputs: StepOptions['with'], env: StepOptions['env'] = {}): Promise<void> {
  const { exitCode, log } = await runner.run({ with: inputs, cwd: folder, env })
  if (exitCode !== 0) throw new Error(log)
}

function twoCalls(flags: readonly string[], env: Readonly<Record<string, string>> = {}): () => Promise<void> {
  return async () => {
    await docker(['--target', 'test', '--output', 'type=cacheonly', ...flags], env)
    await docker(['--target', 'production', '--tag', tag, '--push', ...flags], env)
  }
}

/** Times two things in turn after one round that does not count; prints medians, ratio and difference. */
async function compare(aName: string, bName: string, a: () => Promise<void>, b: () => Promise<void>): Promise<void> {
  const rows: { a: number; b: number }[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const row = { a: await time(a), b: await time(b) }
    if (round > 0) rows.push(row)
  }
  const aTime = median(rows.map((row) => row.a))
  const bTime = median(rows.map((row) => row.b))
  const ratio = median(rows.map((row) => row.a / row.b))
  const extra = median(rows.map((row) => row.a - row.b))
  console.log(`${aName}: ${aTime.toFixed(0)} ms; ${bName}: ${bTime.toFixed(0)} ms`)
  console.log(`  ratio ${ratio.toFixed(2)}, extra ${extra.toFixed(0)} ms (medians of ${rows.length} pairs)`)
}

async function time(body: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await body()
  return performance.now() - begin
}

function docker(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  return command('docker', ['buildx', 'build', ...args, folder], { BENCH_TOKEN: 'a-secret-of-the-bench', ...env })
}

function command(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  expected: readonly number[] = [0]
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'ignore', env: { ...process.env, ...env } })
    child.once('error', reject)
    child.once('close', (code) => {
      if (expected.includes(code ?? -1)) resolve()
      else reject(new Error(`${file} ended with ${code ?? 'a signal'}`))
    })
  })
}

function writeDockerfile(...lines: readonly string[]): Promise<void> {
  const text = [`FROM ${base} AS base`, 'RUN echo dependencies > /etc/dependencies', ...lines, 'CMD ["sh"]', '']
  return writeFile(path.join(folder, 'Dockerfile'), text.join('\n'))
}
