/** Why a step had to run although there is a cache: what the run itself shows, then what differs from an earlier build. */
import { parseName } from '../buildkit/progress.js'
import { isWork, ranBecauseOf, sameStage, type Step } from '../core/step.js'
import { isInstall } from './installs.js'
import {
  argumentName,
  CONTEXT,
  findSame,
  indexSteps,
  instructionIn,
  instructionsAbove,
  isFrom,
  readImage,
  type BuildRecord,
  type InstructionText,
  type StepIndex,
  type StepRecord
} from './record.js'
import { changedShape, type ShapeName } from './shape.js'
import { changedFiles, isSearchable, readSources, type FileChange, type Matcher } from './sources.js'

/**
 * One reason. `asked` and `parent` are facts of this run; those that name a difference are facts, too, as far as the
 * earlier build goes; the rest says what is likely or that nothing is known.
 */
export type Cause =
  | { readonly kind: 'asked'; readonly by: 'no-cache' | 'no-cache-filters' | 'refresh-after' | 'test-cache' }
  | { readonly kind: 'parent'; readonly step: StepName }
  /** `before` and `after` are references with the digests that they stood for. */
  | { readonly kind: 'base'; readonly before: string; readonly after: string }
  | { readonly kind: 'instruction'; readonly before?: string; readonly after: string }
  /** What the step stands on: an instruction above it, such as `ENV`, is another, new or gone. */
  | { readonly kind: 'above'; readonly before?: string; readonly after?: string; readonly line?: number }
  /** Names of build arguments; their values are nobody's business. */
  | { readonly kind: 'argument'; readonly names: readonly string[] }
  /** Inputs that are part of the step have other values. */
  | { readonly kind: 'input'; readonly names: readonly ShapeName[] }
  | { readonly kind: 'files'; readonly changed: readonly FileChange[]; readonly more: number }
  /** Nothing is different, but no cache that was to be read could be. */
  | { readonly kind: 'no-cache-found'; readonly references: readonly string[]; readonly result: 'missing' | 'failed' }
  /** No cache was to be read, and the builder had nothing. */
  | { readonly kind: 'cold' }
  /** Nothing is different, and yet it was not there. */
  | { readonly kind: 'evicted' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason }

/** Why nothing can be said. */
export type UnknownReason = 'no-record' | 'not-built' | 'files-unread' | 'source-unread' | 'dockerfile-unread'

/** A step as it is pointed to. */
export type StepName = { readonly stage?: string; readonly instruction: string; readonly line?: number }

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

/** Names of files in one explanation. */
export const MOST_FILES = 20

/** Less than this is not worth a hint. */
const LEAST_INSTALL_SECONDS = 2

/** Files by which packages are chosen: after a change in one of them an installation has to run again. */
const MANIFEST =
  /(?:^|\/)(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml|package\.json|\.npmrc|pnpm-[\w.-]+\.yaml|package-lock\.json|go\.(?:mod|sum)|Cargo\.toml|Gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|[\w.-]+\.gradle(?:\.kts)?|gradle\.properties|libs\.versions\.toml|[\w.-]+\.(?:cs|fs|vb)proj|[\w.-]+\.(?:sln|props)|mix\.exs|[\w.-]*\.lock|[\w.-]+\.lockb)$/

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

/** By name and vertex: a download that failed goes by the name of the step that it is for. */
function indexOf({ name, vertex }: Step, steps: readonly Step[]): number {
  return steps.findIndex((each) => each.name === name && each.vertex === vertex)
}

function longestInstall(steps: readonly Step[]): Step | undefined {
  return steps
    .filter(({ instruction, seconds }) => seconds >= LEAST_INSTALL_SECONDS && isInstall(instruction))
    .toSorted((a, b) => b.seconds - a.seconds)[0]
}

function placeIn({ stage, instruction, line }: Step): StepName {
  return { instruction, ...(stage === undefined ? {} : { stage }), ...(line === undefined ? {} : { line }) }
}

function findDifference(step: Step, before: BuildRecord, circumstances: Circumstances): Cause | undefined {
  const { steps, now } = circumstances
  const index = indexOf(step, steps)
  const own = now.steps[index]
  if (own === undefined) return undefined
  const views = { now, nowIndex: indexSteps(now), before, beforeIndex: indexSteps(before) }
  const earlier = findSame(views.nowIndex, index, views.beforeIndex)
  const base = changedBase(own, earlier, before)
  if (base !== undefined) return base
  if (earlier === undefined) return changedInstruction(step, index, views)
  if (isDownload(step) && own.inputs.length === 0) return undefined // the download itself, which failed
  const files = earlier.inputs.includes(CONTEXT) ? changedSources(step, now, before, circumstances.matcher) : undefined
  const surroundings = changedSurroundings(index, earlier, views)
  // With another value in a path, the step reads other files than before, whether they changed or not.
  const variable = isNamed(surroundings, textAt(now, views.nowIndex, index)) ? surroundings : undefined
  return variable ?? files ?? changedOrder(index, earlier, views) ?? surroundings ?? changedInputs(step, now, before)
}

