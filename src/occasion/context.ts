/** The only reader of the environment and of the event file: what GitHub says about this run, as one value. */
import { readFileSync } from 'node:fs'
import os from 'node:os'

/** A pull request as far as this program looks at it. */
export type PullRequest = {
  readonly number: number
  /** `owner/name` of the repository the change comes from; absent when that fork was deleted. */
  readonly headRepository?: string
  readonly headSha: string
  readonly headRef: string
  readonly baseRef: string
  readonly author: string
}

/** The run, from the variables every runner sets and the event that started it. */
export type Context = {
  readonly eventName: string
  /** `owner/name`; empty outside a workflow. */
  readonly repository: string
  readonly sha: string
  /** Full ref, `refs/heads/main`. */
  readonly ref: string
  readonly actor: string
  readonly defaultBranch?: string
  readonly pullRequest?: PullRequest
  /** The event as it came: parse, don't trust. */
  readonly payload: unknown
  readonly serverUrl: string
  /** `https://api.github.com`, or the like of another server. */
  readonly apiUrl: string
  readonly workflow: string
  /** Path of its file, which tells it from another of the same name; the name where the server does not say. */
  readonly workflowFile: string
  readonly job: string
  readonly runID: string
  readonly runAttempt: string
  readonly runnerName: string
  readonly workspace: string
  /** Folder the runner empties after the job. */
  readonly temporaryFolder: string
  /** Whether the runner offers the Actions cache for reading or writing. */
  readonly hasCacheService: boolean
  /** What GitHub lets this job do with the Actions cache; absent where it does not say, which means everything. */
  readonly cacheServiceMode?: CacheServiceMode
  /** Whether the machine is GitHub's own, made for this job and thrown away after it. */
  readonly isHosted: boolean
  /** Socket of an agent that was there before us. */
  readonly sshAuthSock?: string
}

/**
 * `ACTIONS_CACHE_MODE`, set by the runner: events of little trust, such as `pull_request_target`, may only read. Nothing
 * to do with our input `cache-mode`, which is about the layer cache in a registry.
 * https://github.com/actions/runner/pull/4538
 */
export type CacheServiceMode = (typeof cacheServiceModes)[number]

const cacheServiceModes = ['none', 'read', 'write', 'write-only'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the context. Outside a workflow every field has a harmless value. */
export function readContext(env: Environment): Context {
  const event = readEvent(env.GITHUB_EVENT_PATH)
  const pullRequest = readPullRequest(event)
  const defaultBranch = stringAt(event, 'repository', 'default_branch')
  const sshAuthSock = env.SSH_AUTH_SOCK
  const cacheServiceMode = cacheServiceModes.find((mode) => mode === env.ACTIONS_CACHE_MODE?.trim().toLowerCase())
  const cacheServiceURL = [env.ACTIONS_RESULTS_URL, env.ACTIONS_CACHE_URL].find(
    (url) => url !== undefined && url !== ''
  )
  return {
    eventName: env.GITHUB_EVENT_NAME ?? '',
    repository: env.GITHUB_REPOSITORY ?? '',
    sha: env.GITHUB_SHA ?? '',
    ref: env.GITHUB_REF ?? '',
    actor: env.GITHUB_ACTOR ?? '',
    serverUrl: env.GITHUB_SERVER_URL ?? 'https://github.com',
    apiUrl: env.GITHUB_API_URL ?? 'https://api.github.com',
    payload: event,
    workflow: env.GITHUB_WORKFLOW ?? '',
    // OWNER/NAME/.github/workflows/ci.yml@refs/heads/main
    workflowFile: /^[^/]*\/[^/]*\/([^@]+)@/.exec(env.GITHUB_WORKFLOW_REF ?? '')?.[1] ?? env.GITHUB_WORKFLOW ?? '',
    job: env.GITHUB_JOB ?? '',
    runID: env.GITHUB_RUN_ID ?? '',
    runAttempt: env.GITHUB_RUN_ATTEMPT ?? '',
    runnerName: env.RUNNER_NAME ?? '',
    workspace: env.GITHUB_WORKSPACE ?? process.cwd(),
    temporaryFolder: env.RUNNER_TEMP ?? os.tmpdir(),
    isHosted: env.RUNNER_ENVIRONMENT === 'github-hosted',
    hasCacheService: cacheServiceURL !== undefined && cacheServiceMode !== 'none',
    ...(cacheServiceMode === undefined ? {} : { cacheServiceMode }),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(sshAuthSock === undefined || sshAuthSock === '' ? {} : { sshAuthSock })
  }
}

/**
 * Whether an event is about the very branch or tag that its run is on. Others run on the default branch with all rights,
 * and are made for workflows that check out something else, such as the head of a pull request.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export function isOfItsRef(eventName: string): boolean {
  return ['push', 'schedule', 'workflow_dispatch', 'create', 'release'].includes(eventName)
}

/** The branch that a merge queue's run is about to change, from its ref: `gh-readonly-queue/BRANCH/pr-N-SHA`. */
export function queuedBranch(ref: string): string | undefined {
  return /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-\d+-[0-9a-f]+$/.exec(ref)?.[1]
}

/** Names of the inputs the workflow set, as the runner hands them over in `INPUT_*`. */
export function givenInputs(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('INPUT_') && env[name] !== '')
    .map((name) => name.slice('INPUT_'.length).toLowerCase())
}

function readEvent(file: string | undefined): unknown {
  if (file === undefined || file === '') return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // Some self-hosted setups name a file that is not there; the variables alone are enough to go on.
  }
}

function readPullRequest(event: unknown): PullRequest | undefined {
  const pull = at(event, 'pull_request')
  const number = at(pull, 'number')
  const headRepository = stringAt(pull, 'head', 'repo', 'full_name')
  if (typeof number !== 'number') return undefined
  return {
    number,
    headSha: stringAt(pull, 'head', 'sha') ?? '',
    headRef: stringAt(pull, 'head', 'ref') ?? '',
    baseRef: stringAt(pull, 'base', 'ref') ?? '',
    author: stringAt(pull, 'user', 'login') ?? '',
    ...(headRepository === undefined ? {} : { headRepository })
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function stringAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = keys.reduce(at, value)
  return typeof found === 'string' ? found : undefined
}
