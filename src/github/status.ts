/** Commit statuses: the verdict beside a commit, for branch protection rules that want one of a given name. */
import { dig, asString } from '../core/json.js'
import { isCommit } from '../occasion/place.js'
import type { Client } from './client.js'
import { explainApiError, type ApiError } from './errors.js'

export type CommitState = 'error' | 'failure' | 'pending' | 'success'

export type StatusRequest = {
  readonly client: Client
  /** The commit a reviewer sees: a pull request's head, not the merge that GitHub tests (see `Place`). */
  readonly sha: string
  readonly state: CommitState
  /** Name of the status, `commit-status`. */
  readonly context: string
  readonly description: string
  /** Where the status leads, https://… */
  readonly targetUrl?: string
}

export type StatusOutcome =
  | { readonly kind: 'set'; readonly url?: string }
  | { readonly kind: 'failed'; readonly error: ApiError; readonly message: string }

/** Longest description; GitHub answers 422 to a longer one. */
export const DESCRIPTION_LIMIT = 140

/** GitHub keeps this much of a name. */
const CONTEXT_LIMIT = 255

/** Sets a status on a commit. Never throws. */
export async function setCommitStatus(request: StatusRequest): Promise<StatusOutcome> {
  const { client, sha, state, targetUrl } = request
  // Redacted before it is cut: of a secret cut in two, the rest would no longer be recognised.
  const description = shortened(client.redact(oneLine(request.description)), DESCRIPTION_LIMIT)
  const context = client.redact(oneLine(request.context)).slice(0, CONTEXT_LIMIT).toWellFormed()
  if (!isCommit(sha)) return failure({ kind: 'invalid', status: 422, fields: ['sha'] }, context)
  const result = await client.repo('POST', `/statuses/${sha}`, {
    permission: 'statuses: write',
    body: { state, context, description, ...(isLink(targetUrl) ? { target_url: targetUrl } : {}) }
  })
  if (!result.ok) return failure(result.error, context)
  const url = asString(dig(result.value, 'url'))
  return { kind: 'set', ...(url === undefined ? {} : { url }) }
}

/** At most `limit` characters; what is cut is cut behind a word and ends in an ellipsis. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  const room = text.slice(0, limit - 1)
  const space = text[limit - 1] === ' ' ? room.length : room.lastIndexOf(' ')
  // One word that fills most of the room, a digest say, is cut inside, but never inside a surrogate pair.
  const cut = space > limit / 2 ? room.slice(0, space) : room.replace(/[\ud800-\udbff]$/, '')
  return `${cut.replace(/[\s,;:.–—-]+$/, '')}…`
}

function failure(error: ApiError, context: string): StatusOutcome {
  return { kind: 'failed', error, message: explainApiError(error, `The commit status "${context}" was not set`) }
}

function isLink(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url)
}

function oneLine(text: string): string {
  return text
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .toWellFormed()
}
