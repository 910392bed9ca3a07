/**
 * Under which key a baseline is stored. Names and branches are hashed: a key may have 512 characters and no comma, and
 * is looked for by its beginning, so `main` must not find `main-2`.
 */
import { createHash } from 'node:crypto'

/** Which series of reports: the report's name, the target of the build, the branch. */
export type BaselineSeries = { readonly name: string; readonly target: string; readonly branch: string }

/** Raised when older versions can't read what is stored. */
const FORMAT = 'v2'

/** The beginning of all keys of a series. It ends in a hyphen, so it is no beginning of another series' keys. */
export function seriesKey({ name, target, branch }: BaselineSeries): string {
  return `stagegate-baseline-${FORMAT}-${[name, target, branch].map(hashed).join('-')}-`
}

/** The beginning of the keys of one commit's baselines: every run of it stores its own, and the newest is found. */
export function commitKey(series: BaselineSeries, sha: string): string {
  return `${seriesKey(series)}${sha}-`
}

/** The key of what one run stores. @param run the run and its attempt: `9876543210-1` */
export function baselineKey(series: BaselineSeries, sha: string, run: string): string {
  return `${commitKey(series, sha)}${run}`
}

/** The commit in a key of the series; `undefined` for a key of another one. */
export function commitOfKey(series: BaselineSeries, key: string): string | undefined {
  const start = seriesKey(series)
  return key.startsWith(start) ? key.slice(start.length).split('-', 1)[0] : undefined
}

function hashed(part: string): string {
  return createHash('sha256').update(part).digest('hex').slice(0, 20)
}
