/** How the image's size went on the branch: a line of numbers with a sparkline, and the points below it. */
import type { BuildView } from '../model.js'
import { bytes, count, signedBytes } from '../../core/units.js'
import { code, details, sections, table, text, unbroken } from '../format/markdown.js'
import type { Detail } from '../format/ladder.js'

/** Builds before this one that make a trend. */
const FEWEST = 2

type Series = NonNullable<BuildView['trend']>['series'][number]

/** The trend of each platform; `undefined` where there are too few builds to speak of one. */
export function renderTrend(report: BuildView, detail: Detail): string | undefined {
  const { trend, images } = report
  if (trend === undefined) return undefined
  const shown = images.slice(0, detail.layerTables).flatMap((image) => {
    const series = trend.series.find(({ platform }) => platform === image.platform)
    return series === undefined || series.points.length < FEWEST ? [] : [{ image, series }]
  })
  if (shown.length === 0) return undefined
  const several = images.length > 1
  const lines = shown.map(({ image, series }) => {
    const sizes = [...series.points.map(({ size }) => size), image.size]
    const [first = 0, least, most] = [sizes[0], Math.min(...sizes), Math.max(...sizes)]
    const where = several ? ` on ${code(image.platform, 60)}` : ''
    const range = least === most ? 'no change' : `smallest ${bytes(least)}, largest ${bytes(most)}`
    const builds = `${count(series.points.length, 'build')} of ${text(trend.branch, 60)} and this one`
    return `**Trend**${where}: \`${sparkline(sizes)}\` ${unbroken(bytes(first))} → ${unbroken(bytes(image.size))} in ${builds} (${range})`
  })
  const tables = shown.map(({ image, series }) =>
    details(several ? `The builds in numbers, ${code(image.platform, 60)}` : 'The builds in numbers', points(series))
  )
  return sections([lines.join('<br>'), ...(detail.collapsed ? tables : [])])
}

/** Newest first. */
function points({ points: all }: Series): string {
  const rows = all.map(({ sha, at, size, transferSize }, index) => {
    const before = all[index - 1]
    return [
      code(sha.slice(0, 7), 7),
      text(at.slice(0, 10), 10),
      unbroken(bytes(size)),
      before === undefined ? '' : unbroken(signedBytes(size - before.size)),
      transferSize === undefined ? '' : unbroken(bytes(transferSize))
    ]
  })
  return table(
    [
      { title: 'Commit', align: 'left' },
      { title: 'Stored', align: 'left' },
      { title: 'Size', align: 'right' },
      { title: 'Change', align: 'right' },
      { title: 'Transfer', align: 'right' }
    ],
    rows.reverse()
  )
}

const STEPS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** One character a value, from the least to the most; in the middle where all are the same. */
export function sparkline(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const at = (value: number): number =>
    most === least ? 3 : Math.round(((value - least) / (most - least)) * (STEPS.length - 1))
  return values.map((value) => STEPS[at(value)] ?? '').join('')
}
