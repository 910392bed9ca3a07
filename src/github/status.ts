/** Commit statuses: the verdict beside a commit, for branch protection rules that want one of a given name. */
import { createHash } from 'node:crypto'
import { asArray, asString, dig } from '../core/json.js'
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
  /** What it is about: what another image or workflow of this commit says under the same name is noticed. */
  readonly identity?: string
}

export type StatusOutcome =
  | { readonly kind: 'set'; readonly url?: string; readonly message?: string }
  /** It says that another image or workflow has failed, and goes on saying so. */
  | { readonly kind: 'left'; readonly message: string }
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
  const mark = request.identity === undefined ? '' : markOf(request.identity)
  const other = mark === '' ? undefined : await findOther(client, { sha, context, mark })
  const shared = other === undefined ? undefined : sharedBy(context)
  // A required check that one leg has made red must not be made green by the next.
  if (shared !== undefined && state === 'success' && other !== 'success') {
    return { kind: 'left', message: `${shared} It still says that the other one failed.` }
  }
  const result = await client.repo('POST', `/statuses/${sha}`, {
    permission: 'statuses: write',
    body: { state, context, description, ...(isLink(targetUrl) ? { target_url: `${targetUrl}${mark}` } : {}) }
  })
  if (!result.ok) return failure(result.error, context)
  if (!isStatus(result.value, state)) {
    return failure({ kind: 'unavailable', reason: 'the response is not the status' }, context)
  }
  const url = asString(dig(result.value, 'url'))
  return { kind: 'set', ...(url === undefined ? {} : { url }), ...(shared === undefined ? {} : { message: shared }) }
}

/** Something else may answer with 200: a proxy's page. Gitea has the state under another name, as `status`. */
function isStatus(answer: unknown, state: CommitState): boolean {
  return asString(dig(answer, 'context')) !== undefined && [dig(answer, 'state'), dig(answer, 'status')].includes(state)
}

/** What a status is about, as a part of its link that leads to the same place. */
function markOf(identity: string): string {
  return `#stagegate-${createHash('sha256').update(identity).digest('hex').slice(0, 12)}`
}

/** The state that another image or workflow has set under this name; `undefined` where none has, or nobody can say. */
async function findOther(
  client: Client,
  { sha, context, mark }: { readonly sha: string; readonly context: string; readonly mark: string }
): Promise<string | undefined> {
  const listed = await client.repo('GET', `/commits/${sha}/statuses?per_page=100`, { permission: 'statuses: read' })
  // The newest comes first: https://docs.github.com/rest/commits/statuses#list-commit-statuses-for-a-reference
  const last = listed.ok ? asArray(listed.value).find((status) => dig(status, 'context') === context) : undefined
  const [theirs] = /#stagegate-[0-9a-f]{12}$/.exec(asString(dig(last, 'target_url')) ?? '') ?? []
  return theirs === undefined || theirs === mark ? undefined : asString(dig(last, 'state'))
}

function sharedBy(context: string): string {
  return `The commit status "${context}" is that of another image or workflow of this commit, too. Give each its own \`commit-status\`.`
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
