/**
 * The comparison with the baseline: what the base branch last built, fetched beside the build, held against the image,
 * and, on a trusted push, replaced by it.
 */
import type { Cache } from '../actions-cache/cache.js'
import type { BaselineImage, ImageRequest } from './image.js'
import type { Baseline, Relation } from './store.js'
import type { ReleasesReport } from './releases.js'
import { extendTrend, parseTrend, writeTrend, type TrendReport } from './trend.js'
import {
  compareImages,
  parseSnapshots,
  takeSnapshot,
  writeSnapshots,
  type Difference,
  type Snapshot
} from '../compare/index.js'
import { identityOf, subjectOf } from '../builds/identity.js'
import type { Occasion } from '../occasion/occasion.js'
import type { ImageAnalysis } from '../image/index.js'
import type { Build } from '../builds/build.js'
import type { CompareTo } from '../inputs/compare_to.js'
import type { Ports } from '../ports.js'
import type { ImageReport } from '../inspect/model.js'

/** What an image was compared with. */
export type ComparedBaseline =
  | { readonly kind: 'commit'; readonly branch: string; readonly sha: string; readonly relation: Relation }
  /** `digest` is what the registry has under the reference. */
  | { readonly kind: 'image'; readonly reference: string; readonly digest?: string }

/** The image against its baseline, or why there is nothing to compare with. */
export type ComparisonReport =
  | {
      readonly kind: 'compared'
      readonly baseline: ComparedBaseline
      readonly differences: readonly Difference[]
      /** Platforms that only one side has. */
      readonly added: readonly string[]
      readonly removed: readonly string[]
    }
  | { readonly kind: 'none'; readonly reason: string }

export type ComparisonOptions = {
  /** Whose name, with the target and the branch, says whose baseline it is. */
  readonly build: Build
  readonly compareTo: CompareTo
  readonly occasion: Occasion
  readonly cache: Cache
  readonly redact: (text: string) => string
  /** How an image of a registry is read. */
  readonly reading: Omit<ImageRequest, 'reference' | 'redact'>
}

/** A baseline as it was found, and sentences about what was in the way. */
export type Fetched = { readonly baseline: Baseline | BaselineImage; readonly notes: readonly string[] }

/** Fetches the baseline; `undefined` where nothing is to be compared. Never throws. */
export async function fetchBaseline(
  ports: Pick<Ports, 'exec' | 'log'>,
  options: ComparisonOptions
): Promise<Fetched | undefined> {
  const { compareTo, redact, reading } = options
  switch (compareTo.kind) {
    case 'none':
      return undefined
    case 'auto':
      return restore(ports, options)
    case 'image': {
      const { readBaselineImage } = await import(/* webpackChunkName: "baseline" */ './image.js')
      const { reference } = compareTo
      const baseline = await readBaselineImage(ports, { ...reading, reference, redact })
      return { baseline, notes: baseline.notes }
    }
  }
}

async function restore({ exec }: Pick<Ports, 'exec'>, options: ComparisonOptions): Promise<Fetched> {
  const { build, occasion } = options
  const { base } = occasion.place
  const none = (reason: string): Fetched => ({ baseline: { kind: 'none', reason }, notes: [] })
  if (base === undefined) return none('this event has no base to compare with')
  if (!occasion.hasCacheService) return none('this runner offers no Actions cache')
  const { restoreBaseline } = await import(/* webpackChunkName: "baseline" */ './store.js')
  const { mergedBase } = await import(/* webpackChunkName: "baseline" */ './history.js')
  const clone = { exec, workspace: occasion.workspace }
  const { pullRequest, defaultBranch } = occasion
  // The merge commit that is checked out knows the true base; the event's may be older.
  const merged = pullRequest === undefined ? undefined : await mergedBase(clone, pullRequest.headSha)
  const sha = merged ?? base.sha
  return restoreBaseline(
    { cache: options.cache, clone },
    {
      name: build.name,
      target: seriesTarget(build),
      branch: base.branch,
      subject: subjectOf(build.source),
      identity: identityOf(build, occasion),
      ...(sha === undefined ? {} : { base: sha }),
      ...(defaultBranch === undefined ? {} : { fallbackBranch: defaultBranch })
    }
  )
}

/** Snapshots of the images, for the comparison and to be kept. */
export function takeSnapshots(
  analyses: readonly ImageAnalysis[],
  images: readonly ImageReport[],
  redact: (text: string) => string
): readonly Snapshot[] {
  return analyses.flatMap((analysis, index) => {
    const image = images[index]
    return image === undefined ? [] : [takeSnapshot(analysis, image, { redact })]
  })
}

