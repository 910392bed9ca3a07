/** What broke the cache, stage by stage and why; and what it saved all the same. */
import { ranBecauseOf, type Step } from '../../core/step.js'
import type { Cause, StepName, UnknownReason } from '../../explain/cause.js'
import type { Explanation } from '../../explain/causes.js'
import { MOST_TEXT } from '../../explain/record.js'
import type { FileChange } from '../../explain/sources.js'
import { editOf, editWords, looksOther } from '../format/edit.js'
import { briefInstruction } from '../format/instruction.js'
import { capped, type Detail } from '../format/ladder.js'
import { lineLink } from '../format/links.js'
import { bullets, code, pathCode, sections, text, unbroken } from '../format/markdown.js'
import type { BuildView, StageReport } from '../model.js'
import { count, duration, enumerated, grouped } from '../../core/units.js'

/** Files that are named; the others are counted. */
const NAMED = 3

/** Characters of an instruction where a step is named. */
const STEP_SHOWN = 60

/** Less is not worth telling. */
const LEAST_SECONDS = 0.5

type Explained = StageReport & { readonly why: Explanation }

/** One reason, and the stages that it is the reason of. */
type Finding = {
  readonly stages: readonly Explained[]
  readonly followers: readonly Explained[]
  /** Time of all steps that ran because of it. */
  readonly seconds: number
}

/** A list of reasons; `undefined` when everything was cached, or when nothing is known. */
export function renderBroken(report: BuildView, detail: Detail): string | undefined {
  const stages = report.stages.filter((stage): stage is Explained => stage.why !== undefined)
  if (stages.every(({ why }) => why.cause.kind === 'unknown' && why.cause.reason === 'no-record')) return undefined
  const { shown, more } = capped(findingsOf(stages, report.steps), detail.rows)
  const since = report.cache.comparedWith
  return sections([
    `**What broke the cache**${since === undefined ? '' : ` since ${text(since, 120)}`}`,
    bullets([
      ...shown.map((finding) => findingWords(report, finding)),
      ...(more > 0 ? [`and ${count(more, 'more reason')}`] : [])
    ])
  ])
}

/** The most expensive first. Stages with the same reason stand together; one that follows another stands with that one. */
function findingsOf(stages: readonly Explained[], steps: readonly Step[]): readonly Finding[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]))
  const rootOf = (stage: Explained): Explained => {
    let root = stage
    const seen = new Set<Explained>()
    while (root.why.cause.kind === 'parent' && !seen.has(root)) {
      seen.add(root)
      root = byName.get(root.why.cause.step.stage ?? '') ?? root
    }
    return root
  }
  const groups = new Map<string, { stages: Explained[]; followers: Explained[] }>()
  for (const stage of stages) {
    const root = rootOf(stage)
    const key = keyOf(root)
    const group = groups.get(key) ?? { stages: [], followers: [] }
    groups.set(key, group)
    ;(root === stage ? group.stages : group.followers).push(stage)
  }
  return [...groups.values()]
    .map((group) => ({ ...group, seconds: secondsOf(group.stages, steps) }))
    .toSorted((a, b) => b.seconds - a.seconds)
}

function keyOf(stage: Explained): string {
  const { cause } = stage.why
  const isGeneral = isAboutTheCache(cause) || cause.kind === 'asked'
  return JSON.stringify([isGeneral ? '' : subjectOf(stage)?.instruction, cause])
}

/** The step that the reason is about. */
function subjectOf({ firstToRun, why }: Explained): StepName | undefined {
  return why.step ?? firstToRun
}

function isAboutTheCache({ kind }: Cause): boolean {
  return kind === 'cold' || kind === 'no-cache-found'
}

/** What ran because of several stages' first steps is counted once. */
function secondsOf(stages: readonly Explained[], steps: readonly Step[]): number {
  const most = Math.max(0, ...stages.map(({ why }) => why.seconds))
  const own = stages.flatMap(({ firstToRun, why }) =>
    firstToRun === undefined || why.step !== undefined ? [] : [firstToRun]
  )
  const together = ranBecauseOf(
    steps.filter(({ name, vertex }) => own.some((step) => step.name === name && step.vertex === vertex)),
    steps
  )
  return Math.max(
    most,
    together.reduce((sum, { seconds }) => sum + seconds, 0)
  )
}

