/**
 * Writing the registry layer cache. It comes after the verdict, in calls of its own beside the publish, so that the whole
 * cache is of builds that have passed (see salvage.ts for the others), and a registry that refuses it cannot spoil a push.
 */
import path from 'node:path'
import { cacheReference, isRegistryCache } from '../inputs/cache_value.js'
import { forExport, type CachePlan } from './plan.js'
import type { BuildBase, Solve } from '../buildkit/command.js'
import type { Ports } from '../ports.js'
import { readCacheLayers, type CacheLayers } from './layers.js'
import type { Secret } from '../image/index.js'
import { readPlainError } from '../buildkit/classify.js'
import type { GatePlan } from '../gate/gate.js'
import type { Internal } from '../core/progress.js'
import type { Provenance } from '../buildkit/provenance.js'
import { baseLayers, searchCache } from './search.js'
import { logProgress, runSolve } from '../buildkit/solve.js'
import { isWork, type Step } from '../core/step.js'

export type CacheOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  readonly cache: CachePlan
  /** For each test target its references where the tests are solved on their own. */
  readonly testCaches: readonly CachePlan[]
  readonly env: Readonly<Record<string, string>>
  /** Private folder for metadata files. */
  readonly folder: string
  /** What the gate and the inspection told: whether there is anything new to write. */
  readonly built: Built
  /** What must not leave the runner; absent where nobody looks for it. */
  readonly sensitive?: readonly Secret[]
  /** Digests of layers that were searched before: those of the inspected image. */
  readonly searched?: readonly string[]
  /** What is in the references that were read, by `readImported`. */
  readonly imported: ReadonlyMap<string, CacheLayers>
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
  /** Bytes of the layers that the references read and written did not have before, where the registry tells. */
  readonly uploads: Readonly<Record<string, number>>
  /** References that were left alone, each with the one that holds all of it already. */
  readonly unchanged: Readonly<Record<string, string>>
}

/** As long as BuildKit gives its own GitHub cache: https://docs.docker.com/build/cache/backends/gha/#timeout */
const exportLimitSeconds = 600

/** Builds everything once more, which is all there already, and exports it. */
export async function writeCache(ports: Pick<Ports, 'exec' | 'log'>, options: CacheOptions): Promise<CacheWriting> {
  const { base, plan, cache, testCaches, env, folder, imported, sensitive } = options
  const known = knownLayers(options)
  const written: CacheWriting[] = []
  for (const [index, solve] of planExports(plan, cache, testCaches).entries()) {
    const holders = base.imports?.broken === undefined ? findHolders(solve.cache, options) : {}
    if (Object.keys(holders).length === solve.cache.to.length) {
      written.push({ internals: [], notes: [], uploads: {}, unchanged: holders })
      continue
    }
    const exporting = { ...base, ...solve, metadataFile: path.join(folder, `cache-${index}.json`) }
    const hidden = plan.file === undefined ? {} : { hiddenStage: plan.file.stage }
    const searching = { sensitive, known, env, folder, timeoutSeconds: exportLimitSeconds, ...hidden }
    const why = await searchCache(ports, exporting, searching)
    if (why !== undefined) {
      written.push({ internals: [], notes: [`The layer cache was not written: ${why}.`], uploads: {}, unchanged: {} })
      continue
    }
    written.push(await exportCache(ports, exporting, { env, imported, ...hidden }))
  }
  return {
    internals: written.flatMap(({ internals }) => internals),
    notes: written.flatMap(({ notes }) => notes),
    uploads: Object.fromEntries(written.flatMap(({ uploads }) => Object.entries(uploads))),
    unchanged: Object.fromEntries(written.flatMap(({ unchanged }) => Object.entries(unchanged)))
  }
}

/** Layers that need no search before they are written: of base images, of the inspected image, of references that were read. */
export function knownLayers({
  built,
  imported,
  searched = []
}: Pick<CacheOptions, 'imported' | 'searched'> & { readonly built: Pick<Built, 'provenance'> }): ReadonlySet<string> {
  const read = [...imported.values()].flatMap((layers) => [...layers.keys()])
  return new Set([...baseLayers(built.provenance), ...searched, ...read])
}

