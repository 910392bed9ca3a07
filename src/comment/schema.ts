/** What a report must look like to be read: docs/report.schema.json, held up by a validator. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import schema from '../../docs/report.schema.json' with { type: 'json' }
import type { JSONReport } from '../report/surfaces/json.js'

export type Validation =
  | { readonly ok: true; readonly value: JSONReport }
  /** `place` is a JSON pointer into the document, `rule` what the schema wants there. Neither quotes the document. */
  | { readonly ok: false; readonly place: string; readonly rule: string }

/** Prepares the check of documents against the schema; a tenth of a second, so once for all of them. */
export function createValidator(): (document: unknown) => Validation {
  const ajv = new Ajv2020({
    strict: true,
    formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) }
  })
  const validate = ajv.compile<JSONReport>(tolerant(schema))
  return (document) =>
    validate(document) ? { ok: true, value: document } : { ok: false, ...innermost(validate.errors ?? []) }
}

/**
 * The same schema for a reader that does not know the next version: within a version of the format members are added
 * and none is taken away or changed, so what is unknown is left unread (see `REPORT_SCHEMA`).
 */
function tolerant(part: unknown): object {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).filter(([key]) => key !== 'additionalProperties')
    return Object.fromEntries(members.map(([key, entry]: [string, unknown]) => [key, walk(entry)]))
  }
  return Object(walk(part)) as object
}

/** Of a value that fits no alternative every alternative complains; the deepest complaint is about the nearest one. */
function innermost(errors: readonly ErrorObject[]): { readonly place: string; readonly rule: string } {
  const depth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length
  const [deepest] = errors.toSorted((one, other) => depth(other) - depth(one))
  return { place: deepest?.instancePath === '' ? '/' : (deepest?.instancePath ?? '/'), rule: deepest?.message ?? '' }
}
