/**
 * Where a run's report belongs: which commit gets the status, which pull request the comment, what to compare with.
 * Pure functions over event payloads, and one question to the API where the payload does not tell.
 */
import { asNumber, asString, dig } from '../core/json.js'
import { isOfItsRef, queuedBranch } from '../occasion/context.js'
import type { Client } from './client.js'
import type { ApiResult } from './errors.js'
import { isCommit } from './status.js'

/** The event that started a run. */
export type StartingEvent = {
  readonly name: string
  readonly payload: unknown
  /** `GITHUB_SHA`, for a pull request a merge that exists only for the test. */
  readonly sha: string
  /** `GITHUB_REF`. */
  readonly ref: string
}

export type ReportPlace = {
  /** The commit that people see: a status belongs here. Absent where nothing was built from one. */
  readonly commit?: string
  /** The pull request that a comment belongs to. */
  readonly pullRequest?: number
  /** What the change is compared with; without `sha` with the newest report of the branch. */
  readonly base?: { readonly branch: string; readonly sha?: string }
  /**
   * The branch whose baseline this run makes. An event such as `issue_comment` also runs at a branch's commit, and what
   * it then builds is often a pull request's head: it makes none.
   */
  readonly baselineOf?: string
  /** Describes the pull request that `findPullRequests` has to look for. */
  readonly search?: PullRequestSearch
}

/** A pull request by where its head is. */
export type PullRequestSearch = {
  readonly headSha: string
  /** `owner/name`; a fork for a pull request from one. */
  readonly headRepository: string
  readonly headBranch: string
}

/** Reads the place of a report from the event. */
export function placeOf(event: StartingEvent): ReportPlace {
  const { payload, sha, ref } = event
  const defaultBranch = branchNamed(asString(dig(payload, 'repository', 'default_branch')))
  if (dig(payload, 'pull_request') !== undefined) return placeOfPullRequest(dig(payload, 'pull_request'))
  switch (event.name) {
    case 'merge_group':
      return placeOfMergeGroup(dig(payload, 'merge_group'), event)
    case 'workflow_run':
      return placeOfWorkflowRun(dig(payload, 'workflow_run'))
    case 'push':
      return placeOfPush(event, defaultBranch)
    default: {
      const branch = branchOf(ref)
      if (branch === undefined) return { ...commitAt(sha), ...withBase(defaultBranch) }
      return { ...commitAt(sha), ...withBase(branch), ...(isOfItsRef(event.name) ? { baselineOf: branch } : {}) }
    }
  }
}

/** Open pull requests of this repository whose head is exactly there now. */
export async function findPullRequests(
  client: Client,
  search: PullRequestSearch
): Promise<ApiResult<readonly number[]>> {
  const [owner = ''] = search.headRepository.split('/')
  const query = new URLSearchParams({ state: 'open', head: `${owner}:${search.headBranch}` })
  const listed = await client.list(`/pulls?${query.toString()}`, { permission: 'pull-requests: read' })
  if (!listed.ok) return listed
  const numbers = listed.value
    .filter(
      (pull) =>
        dig(pull, 'head', 'sha') === search.headSha &&
        asString(dig(pull, 'head', 'repo', 'full_name'))?.toLowerCase() === search.headRepository.toLowerCase()
    )
    .map((pull) => numberAt(dig(pull, 'number')))
    .filter((number) => number !== undefined)
  return { ok: true, value: numbers }
}

function placeOfPullRequest(pull: unknown): ReportPlace {
  const number = numberAt(dig(pull, 'number'))
  const branch = branchNamed(asString(dig(pull, 'base', 'ref')))
  return {
    ...commitAt(asString(dig(pull, 'head', 'sha'))),
    ...(number === undefined ? {} : { pullRequest: number }),
    ...withBase(branch, asString(dig(pull, 'base', 'sha')))
  }
}

/** A group can hold several pull requests, and its payload names none: a status, no comment. */
function placeOfMergeGroup(group: unknown, { sha, ref }: StartingEvent): ReportPlace {
  const branch = branchOf(asString(dig(group, 'base_ref')) ?? '') ?? queuedBranch(ref)
  return {
    ...commitAt(asString(dig(group, 'head_sha')) ?? sha),
    ...withBase(branch, asString(dig(group, 'base_sha')))
  }
}

/**
 * `workflow_run.pull_requests` is empty for forks, and names any pull request of the branch otherwise, so it is not
 * looked at. https://github.com/actions/runner/issues/3444
 */
function placeOfWorkflowRun(run: unknown): ReportPlace {
  const headSha = asString(dig(run, 'head_sha'))
  const headRepository = asString(dig(run, 'head_repository', 'full_name'))
  const headBranch = asString(dig(run, 'head_branch'))
  const commit = commitAt(headSha)
  const isOfPullRequest = asString(dig(run, 'event'))?.startsWith('pull_request') === true
  if (commit.commit === undefined || !isOfPullRequest || headRepository === undefined || headBranch === undefined) {
    return commit
  }
  return { ...commit, search: { headSha: commit.commit, headRepository, headBranch } }
}

function placeOfPush({ payload, sha, ref }: StartingEvent, defaultBranch: string | undefined): ReportPlace {
  if (dig(payload, 'deleted') === true) return {}
  const branch = branchOf(ref)
  // `after` of an annotated tag is the tag, not a commit; GITHUB_SHA always is one.
  if (branch === undefined) return { ...commitAt(sha), ...withBase(defaultBranch) }
  const before = asString(dig(payload, 'before'))
  const base = before !== undefined && isCommit(before) ? withBase(branch, before) : withBase(defaultBranch)
  return { ...commitAt(sha), ...base, baselineOf: branch }
}

function withBase(branch: string | undefined, sha?: string): Pick<ReportPlace, 'base'> {
  if (branch === undefined) return {}
  return { base: { branch, ...(sha === undefined || !isCommit(sha) ? {} : { sha }) } }
}

function commitAt(sha: string | undefined): Pick<ReportPlace, 'commit'> {
  return sha !== undefined && isCommit(sha) ? { commit: sha } : {}
}

function branchOf(ref: string): string | undefined {
  return ref.startsWith('refs/heads/') ? branchNamed(ref.slice('refs/heads/'.length)) : undefined
}

function branchNamed(name: string | undefined): string | undefined {
  return name === undefined || name === '' ? undefined : name
}

function numberAt(value: unknown): number | undefined {
  const number = asNumber(value)
  return number !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined
}
