/** What the tests themselves say: the reports that their stages have left, green or red. */
import { setTimeout as wait } from 'node:timers/promises'
import { RED_RUN_SECONDS } from '../explain/explain.js'
import type { Learned } from '../findings.js'
import type { StageRoles } from '../gate/plan.js'
import type { MountsSession } from '../mounts/mounts.js'
import { compareTests, parseTestRecord, writeTestRecord } from '../test_reports/changes.js'
import type { Earlier } from './earlier.js'
import type { Built } from './gate.js'

/** Begins to take out what the steps have left in their cache mounts. */
export async function takeOutMounts(
  mounts: MountsSession | undefined,
  { run }: Pick<Built, 'run'>,
  { earlier, roles }: { readonly earlier: Pick<Earlier, 'marks'>; readonly roles: StageRoles }
): Promise<void> {
  if (mounts === undefined) return
  const { steps } = run.progress
  const { reportWriters } = await import(/* webpackChunkName: "mounts" */ '../mounts/reports.js')
  const marks = mounts.readsReports ? await earlier.marks(steps) : () => undefined
  mounts.save(steps, run.failure === undefined, reportWriters(steps, roles.onlyStage, marks))
}

/** What the reports say, and how it differs from the baseline. */
export async function readTests(
  mounts: MountsSession | undefined,
  { run }: Pick<Built, 'run'>,
  { baseline }: Pick<Earlier, 'baseline'>
): Promise<Learned> {
  const found = await mounts?.reports()
  if (found === undefined) return {}
  const { outcomes, complete, ...tests } = found
  const isRed = run.failure !== undefined
  const fetched = await Promise.race([
    baseline.catch(() => undefined),
    ...(isRed ? [wait(RED_RUN_SECONDS * 1000, undefined, { ref: false })] : [])
  ])
  const stored = fetched?.baseline
  const before = stored !== undefined && 'tests' in stored ? parseTestRecord(stored.tests ?? '') : undefined
  // A run that was stopped does not know all of its tests.
  const changes =
    before === undefined ? {} : { changes: compareTests({ outcomes, complete: complete && !isRed }, before) }
  return { tests: { ...tests, ...changes } }
}

/** The outcome of every test as later runs look back at it; `undefined` where this run does not know them all. */
export async function testRecord(mounts: MountsSession | undefined): Promise<string | undefined> {
  const found = await mounts?.reports()
  return found?.complete === true ? writeTestRecord(found) : undefined
}
