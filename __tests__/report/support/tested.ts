/** Reports of runs whose tests left a report of their own. */
import type { Report } from '../../../src/report/model.js'
import type { FailingTest, StageTests, TestsReport } from '../../../src/test_reports/model.js'
import { firstGreen, redTest } from './reports.js'

const failing: readonly FailingTest[] = [
  {
    ...{ suite: 'tests.test_quote', name: 'test_discount[10]', message: 'AssertionError: assert 1900 == 1899\n  + 1' },
    ...{ file: '/srv/tests/test_quote.py', fileInRepository: 'tests/test_quote.py', line: 21 }
  },
  { suite: 'tests.test_main', name: 'test_health', message: '', file: 'conftest.py' }
]

function stage(changed: Partial<StageTests> = {}): StageTests {
  return {
    ...{ stage: 'test', cached: false, files: 1, seconds: 3.4, failing: [], omissions: [] },
    counts: { passed: 142, failed: 0, skipped: 1 },
    ...changed
  }
}

const red = stage({ counts: { passed: 140, failed: 2, skipped: 1 }, failing })
const folder = '/tmp/stagegate-test-reports-1'
const changes: NonNullable<TestsReport['changes']> = {
  ...{ newlyFailing: ['tests.test_quote › test_discount[10]'], newlyPassing: ['tests.test_main › test_order'] },
  ...{ unnamed: 0, added: 3 }
}

/** All pass, and there are fewer of them than there were. */
export function testedGreen(): Report {
  return {
    ...firstGreen(),
    tests: { stages: [stage()], folder, changes: { ...changes, newlyFailing: [], disappeared: 12 } }
  }
}

/** Two fail, and so does the stage. */
export function testedRed(): Report {
  return { ...redTest(), tests: { stages: [red], folder, changes } }
}

/** Two fail, and the command ended with 0 all the same. */
export function testedOdd(): Report {
  return { ...firstGreen(), tests: { stages: [red], folder } }
}

/** One stage from the cache, of another nothing is known. */
export function testedCached(): Report {
  const omissions = [
    'lint came from the cache, and the report of the run that it was cached from is not on this builder.'
  ]
  const none = { passed: 0, failed: 0, skipped: 0 }
  const lint = stage({ stage: 'lint', cached: true, files: 0, counts: none, omissions })
  return { ...firstGreen(), tests: { stages: [stage({ cached: true }), lint], folder } }
}

export const TESTED: Readonly<Record<string, () => Report>> = {
  'tested-green': testedGreen,
  'tested-red': testedRed,
  'tested-odd': testedOdd,
  'tested-cached': testedCached
}
