/** The one place where the Dockerfile is read from disk. */
import { readFile } from 'node:fs/promises'
import { dockerfilePath, type Source } from '../core/source.js'

/** What lies on the runner; `undefined` for a remote context, whose Dockerfile only the builder sees. */
export async function readDockerfile(source: Source): Promise<Buffer | undefined> {
  return source.context.kind === 'local' ? readFile(dockerfilePath(source)) : undefined
}
