/** How the tests went, read from the steps of their stages. Pure. */
import type { Progress } from '../core/progress.js'
import { sameStage, shownRun, stageInWords, type Step } from '../core/step.js'
import { hasCommand, parseDockerfile } from '../dockerfile/index.js'
import type { Failure } from '../failure/failure.js'
import type { GatePlan } from './plan.js'

/** The verdict of the gate as a whole and of each test target. */
export type GateReport = {
  readonly verdict: 'passed' | 'failed' | 'skipped'
  /** Why there is no verdict, when skipped. */
  readonly reason?: string
  readonly targets: readonly GateTarget[]
}

export type GateTarget = {
  readonly stage: string
  /** `cached`: no step of the stage is known to have run now. */
  readonly result: 'ran' | 'cached' | 'failed' | 'cancelled' | 'skipped'
  readonly seconds: number
}

/** Tells the steps of a test's own stage. `targets` are those of the bake call that build it, one a platform. */
export type IsOwn = (step: Step, stage: string, targets: readonly string[]) => boolean

/**
 * BuildKit names a step that a test shares with the image for one of their stages, by chance: then it is the test's own where its
 * instruction stands in the test's stage, too.
 */
export function openOwnSteps(
  { onlyStage, ownRuns }: Pick<GatePlan, 'onlyStage' | 'ownRuns'>,
  builtFor: Progress['builtFor']
): IsOwn {
  return (step, stage, targets) =>
    sameStage(step.stage ?? onlyStage, stage) ||
    (ownRuns?.get(stage)?.has(shownRun(step.instruction)) === true &&
      builtFor.get(step.vertex)?.some((name) => targets.includes(name)) === true)
}

/** How a test target went, from the steps of its own stage. */
export function judgeTarget(stage: string, own: readonly Step[], ok: boolean): GateTarget {
  const seconds = own.reduce((sum, step) => sum + step.seconds, 0)
  const has = (state: Step['state']): boolean => own.some((step) => step.state === state)
  if (has('failed')) return { stage, result: 'failed', seconds }
  if (!ok && (own.length === 0 || has('cancelled') || has('waiting'))) return { stage, result: 'cancelled', seconds }
  // Of one that waits to the end of a build that went well the result was there already, and nobody has told how.
  const isThere = ({ state }: Step): boolean => state === 'cached' || state === 'waiting'
  return { stage, result: own.every(isThere) ? 'cached' : 'ran', seconds }
}

/**
 * The verdict over all of them.
 * @param leftOut stages, empty for the last one
 */
export function judgeGate(
  targets: readonly GateTarget[],
  failure: Failure | undefined,
  { leftOut, untested }: { readonly leftOut: readonly string[]; readonly untested: readonly string[] }
): GateReport {
  if (failure?.kind === 'test') return { verdict: 'failed', targets }
  const skipped = (reason: string): GateReport => ({ verdict: 'skipped', reason, targets })
  if (untested.length > 0) return skipped(`${untested.map(stageInWords).join(', ')} ran no command`)
  if (targets.some(({ result }) => result === 'skipped')) {
    return skipped(`${leftOut.map(stageInWords).join(', ')} could not be built without credentials`)
  }
  if (failure === undefined || targets.every(({ result }) => result === 'ran' || result === 'cached')) {
    return { verdict: 'passed', targets }
  }
  return skipped('the build ended before the tests did')
}

/**
 * Test targets that ran no command: neither their own stage has one, nor a stage that they need and the image does not. A
 * build does not run CMD or ENTRYPOINT.
 * @param lineOf the line of a step in the Dockerfile, as a target of the call has it: a step that two share can stand in two places
 */
export function findUntested(
  tests: readonly { readonly stage: string; readonly name: string }[],
  images: readonly string[],
  { steps, builtFor }: Pick<Progress, 'steps' | 'builtFor'>,
  { isOwn, lineOf }: { readonly isOwn: IsOwn; readonly lineOf: (target: string, vertex: string) => number | undefined }
): readonly string[] {
  return tests
    .filter(({ stage, name }) => {
      const own = steps.filter((step) => {
        if (isOwn(step, stage, [name])) return true
        const targets = builtFor.get(step.vertex) ?? []
        if (!targets.includes(name)) return false
        const line = lineOf(name, step.vertex)
        return images
          .filter((image) => targets.includes(image))
          .every((image) => line !== undefined && (lineOf(image, step.vertex) ?? line) !== line)
      })
      return !own.some(({ instruction }) => isCommand(instruction))
    })
    .map(({ stage }) => stage)
}

/** Whether a step has a command. BuildKit names one with a heredoc by its first line: `RUN <<EOF (pytest...)`. */
function isCommand(instruction: string): boolean {
  if (!/^(?:ONBUILD\s+)?RUN\s/i.test(instruction)) return false
  const [shown = '', only] = instruction.replace(/^ONBUILD\s+/i, '').split(/(?<=<<\S+) \((.*)\)$/s)
  if (only !== undefined) return only.endsWith('...') || hasCommand({ rest: only, heredocs: [] })
  const [run] = parseDockerfile(shown).instructions
  return run !== undefined && hasCommand({ rest: run.rest, heredocs: [] })
}

/**
 * The failure that it is when tests could not be built for want of a credential: a check that is green then would say that
 * they passed. `undefined` where they were built, where there is no gate, or where the workflow accepts it.
 */
export function judgeUntested({ verdict, targets }: GateReport, untested: 'fail' | 'pass'): Failure | undefined {
  if (untested === 'pass' || verdict !== 'skipped') return undefined
  const stages = targets.flatMap(({ stage, result }) => (result === 'skipped' ? [stage] : []))
  return stages.length === 0 ? undefined : { kind: 'untested', stages }
}
