/** What a thrown error means for a run. */
import { Cancelled, ProgramMissing } from '../ports.js'
import { diskFailure } from './disk.js'
import type { Failure } from './failure.js'
import { Stop } from './stop.js'

/** How many errors may lie in one another. */
const DEEPEST = 20

/** The failure that whatever was thrown stands for. */
export function failureOf(thrown: unknown): Failure {
  const error = firstOf(thrown)
  if (error instanceof Stop) return error.failure
  if (error instanceof Cancelled) return { kind: 'cancelled' }
  if (error instanceof ProgramMissing) {
    return { kind: 'engine', message: error.message, fix: `Install ${error.program} on the runner.` }
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return diskFailure(error) ?? { kind: 'internal', message }
}

/** The same in a few words. */
export function reasonOf(thrown: unknown): string {
  const failure = failureOf(thrown)
  return 'message' in failure ? failure.message : failure.kind
}

/** What ended the run, where cleaning up after it failed, too. */
function firstOf(error: unknown): unknown {
  let first = error
  for (let depth = 0; depth < DEEPEST && first instanceof SuppressedError; depth += 1) first = first.suppressed
  return first
}
