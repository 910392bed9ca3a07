/** The verdict in one line: the summary's heading, the last line of the log, later a commit status. Plain text. */
import { failsBesideGate, testWords } from './tests.js'
import { smokeHeadline, verifyHeadline } from './trial.js'
import { twiceHeadline } from './twice.js'
import { isPush, type Failure } from '../../failure/failure.js'
import { budgetHeadline } from './budget.js'
import { changeWords } from './difference.js'
import { leakHeadline } from './leaks.js'
import { text } from '../format/markdown.js'
import {
  reachOf,
  viewsOf,
  type BuildView,
  type Reach,
  type RelayedReport,
  type Report,
  type RunReport
} from '../model.js'
import { bytes, count, enumerated } from '../../core/units.js'
import { judgedLimits } from '../../judge/index.js'

/**
 * `neutral`: there is no verdict on the tests (no gate, or the run was cancelled). `warning`: the run passed, and yet
 * there is a secret in the image (`leak-check: warn`), or only its own report says that it passed.
 */
export type State = 'green' | 'warning' | 'red' | 'neutral'

/** Told apart by shape, not only by colour. */
export const SYMBOL: Readonly<Record<State, string>> = {
  green: '✅',
  warning: '⚠️',
  red: '❌',
  neutral: '⚪\ufe0f'
}

/** A handed-on report says green, and GitHub says that its run did not succeed: a report can be made up. */
export function isContradicted({ outcome, relayed }: Pick<Report, 'outcome' | 'relayed'>): boolean {
  return outcome.kind === 'green' && relayed !== undefined && relayed.conclusion !== 'success'
}

/** How a run ended: `failed`, `timed out`. */
export function endOf({ conclusion }: RelayedReport): string {
  switch (conclusion) {
    case 'success':
      return 'succeeded'
    case 'failure':
    case 'startup_failure':
      return 'failed'
    case 'cancelled':
      return 'was cancelled'
    case 'timed_out':
      return 'timed out'
    default:
      return `ended as "${conclusion.replaceAll('_', ' ')}"`
  }
}

/** The worst first. */
const STATES: readonly State[] = ['red', 'warning', 'neutral', 'green']

/** The state of a run: the worst of its images. */
export function stateOfRun(report: Report): State {
  const states = viewsOf(report).map(stateOf)
  return STATES.find((state) => states.includes(state)) ?? 'neutral'
}

/** The state of an image, for the symbol beside its headline. */
export function stateOf(report: BuildView): State {
  if (report.bystander === true) return 'neutral'
  if (report.outcome.kind === 'red') return report.outcome.failure.kind === 'cancelled' ? 'neutral' : 'red'
  if (leaksOf(report).length > 0 || failsBesideGate(report) || isContradicted(report)) return 'warning'
  return report.gate.verdict === 'passed' ? 'green' : 'neutral'
}

/** `app: tests passed, 201.3 MB`. Not escaped: each surface escapes for itself. */
function headlineOf(report: BuildView): string {
  return `${report.name}: ${verdictOf(report)}`
}

/** The same without the name. */
export function verdictOf(report: BuildView): string {
  const { outcome } = report
  if (outcome.kind === 'green') return greenVerdict(report)
  return report.bystander === true ? withheldVerdict(report, outcome) : redVerdict(report, outcome.failure)
}

/** The same of a whole run. */
export function headline(report: Report): string {
  return viewsOf(report).map(headlineOf).join('; ')
}

/** As it heads a summary or a comment. */
export function heading(report: BuildView): string {
  return headingWithin(report, 400)
}

/** Of at most so many characters. */
export function headingWithin(report: BuildView, max: number): string {
  return `## ${SYMBOL[stateOf(report)]} ${text(headlineOf(report), max)}`
}

function leaksOf(report: BuildView): BuildView['images'][number]['figures']['leaks'] {
  return report.images.flatMap(({ figures }) => figures.leaks)
}

function greenVerdict(report: BuildView): string {
  const leaks = leaksOf(report)
  const tested = testedVerdict(report)
  const verdict = leaks.length === 0 ? tested : `${leakHeadline(leaks)}; ${tested}`
  if (report.relayed === undefined || !isContradicted(report)) return verdict
  return `the workflow run ${endOf(report.relayed)}; its report says: ${verdict}`
}

function testedVerdict(report: BuildView): string {
  const weight = weightOf(report)
  if (report.gate.verdict !== 'passed') return weight === undefined ? 'nothing was built' : `${weight}, not tested`
  const passed = passedWords(report)
  return weight === undefined ? `${passed}, no image was asked for` : `${passed}, ${weight}`
}

