/** Finds the reports among what a download has left: files by their own path, and the JSON files of folders. */
import { lstat, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { InputProblem } from '../core/problem.js'
import { inline, shortened } from '../report/format/markdown.js'
import { MOST_BYTES, readReport, tooLarge, type Reading } from './read.js'
import type { Validation } from './schema.js'

export type FoundFiles = {
  /** In order of their paths. */
  readonly files: readonly string[]
  readonly problems: readonly InputProblem[]
}

/** Reports of one run. Each gets a comment of its own. */
export const MOST_REPORTS = 20

/** Entries looked at, and how far down: a download has a folder for each artifact. */
const MOST_ENTRIES = 1000
const DEEPEST_FOLDER = 4

/** Looks at each place. One that is not there is no problem: a run can end before its report. */
export async function findFiles(places: readonly string[]): Promise<FoundFiles> {
  const files: string[] = []
  const problems: InputProblem[] = []
  for (const place of places) {
    // A folder is the workflow's own; a file that is a link may be the download's, and lead out of it.
    const found = await stat(place).catch(() => undefined)
    if (found?.isDirectory() === true) files.push(...(await filesIn(place)))
    else if ((await lstat(place).catch(() => undefined))?.isFile() === true) files.push(place)
  }
  const all = [...new Set(files)].toSorted()
  if (all.length > MOST_REPORTS) {
    problems.push({
      input: 'report',
      problem: `there are ${all.length} JSON files, of which the first ${MOST_REPORTS} are read`,
      fix: 'Name the files one per line, or upload the reports alone.'
    })
  }
  return { files: all.slice(0, MOST_REPORTS), problems }
}

/** Reads one file as far as a report can reach. */
export async function readFileAsReport(file: string, validate: (document: unknown) => Validation): Promise<Reading> {
  const found = await stat(file).catch(() => undefined)
  if (found !== undefined && found.size > MOST_BYTES) return tooLarge()
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return { ok: false, problem: 'it cannot be read', fix: 'Check its permissions.' }
  return readReport(text, validate)
}

/** A file's name for a message. An artifact's author chose it. */
export function nameOf(file: string): string {
  return `"${shortened(inline(path.basename(file)), 100)}"`
}

/** JSON files below a folder. A link is not followed: it could lead out of what was downloaded. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const files: string[] = []
  let due = [{ folder, depth: 0 }]
  let looked = 0
  while (due.length > 0 && looked < MOST_ENTRIES) {
    const [next, ...rest] = due
    if (next === undefined) break
    due = rest
    const entries = await readdir(next.folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.slice(0, MOST_ENTRIES - looked)) {
      const place = path.join(next.folder, entry.name)
      if (entry.isFile() && /\.json$/i.test(entry.name)) files.push(place)
      else if (entry.isDirectory() && next.depth < DEEPEST_FOLDER) due.push({ folder: place, depth: next.depth + 1 })
    }
    looked += entries.length
  }
  return files
}
