/** After the gate: what is in the image, and whether it may leave. */
import { withOwnWords } from '../inspect/instructions.js'
import { advise } from '../advise/advise.js'
import { readSubject } from '../advise/subject.js'
import { Stop } from '../failure/stop.js'
import { keepUnpublished } from '../cache/keep.js'
import { noteCache } from '../journal.js'
import { compareWith, growthMode, takeSnapshots } from '../baseline/comparison.js'
import type { ImageAnalysis } from '../image/index.js'
import { layersOf, reportImage, type Inspection } from '../inspect/inspect.js'
import { judge } from '../judge/index.js'
import type { Passed } from './gate.js'
import { keepOptions, type Scene } from './scene.js'

/** Looks into what was built. */
export async function lookInside(scene: Scene, passed: Passed): Promise<Inspection> {
  const { asked, journal, flight, look } = scene
  const { inputs } = asked
  const { builder, plan } = flight
  const inspection = await passed.inspector.conclude(
    passed.images.map(({ path, metadata }) => ({ path, provenance: [metadata.provenance, ...journal.provenance] }))
  )
  const { images, analyses } = inspection
  journal.images = analyses.map((analysis) =>
    reportImage(analysis, journal.steps, journal.provenance, !builder.classicStore)
  )
  const subject = await readSubject({
    inputs,
    look,
    inspected: images,
    images: journal.images,
    testTargets: plan.gate.testTargets,
    steps: journal.steps,
    lint: journal.lint,
    contextBytes: passed.contextBytes
  })
  journal.advice = advise(subject)
  journal.images = withOwnWords(journal.images, subject.dockerfile, plan.base.build.shape.buildArgs)
  return inspection
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
