/** What was published, in the words of buildx's metadata file. Pure. */
import { asObject, dig, parseJSON, type JSONObject } from '../core/json.js'
import { canonicalRepository, parseReference } from '../core/reference.js'

/** The outputs `metadata`, `digest` and `imageid`. */
export type PublishedMetadata = {
  readonly text: string
  readonly digest?: string
  readonly imageID?: string
}

/** What a bake call has written of a target. */
export type BuiltMetadata = { readonly text: string }

/** How much of the provenance a metadata file has: https://docs.docker.com/build/building/variables/#buildx_metadata_provenance */
export type ProvenanceMode = 'min' | 'max' | 'disabled'

/** Reads it from the environment as buildx does, which has the call in a mode of our own. */
export function readProvenanceMode({
  BUILDX_METADATA_PROVENANCE: value = ''
}: Readonly<Record<string, string | undefined>>): ProvenanceMode {
  if (value === 'max') return 'max'
  return /^(?:disabled|0|f|false)$/i.test(value) ? 'disabled' : 'min'
}

/** What the tags stand for, or would. */
export type PublishedImage = {
  readonly digest: string
  /** Absent where only the engine has the manifest. */
  readonly descriptor?: {
    readonly mediaType: string
    readonly size: number
    /** Of an archive, whose index says when it was made. */
    readonly annotations?: unknown
  }
  /** As `linux/arm/v7`; absent where it is an index. */
  readonly platform?: string
  /** Absent where it is an index. */
  readonly configDigest?: string
  /** The id that `docker run` takes, where an engine has it. */
  readonly loadedID?: string
  readonly names: readonly string[]
  /** Nothing but the digest was pushed to these names. */
  readonly byDigest?: boolean
}

/** The metadata of an image, as a bare build with the same outputs would have written it. */
export function describeImage(
  built: readonly (BuiltMetadata & { readonly platform: string })[],
  { digest, descriptor, platform, configDigest, loadedID, names, byDigest = false }: PublishedImage,
  mode: ProvenanceMode
): PublishedMetadata {
  const several = built.length > 1
  const members = built.flatMap(({ platform: of, text }) =>
    readMembers(text, mode)
      .filter(([key]) => !isAboutImage(key))
      .map(([key, value]): [string, unknown] => [several && key === provenanceKey ? `${key}/${of}` : key, value])
  )
  const imageID = loadedID ?? configDigest ?? digest
  return {
    digest,
    imageID,
    text: write([
      ...members,
      ...(configDigest === undefined ? [] : [['containerimage.config.digest', configDigest] as const]),
      ...(descriptor === undefined
        ? []
        : [['containerimage.descriptor', { ...describe(descriptor, digest), ...platformOf(platform) }] as const]),
      ['containerimage.digest', digest],
      ...(names.length === 0 ? [] : [['image.name', (byDigest ? names : names.map(fullName)).join(',')] as const])
    ])
  }
}

/** The metadata of files, which is the builder's own: of several, the last one's where they differ. */
export function describeFiles(built: readonly BuiltMetadata[], mode: ProvenanceMode): PublishedMetadata {
  const members = new Map(built.flatMap(({ text }) => readMembers(text, mode)))
  const [digest, config] = ['containerimage.digest', 'containerimage.config.digest'].map((key) => members.get(key))
  return {
    text: write([...members]),
    ...(typeof digest === 'string' ? { digest, imageID: typeof config === 'string' ? config : digest } : {})
  }
}

/** What is told of a build whose image stays in the builder. */
export function withoutImage({ text }: BuiltMetadata): BuiltMetadata {
  return { text: write(readMembers(text, 'max').filter(([key]) => !isAboutImage(key))) }
}

const provenanceKey = 'buildx.build.provenance'

function isAboutImage(key: string): boolean {
  return key.startsWith('containerimage.') || key === 'image.name'
}

function readMembers(text: string, mode: ProvenanceMode): readonly (readonly [string, unknown])[] {
  return Object.entries(asObject(parseJSON(text)) ?? {}).flatMap(([key, value]) => {
    if (!key.startsWith(provenanceKey) || mode === 'max') return [[key, value] as const]
    if (mode === 'disabled') return []
    // What `mode=min` leaves out: https://github.com/docker/buildx/blob/master/build/provenance.go
    const kept = Object.entries(asObject(value) ?? {}).filter(([name]) => name !== 'buildConfig' && name !== 'metadata')
    return [[key, withoutSessions(Object.fromEntries(kept))] as const]
  })
}

/** A bake call names the session of each context among the arguments; a bare build does not. */
function withoutSessions(provenance: JSONObject): JSONObject {
  const [invocation, parameters] = [
    asObject(provenance.invocation),
    asObject(dig(provenance, 'invocation', 'parameters'))
  ]
  const args = Object.entries(asObject(parameters?.args) ?? {}).filter(([name]) => !name.startsWith('local-sessionid:'))
  if (parameters?.args === undefined) return provenance
  return { ...provenance, invocation: { ...invocation, parameters: { ...parameters, args: Object.fromEntries(args) } } }
}

/** Sorted, as Go writes a map. */
function write(members: readonly (readonly [string, unknown])[]): string {
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return JSON.stringify(Object.fromEntries(sorted), undefined, 2)
}

/** Its members in Go's order. */
function describe({ mediaType, size, annotations }: NonNullable<PublishedImage['descriptor']>, digest: string): object {
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) }
}

function platformOf(platform: string | undefined): object {
  const [os, architecture, variant] = platform?.split('/') ?? []
  if (architecture === undefined) return {}
  return { platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } }
}

/** `docker.io/library/app:1` of `app:1`. */
function fullName(name: string): string {
  const reading = parseReference(name)
  if (!reading.ok) return name
  return `${canonicalRepository(reading.reference)}:${reading.reference.tag ?? 'latest'}`
}
