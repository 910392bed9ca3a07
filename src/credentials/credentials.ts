/** The credentials of a run: keys and secrets, checked and masked, then handed to the build and taken away again. */
import type { InputProblem } from '../core/problem.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Inputs } from '../inputs/inputs.js'
import type { LeftoverList } from '../leftovers.js'
import type { Ports } from '../ports.js'
import { handOverSecrets, planMasks, readSecrets, type Secret } from './secrets.js'
import { startAgent } from '../ssh/agent.js'
import { GIT_SSH_ID, writeGitSSH } from '../ssh/deploy_keys.js'
import { readPrivateKeys, type PrivateKey } from '../ssh/keys.js'
import { planKnownHosts } from '../ssh/known_hosts.js'
import { planPassphrases } from '../ssh/passphrases.js'
import { runnersOwn } from '../occasion/trust_plan.js'

/** Secrets under these ids come from us; the user's own secret of the same id takes their place. */
const KNOWN_HOSTS_ID = 'known_hosts'
/**
 * BuildKit's names for what it fetches from git with: `GIT_AUTH_TOKEN` for every host, `GIT_AUTH_TOKEN.HOST` for one.
 * https://docs.docker.com/build/concepts/context/#authentication
 */
const gitIDs = ['GIT_AUTH_TOKEN', 'GIT_AUTH_HEADER']

/** Everything secret, read and checked. Holds values: never print it. */
export type Credentials = {
  readonly secrets: readonly Secret[]
  readonly keys: readonly PrivateKey[]
  /** Every value that must not be seen, by the id a message may name it with. */
  readonly sensitive: readonly { readonly id: string; readonly value: Buffer; readonly kind: 'secret' | 'ssh-key' }[]
  readonly notes: readonly string[]
  /** Nothing of the workflow's may reach the build: not even a socket or a key file that `ssh` names. */
  readonly withheld: boolean
  /** Whether the build may have what is the runner's own: its agent, and the sockets and key files that `ssh` names. */
  readonly usesRunners: boolean
}

/** Credentials as the build takes them, until they are disposed of. */
export type SuppliedCredentials = AsyncDisposable & {
  /** Values of `--secret` and `--ssh`. */
  readonly flags: { readonly secrets: readonly string[]; readonly ssh: readonly string[] }
  readonly env: Readonly<Record<string, string>>
  readonly secretIDs: readonly string[]
  readonly sshIDs: readonly string[]
}

/** The inputs that are secret, name what is, or decide who may have it. */
type CredentialInputs = Pick<
  Inputs,
  | 'allow'
  | 'buildArgs'
  | 'context'
  | 'githubToken'
  | 'secrets'
  | 'ssh'
  | 'sshAgentScope'
  | 'sshKnownHosts'
  | 'sshPassphrase'
  | 'sshPrivateKey'
>

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads keys, secrets and known hosts. Problems are returned, so that they are reported with all others.
 * @param contexts of all images, where there are several
 */
