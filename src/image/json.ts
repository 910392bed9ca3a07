import { ImageError, reasonOf } from './errors.js'

/** A JSON object whose members nobody has looked at yet. */
export type JSONObject = Readonly<Record<string, unknown>>

/** Parses bytes into a JSON object; throws `corrupt-document` naming `what` if they are anything else. */
export function parseJSONObject(bytes: Uint8Array, what: string): JSONObject {
  return asObject(parseJSON(bytes, what), what)
}

/** Parses bytes as JSON; throws `corrupt-document` naming `what` if they are not. */
export function parseJSON(bytes: Uint8Array, what: string): unknown {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
    return parsed
  } catch (caught) {
    throw new ImageError('corrupt-document', `${what} is not JSON: ${reasonOf(caught)}`, { cause: caught })
  }
}

/** Narrows to an object; throws `corrupt-document` otherwise. */
export function asObject(value: unknown, what: string): JSONObject {
  if (isObject(value)) return value
  throw new ImageError('corrupt-document', `${what} is not a JSON object`)
}

/** Narrows to an array; absent and null count as empty, as Go writes them. Throws `corrupt-document` otherwise. */
export function asArray(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new ImageError('corrupt-document', `${what} is not a JSON array`)
}

/** Narrows to a string; throws `corrupt-document` otherwise. */
export function asString(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw new ImageError('corrupt-document', `${what} is not a string`)
}

/** A string, or undefined for anything else, for members that only inform. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The strings of an array, or none. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** The members of an object that are strings. */
export function stringMapOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  )
}

export function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
