/** Processes of this machine: found by their command line or environment, and ended. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exec } from '../ports.js'

const GRACE_MS = 300
const GROUP_GRACE_MS = 2_000

/** Ends processes (negative: process groups) with SIGTERM, and with SIGKILL those that remain. */
export async function endProcesses(pids: readonly number[]): Promise<void> {
  pids.forEach((pid) => send(pid, 'SIGTERM'))
  const deadline = Date.now() + GRACE_MS
  for (let pause = 1; Date.now() < deadline; pause = Math.min(10, 2 * pause)) {
    if ((await Promise.all(pids.map((pid) => isGone(Math.abs(pid))))).every(Boolean)) return
    await sleep(pause)
  }
  pids.forEach((pid) => send(pid, 'SIGKILL'))
}

/** Ends all that is left of a process group, which is nothing where every child was awaited. */
export async function endGroup(group: number | undefined, graceMilliseconds = GROUP_GRACE_MS): Promise<void> {
  if (group === undefined || !send(-group, 'SIGTERM')) return
  const deadline = Date.now() + graceMilliseconds
  while (Date.now() < deadline) {
    if (!send(-group, 0)) return
    await sleep(20)
  }
  send(-group, 'SIGKILL')
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

/** Ids of those whose environment has it, which is what a program hands on to all it starts; none where the system does not show environments, as Linux alone does. */
export async function findByEnvironment(has: (environment: Buffer) => boolean): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined)
    return environment !== undefined && has(environment) ? [pid] : []
  })
  return (await Promise.all(found)).flat()
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

/** Whether a value may be the id of a process that was started. */
export function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1
}
