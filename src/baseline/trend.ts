/** How the size of a branch's image went: the last points, carried from baseline to baseline. No service, and no permission. Pure. */
import { asArray, asSize, asString, dig, parseJSON } from '../core/json.js'
import { readStoredReleases, type ReleasesReport } from './releases.js'

/** What one build of the branch weighed. */
export type TrendPoint = {
  readonly sha: string
  /** When it was stored, ISO 8601. */
  readonly at: string
  readonly size: number
  /** Absent where the engine keeps no compressed form. */
  readonly transferSize?: number
}

/** The builds of a branch before this one, oldest first; one series a platform. */
export type TrendReport = {
  readonly branch: string
  readonly series: readonly TrendSeries[]
}

type TrendSeries = { readonly platform: string; readonly points: readonly TrendPoint[] }

/** As it travels from baseline to baseline, and what the registry has told of releases with it. */
export type StoredTrend = { readonly series: readonly TrendSeries[]; readonly releases?: ReleasesReport | undefined }

/** An image as far as its size goes. */
type Weighed = { readonly platform: string; readonly size: number; readonly transferSize?: number }

/** Points of a platform that are kept, and shown with this build. */
export const MOST_POINTS = 20

const MOST_PLATFORMS = 64

/** What was stored, with the images of this build at its end. Platforms that are no longer built are left out. */
export function extendTrend(
  earlier: readonly TrendSeries[],
  images: readonly Weighed[],
  { sha, at }: Pick<TrendPoint, 'sha' | 'at'>
): readonly TrendSeries[] {
  return images.slice(0, MOST_PLATFORMS).map(({ platform, size, transferSize }) => {
    const before = earlier.find((series) => series.platform === platform)?.points ?? []
    const point = { sha, at, size, ...(transferSize === undefined ? {} : { transferSize }) }
    // A run that was started again is no other build, unless it weighs something else.
    const last = before.at(-1)
    const isAgain = last?.sha === sha && last.size === size
    return { platform, points: [...(isAgain ? before.slice(0, -1) : before), point].slice(-MOST_POINTS) }
  })
}

export function writeTrend(trend: StoredTrend): string {
  return JSON.stringify(trend)
}

/** Reads back what `writeTrend` wrote; what is no series, no point and no release is left out. */
export function parseTrend(text: string): StoredTrend {
  const stored = parseJSON(text)
  const series = asArray(dig(stored, 'series'))
    .slice(0, MOST_PLATFORMS)
    .flatMap((entry) => {
      const platform = asString(dig(entry, 'platform'))
      const points = asArray(dig(entry, 'points')).flatMap((point) => readPoint(point) ?? [])
      return platform === undefined || points.length === 0 ? [] : [{ platform, points: points.slice(-MOST_POINTS) }]
    })
  const releases = readStoredReleases(dig(stored, 'releases'))
  return { series, ...(releases === undefined ? {} : { releases }) }
}

function readPoint(value: unknown): TrendPoint | undefined {
  const [sha, at] = [asString(dig(value, 'sha')), asString(dig(value, 'at'))]
  const [size, transferSize] = [asSize(dig(value, 'size')), asSize(dig(value, 'transferSize'))]
  if (sha === undefined || !/^[0-9a-f]{40,64}$/.test(sha) || size === undefined) return undefined
  if (at === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at)) return undefined
  return { sha, at, size, ...(transferSize === undefined ? {} : { transferSize }) }
}
