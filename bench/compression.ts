/**
 * How the layer cache should be compressed: seconds to write it, bytes in the registry, seconds until a code change is built
 * on an empty builder that reads it, and what it does to an image that is pushed beside it. A new engine and a new registry
 * for each measurement, the variants in turn, so that a machine that slows down slows all: compare, don't quote.
 * Needs an engine: `eval "$(script/engine up)"`, as root on Debian.
 *
 *     node bench/compression.ts [ROUNDS] [fastapi|mixed]
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import {
  registryManifest,
  startEngine,
  startRegistry,
  type EngineEnv,
  type Registry
} from '../__tests__/support/engine.ts'
import { docker, median } from './lib/docker.ts'
import { pythonBases, startFastapi } from './lib/fastapi.ts'

const rounds = Math.min(20, Number(process.argv[2] ?? 3))
const only = process.argv[3]

/** Attributes of `--cache-to`. */
const variants: Readonly<Record<string, string>> = {
  gzip: '',
  'zstd, not forced': ',compression=zstd',
  'zstd level 0': ',compression=zstd,compression-level=0,force-compression=true',
  'zstd level 3': ',compression=zstd,compression-level=3,force-compression=true'
}

/** The generated stage that makes one solve of both; docs/how-the-gate-works.md. */
const GATE = [
  'FROM scratch AS gate',
  'COPY --from=test /zz-no-such-file-* /test/',
  'COPY --from=production /zz-no-such-file-* /production/'
]

type Project = AsyncDisposable & {
  readonly name: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly flags: readonly string[]
  readonly change: (round: string) => Promise<void>
}

type Row = {
  /** Seconds to write the cache, after the image was packed for its inspection, as in the action. */
  readonly write: number
  /** Bytes in the registry after that. */
  readonly cache: number
  /** Bytes that the image brought on top when it was pushed into the same registry. */
  readonly image: number
  /** Seconds of a build on an empty builder after a change of the code. */
  readonly read: number
  /** How the image's layers are compressed: pushed by the builder that wrote the cache, and by the one that read it. */
  readonly layers: readonly [string, string]
}

const projects = { mixed: startMixed, fastapi: startExample }
for (const [name, start] of Object.entries(projects)) {
  if (only === undefined || name === only) {
    await using project = await start()
    await measure(project)
  }
}

async function measure(project: Project): Promise<void> {
  const rows = new Map<string, Row[]>(Object.keys(variants).map((name) => [name, []]))
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, attributes] of Object.entries(variants)) {
      const row = await measureVariant(project, attributes, `${round} ${name}`)
      console.log(`  ${project.name}, round ${round}, ${name}: ${JSON.stringify(row)}`)
      rows.get(name)?.push(row)
    }
  }
  const base = rows.get('gzip') ?? []
  console.log(`${project.name} (medians of ${rounds} rounds; in brackets the ratio to gzip)`)
  for (const [name, measured] of rows) {
    const tell = (of: (row: Row) => number, unit: 's' | 'MB'): string => {
      const ratio = median(measured.map((row, index) => of(row) / of(base[index] ?? row)))
      const value = median(measured.map(of))
      return `${unit === 's' ? `${value.toFixed(1)} s` : `${(value / 1e6).toFixed(1)} MB`} (${ratio.toFixed(2)})`
    }
    console.log(
      [
        `  ${name}: write ${tell((row) => row.write, 's')}`,
        `cache ${tell((row) => row.cache, 'MB')}`,
        `with the image ${tell((row) => row.cache + row.image, 'MB')}`,
        `read ${tell((row) => row.read, 's')}`,
        `layers ${measured.at(-1)?.layers.join(', then ') ?? ''}`
      ].join('; ')
    )
  }
}

