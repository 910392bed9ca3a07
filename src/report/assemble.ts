/** From what the phases brought home to the one Report value. Pure. */
import type { CacheValues } from '../buildkit/command.js'
import type { Imports } from '../core/progress.js'
import type { Provenance } from '../buildkit/provenance.js'
import { isWork, sameStage, type Step } from '../core/step.js'
import { cacheReference } from '../inputs/cache_value.js'
import { mergeOutcomes, type CacheOutcome } from '../cache/outcome.js'
import type { CacheRow } from '../cache/plan.js'
import type { CacheReport, StageReport } from './model.js'

/** Steps with their Dockerfile lines, as far as the builder told them. */
export function locateSteps(steps: readonly Step[], provenance: readonly Provenance[]): readonly Step[] {
  return steps.map((step) => {
    const line = provenance.map(({ lines }) => lines.get(step.vertex)).find((found) => found !== undefined)
    return line === undefined ? step : { ...step, line }
  })
}

export type StageRoles = {
  readonly testTargets: readonly string[]
  readonly target: string | undefined
  /** Name for steps of a Dockerfile with one stage, which BuildKit does not name. */
  readonly onlyStage?: string
}

/** Steps grouped by stage, in the order in which the stages first appear. */
export function groupStages(steps: readonly Step[], roles: StageRoles): readonly StageReport[] {
  const nameOf = (step: Step): string => step.stage ?? roles.onlyStage ?? ''
  const names = [...new Set(steps.map(nameOf))]
  return names.map((name) => {
    const own = steps.filter((step) => nameOf(step) === name && isWork(step) && step.state !== 'waiting')
    const firstToRun = own
      .filter((step) => step.state !== 'cached')
      .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0))
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
