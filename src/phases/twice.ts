/** `verify-reproducible`: before anything leaves, the image is built once more from nothing, and both have to be the same. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { compareLayerFiles, configDifference, firstDifference, type ImageMismatch } from '../compare/twice.js'
import type { Learned, Workflow } from '../findings.js'
import { runBuild } from '../gate/build.js'
import {
  ImageError,
  listLayer,
  readImages,
  type ImageLayer,
  type LayerFile,
  type PlatformImage
} from '../image/index.js'
import { readable } from '../inspect/inspect.js'
import type { ImageReport } from '../report/model.js'
import type { Ports } from '../ports.js'
import type { Built } from './gate.js'
import type { Inspected } from './verdict.js'

type TwiceOptions = {
  readonly workflow: Workflow
  readonly built: Built
  readonly inspected: Inspected
  /** Private folder of the run. */
  readonly folder: string
}

/** Builds the image's own chain a second time, without tests and without any cache, and compares the manifests. */
export async function buildTwice(ports: Ports, { workflow, built, inspected, folder }: TwiceOptions): Promise<Learned> {
  const place = path.join(folder, 'twice')
  await mkdir(place)
  const { asked } = built
  const { build } = asked.base
  const { reproducible: timed } = workflow.inputs
  const start = ports.now()
  const run = await runBuild(ports, {
    ...asked,
    base: { ...asked.base, build: { ...build, fresh: { ...build.fresh, noCache: true, rerunTests: false } } },
    plan: { ...asked.plan, testTargets: [] },
    looksUp: false,
    cacheFrom: [],
    exporting: { ...asked.exporting, folder: place, files: [], cacheTo: [] },
    metadataFile: path.join(place, 'metadata.json'),
    // The files of the first build wait to be published, and its images are read already.
    beforeAgain: () => Promise.resolve(),
    onExporting: () => undefined,
    onExported: () => undefined
  })
  const seconds = (ports.now() - start) / 1000
  if (run.failure !== undefined) {
    const which = 'It was the second build that failed, which verify-reproducible asks for.'
    return { failure: run.failure, notes: [...run.notes, which] }
  }
  try {
    const second: PlatformImage[] = []
    for (const { layout } of run.images) {
      second.push(...(await readImages(layout, { signal: ports.signal })).images)
    }
    const differences: ImageMismatch[] = []
    for (const [at, image] of inspected.inspection.images.entries()) {
      const again = second.find(({ platformName }) => platformName === image.platformName)
      if (again === undefined) throw new ImageError('unsupported', `it has no image of ${image.platformName}`)
      if (image.manifestDigest === again.manifestDigest) continue
      const report = inspected.learned.images[at]
      differences.push(await explain(ports, { first: image, second: again, report, timed }))
    }
    if (differences.length === 0) {
      ports.log.info(`The second build made the same image (${seconds.toFixed(1)} s).`)
      return { builtTwice: { seconds }, notes: run.notes }
    }
    return { failure: { kind: 'irreproducible', differences, timed }, notes: run.notes }
  } catch (error) {
    return readable('the image of the second build cannot be read')(error)
  }
}

type Pair = {
  readonly first: PlatformImage
  readonly second: PlatformImage
  /** Of the first. */
  readonly report: ImageReport | undefined
  /** With `reproducible`: the time of the image is that of its files too. */
  readonly timed: boolean
}

/** Where the two differ first. What is above that layer may only follow from it. */
async function explain(
  { signal }: Pick<Ports, 'signal'>,
  { first, second, report, timed }: Pair
): Promise<ImageMismatch> {
  const digests = { first: first.manifestDigest ?? '', second: second.manifestDigest ?? '' }
  const known = { platform: first.platformName, ...digests }
  const found = firstDifference(first, second)
  if (found === undefined) return { ...known, config: configDifference(first.configText, second.configText) }
  const [before, after] = await Promise.all(found.pair.map((layer) => listOf(layer, signal)))
  const time = timed ? Date.parse(second.config.created ?? '') / 1000 : undefined
  const { instruction = '', line, stage, base = false } = report?.layers[found.index] ?? {}
  return {
    ...known,
    config: [],
    layer: {
      ...{ index: found.index, instruction, base },
      ...(line === undefined ? {} : { line }),
      ...(stage === undefined ? {} : { stage }),
      ...compareLayerFiles(before ?? [], after ?? [], time)
    }
  }
}

/** Nothing of a layer that only one of the images has, or that is not in the layout. */
function listOf(layer: ImageLayer | undefined, signal: AbortSignal): Promise<readonly LayerFile[]> {
  return layer?.blob === undefined ? Promise.resolve([]) : listLayer(layer, signal)
}