export async function readCredentials(
  inputs: CredentialInputs,
  occasion: Occasion,
  env: Environment,
  contexts: readonly Inputs['context'][] = [inputs.context]
): Promise<{ credentials: Credentials; problems: readonly InputProblem[] }> {
  const { trust } = occasion
  const withheld = !trust.trusted && trust.withholds
  // An input of several `${{ secrets.… }}` lines is blank, not absent, where GitHub gives none.
  const noKey = inputs.sshPrivateKey === '' || (!trust.trusted && inputs.sshPrivateKey.trim() === '')
  const keyReading = noKey ? { keys: [], problems: [] } : readPrivateKeys(inputs.sshPrivateKey)
  const passphrases = planPassphrases(keyReading.keys, inputs.sshPassphrase)
  const knownHosts = planKnownHosts(inputs.sshKnownHosts)
  const reading = await readSecrets(inputs.secrets, env, trust.trusted)

  // Files and variables are the runner's, not of GitHub's giving: no untrusted run gets them. They are masked all the same.
  const runners = new Set(
    trust.trusted ? [] : inputs.secrets.flatMap(({ id, input }) => (input === 'secrets' ? [] : [id]))
  )
  const given = new Set(inputs.secrets.map(({ id }) => id).filter((id) => !runners.has(id)))
  const own: Secret[] = []
  if (!given.has(KNOWN_HOSTS_ID)) own.push({ id: KNOWN_HOSTS_ID, value: Buffer.from(knownHosts.text) })
  const host = withheld
    ? undefined
    : contexts.map((context) => hostOnServer(context, occasion.serverUrl)).find((found) => found !== undefined)
  const hasOwnLogin = gitIDs.some((id) => given.has(id) || given.has(`${id}.${host ?? ''}`))
  // Without the host in its id BuildKit would send it to whatever server a Dockerfile fetches from.
  if (host !== undefined && inputs.githubToken !== '' && !hasOwnLogin) {
    own.push({ id: `GIT_AUTH_TOKEN.${host}`, value: Buffer.from(inputs.githubToken) })
  }

  const typed = (id: string, value: string, kind: 'secret' | 'ssh-key' = 'secret') => ({
    id,
    value: Buffer.from(value),
    kind
  })
  const sensitive = [
    ...reading.secrets.map(({ id, value }) => ({ id, value, kind: 'secret' as const })),
    ...keyReading.keys.map(({ text }) => typed('ssh-private-key', text, 'ssh-key')),
    typed('ssh-private-key', inputs.sshPrivateKey),
    ...inputs.sshPassphrase.split(/\r?\n/).map((value) => typed('ssh-passphrase', value)),
    typed('github-token', inputs.githubToken)
  ].filter(({ value }) => !isBlank(value))

  if (withheld) {
    const kept = [
      ...(inputs.sshPrivateKey.trim() === '' && inputs.ssh.length === 0 ? [] : ['SSH keys']),
      ...(inputs.secrets.length === 0 ? [] : ['secrets'])
    ]
    const notes =
      kept.length === 0
        ? []
        : [`The build gets none of the ${kept.join(' and ')} of this step, because ${trust.reason}.`]
    const offered = given.has(KNOWN_HOSTS_ID) ? [] : own
    return {
      credentials: { secrets: offered, keys: [], sensitive, notes, withheld, usesRunners: false },
      problems: knownHosts.problems
    }
  }
  return {
    credentials: {
      secrets: [...reading.secrets.filter(({ id }) => !runners.has(id)), ...own],
      keys: keyReading.keys,
      sensitive,
      notes: [...reading.notes, ...withheldNotes(inputs, occasion)],
      withheld,
      usesRunners: trust.trusted
    },
    problems: [
      ...keyReading.problems,
      ...(keyReading.problems.length === 0 ? passphrases.problems : []),
      ...knownHosts.problems,
      ...checkSSH(inputs, occasion),
      ...reading.problems
    ]
  }
}