/** Holds the images against the baseline. A baseline that cannot be read is none, and says why. */
export function compareWith(fetched: Fetched, snapshots: readonly Snapshot[]): ComparisonReport {
  const { baseline } = fetched
  if (baseline.kind === 'none') return { kind: 'none', reason: baseline.reason }
  if (baseline.kind === 'image') {
    const { reference, digest } = baseline
    const image = { kind: 'image', reference, ...(digest === undefined ? {} : { digest }) } as const
    return { kind: 'compared', baseline: image, ...compareImages(snapshots, baseline.snapshots) }
  }
  const parsed = parseSnapshots(baseline.text)
  if (!parsed.ok) return { kind: 'none', reason: `the stored baseline ${parsed.reason}` }
  const { branch, sha, relation } = baseline
  return {
    kind: 'compared',
    baseline: { kind: 'commit', branch, sha, relation },
    ...compareImages(snapshots, parsed.snapshots)
  }
}

/** What the builds of the baseline's branch weighed, and what an earlier run has learned of releases; each where it is known. */
export function sizesBefore(fetched: Fetched | undefined): {
  readonly trend?: TrendReport
  readonly releases?: ReleasesReport
} {
  const baseline = fetched?.baseline
  if (baseline?.kind !== 'commit') return {}
  const { series, releases } = parseTrend(baseline.trend ?? '')
  return {
    ...(series.length === 0 ? {} : { trend: { branch: baseline.branch, series } }),
    ...(releases === undefined ? {} : { releases })
  }
}

/** Whether growth beyond `max-increase` stops this run, compared with what was found. */
export function growthMode({ refusesGrowth }: Occasion, fetched: Fetched | undefined): 'fail' | 'warn' {
  const baseline = fetched?.baseline
  const isVeryBase = baseline?.kind === 'image' || (baseline?.kind === 'commit' && baseline.relation.kind === 'base')
  return refusesGrowth === 'always' || (refusesGrowth === 'over-its-very-base' && isVeryBase) ? 'fail' : 'warn'
}

/** Whether this run may compare with what an earlier one kept, or keep something for later ones. */
export function usesBaseline({ compareTo, occasion }: Pick<ComparisonOptions, 'compareTo' | 'occasion'>): boolean {
  const { base, baselineOf } = occasion.place
  return compareTo.kind === 'auto' && occasion.hasCacheService && (base !== undefined || baselineOf !== undefined)
}

/** What a run leaves for the runs to come: its images, the record of its build and that of its tests, each as text. */
export type KeptResults = {
  readonly snapshots: readonly Snapshot[]
  readonly build?: string | undefined
  readonly tests?: string | undefined
  readonly releases?: ReleasesReport | undefined
  /** What this run compared with: its trend goes on. */
  readonly baseline?: Fetched | undefined
}

/**
 * Keeps the snapshots and the records of build and tests as the branch's baseline, where this run makes one. Returns sentences
 * about what was in the way.
 */
export async function keepBaseline(
  { now }: Pick<Ports, 'now'>,
  options: ComparisonOptions,
  { snapshots, build: record, tests, releases, baseline }: KeptResults
): Promise<readonly string[]> {
  const { build, compareTo, occasion, redact } = options
  const { baselineOf } = occasion.place
  if (compareTo.kind !== 'auto' || baselineOf === undefined || !occasion.hasCacheService) return []
  const { saveBaseline } = await import(/* webpackChunkName: "baseline" */ './store.js')
  const { trend: before } = sizesBefore(baseline)
  const point = { sha: occasion.sha, at: new Date(now()).toISOString() }
  const { notes } = await saveBaseline(options.cache, {
    name: build.name,
    target: seriesTarget(build),
    branch: baselineOf,
    sha: occasion.sha,
    run: `${occasion.runID}-${occasion.runAttempt}`,
    subject: subjectOf(build.source),
    identity: identityOf(build, occasion),
    text: writeSnapshots(snapshots),
    redact,
    ...(record === undefined ? {} : { build: record }),
    ...(tests === undefined ? {} : { tests }),
    // A branch begins with its own builds, not with those of the one it was made from.
    trend: writeTrend({
      series: extendTrend(before?.branch === baselineOf ? before.series : [], snapshots, point),
      releases
    })
  })
  return notes
}

/**
 * Which series of baselines is meant. A run of the gate alone has no image to keep: it must not stand in the way of the
 * job that builds the last stage of the same commit. No stage is called with a blank.
 */
function seriesTarget({ gateOnly, tests, target }: Build): string {
  return gateOnly ? `gate ${tests.join(' ')}` : target
}
