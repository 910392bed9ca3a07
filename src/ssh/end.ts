/** Ends a private agent: at once by the run that started it, or later by `post` from what the run left in its state. */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { endProcesses, isPid } from '../adapters/processes.js'
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

/** Reads a leftover back from JSON; undefined when the text is not one of ours. */
export function parseLeftover(text: string): AgentLeftover | undefined {
  const { socketPath, agentPid, watcherPid, folder } = asObject(parseJSON(text)) ?? {}
  if (typeof socketPath !== 'string' || typeof folder !== 'string' || !isPid(agentPid) || !isPid(watcherPid))
    return undefined
  if (dirname(socketPath) !== folder || !basename(folder).startsWith(FOLDER_PREFIX)) return undefined
  return { socketPath, agentPid, watcherPid, folder }
}

/**
 * Ends an agent, if it still runs. Pids are recycled, so only a process whose command line names the agent's socket is
 * touched, unless both are `certain` to be the agent's. Does nothing the second time.
 */
export async function endAgent(
  { exec }: { readonly exec: Exec },
  leftover: AgentLeftover,
  certain = false
): Promise<void> {
  const { socketPath, agentPid, watcherPid, folder } = leftover
  const isOurs = async (pid: number): Promise<boolean> =>
    certain || (await readCommandLine(exec, pid)).includes(socketPath)
  const [agent, watcher] = await Promise.all([isOurs(agentPid), isOurs(watcherPid)])
  try {
    // First, since the watcher removes it where this process is killed at any moment of this.
    await rm(folder, { recursive: true, force: true })
  } finally {
    await endProcesses([...(agent ? [agentPid] : []), ...(watcher ? [-watcherPid] : [])])
  }
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
