/** The report of an earlier commit, kept in the Actions cache, to compare with. Needs no service and no permission. */
import { askCache, LARGEST_TEXT, troubleOf, type Cache } from '../actions-cache/cache.js'
import { asString, dig, parseJSON } from '../core/json.js'
import { isCommit } from '../occasion/place.js'
import { commitsBetween, firstParents, type Clone } from './history.js'
import { baselineKey, commitKey, commitOfKey, seriesKey, type BaselineSeries } from './key.js'

export type { BaselineSeries } from './key.js'

export type SaveRequest = BaselineSeries & {
  readonly sha: string
  /** The run that stores it and its attempt: `9876543210-1`. A later run of the commit stores its own. */
  readonly run: string
  /** What is built: the Dockerfile and the context as written. Two of one name are two images. */
  readonly subject: string
  /** What tells it from another image of the same name, where the same run builds several: see src/builds/identity.ts. */
  readonly identity: string
  /** The report, as JSON or whatever its reader likes. */
  readonly text: string
  /** The record of the build, beside it; see src/explain/. */
  readonly build?: string
  /** The outcome of every test, beside it; see src/test_reports/. */
  readonly tests?: string
  /** What the builds before weighed, and this one; see trend.ts. */
  readonly trend?: string
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
  readonly identity: string
  /** Asked when the branch has no baseline at all: a new branch has only the one it was made from. */
  readonly fallbackBranch?: string
}

/** What was stored, and of which commit. `build` is absent where an older version of this action stored it. */
type Stored = {
  readonly branch: string
  readonly sha: string
  readonly text: string
  readonly build?: string
  readonly tests?: string
  readonly trend?: string
}

/** How a stored commit is related to the change. `behind` counts commits on the branch. */
export type Relation =
  /** It is the commit that the change is based on. */
  | { readonly kind: 'base' }
  /** The nearest before the base that has a stored report. */
  | { readonly kind: 'ancestor'; readonly base: string; readonly behind: number }
  /** The newest of the branch. Without `behind` it is not known how far it is from the base. */
  | { readonly kind: 'newest'; readonly base?: string; readonly behind?: number }

/** Which report is compared with. */
export type Baseline =
  | ({ readonly kind: 'commit'; readonly relation: Relation } & Stored)
  | { readonly kind: 'none'; readonly reason: string }

/** What is on disk and in the cache. The key's commit is repeated, so that a mix-up is seen. */
type Envelope = {
  readonly series: string
  readonly sha: string
  readonly text: string
  readonly build?: string
  readonly tests?: string
  readonly trend?: string
  readonly subject?: string
  readonly identity?: string
  /** Its run had stored another image under the name: of which one a later run finds is chance. */
  readonly shared?: boolean
}

/** The service takes ten keys at once: the commit, these, and the series. */
const MOST_ANCESTORS = 8

/** Stores the baseline of a commit. For trusted runs of a branch only. Never throws. */
export async function saveBaseline(cache: Cache, request: SaveRequest): Promise<SaveOutcome> {
  const { sha, text, build, tests, trend, redact } = request
  const refused = (reason: string): SaveOutcome => ({
    kind: 'not-saved',
    notes: [`The baseline was not stored: ${reason}.`]
  })
  if (!isCommit(sha)) return refused('the commit is not known')
  const envelope: Envelope = {
    ...{ series: seriesKey(request), sha, text: redact(text), subject: redact(request.subject) },
    identity: request.identity,
    ...(build === undefined ? {} : { build: redact(build) }),
    ...(tests === undefined ? {} : { tests: redact(tests) }),
    ...(trend === undefined ? {} : { trend: redact(trend) })
  }
  const content = JSON.stringify(envelope)
  if (content.length > LARGEST_TEXT) return refused('the report is too big')
  const save = (key: string, content: string) =>
    askCache(cache, { kind: 'save', name: 'baseline.json', key }, { content })
  const key = baselineKey(request, sha, request.run)
  const answer = await save(key, content)
  const { kind } = answer.result
  if (kind === 'exists' && (await isOfAnother(cache, request, key))) {
    // What is stored last is found first, so whoever compares with either learns that there are two.
    await save(`${key}-${request.identity}`, JSON.stringify({ ...envelope, shared: true }))
    return { kind, notes: [keepApart(request.name)] }
  }
  return kind === 'saved' || kind === 'exists' ? { kind, notes: [] } : refused(redact(troubleOf(answer)))
}

