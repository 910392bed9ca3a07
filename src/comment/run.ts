/**
 * Hands on the reports of a run that could not write: a fork's pull request, or Dependabot's. What the reports say is
 * shown; where and under what it is shown, GitHub says. Runs with rights, so it runs nothing that a stranger wrote.
 */
import type { InputProblem } from '../core/problem.js'
import type { Occasion } from '../occasion/occasion.js'
import { createClient, type Client } from '../github/client.js'
import { upsertComment } from '../github/comment.js'
import { explainApiError } from '../github/errors.js'
import { findPullRequests } from '../github/pull_request.js'
import { setCommitStatus, type CommitState } from '../github/status.js'
import type { Fetch } from '../github/attempt.js'
import type { Ports } from '../ports.js'
import { renderComment } from '../report/surfaces/comment.js'
import { endOf, headline } from '../report/sections/headline.js'
import { inline, shortened } from '../report/format/markdown.js'
import { createRedactor } from '../report/redact.js'
import type { Report } from '../report/model.js'
import { findFiles, nameOf, readFileAsReport } from './files.js'
import { parseInputs, type CommentInputs } from './inputs.js'
import { handOn, isFork, readOrigin, runUrlOf, type Origin } from './origin.js'

/** What was done, in sentences of plain text. */
export type CommentResult = {
  readonly done: readonly string[]
  /** What GitHub did not let us do: no reason for a red job. */
  readonly warnings: readonly string[]
  /** What makes the job red: inputs, and reports that are none. */
  readonly problems: readonly InputProblem[]
  /** The pull request that was commented on. */
  readonly pullRequest?: number
  /** Addresses of its comments. */
  readonly comments: readonly string[]
}

export type World = {
  readonly occasion: Occasion
  readonly read: (name: string) => string
  /** Names of the inputs that the workflow set. */
  readonly given: readonly string[]
  readonly fetch: Fetch
}

type Outcome = Pick<CommentResult, 'done' | 'warnings'>

const NOTHING: CommentResult = { done: [], warnings: [], problems: [], comments: [] }

/** Hands on what the run left. Never throws on what is in a report. */
export async function comment(ports: Pick<Ports, 'now' | 'signal'>, world: World): Promise<CommentResult> {
  const { occasion } = world
  const { inputs, problems } = parseInputs(world.read, world.given)
  if (problems.length > 0) return { ...NOTHING, problems }
  const reading = readOrigin(occasion)
  if (reading.kind === 'misused') {
    const { problem, fix } = reading
    return { ...NOTHING, problems: [{ input: 'on', problem, fix }] }
  }
  if (reading.kind === 'nothing') return { ...NOTHING, done: [`Nothing to do: ${reading.reason}.`] }

  const { origin } = reading
  const client = createClient({
    ...ports,
    apiUrl: occasion.apiUrl,
    repository: occasion.repository,
    token: inputs.githubToken,
    redact: createRedactor([{ id: 'github-token', value: inputs.githubToken }]).again,
    fetch: world.fetch
  })
  const found = await findPullRequests(client, origin.head)
  if (!found.ok) {
    return { ...NOTHING, warnings: [explainApiError(found.error, 'The pull request could not be looked for')] }
  }
  const [pullRequest, ...others] = found.value
  if (pullRequest === undefined) return { ...NOTHING, done: [nobody(origin)] }

  const read = await readReports(inputs.reports)
  const { own, reports } = split(read.reports, origin, occasion, pullRequest)
  const told =
    others.length > 0
      ? { ...NOTHING, done: [several(found.value)] }
      : await tell(client, { reports, origin, pullRequest })
  const parts = [
    { done: own, warnings: [] },
    told,
    read.reports.length + read.problems.length === 0 ? noReport(origin) : NOTHING,
    await judge(client, { inputs, origin, occasion, reports, broken: read.problems.length > 0, own })
  ]
  return {
    ...told,
    done: parts.flatMap(({ done }) => done),
    warnings: parts.flatMap(({ warnings }) => warnings),
    problems: read.problems
  }
}

/** A run that did not come as far as its report has told why by itself; one that succeeded should have left it. */
function noReport(origin: Origin): Outcome {
  if (origin.conclusion !== 'success') {
    return { done: [`The workflow run ${endOf(origin)} and left no report.`], warnings: [] }
  }
  return {
    done: [],
    warnings: [
      'The run left no report: there is no JSON file. Upload the file that the output `report` of the build names, and download it in this job.'
    ]
  }
}

function nobody({ head }: Origin): string {
  return `Nothing to do: no open pull request has its head at ${head.headSha.slice(0, 7)} of ${head.headRepository} now. It was closed, or there are newer commits, whose own run reports.`
}

/** Two pull requests can have one head, onto two branches, and the event does not tell which of them was built. */
function several(numbers: readonly number[]): string {
  return `No comment was written: the pull requests ${numbers.map((number) => `#${number}`).join(', ')} have the same head, and GitHub does not say which of them the run was for.`
}

type ReadReports = { readonly reports: readonly Report[]; readonly problems: readonly InputProblem[] }

