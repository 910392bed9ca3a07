/** The trust plan: what this run may do of what it is asked for, printed as one table. Pure. */
import { splitPair } from '../core/pair.js'
import { count } from '../core/units.js'
import type { Inputs } from '../inputs/inputs.js'
import type { OutputEntry } from '../inputs/outputs.js'
import { wantsExport } from '../inputs/inputs.js'
import type { Occasion } from './occasion.js'
import type { Trust } from './trust.js'

/** What a run may be asked for that not every run may do. */
type Wishes = Pick<Inputs, 'push' | 'load' | 'outputs' | 'tags' | 'allow' | CacheWish | CredentialWish>
type CacheWish = 'cacheImage' | 'cacheMode' | 'cacheFrom' | 'cacheTo'
type CredentialWish = 'buildArgs' | 'secrets' | 'ssh' | 'sshPrivateKey' | 'sshAgentScope'

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

/** Plans what the run may do. */
export function planTrust({ trust, scopes }: Pick<Occasion, 'trust' | 'scopes'>, inputs: Wishes): TrustPlan {
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
    ((inputs.cacheImage !== '' && 'scope' in scopes.write) || inputs.cacheTo.length > 0)
  return { trust, publish, cacheRead, cacheWrite }
}

/**
 * The plan as a table: what, the decision, and why.
 * @param supplied ids of the secrets that have a value in this run
 */
export function tabulateTrust(
  { trust, publish, cacheRead, cacheWrite }: TrustPlan,
  occasion: Occasion,
  inputs: Wishes,
  supplied: readonly string[]
): readonly TrustRow[] {
  const caching = plansCache(inputs)
  const untrusted = trust.trusted ? '' : trust.reason
  const withheld = !trust.trusted && trust.withholds
  const keys = inputs.sshPrivateKey.trim() !== ''
  return [
    { what: 'Trusted', decision: yesNo(trust.trusted), why: trust.trusted ? trustedBecause(occasion) : untrusted },
    {
      what: 'SSH key',
      decision: !keys ? 'none' : withheld ? 'withheld' : 'loaded into a private agent',
      why: !keys ? 'ssh-private-key is empty' : withheld ? untrusted : `ssh-private-key, scope ${inputs.sshAgentScope}`
    },
    secretsRow(inputs, supplied, withheld, untrusted),
    ...(trust.trusted ? [] : runnersOwnRow(occasion, inputs, untrusted)),
    { what: 'Cache read', decision: yesNo(cacheRead), why: cacheReason(inputs, caching) },
    {
      what: 'Cache write',
      decision: yesNo(cacheWrite),
      why: cacheWriteReason({ trust, cacheRead, cacheWrite }, occasion, inputs)
    },
    ...cacheServiceRow(occasion),
    publishRow(inputs, publish, untrusted)
  ]
}

/** Said only where GitHub withholds something: baselines and cache mounts then stay away for no other reason. */
function cacheServiceRow({ cacheServiceMode }: Occasion): readonly TrustRow[] {
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

function plansCache(inputs: Pick<Wishes, CacheWish>): boolean {
  return inputs.cacheImage !== '' || inputs.cacheFrom.length > 0 || inputs.cacheTo.length > 0
}

function secretsRow(inputs: Wishes, supplied: readonly string[], withheld: boolean, untrusted: string): TrustRow {
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
export function runnersOwn(
  { sshAuthSock }: Pick<Occasion, 'sshAuthSock'>,
  inputs: Pick<Wishes, 'allow' | CredentialWish>
): readonly string[] {
  const ids = (input: 'secret-files' | 'secret-envs'): string =>
    inputs.secrets.flatMap((source) => (source.input === input ? [source.id] : [])).join(', ')
  const [files, variables] = [ids('secret-files'), ids('secret-envs')]
  const paths = inputs.ssh.filter(({ path }) => path !== undefined).map(({ id }) => id)
  const named = inputs.buildArgs.map(splitPair).flatMap(({ name, value }) => (value === undefined ? [name] : []))
  const wantsAgent = inputs.ssh.length > paths.length && inputs.sshPrivateKey.trim() === ''
  return [
    ...(files === '' ? [] : [`the files of ${files}`]),
    ...(variables === '' ? [] : [`the variables of ${variables}`]),
    ...(named.length === 0 ? [] : [`the variables of the build arguments ${named.join(', ')}`]),
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

function runnersOwnRow(occasion: Occasion, inputs: Wishes, untrusted: string): readonly TrustRow[] {
  const own = runnersOwn(occasion, inputs)
  return own.length === 0 ? [] : [{ what: "The runner's own", decision: `withheld: ${own.join('; ')}`, why: untrusted }]
}

function publishRow(inputs: Wishes, publish: PublishPlan, untrusted: string): TrustRow {
  const parts = [
    ...(publish.push ? [`push ${inputs.tags.join(', ')}`] : []),
    ...(publish.load ? ['load'] : []),
    ...(publish.outputs.length > 0 ? [count(publish.outputs.length, 'output')] : [])
  ]
  const held = (inputs.push && !publish.push) || publish.outputs.length < inputs.outputs.length
  const why = held
    ? untrusted
    : wantsExport(inputs)
      ? 'only after the gate has passed'
      : 'push, load and outputs are not set'
  return { what: 'Publish', decision: parts.length > 0 ? parts.join('; ') : 'no', why }
}

function trustedBecause({ eventName, pullRequest }: Occasion): string {
  if (eventName === '') return 'not in a workflow'
  return pullRequest === undefined ? `event ${eventName}` : `pull request #${pullRequest.number} from this repository`
}

function cacheReason(inputs: Wishes, caching: boolean): string {
  if (!caching) return 'cache-image, cache-from and cache-to are not set'
  if (inputs.cacheMode !== 'auto') return `cache-mode is ${inputs.cacheMode}`
  return inputs.cacheImage === '' ? 'cache-from and cache-to' : `cache-image ${inputs.cacheImage}`
}

function cacheWriteReason(
  { trust, cacheRead, cacheWrite }: Pick<TrustPlan, 'trust' | 'cacheRead' | 'cacheWrite'>,
  { scopes: { write } }: Occasion,
  inputs: Wishes
): string {
  if (cacheRead && !trust.trusted) return trust.reason
  if (cacheRead && !cacheWrite && inputs.cacheMode !== 'read' && 'reason' in write) return write.reason
  return cacheReason(inputs, plansCache(inputs))
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
