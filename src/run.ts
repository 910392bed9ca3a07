/** The run, phase by phase. Read it top to bottom, and `phases/pass.ts` for what each image goes through: this is the product. */
import { mkdtemp } from 'node:fs/promises'
import path from 'node:path'
import { openCache } from './actions-cache/cache.js'
import { removeFolder } from './adapters/disk.js'
import { inspectBuilder } from './buildkit/builder.js'
import { intendCache } from './cache/settle.js'
import { asString, dig } from './core/json.js'
import { redacted } from './core/own_words.js'
import { supplyCredentials } from './credentials/credentials.js'
import { checkTemporaryFolder } from './failure/disk.js'
import { failureOf } from './failure/of.js'
import { Stop, stopOnProblems } from './failure/stop.js'
import { addLearned, addNotes, openFindings, type Ending, type Findings } from './findings.js'
import { startGuard } from './guard.js'
import type { Inputs } from './inputs/inputs.js'
import { keepLeftovers } from './leftovers.js'
import { readOccasion, type Occasion } from './occasion/occasion.js'
import { readBake } from './phases/bake.js'
import {
  equip,
  getReady,
  lastFilling,
  openBuilds,
  type EquippedImage,
  type Image,
  type ReadyImage
} from './phases/image.js'
import type { BuiltImage, PassedImage } from './phases/pass.js'
import { reportTurns } from './phases/report_turns.js'
import { sideBySide } from './phases/side_by_side.js'
import { printTrust, readWorkflows, redactLog, type World } from './phases/start.js'
import { endedBy, type Ports } from './ports.js'
import type { PublishedMetadata } from './publish/metadata.js'
import type { PhaseTime, Report } from './report/model.js'

/** What a run came to. Every string in it is free of secrets, except for the inputs. */
export type RunResult = {
  readonly report: Report
  /** Of each image, by name: of the published or, if nothing was published, the inspected one; in a red run of published ones alone. */
  readonly metadata: ReadonlyMap<string, PublishedMetadata>
  readonly occasion: Occasion
  /** As they were given, secrets included. Absent where not even they could be read. */
  readonly inputs?: Inputs
  readonly redact: (text: string) => string
}

/** Changes what is known. */
type Update = (change: (known: Findings) => Findings) => void

/** What is known, and the report that it would be. */
type Memory = {
  readonly update: Update
  readonly soFar: () => Promise<Report>
  /** Remembers at which of several images the run is; at none, where it is at all of them. */
  readonly turnTo: (image?: string) => void
}

/** What comes from the build on, loaded once. */
const loadLater = () => import(/* webpackChunkName: "later" */ './phases/later.js')

/** Runs everything and never throws: a failure is a red report of what was learned until then. */
export async function run(ports: Ports, world: World): Promise<RunResult> {
  const startedAt = ports.now()
  const occasion = readOccasion(world.env)
  let findings = openFindings(occasion)
  let image: string | undefined
  const timeOf = () => ({ startedAt, seconds: (ports.now() - startedAt) / 1000 })
  let ending: Ending | undefined
  try {
    await story(ports, world, occasion, {
      update: (change) => void (findings = change(findings)),
      soFar: async () => (await loadLater()).makeReport(findings, undefined, timeOf()),
      turnTo: (name) => void (image = name)
    })
  } catch (error) {
    ending = { failure: failureOf(error), ...(image === undefined ? {} : { image }) }
  }
  const { makeReport } = await loadLater()
  const report = makeReport(findings, ending, timeOf())
  const builds = [...findings.builds]
  const { inputs, redact } = builds[0]?.[1].workflow ?? {}
  const cleanse = redact ?? ((text: string) => text)
  const metadata = builds.flatMap(([name, build], index) => {
    // Of what a run that failed has not published nobody is to use a digest.
    const isWithheld = ending !== undefined && report.builds[index]?.publish.published !== true
    return build.metadata === undefined || isWithheld
      ? []
      : [[cleanse(name), redacted(build.metadata, cleanse)] as const]
  })
  return {
    report: redacted(report, cleanse),
    metadata: new Map(metadata),
    occasion,
    redact: redact?.again ?? cleanse,
    ...(inputs === undefined ? {} : { inputs })
  }
}

