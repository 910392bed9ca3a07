/**
 * How long it takes to push an image of 1 GB in 12 layers to a registry on this machine: our own pusher against
 * `docker push` and, where it is installed, `skopeo copy`. The registry is new for each measurement and the ways take
 * turns, so that a machine that slows down slows all: compare, don't quote. Needs an engine: `eval "$(script/engine up)"`.
 *
 *     node bench/push.ts [ROUNDS] [MEGABYTES]
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startRegistry } from '../__tests__/support/engine.ts'
import { docker, median } from './lib/docker.ts'

const run = promisify(execFile)
const rounds = Math.min(20, Number(process.argv[2] ?? 3))
const megabytes = Number(process.argv[3] ?? 1022)
const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-push-bench-'))
const layout = path.join(folder, 'layout')
const compiled = path.join(folder, 'src')
const tag = `stagegate-bench-push:${process.pid}`

/** Milliseconds of what runs. */
async function timed(body: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}

/** Our pusher in a process of its own, for its memory. */
async function pushOurs(reference: string): Promise<{ milliseconds: number; peak: number }> {
  const { stdout } = await run(process.execPath, [
    path.join(import.meta.dirname, 'lib/push.mjs'),
    compiled,
    layout,
    reference
  ])
  const [milliseconds = NaN, peak = NaN] = stdout.trim().split(' ').map(Number)
  return { milliseconds, peak }
}

/** Node alone does not take all of TypeScript, and compiling as we go would count as our memory. */
async function compile(): Promise<void> {
  const root = path.join(import.meta.dirname, '..')
  const flags = ['--noEmit', 'false', '--noCheck', '--outDir', compiled, '--rootDir', path.join(root, 'src')]
  await run(process.execPath, [path.join(root, 'node_modules/.bin/tsc'), '-p', path.join(root, 'src'), ...flags])
  await writeFile(path.join(compiled, 'package.json'), '{"type":"module"}')
  await symlink(path.join(root, 'node_modules'), path.join(compiled, 'node_modules'))
}

const hasSkopeo = await run('skopeo', ['--version']).then(
  () => true,
  () => false
)
try {
  await compile()
  const files = Array.from({ length: 12 }, (_, at) => `layer-${at}`)
  for (const file of files) await writeFile(path.join(folder, file), randomBytes(Math.round((megabytes * 1e6) / 12)))
  await writeFile(
    path.join(folder, 'Dockerfile'),
    ['FROM scratch', ...files.map((file) => `COPY ${file} /`)].join('\n')
  )
  const build = ['buildx', 'build', '--provenance=false', '--tag', tag]
  await docker(process.env, [...build, '--output', `type=oci,tar=false,dest=${layout}`, folder])
  await docker(process.env, [...build, '--load', folder])

  const ours: number[] = []
  const peaks: number[] = []
  const engines: number[] = []
  const skopeos: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    {
      await using registry = await startRegistry()
      const { milliseconds, peak } = await pushOurs(`${registry.address}/app:1`)
      ours.push(milliseconds)
      peaks.push(peak)
    }
    {
      await using registry = await startRegistry()
      const reference = `${registry.address}/app:1`
      await docker(process.env, ['tag', tag, reference])
      engines.push(await timed(() => docker(process.env, ['push', '--quiet', reference])))
      await docker(process.env, ['image', 'rm', reference])
    }
    if (hasSkopeo) {
      await using registry = await startRegistry()
      const target = `docker://${registry.address}/app:1`
      const flags = ['--insecure-policy', 'copy', '--quiet', '--dest-tls-verify=false']
      skopeos.push(await timed(() => run('skopeo', [...flags, `oci:${layout}`, target])))
    }
  }
  const line = (name: string, values: readonly number[]): void => {
    if (values.length === 0) return
    const ratio = (median(ours) / median(values)).toFixed(2)
    console.log(`${name.padEnd(14)} ${median(values).toFixed(0).padStart(7)} ms   ours is ${ratio} of it`)
  }
  line('ours', ours)
  line('docker push', engines)
  line('skopeo copy', skopeos)
  console.log(`peak memory of ours: ${(Math.max(...peaks) / 1e6).toFixed(0)} MB`)
} finally {
  await docker(process.env, ['image', 'rm', '--force', tag]).catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
}
