/**
 * The hidden first line by which a comment is found again. It carries a hash of the report's name: a name of any
 * length and content makes a line of one length that ends where it should, and no two names make the same one.
 */
import { createHash } from 'node:crypto'

/** Everything before the run's number. */
export function markerStart(name: string): string {
  return `<!-- stagegate:report:${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}

/** The whole line. `sequence` orders runs, so that a slow old one does not overwrite a newer report. */
export function markerLine(start: string, sequence: number | undefined): string {
  return `${start}${sequence === undefined ? '' : `:${sequence}`} -->\n`
}

/** Length of the longest line there is. */
export const MARKER_LENGTH = markerLine(markerStart(''), Number.MAX_SAFE_INTEGER).length

/** A comment's body without its marker; `undefined` for a comment that does not begin with this marker. */
export function readMarked(
  body: string,
  start: string
): { readonly sequence: number; readonly text: string } | undefined {
  if (!body.startsWith(start)) return undefined
  const rest = /^(?::(\d{1,16}))? -->\r?\n?/.exec(body.slice(start.length))
  if (rest === null) return undefined
  return { sequence: Number(rest[1] ?? 0), text: body.slice(start.length + rest[0].length) }
}