type Views = {
  readonly now: BuildRecord
  readonly nowIndex: StepIndex
  readonly before: BuildRecord
  readonly beforeIndex: StepIndex
}

function changedBase(own: StepRecord, earlier: StepRecord | undefined, before: BuildRecord): Cause | undefined {
  const imagesOf = (inputs: readonly string[]) => inputs.map(readImage).filter((image) => image !== undefined)
  const everything = before.steps.flatMap(({ name, inputs }) => imagesOf([name, ...inputs]))
  const older = earlier === undefined ? everything : imagesOf(earlier.inputs)
  for (const { image, digest } of imagesOf(own.inputs)) {
    if (older.some((each) => each.digest === digest)) continue
    const others = older.filter((each) => earlier !== undefined || each.image === image)
    const other = others.find((each) => each.image === image) ?? (others.length === 1 ? others[0] : undefined)
    if (other !== undefined) {
      return { kind: 'base', before: `${other.image}@${other.digest}`, after: `${image}@${digest}` }
    }
  }
  return undefined
}

/** Whether what changed is a variable that the instruction names; a command has them all anyway. */
function isNamed(cause: Cause | undefined, instruction: InstructionText | undefined): boolean {
  if (instruction === undefined || isRun(instruction.text)) return false
  const named = new Set([...instruction.text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name))
  if (cause?.kind === 'argument') return cause.names.some((name) => named.has(name))
  if (cause?.kind !== 'above') return false
  return named.has(/^(?:ARG|ENV)\s+(\w+)/.exec(cause.after ?? cause.before ?? '')?.[1])
}

/** The step is not in the earlier build: its text is another, it is new, or that build had no need of it. */
function changedInstruction(
  step: Step,
  index: number,
  { now, nowIndex, before, beforeIndex }: Views
): Cause | undefined {
  const parsed = parseName(now.steps[index]?.name ?? '')
  if (parsed === undefined) return undefined
  const after = textAt(now, nowIndex, index)
  const stageName = now.stages[nowIndex.places[index]?.stage ?? -1]?.name ?? parsed.stage ?? ''
  const stageBefore = before.stages.find(({ name }) => sameStage(stageName, name ?? ''))
  if (after !== undefined && stageBefore?.instructions.some(({ mark }) => mark === after.mark)) {
    return { kind: 'unknown', reason: 'not-built' }
  }
  const sameChain = (other: string): boolean => {
    const { platform, stage } = parseName(other) ?? {}
    return parseName(other) !== undefined && platform === parsed.platform && stage === parsed.stage
  }
  const stage = before.steps.flatMap((each, at) => (sameChain(each.name) && !isFrom(each.name) ? [at] : []))
  const known = new Set(nowIndex.identities)
  const gone = stage.filter((at) => !known.has(beforeIndex.identities[at] ?? ''))
  const byPosition = gone.find((at) => parseName(before.steps[at]?.name ?? '')?.position === parsed.position)
  const replaced = byPosition ?? gone[0]
  // Without the Dockerfile's words, the value of an argument that stands in an instruction makes it look like another one.
  const keyword = /^\w*/.exec(parsed.instruction)?.[0] ?? ''
  const isAlike = replaced !== undefined && instructionIn(before.steps[replaced]?.name ?? '').startsWith(`${keyword} `)
  if (after === undefined && isAlike && !sameMarks(now.args, before.args)) {
    return { kind: 'unknown', reason: 'dockerfile-unread' }
  }
  return {
    kind: 'instruction',
    after: after?.text ?? step.instruction,
    ...(replaced === undefined ? {} : { before: shownText(before, beforeIndex, replaced) })
  }
}

function sameMarks(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return [...Object.keys(one), ...Object.keys(other)].every((name) => one[name] === other[name])
}

