/** The red report: what failed, where, its own last words, what to do. Nothing else competes for the eye. */
import { smokeStory, verifyStory } from './trial.js'
import { twiceStory } from './twice.js'
import type { Failure, Script } from '../../failure/failure.js'
import { shownRun, type Step } from '../../core/step.js'
import { budgetStory } from './budget.js'
import { instructionLines } from '../format/instruction.js'
import { capped, type Detail } from '../format/ladder.js'
import { leakIntroduction, renderLeaks } from './leaks.js'
import { logLink, placeLink } from '../format/links.js'
import { block, code, details, html, sections, shortened, table, text, visibleLine } from '../format/markdown.js'
import { remediesFor } from './remedies.js'
import { renderRemedies } from './remedy.js'
import type { GateTarget, BuildView } from '../model.js'
import { gateResult } from './stages.js'
import { count, duration, enumerated } from '../../core/units.js'
import { judgedLimits } from '../../judge/index.js'

/** Lines of the log shown open. */
const LAST_WORDS = 20

/** Lines of a message shown open. */
const MESSAGE_LINES = 20

/** Where a line of a message is broken. */
const MESSAGE_COLUMNS = 96

/** The body of a red report, below its heading; `undefined` in a green one. */
export function renderFailed(report: BuildView, detail: Detail): string | undefined {
  if (report.outcome.kind === 'green') return undefined
  const { failure } = report.outcome
  return sections([
    ...story(report, failure, detail),
    folded(report, failure, detail),
    remedies(report, failure),
    gateLine(report, failure)
  ])
}

/** Whether there is more to tell than the failure: an image that was inspected, and refused for what is in it. */
export function answersAll({ outcome, images }: BuildView): boolean {
  return outcome.kind === 'green' || (images.length > 0 && isAboutImage(outcome.failure))
}

function isAboutImage({ kind }: Failure): boolean {
  return kind === 'leak' || kind === 'budget' || kind === 'smoke' || kind === 'verify' || kind === 'irreproducible'
}

/** The story of a budget has the comparison in it. */
export function tellsComparison({ outcome }: BuildView): boolean {
  return outcome.kind === 'red' && outcome.failure.kind === 'budget'
}

function story(report: BuildView, failure: Failure, detail: Detail): readonly (string | undefined)[] {
  switch (failure.kind) {
    case 'test':
      return stepStory(report, failure, failure.step, testEnd(failure))
    case 'build':
      if (failure.step === undefined) return [where(report, failure.line), message(failure.message)]
      return stepStory(
        report,
        failure,
        failure.step,
        failure.exitCode === undefined ? 'failed' : `ended with exit code ${failure.exitCode}`,
        failure.exitCode === undefined ? failure.message : undefined
      )
    case 'dockerfile':
      return [where(report, failure.line), message(failure.message)]
    case 'registry':
      return [
        [
          failure.reference === undefined ? '' : `**${code(failure.reference)}**`,
          failure.line === undefined ? '' : placeLink(report.source, failure.line)
        ]
          .filter((part) => part !== '')
          .join(' · '),
        message(failure.message)
      ]
    case 'leak':
      return [leakIntroduction(report), renderLeaks(report, detail)]
    case 'budget':
      return budgetStory(report, judgedLimits(failure.broken), detail)
    case 'engine':
    case 'internal':
    case 'unrecognised':
      return [message(failure.message)]
    case 'smoke':
      return [smokeStory(failure.results)]
    case 'verify':
      return [verifyStory(failure.results)]
    case 'irreproducible':
      return [twiceStory(report, failure, detail)]
    case 'mismatch':
      return ['What the tests saw and what would have left are not the same:', message(failure.cause)]
    case 'credential': {
      const what = failure.credential === 'ssh' ? 'an SSH key with the id' : 'the secret'
      const who =
        failure.linked === undefined
          ? placeLink(report.source, failure.line)
          : `The linked target ${code(failure.linked, 100)}`
      return [
        `${who} requires ${what} ${code(failure.id, 100)}, and the workflow does not supply it. Nothing was built.`
      ]
    }
    case 'untested':
      return [
        `Not tested: ${enumerated(failure.stages.map((stage) => code(stage, 100)))} ${failure.stages.length === 1 ? 'needs' : 'need'} a secret or key that this run is not given. What could be built without it was built.`
      ]
    case 'input': {
      const { shown, more } = capped(failure.problems, detail.rows)
      return [
        `${report.steps.length === 0 ? 'Nothing was started. ' : ''}Correct these lines of the workflow:`,
        table(
          [
            { title: 'Input', align: 'left' },
            { title: 'What is wrong', align: 'left' },
            { title: 'What to do', align: 'left' }
          ],
          shown.map((problem) => [
            code(problem.input, 60),
            text(capital(problem.problem), 500),
            text(capital(problem.fix), 500)
          ])
        ),
        more === 0 ? undefined : `And ${count(more, 'more problem')}.`
      ]
    }
    case 'cancelled':
      return ['The run was cancelled from outside, and the build was stopped with it.']
  }
}

