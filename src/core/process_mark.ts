/**
 * The mark of this process on what it puts into an engine, so that a later run on the machine can tell whether anybody still
 * needs it: a run that is killed removes nothing.
 */
import { createHash } from 'node:crypto'
import os from 'node:os'

/** 16 hexadecimal digits: half of them for the machine, half for the process, which is this one unless told. */
export function processMark(pid = process.pid): string {
  return machine() + pid.toString(16).padStart(8, '0')
}

/** Whether a text begins with the mark of a process of this machine that has ended. Ids are used again: in doubt it has not. */
export function isOfEndedProcess(text: string): boolean {
  const [, of, pid = ''] = /^([0-9a-f]{8})([0-9a-f]{8})/.exec(text) ?? []
  return of === machine() && !isAlive(Number.parseInt(pid, 16))
}

function machine(): string {
  return createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8)
}

/** EPERM tells of a process of somebody else's. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
