/**
 * A private ssh-agent in a folder of its own. The user's ~/.ssh and any agent that runs already stay untouched.
 *
 * The agent is started in its command form, `ssh-agent … sh -c WATCH`: OpenSSH ends it within ten seconds after that
 * command has ended (`check_parent_exists` in ssh-agent.c), so even a SIGKILL of the action leaves nothing for long. The
 * folder is made by the process that becomes the agent's: at no moment is there one without somebody who removes it.
 * https://github.com/openssh/openssh-portable/blob/master/ssh-agent.c
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopOnProblems } from '../failure/stop.js'
import type { Exec, Log } from '../ports.js'
import { send } from '../adapters/processes.js'
import { GIT_SSH_ID, repositoriesOf } from './deploy_keys.js'
import { endAgent, FOLDER_PREFIX, type AgentLeftover } from './end.js'
import { INSTALL_OPENSSH, machineFailed } from './failed.js'
import type { PrivateKey } from './keys.js'
import { loadKeys, type LoadedKey } from './load.js'
import { planPassphrases } from './passphrases.js'

/** How long the agent is there: for this step, or until the job's `post`. */
export type AgentScope = 'build' | 'job'

/** What the agent is to hold and where it is to live. */
export type AgentOptions = {
  readonly keys: readonly PrivateKey[]
  /** The input `ssh-passphrase` as given; see `planPassphrases`. */
  readonly passphrase: string
  readonly scope: AgentScope
  /** An existing folder, e.g. RUNNER_TEMP. The system's own is used where it makes the socket's path too long or has a comma. */
  readonly folder: string
  /** Only PATH and a few harmless names of it reach the agent; see `AGENT_ENVIRONMENT`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The longest life of the agent and of each key; six hours, a job's limit on hosted runners, unless told. */
  readonly lifetimeSeconds?: number
  /** For each `ssh-add`; 30 unless told. */
  readonly timeoutSeconds?: number
  /** Called as soon as there is something to end, before keys are loaded, so that `post` knows of it in any case. */
  readonly onStarted?: (leftovers: AgentLeftover) => void
}

/** A running agent with its keys loaded. Disposing it ends it; for the scope `job`, leave that to `post`. */
export type Agent = AsyncDisposable & {
  readonly socketPath: string
  readonly pid: number
  /** What `endAgent` needs in `post`. */
  readonly leftovers: AgentLeftover
  readonly keys: readonly LoadedKey[]
}

const SIX_HOURS = 6 * 60 * 60
const START_LIMIT_MS = 10_000
/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, the final NUL included. */
const SOCKET_PATH_LIMIT = 103
const SOCKET_NAME = 'agent.sock'
/** `EX_CANTCREAT` of sysexits.h. */
const NO_FOLDER = 73
/** The exit codes of a shell for a program that may not run, and for one that is not there. */
const [MAY_NOT_RUN, NOT_FOUND] = [126, 127]
/** RUNNER_TRACKING_ID lets the runner end what is left of a job. */
const AGENT_ENVIRONMENT = ['PATH', 'LANG', 'LD_LIBRARY_PATH', 'RUNNER_TRACKING_ID']

/**
 * Makes the folder in the first of the places, and becomes the agent. Where there are passphrases, what asks for them is a
 * program in there: a place in which none can be started (mounted `noexec`) is passed over, but for the last. Says `place`
 * before it tries one.
 * Nobody may be there to read that any more: without the trap, whoever says something would end, and leave the folder.
 */
