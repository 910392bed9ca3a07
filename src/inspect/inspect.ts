/**
 * Inspect before publish: what is in the layouts that the build exported, and that are published once they have passed.
 */
import { chainKey, type Provenance } from '../buildkit/provenance.js'
import { isLinkedStep } from '../core/linked.js'
import { withoutLink, type Step } from '../core/step.js'
import { Stop } from '../failure/stop.js'
import {
  analyseImage,
  ImageError,
  planNeedles,
  readImages,
  scanAhead,
  type Annotated,
  type ImageAnalysis,
  type LayersAhead,
  type NeedlePlan,
  type PlatformImage,
  type Secret
} from '../image/index.js'
import type { Ports } from '../ports.js'
import { readIndex, untilComplete, watchBlobs } from './landing.js'
import type { ImageFigures, ImageReport, LayerReport } from './model.js'
import { toldDigests } from './told.js'

export type InspectorOptions = {
  /** What must not be in the image; absent where nobody looks for it. */
  readonly sensitive?: readonly Secret[]
  /** Private keys that may be there all the same: paths, `/folder/**`, fingerprints. */
  readonly ignoredKeys?: readonly string[]
  /** Annotations that are published, and in no layout: those of the index over several platforms, and of outputs to files. */
  readonly annotated?: readonly Annotated[]
}

/** What was built, and what is in it. */
export type Inspection = {
  readonly images: readonly PlatformImage[]
  readonly analyses: readonly ImageAnalysis[]
  /** Of each image the digests by which its builder knows the layers. */
  readonly told: readonly (readonly string[])[]
}

/** An image on disk: a layout's folder, or a saved archive. */
type OnDisk = { readonly path: string }

/** Reads images as soon as they lie on the disk, while the tests still run. */
export type Inspector = Disposable & {
  /** Begins with the layers of a layout that its builder begins to write. Nothing is awaited, and nothing thrown. */
  readonly expect: (image: OnDisk) => void
  /** Begins to read one, maybe before it is whole; nothing is awaited, and nothing thrown. */
  readonly begin: (image: OnDisk) => void
  /**
   * What is in them, with what the builder told of each, the image's own first: only that says which layers are the base
   * image's. The builder has ended well, so what lies there now counts, whatever was found before.
   * Throws a `Stop` where an image is not what it claims to be.
   */
  readonly conclude: (built: readonly Concluded[]) => Promise<Inspection>
}

/** Opens an inspector. Disposing it ends what is under way. */
export function openInspector({ signal }: Pick<Ports, 'signal'>, options: InspectorOptions): Inspector {
  const stopping = new AbortController()
  const either = AbortSignal.any([signal, stopping.signal])
  const readings = new Map<string, Reading>()
  let planning: Promise<NeedlePlan | undefined> | undefined
  /** Not before the builder builds: then nobody else needs the processor here. */
  const plan = (): Promise<NeedlePlan | undefined> =>
    (planning ??= options.sensitive === undefined ? Promise.resolve(undefined) : planNeedles(options.sensitive))
  const expected = new Map<string, Expected>()

  const expect = ({ path }: OnDisk): void => {
    if (expected.has(path)) return
    const whole = new AbortController()
    const watched = AbortSignal.any([either, whole.signal])
    const ahead = plan().then((needles) => {
      const layers = scanAhead({ needles, signal: either })
      void watchBlobs(path, watched, layers.begin)
      return layers
    })
    ahead.catch(() => undefined) // what is looked for is planned once, and told where the image is read
    expected.set(path, { ahead, stop: () => whole.abort() })
  }

  const read = async (path: string, { told, signal, whole }: ReadOptions): Promise<Read> => {
    await untilComplete(path, AbortSignal.any([signal, whole]))
    signal.throwIfAborted()
    const index = await readIndex(path)
    expected.get(path)?.stop()
    const { images, others, strayAttestations } = await readImages(path, { signal })
    const [unknown] = [...others, ...strayAttestations]
    if (unknown !== undefined && options.sensitive !== undefined) {
      throw new ImageError('unsupported', `${unknown.digest} belongs to no image of it, and would leave unsearched`)
    }
    const needles = await plan()
    const ahead = await expected.get(path)?.ahead
    const analyses: ImageAnalysis[] = []
    for (const image of images) {
      const baseDiffIDs = told.then((provenance) => {
        const { count } = findBase(toldDigests(image.layers, provenance[0]), provenance)
        return image.layers.slice(0, count).map(({ diffID }) => diffID)
      })
      const { annotated = [], ignoredKeys } = options
      const published = { ...image, annotated: [...image.annotated, ...annotated] }
      analyses.push(await analyseImage(published, { baseDiffIDs, needles, ahead, signal, ignoredKeys }))
    }
    const [own] = await told
    return { index, images, analyses, told: images.map(({ layers }) => toldDigests(layers, own)) }
  }

  const begin = ({ path }: OnDisk): void => {
    if (readings.has(path)) return
    const told = Promise.withResolvers<readonly Provenance[]>()
    const [forsaken, whole] = [new AbortController(), new AbortController()]
    const signal = AbortSignal.any([either, forsaken.signal])
    const done = read(path, { told: told.promise, signal, whole: whole.signal })
    done.catch(() => undefined) // looked at where it is awaited
    const conclude: Reading['conclude'] = (provenance) => {
      told.resolve(provenance)
      whole.abort()
      return done
    }
    const stop = (): void => {
      forsaken.abort()
      told.resolve([])
    }
    readings.set(path, { conclude, stop })
  }

  /** What lies there at the end of the call. A look before that may have found a layout that was not whole. */
  const conclude = async ({ path, provenance }: Concluded): Promise<Inspection> => {
    const early = await readings
      .get(path)
      ?.conclude(provenance)
      .catch(() => undefined)
    if (early !== undefined && early.index === (await readIndex(path))) return early
    return read(path, { told: Promise.resolve(provenance), signal: either, whole: AbortSignal.abort() })
  }

  return {
    expect,
    begin,
    async conclude(built) {
      // Of a call that was made once more there may be others, which nobody waits for.
      for (const { stop } of expected.values()) stop()
      for (const [place, { stop }] of readings) if (!built.some(({ path }) => path === place)) stop()
      const all: Inspection[] = []
      for (const image of built) {
        all.push(await conclude(image).catch(readable('the image that the builder exported cannot be read')))
      }
      return {
        images: all.flatMap(({ images }) => images),
        analyses: all.flatMap(({ analyses }) => analyses),
        told: all.flatMap(({ told }) => told)
      }
    },
    [Symbol.dispose]: () => stopping.abort()
  }
}

