/**
 * What is remembered of a build: its steps, what they were built from, how long each took when it last ran, the
 * Dockerfile's instructions and the files of its context. Never a file's content, never a build argument's value.
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { parseDockerfile, wordsOf, type Instruction } from '../dockerfile/index.js'
import { parseName } from '../buildkit/progress.js'
import { sameStage, type Step } from '../core/step.js'
import { byPath, type SnapshotFile } from '../compare/files.js'

/** One build as later ones look back at it. Plain data; docs/what-was-cached.md defines what is made of it. */
export type BuildRecord = {
  readonly steps: readonly StepRecord[]
  /** Empty where the Dockerfile is not on this machine. */
  readonly stages: readonly StageText[]
  /** Build arguments by name, each with a mark of its value: enough to see a change, too short to find the value. */
  readonly args: Readonly<Record<string, string>>
  /** Inputs that are part of steps; absent in a record that was stored without them. */
  readonly shape?: ShapeMarks
  /** Files of the context; absent where they were not looked at. */
  readonly files?: readonly SnapshotFile[]
}

/** Marks by the name of the input; those of a linked target by `TARGET NAME`. What has no value has no mark. */
export type ShapeMarks = Readonly<Record<string, string>>

export type StepRecord = {
  /** `[test 3/5] RUN pytest`: as BuildKit names it, but with the Dockerfile's words, into which no value is written. */
  readonly name: string
  /** How long it took when it last really ran; absent where no run is known. */
  readonly seconds?: number
  /** Names of steps and images that it is built from, and of the build context. */
  readonly inputs: readonly string[]
}

/** How BuildKit names the vertex that sends the files. */
export const CONTEXT = '[internal] load build context'

/** A stage as the Dockerfile writes it. */
export type StageText = {
  readonly name?: string
  readonly from: string
  readonly instructions: readonly InstructionText[]
}

export type InstructionText = {
  readonly text: string
  /** Checksum of all of it, heredocs included. */
  readonly mark: string
  readonly line: number
}

/** What a record is made of. */
export type RecordSource = {
  readonly steps: readonly Step[]
  /** The Dockerfile's text; absent where it is not on this machine. */
  readonly dockerfile?: string
  /** `NAME=VALUE`. */
  readonly buildArgs: readonly string[]
  readonly shape?: ShapeMarks
  readonly files?: readonly SnapshotFile[]
  readonly redact: (text: string) => string
}

/** Characters kept of a name or an instruction. */
export const MOST_TEXT = 2000

/** Takes the record of a build. `before` lends the durations of steps that came from the cache this time. */
export function takeRecord(source: RecordSource, before: BuildRecord | undefined): BuildRecord {
  const { steps, dockerfile, buildArgs, shape, files, redact } = source
  const stages = dockerfile === undefined ? [] : readStages(redact(dockerfile))
  const names = new Map(
    steps.map(({ name }) => [name, nameOf(redact(name), stages, buildArgs.length > 0).slice(0, MOST_TEXT)])
  )
  // Addresses of downloads and other contexts are left out: arguments are written into them, too.
  const inputOf = (input: string): string | undefined =>
    names.get(input) ??
    (input === CONTEXT || readImage(input) !== undefined ? redact(input).slice(0, MOST_TEXT) : undefined)
  const record: BuildRecord = {
    steps: steps.map(({ name, state, seconds, inputs = [] }) => ({
      name: names.get(name) ?? '',
      inputs: inputs.map(inputOf).filter((input) => input !== undefined),
      ...(state === 'ran' ? { seconds } : {})
    })),
    stages,
    args: Object.fromEntries(buildArgs.map((argument) => readArgument(argument, redact))),
    ...(shape === undefined ? {} : { shape }),
    ...(files === undefined ? {} : { files: files.map((file) => ({ ...file, path: redact(file.path) })).sort(byPath) })
  }
  if (before === undefined) return record
  const [now, earlier] = [indexSteps(record), indexSteps(before)]
  return {
    ...record,
    steps: record.steps.map((step, index) => {
      const { seconds } = findSame(now, index, earlier) ?? {}
      return steps[index]?.state !== 'cached' || seconds === undefined ? step : { ...step, seconds }
    })
  }
}

/**
 * BuildKit writes the values of variables into the names of steps. The record has the Dockerfile's words instead, and
 * where it is not known which those are, only that it is the same or another instruction.
 */
