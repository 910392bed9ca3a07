/** The rule `max-size`: bytes of content, uncompressed. */
import { parseSize } from '../core/limit.js'
import { bytes, percent } from '../core/units.js'
import { limitBytes } from './limits.js'
import { rule } from './rule.js'

export type SizeResult = {
  readonly rule: 'max-size'
  readonly platform: string
  readonly measured: number
  readonly limit: number
  readonly passed: boolean
}

export const maxSize = rule({
  name: 'max-size',
  key: 'maxSize',
  parse: parseSize,
  fix: 'Write a size such as 250MB or 1.5GiB.',
  judge: ({ analysis: { platform, size } }, limit: number): SizeResult => ({
    rule: 'max-size',
    platform,
    measured: size,
    limit,
    passed: size <= limit
  }),
  tell: ({ measured, limit, passed }: SizeResult) => {
    const excess = Math.max(0, measured - limit)
    return {
      kind: passed ? 'kept' : 'broken',
      words: {
        title: 'Size',
        measured: bytes(measured),
        limit: limitBytes(limit),
        excess,
        over: bytes(excess),
        ...(limit === 0 ? {} : { proportion: proportionOf(measured, limit) }),
        headline: `the image is ${bytes(excess)} over its budget of ${limitBytes(limit)}`,
        within: `${bytes(measured)} of ${limitBytes(limit)}`,
        used: limit === 0 ? measured : measured / limit,
        leads: ['base', 'advice', 'largest-layers', 'largest-files']
      }
    }
  }
})

function proportionOf(measured: number, limit: number): string {
  const times = measured / limit
  return times >= 2 ? `${times.toFixed(1)} times the limit` : `${percent(measured - limit, limit)} of the limit`
}
