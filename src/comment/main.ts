/** The entry of the second action: real ports in, outputs, annotations and a short summary out. */
import { readEnvironment } from '../adapters/environment.js'
import { createRunner, readInput } from '../adapters/runner.js'
import { givenInputs } from '../occasion/context.js'
import { readOccasion } from '../occasion/occasion.js'
import { fetchThroughProxy } from '../github/fetch.js'
import { bullets, sections, text } from '../report/format/markdown.js'
import { comment, type CommentResult } from './run.js'

const env = readEnvironment(process.env)
const cancelling = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelling.abort())
const { log, runner } = createRunner(env.GITHUB_STEP_SUMMARY)

const result = await comment(
  { now: () => Date.now(), signal: cancelling.signal },
  {
    occasion: readOccasion(env),
    given: givenInputs(env),
    read: readInput,
    fetch: fetchThroughProxy
  }
)
await tell(result)
if (result.problems.length > 0) process.exitCode = 1

async function tell({ done, warnings, problems, pullRequest, comments }: CommentResult): Promise<void> {
  for (const line of done) log.info(line)
  for (const warning of warnings) log.warning(warning, { title: 'Stagegate could not update the pull request' })
  const faults = problems.map(({ input, problem, fix }) => `${input}: ${problem}. ${fix}`)
  for (const fault of faults) log.error(fault, { title: 'Stagegate could not hand on a report' })
  if (pullRequest !== undefined) runner.setOutput('pull-request', String(pullRequest))
  runner.setOutput('comments', comments.join('\n'))
  await runner.writeSummary(
    sections(['### Reports handed on', bullets([...faults, ...warnings, ...done].map((line) => text(line, 500)))])
  )
}
