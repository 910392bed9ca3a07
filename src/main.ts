/** The action's entry, for the step itself and for its `post`: real ports in, outputs and summary out. */
import * as core from '@actions/core'
import { mkdtemp, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { CACHE_WORKER, runCacheWorker } from './actions-cache/worker.js'
import { findBuildx, startDirectly } from './adapters/buildx.js'
import { readEnvironment } from './adapters/environment.js'
import { childEnvironment, createExec, createShow } from './adapters/exec.js'
import { folders, look } from './adapters/disk.js'
import { createRunner } from './adapters/runner.js'
import { diskFailure } from './failure/disk.js'
import { failureOf } from './failure/stop.js'
import { declaredInputs } from './inputs/declared.js'
import { endLeftovers, parseLeftovers } from './leftovers.js'
import { planOutputs } from './outputs.js'
import type { Ports } from './ports.js'
import { annotations } from './report/surfaces/annotations.js'
import { headline } from './report/sections/headline.js'
import { toJSON } from './report/surfaces/json.js'
import { inline } from './report/format/markdown.js'
import { renderSummary } from './report/surfaces/summary.js'
import { run, type RunResult } from './run.js'

const env = readEnvironment(process.env)
const isPost = core.getState('isPost') === 'true'

const cancelling = new AbortController()
const childEnv = childEnvironment(env)
const exec = startDirectly(createExec(childEnv, cancelling.signal), findBuildx(childEnv))
const { log, runner } = createRunner(env.GITHUB_STEP_SUMMARY)
const ports: Ports = {
  ...{ log, runner, exec },
  show: createShow(exec, log),
  now: () => Date.now(),
  signal: cancelling.signal
}

if (process.argv[2] === CACHE_WORKER) await runCacheWorker(process.argv.slice(3))
else await (isPost ? post() : main()).catch(giveUp)

/** What nobody else could tell. The files of the runner's own commands are on its disk, too. */
function giveUp(error: unknown): void {
  const failure = diskFailure(error) ?? failureOf(error)
  const message = 'message' in failure ? failure.message : failure.kind
  const fix = 'fix' in failure && failure.fix !== undefined ? ` ${failure.fix}` : ''
  log.error(`Stagegate could not go on: ${message}.${fix}`, { title: 'Stagegate' })
  process.exitCode = 1
}

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelling.abort())
  ports.runner.saveState('isPost', 'true')
  const result = await run(ports, {
    env,
    declaredInputs,
    look,
    folders,
    cacheWorker: { file: process.execPath, args: [process.argv[1] ?? ''] },
    read: (name) => core.getInput(name, { trimWhitespace: false })
  })
  await tell(result)
  if (result.report.outcome.kind === 'red') process.exitCode = 1
}

/** Ends whatever the step could not end itself. */
async function post(): Promise<void> {
  const troubles = await endLeftovers(ports, parseLeftovers(core.getState('leftovers')))
  for (const trouble of troubles) ports.log.warning(trouble, { title: 'Stagegate could not clean up' })
}

/** Writes everything a run has to say, before the step ends in success or failure. */
async function tell(result: RunResult): Promise<void> {
  const { report } = result
  const { log, runner } = ports
  const summary = renderSummary(report)
  await runner.writeSummary(summary)
  for (const { level, message, title, file, line } of annotations(report)) {
    log[level](message, {
      title,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line })
    })
  }
  for (const [name, value] of Object.entries(planOutputs(result))) runner.setOutput(name, value)
  await writeReport(summary, report).catch((error: unknown) => {
    const failure = diskFailure(error) ?? failureOf(error)
    const why = 'message' in failure ? failure.message : failure.kind
    log.warning(`The outputs report and summary-file are not set: ${why}.`, { title: 'Stagegate wrote no report' })
  })
  for (const note of await tellOthers(result))
    log.warning(note, { title: 'Stagegate could not update the pull request' })
  log.info(inline(headline(report)))
}

/** The files behind the outputs `summary-file` and `report`; in the system's folder where the runner's cannot be written to. */
async function writeReport(summary: string, report: RunResult['report']): Promise<void> {
  const places = [env.RUNNER_TEMP ?? os.tmpdir(), os.tmpdir()]
  for (const [index, place] of places.entries()) {
    try {
      const folder = await mkdtemp(path.join(place, 'stagegate-report-'))
      const summaryFile = path.join(folder, 'summary.md')
      await writeFile(summaryFile, summary)
      const reportFile = path.join(folder, 'report.json')
      await writeFile(reportFile, JSON.stringify(toJSON(report)))
      ports.runner.setOutput('summary-file', summaryFile)
      ports.runner.setOutput('report', reportFile)
      return
    } catch (error) {
      if (index + 1 === places.length) throw error
    }
  }
}

/** The comment and the status, where anybody wants them; what is needed for them is loaded only then. */
async function tellOthers({ report, inputs, occasion, redact }: RunResult): Promise<readonly string[]> {
  if (inputs === undefined || (report.outcome.kind === 'red' && report.outcome.failure.kind === 'cancelled')) return []
  const { tellGitHub, wantsTelling } = await import(/* webpackChunkName: "github" */ './publish/tell.js')
  return wantsTelling({ report, inputs, occasion }) ? tellGitHub(ports, { report, inputs, occasion, redact }) : []
}
