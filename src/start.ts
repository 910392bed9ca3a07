/** A start of the action with all that it works with: the step, and later its `post`. Each loads what it runs. */
import * as core from '@actions/core'
import { findBuildx, startDirectly } from './adapters/buildx.js'
import { readEnvironment } from './adapters/environment.js'
import { childEnvironment, createExec, createShow } from './adapters/exec.js'
import { createRunner } from './adapters/runner.js'
import { diskFailure } from './failure/disk.js'
import { failureOf } from './failure/stop.js'
import type { Ports } from './ports.js'

/** Runs the one that it is the start of. */
export async function start(): Promise<void> {
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
  try {
    if (core.getState('isPost') === 'true') return await post(ports)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelling.abort())
    runner.saveState('isPost', 'true')
    const { step } = await import(/* webpackChunkName: "step" */ './step.js')
    if (!(await step(ports, env))) process.exitCode = 1
  } catch (error) {
    giveUp(error, ports)
  }
}

async function post(ports: Ports): Promise<void> {
  const { endLeftovers, parseLeftovers } = await import(/* webpackChunkName: "post" */ './leftovers.js')
  const troubles = await endLeftovers(ports, parseLeftovers(core.getState('leftovers')))
  for (const trouble of troubles) ports.log.warning(trouble, { title: 'Stagegate could not clean up' })
}

/** What nobody else could tell. The files of the runner's own commands are on its disk, too. */
function giveUp(error: unknown, { log }: Pick<Ports, 'log'>): void {
  const failure = diskFailure(error) ?? failureOf(error)
  const message = 'message' in failure ? failure.message : failure.kind
  const fix = 'fix' in failure && failure.fix !== undefined ? ` ${failure.fix}` : ''
  log.error(`Stagegate could not go on: ${message}.${fix}`, { title: 'Stagegate' })
  process.exitCode = 1
}
