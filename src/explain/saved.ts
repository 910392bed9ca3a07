/** How long the build would have taken without what was cached: an estimate from how long the same steps took before. */
import { isWork, type Step } from '../core/step.js'
import type { BuildRecord } from './record.js'

/** Seconds that the cache saved, as docs/what-was-cached.md defines them. */
export type Saving = {
  /** Less time from the first step to the last: the difference of the longest ways through the build. */
  readonly seconds: number
  /** Time of the cached steps one after another. */
  readonly stepSeconds: number
  /** Cached steps of which no run is known; each counts as nothing. */
  readonly unknownSteps: number
}

/** `undefined` where nothing was cached, or where no run of any cached step is known. */
export function estimateSaving(steps: readonly Step[], record: BuildRecord): Saving | undefined {
  const cached = steps.filter((step) => step.state === 'cached' && isWork(step))
  // By position: names in the record are redacted and cut short.
  const took = new Map(steps.map((step, index) => [step.name, record.steps[index]?.seconds]))
  const known = cached.map(({ name }) => took.get(name)).filter((seconds) => seconds !== undefined)
  if (known.length === 0) return undefined
  const isCached = new Set(cached.map(({ name }) => name))
  const without = longestWay(steps, ({ name, seconds }) => (isCached.has(name) ? (took.get(name) ?? 0) : seconds))
  const actual = longestWay(steps, ({ seconds }) => seconds)
  return {
    seconds: Math.max(0, without - actual),
    stepSeconds: known.reduce((sum, seconds) => sum + seconds, 0),
    unknownSteps: cached.length - known.length
  }
}

/** The longest sum along the steps that wait for one another. */
function longestWay(steps: readonly Step[], cost: (step: Step) => number): number {
  const byName = new Map(steps.map((step) => [step.name, step]))
  const done = new Map<string, number>()
  // Parents before children; a step that is met again while its parents are looked at would be a circle: it ends there.
  for (const { name: start } of steps) {
    const open = [start]
    for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
      const step = byName.get(name)
      if (step === undefined || (done.get(name) ?? -1) >= 0) {
        open.pop()
        continue
      }
      const parents = (step.inputs ?? []).filter((input) => byName.has(input))
      const waiting = parents.filter((parent) => !done.has(parent))
      if (waiting.length > 0 && !done.has(name)) {
        done.set(name, -1)
        open.push(...waiting)
        continue
      }
      open.pop()
      done.set(name, cost(step) + Math.max(0, ...parents.map((parent) => done.get(parent) ?? 0)))
    }
  }
  return Math.max(0, ...done.values())
}
