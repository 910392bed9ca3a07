/** The rule `max-increase`: how much an image may grow over its baseline. */
import type { Delta } from '../compare/index.js'
import { parseLimit, type Limit } from '../core/limit.js'
import { bytes, signedBytes, signedPercent } from '../core/units.js'
import { bytesOver, limitOfParts, shareText, wholeLimit } from './limits.js'
import { rule } from './rule.js'

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
  growth: { readonly size: Delta } | { readonly reason: string },
  { limit, mode }: { readonly limit: Limit; readonly mode: 'fail' | 'warn' }
): IncreaseResult {
  const result = { rule: 'max-increase', platform, limit } as const
  if ('reason' in growth) return { ...result, baseline: 'none', reason: growth.reason, passed: true }
  const { size } = growth
  const exceeded = grewBeyond(limit, size)
  return {
    ...result,
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

export const maxIncrease = rule({
  name: 'max-increase',
  key: 'maxIncrease',
  parse: parseLimit,
  fix: 'Write a size (10MB), a share of the baseline (5%), or both (5%, 10MB).',
  judge: ({ analysis: { platform }, growth, growthMode }, limit: Limit) =>
    judgeIncrease(platform, growth, { limit, mode: growthMode }),
  tell: (result: IncreaseResult) => {
    if (result.baseline === 'none') {
      return {
        kind: 'unjudged',
        lacks: 'baseline',
        reason: result.reason,
        consequence: 'Without a baseline it passes; it counts again as soon as there is one.'
      }
    }
    const { measured, share, limit, exceeded, passed } = result
    const excess = bytesOver(result)
    const percent = signedPercent(share)
    const text = `${signedBytes(measured)}${percent === undefined ? '' : ` (${percent})`}`
    const grew = (upTo: string): string =>
      measured <= 0 ? 'not larger than before' : `grew by ${upTo}${grownText(result)} of ${limitOfParts(limit)}`
    const words = {
      title: 'Increase',
      measured: text,
      limit: limitOfParts(limit),
      excess,
      over: bytes(excess),
      headline: `the image grew by ${text.replaceAll('+', '')}, limit: ${wholeLimit(limit)}`,
      within: grew(''),
      nearest: grew('up to '),
      used: measured,
      leads: ['growth'],
      wayOut:
        '**Is it meant to grow?** Then raise `max-increase` in this very change. Once it is merged, the larger image is the baseline, and the limit can go back.'
    } as const
    if (!exceeded) return { kind: 'kept', words }
    if (!passed) return { kind: 'broken', words }
    const why = '`max-increase` stops a pull request, not what a branch has already'
    return { kind: 'warned', words, what: 'grew by more than `max-increase` allows', why }
  }
})

/** In the limit's unit where it has one. */
function grownText({ measured, share, limit }: Extract<IncreaseResult, { baseline: 'found' }>): string {
  if (limit.bytes === undefined && share !== undefined) return shareText(share)
  return `${bytes(measured)}${limit.share === undefined || share === undefined ? '' : ` (${shareText(share)})`}`
}
