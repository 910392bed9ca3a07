/** Reading a `--cache-from` or `--cache-to` value: https://docs.docker.com/build/cache/backends/ */

/** The reference in a value, for messages; its type where it has none. */
export function cacheReference(value: string): string {
  return /(?:^|,)ref=([^,]+)/.exec(value)?.[1] ?? /(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? value
}

/** A reference alone is short for a registry. */
export function isShortCache(value: string): boolean {
  return !value.includes('=')
}

/** Whether a value means a reference in a registry. */
export function isRegistryCache(value: string): boolean {
  return isShortCache(value) || /(?:^|,)type=registry(?:,|$)/.test(value)
}

/** Whether the cache becomes a part of the image. */
export function isInlineCache(value: string): boolean {
  return /(?:^|,)type=inline(?:,|$)/.test(value)
}
