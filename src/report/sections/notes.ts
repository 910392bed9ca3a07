/** Degradations and advice of the run itself; nothing fails because of them. */
import { capped, type Detail } from '../format/ladder.js'
import { bullets, details, html, text } from '../format/markdown.js'
import type { BuildView } from '../model.js'

/** All of them, in the open. */
export function renderNotes(report: BuildView, detail: Detail): string | undefined {
  const list = listed(report, detail.rows, 1000)
  return list === undefined ? undefined : `### Notes\n\n${list}`
}

/** The first few, folded where there is room for folds. */
export function renderFewNotes(report: BuildView, detail: Detail): string | undefined {
  const list = listed(report, Math.min(detail.rows, 5), 400)
  if (list === undefined) return undefined
  return detail.collapsed ? details(html(`Notes: ${report.notes.length}`), list) : list
}

function listed({ notes }: BuildView, rows: number, characters: number): string | undefined {
  if (notes.length === 0) return undefined
  const { shown, more } = capped(notes, rows)
  return bullets([...shown.map((note) => text(note, characters)), ...(more > 0 ? [`and ${more} more`] : [])])
}
