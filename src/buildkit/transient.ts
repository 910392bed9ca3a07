/** Whether a failed build may go well if it is simply run again: what the network or BuildKit's cache did, and never a test. Pure. */
import type { Progress } from '../core/progress.js'
import { cacheFault } from './causes.js'
import { isWork, sameStage } from '../core/step.js'
import { readPlainError } from './plain_error.js'

/** What was solved, as far as a second try is concerned. */
export type Tried = {
  readonly progress: Progress
  /** Names of the stages that are test targets. */
  readonly testStages: readonly string[]
  /** Name for steps of a Dockerfile with one stage, which BuildKit does not name. */
  readonly onlyStage?: string
}

/** Work of BuildKit that reads from elsewhere, and changes nothing there. */
const READING = /load metadata for|resolve image config|importing cache manifest|load remote build context|^FROM /

/** Texts of a server or a network that did not do what it usually does. */
const PASSING =
  /unexpected status(?:(?!unexpected status).)*: (?:429|50[0234]|52\d)\b|\b(?:429 Too Many Requests|50[0234] [A-Z])|invalid response status (?:429|50[0234])|failed size validation|unexpected commit digest|toomanyrequests|i\/o timeout|TLS handshake timeout|context deadline exceeded|connection reset by peer|connection timed out|temporary failure in name resolution|no such host|server misbehaving|unexpected EOF|: EOF$|Could not resolve host|The requested URL returned error: 50[0234]|early EOF|RPC failed/i

/** Docker Hub counts pulls by the hour: a second try only counts as one more. */
const LASTING = /\bpull rate limit\b/

/**
 * What may be tried once more, in BuildKit's own words; `undefined` where the failure would come back, where a step of a
 * test has begun (a test that is run until it passes proves nothing), or where something may have left the builder.
 */
export function findTransient({ progress, testStages, onlyStage }: Tried): string | undefined {
  const { message, speaker } = readPlainError(progress.plain)
  const stumbles = cacheFault.test(message)
  if (speaker !== 'BuildKit' || message.includes('did not complete successfully')) return undefined
  if (!stumbles && (!PASSING.test(message) || LASTING.test(message))) return undefined
  if (/failed to push|error writing (?:layer|manifest) blob/.test(message)) return undefined
  const isTest = (stage: string | undefined): boolean => testStages.some((test) => sameStage(stage, test))
  const began = progress.steps.some(
    (step) => isWork(step) && isTest(step.stage ?? onlyStage) && step.state !== 'cached' && step.state !== 'waiting'
  )
  if (began) return undefined
  const reads =
    stumbles ||
    /failed to resolve source metadata|failed to read dockerfile|failed to load cache key|failed to authorize|failed to copy|failed to fetch/.test(
      message
    ) ||
    progress.internals.some(({ name, error }) => error !== undefined && READING.test(name))
  return reads ? message : undefined
}
