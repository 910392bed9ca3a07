/** The input `outputs`: entries of `--output`, read as buildx does. https://docs.docker.com/build/exporters/ */
import path from 'node:path'
import { attributeKey, readFields } from '../core/csv.js'
import { splitPair } from '../core/pair.js'
import { parseReference } from '../core/reference.js'
import { didYouMean, type Grammar } from './grammar.js'
import type { Folders, Look } from '../ports.js'

/** One entry of `outputs`. */
export type OutputEntry = {
  /** As typed. */
  readonly text: string
  /** `registry` is an `image` that pushes. */
  readonly type: OutputType
  /** Without `type` and `dest`; keys in lower case. */
  readonly attributes: ReadonlyMap<string, string>
  /** File or folder it is written to; a `docker` output without one goes to the engine. */
  readonly dest?: string
  /** Whether it is a folder (`local`, and `oci` or `docker` with `tar=false`). */
  readonly isFolder: boolean
  readonly names: readonly string[]
  /** Whether it sends the image to a registry. In doubt it does. */
  readonly push: boolean
  readonly pushByDigest: boolean
}

export type OutputType = (typeof outputTypes)[number]

const outputTypes = ['image', 'docker', 'oci', 'tar', 'local', 'cacheonly'] as const
const compressions = ['uncompressed', 'gzip', 'estargz', 'zstd']

/** A name that an image leaves under. */
export type LeavingName = {
  /** The input that gives it. */
  readonly input: 'tags' | 'outputs'
  readonly name: string
  /** Of `outputs`: whose name it is. */
  readonly entry?: OutputEntry
}

/** The names that an image leaves under. As in buildx, tags take the place of the names in outputs. */
export function namesToLeave({
  tags,
  outputs
}: {
  readonly tags: readonly string[]
  readonly outputs: readonly OutputEntry[]
}): readonly LeavingName[] {
  if (tags.length > 0) return tags.map((name) => ({ input: 'tags', name }))
  return outputs.flatMap((entry) => entry.names.map((name): LeavingName => ({ input: 'outputs', name, entry })))
}

/** Attributes that are true or false. https://docs.docker.com/build/exporters/image-registry/#synopsis */
const switches = [
  ...['push', 'push-by-digest', 'name-canonical', 'registry.insecure', 'store', 'unpack', 'tar', 'force-compression'],
  ...['rewrite-timestamp', 'oci-mediatypes', 'oci-artifact', 'attestation-inline', 'platform-split'],
  'prefer-nondist-layers'
]

/** The others; what is neither one of them nor nearly one is for BuildKit to read. */
const knownAttributes = [
  ...switches,
  ...['type', 'dest', 'name', 'compression', 'compression-level', 'dangling-name-prefix', 'context', 'mode'],
  'attestation-prefix'
]

/** A line of CSV as Go reads it: a quote stands at both ends of a field, and twice inside of it. */
const WELL_QUOTED = /^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/

/** Reads the entries; what is wrong with one is reported, and it is left out. */
export function parseOutputs({ records, report }: Grammar): readonly OutputEntry[] {
  return records('outputs').flatMap((text) => parseOutput(text, report) ?? [])
}

/** Reads one entry as buildx's `ParseExports` does: a path alone is a folder, `-` is a tar on standard output. */
export function parseOutput(text: string, report: Grammar['report']): OutputEntry | undefined {
  const refuse = (problem: string, fix: string): undefined => {
    report('outputs', `"${text}": ${problem}`, fix)
  }
  if (!WELL_QUOTED.test(text) || /^"(?:[^"]|"")*"$/.test(text)) {
    return refuse('a quote in it is not where CSV has one', 'Put a single field in quotes: type=local,"dest=a,b".')
  }
  const fields = readFields(text)
  // `dest=out` alone is a folder of that name to buildx; nobody means that.
  if (fields.length === 1 && fields[0] === text && !/^[a-z-]+\s*=/i.test(text)) {
    if (text === '-') return refuse('standard output belongs to the log', 'Name a file: "type=tar,dest=image.tar".')
    return entryOf(text, 'local', new Map([['dest', text]]))
  }
  const attributes = new Map<string, string>()
  for (const field of fields) {
    const { name, value } = splitPair(field)
    if (value === undefined) return refuse(`"${field}" has no "="`, 'Write it as KEY=VALUE, separated by commas.')
    const key = attributeKey(name)
    if (attributes.has(key)) {
      const fix = key === 'name' ? 'Write several names as one field: "name=a,b", in quotes.' : 'Keep one of them.'
      return refuse(`"${key}" is given twice`, fix)
    }
    attributes.set(key, value)
  }
  const written = attributes.get('type') ?? ''
  if (written === '')
    return refuse('it has no "type="', 'Write the type and its attributes, as in "type=local,dest=out".')
  if (written === 'registry') attributes.set('push', 'true')
  const type = outputTypes.find((known) => known === (written === 'registry' ? 'image' : written))
  if (type !== undefined) return entryOf(text, type, attributes)
  const all = [...outputTypes, 'registry']
  return refuse(`"${written}" is not a type of output`, `Use ${all.join(', ')}.${didYouMean(written, all)}`)
}

