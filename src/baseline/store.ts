/** The report of an earlier commit, kept in the Actions cache, to compare with. Needs no service and no permission. */
import { askCache, LARGEST_TEXT, troubleOf, type Cache } from '../actions-cache/cache.js'
import { asString, dig, parseJSON } from '../core/json.js'
import { isCommit } from '../github/status.js'
import { commitsBetween, firstParents, type Clone } from './history.js'
import { baselineKey, commitKey, commitOfKey, seriesKey, type BaselineSeries } from './key.js'

export type { BaselineSeries } from './key.js'

export type SaveRequest = BaselineSeries & {
  readonly sha: string
  /** The run that stores it and its attempt: `9876543210-1`. A later run of the commit stores its own. */
  readonly run: string
  /** What is built: the Dockerfile and the context as written. Two of one name are two images. */
  readonly subject: string
  /** The report, as JSON or whatever its reader likes. */
  readonly text: string
  /** The record of the build, beside it; see src/explain/. */
  readonly build?: string
  /** Takes the secrets of this run out of a text: whoever can open a pull request can read the cache. */
  readonly redact: (text: string) => string
}

export type SaveOutcome = {
  /** `exists`: this run has stored one already, and entries can't be changed. */
  readonly kind: 'saved' | 'exists' | 'not-saved'
  readonly notes: readonly string[]
}

export type RestoreRequest = BaselineSeries & {
  /** The commit that the change is based on; without it the newest of the branch is taken. */
  readonly base?: string
  /** As in `SaveRequest`: what another image of the same name stored is no baseline. */
  readonly subject: string
  /** Asked when the branch has no baseline at all: a new branch has only the one it was made from. */
  readonly fallbackBranch?: string
}

/** What was stored, and of which commit. `build` is absent where an older version of this action stored it. */
type Stored = { readonly branch: string; readonly sha: string; readonly text: string; readonly build?: string }

/** Which report is compared with. `behind` counts commits on the branch, up to the one the change is based on. */
export type Baseline =
  | ({ readonly kind: 'exact' } & Stored)
  | ({ readonly kind: 'ancestor'; readonly base: string; readonly behind: number } & Stored)
  /** The newest of the branch. Without `behind` it is not known how it relates to the change. */
  | ({ readonly kind: 'latest'; readonly base?: string; readonly behind?: number } & Stored)
  | { readonly kind: 'none'; readonly reason: string }

/** What is on disk and in the cache. The key's commit is repeated, so that a mix-up is seen. */
type Envelope = {
  readonly series: string
  readonly sha: string
  readonly text: string
  readonly build?: string
  readonly subject?: string
}

/** The service takes ten keys at once: the commit, these, and the series. */
const MOST_ANCESTORS = 8

/** Stores the baseline of a commit. For trusted runs of a branch only. Never throws. */
export async function saveBaseline(cache: Cache, request: SaveRequest): Promise<SaveOutcome> {
  const { sha, text, build, redact } = request
  const refused = (reason: string): SaveOutcome => ({
    kind: 'not-saved',
    notes: [`The baseline was not stored: ${reason}.`]
  })
  if (!isCommit(sha)) return refused('the commit is not known')
  const envelope: Envelope = {
    ...{ series: seriesKey(request), sha, text: redact(text), subject: redact(request.subject) },
    ...(build === undefined ? {} : { build: redact(build) })
  }
  const content = JSON.stringify(envelope)
  if (content.length > LARGEST_TEXT) return refused('the report is too big')
  const answer = await askCache(
    cache,
    { kind: 'save', name: 'baseline.json', key: baselineKey(request, sha, request.run) },
    content
  )
  if (answer.result.kind === 'saved' || answer.result.kind === 'exists') return { kind: answer.result.kind, notes: [] }
  return refused(redact(troubleOf(answer)))
}

/**
 * Finds the baseline: of the very commit the change is based on, else of the nearest of its first-parent ancestors,
 * else the newest of the branch. Never throws: what hinders it is in the notes, and "none" is an answer.
 */
