/** The report in a pull request: the job summary with less. Quiet where nothing changed, short where something failed. */
import { renderAdvice } from '../sections/advice.js'
import { renderBroken, renderSaved } from '../sections/broken.js'
import { renderCacheLine, renderCacheTrouble, renderMountsLine } from '../sections/cache.js'
import {
  baselineSentence,
  baselineTitle,
  comparedIn,
  isSameImage,
  renderNotCompared,
  renderWhy
} from '../sections/difference.js'
import { renderFailure } from '../sections/failure.js'
import { endOf, headline, isContradicted, stateOf, SYMBOL } from '../sections/headline.js'
import { renderBaseUnknown, renderGrowth, renderUnjudged } from '../sections/increase.js'
import { capped, COMMENT_LADDER, leftOutSentence, renderWithin, type Detail } from '../format/ladder.js'
import { layersTitle, renderLayers, renderPlatformLayers } from '../sections/layers.js'
import { logLink } from '../format/links.js'
import { alert, bullets, code, details, html, link, sections, text, unbroken } from '../format/markdown.js'
import type { Report } from '../model.js'
import { cachedSteps, renderStages } from '../sections/stages.js'
import { answersAll, facts, leaks, proofs, sizes, tellsComparison, untrusted } from './summary.js'
import { bytes, count } from '../../core/units.js'
import { renderOmissions, verdictLine } from '../sections/verdict.js'

/** GitHub refuses comments of more than 65,536 characters. The rest is for the line by which the comment is found again. */
export const COMMENT_LIMIT_CHARACTERS = 65_536 - 256

/** The comment on a run as GitHub-flavoured Markdown of at most so many characters (as JavaScript counts). */
export function renderComment(report: Report, limitCharacters = COMMENT_LIMIT_CHARACTERS): string {
  if (isQuiet(report)) {
    const line = quietLine(report)
    if (line.length <= limitCharacters) return line
  }
  const comment = renderWithin((detail) => renderCommentWith(report, detail), limitCharacters, {
    ladder: COMMENT_LADDER,
    lengthOf: (rendering) => rendering.length
  })
  return comment.length <= limitCharacters ? comment : bare(report)
}

function renderCommentWith(report: Report, detail: Detail): string {
  const { outcome } = report
  const body = outcome.kind === 'red' ? red(report, outcome.failure, detail) : green(report, detail)
  return `${sections([heading(report, 400), relayed(report), ...body, leftOutSentence(detail), smallPrint(report)])}\n`
}

function heading(report: Report, max: number): string {
  return `## ${SYMBOL[stateOf(report)]} ${text(headline(report), max)}`
}

/** Whose word a handed-on report is, and how its run ended by GitHub's. Stands before everything that it could say. */
function relayed(report: Report): string | undefined {
  if (report.relayed === undefined) return undefined
  const whose = text(`The words and figures below are an untrusted run’s own: ${report.trustReason ?? 'unknown'}.`, 800)
  const end = link(`the workflow run ${text(endOf(report.relayed), 100)}`, report.source.runUrl)
  return alert(isContradicted(report) ? 'WARNING' : 'NOTE', [`${whose} GitHub says that ${end}.`])
}

/** What is left when nothing else fits. */
function bare(report: Report): string {
  return `${sections([heading(report, 60), report.source.runUrl === undefined ? undefined : logLink(report, 'Full report')])}\n`
}

/** The same image, tested, and nothing to warn of. */
function isQuiet(report: Report): boolean {
  return (
    report.outcome.kind === 'green' &&
    !isContradicted(report) &&
    report.gate.verdict === 'passed' &&
    isSameImage(report) &&
    comparedIn(report)?.differences.every(({ omissions }) => omissions.length === 0) === true &&
    report.images.every(({ figures }) => figures.leaks.length === 0 && figures.omissions.length === 0)
  )
}

