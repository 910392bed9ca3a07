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
  /** `waiting`: nothing was told of it but its name. */
  readonly state: 'ran' | 'cached' | 'failed' | 'cancelled' | 'waiting'
  /** Milliseconds since the epoch of the first start; absent if it never started. */
  readonly startedAt?: number
  /** Seconds it worked, summed over several starts; 0 when cached. */
  readonly seconds: number
  /** BuildKit's own error text of a failed step. */
  readonly error?: string
  /** 1-based line in the user's Dockerfile. */
  readonly line?: number
  /**
   * Names of what it is built from: other steps, and what is no step of the Dockerfile (`[internal] load build context`,
   * an image without a stage of its own). Absent while the build runs.
   */
  readonly inputs?: readonly string[]
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

/** A stage in a sentence; its name is empty for the last one. */
export function stageInWords(name: string): string {
  return name === '' ? 'the last stage' : `stage ${name}`
}

/** The stage, image or context that an instruction copies from; `undefined` where it is none of these. */
export function copiedFrom({ instruction }: Pick<Step, 'instruction'>): string | undefined {
  return /^(?:COPY|ADD)\s+(?:--\S+\s+)*?--from=(\S+)/i.exec(instruction)?.[1]
}

/** Whether a step is work that can be cached: everything but naming the image a stage starts from. */
export function isWork({ instruction }: Pick<Step, 'instruction'>): boolean {
  return !/^FROM\s/i.test(instruction)
}

const TELLING: readonly Step['state'][] = ['failed', 'ran', 'cached', 'cancelled', 'waiting']

/** Of steps that are the same work the one that tells most of it. */
export function tellingMost(same: readonly Step[]): Step | undefined {
  return same.toSorted((one, other) => TELLING.indexOf(one.state) - TELLING.indexOf(other.state))[0]
}

/** Steps that ran, and every other that ran and is built from them, directly or not. */
export function ranBecauseOf(first: readonly Step[], steps: readonly Step[]): readonly Step[] {
  const users = new Map<string, Step[]>()
  for (const step of steps) {
    if (step.state === 'cached') continue
    for (const input of step.inputs ?? []) {
      const known = users.get(input)
      if (known === undefined) users.set(input, [step])
      else known.push(step)
    }
  }
  const found = new Set(first)
  // A set is walked through to its end, and what is added on the way belongs to it.
  for (const { name } of found) for (const user of users.get(name) ?? []) found.add(user)
  return [...found]
}

/** `COPY --link` is what it is called; `LINK COPY --link` is BuildKit's word for one half of it. */
export function withoutLink(instruction: string): string {
  return instruction.replace(/^LINK (?=(?:COPY|ADD)\s)/i, '')
}

/** A RUN as BuildKit shows it, with single blanks; of one with a heredoc what announces it. */
export function shownRun(instruction: string): string {
  const [shown = ''] = instruction.replace(/^ONBUILD\s+/i, '').split(/(?<=<<\S+) \(/)
  return shown.replace(/\s+/g, ' ').trim()
}
