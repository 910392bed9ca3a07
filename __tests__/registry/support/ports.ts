/** The ports of a registry client, real but for the time that waits take. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { childEnvironment, createExec } from '../../../src/adapters/exec.js'
import type { ClientPorts } from '../../../src/registry/client.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** Ports whose waits are written down in place of being waited for. */
export function portsFor(
  env: Environment = {},
  controller: AbortController = new AbortController()
): ClientPorts & { readonly waits: number[] } {
  const waits: number[] = []
  return {
    exec: createExec(childEnvironment({ PATH: process.env.PATH, ...env }), controller.signal),
    signal: controller.signal,
    waits,
    sleep: (milliseconds, signal) => {
      signal.throwIfAborted()
      waits.push(milliseconds)
      return Promise.resolve()
    }
  }
}

export type Home = AsyncDisposable & {
  readonly folder: string
  readonly env: { readonly DOCKER_CONFIG: string; readonly HOME: string }
}

/** A home with a configuration of docker's in it. */
export async function homeWith(config: object = {}): Promise<Home> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-home-'))
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config))
  return {
    folder,
    env: { DOCKER_CONFIG: folder, HOME: folder },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  }
}

export function encoded(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64')
}
