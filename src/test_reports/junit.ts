/**
 * JUnit XML as test runners write it: nobody's standard, and everybody's. Read as a stream, so that the memory it takes
 * does not depend on the report. There are no entities but XML's own: sax resolves none that a document declares.
 * https://github.com/testmoapp/junitxml
 */
import sax from 'sax'
import { count } from '../core/units.js'
import { failurePlace } from './place.js'
import {
  MESSAGE_LENGTH,
  MESSAGE_LINES,
  MOST_DEPTH,
  MOST_FAILING,
  MOST_TESTS,
  testID,
  type FailingTest,
  type ParsedTests,
  type TestOutcome
} from './model.js'

/** Takes a report in pieces. `end` gives what was understood, however the report ended. */
export type JUnitReader = {
  /** `false` once nothing more is wanted of this report. */
  readonly write: (text: string) => boolean
  readonly end: () => ParsedTests
}

/** Strict, and without HTML's entities, which `@types/sax` does not know of. */
const options = { position: true, strictEntities: true }

/** Characters of a failure's text that are kept to find message and place in. */
const TEXT_LENGTH = 20_000

/**
 * What a test says of itself in an attribute: GoogleTest and CTest write a test that did not run without an element for it.
 * https://google.github.io/googletest/advanced.html#generating-an-xml-report
 */
const states: Readonly<Record<string, TestOutcome>> = {
  ...{ failed: 'failed', failure: 'failed', fail: 'failed', error: 'failed' },
  ...{ notrun: 'skipped', suppressed: 'skipped', skipped: 'skipped', disabled: 'skipped', ignored: 'skipped' }
}

/** Elements of a test that make it fail. A `flakyFailure` of Surefire does not: the test passed when it was run again. */
const failures = new Set(['failure', 'error'])

type OpenTest = {
  readonly suite: string
  readonly name: string
  readonly file: string | undefined
  readonly line: number | undefined
  outcome: TestOutcome
  message: string
  text: string
}

/**
 * Reads one report; `name` is how its omissions call it.
 * @param redact half of a secret, where a text is cut, would not be known for one later
 */