/** The same step, but built from another one: that it is cached today says nothing about the earlier build. */
function changedOrder(
  index: number,
  earlier: StepRecord,
  { now, nowIndex, before, beforeIndex }: Views
): Cause | undefined {
  const own = parentsOf(now, now.steps[index])
  const older = parentsOf(before, earlier)
  // A step that two stages share goes by the name of now the one and now the other: then what it stands on is the same.
  const isSame = (now: number, earlier: number): boolean =>
    nowIndex.identities[now] === beforeIndex.identities[earlier] || nowIndex.chains[now] === beforeIndex.chains[earlier]
  const gone = older.find((at) => !own.some((each) => isSame(each, at)))
  const added = own.find((at) => !older.some((each) => isSame(at, each)))
  if (gone === undefined && added === undefined) return undefined
  // Of instructions that a stage has several times only their number tells whether one is gone.
  const isGone = (at: number): boolean => isFewer(nowIndex, beforeIndex, beforeIndex.contents[at])
  const isNew = (at: number): boolean => isFewer(beforeIndex, nowIndex, nowIndex.contents[at])
  const direct = {
    gone: [gone].find((at) => at !== undefined && isGone(at)),
    new: [added].find((at) => at !== undefined && isNew(at))
  }
  const found =
    direct.gone !== undefined || direct.new !== undefined
      ? direct
      : {
          gone: allAbove(before, lastLike(before, earlier, beforeIndex)).find(isGone),
          new: allAbove(now, now.steps[index]).find(isNew)
        }
  const line = found.new === undefined ? undefined : textAt(now, nowIndex, found.new)?.line
  return {
    kind: 'above',
    ...(found.gone === undefined ? {} : { before: shownText(before, beforeIndex, found.gone) }),
    ...(found.new === undefined ? {} : { after: shownText(now, nowIndex, found.new) }),
    ...(line === undefined ? {} : { line })
  }
}

/** The last of the steps with the same words: what stands above any of them stands above it. */
function lastLike({ steps }: BuildRecord, step: StepRecord, { contents }: StepIndex): StepRecord {
  const content = contents[steps.indexOf(step)]
  return steps.findLast((_, at) => contents[at] === content) ?? step
}

function isFewer(here: StepIndex, there: StepIndex, content = ''): boolean {
  return (here.counts.get(content) ?? 0) < (there.counts.get(content) ?? 0)
}

/** Steps that a step is built from, directly or not, by index, the lowest first. */
function allAbove(record: BuildRecord, step: StepRecord | undefined): readonly number[] {
  const found = new Set(parentsOf(record, step))
  // A set is walked through to its end, and what is added on the way belongs to it.
  for (const at of found) for (const parent of parentsOf(record, record.steps[at])) found.add(parent)
  return [...found].sort((a, b) => a - b)
}

/** Steps that a step is built from, by index. */
function parentsOf({ steps }: BuildRecord, step: StepRecord | undefined): readonly number[] {
  const inputs = new Set(step?.inputs)
  return steps.flatMap(({ name }, at) => (inputs.has(name) && !isFrom(name) ? [at] : []))
}

/**
 * What a command runs in: `ENV`, `ARG` and their like above it in its stage and in those it starts from, and build
 * arguments. Other instructions have it only in the variables of their text.
 */
function changedSurroundings(
  index: number,
  earlier: StepRecord,
  { now, nowIndex, before, beforeIndex }: Views
): Cause | undefined {
  const { text = '' } = textAt(now, nowIndex, index) ?? {}
  if (!isRun(text) && !text.includes('$')) return undefined
  const after = settingsAbove(now, nowIndex, index)
  const older = settingsAbove(before, beforeIndex, before.steps.indexOf(earlier))
  const lacks = (settings: readonly Setting[], { key, isEmpty }: Setting): boolean =>
    !isEmpty && !settings.some((each) => each.key === key)
  const added = after.filter((setting) => lacks(older, setting))
  const gone = older.filter((setting) => lacks(after, setting))
  const isArgument = (others: readonly Setting[], { name, isGiven }: Setting): boolean =>
    name !== undefined && others.some((other) => other.name === name && (isGiven || other.isGiven))
  const newSetting = added.find((setting) => !isArgument(older, setting))
  const oldSetting = gone.find((setting) => !isArgument(after, setting))
  if (newSetting !== undefined || oldSetting !== undefined) {
    const isPair = newSetting === undefined || oldSetting === undefined || newSetting.about === oldSetting.about
    return {
      kind: 'above',
      ...(oldSetting === undefined || !isPair ? {} : { before: oldSetting.text }),
      ...(newSetting === undefined ? {} : { after: newSetting.text, line: newSetting.line })
    }
  }
  const names = [...new Set([...added, ...gone].map(({ name }) => name))].filter((name) => name !== undefined)
  return names.length === 0 ? undefined : { kind: 'argument', names: names.sort() }
}

