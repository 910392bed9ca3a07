/**
 * What the action asks of buildx, and what buildx says: a plugin that comes before the machine's notes the arguments and
 * copies standard error while the real one does the work.
 */
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { findBuildx } from '../../../src/adapters/buildx.js'

/** One `docker buildx` command as it was run, without these two words. */
export type BuildxCall = {
  readonly args: readonly string[]
  readonly stderr: string
  /** The definition of a bake call; empty for others. */
  readonly stdin: string
}

export type BuildxRecorder = AsyncDisposable & {
  /** For the environment of the step. */
  readonly env: { readonly DOCKER_CONFIG: string; readonly BUILDX_CONFIG: string }
  /** Everything up to now, in order. */
  readonly calls: () => Promise<readonly BuildxCall[]>
}

export async function recordBuildx(): Promise<BuildxRecorder> {
  const buildx = findBuildx(process.env)
  if (buildx === undefined) throw new Error('no buildx where docker looks for plugins')
  const { DOCKER_CONFIG = path.join(os.homedir(), '.docker'), BUILDX_CONFIG = path.join(DOCKER_CONFIG, 'buildx') } =
    process.env
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-recorder-'))
  const config = await readFile(path.join(DOCKER_CONFIG, 'config.json'), 'utf8').catch(() => '{}')
  const extended = { ...(JSON.parse(config) as object), cliPluginsExtraDirs: [folder] }
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(extended))
  const wrapper = [
    '#!/bin/bash',
    `record=${folder}/$(date +%s%N)-$$`,
    'printf "%s\\0" "$@" >"$record.args"',
    // exec: a signal for buildx must reach buildx.
    `if [ "$1" = bake ]; then exec ${buildx} "$@" < <(tee "$record.stdin") 2> >(tee "$record.stderr" >&2); fi`,
    `exec ${buildx} "$@" 2> >(tee "$record.stderr" >&2)`,
    ''
  ].join('\n')
  await writeFile(path.join(folder, 'docker-buildx'), wrapper)
  await chmod(path.join(folder, 'docker-buildx'), 0o755)
  return {
    env: { DOCKER_CONFIG: folder, BUILDX_CONFIG },
    calls: async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.args')).sort()
      return Promise.all(
        names.map(async (name) => ({
          args: (await readFile(path.join(folder, name), 'utf8')).split('\0').slice(0, -1),
          stderr: await readFile(path.join(folder, name.replace(/args$/, 'stderr')), 'utf8').catch(() => ''),
          stdin: await readFile(path.join(folder, name.replace(/args$/, 'stdin')), 'utf8').catch(() => '')
        }))
      )
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true })
  }
}

/** The calls that solve something, rather than ask. */
export function solves(calls: readonly BuildxCall[]): readonly BuildxCall[] {
  const asks = (arg: string): boolean => arg.startsWith('--call') || arg === '--print'
  return calls.filter(({ args }) => ['build', 'bake'].includes(args[0] ?? '') && !args.some(asks))
}

/** Bytes of the build context that a solve sent to the builder. */
export function contextBytes({ stderr }: BuildxCall): number {
  type Status = { readonly statuses?: readonly { readonly id: string; readonly current?: number }[] }
  const statuses = stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => (JSON.parse(line) as Status).statuses ?? [])
  return Math.max(0, ...statuses.filter(({ id }) => id === 'transferring context:').map(({ current = 0 }) => current))
}

/** The outputs of a solve, as they were asked for. */
export function outputsOf({ args, stdin }: BuildxCall): readonly string[] {
  if (args[0] !== 'bake') return args.filter((_, index) => args[index - 1] === '--output')
  type Definition = { readonly target: Readonly<Record<string, { readonly output: readonly string[] }>> }
  return Object.values((JSON.parse(stdin) as Definition).target).flatMap(({ output }) => output)
}

/** The caches that a solve reads or writes, as they were asked for. */
export function cacheValues({ args, stdin }: BuildxCall, flag: '--cache-from' | '--cache-to'): readonly string[] {
  if (args[0] !== 'bake') return args.filter((_, index) => args[index - 1] === flag)
  type Target = { readonly 'cache-from'?: readonly string[]; readonly 'cache-to'?: readonly string[] }
  const { target } = JSON.parse(stdin) as { readonly target: Readonly<Record<string, Target>> }
  return Object.values(target).flatMap((each) => each[flag === '--cache-from' ? 'cache-from' : 'cache-to'] ?? [])
}
