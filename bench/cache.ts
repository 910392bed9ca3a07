/**
 * A code change on a runner that starts empty, with a warm registry cache: the action against two hand-written calls
 * (tests, then target, each with a cache reference of its own) and against no cache. A new engine for each measurement,
 * all in turn, so that a machine that slows down slows all. Needs an engine: `eval "$(script/engine up)"`, as root on Debian.
 *
 *     node bench/cache.ts [ROUNDS] [fastapi|stages]
 */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startEngine, type Engine } from '../__tests__/support/engine.ts'
import { repositoryRoot, startRunner, type StepOptions } from '../__tests__/support/runner.ts'
import { startService } from '../script/lib/demo/service.ts'

const run = promisify(execFile)
const rounds = Math.min(20, Number(process.argv[2] ?? 3))
const only = process.argv[3]

/** A project, how it is built, and a change to its code. */
type Project = AsyncDisposable & {
  readonly name: string
  readonly folder: string
  /** Repository for images and caches. */
  readonly image: string
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** What the hand-written calls need of it. */
  readonly flags: readonly string[]
  readonly change: (round: number) => Promise<void>
}

for (const start of [startFastapi, startStages]) {
  if (only === undefined || start.name.toLowerCase().includes(only)) {
    await using project = await start()
    await measure(project)
  }
}