function quietLine(report: Report): string {
  const compared = comparedIn(report)
  const [first] = report.images
  const name = compared === undefined ? 'the baseline' : text(baselineTitle(compared), 100)
  const what =
    report.images.length > 1 || first === undefined
      ? count(report.images.length, 'platform')
      : `${unbroken(bytes(first.size))} in ${count(first.layers.length, 'layer')}`
  const parts = [
    `${SYMBOL[stateOf(report)]} **${text(report.name, 100)}**: same image as ${name}: ${what}`,
    facts(report),
    ...(report.relayed === undefined ? [] : ['an untrusted run’s own figures']),
    ...fullReport(report)
  ]
  return `${parts.join(' · ')}\n`
}

function green(report: Report, detail: Detail): readonly (string | undefined)[] {
  return [
    facts(report),
    verdictLine(report),
    leaks(report, detail),
    renderGrowth(report),
    renderUnjudged(report),
    renderBaseUnknown(report),
    untrusted(report),
    renderOmissions(report, detail),
    renderCacheTrouble(report),
    sizes(report, { ...detail, collapsed: false }),
    renderNotCompared(report),
    renderWhy(report, detail),
    ...(detail.collapsed ? [layers(report, detail), build(report, detail), renderAdvice(report, detail)] : []),
    notes(report, detail)
  ]
}

/** What failed, where, its last words, what to do. */
function red(
  report: Report,
  failure: Parameters<typeof renderFailure>[1],
  detail: Detail
): readonly (string | undefined)[] {
  const answers: readonly (string | undefined)[] = answersAll(report)
    ? [
        facts(report),
        verdictLine(report),
        sizes(report, { ...detail, collapsed: false }),
        ...(tellsComparison(report)
          ? []
          : [renderNotCompared(report), renderWhy(report, { ...detail, collapsed: false })]),
        ...(detail.collapsed ? [layers(report, detail), build(report, detail)] : [])
      ]
    : []
  return [
    renderFailure(report, failure, { ...detail, collapsed: false }),
    ...answers,
    untrusted(report),
    notes(report, detail)
  ]
}

function layers(report: Report, detail: Detail): string | undefined {
  const [first] = report.images
  if (first === undefined) return undefined
  const plain = { ...detail, collapsed: false }
  if (report.images.length === 1) {
    return details(`Layers: ${html(layersTitle(first))}`, renderLayers(report, first, plain))
  }
  const { shown, more } = capped(report.images, detail.layerTables)
  return details(
    `Layers of ${html(count(report.images.length, 'platform'))}`,
    sections([
      ...shown.map((image) => renderPlatformLayers(report, image, plain)),
      more === 0 ? undefined : `And ${count(more, 'more platform')}.`
    ])
  )
}

function build(report: Report, detail: Detail): string | undefined {
  const stages = renderStages(report, detail)
  if (stages === undefined) return undefined
  const { cached, steps } = cachedSteps(report)
  return details(
    html(`Build: ${cached} of ${count(steps, 'step')} from cache`),
    sections([
      stages,
      renderBroken(report, detail),
      renderSaved(report),
      renderCacheLine(report),
      renderMountsLine(report),
      digestLine(report)
    ])
  )
}

function digestLine(report: Report): string | undefined {
  const { publish } = report
  if (!publish.published || publish.digest === '') return undefined
  return `Digest: ${code(publish.digest)}`
}

function notes(report: Report, detail: Detail): string | undefined {
  if (report.notes.length === 0) return undefined
  const { shown, more } = capped(report.notes, Math.min(detail.rows, 5))
  const list = bullets([...shown.map((note) => text(note, 400)), ...(more > 0 ? [`and ${more} more`] : [])])
  return detail.collapsed ? details(html(`Notes: ${report.notes.length}`), list) : list
}

function smallPrint(report: Report): string | undefined {
  const words = [...proofs(report), ...(comparesSizes(report) ? baselineSentence(report) : [])].join(' ')
  const parts = [...(words === '' ? [] : [text(words, 700)]), ...fullReport(report)]
  return parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`
}

/** Of other failures the sizes are not the news. */
function comparesSizes({ outcome }: Report): boolean {
  return outcome.kind === 'green' || outcome.failure.kind === 'budget' || outcome.failure.kind === 'leak'
}

/** The run's page has the job summary. */
function fullReport(report: Report): readonly string[] {
  return report.source.runUrl === undefined ? [] : [logLink(report, 'full report')]
}