function nameOf(name: string, stages: readonly StageText[], hasArguments: boolean): string {
  const { instruction } = parseName(name) ?? {}
  if (instruction === undefined || isFrom(name)) return name
  const place = placeOf(stages, name)
  const text = place === undefined ? undefined : stages[place.stage]?.instructions[place.instruction]?.text
  const head = name.slice(0, name.length - instruction.length)
  if (text !== undefined) return `${head}${instruction.startsWith('LINK ') ? 'LINK ' : ''}${text}`
  return hasArguments ? `${head}${/^\w*/.exec(instruction)?.[0] ?? ''} … ${shortMark(instruction)}` : name
}

/** An instruction as it is shown, of a step's name in a record. */
export function instructionIn(name: string): string {
  return (parseName(name)?.instruction ?? name).replace(/ … [0-9a-f]{4}$/, ' …')
}

/** Whether a step is the naming of an image that a stage starts from. */
export function isFrom(name: string): boolean {
  return /^FROM\s/.test(parseName(name)?.instruction ?? name)
}

/** `[base 1/4] FROM python:3.12@sha256:…`, or without brackets where several stages share it. */
export function readImage(name: string): { readonly image: string; readonly digest: string } | undefined {
  const [, image, digest] = /^(?:\[[^\]]*\] )?FROM (?:--\S+ )*(\S+?)@(sha256:[0-9a-f]{64})$/.exec(name) ?? []
  return image === undefined || digest === undefined ? undefined : { image, digest }
}

function readStages(text: string): readonly StageText[] {
  const { instructions, stages } = parseDockerfile(text)
  // `ARG NAME` in a stage takes its value from the `ARG NAME=VALUE` above all stages.
  const globals = new Map(
    instructions
      .filter(({ stage, keyword }) => stage === -1 && keyword === 'ARG')
      .flatMap(({ rest }) => wordsOf(rest))
      .filter((word) => word.includes('='))
      .map((word) => [argumentName(word), word])
  )
  const withDefaults = (instruction: Instruction): string =>
    instruction.keyword === 'ARG'
      ? ['ARG', ...wordsOf(instruction.rest).map((word) => globals.get(word) ?? word)].join(' ')
      : textOf(instruction)
  const byStage = Map.groupBy(instructions, ({ stage }) => stage)
  return stages.map(({ index, name, from }) => ({
    from: from.slice(0, MOST_TEXT),
    instructions: (byStage.get(index) ?? [])
      .filter(({ keyword }) => keyword !== 'FROM')
      .map((instruction) => {
        const whole = withDefaults(instruction)
        return { text: whole.slice(0, MOST_TEXT), mark: markOf(instruction, whole), line: instruction.line }
      }),
    ...(name === undefined ? {} : { name: name.slice(0, MOST_TEXT) })
  }))
}

function textOf({ keyword, flags, rest }: Instruction): string {
  return [keyword, ...flags, rest].filter((part) => part !== '').join(' ')
}

/** To a shell each blank counts, and so does what a heredoc holds; to other instructions blanks mean nothing. */
function markOf({ keyword, rest, written }: Instruction, whole: string): string {
  const isShell = keyword === 'RUN' && !rest.startsWith('[')
  return checksum(isShell || rest.includes('<<') ? `${keyword} ${written}` : whole)
}

/** `NAME` of `NAME=VALUE`. */
export function argumentName(argument: string): string {
  return argument.replace(/=.*$/s, '')
}

/**
 * `NAME=VALUE`; a name alone takes its value from the environment, which is not looked at. A value that is secret, if only by
 * its name, may be a word that is easily guessed: of 256 others one has the same mark.
 */
function readArgument(argument: string, redact: (text: string) => string): readonly [string, string] {
  const mark = shortMark(argument)
  return [argumentName(argument), redact(argument) === argument ? mark : mark.slice(0, 2)]
}

/** Of 65,536 values one has the same mark: who guesses a value finds it confirmed by many others as well. */
export function shortMark(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 4)
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

/** Where a step stands in the Dockerfile: index of the stage and of the instruction in it. */
export type Place = { readonly stage: number; readonly instruction: number }

/**
 * What stands above an instruction in its stage, and in all of those that the stage starts from, outermost first. Everything
 * that is no step of its own, such as ENV, shapes what follows.
 */
export function instructionsAbove({ stages }: BuildRecord, { stage, instruction }: Place): readonly InstructionText[] {
  const found: InstructionText[] = []
  let limit = stage
  let above: readonly InstructionText[] | undefined = stages[stage]?.instructions.slice(0, instruction)
  // A stage starts from an earlier one or from an image, so this ends.
  while (above !== undefined) {
    found.unshift(...above)
    const from = stages[limit]?.from.toLowerCase()
    limit = stages.findLastIndex(({ name }, at) => at < limit && name?.toLowerCase() === from)
    above = stages[limit]?.instructions
  }
  return found
}

