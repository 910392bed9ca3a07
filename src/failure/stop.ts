import type { InputProblem } from '../core/problem.js'
import type { Failure } from './failure.js'
import type { Progress } from '../core/progress.js'

/** Ends a run early with a failure that has a place in the report, and with the progress of the build that failed. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly failure: Failure
  readonly progress: Progress | undefined
  constructor(failure: Failure, progress?: Progress, options?: ErrorOptions) {
    super(failure.kind, options)
    this.failure = failure
    this.progress = progress
  }
}

/** Ends a run because of problems with its inputs, if there are any. */
export function stopOnProblems(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new Stop({ kind: 'input', problems })
}
