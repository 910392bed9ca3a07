/** The end of a run that has passed: what leaves the runner, and what is kept for the runs to come. */
import { keepBaseline, takeSnapshots } from '../baseline/comparison.js'
import type { BuildMetadata } from '../buildkit/provenance.js'
import { keepCache, type KeepOptions } from '../cache/keep.js'
import { writeRecord } from '../explain/store.js'
import { failureOf } from '../failure/stop.js'
import type { Learned, Workflow } from '../findings.js'
import { isGateOnly, wantsExport } from '../inputs/inputs.js'
import { layersOf } from '../inspect/inspect.js'
import type { MountsSession } from '../mounts/mounts.js'
import type { Ports } from '../ports.js'
import { leaves } from '../publish/plan.js'
import { describePublished, publish } from '../publish/publish.js'
import type { Earlier } from './earlier.js'
import type { Built } from './gate.js'
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
  /** Private folder of the run. */
  readonly folder: string
}

/** Lets out what has passed: the image, if there is one to publish, the cache, and the figures as the next baseline. */
export async function release(ports: Ports, options: ReleaseOptions): Promise<Learned> {
  const searched = layersOf(options.inspected?.inspection.analyses ?? [])
  const [published, written, kept] = await Promise.all([
    settle(publishImage(ports, options)),
    settle(keepCache(ports, { ...options.keeping, searched }).then(learnedOfCache)),
    settle(keepResults(ports, options))
  ])
  const failure = published.failure ?? written.failure ?? kept.failure
  return {
    ...published,
    ...written,
    notes: [published, written, kept].flatMap(({ notes = [] }) => notes),
    ...(failure === undefined ? {} : { failure })
  }
}

/** Each comes to its end, whatever becomes of the others. */
function settle(part: Promise<Learned>): Promise<Learned> {
  return part.catch((error: unknown) => ({ failure: failureOf(error) }))
}

/** Keeps the image's figures and the record of the build for the runs to come. */
async function keepResults(
  ports: Pick<Ports, 'exec'>,
  { workflow, built, inspected, earlier, mounts }: ReleaseOptions
): Promise<Learned> {
  const { inputs, trustPlan, redact } = workflow
  if (!trustPlan.trust.trusted || (inspected === undefined && !isGateOnly(inputs))) return {}
  const { history } = await earlier.lookBack(built.learned.steps, 'waits')
  const snapshots =
    inspected === undefined ? [] : takeSnapshots(inspected.inspection.analyses, inspected.learned.images, redact)
  const record = history === undefined ? undefined : writeRecord(history.now)
  const tests = await testRecord(mounts)
  return { notes: await keepBaseline(ports, earlier.comparison, { snapshots, build: record, tests }) }
}

async function publishImage(
  ports: Ports,
  { workflow, env, built, inspected, folder }: ReleaseOptions
): Promise<Learned> {
  const { publish: plan, trust } = workflow.trustPlan
  const { publication, classicTag } = built
  if (inspected === undefined) {
    const reason = isGateOnly(workflow.inputs) ? 'only the gate was asked for' : 'the target could not be built'
    return { publish: { published: false, reason } }
  }
  const { images } = inspected.inspection
  const layouts = classicTag === undefined ? built.images.map(({ path }) => path) : []
  const [only, ...others] = images
  const describe = (digest: string, imageID: string | undefined, names: readonly string[]): BuildMetadata => {
    const configDigest = imageID ?? (others.length > 0 ? undefined : only?.configDigest)
    return describePublished(built.images, { digest, names, ...(configDigest === undefined ? {} : { configDigest }) })
  }
  if (!leaves(plan)) {
    const withheld = wantsExport(workflow.inputs) && !trust.trusted
    const reason = withheld ? trust.reason : 'push, load and outputs are not set'
    const digest = only?.manifestDigest ?? only?.configDigest ?? ''
    return {
      publish: { published: false, reason },
      metadata: describe(await rootOf(layouts, digest), undefined, [])
    }
  }
  const published = await publish(ports, {
    ...{ publication, layouts, env, folder },
    images: images.map(({ platformName, manifestDigest = '', configDigest, layers }) => ({
      ...{ platform: platformName, manifestDigest, configDigest, diffIDs: layers.map(({ diffID }) => diffID) }
    })),
    bases: inspected.learned.images.flatMap(({ base }) => (base === undefined ? [] : [base])),
    ...(classicTag === undefined ? {} : { classicTag })
  })
  const { tags, digest, how, imageID, notes, cancelled = false } = published
  const failure = cancelled ? ({ kind: 'cancelled' } as const) : published.failure
  return {
    notes,
    metadata: describe(digest, imageID, tags),
    ...(how.length === 0 ? {} : { publish: { published: true, tags, digest, how } }),
    ...(failure === undefined ? {} : { failure })
  }
}

/** What a push would have pushed. */
async function rootOf(layouts: readonly string[], otherwise: string): Promise<string> {
  if (layouts.length === 0) return otherwise
  const { readContent } = await import(/* webpackChunkName: "publish" */ '../registry/content.js')
  return (await readContent(layouts)).root.digest
}
