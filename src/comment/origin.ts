/** The run that the reports come from, by GitHub's word alone: the payload of `workflow_run`. Pure. */
import type { Occasion } from '../occasion/occasion.js'
import type { PullRequestSearch } from '../occasion/place.js'
import type { BuildReport, LintFinding, OwnReport, Report, SourceReport } from '../report/model.js'

/** A finished run on a pull request. */
export type Origin = {
  /** Number of the run (`GITHUB_RUN_ID` there). */
  readonly runID: number
  /** `success`, `failure`, `cancelled`, `timed_out`, … */
  readonly conclusion: string
  /** Where the pull request's head was when the run started. */
  readonly head: PullRequestSearch
}

export type OriginReading =
  | { readonly kind: 'origin'; readonly origin: Origin }
  /** Nothing to do, and why. */
  | { readonly kind: 'nothing'; readonly reason: string }
  /** The workflow uses this action where it cannot work. */
  | { readonly kind: 'misused'; readonly problem: string; readonly fix: string }

/** Ends of a run in which nothing ran. */
const IDLE: ReadonlyMap<string, string> = new Map([
  ['action_required', 'the run waits for the approval of a maintainer'],
  ['skipped', 'the run was skipped']
])

/** Reads where the reports come from. */
export function readOrigin({ eventName, otherRun, place }: Occasion): OriginReading {
  if (otherRun === undefined) {
    return {
      kind: 'misused',
      problem: `this workflow was started by ${eventName === '' ? 'no event' : `"${eventName}"`}`,
      fix: 'Use this action in a workflow of its own with `on: workflow_run`; docs/forks.md has one.'
    }
  }
  const { event = '', conclusion, id: runID } = otherRun
  if (event !== 'pull_request') {
    return { kind: 'nothing', reason: `the run was started by "${event}", not by "pull_request"` }
  }
  if (conclusion === undefined || !/^[a-z_]{1,40}$/.test(conclusion)) {
    return {
      kind: 'misused',
      problem: 'the run has not ended',
      fix: 'Write `types: [completed]` under `workflow_run`.'
    }
  }
  const idle = IDLE.get(conclusion)
  if (idle !== undefined) return { kind: 'nothing', reason: idle }
  const { search } = place
  if (search === undefined || runID === undefined) {
    return { kind: 'nothing', reason: 'the repository that the pull request came from is gone' }
  }
  return { kind: 'origin', origin: { runID, conclusion, head: search } }
}

/** Whether the pull request comes from another repository. */
export function isFork({ head }: Origin, { repository }: Occasion): boolean {
  return head.headRepository.toLowerCase() !== repository.toLowerCase()
}

/** Address of the run. */
export function runUrlOf({ runID }: Origin, { serverUrl, repository }: Occasion): string {
  return `${serverUrl.replace(/\/+$/, '')}/${repository}/actions/runs/${runID}`
}

/**
 * The report as far as a stranger may say it. Where it leads to, whom it comes from and how its run ended is GitHub's
 * word; that it published something is not believed, and commands that it would have people paste are not taken over.
 */
export function handOn(report: Report, origin: Origin, occasion: Occasion, pullRequest: number): Report {
  const [first, ...others] = report.builds
  const links: Links = {
    ...{ serverUrl: occasion.serverUrl, repository: occasion.repository },
    ...{ sha: origin.head.headSha, runUrl: runUrlOf(origin, occasion) }
  }
  const build = (each: BuildReport): BuildReport => untold(each, links)
  return {
    ...report,
    trusted: false,
    trustReason: isFork(origin, occasion)
      ? `pull request #${pullRequest} comes from the fork ${origin.head.headRepository}`
      : `pull request #${pullRequest} was built with a token that may not write`,
    relayed: { conclusion: origin.conclusion },
    builds: [build(first), ...others.map(build)],
    ...believed(report, links)
  }
}

/** GitHub's word. */
type Links = Pick<SourceReport, 'serverUrl' | 'repository' | 'sha' | 'runUrl'>

function untold({ own, ...build }: BuildReport, links: Links): BuildReport {
  return {
    ...build,
    publish: { published: false, reason: 'an untrusted run publishes nothing' },
    ...(own === undefined ? {} : { own: { ...own, ...believed(own, links) } })
  }
}

/** Where findings and source lead to. */
function believed(
  { lint, source }: Pick<OwnReport, 'lint' | 'source'>,
  links: Links
): Pick<OwnReport, 'lint' | 'source'> {
  const { dockerfile, dockerfileInRepository: inRepository } = source
  return {
    lint: { findings: lint.findings.map(withoutAddress) },
    source: {
      dockerfile: isPlainPath(dockerfile) ? dockerfile : 'Dockerfile',
      ...(inRepository !== undefined && isPlainPath(inRepository) ? { dockerfileInRepository: inRepository } : {}),
      ...links
    }
  }
}

function withoutAddress({ rule, message, line }: LintFinding): LintFinding {
  return { rule, message, ...(line === undefined ? {} : { line }) }
}

/** A path down from here that looks like one, and like no flag and no address. */
function isPlainPath(value: string): boolean {
  return /^[\w.@+][\w.@+ /-]{0,199}$/.test(value) && !value.split('/').includes('..')
}
