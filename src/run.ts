/** The run, phase by phase. Read it top to bottom: this is the product. */
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { advise } from './advise.js'
import { readSubject } from './advise/subject.js'
import { prepareBuilder } from './build/choose.js'
import { inspectBuilder, knowsCall } from './build/builder.js'
import type { Failure } from './build/failure.js'
import { runGate } from './build/gate.js'
import { checkOutline, planBuildup } from './build/buildup.js'
import type { BuildMetadata } from './build/provenance.js'
import type { Step } from './build/step.js'
import { Stop, stopOnProblems } from './build/stop.js'
import { givenInputs, readContext, type Context } from './context.js'
import { handOver, maskCredentials, readCredentials } from './credentials.js'
import type { ImageAnalysis } from './image/index.js'
import { inspect, reportImage } from './inspect.js'
import type { ReadInput } from './inputs/grammar.js'
import { findUnknownInputs, parseInputs, wantsExport, type Look } from './inputs/inputs.js'
import { closeJournal, openJournal, type Journal } from './journal.js'
import { keepLeftovers } from './leftovers.js'
import { planCache } from './plan/cache.js'
import type { BuildBase } from './plan/command.js'
import { Cancelled, ProgramMissing, type Log, type Ports } from './ports.js'
import { publish } from './publish/publish.js'
import { isWork } from './report/assemble.js'
import { createRedactor, redacted } from './report/redact.js'
import type { Report } from './report/report.js'
import { planTrust, tabulateTrust, type TrustRow } from './trust.js'
import { judge, type RuleResult } from './verdict.js'

/** What a run reads: the environment, the inputs as given, which inputs action.yml declares, and what paths are. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly read: ReadInput
  readonly declaredInputs: readonly string[]
  readonly look: Look
}

/** What a run came to. Every string in it is free of secrets. */
export type RunResult = {
  readonly report: Report
  /** Of the published or, if nothing was published, the inspected image. */
  readonly metadata?: BuildMetadata
}

/** Runs everything and never throws: a failure is a red report. */
export async function run(ports: Ports, world: World): Promise<RunResult> {
  const startedAt = ports.now()
  const context = readContext(world.env)
  const journal = openJournal()
  const told: { redact: (text: string) => string; metadata?: BuildMetadata } = { redact: (text) => text }
  let failure: Failure | undefined
  try {
    await tell(ports, world, context, journal, told)
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
    ...(told.metadata === undefined ? {} : { metadata: redacted(told.metadata, told.redact) })
  }
}

