/** Several images at a glance, above the first of them. */
import { count } from '../../core/units.js'
import { code, sections, table, text } from '../format/markdown.js'
import { imageViewsOf, reachedNames, reachOf, viewsOf, type BuildView, type Report } from '../model.js'
import { failureHeadline, stateOf, stateOfRun, SYMBOL, verdictOf } from './headline.js'
import { reachWords } from './published.js'

/** A row for each image, what failed first; `undefined` for a run of one. */
export function renderOverview(report: Report): string | undefined {
  // Where nothing was built, what failed is told once.
  if (viewsOf(report).length < 2) return undefined
  const views = imageViewsOf(report)
  return sections([
    `## ${SYMBOL[stateOfRun(report)]} ${text(`${report.name}: ${overall(report, views)}`, 400)}`,
    table(
      [
        { title: 'Image', align: 'left' },
        { title: 'How it went', align: 'left' },
        { title: 'Published', align: 'left' }
      ],
      views.map((view) => [
        `${SYMBOL[stateOf(view)]} **${text(view.name, 100)}**`,
        text(howItWent(view), 300),
        publishedAs(view)
      ])
    )
  ])
}

function overall({ outcome, builds }: Report, views: readonly BuildView[]): string {
  if (outcome.kind === 'green') {
    const tested = views.filter(({ gate }) => gate.verdict === 'passed').length
    const how = tested === views.length ? 'tests passed' : tested === 0 ? 'not tested' : `${tested} of them tested`
    return `${count(builds.length, 'image')}, ${how}`
  }
  const reached = builds.map(({ publish }) => reachOf(publish))
  const what = outcome.failure.kind === 'cancelled' ? 'cancelled' : `${outcome.image ?? 'the run'} failed`
  if (reached.includes('pushed')) return `${what} after images had been published`
  if (reached.includes('unknown')) return `${what}, and whether images were published is not known`
  if (reached.includes('loaded')) return `${what}, only the local engine has images`
  return reached.includes('exported') ? `${what}, only files have images` : `${what}, nothing was published`
}

function howItWent(view: BuildView): string {
  const { outcome, bystander = false } = view
  return outcome.kind === 'red' && !bystander ? failureHeadline(view, outcome.failure) : verdictOf(view)
}

function publishedAs({ publish }: BuildView): string {
  const reach = reachOf(publish)
  if (reach === 'nowhere') return '–'
  const way = reachWords[reach]
  const [first, ...more] = reachedNames(publish)
  if (first === undefined) return way === 'published' ? 'yes' : way
  const names = `${code(first, 120)}${more.length > 0 ? ` and ${more.length} more` : ''}`
  return way === 'published' ? names : `${names}, ${way}`
}