/** Whether what this run has stored already is another image. One that is being stored at this moment is another job's. */
async function isOfAnother(cache: Cache, request: SaveRequest, key: string): Promise<boolean> {
  const { result, content } = await askCache(cache, { kind: 'restore', name: 'baseline.json', keys: [key] })
  if (result.kind !== 'restored') return result.kind === 'missed'
  const stored = readEnvelope(content, request, result.key)
  return stored?.identity !== undefined && stored.identity !== request.identity
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
      const shared = found?.shared === true
      if (shared && found.identity !== request.identity) return otherImage(request)
      if (found !== undefined) {
        const notes = shared ? [keepApart(request.name)] : []
        return { baseline: await place(clone, found, { commits, branch: each }), notes }
      }
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
  other?: string
): { readonly baseline: Baseline; readonly notes: readonly string[] } {
  const differs =
    other === undefined ? 'with other build arguments, platforms or stages' : `${other}; this one is ${subject}`
  const reason = `what is stored as "${name}" is another image (${differs})`
  return { baseline: { kind: 'none', reason }, notes: [keepApart(name)] }
}

function keepApart(name: string): string {
  return `Two images share the name "${name}": give each its own \`report-name\`, or they overwrite each other’s baseline and comment.`
}

async function place(
  clone: Clone,
  { sha, text, build, tests, trend }: Envelope,
  { commits, branch }: { readonly commits: readonly string[]; readonly branch: string }
): Promise<Baseline> {
  const [base] = commits
  const behind = commits.indexOf(sha)
  const stored: Stored = {
    ...{ branch, sha, text },
    ...(build === undefined ? {} : { build }),
    ...(tests === undefined ? {} : { tests }),
    ...(trend === undefined ? {} : { trend })
  }
  const found = (relation: Relation): Baseline => ({ kind: 'commit', ...stored, relation })
  if (base === undefined) return found({ kind: 'newest' })
  if (behind === 0) return found({ kind: 'base' })
  if (behind > 0) return found({ kind: 'ancestor', base, behind })
  const between = await commitsBetween(clone, sha, base)
  return found({ kind: 'newest', base, ...(between === undefined ? {} : { behind: between }) })
}

function readEnvelope(content: string | undefined, series: BaselineSeries, key: string): Envelope | undefined {
  const value = parseJSON(content ?? '')
  const sha = asString(dig(value, 'sha'))
  const text = asString(dig(value, 'text'))
  const build = asString(dig(value, 'build'))
  if (sha === undefined || text === undefined || !isCommit(sha)) return undefined
  if (commitOfKey(series, key) !== sha || dig(value, 'series') !== seriesKey(series)) return undefined
  const tests = asString(dig(value, 'tests'))
  const subject = asString(dig(value, 'subject'))
  const identity = asString(dig(value, 'identity'))
  const trend = asString(dig(value, 'trend'))
  return {
    ...{ series: seriesKey(series), sha, text },
    ...(build === undefined ? {} : { build }),
    ...(tests === undefined ? {} : { tests }),
    ...(trend === undefined ? {} : { trend }),
    ...(subject === undefined ? {} : { subject }),
    ...(identity === undefined ? {} : { identity }),
    ...(dig(value, 'shared') === true ? { shared: true } : {})
  }
}

function noteOf(reason: string): string {
  return `The baseline could not be read: ${reason}.`
}
