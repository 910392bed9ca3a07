/**
 * What a failed build leaves behind: BuildKit exports no cache of it, so a retry on an empty builder would begin at the
 * beginning. The salvage Dockerfile is the user's, without the rest of the stage that failed, and with one stage
 * appended that depends on every stage that was completed. Building it runs nothing, and its cache can be exported.
 */
import { parseName } from '../build/progress.js'
import type { Step } from '../build/step.js'
import { planGateDockerfile } from './gate.js'

/** The generated text, the stage to build, and the user's stages it keeps; or why there is nothing to keep. */
export type Salvage =
  | { readonly ok: true; readonly text: Buffer; readonly stage: string; readonly kept: readonly string[] }
  | { readonly ok: false; readonly reason: string }

export type FailedBuild = {
  /** The user's bytes. */
  readonly dockerfile: Buffer
  readonly steps: readonly Step[]
  /** The step that failed and the 1-based line of its instruction. */
  readonly failed?: { readonly step: Step; readonly line: number }
  /** 1-based lines of the FROM instructions, as the builder lists them; absent where it does not. */
  readonly stageLines?: readonly number[]
}

/** Plans the salvage of a failed build. */
export function planSalvage({ dockerfile, steps, failed, stageLines }: FailedBuild): Salvage {
  const text = dockerfile.toString('latin1') // one character a byte: nothing is lost on the way back
  const stages = [...new Set(steps.flatMap(({ stage }) => stage ?? []))]
  const complete = stages.filter((stage) => isComplete(stage, steps))
  const cut = failed === undefined ? undefined : cutFailed(text, failed, steps, stageLines)
  const kept = [...complete, ...(cut === undefined ? [] : [cut.stage])]
  const wasBuilt = steps.some(
    ({ stage, state, instruction }) =>
      state === 'ran' && stage !== undefined && kept.includes(stage) && !/^FROM\s/i.test(instruction)
  )
  if (!wasBuilt) return { ok: false, reason: 'no step was built that the cache does not hold already' }
  const planned = planGateDockerfile(
    Buffer.from(cut?.text ?? text, 'latin1'),
    kept.map((stage) => asNamed(stage, text))
  )
  return planned.ok ? { ok: true, text: planned.text, stage: planned.stage, kept } : planned
}

/** A stage is complete if its last step is, on every platform: what comes before it was needed for it. */
function isComplete(stage: string, steps: readonly Step[]): boolean {
  const own = steps.filter((step) => step.stage === stage)
  const platforms = new Set(own.map(({ platform }) => platform))
  return [...platforms].every((platform) =>
    own.some((step) => step.platform === platform && isDone(step) && isLast(step))
  )
}

function isDone({ state }: Step): boolean {
  return state === 'ran' || state === 'cached'
}

function isLast({ name }: Step): boolean {
  const [at, of] = positionOf(name)
  return at === of && at > 0
}

function positionOf(name: string): readonly [number, number] {
  const [at = '', of = ''] = parseName(name)?.position.split('/') ?? []
  return [Number(at), Number(of)]
}

/** The text without the failed instruction and what follows it in its stage. */
function cutFailed(
  text: string,
  { step, line }: { readonly step: Step; readonly line: number },
  steps: readonly Step[],
  stageLines: readonly number[] | undefined
): { readonly text: string; readonly stage: string } | undefined {
  const { stage } = step
  const [at] = positionOf(step.name)
  // Other platforms may not have come as far, and nothing may be built here.
  const before = steps.filter((other) => other.stage === stage && positionOf(other.name)[0] === at - 1)
  if (stage === undefined || !before.every(isDone)) return undefined
  const lines = text.split('\n')
  const from = stageLines ?? (text.includes('<<') ? [] : fromLines(lines))
  // A failure told at the FROM itself is an ONBUILD instruction of the base.
  if (line > lines.length || from.includes(line)) return undefined
  const next = from.filter((start) => start > line).sort((a, b) => a - b)[0]
  const rest = next === undefined ? [] : lines.slice(next - 1)
  return { text: [...lines.slice(0, line - 1), ...rest].join('\n') + (rest.length === 0 ? '\n' : ''), stage }
}

function fromLines(lines: readonly string[]): readonly number[] {
  return lines.flatMap((line, index) => (/^[ \t]*FROM[ \t]/i.test(line) ? [index + 1] : []))
}

/** BuildKit shows an unnamed stage as `stage-2`; `COPY --from` knows it by its index. */
function asNamed(shown: string, text: string): string {
  const index = /^stage-(\d+)$/.exec(shown)?.[1]
  const isName = new RegExp(`[ \\t]AS[ \\t]+${shown}\\s*$`, 'im').test(text)
  return index === undefined || isName ? shown : index
}
