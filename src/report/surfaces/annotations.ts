/**
 * Report -> annotations, most important first. GitHub shows 10 of each level per step and cuts a message at 4096
 * characters; what is beyond that is counted in the last one instead of vanishing.
 */
import { testSentence } from '../sections/tests.js'
import { trialWords } from '../sections/trial.js'
import { twiceWords } from '../sections/twice.js'
import type { Failure } from '../../failure/failure.js'
import { isLinkedStep } from '../../core/linked.js'
import type { Step } from '../../core/step.js'
import { budgetSentence } from '../sections/budget.js'
import { failureHeadline } from '../sections/headline.js'
import { increaseWarnings } from '../sections/increase.js'
import { leakRows, leakSentence } from '../sections/leaks.js'
import { place } from '../format/links.js'
import { inline, shortened, visibleLine } from '../format/markdown.js'
import { remediesFor } from '../sections/remedies.js'
import { untrustedSentence } from '../sections/untrusted.js'
import { viewsOf, type BuildView, type Report } from '../model.js'
import { count, duration, enumerated } from '../../core/units.js'
import { judgedLimits } from '../../judge/index.js'
import { omissionSentence } from '../sections/verdict.js'

/** Plain text, unescaped; the writer of workflow commands escapes. `file` is a path from the repository's root. */
export type Annotation = {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title: string
  readonly file?: string
  readonly line?: number
}

/** Limits of the runner: `ExecutionContext.cs` in actions/runner. */
export const ANNOTATIONS_PER_LEVEL = 10
export const MESSAGE_CHARACTERS = 4096

/** Last lines of a failed step's log that go into its annotation. */
const LAST_WORDS = 12

type Annotating = (report: BuildView) => readonly Annotation[]

/** What is of one image. */
const OF_IMAGE: readonly Annotating[] = [
  ...[errorsOf, leakWarnings, growthWarnings, omissionWarnings],
  ...[testAnnotations, cacheWarnings, lintWarnings]
]

/** The annotations of a run, errors first. */
export function annotations(report: Report): readonly Annotation[] {
  const views = viewsOf(report)
  const all = [...OF_IMAGE.flatMap((part) => views.flatMap(part)), ...notices(views[0], report.name)]
  // Two images of one Dockerfile have its findings in common.
  const unique = [...new Map(all.map((annotation) => [JSON.stringify(annotation), annotation])).values()]
  return (['error', 'warning', 'notice'] as const).flatMap((level) =>
    limited(unique.filter((annotation) => annotation.level === level).map(cut), level)
  )
}

function limited(list: readonly Annotation[], level: Annotation['level']): readonly Annotation[] {
  if (list.length <= ANNOTATIONS_PER_LEVEL) return list
  const shown = list.slice(0, ANNOTATIONS_PER_LEVEL - 1)
  const more = list.length - shown.length
  return [...shown, { level, title: `${more} more`, message: `${count(more, `more ${level}`)}: see the job summary.` }]
}

function cut(annotation: Annotation): Annotation {
  // Room for the words that say how much is missing.
  const message = shortened(annotation.message, MESSAGE_CHARACTERS - 60)
  return { ...annotation, message, title: shortened(inline(annotation.title), 200) }
}

/** Only a file of the repository can be annotated, and only what is of the image's own Dockerfile. */
function at(
  report: BuildView,
  { line, stage }: { readonly line?: number; readonly stage?: string }
): { readonly file?: string; readonly line?: number } {
  const file = report.source.dockerfileInRepository
  if (file === undefined || (stage !== undefined && isLinkedStep({ stage }))) return {}
  return line === undefined ? { file } : { file, line }
}

function errorsOf(report: BuildView): readonly Annotation[] {
  if (report.outcome.kind === 'green' || report.bystander === true) return []
  const { failure } = report.outcome
  const title = `${report.name}: ${failureHeadline(report, failure)}`
  if (failure.kind === 'input') {
    return failure.problems.map(({ input, problem, fix }) => ({
      level: 'error',
      title: `${report.name}: input ${input}`,
      message: `${sentence(inline(problem))} ${inline(fix)}`
    }))
  }
  const [first] = remediesFor(report, failure)
  const remedy =
    first === undefined ? [] : [inline(first.sentence), ...(first.lines?.text ?? []).map(visibleLine)].join('\n')
  if (failure.kind === 'leak') return leakAnnotations(report, 'error', title, [remedy].flat())
  if (failure.kind === 'budget') {
    return judgedLimits(failure.broken).map((rule) => {
      const { message, layer = {} } = budgetSentence(report, rule)
      return { level: 'error', title: `${report.name}: over budget (${rule.rule})`, message, ...at(report, layer) }
    })
  }
  const message = [whatHappened(report, failure), unknownTags(report), remedy].flat().join('\n\n')
  if (failure.kind === 'irreproducible') {
    return [{ level: 'error', title, message, ...at(report, failure.differences[0]?.layer ?? {}) }]
  }
  return [{ level: 'error', title, message, ...('line' in failure ? at(report, failure) : {}) }]
}

/** The tags of which nobody can say whether they have the image. */
function unknownTags({ publish }: BuildView): readonly string[] {
  const { unknown = [] } = publish
  return unknown.length === 0
    ? []
    : [`Whether these tags have the image is not known: ${unknown.map((tag) => inline(tag)).join(', ')}.`]
}

