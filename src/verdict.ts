/** The verdict: rules over an image's analysis. Pure. Each rule says what it measured, the limit, and whether it passed. */
import type { ImageAnalysis } from './image/index.js'
import type { Limit } from './inputs/limit.js'

/** The budget of an image, from the inputs; what is absent is not judged. */
export type Budget = {
  /** Bytes of content, uncompressed. */
  readonly maxSize?: number
  readonly maxLayers?: number
  /** Reclaimable bytes of the own layers, absolute, as a share of the image's size, or both (a breach needs both). */
  readonly maxReclaimable?: Limit
  readonly leakCheck: 'fail' | 'warn' | 'off'
}

/** One rule's result for one platform. */
export type RuleResult = { readonly platform: string; readonly passed: boolean } & (
  | { readonly rule: 'max-size'; readonly measured: number; readonly limit: number }
  | { readonly rule: 'max-layers'; readonly measured: number; readonly limit: number }
  | { readonly rule: 'max-reclaimable'; readonly measured: number; readonly share: number; readonly limit: Limit }
  /** `measured` counts findings. `passed` is false only where a finding stops the run. */
  | { readonly rule: 'leak-check'; readonly measured: number; readonly mode: 'fail' | 'warn' }
)

/** Judges every platform by every rule, in the order of the promise: leaks before budgets. */
export function judge(analyses: readonly ImageAnalysis[], budget: Budget): readonly RuleResult[] {
  const { maxSize, maxLayers, maxReclaimable, leakCheck } = budget
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
          ])
    ]
  })
}

/** Whether a measurement breaks a limit; where the limit has two parts, it must break both. */
export function exceeds(limit: Limit, bytes: number, share: number): boolean {
  const breaks = [
    ...(limit.bytes === undefined ? [] : [bytes > limit.bytes]),
    ...(limit.share === undefined ? [] : [share > limit.share])
  ]
  return breaks.length > 0 && breaks.every(Boolean)
}
