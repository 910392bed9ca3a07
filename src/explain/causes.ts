/** Why a step had to run although there is a cache: what the run itself shows, then what differs from an earlier build. */
import { parseName } from '../buildkit/progress.js'
import { isWork, ranBecauseOf, sameStage, type Step } from '../core/step.js'
import type { Cause, StepName } from './cause.js'
import { findDifference, indexOf, isDownload, isRun, MANIFEST, SETTING, textAt } from './difference.js'
import { isInstall } from './installs.js'
import { CONTEXT, indexSteps, isFrom, readImage, type BuildRecord } from './record.js'
import type { Matcher } from './sources.js'

/** Why the first step of a stage had to run, and what that cost. */
export type Explanation = {
  readonly cause: Cause
  /** The step that it is about, where that is another one: a step that two stages share has the name of one of them. */
  readonly step?: StepName
  /** `certain`: it alone makes the step run. `likely`: nothing else is seen. */
  readonly certainty: 'certain' | 'likely' | 'unknown'
  /** Time of this step and of all that ran after it because of it. */
  readonly seconds: number
  /** The longest step among those that do nothing but install packages from elsewhere, where files broke the cache before it. */
  readonly install?: StepName & { readonly seconds: number }
}

/** Stages by their names, or all where one has none. */
export type Refreshed = readonly string[] | 'all'

/** What is known when the question is asked. */
export type Circumstances = {
  readonly steps: readonly Step[]
  readonly now: BuildRecord
  readonly before?: BuildRecord
  /** Caches that were to be read. */
  readonly imports: readonly { readonly reference: string; readonly result: string }[]
  readonly noCache: boolean
  readonly noCacheFilters: readonly string[]
  /** Stages that were built again for their age. */
  readonly refreshed: Refreshed
  /** Test targets that are to run again; empty for `test-cache: reuse`. */
  readonly rerun: readonly string[]
  readonly onlyStage?: string
  readonly matcher: Matcher
}

/** How BuildKit names what a heredoc holds; the Dockerfile has it. */
const INLINE = '[internal] preparing inline document'

/** Less than this is not worth a hint. */
const LEAST_INSTALL_SECONDS = 2

/** Explains one step, which is the first of its stage that ran. */
export function explain(step: Step, circumstances: Circumstances): Explanation {
  const shared = sharedParent(step, circumstances)
  const subject = shared ?? step
  const cause = findCause(subject, circumstances)
  const after = ranBecauseOf([subject], circumstances.steps)
  const isCode = cause.kind === 'files' && !cause.changed.some(({ path }) => MANIFEST.test(path))
  const install = isCode ? longestInstall(after) : undefined
  return {
    cause,
    ...(shared === undefined ? {} : { step: placeIn(shared) }),
    certainty: certaintyOf(cause, subject),
    seconds: after.reduce((sum, { seconds }) => sum + seconds, 0),
    ...(install === undefined ? {} : { install: { ...placeIn(install), seconds: install.seconds } })
  }
}

function findCause(step: Step, circumstances: Circumstances): Cause {
  const asked = askedFor(step, circumstances)
  if (asked !== undefined) return { kind: 'asked', by: asked }
  const parent = parentThatRan(step, circumstances.steps)
  if (parent !== undefined) return { kind: 'parent', step: placeIn(parent) }
  const { before } = circumstances
  const different = before === undefined ? undefined : findDifference(step, before, circumstances)
  return different ?? withoutDifference(step, circumstances)
}

function askedFor(
  step: Step,
  { steps, now, noCache, noCacheFilters, refreshed, rerun, onlyStage }: Circumstances
): Extract<Cause, { kind: 'asked' }>['by'] | undefined {
  if (noCache) return 'no-cache'
  if (refreshed === 'all') return 'refresh-after'
  if (noCacheFilters.length === 0 && refreshed.length === 0 && rerun.length === 0) return undefined
  const own = [step.stage ?? onlyStage, ...stagesSharing(step, steps, now)]
  const names = (stage: string): boolean => own.some((shown) => sameStage(shown, stage))
  if (noCacheFilters.some(names)) return 'no-cache-filters'
  if (refreshed.some(names)) return 'refresh-after'
  return rerun.some(names) ? 'test-cache' : undefined
}

/** Further stages that have the same instruction, and no step of their own for it. */
function stagesSharing(step: Step, steps: readonly Step[], now: BuildRecord): readonly string[] {
  const index = indexSteps(now)
  const mark = textAt(now, index, indexOf(step, steps))?.mark
  const hasOwnStep = (stage: number, at: number): boolean =>
    index.places.some((place) => place?.stage === stage && place.instruction === at)
  return now.stages.flatMap(({ name, instructions }, stage) =>
    instructions.some((each, at) => each.mark === mark && !hasOwnStep(stage, at)) ? [name ?? `stage-${stage}`] : []
  )
}

