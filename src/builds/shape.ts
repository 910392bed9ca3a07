/**
 * One row for each member of a build's shape: how `docker buildx build` and a bake file are told of it, and what another
 * value of it makes another of. The type demands a row for every member, so none can be forgotten.
 */
import type { Build, Shape } from './build.js'
import { contextArgument, dockerfileName } from '../core/source.js'
import { isSourceDateEpoch } from '../core/source_date_epoch.js'

type Row<Value> = {
  /** Arguments of `docker buildx build`. */
  readonly flags: (value: Value) => readonly string[]
  /** Attributes of a target in a bake file: https://docs.docker.com/build/bake/reference/ */
  readonly bake: (value: Value) => Readonly<Record<string, unknown>>
  /** Another value gets a cache reference of its own. */
  readonly ownCache: boolean
  /** Another value gets other cache mounts. */
  readonly ownMounts: boolean
}

const rows: { readonly [Key in keyof Shape]: Row<Shape[Key]> } = {
  buildArgs: {
    flags: (values) => many('--build-arg', values),
    bake: (values) => (values.length === 0 ? {} : { args: record(values, '=') }),
    // One that changes with each commit would give each commit an empty cache.
    ownCache: false,
    ownMounts: true
  },
  buildContexts: {
    flags: (values) => many('--build-context', values),
    bake: (values) => (values.length === 0 ? {} : { contexts: record(values, '=') }),
    ownCache: false,
    ownMounts: false
  },
  platforms: {
    flags: (values) => (values.length === 0 ? [] : ['--platform', values.join(',')]),
    bake: (values) => (values.length === 0 ? {} : { platforms: values }),
    ownCache: true,
    ownMounts: true
  },
  network: { ...text('--network', 'network'), ownCache: false, ownMounts: false },
  addHosts: {
    flags: (values) => many('--add-host', values),
    bake: (values) => (values.length === 0 ? {} : { 'extra-hosts': record(values.map(colonFirst), ':') }),
    ownCache: false,
    ownMounts: false
  },
  allow: {
    flags: (values) => many('--allow', values),
    bake: (values) => (values.length === 0 ? {} : { entitlements: values }),
    ownCache: false,
    ownMounts: false
  },
  shmSize: { ...text('--shm-size', 'shm-size'), ownCache: false, ownMounts: false },
  ulimit: {
    flags: (values) => many('--ulimit', values),
    bake: (values) => (values.length === 0 ? {} : { ulimits: values }),
    ownCache: false,
    ownMounts: false
  }
}

/** The shape as arguments of `docker buildx build`. */
export function shapeFlags(shape: Shape): readonly string[] {
  return each(shape, (row, value) => row.flags(value)).flat()
}

/** The shape as attributes of a bake target. */
export function shapeAttributes(shape: Shape): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...each(shape, (row, value) => row.bake(value))) as Record<string, unknown>
}

/** What tells this build's layer cache from another's, in an order of no meaning. */
export function cacheIdentity({ source, tests, target, shape }: Build): readonly unknown[] {
  return [
    ...place(source),
    sorted(tests),
    target,
    ...each(shape, (row, value) => (row.ownCache ? [sorted(value)] : [])).flat()
  ]
}

/** What tells this build's cache mounts from those of another build of the same Dockerfile. */
export function mountsVariant({ tests, target, shape: { buildArgs, ...rest } }: Build): readonly unknown[] {
  // The time of a commit would give each commit empty mounts.
  const shape = { ...rest, buildArgs: buildArgs.filter((argument) => !isSourceDateEpoch(argument)) }
  return [sorted(tests), target, ...each(shape, (row, value) => (row.ownMounts ? [sorted(value)] : [])).flat()]
}

/**
 * What a person adds to `docker buildx build` to see the same on another machine, the context last.
 * @param credentials ids of the secrets, whose values buildx looks for in variables or files of these names, and of agents
 */
export function reproduction(
  { source, shape }: Build,
  credentials: { readonly secrets: readonly string[]; readonly ssh: readonly string[] }
): readonly string[] {
  return [
    ...shapeFlags(shape),
    ...many(
      '--secret',
      credentials.secrets.map((id) => `id=${id}`)
    ),
    // What this action supplies by itself; a Dockerfile that mounts it fails without it before it gets to the tests.
    ...many('--secret', credentials.ssh.length === 0 ? [] : ['id=known_hosts,src=$HOME/.ssh/known_hosts']),
    ...many('--ssh', credentials.ssh),
    contextArgument(source)
  ]
}

function place(source: Build['source']): readonly string[] {
  return [contextArgument(source), dockerfileName(source)]
}

function each<Result>(shape: Shape, use: (row: Row<Shape[keyof Shape]>, value: Shape[keyof Shape]) => Result) {
  const keys = Object.keys(rows) as (keyof Shape)[]
  // A row fits the value of its own key, which the type of a union of keys cannot say.
  return keys.map((key): Result => use(rows[key] as Row<Shape[keyof Shape]>, shape[key]))
}

function text(flag: string, attribute: string): Pick<Row<string>, 'flags' | 'bake'> {
  return {
    flags: (value) => (value === '' ? [] : [flag, value]),
    bake: (value) => (value === '' ? {} : { [attribute]: value })
  }
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value])
}

/** `NAME=VALUE` as an object; a name alone has the value `null`. */
function record(values: readonly string[], separator: string): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    values.map((value) => {
      const at = value.indexOf(separator)
      return at < 0 ? [value, null] : [value.slice(0, at), value.slice(at + 1)]
    })
  )
}

/** Docker takes `HOST=IP` beside `HOST:IP`: https://docs.docker.com/reference/cli/docker/buildx/build/#add-host */
function colonFirst(host: string): string {
  return host.includes(':') && !/^[^:]*=/.test(host) ? host : host.replace('=', ':')
}

function sorted(value: string | readonly string[]): string | readonly string[] {
  return typeof value === 'string' ? value : [...value].sort()
}
