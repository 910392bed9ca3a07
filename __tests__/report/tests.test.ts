import { expect, it } from '@jest/globals'
import { LADDER } from '../../src/report/format/ladder.js'
import { renderTests } from '../../src/report/sections/tests.js'
import type { TestChanges } from '../../src/test_reports/model.js'
import { testedGreen } from './support/tested.js'

it.each<readonly [string, Pick<TestChanges, 'added' | 'disappeared'>, words: RegExp, shrank: boolean]>([
  ['fewer tests', { added: 0, disappeared: 1 }, /1 test of the baseline is not in this run/, true],
  ['fewer, and some are new', { added: 1, disappeared: 3 }, /3 tests of the baseline are not in this run/, true],
  ['a test that has another name', { added: 1, disappeared: 1 }, /Against the baseline: 1 new and 1 gone\./, false],
  ['more tests, and one is gone', { added: 4, disappeared: 1 }, /Against the baseline: 4 new and 1 gone\./, false],
  ['more tests', { added: 4, disappeared: 0 }, /Against the baseline: 4 new\./, false]
])('against the baseline: %s', (_, changed, words, shrank) => {
  const report = testedGreen()
  const changes = { newlyFailing: [], newlyPassing: [], unnamed: 0, ...changed }
  const text = renderTests({ ...report, tests: { stages: report.tests?.stages ?? [], changes } }, LADDER[0]!)
  expect(text).toMatch(words)
  expect(text?.includes('The test suite shrank')).toBe(shrank)
})
