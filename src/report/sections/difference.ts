/** The image against its baseline: what was compared, and what came of it in a few words. What the numbers mean is in docs/difference.md. */
import type { Difference, LayerChange } from '../../compare/index.js'
import { briefInstruction, historyInstruction } from '../format/instruction.js'
import { unjudgedWords } from './increase.js'
import { capped } from '../format/ladder.js'
import { lineLink } from '../format/links.js'
import { alert, code, text } from '../format/markdown.js'
import type { BuildView, ComparisonReport, ImageReport } from '../model.js'
import { bytes, enumerated } from '../../core/units.js'

/** Names in a sentence. */
const SENTENCES = 5

type Compared = Extract<ComparisonReport, { kind: 'compared' }>

/** The comparison, where there is one. */
export function comparedIn(report: BuildView): Compared | undefined {
  return report.comparison?.kind === 'compared' ? report.comparison : undefined
}

/** The difference on an image's platform. */
export function differenceOf(report: BuildView, image: ImageReport): Difference | undefined {
  return comparedIn(report)?.differences.find(({ platform }) => platform === image.platform)
}

/** What was compared with, as a clause without an end: `main @ 3f2c1a9, the base commit itself`. Plain text. */
export function baselineClause({ baseline }: Compared): string {
  return baseline.replace(/^Compared with /, '').replace(/\.$/, '')
}

/** `main @ 3f2c1a9`: heads a column. No branch and no reference to an image has a comma before a blank. Plain text. */
export function baselineTitle(compared: Compared): string {
  return baselineClause(compared).split(', ', 1)[0] ?? ''
}

/** `main`. Plain text. */
export function baselineName(compared: Compared): string {
  return baselineTitle(compared).replace(/ @ .*$/s, '')
}

/** Neither a figure nor a layer differs, on any platform. */
export function isSameImage(report: BuildView): boolean {
  const compared = comparedIn(report)
  if (compared === undefined || compared.differences.length === 0) return false
  return compared.added.length === 0 && compared.removed.length === 0 && compared.differences.every(({ same }) => same)
}

/** `14.1 MB smaller than main`, for the headline; `undefined` where nothing was compared. Plain text. */
export function changeWords(report: BuildView): string | undefined {
  const compared = comparedIn(report)
  if (compared === undefined || compared.differences.length === 0) return undefined
  const name = baselineName(compared)
  if (isSameImage(report)) return `same image as ${name}`
  const changes = compared.differences.map(({ size }) => size.change)
  const [least, most] = [Math.min(...changes), Math.max(...changes)]
  if (least === 0 && most === 0) return `same size as ${name}`
  if (least < 0 && most > 0) return `${bytes(-least)} smaller to ${bytes(most)} larger than ${name}`
  const [near, far] = most > 0 ? [bytes(least), bytes(most)] : [bytes(-most), bytes(-least)]
  const words = near === far ? far : least === 0 || most === 0 ? `up to ${far}` : `${near} to ${far}`
  return `${words} ${most > 0 ? 'larger' : 'smaller'} than ${name}`
}

/** Why nothing was compared, or which platforms were not; `undefined` where there is nothing to say. */
export function renderNotCompared(report: BuildView): string | undefined {
  const { comparison } = report
  if (comparison === undefined) return undefined
  if (comparison.kind === 'none') {
    const reason = text(comparison.reason.replace(/^Compared with nothing: /, '').replace(/\.$/, ''), 300)
    return warned(report, `**Not compared with a baseline**: ${reason}.`)
  }
  const name = text(baselineName(comparison), 100)
  const named = (platforms: readonly string[]): string => {
    const { shown, more } = capped(platforms, SENTENCES)
    return enumerated([...shown.map((each) => code(each, 60)), ...(more > 0 ? [`${more} more`] : [])])
  }
  const { added, removed } = comparison
  const sentences = [
    ...(added.length === 0 ? [] : [`Not compared: ${named(added)}, which ${name} does not have.`]),
    ...(removed.length === 0 ? [] : [`No longer built: ${named(removed)}, which ${name} has.`])
  ]
  return sentences.length === 0 ? undefined : warned(report, sentences.join(' '))
}

/** Where a limit depends on the comparison, that there was none must not be overlooked. */
function warned(report: BuildView, sentence: string): string {
  const consequence = unjudgedWords(report)
  return consequence === '' ? sentence : alert('WARNING', [`${sentence}${consequence}`])
}

/** For the small print: which baseline was used, and how far behind it is. Plain text. */
export function baselineSentence(report: BuildView): readonly string[] {
  const compared = comparedIn(report)
  return compared === undefined ? [] : [`Baseline: ${baselineClause(compared)}.`]
}
/** `[31](…) COPY ./app /app`. A layer that is gone has no line in this Dockerfile. */
export function changedLayer(report: BuildView, change: LayerChange, max = 64): string {
  const layer = change.kind === 'removed' ? change.before : change.layer
  const words = layer.base ? historyInstruction(layer.instruction) : briefInstruction(layer.instruction)
  const line = change.kind === 'removed' ? '' : lineLink(report.source, layer.line)
  return [line, code(words, max)].filter((part) => part !== '').join(' ')
}
