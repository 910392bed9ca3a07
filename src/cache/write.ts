/**
 * Writing the layer cache. It comes after the verdict, in calls of its own beside the publish, so that the whole cache is
 * of builds that have passed (see retry.ts for the others), and a registry that refuses it cannot spoil a push.
 */
import path from 'node:path'
import { cacheReference, cacheType, isRegistryCache } from '../inputs/cache_value.js'
import { forExport, type CachePlan } from './plan.js'
import type { BuildBase } from '../buildkit/command.js'
import { failureOf } from '../failure/of.js'
import type { Ports } from '../ports.js'
import { readCacheLayers, type CacheLayers } from './layers.js'
import type { Near } from './near.js'
import type { Asking } from '../registry/quickly.js'
import { readOutcomes, type CacheOutcome } from './outcome.js'
import type { Secret } from '../image/index.js'
import { readPlainError } from '../buildkit/plain_error.js'
import type { GatePlan } from '../gate/plan.js'
import { addImports, noImports, type Imports } from '../core/progress.js'
import type { Provenance } from '../buildkit/provenance.js'
import { carryCache, type Carrying } from './carry.js'
import type { SearchAhead } from './ahead.js'
import { baseLayers, searchCache, type CacheSolve, type SearchOptions } from './search.js'
import { usableCache } from '../buildkit/imports.js'
import { logProgress, runSolve } from '../buildkit/solve.js'
import { isWork, stageInWords, type Step } from '../core/step.js'

export type CachePorts = Pick<Ports, 'exec' | 'log' | 'signal'>

export type CacheOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  readonly cache: CachePlan
  /** For each test target its references where each is solved on its own. */
  readonly testCaches: readonly CachePlan[]
  readonly env: Readonly<Record<string, string>>
  /** Private folder for metadata files. */
  readonly folder: string
  /** What the gate and the inspection told: whether there is anything new to write. */
  readonly built: Built
  /** What must not leave the runner; absent where nobody looks for it. */
  readonly sensitive?: readonly Secret[]
  /** Paths, `/folder/**` and fingerprints of private keys that may leave. */
  readonly ignoredKeys?: readonly string[]
  /** Digests of layers that were searched before: those of the inspected image. */
  readonly searched?: readonly string[]
  /** What is in the references that were read, by `readImported`. */
  readonly imported: ReadonlyMap<string, CacheLayers>
  readonly carrying: Carrying
  /** A search that may have been begun already. */
  readonly ahead?: SearchAhead | undefined
  /** For search and export together. */
  readonly limitSeconds?: number
}

/** How the build went, as far as it decides about an export. */
export type Built = {
  readonly steps: readonly Step[]
  readonly provenance: readonly Provenance[]
  readonly imports: Imports
}

/** What came of the exports, and sentences about those that could not be made at all. */
export type CacheWriting = {
  readonly outcomes: readonly CacheOutcome[]
  readonly notes: readonly string[]
  /** What the exports themselves read. */
  readonly imports: Imports
}

export const nothingWritten: CacheWriting = { outcomes: [], notes: [], imports: noImports }

/** Several writings as one; what is true of each is said once. */
export function mergeWritings(all: readonly CacheWriting[]): CacheWriting {
  return {
    outcomes: all.flatMap(({ outcomes }) => outcomes),
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
    imports: all.reduce((sum, { imports }) => addImports(sum, imports), noImports)
  }
}

const SEARCH_LIMIT_SECONDS = 600

/** As long as BuildKit gives its own GitHub cache: https://docs.docker.com/build/cache/backends/gha/#timeout */
const EXPORT_LIMIT_SECONDS = 600

