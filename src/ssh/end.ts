/** Ends a private agent: at once by the run that started it, or later by `post` from what the run left in its state. */
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asObject, parseJSON } from '../core/json.js'
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

/** Processes other than this one whose command line holds `text`; none where it cannot be told. */
export async function findProcesses(exec: Exec, text: string): Promise<readonly number[]> {
  const listed = existsSync('/proc/self/cmdline') ? await listProc() : await listPs(exec)
  return listed.flatMap(([pid, command]) => (pid !== process.pid && command.includes(text) ? [pid] : []))
}

type Listed = readonly (readonly [pid: number, command: string])[]

async function listProc(): Promise<Listed> {
  const pids = (await readdir('/proc')).map(Number).filter(isPid)
  return Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const)
  )
}

async function listPs(exec: Exec): Promise<Listed> {
  const ps = { file: 'ps', args: ['-axww', '-o', 'pid=,command='] }
  const stdout = await exec(ps, { timeoutSeconds: 5 }).then(
    (result) => result.stdout,
    () => ''
  )
  return stdout.split('\n').map((line) => [parseInt(line, 10), line] as const)
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1
}
