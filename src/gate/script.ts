/** The lines of a step's heredocs: BuildKit names such a step by what announces them, and the first of the lines. */
import { isLinkedStep } from '../core/linked.js'
import { parseDockerfile } from '../dockerfile/index.js'
import type { Failure, Script } from '../failure/failure.js'

/** An instruction with heredocs. Its own lines are told 1-based, both included. */
export type Scripted = { readonly first: number; readonly last: number; readonly script: Script }

const MOST_LINES = 20
const LONGEST_LINE = 500

/** The instructions of a Dockerfile that have heredocs. */
export function scriptsOf(dockerfile: Uint8Array | string): readonly Scripted[] {
  return parseDockerfile(dockerfile).instructions.flatMap(({ line, endLine, heredocs, written }) => {
    if (heredocs.length === 0) return []
    const lines = written.split('\n').slice(1)
    const shown = lines.slice(0, MOST_LINES).map(shownLine)
    return [{ first: line, last: endLine, script: { lines: shown, more: lines.length - shown.length } }]
  })
}

/** Whole, since a part of a secret is not found any more. */
function shownLine(line: string): string {
  return line.length <= LONGEST_LINE ? line : `… (${line.length} characters)`
}

/**
 * A failure with the lines of its step's heredocs, where the Dockerfile tells them.
 * @param lineOf line of a step in the build's own Dockerfile, by its vertex
 */
export function withScript(
  failure: Failure,
  scripts: readonly Scripted[],
  lineOf: (vertex: string) => number | undefined
): Failure {
  if ((failure.kind !== 'test' && failure.kind !== 'build') || failure.step === undefined) return failure
  const { step, line = lineOf(step.vertex) } = failure
  if (line === undefined || isLinkedStep(step) || !step.instruction.includes('<<')) return failure
  const script = scripts.find(({ first, last }) => first <= line && line <= last)?.script
  return script === undefined ? failure : { ...failure, script }
}
