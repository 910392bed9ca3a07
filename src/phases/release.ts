/** The end of a run whose images have passed: what leaves the runner, and what is kept for the runs to come. */
import { keepBaseline, sizesBefore, takeSnapshots, type Fetched } from '../baseline/comparison.js'
import { readReleases, type ReleasesReport } from '../baseline/releases.js'
import { findInsecureRegistries } from '../buildkit/insecure.js'
import { keepCache, type KeepOptions } from '../cache/keep.js'
import { dig, parseJSON } from '../core/json.js'
import { writeRecord } from '../explain/store.js'
import { failureOf } from '../failure/of.js'
import type { Learned, Workflow } from '../findings.js'
import { isGateOnly, wantsExport } from '../inputs/inputs.js'
import type { OutputEntry } from '../inputs/outputs.js'
import { layersOf } from '../inspect/inspect.js'
import type { LeftoverList } from '../leftovers.js'
import type { MountsSession } from '../mounts/mounts.js'
import type { Ports } from '../ports.js'
import { leaves } from '../publish/plan.js'
import type { LoadedImage } from '../publish/load.js'
import {
  describeFiles,
  describeImage,
  readProvenanceMode,
  withoutImage,
  type ProvenanceMode,
  type PublishedMetadata
} from '../publish/metadata.js'
import { publish, type Published, type PublishOptions } from '../publish/publish.js'
import { reportPublished } from '../publish/report.js'
import type { Content } from '../registry/content.js'
import type { Earlier } from './earlier.js'
import type { Built } from './gate.js'
import type { Prepared } from './prepare.js'
import { learnedOfCache } from './keep.js'
import type { World } from './start.js'
import { testRecord } from './tests.js'
import type { Inspected } from './verdict.js'

type ReleaseOptions = {
  readonly workflow: Workflow
  readonly env: World['env']
  readonly built: Built
  /** Absent where no image was built. */
  readonly inspected: Inspected | undefined
  readonly earlier: Earlier
  readonly mounts: MountsSession | undefined
  readonly keeping: KeepOptions
  readonly prepared: Prepared
  readonly leftovers: LeftoverList
  /** Private folder of the run. */
  readonly folder: string
}

/**
 * Lets out what has passed: the images, if there are any to publish, the cache, and the figures as the next baseline.
 * @returns what became of each image, in their order
 */
export async function release(ports: Ports, images: readonly ReleaseOptions[]): Promise<readonly Learned[]> {
  const [published, ...kept] = await Promise.all([
    publishImages(ports, images).catch((error: unknown) => [{ failure: failureOf(error) }]),
    ...images.map((options) => Promise.all([settle(keepLayers(ports, options)), settle(keepResults(ports, options))]))
  ])
  return kept.map(([written, results], index) => {
    const left: Learned = published[index] ?? {}
    const failure = left.failure ?? written.failure ?? results.failure
    return {
      ...left,
      ...written,
      ...results,
      notes: [left, written, results].flatMap(({ notes = [] }) => notes),
      ...(failure === undefined ? {} : { failure })
    }
  })
}

/** Each comes to its end, whatever becomes of the others. */
function settle(part: Promise<Learned>): Promise<Learned> {
  return part.catch((error: unknown) => ({ failure: failureOf(error) }))
}

/** Writes the layer cache. What the image has of it lies here, and may be in the registry already. */
async function keepLayers(ports: Ports, { keeping, inspected, built }: ReleaseOptions): Promise<Learned> {
  const searched = layersOf(inspected?.inspection.analyses ?? [])
  // Whatever is wrong with the image is told where it is published.
  const content =
    inspected === undefined || built.classicTag !== undefined ? undefined : await built.content().catch(noContent)
  const mountFrom = [...built.publication.pushes.flatMap(({ references }) => references), ...basesOf(inspected)]
  const carrying = { ...keeping.carrying, layers: content?.blobs ?? [], mountFrom }
  return learnedOfCache(await keepCache(ports, { ...keeping, searched, carrying }))
}

