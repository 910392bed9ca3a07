/** The trust plan: what this run may do, decided once from the event, and printed as one table. Pure. */
import type { Context } from './context.js'
import type { Inputs } from '../inputs/inputs.js'
import type { OutputEntry } from '../inputs/outputs.js'
import { wantsExport } from '../inputs/inputs.js'
import { planScopes } from './scopes.js'

/**
 * May this run hold credentials and write? A fork's or Dependabot's may not write, and gets nothing of the runner's own:
 * no files, no variables, no key files, no agent. The values that the workflow has of GitHub (`secrets`,
 * `ssh-private-key`) are mostly GitHub's care: it gives such a run none, or those that were set up for it.
 * `pull_request_target` is the exception: it has everything, so `withholds` says that these must not reach the fork's
 * Dockerfile either.
 */
export type Trust =
  { readonly trusted: true } | { readonly trusted: false; readonly reason: string; readonly withholds: boolean }

/** One line of the printed table. */
export type TrustRow = { readonly what: string; readonly decision: string; readonly why: string }

/** What may leave the builder once everything has passed. `load` and files stay on the runner. */
export type PublishPlan = {
  readonly push: boolean
  readonly load: boolean
  /** The user's `outputs`, without those that push in an untrusted run. */
  readonly outputs: readonly OutputEntry[]
}

export type TrustPlan = {
  readonly trust: Trust
  readonly publish: PublishPlan
  readonly cacheRead: boolean
  readonly cacheWrite: boolean
}

/**
 * Events in which GitHub runs a workflow for Dependabot with a read-only token and with Dependabot's secrets only.
 * https://docs.github.com/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions
 */
const dependabotEvents = [
  'push',
  'create',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'deployment',
  'deployment_status'
]
/** Events for which GitHub itself keeps the repository's credentials from a fork. */
const forkEvents = ['pull_request', 'pull_request_review', 'pull_request_review_comment']

const dependabot = 'dependabot[bot]'

/** Whether the code being built comes from someone who may hold the repository's credentials. */
export function judgeTrust(context: Context): Trust {
  const { pullRequest, repository, actor, eventName } = context
  if (pullRequest === undefined && eventName.startsWith('pull_request')) {
    const reason = 'the event file (GITHUB_EVENT_PATH) does not tell where the pull request comes from'
    return { trusted: false, reason, withholds: true }
  }
  if (pullRequest !== undefined && pullRequest.headRepository !== repository) {
    const from = pullRequest.headRepository ?? 'a deleted repository'
    return {
      trusted: false,
      reason: `pull request #${pullRequest.number} comes from the fork ${from}`,
      withholds: !forkEvents.includes(eventName)
    }
  }
  if (
    pullRequest !== undefined &&
    eventName === 'pull_request_target' &&
    [actor, pullRequest.author].includes(dependabot)
  ) {
    return {
      trusted: false,
      reason: `pull request #${pullRequest.number} is Dependabot's`,
      withholds: true // GitHub gives this event everything, whoever opened the pull request
    }
  }
  if (actor === dependabot && dependabotEvents.includes(eventName)) {
    return {
      trusted: false,
      reason: 'Dependabot started it, and GitHub gives such a run a read-only token',
      withholds: false
    }
  }
  return { trusted: true }
}

/** Plans what the run may do. */
export function planTrust(context: Context, inputs: Inputs): TrustPlan {
  const trust = judgeTrust(context)
  const publish: PublishPlan = {
    push: inputs.push && trust.trusted,
    load: inputs.load,
    outputs: inputs.outputs.filter((output) => trust.trusted || stays(output))
  }
  const caching = plansCache(inputs)
  const cacheRead = caching && inputs.cacheMode !== 'off'
  const cacheWrite =
    cacheRead &&
    trust.trusted &&
    inputs.cacheMode !== 'read' &&
    ((inputs.cacheImage !== '' && 'scope' in planScopes(context).write) || inputs.cacheTo.length > 0)
  return { trust, publish, cacheRead, cacheWrite }
}

/**
 * The plan as a table: what, the decision, and why.
 * @param supplied ids of the secrets that have a value in this run
 */
export function tabulateTrust(
  { trust, publish, cacheRead, cacheWrite }: TrustPlan,
  context: Context,
  inputs: Inputs,
  supplied: readonly string[]
): readonly TrustRow[] {
  const caching = plansCache(inputs)
  const untrusted = trust.trusted ? '' : trust.reason
  const withheld = !trust.trusted && trust.withholds
  const keys = inputs.sshPrivateKey.trim() !== ''
  return [
    { what: 'Trusted', decision: yesNo(trust.trusted), why: trust.trusted ? trustedBecause(context) : untrusted },
    {
      what: 'SSH key',
      decision: !keys ? 'none' : withheld ? 'withheld' : 'loaded into a private agent',
      why: !keys ? 'ssh-private-key is empty' : withheld ? untrusted : `ssh-private-key, scope ${inputs.sshAgentScope}`
    },
    secretsRow(inputs, supplied, withheld, untrusted),
    ...(trust.trusted ? [] : runnersOwnRow(context, inputs, untrusted)),
    { what: 'Cache read', decision: yesNo(cacheRead), why: cacheReason(inputs, caching) },
    {
      what: 'Cache write',
      decision: yesNo(cacheWrite),
      why: cacheWriteReason({ trust, cacheRead, cacheWrite }, context, inputs)
    },
    ...cacheServiceRow(context),
    publishRow(inputs, publish, untrusted)
  ]
}

