/** From what the phases brought home to the one Report value. Pure. */
import type { CacheValues } from '../buildkit/command.js'
import type { Imports } from '../core/progress.js'
import { isLinkedStep } from '../core/linked.js'
import type { Provenance } from '../buildkit/provenance.js'
import { isWork, sameStage, withoutLink, type Step } from '../core/step.js'
import { cacheReference } from '../inputs/cache_value.js'
import { mergeOutcomes, type CacheOutcome } from '../cache/outcome.js'
import type { CacheRow } from '../cache/plan.js'
import type { StageRoles } from '../gate/plan.js'
import type { CacheReport, StageReport } from './model.js'

/**
 * The steps as the Dockerfile has them. BuildKit makes two of a `COPY --link`: the copying, and `LINK COPY --link …`, which
 * puts the result upon the layers below.
 */
export function dockerfileSteps(steps: readonly Step[]): readonly Step[] {
  const written = (step: Step): string => step.name.replace(/^(\[[^\]]*\] )LINK (?=(?:COPY|ADD)\s)/i, '$1')
  const links = new Map(steps.flatMap((step) => (written(step) === step.name ? [] : [[written(step), step] as const])))
  if (links.size === 0) return steps
  const copied = new Set(steps.filter((step) => written(step) === step.name).map(({ name }) => name))
  return steps.flatMap((step): readonly Step[] => {
    if (written(step) !== step.name) {
      if (copied.has(written(step))) return []
      return [{ ...step, name: written(step), instruction: withoutLink(step.instruction) }]
    }
    const link = links.get(step.name)
    if (link === undefined) return [step]
    const failed = link.state === 'failed' && step.state !== 'failed'
    return [{ ...step, seconds: step.seconds + link.seconds, ...(failed ? { state: 'failed' } : {}) }]
  })
}

/** `[test 3/5]`: where a step stands in its stage; steps of one stage that run side by side keep their order. */
function positionOf({ name }: Step): number {
  return Number(/^\[[^\]]*?(?<!\d)(\d+)\/\d+\] /.exec(name)?.[1] ?? Infinity)
}

/** Steps with their lines in the build's own Dockerfile, as far as the builder told them. */
export function locateSteps(steps: readonly Step[], provenance: readonly Provenance[]): readonly Step[] {
  return steps.map((step) => {
    if (isLinkedStep(step)) return step
    const line = provenance.map(({ lines }) => lines.get(step.vertex)).find((found) => found !== undefined)
    return line === undefined ? step : { ...step, line }
  })
}

/** Steps grouped by stage, in the order in which the stages first appear. */
export function groupStages(steps: readonly Step[], roles: StageRoles): readonly StageReport[] {
  const nameOf = (step: Step): string => step.stage ?? roles.onlyStage ?? ''
  const written = dockerfileSteps(steps)
  const names = [...new Set(written.map(nameOf))]
  return names.map((name) => {
    const own = written.filter((step) => nameOf(step) === name && isWork(step) && step.state !== 'waiting')
    const firstToRun = own
      .filter((step) => step.state !== 'cached')
      .sort((a, b) => positionOf(a) - positionOf(b) || (a.startedAt ?? 0) - (b.startedAt ?? 0))
      .at(0)
    return {
      name,
      role: roleOf(name, roles),
      steps: own.length,
      cached: own.filter((step) => step.state === 'cached').length,
      seconds: own.reduce((sum, step) => sum + step.seconds, 0),
      ...(firstToRun === undefined ? {} : { firstToRun })
    }
  })
}

function roleOf(name: string, { testTargets, target }: StageRoles): StageReport['role'] {
  if (testTargets.some((test) => sameStage(name, test))) return 'test'
  return target !== undefined && sameStage(name, target) ? 'target' : 'other'
}

/** What a run has learned of its layer cache. */
export type CacheFindings = {
  /** All that was to be read and written. */
  readonly planned: CacheValues
  /** What became of it, in the order in which it was tried. */
  readonly outcomes: readonly CacheOutcome[]
  readonly imports: Imports
  /** The plan for people. */
  readonly rows: readonly CacheRow[]
}

/** What became of each planned cache reference, and of those that came up on the way. */
export function readCache({ planned, outcomes, imports, rows }: CacheFindings): CacheReport {
  const nothing = (values: readonly string[], way: CacheOutcome['way']): readonly CacheOutcome[] =>
    values.map((value) => ({ reference: cacheReference(value), way, result: 'not-run' }))
  const all = mergeOutcomes([...nothing(planned.from, 'read'), ...nothing(planned.to, 'write'), ...outcomes])
  const told = (wanted: CacheOutcome['way']): CacheReport['imports'] =>
    all.flatMap(({ way, ...transfer }) => (way === wanted ? [transfer] : []))
  return {
    imports: told('read'),
    exports: told('write'),
    ...(rows.length === 0 ? {} : { plan: rows }),
    ...(imports.downloads.bytes === 0 ? {} : { downloads: imports.downloads }),
    ...(imports.broken === undefined ? {} : { broken: imports.broken })
  }
}
