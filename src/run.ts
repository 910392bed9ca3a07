/** The run, phase by phase. Read it top to bottom: this is the product. */
import { mkdtemp } from 'node:fs/promises'
import path from 'node:path'
import { openCache } from './actions-cache/cache.js'
import { removeFolder } from './adapters/disk.js'
import { inspectBuilder } from './buildkit/builder.js'
import { buildFromInputs, buildName } from './builds/from_inputs.js'
import { intendCache } from './cache/settle.js'
import { asString, dig } from './core/json.js'
import { redacted } from './core/own_words.js'
import { supplyCredentials } from './credentials/credentials.js'
import { readDockerfile } from './dockerfile/read.js'
import { checkTemporaryFolder } from './failure/disk.js'
import type { Failure } from './failure/failure.js'
import { failureOf } from './failure/of.js'
import { Stop, stopOnProblems } from './failure/stop.js'
import { addLearned, openFindings, type Findings, type Learned } from './findings.js'
import { checkOutline } from './gate/plan.js'
import { startGuard } from './guard.js'
import type { Inputs } from './inputs/inputs.js'
import { keepLeftovers } from './leftovers.js'
import { openMounts } from './mounts/mounts.js'
import { readOccasion, type Occasion } from './occasion/occasion.js'
import { prepare } from './phases/prepare.js'
import { readBake } from './phases/bake.js'
import { printTrust, readWorkflow, redactLog, type World } from './phases/start.js'
import { endedBy, type Ports } from './ports.js'
import type { PublishedMetadata } from './publish/metadata.js'
import type { Report } from './report/model.js'

/** What a run came to. Every string in it is free of secrets, except for the inputs. */
export type RunResult = {
  readonly report: Report
  /** Of the published or, if nothing was published, the inspected image. */
  readonly metadata?: PublishedMetadata
  readonly occasion: Occasion
  /** As they were given, secrets included. Absent where not even they could be read. */
  readonly inputs?: Inputs
  readonly redact: (text: string) => string
}

/** Changes what is known. */
type Update = (change: (known: Findings) => Findings) => void

/** What is known, and the report that it would be. */
type Memory = { readonly update: Update; readonly soFar: () => Promise<Report> }

/** What comes from the build on, loaded once. */
const loadLater = () => import(/* webpackChunkName: "later" */ './phases/later.js')

/** Runs everything and never throws: a failure is a red report of what was learned until then. */
export async function run(ports: Ports, world: World): Promise<RunResult> {
  const startedAt = ports.now()
  const occasion = readOccasion(world.env)
  let findings = openFindings(occasion)
  const timeOf = () => ({ startedAt, seconds: (ports.now() - startedAt) / 1000 })
  let failure: Failure | undefined
  try {
    await story(ports, world, occasion, {
      update: (change) => void (findings = change(findings)),
      soFar: async () => (await loadLater()).makeReport(findings, undefined, timeOf())
    })
  } catch (error) {
    failure = failureOf(error)
  }
  const { makeReport } = await loadLater()
  const report = makeReport(findings, failure, timeOf())
  const { inputs, redact } = findings.workflow ?? {}
  const cleanse = redact ?? ((text: string) => text)
  const { metadata } = findings.builds.get(report.name) ?? {}
  return {
    report: redacted(report, cleanse),
    occasion,
    redact: redact?.again ?? cleanse,
    ...(inputs === undefined ? {} : { inputs }),
    ...(metadata === undefined ? {} : { metadata: redacted(metadata, cleanse) })
  }
}

