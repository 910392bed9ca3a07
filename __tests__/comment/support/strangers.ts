/** What a stranger can make of a report, and the run that it claims to come from. */
import { readContext } from '../../../src/occasion/context.js'
import { occasionOf, type Occasion } from '../../../src/occasion/occasion.js'
import { readOrigin, type Origin } from '../../../src/comment/origin.js'
import type { Report } from '../../../src/report/model.js'
import { toJSON } from '../../../src/report/surfaces/json.js'

/** A `workflow_run` as GitHub sends it, cut to what matters. */
export type RunPayload = {
  readonly event?: string
  readonly id?: number
  readonly conclusion?: string | null
  readonly headSha?: string
  readonly headBranch?: string
  /** `null`: the fork was deleted. */
  readonly headRepository?: string | null
}

export const FORK_HEAD = 'a'.repeat(40)

/** The payload of a finished run on pull request #2 of mallory's fork, unless told otherwise. */
export function runPayload(run: RunPayload = {}): object {
  const { event = 'pull_request', id = 9_120_386_437, conclusion = 'success', headSha = FORK_HEAD } = run
  const { headBranch = 'main', headRepository = 'mallory/app' } = run
  return {
    action: 'completed',
    repository: { full_name: 'acme/app', default_branch: 'main' },
    workflow_run: {
      id,
      name: 'image',
      event,
      status: conclusion === null ? 'in_progress' : 'completed',
      conclusion,
      head_sha: headSha,
      head_branch: headBranch,
      // Empty for a fork. https://github.com/actions/runner/issues/3444
      pull_requests: [],
      head_repository: headRepository === null ? null : { full_name: headRepository, fork: true },
      repository: { full_name: 'acme/app' }
    }
  }
}

/** The context of a workflow that such a run started. */
export function startedBy(
  run: RunPayload = {},
  eventName = 'workflow_run',
  apiUrl = 'https://api.github.com'
): Occasion {
  const env = {
    GITHUB_EVENT_NAME: eventName,
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: apiUrl,
    GITHUB_SHA: '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_RUN_ID: '77'
  }
  return occasionOf({ ...readContext(env), payload: runPayload(run) })
}

export function originOf(context: Occasion): Origin {
  const reading = readOrigin(context)
  if (reading.kind !== 'origin') throw new Error(`no origin: ${JSON.stringify(reading)}`)
  return reading.origin
}

/** The document as it lies in the file. */
export function documentOf(report: Report): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(toJSON(report))) as Record<string, unknown>
}

/** A value in a document and how to put another in its place. */
export type Leaf = { readonly value: unknown; readonly set: (value: unknown) => void }

/** All strings, numbers, booleans and arrays of a document, which `set` changes in place. */
export function leavesOf(document: unknown): readonly Leaf[] {
  const leaves: Leaf[] = []
  const visit = (holder: object): void => {
    for (const [key, value] of Object.entries(holder) as [string, unknown][]) {
      leaves.push({ value, set: (other) => Object.assign(holder, { [key]: other }) })
      if (typeof value === 'object' && value !== null) visit(value)
    }
  }
  visit(document as object)
  return leaves
}
