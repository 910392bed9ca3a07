/**
 * Several targets in one `docker buildx bake` call: one session, one look at the context, the bases and the URLs, and each
 * step that targets share is one vertex with one result. Pure: targets in, a definition and a command out.
 * https://docs.docker.com/build/bake/reference/
 */
import path from 'node:path'
import { shapeAttributes } from '../builds/shape.js'
import { asObject } from '../core/json.js'
import { linkedName, type LinkedTarget } from '../core/linked.js'
import { splitPairs } from '../core/pair.js'
import { dockerfilePath } from '../core/source.js'
import type { BakeSource } from '../inputs/bake.js'
import type { Command } from '../ports.js'
import type { BuildBase, CacheValues } from './command.js'

/** One target of a call. */
export type BakeTarget = {
  /** Key of its part of the metadata: letters, digits, `-` and `_`, and no name of a stage. */
  readonly name: string
  /** Stage to build; empty for the last one. */
  readonly stage: string
  /** Empty for the platform of the builder's own. */
  readonly platforms: readonly string[]
  readonly outputs: readonly string[]
  readonly tags?: readonly string[]
  /** Set where the result is an image: what is written around it, its labels beside. */
  readonly annotations?: readonly string[]
  /** Values of `--attest`, each with its type. */
  readonly attestations?: readonly string[]
  /** What is exported with this target alone, such as an inline cache. */
  readonly cacheTo?: readonly string[]
  /** Names of targets that are built before this one begins. */
  readonly after?: readonly string[]
  /** Path of a generated Dockerfile; absent for the user's own. */
  readonly dockerfile?: string
  /** Set for a target that only helps the others to find what an imported cache has. */
  readonly helper?: { readonly imports: boolean }
}

export type Bake = BuildBase & {
  readonly targets: readonly BakeTarget[]
  readonly cache?: Pick<CacheValues, 'from'>
  readonly fresh?: { readonly noCache: boolean; readonly noCacheFilters: readonly string[] }
  readonly metadataFile: string
}

/** A call, with the definition for its standard input. */
export type BakeCall = Command & { readonly input: string; readonly env: Readonly<Record<string, string>> }

/** The targets that are built: where no cache is read there is nothing to help with. */
export function targetsOf({ targets, cache }: Pick<Bake, 'targets' | 'cache'>): readonly BakeTarget[] {
  if ((cache?.from ?? []).length > 0) return targets
  return targets.filter(({ helper }) => helper === undefined).map((target) => ({ ...target, after: [] }))
}

/** A linked target as a call builds it. */
export type LinkedBuild = {
  /** As `BakeTarget.name`. */
  readonly name: string
  readonly target: LinkedTarget
  /** Lower than that of what is built upon it. */
  readonly rank: number
  /** Those of the targets that need it: it is built anew for others. */
  readonly platforms: readonly string[]
}

/** The linked targets of a call: each once for all targets of the same platforms. */
export function linkedBuilds({ build: { linked }, ...bake }: Pick<Bake, 'build' | 'targets' | 'cache'>) {
  const sets = [...new Map(targetsOf(bake).map(({ platforms }) => [platforms.join(), platforms])).values()]
  return sets.flatMap((platforms, at) =>
    linked.map((target, nth): LinkedBuild => ({ name: `_linked${nth}-${at}`, target, rank: nth, platforms }))
  )
}

/** Plans the call. Paths of the definition are absolute, since it lies in no folder. */
export function planBake(bake: Bake): BakeCall {
  const { build, metadataFile, builder } = bake
  return {
    file: 'docker',
    args: [
      ...['buildx', 'bake', '--file', '-', '--progress', 'rawjson', '--metadata-file', metadataFile],
      ...(builder === undefined ? [] : ['--builder', builder]),
      ...build.shape.allow.flatMap((entitlement) => ['--allow', entitlement])
    ],
    input: JSON.stringify(planDefinition(bake, targetsOf(bake))),
    // bake asks before it reads or writes outside the working directory; a workflow has said what it wants.
    env: { BUILDX_BAKE_ENTITLEMENTS_FS: '0' }
  }
}

/** The resolved definition, as buildx of this machine understands it: what it does not know is missing there. */
export function planPrint(bake: Bake): BakeCall {
  const { input, env } = planBake(bake)
  return { file: 'docker', args: ['buildx', 'bake', '--file', '-', '--print'], input, env }
}

/** The resolved definition of a user's file. Nothing is built, but bake looks for the secrets and agents it names. */
export function planResolve({ files, targets, set }: BakeSource): Command {
  return {
    file: 'docker',
    args: [
      ...['buildx', 'bake', '--print'],
      ...files.flatMap((file) => ['--file', file]),
      ...set.flatMap((value) => ['--set', value]),
      ...targets
    ]
  }
}