function isBlank(value: Buffer): boolean {
  return value.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

/** Masks every sensitive value in the log. Done before anything else is printed. */
export function maskCredentials(sensitive: Credentials['sensitive'], mask: (value: string) => void): void {
  const masks = new Set(sensitive.flatMap(({ value }) => planMasks(value)))
  for (const value of masks) mask(value)
}

type SupplyOptions = {
  readonly inputs: CredentialInputs
  readonly occasion: Occasion
  readonly env: Environment
  readonly leftovers: LeftoverList
}

/** Starts the agent and puts the secrets where the build finds them. */
export async function supplyCredentials(
  ports: Pick<Ports, 'exec' | 'log' | 'runner'>,
  { secrets, keys, withheld, usesRunners }: Credentials,
  { inputs, occasion, env, leftovers }: SupplyOptions
): Promise<SuppliedCredentials> {
  await using stack = new AsyncDisposableStack()
  for (const [index, { repairs }] of keys.entries()) {
    if (repairs.length > 0) ports.log.info(`ssh-private-key, key ${index + 1} was repaired: ${repairs.join('; ')}.`)
  }
  const agent =
    keys.length === 0
      ? undefined
      : await startAgent(ports, {
          keys,
          passphrase: inputs.sshPassphrase,
          scope: inputs.sshAgentScope,
          folder: occasion.temporaryFolder,
          environment: env,
          onStarted: leftovers.addAgent
        })
  if (agent !== undefined && inputs.sshAgentScope === 'build') stack.use(agent)
  if (agent !== undefined && inputs.sshAgentScope === 'job') {
    ports.runner.exportVariable('SSH_AUTH_SOCK', agent.socketPath)
    ports.runner.exportVariable('SSH_AGENT_PID', String(agent.pid))
  }

  const socket = agent?.socketPath ?? (usesRunners ? occasion.sshAuthSock : undefined)
  const asked = inputs.ssh.length === 0 && agent !== undefined ? [{ id: 'default' }] : inputs.ssh
  const entries = withheld ? [] : asked
  const usable = entries.flatMap(({ id, path }) => {
    const source = usesRunners ? (path ?? socket) : path === undefined ? socket : undefined
    return source === undefined ? [] : [{ id, source }]
  })
  const isGiven = secrets.some(({ id }) => id === GIT_SSH_ID)
  const gitSSH = { id: GIT_SSH_ID, value: Buffer.from(writeGitSSH(agent?.keys ?? [])) }
  const offered = usable.length === 0 || isGiven ? secrets : [...secrets, gitSSH]
  const handover = stack.use(await handOverSecrets(offered, occasion.temporaryFolder, leftovers.addFolder))
  const kept = stack.move()
  return {
    flags: { secrets: handover.flags, ssh: usable.map(({ id, source }) => `${id}=${source}`) },
    // To a git context over SSH buildx forwards the runner's agent of its own accord.
    env: usesRunners ? handover.env : { ...handover.env, SSH_AUTH_SOCK: '' },
    secretIDs: offered.map(({ id }) => id),
    sshIDs: usable.map(({ id }) => id),
    [Symbol.asyncDispose]: () => kept.disposeAsync()
  }
}

/** What an untrusted run that keeps what GitHub gave it does without, in a sentence. */
function withheldNotes(inputs: CredentialInputs, occasion: Occasion): readonly string[] {
  const { trust } = occasion
  const own = trust.trusted ? [] : runnersOwn(occasion, inputs)
  if (trust.trusted || own.length === 0) return []
  return [`The build gets nothing of the runner's own (${own.join('; ')}), because ${trust.reason}.`]
}

/**
 * Host and port of a git context on the server that the token is for, as BuildKit writes them; `undefined` for any other:
 * nobody else may see the token. Read strictly, since this and BuildKit must not read one address in two ways. An address
 * with a login of its own needs none of ours.
 */
function hostOnServer(context: Inputs['context'], serverUrl: string): string | undefined {
  if (context.kind === 'local') return undefined
  const address = context.url.startsWith('github.com/') ? `https://${context.url}` : context.url
  const match = /^(https?):\/\/((?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?)(?:[/?#]|$)/i.exec(address)
  const [, scheme = '', host = ''] = match ?? []
  return host !== '' && URL.parse(`${scheme}://${host}`)?.origin === URL.parse(serverUrl)?.origin ? host : undefined
}

function checkSSH(inputs: CredentialInputs, { sshAuthSock, trust }: Occasion): readonly InputProblem[] {
  if (inputs.sshPrivateKey !== '' || sshAuthSock !== undefined || !trust.trusted) return []
  return inputs.ssh
    .filter(({ path }) => path === undefined)
    .map(({ id }) => ({
      input: 'ssh',
      problem: `the ssh id "${id}" has no agent behind it: ssh-private-key is empty and SSH_AUTH_SOCK is not set`,
      fix: 'Set ssh-private-key, for example to ${{ secrets.DEPLOY_KEY }}, and check that this secret exists.'
    }))
}
