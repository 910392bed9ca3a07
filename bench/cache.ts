/**
 * A code change on a runner that starts empty, with a warm registry cache: the action against two hand-written calls
 * (tests, then target, each with a cache reference of its own) and against no cache. A new engine for each measurement,
 * all in turn, so that a machine that slows down slows all; the ratios count. Then what the planner itself takes.
 * Needs an engine, `eval "$(script/engine up)"`, as root on Debian, and `npm run build`.
 *
 *     node --import ./bench/lib/register.mjs bench/cache.ts [ROUNDS] [fastapi|stages|planner]
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startEngine, type Engine } from '../__tests__/support/engine.ts'
import { repositoryRoot, startRunner, type StepOptions } from '../__tests__/support/runner.ts'
import { readOccasion } from '../src/occasion/occasion.js'
import { parseInputs } from '../src/inputs/parse.js'
import { buildFromInputs } from '../src/builds/from_inputs.js'
import { planCache } from '../src/cache/plan.js'
import { docker, median } from './lib/docker.ts'
import { startFastapi } from './lib/fastapi.ts'

const run = promisify(execFile)
const rounds = Math.min(20, Number(process.argv[2] ?? 3))
const only = process.argv[3]
const isWanted = (name: string): boolean => only === undefined || name === only

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
  readonly change: (revision: number) => Promise<void>
}

const projects = { fastapi: startExample, stages: startStages }
for (const [name, start] of Object.entries(projects)) {
  if (isWanted(name)) {
    await using project = await start()
    await measure(project)
  }
}
if (isWanted('planner')) measurePlanner()

/** One change: seconds of the action, of its phases, of the two calls by hand, and of the action without a cache. */
type Row = {
  readonly action: number
  readonly phases: readonly Phase[]
  /** How many steps the action found in the cache. */
  readonly cached: string
  readonly gate: number
  readonly target: number
  /** The second call on an engine that has not seen the first. */
  readonly alone: number
  readonly none: number
}

/** As in the report of a run. */
type Phase = { readonly name: string; readonly seconds: number }

async function measure(project: Project): Promise<void> {
  const { image } = project
  await using runner = await startRunner()
  const act = async (engine: Partial<Engine['env']>, more: StepOptions['with']) => {
    const { inputs, folder, env } = project
    return await timed(async () => {
      const step = await runner.run({ cwd: folder, with: { ...inputs, ...more }, env: { ...env, ...engine } })
      if (step.exitCode !== 0) throw new Error(step.log.slice(-5000))
      const report: unknown = JSON.parse(await readFile(step.outputs.report ?? '', 'utf8'))
      const { phases } = (report as { readonly seconds: { readonly phases: readonly Phase[] } }).seconds
      return { phases, cached: `${step.outputs['cached-steps']} of ${step.outputs.steps}` }
    })
  }
  const build = async (engine: Partial<Engine['env']>, stage: string, ...args: readonly string[]): Promise<number> => {
    const reference = (of: string): string => `type=registry,ref=${image}-by-hand:${of}`
    const from = ['test', 'production'].flatMap((each) => ['--cache-from', reference(each)])
    const cache = [...from, '--cache-to', `${reference(stage)},mode=max,image-manifest=true`]
    const { flags, folder, env } = project
    const call = ['buildx', 'build', ...flags, '--target', stage, ...cache, ...args, folder]
    return (await timed(() => docker({ ...process.env, ...env, ...engine }, call))).seconds
  }
  const buildTarget = (engine: Partial<Engine['env']>) =>
    build(engine, 'production', '--tag', `${image}:hand`, '--push')
  const byHand = async (engine: Partial<Engine['env']>) => ({
    gate: await build(engine, 'test', '--output', 'type=cacheonly'),
    target: await buildTarget(engine)
  })
  const cached = { 'cache-image': `${image}-cache` }
  const measureOurs = async () => {
    const { seconds, value } = await onNewEngine((engine) => act(engine, cached))
    return { action: seconds, ...value }
  }

  // Engines of their own here too: what a builder has already may be missing in the cache that it writes.
  await onNewEngine((engine) => act(engine, cached))
  await onNewEngine(byHand)
  const rows: Row[] = []
  for (let round = 1; round <= rounds; round += 1) {
    // A change of its own: the caches by hand must not have this one already.
    await project.change(2 * round - 1)
    const alone = await onNewEngine(buildTarget)
    await project.change(2 * round)
    // Who comes second finds more of the registry's files in memory, so they take turns.
    const [ours, theirs] =
      round % 2 === 1
        ? [await measureOurs(), await onNewEngine(byHand)]
        : await onNewEngine(byHand).then(async (hand) => [await measureOurs(), hand] as const)
    const { seconds: none } = await onNewEngine((engine) => act(engine, {}))
    rows.push({ ...ours, ...theirs, alone, none })
    console.log(`  round ${round}: ${JSON.stringify(rows.at(-1))}`)
  }
  tell(project.name, rows)
}

