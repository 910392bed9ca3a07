/** Names in an engine of the classic image store, which exports no layout: an image is there for as long as it is looked at. */
import { randomBytes } from 'node:crypto'
import { isOfEndedProcess, processMark } from '../core/process_mark.js'
import type { Ports } from '../ports.js'
import { removeImageCommand } from './builder.js'

const TEMPORARY_REPOSITORY = 'stagegate-inspect'

/** A tag of this process on this machine, so that a later run can tell whether anybody still needs it. */
export function nameTag(): string {
  return `${TEMPORARY_REPOSITORY}:${processMark()}-${randomBytes(6).toString('hex')}`
}

/** Removes the tags of runs on this machine that were killed before they could. Trouble with it is nobody's. */
export async function removeStaleTags({ exec }: Pick<Ports, 'exec'>): Promise<void> {
  const list = ['image', 'ls', '--filter', `reference=${TEMPORARY_REPOSITORY}`, '--format', '{{.Tag}}']
  const listed = await exec({ file: 'docker', args: list }, { timeoutSeconds: 30 })
  for (const tag of listed.stdout.split('\n')) {
    if (!/^[0-9a-f]{16}-[0-9a-f]{12}$/.test(tag.trim()) || !isOfEndedProcess(tag)) continue
    await exec(removeImageCommand(`${TEMPORARY_REPOSITORY}:${tag.trim()}`), { timeoutSeconds: 30 })
  }
}