/** Builds everything once more, which is all there already, and exports it. Never fails a run; throws `Cancelled`. */
export async function writeCache(ports: CachePorts, options: CacheOptions): Promise<CacheWriting> {
  const { plan, cache, testCaches, built } = options
  const written: CacheWriting[] = []
  const exports = planExports(plan, cache, testCaches)
  for (const [index, planned] of exports.entries()) {
    const imports = mergeWritings([{ ...nothingWritten, imports: built.imports }, ...written]).imports
    const { solve, holders } = settleExport(planned, { ...options, index, imports })
    if (solve === undefined) {
      const outcomes = [...holders].map(([reference, heldBy]): CacheOutcome => ({
        ...{ reference, way: 'write', result: 'unchanged', heldBy }
      }))
      written.push({ ...nothingWritten, outcomes })
      continue
    }
    const { limitSeconds = SEARCH_LIMIT_SECONDS + EXPORT_LIMIT_SECONDS } = options
    const whose = exports.length > 1 ? ` of ${stageInWords(planned.target)}` : ''
    const withheldNote = (why: string): string => `The layer cache${whose} was not written: ${why}.`
    const searching = { ...options, ...hiddenIn(plan), limitSeconds, withheldNote }
    written.push(await settleWriting(solve.cache, () => writeSearched(ports, solve, searching)))
  }
  return mergeWritings(written)
}

/**
 * What came of writing to the references of a plan. Whatever ends it, a full disk as well, is a failure of theirs, and none
 * of the run. Throws `Cancelled`.
 */
export async function settleWriting(cache: CachePlan, write: () => Promise<CacheWriting>): Promise<CacheWriting> {
  try {
    return await write()
  } catch (error) {
    const failure = failureOf(error)
    if (failure.kind === 'cancelled') throw error
    const message = 'message' in failure ? failure.message : `it was not written (${failure.kind})`
    return { ...nothingWritten, outcomes: cache.to.map((value) => outcomeOf(value, 'failed', message)) }
  }
}

/** What writing a cache will search, where that is one solve; `undefined` where it is several, or none. */
export function planOnlySearch(
  options: Omit<CacheOptions, 'carrying'>
): { readonly solve: CacheSolve; readonly searching: SearchOptions } | undefined {
  const { plan, cache, testCaches, built } = options
  const [only, ...others] = planExports(plan, cache, testCaches)
  if (only === undefined || others.length > 0) return undefined
  const { solve } = settleExport(only, { ...options, index: 0, imports: built.imports })
  if (solve === undefined) return undefined
  return { solve, searching: planSearch({ ...options, ...hiddenIn(plan), timeoutSeconds: SEARCH_LIMIT_SECONDS }) }
}

/** An export as a solve, and the references that need none of it; no solve where that is all of them. */
function settleExport(
  planned: Export,
  {
    index,
    imports,
    ...options
  }: Pick<CacheOptions, 'base' | 'built' | 'imported' | 'folder'> & {
    readonly index: number
    /** What was read until now. */
    readonly imports: Imports
  }
): { readonly solve?: CacheSolve; readonly holders: ReadonlyMap<string, string> } {
  const { base, folder } = options
  const holders = imports.broken === undefined ? findHolders(planned.cache, options) : new Map<string, string>()
  if (holders.size === planned.cache.to.length) return { holders }
  const metadataFile = path.join(folder, `cache-${index}.json`)
  return { solve: { ...base, ...planned, cache: usableCache(planned.cache, imports), metadataFile }, holders }
}

function hiddenIn({ file }: GatePlan): { readonly hiddenStage?: string } {
  return file === undefined ? {} : { hiddenStage: file.stage }
}

type SearchedOptions = Pick<
  CacheOptions,
  'ahead' | 'built' | 'carrying' | 'env' | 'folder' | 'ignoredKeys' | 'imported' | 'searched' | 'sensitive'
> & {
  readonly hiddenStage?: string
  /** Search and export together. */
  readonly limitSeconds: number
  /** The sentence about a cache that must stay here, and why. */
  readonly withheldNote: (why: string) => string
}

