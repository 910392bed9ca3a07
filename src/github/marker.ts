/**
 * The hidden first line by which a comment is found again. It carries a hash of the report's name: a name of any
 * length and content makes a line of one length that ends where it should, and no two names make the same one.
 */
import { createHash } from 'node:crypto'

/** Everything before the run's number. */
export function markerStart(name: string): string {
  return `<!-- stagegate:report:${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}

/** Which image a comment is about: as two marks, since what they are made of may be anything. */
export type MarkedImage = {
  readonly identity: string
  readonly commit: string
  /** Another image of the same name came along, and has no comment. */
  readonly shared: boolean
}

/** Makes the marks. */
export function markImage({ identity, commit }: Omit<MarkedImage, 'shared'>): MarkedImage {
  const mark = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { identity: mark(identity), commit: mark(commit), shared: false }
}

/** The whole line. `sequence` orders runs, so that a slow old one does not overwrite a newer report. */
export function markerLine(start: string, sequence: number | undefined, image?: MarkedImage): string {
  const number = sequence === undefined && image === undefined ? '' : `:${sequence ?? 0}`
  const about = image === undefined ? '' : `:${image.identity}:${image.commit}${image.shared ? ':shared' : ''}`
  return `${start}${number}${about} -->\n`
}

/** Length of the longest line there is. */
export function markerLength(image: MarkedImage | undefined): number {
  const longest = image === undefined ? undefined : { ...image, shared: true }
  return markerLine(markerStart(''), Number.MAX_SAFE_INTEGER, longest).length
}

/** A comment's body without its marker; `undefined` for a comment that does not begin with this marker. */
export function readMarked(
  body: string,
  start: string
): { readonly sequence: number; readonly image?: MarkedImage; readonly text: string } | undefined {
  if (!body.startsWith(start)) return undefined
  const rest = /^(?::(\d{1,16})(?::([0-9a-f]{12}):([0-9a-f]{12})(:shared)?)?)? -->\r?\n?/.exec(body.slice(start.length))
  if (rest === null) return undefined
  const [line, sequence, identity, commit, shared] = rest
  return {
    sequence: Number(sequence ?? 0),
    text: body.slice(start.length + line.length),
    ...(identity === undefined || commit === undefined
      ? {}
      : { image: { identity, commit, shared: shared !== undefined } })
  }
}
