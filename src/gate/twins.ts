/** Steps that have one vertex for the image and another for a test, though they are the same work. Pure. */
import { isWork, tellingMost, type Step } from '../core/step.js'

/**
 * One step for each: BuildKit runs the work for one of the vertices, and finds it done for the other. It goes by the vertex
 * of the image, which the layers are told of by.
 * @param isOfImage whether a vertex was built for the image
 */
export function joinTwins(steps: readonly Step[], isOfImage: (vertex: string) => boolean): readonly Step[] {
  const groups = Map.groupBy(steps, ({ name, vertex }) => (name === '' ? vertex : name))
  const joined = new Map<string, Step>()
  for (const own of groups.values()) {
    const [first] = own
    if (first === undefined || own.length === 1 || !isWork(first)) continue
    const kept = own.find(({ vertex }) => isOfImage(vertex)) ?? first
    const telling = tellingMost(own) ?? kept
    const { state, seconds, logTail } = telling
    joined.set(kept.name, {
      ...kept,
      ...{ state, seconds, logTail },
      ...(telling.startedAt === undefined ? {} : { startedAt: telling.startedAt }),
      ...(telling.error === undefined ? {} : { error: telling.error })
    })
  }
  const seen = new Set<string>()
  return steps.flatMap((step) => {
    const twin = joined.get(step.name)
    if (twin === undefined || !isWork(step)) return [step]
    if (seen.has(step.name)) return []
    seen.add(step.name)
    return [twin]
  })
}