/** Said only where GitHub withholds something: baselines and cache mounts then stay away for no other reason. */
function cacheServiceRow({ cacheServiceMode }: Context): readonly TrustRow[] {
  if (cacheServiceMode === undefined || cacheServiceMode === 'write') return []
  const decision = { none: 'none', read: 'read only', 'write-only': 'write only' }[cacheServiceMode]
  const why = `GitHub set ACTIONS_CACHE_MODE=${cacheServiceMode} for this job: baselines and cache mounts, not cache-mode`
  return [{ what: 'Actions cache', decision, why }]
}

/** Whether an entry of `outputs` is known to stay on the runner. */
function stays({ type, push, attributes }: OutputEntry): boolean {
  // The engine of another docker context may be anywhere.
  return !push && !(type === 'docker' && attributes.has('context'))
}

function plansCache(inputs: Inputs): boolean {
  return inputs.cacheImage !== '' || inputs.cacheFrom.length > 0 || inputs.cacheTo.length > 0
}

function secretsRow(inputs: Inputs, supplied: readonly string[], withheld: boolean, untrusted: string): TrustRow {
  const what = 'Secrets'
  if (inputs.secrets.length === 0) return { what, decision: 'none', why: 'no secrets, secret-envs or secret-files' }
  if (withheld) return { what, decision: 'withheld', why: untrusted }
  const present = inputs.secrets.map(({ id }) => id).filter((id) => supplied.includes(id))
  const absent = inputs.secrets.length - present.length
  const handed = 'handed to the build as mounts'
  if (absent === 0) return { what, decision: present.join(', '), why: handed }
  return {
    what,
    decision: present.join(', ') || 'none',
    why: `${absent} of ${inputs.secrets.length} are not handed over: ${untrusted}`
  }
}

/** What a step could have of the runner's own, and an untrusted one has not. */
export function runnersOwn({ sshAuthSock }: Pick<Context, 'sshAuthSock'>, inputs: Inputs): readonly string[] {
  const ids = (input: 'secret-files' | 'secret-envs'): string =>
    inputs.secrets.flatMap((source) => (source.input === input ? [source.id] : [])).join(', ')
  const [files, variables] = [ids('secret-files'), ids('secret-envs')]
  const paths = inputs.ssh.filter(({ path }) => path !== undefined).map(({ id }) => id)
  const wantsAgent = inputs.ssh.length > paths.length && inputs.sshPrivateKey.trim() === ''
  return [
    ...(files === '' ? [] : [`the files of ${files}`]),
    ...(variables === '' ? [] : [`the variables of ${variables}`]),
    ...(paths.length === 0 ? [] : [`the sockets and key files of ${paths.join(', ')}`]),
    ...(wantsAgent && sshAuthSock !== undefined ? ['its agent'] : []),
    ...inputs.allow.filter((entitlement) => ENTITLED.test(entitlement.trim()))
  ]
}

/** Entitlements by which a step is root on the machine that builds. */
const ENTITLED = /^(?:security\.insecure|device)(?:$|[=.,])/

/** What of `allow` a run may use: a stranger's step would have the runner's disk, and whatever lies there. */
export function allowedTo(trust: Trust, allow: readonly string[]): readonly string[] {
  return trust.trusted ? allow : allow.filter((entitlement) => !ENTITLED.test(entitlement.trim()))
}

function runnersOwnRow(context: Context, inputs: Inputs, untrusted: string): readonly TrustRow[] {
  const own = runnersOwn(context, inputs)
  return own.length === 0 ? [] : [{ what: "The runner's own", decision: `withheld: ${own.join('; ')}`, why: untrusted }]
}

function publishRow(inputs: Inputs, publish: PublishPlan, untrusted: string): TrustRow {
  const parts = [
    ...(publish.push ? [`push ${inputs.tags.join(', ')}`] : []),
    ...(publish.load ? ['load'] : []),
    ...(publish.outputs.length > 0 ? [`${publish.outputs.length} outputs`] : [])
  ]
  const held = (inputs.push && !publish.push) || publish.outputs.length < inputs.outputs.length
  const why = held
    ? untrusted
    : wantsExport(inputs)
      ? 'only after the gate has passed'
      : 'push, load and outputs are not set'
  return { what: 'Publish', decision: parts.length > 0 ? parts.join('; ') : 'no', why }
}

function trustedBecause(context: Context): string {
  if (context.eventName === '') return 'not in a workflow'
  return context.pullRequest === undefined
    ? `event ${context.eventName}`
    : `pull request #${context.pullRequest.number} from this repository`
}

function cacheReason(inputs: Inputs, caching: boolean): string {
  if (!caching) return 'cache-image, cache-from and cache-to are not set'
  if (inputs.cacheMode !== 'auto') return `cache-mode is ${inputs.cacheMode}`
  return inputs.cacheImage === '' ? 'cache-from and cache-to' : `cache-image ${inputs.cacheImage}`
}

function cacheWriteReason(
  { trust, cacheRead, cacheWrite }: Pick<TrustPlan, 'trust' | 'cacheRead' | 'cacheWrite'>,
  context: Context,
  inputs: Inputs
): string {
  if (cacheRead && !trust.trusted) return trust.reason
  const { write } = planScopes(context)
  if (cacheRead && !cacheWrite && inputs.cacheMode !== 'read' && 'reason' in write) return write.reason
  return cacheReason(inputs, plansCache(inputs))
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
