/** The job summary: verdict, facts, sizes, layers, build, details collapsed, and what was proved. */
import { renderCacheLine, renderCacheTrouble } from './cache.js'
import { renderFailure } from './failure.js'
import { headline, isCachedPass, stateOf, SYMBOL, untrustedSentence } from './headline.js'
import { capped, leftOutSentence, renderWithin, SUMMARY_LIMIT_BYTES, type Detail } from './ladder.js'
import { renderLayers, renderPlatformLayers } from './layers.js'
import { logLink, placeLink } from './links.js'
import { alert, bullets, code, details, html, link, sections, table, text, unbroken, type Column } from './markdown.js'
import type { ImageReport, LintFinding, Report } from './report.js'
import { cachedSteps, renderStages } from './stages.js'
import { isTimed, renderTimeline } from './timeline.js'
import { bytes, count, duration, enumerated } from './units.js'

/** The summary of a run as GitHub-flavoured Markdown, within GitHub's limit for a step. */
export function renderSummary(report: Report, limitBytes = SUMMARY_LIMIT_BYTES): string {
  return renderWithin((detail) => renderSummaryWith(report, detail), limitBytes)
}

function renderSummaryWith(report: Report, detail: Detail): string {
  const body =
    report.outcome.kind === 'red' ? renderFailure(report, report.outcome.failure, detail) : green(report, detail)
  return `${sections([
    `## ${SYMBOL[stateOf(report)]} ${text(headline(report), 400)}`,
    report.outcome.kind === 'red' ? undefined : facts(report),
    body,
    report.outcome.kind === 'red' ? untrusted(report) : undefined,
    notes(report, detail),
    leftOutSentence(detail),
    smallPrint(report)
  ])}\n`
}

/** One line: what the gate did, what left the runner, what it cost. */
function facts(report: Report): string {
  const { cached, steps } = cachedSteps(report)
  const parts = [
    gateFact(report),
    publishFact(report),
    steps === 0 ? undefined : `${cached} of ${steps} steps cached`,
    unbroken(`${duration(report.seconds.total)} in all`)
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

/** How many names stand in the line of facts. */
const NAMED = 3

function gateFact(report: Report): string | undefined {
  const { gate } = report
  if (gate.verdict === 'skipped') return `**No gate**: ${text(gate.reason ?? 'no `test-target` is set', 200)}`
  const names = gate.targets.slice(0, NAMED).map((target) => code(target.stage, 60))
  const more = gate.targets.length - names.length
  const stages = enumerated([...names, ...(more > 0 ? [`${more} more`] : [])])
  const longest = Math.max(0, ...gate.targets.map((target) => target.seconds))
  if (isCachedPass(report)) return `**Gate passed** (${stages}, cached: nothing had to run)`
  return `**Gate passed** (${stages}${longest > 0 ? `, ${unbroken(duration(longest))}` : ''})`
}

function publishFact(report: Report): string | undefined {
  const { publish } = report
  if (!publish.published) return report.images.length === 0 ? undefined : '**not published**'
  const [first] = publish.tags
  const more = publish.tags.length - 1
  const tags = first === undefined ? '' : ` ${code(first, 120)}${more > 0 ? ` and ${more} more` : ''}`
  return `**${leftBy(publish.how)}**${tags}`
}

/** Only a push publishes; an image that was loaded or exported stays on the runner. */
function leftBy(ways: readonly string[]): string {
  if (ways.includes('push') || ways.length === 0) return 'published'
  return ways.includes('load') ? 'loaded into the engine' : 'exported'
}

function green(report: Report, detail: Detail): string {
  return sections([
    untrusted(report),
    renderCacheTrouble(report),
    sizes(report, detail),
    layers(report, detail),
    build(report, detail),
    published(report, detail),
    advice(report, detail)
  ])
}

function untrusted(report: Report): string | undefined {
  if (report.trusted) return undefined
  const reason = text(untrustedSentence(report), 800)
  return alert('NOTE', [reason])
}

function sizes(report: Report, detail: Detail): string | undefined {
  if (report.images.length === 0) return undefined
  const transfer = report.images.some((image) => image.transferSize !== undefined)
  const several = report.images.length > 1
  const columns: readonly Column[] = [
    ...(several ? [{ title: 'Platform', align: 'left' } as const] : []),
    { title: 'Size', align: 'right' },
    ...(transfer ? [{ title: 'Transfer', align: 'right' } as const] : []),
    { title: 'Own layers', align: 'right' },
    { title: 'Base layers', align: 'right' },
    ...(several ? [] : [{ title: 'Platform', align: 'left' } as const])
  ]
  const { shown, more } = capped(report.images, detail.rows)
  const rows = shown.map((image) => [
    ...(several ? [code(image.platform, 60)] : []),
    `**${unbroken(bytes(image.size))}**`,
    ...(transfer ? [image.transferSize === undefined ? '' : unbroken(bytes(image.transferSize))] : []),
    layerFact(image, false),
    layerFact(image, true),
    ...(several ? [] : [code(image.platform, 60)])
  ])
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'more platform')}.`])
}

function layerFact(image: ImageReport, base: boolean): string {
  const layers = image.layers.filter((layer) => layer.base === base)
  if (layers.length === 0) return '–'
  const size = layers.reduce((sum, layer) => sum + layer.size, 0)
  return unbroken(`${bytes(size)} in ${layers.length}`)
}

