/** Long work of the processor in slices, so that signals and what else is under way need not wait for it. */
import { setImmediate } from 'node:timers/promises'

/** Work that says when it may be interrupted. */
export type Slices<T> = Generator<undefined, T, undefined>

/** Milliseconds of work between two looks at the rest of the program. */
const SLICE = 20

/** Does the work, and lets others work meanwhile. */
export async function inSlices<T>(work: Slices<T>): Promise<T> {
  for (let until = performance.now() + SLICE; ;) {
    const { done, value } = work.next()
    if (done === true) return value
    if (performance.now() < until) continue
    await setImmediate()
    until = performance.now() + SLICE
  }
}

/** Does all of the work at once. */
export function atOnce<T>(work: Slices<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}
