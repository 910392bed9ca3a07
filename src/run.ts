/** The run, phase by phase. Read it top to bottom: this is the product. */
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { advise } from './advise.js'
import { readSubject } from './advise/subject.js'
import { prepareBuilder } from './build/choose.js'
import { inspectBuilder, knowsCall, type Builder } from './build/builder.js'
import type { Failure } from './build/failure.js'
import { checkOutline, planBuildup, type Buildup } from './build/buildup.js'
import { trustImports } from './build/imports.js'
import { runGate, type GateRun } from './build/gate.js'
import type { BuildMetadata } from './build/provenance.js'
import type { Internal } from './build/progress.js'
import { isWork, type Step } from './build/step.js'
import { Stop, stopOnProblems } from './build/stop.js'
import {
  intendCache,
  keepCache,
  keepForRetry,
  keepUnpublished,
  lookAtImported,
  settleCache,
  type CacheIntent,
  type SettledCache
} from './caching.js'
import {
  compareWith,
  fetchBaseline,
  growthMode,
  keepBaseline,
  takeSnapshots,
  usesBaseline,
  type ComparisonOptions,
  type Fetched
} from './comparison.js'
import { givenInputs, readContext, type Context } from './context.js'
import { handOver, maskCredentials, readCredentials, type Credentials, type HandedOver } from './credentials.js'
import { startRecorder, type Recorder } from './explain.js'
import { writeRecord } from './explain/store.js'
import type { ImageAnalysis } from './image/index.js'
import { inspect, reportImage, type Inspection } from './inspect.js'
import type { ReadInput } from './inputs/grammar.js'
import { findUnknownInputs, isGateOnly, parseInputs, wantsExport, type Inputs, type Look } from './inputs/inputs.js'
import { closeJournal, openJournal, reportName, type Journal } from './journal.js'
import { keepLeftovers, type LeftoverBook } from './leftovers.js'
import { openMounts, type MountsSession } from './mounts.js'
import { forImage } from './plan/cache.js'
import type { BuildBase } from './plan/command.js'
import { Cancelled, ProgramMissing, type Command, type Log, type Ports } from './ports.js'
import { publish } from './publish/publish.js'
import { createRedactor, redacted } from './report/redact.js'
import type { LintFinding, Report } from './report/report.js'
import { planTrust, tabulateTrust, type TrustPlan, type TrustRow } from './trust.js'
import { judge } from './verdict.js'

/** What a run reads: the environment, the inputs as given, which inputs action.yml declares, and what paths are. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly read: ReadInput
  readonly declaredInputs: readonly string[]
  readonly look: Look
  /** This program once more, as the process that talks to the Actions cache. */
  readonly cacheWorker: Command
}

/** What a run came to. Every string in it is free of secrets. */
export type RunResult = {
  readonly report: Report
  /** Of the published or, if nothing was published, the inspected image. */
  readonly metadata?: BuildMetadata
  readonly context: Context
  /** Absent where not even the inputs could be read. */
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
      journal.internals = error.progress.internals
    }
  }
  const report = closeJournal(journal, context, failure, { startedAt, seconds: (ports.now() - startedAt) / 1000 })
  return {
    report: redacted(report, told.redact),
    context,
    redact: told.redact,
    ...(journal.inputs === undefined ? {} : { inputs: journal.inputs }),
    ...(told.metadata === undefined ? {} : { metadata: redacted(told.metadata, told.redact) })
  }
}

/** What the end of a run needs beside the journal, whether or not the run got that far. */
type Told = { redact: (text: string) => string; metadata?: BuildMetadata }

