/** What to do about a failure: a sentence, and lines to paste. */
import { block, bullets, text } from '../format/markdown.js'

/** Plain text with `code` in backticks, and lines to paste. */
export type Remedy = {
  readonly sentence: string
  readonly lines?: { readonly language: 'yaml' | 'dockerfile' | 'shell'; readonly text: readonly string[] }
}

/** Characters of a line to paste: it is of no use when cut. */
const MOST_PASTED = 20_000

/** A list of things to do, each with its lines to paste. */
export function renderRemedies(list: readonly Remedy[]): string {
  return bullets(list.map(item))
}

function item({ sentence, lines }: Remedy): string {
  return lines === undefined ? text(sentence) : `${text(sentence)}\n\n${block(lines.text, lines.language, MOST_PASTED)}`
}
