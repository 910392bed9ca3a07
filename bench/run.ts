/**
 * The whole warm run against the two plain calls it replaces: build the test stage, then build and push the target.
 * Both in turn, so that a machine that slows down slows both. Needs an engine: `eval "$(script/engine up)"`.
 *
 *     node bench/run.ts [RUNS]
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { repositoryRoot, startRunner } from '../__tests__/support/runner.ts'

const runs = Math.min(50, Number(process.argv[2] ?? 10))
const registry = process.env.STAGEGATE_REGISTRY ?? '127.0.0.1:5000'
const base = process.env.BENCH_BASE ?? `${registry}/base/busybox:1`

const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bench-'))
const runner = await startRunner()
try {
  await writeFile(path.join(folder, 'Dockerfile'), dockerfile())
  const tag = `${registry}/bench/run:1`
  const inputs = { target: 'production', 'test-target': 'test', tags: tag, push: 'true' }

  const action = async (): Promise<void> => {
    const { exitCode, log } = await runner.run({ with: inputs, cwd: folder })
    if (exitCode !== 0) throw new Error(log)
  }
  const plain = async (): Promise<void> => {
    await docker('--target', 'test', '--output', 'type=cacheonly')
    await docker('--target', 'production', '--tag', tag, '--push')
  }
  const startUp = (): Promise<void> =>
    command(process.execPath, [path.join(repositoryRoot, 'dist/index.js')], { STATE_isPost: 'true' })
  const bareNode = (): Promise<void> => command(process.execPath, ['--eval', '0'])

  await compare('a warm run', 'two plain buildx calls', action, plain)
  await compare('start of the bundle (post, nothing to do)', 'node with an empty program', startUp, bareNode)
} finally {
  await runner[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}

/** Times two things in turn after one round that does not count; prints medians, ratio and difference. */
async function compare(aName: string, bName: string, a: () => Promise<void>, b: () => Promise<void>): Promise<void> {
  const rows: { a: number; b: number }[] = []
  for (let round = 0; round <= runs; round += 1) {
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
  const start = performance.now()
  await body()
  return performance.now() - start
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((x, y) => x - y)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

function docker(...args: readonly string[]): Promise<void> {
  return command('docker', ['buildx', 'build', ...args, folder])
}

function command(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'ignore', env: { ...process.env, ...env } })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${file} ended with ${code ?? 'a signal'}`))
    })
  })
}

function dockerfile(): string {
  return `FROM ${base} AS base
RUN echo dependencies > /dependencies
FROM base AS test
RUN echo tested
FROM base AS production
RUN echo app > /app
CMD ["sh"]
`
}
