/** Reading a `--cache-from` or `--cache-to` value: https://docs.docker.com/build/cache/backends/ */

/** The reference in a value, for messages; its type where it has none. */
export function cacheReference(value: string): string {
  return /(?:^|,)ref=([^,]+)/.exec(value)?.[1] ?? /(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? value
}

/** A reference alone is short for a registry. */
export function isShortCache(value: string): boolean {
  return !value.includes('=')
}

/** The backend of a value: `registry`, `gha`, `s3`, `azblob`, `local`, `inline`, or another that BuildKit may know. */
export function cacheType(value: string): string {
  return isShortCache(value) ? 'registry' : (/(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? '')
}

/** Whether a value means a reference in a registry. */
export function isRegistryCache(value: string): boolean {
  return cacheType(value) === 'registry'
}

/** Whether the cache becomes a part of the image. */
export function isInlineCache(value: string): boolean {
  return cacheType(value) === 'inline'
}
