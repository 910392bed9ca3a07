/** How the tests went, read from the steps of their stages. Pure. */
import type { Progress } from '../core/progress.js'
import { isWork, sameStage, type Step } from '../core/step.js'
import { hasCommand } from '../dockerfile/index.js'
import type { Failure } from '../failure/failure.js'

/** The verdict of the gate as a whole and of each test target. */
export type GateReport = {
  readonly verdict: 'passed' | 'failed' | 'skipped'
  /** Why there is no verdict, when skipped. */
  readonly reason?: string
  readonly targets: readonly GateTarget[]
}

export type GateTarget = {
  readonly stage: string
  /** `cached`: every step of the stage came from the cache, nothing ran now. */
  readonly result: 'ran' | 'cached' | 'failed' | 'cancelled' | 'skipped'
  readonly seconds: number
}

/** How a test target went, from the steps of its own stage. */
export function judgeTarget(
  stage: string,
  steps: readonly Step[],
  ok: boolean,
  onlyStage: string | undefined
): GateTarget {
  const own = steps.filter((step) => sameStage(step.stage ?? onlyStage, stage) && isWork(step))
  const seconds = own.reduce((sum, step) => sum + step.seconds, 0)
  const has = (state: Step['state']): boolean => own.some((step) => step.state === state)
  if (has('failed')) return { stage, result: 'failed', seconds }
  if (!ok && (own.length === 0 || has('cancelled') || has('waiting'))) return { stage, result: 'cancelled', seconds }
  return { stage, result: own.every((step) => step.state === 'cached') ? 'cached' : 'ran', seconds }
}

/** The verdict over all of them. */
export function judgeGate(
  targets: readonly GateTarget[],
  failure: Failure | undefined,
  leftOut: readonly string[]
): GateReport {
  if (failure?.kind === 'test') return { verdict: 'failed', targets }
  if (targets.some(({ result }) => result === 'skipped')) {
    const reason = `${leftOut.join(', ')} could not be built without credentials`
    return { verdict: 'skipped', reason, targets }
  }
  if (failure === undefined || targets.every(({ result }) => result === 'ran' || result === 'cached')) {
    return { verdict: 'passed', targets }
  }
  return { verdict: 'skipped', reason: 'the build ended before the tests did', targets }
}

/**
 * Test targets that ran no command: neither their own stage has one, nor a stage that they need and the image does not. A
 * build does not run CMD or ENTRYPOINT.
 * @param builtFor the bake targets that each vertex was built for
 */
export function findUntested(
  tests: readonly { readonly stage: string; readonly name: string }[],
  images: readonly string[],
  { steps, builtFor }: Pick<Progress, 'steps' | 'builtFor'>,
  onlyStage: string | undefined
): readonly string[] {
  return tests
    .filter(({ stage, name }) => {
      const own = steps.filter(({ vertex, stage: shown }) => {
        const targets = builtFor.get(vertex) ?? []
        if (sameStage(shown ?? onlyStage, stage)) return true
        return targets.includes(name) && !images.some((image) => targets.includes(image))
      })
      return !own.some(({ instruction }) => isCommand(instruction))
    })
    .map(({ stage }) => stage)
}

/** Whether a step has a command. BuildKit names one with a heredoc by its first line: `RUN <<EOF (pytest...)`. */
function isCommand(instruction: string): boolean {
  if (!/^RUN\s/i.test(instruction)) return false
  const rest = instruction.replace(/^RUN\s+(?:--\S+(?:\s+|$))*/i, '')
  const [, only] = /^<<\S+ \((.*)\)$/.exec(rest) ?? []
  return hasCommand({ rest: only?.endsWith('...') === true ? rest : (only ?? rest), heredocs: [] })
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
