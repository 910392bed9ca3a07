/** From the bytes of a file that a stranger may have written to a Report whose every string is hostile and every number one. */
import { dig } from '../core/json.js'
import { fromJSON, REPORT_SCHEMA } from '../report/surfaces/json.js'
import type { Report } from '../report/model.js'
import type { Validation } from './schema.js'

export type Reading =
  | { readonly ok: true; readonly report: Report }
  /** Clauses of our own: `it is no JSON`, and a sentence on what to do. Nothing of the file is quoted. */
  | { readonly ok: false; readonly problem: string; readonly fix: string }

/** A report of twenty platforms, each with as many layers as an engine allows, has half of this. */
export const MOST_BYTES = 10_000_000

/** A report is some ten levels deep. */
const DEEPEST = 32

/** Values in one report; forty layers on twenty platforms, with their differences, make a quarter of this. */
const MOST_VALUES = 200_000

/** Entries in one list. An engine allows 127 layers, and a build has some hundred steps on each platform. */
const MOST_ENTRIES = 5000

/** Characters of a report's name: it heads a comment. */
const LONGEST_NAME = 100

const FILE_FIX = 'Upload the file that the output `report` of the build names, unchanged, and give its path here.'

/** Reads the text of a report. Never throws on what is in it. */
export function readReport(text: string, validate: (document: unknown) => Validation): Reading {
  if (text.length > MOST_BYTES) return tooLarge()
  if (depthOf(text) > DEEPEST) {
    return {
      ok: false,
      problem: `its JSON is nested more than ${DEEPEST} levels deep, which no report is`,
      fix: FILE_FIX
    }
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'it is not JSON', fix: FILE_FIX }
  }
  const schema = dig(document, 'schema')
  if (schema === undefined) return { ok: false, problem: 'it is JSON, but not a Stagegate report', fix: FILE_FIX }
  if (schema !== REPORT_SCHEMA) {
    return {
      ok: false,
      problem: `it is not in version ${REPORT_SCHEMA} of the format`,
      fix: 'Use the same version of Stagegate for the build and for the comment.'
    }
  }
  const strange = findStrange(document)
  if (strange !== undefined) return { ok: false, problem: strange, fix: FILE_FIX }
  const validation = validate(document)
  if (!validation.ok) {
    return {
      ok: false,
      problem: `it does not keep to docs/report.schema.json: ${validation.place} ${validation.rule}`,
      fix: 'Use the same version of Stagegate for the build and for the comment, and upload its report unchanged.'
    }
  }
  const { name, builds } = validation.value
  const strangest = [name, ...builds.map((build) => build.name)].find(
    (each) => each.trim() === '' || each.length > LONGEST_NAME
  )
  if (strangest !== undefined) {
    return {
      ok: false,
      problem: `its name has ${strangest.length} characters`,
      fix: `Give the build a \`report-name\` of 1 to ${LONGEST_NAME} characters.`
    }
  }
  return { ok: true, report: fromJSON(validation.value) }
}

/** Said without reading the file. */
export function tooLarge(): Reading {
  return { ok: false, problem: `it is larger than ${MOST_BYTES / 1_000_000} MB, which no report is`, fix: FILE_FIX }
}

/** How deep the brackets of a JSON text go. Counted before it is parsed: a parser may have no limit, or a hard one. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  // No regular expression: one over a string of many megabytes runs out of stack.
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (inString) {
      if (sign === '\\') at += 1
      else if (sign === '"') inString = false
    } else if (sign === '"') inString = true
    else if (sign === '[' || sign === '{') deepest = Math.max(deepest, (depth += 1))
    else if (sign === ']' || sign === '}') depth -= 1
  }
  return deepest
}

/** What a schema does not look at: numbers that no count can be, and members that are no data to JavaScript. */
function findStrange(document: unknown): string | undefined {
  const due: unknown[] = [document]
  let values = 0
  while (due.length > 0) {
    const value = due.pop()
    values += 1
    if (values > MOST_VALUES) return `it has more than ${MOST_VALUES} values, which no report has`
    if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
      return 'it has a number that no size and no time can be'
    }
    if (Array.isArray(value)) {
      if (value.length > MOST_ENTRIES) return `it has a list of more than ${MOST_ENTRIES} entries, which no report has`
      for (const entry of value) due.push(entry)
    } else if (typeof value === 'object' && value !== null) {
      if (Object.hasOwn(value, '__proto__')) return 'it has a member named `__proto__`'
      for (const entry of Object.values(value)) due.push(entry)
    }
  }
  return undefined
}