function tell(name: string, rows: readonly Row[]): void {
  const seconds = (of: (row: Row) => number): string => `${median(rows.map(of)).toFixed(1)} s`
  const ratio = (to: (row: Row) => number): string => median(rows.map((row) => row.action / to(row))).toFixed(2)
  const hand = ({ gate, target }: Row): number => gate + target
  const longer = ({ gate, alone }: Row): number => Math.max(gate, alone)
  const phases = (rows[0]?.phases ?? []).map((phase) => {
    const took = (row: Row): number => row.phases.find((other) => other.name === phase.name)?.seconds ?? 0
    return `${phase.name} ${seconds(took)}`
  })
  console.log(
    [
      `${name}: a code change, an empty builder (medians of ${rows.length} rounds)`,
      `  the action ${seconds((row) => row.action)}: ${phases.join(', ')}; ${rows.at(-1)?.cached ?? ''} steps cached`,
      `  by hand ${seconds(hand)}: tests ${seconds((row) => row.gate)}, then target ${seconds((row) => row.target)}; ratio ${ratio(hand)}`,
      `  the action without a cache ${seconds((row) => row.none)}; ratio ${ratio((row) => row.none)}`,
      `  the target alone ${seconds(({ alone }) => alone)}; the action beyond the longer of tests and target: ${seconds((row) => row.action - longer(row))}`
    ].join('\n')
  )
}

/** What the planner takes, from strings to references, in a process that has it loaded. */
function measurePlanner(): void {
  const given: Readonly<Record<string, string>> = {
    ...{ context: '.', 'cache-mode': 'auto', 'test-target': 'test', target: 'production' },
    'cache-image': 'registry.example.com/acme/app-cache'
  }
  const occasion = readOccasion({ GITHUB_REF: 'refs/heads/feature/a', GITHUB_EVENT_NAME: 'push' })
  const { inputs } = parseInputs(
    (name) => given[name] ?? '',
    () => 'folder'
  )
  const build = buildFromInputs(inputs, '', {})
  const times = Array.from({ length: 1000 }, () => {
    const start = performance.now()
    const plan = planCache(build, occasion, { cacheRead: true, cacheWrite: true })
    if (plan.from.length === 0) throw new Error('nothing was planned')
    return performance.now() - start
  })
  const [first = NaN] = times
  console.log(`planner: the first plan ${first.toFixed(2)} ms, then ${median(times).toFixed(3)} ms`)
}

async function timed<T>(body: () => Promise<T>): Promise<{ readonly seconds: number; readonly value: T }> {
  const start = performance.now()
  const value = await body()
  return { seconds: (performance.now() - start) / 1000, value }
}

async function onNewEngine<T>(body: (env: Engine['env']) => Promise<T>): Promise<T> {
  await using engine = await startEngine({ name: 'bench' })
  return await body(engine.env) // the engine goes when this function returns
}

async function startExample(): Promise<Project> {
  const example = await startFastapi()
  const { service, buildArgs, flags, env } = example
  const image = `${service.registry.address}/acme/quotes`
  return {
    ...{ name: 'examples/fastapi', folder: service.checkout.folder, image, flags, env },
    inputs: {
      ...{ target: 'production', 'test-target': 'test', tags: `${image}:main`, push: 'true', network: 'host' },
      ...{ 'ssh-private-key': service.deployKey, 'ssh-known-hosts': service.hostKeyLine },
      ...{ 'secret-envs': 'PIP_INDEX_URL=PIP_INDEX_URL', 'build-args': buildArgs.join('\n') }
    },
    change: (revision) =>
      service.checkout.replace({
        file: 'app/main.py',
        text: revision === 1 ? 'FastAPI(title="Quotes")' : `version="1.${revision - 1}.0")`,
        by: revision === 1 ? 'FastAPI(title="Quotes", version="1.1.0")' : `version="1.${revision}.0")`
      }),
    [Symbol.asyncDispose]: () => example[Symbol.asyncDispose]()
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
    change: (revision) => writeFile(path.join(folder, 'code.txt'), `code ${revision}`),
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
