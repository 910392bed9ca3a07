/** What smoke tests have left in an engine whose run was killed and had no `post`: it goes with a later run on the machine. */
import { isOfEndedProcess } from '../core/process_mark.js'
import type { ExecResult, Ports } from '../ports.js'
import { removeForsakenImages } from '../serve/forsaken.js'
import {
  isSmokeName,
  LOADED_TAG,
  loadedName,
  planRemoveContainer,
  planRemoveImage,
  planRemoveNetwork,
  SMOKE_LABEL,
  SMOKE_PREFIX
} from './plan.js'

const CALL_SECONDS = 60

/** Removes it. Trouble with that is nobody's: the next run tries it again. */
export async function removeForsaken({ exec }: Pick<Ports, 'exec'>): Promise<void> {
  const call = (args: readonly string[]): Promise<ExecResult> =>
    exec({ file: 'docker', args }, { timeoutSeconds: CALL_SECONDS })
  const list = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await call(args)).stdout.split('\n').filter(isForsaken)
  const labelled = ['--filter', `label=${SMOKE_LABEL}`]
  try {
    // In this order: what is in use cannot be removed.
    for (const name of await list('container', 'ls', '--all', ...labelled, '--format', '{{.Names}}'))
      await call(planRemoveContainer(name).args)
    for (const name of await list('network', 'ls', ...labelled, '--format', '{{.Name}}'))
      await call(planRemoveNetwork(name).args)
    const loaded = ['--filter', `reference=${SMOKE_PREFIX}*:${LOADED_TAG}`, '--format', '{{.Repository}}']
    for (const name of await list('image', 'ls', ...loaded)) await call(planRemoveImage(loadedName(name)).args)
    await removeForsakenImages(call)
  } catch {
    // There is no docker, or the run was cancelled.
  }
}

function isForsaken(name: string): boolean {
  return isSmokeName(name) && isOfEndedProcess(name.slice(SMOKE_PREFIX.length))
}
