/** What the test reports of a run say: counts, and the tests that failed. Plain data. */

export type TestOutcome = 'passed' | 'failed' | 'skipped'

/** How many tests there were. `failed` holds those that ended with an error too. */
export type TestCounts = { readonly passed: number; readonly failed: number; readonly skipped: number }

/** A test that failed. */
export type FailingTest = {
  /** The class, file or package it belongs to; empty where the report names none. */
  readonly suite: string
  readonly name: string
  /** What it said: at most `MESSAGE_LINES` lines. */
  readonly message: string
  /** The test's own file as the report names it, which is a path of the build. */
  readonly file?: string
  /** The same file as a path from the repository's root; absent where none was found. */
  readonly fileInRepository?: string
  /** 1-based. */
  readonly line?: number
}

/** One JUnit file, or several as one. */
export type ParsedTests = {
  readonly counts: TestCounts
  /** Sum of the tests' own times. */
  readonly seconds: number
  /** At most `MOST_FAILING`. */
  readonly failing: readonly FailingTest[]
  /** Every test by its identity (`suite › name`), at most `MOST_TESTS`. */
  readonly outcomes: ReadonlyMap<string, TestOutcome>
  /** What was left out or could not be read, as sentences. */
  readonly omissions: readonly string[]
}

/** The report of one stage on one platform. */
export type StageTests = Omit<ParsedTests, 'outcomes'> & {
  /** Several names where nothing tells apart what each of them wrote. */
  readonly stage: string
  readonly platform?: string
  /** The stage came from the cache: the report is that of the run which it was stored by. */
  readonly cached: boolean
  /** Number of JUnit files. */
  readonly files: number
}

/** What the test reports of a run say. */
export type TestsReport = {
  readonly stages: readonly StageTests[]
  /** Against the baseline; absent where it has no tests, or where this run does not know all of its own. */
  readonly changes?: TestChanges
  /** Folder on the runner with the JUnit files; absent where there are none. */
  readonly folder?: string
}

/** All that was read of a run's test reports. */
export type TestFindings = TestsReport & {
  /** Every test by its identity. */
  readonly outcomes: ReadonlyMap<string, TestOutcome>
  /** Whether these are all tests of the run: only then can one of them have disappeared. */
  readonly complete: boolean
}

/** What changed against the baseline's tests. Names are `suite › name`. */
export type TestChanges = {
  readonly newlyFailing: readonly string[]
  readonly newlyPassing: readonly string[]
  /** Names beyond those that are listed. */
  readonly unnamed: number
  readonly added: number
  /** Absent where this run does not know all of its tests. */
  readonly disappeared?: number
}

/** A bound of what is read of one run's reports; docs/test-reports.md names them. */
export const MOST_BYTES = 50 * 2 ** 20
export const MOST_TESTS = 100_000
export const MOST_FAILING = 200
export const MOST_DEPTH = 64
export const MESSAGE_LINES = 20
export const MESSAGE_LENGTH = 2000

/** No test at all. */
export const noTests: ParsedTests = {
  counts: { passed: 0, failed: 0, skipped: 0 },
  seconds: 0,
  failing: [],
  outcomes: new Map(),
  omissions: []
}

/** All tests that were counted. */
export function totalOf({ passed, failed, skipped }: TestCounts): number {
  return passed + failed + skipped
}

/** `142 passed, 2 failed, 1 skipped`: what is zero is left out, but for the passed of an empty report. */
export function countWords({ passed, failed, skipped }: TestCounts): string {
  const parts = [
    ...(passed > 0 || failed + skipped === 0 ? [`${passed} passed`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : [])
  ]
  return parts.join(', ')
}

/** Several as one. What is beyond the bounds is left out, and said. */
export function mergeTests(all: readonly ParsedTests[]): ParsedTests {
  const failing = all.flatMap((each) => each.failing)
  const outcomes = new Map<string, TestOutcome>()
  for (const each of all) {
    for (const [id, outcome] of each.outcomes) {
      // Of two tests of one name the failing one counts.
      if (outcomes.size < MOST_TESTS && outcomes.get(id) !== 'failed') outcomes.set(id, outcome)
    }
  }
  const sum = (of: keyof TestCounts): number => all.reduce((total, { counts }) => total + counts[of], 0)
  return {
    counts: { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
    seconds: all.reduce((total, { seconds }) => total + seconds, 0),
    failing: failing.slice(0, MOST_FAILING),
    outcomes,
    omissions: [...new Set(all.flatMap(({ omissions }) => omissions))]
  }
}

/** What a test is known by from one run to the next. */
export function testID({ suite, name }: { readonly suite: string; readonly name: string }): string {
  return suite === '' || name === suite ? name : `${suite} › ${name}`
}
