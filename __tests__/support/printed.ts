import { createRunner } from '../../src/adapters/runner.js'
import type { Log } from '../../src/ports.js'

/** What the job log gets meanwhile. */
export async function printed(write: (log: Log) => Promise<void> | void): Promise<string> {
  const chunks: string[] = []
  const { stdout } = process
  const original = Object.getOwnPropertyDescriptor(stdout, 'write')
  stdout.write = (chunk: string | Uint8Array): boolean => chunks.push(String(chunk)) > 0
  try {
    await write(createRunner(undefined).log)
  } finally {
    if (original === undefined) Reflect.deleteProperty(stdout, 'write')
    else Object.defineProperty(stdout, 'write', original)
  }
  return chunks.join('')
}