function noContent(): undefined {
  return undefined
}

/** References of the base images, as far as they are known. */
function basesOf(inspected: Inspected | undefined): readonly string[] {
  return (inspected?.learned.images ?? []).flatMap(({ base }) => (base === undefined ? [] : [base]))
}

/** Keeps the image's figures and the record of the build for the runs to come. */
async function keepResults(ports: Pick<Ports, 'exec' | 'now'>, options: ReleaseOptions): Promise<Learned> {
  const { workflow, built, inspected, earlier, mounts } = options
  const { inputs, trustPlan, redact } = workflow
  if (!trustPlan.trust.trusted || (inspected === undefined && !isGateOnly(inputs))) return {}
  const baseline = await earlier.baseline.catch(() => undefined)
  const asking = askReleases(ports, options, baseline)
  const { history } = await earlier.lookBack(built.learned.steps, 'waits')
  const snapshots =
    inspected === undefined ? [] : takeSnapshots(inspected.inspection.analyses, inspected.learned.images, redact)
  const record = history === undefined ? undefined : writeRecord(history.now)
  const tests = await testRecord(mounts, built)
  const releases = await asking
  return {
    notes: await keepBaseline(ports, earlier.comparison, { snapshots, build: record, tests, releases, baseline }),
    ...(releases === undefined ? {} : { releases })
  }
}

/** What the releases weigh that lie where this image goes; without a push, what is known of them. Never throws. */
async function askReleases(
  { exec }: Pick<Ports, 'exec'>,
  { env, built, inspected }: ReleaseOptions,
  baseline: Fetched | undefined
): Promise<ReleasesReport | undefined> {
  const { releases: known } = sizesBefore(baseline)
  const references = built.publication.pushes.flatMap((push) => push.references)
  // An engine's classic store keeps no compressed form to hold them against.
  const platforms = (inspected?.learned.images ?? []).flatMap(({ platform, transferSize }) =>
    transferSize === undefined ? [] : [platform]
  )
  if (references.length === 0 || platforms.length === 0) return known
  return (await readReleases(exec, env, { references, platforms, known })) ?? known
}

/** Publishes those that are to leave, together, and tells of each what has. */
async function publishImages(ports: Ports, images: readonly ReleaseOptions[]): Promise<readonly Learned[]> {
  const planned = await Promise.all(images.map((options) => planLeaving(ports, options)))
  const published = await publish(
    ports,
    planned.flatMap(({ leaving }) => leaving ?? [])
  )
  const failed = published.some(({ failure, cancelled }) => failure !== undefined || cancelled === true)
  const rest = published.values()
  return planned.map(({ leaving, tell }) => tell(leaving === undefined ? undefined : rest.next().value, failed))
}

/** How an image leaves, and what is told of it then. */
type Leaving = {
  /** Absent where it does not leave. */
  readonly leaving?: PublishOptions
  /** @param failed publishing did, be it of another image */
  readonly tell: (published: Published | undefined, failed: boolean) => Learned
}

