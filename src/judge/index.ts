/** The verdict: rules over an image's analysis and its comparison. Pure. Each rule says what it measured, the limit, and whether it passed. */
import type { Difference } from '../compare/index.js'
import { judgeIncrease, type IncreaseResult } from './max_increase.js'
import type { ImageAnalysis } from '../image/index.js'
import type { Limit } from '../core/limit.js'

/** The budget of an image, from the inputs; what is absent is not judged. */
export type Budget = {
  /** Bytes of content, uncompressed. */
  readonly maxSize?: number
  readonly maxLayers?: number
  /** Reclaimable bytes of the own layers, absolute, as a share of the image's size, or both (a breach needs both). */
  readonly maxReclaimable?: Limit
  /** Growth over the baseline's size: bytes, a share of it, or both (a breach needs both). */
  readonly maxIncrease?: Limit
  readonly leakCheck: 'fail' | 'warn' | 'off'
}

/** One rule's result for one platform. */
export type RuleResult = IncreaseResult | ImageRuleResult

type ImageRuleResult = { readonly platform: string; readonly passed: boolean } & (
  | { readonly rule: 'max-size'; readonly measured: number; readonly limit: number }
  | { readonly rule: 'max-layers'; readonly measured: number; readonly limit: number }
  | { readonly rule: 'max-reclaimable'; readonly measured: number; readonly share: number; readonly limit: Limit }
  /** `measured` counts findings. `passed` is false only where a finding stops the run. */
  | { readonly rule: 'leak-check'; readonly measured: number; readonly mode: 'fail' | 'warn' }
)

/** What `max-increase` is judged by: the difference, or why there is none; and what growth beyond the limit does. */
export type Growth = {
  /** Absent where nothing was to be compared. */
  readonly comparison:
    | undefined
    | { readonly kind: 'compared'; readonly differences: readonly Pick<Difference, 'platform' | 'size'>[] }
    | { readonly kind: 'none'; readonly reason: string }
  readonly mode: 'fail' | 'warn'
}

/** Judges every platform by every rule, in the order of the promise: leaks before budgets. */
export function judge(
  analyses: readonly ImageAnalysis[],
  budget: Budget,
  growth: Growth = { comparison: undefined, mode: 'fail' }
): readonly RuleResult[] {
  const { maxSize, maxLayers, maxReclaimable, maxIncrease, leakCheck } = budget
  return analyses.flatMap((analysis): RuleResult[] => {
    const { platform, size, layers, reclaimable, leaks } = analysis
    const share = size === 0 ? 0 : reclaimable.own / size
    return [
      ...(leakCheck === 'off'
        ? []
        : [
            {
              rule: 'leak-check' as const,
              platform,
              measured: leaks.length,
              mode: leakCheck,
              passed: leaks.length === 0 || leakCheck === 'warn'
            }
          ]),
      ...(maxSize === undefined
        ? []
        : [{ rule: 'max-size' as const, platform, measured: size, limit: maxSize, passed: size <= maxSize }]),
      ...(maxLayers === undefined
        ? []
        : [
            {
              rule: 'max-layers' as const,
              platform,
              measured: layers.length,
              limit: maxLayers,
              passed: layers.length <= maxLayers
            }
          ]),
      ...(maxReclaimable === undefined
        ? []
        : [
            {
              rule: 'max-reclaimable' as const,
              platform,
              measured: reclaimable.own,
              share,
              limit: maxReclaimable,
              passed: !exceeds(maxReclaimable, reclaimable.own, share)
            }
          ]),
      ...(maxIncrease === undefined
        ? []
        : [judgeIncrease(platform, differenceOn(platform, growth), { limit: maxIncrease, mode: growth.mode })])
    ]
  })
}

function differenceOn(
  platform: string,
  { comparison }: Growth
): Pick<Difference, 'size'> | { readonly reason: string } {
  if (comparison === undefined) return { reason: 'there is nothing to compare with' }
  if (comparison.kind === 'none') return { reason: comparison.reason }
  const found = comparison.differences.find((difference) => difference.platform === platform)
  return found ?? { reason: `the baseline has no ${platform}` }
}

/** Whether a measurement breaks a limit; where the limit has two parts, it must break both. */
export function exceeds(limit: Limit, bytes: number, share: number): boolean {
  const breaks = [
    ...(limit.bytes === undefined ? [] : [bytes > limit.bytes]),
    ...(limit.share === undefined ? [] : [share > limit.share])
  ]
  return breaks.length > 0 && breaks.every(Boolean)
}
