/** Images that an engine has pulled from here, or was given in place of that, for a run that was killed and had no `post`. */
import type { ExecResult } from '../ports.js'
import { findForsaken } from './name.js'

/** Removes them from the engine that `call` asks; an image that has other names stays under these. */
export async function removeForsakenImages(call: (args: readonly string[]) => Promise<ExecResult>): Promise<void> {
  const list = ['image', 'ls', '--digests', '--filter', 'reference=127.0.0.1:*/stagegate-*']
  const { stdout } = await call([...list, '--format', '{{.Repository}}@{{.Digest}}'])
  for (const reference of findForsaken(stdout)) await call(['image', 'rm', '--no-prune', reference])
}