type Expected = { readonly ahead: Promise<LayersAhead>; readonly stop: () => void }

type Concluded = OnDisk & { readonly provenance: readonly Provenance[] }

/** What was read, and the index that it was read by. */
type Read = Inspection & { readonly index: string | undefined }

type ReadOptions = {
  readonly told: Promise<readonly Provenance[]>
  readonly signal: AbortSignal
  /** The call has ended: nothing is waited for. */
  readonly whole: AbortSignal
}

/** A reading that has begun before the end of the call. */
type Reading = {
  /** Tells it that the call has ended well, and what the builder told. */
  readonly conclude: (provenance: readonly Provenance[]) => Promise<Read>
  /** Ends it. */
  readonly stop: () => void
}

/**
 * Throws the failure of a run that cannot go on with an image, where that is what an error is about; else the error.
 * @param what a clause, before the words about the image
 */
export function readable(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ImageError)) throw error
    throw new Stop({ kind: 'engine', message: `${what}: ${error.message}` }, { cause: error })
  }
}

/** Digests of all layers that were analysed, and so searched for leaks. */
export function layersOf(analyses: readonly ImageAnalysis[]): readonly string[] {
  return analyses.flatMap(({ layers }) => layers.map(({ digest }) => digest))
}

export type ReportOptions = {
  readonly steps: readonly Step[]
  /** The inspection's own first: the gate's also has the steps of other stages. */
  readonly provenance: readonly Provenance[]
  /** The digests by which the builder knows the layers; without them, the image's own. */
  readonly told?: readonly string[] | undefined
  readonly hasTransferSize: boolean
}

/** One platform's part of the report: the layers joined with the steps that made them. */
export function reportImage(
  analysis: ImageAnalysis,
  { steps, provenance, told, hasTransferSize }: ReportOptions
): ImageReport {
  const byVertex = new Map(steps.map((step) => [step.vertex, step]))
  const digests = told ?? analysis.layers.map(({ digest }) => digest)
  const { base } = findBase(digests, provenance)
  const baseUnknown = isBaseKnown(digests, provenance) ? undefined : BASE_UNKNOWN
  const layers = analysis.layers.map((layer, index): LayerReport => {
    const chain = chainKey(digests.slice(0, index + 1))
    const vertex = provenance.map(({ layerSteps }) => layerSteps.get(chain)).find((found) => found !== undefined)
    const step = vertex === undefined ? undefined : byVertex.get(vertex)
    const line =
      vertex === undefined || (step !== undefined && isLinkedStep(step))
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
const BASE_UNKNOWN = 'the builder did not tell which layers are the base image’s'

/** Whether base layers are told apart: an image was found at the bottom, or a step is known to have made the lowest layer. */
function isBaseKnown(digests: readonly string[], provenance: readonly Provenance[]): boolean {
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
    duplicates,
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
    omissions,
    ...(duplicates === undefined ? {} : { duplicates })
  }
}

/** A history entry's `created_by` as the instruction it came from: `RUN |1 A=b /bin/sh -c pip install # buildkit`. */
function readableHistory(createdBy: string): string {
  return createdBy
    .replace(/(?<!\s)\s*# buildkit\s*$/, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^RUN \|\d+ .*?(?=\/bin\/sh -c )/s, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .trim()
}
