/**
 * Writing the registry layer cache. It comes after the verdict, in calls of its own beside the publish: nothing leaves
 * the runner before it has passed, not even as cache, and a registry that refuses the cache cannot spoil a push.
 */
import path from 'node:path'
import { cacheReference, forExport, type CachePlan } from '../plan/cache.js'
import type { BuildBase, Solve } from '../plan/command.js'
import type { Ports } from '../ports.js'
import { readCacheLayers, type CacheLayers } from './cache_layers.js'
import { readPlainError } from './classify.js'
import { isFrom, type GatePlan } from './gate.js'
import type { Internal } from './progress.js'
import type { Provenance } from './provenance.js'
import { logProgress, runSolve } from './solve.js'
import type { Step } from './step.js'

export type CacheOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  readonly cache: CachePlan
  /** References for the tests where they are solved on their own. */
  readonly testCache: CachePlan
  readonly env: Readonly<Record<string, string>>
  /** Private folder for metadata files. */
  readonly folder: string
  /** What the gate and the inspection told: whether there is anything new to write. */
  readonly built: Built
  /** Seconds an export may take. */
  readonly limitSeconds?: number
}

/** How the build went, as far as it decides about an export. */
export type Built = {
  readonly steps: readonly Step[]
  readonly internals: readonly Internal[]
  readonly provenance: readonly Provenance[]
}

/** What the exports did, for the report, and sentences about those that could not be made at all. Never fails a run. */
export type CacheWriting = {
  readonly internals: readonly Internal[]
  readonly notes: readonly string[]
  /** Bytes of the layers that a reference did not have before, where the registry tells. */
  readonly uploads: Readonly<Record<string, number>>
  /** References that hold all of it already, and were left alone. */
  readonly unchanged: readonly string[]
}

/** As long as BuildKit gives its own GitHub cache: https://docs.docker.com/build/cache/backends/gha/#timeout */
const exportSeconds = 600

/** Builds everything once more, which is all there already, and exports it. */
export async function writeCache(ports: Pick<Ports, 'exec' | 'log'>, options: CacheOptions): Promise<CacheWriting> {
  const { base, plan, cache, testCache, folder, built } = options
  const written: CacheWriting[] = []
  for (const [index, solve] of planExports(plan, cache, testCache).entries()) {
    const known = await readImported(ports, base, solve.cache, built.internals)
    const references = solve.cache.to.map(cacheReference)
    if (
      references.every((reference) => holdsEverything(known.get(reference), built)) &&
      base.imports?.broken === undefined
    ) {
      written.push({ internals: [], notes: [], uploads: {}, unchanged: references })
      continue
    }
    const hidden = plan.file === undefined ? {} : { hiddenStage: plan.file.stage }
    const exporting = { ...base, ...solve, metadataFile: path.join(folder, `cache-${index}.json`) }
    written.push(await exportCache(ports, exporting, { ...options, ...hidden, known }))
  }
  return {
    internals: written.flatMap(({ internals }) => internals),
    notes: written.flatMap(({ notes }) => notes),
    uploads: Object.assign({}, ...written.map(({ uploads }) => uploads)) as Readonly<Record<string, number>>,
    unchanged: written.flatMap(({ unchanged }) => unchanged)
  }
}

/** One export and what came of it, within its time. */
export async function exportCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  solve: Omit<Solve, 'outputs'> & { readonly cache: CachePlan },
  options: Pick<CacheOptions, 'env' | 'limitSeconds'> & {
    readonly hiddenStage?: string
    readonly known: ReadonlyMap<string, CacheLayers>
  }
): Promise<CacheWriting> {
  const { hiddenStage, limitSeconds = exportSeconds } = options
  const result = await runSolve(
    ports,
    { ...solve, outputs: ['type=cacheonly'] },
    {
      env: options.env,
      listener: logProgress(ports.log, { again: true }),
      timeoutSeconds: limitSeconds,
      ...(hiddenStage === undefined ? {} : { hiddenStage })
    }
  )
  const { internals } = result.progress
  const references = solve.cache.to.map(cacheReference)
  if (result.ok) {
    const uploads = await measureUploads(ports, solve, options.known, internals)
    return { internals, notes: [], uploads, unchanged: [] }
  }
  if (!result.timedOut) {
    const reason = readPlainError(result.progress.plain).message
    return { internals, notes: [`The cache was not written: ${reason}`], uploads: {}, unchanged: [] }
  }
  const stopped = references.map((reference) => ({
    name: 'exporting cache to registry',
    seconds: limitSeconds,
    error: `${reference} was not written within ${limitSeconds} s, and the export was stopped`,
    done: true
  }))
  const others = internals.filter(({ name }) => !name.startsWith('exporting cache to '))
  return { internals: [...others, ...stopped], notes: [], uploads: {}, unchanged: [] }
}

