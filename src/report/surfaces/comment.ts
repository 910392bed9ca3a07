/** The report in a pull request: the job summary with less. Quiet where nothing changed, short where something failed. */
import { renderFailingTests, renderTests } from '../sections/tests.js'
import { renderAdvice } from '../sections/advice.js'
import { renderBroken, renderSaved } from '../sections/broken.js'
import { renderCacheLine, renderCacheTrouble, renderMountsLine } from '../sections/cache.js'
import { renderNotCompared } from '../sections/difference.js'
import { facts } from '../sections/facts.js'
import { answersAll, renderFailed, tellsComparison } from '../sections/failure.js'
import { heading, headingWithin } from '../sections/headline.js'
import { renderBaseUnknown, renderGrowth, renderUnjudged } from '../sections/increase.js'
import { COMMENT_LADDER, renderWithin } from '../format/ladder.js'
import { layersSummary, renderLayers } from '../sections/layers.js'
import { renderLeakWarning } from '../sections/leaks.js'
import { logLink } from '../format/links.js'
import { sections } from '../format/markdown.js'
import { viewsOf, type BuildView, type Report } from '../model.js'
import { renderFewNotes } from '../sections/notes.js'
import { shortPrint } from '../sections/proof.js'
import { digestLine } from '../sections/published.js'
import { isQuiet, quietLine } from '../sections/quiet.js'
import { composed, folded, ifRoom, joined, leftOut, plain, where, type Section } from '../sections/section.js'
import { renderSizes } from '../sections/sizes.js'
import { buildSummary, renderStages } from '../sections/stages.js'
import { renderRelayed, renderUntrusted } from '../sections/untrusted.js'
import { renderOmissions, verdictLine } from '../sections/verdict.js'
import { renderWhy } from '../sections/why.js'

/** GitHub refuses comments of more than 65,536 characters. The rest is for the line by which the comment is found again. */
export const COMMENT_LIMIT_CHARACTERS = 65_536 - 256

const sizes = plain(renderSizes)
const layers = folded(layersSummary, plain(renderLayers))
const build = folded(
  buildSummary,
  joined([renderStages, renderBroken, renderSaved, renderCacheLine, renderMountsLine, digestLine])
)

const PASSED: readonly Section[] = [
  heading,
  renderRelayed,
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
  sizes,
  renderNotCompared,
  renderWhy,
  renderTests,
  layers,
  build,
  ifRoom(renderAdvice)
]

const isAlone = (report: BuildView): boolean => !tellsComparison(report)

/** An image that was refused for what is in it: what failed and what to do, and then all else that is known of it. */
const REFUSED: readonly Section[] = [
  heading,
  renderRelayed,
  renderFailingTests,
  plain(renderFailed),
  facts,
  verdictLine,
  sizes,
  where(isAlone, renderNotCompared),
  where(isAlone, plain(renderWhy)),
  layers,
  build,
  renderTests,
  renderUntrusted
]

/** What failed, where, its last words, what to do. */
const FAILED: readonly Section[] = [
  heading,
  renderRelayed,
  renderFailingTests,
  plain(renderFailed),
  renderTests,
  renderUntrusted
]

const CLOSING: readonly Section[] = [renderFewNotes, leftOut, shortPrint]

function listOf(report: BuildView): readonly Section[] {
  if (report.bystander === true) return [] // its line at a glance says it all
  if (report.outcome.kind === 'green') return PASSED
  return answersAll(report) ? REFUSED : FAILED
}

/** The comment on a run as GitHub-flavoured Markdown of at most so many characters (as JavaScript counts). */
export function renderComment(report: Report, limitCharacters = COMMENT_LIMIT_CHARACTERS): string {
  const views = viewsOf(report)
  if (views.every(isQuiet)) {
    const lines = `${views.map(quietLine).join('\n\n')}\n`
    if (lines.length <= limitCharacters) return lines
  }
  const comment = renderWithin((detail) => composed(report, detail, { listOf, closing: CLOSING }), limitCharacters, {
    ladder: COMMENT_LADDER,
    lengthOf: (rendering) => rendering.length
  })
  return comment.length <= limitCharacters ? comment : bare(views[0])
}

/** What is left when nothing else fits. */
function bare(report: BuildView): string {
  const link = report.source.runUrl === undefined ? undefined : logLink(report, 'Full report')
  return `${sections([headingWithin(report, 60), link])}\n`
}
