/**
 * What was cached and why not more: the build of this run is recorded while it goes on, held against the record in the
 * baseline, and kept with the next one. See docs/what-was-cached.md.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Step } from '../core/step.js'
import type { Fetched } from '../baseline/comparison.js'
import { explain, type Explanation, type Refreshed } from './causes.js'
import { loadMatcher, readContextFiles } from './context.js'
import { markOf } from './mark.js'
import { indexSteps, takeRecord, type BuildRecord } from './record.js'
import { estimateSaving, type Saving } from './saved.js'
import type { CacheOutcome } from '../cache/outcome.js'
import type { Matcher } from './sources.js'
import { parseRecord } from './store.js'
import { dockerfilePath } from '../core/source.js'
import { allArguments, type Build } from '../builds/build.js'
import { markShape, withoutNamespace } from './shape.js'

/** This build, and the earlier one it is held against. */
export type BuildHistory = {
  readonly now: BuildRecord
  readonly before?: BuildRecord
  /** The earlier one's place: `main @ 3f2c1a9`. */
  readonly since?: string
  readonly matcher: Matcher
}

/** What a report says that has no explanation. */
export const UNEXPLAINED = 'Why steps ran again is not known: this build could not be compared with the earlier one.'

/** Reads the context while the build goes on. */
export type Recorder = {
  /** Looks back, once the steps are known. A baseline that is slow to come is waited for in a green run only. */
  readonly lookBack: (steps: readonly Step[], patience?: 'waits') => Promise<BuildHistory>
  /** What each of the steps was made of, as one word; waits for the context's files, but not for long. */
  readonly marks: (steps: readonly Step[]) => Promise<(step: Step) => string | undefined>
  readonly stop: () => void
}

type RecorderOptions = {
  /** As the builder is told of it. */
  readonly build: Pick<Build, 'source' | 'shape' | 'linked'>
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  readonly redact: (text: string) => string
  readonly fetching: Promise<Fetched | undefined>
  /** Whether there may be an earlier build to compare with, or a later one that will. */
  readonly files: boolean
}

/** A red run tells what it knows by then, and waits no longer for what it is compared with. */
export const RED_RUN_SECONDS = 3

/** The files were read while the build went on. Where that takes longer than the build, no step is marked. */
const FILES_SECONDS = 5

/** Begins to record. */
export function startRecorder({ build, dockerfile, redact, fetching, files }: RecorderOptions): Recorder {
  const stopping = new AbortController()
  const { context } = build.source
  const reading =
    files && context.kind === 'local'
      ? readContextFiles(context.path, dockerfilePath(build.source), stopping.signal)
      : Promise.resolve(undefined)
  const known = {
    redact,
    buildArgs: withoutNamespace(allArguments(build)),
    shape: markShape(build),
    ...(dockerfile === undefined ? {} : { dockerfile: dockerfile.toString('utf8') })
  }

  const lookBack: Recorder['lookBack'] = async (steps, patience) => {
    const timer = patience === 'waits' ? undefined : setTimeout(() => stopping.abort(), RED_RUN_SECONDS * 1000)
    const stopped = new Promise<undefined>((resolve) => {
      stopping.signal.addEventListener('abort', () => resolve(undefined))
    })
    try {
      const [matcher, contextFiles, fetched] = await Promise.all([
        loadMatcher(),
        reading,
        Promise.race([fetching.catch(() => undefined), stopped])
      ])
      const baseline = fetched?.baseline
      const stored =
        baseline === undefined || baseline.kind === 'none' || baseline.kind === 'image' ? undefined : baseline
      const before = stored?.build === undefined ? undefined : parseRecord(stored.build)
      const now = takeRecord(
        { ...known, steps, ...(contextFiles === undefined ? {} : { files: contextFiles }) },
        before
      )
      if (before === undefined || stored === undefined) return { now, matcher }
      return { now, before, since: `${stored.branch} @ ${stored.sha.slice(0, 7)}`, matcher }
    } finally {
      clearTimeout(timer)
    }
  }
  const marks: Recorder['marks'] = async (steps) => {
    const patience = new AbortController()
    const late = wait(FILES_SECONDS * 1000, undefined, { signal: patience.signal }).catch(() => undefined)
    const [matcher, contextFiles] = await Promise.all([loadMatcher(), Promise.race([reading, late])])
    patience.abort()
    const record = takeRecord(
      { ...known, steps, ...(contextFiles === undefined ? {} : { files: contextFiles }) },
      undefined
    )
    return (step) => markOf(step, { steps, record, matcher, redact })
  }
  return { lookBack, marks, stop: () => stopping.abort() }
}

/** Steps with the Dockerfile lines that only its text told: after a red build the builder tells none. */
export function locateByText(steps: readonly Step[], { now }: BuildHistory): readonly Step[] {
  const { places } = indexSteps(now)
  return steps.map((step, index) => {
    const place = places[index]
    const line = place === undefined ? undefined : now.stages[place.stage]?.instructions[place.instruction]?.line
    return step.line !== undefined || line === undefined ? step : { ...step, line }
  })
}

/** What became of the layer cache's imports; `broken` where one broke the build. */
type ImportsSeen = {
  readonly imports: readonly Pick<CacheOutcome, 'reference' | 'result'>[]
  readonly broken?: unknown
}

/** What the cache saved, and the earlier build that durations come from: `main @ 3f2c1a9`. */
type Savings = { readonly saved?: Saving; readonly comparedWith?: string }

/** Why the first step of each stage ran, by the stage's name. Pure. */
export function explainStages(
  stages: readonly { readonly name: string; readonly firstToRun?: Step }[],
  steps: readonly Step[],
  { now, before, matcher }: BuildHistory,
  {
    build,
    cache,
    refreshed,
    onlyStage
  }: {
    readonly build: Pick<Build, 'fresh' | 'tests'>
    readonly cache: ImportsSeen
    readonly refreshed: Refreshed
    readonly onlyStage: string | undefined
  }
): ReadonlyMap<string, Explanation> {
  const imports = cache.imports
    .filter(({ result }) => result !== 'not-run')
    .map(({ reference, result }) => ({ reference, result: cache.broken === undefined ? result : 'failed' }))
  const circumstances = {
    ...{ steps, now, matcher, imports, refreshed },
    ...{ noCache: build.fresh.noCache, noCacheFilters: build.fresh.noCacheFilters },
    rerun: build.fresh.rerunTests ? build.tests : [],
    ...(before === undefined ? {} : { before }),
    ...(onlyStage === undefined ? {} : { onlyStage })
  }
  return new Map(
    stages.flatMap(({ name, firstToRun }) =>
      firstToRun === undefined ? [] : [[name, explain(firstToRun, circumstances)] as const]
    )
  )
}

/** The cache report with what it saved, where that is known. Pure. */
export function withSaving<T extends object>(
  cache: T,
  steps: readonly Step[],
  { now, since }: BuildHistory
): T & Savings {
  const saved = estimateSaving(steps, now)
  return {
    ...cache,
    ...(saved === undefined ? {} : { saved }),
    ...(since === undefined ? {} : { comparedWith: since })
  }
}
