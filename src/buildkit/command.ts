/** The `docker buildx` commands of a run, as data. Pure: a build in, arguments out. See bake.ts for several targets at once. */
import type { Build } from '../builds/build.js'
import { shapeFlags } from '../builds/shape.js'
import { linkedName } from '../core/linked.js'
import { splitPair } from '../core/pair.js'
import { contextArgument, dockerfilePath } from '../core/source.js'
import type { Command } from '../ports.js'

/** Values of `--secret` and `--ssh`. They name variables, sockets and files, and hold no secret. */
export type CredentialFlags = { readonly secrets: readonly string[]; readonly ssh: readonly string[] }

export const noCredentials: CredentialFlags = { secrets: [], ssh: [] }

/** What every solve of a build shares. */
export type BuildBase = {
  readonly build: Build
  /** Name for `--builder`; absent means buildx's current one. */
  readonly builder?: string
  readonly credentials: CredentialFlags
}

/** Values for `--cache-from` and `--cache-to`, in order. */
export type CacheValues = { readonly from: readonly string[]; readonly to: readonly string[] }

/** A solve: which stage, from which Dockerfile, to which outputs. */
export type Solve = BuildBase & {
  /** Path for `--file`; absent means the user's own. */
  readonly dockerfile?: string
  /** Stage to build; empty means the last one. */
  readonly target: string
  readonly outputs: readonly string[]
  readonly tags?: readonly string[]
  readonly cache?: CacheValues
  /** Set on the first solve of a stage: later ones must find its result in the builder. */
  readonly fresh?: { readonly noCache: boolean; readonly noCacheFilters: readonly string[] }
  readonly metadataFile: string
}

/** A solve with `--progress=rawjson` on standard error and its metadata in a file; of a build without linked targets. */
export function planSolve(solve: Solve): Command {
  const { build, fresh, cache, credentials } = solve
  return {
    file: 'docker',
    args: [
      ...['buildx', 'build', '--progress', 'rawjson', '--metadata-file', solve.metadataFile],
      ...common(solve, solve.target, solve.dockerfile),
      ...many('--secret', credentials.secrets),
      // No CSV here: a comma separates key files.
      ...many('--ssh', credentials.ssh),
      ...many('--cache-from', cache?.from ?? []),
      ...many('--cache-to', cache?.to ?? []),
      ...(fresh?.noCache === true ? ['--no-cache'] : many('--no-cache-filter', fresh?.noCacheFilters ?? [])),
      ...many('--tag', solve.tags ?? []),
      ...many('--output', solve.outputs),
      contextArgument(build.source)
    ]
  }
}

/**
 * A question to the Dockerfile (`--call`), answered as JSON on standard output. Nothing is built. The secrets that it names
 * for a remote context need the environment of a solve.
 */
export function planCall(
  base: BuildBase,
  call: 'targets' | 'outline' | 'check',
  target: string,
  dockerfile?: string
): Command {
  const { credentials, build } = base
  const isRemote = build.source.context.kind === 'remote'
  return {
    file: 'docker',
    args: [
      ...['buildx', 'build', `--call=${call},format=json`],
      ...common(base, target, dockerfile),
      // Without a login a private repository has no Dockerfile to ask; a folder needs none.
      ...(isRemote ? [...many('--secret', credentials.secrets), ...many('--ssh', credentials.ssh)] : []),
      contextArgument(build.source)
    ]
  }
}

/** The same question for a person: buildx's own text on standard output, and its exit code. */
export function planAnswer(base: BuildBase, call: 'targets' | 'outline' | 'check', target: string): Command {
  const { file, args } = planCall(base, call, target)
  return {
    file,
    args: args.map((argument) => (argument === `--call=${call},format=json` ? `--call=${call}` : argument))
  }
}

/** The manifest or index under a reference, as its registry has it, on standard output. */
export function planManifest({ builder }: Pick<BuildBase, 'builder'>, reference: string): Command {
  const args = ['buildx', 'imagetools', 'inspect', '--raw', ...some('--builder', builder ?? ''), reference]
  return { file: 'docker', args }
}

function common(base: BuildBase, target: string, dockerfile?: string): readonly string[] {
  const { build, builder } = base
  const { source, fresh, shape } = build
  const file = dockerfile ?? dockerfilePath(source)
  return [
    ...some('--builder', builder ?? ''),
    ...(source.context.kind === 'remote' && source.file === '' ? [] : ['--file', file]),
    ...some('--target', target),
    ...(fresh.pull ? ['--pull'] : []),
    ...shapeFlags({ ...shape, buildContexts: shape.buildContexts.map(withoutLink) })
  ]
}

/** Other targets are known to bake alone, see `planBake`. What is asked of a Dockerfile depends on none of them. */
function withoutLink(context: string): string {
  const { name, value = '' } = splitPair(context)
  return linkedName(value) === undefined ? context : `${name}=docker-image://scratch`
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value])
}

function some(flag: string, value: string): readonly string[] {
  return value === '' ? [] : [flag, value]
}
