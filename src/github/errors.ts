/** Why a call to the API failed, as a value, and in words for the summary. */
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import type { Attempt } from './attempt.js'
import { isRateLimit } from './retry.js'

export type ApiError =
  /** `permission` as in a workflow (`pull-requests: write`); `reason` where it is none of permissions. */
  | { readonly kind: 'forbidden'; readonly status: number; readonly permission?: string; readonly reason?: string }
  | { readonly kind: 'not-found'; readonly status: number; readonly permission?: string }
  /** The server understood the call and did not like what is in it; `fields` names what. */
  | { readonly kind: 'invalid'; readonly status: number; readonly fields: readonly string[] }
  | { readonly kind: 'rate-limited'; readonly seconds: number }
  | { readonly kind: 'unavailable'; readonly reason: string }

export type ApiResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ApiError }

/** Reasons for a 403 that no permission changes. Said in words of our own. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/\block(?:ed|ing)\b/i, 'the conversation is locked'],
  [/archived|read-only/i, 'the repository is archived'],
  [/\bSAML\b|\bSSO\b/i, "the token is not authorised for the organisation's single sign-on"],
  [/\bIP address\b|IP allow list/i, "the organisation's list of allowed IP addresses does not have this runner"],
  [/suspended|\bblocked\b/i, 'the account is suspended or blocked']
]

/** What an attempt without success comes to. `wait` says for how long the server wants to be left alone. */
export function readError(attempt: Attempt, of: { permission: string; wait: number | undefined }): ApiError {
  if (attempt.kind === 'no-answer') return { kind: 'unavailable', reason: attempt.reason }
  const { status } = attempt
  const needs = of.permission === '' ? {} : { permission: of.permission }
  if (isRateLimit(attempt)) return { kind: 'rate-limited', seconds: Math.ceil((of.wait ?? 0) / 1000) }
  if (status === 401) return { kind: 'forbidden', status, reason: 'the token is not valid, or no longer valid' }
  if (status === 403) {
    const message = messageOf(attempt.text)
    const refusal = REFUSALS.find(([pattern]) => pattern.test(message))
    return { kind: 'forbidden', status, ...(refusal === undefined ? needs : { reason: refusal[1] }) }
  }
  if (status === 404 || status === 410) return { kind: 'not-found', status, ...needs }
  if (status >= 400 && status < 500) return { kind: 'invalid', status, fields: fieldsOf(attempt.text) }
  return { kind: 'unavailable', reason: `the server answered ${status}` }
}

/** `what` did not happen, and what to do about it: one sentence or two, plain text. */
export function explainApiError(error: ApiError, what: string): string {
  switch (error.kind) {
    case 'forbidden':
      if (error.reason !== undefined) return `${what}: ${error.reason} (${error.status}).`
      return `${what}: the token may not do this (${error.status}).${remedy(error.permission)}`
    case 'not-found':
      return `${what}: not found (${error.status}). GitHub also says so when the token may not do this.${remedy(error.permission)}`
    case 'invalid': {
      const fields = error.fields.length === 0 ? '' : `: ${error.fields.join(', ')}`
      return `${what}: the server did not accept the request (${error.status}${fields}).`
    }
    case 'rate-limited':
      return `${what}: the rate limit is used up${error.seconds > 0 ? `, for another ${error.seconds} seconds` : ''}.`
    case 'unavailable':
      return `${what}: ${error.reason}.`
  }
}

function remedy(permission: string | undefined): string {
  return permission === undefined ? '' : ` Add \`${permission}\` to the job's \`permissions\`.`
}

function messageOf(text: string): string {
  return asString(dig(parseJSON(text), 'message')) ?? ''
}

/** What we send, as GitHub calls it, and its codes for what can be wrong with it. */
const FIELDS = ['body', 'data', 'sha', 'state', 'context', 'description', 'target_url']
const CODES = ['missing', 'missing_field', 'invalid', 'already_exists', 'unprocessable', 'too_long', 'custom']

/** `description invalid`: identifiers that we know, never GitHub's prose, which may quote what was sent. */
function fieldsOf(text: string): readonly string[] {
  return asArray(dig(parseJSON(text), 'errors'))
    .map((entry) => [FIELDS.find(is(entry, 'field')), CODES.find(is(entry, 'code'))])
    .map((words) => words.filter((word) => word !== undefined).join(' '))
    .filter((field) => field !== '')
    .slice(0, 5)
}

function is(entry: unknown, key: string): (word: string) => boolean {
  return (word) => dig(entry, key) === word
}
