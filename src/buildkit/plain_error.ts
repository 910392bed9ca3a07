/** The plain text that buildx prints behind its stream when a build has failed. Pure. */

/** Whose words an error is: the builder's own, or those of the client that talks to it. */
export type Speaker = 'BuildKit' | 'buildx'

/** Where and why, as buildx prints it after the stream: `Dockerfile:20`, some lines, `ERROR: failed to build: …`. */
export type PlainError = {
  readonly message: string
  readonly speaker: Speaker
  readonly line?: number
  /** buildx itself crashed: the message is the first line of what Go prints then. */
  readonly isCrash?: true
}

/** Lines kept of a message that goes on below its first line. */
const MOST_LINES = 20

/** Reads the plain text that follows the stream of a failed build. */
export function readPlainError(plain: readonly string[]): PlainError {
  const at = plain.findLastIndex((line) => line.startsWith('ERROR: '))
  const crash = at < 0 ? findCrash(plain) : undefined
  if (crash !== undefined) return { message: crash, speaker: 'buildx', isCrash: true }
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

/** The error that buildx ended with, where nothing else of its text is of interest: without "ERROR". */
export function lastError(text: string): string {
  const lines = text.trim().split('\n')
  const told = lines.findLast((line) => line.startsWith('ERROR:')) ?? findCrash(lines) ?? lines.at(-1) ?? ''
  return told.replace(/^ERROR: */, '')
}

/** Why a program in Go crashed, which it says above the traces of its goroutines. */
function findCrash(lines: readonly string[]): string | undefined {
  const trace = lines.findIndex((line) => /^goroutine \d+ [^[]*\[[^\]]+\]:$/.test(line))
  if (trace < 0) return undefined
  return lines.slice(0, trace).find((line) => /^(?:panic|fatal error): /.test(line)) ?? lines[trace]
}

/** What another program said, quoted below the line that ends in a colon: git's own words, with its exit status. */
function rest(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => /^: exit status \d+/.test(line))
  return lines.slice(0, end < 0 ? MOST_LINES : Math.min(end + 1, MOST_LINES))
}
