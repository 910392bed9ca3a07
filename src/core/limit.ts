/** Limits as people write them: `250MB`, `1.5GiB`, `5%`, or a size and a percentage together. */

/** A limit; where both are given, a breach needs both. `share` is a fraction: 0.05 for `5%`. */
export type Limit = { readonly bytes?: number; readonly share?: number }

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40
}

/** Bytes of a size such as `250MB` (10^6) or `1.5GiB` (2^30); `undefined` if it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim())
  const name = (match?.[2] ?? '?').toLowerCase()
  const unit = Object.hasOwn(units, name) ? units[name] : undefined
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}

/** A limit of one or two parts, separated by a comma, "and" or white space; `undefined` if a part is neither. */
export function parseLimit(text: string): Limit | undefined {
  const parts = text
    .replace(/(\d)\s+([KMGT]?i?B)\b/gi, '$1$2')
    .split(/\s*(?:,|\band\b|\s)\s*/)
    .filter((part) => part !== '')
  let limit: Limit = {}
  for (const part of parts) {
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(part)
    const bytes = percent === null ? parseSize(part) : undefined
    if (percent !== null && limit.share === undefined) limit = { ...limit, share: Number(percent[1]) / 100 }
    else if (bytes !== undefined && limit.bytes === undefined) limit = { ...limit, bytes }
    else return undefined
  }
  return parts.length === 0 ? undefined : limit
}
