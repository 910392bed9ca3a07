/**
 * What is to be published of a build, and how that shapes its export: the image that is inspected has the compression, the
 * annotations and the attestations of the one that leaves, since it is the one that leaves. Pure.
 */
import path from 'node:path'
import type { ImageWishes } from '../builds/build.js'
import { isOlder, parseVersion } from '../buildkit/builder.js'
import { writeField } from '../core/csv.js'
import { annotationAttribute } from '../gate/targets.js'
import type { Annotated } from '../image/index.js'
import { askedAttestations, isEnabled, isProvenance } from '../inputs/attestations.js'
import type { OutputEntry } from '../inputs/outputs.js'
import type { PublishPlan } from '../occasion/trust_plan.js'

/** A file or folder of the user's, written into a private place first. */
export type FileOutput = {
  readonly entry: OutputEntry
  /** Where it goes once everything has passed. */
  readonly dest: string
  /** Where it is written until then. */
  readonly staged: string
  /** What an archive calls its image. */
  readonly names: readonly string[]
  /** `image`: an archive of the very image that is inspected. The builder makes all others, beside the image. */
  readonly source: 'image' | 'builder'
}

export type Publication = {
  /** Attributes of the export: `compression=zstd`, `annotation.a=b`. */
  readonly attributes: readonly string[]
  readonly pushes: readonly { readonly references: readonly string[]; readonly byDigest: boolean }[]
  /** One an engine. */
  readonly loads: readonly Loading[]
  readonly files: readonly FileOutput[]
  /** Annotations of the index over several platforms. */
  readonly indexAnnotations: Readonly<Record<string, string>>
}

/** An engine that gets the image. */
export type Loading = {
  /** The docker context that names it; absent for the engine that docker speaks to of its own accord. */
  readonly context?: string
  /** Names of the image there; none means that it is there by its id alone. */
  readonly names: readonly string[]
}

/** Attributes of an image output that say where it goes, or how an engine keeps it; the export has its own. */
const placing = new Set([
  ...[
    'name',
    'push',
    'push-by-digest',
    'name-canonical',
    'registry.insecure',
    'store',
    'unpack',
    'dangling-name-prefix'
  ],
  ...['tar', 'danging-name-prefix', 'context']
])

/** Whether anything is to leave the builder. `type=cacheonly` leaves nothing. */
export function leaves({ push, load, outputs }: PublishPlan): boolean {
  return push || load || outputs.some(({ type }) => type !== 'cacheonly')
}

/**
 * Plans it as `docker buildx build` does: where there is an image output, `push: true` and `load: true` mean that one, and
 * tags take the place of its name.
 * @param folder private
 */
export function planPublication(
  { push, load, outputs }: PublishPlan,
  { tags, image, folder }: { readonly tags: readonly string[]; readonly image: ImageWishes; readonly folder: string }
): Publication {
  const images = outputs.filter(({ type }) => type === 'image')
  const toEngine = outputs.filter(({ type, dest }) => type === 'docker' && dest === undefined)
  const files = outputs.filter(({ dest }) => dest !== undefined)
  const named = (entry: OutputEntry): readonly string[] => (tags.length > 0 ? tags : entry.names)
  const isImage = push || load || images.length + toEngine.length > 0
  // An archive that leaves alone is what is inspected, in its own form.
  const shaping = isImage ? [...images, ...toEngine] : files.filter(({ type }) => type === 'oci').slice(0, 1)
  const pushed = images.filter((entry) => push || entry.push)
  const kept = images.filter((entry) => !push && !entry.push)
  return {
    attributes: [
      ...new Set([
        ...shaping.flatMap(({ attributes }) => shapeOf(attributes)),
        ...(image.rewriteTimestamps ? [rewriting] : [])
      ])
    ],
    pushes: [
      ...pushed.map((entry) => ({ references: named(entry), byDigest: entry.pushByDigest })),
      ...(push && images.length === 0 ? [{ references: tags, byDigest: false }] : [])
    ],
    loads: joinLoads([
      ...(load && toEngine.length === 0 ? [{ names: tags }] : []),
      ...toEngine.map((entry) => ({ ...contextOf(entry), names: named(entry) })),
      ...kept.filter((entry) => named(entry).length > 0).map((entry) => ({ names: named(entry) }))
    ]),
    files: files.map((entry, index) => ({
      entry: image.rewriteTimestamps ? withOwnTimes(entry) : entry,
      dest: entry.dest ?? '',
      staged: path.join(folder, `output-${index}`, path.basename(path.resolve(entry.dest ?? ''))),
      ...{ names: named(entry), source: 'builder' }
    })),
    indexAnnotations: indexAnnotationsOf(image.annotations, isImage ? images : shaping)
  }
}