/** Reads every report, each name once. */
async function readReports(places: readonly string[]): Promise<ReadReports> {
  const { files, problems: found } = await findFiles(places)
  const problems: InputProblem[] = [...found]
  const reports = new Map<string, Report>()
  if (files.length === 0) return { reports: [], problems }
  // A fifth of this program, and not needed where there is nothing to read.
  const { createValidator } = await import(/* webpackChunkName: "schema" */ './schema.js')
  const validate = createValidator()
  for (const file of files) {
    const reading = await readFileAsReport(file, validate)
    if (!reading.ok)
      problems.push({ input: 'report', problem: `${nameOf(file)}: ${reading.problem}`, fix: reading.fix })
    else if (reports.has(reading.report.name)) {
      problems.push({
        input: 'report',
        problem: `${nameOf(file)}: another report has the same name, ${quoted(reading.report.name)}`,
        fix: 'Give each build of the workflow a `report-name` of its own.'
      })
    } else reports.set(reading.report.name, reading.report)
  }
  return { reports: [...reports.values()], problems }
}

/** A run on a branch of this repository comments itself, unless its token may not: Dependabot's. */
function split(
  reports: readonly Report[],
  origin: Origin,
  occasion: Occasion,
  pullRequest: number
): { readonly own: readonly string[]; readonly reports: readonly Report[] } {
  const isOwn = ({ trusted }: Report): boolean => trusted && !isFork(origin, occasion)
  return {
    own: reports
      .filter(isOwn)
      .map(({ name }) => `${quoted(name)} was left alone: its run was trusted, and comments itself.`),
    reports: reports.filter((report) => !isOwn(report)).map((report) => handOn(report, origin, occasion, pullRequest))
  }
}

async function tell(
  client: Client,
  { reports, origin, pullRequest }: { reports: readonly Report[]; origin: Origin; pullRequest: number }
): Promise<CommentResult> {
  const done: string[] = []
  const warnings: string[] = []
  const comments: string[] = []
  for (const report of reports) {
    const outcome = await upsertComment({
      client,
      pullRequest,
      name: report.name,
      ...(report.identity === undefined ? {} : { image: { identity: report.identity, commit: origin.head.headSha } }),
      render: (limit) => renderComment(report, limit),
      sequence: origin.runID
    })
    if (outcome.kind === 'failed' || outcome.kind === 'other-image') {
      warnings.push(`${quoted(report.name)}: ${outcome.message}`)
      continue
    }
    done.push(`${quoted(report.name)}: ${DONE[outcome.kind]} on pull request #${pullRequest}.`)
    if (outcome.url !== undefined) comments.push(outcome.url)
  }
  return { done, warnings, problems: [], pullRequest, comments }
}

const DONE = {
  created: 'a comment was written',
  updated: 'the comment was updated',
  unchanged: 'the comment already says so',
  superseded: 'a comment of a later run is there already'
} as const

type Judgement = {
  readonly inputs: CommentInputs
  readonly origin: Origin
  readonly occasion: Occasion
  readonly reports: readonly Report[]
  /** A report could not be read. */
  readonly broken: boolean
  readonly own: readonly string[]
}

/** Sets the status that the run itself could not set. Green needs both: GitHub's word on the run, and the reports'. */
async function judge(client: Client, judgement: Judgement): Promise<Outcome> {
  const { inputs, origin, occasion, reports, own } = judgement
  if (inputs.commitStatus === '' || (reports.length === 0 && own.length > 0)) return NOTHING
  const status = statusOf(judgement)
  if (status === undefined) return { done: ['No commit status was set: there is no report.'], warnings: [] }
  const outcome = await setCommitStatus({
    client,
    sha: origin.head.headSha,
    context: inputs.commitStatus,
    targetUrl: runUrlOf(origin, occasion),
    ...status
  })
  if (outcome.kind === 'failed') return { done: [], warnings: [outcome.message] }
  return { done: [`The commit status "${inline(inputs.commitStatus)}" was set to ${status.state}.`], warnings: [] }
}

/** Ends of a run that are a verdict; a cancelled one has none. */
const FAILURES = ['failure', 'timed_out', 'startup_failure']

function statusOf({
  origin,
  reports,
  broken
}: Judgement): { readonly state: CommitState; readonly description: string } | undefined {
  const [first] = reports
  const red = reports.find(({ outcome }) => outcome.kind === 'red')
  if (red !== undefined) return { state: 'failure', description: headline(red) }
  if (origin.conclusion !== 'success') {
    const failed = FAILURES.includes(origin.conclusion)
    if (first === undefined && !failed) return undefined
    const description = first === undefined ? `the workflow run ${endOf(origin)}` : headline(first)
    return { state: failed ? 'failure' : 'error', description }
  }
  if (broken) return { state: 'error', description: 'a report of the run could not be read' }
  if (first === undefined) return undefined
  return {
    state: 'success',
    description: reports.length === 1 ? headline(first) : `${reports.length} images passed, ${headline(first)}, …`
  }
}

function quoted(name: string): string {
  return `"${shortened(inline(name), 100)}"`
}
