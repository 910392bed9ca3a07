/** What a report is made of: a section is one function of the report, and a surface (summary, comment) is a list of them. */
import { leftOutSentence, type Detail } from '../format/ladder.js'
import { details, sections } from '../format/markdown.js'
import { viewsOf, type BuildView, type Report } from '../model.js'
import { renderOverview } from './overview.js'

/** Markdown, or `undefined` where there is nothing to tell. */
export type Section = (report: BuildView, detail: Detail) => string | undefined

/** What a surface is made of. */
export type Composition = {
  readonly listOf: (view: BuildView) => readonly Section[]
  /** What is said once, below all images. */
  readonly closing: readonly Section[]
}

/** Several images at a glance, sections of one after another, and what is said once. */
export function composed(report: Report, detail: Detail, { listOf, closing }: Composition): string {
  const views = viewsOf(report)
  const render = (list: readonly Section[], view: BuildView): string => sections(list.map((part) => part(view, detail)))
  const images = views.flatMap((view) => (view.bystander === true ? [] : view.images))
  const all = views.map((view) => render(listOf(view), view))
  return `${sections([renderOverview(report), ...all, render(closing, { ...views[0], images })])}\n`
}

/** Sections one below the other. */
export function joined(list: readonly Section[]): Section {
  return (report, detail) => {
    const body = sections(list.map((part) => part(report, detail)))
    return body === '' ? undefined : body
  }
}

/** A section below a heading of its own, which is Markdown. */
export function titled(heading: string, section: Section): Section {
  return (report, detail) => {
    const body = section(report, detail)
    return body === undefined ? undefined : sections([heading, body])
  }
}

/** A section folded away, where there is room for that at all. The title is raw HTML. */
export function folded(title: string | ((report: BuildView) => string), section: Section): Section {
  return ifRoom((report, detail) => {
    const body = section(report, detail)
    return body === undefined ? undefined : details(typeof title === 'string' ? title : title(report), body)
  })
}

/** The sections where a condition holds. */
export function where(condition: (report: BuildView) => boolean, section: Section): Section {
  return (report, detail) => (condition(report) ? section(report, detail) : undefined)
}

/** Only where the rendering has its collapsed sections. */
export function ifRoom(section: Section): Section {
  return (report, detail) => (detail.collapsed ? section(report, detail) : undefined)
}

/** With everything in sight: nothing inside is collapsed once more. */
export function plain(section: Section): Section {
  return (report, detail) => section(report, { ...detail, collapsed: false })
}

/** What did not fit. */
export const leftOut: Section = (_, detail) => leftOutSentence(detail)