function findingWords(report: BuildView, { stages, followers, seconds }: Finding): string {
  const [first] = stages.length > 0 ? stages : followers
  if (first === undefined) return ''
  const { cause, certainty, install } = first.why
  const names = enumerated(some((stages.length > 0 ? stages : followers).map((stage) => `**${stageCode(stage)}**`)))
  const subject = isAboutTheCache(cause) ? undefined : subjectOf(first)
  const lines = [...new Set(stages.map((stage) => subjectOf(stage)?.line))]
  const others = lines.slice(1).map((line) => lineLink(report.source, line))
  const isOne = stages.every((stage) => subjectOf(stage)?.instruction === subject?.instruction)
  const step = subject === undefined ? '' : isOne ? stepWords(report, subject, others) : linesOf(report, lines)
  return [
    `${names}${step === '' ? '' : ` at ${step}`}: ${causeWords(report, cause, certainty)}.`,
    costWords(seconds, stages.length > 0 ? followers : []),
    ...(install === undefined
      ? []
      : [
          `${stepWords(report, install)} (${unbroken(duration(install.seconds))}) would stay cached above it, behind a \`COPY\` of only the files that it reads.`
        ])
  ]
    .join(' ')
    .trim()
}

/** "`test` had to follow: 44.1 s of steps in all." */
function costWords(seconds: number, followers: readonly Explained[]): string {
  const follow =
    followers.length === 0
      ? ''
      : `${enumerated(some(followers.map(stageCode)))} had to follow${seconds < LEAST_SECONDS ? '' : ': '}`
  if (seconds < LEAST_SECONDS) return follow === '' ? '' : `${follow}.`
  return `${follow}${unbroken(duration(seconds))} of steps${follow === '' ? '' : ' in all'}.`
}

function some(names: readonly string[], most = 6): readonly string[] {
  return names.length <= most ? names : [...names.slice(0, most), `${names.length - most} more`]
}

function stageCode({ name }: StageReport): string {
  return name === '' ? '*(unnamed)*' : code(name, 60)
}

/** The line, further lines with the same instruction, and the instruction. */
function stepWords(report: BuildView, { instruction, line }: StepName, others: readonly string[] = []): string {
  const lines = [lineLink(report.source, line), ...others].filter((part) => part !== '')
  return [enumerated(some(lines)), code(briefInstruction(instruction), STEP_SHOWN)]
    .filter((part) => part !== '')
    .join(' ')
}

/** Lines of several instructions; the table of stages has each of them. */
function linesOf(report: BuildView, lines: readonly (number | undefined)[]): string {
  return enumerated(some(lines.map((line) => lineLink(report.source, line)).filter((link) => link !== '')))
}

function causeWords(report: BuildView, cause: Cause, certainty: Explanation['certainty']): string {
  const maybe = certainty === 'likely' ? 'most likely ' : ''
  switch (cause.kind) {
    case 'asked':
      if (cause.by === 'no-cache-filters') return '`no-cache-filters` names the stage'
      if (cause.by === 'refresh-after') return '`refresh-after` asks for it: what the cache had was too old'
      return `\`${cause.by === 'test-cache' ? 'test-cache: rerun' : 'no-cache: true'}\` asks for it`
    case 'parent':
      return `it is built from ${stepWords(report, cause.step)}, which ran`
    case 'base':
      return baseWords(cause.before, cause.after)
    case 'instruction':
      return cause.before === undefined ? 'the instruction is new' : changeWords(cause.before, cause.after)
    case 'above':
      return `${maybe}${aboveWords(report, cause)}`
    case 'argument': {
      const names = enumerated(some(cause.names.map((name) => code(name, 60))))
      return cause.names.length === 1
        ? `${maybe}the build argument ${names} has another value`
        : `${maybe}the build arguments ${names} have other values`
    }
    case 'input':
      return `${maybe}${inputWords(cause.names)}`
    case 'files':
      return filesWords(cause.changed, cause.more)
    case 'no-cache-found': {
      const references = enumerated(
        some(
          cause.references.map((reference) => code(reference, 120)),
          3
        )
      )
      return cause.result === 'missing'
        ? `${maybe}the cache had nothing yet: ${references}`
        : `${maybe}the cache could not be read: ${references}`
    }
    case 'cold':
      return `${maybe}the builder started empty, and no cache is read; with \`cache-image\` a run begins where the last one ended`
    case 'evicted':
      return `nothing that is recorded has changed; ${maybe}neither the builder nor the cache had kept it`
    case 'unknown':
      return unknownWords(cause.reason)
  }
}

