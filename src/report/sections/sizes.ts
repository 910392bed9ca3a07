/** What the image weighs: one figure a row, beside the baseline's where there is one; one platform a row where there are several. */
import type { Delta, Difference } from '../../compare/index.js'
import { baselineName, baselineTitle, comparedIn, differenceOf } from './difference.js'
import { capped, type Detail } from '../format/ladder.js'
import { code, sections, table, text, unbroken, type Column } from '../format/markdown.js'
import type { BuildView, ImageReport } from '../model.js'
import { bytes, count, grouped, signedBytes, signedCount, signedPercent } from '../../core/units.js'

/** The sizes; `undefined` where there is no image. */
export function renderSizes(report: BuildView, detail: Detail): string | undefined {
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

function sizesOfSeveral(report: BuildView, detail: Detail): string {
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

/** One figure a row: this build, the baseline, what lies between. `efficiency` stands alone, a baseline has none. */
function sizesCompared(
  report: BuildView,
  image: ImageReport,
  difference: Difference,
  efficiency: string | undefined
): string {
  const compared = comparedIn(report)
  const columns: readonly Column[] = [
    { title: code(image.platform, 60), align: 'left' },
    { title: 'This build', align: 'right' },
    // A phone shows the first columns.
    { title: 'Change', align: 'right' },
    { title: compared === undefined ? 'Baseline' : text(baselineTitle(compared), 60), align: 'right' }
  ]
  const { size, transferSize, reclaimable, layerCount } = difference
  const own = image.layers.filter(({ base }) => !base).length
  const rows = [
    ['Size (unpacked)', `**${sizeText(size.now)}**`, sizeChange(size), sizeText(size.before)],
    ...(transferSize === undefined
      ? image.transferSize === undefined
        ? []
        : [['Transfer (compressed)', sizeText(image.transferSize), '', '']]
      : [
          [
            'Transfer (compressed)',
            sizeText(transferSize.now),
            plainChange(transferSize),
            sizeText(transferSize.before)
          ]
        ]),
    ...pullRow(report, image, difference),
    ['Reclaimable, own layers', sizeText(reclaimable.now), plainChange(reclaimable), sizeText(reclaimable.before)],
    ...(efficiency === undefined ? [] : [['Efficiency', unbroken(efficiency), '', '']]),
    [
      'Layers',
      unbroken(`${grouped(layerCount.now)} (${own} own)`),
      unbroken(signedCount(layerCount.change)),
      grouped(layerCount.before)
    ]
  ]
  return table(columns, rows)
}

function pullRow(report: BuildView, image: ImageReport, { pullCost }: Difference): readonly (readonly string[])[] {
  const compared = comparedIn(report)
  if (pullCost === undefined || compared === undefined) return []
  const name = text(baselineName(compared), 60)
  return [[`Pull on a host that has ${name}`, sizeText(pullCost.bytes), newLayers(pullCost.layers, image), '']]
}

function newLayers(lacking: number, image: ImageReport): string {
  const all = image.layers.length
  if (lacking === 0) return 'no layer is new'
  return `${grouped(lacking)} of ${count(all, 'layer')} ${lacking === 1 ? 'is' : 'are'} new`
}

function sizeText(size: number): string {
  return unbroken(bytes(size))
}

/** The number that the reader came for. */
function sizeChange({ change, share }: Delta): string {
  const percent = signedPercent(share)
  if (change === 0) return 'none'
  return `**${unbroken(signedBytes(change))}**${percent === undefined ? '' : ` (${unbroken(percent)})`}`
}

function plainChange({ change }: Delta): string {
  return unbroken(signedBytes(change))
}

/** `74.2 MB (−5.8 MB)`. */
function withChange(now: number, change: number | undefined): string {
  return change === undefined || change === 0 ? sizeText(now) : `${sizeText(now)} (${unbroken(signedBytes(change))})`
}

/** One platform a row. What the changes are against stands below: the table is wide enough. */
function platformsCompared(report: BuildView, detail: Detail): string {
  const compared = comparedIn(report)
  const transfer = report.images.some(({ transferSize }) => transferSize !== undefined)
  const pulled = compared?.differences.some(({ pullCost }) => pullCost !== undefined) === true
  // In a comment there is room for it only where it changed.
  const reclaimable = detail.collapsed || compared?.differences.some((each) => each.reclaimable.change !== 0) === true
  const columns: readonly Column[] = [
    { title: 'Platform', align: 'left' },
    { title: 'Size', align: 'right' },
    { title: 'Change', align: 'right' },
    ...(transfer ? [{ title: 'Transfer', align: 'right' } as const] : []),
    ...(pulled
      ? [{ title: 'Pull', align: 'right' } as const, { title: unbroken('New layers'), align: 'right' } as const]
      : []),
    ...(reclaimable ? [{ title: 'Reclaimable', align: 'right' } as const] : [])
  ]
  const { shown, more } = capped(report.images, detail.rows)
  const rows = shown.map((image) => {
    const difference = differenceOf(report, image)
    const pull = difference?.pullCost
    return [
      code(image.platform, 60),
      `**${sizeText(image.size)}**`,
      difference === undefined ? 'not compared' : sizeChange(difference.size),
      ...(transfer
        ? [image.transferSize === undefined ? '' : withChange(image.transferSize, difference?.transferSize?.change)]
        : []),
      ...(pulled
        ? pull === undefined
          ? ['–', '–']
          : [sizeText(pull.bytes), unbroken(`${grouped(pull.layers)} of ${grouped(image.layers.length)}`)]
        : []),
      ...(reclaimable ? [withChange(image.figures.reclaimable.own, difference?.reclaimable.change)] : [])
    ]
  })
  const against =
    compared === undefined
      ? undefined
      : `Changes are against ${text(baselineTitle(compared), 100)}${pulled ? '; pull: what a host that has it downloads' : ''}.`
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'more platform')}.`, against])
}
