/** The questions of docs/reading-the-report.md, asked of every report of an image: green, and red for what is in it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from '@jest/globals'
import { renderComment } from '../../src/report/surfaces/comment.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import type { BuildView, Report } from '../../src/report/model.js'
import { isQuiet } from '../../src/report/sections/quiet.js'
import { COMPARED } from './support/compared.js'
import { GOLDEN, viewOf } from './support/reports.js'

type Question = {
  readonly question: string
  readonly answer: RegExp
  /** Where it is asked; everywhere unless told. */
  readonly of?: (report: BuildView) => boolean
}

const isRed = ({ outcome }: BuildView): boolean => outcome.kind === 'red'

/** On one platform at least the image is another. */
const isChanged = ({ comparison }: BuildView): boolean =>
  comparison?.kind === 'compared' && comparison.differences.some(({ byInstruction }) => byInstruction.length > 0)

const hasPaths = ({ comparison }: BuildView): boolean =>
  comparison?.kind === 'compared' && comparison.differences.some(({ byPath }) => byPath.rows.length > 0)

const isLimited = ({ verdict }: BuildView): boolean => verdict.some(({ rule }) => rule !== 'leak-check')

const QUESTIONS: readonly Question[] = [
  { question: 'Did it pass, and if not, why?', answer: /^## (?:✅|❌|⚠️|⚪)\ufe0f? \S+: \S/ },
  { question: 'Did the tests run?', answer: /\*\*(?:Gate passed\*\* \(`|No gate\*\*: )/ },
  {
    question: 'Has anything left the runner?',
    answer: /\*\*(?:published|loaded into the engine|not published)\*\*|nothing was published/
  },
  {
    question: 'How large is it?',
    answer: /\| Size (?:\(unpacked\) )?\| \*\*[\d.]+ [kMG]?B|\| \*\*[\d.]+ [kMG]?B\*\* \|/
  },
  {
    question: 'What does a pull cost?',
    answer: /\| Transfer |\| Transfer$/m,
    // The classic store of an engine keeps nothing compressed.
    of: ({ images }) => images.some(({ transferSize }) => transferSize !== undefined)
  },
  {
    question: 'By how much has it changed?',
    answer: /\| Change \||Not compared/,
    of: ({ comparison }) => comparison !== undefined
  },
  {
    question: 'Compared with what?',
    answer: /\| (?:main|ghcr\.io\/acme\/app:latest) @ `[0-9a-f]+` \||Changes are against main @ `[0-9a-f]+`/,
    of: ({ comparison }) => comparison?.kind === 'compared'
  },
  {
    question: 'Which line of the Dockerfile changed it?',
    answer: /\| By instruction \|.*\n.*\n\| \*\*[−+].*\| \[\d+\]\(https:.*#L\d+\) `/,
    of: isChanged
  },
  {
    question: 'Which files or packages?',
    answer: /\| By path \|.*\n.*\n\| \*\*[−+].*\| (?:\[\d+\]\(\S+\) )?(?:the rest of )?`\//,
    of: hasPaths
  },
  { question: 'Which layer is the heaviest?', answer: /\| Made by \| Share \| Files \|/ },
  { question: 'Are the limits kept?', answer: /Within budget|\| Rule \||was not judged|, limit: \d/, of: isLimited },
  {
    question: 'Is a secret or a key in it?',
    answer: /\*\*(?:N|n)o (?:secret or )?private key\*\* found in \d|place(?:s)? with a secret or a key|ot searched\*\*/
  },
  { question: 'What came from the cache?', answer: /\d+ of \d+ steps cached/ },
  { question: 'How long did it take?', answer: /[\d.]+ s (?:in all|for all images)/ },
  {
    question: 'What now?',
    answer:
      /### What to (?:do|shrink first)|\*\*What to do\*\*|Is it meant to grow\?|Advice: \d|^- (?:It needs|The command)/m,
    of: (report) =>
      viewHasAdvice(report) ||
      (isRed(report) && report.outcome.kind === 'red' && report.outcome.failure.kind !== 'verify')
  }
]

function viewHasAdvice({ advice, lint, outcome }: BuildView): boolean {
  return outcome.kind === 'green' && advice.length + lint.findings.length > 0
}

const REPORTS = Object.entries({ ...GOLDEN, ...COMPARED }).filter(([, report]) => viewOf(report()).images.length > 0)

const words = (markdown: string): string => markdown.replaceAll('\u00a0', ' ')

/** The questions that a rendering leaves open. */
function open(report: Report, rendering: string): readonly string[] {
  const view = viewOf(report)
  return QUESTIONS.flatMap(({ question, answer, of }) =>
    of?.(view) === false || answer.test(words(rendering)) ? [] : [question]
  )
}

test('the questions are those of the documentation', () => {
  const text = readFileSync(new URL('../../docs/reading-the-report.md', import.meta.url), 'utf8')
  const told = [...text.matchAll(/^\| ([^|]+\?) \|/gm)].map(([, question]) => question)
  expect(told).toEqual(QUESTIONS.map(({ question }) => question))
  expect(told).toHaveLength(15)
})

test('a report without an answer is noticed', () => {
  const report = GOLDEN['red-leak']?.()
  if (report === undefined) throw new Error('a report')
  expect(open(report, '')).toContain('How large is it?')
  expect(open(report, renderSummary(report).replaceAll('Transfer', ''))).toEqual(['What does a pull cost?'])
})

describe.each(REPORTS)('of %s', (_, report) => {
  it('the summary answers all', () => {
    expect(open(report(), renderSummary(report()))).toEqual([])
  })

  it('the comment answers all, where there is news', () => {
    if (isQuiet(viewOf(report()))) return
    expect(open(report(), renderComment(report()))).toEqual([])
  })
})