/** One export and what came of it, within its time. */
export async function exportCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  solve: Omit<Solve, 'outputs'> & { readonly cache: CachePlan },
  options: Pick<CacheOptions, 'env' | 'imported'> & { readonly hiddenStage?: string; readonly limitSeconds?: number }
): Promise<CacheWriting> {
  const { env, hiddenStage, imported, limitSeconds = exportLimitSeconds } = options
  const result = await runSolve(
    ports,
    { ...solve, outputs: ['type=cacheonly'] },
    {
      env,
      listener: logProgress(ports.log, { again: true }),
      timeoutSeconds: limitSeconds,
      ...(hiddenStage === undefined ? {} : { hiddenStage })
    }
  )
  const { internals, plain } = result.progress
  const nothing = { internals, notes: [], uploads: {}, unchanged: {} }
  if (result.ok) return { ...nothing, uploads: await measureUploads(ports, solve, imported, internals) }
  if (!result.timedOut) return { ...nothing, notes: [`The cache was not written: ${readPlainError(plain).message}`] }
  const stopped = solve.cache.to.map(cacheReference).map((reference) => ({
    name: 'exporting cache to registry',
    seconds: limitSeconds,
    error: `${reference} was not written within ${limitSeconds} s, and the export was stopped`,
    done: true
  }))
  return { ...nothing, internals: [...internals.filter((internal) => !isExport(internal)), ...stopped] }
}

/** Whether a part of the builder's own work is the writing of a cache. */
export function isExport({ name }: Internal): boolean {
  return name.startsWith('exporting cache to ')
}

/**
 * What is in the references that a run has read, before it overwrites one of them. Nothing where it writes none.
 * @param internals the builder's own work in the solves that read
 */
export async function readImported(
  ports: Pick<Ports, 'exec'>,
  base: Pick<BuildBase, 'builder'>,
  { from, to }: CachePlan,
  internals: readonly Internal[]
): Promise<ReadonlyMap<string, CacheLayers>> {
  if (!to.some(isRegistryCache)) return new Map()
  const imported = from
    .filter(isRegistryCache)
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

/**
 * References that need not be written, each with the one that holds all of the build: itself, or one that every later run
 * reads as well. A reference that the user names is written unless it is whole itself: who reads it is not known.
 */
function findHolders(
  { from, to }: CachePlan,
  { base, built, imported }: Pick<CacheOptions, 'base' | 'built' | 'imported'>
): Readonly<Record<string, string>> {
  const whole = from.map(cacheReference).filter((reference) => holdsEverything(imported.get(reference), built))
  const isPlanned = base.build.cache.image !== ''
  return Object.fromEntries(
    to.map(cacheReference).flatMap((reference) => {
      const holder = whole.includes(reference) ? reference : isPlanned ? whole[0] : undefined
      return holder === undefined ? [] : [[reference, holder]]
    })
  )
}

/**
 * Whether a reference holds all of a build: nothing ran, and each step's layers are in it. A step that is cached need not
 * be: the builder may know it from an earlier build of the same machine.
 */
function holdsEverything(reference: CacheLayers | undefined, { steps, provenance }: Built): boolean {
  const work = steps.filter(isWork)
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
  imported: ReadonlyMap<string, CacheLayers>,
  internals: readonly Internal[]
): Promise<Readonly<Record<string, number>>> {
  if (internals.some((internal) => isExport(internal) && internal.error !== undefined)) return {}
  const before = new Set([...imported.values()].flatMap((layers) => [...layers.keys()]))
  const uploads = await Promise.all(
    cache.to
      .filter(isRegistryCache)
      .map(cacheReference)
      .map(async (reference) => {
        const layers = await readCacheLayers(ports, base, reference)
        if (layers === undefined) return []
        const fresh = [...layers].filter(([digest]) => !before.has(digest))
        return [[reference, fresh.reduce((sum, [, size]) => sum + size, 0)] as const]
      })
  )
  return Object.fromEntries(uploads.flat())
}

type Export = { readonly target: string; readonly cache: CachePlan; readonly dockerfile?: string }

/** One solve where one stage stands for all; else each test under a reference of its own, since a reference holds one solve. */
function planExports(plan: GatePlan, cache: CachePlan, testCaches: readonly CachePlan[]): readonly Export[] {
  const { file, testTargets, target } = plan
  const all =
    file !== undefined
      ? [{ target: file.stage, cache, dockerfile: file.path }]
      : [
          ...testTargets.flatMap((stage, index) => {
            const own = testCaches[index]
            return own === undefined ? [] : [{ target: stage, cache: own }]
          }),
          ...(target === undefined ? [] : [{ target, cache }])
        ]
  return all.map((solve) => ({ ...solve, cache: forExport(solve.cache) })).filter((solve) => solve.cache.to.length > 0)
}
