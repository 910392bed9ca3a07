import type { InputProblem } from '../core/problem.js'
import type { Failure } from './failure.js'

/** Ends a run early with a failure that has a place in the report. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly failure: Failure
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.kind, options)
    this.failure = failure
  }
}

/** Ends a run because of problems with its inputs, if there are any. */
export function stopOnProblems(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new Stop({ kind: 'input', problems })
}
