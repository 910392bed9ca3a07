/**
 * What `docker buildx bake --print` writes, and the inputs that a target's attributes stand for.
 * https://docs.docker.com/build/bake/reference/
 */
import path from 'node:path'
import { attributeKey, readFields, writeField } from '../core/csv.js'
import { asArray, asObject, parseJSON } from '../core/json.js'
import { linkedName } from '../core/linked.js'
import { splitPairs } from '../core/pair.js'
import { localPlace, type Source } from '../core/source.js'

/** A target, attribute by attribute. */
export type Target = Readonly<Record<string, unknown>>

/** Groups and targets by name. */
export type BakeDefinition = {
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly targets: Readonly<Record<string, Target>>
}

/** Texts of inputs by their names. */
export type Texts = Readonly<Record<string, string>>

/** Parses what `--print` writes. Anything that is no definition has no targets. */
export function parseDefinition(text: string): BakeDefinition {
  const { group, target } = asObject(parseJSON(text)) ?? {}
  const members = (value: unknown): readonly (readonly [string, unknown])[] => Object.entries(asObject(value) ?? {})
  return {
    groups: Object.fromEntries(members(group).map(([name, value]) => [name, words(asObject(value)?.targets)])),
    targets: Object.fromEntries(members(target).map(([name, value]) => [name, plain(asObject(value) ?? {})]))
  }
}

/** What `--print` writes so that bake could read it once more: in these, what looks like a template is escaped. */
const printed = ['args', 'labels', 'annotations', 'dockerfile-inline']

function plain(target: Target): Target {
  return Object.fromEntries(
    Object.entries(target).map(([key, value]) => [key, printed.includes(key) ? unescaped(value) : value])
  )
}

function unescaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/([$%])\1\{/g, '$1{')
  if (Array.isArray(value)) return value.map(unescaped)
  const members = asObject(value)
  if (members === undefined) return value
  return Object.fromEntries(Object.entries(members).map(([key, one]) => [key, unescaped(one)]))
}

/** The targets that were asked for, groups resolved; each group once, as they may be nested many times over. */
export function askedTargets({ groups, targets }: BakeDefinition): readonly string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const open = ['default']
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (targets[name] !== undefined) found.add(name)
    else if (!seen.has(name)) open.push(...(groups[name] ?? []).toReversed())
    seen.add(name)
  }
  return [...found]
}

/** What decides nothing of a build. */
export const silent = ['description', 'name', 'inherits', 'matrix']

type Row = (value: unknown, target: Target) => Texts

/** One row for each attribute: the inputs that it stands for. */
const rows: Readonly<Record<string, Row>> = {
  context: (value) => ({ context: local(text(value)) || '.' }),
  dockerfile: (value, target) =>
    inlineOf(target) === undefined ? { file: besideContext(local(text(target.context)), text(value)) } : {},
  target: (value) => ({ target: text(value) }),
  args: (value) => ({ 'build-args': lines(pairs(value, '=')) }),
  // Other targets of the file are read elsewhere.
  contexts: (value) => ({
    'build-contexts': lines(
      Object.entries(object(value)).flatMap(([name, place]) =>
        linkedName(place) === undefined ? [`${name}=${place}`] : []
      )
    )
  }),
  labels: (value) => ({ labels: lines(pairs(value, '=')) }),
  annotations: (value) => ({ annotations: lines(words(value)) }),
  tags: (value) => ({ tags: words(value).join('\n') }),
  platforms: (value) => ({ platforms: words(value).join('\n') }),
  output: (value) => ({ outputs: records(value) }),
  'cache-from': (value) => ({ 'cache-from': records(value) }),
  'cache-to': (value) => ({ 'cache-to': records(value) }),
  pull: (value) => ({ pull: value === true ? 'true' : '' }),
  'no-cache': (value) => ({ 'no-cache': value === true ? 'true' : '' }),
  'no-cache-filter': (value) => ({ 'no-cache-filters': words(value).join('\n') }),
  network: (value) => ({ network: text(value) }),
  'shm-size': (value) => ({ 'shm-size': text(value) }),
  ulimits: (value) => ({ ulimit: lines(words(value)) }),
  // All in one line that has an end of its own: an entry alone in its line is split at its commas, quotes or not.
  'extra-hosts': (value) => ({ 'add-hosts': [...pairs(value, ':').map(quoted), ''].join(',') }),
  attest: attestations,
  // Checked and read elsewhere.
  'dockerfile-inline': () => ({}),
  entitlements: () => ({}),
  secret: () => ({}),
  ssh: () => ({})
}

/** The inputs that a target stands for, but for what it is given: secrets and agents. */
export function textsOf(target: Target): Texts {
  return Object.assign({}, ...Object.entries(rows).map(([key, row]) => read(row, target[key], target))) as Texts
}

/** Attributes that are read nowhere, and decide something. */
export function unreadIn(target: Target): readonly string[] {
  return Object.keys(target).filter((key) => !silent.includes(key) && rows[key] === undefined)
}

function read(row: Row, value: unknown, target: Target): Texts {
  return value === undefined || value === null ? {} : row(value, target)
}

/**
 * The inputs that give some targets their secrets and agents.
 * @param hasVariable whether a variable is set, for secrets that name neither a variable nor a file
 */