function published(report: Report, detail: Detail): string | undefined {
  const { publish } = report
  if (!publish.published) {
    if (!report.trusted || report.images.length === 0 || publish.reason === '') return undefined
    return `Not published: ${text(publish.reason, 300)}.`
  }
  const { shown, more } = capped(publish.tags, detail.rows)
  const tags = [...shown.map((tag) => code(tag, 200)), ...(more > 0 ? [`and ${count(more, 'more tag')}`] : [])]
  const title = leftBy(publish.how)
  return sections([
    `### ${title[0]?.toUpperCase() ?? ''}${title.slice(1)}`,
    tags.length === 0 ? undefined : bullets(tags),
    publish.digest === '' ? undefined : publishedDigest(report.images, publish.digest, how(publish.how), detail)
  ])
}

/** What was inspected is a platform's manifest; what a tag names may be an index around it. */
function publishedDigest(images: readonly ImageReport[], digest: string, ways: string, detail: Detail): string {
  if (images.some((image) => image.manifestDigest === digest || image.configDigest === digest)) {
    return `Digest ${code(digest)}${ways}, the one that was inspected.`
  }
  const inspected = images.flatMap(({ platform, manifestDigest }) =>
    manifestDigest === undefined ? [] : [`${code(platform, 60)} ${code(manifestDigest)}`]
  )
  if (inspected.length === 0) return `Digest ${code(digest)}${ways}.`
  return `Digest ${code(digest)}${ways}, an index of what was inspected:\n\n${bullets(inspected.slice(0, detail.rows))}`
}

function how(ways: readonly string[]): string {
  const words = ways.map((way) => (way === 'push' ? 'pushed' : way === 'load' ? 'loaded' : code(way, 120)))
  return words.length === 0 ? '' : ` (${enumerated(words.slice(0, 6))})`
}

function layers(report: Report, detail: Detail): string | undefined {
  const [first] = report.images
  if (first === undefined || detail.layerTables === 0) return undefined
  if (report.images.length === 1) {
    return sections(['### Layers', renderLayers(report, first, detail)])
  }
  const { shown, more } = capped(report.images, detail.layerTables)
  return sections([
    '### Layers',
    ...shown.map((image) => renderPlatformLayers(report, image, detail)),
    more === 0 ? undefined : `And ${count(more, 'more platform')}.`
  ])
}

function build(report: Report, detail: Detail): string | undefined {
  const stages = renderStages(report, detail)
  if (stages === undefined) return undefined
  const timeline = detail.collapsed ? renderTimeline(report, detail) : undefined
  return sections([
    '### Build',
    stages,
    renderCacheLine(report),
    timeline === undefined
      ? undefined
      : details(report.steps.some(isTimed) ? 'Timeline and slowest steps' : 'Timeline', timeline)
  ])
}

function advice(report: Report, detail: Detail): string | undefined {
  const { findings } = report.lint
  if (findings.length === 0) return undefined
  const title = `Advice for the Dockerfile: ${count(findings.length, 'finding')} (nothing fails because of ${findings.length === 1 ? 'it' : 'them'})`
  if (!detail.collapsed) return `${title}.`
  const { shown, more } = capped(findings, detail.rows)
  const items = shown.map((finding) => findingItem(report, finding))
  return details(html(title), bullets([...items, ...(more > 0 ? [`and ${more} more`] : [])]))
}

function findingItem(report: Report, finding: LintFinding): string {
  const rule = link(code(finding.rule, 80), ruleAddress(finding.url))
  return `${placeLink(report.source, finding.line)} ${text(finding.message, 500)} ${rule}`
}

/** BuildKit names the page of each rule; a custom frontend could name any page. */
function ruleAddress(url: string | undefined): string | undefined {
  return url !== undefined && /^https:\/\/docs\.docker\.com\/[\w./-]+$/.test(url) ? url : undefined
}

function notes(report: Report, detail: Detail): string | undefined {
  if (report.notes.length === 0) return undefined
  const { shown, more } = capped(report.notes, detail.rows)
  return sections([
    '### Notes',
    bullets([...shown.map((note) => text(note, 1000)), ...(more > 0 ? [`and ${more} more`] : [])])
  ])
}

/** What was proved and how it was measured: only what this run did. */
function smallPrint(report: Report): string | undefined {
  const words = [...proofs(report), ...measures(report), ...versions(report)].join(' ')
  const parts = [
    ...(words === '' ? [] : [text(words, 1500)]),
    ...(report.source.runUrl === undefined ? [] : [logLink(report)])
  ]
  return parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`
}

function proofs(report: Report): readonly string[] {
  const { outcome, publish, gate } = report
  if (outcome.kind === 'red' || !publish.published) return []
  const what = publish.tags.length === 0 ? 'What left the builder' : 'What the tags point to'
  const when = gate.verdict === 'passed' ? ', and it left only after the gate had passed' : ''
  return [`${what} is the image that was inspected${when}.`]
}

function measures(report: Report): readonly string[] {
  if (report.outcome.kind === 'red' || report.images.length === 0) return []
  const compressed = report.images.some((image) => image.transferSize !== undefined)
  const transfer = compressed ? '; transfer: the same compressed, as a registry holds it' : ''
  return [
    `Size: bytes of all layers’ content, unpacked${transfer}; read from the manifest and the layers, 1 MB = 1,000,000 bytes.`
  ]
}

function versions(report: Report): readonly string[] {
  const { buildx, buildkit, driver } = report.builder
  const parts = [
    ...(buildx === '' ? [] : [`buildx ${buildx}`]),
    ...(buildkit === undefined || buildkit === '' ? [] : [`BuildKit ${buildkit}`]),
    ...(driver === '' ? [] : [`${driver} driver`])
  ]
  return parts.length === 0 ? [] : [`Built with ${parts.join(', ')}.`]
}
