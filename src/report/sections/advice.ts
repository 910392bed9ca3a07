/** Advice on the Dockerfile and the image, ours and BuildKit's, collapsed. Nothing fails because of it. */
import { capped, type Detail } from '../format/ladder.js'
import { placeLink } from '../format/links.js'
import { bullets, code, details, html, link, sections, text, unbroken } from '../format/markdown.js'
import type { AdviceItem, LintFinding, BuildView } from '../model.js'
import { bytes, count } from '../../core/units.js'

/** The section; `undefined` where nobody has any. */
export function renderAdvice(report: BuildView, detail: Detail): string | undefined {
  const { advice } = report
  const { findings } = report.lint
  const number = advice.length + findings.length
  if (number === 0) return undefined
  const title = `Advice: ${count(number, 'finding')} (nothing fails because of ${number === 1 ? 'it' : 'them'})`
  if (!detail.collapsed) return `${title}.`
  const own = capped(advice, detail.rows)
  const theirs = capped(findings, detail.rows)
  const [example] = advice
  return details(
    html(title),
    sections([
      listOf(
        own.shown.map((item) => adviceLine(report, item)),
        own.more
      ),
      advice.length > 0 && findings.length > 0 ? '**BuildKit’s own checks**' : undefined,
      listOf(
        theirs.shown.map((finding) => findingLine(report, finding)),
        theirs.more
      ),
      `To ignore one, name it in the first line of the Dockerfile: \`# check=skip=${ruleName(example?.rule ?? findings[0]?.rule)}\`.`
    ])
  )
}

function ruleName(rule: string | undefined): string {
  return rule !== undefined && /^\w+$/.test(rule) ? rule : 'NAME'
}

function listOf(items: readonly string[], more: number): string | undefined {
  return items.length === 0 ? undefined : bullets([...items, ...(more > 0 ? [`and ${more} more`] : [])])
}

/** `**41.2 MB** [Dockerfile:18](…) The cache of pip … Mount it …. `PackageCacheInLayer``. */
export function adviceLine(report: BuildView, item: AdviceItem): string {
  return [
    item.bytes === undefined || item.bytes <= 0 ? '' : `**${unbroken(bytes(item.bytes))}**`,
    item.line === undefined ? '' : placeLink(report.source, item.line),
    text(`${ended(item.message)} ${item.fix}`, 700),
    code(item.rule, 60)
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function ended(message: string): string {
  return /[.!?:]$/.test(message) ? message : `${message}.`
}

function findingLine(report: BuildView, finding: LintFinding): string {
  const rule = link(code(finding.rule, 80), ruleAddress(finding.url))
  return `${placeLink(report.source, finding.line)} ${text(finding.message, 500)} ${rule}`
}

/** BuildKit names the page of each rule; a custom frontend could name any page. */
function ruleAddress(url: string | undefined): string | undefined {
  return url !== undefined && /^https:\/\/docs\.docker\.com\/[\w./-]+$/.test(url) ? url : undefined
}