/** Never that tests passed where their own report names some that did not. */
function passedWords(report: BuildView): string {
  if (failsBesideGate(report)) return `tests failed (${testWords(report) ?? ''}), and the gate passed`
  return isCachedPass(report) ? 'tests passed (cached)' : 'tests passed'
}

/** True when no test ran now: every test stage came from the cache. */
export function isCachedPass(report: BuildView): boolean {
  const { targets } = report.gate
  return targets.length > 0 && targets.every((target) => target.result === 'cached')
}

/** `201.3 MB, 14.1 MB smaller than main`. */
function weightOf(report: BuildView): string | undefined {
  const parts = [sizesOf(report), changeWords(report)].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(', ')
}

function sizesOf(report: BuildView): string | undefined {
  const [first] = report.images
  if (first === undefined) return undefined
  if (report.images.length === 1) return bytes(first.size)
  if (report.images.length === 2) {
    return enumerated(report.images.map((image) => `${bytes(image.size)} (${image.platform})`))
  }
  const sizes = report.images.map((image) => image.size)
  return `${bytes(Math.min(...sizes))} to ${bytes(Math.max(...sizes))} on ${report.images.length} platforms`
}

function redVerdict(report: BuildView, failure: Failure): string {
  const what = failureHeadline(report, failure)
  const { publish, othersLeft = false } = report
  switch (reachOf(publish)) {
    case 'nowhere':
      return `${what}, ${othersLeft ? 'and this image was not published' : 'nothing was published'}`
    case 'pushed':
      return `${what} after tags had been published`
    case 'unknown':
      return `${what}, and whether ${othersLeft ? 'this image' : 'the image'} was published is not known`
    case 'loaded':
      return `${what}, only the local engine has the image`
    case 'exported':
      return `${what}, only files have the image`
  }
}

/** An image that nothing is wrong with, in a run that failed. */
function withheldVerdict(
  report: BuildView,
  { image, failure }: Extract<BuildView['outcome'], { kind: 'red' }>
): string {
  const why = failure.kind === 'cancelled' ? 'the run was cancelled' : `${image ?? 'the run'} failed`
  const ends: Readonly<Record<Reach, string>> = {
    nowhere: `not published, since ${why}`,
    pushed: `published before ${why}`,
    unknown: `whether it was published is not known, since ${why}`,
    loaded: `only the local engine has it, since ${why}`,
    exported: `only files have it, since ${why}`
  }
  const end = ends[reachOf(report.publish)]
  if (report.gate.verdict === 'failed') return `the tests failed, too; ${end}`
  if (report.images.length > 0) return `${testedVerdict(report)}; ${end}`
  // Asked for or not: the run ended before it was looked into.
  return report.gate.verdict === 'passed' ? `${passedWords(report)}; ${end}` : end
}

/** What went wrong, in a few words: `the tests failed`. */
export function failureHeadline(report: BuildView, failure: Failure): string {
  switch (failure.kind) {
    case 'input':
      return failure.problems.length === 1
        ? 'an input is wrong'
        : `${count(failure.problems.length, 'input')} are wrong`
    case 'test':
      return testHeadline(report, failure.step.stage)
    case 'build':
      return failure.step?.stage === undefined ? 'the build failed' : `the build failed (${failure.step.stage})`
    case 'dockerfile':
      return 'the Dockerfile has an error'
    case 'registry':
      return isPush(failure) ? 'the push failed' : 'an image could not be pulled'
    case 'engine':
      return 'the Docker engine failed'
    case 'unrecognised':
      return 'the build ended with an error that is not known'
    case 'mismatch':
      return 'the image is not the one that was tested'
    case 'credential':
      return failure.credential === 'ssh' ? `no SSH key for "${failure.id}"` : `the secret "${failure.id}" is missing`
    case 'untested':
      return 'the tests could not be built without credentials'
    case 'leak':
      return leakHeadline(failure.findings)
    case 'budget':
      return budgetHeadline(judgedLimits(failure.broken))
    case 'smoke':
      return smokeHeadline(failure.results, report.smoke?.length ?? 1)
    case 'verify':
      return verifyHeadline(failure.results, report.verify?.length ?? 1)
    case 'irreproducible':
      return twiceHeadline(failure, report.images.length)
    case 'cancelled':
      return 'cancelled'
    case 'internal':
      return 'Stagegate itself failed'
  }
}

/** `the tests failed (unit: 142 passed, 2 failed)`. */
function testHeadline(report: RunReport, stage: string | undefined): string {
  const parts = [report.gate.targets.length > 1 ? stage : undefined, testWords(report)].filter(
    (part) => part !== undefined
  )
  return parts.length === 0 ? 'the tests failed' : `the tests failed (${parts.join(': ')})`
}
