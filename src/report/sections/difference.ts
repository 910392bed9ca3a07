/** The image against its baseline: what was compared, and what came of it in a few words. What the numbers mean is in docs/difference.md. */
import type { Difference, LayerChange } from '../../compare/index.js'
import { briefInstruction, historyInstruction } from '../format/instruction.js'
import { unjudgedWords } from './increase.js'
import { capped } from '../format/ladder.js'
import { lineLink } from '../format/links.js'
import { alert, code, text } from '../format/markdown.js'
import type { BuildView, ComparisonReport, ImageReport } from '../model.js'
import { bytes, count, enumerated } from '../../core/units.js'

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

/** `main @ 3f2c1a9`: heads a column. Plain text. */
export function baselineTitle({ baseline }: Compared): string {
  if (baseline.kind === 'commit') return `${baseline.branch} @ ${short(baseline.sha)}`
  const digest = baseline.digest?.replace(/^sha256:/, '').slice(0, 12)
  return digest === undefined ? nameOf(baseline.reference) : `${nameOf(baseline.reference)} @ ${digest}`
}

/** `main`. Plain text. */
export function baselineName({ baseline }: Compared): string {
  return baseline.kind === 'commit' ? baseline.branch : nameOf(baseline.reference)
}

/** A reference without its digest. */
function nameOf(reference: string): string {
  return reference.replace(/@.*$/s, '')
}

function short(sha: string): string {
  return sha.slice(0, 7)
}

/** How the baseline is related to the change, as a clause. */
function relationOf({ baseline }: Compared): string {
  if (baseline.kind === 'image') {
    return baseline.digest === undefined ? 'read from the registry' : `read from the registry as ${baseline.digest}`
  }
  const { relation } = baseline
  if (relation.kind === 'base') return 'the commit this change is based on'
  if (relation.base === undefined) return 'the newest stored report of that branch'
  const base = `(${short(relation.base)})`
  if (relation.behind === undefined) {
    return `the newest stored report of that branch: the commit this change is based on ${base} has none, and how far apart they are is not known here (a deeper checkout, \`fetch-depth\`, may tell)`
  }
  const before = `${count(relation.behind, 'commit')} before the one this change is based on ${base}`
  return relation.kind === 'ancestor'
    ? `${before}, which has no stored report`
    : `${before}; no nearer one has a stored report`
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
    const reason = text(comparison.reason.replace(/\.$/, ''), 300)
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
  return compared === undefined ? [] : [`Baseline: ${baselineTitle(compared)}, ${relationOf(compared)}.`]
}
/** `[31](…) COPY ./app /app`. A layer that is gone has no line in this Dockerfile. */
export function changedLayer(report: BuildView, change: LayerChange, max = 64): string {
  const layer = change.kind === 'removed' ? change.before : change.layer
  const words = layer.base ? historyInstruction(layer.instruction) : briefInstruction(layer.instruction)
  const line = change.kind === 'removed' ? '' : lineLink(report.source, layer.line)
  return [line, code(words, max)].filter((part) => part !== '').join(' ')
}