function planDefinition(bake: Bake, targets: readonly BakeTarget[]): unknown {
  const linked = linkedBuilds(bake)
  const names = new Map(linked.map(({ name, target, platforms }) => [linkKey(target.name, platforms), name]))
  return {
    group: { default: { targets: targets.map(({ name }) => name) } },
    target: Object.fromEntries([
      ...targets.map((target) => [target.name, literal(attributesOf(bake, target, names))] as const),
      ...linked.map((each) => [each.name, literal(linkedAttributesOf(bake, each, names))] as const)
    ])
  }
}

/** Names of linked targets in a call, by `linkKey`. */
type LinkNames = ReadonlyMap<string, string>

function linkKey(target: string, platforms: readonly string[]): string {
  return [target, ...platforms].join()
}

function attributesOf(bake: Bake, target: BakeTarget, names: LinkNames): Readonly<Record<string, unknown>> {
  const { build, credentials, cache, fresh } = bake
  const { source, shape, image } = build
  const { annotations, helper, after = [] } = target
  const { context } = source
  const file = target.dockerfile ?? dockerfilePath(source)
  const shaped = shapeAttributes({ ...shape, platforms: target.platforms })
  return {
    context: context.kind === 'local' ? path.resolve(context.path) : context.url,
    ...(context.kind === 'local' ? { dockerfile: path.resolve(file) } : source.file === '' ? {} : { dockerfile: file }),
    ...(target.stage === '' ? {} : { target: target.stage }),
    ...shaped,
    ...contextsOf(names, target.platforms, { ...asObject(shaped.contexts), ...linksTo(after) }),
    output: target.outputs,
    ...list('tags', target.tags),
    ...list('secret', credentials.secrets),
    ...list('ssh', credentials.ssh),
    ...list('cache-from', helper?.imports === false ? [] : cache?.from),
    ...list('cache-to', target.cacheTo),
    ...(build.fresh.pull ? { pull: true } : {}),
    // The same of every target: a step they share must be the same step.
    ...(fresh?.noCache === true ? { 'no-cache': true } : list('no-cache-filter', fresh?.noCacheFilters)),
    ...(annotations !== undefined
      ? {
          ...(image.labels.length === 0 ? {} : { labels: pairs(image.labels) }),
          ...list('annotations', annotations),
          ...list('attest', target.attestations)
        }
      : {})
  }
}

/** The same bases, credentials and imports as what is built upon it; the rest is as the user's file has it. */
function linkedAttributesOf(
  bake: Bake,
  { target, platforms }: LinkedBuild,
  names: LinkNames
): Readonly<Record<string, unknown>> {
  const { 'no-cache': noCache, 'no-cache-filter': filters, pull, ...attributes } = target.attributes
  const { build, credentials, cache, fresh } = bake
  return {
    ...attributes,
    ...contextsOf(names, platforms, asObject(attributes.contexts) ?? {}),
    ...list('platforms', platforms),
    ...list('secret', credentials.secrets),
    ...list('ssh', credentials.ssh),
    ...list('cache-from', cache?.from),
    ...(build.fresh.pull || pull === true ? { pull: true } : {}),
    // Later solves find in the builder what the first has made of it.
    ...(fresh === undefined ? {} : { 'no-cache': fresh.noCache || noCache === true, 'no-cache-filter': filters })
  }
}

/** Named contexts, with each linked target under the name that it has in this call. */
function contextsOf(
  names: LinkNames,
  platforms: readonly string[],
  contexts: Readonly<Record<string, unknown>>
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(contexts).map(([alias, place]) => {
    const target = typeof place === 'string' ? linkedName(place) : undefined
    const found = target === undefined ? undefined : names.get(linkKey(target, platforms))
    return [alias, found === undefined ? place : `target:${found}`] as const
  })
  return entries.length === 0 ? {} : { contexts: Object.fromEntries(entries) }
}

/** buildx builds a target that is named as a context first, whether or not the Dockerfile reads it. */
function linksTo(targets: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(targets.map((name) => [`stagegate${name}`, `target:${name}`]))
}

function list(name: string, values: readonly string[] | undefined): Readonly<Record<string, readonly string[]>> {
  return values === undefined || values.length === 0 ? {} : { [name]: values }
}

function pairs(values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(splitPairs(values))
}

/** Every string of a bake file is a template, in names as in values: what looks like one is written so that it is none. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/([$%])\{/g, '$1$1{')
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [literal(name), literal(member)]))
}
