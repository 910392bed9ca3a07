/** The rule `max-increase`: how much an image may grow over its baseline. */
import type { Limit } from '../core/limit.js'
import type { Delta, Difference } from '../compare/difference.js'

/**
 * The rule's result for one platform. `passed` is false only where the growth stops the run: without a baseline nothing
 * is judged, and the result says so.
 */
export type IncreaseResult = {
  readonly rule: 'max-increase'
  readonly platform: string
  readonly limit: Limit
  readonly passed: boolean
} & (
  | {
      readonly baseline: 'found'
      /** Change in size in bytes; below 0 for a smaller image. */
      readonly measured: number
      /** The same as a fraction of the baseline; undefined where that is empty. */
      readonly share?: number
      /** Whether it grew beyond the limit. */
      readonly exceeded: boolean
      /** What that does: `warn` where the change can no longer be refused. */
      readonly mode: 'fail' | 'warn'
    }
  | {
      readonly baseline: 'none'
      /** Why there is nothing to hold the image against; a clause. */
      readonly reason: string
    }
)

/**
 * Judges the change in size, or says why it cannot be judged. A limit of two parts is broken when both are. An image that
 * was empty has grown by more than any share.
 */
export function judgeIncrease(
  platform: string,
  difference: Pick<Difference, 'size'> | { readonly reason: string },
  { limit, mode }: { readonly limit: Limit; readonly mode: 'fail' | 'warn' }
): IncreaseResult {
  const rule = { rule: 'max-increase', platform, limit } as const
  if ('reason' in difference) return { ...rule, baseline: 'none', reason: difference.reason, passed: true }
  const { size } = difference
  const exceeded = grewBeyond(limit, size)
  return {
    ...rule,
    baseline: 'found',
    measured: size.change,
    exceeded,
    mode,
    passed: !exceeded || mode === 'warn',
    ...(size.share === undefined ? {} : { share: size.share })
  }
}

function grewBeyond({ bytes, share }: Limit, size: Delta): boolean {
  if (size.change <= 0 || (bytes === undefined && share === undefined)) return false
  return (
    (bytes === undefined || size.change > bytes) &&
    (share === undefined || size.share === undefined || size.share > share)
  )
}
