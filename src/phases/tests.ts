/** What the tests themselves say: the reports that their stages have left, green or red. */
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { filesInRepository } from '../builds/checkout.js'
import { RED_RUN_SECONDS } from '../explain/explain.js'
import type { Learned, Workflow } from '../findings.js'
import type { BuildRun } from '../gate/build.js'
import type { StageRoles } from '../gate/plan.js'
import type { MountsSession } from '../mounts/mounts.js'
import { compareTests, parseTestRecord, writeTestRecord } from '../test_reports/changes.js'
import type { TestFindings } from '../test_reports/model.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Earlier } from './earlier.js'

/** What was built, as far as it tells of tests. */
export type Tested = {
  readonly run: BuildRun
  /** The test reports among what was exported. */
  readonly reported?: TestFindings
}

/** Begins to take out what the steps have left in their cache mounts. */
export async function takeOutMounts(
  mounts: MountsSession | undefined,
  { run }: Pick<Tested, 'run'>,
  { earlier, roles }: { readonly earlier: Pick<Earlier, 'marks'>; readonly roles: StageRoles }
): Promise<void> {
  if (mounts === undefined) return
  const { steps } = run.progress
  const { reportWriters } = await import(/* webpackChunkName: "mounts" */ '../mounts/reports.js')
  const marks = mounts.reportIDs.length > 0 ? await earlier.marks(steps) : () => undefined
  mounts.save(steps, run.failure === undefined, reportWriters(steps, roles.onlyStage, marks))
}

/** What the stage of `test-report-target` has exported; `undefined` where there is none. */
export async function readStageReports(
  { exports }: Pick<BuildRun, 'exports'>,
  { redact, inputs }: Pick<Workflow, 'redact' | 'inputs'>,
  occasion: Occasion
): Promise<TestFindings | undefined> {
  if (exports.length === 0) return undefined
  const { readExported } = await import(/* webpackChunkName: "mounts" */ '../test_reports/exported.js')
  return readExported(exports, {
    folder: path.join(occasion.temporaryFolder, `stagegate-test-reports-${randomUUID()}`),
    redact,
    exists: filesInRepository(inputs, occasion)
  })
}

/** What was found in cache mounts and in what a stage has exported. */
async function findTests(
  mounts: MountsSession | undefined,
  { reported }: Pick<Tested, 'reported'>
): Promise<TestFindings | undefined> {
  const mounted = await mounts?.reports()
  if (reported === undefined) return mounted
  const { joinFindings } = await import(/* webpackChunkName: "mounts" */ '../test_reports/exported.js')
  return joinFindings(reported, mounted)
}

/** What the reports say, and how it differs from the baseline. */
export async function readTests(
  mounts: MountsSession | undefined,
  built: Tested,
  { baseline }: Pick<Earlier, 'baseline'>
): Promise<Learned> {
  const { run } = built
  const found = await findTests(mounts, built)
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
export async function testRecord(
  mounts: MountsSession | undefined,
  built: Pick<Tested, 'reported'>
): Promise<string | undefined> {
  const found = await findTests(mounts, built)
  return found?.complete === true ? writeTestRecord(found) : undefined
}