export function readJUnit(name: string, redact: (text: string) => string = (text) => text): JUnitReader {
  const cut = (text: string, length: number): string => (text.length > length ? redact(text).slice(0, length) : text)
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failing: FailingTest[] = []
  const outcomes = new Map<string, TestOutcome>()
  const omissions: string[] = []
  const suites: { readonly name: string; readonly file: string | undefined }[] = []
  let seconds = 0
  let depth = 0
  let tests = 0
  let declared = 0
  let declaredTests = 0
  let isLoose = false
  let testDepth = 0
  let isReport = false
  let open: OpenTest | undefined
  let inFailure = false
  let done = false

  const stop = (omission: string): void => {
    if (!done) omissions.push(omission)
    done = true
  }
  const parser = sax.parser(true, options)

  parser.onopentag = ({ name: element, attributes }) => {
    if (done) return
    depth += 1
    if (depth > MOST_DEPTH) return stop(`${name} nests elements deeper than ${MOST_DEPTH}: what follows is left out.`)
    const value = (attribute: string): string | undefined => {
      const found = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined
      return typeof found === 'string' && found !== '' ? found : undefined
    }
    if (depth === 1) {
      isReport = element === 'testsuites' || element === 'testsuite'
      if (!isReport) return stop(`${name} is not a JUnit report: its root element is <${cut(element, 60)}>.`)
    }
    // What the heading counts, a suite counts again.
    if (depth === 1 || (depth === 2 && element === 'testsuite')) {
      declared = Math.max(declared, wholeNumber(value('failures')) + wholeNumber(value('errors')))
      declaredTests = Math.max(declaredTests, wholeNumber(value('tests')))
    }
    if (element === 'testsuite') suites.push({ name: value('name') ?? '', file: value('file') ?? value('filepath') })
    else if (element === 'testcase' && open === undefined) {
      tests += 1
      testDepth = depth
      if (tests > MOST_TESTS) return stop(`${name} has more than ${MOST_TESTS} tests: the others are not counted.`)
      const around = suites.at(-1)
      open = {
        suite: cut(value('classname') ?? value('class') ?? around?.name ?? '', 500),
        name: cut(value('name') ?? '', 500),
        file: value('file') ?? around?.file,
        line: wholeNumber(value('line')) || undefined,
        outcome: outcomeOf(value('status')) ?? outcomeOf(value('result')) ?? 'passed',
        message: '',
        text: ''
      }
      seconds += decimal(value('time'))
    } else if (open !== undefined && failures.has(element)) {
      open.outcome = 'failed'
      inFailure = open.text === ''
      if (open.message === '') open.message = cut(value('message') ?? '', TEXT_LENGTH)
    } else if (failures.has(element)) isLoose = true
    else if (open?.outcome === 'passed' && (element === 'skipped' || element === 'disabled')) open.outcome = 'skipped'
  }
  const take = (text: string): void => {
    if (done || !inFailure || open === undefined) return
    if (open.text.length < TEXT_LENGTH) open.text += text.slice(0, TEXT_LENGTH - open.text.length)
  }
  parser.ontext = take
  parser.oncdata = take
  parser.onclosetag = (element) => {
    if (done) return
    const isTest = depth === testDepth
    depth -= 1
    if (element === 'testsuite') suites.pop()
    else if (failures.has(element)) inFailure = false
    else if (isTest && open !== undefined) {
      counts[open.outcome] += 1
      const id = testID(open)
      if (outcomes.get(id) !== 'failed') outcomes.set(id, open.outcome)
      if (open.outcome === 'failed' && failing.length < MOST_FAILING) failing.push(failingTest(open, cut))
      open = undefined
    }
  }
  parser.onerror = (error) => {
    parser.resume() // else it is thrown at the next piece
    // XML has no control characters, and some runners write their references all the same: `&#27;[31m`.
    if (error.message.startsWith('Invalid character entity') && /^#(?:\d+|x[\da-f]+)$/i.test(entityOf(parser))) return
    stop(
      `${name} is broken (${error.message.split('\n')[0] ?? ''}, line ${parser.line + 1}): what follows is left out.`
    )
  }

  return {
    write(text) {
      if (!done) parser.write(text)
      return !done
    },
    end() {
      if (!done) parser.close()
      if (!done && !isReport) omissions.push(`${name} is empty.`)
      if (counts.failed > failing.length) {
        omissions.push(`Of ${counts.failed} failing tests in ${name} the first ${failing.length} are shown.`)
      }
      if (isLoose) omissions.push(`${name} has a failure that belongs to no test.`)
      if (declared > 0 && counts.failed === 0) {
        omissions.push(`${name} says that ${declared} failed, and names none of them.`)
      }
      if (omissions.length === 0 && declaredTests > 0 && tests === 0) {
        omissions.push(`${name} counts ${count(declaredTests, 'test')}, and names none of them.`)
      }
      return { counts, seconds, failing, outcomes, omissions }
    }
  }
}

function outcomeOf(state: string | undefined): TestOutcome | undefined {
  const word = state?.toLowerCase() ?? ''
  return Object.hasOwn(states, word) ? states[word] : undefined
}

/** The entity at which the parser is, which its types do not know of. */
function entityOf(parser: object): string {
  return 'entity' in parser && typeof parser.entity === 'string' ? parser.entity : ''
}

type Cut = (text: string, length: number) => string

function failingTest({ suite, name, file, line, message, text }: OpenTest, cut: Cut): FailingTest {
  const place = failurePlace({ suite, file, line, text: `${message}\n${text}` })
  return { suite, name, message: cut(failureWords(message, text), MESSAGE_LENGTH), ...place }
}

/** The message, unless it says no more than that there is one; then the text, without a Go test's own frame. */
function failureWords(message: string, text: string): string {
  const says = /^(?:failed|failure|error|test failure.*)?$/is.test(message.trim()) ? text : message
  const lines = says
    .replace(/&#(?:27|x1b);\[[\d;]*[A-Za-z]/gi, '')
    .split(/\r?\n/)
    .filter((line) => !/^(?:=== (?:RUN|PAUSE|CONT|NAME)|\s*--- FAIL:)/.test(line))
    .map((line) => line.trimEnd())
  const from = lines.findIndex((line) => line !== '')
  const kept = from < 0 ? [] : lines.slice(from, from + MESSAGE_LINES)
  return kept.join('\n').trimEnd()
}

function wholeNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0
}

/** Seconds of one test that are taken for true: a week. */
const MOST_SECONDS = 604_800

/** Some write `1,234.5`, and some `0,123`. */
function decimal(text: string | undefined): number {
  const number = Number((text ?? '').replace(/^(\d+),(\d+)$/, decimalComma).replaceAll(',', ''))
  return number > 0 && number <= MOST_SECONDS ? number : 0
}

function decimalComma(text: string, whole: string, rest: string): string {
  return rest.length === 3 && whole !== '0' ? text : `${whole}.${rest}`
}
