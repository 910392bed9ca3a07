/** What of a step differs from an earlier build: its base, its instruction, its files, what it stands on and runs in. */
import { parseName } from '../buildkit/progress.js'
import { SOURCE_DATE_EPOCH } from '../core/source_date_epoch.js'
import { sameStage, type Step } from '../core/step.js'
import type { Cause } from './cause.js'
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
import { changedShape } from './shape.js'
import { changedFiles, isSearchable, readSources, type FileChange, type Matcher } from './sources.js'

/** Names of files in one explanation. */
const MOST_FILES = 20

/** Files by which packages are chosen: after a change in one of them an installation has to run again. */
export const MANIFEST =
  /(?:^|\/)(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml|package\.json|\.npmrc|pnpm-[\w.-]+\.yaml|package-lock\.json|go\.(?:mod|sum)|Cargo\.toml|Gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|[\w.-]+\.gradle(?:\.kts)?|gradle\.properties|libs\.versions\.toml|[\w.-]+\.(?:cs|fs|vb)proj|[\w.-]+\.(?:sln|props)|mix\.exs|[\w.-]*\.lock|[\w.-]+\.lockb)$/

/** This build, by its steps and by its record. */
type Build = { readonly steps: readonly Step[]; readonly now: BuildRecord; readonly matcher: Matcher }

/** What of a step is another than in an earlier build; `undefined` where nothing is seen. */
export function findDifference(step: Step, before: BuildRecord, { steps, now, matcher }: Build): Cause | undefined {
  const index = indexOf(step, steps)
  const own = now.steps[index]
  if (own === undefined) return undefined
  const views = { now, nowIndex: indexSteps(now), before, beforeIndex: indexSteps(before) }
  const earlier = findSame(views.nowIndex, index, views.beforeIndex)
  const base = changedBase(own, earlier, before)
  if (base !== undefined) return base
  if (earlier === undefined) return changedInstruction(step, index, views)
  if (isDownload(step) && own.inputs.length === 0) return undefined // the download itself, which failed
  const files = earlier.inputs.includes(CONTEXT) ? changedSources(step, now, before, matcher) : undefined
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
export const SETTING = /^(?:ENV|ARG|USER|SHELL)\b/

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
  { name: SOURCE_DATE_EPOCH, keyword: /^WORKDIR\b/ }
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

/** Place of a step among others. By name and vertex: a download that failed goes by the name of the step that it is for. */
export function indexOf({ name, vertex }: Step, steps: readonly Step[]): number {
  return steps.findIndex((each) => each.name === name && each.vertex === vertex)
}

/** `ADD` of an address or a Git repository. */
export function isDownload({ instruction }: Step): boolean {
  return /^(?:LINK )?ADD\s(?:.*[\s["])?(?:[a-z][a-z+]*:\/\/|git@)/i.test(instruction)
}

/** A command. */
export function isRun(instruction: string): boolean {
  return /^RUN\b/.test(instruction)
}

/** The Dockerfile's words for a step of a record, by its index. */
export function textAt(record: BuildRecord, { places }: StepIndex, index: number): InstructionText | undefined {
  const place = places[index]
  return place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction]
}

function shownText(record: BuildRecord, index: StepIndex, at: number): string {
  return textAt(record, index, at)?.text ?? instructionIn(record.steps[at]?.name ?? '')
}
