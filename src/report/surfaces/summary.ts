/** The job summary: verdict, facts, sizes, layers, build, details collapsed, and what was proved. */
import { renderAdvice } from '../sections/advice.js'
import { renderBroken, renderSaved, savedWords } from '../sections/broken.js'
import { renderCacheLine, renderCachePlan, renderCacheTrouble, renderMountsLine } from '../sections/cache.js'
import { renderContents } from '../sections/contents.js'
import {
  baselineSentence,
  comparedIn,
  differenceOf,
  platformsCompared,
  renderNotCompared,
  renderWhy,
  sizesCompared
} from '../sections/difference.js'
import { renderFailure, renderRemedies } from '../sections/failure.js'
import { headline, isCachedPass, stateOf, SYMBOL, untrustedSentence } from '../sections/headline.js'
import { renderBaseUnknown, renderGrowth, renderUnjudged } from '../sections/increase.js'
import { capped, leftOutSentence, renderWithin, SUMMARY_LIMIT_BYTES, type Detail } from '../format/ladder.js'
import { renderLayers, renderPlatformLayers } from '../sections/layers.js'
import { leakRemedies, renderLeaks } from '../sections/leaks.js'
import { logLink } from '../format/links.js'
import { alert, bullets, code, details, sections, table, text, unbroken, type Column } from '../format/markdown.js'
import { trialFact } from '../sections/trial.js'
import type { Failure } from '../../failure/failure.js'
import type { ImageReport, Report } from '../model.js'
import { cachedSteps, renderStages } from '../sections/stages.js'
import { isTimed, renderTimeline } from '../sections/timeline.js'
import { bytes, count, duration, enumerated } from '../../core/units.js'
import { leakWarning, renderOmissions, searchProof, verdictLine } from '../sections/verdict.js'

/** The summary of a run as GitHub-flavoured Markdown, within GitHub's limit for a step. */
export function renderSummary(report: Report, limitBytes = SUMMARY_LIMIT_BYTES): string {
  return renderWithin((detail) => renderSummaryWith(report, detail), limitBytes)
}

function renderSummaryWith(report: Report, detail: Detail): string {
  const body =
    report.outcome.kind === 'red' ? renderFailure(report, report.outcome.failure, detail) : green(report, detail)
  return `${sections([
    `## ${SYMBOL[stateOf(report)]} ${text(headline(report), 400)}`,
    answersAll(report) ? facts(report) : undefined,
    answersAll(report) ? verdictLine(report) : undefined,
    body,
    report.outcome.kind === 'red' && answersAll(report) ? rest(report, detail) : undefined,
    report.outcome.kind === 'red' ? untrusted(report) : undefined,
    answersAll(report) ? undefined : ranAgain(report, detail),
    notes(report, detail),
    leftOutSentence(detail),
    smallPrint(report)
  ])}\n`
}

/** Whether there is more to tell than the failure: an image that was inspected, and refused for what is in it. */
export function answersAll({ outcome, images }: Report): boolean {
  return outcome.kind === 'green' || (images.length > 0 && isAboutImage(outcome.failure))
}

function isAboutImage({ kind }: Failure): boolean {
  return kind === 'leak' || kind === 'budget' || kind === 'smoke' || kind === 'verify'
}

/** What a red run answers besides: how large the image is, what a pull costs, what is in it, what came from the cache. */
function rest(report: Report, detail: Detail): string {
  return sections([
    '### The image',
    sizes(report, detail),
    tellsComparison(report) ? undefined : renderNotCompared(report),
    tellsComparison(report) ? undefined : renderWhy(report, detail),
    detail.collapsed ? folded('Layers', layers(report, detail)) : undefined,
    detail.collapsed ? folded('Build', build(report, detail)) : undefined
  ])
}

/** The story of a budget has the comparison in it. */
export function tellsComparison({ outcome }: Report): boolean {
  return outcome.kind === 'red' && outcome.failure.kind === 'budget'
}

function folded(title: string, body: string | undefined): string | undefined {
  return body === undefined ? undefined : details(title, body.replace(/^### .*\n+/, ''))
}

/** Of a failure it is beside the point, but who waits for it again wants to know. */
function ranAgain(report: Report, detail: Detail): string | undefined {
  const broken = detail.collapsed ? renderBroken(report, detail) : undefined
  return broken === undefined ? undefined : details('What ran, and why it was not cached', broken)
}

/** One line: what the gate did, what left the runner, what it cost. */
export function facts(report: Report): string {
  const { cached, steps } = cachedSteps(report)
  const parts = [
    gateFact(report),
    trialFact(report),
    publishFact(report),
    steps === 0 ? undefined : [`${cached} of ${steps} steps cached`, savedWords(report)].filter(Boolean).join(', '),
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
  if (!publish.published) {
    if (report.images.length === 0 || report.outcome.kind === 'red') return undefined
    const reason = report.trusted && publish.reason !== '' ? ` (${text(publish.reason, 300)})` : ''
    return `**not published**${reason}`
  }
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
    leaks(report, detail),
    renderGrowth(report),
    renderUnjudged(report),
    renderBaseUnknown(report),
    untrusted(report),
    renderOmissions(report, detail),
    renderCacheTrouble(report),
    sizes(report, detail),
    renderNotCompared(report),
    renderWhy(report, detail),
    layers(report, detail),
    contents(report, detail),
    build(report, detail),
    published(report, detail),
    renderAdvice(report, detail)
  ])
}

/** Found, and published all the same: the first thing a reader sees. */
export function leaks(report: Report, detail: Detail): string | undefined {
  const warning = leakWarning(report)
  if (warning === undefined) return undefined
  return sections([warning, renderLeaks(report, detail), '**What to do**', renderRemedies(leakRemedies(report))])
}

function contents(report: Report, detail: Detail): string | undefined {
  if (!detail.collapsed) return undefined
  return sections(report.images.slice(0, detail.layerTables).map((image) => renderContents(report, image, detail)))
}

export function untrusted(report: Report): string | undefined {
  if (report.trusted || report.relayed !== undefined) return undefined
  const reason = text(untrustedSentence(report), 800)
  return alert('NOTE', [reason])
}

export function sizes(report: Report, detail: Detail): string | undefined {
  const [only] = report.images
  if (only === undefined) return undefined
  if (report.images.length > 1) {
    return comparedIn(report) === undefined ? sizesOfSeveral(report, detail) : platformsCompared(report, detail)
  }
  const difference = differenceOf(report, only)
  if (difference === undefined) return sizesOfOne(only)
  return sizesCompared(report, only, difference, detail.collapsed ? percentOf(only.figures.efficiency) : undefined)
}

/** One figure a row, so that a comparison can stand beside it. */
function sizesOfOne(image: ImageReport): string {
  const { reclaimable, efficiency } = image.figures
  const base = reclaimable.base > 0 ? `in your layers; the base has ${bytes(reclaimable.base)} more` : 'in your layers'
  const rows = [
    ['Size', `**${unbroken(bytes(image.size))}**`, `${layerWords(image, false)}, ${layerWords(image, true)}`],
    ...(image.transferSize === undefined
      ? []
      : [['Transfer', unbroken(bytes(image.transferSize)), 'compressed, to a host that has none of it']]),
    ['Reclaimable', unbroken(bytes(reclaimable.own)), base],
    ['Efficiency', unbroken(percentOf(efficiency)), 'of the size is what a container sees']
  ]
  const columns: readonly Column[] = [
    { title: code(image.platform, 60), align: 'left' },
    { title: 'This build', align: 'right' },
    { title: '', align: 'left' }
  ]
  return table(columns, rows)
}

function layerWords(image: ImageReport, base: boolean): string {
  const own = image.layers.filter((layer) => layer.base === base)
  const size = own.reduce((sum, layer) => sum + layer.size, 0)
  if (image.baseUnknown !== undefined)
    return base ? 'base not known' : `${bytes(size)} in ${count(own.length, 'layer')}`
  if (own.length === 0) return base ? 'no base image' : 'nothing of your own'
  return `${bytes(size)} in ${count(own.length, base ? 'base layer' : 'own layer')}`
}

/** 98.3 %: one decimal, since the last percent is what an image is worked on for. Never rounded up to the whole. */
function percentOf(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1).replace(/\.0$/, '')} %`
}

