/** The end of a run that has passed: what leaves the runner, and what is kept for the runs to come. */
import path from 'node:path'
import { Stop } from '../failure/stop.js'
import { keepCache } from '../cache/keep.js'
import { keepBaseline, takeSnapshots } from '../baseline/comparison.js'
import { UNEXPLAINED, type Recorder } from '../explain/explain.js'
import { writeRecord } from '../explain/store.js'
import { layersOf, type Inspection } from '../inspect/inspect.js'
import { isGateOnly, wantsExport } from '../inputs/inputs.js'
import { noteCache, type Journal } from '../journal.js'
import { forImage } from '../cache/plan.js'
import { usableCache } from '../buildkit/imports.js'
import { publish } from '../publish/publish.js'
import { keepOptions, type Scene } from './scene.js'

/** Lets out what has passed: the image, if there is one to publish, the cache, and the figures as the next baseline. */
export async function letOut(scene: Scene, inspection: Inspection | undefined): Promise<void> {
  const { ports, asked, journal } = scene
  const searched = layersOf(inspection?.analyses ?? [])
  const writing = keepCache(ports, { ...keepOptions(scene), searched })
  const keeps = asked.trustPlan.trust.trusted && (inspection !== undefined || isGateOnly(asked.inputs))
  const keeping = keeps ? keepResults(scene, inspection) : []
  const [published, written, kept] = await Promise.allSettled([publishImage(scene, inspection), writing, keeping])
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

async function publishImage(scene: Scene, inspection: Inspection | undefined): Promise<void> {
  const { ports, asked, journal, told, handed, flight, folder } = scene
  const { inputs, trustPlan } = asked
  const { builder, buildup, settled } = flight
  const { publish: plan, trust } = trustPlan
  if (inspection === undefined) {
    const left = buildup.gate.target === undefined ? 'only the gate was asked for' : 'the target could not be built'
    journal.publish = { published: false, reason: left }
    return
  }
  if (!plan.push && !plan.load && plan.outputs.length === 0) {
    const withheld = wantsExport(inputs) && !trust.trusted ? trust.reason : 'push, load and outputs are not set'
    journal.publish = { published: false, reason: withheld }
    return
  }
  told.metadata = await publish(ports, {
    base: buildup.base,
    target: buildup.gate.target ?? inputs.target,
    cache: usableCache(forImage(settled.cache), journal.cache.imports),
    plan,
    driver: builder.driver,
    env: handed.env,
    metadataFile: path.join(folder, 'published.json'),
    inspected: inspection.images.map(({ platformName, manifestDigest, configDigest, layers }) => ({
      platform: platformName,
      configDigest,
      diffIDs: layers.map(({ diffID }) => diffID),
      ...(builder.classicStore || manifestDigest === undefined ? {} : { manifestDigest })
    })),
    onOut: (tags, digest = inspection.metadata.digest ?? '') => {
      const how = [...(plan.push ? ['push'] : []), ...(plan.load ? ['load'] : []), ...plan.outputs]
      journal.publish = { published: true, tags, digest, how }
    }
  }).catch((error: unknown) => {
    const isMismatch = error instanceof Stop && error.failure.kind === 'mismatch'
    if (!isMismatch && journal.publish.published && journal.publish.tags.length > 0) {
      journal.notes.push(`These tags have the image, although publishing failed: ${journal.publish.tags.join(', ')}.`)
    }
    throw error
  })
}
