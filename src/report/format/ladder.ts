/**
 * Fits a rendering into a limit by rendering again with less detail, never by cutting: a cut ends inside a table, a
 * fence or a `<details>`. GitHub counts bytes in a summary and characters in a comment.
 */
import { enumerated } from '../../core/units.js'

/** How much a rendering may tell. */
export type Detail = {
  /** Collapsed sections: complete layer tables, advice, the step list. */
  readonly collapsed: boolean
  readonly timeline: boolean
  /** Lines of a failed step's log in the collapsed section. */
  readonly logLines: number
  /** Rows of any one table or list; the rest is counted. */
  readonly rows: number
  /** Platforms that get their own layer table. */
  readonly layerTables: number
  /** What is missing compared with the full rendering, as parts of a sentence. */
  readonly leftOut: readonly string[]
}

/** Everything: what a report of ordinary size is rendered with. */
const FULL: Detail = {
  collapsed: true,
  timeline: true,
  logLines: 200,
  rows: 500,
  layerTables: 20,
  leftOut: []
}

/** From everything to the facts alone. */
export const LADDER: readonly Detail[] = [
  FULL,
  { ...FULL, timeline: false, logLines: 100, rows: 100, leftOut: ['the timeline', 'rows after the first 100'] },
  {
    ...FULL,
    collapsed: false,
    timeline: false,
    logLines: 0,
    rows: 30,
    layerTables: 3,
    leftOut: ['the collapsed sections', 'rows after the first 30']
  },
  {
    collapsed: false,
    timeline: false,
    logLines: 0,
    rows: 5,
    layerTables: 0,
    leftOut: ['the layers', 'the collapsed sections', 'rows after the first 5']
  }
]

/** A job summary may have 1 MiB per step (bytes, before masking); peers failed at the exact limit, so there is a margin. */
export const SUMMARY_LIMIT_BYTES = 900 * 1024

/** From what a comment holds at most to the facts alone: the job summary has the rest. */
export const COMMENT_LADDER: readonly Detail[] = [
  { collapsed: true, timeline: false, logLines: 0, rows: 30, layerTables: 4, leftOut: [] },
  { collapsed: true, timeline: false, logLines: 0, rows: 12, layerTables: 1, leftOut: ['rows after the first 12'] },
  {
    collapsed: false,
    timeline: false,
    logLines: 0,
    rows: 8,
    layerTables: 0,
    leftOut: ['the collapsed sections', 'rows after the first 8']
  },
  {
    collapsed: false,
    timeline: false,
    logLines: 0,
    rows: 3,
    layerTables: 0,
    leftOut: ['the collapsed sections', 'rows after the first 3']
  }
]

/** The most detailed rendering that fits, or the smallest one there is. */
export function renderWithin(
  render: (detail: Detail) => string,
  limit: number,
  { ladder = LADDER, lengthOf = bytesOf }: { ladder?: readonly Detail[]; lengthOf?: (rendering: string) => number } = {}
): string {
  let smallest = ''
  for (const detail of ladder) {
    smallest = render(detail)
    if (lengthOf(smallest) <= limit) return smallest
  }
  return smallest
}

function bytesOf(rendering: string): number {
  return Buffer.byteLength(rendering, 'utf8')
}

/** The closing sentence of a shortened rendering; `undefined` when nothing is missing. */
export function leftOutSentence(detail: Detail): string | undefined {
  if (detail.leftOut.length === 0) return undefined
  return `Shortened to fit GitHub's limit: ${enumerated(detail.leftOut)} are left out. The job log has everything.`
}

/** The first `max` items and how many are left. */
export function capped<T>(items: readonly T[], max: number): { readonly shown: readonly T[]; readonly more: number } {
  return { shown: items.slice(0, max), more: Math.max(0, items.length - max) }
}
