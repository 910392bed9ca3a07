/**
 * A step: one Dockerfile instruction as BuildKit ran it (a vertex of its build graph), with times and the end of its log.
 * https://docs.docker.com/build/building/multi-stage/ for stages; BuildKit's `client.SolveStatus` for vertices.
 */
export type Step = {
  /** Digest of the vertex; the key into provenance. */
  readonly vertex: string
  /** As BuildKit names it: `[test 3/5] RUN pytest`. */
  readonly name: string
  /** The instruction without the bracketed prefix: `RUN pytest`. */
  readonly instruction: string
  /** Stage the step belongs to; absent in a Dockerfile with one stage and for internal work. */
  readonly stage?: string
  readonly platform?: string
  readonly state: 'ran' | 'cached' | 'failed' | 'cancelled' | 'waiting'
  /** Milliseconds since the epoch of the first start; absent if it never started. */
  readonly startedAt?: number
  /** Seconds it worked, summed over several starts; 0 when cached. */
  readonly seconds: number
  /** BuildKit's own error text of a failed step. */
  readonly error?: string
  /** 1-based line in the user's Dockerfile. */
  readonly line?: number
  /** The last lines of its log, cleaned of control characters, oldest first. */
  readonly logTail: readonly string[]
}

/**
 * Whether BuildKit's name of a stage is the one an input means. Stage names are case-insensitive (BuildKit shows them in
 * lower case), and an unnamed stage, meant by its index, is shown as `stage-2`.
 */
export function sameStage(shown: string | undefined, meant: string): boolean {
  const lower = meant.toLowerCase()
  return shown?.toLowerCase() === lower || (/^\d+$/.test(meant) && shown === `stage-${meant}`)
}