/** The verdict of a stage that is exported is in its files: the step itself went well. */
function testEnd({ exitCode, reported }: Extract<Failure, { kind: 'test' }>): string {
  return reported === true ? `left the exit code ${exitCode} in its report` : `ended with exit code ${exitCode}`
}

function where(report: BuildView, line: number | undefined): string | undefined {
  return line === undefined ? undefined : `**${placeLink(report.source, line)}**`
}

function stepStory(
  report: BuildView,
  failure: Extract<Failure, { kind: 'test' | 'build' }>,
  step: Step,
  end: string,
  words?: string
): readonly (string | undefined)[] {
  const { script, line = step.line } = failure
  const stage = step.stage === undefined ? undefined : `**${code(step.stage, 100)}**`
  const place = line === undefined ? undefined : `**${placeLink(report.source, line)}**`
  const platform = step.platform === undefined ? '' : ` on ${code(step.platform, 60)}`
  const head = [stage, place].filter((part) => part !== undefined).join(' · ')
  const after = step.seconds > 0 ? ` after ${duration(step.seconds)}` : ''
  const tail = logOf(step)
  return [
    `${head === '' ? 'The step' : head} ${end}${after}${platform}`,
    block(script === undefined ? instructionLines(step.instruction) : scriptLines(step, script), 'dockerfile', 400),
    tail.length === 0 ? undefined : block(tail.slice(-LAST_WORDS), 'text', 400),
    tail.length === 0 && words === undefined ? 'It printed nothing.' : undefined,
    words === undefined ? undefined : message(words)
  ]
}

/** An instruction and its heredocs, as the Dockerfile has them. */
function scriptLines({ instruction }: Step, { lines, more }: Script): readonly string[] {
  const rest = more > 0 ? [`… ${count(more, 'more line')}`] : []
  return [shownRun(instruction), ...lines, ...rest]
}

/** The log without the empty lines at its end. */
function logOf(step: Step): readonly string[] {
  const lines = step.logTail.map(visibleLine)
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1)
}

function message(words: string): string {
  const lines = words
    .trim()
    .split(/\r?\n/)
    .flatMap((line) => wrapped(shortened(visibleLine(line), 2000)))
  const shown = lines.slice(0, MESSAGE_LINES)
  const more = lines.length - shown.length
  return block([...shown, ...(more > 0 ? [`… ${count(more, 'more line')}`] : [])])
}

/** A code block does not wrap, and the end of an error chain is what matters: `a: b: c` breaks after its colons. */
function wrapped(line: string): readonly string[] {
  if (line.length <= MESSAGE_COLUMNS) return [line]
  const parts = line.split(/(?<=: )|(?<=, )/)
  const rows: string[] = []
  for (const part of parts) {
    const last = rows.at(-1)
    if (last !== undefined && last.length + part.length <= MESSAGE_COLUMNS) rows[rows.length - 1] = last + part
    else rows.push(rows.length === 0 ? part : `  ${part}`)
  }
  return rows.map((row) => row.trimEnd())
}

function remedies(report: BuildView, failure: Failure): string | undefined {
  const list = remediesFor(report, failure)
  if (list.length === 0) return undefined
  return sections(['### What to do', renderRemedies(list)])
}

/** What became of the other stages; only where that says something. */
function gateLine(report: BuildView, failure: Failure): string | undefined {
  const targets = report.gate.targets.filter((target) => target.result !== 'failed')
  const gates = (list: readonly GateTarget[]): readonly string[] =>
    list.slice(0, 12).map((target) => `${code(target.stage, 60)} ${gateResult(target)}`)
  // The line of facts has it.
  if (report.images.length > 0 && (failure.kind === 'leak' || failure.kind === 'budget')) return undefined
  if (
    failure.kind === 'registry' ||
    failure.kind === 'mismatch' ||
    failure.kind === 'leak' ||
    failure.kind === 'budget'
  ) {
    const judged = gates(targets.filter((target) => target.result === 'ran' || target.result === 'cached'))
    return judged.length === 0 ? undefined : `The gate: ${judged.join(' · ')}`
  }
  if (failure.kind !== 'test' && failure.kind !== 'build') return undefined
  const stopped = report.steps.filter((step) => step.state === 'cancelled').map((step) => step.stage)
  const others = [...new Set(stopped)]
    .filter((stage) => stage !== undefined)
    .filter((stage) => !report.gate.targets.some((target) => target.stage === stage))
    .map((stage) => `${code(stage, 60)} stopped`)
  const beside = [...gates(targets), ...others.slice(0, 5)]
  return beside.length === 0 ? undefined : `Beside it: ${beside.join(' · ')}`
}

function folded(report: BuildView, failure: Failure, detail: Detail): string | undefined {
  if (failure.kind !== 'test' && failure.kind !== 'build') return undefined
  if (failure.step === undefined || !detail.collapsed) return undefined
  const tail = logOf(failure.step)
  if (tail.length <= LAST_WORDS) return undefined
  const lines = tail.slice(-detail.logLines)
  return details(
    `The last ${html(count(lines.length, 'line'))} of this step`,
    sections([block(lines, 'text', 1000), `All of it is in the ${logLink(report)}.`])
  )
}

function capital(sentence: string): string {
  return sentence.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase())
}
