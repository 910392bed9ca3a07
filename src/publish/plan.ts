/**
 * What is to be published of a build, and how that shapes its export: the image that is inspected has the compression, the
 * annotations and the attestations of the one that leaves, since it is the one that leaves. Pure.
 */
import path from 'node:path'
import type { ImageWishes } from '../builds/build.js'
import { writeField } from '../core/csv.js'
import type { OutputEntry } from '../inputs/outputs.js'
import type { PublishPlan } from '../occasion/trust.js'

/** A file or folder of the user's, written into a private place first. */
export type FileOutput = {
  readonly entry: OutputEntry
  /** Where it goes once everything has passed. */
  readonly dest: string
  /** Where it is written until then. */
  readonly staged: string
}

export type Publication = {
  /** Attributes of the export: `compression=zstd`, `annotation.a=b`. */
  readonly attributes: readonly string[]
  readonly pushes: readonly { readonly references: readonly string[]; readonly byDigest: boolean }[]
  /** Names under which the engine gets the image; an empty list with `load` means without a name. */
  readonly loads: readonly string[]
  readonly load: boolean
  readonly files: readonly FileOutput[]
  /** Annotations of the index over several platforms. */
  readonly indexAnnotations: Readonly<Record<string, string>>
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
  ...['tar', 'danging-name-prefix']
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
  const pushed = images.filter((entry) => push || entry.push)
  const kept = images.filter((entry) => !push && !entry.push)
  return {
    attributes: [
      ...new Set(
        [...images, ...toEngine].flatMap(({ attributes }) =>
          [...attributes].filter(([key]) => !placing.has(key)).map(([key, value]) => `${key}=${value}`)
        )
      )
    ],
    pushes: [
      ...pushed.map((entry) => ({ references: named(entry), byDigest: entry.pushByDigest })),
      ...(push && images.length === 0 ? [{ references: tags, byDigest: false }] : [])
    ],
    load: load || toEngine.length > 0 || kept.some((entry) => named(entry).length > 0),
    loads: [...new Set([...(load ? tags : []), ...[...toEngine, ...kept].flatMap(named)])],
    files: files.map((entry, index) => ({
      entry,
      dest: entry.dest ?? '',
      staged: path.join(folder, `output-${index}`, path.basename(path.resolve(entry.dest ?? '')))
    })),
    indexAnnotations: indexAnnotationsOf(image.annotations, images)
  }
}

/** The entry for `--output`, with the private place. */
export function stagedOutput({ entry, staged }: FileOutput): string {
  const attributes = [...entry.attributes].map(([key, value]) => `${key}=${value}`)
  return [`type=${entry.type}`, ...attributes, `dest=${staged}`].map(writeField).join(',')
}

/** `index:NAME=VALUE` of the input, and `annotation-index.NAME=VALUE` of an image output. */
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
        const name = /^annotation-index(?:\[[^\]]*\])?\.(.+)$/.exec(key)?.[1]
        return name === undefined ? [] : [[name, value]]
      })
    )
  ]) as Record<string, string>
}

/** What is known of the repository where the run takes place. */
export type AttestationSetting = {
  /** Whether anything is pushed: an image that stays on the runner gets no attestation unless one is asked for. */
  readonly pushes: boolean
  /** Whether the builder can write attestations at all. */
  readonly can: boolean
  readonly isPrivate: boolean
  /** Address of the run, as the builder's id; empty outside a workflow. */
  readonly runUrl: string
}

/**
 * Values of `--attest`, as docker/build-push-action chooses them: without a word of the user's, the provenance of a public
 * repository in full and with the run's address as builder, that of a private one without what it could give away.
 */
export function planAttestations(
  { provenance, sbom, attests }: ImageWishes,
  { pushes, can, isPrivate, runUrl }: AttestationSetting
): readonly string[] {
  const byDefault =
    isPrivate || runUrl === '' ? 'type=provenance,mode=min' : `type=provenance,mode=max,builder-id=${runUrl}`
  const asked = attests.some((attest) => /(?:^|,)\s*type\s*=\s*provenance\b/i.test(attest))
  const own =
    provenance !== '' ? attestation('provenance', provenance) : can && pushes && !asked ? byDefault : undefined
  // buildx adds one of its own accord where nothing is said.
  const first = own ?? (asked || !can ? undefined : 'type=provenance,disabled=true')
  return [...(first === undefined ? [] : [first]), ...(sbom === '' ? [] : [attestation('sbom', sbom)]), ...attests]
}

/** A boolean as Go reads it, or attributes. */
function attestation(type: 'provenance' | 'sbom', value: string): string {
  if (/^(?:1|t|true)$/i.test(value)) return `type=${type}`
  return /^(?:0|f|false)$/i.test(value) ? `type=${type},disabled=true` : `type=${type},${value}`
}
