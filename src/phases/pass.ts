/** One image, from the gate to the moment in which it may leave: built beside its tests, looked into, judged and tried. */
import { prepareCache, type KeepOptions } from '../cache/keep.js'
import { Stop } from '../failure/stop.js'
import { judgeUntested } from '../gate/judge.js'
import { layersOf } from '../inspect/inspect.js'
import type { Report } from '../report/model.js'
import { fetchEarlier, type Earlier } from './earlier.js'
import { buildAndTest, saveClassic, type Built } from './gate.js'
import type { ReadyImage, Shared } from './image.js'
import { keepRed, keepWhole, planKeeping } from './keep.js'
import type { Side } from './side_by_side.js'
import { readTests, takeOutMounts } from './tests.js'
import { tryImages, wantsTrial } from './trial.js'
import { buildTwice } from './twice.js'
import { findBreach, inspectImages, judgeImages, type Inspected } from './verdict.js'

/** It is built, and its tests have passed. */
export type BuiltImage = ReadyImage & {
  readonly built: Built
  readonly earlier: Earlier
  readonly keeping: KeepOptions
}

/** It may leave. */
export type PassedImage = BuiltImage & {
  /** Absent where no image was built. */
  readonly inspected: Inspected | undefined
}

/** What building one of the images of a run takes. */
type BuildOptions = Shared & Omit<Side, 'log'>

/** 6 and 7. The gate, and the target beside it. What an earlier run has left comes meanwhile. Red, it ends the run. */
export async function build(image: ReadyImage, { unwanted, onRed, ...shared }: BuildOptions): Promise<BuiltImage> {
  const { ports, asking, cleanup } = shared
  const { prepared, mounts, filling, learn, phase, titled, folder } = image
  const options = { ...shared, ...image }
  const earlier = cleanup.use(fetchEarlier(ports, { ...options, readsReports: (mounts?.reportIDs ?? []).length > 0 }))
  if (filling !== undefined) await phase('cache mounts', () => filling)
  const { built, keeping } = await phase('gate', () =>
    ports.log.group(titled('Gate and build'), async () => {
      const built = await buildAndTest(ports, { ...options, unwanted }, cleanup)
      const { failure, progress } = built.run
      if (failure !== undefined) onRed()
      learn(built.learned)
      cleanup.defer(async () => learn(await earlier.lookBack(progress.steps)))
      // What a failing test has cached is worth most: its next run comes soon.
      await takeOutMounts(mounts, built, { earlier, roles: prepared.plan.roles })
      const keeping = planKeeping(asking, { ...options, built })
      if (failure !== undefined) {
        learn(await readTests(mounts, built, earlier))
        learn(await keepRed(ports, keeping, failure))
      }
      return { built: await saveClassic(ports, built, folder), keeping }
    })
  )
  cleanup.use(keeping.ahead)
  void keeping.imported() // decides, later, whether there is anything new to write
  return { ...image, built, earlier, keeping }
}

type ExamineOptions = Shared & {
  /** What the run can tell by now, green as far as it has come. */
  readonly soFar: () => Promise<Report>
}

/** 8 and 9. Looks inside, judges, and tries it. What may not leave ends the run. */
export async function examine(image: BuiltImage, { soFar, ...shared }: ExamineOptions): Promise<PassedImage> {
  const { ports, look, cleanup } = shared
  const { build, workflow, dockerfile, prepared, mounts, built, earlier, keeping, learn, phase, titled } = image
  const { log } = ports
  const { inputs } = workflow
  const options = { ...shared, ...image }
  // Publishing does not wait for them.
  let reading: Promise<void> | undefined
  const learnTests = (): Promise<void> => (reading ??= readTests(mounts, built, earlier).then(learn))
  cleanup.defer(learnTests)
  const inspected =
    built.images.length === 0
      ? undefined
      : await phase('inspect', () =>
          log.group(titled('Inspect the image'), () => inspectImages({ build, dockerfile, prepared, look, built }))
        )
  if (inspected !== undefined) {
    learn(inspected.learned)
    const judged = await judgeImages(ports, { ...options, inspected, baseline: earlier.baseline })
    learn(judged)
    const breach = findBreach(judged.verdict, inspected.inspection)
    if (breach?.kind === 'budget') learn(await keepWhole(ports, { keeping, inspected }))
    if (breach !== undefined) throw new Stop(breach)
    if (wantsTrial(inputs)) {
      await learnTests() // the report that verify is given has them
      prepareCache({ ...keeping, searched: layersOf(inspected.inspection.analyses) }) // the builder has nothing else to do meanwhile
      learn({ publish: { published: false, reason: 'smoke and verify come first' } })
      const trial = { ...options, inspected, soFar }
      learn(await phase('smoke and verify', () => log.group(titled('Smoke and verify'), () => tryImages(ports, trial))))
    }
    if (inputs.verifyReproducible) {
      await learnTests() // a second build writes to the mounts that they are taken out of
      const again = { ...options, inspected }
      learn(await phase('second build', () => log.group(titled('Build once more'), () => buildTwice(ports, again))))
    }
  }
  const untested = judgeUntested(built.run.gate, inputs.untested)
  if (untested !== undefined) throw new Stop(untested)
  return { ...image, inspected }
}
