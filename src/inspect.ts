/**
 * Inspect before publish: the target as an OCI layout on disk, and what is in it. The layout comes from the same builder
 * that publishes later, so the platform manifests have the digests that will be pushed.
 */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { classifyFailure } from './build/classify.js'
import type { BuildMetadata, Provenance } from './build/provenance.js'
import type { Progress } from './build/progress.js'
import { logProgress, runSolve } from './build/solve.js'
import type { Step } from './build/step.js'
import { Stop } from './build/stop.js'
import type { ImageAnalysis, PlatformImage } from './image/index.js'
import type { CachePlan } from './plan/cache.js'
import type { BuildBase, Solve } from './plan/command.js'
import type { Ports } from './ports.js'
import { csvField } from './secrets.js'
import type { ImageReport, LayerReport } from './report/report.js'

export type InspectOptions = {
  readonly base: BuildBase
  /** Stage to build; empty means the last one. */
  readonly target: string
  readonly cache: CachePlan
  readonly env: Readonly<Record<string, string>>
  /** Private folder for the layout. */
  readonly folder: string
  /** The engine's classic image store exports no OCI layout: the image is loaded and saved instead. */
  readonly classicStore: boolean
  /** The first solve of the target, where no gate came before it. */
  readonly fresh: boolean
  readonly onlyStage?: string
}

/** What was built, and what is in it. */
export type Inspection = {
  readonly images: readonly PlatformImage[]
  readonly analyses: readonly ImageAnalysis[]
  readonly progress: Progress
  readonly metadata: BuildMetadata
}

/** Builds the target into an OCI layout (or a saved archive) and analyses every platform of it. */
export async function inspect(ports: Pick<Ports, 'exec' | 'log' | 'signal'>, options: InspectOptions): Promise<Inspection> {
  // The analysis is not needed by a gate-only or red run, so it is loaded here.
  const imageLibrary = import(/* webpackChunkName: "image" */ './image/index.js')
  await using exported = await exportImage(ports, options)
  const { readImages, analyseImage, ImageError } = await imageLibrary
  const { signal } = ports
  const { progress, metadata } = exported
  try {
    const { images } = await readImages(exported.path, { signal })
    const analyses: ImageAnalysis[] = []
    for (const image of images) {
      const base = leading(image.layers, ({ descriptor }) => metadata.provenance.baseLayers.has(descriptor.digest))
      analyses.push(await analyseImage(image, { baseDiffIDs: base.map(({ diffID }) => diffID), signal }))
    }
    return { images, analyses, progress, metadata }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    throw new Stop({ kind: 'engine', message: `the image that the builder exported cannot be read: ${error.message}` }, progress, {
      cause: error
    })
  }
}

type Exported = AsyncDisposable & {
  readonly path: string
  readonly progress: Progress
  readonly metadata: BuildMetadata
}

async function exportImage(ports: Pick<Ports, 'exec' | 'log'>, options: InspectOptions): Promise<Exported> {
  const { base, folder, classicStore } = options
  const layout = path.join(folder, 'image')
  const temporaryTag = `stagegate-inspect:${randomBytes(6).toString('hex')}`
  const solve: Solve = {
    ...base,
    target: options.target,
    cache: options.cache,
    image: true,
    metadataFile: path.join(folder, 'metadata.json'),
    outputs: classicStore ? ['type=docker'] : [csvOutput('type=oci,tar=false', layout)],
    tags: classicStore ? [temporaryTag] : [],
    ...(options.fresh ? { fresh: { noCache: base.inputs.noCache, noCacheFilters: base.inputs.noCacheFilters } } : {})
  }
  const result = await runSolve(ports, solve, {
    env: { ...options.env, BUILDX_METADATA_PROVENANCE: 'max' },
    listener: logProgress(ports.log, { again: !options.fresh })
  })
  if (!result.ok) {
    const onlyStage = options.onlyStage === undefined ? {} : { onlyStage: options.onlyStage }
    throw new Stop(classifyFailure({ ...result, testStages: [], ...onlyStage }), result.progress)
  }
  const { progress, metadata } = result
  if (!classicStore) return { path: layout, progress, metadata, [Symbol.asyncDispose]: () => Promise.resolve() }

  const removeTag = async (): Promise<void> => {
    await ports.exec({ file: 'docker', args: ['image', 'rm', temporaryTag] }, { timeoutSeconds: 30 }).catch(() => undefined)
  }
  const archive = path.join(folder, 'image.tar')
  const saved = await ports.exec({ file: 'docker', args: ['image', 'save', '--output', archive, temporaryTag] })
  if (saved.exitCode !== 0) {
    await removeTag()
    throw new Stop({ kind: 'engine', message: `docker image save failed: ${saved.stderr.trim()}` })
  }
  return { path: archive, progress, metadata, [Symbol.asyncDispose]: removeTag }
}

/** One platform's part of the report: the layers joined with the steps that made them. */
export function reportImage(
  analysis: ImageAnalysis,
  steps: readonly Step[],
  provenance: readonly Provenance[],
  hasTransferSize: boolean
): ImageReport {
  const byVertex = new Map(steps.map((step) => [step.vertex, step]))
  const layers = analysis.layers.map((layer): LayerReport => {
    const vertex = provenance.map(({ layerSteps }) => layerSteps.get(layer.digest)).find((found) => found !== undefined)
    const step = vertex === undefined ? undefined : byVertex.get(vertex)
    const line = vertex === undefined ? undefined : provenance.map(({ lines }) => lines.get(vertex)).find((found) => found !== undefined)
    return {
      digest: layer.digest,
      diffID: layer.diffID,
      size: layer.size,
      base: layer.base,
      instruction: step?.instruction ?? readableHistory(layer.createdBy ?? ''),
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
    ...(hasTransferSize ? { transferSize: analysis.transferSize } : {}),
    ...(hasTransferSize && analysis.manifestDigest !== undefined ? { manifestDigest: analysis.manifestDigest } : {})
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

function csvOutput(attributes: string, destination: string): string {
  return `${attributes},${csvField(`dest=${destination}`)}`
}

function leading<T>(list: readonly T[], accepts: (item: T) => boolean): readonly T[] {
  const end = list.findIndex((item) => !accepts(item))
  return end < 0 ? list : list.slice(0, end)
}
