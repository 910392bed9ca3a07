/** Which builder a run gets, and what has to be left out where none can do it all. */
import { contextArgument } from '../core/source.js'
import type { InputProblem } from '../core/problem.js'
import type { Occasion } from '../occasion/occasion.js'
import { askedAttestations, isEnabled } from '../inputs/attestations.js'
import type { Inputs } from '../inputs/inputs.js'
import type { LeftoverList } from '../leftovers.js'
import { forExport, type CachePlan } from '../cache/plan.js'
import { makeBuilder, planAutoBuilder, readEngineRegistries, type AutoBuilt } from '../buildkit/auto_builder.js'
import {
  askDocker,
  findLacks,
  isOlder,
  parseVersion,
  type Builder,
  type BuilderPorts,
  type Lack
} from '../buildkit/builder.js'
import { findLoadProblem } from '../buildkit/load.js'
import { judgeNodes } from '../buildkit/nodes.js'
import { Stop } from '../failure/stop.js'
import { findExports } from '../publish/plan.js'

export type Chosen = { readonly builder: Builder; readonly cache: CachePlan; readonly notes: readonly string[] }

/** What a build asks of its builder. */
export type BuilderUse = {
  readonly inputs: Inputs
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  readonly cache: CachePlan
}

type Wishes = BuilderUse & {
  readonly occasion: Occasion
  readonly leftovers: LeftoverList
  /** All builds of the run, this one among them: a builder that is made serves each of them. */
  readonly uses: readonly BuilderUse[]
}

/**
 * Keeps the builder if it can do what is asked. Else, with `builder: auto`, a docker-container builder is created for
 * the job. Where that cannot be had, a cache that cannot be written is a note; anything more stops the run.
 */
export async function chooseBuilder(ports: BuilderPorts, seen: Builder, wishes: Wishes): Promise<Chosen> {
  const { inputs, cache } = wishes
  await checkLoad(ports, seen, wishes)
  const dockerfile = wishes.dockerfile === undefined ? {} : { dockerfile: wishes.dockerfile.toString('utf8') }
  const cacheExport = forExport(cache).to.length > 0
  const attested = askedAttestations(inputs).some(isEnabled)
  const exports = [
    ...(attested ? [{ input: 'provenance', what: 'attestations (provenance, sbom, attests)' }] : []),
    ...findExports(inputs)
  ]
  const lacks = findLacks(seen, { cacheExport, platforms: inputs.platforms, exports })
  // A builder that is about to be made instead has nodes of its own.
  const nodes = lacks.length === 0 ? judgeNodes(seen, { platforms: inputs.platforms, ...dockerfile }) : { notes: [] }
  if (nodes.failure !== undefined) throw new Stop(nodes.failure)
  const { notes } = nodes
  if (inputs.reproducible) refuseOldTimes(seen)
  if (lacks.length === 0) return { builder: seen, cache, notes }

  const what = lacks.map(({ what }) => what).join(', ')
  const why = `The builder "${seen.name}" (driver docker, classic image store) cannot do: ${what}.`
  ports.log.info(why)
  const fix =
    'Turn on the containerd image store of the engine, or run docker/setup-buildx-action before this step, or name a builder in the input builder.'
  const made = inputs.builder === 'auto' ? await create(ports, seen, wishes) : undefined
  if (made?.builder !== undefined) {
    const verdict = judgeNodes(made.builder, { platforms: inputs.platforms, ...dockerfile })
    if (verdict.failure !== undefined) throw new Stop(verdict.failure)
    return { builder: made.builder, cache, notes: [...notes, ...made.notes, ...verdict.notes] }
  }
  if (cacheExport && lacks.length === 1) {
    const left = `The cache was not written. ${why} ${fix}`
    return { builder: seen, cache: { from: cache.from, to: [] }, notes: [...notes, left] }
  }
  if (made === undefined) {
    // The workflow names the builder, so it is the workflow that asks too much of it.
    const asked = lacks.filter(({ input }) => input !== 'cache-to')
    throw new Stop({ kind: 'input', problems: asked.map((lack) => refuseLack(seen, lack)) })
  }
  throw new Stop({ kind: 'engine', message: `${why} No builder that can do it was available: ${made.reason}`, fix })
}

/** A BuildKit that does not know the attribute takes it without a word. */
function refuseOldTimes({ name, buildkit, classicStore }: Builder): void {
  const version = buildkit === undefined ? undefined : parseVersion(`buildkit ${buildkit}`)
  // Instead of a classic image store another builder is made.
  if (classicStore || version === undefined || !isOlder(version, rewritesSince)) return
  const problem = `the builder "${name}" has BuildKit ${version.text}, which does not rewrite the times of files`
  const fix = 'Use BuildKit 0.13 or newer (docker/setup-buildx-action makes such a builder), or remove reproducible.'
  throw new Stop({ kind: 'input', problems: [{ input: 'reproducible', problem, fix }] })
}

const rewritesSince = { major: 0, minor: 13 }

function refuseLack(builder: Builder, { input, what }: Lack): InputProblem {
  return {
    input,
    problem: `the builder "${builder.name}" (driver docker, classic image store) cannot do this: ${what}`,
    fix: 'Leave `builder` empty, and a suitable builder is made, or turn on the containerd image store of the engine.'
  }
}

async function create(
  ports: BuilderPorts,
  { buildx }: Builder,
  { uses, occasion, leftovers }: Wishes
): Promise<AutoBuilt> {
  const { stdout } = await askDocker(ports, ['info', '--format', '{{json .}}'])
  const plan = planAutoBuilder({
    job: [occasion.repository, occasion.runID, occasion.runAttempt, occasion.job, occasion.runnerName].join('/'),
    networks: uses.map(({ inputs }) => inputs.network),
    allow: uses.flatMap(({ inputs }) => inputs.allow),
    texts: uses.flatMap(({ inputs, dockerfile, cache }) => [
      ...inputs.tags,
      ...cache.from,
      ...cache.to,
      ...inputs.buildContexts,
      ...inputs.buildArgs,
      ...inputs.outputs.map(({ text }) => text),
      contextArgument(inputs),
      // What a stranger's Dockerfile names does not bring its steps into the runner's network.
      occasion.trust.trusted ? (dockerfile?.toString('utf8') ?? '') : ''
    ]),
    registries: readEngineRegistries(stdout)
  })
  return ports.log.group('Create a docker-container builder', () =>
    makeBuilder(ports, plan, {
      buildx,
      folder: occasion.temporaryFolder,
      onCreate: leftovers.addBuilder,
      onShared: leftovers.dropBuilder
    })
  )
}

/** Stops the run where an image cannot be loaded, which docker says only after everything was built and inspected. */
async function checkLoad(ports: BuilderPorts, seen: Builder, { inputs }: Wishes): Promise<void> {
  const loads = inputs.load || inputs.outputs.some(({ type, dest }) => type === 'docker' && dest === undefined)
  if (!loads || (seen.driver === 'docker' && !(seen.classicStore && inputs.platforms.length > 1))) return
  const { exitCode, stdout, stderr } = await askDocker(ports, ['info', '--format', '{{json .}}'])
  const problem = findLoadProblem({ stdout, stderr, exitCode }, inputs.platforms)
  if (problem !== undefined) throw new Stop({ kind: 'input', problems: [problem] })
}