async function story(plain: Ports, world: World, context: Context, journal: Journal, told: Told): Promise<void> {
  // 1 and 2. Inputs and trust.
  const asked = await readWorkflow(plain, world, context, journal, told)
  const { inputs, trustPlan, credentials } = asked
  const ports: Ports = { ...plain, log: redactLog(plain.log, told.redact) }
  const supplied = credentials.secrets.map(({ id }) => id)
  await ports.log.group('Trust plan', () =>
    Promise.resolve(printTrust(ports.log, tabulateTrust(trustPlan, context, inputs, supplied)))
  )
  const intent = intendCache(ports, { inputs, context, trustPlan, env: world.env }, journal)

  await using cleanup = new AsyncDisposableStack()
  const book = keepLeftovers(ports.runner)
  const folder = await mkdtemp(path.join(context.temporaryFolder, 'stagegate-'))
  book.addFolder(folder)
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const phase = timePhases(journal, ports.now)

  // 3 and 4. The SSH agent and the secrets, while docker is asked about its builder and the cache mounts are fetched.
  const { trust } = trustPlan
  const mounts = await openMounts(ports, { inputs, context, trust, credentials, worker: world.cacheWorker, folder })
  if (mounts !== undefined) cleanup.defer(() => phase('keep cache mounts', () => endMounts(mounts, journal)))
  const inspecting = inspectBuilder(ports, inputs.builder)
  inspecting.catch(noop) // reported where it is awaited
  const handed = cleanup.use(
    await phase('credentials', () => handOver(ports, credentials, { inputs, context, env: world.env, book }))
  )

  // 5. Pre-flight: the builder, the stages, what they mount. Lint findings are for the report only: they may take their time.
  const flight = await phase('pre-flight', () =>
    preflight(ports, inspecting, { asked, handed, context, journal, book, folder, intent })
  )
  const filling = mounts?.restore(flight.builder)
  const linting = flight.buildup.lint()
  linting.catch(noop) // a cancel may end it while nobody awaits it
  cleanup.defer(() => linting.then(noop, noop))
  await phase('outline', async () => {
    journal.notes.push(...checkOutline(await flight.buildup.outline(), handed, trustPlan.trust))
  })

  // 6 and 7. The gate, and the target beside it. The baseline to compare with comes meanwhile.
  const unwanted = new AbortController()
  const comparison = {
    ...{ inputs, context, worker: world.cacheWorker, redact: told.redact },
    name: reportName(inputs, context),
    reading: {
      ...{ base: flight.buildup.base, classicStore: flight.builder.classicStore },
      ...{ folder, onTag: book.addImage, signal: unwanted.signal }
    }
  }
  const looksBack = usesBaseline(comparison)
  const buildsImage = flight.buildup.gate.target !== undefined
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
    ...{ ports, asked, context, journal, told, handed, flight, folder, look: world.look, book, linting },
    ...{ comparison, fetching, recorder },
    imported: lookAtImported(ports, flight.buildup.base, flight.settled, journal),
    ...(mounts === undefined ? {} : { mounts })
  }
  const gate = await phase('gate', () => ports.log.group('Gate and build', () => passGate(scene)))

  if (gate.steps.length > 0) void scene.imported() // decides, later, whether there is anything new to write

  // 8 and 9. Look inside, and judge.
  const inspection = gate.targetBuilt
    ? await phase('inspect', () => ports.log.group('Inspect the image', () => lookInside(scene, gate)))
    : undefined
  if (inspection !== undefined) {
    await judgeImage(scene, inspection)
    await stopOnBreach(scene, inspection.analyses)
  }

  // 10. Publish, and write the cache beside it.
  await phase('publish', () => ports.log.group('Publish', () => letOut(scene, inspection)))
}

/** What the workflow asked for, checked. */
type Asked = { readonly inputs: Inputs; readonly trustPlan: TrustPlan; readonly credentials: Credentials }

async function readWorkflow(
  { runner }: Ports,
  { env, read, declaredInputs, look }: World,
  context: Context,
  journal: Journal,
  told: Told
): Promise<Asked> {
  const { inputs, problems } = parseInputs(read, look)
  const trustPlan = planTrust(context, inputs)
  const { credentials, problems: credentialProblems } = await readCredentials(inputs, context, env, trustPlan.trust)
  maskCredentials(credentials.sensitive, runner.mask)
  told.redact = createRedactor(credentials.sensitive)
  journal.inputs = inputs
  journal.trust = trustPlan.trust
  const { mistyped, foreign } = findUnknownInputs(givenInputs(env), declaredInputs)
  journal.notes.push(...credentials.notes, ...foreign.map((name) => `There is no input "${name}": it has no effect.`))
  stopOnProblems([...mistyped, ...problems, ...credentialProblems])
  return { inputs, trustPlan, credentials }
}

