/** Reading JSON that other programs wrote: a value is what its checks say, never what a cast says. */

export type JSONObject = Readonly<Record<string, unknown>>

/** The object, or `undefined` for anything else. */
export function asObject(value: unknown): JSONObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JSONObject) : undefined
}

/** The elements of an array; none for anything else. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** A number as GitHub counts pull requests and runs. */
export function asPositive(value: unknown): number | undefined {
  const number = asNumber(value)
  return number !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined
}

/** A number of bytes. */
export function asSize(value: unknown): number | undefined {
  const size = asNumber(value)
  return size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined
}

/** Follows keys down nested objects. */
export function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => asObject(inner)?.[key], value)
}

/** Parses JSON text; `undefined` where it is none. */
export function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An object without some of its members. */
export function without<T extends object, K extends keyof T>(value: T, ...names: readonly K[]): Omit<T, K> {
  const left = new Set<PropertyKey>(names)
  return Object.fromEntries(Object.entries(value).filter(([name]) => !left.has(name))) as Omit<T, K>
}