async function tell(
  { log: plainLog, ...ports }: Ports,
  { env, read, declaredInputs, look }: World,
  context: Context,
  journal: Journal,
  told: { redact: (text: string) => string; metadata?: BuildMetadata }
): Promise<void> {
  // 1 and 2. Inputs and trust.
  const { inputs, problems } = parseInputs(read, look)
  const trustPlan = planTrust(context, inputs)
  const { trust } = trustPlan
  const { credentials, problems: credentialProblems } = await readCredentials(inputs, context, env, trust)
  maskCredentials(credentials.sensitive, ports.runner.mask)
  told.redact = createRedactor(credentials.sensitive)
  const log = redactLog(plainLog, told.redact)
  journal.inputs = inputs
  journal.trust = trust
  journal.notes.push(...credentials.notes)
  const { mistyped, foreign } = findUnknownInputs(givenInputs(env), declaredInputs)
  journal.notes.push(...foreign.map((name) => `There is no input "${name}": it has no effect.`))
  stopOnProblems([...mistyped, ...problems, ...credentialProblems])
  await log.group('Trust plan', () => Promise.resolve(printTrust(log, tabulateTrust(trustPlan, context, inputs, credentials.secrets.map(({ id }) => id)))))

  await using cleanup = new AsyncDisposableStack()
  const book = keepLeftovers(ports.runner)
  const folder = await mkdtemp(path.join(context.temporaryFolder, 'stagegate-'))
  book.addFolder(folder)
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const phase = timePhases(journal, ports.now)
  const all = { ...ports, log }

  // 3 and 4. The SSH agent and the secrets, while docker is asked about its builder.
  const inspecting = inspectBuilder(all, inputs.builder)
  inspecting.catch(() => undefined) // reported where it is awaited
  const handed = cleanup.use(await phase('credentials', () => handOver(all, credentials, { inputs, context, env, book })))

  // 5. Pre-flight: the builder, the stages, what they mount.
  const { builder, buildup, cache } = await phase('pre-flight', async () => {
    const seen = await inspecting
    const cachePlan = planCache(inputs, context, trustPlan)
    const chosen = await prepareBuilder(all, seen, { inputs, context, cache: cachePlan, book })
    journal.notes.push(...chosen.notes)
    journal.builder = chosen.builder
    journal.cache = chosen.cache
    const base: BuildBase = {
      inputs,
      credentials: handed.args,
      ...(chosen.builder.flag === undefined ? {} : { builder: chosen.builder.flag })
    }
    const planned = await planBuildup(all, base, { folder, gateOnly: isGateOnly(inputs), calls: knowsCall(chosen.builder) })
    journal.roles = planned.roles
    journal.notes.push(...planned.notes)
    return { builder: chosen.builder, cache: chosen.cache, buildup: planned }
  })
  // Lint findings are for the report, so they are asked for beside the build.
  const linting = buildup.lint()
  cleanup.defer(() => linting.then(noop, noop))
  await phase('outline', async () => {
    journal.notes.push(...checkOutline(await buildup.outline(), handed, trust))
  })

  // 6 and 7. The gate, and the target beside it.
  const { base, gate: gatePlan } = buildup
  const metadataFile = path.join(folder, 'metadata.json')
  const untrusted = trust.trusted ? undefined : trust.reason
  const gate = await phase('gate', () =>
    log.group('Gate and build', () =>
      runGate(all, {
        base,
        plan: gatePlan,
        cache,
        testCache: planCache(inputs, context, { ...trustPlan, cacheWrite: cache.to.length > 0 }, 'tests'),
        env: handed.env,
        metadataFile,
        untrusted,
        supplied: [...handed.secretIDs.map((id) => `secret:${id}`), ...handed.sshIDs.map((id) => `ssh:${id}`)]
      })
    )
  )
  Object.assign(journal, { gate: gate.gate, steps: gate.steps, internals: gate.internals, provenance: gate.provenance })
  journal.notes.push(...gate.notes)
  if (gate.failure !== undefined) {
    // Where a finding is the failure, the lines are in the findings.
    if (gate.failure.kind === 'dockerfile') journal.lint = await linting
    throw new Stop(gate.failure)
  }
  journal.lint = await linting
  if (!gate.targetBuilt) {
    const left = gatePlan.target === undefined ? 'only the gate was asked for' : 'the target could not be built'
    journal.publish = { published: false, reason: left }
    return
  }

  // 8. Inspect.
  const inspection = await phase('inspect', () =>
    log.group('Inspect the image', () =>
      inspect(all, {
        base,
        target: inputs.target,
        cache: gatePlan.testTargets.length === 0 ? cache : { from: cache.from, to: [] },
        env: handed.env,
        folder,
        classicStore: builder.classicStore,
        fresh: gatePlan.testTargets.length === 0,
        ...(inputs.budget.leakCheck === 'off' ? {} : { sensitive: credentials.sensitive }),
        onTag: book.addImage,
        ...(gatePlan.onlyStage === undefined ? {} : { onlyStage: gatePlan.onlyStage })
      })
    )
  )
  if (journal.steps.length === 0) {
    journal.steps = inspection.progress.steps
    journal.internals = inspection.progress.internals
  }
  if (gatePlan.testTargets.length > 0) journal.notes.push(...tellRerun(inspection.progress.steps))
  journal.provenance = [inspection.metadata.provenance, ...journal.provenance]
  journal.images = inspection.analyses.map((analysis) =>
    reportImage(analysis, inspection.progress.steps, journal.provenance, !builder.classicStore)
  )
  told.metadata = inspection.metadata
  journal.advice = advise(
    await readSubject({
      inputs,
      look,
      inspected: inspection.images,
      images: journal.images,
      testTargets: gatePlan.testTargets,
      steps: journal.steps,
      lint: journal.lint,
      contextBytes: Math.max(gate.contextBytes, inspection.progress.contextBytes)
    })
  )

  // 9. Verdict.
  journal.verdict = judge(inspection.analyses, inputs.budget)
  stopOnBreach(journal.verdict, inspection.analyses)

  // 10. Publish.
  const { publish: publishPlan } = trustPlan
  if (!publishPlan.push && !publishPlan.load && publishPlan.outputs.length === 0) {
    journal.publish = { published: false, reason: wantsExport(inputs) ? (untrusted ?? '') : 'push, load and outputs are not set' }
    return
  }
  const metadata = await phase('publish', () =>
    log.group('Publish', () =>
      publish(all, {
        base,
        target: inputs.target,
        cacheFrom: cache.from,
        plan: publishPlan,
        driver: builder.driver,
        env: handed.env,
        metadataFile,
        inspected: inspection.images.map(({ platformName, manifestDigest, configDigest, layers }) => ({
          platform: platformName,
          configDigest,
          diffIDs: layers.map(({ diffID }) => diffID),
          ...(builder.classicStore || manifestDigest === undefined ? {} : { manifestDigest })
        })),
        onOut: (tags, digest) => {
          journal.publish = {
            published: true,
            tags,
            digest: digest ?? inspection.metadata.digest ?? '',
            how: [...(publishPlan.push ? ['push'] : []), ...(publishPlan.load ? ['load'] : []), ...publishPlan.outputs]
          }
        }
      }).catch((error: unknown) => {
        const isMismatch = error instanceof Stop && error.failure.kind === 'mismatch'
        if (!isMismatch && journal.publish.published && journal.publish.tags.length > 0) {
          journal.notes.push(`These tags have the image, although publishing failed: ${journal.publish.tags.join(', ')}.`)
        }
        throw error
      })
    )
  )
  told.metadata = metadata
}

/** Tests without a named target and with nothing to publish: "run the tests on every commit, build on tags". */
function isGateOnly(inputs: Parameters<typeof wantsExport>[0]): boolean {
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
function stopOnBreach(results: readonly RuleResult[], analyses: readonly ImageAnalysis[]): void {
  const broken = results.filter(({ passed }) => !passed)
  if (broken.some(({ rule }) => rule === 'leak-check')) {
    throw new Stop({ kind: 'leak', findings: analyses.flatMap(({ leaks }) => leaks) })
  }
  if (broken.length > 0) throw new Stop({ kind: 'budget', broken })
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
  const width = (column: 'what' | 'decision'): number => Math.min(48, Math.max(...rows.map((row) => row[column].length)))
  for (const { what, decision, why } of rows) {
    log.info(`${what.padEnd(width('what'))}  ${decision.padEnd(width('decision'))}  ${why}`)
  }
}

function noop(): void {
  // Awaited only so that nothing outlives the run; what it says was read elsewhere.
}