/** What the pre-flight settled: who builds, what, and with which cache. */
type Flight = { readonly builder: Builder; readonly buildup: Buildup; readonly settled: SettledCache }

async function preflight(
  ports: Ports,
  inspecting: Promise<Builder>,
  scene: Pick<Scene, 'asked' | 'handed' | 'context' | 'journal' | 'book' | 'folder'> & { readonly intent: CacheIntent }
): Promise<Flight> {
  const { asked, handed, context, journal, book, folder, intent } = scene
  const { inputs, trustPlan } = asked
  const { builder, cache, notes } = await prepareBuilder(ports, await inspecting, {
    inputs,
    context,
    cache: intent.plan,
    book
  })
  const base: BuildBase = {
    inputs,
    credentials: handed.args,
    imports: trustImports(),
    ...(builder.flag === undefined ? {} : { builder: builder.flag })
  }
  const buildup = await planBuildup(ports, base, { folder, gateOnly: isGateOnly(inputs), calls: knowsCall(builder) })
  const wanted = { inputs, context, trustPlan, driver: builder.driver, plan: cache }
  const settled = await settleCache(intent, wanted, journal)
  journal.notes.push(...notes, ...buildup.notes)
  Object.assign(journal, { builder, imports: base.imports, roles: buildup.roles })
  return { builder, buildup, settled }
}

/** Everything the later phases share. */
type Scene = {
  readonly ports: Ports
  readonly asked: Asked
  readonly context: Context
  readonly journal: Journal
  readonly told: Told
  readonly handed: HandedOver
  readonly flight: Flight
  readonly folder: string
  readonly look: Look
  readonly book: LeftoverBook
  readonly linting: Promise<readonly LintFinding[]>
  readonly comparison: ComparisonOptions
  readonly fetching: Promise<Fetched | undefined>
  readonly imported: ReturnType<typeof lookAtImported>
  readonly recorder: Recorder
  readonly mounts?: MountsSession
}

async function passGate(scene: Scene): Promise<GateRun> {
  const { ports, asked, journal, handed, flight, folder, linting, mounts } = scene
  const { buildup, settled } = flight
  const { trust } = asked.trustPlan
  const gate = await runGate(ports, {
    base: buildup.base,
    plan: buildup.gate,
    ...settled,
    env: handed.env,
    metadataFile: path.join(folder, 'metadata.json'),
    untrusted: trust.trusted ? undefined : trust.reason,
    supplied: [...handed.secretIDs.map((id) => `secret:${id}`), ...handed.sshIDs.map((id) => `ssh:${id}`)]
  })
  Object.assign(journal, { gate: gate.gate, steps: gate.steps, provenance: gate.provenance })
  journal.internals = [...journal.internals, ...gate.internals]
  journal.notes.push(...gate.notes)
  // What a failing test has cached is worth most: its next run comes soon.
  if (flight.buildup.gate.testTargets.length > 0) mounts?.save(gate.steps, gate.failure === undefined)
  // Where a finding is the failure, the lines are in the findings.
  if (gate.failure === undefined || gate.failure.kind === 'dockerfile') journal.lint = await linting
  if (gate.failure === undefined) return gate
  await salvage(scene, gate.failure)
  throw new Stop(gate.failure)
}

/** Saves what a red build has built for the next run. The failure stays what it was. */
async function salvage(scene: Scene, failure: Failure): Promise<void> {
  const { ports, asked, journal } = scene
  const sensitive = asked.inputs.budget.leakCheck === 'fail' ? { sensitive: asked.credentials.sensitive } : {}
  await keepForRetry(ports, { ...keepOptions(scene), failure, ...sensitive }, journal)
}

function isFailedImport({ name, error }: Internal): boolean {
  return error !== undefined && name.startsWith('importing cache manifest from ')
}

function keepOptions({ flight, handed, folder, imported }: Scene): Parameters<typeof keepCache>[1] {
  const { buildup, settled } = flight
  return { base: buildup.base, plan: buildup.gate, settled, env: handed.env, folder, imported }
}