/** Whether all that leaves is files: their image has the media types of an archive, whichever builder makes it. */
export function leavesInFiles({ pushes, loads, files }: Publication): boolean {
  return pushes.length + loads.length === 0 && files.some(({ entry }) => entry.type === 'oci')
}

/**
 * The files, with those that have nothing but the inspected image in them.
 * @param attributes of its export
 * @param annotations as in the input: those of descriptors stand around the image, where the builder puts them
 */
export function withSources(
  files: readonly FileOutput[],
  attributes: readonly string[],
  annotations: readonly string[]
): readonly FileOutput[] {
  const around = [...annotations, ...attributes.map((attribute) => attribute.replace(/^annotation-/, ''))]
  if (around.some((annotation) => /^(?:[\w[\]/-]+,)*(?:index|manifest)-descriptor\b/.test(annotation))) return files
  const shape = new Set(attributes)
  return files.map((file) => {
    const own = shapeOf(file.entry.attributes)
    const isSame = file.entry.type === 'oci' && own.length === shape.size && own.every((each) => shape.has(each))
    return isSame ? { ...file, source: 'image' } : file
  })
}

/** The names under which the image leaves. */
export function namesOf({ pushes, loads }: Publication): readonly string[] {
  return [...new Set([...pushes.flatMap(({ references }) => references), ...loads.flatMap(({ names }) => names)])]
}

/** An attribute of exports: times after `SOURCE_DATE_EPOCH` become that time. */
const rewriting = 'rewrite-timestamp=true'

/** Files and tars without an image in them have the time of `SOURCE_DATE_EPOCH` anyway. */
function withOwnTimes(entry: OutputEntry): OutputEntry {
  if (entry.type !== 'oci' && entry.type !== 'docker') return entry
  return { ...entry, attributes: new Map([...entry.attributes, ['rewrite-timestamp', 'true']]) }
}

/** What an engine makes of every image that it has in a classic store, whether one asks for it or not. */
const classicShape = ['compression=gzip', 'oci-mediatypes=false', 'force-compression=false', 'rewrite-timestamp=false']

/**
 * What only an export gives, and so not an engine with a classic image store, which would leave it out in silence: each with
 * its input.
 */
export function findExports({
  outputs,
  annotations,
  reproducible,
  verifyReproducible
}: {
  readonly outputs: readonly OutputEntry[]
  readonly annotations: readonly string[]
  readonly reproducible: boolean
  readonly verifyReproducible: boolean
}): readonly { readonly input: string; readonly what: string }[] {
  const isBeyond = ({ type, dest, attributes, pushByDigest }: OutputEntry): boolean => {
    if (type === 'oci') return true
    if (type === 'docker' && (dest !== undefined || attributes.has('context'))) return true
    if (type !== 'image' && type !== 'docker') return false
    return pushByDigest || shapeOf(attributes).some((attribute) => !classicShape.includes(attribute))
  }
  return [
    ...(annotations.length === 0 ? [] : [{ input: 'annotations', what: 'annotations' }]),
    ...(reproducible ? [{ input: 'reproducible', what: 'rewriting the times of files' }] : []),
    ...(verifyReproducible ? [{ input: 'verify-reproducible', what: 'exporting what is compared' }] : []),
    ...outputs.filter(isBeyond).map(({ text }) => ({ input: 'outputs', what: `the output "${text}"` }))
  ]
}

function shapeOf(attributes: OutputEntry['attributes']): readonly string[] {
  return [...attributes].filter(([key]) => !placing.has(key)).map(([key, value]) => `${key}=${value}`)
}

function contextOf({ attributes }: OutputEntry): { readonly context?: string } {
  const context = attributes.get('context') ?? ''
  return context === '' ? {} : { context }
}

/** One an engine, with all the names that it gets. */
function joinLoads(loads: readonly Loading[]): readonly Loading[] {
  return [...Map.groupBy(loads, ({ context }) => context).values()].map((own) => ({
    ...own[0],
    names: [...new Set(own.flatMap(({ names }) => names))]
  }))
}

/** BuildKit's image exporter has OCI media types for everything since then: https://github.com/moby/buildkit/pull/6824 */
const ociSince = { major: 0, minor: 31 }

/**
 * The attributes with the media types that a bare push would have: docker's own in a BuildKit that is older, unless there
 * is something around the image that only an OCI image can have.
 */