const LAUNCH = `
trap '' PIPE
name=$1 socket=$2 watched=$3 seconds=$4 watch=$5 programs=$6
shift 6
umask 077
while :; do
  folder=$1/$name
  echo place
  mkdir -- "$folder" || exit ${NO_FOLDER}
  [ "$programs" = yes ] || break
  printf '#!/bin/sh\\n' >"$folder/probe"
  chmod 700 "$folder/probe"
  if "$folder/probe" 2>/dev/null || [ $# -eq 1 ]; then
    rm -f -- "$folder/probe"
    break
  fi
  rm -rf -- "$folder"
  shift
done
cd /
exec ssh-agent -a "$folder/$socket" -t "$seconds" \\
  sh -c "$watch" stagegate-ssh-watch "$folder/$socket" "$watched" "$seconds" "$folder"
`

/** Lives as long as the watched process, the agent and the limit; then ends the agent and removes its folder. */
const WATCH = `
socket=$1 watched=$2 seconds=$3 folder=$4
echo "agent $SSH_AGENT_PID"
exec </dev/null >/dev/null 2>&1
while [ "$seconds" -gt 0 ] && kill -0 "$SSH_AGENT_PID"; do
  [ "$watched" -eq 0 ] || kill -0 "$watched" || break
  sleep 1
  seconds=$((seconds - 1))
done
kill "$SSH_AGENT_PID"
rm -rf -- "$folder"
`

