/** The tests against those of the baseline: what began to fail, what passes again, and whether the suite shrank. Pure. */
import type { TestChanges, TestFindings, TestOutcome } from './model.js'
import { asArray, asString, dig, parseJSON } from '../core/json.js'

/** What is kept of a run's tests for the runs to come. */
export type TestRecord = { readonly outcomes: ReadonlyMap<string, TestOutcome> }

/** Tests beyond this number are not kept: a comparison of a part would be a wrong one. */
const MOST_RECORDED = 20_000

/** Names of the newly failing and passing that are told. */
const MOST_NAMES = 50

/** Text of a record; `undefined` where there are no tests, or too many. */
export function writeTestRecord({ outcomes }: Pick<TestFindings, 'outcomes'>): string | undefined {
  if (outcomes.size === 0 || outcomes.size > MOST_RECORDED) return undefined
  const namesOf = (wanted: TestOutcome): readonly string[] =>
    [...outcomes].flatMap(([id, outcome]) => (outcome === wanted ? [id] : [])).sort()
  return JSON.stringify({
    version: 1,
    passed: namesOf('passed'),
    failed: namesOf('failed'),
    skipped: namesOf('skipped')
  })
}

/** Reads a record back; `undefined` where the text is none. */
export function parseTestRecord(text: string): TestRecord | undefined {
  const json = parseJSON(text)
  if (dig(json, 'version') !== 1) return undefined
  const outcomes = new Map<string, TestOutcome>()
  for (const outcome of ['passed', 'failed', 'skipped'] as const) {
    for (const id of asArray(dig(json, outcome)).slice(0, MOST_RECORDED)) {
      const name = asString(id)
      if (name !== undefined) outcomes.set(name, outcome)
    }
  }
  return { outcomes }
}

/** What is different from the baseline. A test that fails now and was not there before is newly failing too. */
export function compareTests(now: Pick<TestFindings, 'outcomes' | 'complete'>, before: TestRecord): TestChanges {
  const newlyFailing: string[] = []
  const newlyPassing: string[] = []
  let added = 0
  for (const [id, outcome] of now.outcomes) {
    const earlier = before.outcomes.get(id)
    if (earlier === undefined) added += 1
    if (outcome === 'failed' && earlier !== 'failed') newlyFailing.push(id)
    if (outcome === 'passed' && earlier === 'failed') newlyPassing.push(id)
  }
  let disappeared = 0
  for (const id of before.outcomes.keys()) if (!now.outcomes.has(id)) disappeared += 1
  return {
    newlyFailing: newlyFailing.slice(0, MOST_NAMES),
    newlyPassing: newlyPassing.slice(0, MOST_NAMES),
    unnamed: Math.max(0, newlyFailing.length - MOST_NAMES) + Math.max(0, newlyPassing.length - MOST_NAMES),
    added,
    ...(now.complete ? { disappeared } : {})
  }
}
