/**
 * Inspect before publish: the target as an OCI layout on disk, and what is in it. The layout comes from the same builder
 * that publishes later, so the platform manifests have the digests that will be pushed.
 */
import { exportImage } from '../buildkit/export.js'
import { chainKey, type BuildMetadata, type Provenance } from '../buildkit/provenance.js'
import type { Progress } from '../core/progress.js'
import { logProgress } from '../buildkit/solve.js'
import { withoutLink, type Step } from '../core/step.js'
import { Stop } from '../failure/stop.js'
import type { ImageAnalysis, PlatformImage, Secret } from '../image/index.js'
import type { BuildBase, CacheValues } from '../buildkit/command.js'
import type { Ports } from '../ports.js'
import type { ImageFigures, ImageReport, LayerReport } from '../report/model.js'

export type InspectOptions = {
  readonly base: BuildBase
  /** Stage to build; empty means the last one. */
  readonly target: string
  readonly cache: CacheValues
  readonly env: Readonly<Record<string, string>>
  /** Private folder for the layout. */
  readonly folder: string
  /** The engine's classic image store exports no OCI layout: the image is loaded and saved instead. */
  readonly classicStore: boolean
  /** The first solve of the target, where no gate came before it. */
  readonly fresh: boolean
  readonly onlyStage?: string
  /** Told about a temporary tag before it is made, so that `post` can remove it when the run cannot. */
  readonly onTag: (tag: string) => void
  /** What must not be in the image; absent where nobody looks for it. */
  readonly sensitive?: readonly Secret[]
  /** Private keys that may be there all the same: paths, `/folder/**`, fingerprints. */
  readonly ignoredKeys?: readonly string[]
}

/** What was built, and what is in it. */
export type Inspection = {
  readonly images: readonly PlatformImage[]
  readonly analyses: readonly ImageAnalysis[]
  readonly progress: Progress
  readonly metadata: BuildMetadata
}

/** Builds the target into an OCI layout (or a saved archive) and analyses every platform of it. */
export async function inspect(
  ports: Pick<Ports, 'exec' | 'log' | 'signal'>,
  options: InspectOptions
): Promise<Inspection> {
  // The analysis is not needed by a gate-only or red run, so it is loaded here.
  const imageLibrary = import(/* webpackChunkName: "image" */ '../image/index.js')
  const { base, fresh } = options
  await using exported = await exportImage(ports, {
    ...options,
    listener: logProgress(ports.log, { again: !fresh }),
    solve: {
      ...base,
      target: options.target,
      cache: options.cache,
      image: true,
      ...(fresh
        ? { fresh: { noCache: base.build.fresh.noCache, noCacheFilters: base.build.fresh.noCacheFilters } }
        : {})
    }
  })
  const { readImages, analyseImage, planNeedles, ImageError } = await imageLibrary
  const { signal } = ports
  const { progress, metadata } = exported
  try {
    const { images } = await readImages(exported.path, { signal })
    const needles = options.sensitive === undefined ? undefined : planNeedles(options.sensitive)
    const analyses: ImageAnalysis[] = []
    for (const image of images) {
      const digests = image.layers.map(({ descriptor }) => descriptor.digest)
      const { count } = findBase(digests, [metadata.provenance])
      const baseDiffIDs = image.layers.slice(0, count).map(({ diffID }) => diffID)
      analyses.push(await analyseImage(image, { baseDiffIDs, needles, signal, ignoredKeys: options.ignoredKeys }))
    }
    return { images, analyses, progress, metadata }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    throw new Stop(
      { kind: 'engine', message: `the image that the builder exported cannot be read: ${error.message}` },
      progress,
      {
        cause: error
      }
    )
  }
}

/** Digests of all layers that were analysed, and so searched for leaks. */
export function layersOf(analyses: readonly ImageAnalysis[]): readonly string[] {
  return analyses.flatMap(({ layers }) => layers.map(({ digest }) => digest))
}

