/** The one place where the Dockerfile is read from disk. */
import { readFile } from 'node:fs/promises'
import { dockerfilePath, type Source } from '../core/source.js'

/**
 * What is wrong with how it is written. BuildKit reads UTF-8 alone, and the program that reads the Dockerfile ends over the
 * mark with which a text of UTF-16 begins.
 */
export function encodingProblem(text: Buffer | undefined): string | undefined {
  const mark = text?.toString('hex', 0, 2)
  return mark === 'fffe' || mark === 'feff' ? 'is encoded as UTF-16' : undefined
}

/** What lies on the runner; `undefined` for a remote context, whose Dockerfile only the builder sees. */
export async function readDockerfile(source: Source): Promise<Buffer | undefined> {
  return source.context.kind === 'local' ? readFile(dockerfilePath(source)) : undefined
}