async function story(plain: Ports, world: World, occasion: Occasion, { update, soFar, turnTo }: Memory): Promise<void> {
  const { env, look, cacheWorker } = world
  await using cleanup = new AsyncDisposableStack()
  const ownFolder = Promise.withResolvers<string>()
  const cache = cleanup.use(openCache({ exec: plain.exec, worker: cacheWorker, folder: ownFolder.promise }))
  // What an earlier run has left is asked for by nearly every run.
  if (occasion.hasCacheService) cache.begin()

  const guard = cleanup.use(startGuard(env))
  const leftovers = keepLeftovers(plain.runner, guard.watch)

  // 1 and 2. Inputs, image by image, some of which a bake file may stand for, and trust.
  const baked = await readBake(plain, world, occasion, { cleanup, leftovers })
  const { workflows, notes, problems } = await readWorkflows(plain, world, occasion, baked.images)
  const asked = openBuilds(workflows, baked.images, { occasion, env })
  for (const { build, workflow } of asked) update((known) => addLearned(known, build.name, { workflow }))
  update((known) => addNotes(known, notes))
  // What else is wrong can only be known with the file.
  stopOnProblems(baked.problems.length > 0 ? baked.problems : problems)
  // What is not an image's own is the same in each of them.
  const [{ inputs, credentials, redact }] = workflows
  const isOne = asked.length === 1
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
  for (const { build, workflow } of asked) {
    const title = isOne ? 'Trust plan' : `Trust plan: ${build.name}`
    await log.group(title, () => Promise.resolve(printTrust(log, workflow, occasion)))
  }
  // What is waited for longer than for the registries is begun before they are asked.
  const begun = Promise.withResolvers<void>()
  const images = asked.map((each): Image => {
    const { build, workflow } = each
    const know: Image['know'] = (learned) => update((known) => addLearned(known, build.name, learned))
    return {
      ...each,
      intent: intendCache(asking, { build, occasion, trustPlan: workflow.trustPlan, env, after: begun.promise }),
      know,
      learn(learned) {
        know(learned)
        if (learned.failure !== undefined) throw new Stop(learned.failure)
      },
      phase: timePhases(ports.now, update, isOne ? {} : { image: build.name }),
      titled: (title) => (isOne ? title : `${title}: ${build.name}`),
      turn: () => turnTo(isOne ? undefined : build.name)
    }
  })
  const phase = timePhases(ports.now, update)
  for (const { know, intent } of images) know({ cache: { rows: intent.rows } })

  await checkTemporaryFolder(occasion.temporaryFolder)
  const folder = await mkdtemp(path.join(occasion.temporaryFolder, 'stagegate-'))
  leftovers.addFolder(folder)
  cleanup.defer(async () => {
    await cache[Symbol.asyncDispose]() // its client makes a folder wherever it needs one
    await removeFolder(folder).catch((error: unknown) => update((known) => addNotes(known, [tellRemains(error)])))
  })
  ownFolder.resolve(folder)

  // 3 and 4. The SSH agent and the secrets, while docker is asked about its builder and the cache mounts are fetched.
  const supplying = phase('credentials', () =>
    supplyCredentials(ports, credentials, { inputs, occasion, env, leftovers })
  )
  supplying.catch(noop) // told where it is awaited
  const equipped: EquippedImage[] = []
  try {
    for (const [nth, image] of images.entries()) {
      equipped.push(await equip(image, nth, { ports, occasion, cache, cleanup, folder, isOne }))
    }
  } finally {
    // They go before anything is kept, and an agent that is still starting goes, too.
    cleanup.defer(async () => (await supplying.catch(noop))?.[Symbol.asyncDispose]())
  }
  begun.resolve()
  const loading = loadLater() // after the agent's start, which it would hold up
  const supplied = await supplying

  const { answerCall, nothingToBuild, tidyEngine, build, examine, keepOthers, release } = await loading
  if (inputs.call !== 'build') {
    for (const { build, workflow, learn, phase, turn } of images) {
      turn()
      await phase('call', async () => {
        const builder = await inspecting
        learn(nothingToBuild(inputs, builder))
        if (!isOne) log.info(`${build.name}:`)
        learn(await answerCall(ports, builder, { inputs: workflow.inputs, build, supplied }))
      })
    }
    return
  }

  // 5. Pre-flight, of all images before any is built: the builder, the stages, what they mount.
  const shared = { ports, asking, occasion, env, look, supplied, leftovers, cache, cleanup }
  const ready: ReadyImage[] = []
  for (const image of equipped) {
    image.turn()
    // One that was made for an image before it is there for this one, too.
    const chosen = ready.at(-1)?.prepared.builder
    ready.push(
      await getReady(image, chosen === undefined ? inspecting : Promise.resolve(chosen), shared, {
        all: equipped,
        before: ready
      })
    )
  }
  turnTo()
  const tidying = tidyEngine(ports, inputs)
  cleanup.defer(() => tidying)

  // 6 and 7. The gate, and the target beside it, some images at a time. One that is red ends the others.
  // What one image mounts may be what another one has filled.
  const filling = lastFilling(ready)
  const inTurn = reportTurns(ready)
  const done: BuiltImage[] = []
  const built = await sideBySide(ready, ports, (image, { log, ...side }) =>
    inTurn(image, { log, ...side }, async () => {
      const one = await build({ ...image, filling }, { ...shared, ...side, ports: { ...ports, log } })
      done.push(one)
      return one
    })
  ).catch((red: unknown) => keepOthers(ports, done, red))

  // 8 and 9. A look inside, the verdict, and a trial.
  const passed: PassedImage[] = []
  for (const [nth, image] of built.entries()) {
    image.turn()
    const examined = examine(image, { ...shared, soFar })
    passed.push(await examined.catch((red: unknown) => keepOthers(ports, [...passed, ...built.slice(nth + 1)], red)))
  }

  // 10. Publish, when the last one has passed, and write the caches beside it.
  turnTo()
  const left = await phase('publish', () =>
    log.group('Publish', () =>
      release(
        ports,
        passed.map((image) => ({ ...shared, ...image }))
      )
    )
  )
  for (const [nth, { know }] of passed.entries()) know(left[nth] ?? {})
  for (const [nth, { learn, turn }] of passed.entries()) {
    const failure = left[nth]?.failure
    if (failure === undefined) continue
    turn()
    learn({ failure })
  }
}

/** Times each phase; a phase that fails is timed too. */
function timePhases(now: () => number, update: Update, of: Pick<PhaseTime, 'image'> = {}) {
  const runStart = now()
  return async <T>(name: string, body: () => Promise<T>): Promise<T> => {
    const start = now()
    try {
      return await body()
    } finally {
      const time = { ...of, name, start: (start - runStart) / 1000, seconds: (now() - start) / 1000 }
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
