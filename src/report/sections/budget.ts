/** The red report of an image over its budget: by how much, and what to shrink first. */
import { adviceLine } from './advice.js'
import { biggestFiles, reclaimable, contentsOf } from './contents.js'
import { baselineTitle, comparedIn, differenceOf, renderNotCompared } from './difference.js'
import { capped, type Detail } from '../format/ladder.js'
import { layerCode } from './layers.js'
import { lineLink, placeOf } from '../format/links.js'
import { bullets, code, inline, sections, shortened, table, text, unbroken, type Column } from '../format/markdown.js'
import type { ImageReport, LayerReport, BuildView } from '../model.js'
import { bytes, count, enumerated, percent, share, signedBytes } from '../../core/units.js'
import { judgedLimits, type JudgedLimit, type Lead } from '../../judge/index.js'
import { heaviest } from './verdict.js'
import { renderWhy } from './why.js'
import { briefInstruction } from '../format/instruction.js'

/** Rows of what to shrink. */
const FIRST = 5

/** Part of the image below which a layer is not worth looking at. */
const WORTH = 0.005

/** The parts of the story, below the heading. */
export function budgetStory(
  report: BuildView,
  broken: readonly JudgedLimit[],
  detail: Detail
): readonly (string | undefined)[] {
  const image = report.images.find(({ platform }) => platform === broken[0]?.platform) ?? heaviest(report.images)
  const platform = report.images.length > 1 && image !== undefined ? ` (${code(image.platform, 60)})` : ''
  return [
    introduction(report, broken),
    ruleTable(report, broken, detail),
    renderNotCompared(report),
    renderWhy(report, detail),
    wayOut(broken),
    image === undefined || broken.every(({ leads }) => leads.every((lead) => lead === 'growth'))
      ? undefined
      : sections([`### What to shrink first${platform}`, ...shrink(report, image, broken, detail)])
  ]
}

/** Of growth, a reader wants to see both sizes. */
function introduction(report: BuildView, broken: readonly JudgedLimit[]): string {
  const compared = comparedIn(report)
  const sizes = broken.flatMap((rule) => {
    const difference = compared?.differences.find(({ platform }) => platform === rule.platform)
    return leadsTo(rule, 'growth') && difference !== undefined ? [difference.size] : []
  })
  const [size] = sizes
  if (compared === undefined || size === undefined || broken.length > 1) {
    return 'The image was built, but not within its budget.'
  }
  const name = text(baselineTitle(compared), 100)
  return `The image was built, but it has grown too much: **${unbroken(bytes(size.now))}**, and ${name} has **${unbroken(bytes(size.before))}**.`
}

/** What else can be done: growth can be wanted, and then the way out must be there. */
function wayOut(broken: readonly JudgedLimit[]): string | undefined {
  return sections([...new Set(broken.map((limit) => limit.wayOut))])
}

function leadsTo({ leads }: JudgedLimit, lead: Lead): boolean {
  return leads.includes(lead)
}

function ruleTable(report: BuildView, broken: readonly JudgedLimit[], detail: Detail): string {
  const passed = judgedLimits(report.verdict).filter((limit) => limit.passed)
  const several = report.images.length > 1
  const columns: readonly Column[] = [
    { title: 'Rule', align: 'left' },
    { title: 'Measured', align: 'right' },
    { title: 'Limit', align: 'right' },
    { title: 'Too much', align: 'left' },
    ...(several ? [{ title: 'Platform', align: 'left' } as const] : [])
  ]
  const { shown, more } = capped([...broken, ...passed], detail.rows)
  const rows = shown.map((rule) => {
    const strong = (words: string): string => (rule.passed ? words : `**${words}**`)
    return [
      `${rule.title} (\`${rule.rule}\`)`,
      strong(unbroken(rule.measured)),
      unbroken(rule.limit),
      rule.passed
        ? 'kept'
        : `${strong(unbroken(rule.over))}${rule.proportion === undefined ? '' : `, ${unbroken(rule.proportion)}`}`,
      code(rule.platform, 60)
    ]
  })
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'more rule')}.`])
}

/** What to look at first: the sections that the broken rules lead to. */
function shrink(
  report: BuildView,
  image: ImageReport,
  broken: readonly JudgedLimit[],
  detail: Detail
): readonly (string | undefined)[] {
  const leading = (lead: Lead): JudgedLimit | undefined =>
    broken.find((limit) => leadsTo(limit, lead) && limit.platform === image.platform)
  const base = leading('base')
  const costly = report.advice
    .filter(({ bytes: cost = 0, rule }) =>
      leading('advice') === undefined
        ? leading('copies') !== undefined && rule.startsWith('FilesCopiedBy')
        : share(cost, image.size) >= WORTH
    )
    .slice(0, FIRST)
  const led = (lead: Lead, section: () => string | undefined): string | undefined =>
    leading(lead) === undefined ? undefined : section()
  return [
    bulleted([
      ...(base === undefined ? [] : baseRemark(image, base)),
      ...costly.map((item) => adviceLine(report, item))
    ]),
    led('joinable', () => joinable(report, image)),
    led('reclaimable', () => titled('Bytes that no container sees', reclaimable(report, image, detail, FIRST))),
    led('largest-layers', () => titled('Your largest layers', largestLayers(report, image, detail))),
    led('largest-files', () => titled('Your largest files', biggestFiles(report, image, detail, FIRST))),
    detail.collapsed ? contentsOf(report, image, detail) : undefined
  ]
}

function bulleted(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : bullets(items)
}

function titled(title: string, body: string | undefined): string | undefined {
  return body === undefined ? undefined : `**${title}**\n\n${body}`
}

/** Where the base alone is over the limit, nothing in the Dockerfile's own lines helps. */
function baseRemark(image: ImageReport, rule: JudgedLimit): readonly string[] {
  const base = image.layers.filter((layer) => layer.base).reduce((sum, layer) => sum + layer.size, 0)
  // The excess and more would have to come from the base.
  if (base < image.size - rule.excess) return []
  const name = image.base === undefined ? 'The base image' : `The base image ${code(image.base, 100)}`
  return [
    `${name} alone has **${unbroken(bytes(base))}**: only a smaller one (\`-slim\`, distroless, \`scratch\`) helps.`
  ]
}