export function credentialTexts(targets: readonly Target[], hasVariable: (name: string) => boolean): Texts {
  const secrets = attributesOf(targets.flatMap(({ secret }) => asArray(secret)))
  const agents = attributesOf(targets.flatMap(({ ssh }) => asArray(ssh)))
  const variables = secrets.flatMap(({ id = '', env, src }) => {
    if (env !== undefined) return [`${id}=${env}`]
    return src === undefined && hasVariable(id) ? [`${id}=${id}`] : []
  })
  const files = secrets.flatMap(({ id = '', env, src }) => {
    if (env !== undefined || (src === undefined && hasVariable(id))) return []
    return [`${id}=${src ?? id}`]
  })
  const sockets = agents.map(({ id = 'default', paths }) => (paths === undefined ? id : `${id}=${paths}`))
  return {
    'secret-envs': unique(variables).join('\n'),
    'secret-files': lines(unique(files)),
    ssh: lines(unique(sockets))
  }
}

function attestations(value: unknown): Texts {
  const texts: Record<string, string> = {}
  const others: string[] = []
  for (const { type = '', disabled, ...rest } of attributesOf(asArray(value))) {
    const given = Object.entries(rest).map(([key, one]) => writeField(`${key}=${one}`))
    if (type !== 'provenance' && type !== 'sbom') others.push([`type=${type}`, ...given].join(','))
    else texts[type] = disabled === 'true' ? 'false' : given.join(',') || 'true'
  }
  return { ...texts, attests: others.join('\n') }
}

/** The text of a Dockerfile that is written in the bake file; an empty one is none. */
export function inlineOf(target: Target): string | undefined {
  const inline = text(target['dockerfile-inline'])
  return inline === '' ? undefined : inline
}

/** Where a target is built from. */
export function sourceOf({ context, dockerfile }: Target): Source {
  const place = local(text(context)) || '.'
  return {
    context: isRemote(place) ? { kind: 'remote', url: place } : { kind: 'local', path: place },
    file: besideContext(place, text(dockerfile))
  }
}

/** Files, and not folders, that the outputs of a definition are written to. */
export function outputFiles({ targets }: BakeDefinition): readonly string[] {
  return Object.values(targets).flatMap(({ output }) =>
    attributesOf(asArray(output)).flatMap(({ type = '', dest }) =>
      dest !== undefined && ['oci', 'docker', 'tar'].includes(type) ? [dest] : []
    )
  )
}

/** Paths that the target reads from or writes to. */
export function places(target: Target): readonly string[] {
  const { context = '.', file = '' } = textsOf(target)
  const found = [
    context,
    file,
    ...Object.values(object(target.contexts)).map(localPlace),
    ...attributesOf([
      ...asArray(target.output),
      ...asArray(target['cache-to']),
      ...asArray(target['cache-from'])
    ]).flatMap((attributes) =>
      Object.entries(attributes).flatMap(([key, one]) => (['dest', 'src'].includes(attributeKey(key)) ? [one] : []))
    ),
    ...asArray(target.output).flatMap((output) =>
      typeof output === 'string' && !output.includes('=') && output !== '-' ? [output] : []
    )
  ]
  return found.filter((place) => place !== '' && !isRemote(place))
}

/** A Dockerfile is named from its context, other than in `docker buildx build`. */
function besideContext(context: string, file: string): string {
  if (isRemote(context)) return file === 'Dockerfile' ? '' : file
  if (local(file) !== file) return local(file)
  return file === '' || path.isAbsolute(file) ? file : path.join(context, file)
}

export function isRemote(place: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|target:)/i.test(place)
}

/** `cwd://` is the folder that bake is run in. */
export function local(place: string): string {
  return place.replace(/^cwd:\/\//, '')
}

/** Lists of buildx up to 0.19 hold CSV, later ones objects. */
export function attributesOf(values: readonly unknown[]): readonly Readonly<Record<string, string>>[] {
  return values.map((value) => {
    if (typeof value !== 'string') return object(value)
    if (!value.includes('=')) return { id: value }
    return Object.fromEntries(splitPairs(readFields(value)))
  })
}

/** A list as an input has it whose entries have a type. */
export function records(value: unknown): string {
  return asArray(value)
    .map((item) => {
      if (typeof item === 'string') return item
      const { type, ...rest } = object(item)
      const fields = Object.entries({ ...(type === undefined ? {} : { type }), ...rest })
      return fields.map(([key, one]) => writeField(`${key}=${one}`)).join(',')
    })
    .join('\n')
}

/** Entries, each in quotes. */
function lines(entries: readonly string[]): string {
  return entries.map(quoted).join('\n')
}

function quoted(entry: string): string {
  return `"${entry.replaceAll('"', '""')}"`
}

function pairs(value: unknown, separator: string): readonly string[] {
  return Object.entries(object(value)).map(([key, one]) => `${key}${separator}${one}`)
}

/** A map of scalars, or of lists, as texts. */
export function object(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(asObject(value) ?? {}).filter(([, one]) => one !== null && one !== undefined)
  return Object.fromEntries(
    entries.map(([key, one]) => [key, Array.isArray(one) ? one.map(text).join(',') : text(one)])
  )
}

/** A list of scalars as texts. */
export function words(value: unknown): readonly string[] {
  return asArray(value).map(text)
}

/** A scalar as text; empty for anything else. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : ''
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}

/** Whether two attributes say the same, in whichever order. */
export function same(one: unknown, other: unknown): boolean {
  const sorted = (value: unknown): string =>
    JSON.stringify(Object.entries(asObject(value) ?? { value }).sort(([a], [b]) => (a < b ? -1 : 1)))
  return sorted(one) === sorted(other)
}