function sizesOfSeveral(report: Report, detail: Detail): string {
  const transfer = report.images.some((image) => image.transferSize !== undefined)
  const columns: readonly Column[] = [
    { title: 'Platform', align: 'left' },
    { title: 'Size', align: 'right' },
    ...(transfer ? [{ title: 'Transfer', align: 'right' } as const] : []),
    { title: 'Own layers', align: 'right' },
    { title: 'Base layers', align: 'right' },
    { title: 'Reclaimable', align: 'right' },
    { title: 'Efficiency', align: 'right' }
  ]
  const { shown, more } = capped(report.images, detail.rows)
  const rows = shown.map((image) => [
    code(image.platform, 60),
    `**${unbroken(bytes(image.size))}**`,
    ...(transfer ? [image.transferSize === undefined ? '' : unbroken(bytes(image.transferSize))] : []),
    layerFact(image, false),
    layerFact(image, true),
    unbroken(bytes(image.figures.reclaimable.own)),
    unbroken(percentOf(image.figures.efficiency))
  ])
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'more platform')}.`])
}

function layerFact(image: ImageReport, base: boolean): string {
  const layers = image.layers.filter((layer) => layer.base === base)
  if (layers.length === 0) return '–'
  const size = layers.reduce((sum, layer) => sum + layer.size, 0)
  return unbroken(`${bytes(size)} in ${layers.length}`)
}

export function published(report: Report, detail: Detail): string | undefined {
  const { publish } = report
  if (!publish.published) return undefined
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
  const cachePlan = renderCachePlan(report, detail)
  const timeline = detail.collapsed ? renderTimeline(report, detail) : undefined
  return sections([
    '### Build',
    stages,
    renderBroken(report, detail),
    renderSaved(report),
    renderCacheLine(report),
    renderMountsLine(report),
    cachePlan === undefined ? undefined : details('What the layer cache reads and writes', cachePlan),
    timeline === undefined
      ? undefined
      : details(report.steps.some(isTimed) ? 'Timeline and slowest steps' : 'Timeline', timeline)
  ])
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
  const line = [...proofs(report), ...baselineSentence(report), ...versions(report)].join(' ')
  const parts = [
    ...(line === '' ? [] : [text(line, 700)]),
    ...(report.source.runUrl === undefined ? [] : [logLink(report)])
  ]
  const how = [...searchProof(report), ...measures(report)]
  return sections([
    how.length === 0
      ? undefined
      : details('How it was measured and searched', bullets(how.map((each) => text(each, 1000)))),
    parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`
  ])
}

export function proofs(report: Report): readonly string[] {
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
