/** The end of a run that has passed: what leaves the runner, and what is kept for the runs to come. */
import type { BuildMetadata } from '../buildkit/provenance.js'
import { Stop } from '../failure/stop.js'
import { keepCache } from '../cache/keep.js'
import { keepBaseline, takeSnapshots } from '../baseline/comparison.js'
import { UNEXPLAINED, type Recorder } from '../explain/explain.js'
import { writeRecord } from '../explain/store.js'
import { layersOf, type Inspection } from '../inspect/inspect.js'
import { isGateOnly, wantsExport } from '../inputs/inputs.js'
import { noteCache, type Journal } from '../journal.js'
import { Cancelled } from '../ports.js'
import { leaves } from '../publish/plan.js'
import { describePublished, publish } from '../publish/publish.js'
import type { Passed } from './gate.js'
import { keepOptions, type Scene } from './scene.js'

/** Lets out what has passed: the image, if there is one to publish, the cache, and the figures as the next baseline. */
export async function letOut(scene: Scene, passed: Passed, inspection: Inspection | undefined): Promise<void> {
  const { ports, asked, journal } = scene
  const searched = layersOf(inspection?.analyses ?? [])
  const writing = keepCache(ports, { ...keepOptions(scene), searched })
  const keeps = asked.trustPlan.trust.trusted && (inspection !== undefined || isGateOnly(asked.inputs))
  const keeping = keeps ? keepResults(scene, inspection) : []
  const [published, written, kept] = await Promise.allSettled([
    publishImage(scene, passed, inspection),
    writing,
    keeping
  ])
  if (written.status === 'fulfilled') {
    noteCache(journal, written.value.outcomes, written.value.imports)
    journal.notes.push(...written.value.notes)
  }
  if (kept.status === 'fulfilled') journal.notes.push(...kept.value)
  if (published.status === 'rejected') throw published.reason
  if (written.status === 'rejected') throw written.reason
  if (kept.status === 'rejected') throw kept.reason
}

/** Keeps the image's figures and the record of the build for the runs to come. */
async function keepResults(scene: Scene, inspection: Inspection | undefined): Promise<readonly string[]> {
  const { ports, journal, told, comparison, recorder } = scene
  await rememberBuild(recorder, journal, 'waits')
  const snapshots = takeSnapshots(inspection?.analyses ?? [], journal.images, told.redact)
  const build = journal.hindsight === undefined ? undefined : writeRecord(journal.hindsight.now)
  return keepBaseline(ports, comparison, snapshots, build)
}

/** Holds this build against the earlier one, unless that is done. The report has it; the run does not depend on it. */
export async function rememberBuild(recorder: Recorder, journal: Journal, patience?: 'waits'): Promise<void> {
  if (journal.hindsight !== undefined || journal.steps.length === 0) return
  try {
    journal.hindsight = await recorder.lookBack(journal.steps, patience)
  } catch {
    journal.notes.push(UNEXPLAINED)
  }
}

async function publishImage(scene: Scene, passed: Passed, inspection: Inspection | undefined): Promise<void> {
  const { ports, asked, journal, told, flight, folder, env } = scene
  const { inputs, trustPlan } = asked
  const { publish: plan, trust } = trustPlan
  const { publication, classicTag } = passed
  if (inspection === undefined) {
    const left = flight.plan.gate.target === undefined ? 'only the gate was asked for' : 'the target could not be built'
    journal.publish = { published: false, reason: left }
    return
  }
  const images = inspection.images.map(({ platformName, manifestDigest = '', configDigest, layers }) => ({
    ...{ platform: platformName, manifestDigest, configDigest, diffIDs: layers.map(({ diffID }) => diffID) }
  }))
  const layouts = classicTag === undefined ? passed.images.map(({ path }) => path) : []
  const [only, ...others] = inspection.images
  const describe = (digest: string, imageID: string | undefined, names: readonly string[]): BuildMetadata =>
    describePublished(passed.images, {
      ...{ digest, names },
      ...(imageID !== undefined
        ? { configDigest: imageID }
        : only === undefined || others.length > 0
          ? {}
          : { configDigest: only.configDigest })
    })
  if (!leaves(plan)) {
    const withheld = wantsExport(inputs) && !trust.trusted ? trust.reason : 'push, load and outputs are not set'
    journal.publish = { published: false, reason: withheld }
    const digest = only?.manifestDigest ?? only?.configDigest ?? ''
    told.metadata = describe(await rootOf(layouts, digest), undefined, [])
    return
  }
  const published = await publish(ports, {
    ...{ publication, layouts, images, env, folder },
    bases: journal.images.flatMap(({ base }) => (base === undefined ? [] : [base])),
    ...(classicTag === undefined ? {} : { classicTag })
  })
  const { tags, digest, how, imageID, notes } = published
  journal.notes.push(...notes)
  if (how.length > 0) journal.publish = { published: true, tags, digest, how }
  told.metadata = describe(digest, imageID, tags)
  if (published.cancelled === true) throw new Cancelled()
  if (published.failure !== undefined) throw new Stop(published.failure)
}

/** What a push would have pushed. */
async function rootOf(layouts: readonly string[], otherwise: string): Promise<string> {
  if (layouts.length === 0) return otherwise
  const { readContent } = await import(/* webpackChunkName: "publish" */ '../registry/content.js')
  return (await readContent(layouts)).root.digest
}
