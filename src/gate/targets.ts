/**
 * The targets of a run's one bake call: each test on each platform, built and not exported, and the image of each platform,
 * exported into a folder of its own, so that several nodes work like one; and each file of the user's. Pure.
 */
import path from 'node:path'
import type { BakeTarget } from '../buildkit/bake.js'
import { writeField } from '../core/csv.js'
import { isEnabled } from '../inputs/attestations.js'
import type { Lookup } from './lookup.js'

/** How the image is exported. */
export type ExportPlan = {
  /** Private folder. */
  readonly folder: string
  /** The engine's classic image store exports no OCI layout: the image is loaded under this name, to be saved. */
  readonly classicTag?: string
  /** Attributes of the user's image outputs, such as `compression=zstd`: they shape what is inspected and published. */
  readonly attributes: readonly string[]
  /** Values of `--attest`. */
  readonly attestations: readonly string[]
  /**
   * Entries of `--output` for files, with a destination in a private folder. Each is a target of its own: buildx writes the
   * digest of a target's last export into the layouts of them all.
   */
  readonly files: readonly string[]
  /** What an archive calls its image. */
  readonly tags: readonly string[]
  /** The names under which the image leaves: its attestations are of these. None is needed for an image without attestations. */
  readonly names: readonly string[]
  /** An inline cache, which is a part of the image. */
  readonly cacheTo: readonly string[]
}

/** A target of the call, and what it is for. */
export type PlannedTarget = BakeTarget &
  /** `exported`: the archive of its files, where it is the stage of `test-report-target`. */
  (
    | { readonly role: 'test'; readonly platform: string; readonly exported?: string }
    | { readonly role: 'image'; readonly platform: string; readonly layout: string }
    | { readonly role: 'files' }
    | { readonly role: 'helper'; readonly platform: string }
  )

export type TargetsPlan = {
  readonly tests: readonly string[]
  /** The one of them whose files are exported. */
  readonly testReport?: string | undefined
  /** Stage that becomes the image; empty for the last one, `undefined` where only the tests are built. */
  readonly target: string | undefined
  /** As in the input. */
  readonly annotations: readonly string[]
  /** Empty for the builder's own. */
  readonly platforms: readonly string[]
  readonly exporting: ExportPlan
  readonly lookup?: Lookup
}

/** Plans the targets. Their names are no names of stages: stages of a Dockerfile begin with a letter. */
export function planTargets({
  tests,
  testReport,
  target,
  platforms,
  annotations,
  exporting,
  lookup
}: TargetsPlan): readonly PlannedTarget[] {
  const each = platforms.length === 0 ? [''] : platforms
  const on = (platform: string): readonly string[] => (platform === '' ? [] : [platform])
  const several = each.length > 1
  const images = target === undefined ? [] : each
  const basesOn = (at: number): readonly string[] => lookup?.images.map((_, index) => `_base${index}-${at}`) ?? []
  const begin = (names: readonly string[]) => (names.length === 0 ? {} : { after: names })
  return [
    ...each.flatMap((platform, at) => planHelpers(lookup, platform, at)),
    ...tests.flatMap((stage, index) =>
      each.map((platform, at): PlannedTarget => {
        const exported = stage === testReport ? path.join(exporting.folder, `test-report-${at}.tar`) : undefined
        return {
          ...{ role: 'test', platform, stage, platforms: on(platform) },
          outputs: [
            exported === undefined ? 'type=cacheonly' : ['type=tar', `dest=${exported}`].map(writeField).join(',')
          ],
          name: `_test${index}-${at}`,
          ...begin(basesOn(at)),
          ...(exported === undefined ? {} : { exported })
        }
      })
    ),
    ...images.map((platform, at): PlannedTarget => {
      const layout = path.join(exporting.folder, several ? `image-${at}` : 'image')
      const place = { platform, several, attested: exporting.attestations.some(isEnabled) }
      const attributes = attributesOn(exporting.attributes, place)
      return {
        ...{ role: 'image', platform, layout, stage: target ?? '', platforms: on(platform) },
        name: `_image-${at}`,
        ...begin(basesOn(at)),
        outputs: [exporting.classicTag === undefined ? layoutOutput(layout, attributes) : 'type=docker'],
        annotations: annotationsOn(annotations, place),
        attestations: exporting.attestations,
        cacheTo: exporting.cacheTo,
        tags: exporting.classicTag === undefined ? exporting.names : [exporting.classicTag]
      }
    }),
    ...(target === undefined ? [] : exporting.files).map((output, index): PlannedTarget => {
      // A docker archive holds no index, and so no attestations.
      const isArchive = output.startsWith('type=docker,') && exporting.attestations.length > 0
      const attestations = isArchive ? ['type=provenance,disabled=true'] : exporting.attestations
      const place = { platform: '', several: false, attested: several || attestations.some(isEnabled) }
      return {
        ...{ role: 'files', name: `_files-${index}`, stage: target ?? '', platforms, attestations },
        ...begin(each.flatMap((_, at) => basesOn(at))),
        annotations: annotationsOn(annotations, place),
        outputs: [output],
        tags: exporting.tags
      }
    })
  ]
}

