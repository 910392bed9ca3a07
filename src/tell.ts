/** What a step says at its end: summary, annotations, outputs, report files, and what GitHub is told. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { reasonOf } from './failure/of.js'
import { planOutputs } from './outputs.js'
import type { Ports } from './ports.js'
import { inline } from './report/format/markdown.js'
import { reachedNames, reachOf, type Report } from './report/model.js'
import { headline } from './report/sections/headline.js'
import { reachWords } from './report/sections/published.js'
import { annotations } from './report/surfaces/annotations.js'
import { toJSON } from './report/surfaces/json.js'
import { renderSummary } from './report/surfaces/summary.js'
import type { RunResult } from './run.js'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Writes everything a run has to say, before the step ends in success or failure.
 * @returns whether the steps after this one get its outputs
 */
export async function tell(ports: Ports, env: Environment, result: RunResult): Promise<boolean> {
  const { report } = result
  const { log, runner } = ports
  // What a job does next depends on them, so no other file of the runner may keep them back.
  const isSet = setOutputs(ports, result)
  const summary = renderSummary(report)
  await runner.writeSummary(summary)
  for (const { level, message, title, file, line } of annotations(report)) {
    log[level](message, {
      title,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line })
    })
  }
  await writeReport(ports.runner, env, { summary, report }).catch((error: unknown) => {
    const warning = `The outputs report and summary-file are not set: ${reasonOf(error)}.`
    log.warning(warning, { title: 'Stagegate wrote no report' })
  })
  for (const note of await tellOthers(ports, result))
    log.warning(note, { title: 'Stagegate could not update the pull request' })
  log.info(inline(headline(report)))
  return isSet
}

/** Sets all outputs but those of files. Where that is not possible, an error says what has left. */
function setOutputs({ log, runner }: Ports, result: RunResult): boolean {
  const { report, inputs, redact } = result
  const target = inputs?.bake?.target
  try {
    const outputs = planOutputs(result, target === undefined ? undefined : redact(target))
    for (const [name, value] of Object.entries(outputs)) runner.setOutput(name, value)
    return true
  } catch (error) {
    const reached = report.builds.map(reachSentence).join(' ')
    const message = `The outputs could not be written, so the steps after this one do not get them: ${reasonOf(error)}. ${reached}`
    log.error(message, { title: 'Stagegate could not write its outputs' })
    return false
  }
}

/** `app is published: ghcr.io/acme/app:1, sha256:….` */
function reachSentence({ name, publish }: Report['builds'][number]): string {
  const digest = publish.published ? publish.digest : ''
  const names = [...reachedNames(publish), digest].filter((known) => known !== '')
  const named = names.length === 0 ? '' : `: ${names.join(', ')}`
  return inline(`${name} is ${reachWords[reachOf(publish)]}${named}.`)
}

/** The files behind the outputs `summary-file` and `report`; in the system's folder where the runner's cannot be written to. */
async function writeReport(
  runner: Ports['runner'],
  env: Environment,
  { summary, report }: { readonly summary: string; readonly report: RunResult['report'] }
): Promise<void> {
  const places = [env.RUNNER_TEMP ?? os.tmpdir(), os.tmpdir()]
  for (const [index, place] of places.entries()) {
    try {
      const folder = await mkdtemp(path.join(place, 'stagegate-report-'))
      const summaryFile = path.join(folder, 'summary.md')
      await writeFile(summaryFile, summary)
      const reportFile = path.join(folder, 'report.json')
      await writeFile(reportFile, JSON.stringify(toJSON(report)))
      runner.setOutput('summary-file', summaryFile)
      runner.setOutput('report', reportFile)
      return
    } catch (error) {
      if (index + 1 === places.length) throw error
    }
  }
}

/** The comment and the status, where anybody wants them; what is needed for them is loaded only then. */
async function tellOthers(ports: Ports, { report, inputs, occasion, redact }: RunResult): Promise<readonly string[]> {
  if (inputs === undefined || (report.outcome.kind === 'red' && report.outcome.failure.kind === 'cancelled')) return []
  const { tellGitHub, wantsTelling } = await import(/* webpackChunkName: "github" */ './publish/tell.js')
  return wantsTelling({ report, inputs, occasion }) ? tellGitHub(ports, { report, inputs, occasion, redact }) : []
}