/** What is in the references that this run imported, before it overwrites one of them. */
async function readImported(
  ports: Pick<Ports, 'exec'>,
  base: BuildBase,
  { from, to }: CachePlan,
  internals: readonly Internal[]
): Promise<ReadonlyMap<string, CacheLayers>> {
  if (!to.some(isRegistry)) return new Map()
  const imported = from
    .filter(isRegistry)
    .map(cacheReference)
    .filter((reference) =>
      internals.some(({ name, error }) => error === undefined && name === `importing cache manifest from ${reference}`)
    )
  const layers = await Promise.all(imported.map((reference) => readCacheLayers(ports, base, reference)))
  return new Map(
    imported.flatMap((reference, index) => {
      const found = layers[index]
      return found === undefined ? [] : [[reference, found]]
    })
  )
}

function isRegistry(value: string): boolean {
  return /(?:^|,)type=registry(?:,|$)/.test(value) || !value.includes('=')
}

/**
 * Whether a reference holds all of a build: nothing ran, and each step's layers are in it. A step that is cached need not
 * be: the builder may know it from an earlier build of the same machine.
 */
function holdsEverything(reference: CacheLayers | undefined, { steps, provenance }: Built): boolean {
  const work = steps.filter((step) => !isFrom(step))
  if (reference === undefined || work.length === 0) return false
  return work.every((step) => {
    if (step.state !== 'cached') return false
    const layers = provenance.map(({ stepLayers }) => stepLayers.get(step.vertex)).find((found) => found !== undefined)
    return layers !== undefined && layers.length > 0 && layers.every((digest) => reference.has(digest))
  })
}

async function measureUploads(
  ports: Pick<Ports, 'exec'>,
  { cache, ...base }: BuildBase & { readonly cache: CachePlan },
  known: ReadonlyMap<string, CacheLayers>,
  internals: readonly Internal[]
): Promise<Readonly<Record<string, number>>> {
  const failed = internals.some(({ name, error }) => name.startsWith('exporting cache to ') && error !== undefined)
  const planned = failed ? [] : cache.to.filter(isRegistry).map(cacheReference)
  const before = new Set([...known.values()].flatMap((layers) => [...layers.keys()]))
  const uploads = await Promise.all(
    planned.map(async (reference) => {
      const layers = await readCacheLayers(ports, base, reference)
      if (layers === undefined) return []
      const fresh = [...layers].filter(([digest]) => !before.has(digest))
      return [[reference, fresh.reduce((sum, [, size]) => sum + size, 0)] as const]
    })
  )
  return Object.fromEntries(uploads.flat())
}

type Export = { readonly target: string; readonly cache: CachePlan; readonly dockerfile?: string }

/** One solve where one stage stands for all; else the tests under a reference of their own, since a reference holds one solve. */
function planExports(plan: GatePlan, cache: CachePlan, testCache: CachePlan): readonly Export[] {
  const { file, testTargets, target } = plan
  const all =
    file !== undefined
      ? [{ target: file.stage, cache, dockerfile: file.path }]
      : [
          ...testTargets.map((stage) => ({ target: stage, cache: testCache })),
          ...(target === undefined ? [] : [{ target, cache }])
        ]
  return all.map((solve) => ({ ...solve, cache: forExport(solve.cache) })).filter((solve) => solve.cache.to.length > 0)
}