/** A step that this one is built from and that was no cached result either; of several the one that took longest. */
function parentThatRan(step: Step, steps: readonly Step[]): Step | undefined {
  const inputs = new Set(step.inputs)
  return steps
    .filter((each) => inputs.has(each.name) && each.state !== 'cached' && isWork(each))
    .toSorted((a, b) => b.seconds - a.seconds)[0]
}

/**
 * The first step to run of this step's own stage that goes by the name of another stage, which has the same instruction
 * on top of the same; undefined where what the step is built from is no part of its stage.
 */
function sharedParent(step: Step, { steps, now }: Circumstances): Step | undefined {
  const index = indexSteps(now)
  const place = index.places[indexOf(step, steps)]
  if (place === undefined) return undefined
  const hasOwnStep = (at: number): boolean =>
    index.places.some((each) => each?.stage === place.stage && each.instruction === at)
  const nameless = (now.stages[place.stage]?.instructions ?? [])
    .slice(0, place.instruction)
    .filter((_, at) => !hasOwnStep(at))
    .map(({ mark }) => mark)
  let found: Step | undefined
  for (let left = nameless.length, next = parentThatRan(step, steps); left > 0 && next !== undefined; left -= 1) {
    const mark = next.stage === step.stage ? undefined : textAt(now, index, indexOf(next, steps))?.mark
    if (mark === undefined || !nameless.includes(mark)) break
    found = next
    next = parentThatRan(next, steps)
  }
  return found
}

function longestInstall(steps: readonly Step[]): Step | undefined {
  return steps
    .filter(({ instruction, seconds }) => seconds >= LEAST_INSTALL_SECONDS && isInstall(instruction))
    .toSorted((a, b) => b.seconds - a.seconds)[0]
}

function placeIn({ stage, instruction, line }: Step): StepName {
  return { instruction, ...(stage === undefined ? {} : { stage }), ...(line === undefined ? {} : { line }) }
}

/** Nothing is seen that changed: then it is about where results are kept. */
function withoutDifference(step: Step, { steps, imports, before, now }: Circumstances): Cause {
  const cached = steps.some((each) => each.state === 'cached' && isWork(each))
  const failed = imports.filter(({ result }) => result === 'missing' || result === 'failed')
  const read = imports.some(({ result }) => result === 'ok')
  if (!read && failed.length > 0 && (before !== undefined || !cached)) {
    return {
      kind: 'no-cache-found',
      references: failed.map(({ reference }) => reference),
      result: failed.some(({ result }) => result === 'failed') ? 'failed' : 'missing'
    }
  }
  if (imports.length === 0 && !cached) return { kind: 'cold' }
  if (before === undefined) return { kind: 'unknown', reason: 'no-record' }
  const inputs = step.inputs ?? []
  if (inputs.includes(CONTEXT) && (now.files === undefined || before.files === undefined)) {
    return { kind: 'unknown', reason: 'files-unread' }
  }
  if (isDownload(step)) return { kind: 'unknown', reason: 'source-unread' }
  // Named contexts, and images whose digest the builder does not tell.
  const isSeen = (name: string): boolean =>
    parseName(name) !== undefined || name === CONTEXT || name === INLINE || readImage(name) !== undefined
  return inputs.every(isSeen) && !inputs.some((name) => isFrom(name) && readImage(name) === undefined)
    ? { kind: 'evicted' }
    : { kind: 'unknown', reason: 'source-unread' }
}

function certaintyOf(cause: Cause, { instruction }: Step): Explanation['certainty'] {
  switch (cause.kind) {
    case 'asked':
    case 'parent':
    case 'base':
    case 'instruction':
    case 'files':
      return 'certain'
    // A command has all of it in its environment. Of a variable in another text it is not known which one it is.
    case 'argument':
      return isRun(instruction) ? 'certain' : 'likely'
    case 'above':
      return isRun(instruction) || !SETTING.test(cause.after ?? cause.before ?? '') ? 'certain' : 'likely'
    // A stage may have a platform of its own, and newer builders look for a step whatever namespace its mounts are in.
    case 'input':
      return cause.names.every((name) => name === 'platforms' || name === 'namespace') ? 'likely' : 'certain'
    case 'no-cache-found':
    case 'cold':
    case 'evicted':
      return 'likely'
    case 'unknown':
      return 'unknown'
  }
}
