/**
 * How long an empty builder takes to find that everything is in a registry cache, by the shape of the Dockerfile: the same
 * commands as one chain of RUN instructions, in four stages, and in four instructions. Nothing runs and nothing is fetched but
 * the cache's own records. A new engine for each measurement.
 *
 * Needs an engine, `eval "$(script/engine up)"`, as root on Debian.
 *
 *     node --import ./bench/lib/register.mjs bench/chain.ts [COMMANDS]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { startEngine, type Engine } from '../__tests__/support/engine.ts'
import { docker } from './lib/docker.ts'

const count = Math.min(60, Number(process.argv[2] ?? 40))
const registry = process.env.STAGEGATE_REGISTRY ?? '127.0.0.1:5000'
const from = `FROM ${process.env.BENCH_BASE ?? `${registry}/base/busybox:1`}`
const commands = Array.from({ length: count }, (_, index) => `echo ${index} > /${index}`)
const fourths = [0, 1, 2, 3].map((part) => commands.filter((_, index) => index % 4 === part))

const shapes: Readonly<Record<string, readonly string[]>> = {
  'one chain': [from, ...commands.map((command) => `RUN ${command}`)],
  'half of the chain': [from, ...commands.slice(count / 2).map((command) => `RUN ${command}`)],
  'four stages': [
    ...fourths.flatMap((part, index) => [`${from} AS s${index}`, ...part.map((command) => `RUN ${command}`)]),
    from,
    ...fourths.map((_, index) => `COPY --from=s${index} / /s${index}`)
  ],
  'four instructions': [from, ...fourths.map((part) => `RUN <<END\n${part.join('\n')}\nEND`)]
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bench-chain-'))
try {
  for (const [name, lines] of Object.entries(shapes)) {
    await writeFile(path.join(folder, 'Dockerfile'), `${lines.join('\n')}\n`)
    const cache = `type=registry,ref=${registry}/bench/chain:${name.replaceAll(' ', '-')}`
    const build = ['buildx', 'build', '--quiet', '--output', 'type=cacheonly', folder]
    await onNewEngine((env) => docker(env, [...build, '--cache-to', `${cache},mode=max`]))
    const seconds = await onNewEngine(async (env) => {
      const start = performance.now()
      await docker(env, [...build, '--cache-from', cache])
      return (performance.now() - start) / 1000
    })
    console.log(`${name}, ${count} commands: ${seconds.toFixed(1)} s`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function onNewEngine<T>(body: (env: Engine['env'] & NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  await using engine = await startEngine({ name: 'bench' })
  return await body({ ...process.env, ...engine.env }) // the engine goes when this function returns
}
