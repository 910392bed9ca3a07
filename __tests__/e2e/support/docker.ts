/**
 * What the action asks of docker, and what docker says: a wrapper ahead on PATH notes the arguments and copies standard
 * error while the real docker does the work.
 */
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** One `docker` command as it was run. */
export type DockerCall = { readonly args: readonly string[]; readonly stderr: string }

export type DockerRecorder = AsyncDisposable & {
  /** For the environment of the step. */
  readonly env: { readonly PATH: string }
  /** Everything up to now, in order. */
  readonly calls: () => Promise<readonly DockerCall[]>
}

export async function recordDocker(): Promise<DockerRecorder> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-recorder-'))
  const docker = execFileSync('sh', ['-c', 'command -v docker']).toString().trim()
  const wrapper = [
    '#!/bin/bash',
    `record=${folder}/$(date +%s%N)-$$`,
    'printf "%s\\0" "$@" >"$record.args"',
    // exec: a signal for docker must reach docker.
    `exec ${docker} "$@" 2> >(tee "$record.stderr" >&2)`,
    ''
  ].join('\n')
  await writeFile(path.join(folder, 'docker'), wrapper)
  await chmod(path.join(folder, 'docker'), 0o755)
  return {
    env: { PATH: `${folder}${path.delimiter}${process.env.PATH ?? ''}` },
    calls: async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.args')).sort()
      return Promise.all(
        names.map(async (name) => ({
          args: (await readFile(path.join(folder, name), 'utf8')).split('\0').slice(0, -1),
          stderr: await readFile(path.join(folder, name.replace(/args$/, 'stderr')), 'utf8').catch(() => '')
        }))
      )
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  }
}

/** The calls that solve something, rather than ask. */
export function solves(calls: readonly DockerCall[]): readonly DockerCall[] {
  return calls.filter(({ args }) => args[1] === 'build' && !args.some((arg) => arg.startsWith('--call')))
}

/** Bytes of the build context that a solve sent to the builder. */
export function contextBytes({ stderr }: DockerCall): number {
  type Status = { readonly statuses?: readonly { readonly id: string; readonly current?: number }[] }
  const statuses = stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => (JSON.parse(line) as Status).statuses ?? [])
  return Math.max(0, ...statuses.filter(({ id }) => id === 'transferring context:').map(({ current = 0 }) => current))
}