function entryOf(text: string, type: OutputType, given: ReadonlyMap<string, string>): OutputEntry {
  const dest = given.get('dest')
  const pushByDigest = isTrue(given.get('push-by-digest'))
  return {
    text,
    type,
    attributes: new Map([...given].filter(([key]) => key !== 'type' && key !== 'dest')),
    isFolder: type === 'local' || ((type === 'oci' || type === 'docker') && isFalse(given.get('tar'))),
    names: (given.get('name') ?? '').split(',').filter((name) => name !== ''),
    push: pushByDigest || isTrue(given.get('push')),
    pushByDigest,
    ...(dest === undefined ? {} : { dest })
  }
}

/** BuildKit takes an attribute without a value for true, and what it cannot read is in doubt. */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && !isFalse(value)
}

function isFalse(value: string | undefined): boolean {
  return value !== undefined && ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)
}

/** A boolean as BuildKit reads it. */
function isBoolean(value: string): boolean {
  return isFalse(value) || ['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)
}

export type OutputsContext = {
  readonly tags: readonly string[]
  readonly push: boolean
  readonly platforms: readonly string[]
  readonly look: Look
  readonly folders: Folders
  /** Whether a bake file says what to build. */
  readonly isBake: boolean
}

/** Checks what can be known of the outputs before anything is built. */
export function checkOutputs(
  entries: readonly OutputEntry[],
  context: OutputsContext,
  report: Grammar['report']
): void {
  for (const entry of entries) {
    const refuse = (problem: string, fix: string): void => {
      report('outputs', `"${entry.text}": ${problem}`, fix)
    }
    checkAttributes(entry, refuse)
    if (entry.type === 'image') checkNames(entry, context, refuse)
    if (entry.type !== 'image' && entry.type !== 'cacheonly') checkDestination(entry, context, refuse)
    else if (entry.dest !== undefined) {
      refuse(`type=${entry.type} writes no file`, 'Remove its dest, or take type=oci for an image in a file.')
    }
  }
  checkOneShape(entries, report)
  const writes = entries.flatMap(({ dest, isFolder }) =>
    dest === undefined ? [] : [{ dest: path.resolve(dest), isFolder }]
  )
  const twice = writes.find(({ dest }, index) => writes.findIndex((other) => other.dest === dest) !== index)
  if (twice !== undefined) {
    report('outputs', `two outputs are written to "${path.relative('.', twice.dest)}"`, 'Give each a place of its own.')
  }
  const inside = writes.find(({ dest }) =>
    writes.some((other) => other.isFolder && dest.startsWith(`${other.dest}${path.sep}`))
  )
  if (inside !== undefined) {
    const problem = `the output "${path.relative('.', inside.dest)}" lies in the folder of another one`
    report('outputs', problem, 'Give each a place of its own.')
  }
  const isNamed = entries.some(({ type, names }) => type === 'image' && names.length > 0)
  if (context.push && context.tags.length === 0 && !isNamed) checkPush(context, report)
}

/** Bake files that are for nothing else, where docker/bake-action looks for them. */
const bakeFiles = ['docker-bake.hcl', 'docker-bake.json']

/** There is nothing to push it as. */
function checkPush({ isBake, look }: OutputsContext, report: Grammar['report']): void {
  if (isBake) {
    const problem = 'push is true, and a target of the bake file has no tags'
    return report('push', problem, 'Give it tags. If it is a test, name it in test-target.')
  }
  const file = bakeFiles.find((name) => look(name) === 'file')
  const fix = 'Add the tags to publish, for example "ghcr.io/owner/app:1.2.3".'
  const meant = file === undefined ? '' : ` If ${file} has them, write bake-files: ${file}.`
  report('push', 'push is true but tags is empty', `${fix}${meant}`)
}

/** One image is built, inspected and sent to all of them, so two cannot want it otherwise. */
function checkOneShape(entries: readonly OutputEntry[], report: Grammar['report']): void {
  const images = entries.filter(({ type, dest }) => type === 'image' || (type === 'docker' && dest === undefined))
  const placing = [
    'name',
    'push',
    'push-by-digest',
    'name-canonical',
    'registry.insecure',
    'store',
    'unpack',
    'context'
  ]
  const shapes = knownAttributes.filter((key) => !placing.includes(key))
  const differs = shapes.find((key) => new Set(images.flatMap(({ attributes }) => attributes.get(key) ?? [])).size > 1)
  if (differs === undefined) return
  report(
    'outputs',
    `two image outputs differ in "${differs}", and one image is tested and leaves`,
    'Give both the same, or publish the other one in a step of its own.'
  )
}

type Refuse = (problem: string, fix: string) => void

function checkAttributes({ attributes }: OutputEntry, refuse: Refuse): void {
  const compression = attributes.get('compression')
  if (compression !== undefined && !compressions.includes(compression)) {
    refuse(
      `"${compression}" is not a compression`,
      `Use ${compressions.join(', ')}.${didYouMean(compression, compressions)}`
    )
  }
  const level = attributes.get('compression-level')
  const [lowest, highest] = compression === 'zstd' ? [0, 22] : [-2, 9]
  if (level !== undefined && !(/^-?\d{1,2}$/.test(level) && Number(level) >= lowest && Number(level) <= highest)) {
    refuse(`"${level}" is not a compression level`, 'Write a whole number: 0 to 9 for gzip, 0 to 22 for zstd.')
  }
  for (const [key, value] of attributes) {
    if (switches.includes(key) && !isBoolean(value)) {
      refuse(`"${key}=${value}" is neither true nor false`, `Write "${key}=true" or "${key}=false".`)
    }
    const near = knownAttributes.includes(key) || key.startsWith('annotation') ? '' : didYouMean(key, knownAttributes)
    if (near !== '') refuse(`it has no attribute "${key}"`, `Correct it.${near}`)
  }
}

function checkNames({ names, push, pushByDigest }: OutputEntry, { tags }: OutputsContext, refuse: Refuse): void {
  for (const name of tags.length > 0 ? [] : names) {
    const reading = parseReference(name)
    if (!reading.ok) refuse(`"${name}": ${reading.problem}`, reading.fix)
    else if (reading.reference.digest !== undefined) {
      refuse(`"${name}" has a digest`, 'A name to publish is written as "registry/name:tag".')
    }
  }
  const used = tags.length > 0 ? tags : names // as in buildx, tags take the place of a name
  if (push && used.length === 0) {
    refuse('it pushes, but it has no name', 'Add "name=REGISTRY/NAME", or give the tags in the input tags.')
  }
  const tagged = pushByDigest ? used.find((name) => isTagged(name)) : undefined
  if (tagged !== undefined) {
    refuse(
      `push-by-digest cannot push the tag of "${tagged}"`,
      `Write "${tagged.replace(/:[^:/]+$/, '')}" without a tag; a later job adds the tags to the digest.`
    )
  }
}

function isTagged(name: string): boolean {
  const reading = parseReference(name)
  return reading.ok && reading.reference.tag !== undefined
}

function checkDestination(entry: OutputEntry, { platforms, look, folders }: OutputsContext, refuse: Refuse): void {
  const { type, dest, isFolder } = entry
  if (dest === undefined || dest === '') {
    if (type === 'docker' && !isFolder) return
    const example = isFolder ? `type=${type},dest=out` : `type=${type},dest=image.tar`
    return refuse('it has no destination', `Add "dest=" and a ${isFolder ? 'folder' : 'file'}, as in "${example}".`)
  }
  if (/^~(?:\/|$)|\$\{?[A-Z_]/.test(dest)) {
    return refuse(
      `nothing replaces the "${dest.startsWith('~') ? '~' : '$'}" in "${dest}"`,
      'No shell reads it: write the path in full, as with ${{ github.workspace }} or ${{ runner.temp }}.'
    )
  }
  if (dest === '-') return refuse('standard output belongs to the log', 'Name a file or folder after "dest=".')
  if (type === 'docker' && platforms.length > 1) {
    return refuse('a docker archive holds one platform, and several are built', 'Use type=oci, or build one platform.')
  }
  const found = look(dest)
  if (isFolder && found === 'file') return refuse(`"${dest}" is a file`, 'Name a folder.')
  if (!isFolder && found === 'folder')
    return refuse(`"${dest}" is a folder`, `Name a file, as in "${path.join(dest, 'image.tar')}".`)
  if (isFolder && found === 'folder' && !folders.isEmpty(dest)) {
    return refuse(
      `the folder "${dest}" is not empty`,
      'Name a new folder, or empty it in an earlier step: what is in it could be taken for a part of the result.'
    )
  }
  const parent = found === 'folder' ? dest : isFolder ? nearest(dest, look) : path.dirname(dest)
  if (look(parent) !== 'folder') return refuse(`there is no folder "${parent}"`, 'Create it in an earlier step.')
  if (!folders.isWritable(parent)) {
    refuse(`"${parent}" cannot be written by the runner's user`, 'Give it to this user, or name another folder.')
  }
}

/** The nearest folder above a path that is there: BuildKit makes the ones between. */
function nearest(dest: string, look: OutputsContext['look']): string {
  let parent = path.dirname(dest)
  while (look(parent) === undefined && path.dirname(parent) !== parent) parent = path.dirname(parent)
  return parent
}
