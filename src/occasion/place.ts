/**
 * Where a run's report belongs: which commit gets the status, which pull request the comment, what to compare with.
 * Pure functions over event payloads.
 */
import { asPositive, asString, dig } from '../core/json.js'
import { isOfItsRef, queuedBranch, type Context } from './context.js'

export type Place = {
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

/** What reading the place of a report takes. */
type StartingEvent = Pick<Context, 'eventName' | 'payload' | 'sha' | 'ref'>

/** Reads the place of a report from the event. */
export function placeOf(event: StartingEvent): Place {
  const { payload, sha, ref } = event
  const defaultBranch = branchNamed(asString(dig(payload, 'repository', 'default_branch')))
  if (dig(payload, 'pull_request') !== undefined) return placeOfPullRequest(dig(payload, 'pull_request'))
  switch (event.eventName) {
    case 'merge_group':
      return placeOfMergeGroup(dig(payload, 'merge_group'), event)
    case 'workflow_run':
      return placeOfWorkflowRun(dig(payload, 'workflow_run'))
    case 'push':
      return placeOfPush(event, defaultBranch)
    default: {
      const branch = branchOf(ref)
      if (branch === undefined) return { ...commitAt(sha), ...withBase(defaultBranch) }
      return { ...commitAt(sha), ...withBase(branch), ...(isOfItsRef(event.eventName) ? { baselineOf: branch } : {}) }
    }
  }
}

function placeOfPullRequest(pull: unknown): Place {
  const number = asPositive(dig(pull, 'number'))
  const branch = branchNamed(asString(dig(pull, 'base', 'ref')))
  return {
    ...commitAt(asString(dig(pull, 'head', 'sha'))),
    ...(number === undefined ? {} : { pullRequest: number }),
    ...withBase(branch, asString(dig(pull, 'base', 'sha')))
  }
}

/** A group can hold several pull requests, and its payload names none: a status, no comment. */
function placeOfMergeGroup(group: unknown, { sha, ref }: StartingEvent): Place {
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
function placeOfWorkflowRun(run: unknown): Place {
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

function placeOfPush({ payload, sha, ref }: StartingEvent, defaultBranch: string | undefined): Place {
  if (dig(payload, 'deleted') === true) return {}
  const branch = branchOf(ref)
  // `after` of an annotated tag is the tag, not a commit; GITHUB_SHA always is one.
  if (branch === undefined) return { ...commitAt(sha), ...withBase(defaultBranch) }
  const before = asString(dig(payload, 'before'))
  const base = before !== undefined && isCommit(before) ? withBase(branch, before) : withBase(defaultBranch)
  return { ...commitAt(sha), ...base, baselineOf: branch }
}

function withBase(branch: string | undefined, sha?: string): Pick<Place, 'base'> {
  if (branch === undefined) return {}
  return { base: { branch, ...(sha === undefined || !isCommit(sha) ? {} : { sha }) } }
}

function commitAt(sha: string | undefined): Pick<Place, 'commit'> {
  return sha !== undefined && isCommit(sha) ? { commit: sha } : {}
}

function branchOf(ref: string): string | undefined {
  return ref.startsWith('refs/heads/') ? branchNamed(ref.slice('refs/heads/'.length)) : undefined
}

function branchNamed(name: string | undefined): string | undefined {
  return name === undefined || name === '' ? undefined : name
}

/** A commit's name: SHA-1 or SHA-256 in hex. */
export function isCommit(sha: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) && !/^0+$/.test(sha)
}