async function planLeaving(
  ports: Ports,
  { workflow, env, prepared, built, inspected, folder, leftovers }: ReleaseOptions
): Promise<Leaving> {
  const { publish: plan, trust } = workflow.trustPlan
  const { publication, classicTag } = built
  if (inspected === undefined) {
    const reason = isGateOnly(workflow.inputs) ? 'only the gate was asked for' : 'the target could not be built'
    return { tell: () => ({ publish: { published: false, reason } }) }
  }
  const content = classicTag === undefined ? await built.content() : undefined
  const images = inspected.inspection.images.map(({ platformName, manifestDigest = '', configDigest, layers }) => ({
    ...{ platform: platformName, manifestDigest, configDigest, diffIDs: layers.map(({ diffID }) => diffID) }
  }))
  const left = { outputs: plan.outputs, content, images, mode: readProvenanceMode(env) }
  if (!leaves(plan)) {
    const withheld = wantsExport(workflow.inputs) && !trust.trusted
    const reason = withheld ? trust.reason : 'push, load and outputs are not set'
    // What a push would have pushed.
    const digest = content?.root.digest ?? images[0]?.configDigest ?? ''
    const metadata = describeWhatLeft(built, { ...left, digest, names: [] })
    return { tell: () => ({ publish: { published: false, reason }, metadata }) }
  }
  return {
    leaving: {
      ...{ publication, images, env, folder },
      ...{ onTag: leftovers.addImage, onUntag: leftovers.dropImage },
      findInsecure: () => findInsecureRegistries(ports, env, prepared.builder),
      bases: basesOf(inspected),
      ...(content === undefined ? {} : { content }),
      ...(classicTag === undefined ? {} : { classicTag })
    },
    tell: (published, failed) => (published === undefined ? {} : tellPublished(published, built, { ...left, failed }))
  }
}

function tellPublished(
  published: Published,
  built: Built,
  { failed, ...left }: Omit<WhatLeft, 'digest' | 'names'> & { readonly failed: boolean }
): Learned {
  const { digest, imageID, notes, cancelled = false } = published
  const failure = cancelled ? ({ kind: 'cancelled' } as const) : published.failure
  const written = { files: built.publication.files, metadata: built.run.files }
  const publish = reportPublished(published, written, failed)
  return {
    notes,
    publish,
    metadata: describeWhatLeft(built, {
      ...{ ...left, digest, names: publish.published ? publish.tags : [] },
      ...(imageID === undefined ? {} : { loadedID: imageID })
    }),
    ...(failure === undefined ? {} : { failure })
  }
}

type WhatLeft = {
  readonly outputs: readonly OutputEntry[]
  /** Absent on the classic image store. */
  readonly content: Content | undefined
  readonly images: readonly LoadedImage[]
  readonly mode: ProvenanceMode
  readonly digest: string
  readonly names: readonly string[]
  /** The image's id in an engine. */
  readonly loadedID?: string
}

/** The outputs as a bare build would have them. */
function describeWhatLeft(
  { publication, images: exported, run }: Built,
  { outputs, content, images, mode, digest, names, loadedID }: WhatLeft
): PublishedMetadata {
  const { pushes, loads, files } = publication
  const archive = files.find(({ source }) => source === 'image')
  const built = exported.map(({ platform, metadata }) => ({ platform, text: metadata.text }))
  const isSent = pushes.length + loads.length > 0
  const isImage = isSent || archive !== undefined || outputs.every(({ type }) => type === 'image')
  if (!isImage) return describeFiles(run.files.length > 0 ? run.files : built.map(withoutImage), mode)
  const [only, ...others] = images
  const { mediaType, bytes, part } = content?.root ?? {}
  const isSingle = others.length === 0 && part !== 'index'
  const around = isSent || archive === undefined ? {} : annotationsIn(built)
  return describeImage(
    built,
    {
      ...{ digest, byDigest: pushes.some(({ byDigest }) => byDigest) },
      names: isSent ? names : (archive?.names ?? names),
      ...(mediaType === undefined || bytes === undefined
        ? {}
        : { descriptor: { mediaType, size: bytes.length, ...around } }),
      ...(only === undefined || !isSingle ? {} : { configDigest: only.configDigest, platform: only.platform }),
      ...(loadedID === undefined ? {} : { loadedID })
    },
    mode
  )
}

/** What the builder says of the first of its exports, beside what it is. */
function annotationsIn([first]: readonly { readonly text: string }[]): { readonly annotations?: unknown } {
  const annotations = dig(parseJSON(first?.text ?? ''), 'containerimage.descriptor', 'annotations')
  return annotations === undefined ? {} : { annotations }
}