/** One thing that is set for what follows. */
type Setting = {
  /** The same for the same effect. */
  readonly key: string
  /** What is set: `ENV MODE`. */
  readonly about: string
  readonly text: string
  readonly line: number
  /** Of a build argument. */
  readonly name?: string
  /** Its value is not the Dockerfile's. */
  readonly isGiven: boolean
  /** It has no value, and so no effect. */
  readonly isEmpty: boolean
}

/** Instructions that change what later commands run in. */
const SETTING = /^(?:ENV|ARG|USER|SHELL)\b/

function settingsAbove(record: BuildRecord, { places }: StepIndex, index: number): readonly Setting[] {
  const place = places[index]
  if (place === undefined) return []
  const settings = instructionsAbove(record, place).filter(({ text }) => SETTING.test(text))
  return settings.flatMap((instruction) => readSettings(instruction, record.args))
}

function readSettings(
  { text, mark, line }: InstructionText,
  args: Readonly<Record<string, string>>
): readonly Setting[] {
  const [keyword = '', ...words] = text.split(/\s+/)
  if (keyword !== 'ARG') {
    const about = keyword === 'ENV' ? `ENV ${argumentName(words[0] ?? '')}` : keyword
    return [{ key: mark, about, text, line, isGiven: false, isEmpty: false }]
  }
  return words.map((word) => {
    const name = argumentName(word)
    const given = Object.hasOwn(args, name) ? args[name] : undefined
    return {
      key: given === undefined ? `ARG ${word}` : `ARG ${name} ${given}`,
      ...{ about: `ARG ${name}`, text: `ARG ${word}`, line, name },
      isGiven: given !== undefined,
      isEmpty: given === undefined && !word.includes('=')
    }
  })
}

/** Build arguments that need no `ARG` to be part of a step: https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args */
const BUILT_IN = [
  { name: 'BUILDKIT_SANDBOX_HOSTNAME', keyword: /^RUN\b/ },
  // The time of the folder that it makes, in newer versions.
  { name: 'SOURCE_DATE_EPOCH', keyword: /^WORKDIR\b/ }
] as const

function changedInputs(step: Step, now: BuildRecord, before: BuildRecord): Cause | undefined {
  if (now.shape !== undefined && before.shape !== undefined) {
    const names = changedShape(step, now.shape, before.shape)
    if (names.length > 0) return { kind: 'input', names }
  }
  const names = BUILT_IN.filter(({ keyword }) => keyword.test(step.instruction))
    .map(({ name }) => name)
    .filter((name) => now.args[name] !== before.args[name])
  return names.length === 0 ? undefined : { kind: 'argument', names }
}

function changedSources(step: Step, now: BuildRecord, before: BuildRecord, matcher: Matcher): Cause | undefined {
  if (now.files === undefined || before.files === undefined) return undefined
  const sources = readSources(step.instruction)
  if (!isSearchable([...sources.wanted, ...sources.excluded])) return { kind: 'unknown', reason: 'source-unread' }
  const changes = foldRepository(changedFiles(before.files, now.files, sources, matcher))
  if (changes.length === 0) return undefined
  const telling = changes.toSorted((a, b) => Number(MANIFEST.test(b.path)) - Number(MANIFEST.test(a.path)))
  return {
    kind: 'files',
    changed: telling.slice(0, MOST_FILES),
    more: Math.max(0, changes.length - MOST_FILES)
  }
}

/** Git's own files change with every commit: they are one thing, and the last to be named. */
function foldRepository(changes: readonly FileChange[]): readonly FileChange[] {
  const others = changes.filter(({ path }) => !path.startsWith('.git/'))
  return others.length === changes.length ? changes : [...others, { path: '.git', how: 'changed' }]
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

/** `ADD` of an address or a Git repository. */
function isDownload({ instruction }: Step): boolean {
  return /^(?:LINK )?ADD\s(?:.*[\s["])?(?:[a-z][a-z+]*:\/\/|git@)/i.test(instruction)
}

function isRun(instruction: string): boolean {
  return /^RUN\b/.test(instruction)
}

function textAt(record: BuildRecord, { places }: StepIndex, index: number): InstructionText | undefined {
  const place = places[index]
  return place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction]
}

function shownText(record: BuildRecord, index: StepIndex, at: number): string {
  return textAt(record, index, at)?.text ?? instructionIn(record.steps[at]?.name ?? '')
}