/**
 * Searches what a solve would write for what must not leave the runner, and writes it: the very files that were searched
 * where they can be pushed from here, else in a solve of its own.
 */
export async function writeSearched(
  ports: CachePorts,
  solve: CacheSolve,
  { ahead, carrying, limitSeconds, withheldNote, ...options }: SearchedOptions
): Promise<CacheWriting> {
  const { env, hiddenStage, imported } = options
  const start = performance.now()
  const searching = planSearch({ ...options, timeoutSeconds: Math.min(limitSeconds, SEARCH_LIMIT_SECONDS) })
  await using searched = (await ahead?.take(solve)) ?? (await searchCache(ports, solve, searching))
  const secondsLeft = (): number => {
    const spent = (performance.now() - start) / 1000
    return Math.min(EXPORT_LIMIT_SECONDS, Math.max(1, Math.round(limitSeconds - spent)))
  }
  if (searched?.why !== undefined) {
    const { why } = searched
    const outcomes = solve.cache.to.map((value) => outcomeOf(value, 'withheld', why))
    return { ...nothingWritten, outcomes, notes: [withheldNote(why)] }
  }
  if (searched !== undefined) {
    const { layout, progress } = searched
    const left = secondsLeft()
    const began = performance.now()
    const layers = await carryCache(ports, layout, { ...carrying, to: solve.cache.to, limitSeconds: left })
    if (layers === 'late') return notInTime(solve.cache, left)
    if (layers !== undefined) {
      const seconds = (performance.now() - began) / 1000
      const bytes = freshBytes(layers, imported)
      const reads = readOutcomes({ ...solve.cache, to: [] }, progress.internals)
      const writes = solve.cache.to.map((value): CacheOutcome => ({
        ...{ reference: cacheReference(value), way: 'write', result: 'ok', seconds, bytes }
      }))
      return { outcomes: [...reads, ...writes], notes: [], imports: addImports(noImports, progress) }
    }
  }
  return await exportCache(ports, solve, {
    ...{ env, imported, near: carrying, limitSeconds: secondsLeft() },
    ...(hiddenStage === undefined ? {} : { hiddenStage })
  })
}

function planSearch({
  built,
  imported,
  searched,
  ...options
}: Omit<SearchOptions, 'known'> &
  Pick<CacheOptions, 'imported' | 'searched'> & { readonly built: Pick<Built, 'provenance'> }): SearchOptions {
  return { ...options, known: knownLayers({ built, imported, ...(searched === undefined ? {} : { searched }) }) }
}

/** Layers that need no search before they are written: of base images, of the inspected image, of references that were read. */
function knownLayers({
  built,
  imported,
  searched = []
}: Pick<CacheOptions, 'imported' | 'searched'> & { readonly built: Pick<Built, 'provenance'> }): ReadonlySet<string> {
  const read = [...imported.values()].flatMap((layers) => [...layers.keys()])
  return new Set([...baseLayers(built.provenance), ...searched, ...read])
}

/** One export and what came of it, within its time. */
async function exportCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  solve: CacheSolve,
  options: Pick<CacheOptions, 'env' | 'imported'> & {
    readonly near: Near
    readonly hiddenStage?: string
    readonly limitSeconds: number
  }
): Promise<CacheWriting> {
  const { env, hiddenStage, imported, near, limitSeconds } = options
  const result = await runSolve(
    ports,
    { ...solve, outputs: ['type=cacheonly'] },
    {
      env: { ...env, BUILDX_METADATA_PROVENANCE: 'max' }, // it tells how large the layers are
      listener: logProgress(ports.log, { again: true }),
      timeoutSeconds: limitSeconds,
      ...(hiddenStage === undefined ? {} : { hiddenStage })
    }
  )
  const { internals, plain } = result.progress
  const imports = addImports(noImports, result.progress)
  if (result.ok) {
    const outcomes = readOutcomes(solve.cache, internals, result.metadata.provenance.layerSizes)
    const told = outcomes.map((outcome, index) => tellLeftOut(outcome, solve.cache.to[index - solve.cache.from.length]))
    return { outcomes: await measureUploads(ports, solve, told, { imported, near }), notes: [], imports }
  }
  if (result.timedOut) return { ...notInTime(solve.cache, limitSeconds), imports }
  // What ends a solve before it begins, such as a value that BuildKit does not take, is no export's own failure.
  const { message } = readPlainError(plain)
  const outcomes = readOutcomes(solve.cache, internals).map((outcome) =>
    outcome.way === 'write' && outcome.result !== 'failed'
      ? { ...outcome, result: 'failed' as const, message }
      : outcome
  )
  return { outcomes, notes: [], imports }
}

