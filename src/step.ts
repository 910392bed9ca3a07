/** The step itself: the run, and everything that it has to say. */
import { folders, look } from './adapters/disk.js'
import { readInput } from './adapters/runner.js'
import { declaredInputs } from './inputs/declared.js'
import type { Ports } from './ports.js'
import { run } from './run.js'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Runs the step to its end and tells what came of it.
 * @param env as `readEnvironment` gives it
 * @returns whether the step is green
 */
export async function step(ports: Ports, env: Environment): Promise<boolean> {
  const result = await run(ports, {
    env,
    declaredInputs,
    look,
    folders,
    cacheWorker: { file: process.execPath, args: [process.argv[1] ?? ''] },
    read: readInput
  })
  const { tell } = await import(/* webpackChunkName: "tell" */ './tell.js')
  const isTold = await tell(ports, env, result)
  return isTold && result.report.outcome.kind === 'green'
}
