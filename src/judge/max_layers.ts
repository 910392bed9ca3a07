/** The rule `max-layers`: layers of the image, those of its base included. */
import { count } from '../core/units.js'
import { rule } from './rule.js'

export type LayersResult = {
  readonly rule: 'max-layers'
  readonly platform: string
  readonly measured: number
  readonly limit: number
  readonly passed: boolean
}

export const maxLayers = rule({
  name: 'max-layers',
  key: 'maxLayers',
  parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  fix: 'Write a whole number.',
  judge: ({ analysis: { platform, layers } }, limit: number): LayersResult => ({
    rule: 'max-layers',
    platform,
    measured: layers.length,
    limit,
    passed: layers.length <= limit
  }),
  tell: ({ measured, limit, passed }: LayersResult) => {
    const excess = Math.max(0, measured - limit)
    return {
      kind: passed ? 'kept' : 'broken',
      words: {
        title: 'Layers',
        measured: count(measured, 'layer'),
        limit: count(limit, 'layer'),
        excess,
        over: count(excess, 'layer'),
        headline: `the image has ${count(excess, 'layer')} more than its budget allows`,
        within: `${measured} of ${count(limit, 'layer')}`,
        used: limit === 0 ? measured : measured / limit,
        leads: ['joinable']
      }
    }
  }
})
