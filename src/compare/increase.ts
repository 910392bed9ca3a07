/** The rule `max-increase`: how much an image may grow over its baseline. */
import type { Limit } from '../inputs/limit.js'
import type { Delta, Difference } from './difference.js'

/** What the rule says where there is nothing to compare with: `warn` passes and says so, `fail` does not pass. */
export type NoBaselinePolicy = 'warn' | 'fail'

/** The rule's result for one platform. */
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
    }
  | { readonly baseline: 'none'; readonly policy: NoBaselinePolicy }
)

/**
 * Judges the change in size. A limit of two parts is broken when both are. An image that was empty has grown by more than any share.
 * Without a difference the policy decides, and the result says that there was no baseline.
 */
export function judgeIncrease(
  platform: string,
  difference: Pick<Difference, 'size'> | undefined,
  { limit, noBaseline = 'warn' }: { readonly limit: Limit; readonly noBaseline?: NoBaselinePolicy | undefined }
): IncreaseResult {
  const rule = { rule: 'max-increase', platform, limit } as const
  if (difference === undefined) {
    return { ...rule, baseline: 'none', policy: noBaseline, passed: noBaseline === 'warn' }
  }
  const { size } = difference
  return {
    ...rule,
    baseline: 'found',
    measured: size.change,
    passed: !grewBeyond(limit, size),
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
