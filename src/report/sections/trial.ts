/** How the image did when it was started, and what the user's own command said of it. */
import type { SmokeResult } from '../../smoke/smoke.js'
import type { VerifyResult } from '../../verify/verify.js'
import { count, duration } from '../../core/units.js'
import {
  block,
  bullets,
  code,
  details,
  html,
  inline,
  sections,
  text,
  unbroken,
  visibleLine
} from '../format/markdown.js'
import type { BuildView } from '../model.js'

/** Lines of a log that are shown at once; what is before them is folded. */
const LAST_LINES = 12

/** For the line of facts of an image that passed: `**Started** (2.1 s) · **verified**`. */
export function trialFact({ smoke = [], verify = [] }: BuildView): string | undefined {
  const started = smoke.filter(({ result }) => result === 'passed')
  const passed = verify.filter(({ exitCode }) => exitCode === 0)
  const longest = Math.max(0, ...started.map(({ seconds }) => seconds))
  const parts = [
    started.length === 0 || started.length < smoke.filter(({ result }) => result !== 'skipped').length
      ? undefined
      : `**started** (${[...platforms(started, smoke.length), unbroken(duration(longest))].join(', ')})`,
    passed.length === 0 || passed.length < verify.length ? undefined : '**verified**'
  ]
  return parts.some((part) => part !== undefined) ? parts.filter((part) => part !== undefined).join(' · ') : undefined
}

function platforms(some: readonly { readonly platform: string }[], all: number): readonly string[] {
  return all > 1 ? some.map(({ platform }) => code(platform, 60)) : []
}

/** `the image did not start`, for the heading. */
export function smokeHeadline(results: readonly SmokeResult[], all: number): string {
  return `the image did not pass its smoke test${named(results, all)}`
}

export function verifyHeadline(results: readonly VerifyResult[], all: number): string {
  const [first] = results
  const how = first?.timedOut === true ? 'took too long' : `said no (exit code ${first?.exitCode ?? 1})`
  return `verify ${how}${named(results, all)}`
}

function named(results: readonly { readonly platform: string }[], all: number): string {
  return all > 1 ? ` (${results.map(({ platform }) => platform).join(', ')})` : ''
}

/** What was seen of each platform that failed. */
export function smokeStory(results: readonly SmokeResult[]): string {
  return sections(
    results.map((result) =>
      result.result !== 'failed'
        ? undefined
        : sections([
            `${code(result.platform, 60)}: ${text(result.reason, 500)} (${unbroken(duration(result.seconds))}).`,
            logOf(result.log, 'It printed nothing.'),
            result.advice.length === 0 ? undefined : bullets(result.advice.map((sentence) => text(sentence)))
          ])
    )
  )
}

export function verifyStory(results: readonly VerifyResult[]): string {
  return sections(
    results.map(({ platform, exitCode, timedOut, seconds, log }) =>
      sections([
        `${code(platform, 60)}: ${timedOut ? 'it was ended' : `exit code ${exitCode}`} after ${unbroken(duration(seconds))}.`,
        logOf(log, 'It printed nothing.')
      ])
    )
  )
}

function logOf(log: readonly string[], nothing: string): string {
  const lines = log.map(visibleLine)
  if (lines.length === 0) return nothing
  const before = lines.slice(0, -LAST_LINES)
  return sections([
    block(lines.slice(-LAST_LINES)),
    before.length === 0 ? undefined : details(html(`${count(before.length, 'line')} before`), block(before))
  ])
}

/** For an annotation, in plain text. */
export function trialWords(results: readonly (SmokeResult | VerifyResult)[]): string {
  return results
    .flatMap((result) => {
      if ('exitCode' in result && 'timedOut' in result) {
        const how = result.timedOut ? 'took too long and was ended' : `ended with exit code ${result.exitCode}`
        return [`${result.platform}: verify ${how}`, ...result.log.slice(-LAST_LINES)]
      }
      if (result.result !== 'failed') return []
      return [`${result.platform}: ${result.reason}`, ...result.log.slice(-LAST_LINES), ...result.advice]
    })
    .map(inline)
    .join('\n')
}
