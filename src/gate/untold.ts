/**
 * Steps that a call which ended well has told nothing of, because another build was at the same work: of two images, of two
 * runs on one builder. BuildKit then does it once, for a vertex of one of them. The other is told of that vertex as far as the
 * work ran or its result was taken from the cache, and not of what lies below a cached result. Pure.
 * https://github.com/moby/buildkit/blob/master/solver/scheduler.go (`mergeTo`)
 */
import type { Progress } from '../core/progress.js'
import { isWork, tellingMost, type Step } from '../core/step.js'

/**
 * The steps of a call that ended well, with what is known of those that wait to its end. What ran for a vertex of another build
 * ran for this one, and what nothing but cached steps are built from came with them. The others stay as they are.
 */
export function settleUntold({ steps, graph, builtFor }: Told): readonly Step[] {
  const twins = findTold(steps, graph)
  const users = usersIn(graph)
  const foreign = findForeign(twins, users, builtFor)
  const known = new Map(steps.map((step) => [step.vertex, twins.has(step) ? likeTwin(step, twins.get(step)) : step]))
  const isCached = new Map<string, boolean>()
  /** Whether it came with steps that are cached, all of them; what is no step is walked through. */
  const cameCached = (vertex: string): boolean => {
    const found = isCached.get(vertex)
    if (found !== undefined) return found
    const above = users.get(vertex) ?? []
    const came =
      above.length > 0 &&
      above.every((user) => {
        const state = known.get(user)?.state ?? 'waiting'
        return state === 'cached' || (state === 'waiting' && cameCached(user))
      })
    isCached.set(vertex, came)
    return came
  }
  return steps.flatMap((each): readonly Step[] => {
    if (foreign.has(each.vertex)) return []
    const step = known.get(each.vertex) ?? each
    return [step.state === 'waiting' && cameCached(step.vertex) ? { ...step, state: 'cached' } : step]
  })
}

type Told = Pick<Progress, 'steps' | 'graph' | 'builtFor'>

/** Steps that wait, each with the one of another build that was told in its place. */
type Twins = ReadonlyMap<Step, Step>

/** They have the same name; and what two such are built from is the same, input by input, whatever BuildKit calls it. */
function findTold(steps: readonly Step[], graph: Progress['graph']): Twins {
  const byVertex = new Map(steps.map((step) => [step.vertex, step]))
  const twins = new Map<Step, Step>()
  for (const own of Map.groupBy(steps.filter(isWork), ({ name }) => name).values()) {
    const telling = tellingMost(own)
    if (telling === undefined || telling.state === 'waiting') continue
    for (const step of own) if (step.state === 'waiting') twins.set(step, telling)
  }
  // A map is walked through to its end, and what is added on the way belongs to it.
  for (const [step, twin] of twins) {
    const [inputs, others] = [graph.get(step.vertex) ?? [], graph.get(twin.vertex) ?? []]
    if (inputs.length !== others.length) continue
    for (const [at, vertex] of inputs.entries()) {
      const [input, other] = [byVertex.get(vertex), byVertex.get(others[at] ?? '')]
      if (input?.state !== 'waiting' || other === undefined || other.state === 'waiting') continue
      if (input.instruction === other.instruction && !twins.has(input)) twins.set(input, other)
    }
  }
  return twins
}

/** Vertices of another build that are told once more by those that wait for them. */
function findForeign(twins: Twins, users: Users, builtFor: Progress['builtFor']): ReadonlySet<string> {
  const foreign = new Set<string>()
  for (const [step, twin] of twins) {
    const targets = builtFor.get(step.vertex) ?? []
    // A target of this call may wait for another of it, whose step is no less its own.
    if (!(builtFor.get(twin.vertex) ?? []).every((target) => targets.includes(target))) continue
    const above = users.get(twin.vertex) ?? []
    if (step.name === twin.name || above.every((user) => foreign.has(user))) foreign.add(twin.vertex)
  }
  return foreign
}

type Users = ReadonlyMap<string, readonly string[]>

function usersIn(graph: Progress['graph']): Users {
  const users = new Map<string, string[]>()
  for (const [vertex, inputs] of graph) {
    for (const input of inputs) {
      const known = users.get(input)
      if (known === undefined) users.set(input, [vertex])
      else known.push(vertex)
    }
  }
  return users
}

function likeTwin(step: Step, twin: Step | undefined): Step {
  if (twin === undefined) return step
  const { state, seconds, logTail, startedAt } = twin
  return { ...step, state, seconds, logTail, ...(startedAt === undefined ? {} : { startedAt }) }
}