export async function restoreBaseline(
  { cache, clone }: { readonly cache: Cache; readonly clone: Clone },
  request: RestoreRequest
): Promise<{ readonly baseline: Baseline; readonly notes: readonly string[] }> {
  const { base, branch, fallbackBranch } = request
  const commits = base === undefined || !isCommit(base) ? [] : await firstParents(clone, base, MOST_ANCESTORS)
  const branches = [branch, ...(fallbackBranch === undefined || fallbackBranch === branch ? [] : [fallbackBranch])]
  for (const each of branches) {
    const series: BaselineSeries = { name: request.name, target: request.target, branch: each }
    const keys = [...commits.map((sha) => commitKey(series, sha)), seriesKey(series)]
    const answer = await askCache(cache, { kind: 'restore', name: 'baseline.json', keys })
    const { result } = answer
    if (result.kind === 'restored') {
      const found = readEnvelope(answer.content, series, result.key)
      if (found?.subject !== undefined && found.subject !== request.subject) return otherImage(request, found.subject)
      if (found !== undefined) return { baseline: await place(clone, found, { commits, branch: each }), notes: [] }
      const reason = `the stored report of ${each} is damaged`
      return { baseline: { kind: 'none', reason }, notes: [noteOf(reason)] }
    }
    if (result.kind === 'unavailable') {
      return { baseline: { kind: 'none', reason: 'this runner offers no Actions cache' }, notes: [] }
    }
    if (result.kind !== 'missed' || answer.troubles.length > 0) {
      const reason = troubleOf(answer)
      return { baseline: { kind: 'none', reason }, notes: [noteOf(reason)] }
    }
  }
  return { baseline: { kind: 'none', reason: `no report of ${branches.join(' or ')} is stored (yet)` }, notes: [] }
}

/** Two images under one name: neither is judged by the other, and whoever reads it is told how to keep them apart. */
function otherImage(
  { name, subject }: RestoreRequest,
  other: string
): { readonly baseline: Baseline; readonly notes: readonly string[] } {
  const reason = `what is stored as "${name}" is another image (${other}; this one is ${subject})`
  const fix = `Two images share the name "${name}": give each its own \`report-name\`, or they overwrite each other’s baseline and comment.`
  return { baseline: { kind: 'none', reason }, notes: [fix] }
}

/** Which baseline is compared with, and how far it is from the change: one sentence, plain text. */
export function describeBaseline(baseline: Baseline): string {
  if (baseline.kind === 'none') return `Compared with nothing: ${baseline.reason}.`
  const { branch, sha } = baseline
  const at = `${branch} at ${short(sha)}`
  switch (baseline.kind) {
    case 'exact':
      return `Compared with ${at}, the commit this change is based on.`
    case 'ancestor':
      return `Compared with ${at}, ${commitsBefore(baseline.behind)} the one this change is based on (${short(baseline.base)}), which has no stored report.`
    case 'latest': {
      if (baseline.base === undefined) return `Compared with ${at}, the newest stored report of that branch.`
      if (baseline.behind !== undefined) {
        return `Compared with ${at}, ${commitsBefore(baseline.behind)} the one this change is based on (${short(baseline.base)}); no nearer one has a stored report.`
      }
      return `Compared with ${at}, the newest stored report of that branch: the commit this change is based on (${short(baseline.base)}) has none, and how far apart they are is not known here (a deeper checkout, \`fetch-depth\`, may tell).`
    }
  }
}

async function place(
  clone: Clone,
  { sha, text, build }: Envelope,
  { commits, branch }: { readonly commits: readonly string[]; readonly branch: string }
): Promise<Baseline> {
  const [base] = commits
  const behind = commits.indexOf(sha)
  const stored: Stored = { branch, sha, text, ...(build === undefined ? {} : { build }) }
  if (base === undefined) return { kind: 'latest', ...stored }
  if (behind === 0) return { kind: 'exact', ...stored }
  if (behind > 0) return { kind: 'ancestor', ...stored, base, behind }
  const between = await commitsBetween(clone, sha, base)
  return { kind: 'latest', ...stored, base, ...(between === undefined ? {} : { behind: between }) }
}

function readEnvelope(content: string | undefined, series: BaselineSeries, key: string): Envelope | undefined {
  const value = parseJSON(content ?? '')
  const sha = asString(dig(value, 'sha'))
  const text = asString(dig(value, 'text'))
  const build = asString(dig(value, 'build'))
  if (sha === undefined || text === undefined || !isCommit(sha)) return undefined
  if (commitOfKey(series, key) !== sha || dig(value, 'series') !== seriesKey(series)) return undefined
  const subject = asString(dig(value, 'subject'))
  return {
    ...{ series: seriesKey(series), sha, text },
    ...(build === undefined ? {} : { build }),
    ...(subject === undefined ? {} : { subject })
  }
}

function noteOf(reason: string): string {
  return `The baseline could not be read: ${reason}.`
}

function short(sha: string): string {
  return sha.slice(0, 7)
}

function commitsBefore(count: number): string {
  return `${count} ${count === 1 ? 'commit' : 'commits'} before`
}
