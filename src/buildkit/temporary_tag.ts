/** Names in an engine of the classic image store, which exports no layout: an image is there for as long as it is looked at. */
import { randomBytes } from 'node:crypto'
import os from 'node:os'
import type { Ports } from '../ports.js'
import { removeImageCommand } from './builder.js'

const temporaryRepository = 'stagegate-inspect'

/** A tag of this process on this machine, so that a later run can tell whether anybody still needs it. */
export function nameTag(): string {
  return `${temporaryRepository}:${machineName()}-${process.pid}-${randomBytes(6).toString('hex')}`
}

/** Removes the tags of runs on this machine that were killed before they could. Trouble with it is nobody's. */
export async function removeStaleTags({ exec }: Pick<Ports, 'exec'>): Promise<void> {
  const list = ['image', 'ls', '--filter', `reference=${temporaryRepository}`, '--format', '{{.Tag}}']
  const listed = await exec({ file: 'docker', args: list }, { timeoutSeconds: 30 })
  for (const tag of listed.stdout.split('\n')) {
    const [, machine, pid] = /^(.+)-(\d+)-[0-9a-f]{12}$/.exec(tag.trim()) ?? []
    if (machine !== machineName() || isAlive(Number(pid))) continue
    await exec(removeImageCommand(`${temporaryRepository}:${tag.trim()}`), { timeoutSeconds: 30 })
  }
}

function machineName(): string {
  return os
    .hostname()
    .replace(/[^\w.-]/g, '_')
    .slice(0, 64)
}

/** EPERM tells of a process of somebody else's. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
