/** `reproducible`: which time is written into an image. */
import { commitTime } from '../baseline/history.js'
import type { InputProblem } from '../core/problem.js'
import { isSourceDateEpoch, SOURCE_DATE_EPOCH as NAME } from '../core/source_date_epoch.js'
import { readArguments } from '../dockerfile/index.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Ports } from '../ports.js'

type Place = { readonly env: Readonly<Record<string, string | undefined>>; readonly workspace: string }

/** The inputs with the time among their build arguments. */
export type Timed = {
  readonly inputs: Inputs
  readonly notes: readonly string[]
  readonly problems: readonly InputProblem[]
}

/** Finds the time: what the workflow says of it comes before that of the commit. */
export async function settleTime(
  { exec }: Pick<Ports, 'exec'>,
  inputs: Inputs,
  { env, workspace }: Place
): Promise<Timed> {
  if (!inputs.reproducible || inputs.call !== 'build') return { inputs, notes: [], problems: [] }
  const own = readArguments(inputs.buildArgs).get(NAME)
  const said = own ?? env[NAME] ?? ''
  const withTime = (time: string): Inputs => ({
    ...inputs,
    buildArgs: [...inputs.buildArgs.filter((argument) => !isSourceDateEpoch(argument)), `${NAME}=${time}`]
  })
  const refuse = (input: string, problem: string, fix: string): Timed => ({
    ...{ inputs, notes: [], problems: [{ input, problem, fix }] }
  })

  if (said !== '') {
    const where = own === undefined ? "the step's environment" : 'build-args'
    const note = `The times in the image are not the commit's: ${where} has ${NAME}=${said}.`
    if (/^(?:\d+|context)$/.test(said)) return { inputs: withTime(said), notes: [note], problems: [] }
    const input = own === undefined ? 'reproducible' : 'build-args'
    return refuse(input, `${NAME} in ${where} is not a time`, 'Write seconds since 1970, or leave it to the commit.')
  }
  if (inputs.context.kind === 'remote') {
    return refuse(
      'reproducible',
      'the context is not on the runner, so the time of its commit is not known',
      `Set ${NAME} in the step's env: to that time in seconds since 1970, or, with a git context and BuildKit 0.30 or newer, to "context".`
    )
  }
  const answers = []
  for (const folder of [inputs.context.path, workspace]) {
    const answer = await commitTime(exec, folder)
    if ('seconds' in answer) return { inputs: withTime(answer.seconds), notes: [], problems: [] }
    answers.push(answer.problem)
  }
  return refuse(
    'reproducible',
    `the time of the commit cannot be read: ${answers[0] ?? ''}`,
    `Run actions/checkout before this step, with git on the runner, or set ${NAME} in the step's env.`
  )
}
