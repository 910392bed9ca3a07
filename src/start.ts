/** A start of the action, as the step or as its `post`, with all that it works with. */
import { findBuildx, startDirectly } from './adapters/buildx.js'
import { readEnvironment } from './adapters/environment.js'
import { childEnvironment, createExec, createShow } from './adapters/exec.js'
import { createRunner } from './adapters/runner.js'
import { failureOf } from './failure/of.js'
import type { Ports } from './ports.js'

/** Runs `body`; what it throws is what nobody else could tell. */
export async function start(
  signal: AbortSignal,
  body: (ports: Ports, env: ReturnType<typeof readEnvironment>) => Promise<void>
): Promise<void> {
  const env = readEnvironment(process.env)
  const childEnv = childEnvironment(env)
  const exec = startDirectly(createExec(childEnv, signal), findBuildx(childEnv))
  const { log, runner } = createRunner(env.GITHUB_STEP_SUMMARY)
  const ports: Ports = { log, runner, exec, signal, show: createShow(exec, log), now: () => Date.now() }
  try {
    await body(ports, env)
  } catch (error) {
    giveUp(error, ports)
  }
}

/** The files of the runner's own commands are on its disk, too. */
function giveUp(error: unknown, { log }: Pick<Ports, 'log'>): void {
  const failure = failureOf(error)
  const message = 'message' in failure ? failure.message : failure.kind
  const fix = 'fix' in failure && failure.fix !== undefined ? ` ${failure.fix}` : ''
  log.error(`Stagegate could not go on: ${message}.${fix}`, { title: 'Stagegate' })
  process.exitCode = 1
}