export function withMediaTypes(
  attributes: readonly string[],
  image: {
    readonly attestations: readonly string[]
    readonly indexAnnotations: Readonly<Record<string, string>>
    readonly driver: string
    /** As in `v0.25.1`; absent where it is not known. */
    readonly buildkit?: string
    /** It leaves in files alone. */
    readonly inFiles: boolean
  }
): readonly string[] {
  const version = parseVersion(`buildkit ${image.buildkit ?? ''}`)
  // The engine of a distribution does not say which BuildKit is in it. A container that was not started yet will be new.
  const isOld = version === undefined ? image.driver === 'docker' : isOlder(version, ociSince)
  const needsOCI = image.attestations.some(isEnabled) || Object.keys(image.indexAnnotations).length > 0
  const isSaid = attributes.some((attribute) => attribute.startsWith('oci-mediatypes='))
  return isOld && !needsOCI && !isSaid && !image.inFiles ? [...attributes, 'oci-mediatypes=false'] : attributes
}

/** The entry for `--output`, with the private place. */
export function stagedOutput({ entry, staged }: FileOutput): string {
  const attributes = [...entry.attributes].map(([key, value]) => `${key}=${value}`)
  return [`type=${entry.type}`, ...attributes, `dest=${staged}`].map(writeField).join(',')
}

/** Annotations that no inspected layout has. */
export function annotatedLater({ indexAnnotations, files }: Publication): readonly Annotated[] {
  const ofFiles = files.flatMap(({ entry }) =>
    [...entry.attributes].flatMap(([key, value]) => {
      const { level, rest: name = '' } = annotationAttribute(key) ?? {}
      if (name === '') return []
      const on = level === 'index' || level === 'manifest' ? level : 'descriptor'
      return [{ on, annotations: { [name]: value } } as const]
    })
  )
  return [{ on: 'index', annotations: indexAnnotations }, ...ofFiles]
}

/** `index:NAME=VALUE` of the input, and `annotation-index.NAME=VALUE` of the outputs that shape the image. */
function indexAnnotationsOf(
  annotations: readonly string[],
  images: readonly OutputEntry[]
): Readonly<Record<string, string>> {
  const levels = /^((?:[a-z-]+(?:\[[^\]]*\])?)(?:,[a-z-]+(?:\[[^\]]*\])?)*):([^=]+)=([^]*)$/
  return Object.fromEntries([
    ...annotations.flatMap((annotation) => {
      const [, level = '', name = '', value = ''] = levels.exec(annotation) ?? []
      return level.split(',').includes('index') ? [[name, value]] : []
    }),
    ...images.flatMap(({ attributes }) =>
      [...attributes].flatMap(([key, value]) => {
        const { level, rest: name = '' } = annotationAttribute(key) ?? {}
        return level === 'index' && name !== '' ? [[name, value]] : []
      })
    )
  ]) as Record<string, string>
}

/** What is known of the repository where the run takes place. */
export type AttestationSetting = {
  /**
   * Whether somebody keeps attestations who gets the image: a registry, or the engine that builds it. Another engine, or a file,
   * gets none unless they are asked for.
   */
  readonly keeps: boolean
  /** Whether an engine gets it, too: docker/build-push-action then leaves the choice to buildx. */
  readonly loads: boolean
  /** Whether the builder can write attestations at all. */
  readonly can: boolean
  readonly isPrivate: boolean
  /** Whether buildx is told to add none of its own accord (`BUILDX_NO_DEFAULT_ATTESTATIONS`). */
  readonly noDefault: boolean
  /** Address of the run's attempt, as the builder's id; empty outside a workflow. */
  readonly runUrl: string
}

/**
 * Values of `--attest`, as docker/build-push-action chooses them: without a word of the user's, the provenance of a public
 * repository in full and with the run's address as builder, that of a private one without what it could give away.
 */
export function planAttestations(
  wishes: Pick<ImageWishes, 'provenance' | 'sbom' | 'attests'>,
  { keeps, loads, can, isPrivate, noDefault, runUrl }: AttestationSetting
): readonly string[] {
  const byDefault =
    isPrivate || loads || runUrl === '' ? 'type=provenance,mode=min' : `type=provenance,mode=max,builder-id=${runUrl}`
  const asked = askedAttestations(wishes).map((attest) => withBuilder(attest, runUrl))
  if (!can || asked.some(isProvenance)) return asked
  // buildx adds one of its own accord where nothing is said.
  return [keeps && !noDefault ? byDefault : 'type=provenance,disabled=true', ...asked]
}

/** A provenance that is asked for names the run, as docker/build-push-action has it. */
function withBuilder(value: string, runUrl: string): string {
  const says = /(?:^|,)\s*builder-id\s*=/i.test(value) || !isEnabled(value)
  return runUrl === '' || says || !isProvenance(value) ? value : `${value},builder-id=${runUrl}`
}