function unknownWords(reason: UnknownReason): string {
  switch (reason) {
    case 'no-record':
      return 'not known, as there is no earlier build to compare with'
    case 'not-built':
      return 'not known, as the earlier build did not need it'
    case 'files-unread':
      return 'not known, as the files it reads are not recorded (too many, too big or not on this machine)'
    case 'dockerfile-unread':
      return 'not known, as build arguments have other values, and the Dockerfile’s own words for it are not known'
    case 'source-unread':
      return 'not known, as it reads something from outside the build context'
  }
}

function baseWords(before: string, after: string): string {
  const [[image, digest], [newImage, newDigest]] = [splitDigest(before), splitDigest(after)]
  return image === newImage
    ? `the base image ${code(image, 120)} has changed: ${code(digest)} → ${code(newDigest)}`
    : `the base image was ${code(image, 120)}, now ${code(newImage, 120)}`
}

function splitDigest(reference: string): readonly [string, string] {
  const at = reference.lastIndexOf('@')
  return at === -1 ? [reference, ''] : [reference.slice(0, at), reference.slice(at + 1, at + 20)]
}

function aboveWords(report: BuildView, { before, after, line }: Extract<Cause, { kind: 'above' }>): string {
  const now =
    after === undefined ? undefined : stepWords(report, { instruction: after, ...(line === undefined ? {} : { line }) })
  if (before !== undefined && after !== undefined && now !== undefined) {
    return looksOther(before, after, STEP_SHOWN)
      ? `above it, ${instructionCode(before)} became ${now}`
      : `in ${now} above it, ${detailWords(before, after)}`
  }
  if (before !== undefined) return `${instructionCode(before)} above it is gone`
  return now === undefined ? 'the instructions above it are in another order' : `${now} above it is new`
}

function changeWords(before: string, after: string): string {
  return looksOther(before, after, STEP_SHOWN)
    ? `the instruction was ${instructionCode(before)}`
    : `in the instruction, ${detailWords(before, after)}`
}

/** What differs where the beginnings do not. A record has the text of an instruction without its heredocs. */
function detailWords(before: string, after: string): string {
  const edit = editOf(before, after)
  if (edit !== undefined) return editWords(edit)
  if (after.length >= MOST_TEXT) return `what differs is not within the first ${grouped(MOST_TEXT)} characters`
  return after.includes('<<') ? 'only the text of a heredoc or blanks differ' : 'only blanks differ'
}

function instructionCode(instruction: string): string {
  return code(briefInstruction(instruction), 100)
}

function inputWords(names: Extract<Cause, { kind: 'input' }>['names']): string {
  const values = names.filter((name) => name !== 'namespace').map((name) => code(name))
  const words = [
    ...(values.length === 0
      ? []
      : [`${enumerated(values)} ${values.length === 1 ? 'has another value' : 'have other values'}`]),
    ...(names.includes('namespace')
      ? ['its cache mounts are kept in another namespace (`BUILDKIT_CACHE_MOUNT_NS`) than those of the earlier build']
      : [])
  ]
  return words.join(', and ')
}

function filesWords(changed: readonly FileChange[], more: number): string {
  if (changed.every(({ path }) => path === '.git'))
    return '`.git` changed, as it does with every commit; listed in `.dockerignore` it would break nothing'
  const words = { changed: '', added: ' (new)', removed: ' (gone)' } as const
  const names = changed.slice(0, NAMED).map(({ path, how }) => `${pathCode(path, 60)}${words[how]}`)
  const rest = changed.length - names.length + more
  const all = enumerated([...names, ...(rest > 0 ? [`${rest} more`] : [])])
  return `${all} changed`
}

/** `about 48 s saved`, for lines of facts; `undefined` where it is not known or not worth telling. */
export function savedWords(report: BuildView): string | undefined {
  const { saved } = report.cache
  return saved === undefined || saved.seconds < LEAST_SECONDS ? undefined : `${about(saved.seconds)} saved`
}

/** The estimate and what it rests on. */
export function renderSaved(report: BuildView): string | undefined {
  const { saved } = report.cache
  if (saved === undefined || saved.stepSeconds < LEAST_SECONDS) return undefined
  const unknown =
    saved.unknownSteps === 0 ? '' : `, not counting ${count(saved.unknownSteps, 'step')} of which no run is known`
  const sum = `${unbroken(duration(saved.stepSeconds))} of steps came from it`
  return `**Saved by the cache:** ${about(saved.seconds)}, an estimate: ${sum}, by the times they last took${unknown}.`
}

/** An estimate is no measurement: whole seconds from ten on. */
function about(seconds: number): string {
  return `about ${unbroken(seconds < 9.95 || seconds > 59.5 ? duration(seconds) : `${Math.round(seconds)} s`)}`
}
