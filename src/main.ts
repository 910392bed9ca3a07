/** The action's entry. The runner starts it for the step and again for its `post`; each start loads what it runs. */
import * as core from '@actions/core'
import { CACHE_WORKER, runCacheWorker } from './actions-cache/worker.js'
import { findBuildx, startDirectly } from './adapters/buildx.js'
import { readEnvironment } from './adapters/environment.js'
import { childEnvironment, createExec, createShow } from './adapters/exec.js'
import { createRunner } from './adapters/runner.js'
import { diskFailure } from './failure/disk.js'
import { failureOf } from './failure/stop.js'
import type { Ports } from './ports.js'

const env = readEnvironment(process.env)
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
else await (core.getState('isPost') === 'true' ? post() : main()).catch(giveUp)

async function main(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelling.abort())
  runner.saveState('isPost', 'true')
  const { step } = await import(/* webpackChunkName: "step" */ './step.js')
  if (!(await step(ports, env))) process.exitCode = 1
}

async function post(): Promise<void> {
  const leftovers = core.getState('leftovers')
  if (leftovers === '') return
  const { endLeftovers, parseLeftovers } = await import(/* webpackChunkName: "post" */ './leftovers.js')
  const troubles = await endLeftovers(ports, parseLeftovers(leftovers))
  for (const trouble of troubles) log.warning(trouble, { title: 'Stagegate could not clean up' })
}

/** What nobody else could tell. The files of the runner's own commands are on its disk, too. */
function giveUp(error: unknown): void {
  const failure = diskFailure(error) ?? failureOf(error)
  const message = 'message' in failure ? failure.message : failure.kind
  const fix = 'fix' in failure && failure.fix !== undefined ? ` ${failure.fix}` : ''
  log.error(`Stagegate could not go on: ${message}.${fix}`, { title: 'Stagegate' })
  process.exitCode = 1
}