async function story(plain: Ports, world: World, occasion: Occasion, { update, soFar }: Memory): Promise<void> {
  const { env, look, cacheWorker } = world
  await using cleanup = new AsyncDisposableStack()
  const ownFolder = Promise.withResolvers<string>()
  const cache = cleanup.use(openCache({ exec: plain.exec, worker: cacheWorker, folder: ownFolder.promise }))
  // What an earlier run has left is asked for by nearly every run.
  if (occasion.hasCacheService) cache.begin()

  // 1 and 2. Inputs, some of which a bake file may stand for, and trust.
  const bake = await readBake(plain, world, occasion)
  const { workflow, notes, problems } = await readWorkflow(plain, { ...world, read: bake.read }, occasion)
  update((known) => ({ ...known, workflow, notes }))
  // What else is wrong can only be known with the file.
  stopOnProblems(bake.problems.length > 0 ? bake.problems : problems)
  const { inputs, trustPlan, credentials, redact } = workflow
  const ports: Ports = { ...plain, log: redactLog(plain.log, redact) }
  const { log } = ports
  // A run that ends before it wants to know does not wait for the answer.
  const unwanted = new AbortController()
  cleanup.defer(() => unwanted.abort())
  const asking: Ports = {
    ...ports,
    exec: endedBy(unwanted.signal, ports.exec),
    signal: AbortSignal.any([ports.signal, unwanted.signal])
  }
  const inspecting = inspectBuilder(asking, inputs.builder, env)
  inspecting.catch(noop) // reported where it is awaited
  await log.group('Trust plan', () => Promise.resolve(printTrust(log, workflow, occasion)))

  const build = buildFromInputs(inputs, buildName(inputs, occasion), env)
  /** Adds what a phase has learned of the build; a failure that it has learned of ends the run. */
  const learn = (learned: Learned): void => {
    update((known) => addLearned(known, build.name, learned))
    if (learned.failure !== undefined) throw new Stop(learned.failure)
  }
  const phase = timePhases(ports.now, update)
  const intent = intendCache(asking, { build, occasion, trustPlan, env })
  learn({ cache: { rows: intent.rows } })

  const guard = cleanup.use(startGuard(env))
  const leftovers = keepLeftovers(ports.runner, guard.watch)
  await checkTemporaryFolder(occasion.temporaryFolder)
  const folder = await mkdtemp(path.join(occasion.temporaryFolder, 'stagegate-'))
  leftovers.addFolder(folder)
  cleanup.defer(async () => {
    await cache[Symbol.asyncDispose]() // its client makes a folder wherever it needs one
    await removeFolder(folder).catch((error: unknown) => learn({ notes: [tellRemains(error)] }))
  })
  ownFolder.resolve(folder)

  // 3 and 4. The SSH agent and the secrets, while docker is asked about its builder and the cache mounts are fetched.
  const dockerfile = await readDockerfile(build.source)
  const mounts = await openMounts(ports, {
    ...{ build, dockerfile, builder: inputs.builder, occasion, credentials, cache, folder },
    redact: workflow.redact
  })
  if (mounts !== undefined) {
    cleanup.defer(() =>
      phase('keep cache mounts', async () => {
        const ended = await mounts.end()
        learn({ notes: ended.notes, ...(ended.mounts.length === 0 ? {} : { cacheMounts: ended.mounts }) })
      })
    )
  }
  const supplying = phase('credentials', () =>
    supplyCredentials(ports, credentials, { inputs, occasion, env, leftovers })
  )
  const loading = loadLater() // after the agent's start, which it would hold up
  const supplied = cleanup.use(await supplying)

  const { answerCall, nothingToBuild, tidyEngine, ...later } = await loading
  if (inputs.call !== 'build') {
    return await phase('call', async () => {
      const builder = await inspecting
      learn(nothingToBuild(inputs, builder))
      learn(await answerCall(ports, builder, { inputs, build, supplied }))
    })
  }

  // 5. Pre-flight: the builder, the stages, what they mount.
  const shared = { workflow, build, dockerfile, occasion, env, supplied, leftovers, folder }
  const prepared = await phase('pre-flight', () => prepare(ports, inspecting, { ...shared, intent }))
  learn(prepared.learned)
  const { builder, plan } = prepared
  const tidying = tidyEngine(ports, inputs)
  cleanup.defer(() => tidying)
  const filling = mounts?.restore(builder)
  await phase('outline', async () => learn({ notes: checkOutline(await plan.outline(), supplied, occasion.trust) }))

  // 6 and 7. The gate, and the target beside it. What an earlier run has left comes meanwhile.
  const { fetchEarlier, buildAndTest, takeOutMounts, planKeeping, readTests, keepRed, saveClassic } = later
  const readsReports = mounts?.readsReports === true
  const earlier = cleanup.use(fetchEarlier(ports, { ...shared, prepared, cache, readsReports }))
  if (filling !== undefined) await phase('cache mounts', () => filling)
  const { built, keeping } = await phase('gate', () =>
    log.group('Gate and build', async () => {
      const built = await buildAndTest(ports, { ...shared, prepared }, cleanup)
      const { failure, progress } = built.run
      learn(built.learned)
      cleanup.defer(async () => learn(await earlier.lookBack(progress.steps)))
      // What a failing test has cached is worth most: its next run comes soon.
      await takeOutMounts(mounts, built, { earlier, roles: plan.roles })
      const keeping = planKeeping(asking, { ...shared, prepared, built })
      if (failure !== undefined) {
        learn(await readTests(mounts, built, earlier))
        learn(await keepRed(ports, keeping, failure))
      }
      return { built: await saveClassic(ports, built, folder), keeping }
    })
  )
  cleanup.use(keeping.ahead)
  void keeping.imported() // decides, later, whether there is anything new to write

  // 8 and 9. Look inside, judge, and try it.
  const { inspectImages, judgeImages, findBreach, layersOf, keepUnpublished, learnedOfCache } = later
  const { wantsTrial, prepareCache, tryImages, buildTwice, judgeUntested, release } = later
  const inspected =
    built.images.length === 0
      ? undefined
      : await phase('inspect', () =>
          log.group('Inspect the image', () => inspectImages({ build, dockerfile, prepared, look, built }))
        )
  if (inspected !== undefined) {
    learn(inspected.learned)
    const judged = await judgeImages(ports, { workflow, occasion, inspected, baseline: earlier.baseline })
    learn(judged)
    const breach = findBreach(judged.verdict, inspected.inspection)
    const searched = layersOf(inspected.inspection.analyses)
    if (breach?.kind === 'budget') learn(learnedOfCache(await keepUnpublished(ports, { ...keeping, searched })))
    if (breach !== undefined) throw new Stop(breach)
    learn(await readTests(mounts, built, earlier))
    if (wantsTrial(inputs)) {
      prepareCache({ ...keeping, searched }) // the builder has nothing else to do meanwhile
      learn({ publish: { published: false, reason: 'smoke and verify come first' } })
      const options = { ...shared, built, inspected, soFar, cleanup }
      learn(await phase('smoke and verify', () => log.group('Smoke and verify', () => tryImages(ports, options))))
    }
    if (inputs.verifyReproducible) {
      const options = { ...shared, built, inspected }
      learn(await phase('second build', () => log.group('Build once more', () => buildTwice(ports, options))))
    }
  }
  if (inspected === undefined) learn(await readTests(mounts, built, earlier))
  const untested = judgeUntested(built.run.gate, inputs.untested)
  if (untested !== undefined) throw new Stop(untested)

  // 10. Publish, and write the cache beside it.
  learn(
    await phase('publish', () =>
      log.group('Publish', () => release(ports, { ...shared, prepared, built, inspected, earlier, keeping, mounts }))
    )
  )
}

/** Times each phase; a phase that fails is timed too. */
function timePhases(now: () => number, update: Update) {
  const runStart = now()
  return async <T>(name: string, body: () => Promise<T>): Promise<T> => {
    const start = now()
    try {
      return await body()
    } finally {
      const time = { name, start: (start - runStart) / 1000, seconds: (now() - start) / 1000 }
      update((known) => ({ ...known, phases: [...known.phases, time] }))
    }
  }
}

/** A run is what it is, even where something it started has made a mess of its folder. */
function tellRemains(error: unknown): string {
  const code = asString(dig(error, 'code')) ?? 'unknown'
  return `The private folder of the run could not be removed (${code}). The end of the job tries it once more.`
}

function noop(): void {
  // Awaited only so that nothing outlives the run; what it says was read elsewhere.
}
