/** What the second action says at its end: log, annotations, outputs and a short summary. */
import { reasonOf } from '../failure/of.js'
import type { Ports } from '../ports.js'
import { bullets, sections, text } from '../report/format/markdown.js'
import type { CommentResult } from './run.js'

/**
 * Says all of it, whichever of the runner's files cannot be written.
 * @returns whether the step is green
 */
export async function tell(
  { log, runner }: Pick<Ports, 'log' | 'runner'>,
  { done, warnings, problems, pullRequest, comments }: CommentResult
): Promise<boolean> {
  for (const line of done) log.info(line)
  for (const warning of warnings) log.warning(warning, { title: 'Stagegate could not update the pull request' })
  const faults = problems.map(({ input, problem, fix }) => `${input}: ${problem}. ${fix}`)
  for (const fault of faults) log.error(fault, { title: 'Stagegate could not hand on a report' })
  let isSet = true
  try {
    if (pullRequest !== undefined) runner.setOutput('pull-request', String(pullRequest))
    runner.setOutput('comments', comments.join('\n'))
  } catch (error) {
    isSet = false
    const message = `The outputs could not be written, so the steps after this one do not get them: ${reasonOf(error)}.`
    log.error(message, { title: 'Stagegate could not write its outputs' })
  }
  await runner.writeSummary(
    sections(['### Reports handed on', bullets([...faults, ...warnings, ...done].map((line) => text(line, 500)))])
  )
  return isSet && problems.length === 0
}
