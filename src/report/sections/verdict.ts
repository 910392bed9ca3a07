/** The verdict in words: what was within its limits, what was searched for secrets, and what could not be. */
import { judgedLimits, tell } from '../../judge/index.js'
import { ENCODINGS, leakRows } from './leaks.js'
import { capped, type Detail } from '../format/ladder.js'
import { alert, bullets, text, unbroken } from '../format/markdown.js'
import type { Omission } from '../../image/index.js'
import type { BuildView, ImageReport } from '../model.js'
import { bytes, count, enumerated } from '../../core/units.js'

/** One line under the facts: the budget and the search for leaks; `undefined` where nothing was judged. */
export function verdictLine(report: BuildView): string | undefined {
  const parts = [budgetFact(report), searchFact(report)].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(' · ').replace(/^\*\*[a-z]/, (start) => start.toUpperCase())
}

function budgetFact(report: BuildView): string | undefined {
  const kept = report.verdict.filter((result) => tell(result).kind === 'kept')
  const limits = judgedLimits(kept)
  if (limits.length === 0) return undefined
  const areSeveral = report.images.length > 1
  // The nearest platform speaks for all.
  const parts = [...Map.groupBy(limits, ({ rule }) => rule).values()].flatMap((those) =>
    those
      .toSorted((a, b) => b.used - a.used)
      .slice(0, 1)
      .map(({ within, nearest = `up to ${within}` }) => unbroken(areSeveral ? nearest : within))
  )
  return `**Within budget** (${parts.join(', ')})`
}

/** What the search found and, in numbers, where it looked. Nothing found is only said where something was searched. */
function searchFact(report: BuildView): string | undefined {
  const { images } = report
  if (images.length === 0) return undefined
  const searched = images.flatMap(({ figures }) => (figures.leakSearch === undefined ? [] : [figures.leakSearch]))
  if (searched.length < images.length) return '**not searched** for secrets and keys (`leak-check: off`)'
  const places = leakRows(report).length
  const gaps = images.flatMap(({ figures }) => figures.omissions).length
  const what = places > 0 ? `**${count(places, 'place')} with a secret or a key**` : foundNothing(report)
  const where = `in ${count(ownLayers(report), 'own layer')}, config and provenance`
  const values = new Set(searched.flatMap(({ secretIds }) => secretIds)).size
  const how = values === 0 ? '' : ` (${count(values, 'value')}, ${count(ENCODINGS, 'encoding')})`
  const but = gaps === 0 ? '' : `, **but ${gaps === 1 ? 'one thing' : `${gaps} things`} could not be examined**`
  return `${what} ${where}${how}${but}`
}

function foundNothing(report: BuildView): string {
  const values = report.images.some(({ figures }) => (figures.leakSearch?.secretIds.length ?? 0) > 0)
  return values ? '**no secret or private key** found' : '**no private key** found'
}

function ownLayers(report: BuildView): number {
  return Math.max(0, ...report.images.map(({ figures }) => figures.leakSearch?.layers.length ?? 0))
}

/** Exactly what was searched, for the small print; empty where nothing was. */
export function searchProof(report: BuildView): readonly string[] {
  const searches = report.images.flatMap(({ figures }) =>
    figures.leakSearch === undefined ? [] : [figures.leakSearch]
  )
  if (report.images.length === 0) return []
  if (searches.length === 0) return ['Nothing was searched for secrets and keys (`leak-check: off`).']
  const ids = [...new Set(searches.flatMap(({ secretIds }) => secretIds))]
  const total = searches.reduce((sum, search) => sum + search.bytes, 0)
  const named = ids.slice(0, 12).map((id) => `"${id}"`)
  const more = ids.length > named.length ? [`${ids.length - named.length} more`] : []
  const values =
    ids.length === 0
      ? 'Searched for private-key blocks'
      : `Searched for ${enumerated([...named, ...more])} (as they are, in base64 and base64url at all offsets, URL-, JSON- and XML-encoded, in hex, and line by line) and for private-key blocks`
  return [
    `${values}: ${bytes(total)} of own layers with their file names, deleted files included, and the config (variables, labels, history), annotations and attestations. Base layers are not searched.`
  ]
}

/** What could not be examined, never passed over in silence. Values too short to search for are the user's to judge. */
export function renderOmissions(report: BuildView, detail: Detail): string | undefined {
  const all = report.images.flatMap((image) =>
    image.figures.omissions.map((omission) => ({ omission, platform: image.platform }))
  )
  const grouped = [...Map.groupBy(all, ({ omission }) => omissionSentence(omission)).values()]
  if (grouped.length === 0) return undefined
  const { shown, more } = capped(grouped, Math.min(detail.rows, 10))
  const items = shown.flatMap((on) => {
    const [first] = on
    if (first === undefined) return []
    const where = on.length === report.images.length ? '' : ` (${on.map(({ platform }) => platform).join(', ')})`
    return text(`${omissionSentence(first.omission)}${where}.`, 400)
  })
  return alert(all.every(({ omission }) => omission.kind === 'value') ? 'NOTE' : 'WARNING', [
    '**Not everything could be examined.**',
    bullets([...items, ...(more > 0 ? [`and ${count(more, 'more thing')}`] : [])])
  ])
}

/** Layers count from 0 in an analysis and from 1 in every table. */
export function omissionSentence(omission: Omission): string {
  return omission.kind === 'layer' ? `Layer ${omission.layer + 1} ${omission.words}` : capital(omission.words)
}

/** The heaviest image: where there are several, it is the one worth looking at first. */
export function heaviest(images: readonly ImageReport[]): ImageReport | undefined {
  return [...images].sort((a, b) => b.size - a.size)[0]
}

function capital(words: string): string {
  return words.replace(/^[a-z]/, (letter) => letter.toUpperCase())
}
