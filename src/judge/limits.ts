/** Limits of one or two parts: whether one is exceeded, and how it reads. */
import type { Limit } from '../core/limit.js'
import { bytes } from '../core/units.js'

/** Whether a measurement breaks a limit; where the limit has two parts, it must break both. */
export function exceeds(limit: Limit, measured: number, share: number): boolean {
  const breaks = [
    ...(limit.bytes === undefined ? [] : [measured > limit.bytes]),
    ...(limit.share === undefined ? [] : [share > limit.share])
  ]
  return breaks.length > 0 && breaks.every(Boolean)
}

/** How many bytes have to go for the limit to be kept. Keeping one of two parts is enough. */
export function bytesOver({ measured, share = 0, limit }: { measured: number; share?: number; limit: Limit }): number {
  const whole = share > 0 ? measured / share : 0
  const limits = [
    ...(limit.bytes === undefined ? [] : [limit.bytes]),
    ...(limit.share === undefined ? [] : [limit.share * whole])
  ]
  return limits.length === 0 ? 0 : Math.max(0, measured - Math.max(...limits))
}

/** `250 MB`: a size as somebody wrote it, as far as a number can tell. */
export function limitBytes(limit: number): string {
  return bytes(limit).replace(/\.0 /, ' ')
}

/** `5 MB or 3 %`. */
export function limitOfParts(limit: Limit): string {
  return [
    ...(limit.bytes === undefined ? [] : [limitBytes(limit.bytes)]),
    ...(limit.share === undefined ? [] : [shareText(limit.share)])
  ].join(' or ')
}

/** `5 MB or 3 %, whichever is larger`: for a sentence that says what is allowed. */
export function wholeLimit(limit: Limit): string {
  const several = limit.bytes !== undefined && limit.share !== undefined
  return `${limitOfParts(limit)}${several ? ', whichever is larger' : ''}`
}

/** `3.4 %`: with what a comparison needs. */
export function shareText(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.001 ? 2 : 1))} %`
}