function largestLayers(report: BuildView, image: ImageReport, detail: Detail): string | undefined {
  const [largest, ...others] = ownBySize(image)
  const own = [
    ...(largest === undefined ? [] : [largest]),
    ...others.filter(({ size }) => share(size, image.size) >= WORTH)
  ].slice(0, Math.min(detail.rows, FIRST))
  if (own.length === 0) return undefined
  return table(
    [
      { title: 'Size', align: 'right' },
      { title: 'Made by', align: 'left' },
      { title: 'Share', align: 'right' }
    ],
    own.map((layer) => [
      unbroken(bytes(layer.size)),
      layerCode(report, layer),
      unbroken(percent(layer.size, image.size))
    ])
  )
}

function ownBySize(image: ImageReport): readonly LayerReport[] {
  return image.layers.filter(({ base, size }) => !base && size > 0).sort((a, b) => b.size - a.size)
}

/** Neighbours of one kind that one instruction could do. */
function joinable(report: BuildView, image: ImageReport): string | undefined {
  const groups: LayerReport[][] = []
  for (const layer of image.layers.filter(({ base }) => !base)) {
    const last = groups.at(-1)
    const before = last?.at(-1)
    const same = before !== undefined && keywordOf(before) === keywordOf(layer) && before.stage === layer.stage
    if (same && /^(?:RUN|COPY)$/.test(keywordOf(layer))) last?.push(layer)
    else groups.push([layer])
  }
  const items = groups
    .filter((group) => group.length > 1)
    .sort((a, b) => b.length - a.length)
    .slice(0, FIRST)
    .map((group) => {
      const lines = group.flatMap(({ line }) => (line === undefined ? [] : [lineLink(report.source, line)]))
      const where = lines.length === 0 ? '' : `Lines ${enumerated(lines.slice(0, 12))}: `
      return `${where}${group.length} \`${keywordOf(group[0])}\` steps in a row can be one, with one layer`
    })
  return items.length === 0 ? undefined : titled('Layers that can be one', bullets(items))
}

function keywordOf(layer: LayerReport | undefined): string {
  return /^[A-Z]+/i.exec(layer?.instruction ?? '')?.[0].toUpperCase() ?? ''
}

/** `the image is 62.4 MB over its limit of 250 MB`. Plain text. */
export function budgetHeadline(broken: readonly JudgedLimit[]): string {
  const names = new Set(broken.map(({ rule }) => rule))
  const [first] = broken.toSorted((a, b) => b.excess - a.excess)
  if (first === undefined || names.size > 1) return `the image breaks ${count(names.size, 'limit')} of its budget`
  return first.headline
}

/** One broken rule as a plain sentence, and the line of the layer to look at first. */
export function budgetSentence(
  report: BuildView,
  rule: JudgedLimit
): { readonly message: string; readonly layer?: Pick<LayerReport, 'line' | 'stage'> } {
  const image = report.images.find(({ platform }) => platform === rule.platform)
  if (leadsTo(rule, 'growth')) return growthSentence(report, rule, image)
  const [largest, ...others] = image === undefined ? [] : ownBySize(image).slice(0, 3)
  const on = report.images.length > 1 ? ` (${inline(rule.platform)})` : ''
  const head = `${rule.title}${on}: ${rule.measured}, limit: ${rule.limit}, ${rule.over} over.`
  if (largest === undefined) return { message: head }
  const layers = [largest, ...others].map(
    (layer) =>
      `${bytes(layer.size)} ${placeOf(report.source, layer)} ${shortened(inline(briefInstruction(layer.instruction)), 120)}`
  )
  return {
    message: [head, 'Your largest layers:', ...layers].join('\n'),
    layer: largest
  }
}

/** What grew is what to look at, not what is large. */
function growthSentence(
  report: BuildView,
  rule: JudgedLimit,
  image: ImageReport | undefined
): { readonly message: string; readonly layer?: Pick<LayerReport, 'line' | 'stage'> } {
  const difference = image === undefined ? undefined : differenceOf(report, image)
  const on = report.images.length > 1 ? ` (${inline(rule.platform)})` : ''
  const head = `${rule.title}${on}: ${rule.measured}, limit: ${rule.limit}, ${rule.over} over.`
  const grown = (difference?.byInstruction ?? []).flatMap((change) =>
    change.kind === 'removed' || change.size <= 0 ? [] : [{ size: change.size, layer: change.layer }]
  )
  const below = difference?.baseUnknown === true ? 'the layers below your own' : 'the base image'
  const base = difference === undefined || difference.base <= 0 ? [] : [`${signedBytes(difference.base)} ${below}`]
  const layers = grown
    .slice(0, 3)
    .map(
      ({ size, layer }) =>
        `${signedBytes(size)} ${placeOf(report.source, layer)} ${shortened(inline(briefInstruction(layer.instruction)), 120)}`
    )
  const layer = grown[0]?.layer
  const what = [...layers, ...base]
  return {
    message: what.length === 0 ? head : [head, 'What grew:', ...what].join('\n'),
    ...(layer === undefined ? {} : { layer })
  }
}
