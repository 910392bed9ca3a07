/** The run, phase by phase. Read it top to bottom: this is the product. */
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { inspectBuilder } from './buildkit/builder.js'
import { checkOutline } from './gate/plan.js'
import type { Failure } from './failure/failure.js'
import type { BuildMetadata } from './buildkit/provenance.js'
import { Stop } from './failure/stop.js'
import { lookAtImported } from './cache/keep.js'
import { readOutcomes } from './cache/outcome.js'
import { intendCache } from './cache/settle.js'
import { fetchBaseline, usesBaseline } from './baseline/comparison.js'
import { readContext, type Context } from './occasion/context.js'
import { handOver } from './credentials/credentials.js'
import { startRecorder } from './explain/explain.js'
import type { Inputs } from './inputs/inputs.js'
import { closeJournal, noteCache, openJournal, reportName, type Journal } from './journal.js'
import { startGuard } from './guard.js'
import { keepLeftovers } from './leftovers.js'
import { openMounts, type MountsSession } from './mounts/mounts.js'
import { judgeUntested } from './gate/judge.js'
import { build } from './phases/gate.js'
import { letOut, rememberBuild } from './phases/release.js'
import { answerCall } from './phases/call.js'
import type { Scene, Told, World } from './phases/scene.js'
import { preflight, readWorkflow } from './phases/start.js'
import { judgeImage, lookInside, stopOnBreach } from './phases/verdict.js'
import { tryImage, wantsTrial } from './phases/trial.js'
import { Cancelled, ProgramMissing, type Log, type Ports } from './ports.js'
import { redacted } from './core/own_words.js'
import type { Report } from './report/model.js'
import { tabulateTrust, type TrustRow } from './occasion/trust.js'

/** What a run came to. Every string in it is free of secrets, except for the inputs. */
export type RunResult = {
  readonly report: Report
  /** Of the published or, if nothing was published, the inspected image. */
  readonly metadata?: BuildMetadata
  readonly context: Context
  /** As they were given, secrets included. Absent where not even they could be read. */
  readonly inputs?: Inputs
  readonly redact: (text: string) => string
}

/** Runs everything and never throws: a failure is a red report. */
export async function run(ports: Ports, world: World): Promise<RunResult> {
  const startedAt = ports.now()
  const context = readContext(world.env)
  const journal = openJournal()
  const told: Told = { redact: (text) => text }
  let failure: Failure | undefined
  try {
    await story(ports, world, context, journal, told)
  } catch (error) {
    failure = failureOf(error)
    if (error instanceof Stop && error.progress !== undefined && journal.steps.length === 0) {
      journal.steps = error.progress.steps
      noteCache(journal, readOutcomes(journal.cache.planned, error.progress.internals), error.progress)
    }
  }
  const report = closeJournal(journal, context, failure, { startedAt, seconds: (ports.now() - startedAt) / 1000 })
  return {
    report: redacted(report, told.redact),
    context,
    redact: told.redactAgain ?? told.redact,
    ...(journal.inputs === undefined ? {} : { inputs: journal.inputs }),
    ...(told.metadata === undefined ? {} : { metadata: redacted(told.metadata, told.redact) })
  }
}