/** Each failing test on its own file, where that is in the repository; a warning where the gate passed all the same. */
function testAnnotations(report: BuildView): readonly Annotation[] {
  const level = report.gate.verdict === 'failed' ? 'error' : 'warning'
  return (report.tests?.stages ?? []).flatMap(({ failing }) =>
    failing.map((test) => {
      const { title, message } = testSentence(test)
      const { line, fileInRepository } = test
      // A name with line ends in it is no place that GitHub could show.
      const file = fileInRepository === inline(fileInRepository ?? '') ? fileInRepository : undefined
      return {
        ...{ level, title: `${report.name}: ${title}` },
        message: message.split('\n').map(visibleLine).join('\n'),
        ...(file === undefined ? {} : { file }),
        ...(file === undefined || line === undefined ? {} : { line })
      }
    })
  )
}

/** One for each place, at the line that put it there. */
function leakAnnotations(
  report: BuildView,
  level: Annotation['level'],
  title: string,
  remedy: readonly string[]
): readonly Annotation[] {
  return leakRows(report).map((row) => ({
    level,
    title,
    message: [leakSentence(report, row), ...remedy].join('\n\n'),
    ...at(report, row.layer ?? {})
  }))
}

/** `leak-check: warn`: the run is green, and this is the loudest thing in it. */
function leakWarnings(report: BuildView): readonly Annotation[] {
  if (report.outcome.kind === 'red') return []
  return leakAnnotations(report, 'warning', `${report.name}: a secret or private key is in the image`, [])
}

/** `max-increase` where it did not judge, or did not stop: the reader of a green run must not miss it. */
function growthWarnings(report: BuildView): readonly Annotation[] {
  return increaseWarnings(report).map(({ title, message }) => ({
    level: 'warning',
    title: `${report.name}: ${title}`,
    message: inline(message)
  }))
}

/** A part of the image that nobody could look into: what the search says about the rest is not the whole. */
function omissionWarnings(report: BuildView): readonly Annotation[] {
  const omissions = report.images.flatMap(({ figures }) => figures.omissions).filter(({ kind }) => kind !== 'value')
  return [...new Set(omissions.map(omissionSentence))].map((omission) => ({
    level: 'warning',
    title: `${report.name}: not everything could be examined`,
    message: sentence(inline(omission))
  }))
}

/** A clause that another sentence follows. */
function sentence(words: string): string {
  return /[.!?:]$/.test(words) ? words : `${words}.`
}

function whatHappened(report: BuildView, failure: Exclude<Failure, { kind: 'input' | 'leak' | 'budget' }>): string {
  switch (failure.kind) {
    case 'test':
      return stepStory(report, failure.step, failure.exitCode, failure.line)
    case 'build':
      return failure.step === undefined
        ? inline(failure.message)
        : stepStory(report, failure.step, failure.exitCode, failure.line, failure.message)
    case 'dockerfile':
    case 'registry':
    case 'engine':
    case 'unrecognised':
    case 'internal':
      return failure.message.split('\n').map(visibleLine).join('\n')
    case 'smoke':
    case 'verify':
      return trialWords(failure.results)
    case 'irreproducible':
      return twiceWords(report, failure)
    case 'mismatch':
      return `What the tests saw and what would have left are not the same: ${inline(failure.cause)}.`
    case 'credential':
      return `${failure.linked === undefined ? place(report.source, failure.line) : `the linked target "${inline(failure.linked)}"`} requires the ${failure.credential === 'ssh' ? 'SSH key' : 'secret'} "${inline(failure.id)}" and nobody supplied it.`
    case 'untested':
      return `Not tested: ${enumerated(failure.stages.map((stage) => inline(stage)))} could not be built without a secret or key that this run is not given.`
    case 'cancelled':
      return 'The run was cancelled from outside.'
  }
}

function stepStory(
  report: BuildView,
  step: Step,
  exitCode: number | undefined,
  line: number | undefined,
  message?: string
): string {
  const stage = step.stage === undefined ? '' : ` in stage ${inline(step.stage)}`
  const where = isLinkedStep(step) ? '' : ` (${place(report.source, line ?? step.line)})`
  const end =
    exitCode === undefined ? inline(message ?? 'failed') : `exit code ${exitCode} after ${duration(step.seconds)}`
  const head = `${shortened(inline(step.instruction), 300)}${stage}${where}: ${end}`
  const words = step.logTail.map(visibleLine).slice(-LAST_WORDS)
  return words.length === 0 ? head : `${head}\n\n${words.map((word) => shortened(word, 250)).join('\n')}`
}

function cacheWarnings(report: BuildView): readonly Annotation[] {
  const warn =
    (verb: string) =>
    (transfer: BuildView['cache']['imports'][number]): readonly Annotation[] =>
      transfer.result === 'failed'
        ? [
            {
              level: 'warning',
              title: `${report.name}: layer cache not ${verb}`,
              message: `${inline(transfer.reference)}: ${inline(transfer.message ?? 'no reason was given')}. The build does not fail because of it.`
            }
          ]
        : []
  const { imports, exports, broken } = report.cache
  const again: readonly Annotation[] =
    broken === undefined
      ? []
      : [
          {
            level: 'warning',
            title: `${report.name}: layer cache broke the build`,
            message: `${inline(broken.message)}. The build was started again without it.`
          }
        ]
  return [...again, ...imports.flatMap(warn('read')), ...exports.flatMap(warn('written'))]
}

function lintWarnings(report: BuildView): readonly Annotation[] {
  return report.lint.findings.map((finding) => ({
    level: 'warning',
    title: finding.rule,
    message: finding.url === undefined ? inline(finding.message) : `${inline(finding.message)}\n${inline(finding.url)}`,
    ...at(report, finding)
  }))
}

/** A note says itself whose it is, unless it is of all images. */
function notices(report: BuildView, title: string): readonly Annotation[] {
  const trust = report.trusted ? [] : [untrustedSentence(report)]
  return [...trust, ...report.notes].map((note) => ({ level: 'notice', title, message: inline(note) }))
}
