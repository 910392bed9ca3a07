/** The plain text that buildx prints behind its stream when a build has failed. Pure. */

/** Whose words an error is: the builder's own, or those of the client that talks to it. */
export type Speaker = 'BuildKit' | 'buildx'

/** Where and why, as buildx prints it after the stream: `Dockerfile:20`, some lines, `ERROR: failed to build: …`. */
export type PlainError = {
  readonly message: string
  readonly speaker: Speaker
  readonly line?: number
}

/** Lines kept of a message that goes on below its first line. */
const MOST_LINES = 20

/** Reads the plain text that follows the stream of a failed build. */
export function readPlainError(plain: readonly string[]): PlainError {
  const at = plain.findLastIndex((line) => line.startsWith('ERROR: '))
  // A flag that buildx does not take is told before its usage, and without "ERROR".
  const first = plain[at] ?? plain.find((line) => /^(?:unknown flag|invalid argument)/.test(line)) ?? plain.at(-1) ?? ''
  const full = at >= 0 && /(?:stderr|output): *$/.test(first) ? [first, ...rest(plain.slice(at + 1))].join('\n') : first
  const unprefixed = full
    .replace(/^ERROR: /, '')
    .replace(/^target \S+: /, '')
    .replace(/^failed to build: /, '')
  const message = unprefixed.replace(/^failed to solve: /, '').replace(/^failed to run Build function: /, '')
  const speaker = message === unprefixed ? 'buildx' : 'BuildKit'
  const placeAt = plain.findIndex((line, index) => /^\S.*:\d+$/.test(line) && /^-{10,}$/.test(plain[index + 1] ?? ''))
  if (placeAt < 0) return { message, speaker }
  const line = Number(/:(\d+)$/.exec(plain[placeAt] ?? '')?.[1])
  return { message, speaker, line }
}

/** What another program said, quoted below the line that ends in a colon: git's own words, with its exit status. */
function rest(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => /^: exit status \d+/.test(line))
  return lines.slice(0, end < 0 ? MOST_LINES : Math.min(end + 1, MOST_LINES))
}
