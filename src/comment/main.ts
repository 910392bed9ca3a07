/** The entry of the second action: real ports in, outputs, annotations and a short summary out. */
import { readEnvironment } from '../adapters/environment.js'
import { createRunner, readInput } from '../adapters/runner.js'
import { givenInputs } from '../occasion/context.js'
import { readOccasion } from '../occasion/occasion.js'
import { fetchThroughProxy } from '../github/fetch.js'
import { reasonOf } from '../failure/of.js'
import { comment } from './run.js'
import { tell } from './tell.js'

const env = readEnvironment(process.env)
const cancelling = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelling.abort())
const { log, runner } = createRunner(env.GITHUB_STEP_SUMMARY)

try {
  const result = await comment(
    { now: () => Date.now(), signal: cancelling.signal },
    {
      occasion: readOccasion(env),
      given: givenInputs(env),
      read: readInput,
      fetch: fetchThroughProxy
    }
  )
  if (!(await tell({ log, runner }, result))) process.exitCode = 1
} catch (error) {
  log.error(`Stagegate could not go on: ${reasonOf(error)}.`, { title: 'Stagegate could not hand on a report' })
  process.exitCode = 1
}
