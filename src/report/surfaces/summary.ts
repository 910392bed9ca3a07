/** The job summary: verdict, facts, sizes, layers, build, details collapsed, and what was proved. */
import { renderFailingTests, renderTests } from '../sections/tests.js'
import { renderAdvice } from '../sections/advice.js'
import { renderBroken, renderSaved } from '../sections/broken.js'
import { renderCacheLine, renderCachePlan, renderCacheTrouble, renderMountsLine } from '../sections/cache.js'
import { renderContents } from '../sections/contents.js'
import { renderNotCompared } from '../sections/difference.js'
import { facts } from '../sections/facts.js'
import { renderFailed, answersAll, tellsComparison } from '../sections/failure.js'
import { heading } from '../sections/headline.js'
import { renderBaseUnknown, renderGrowth, renderUnjudged } from '../sections/increase.js'
import { renderWithin, SUMMARY_LIMIT_BYTES } from '../format/ladder.js'
import { renderLayers } from '../sections/layers.js'
import { renderLeakWarning } from '../sections/leaks.js'
import { renderNotes } from '../sections/notes.js'
import type { BuildView, Report } from '../model.js'
import { smallPrint } from '../sections/proof.js'
import { renderPublished } from '../sections/published.js'
import { composed, folded, ifRoom, joined, leftOut, titled, where, type Section } from '../sections/section.js'
import { renderSizes } from '../sections/sizes.js'
import { renderReleases } from '../sections/releases.js'
import { renderStages } from '../sections/stages.js'
import { renderTimeline, timelineTitle } from '../sections/timeline.js'
import { renderTrend } from '../sections/trend.js'
import { renderUntrusted } from '../sections/untrusted.js'
import { renderOmissions, verdictLine } from '../sections/verdict.js'
import { renderWhy } from '../sections/why.js'

const build: Section = where(
  ({ stages }) => stages.length > 0,
  joined([
    renderStages,
    renderBroken,
    renderSaved,
    renderCacheLine,
    renderMountsLine,
    folded('What the layer cache reads and writes', renderCachePlan),
    folded(timelineTitle, renderTimeline)
  ])
)

const titledBuild = titled('### Build', build)
const foldedBuild = folded('Build', build)

/** A run that passed. */
const PASSED: readonly Section[] = [
  heading,
  renderFailingTests,
  facts,
  verdictLine,
  renderLeakWarning,
  renderGrowth,
  renderUnjudged,
  renderBaseUnknown,
  renderUntrusted,
  renderOmissions,
  renderCacheTrouble,
  renderSizes,
  renderTrend,
  renderReleases,
  renderNotCompared,
  renderWhy,
  renderTests,
  titled('### Layers', renderLayers),
  ifRoom(renderContents),
  titledBuild,
  renderPublished,
  renderAdvice
]

const isAlone = (report: BuildView): boolean => !tellsComparison(report)

/** An image that was inspected and refused: how large it is, what a pull costs and what was cached has an answer, too. */
const REFUSED: readonly Section[] = [
  heading,
  renderFailingTests,
  facts,
  verdictLine,
  renderFailed,
  titled(
    '### The image',
    joined([renderSizes, renderTrend, renderReleases, where(isAlone, renderNotCompared), where(isAlone, renderWhy)])
  ),
  folded('Layers', renderLayers),
  foldedBuild,
  renderTests,
  renderUntrusted
]

/** Nothing else competes for the eye; but who waits for it again wants to know why it was not cached. */
const FAILED: readonly Section[] = [
  heading,
  renderFailingTests,
  renderFailed,
  renderTests,
  renderUntrusted,
  folded('What ran, and why it was not cached', renderBroken)
]

const CLOSING: readonly Section[] = [renderNotes, leftOut, smallPrint]

function listOf(report: BuildView): readonly Section[] {
  if (report.bystander === true) return [] // its line at a glance says it all
  if (report.outcome.kind === 'green') return PASSED
  return answersAll(report) ? REFUSED : FAILED
}

/** The summary of a run as GitHub-flavoured Markdown, within GitHub's limit for a step. */
export function renderSummary(report: Report, limitBytes = SUMMARY_LIMIT_BYTES): string {
  return renderWithin((detail) => composed(report, detail, { listOf, closing: CLOSING }), limitBytes)
}
