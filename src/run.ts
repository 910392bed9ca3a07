/** The run, phase by phase. Read it top to bottom: this is the product. */
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { advise } from './advise.js'
import { readSubject } from './advise/subject.js'
import { prepareBuilder } from './build/choose.js'
import { inspectBuilder, knowsCall, type Builder } from './build/builder.js'
import type { Failure } from './build/failure.js'
import { checkOutline, planBuildup, type Buildup } from './build/buildup.js'
import { writeCache, type CacheWriting } from './build/cache.js'
import { trustImports } from './build/imports.js'
import { runGate, type GateRun } from './build/gate.js'
import type { BuildMetadata } from './build/provenance.js'
import type { Internal } from './build/progress.js'
import type { Step } from './build/step.js'
import { Stop, stopOnProblems } from './build/stop.js'
import {
  compareWith,
  fetchBaseline,
  keepBaseline,
  takeSnapshots,
  type ComparisonOptions,
  type Fetched
} from './comparison.js'
import { givenInputs, readContext, type Context } from './context.js'
import { handOver, maskCredentials, readCredentials, type Credentials, type HandedOver } from './credentials.js'
import type { ImageAnalysis } from './image/index.js'
import { inspect, reportImage, type Inspection } from './inspect.js'
import type { ReadInput } from './inputs/grammar.js'
import { findUnknownInputs, parseInputs, wantsExport, type Inputs, type Look } from './inputs/inputs.js'
import { closeJournal, openJournal, reportName, type Journal } from './journal.js'
import { keepLeftovers, type LeftoverBook } from './leftovers.js'
import { findSilentReferences, silenceSeconds, withoutReferences } from './build/registry.js'
import { salvageCache } from './build/salvage.js'
import { forImage, planCache, tabulateCache, type CachePlan, type CacheRow } from './plan/cache.js'
import type { BuildBase } from './plan/command.js'
import { Cancelled, ProgramMissing, type Command, type Log, type Ports } from './ports.js'
import { publish } from './publish/publish.js'
import { isWork } from './report/assemble.js'
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

  await using cleanup = new AsyncDisposableStack()
  const book = keepLeftovers(ports.runner)
  const folder = await mkdtemp(path.join(context.temporaryFolder, 'stagegate-'))
  book.addFolder(folder)
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const phase = timePhases(journal, ports.now)

  // 3 and 4. The SSH agent and the secrets, while docker is asked about its builder.
  const inspecting = inspectBuilder(ports, inputs.builder)
  inspecting.catch(noop) // reported where it is awaited
  const planned = planCache(inputs, context, trustPlan)
  journal.cacheFacts = { plan: tabulateCache(inputs, context, trustPlan) }
  const probing = findSilentReferences(planned)
  const handed = cleanup.use(
    await phase('credentials', () => handOver(ports, credentials, { inputs, context, env: world.env, book }))
  )

  // 5. Pre-flight: the builder, the stages, what they mount. Lint findings are for the report only: they may take their time.
  const flight = await phase('pre-flight', () =>
    preflight(ports, inspecting, { asked, handed, context, journal, book, folder, planned, probing })
  )
  const linting = flight.buildup.lint()
  cleanup.defer(() => linting.then(noop, noop))
  await phase('outline', async () => {
    journal.notes.push(...checkOutline(await flight.buildup.outline(), handed, trustPlan.trust))
  })

  // 6 and 7. The gate, and the target beside it. The baseline to compare with comes meanwhile.
  const comparison = {
    ...{ inputs, context, worker: world.cacheWorker, redact: told.redact },
    name: reportName(inputs, context)
  }
  const fetching = fetchBaseline(ports, comparison)
  cleanup.defer(() => fetching.then(noop, noop))
  const scene: Scene = {
    ...{ ports, asked, context, journal, told, handed, flight, folder, look: world.look, book, linting },
    ...{ comparison, fetching }
  }
  const gate = await phase('gate', () => ports.log.group('Gate and build', () => passGate(scene)))

  // 8 and 9. Look inside, and judge.
  const inspection = gate.targetBuilt
    ? await phase('inspect', () => ports.log.group('Inspect the image', () => lookInside(scene, gate)))
    : undefined
  if (inspection !== undefined) {
    journal.verdict = judge(inspection.analyses, inputs.budget)
    await compareImage(scene, inspection)
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
type Flight = {
  readonly builder: Builder
  readonly buildup: Buildup
  readonly cache: CachePlan
  readonly testCache: CachePlan
}

async function preflight(
  ports: Ports,
  inspecting: Promise<Builder>,
  scene: Pick<Scene, 'asked' | 'handed' | 'context' | 'journal' | 'book' | 'folder'> & {
    readonly planned: CachePlan
    readonly probing: Promise<readonly string[]>
  }
): Promise<Flight> {
  const { asked, handed, context, journal, book, folder, planned, probing } = scene
  const { inputs, trustPlan } = asked
  const {
    builder,
    cache: wanted,
    notes
  } = await prepareBuilder(ports, await inspecting, {
    inputs,
    context,
    cache: planned,
    book
  })
  const base: BuildBase = {
    inputs,
    credentials: handed.args,
    imports: trustImports(),
    ...(builder.flag === undefined ? {} : { builder: builder.flag })
  }
  const buildup = await planBuildup(ports, base, { folder, gateOnly: isGateOnly(inputs), calls: knowsCall(builder) })
  // A builder elsewhere has a network of its own.
  const silent = /^docker(?:-container)?$/.test(builder.driver) ? await probing : []
  const cache = withoutReferences(wanted, silent)
  const tests = planCache(inputs, context, { ...trustPlan, cacheWrite: wanted.to.length > 0 }, 'tests')
  const testCache = silent.length === 0 ? tests : { from: [], to: [] }
  journal.internals = silent.map(tellSilence)
  journal.notes.push(...notes, ...buildup.notes)
  Object.assign(journal, { builder, cache: wanted, imports: base.imports, roles: buildup.roles })
  printCachePlan(ports.log, journal.cacheFacts.plan ?? [])
  return { builder, buildup, cache, testCache }
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
}

async function passGate(scene: Scene): Promise<GateRun> {
  const { ports, asked, journal, handed, flight, folder, linting } = scene
  const { buildup, cache, testCache } = flight
  const { trust } = asked.trustPlan
  const gate = await runGate(ports, {
    base: buildup.base,
    plan: buildup.gate,
    cache,
    testCache,
    env: handed.env,
    metadataFile: path.join(folder, 'metadata.json'),
    untrusted: trust.trusted ? undefined : trust.reason,
    supplied: [...handed.secretIDs.map((id) => `secret:${id}`), ...handed.sshIDs.map((id) => `ssh:${id}`)]
  })
  Object.assign(journal, { gate: gate.gate, steps: gate.steps, provenance: gate.provenance })
  journal.internals = [...journal.internals, ...gate.internals]
  journal.notes.push(...gate.notes)
  // Where a finding is the failure, the lines are in the findings.
  if (gate.failure === undefined || gate.failure.kind === 'dockerfile') journal.lint = await linting
  if (gate.failure !== undefined) {
    await salvage(scene, gate.failure)
    throw new Stop(gate.failure)
  }
  return gate
}

async function lookInside(scene: Scene, gate: GateRun): Promise<Inspection> {
  const { ports, asked, journal, told, handed, flight, folder, look, book } = scene
  const { inputs, credentials } = asked
  const { builder, buildup, cache } = flight
  const { testTargets, onlyStage } = buildup.gate
  const isFirst = testTargets.length === 0
  const inspection = await inspect(ports, {
    base: buildup.base,
    target: inputs.target,
    cache: forImage(cache),
    env: handed.env,
    folder,
    classicStore: builder.classicStore,
    fresh: isFirst,
    ...(inputs.budget.leakCheck === 'off' ? {} : { sensitive: credentials.sensitive }),
    onTag: book.addImage,
    ...(onlyStage === undefined ? {} : { onlyStage })
  })
  const { progress, metadata, images, analyses } = inspection
  journal.internals = [...journal.internals, ...(isFirst ? progress.internals : importsIn(progress.internals))]
  if (isFirst) journal.steps = progress.steps
  else journal.notes.push(...tellRerun(progress.steps))
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

async function compareImage({ journal, fetching, told }: Scene, { analyses }: Inspection): Promise<void> {
  const fetched = await fetching
  if (fetched === undefined) return
  journal.notes.push(...fetched.notes)
  journal.comparison = await compareWith(fetched, takeSnapshots(analyses, journal.images, told.redact))
}

/** Lets out what has passed: the image, if there is one to publish, the cache, and the figures as the next baseline. */
async function letOut(scene: Scene, inspection: Inspection | undefined): Promise<void> {
  const { ports, asked, journal, told, comparison } = scene
  const writing = keepCache(scene)
  const keeping =
    inspection === undefined || !asked.trustPlan.trust.trusted
      ? []
      : keepBaseline(ports, comparison, takeSnapshots(inspection.analyses, journal.images, told.redact))
  const [published, written, kept] = await Promise.allSettled([publishImage(scene, inspection), writing, keeping])
  if (kept.status === 'fulfilled') journal.notes.push(...kept.value)
  if (published.status === 'rejected') throw published.reason
  if (written.status === 'rejected') throw written.reason
  if (kept.status === 'rejected') throw kept.reason
}

/** Writes the layer cache of a run whose image may leave. */
async function keepCache({ ports, journal, handed, flight, folder }: Scene): Promise<void> {
  const { buildup, cache, testCache } = flight
  const { steps, internals, provenance } = journal
  noteWriting(
    journal,
    await writeCache(ports, {
      base: buildup.base,
      plan: buildup.gate,
      cache,
      testCache,
      env: handed.env,
      folder,
      built: { steps, internals, provenance }
    })
  )
}

/** Keeps what a red build had built, in a place of its own. The failure is told in any case. */
async function salvage({ ports, asked, journal, handed, flight, folder }: Scene, failure: Failure): Promise<void> {
  const { builder, buildup, cache } = flight
  const { leakCheck } = asked.inputs.budget
  const written = await salvageCache(ports, {
    base: buildup.base,
    plan: buildup.gate,
    cache,
    failure,
    steps: journal.steps,
    env: handed.env,
    folder,
    calls: knowsCall(builder),
    ...(leakCheck === 'fail' ? { sensitive: asked.credentials.sensitive } : {})
  }).catch((error: unknown) => {
    if (error instanceof Cancelled) throw error
    ports.log.debug(`The cache of the failed build was not written: ${String(error)}`)
    return undefined
  })
  journal.cache = { from: journal.cache.from, to: written === undefined ? [] : [cache.toAfterFailure ?? ''] }
  if (written !== undefined) noteWriting(journal, written)
}

function noteWriting(journal: Journal, { internals, notes, uploads, unchanged }: CacheWriting): void {
  journal.internals = [...journal.internals, ...internals]
  journal.notes.push(...notes)
  journal.cacheFacts = { ...journal.cacheFacts, uploads, unchanged }
}

async function publishImage(scene: Scene, inspection: Inspection | undefined): Promise<void> {
  const { ports, asked, journal, told, handed, flight, folder } = scene
  const { inputs, trustPlan } = asked
  const { builder, buildup, cache } = flight
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
    cache: forImage(cache),
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

/** Tests without a named target and with nothing to publish: "run the tests on every commit, build on tags". */
function isGateOnly(inputs: Inputs): boolean {
  return inputs.testTargets.length > 0 && inputs.target === '' && !wantsExport(inputs)
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
  const broken = scene.journal.verdict.filter(({ passed }) => !passed)
  if (broken.some(({ rule }) => rule === 'leak-check')) {
    throw new Stop({ kind: 'leak', findings: analyses.flatMap(({ leaks }) => leaks) })
  }
  if (broken.length === 0) return
  // Too big is no secret: the next try need not build it all again.
  await keepCache(scene)
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

/** What BuildKit would have said of a registry that does not answer, had it ever given up. */
function tellSilence(reference: string): Internal {
  const error = `the registry did not answer within ${silenceSeconds} s`
  return { name: `importing cache manifest from ${reference}`, seconds: silenceSeconds, error, done: true }
}

/** Later solves read the references again, and may find out more than the first did. */
function importsIn(internals: readonly Internal[]): readonly Internal[] {
  return internals.filter(({ name, error }) => error !== undefined && name.startsWith('importing cache manifest from '))
}

function printCachePlan(log: Log, rows: readonly CacheRow[]): void {
  if (rows.length === 0) return
  log.info('Layer cache:')
  const width = Math.min(120, Math.max(...rows.map(({ reference }) => reference.length)))
  for (const { reference, action, why } of rows) {
    log.info(action === 'none' ? `  ${why}` : `  ${action.padEnd(5)}  ${reference.padEnd(width)}  ${why}`)
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
