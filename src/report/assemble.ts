/** From what the phases brought home to the one Report value. Pure. */
import type { Internal } from '../core/progress.js'
import type { Provenance } from '../buildkit/provenance.js'
import { isWork, sameStage, type Step } from '../core/step.js'
import { cacheReference } from '../inputs/cache_value.js'
import type { CachePlan, CacheRow, ImportHealth } from '../cache/plan.js'
import type { CacheReport, CacheTransfer, StageReport } from './model.js'

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

/** What is known of the layer cache beside the builder's own words. */
export type CacheFacts = {
  readonly plan?: readonly CacheRow[]
  readonly imports?: ImportHealth | undefined
  /** Bytes that were uploaded, by reference. */
  readonly uploads?: Readonly<Record<string, number>>
  /** References that were left alone, each with the one that holds everything. */
  readonly unchanged?: Readonly<Record<string, string>>
}

/** What became of each planned cache reference, from the builder's own import and export work. */
export function readCache(plan: CachePlan, internals: readonly Internal[], facts: CacheFacts = {}): CacheReport {
  const { imports: health, uploads = {}, unchanged = {} } = facts
  const importing = internals.filter(({ name }) => name.startsWith('importing cache manifest from '))
  const exporting = internals.filter(({ name }) => name.startsWith('exporting cache to '))
  const exported = plan.to.map(cacheReference)
  // An import names its reference; one of another type than registry has a number: `local:5607003162800035581`.
  const importOf = (reference: string): CacheTransfer => {
    const exact = importing.filter(({ name }) => name.endsWith(` ${reference}`))
    const numbered = importing.filter(({ name }) => name.includes(` from ${reference}:`))
    return transferOf(reference, exact.length > 0 ? exact : numbered)
  }
  return {
    imports: plan.from.map((from) => importOf(cacheReference(from))),
    // An export does not, unless its failure holds the address.
    exports: exported.map((reference) => {
      const heldBy = unchanged[reference]
      if (heldBy !== undefined) return { reference, result: 'unchanged' as const, heldBy }
      const named = exporting.filter((internal) => concerns(internal, reference))
      const unnamed = exporting.filter((internal) => !exported.some((other) => concerns(internal, other)))
      const bytes = uploads[reference]
      const transfer = transferOf(reference, named.length > 0 ? named : unnamed)
      return bytes === undefined || transfer.result !== 'ok' ? transfer : { ...transfer, bytes }
    }),
    ...(facts.plan === undefined || facts.plan.length === 0 ? {} : { plan: facts.plan }),
    ...(health === undefined || health.downloads.bytes === 0 ? {} : { downloads: health.downloads }),
    ...(health?.broken === undefined ? {} : { broken: health.broken })
  }
}

/** Whether a failure is about a reference: it holds the reference itself or an address in its repository. */
function concerns({ error }: Internal, reference: string): boolean {
  const [host = '', ...path] = reference.replace(/:[^:/]+$/, '').split('/')
  return error !== undefined && (error.includes(reference) || error.includes(`//${host}/v2/${path.join('/')}/`))
}

function transferOf(reference: string, own: readonly Internal[]): CacheTransfer {
  const failed = own.find(({ error }) => error !== undefined)
  if (failed?.error !== undefined) {
    // A blob that is not there is another matter: the cache was there, and is damaged.
    const missing = failed.error.endsWith(`${reference}: not found`)
    return { reference, result: missing ? 'missing' : 'failed', message: failed.error }
  }
  const finished = own.find(({ done }) => done)
  return finished === undefined
    ? { reference, result: 'not-run' }
    : { reference, result: 'ok', seconds: finished.seconds }
}
