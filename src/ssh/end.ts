/** Ends a private agent: at once by the run that started it, or later by `post` from what the run left in its state. */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asObject, parseJSON } from '../build/json.js'
import type { Exec } from '../ports.js'

/** What must be ended, as a plain JSON value. It names processes and a folder; it holds no secret. */
export type AgentLeftover = {
  readonly socketPath: string
  readonly agentPid: number
  readonly watcherPid: number
  readonly folder: string
}

/** Every folder of ours starts with this; nothing else is ever removed. */
export const FOLDER_PREFIX = 'stagegate-ssh-'

const GRACE_MS = 300

/** Reads a leftover back from JSON; undefined when the text is not one of ours. */
export function parseLeftover(text: string): AgentLeftover | undefined {
  const { socketPath, agentPid, watcherPid, folder } = asObject(parseJSON(text)) ?? {}
  if (typeof socketPath !== 'string' || typeof folder !== 'string' || !isPid(agentPid) || !isPid(watcherPid))
    return undefined
  if (dirname(socketPath) !== folder || !basename(folder).startsWith(FOLDER_PREFIX)) return undefined
  return { socketPath, agentPid, watcherPid, folder }
}

/**
 * Ends the agent of an earlier process of this action, if it still runs. Pids are recycled, so only a process whose
 * command line names the agent's socket is touched. Does nothing the second time.
 */
export async function endAgent({ exec }: { readonly exec: Exec }, leftover: AgentLeftover): Promise<void> {
  const { socketPath, agentPid, watcherPid, folder } = leftover
  const isOurs = async (pid: number): Promise<boolean> => (await readCommandLine(exec, pid)).includes(socketPath)
  const [agent, watcher] = await Promise.all([isOurs(agentPid), isOurs(watcherPid)])
  await endProcesses([...(agent ? [agentPid] : []), ...(watcher ? [-watcherPid] : [])])
  await rm(folder, { recursive: true, force: true })
}

/** Ends processes (negative: process groups) with SIGTERM, and with SIGKILL those that remain. */
export async function endProcesses(pids: readonly number[]): Promise<void> {
  pids.forEach((pid) => send(pid, 'SIGTERM'))
  const deadline = Date.now() + GRACE_MS
  while (Date.now() < deadline) {
    if ((await Promise.all(pids.map((pid) => isGone(Math.abs(pid))))).every(Boolean)) return
    await sleep(10)
  }
  pids.forEach((pid) => send(pid, 'SIGKILL'))
}

/** Whether a signal could be delivered. */
export function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false // ESRCH: it has ended; EPERM: it is somebody else's.
  }
}

/** A zombie counts as gone: in a container without an init process nobody collects it. */
async function isGone(pid: number): Promise<boolean> {
  if (!send(pid, 0)) return true
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  return /\) [ZX] /.test(stat)
}

/** Empty where it cannot be told; then the process is left alone, and its watcher ends it. */
async function readCommandLine(exec: Exec, pid: number): Promise<string> {
  if (existsSync('/proc/self/cmdline')) return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const ps = { file: 'ps', args: ['-ww', '-o', 'command=', '-p', String(pid)] }
  return exec(ps, { timeoutSeconds: 5 }).then(
    ({ stdout }) => stdout,
    () => ''
  )
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1
}