/**
 * One platform's part of the report: the layers joined with the steps that made them.
 * @param provenance the inspection's own first: the gate's also has the steps of other stages
 */
export function reportImage(
  analysis: ImageAnalysis,
  steps: readonly Step[],
  provenance: readonly Provenance[],
  hasTransferSize: boolean
): ImageReport {
  const byVertex = new Map(steps.map((step) => [step.vertex, step]))
  const digests = analysis.layers.map(({ digest }) => digest)
  const { base } = findBase(digests, provenance)
  const baseUnknown = isBaseKnown(digests, provenance) ? undefined : BASE_UNKNOWN
  const layers = analysis.layers.map((layer, index): LayerReport => {
    const chain = chainKey(digests.slice(0, index + 1))
    const vertex = provenance.map(({ layerSteps }) => layerSteps.get(chain)).find((found) => found !== undefined)
    const step = vertex === undefined ? undefined : byVertex.get(vertex)
    const line =
      vertex === undefined
        ? undefined
        : provenance.map(({ lines }) => lines.get(vertex)).find((found) => found !== undefined)
    return {
      digest: layer.digest,
      diffID: layer.diffID,
      size: layer.size,
      base: layer.base,
      empty: layer.empty,
      files: layer.files,
      copies: layer.copies,
      instruction: step === undefined ? readableHistory(layer.createdBy ?? '') : withoutLink(step.instruction),
      ...(hasTransferSize ? { transferSize: layer.transferSize } : {}),
      ...(line === undefined ? {} : { line }),
      ...(step?.stage === undefined ? {} : { stage: step.stage })
    }
  })
  return {
    platform: analysis.platform,
    configDigest: analysis.configDigest,
    size: analysis.size,
    layers,
    figures: figuresOf(analysis),
    ...(base === undefined ? {} : { base }),
    ...(baseUnknown === undefined ? {} : { baseUnknown }),
    ...(hasTransferSize ? { transferSize: analysis.transferSize } : {}),
    ...(hasTransferSize && analysis.manifestDigest !== undefined ? { manifestDigest: analysis.manifestDigest } : {})
  }
}

/** How many of the lowest layers are the base image's, and the reference it was named by. */
function findBase(digests: readonly string[], provenance: readonly Provenance[]): { count: number; base?: string } {
  for (let count = digests.length; count > 0; count -= 1) {
    const chain = chainKey(digests.slice(0, count))
    const base = provenance.map(({ baseImages }) => baseImages.get(chain)).find((found) => found !== undefined)
    if (base !== undefined) return { count, base }
  }
  return { count: 0 }
}

/** Why a rule that goes by own layers does not judge. */
export const BASE_UNKNOWN = 'the builder did not tell which layers are the base image’s'

/** Whether base layers are told apart: an image was found at the bottom, or a step is known to have made the lowest layer. */
export function isBaseKnown(digests: readonly string[], provenance: readonly Provenance[]): boolean {
  const [lowest] = digests
  if (lowest === undefined || findBase(digests, provenance).count > 0) return true
  return provenance.some(({ layerSteps }) => layerSteps.has(chainKey([lowest])))
}

/** The analysis as far as it is reported: plain data, without the tree of files. */
function figuresOf(analysis: ImageAnalysis): ImageFigures {
  const {
    reclaimable,
    efficiency,
    biggestFiles,
    biggestDirectories,
    packageCaches,
    modes,
    clients,
    leaks,
    leakSearch,
    omissions
  } = analysis
  return {
    reclaimable,
    efficiency,
    biggestFiles,
    biggestDirectories,
    packageCaches,
    modes,
    clients,
    leaks,
    leakSearch,
    omissions
  }
}

/** A history entry's `created_by` as the instruction it came from: `RUN |1 A=b /bin/sh -c pip install # buildkit`. */
export function readableHistory(createdBy: string): string {
  return createdBy
    .replace(/\s*# buildkit\s*$/, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^RUN \|\d+ .*?(?=\/bin\/sh -c )/s, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .trim()
}