async function lookInside(scene: Scene, gate: GateRun): Promise<Inspection> {
  const { ports, asked, journal, told, handed, flight, folder, look, book, mounts } = scene
  const { inputs, credentials } = asked
  const { builder, buildup, settled } = flight
  const { testTargets, onlyStage } = buildup.gate
  const isFirst = testTargets.length === 0
  const inspection = await inspect(ports, {
    base: buildup.base,
    target: inputs.target,
    cache: forImage(settled.cache, { isFirst }),
    env: handed.env,
    folder,
    classicStore: builder.classicStore,
    fresh: isFirst,
    ...(inputs.budget.leakCheck === 'off' ? {} : { sensitive: credentials.sensitive }),
    onTag: book.addImage,
    ...(onlyStage === undefined ? {} : { onlyStage })
  }).catch(async (error: unknown) => {
    if (!isFirst || !(error instanceof Stop) || error.progress === undefined) throw error
    journal.steps = error.progress.steps
    journal.internals = [...journal.internals, ...error.progress.internals]
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
  journal.internals = [
    ...journal.internals,
    ...(isFirst ? progress.internals : progress.internals.filter(isFailedImport))
  ]
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
  return inspection
}

async function endMounts(session: MountsSession, journal: Journal): Promise<void> {
  const { mounts, notes } = await session.end()
  if (mounts.length > 0) journal.cacheMounts = mounts
  journal.notes.push(...notes)
}

/** Compares first: how much an image may grow is one of the rules. */
async function judgeImage(scene: Scene, { analyses }: Inspection): Promise<void> {
  const { ports, asked, context, journal, fetching, told } = scene
  const { compareTo } = asked.inputs
  if (compareTo.kind === 'image') ports.log.info(`Comparing with ${compareTo.reference}`) // its download may take a while
  const fetched = await fetching
  if (fetched !== undefined) {
    journal.notes.push(...fetched.notes)
    journal.comparison = await compareWith(fetched, takeSnapshots(analyses, journal.images, told.redact))
  }
  const mode = growthMode(context, fetched)
  journal.verdict = judge(analyses, asked.inputs.budget, { comparison: journal.comparison, mode })
}

/** Lets out what has passed: the image, if there is one to publish, the cache, and the figures as the next baseline. */
async function letOut(scene: Scene, inspection: Inspection | undefined): Promise<void> {
  const { ports, asked, journal } = scene
  const writing = keepCache(ports, keepOptions(scene), journal)
  const keeps = asked.trustPlan.trust.trusted && (inspection !== undefined || isGateOnly(asked.inputs))
  const keeping = keeps ? keepResults(scene, inspection) : []
  const [published, written, kept] = await Promise.allSettled([publishImage(scene, inspection), writing, keeping])
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
async function rememberBuild(recorder: Recorder, journal: Journal, patience?: 'waits'): Promise<void> {
  if (journal.hindsight !== undefined || journal.steps.length === 0) return
  try {
    journal.hindsight = await recorder.lookBack(journal.steps, patience)
  } catch {
    journal.notes.push('Why steps ran again is not told: this build could not be held against the earlier one.')
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
    target: inputs.target,
    cache: forImage(settled.cache),
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

/** After the gate the target comes from the builder's memory. A step that runs again may differ from the one tested. */
function tellRerun(steps: readonly Step[]): readonly string[] {
  const again = steps.filter((step) => step.state === 'ran' && isWork(step))
  if (again.length === 0) return []
  const names = again.map(({ name }) => name).join('; ')
  return [`The builder had lost results of the gate, so these steps ran a second time for the image: ${names}.`]
}

/** A leak is told before a budget: it is the worse of the two. */
async function stopOnBreach(scene: Scene, analyses: readonly ImageAnalysis[]): Promise<void> {
  const { ports, journal } = scene
  const broken = journal.verdict.filter(({ passed }) => !passed)
  if (broken.some(({ rule }) => rule === 'leak-check')) {
    throw new Stop({ kind: 'leak', findings: analyses.flatMap(({ leaks }) => leaks) })
  }
  if (broken.length === 0) return
  await keepUnpublished(ports, keepOptions(scene), journal)
  throw new Stop({ kind: 'budget', broken })
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