async function measure(project: Project): Promise<void> {
  await using runner = await startRunner()
  const { image, inputs, folder, env, flags } = project
  let phases: readonly { readonly name: string; readonly seconds: number }[] = []
  const action = async (engine: Partial<Engine['env']>, more: StepOptions['with']): Promise<number> => {
    const start = performance.now()
    const step = await runner.run({ cwd: folder, with: { ...inputs, ...more }, env: { ...env, ...engine } })
    const seconds = (performance.now() - start) / 1000
    if (step.exitCode !== 0) throw new Error(step.log.slice(-5000))
    const report: unknown = JSON.parse(await readFile(step.outputs.report ?? '', 'utf8'))
    phases = (report as { readonly seconds: { readonly phases: typeof phases } }).seconds.phases
    return seconds
  }
  const build = async (engine: Partial<Engine['env']>, ...args: readonly string[]): Promise<number> => {
    const start = performance.now()
    await docker({ ...process.env, ...env, ...engine }, ['buildx', 'build', ...flags, ...args, folder])
    return (performance.now() - start) / 1000
  }
  const reference = (stage: string): string => `type=registry,ref=${image}-by-hand:${stage}`
  const byHand = async (engine: Partial<Engine['env']>) => {
    const from = ['test', 'production'].flatMap((stage) => ['--cache-from', reference(stage)])
    const to = (stage: string): readonly string[] => ['--cache-to', `${reference(stage)},mode=max,image-manifest=true`]
    return {
      gate: await build(engine, '--target', 'test', ...from, ...to('test'), '--output', 'type=cacheonly'),
      target: await build(
        engine,
        '--target',
        'production',
        ...from,
        ...to('production'),
        '--tag',
        `${image}:hand`,
        '--push'
      )
    }
  }
  const cold = async <T>(body: (env: Engine['env']) => Promise<T>): Promise<T> => {
    await using engine = await startEngine({ name: 'bench' })
    return await body(engine.env) // the engine goes when this function returns
  }
  const cached = { 'cache-image': `${image}-cache` }

  await action({}, cached)
  await byHand({}) // on the engine that has it all: credentials are needed by the first build alone
  const rows: Record<'action' | 'hand' | 'gate' | 'target' | 'none', number>[] = []
  for (let round = 1; round <= rounds; round += 1) {
    await project.change(round)
    const ours = await cold((engine) => action(engine, cached))
    const told = phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`).join(', ')
    console.log(`  round ${round}: the action ${ours.toFixed(1)} s (${told})`)
    const theirs = await cold(byHand)
    const none = await cold((engine) => action(engine, {}))
    console.log(
      `  round ${round}: by hand ${theirs.gate.toFixed(1)} + ${theirs.target.toFixed(1)} s, without a cache ${none.toFixed(1)} s`
    )
    rows.push({ action: ours, hand: theirs.gate + theirs.target, ...theirs, none })
  }
  const column = (name: keyof (typeof rows)[number]): number => median(rows.map((row) => row[name]))
  const text = (name: keyof (typeof rows)[number]): string => `${column(name).toFixed(1)} s`
  const ratio = (name: 'hand' | 'none'): string => median(rows.map((row) => row.action / row[name])).toFixed(2)
  const extra = median(rows.map((row) => row.action - Math.max(row.gate, row.target)))
  console.log(`${project.name}: a code change, an empty builder (medians of ${rows.length} rounds)`)
  console.log(`  the action ${text('action')}`)
  console.log(
    `  by hand ${text('hand')} (tests ${text('gate')}, then target ${text('target')}), ratio ${ratio('hand')}`
  )
  console.log(`  the action without a cache ${text('none')}, ratio ${ratio('none')}`)
  console.log(`  beyond the longer of the two hand-written calls: ${extra.toFixed(1)} s`)
}

/** examples/fastapi with its private package, its index and a registry of its own. */
async function startFastapi(): Promise<Project> {
  await using started = new AsyncDisposableStack()
  const { stdout } = await run(path.join(repositoryRoot, 'script/engine'), ['base', 'python', 'python-slim'])
  const [python = '', slim = ''] = stdout.trim().split('\n')
  const service = started.use(await startService())
  await service.checkout.commit('A service that prices orders')
  const image = `${service.registry.address}/acme/quotes`
  const buildArgs = [
    `PYTHON_IMAGE=${python}`,
    `PYTHON_SLIM_IMAGE=${slim}`,
    `PRICING=${service.pricing}`,
    'PIP_NO_DEPS=1'
  ]
  const owned = started.move()
  return {
    ...{ name: 'examples/fastapi', folder: service.checkout.folder, image },
    inputs: {
      ...{ target: 'production', 'test-target': 'test', tags: `${image}:main`, push: 'true', network: 'host' },
      ...{ 'ssh-private-key': service.deployKey, 'ssh-known-hosts': service.hostKeyLine },
      ...{ 'secret-envs': 'PIP_INDEX_URL=PIP_INDEX_URL', 'build-args': buildArgs.join('\n') }
    },
    env: { PIP_INDEX_URL: service.index.url },
    flags: ['--network', 'host', ...buildArgs.flatMap((argument) => ['--build-arg', argument])],
    change: (round) =>
      service.checkout.replace({
        file: 'app/main.py',
        text: round === 1 ? 'FastAPI(title="Quotes")' : `version="1.${round - 1}.0")`,
        by: round === 1 ? 'FastAPI(title="Quotes", version="1.1.0")' : `version="1.${round}.0")`
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** Twelve stages: four of dependencies, which a code change leaves alone, and eight behind the code. */
async function startStages(): Promise<Project> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bench-'))
  const registry = process.env.STAGEGATE_REGISTRY ?? '127.0.0.1:5000'
  const name = `b${Date.now().toString(36)}`
  const image = `${registry}/bench/${name}`
  const { stdout } = await run(path.join(repositoryRoot, 'script/engine'), ['base', 'busybox'])
  await writeFile(path.join(folder, 'Dockerfile'), twelveStages(stdout.trim(), name))
  await writeFile(path.join(folder, 'code.txt'), 'code 0')
  return {
    ...{ name: 'twelve stages', folder, image, env: {}, flags: [] },
    inputs: { target: 'production', 'test-target': 'test', tags: `${image}:main`, push: 'true' },
    change: (round) => writeFile(path.join(folder, 'code.txt'), `code ${round}`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  }
}

function twelveStages(base: string, name: string): string {
  const step = (seconds: number, bytes: number, file: string): string =>
    `RUN sleep ${seconds} && head -c ${bytes} /dev/urandom > /${file}`
  const dependencies = ['system', 'runtime', 'tools', 'vendor'].map(
    (stage) => `FROM ${base} AS ${stage}\nRUN echo ${name}\n${step(2, 8_000_000, stage)}`
  )
  const checks = ['lint', 'types', 'unit', 'api'].map((stage) => `FROM build AS ${stage}\n${step(1, 100_000, stage)}`)
  return `${dependencies.join('\n')}
FROM runtime AS build
COPY --from=vendor /vendor /vendor
COPY --from=tools /tools /tools
COPY code.txt /code.txt
${step(1, 1_000_000, 'built')}
${checks.join('\n')}
FROM ${base} AS test
${['lint', 'types', 'unit', 'api'].map((stage) => `COPY --from=${stage} /${stage} /${stage}`).join('\n')}
FROM build AS package
${step(2, 2_000_000, 'package')}
FROM ${base} AS production
COPY --from=system /system /system
COPY --from=package /package /package
CMD ["sh"]
`
}

function docker(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { stdio: ['ignore', 'ignore', 'pipe'], env })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-5000)))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`docker ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${errors}`))
    })
  })
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((x, y) => x - y)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}
