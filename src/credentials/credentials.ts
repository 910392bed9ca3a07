/** The credentials of a run: keys and secrets, checked and masked, then handed to the build and taken away again. */
import type { InputProblem } from '../core/problem.js'
import type { Context } from '../occasion/context.js'
import type { Inputs } from '../inputs/inputs.js'
import type { LeftoverBook } from '../leftovers.js'
import type { Ports } from '../ports.js'
import { handOverSecrets, planMasks, readSecrets, type Secret } from './secrets.js'
import { startAgent } from '../ssh/agent.js'
import { readPrivateKeys, type PrivateKey } from '../ssh/keys.js'
import { planKnownHosts } from '../ssh/known_hosts.js'
import { planPassphrases } from '../ssh/passphrases.js'
import type { Trust } from '../occasion/trust.js'

/** Secrets under these ids come from us; the user's own secret of the same id takes their place. */
const knownHostsID = 'known_hosts'
/** BuildKit's name for the token of a git context: https://docs.docker.com/build/concepts/context/#authentication */
const gitTokenID = 'GIT_AUTH_TOKEN'

/** Everything secret, read and checked. Holds values: never print it. */
export type Credentials = {
  readonly secrets: readonly Secret[]
  readonly keys: readonly PrivateKey[]
  /** Every value that must not be seen, by the id a message may name it with. */
  readonly sensitive: readonly { readonly id: string; readonly value: Buffer; readonly kind: 'secret' | 'ssh-key' }[]
  readonly notes: readonly string[]
  /** Nothing of the workflow's may reach the build: not even a socket or a key file that `ssh` names. */
  readonly withheld: boolean
}

/** Credentials as the build takes them. */
export type HandedOver = AsyncDisposable & {
  /** Values of `--secret` and `--ssh`. */
  readonly flags: { readonly secrets: readonly string[]; readonly ssh: readonly string[] }
  readonly env: Readonly<Record<string, string>>
  readonly secretIDs: readonly string[]
  readonly sshIDs: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads keys, secrets and known hosts. Problems are returned, so that they are reported with all others. */
export async function readCredentials(
  inputs: Inputs,
  context: Context,
  env: Environment,
  trust: Trust
): Promise<{ credentials: Credentials; problems: readonly InputProblem[] }> {
  const withheld = !trust.trusted && trust.withholds
  // An input of several `${{ secrets.… }}` lines is blank, not absent, where GitHub gives none.
  const noKey = inputs.sshPrivateKey === '' || (!trust.trusted && inputs.sshPrivateKey.trim() === '')
  const keyReading = noKey ? { keys: [], problems: [] } : readPrivateKeys(inputs.sshPrivateKey)
  const passphrases = planPassphrases(keyReading.keys, inputs.sshPassphrase)
  const knownHosts = planKnownHosts(inputs.sshKnownHosts)
  const reading = await readSecrets(inputs.secrets, env, trust.trusted)

  const given = new Set(inputs.secrets.map(({ id }) => id))
  const own: Secret[] = []
  if (!given.has(knownHostsID)) own.push({ id: knownHostsID, value: Buffer.from(knownHosts.text) })
  if (
    !withheld &&
    isOnServer(inputs.context, context.serverUrl) &&
    inputs.githubToken !== '' &&
    !given.has(gitTokenID)
  ) {
    own.push({ id: gitTokenID, value: Buffer.from(inputs.githubToken) })
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
    const offered = given.has(knownHostsID) ? [] : own
    return { credentials: { secrets: offered, keys: [], sensitive, notes, withheld }, problems: knownHosts.problems }
  }
  return {
    credentials: {
      secrets: [...reading.secrets, ...own],
      keys: keyReading.keys,
      sensitive,
      notes: reading.notes,
      withheld
    },
    problems: [
      ...keyReading.problems,
      ...(keyReading.problems.length === 0 ? passphrases.problems : []),
      ...knownHosts.problems,
      ...checkSSH(inputs, context, trust),
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

/** Starts the agent and puts the secrets where the build finds them. */
export async function handOver(
  ports: Pick<Ports, 'exec' | 'log' | 'runner'>,
  { secrets, keys, withheld }: Credentials,
  { inputs, context, env, book }: { inputs: Inputs; context: Context; env: Environment; book: LeftoverBook }
): Promise<HandedOver> {
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
          folder: context.temporaryFolder,
          environment: env,
          onStarted: book.addAgent
        })
  if (agent !== undefined && inputs.sshAgentScope === 'build') stack.use(agent)
  if (agent !== undefined && inputs.sshAgentScope === 'job') {
    ports.runner.exportVariable('SSH_AUTH_SOCK', agent.socketPath)
    ports.runner.exportVariable('SSH_AGENT_PID', String(agent.pid))
  }

  const handover = stack.use(await handOverSecrets(secrets, context.temporaryFolder, book.addFolder))

  const socket = agent?.socketPath ?? context.sshAuthSock
  const asked = inputs.ssh.length === 0 && agent !== undefined ? [{ id: 'default' }] : inputs.ssh
  const entries = withheld ? [] : asked
  const usable = entries.flatMap(({ id, path }) => {
    const source = path ?? socket
    return source === undefined ? [] : [{ id, source }]
  })
  const kept = stack.move()
  return {
    flags: { secrets: handover.flags, ssh: usable.map(({ id, source }) => `${id}=${source}`) },
    env: handover.env,
    secretIDs: secrets.map(({ id }) => id),
    sshIDs: usable.map(({ id }) => id),
    [Symbol.asyncDispose]: () => kept.disposeAsync()
  }
}

/** Whether a remote context is a repository on the server that the token is for: nobody else may see the token. */
function isOnServer(context: Inputs['context'], serverUrl: string): boolean {
  if (context.kind === 'local') return false
  const address = context.url.startsWith('github.com/') ? `https://${context.url}` : context.url
  return URL.parse(address)?.origin === URL.parse(serverUrl)?.origin && /^https?:/.test(address)
}

function checkSSH(inputs: Inputs, context: Context, trust: Trust): readonly InputProblem[] {
  if (inputs.sshPrivateKey !== '' || context.sshAuthSock !== undefined || !trust.trusted) return []
  return inputs.ssh
    .filter(({ path }) => path === undefined)
    .map(({ id }) => ({
      input: 'ssh',
      problem: `the ssh id "${id}" has no agent behind it: ssh-private-key is empty and SSH_AUTH_SOCK is not set`,
      fix: 'Set ssh-private-key, for example to ${{ secrets.DEPLOY_KEY }}, and check that this secret exists.'
    }))
}
