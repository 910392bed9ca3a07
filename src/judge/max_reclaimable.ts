/** The rule `max-reclaimable`: bytes of the own layers that no container sees. */
import { parseLimit, type Limit } from '../core/limit.js'
import { bytes } from '../core/units.js'
import { bytesOver, exceeds, limitOfParts, shareText } from './limits.js'
import { rule } from './rule.js'

export type ReclaimableResult = {
  readonly rule: 'max-reclaimable'
  readonly platform: string
  readonly limit: Limit
  readonly passed: boolean
} & (
  | { readonly base?: never; readonly measured: number; readonly share: number }
  /** Where own layers cannot be told from the base's, nothing is judged. */
  | { readonly base: 'unknown'; readonly reason: string }
)

export const maxReclaimable = rule({
  name: 'max-reclaimable',
  key: 'maxReclaimable',
  parse: parseLimit,
  fix: 'Write a size (10MB), a share of the image (5%), or both (5%, 10MB).',
  judge: ({ analysis: { platform, size, reclaimable }, baseUnknown }, limit: Limit): ReclaimableResult => {
    const result = { rule: 'max-reclaimable', platform, limit } as const
    if (baseUnknown !== undefined) return { ...result, base: 'unknown', reason: baseUnknown, passed: true }
    const share = size === 0 ? 0 : reclaimable.own / size
    return { ...result, measured: reclaimable.own, share, passed: !exceeds(limit, reclaimable.own, share) }
  },
  tell: (result: ReclaimableResult) => {
    if (result.base === 'unknown') {
      return {
        kind: 'unjudged',
        lacks: 'base',
        reason: result.reason,
        consequence: 'It counts your own layers only, and those cannot be told from the base image’s.'
      }
    }
    const { measured, share, limit, passed } = result
    const excess = bytesOver(result)
    return {
      kind: passed ? 'kept' : 'broken',
      words: {
        title: 'Reclaimable',
        measured: `${bytes(measured)} (${shareText(share)})`,
        limit: limitOfParts(limit),
        excess,
        over: bytes(excess),
        headline: `${bytes(excess)} too much of the image is reclaimable`,
        within: `${limit.bytes === undefined ? shareText(share) : `${bytes(measured)} (${shareText(share)})`} of ${limitOfParts(limit)} reclaimable`,
        used: share,
        leads: ['copies', 'reclaimable']
      }
    }
  }
})