async function story(plain: Ports, world: World, context: Context, journal: Journal, told: Told): Promise<void> {
  // 1 and 2. Inputs and trust.
  const asked = await readWorkflow(plain, world, context, journal, told)
  const { inputs, trustPlan, credentials } = asked
  const ports: Ports = { ...plain, log: redactLog(plain.log, told.redact) }
  const supplied = credentials.secrets.map(({ id }) => id)
  await ports.log.group('Trust plan', () =>
    Promise.resolve(printTrust(ports.log, tabulateTrust(trustPlan, context, inputs, supplied)))
  )
  const intent = intendCache(ports, { inputs, context, trustPlan, env: world.env })
  journal.cache = { ...journal.cache, rows: intent.rows }

  await using cleanup = new AsyncDisposableStack()
  const guard = cleanup.use(startGuard(world.env))
  const book = keepLeftovers(ports.runner, guard.watch)
  const folder = await mkdtemp(path.join(context.temporaryFolder, 'stagegate-'))
  book.addFolder(folder)
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const phase = timePhases(journal, ports.now)

  // 3 and 4. The SSH agent and the secrets, while docker is asked about its builder and the cache mounts are fetched.
  const { trust } = trustPlan
  const mounts = await openMounts(ports, { inputs, context, trust, credentials, worker: world.cacheWorker, folder })
  if (mounts !== undefined) cleanup.defer(() => phase('keep cache mounts', () => endMounts(mounts, journal)))
  const inspecting = inspectBuilder(ports, inputs.builder, world.env)
  inspecting.catch(noop) // reported where it is awaited
  const handed = cleanup.use(
    await phase('credentials', () => handOver(ports, credentials, { inputs, context, env: world.env, book }))
  )

  if (inputs.call !== 'build') {
    const question = { inputs, handed, env: world.env }
    return phase('call', async () => answerCall(ports, await inspecting, question, journal))
  }

  // 5. Pre-flight: the builder, the stages, what they mount. Lint findings are for the report only: they may take their time.
  const flight = await phase('pre-flight', () =>
    preflight(ports, inspecting, { asked, handed, context, journal, book, folder, intent, env: world.env })
  )
  const filling = mounts?.restore(flight.builder)
  const linting = flight.plan.lint()
  linting.catch(noop) // a cancel may end it while nobody awaits it
  cleanup.defer(() => linting.then(noop, noop))
  await phase('outline', async () => {
    journal.notes.push(...checkOutline(await flight.plan.outline(), handed, trustPlan.trust))
  })

  // 6 and 7. The gate, and the target beside it. The baseline to compare with comes meanwhile.
  const unwanted = new AbortController()
  const comparison = {
    ...{ inputs, context, worker: world.cacheWorker, redact: told.redact },
    name: reportName(inputs, context),
    reading: {
      ...{ base: flight.plan.base, classicStore: flight.builder.classicStore },
      ...{ folder, onTag: book.addImage, signal: unwanted.signal }
    }
  }
  const looksBack = usesBaseline(comparison)
  const buildsImage = flight.plan.gate.target !== undefined
  const fetching = buildsImage || looksBack ? fetchBaseline(ports, comparison) : Promise.resolve(undefined)
  const recorder = startRecorder({ inputs, fetching, redact: told.redact, files: looksBack })
  cleanup.defer(async () => {
    await rememberBuild(recorder, journal)
    recorder.stop()
    unwanted.abort() // a red run does not wait for it
    await fetching.then(noop, noop)
  })
  if (filling !== undefined) await phase('cache mounts', () => filling)
  const scene: Scene = {
    ...{
      ports,
      asked,
      context,
      journal,
      told,
      handed,
      flight,
      folder,
      look: world.look,
      book,
      linting,
      env: world.env
    },
    ...{ comparison, fetching, recorder },
    imported: lookAtImported(ports, flight.plan.base, flight.settled, () => journal.cache.outcomes),
    ...(mounts === undefined ? {} : { mounts })
  }
  const passed = await phase('gate', () => ports.log.group('Gate and build', () => build(scene, cleanup)))
  void scene.imported() // decides, later, whether there is anything new to write

  // 8 and 9. Look inside, and judge.
  const inspection =
    passed.images.length > 0
      ? await phase('inspect', () => ports.log.group('Inspect the image', () => lookInside(scene, passed)))
      : undefined
  if (inspection !== undefined) {
    await judgeImage(scene, inspection)
    await stopOnBreach(scene, inspection.analyses)
    if (wantsTrial(scene)) {
      await phase('smoke and verify', () =>
        ports.log.group('Smoke and verify', () => tryImage(scene, passed, inspection))
      )
    }
  }

  const untested = judgeUntested(journal.gate, inputs.untested)
  if (untested !== undefined) throw new Stop(untested)

  // 10. Publish, and write the cache beside it.
  await phase('publish', () => ports.log.group('Publish', () => letOut(scene, passed, inspection)))
}

function failureOf(error: unknown): Failure {
  if (error instanceof Stop) return error.failure
  if (error instanceof Cancelled) return { kind: 'cancelled' }
  if (error instanceof ProgramMissing) {
    return { kind: 'engine', message: error.message, fix: `Install ${error.program} on the runner.` }
  }
  return { kind: 'internal', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}

/** The log with every line cleansed: what a build prints may hold what it was given. */
function redactLog(log: Log, redact: (text: string) => string): Log {
  return {
    info: (line) => log.info(redact(line)),
    untrusted: (line) => log.untrusted(redact(line)),
    notice: (message, place) => log.notice(redact(message), place),
    warning: (message, place) => log.warning(redact(message), place),
    error: (message, place) => log.error(redact(message), place),
    debug: (line) => log.debug(redact(line)),
    group: (title, body) => log.group(title, body)
  }
}

/** Times each phase; a phase that fails is timed too. */
function timePhases(journal: Journal, now: () => number) {
  const runStart = now()
  return async <T>(name: string, body: () => Promise<T>): Promise<T> => {
    const start = now()
    try {
      return await body()
    } finally {
      journal.phases.push({ name, start: (start - runStart) / 1000, seconds: (now() - start) / 1000 })
    }
  }
}

function printTrust(log: Log, rows: readonly TrustRow[]): void {
  const width = (column: 'what' | 'decision'): number =>
    Math.min(48, Math.max(...rows.map((row) => row[column].length)))
  for (const { what, decision, why } of rows) {
    log.info(`${what.padEnd(width('what'))}  ${decision.padEnd(width('decision'))}  ${why}`)
  }
}

function noop(): void {
  // Awaited only so that nothing outlives the run; what it says was read elsewhere.
}

async function endMounts(session: MountsSession, journal: Journal): Promise<void> {
  const { mounts, notes } = await session.end()
  if (mounts.length > 0) journal.cacheMounts = mounts
  journal.notes.push(...notes)
}
