/** After the gate: what is in the image, and whether it may leave. */
import { withOwnWords } from '../inspect/instructions.js'
import { advise } from '../advise/advise.js'
import { readSubject } from '../advise/subject.js'
import type { GateRun } from '../gate/gate.js'
import { isWork, type Step } from '../core/step.js'
import { Stop } from '../failure/stop.js'
import { keepUnpublished } from '../cache/keep.js'
import { readOutcomes } from '../cache/outcome.js'
import { usableCache } from '../buildkit/imports.js'
import { noteCache } from '../journal.js'
import { compareWith, growthMode, takeSnapshots } from '../baseline/comparison.js'
import type { ImageAnalysis } from '../image/index.js'
import { inspect, layersOf, reportImage, type Inspection } from '../inspect/inspect.js'
import { forImage } from '../cache/plan.js'
import { judge } from '../judge/index.js'
import { salvage } from './gate.js'
import { keepOptions, type Scene } from './scene.js'

/** Builds the target where no gate has, and looks into it. */
export async function lookInside(scene: Scene, gate: GateRun): Promise<Inspection> {
  const { ports, asked, journal, told, handed, flight, folder, look, book, mounts } = scene
  const { inputs, credentials } = asked
  const { builder, buildup, settled } = flight
  const { testTargets, onlyStage } = buildup.gate
  const isFirst = testTargets.length === 0
  const cache = usableCache(forImage(settled.cache), journal.cache.imports)
  const inspection = await inspect(ports, {
    base: buildup.base,
    target: buildup.gate.target ?? inputs.target,
    cache,
    env: handed.env,
    folder,
    classicStore: builder.classicStore,
    fresh: isFirst,
    ...(inputs.budget.leakCheck === 'off' ? {} : { sensitive: credentials.sensitive, ignoredKeys: inputs.leakIgnore }),
    onTag: book.addImage,
    ...(onlyStage === undefined ? {} : { onlyStage })
  }).catch(async (error: unknown) => {
    if (!isFirst || !(error instanceof Stop) || error.progress === undefined) throw error
    journal.steps = error.progress.steps
    noteCache(journal, readOutcomes(cache, error.progress.internals), error.progress)
    mounts?.save(error.progress.steps, false)
    await salvage(scene, error.failure)
    throw error
  })
  const { progress, metadata, images, analyses } = inspection
  if (isFirst) {
    journal.steps = progress.steps
    mounts?.save(progress.steps, true)
  } else journal.notes.push(...tellRerun(progress.steps))
  // The solve of the image reads the references again, and may find out more than the gate did.
  noteCache(journal, readOutcomes(cache, progress.internals, metadata.provenance.layerSizes), progress)
  journal.provenance = [metadata.provenance, ...journal.provenance]
  journal.images = analyses.map((analysis) =>
    reportImage(analysis, progress.steps, journal.provenance, !builder.classicStore)
  )
  told.metadata = metadata
  const subject = await readSubject({
    inputs,
    look,
    inspected: images,
    images: journal.images,
    testTargets,
    steps: journal.steps,
    lint: journal.lint,
    contextBytes: Math.max(gate.contextBytes, progress.contextBytes)
  })
  journal.advice = advise(subject)
  journal.images = withOwnWords(journal.images, subject.dockerfile)
  return inspection
}

/** After the gate the target comes from the builder's memory. A step that runs again may differ from the one tested. */
function tellRerun(steps: readonly Step[]): readonly string[] {
  const again = steps.filter((step) => step.state === 'ran' && isWork(step))
  if (again.length === 0) return []
  const names = again.map(({ name }) => name).join('; ')
  return [
    `The builder had lost results of the gate, so these steps ran a second time for the image; the tests saw what came of the first: ${names}.`
  ]
}

/** Strangers' keys that stop nothing, by reason. */
function tellTolerated(analyses: readonly ImageAnalysis[]): readonly string[] {
  const places = new Map<string, Set<string>>()
  for (const { because, path } of analyses.flatMap(({ tolerated }) => tolerated)) {
    places.set(because, (places.get(because) ?? new Set()).add(path === '' ? 'its documents' : path))
  }
  return [...places].map(([because, paths]) => {
    const shown = [...paths].slice(0, 5).join(', ')
    const more = paths.size > 5 ? ` and ${paths.size - 5} more` : ''
    return `The image has a private key that is not counted as a leak, because ${because}: ${shown}${more}.`
  })
}

/** Compares first: how much an image may grow is one of the rules. */
export async function judgeImage(scene: Scene, { analyses }: Inspection): Promise<void> {
  const { ports, asked, context, journal, fetching, told } = scene
  journal.notes.push(...tellTolerated(analyses))
  const { compareTo } = asked.inputs
  if (compareTo.kind === 'image') ports.log.info(`Comparing with ${compareTo.reference}`) // its download may take a while
  const fetched = await fetching
  if (fetched !== undefined) {
    journal.notes.push(...fetched.notes)
    journal.comparison = await compareWith(fetched, takeSnapshots(analyses, journal.images, told.redact))
  }
  const mode = growthMode(context, fetched)
  const judged = analyses.map((analysis, index) => {
    const { baseUnknown } = journal.images[index] ?? {}
    return { ...analysis, baseUnknown }
  })
  journal.verdict = judge(judged, asked.inputs.budget, { comparison: journal.comparison, mode })
}

/** A leak is told before a budget: it is the worse of the two. */
export async function stopOnBreach(scene: Scene, analyses: readonly ImageAnalysis[]): Promise<void> {
  const { ports, journal } = scene
  const broken = journal.verdict.filter(({ passed }) => !passed)
  if (broken.some(({ rule }) => rule === 'leak-check')) {
    throw new Stop({ kind: 'leak', findings: analyses.flatMap(({ leaks }) => leaks) })
  }
  if (broken.length === 0) return
  const kept = await keepUnpublished(ports, { ...keepOptions(scene), searched: layersOf(analyses) })
  noteCache(journal, kept.outcomes, kept.imports)
  journal.notes.push(...kept.notes)
  throw new Stop({ kind: 'budget', broken })
}
