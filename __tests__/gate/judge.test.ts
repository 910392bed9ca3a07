import { expect, test } from '@jest/globals'
import { findUntested, judgeGate, judgeUntested, openOwnSteps } from '../../src/gate/judge.js'
import { shownRun } from '../../src/core/step.js'
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

test('a last stage without a name that was left out is told as that', () => {
  const { targets } = skippedGate(['test', 'skipped'])
  expect(judgeGate(targets, undefined, { leftOut: ['', 'test'], untested: [] })).toMatchObject({
    reason: 'the last stage, stage test could not be built without credentials'
  })
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
  ['RUN --mount="type=cache,target=/x y" :', false],
  ['ONBUILD RUN pytest', true],
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
  const how = { isOwn: openOwnSteps({}, progress.builtFor), lineOf: () => undefined }
  expect(findUntested([{ stage: 'test', name: '_test0-0' }], ['_image-0'], progress, how)).toEqual(
    isTested ? [] : ['test']
  )
})

test.each<[string, readonly string[] | undefined, Readonly<Record<string, number>>, boolean]>([
  ['stands in its own stage, too', ['RUN make check'], {}, true],
  ['stands in its own stage with other blanks', ['RUN make   check'], {}, true],
  ['is the image’s alone', ['RUN pytest'], {}, false],
  ['stands in one place of a Dockerfile elsewhere', undefined, { test: 3, image: 3 }, false],
  ['stands in two places of a Dockerfile elsewhere', undefined, { test: 3, image: 7 }, true],
  ['stands nobody knows where', undefined, {}, false]
])('a step that a test shares with the image, under the name of its stage: it %s', (_, runs, lines, isTested) => {
  const instruction = 'RUN make check'
  const step = { vertex: 'v', name: `[build 2/2] ${instruction}`, instruction, stage: 'build' }
  const builtFor = new Map([['v', ['test', 'image']]])
  const ownRuns = runs === undefined ? {} : { ownRuns: new Map([['test', new Set(runs.map(shownRun))]]) }
  const untested = findUntested(
    [{ stage: 'test', name: 'test' }],
    ['image'],
    { steps: [{ ...step, state: 'ran', seconds: 1, logTail: [] }], builtFor },
    { isOwn: openOwnSteps(ownRuns, builtFor), lineOf: (target) => lines[target] }
  )
  expect(untested).toEqual(isTested ? [] : ['test'])
})

test.each([
  ['RUN <<EOF (pytest...)', 'RUN <<EOF'],
  ['RUN --mount=type=cache,target=/c <<-EOF (a)', 'RUN --mount=type=cache,target=/c <<-EOF'],
  ['RUN a  &&   b', 'RUN a && b'],
  ['RUN (a; b)', 'RUN (a; b)'],
  ['ONBUILD RUN pytest', 'RUN pytest']
])('%j is known by %j', (shown, known) => {
  expect(shownRun(shown)).toBe(known)
})

function skippedGate(...targets: readonly (readonly [string, 'cached' | 'skipped'])[]): GateReport {
  return { verdict: 'skipped', reason: '', targets: targets.map(([stage, result]) => ({ stage, result, seconds: 0 })) }
}
