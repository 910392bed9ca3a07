/** The table of stages: what became of each. */
import { expect, test } from '@jest/globals'
import type { Step } from '../../src/core/step.js'
import { LADDER } from '../../src/report/format/ladder.js'
import type { BuildView } from '../../src/report/model.js'
import { renderStages } from '../../src/report/sections/stages.js'
import { changed, firstGreen, redBuild, step, viewOf } from './support/reports.js'

const [detail] = LADDER
const red = redBuild().outcome

function resultOf(states: readonly Step['state'][], change: Partial<BuildView> = {}): string | undefined {
  const stage = { name: 'assets', role: 'other', seconds: 0, steps: states.length, cached: 0 } as const
  const cached = states.filter((state) => state === 'cached').length
  const steps = states.map((state, line) => step('RUN x', { stage: 'assets', state, line }))
  const report = changed(firstGreen(), { stages: [{ ...stage, cached }], steps, ...change })
  if (detail === undefined) throw new Error('the ladder has no step')
  return /^\| `assets` \| ([^|]+) \|/m.exec(renderStages(viewOf(report), detail) ?? '')?.[1]
}

test.each<[string, readonly Step['state'][], Partial<BuildView>, string]>([
  ['that ran in part', ['cached', 'ran'], {}, 'built'],
  ['that is cached', ['cached', 'cached'], {}, 'from cache'],
  ['that failed', ['cached', 'failed'], { outcome: red, images: [] }, 'failed'],
  ['that was stopped', ['cached', 'cancelled'], { outcome: red, images: [] }, 'not built'],
  ['that never began', ['cached', 'waiting'], { outcome: red, images: [] }, 'not built'],
  ['of which a build has not told all', ['cached', 'waiting'], {}, 'built or from cache'],
  ['of which tests alone have not told all', ['waiting'], { images: [] }, 'built or from cache'],
  ['of which a build over its budget has not told all', ['waiting'], { outcome: red }, 'built or from cache']
])('a stage %s', (_, states, change, expected) => {
  expect(resultOf(states, change)).toBe(expected)
})
