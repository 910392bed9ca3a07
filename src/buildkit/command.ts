/** The `docker buildx` commands of a run, as data. Pure: inputs in, arguments out. */
import type { Inputs } from '../inputs/inputs.js'
import { dockerfilePath } from '../inputs/inputs.js'
import type { Command } from '../ports.js'
import type { PublishPlan } from '../occasion/trust.js'
import type { CachePlan, ImportHealth } from '../cache/plan.js'

/** What every solve of a run shares. */
export type BuildBase = {
  readonly inputs: Inputs
  /** Name for `--builder`; absent means buildx's current one. */
  readonly builder?: string
  /** `--secret` and `--ssh` arguments. */
  readonly credentials: readonly string[]
  /** Whether a cache import has broken a solve of this run; without it, an import that does is a failed build. */
  readonly imports?: ImportHealth
}

/** A solve: which stage, from which Dockerfile, to which outputs. */
export type Solve = BuildBase & {
  /** Path for `--file`; absent means the user's own. */
  readonly dockerfile?: string
  /** Stage to build; empty means the last one. */
  readonly target: string
  readonly outputs: readonly string[]
  readonly tags?: readonly string[]
  readonly cache?: CachePlan
  /** Set on the first solve of a stage: later ones must find its result in the builder. */
  readonly fresh?: { readonly noCache: boolean; readonly noCacheFilters: readonly string[] }
  /** Set where the result is an image: labels, annotations and attestations are part of what is inspected and published. */
  readonly image?: boolean
  readonly metadataFile: string
}

/** A solve with `--progress=rawjson` on standard error and its metadata in a file. */
export function planSolve(solve: Solve): Command {
  const { inputs, fresh, cache } = solve
  return {
    file: 'docker',
    args: [
      ...['buildx', 'build', '--progress', 'rawjson', '--metadata-file', solve.metadataFile],
      ...common(solve, solve.target, solve.dockerfile),
      ...many('--cache-from', cache?.from ?? []),
      ...many('--cache-to', cache?.to ?? []),
      ...(fresh?.noCache === true ? ['--no-cache'] : []),
      ...many('--no-cache-filter', fresh?.noCacheFilters ?? []),
      ...(solve.image === true
        ? [
            ...many('--label', inputs.labels),
            ...many('--annotation', inputs.annotations),
            ...some('--provenance', inputs.provenance),
            ...some('--sbom', inputs.sbom),
            ...many('--attest', inputs.attests)
          ]
        : []),
      ...many('--tag', solve.tags ?? []),
      ...many('--output', solve.outputs),
      contextArgument(inputs)
    ]
  }
}

/** A question to the Dockerfile (`--call`), answered as JSON on standard output. Nothing is built. */
export function planCall(
  base: BuildBase,
  call: 'targets' | 'outline' | 'check',
  target: string,
  dockerfile?: string
): Command {
  return {
    file: 'docker',
    args: [
      ...['buildx', 'build', `--call=${call},format=json`],
      ...common({ ...base, credentials: [] }, target, dockerfile),
      contextArgument(base.inputs)
    ]
  }
}

/** The manifest or index under a reference, as its registry has it, on standard output. */
export function planManifest({ builder }: Pick<BuildBase, 'builder'>, reference: string): Command {
  const args = ['buildx', 'imagetools', 'inspect', '--raw', ...some('--builder', builder ?? ''), reference]
  return { file: 'docker', args }
}

/**
 * What a person adds to `docker buildx build` to see the same on another machine: what shapes the build, and the ids of
 * the secrets, whose values buildx then looks for in variables or files of these names.
 */
export function planReproduction(inputs: Inputs): readonly string[] {
  return [
    ...many('--build-arg', inputs.buildArgs),
    ...many('--build-context', inputs.buildContexts),
    ...some('--platform', inputs.platforms.join(',')),
    ...some('--network', inputs.network),
    ...many('--add-host', inputs.addHosts),
    ...many('--allow', inputs.allow),
    ...many(
      '--secret',
      inputs.secrets.map(({ id }) => `id=${id}`)
    ),
    ...many('--ssh', inputs.sshPrivateKey.trim() === '' ? [] : ['default']),
    contextArgument(inputs)
  ]
}

/** Outputs of the publishing solve. `oci-mediatypes` keeps the manifest equal to the inspected one in every case. */
export function planPublishOutputs(plan: PublishPlan, driver: string): readonly string[] {
  // The docker driver stores what it pushes, and refuses to export the same image twice in one call.
  const loads = plan.load && !(plan.push && driver === 'docker')
  return [
    ...(plan.push ? ['type=image,push=true,oci-mediatypes=true'] : []),
    ...(loads ? ['type=docker'] : []),
    ...plan.outputs
  ]
}

function common(base: BuildBase, target: string, dockerfile = dockerfilePath(base.inputs)): readonly string[] {
  const { inputs, builder, credentials } = base
  return [
    ...some('--builder', builder ?? ''),
    ...(inputs.context.kind === 'remote' && inputs.file === '' ? [] : ['--file', dockerfile]),
    ...some('--target', target),
    ...many('--build-arg', inputs.buildArgs),
    ...many('--build-context', inputs.buildContexts),
    ...(inputs.platforms.length > 0 ? ['--platform', inputs.platforms.join(',')] : []),
    ...(inputs.pull ? ['--pull'] : []),
    ...some('--network', inputs.network),
    ...many('--add-host', inputs.addHosts),
    ...many('--allow', inputs.allow),
    ...some('--shm-size', inputs.shmSize),
    ...many('--ulimit', inputs.ulimit),
    ...some('--cgroup-parent', inputs.cgroupParent),
    ...credentials
  ]
}

function contextArgument({ context }: Inputs): string {
  return context.kind === 'local' ? context.path : context.url
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value])
}

function some(flag: string, value: string): readonly string[] {
  return value === '' ? [] : [flag, value]
}
