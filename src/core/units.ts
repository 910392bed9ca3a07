/** Numbers as people read them. Sizes are decimal, as registries count: 1 MB = 1 000 000 bytes. */

const SIZE_UNITS = ['kB', 'MB', 'GB', 'TB'] as const

/** `201.3 MB`, `0 B`. What is not a count of bytes (negative, NaN) reads as `0 B`. */
export function bytes(count: number): string {
  if (!Number.isFinite(count) || count <= 0) return '0 B'
  if (count < 1000) return `${Math.round(count)} B`
  let value = count / 1000
  let unit = 0
  // 999.95 would be written as "1000.0": it belongs to the next unit.
  while (value >= 999.95 && unit < SIZE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value.toFixed(1)} ${SIZE_UNITS[unit] ?? 'TB'}`
}

/** A change: `−14.1 MB`, `+0.4 MB`, `none`. The minus is a minus, as wide as the plus. */
export function signedBytes(change: number): string {
  return signed(change, bytes)
}

/** A change in a number: `+2`, `−1`, `none`. */
export function signedCount(change: number): string {
  return signed(change, grouped)
}

function signed(change: number, words: (size: number) => string): string {
  if (!Number.isFinite(change) || change === 0) return 'none'
  return `${change < 0 ? '−' : '+'}${words(Math.abs(change))}`
}

/** A change as a part of what was before: `−6.5 %`, `+0.1 %`; `undefined` where it would read as nothing. */
export function signedPercent(share: number | undefined): string | undefined {
  if (share === undefined || !Number.isFinite(share) || Math.abs(share) < 0.0005) return undefined
  const value = Math.abs(share) * 100
  return `${share < 0 ? '−' : '+'}${value < 99.95 ? value.toFixed(1) : grouped(value)} %`
}

/** `0 s`, `<0.1 s`, `0.4 s`, `12.4 s`, `1 min 40 s`, `2 h 5 min`. (`<` before a digit opens no tag in Markdown.) */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds <= 0) return '0 s'
  if (seconds < 0.05) return '<0.1 s'
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The part of the whole between 0 and 1; 0 when there is no whole, so that no NaN is ever shown. */
export function share(part: number, whole: number): number {
  if (!(whole > 0) || !(part > 0)) return 0
  return Math.min(1, part / whole)
}

/** `65 %`; below one percent with a decimal, `0.3 %` and `<0.1 %`, so that something small does not read as nothing. */
export function percent(part: number, whole: number): string {
  const value = share(part, whole) * 100
  if (value === 0) return '0 %'
  if (value < 0.05) return '<0.1 %'
  return value < 0.95 ? `${value.toFixed(1)} %` : `${Math.round(value)} %`
}

/** A bar of `width` cells. It always stands beside its number. What is empty looks empty on any background. */
export function bar(part: number, whole: number, width = 20): string {
  const filled = Math.round(share(part, whole) * width)
  return '█'.repeat(filled) + '\u00a0'.repeat(width - filled)
}

/** `1 layer`, `4 layers`, `1,204 layers`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`
}

/** `12,345`. */
export function grouped(number: number): string {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerated(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}
