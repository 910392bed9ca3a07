import type { InputProblem } from '../core/problem.js'
import { Cancelled, ProgramMissing } from '../ports.js'
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

/** The failure that whatever was thrown stands for. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Stop) return error.failure
  if (error instanceof Cancelled) return { kind: 'cancelled' }
  if (error instanceof ProgramMissing) {
    return { kind: 'engine', message: error.message, fix: `Install ${error.program} on the runner.` }
  }
  return { kind: 'internal', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}