/** Starts an agent and loads the keys. Throws `Stop`, and leaves nothing behind then. */
export async function startAgent(
  ports: { readonly exec: Exec; readonly log: Log },
  options: AgentOptions
): Promise<Agent> {
  const plan = planPassphrases(options.keys, options.passphrase)
  stopOnProblems(plan.problems)
  const lifetimeSeconds = options.lifetimeSeconds ?? SIX_HOURS
  const asksForPassphrases = plan.passphrases.some((passphrase) => passphrase !== undefined)
  const started = await launch(options, lifetimeSeconds, asksForPassphrases)
  const { leftovers } = started
  const { socketPath, agentPid, folder } = leftovers
  const end = endOnce(ports.exec, started)
  try {
    options.onStarted?.(leftovers)
    const timeoutSeconds = options.timeoutSeconds ?? 30
    const loading = { exec: ports.exec, socketPath, folder, lifetimeSeconds, timeoutSeconds }
    const keys = await loadKeys(loading, options.keys, plan.passphrases)
    for (const key of keys) {
      const named = repositoriesOf(key)
      const use = named.length === 0 ? '' : `; with ${GIT_SSH_ID} it is the key for ${named.join(', ')}`
      ports.log.info(`Loaded ${key.type} ${key.fingerprint} into the agent${use}.`)
    }
    return { socketPath, pid: agentPid, leftovers, keys, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

type Started = { readonly leftovers: AgentLeftover; readonly watcher: ChildProcess }

/**
 * The process whose end ends the agent: this one, or the runner's worker above it. 0, for "only the lifetime counts",
 * where there is none to be seen (in a container the worker is outside) or it belongs to another user.
 */
function watchedProcess(scope: AgentScope): number {
  const pid = scope === 'build' ? process.pid : process.ppid
  return pid > 1 && send(pid, 0) ? pid : 0
}

/** Where a folder of that name can be: the given one and the system's, where the socket's path can be used, and /tmp. */
function placesFor(name: string, given: string): readonly string[] {
  // `--ssh id=PATH` takes a comma for the end of the path, and knows no quotes.
  const fits = (place: string): boolean =>
    !place.includes(',') && Buffer.byteLength(join(place, name, SOCKET_NAME)) <= SOCKET_PATH_LIMIT
  return [...new Set([given, tmpdir(), '/tmp'])].filter((place) => place === '/tmp' || fits(place))
}

async function launch(options: AgentOptions, lifetimeSeconds: number, asksForPassphrases: boolean): Promise<Started> {
  const name = `${FOLDER_PREFIX}${randomBytes(6).toString('base64url')}`
  const places = placesFor(name, options.folder)
  const watched = String(watchedProcess(options.scope))
  const programs = asksForPassphrases ? 'yes' : 'no'
  const settings = [name, SOCKET_NAME, watched, String(lifetimeSeconds), WATCH, programs]
  const watcher = spawn('sh', ['-c', LAUNCH, 'stagegate-ssh-launch', ...settings, ...places], {
    cwd: '/',
    detached: true,
    env: {
      ...Object.fromEntries(
        AGENT_ENVIRONMENT.flatMap((known) =>
          options.environment[known] === undefined ? [] : [[known, options.environment[known]]]
        )
      ),
      LC_ALL: 'C'
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  try {
    const { place, agentPid } = await hear(watcher, places)
    watcher.unref()
    const folder = join(place, name)
    const socketPath = join(folder, SOCKET_NAME)
    return { watcher, leftovers: { socketPath, agentPid, watcherPid: watcher.pid ?? 0, folder } }
  } catch (error) {
    if (watcher.pid !== undefined) send(-watcher.pid, 'SIGKILL')
    await Promise.allSettled(places.map((place) => rm(join(place, name), { recursive: true, force: true })))
    throw error
  } finally {
    watcher.stdout.destroy()
    watcher.stderr.destroy()
  }
}

/** Where the folder is, and the agent's pid; the socket is there by then. */
async function hear(
  watcher: ChildProcess,
  places: readonly string[]
): Promise<{ readonly place: string; readonly agentPid: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ place: string; agentPid: number }>()
  let [stdout, stderr] = ['', '']
  const place = (): string => places[[...stdout.matchAll(/^place$/gm)].length - 1] ?? '/tmp'
  watcher.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1')
    const pid = /^agent (\d+)\n/m.exec(stdout)?.[1]
    if (pid !== undefined) resolve({ place: place(), agentPid: Number(pid) })
  })
  watcher.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('latin1')))
  watcher.once('error', (error: NodeJS.ErrnoException) => {
    reject(machineFailed(`A shell (sh) could not be started${codeOf(error)}.`, 'Check the PATH of the runner.', error))
  })
  watcher.once('close', (code) => {
    reject(endedEarly(code, stderr.trim().split('\n').at(-1) ?? '', place()))
  })
  const limit = new AbortController()
  const late = sleep(START_LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
    throw machineFailed(
      `ssh-agent did not start within ${START_LIMIT_MS / 1000} seconds.`,
      'Check the load of the runner.'
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    limit.abort()
    late.catch(() => undefined)
  }
}

/** Why there is no agent, from how the shell that was to become one has ended. */
function endedEarly(code: number | null, said: string, place: string): Error {
  if (code === NOT_FOUND) return machineFailed('ssh-agent was not found on PATH.', INSTALL_OPENSSH)
  // "mkdir: cannot create directory '…': No such file or directory", "sh: exec: ssh-agent: Permission denied"
  const reason = said.split(': ').at(-1) ?? said
  if (code === MAY_NOT_RUN)
    return machineFailed(`ssh-agent could not be started: ${reason}.`, 'Check that the runner may run it.')
  if (code !== NO_FOLDER)
    return machineFailed(`ssh-agent ended at once with exit code ${code ?? 'unknown'}: ${said}`, INSTALL_OPENSSH)
  return machineFailed(
    `No folder for the ssh-agent could be made in ${place}: ${reason}.`,
    'The temporary folder of the runner (RUNNER_TEMP) must exist and be writable.'
  )
}

/**
 * While the watcher, our own child, has not ended, both pids are ours for certain: the agent is its child, and the
 * watcher ends within a second after the agent. Once it has ended, they are checked as `post` checks them.
 */
function endOnce(exec: Exec, { watcher, leftovers }: Started): () => Promise<void> {
  let ended: Promise<void> | undefined
  const end = async (): Promise<void> => {
    const running = watcher.exitCode === null && watcher.signalCode === null
    await endAgent({ exec }, leftovers, running)
  }
  return () => (ended ??= end())
}

function codeOf(error: unknown): string {
  const known = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
  return known ? ` (${String(error.code)})` : ''
}