async function measureVariant(project: Project, attributes: string, round: string): Promise<Row> {
  await using registry = await startRegistry()
  const cache = `type=registry,ref=${registry.address}/cache:1`
  const gate = ['--target', 'gate', '--output', 'type=cacheonly']
  const production = ['--target', 'production', '--provenance', 'false', '--output']
  const push = [...production, `type=image,name=${registry.address}/image:1,push=true,oci-mediatypes=true`]
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bench-'))
  try {
    await project.change(`${round}, before`)
    const written = await onNewEngine(async (engine) => {
      await build(project, engine, ...gate)
      await build(project, engine, ...production, `type=oci,tar=false,dest=${folder}/layout`)
      const cacheTo = `${cache},mode=max,image-manifest=true,oci-mediatypes=true${attributes}`
      const write = await build(project, engine, ...gate, '--cache-to', cacheTo)
      const bytes = await bytesIn(registry)
      await build(project, engine, ...push)
      return { write, cache: bytes, image: (await bytesIn(registry)) - bytes, layers: await layersOf(registry) }
    })
    await project.change(`${round}, after`)
    return await onNewEngine(async (engine) => {
      const read = await build(project, engine, ...gate, '--cache-from', cache)
      await build(project, engine, ...push, '--cache-from', cache)
      return { ...written, read, layers: [written.layers, await layersOf(registry)] }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function onNewEngine<T>(body: (env: EngineEnv) => Promise<T>): Promise<T> {
  await using engine = await startEngine({ name: 'bench' })
  return await body(engine.env) // the engine goes when this function returns
}

/** Seconds of one `docker buildx build`. */
async function build(project: Project, engine: EngineEnv, ...args: readonly string[]): Promise<number> {
  const start = performance.now()
  const env = { ...process.env, ...project.env, ...engine }
  await docker(env, ['buildx', 'build', ...project.flags, ...args, project.folder])
  return (performance.now() - start) / 1000
}

/** Bytes of all blobs that a registry keeps. */
async function bytesIn({ storage }: Registry): Promise<number> {
  const files = await readdir(path.join(storage, 'docker/registry/v2/blobs'), { recursive: true, withFileTypes: true })
  const sizes = files
    .filter((file) => file.name === 'data')
    .map(async (file) => (await stat(path.join(file.parentPath, file.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function layersOf(registry: Registry): Promise<string> {
  const manifest = await registryManifest(registry, 'image', '1')
  return (manifest?.layers ?? []).map(({ mediaType }) => mediaType.replace(/.*\+/, '')).join(' ')
}

/** Libraries, native ones too, that tests and image share, and more for the tests alone, random bytes too. */
async function startMixed(): Promise<Project> {
  const [, slim] = await pythonBases()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bench-'))
  const lines = [
    `FROM ${slim} AS deps`,
    'RUN cp -a /usr/lib/python3.11 /opt/packages && cp -a /usr/lib/x86_64-linux-gnu /opt/native',
    'FROM deps AS test',
    'RUN cp -a /usr/lib/python3.11 /opt/tools && head -c 20000000 /dev/urandom > /opt/random',
    'COPY code.txt /code.txt',
    'RUN ls /opt/packages > /tested',
    `FROM ${slim} AS production`,
    'COPY --from=deps /opt/packages /opt/packages',
    'COPY code.txt /code.txt',
    'RUN ls /opt/packages > /made',
    ...GATE
  ]
  await writeFile(path.join(folder, 'Dockerfile'), lines.join('\n'))
  return {
    ...{ name: 'mixed', folder, env: {}, flags: [] },
    change: (round) => writeFile(path.join(folder, 'code.txt'), round),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  }
}

async function startExample(): Promise<Project> {
  const example = await startFastapi()
  const { service, flags, env } = example
  const { folder } = service.checkout
  const dockerfile = await readFile(path.join(folder, 'Dockerfile'), 'utf8')
  await writeFile(path.join(folder, 'Dockerfile'), `${dockerfile}\n${GATE.join('\n')}\n`)
  const main = await readFile(path.join(folder, 'app/main.py'), 'utf8')
  return {
    ...{ name: 'examples/fastapi', folder, flags, env },
    change: (round) => writeFile(path.join(folder, 'app/main.py'), `# Round ${round}.\n${main}`),
    [Symbol.asyncDispose]: () => example[Symbol.asyncDispose]()
  }
}
