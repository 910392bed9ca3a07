/** Whether and when a registry is asked once more. */
import { setTimeout as sleepFor } from 'node:timers/promises'
import { Cancelled } from '../ports.js'
import { isCertificateError, isNotTLS } from './certificates.js'
import { NoAnswer, type Answer } from './transport.js'

/** Waits, and ends early by rejecting when the signal is aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>

export const sleep: Sleep = async (milliseconds, signal) => {
  try {
    await sleepFor(milliseconds, undefined, { signal })
  } catch {
    throw new Cancelled()
  }
}

/** Seconds that a registry may ask us to wait; who asks for more is not waited for. */
const LONGEST_WAIT_SECONDS = 60

/** Whether another attempt may come to something else: overload, a broken proxy in between, a cut connection. */
export function isTransient(outcome: Answer | NoAnswer): boolean {
  if (!(outcome instanceof NoAnswer)) return [408, 425, 429, 500, 502, 503, 504].includes(outcome.status)
  if (outcome.reason === 'too-long' || ['FILE', 'PROXY', 'PROXY_DENIES'].includes(outcome.code)) return false
  return !isCertificateError(outcome.code) && !isNotTLS(outcome.code) && outcome.code !== 'ENOTFOUND'
}

/**
 * Milliseconds until the next attempt; `undefined` where another would come to the same, or comes too late.
 * @param attempt 1 after the first
 */
export function planWait(outcome: Answer | NoAnswer, attempt: number, now: number): number | undefined {
  if (!isTransient(outcome)) return undefined
  const backoff = 500 * 3 ** (attempt - 1)
  if (outcome instanceof NoAnswer) return outcome.fresh ? backoff : 0
  const asked = readRetryAfter(outcome.headers['retry-after'], now)
  if (asked === undefined) return backoff
  return asked > LONGEST_WAIT_SECONDS * 1000 ? undefined : Math.max(asked, backoff)
}

/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from now. */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
