import { expect, test } from '@jest/globals'
import { findUntested, judgeUntested } from '../../src/gate/judge.js'
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

test.each<[string, boolean]>([
  ['RUN pytest', true],
  ['RUN --mount=type=cache,target=/x pytest', true],
  ['RUN ["pytest"]', true],
  ['RUN true', true],
  ['RUN <<EOF (# the tests...)', true],
  ['RUN <<EOF (pytest)', true],
  ['RUN python3 <<EOF', true],
  ['RUN --mount=type=cache,target=/x', false],
  ['RUN # pytest', false],
  ['RUN :', false],
  ['RUN <<EOF ()', false],
  ['RUN --network=none <<EOF (# pytest)', false],
  ['COPY . .', false]
])('what a test is that has only %j', (instruction, isTested) => {
  const step = {
    vertex: 'v',
    name: instruction,
    instruction,
    stage: 'test',
    state: 'ran',
    seconds: 1,
    logTail: []
  } as const
  const progress = { steps: [step], builtFor: new Map([['v', ['_test0-0']]]) }
  expect(findUntested([{ stage: 'test', name: '_test0-0' }], ['_image-0'], progress, undefined)).toEqual(
    isTested ? [] : ['test']
  )
})

function skippedGate(...targets: readonly (readonly [string, 'cached' | 'skipped'])[]): GateReport {
  return { verdict: 'skipped', reason: '', targets: targets.map(([stage, result]) => ({ stage, result, seconds: 0 })) }
}
