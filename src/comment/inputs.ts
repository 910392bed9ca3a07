/** The inputs of `comment/action.yml`. */
import type { InputProblem } from '../core/problem.js'
import { createGrammar, type ReadInput } from '../inputs/grammar.js'
import { findUnknownInputs } from '../inputs/unknown.js'

/** The inputs that comment/action.yml declares. A test holds the two against each other. */
export const declaredInputs: readonly string[] = ['report', 'github-token', 'commit-status']

export type CommentInputs = {
  /** Files and folders. */
  readonly reports: readonly string[]
  readonly githubToken: string
  /** Name of a status, empty for none. */
  readonly commitStatus: string
}

/** Parses the inputs, collecting what is wrong with them. `given` are the names that the workflow set. */
export function parseInputs(
  read: ReadInput,
  given: readonly string[]
): { readonly inputs: CommentInputs; readonly problems: readonly InputProblem[] } {
  const problems: InputProblem[] = [...findUnknownInputs(given, declaredInputs).mistyped]
  const { text, lines, report } = createGrammar(read, problems)
  const inputs = { reports: lines('report'), githubToken: text('github-token'), commitStatus: text('commit-status') }
  if (inputs.reports.length === 0) {
    report('report', 'it is empty', 'Give the path that actions/download-artifact wrote the reports to.')
  }
  if (inputs.githubToken === '') {
    report('github-token', 'it is empty', 'Leave it out, or give a token with `pull-requests: write`.')
  }
  return { inputs, problems }
}
