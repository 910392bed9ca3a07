/** What the tests themselves say: how many there were, which failed and where, and what is different from the baseline. */
import { count, enumerated } from '../../core/units.js'
import { countWords, testID, totalOf, type FailingTest, type StageTests } from '../../test_reports/model.js'
import { capped, type Detail } from '../format/ladder.js'
import { fileAddress } from '../format/links.js'
import { alert, block, bullets, code, details, html, inline, link, sections, text } from '../format/markdown.js'
import type { RunReport } from '../model.js'

/** Counts over all stages and platforms; `undefined` where no test is known. */
export function testWords(report: RunReport, stage?: string): string | undefined {
  const counts = countsOf(report, stage)
  return totalOf(counts) === 0 ? undefined : countWords(counts)
}

function countsOf({ tests }: RunReport, stage?: string): StageTests['counts'] {
  const own = (tests?.stages ?? []).filter((each) => stage === undefined || each.stage === stage)
  const sum = (of: keyof StageTests['counts']): number => own.reduce((total, { counts }) => total + counts[of], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/** Whether a test is reported as failed beside a gate that passed: the command ended with 0 all the same. */
export function failsBesideGate(report: RunReport): boolean {
  return report.gate.verdict === 'passed' && countsOf(report).failed > 0
}

/** Whether there is anything about the tests that a reader of a quiet run has to know. */
export function testsAreNews(report: RunReport): boolean {
  const { newlyPassing = [], disappeared = 0 } = report.tests?.changes ?? {}
  return (
    countsOf(report).failed > 0 ||
    newlyPassing.length > 0 ||
    disappeared > 0 ||
    (report.tests?.stages ?? []).some(({ omissions }) => omissions.length > 0)
  )
}

/** The failing tests, which come before everything else; `undefined` where none is known. */
export function renderFailingTests(report: RunReport, detail: Detail): string | undefined {
  const failing = (report.tests?.stages ?? []).flatMap((stage) => stage.failing.map((test) => ({ test, stage })))
  const total = countsOf(report).failed
  if (total === 0) return undefined
  const { shown } = capped(failing, Math.min(detail.rows, detail.collapsed ? MOST_SHOWN : MOST_BRIEF))
  const several = (report.tests?.stages ?? []).length > 1
  const fresh = new Set(report.tests?.changes?.newlyFailing ?? [])
  const more = total - shown.length
  return sections([
    failsBesideGate(report)
      ? alert('WARNING', [
          `${text(count(total, 'test'))} failed by the tests’ own report, and the stage passed all the same: its command ended with exit code 0.`
        ])
      : undefined,
    `### ${failing.length === 1 && total === 1 ? 'The failing test' : html(`${count(total, 'failing test')}`)}`,
    bullets([
      ...shown.map(({ test, stage }) =>
        failingItem(report, test, several ? stage : undefined, fresh.has(testID(test)))
      ),
      ...(more > 0 ? [`and ${count(more, 'more failing test')}`] : [])
    ])
  ])
}

/** Failing tests that are listed, and in a report that is short of room. */
const MOST_SHOWN = 30
const MOST_BRIEF = 8

/** Lines of a message that are shown. */
const MESSAGE_LINES = 10

function failingItem(report: RunReport, test: FailingTest, stage: StageTests | undefined, isNew: boolean): string {
  const { file, fileInRepository, line, message } = test
  const shown = fileInRepository ?? file
  const place =
    shown === undefined
      ? undefined
      : link(
          code(line === undefined ? shown : `${shown}:${line}`, 200),
          fileInRepository === undefined ? undefined : fileAddress(report.source, fileInRepository, line)
        )
  const of =
    stage === undefined
      ? undefined
      : [code(stage.stage, 60), ...(stage.platform === undefined ? [] : [code(stage.platform, 60)])].join(' ')
  const head = [`**${code(testID(test), 200)}**`, place, of, isNew ? 'newly failing' : undefined]
    .filter((part) => part !== undefined)
    .join(' · ')
  const lines = message.split('\n').slice(0, MESSAGE_LINES)
  return message.trim() === '' ? head : `${head}\n\n${block(lines, 'text', 300)}`
}

/** What is different from the baseline, and what could not be read; `undefined` where there is nothing to tell. */
export function renderTests(report: RunReport, detail: Detail): string | undefined {
  const { stages = [], changes } = report.tests ?? {}
  if (stages.length === 0) return undefined
  const cached = stages.filter(({ cached, files }) => cached && files > 0)
  const { shown, more } = capped(
    stages.flatMap(({ omissions }) => omissions),
    detail.rows
  )
  const sentences = [
    ...(cached.length === 0
      ? []
      : [
          `${enumerated(cached.map(stageWords))} came from the cache: the report is that of the run which tested these very files.`
        ]),
    ...changeSentences(changes),
    ...shown.map((omission) => text(omission, 500)),
    ...(more > 0 ? [`and ${count(more, 'more sentence')} of what is left out`] : [])
  ]
  const passing = detail.collapsed ? renderNames('Passes again', changes?.newlyPassing ?? []) : undefined
  if (sentences.length === 0 && passing === undefined) return undefined
  return sections(['### Tests', sentences.length === 0 ? undefined : bullets(sentences), passing])
}

function changeSentences(changes: NonNullable<RunReport['tests']>['changes']): readonly string[] {
  if (changes === undefined) return []
  const { newlyFailing, newlyPassing, added, disappeared = 0 } = changes
  // A test with a new name is one gone and one new.
  const shrank = disappeared > added
  const parts = [
    ...(newlyFailing.length > 0 ? [`${newlyFailing.length} newly failing`] : []),
    ...(newlyPassing.length > 0 ? [`${newlyPassing.length} passing again`] : []),
    ...(added > 0 ? [`${added} new`] : []),
    ...(disappeared > 0 && !shrank ? [`${disappeared} gone`] : [])
  ]
  return [
    ...(parts.length === 0 ? [] : [`Against the baseline: ${enumerated(parts)}.`]),
    ...(shrank
      ? [
          `**The test suite shrank**: ${count(disappeared, 'test')} of the baseline ${disappeared === 1 ? 'is' : 'are'} not in this run.`
        ]
      : [])
  ]
}

function renderNames(title: string, names: readonly string[]): string | undefined {
  return names.length === 0
    ? undefined
    : details(html(`${title}: ${count(names.length, 'test')}`), bullets(names.map((name) => code(name, 200))))
}

function stageWords({ stage, platform }: StageTests): string {
  return platform === undefined ? code(stage, 60) : `${code(stage, 60)} ${code(platform, 60)}`
}

/** A failing test in plain text, for an annotation. */
export function testSentence(test: FailingTest): { readonly title: string; readonly message: string } {
  const said = test.message.trim()
  return { title: inline(testID(test)), message: said === '' ? 'The test failed and said nothing.' : said }
}