function notInTime({ to }: CachePlan, limitSeconds: number): CacheWriting {
  const message = `it was not written within ${limitSeconds} s, and the export was stopped`
  return { ...nothingWritten, outcomes: to.map((value) => outcomeOf(value, 'failed', message)) }
}

function outcomeOf(value: string, result: CacheOutcome['result'], message: string): CacheOutcome {
  return { reference: cacheReference(value), way: 'write', result, message }
}

/** Without the variables of GitHub's cache service buildx leaves its cache out, and says nothing. */
function tellLeftOut(outcome: CacheOutcome, value = ''): CacheOutcome {
  if (outcome.way === 'read' || outcome.result !== 'not-run' || cacheType(value) !== 'gha') return outcome
  return outcomeOf(
    value,
    'failed',
    'buildx left it out, since there is no cache service here (ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL are not set)'
  )
}

/**
 * What is in the references that a run has read, before it overwrites one of them. Nothing where it writes none.
 * @param outcomes what became of the reading
 */
export async function readImported(
  asking: Asking,
  base: Pick<BuildBase, 'builder'>,
  { from, to }: CachePlan,
  { outcomes, near }: { readonly outcomes: readonly CacheOutcome[]; readonly near: Near }
): Promise<ReadonlyMap<string, CacheLayers>> {
  if (forExport({ from, to }).to.length === 0) return new Map()
  const imported = from
    .filter(isRegistryCache)
    .map(cacheReference)
    .filter((reference) =>
      outcomes.some((each) => each.way === 'read' && each.result === 'ok' && each.reference === reference)
    )
  const layers = await Promise.all(imported.map((reference) => readCacheLayers(asking, base, reference, near)))
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
): ReadonlyMap<string, string> {
  const whole = from.map(cacheReference).filter((reference) => holdsEverything(imported.get(reference), built))
  const isPlanned = base.build.cache.image !== ''
  return new Map(
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

/** The outcomes with the bytes of the layers that the references read and written did not have before. */
async function measureUploads(
  ports: Pick<Ports, 'exec'>,
  { cache, ...base }: BuildBase & { readonly cache: CachePlan },
  outcomes: readonly CacheOutcome[],
  { imported, near }: Pick<CacheOptions, 'imported'> & { readonly near: Near }
): Promise<readonly CacheOutcome[]> {
  const written = new Set(cache.to.filter(isRegistryCache).map(cacheReference))
  return Promise.all(
    outcomes.map(async (outcome) => {
      if (outcome.way === 'read' || outcome.result !== 'ok' || !written.has(outcome.reference)) return outcome
      const layers = await readCacheLayers(ports, base, outcome.reference, near)
      return layers === undefined ? outcome : { ...outcome, bytes: freshBytes(layers, imported) }
    })
  )
}

/** Bytes of the layers that the references which were read did not have. */
function freshBytes(layers: CacheLayers, imported: ReadonlyMap<string, CacheLayers>): number {
  const before = new Set([...imported.values()].flatMap((each) => [...each.keys()]))
  return [...layers].filter(([digest]) => !before.has(digest)).reduce((sum, [, size]) => sum + size, 0)
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
