import { expect, test } from '@jest/globals'
import { judgeUntested } from '../../src/gate/judge.js'
import type { GateReport } from '../../src/report/model.js'

test.each<[string, GateReport, 'fail' | 'pass', readonly string[] | undefined]>([
  ['a test left out', skippedGate(['test', 'skipped']), 'fail', ['test']],
  ['one of two left out', skippedGate(['unit', 'cached'], ['e2e', 'skipped']), 'fail', ['e2e']],
  ['one accepted', skippedGate(['test', 'skipped']), 'pass', undefined],
  ['no gate', { verdict: 'skipped', reason: 'no test-target is set', targets: [] }, 'fail', undefined],
  [
    'tests that passed',
    { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 1 }] },
    'fail',
    undefined
  ]
])('%s', (_, gate, untested, stages) => {
  expect(judgeUntested(gate, untested)).toEqual(stages === undefined ? undefined : { kind: 'untested', stages })
})

function skippedGate(...targets: readonly (readonly [string, 'cached' | 'skipped'])[]): GateReport {
  return { verdict: 'skipped', reason: '', targets: targets.map(([stage, result]) => ({ stage, result, seconds: 0 })) }
}