/** The targets that look an imported cache up for one platform (lookup.ts). */
function planHelpers(lookup: Lookup | undefined, platform: string, at: number): readonly PlannedTarget[] {
  if (lookup === undefined) return []
  const plan = (name: string, stage: string, imports: boolean): PlannedTarget => ({
    ...{ role: 'helper', name: `${name}-${at}`, platform, stage, platforms: platform === '' ? [] : [platform] },
    outputs: ['type=cacheonly'],
    ...{ dockerfile: lookup.dockerfile, helper: { imports } }
  })
  return [
    ...lookup.groups.map((stage, index) => plan(`_lookup${index}`, stage, true)),
    ...lookup.images.map((stage, index) => plan(`_base${index}`, stage, false))
  ]
}

/** Where an annotation of an export would stand. */
export type AnnotationPlace = {
  /** Empty for the builder's own. */
  readonly platform: string
  /** Whether the image is one of several: the index over them is made after the call. */
  readonly several: boolean
  /** Whether it has attestations: they make an index even around one image, and without it BuildKit takes none for one. */
  readonly attested: boolean
}

/** The annotations of one platform's image, without those that are for another or have no place in its export. */
export function annotationsOn(annotations: readonly string[], place: AnnotationPlace): readonly string[] {
  return annotations.flatMap((annotation) => {
    const [, levels, pair = ''] = levelled.exec(annotation) ?? []
    if (levels === undefined) return [annotation]
    const kept = levels.split(',').flatMap((level) => {
      const [, name = '', only] = /^([a-z-]+)(?:\[([^\]]*)\])?$/.exec(level) ?? []
      return hasPlace(name, only, place) ? [place.platform === '' ? level : name] : []
    })
    return kept.length === 0 ? [] : [`${kept.join(',')}:${pair}`]
  })
}

/** The same of an output's attributes: `annotation-index.NAME=VALUE`, `annotation[linux/arm64].NAME=VALUE`. */
export function attributesOn(attributes: readonly string[], place: AnnotationPlace): readonly string[] {
  return attributes.flatMap((attribute) => {
    const annotation = annotationAttribute(attribute)
    if (annotation === undefined) return [attribute]
    const { level, only, rest } = annotation
    if (!hasPlace(level, only, place)) return []
    return [place.platform === '' ? attribute : `annotation-${level}.${rest}`]
  })
}

/** An output's attribute, or its key alone, taken apart where it is an annotation; `rest` is its name, with the value if there is one. */
export function annotationAttribute(
  text: string
): { readonly level: string; readonly only: string | undefined; readonly rest: string } | undefined {
  const [, level = 'manifest', only, rest] = /^annotation(?:-([a-z-]+))?(?:\[([^\]]*)\])?\.([^]*)$/.exec(text) ?? []
  return rest === undefined ? undefined : { level, only, rest }
}

const levelled = /^((?:(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?,?)+):([^]*)$/

function hasPlace(level: string, only: string | undefined, { platform, several, attested }: AnnotationPlace): boolean {
  if (only !== undefined && platform !== '' && only !== platform) return false
  return level === 'manifest' || (attested && (!several || level === 'manifest-descriptor'))
}

function layoutOutput(layout: string, attributes: readonly string[]): string {
  return ['type=oci', 'tar=false', ...attributes, `dest=${layout}`].map(writeField).join(',')
}
