/**
 * Whether and when a call may be tried again. Pure.
 * https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
 */
import type { Attempt } from './attempt.js'

/** After a rate limit without a time in it, GitHub asks for a minute. */
const MINUTE = 60_000

/** Both limits come as 429 or as 403; a 403 of another kind says nothing of a rest or of retrying. */
export function isRateLimit(attempt: Attempt): boolean {
  if (attempt.kind === 'no-answer') return false
  if (attempt.status === 429) return true
  if (attempt.status !== 403) return false
  const { header } = attempt
  return (
    header('retry-after') !== undefined ||
    header('x-ratelimit-remaining') === '0' ||
    /\brate limit\b/i.test(attempt.text)
  )
}

/** Milliseconds until the next attempt; `undefined` where another attempt would come to the same. */
export function planWait(attempt: Attempt, at: { attempt: number; now: number }): number | undefined {
  const backoff = 1000 * 2 ** (at.attempt - 1)
  if (attempt.kind === 'no-answer') return attempt.isLasting ? undefined : backoff
  const { status, header } = attempt
  const limited = isRateLimit(attempt)
  if (!limited && status < 500) return undefined
  const asked = readRetryAfter(header('retry-after'), at.now)
  if (asked !== undefined) return asked
  if (!limited) return backoff
  const reset = Number(header('x-ratelimit-reset'))
  if (header('x-ratelimit-remaining') === '0' && reset > 0) return Math.max(1000, reset * 1000 - at.now + 1000)
  return MINUTE
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
