/** After the gate: what is in the image, and whether it may leave. */
import { allArguments, type Build } from '../builds/build.js'
import { advise } from '../advise/advise.js'
import { readSubject } from '../advise/subject.js'
import { compareWith, growthMode, sizesBefore, takeSnapshots, type Fetched } from '../baseline/comparison.js'
import type { Failure } from '../failure/failure.js'
import type { BuildFindings, Learned, Workflow } from '../findings.js'
import type { ImageAnalysis } from '../image/index.js'
import { reportImage, type Inspection } from '../inspect/inspect.js'
import { withOwnWords } from '../inspect/instructions.js'
import { judge, type RuleResult } from '../judge/index.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Ports } from '../ports.js'
import type { Built } from './gate.js'
import type { Prepared } from './prepare.js'
import type { World } from './start.js'

type InspectOptions = {
  readonly build: Build
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  readonly prepared: Prepared
  readonly look: World['look']
  readonly built: Built
}

/** What is in the image, as analysed and as reported. */
export type Inspected = {
  readonly inspection: Inspection
  readonly learned: Learned & Pick<BuildFindings, 'images'>
}

/** Looks into what was built, and says what could be better. */
export async function inspectImages({ build, dockerfile, prepared, look, built }: InspectOptions): Promise<Inspected> {
  const { steps, provenance, lint } = built.learned
  const inspection = await built.inspector.conclude(
    built.images.map(({ path, metadata }) => ({ path, provenance: [metadata.provenance, ...provenance] }))
  )
  const { analyses, told } = inspection
  const hasTransferSize = !prepared.builder.classicStore
  const images = analyses.map((analysis, at) =>
    reportImage(analysis, { steps, provenance, told: told[at], hasTransferSize })
  )
  const subject = readSubject({
    ...{ build, dockerfile, look, inspected: inspection.images, images, steps, lint },
    testTargets: prepared.plan.gate.testTargets,
    contextBytes: built.run.progress.contextBytes
  })
  const learned = {
    images: withOwnWords(images, subject.dockerfile, allArguments(prepared.plan.base.build)),
    advice: advise(subject),
    notes: tellTolerated(analyses)
  }
  return { inspection, learned }
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

type JudgeOptions = {
  readonly workflow: Workflow
  readonly occasion: Occasion
  readonly inspected: Inspected
  /** What to compare with; its download may take a while. */
  readonly baseline: Promise<Fetched | undefined>
}

/** Compares first: how much an image may grow is one of the rules. */
export async function judgeImages(
  { log }: Pick<Ports, 'log'>,
  { workflow, occasion, inspected, baseline }: JudgeOptions
): Promise<Learned & Pick<BuildFindings, 'verdict'>> {
  const { inputs, redact } = workflow
  const { images } = inspected.learned
  const { analyses } = inspected.inspection
  if (inputs.compareTo.kind === 'image') log.info(`Comparing with ${inputs.compareTo.reference}`)
  const fetched = await baseline
  const comparison = fetched === undefined ? undefined : compareWith(fetched, takeSnapshots(analyses, images, redact))
  const judged = analyses.map((analysis, index) => ({ ...analysis, baseUnknown: images[index]?.baseUnknown }))
  return {
    verdict: judge(judged, inputs.budget, { comparison, mode: growthMode(occasion, fetched) }),
    notes: fetched?.notes ?? [],
    ...(comparison === undefined ? {} : { comparison }),
    ...sizesBefore(fetched)
  }
}

/** Why the image may not leave. A leak is told before a budget: it is the worse of the two. */
export function findBreach(verdict: readonly RuleResult[], { analyses }: Inspection): Failure | undefined {
  const broken = verdict.filter(({ passed }) => !passed)
  if (broken.some(({ rule }) => rule === 'leak-check')) {
    return { kind: 'leak', findings: analyses.flatMap(({ leaks }) => leaks) }
  }
  return broken.length === 0 ? undefined : { kind: 'budget', broken }
}