/** Steps of a record joined with the Dockerfile, and findable in another record. */
export type StepIndex = {
  readonly places: readonly (Place | undefined)[]
  /** The same for the same instruction of the same stage and platform, wherever in the stage it stands. */
  readonly identities: readonly string[]
  /** The same as an identity, but also for the second of two; and how many steps have it. */
  readonly contents: readonly string[]
  readonly counts: ReadonlyMap<string, number>
  readonly byIdentity: ReadonlyMap<string, StepRecord>
  /** The same for the same instructions on top of each other, whatever the stage is called. */
  readonly chains: readonly string[]
  readonly byChain: ReadonlyMap<string, StepRecord>
}

/**
 * The same step in another record. Stages that begin with the same instructions share these steps in BuildKit, and the
 * steps go by the name of now the one and now the other stage.
 */
export function findSame(own: StepIndex, index: number, other: StepIndex): StepRecord | undefined {
  return other.byIdentity.get(own.identities[index] ?? '') ?? other.byChain.get(own.chains[index] ?? '')
}

/** Instructions that are steps of a build; the others only change what follows. */
const LAYERED = /^(?:RUN|COPY|ADD|WORKDIR)\b/

const indices = new WeakMap<BuildRecord, StepIndex>()

/** Indexes a record, once. */
export function indexSteps(record: BuildRecord): StepIndex {
  const known = indices.get(record)
  if (known !== undefined) return known
  const index = makeIndex(record)
  indices.set(record, index)
  return index
}

function makeIndex(record: BuildRecord): StepIndex {
  const places = record.steps.map(({ name }) => placeOf(record.stages, name))
  const counts = new Map<string, number>()
  const texts = record.steps.map(({ name }, index) => {
    const { platform = '', instruction } = parseName(name) ?? { instruction: name }
    const place = places[index]
    const text = place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction]
    return [platform, instruction, text?.mark ?? ''].join('\n')
  })
  const contents = record.steps.map(({ name }, index) => [parseName(name)?.stage ?? '', texts[index]].join('\n'))
  const identities = contents.map((content) => {
    const nth = (counts.get(content) ?? 0) + 1
    counts.set(content, nth)
    return `${content}\n${nth}`
  })
  const chains = chainsOf(record.steps, texts)
  const indexed = (keys: readonly string[]) =>
    new Map(record.steps.map((step, index) => [keys[index] ?? '', step] as const))
  return { places, identities, contents, counts, byIdentity: indexed(identities), chains, byChain: indexed(chains) }
}

/** What each step does together with what it stands on, as a checksum of them all. */
function chainsOf(steps: readonly StepRecord[], contents: readonly string[]): readonly string[] {
  const byName = new Map(steps.map(({ name }, index) => [name, index]))
  const done = new Map<number, string>()
  const open = steps.map((_, index) => index)
  const begun = new Set<number>()
  for (let index = open.at(-1); index !== undefined; index = open.at(-1)) {
    const inputs = steps[index]?.inputs ?? []
    const parents = inputs.flatMap((input) => byName.get(input) ?? [])
    const waiting = begun.has(index) ? [] : parents.filter((parent) => !begun.has(parent))
    begun.add(index) // a circle, which no builder makes, ends here
    if (waiting.length > 0) {
      open.push(...waiting)
      continue
    }
    open.pop()
    if (!done.has(index)) {
      done.set(index, checksum([contents[index], ...parents.map((parent) => done.get(parent) ?? '').sort()].join('\n')))
    }
  }
  return steps.map((_, index) => `${contents[index] ?? ''}\n${done.get(index) ?? ''}`)
}

/**
 * Counts to where BuildKit's `[stage 3/5]` points. A `FROM` is counted where it names an image and not another stage.
 * Undefined where the numbers disagree: a base image's ONBUILD adds steps of its own.
 */
function placeOf(stages: readonly StageText[], name: string): Place | undefined {
  const parsed = parseName(name)
  const stage = stages.findIndex(({ name: own }, index) =>
    parsed?.stage === undefined
      ? stages.length === 1
      : sameStage(parsed.stage, own ?? '') || parsed.stage === `stage-${index}`
  )
  const [position = 0, total = 0] = parsed?.position.split('/').map(Number) ?? []
  const layered = (stages[stage]?.instructions ?? []).flatMap(({ text }, index) => (LAYERED.test(text) ? [index] : []))
  const extra = total - layered.length
  const instruction = extra === 0 || extra === 1 ? layered[position - extra - 1] : undefined
  return instruction === undefined ? undefined : { stage, instruction }
}
