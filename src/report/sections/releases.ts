/** What the image's last releases transfer and what this one does: a line of numbers with a sparkline, and all of them below it. */
import type { BuildView } from '../model.js'
import { bytes, count, signedBytes } from '../../core/units.js'
import { code, details, sections, table, unbroken } from '../format/markdown.js'
import type { Detail } from '../format/ladder.js'
import { sparkline } from './trend.js'

type Releases = NonNullable<BuildView['releases']>['series'][number]['releases']

/** The releases of each platform; `undefined` where none is known, and where this image has no compressed form. */
export function renderReleases(report: BuildView, detail: Detail): string | undefined {
  const { releases: known, images } = report
  if (known === undefined) return undefined
  const several = images.length > 1
  const shown = images.slice(0, detail.layerTables).flatMap(({ platform, transferSize }) => {
    const releases = known.series.find((series) => series.platform === platform)?.releases ?? []
    return transferSize === undefined
      ? []
      : releases.slice(0, 1).map((first) => ({ platform, transferSize, first, releases }))
  })
  if (shown.length === 0) return undefined
  const lines = shown.map(({ platform, transferSize, first, releases }) => {
    const where = several ? ` on ${code(platform, 60)}` : ''
    const line = sparkline([...releases.map((release) => release.transferSize), transferSize])
    const change = `${unbroken(bytes(first.transferSize))} → ${unbroken(bytes(transferSize))}`
    return `**Releases**${where}: \`${line}\` ${change} to transfer, from ${code(first.tag, 60)} to this build (${count(releases.length, 'release')})`
  })
  const tables = shown.map(({ platform, transferSize, releases }) =>
    details(
      several ? `The releases in numbers, ${code(platform, 60)}` : 'The releases in numbers',
      numbers(releases, transferSize)
    )
  )
  return sections([lines.join('<br>'), ...(detail.collapsed ? tables : [])])
}

/** Newest first. */
function numbers(releases: Releases, now: number): string {
  const sizes = releases.map(({ transferSize }) => transferSize)
  const names = [...releases.map(({ tag }) => code(tag, 60)), 'this build']
  const rows = [...sizes, now].map((size, index) => {
    const before = sizes[index - 1]
    return [names[index] ?? '', unbroken(bytes(size)), before === undefined ? '' : unbroken(signedBytes(size - before))]
  })
  return table(
    [
      { title: 'Release', align: 'left' },
      { title: 'Transfer', align: 'right' },
      { title: 'Change', align: 'right' }
    ],
    rows.reverse()
  )
}
