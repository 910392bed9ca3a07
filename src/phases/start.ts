/** Before the gate: what the workflow asked for, and who builds it. */
import { buildFromInputs } from '../builds/from_inputs.js'
import type { Builder } from '../buildkit/builder.js'
import { knowsCall } from '../buildkit/builder.js'
import { isDead } from '../buildkit/nodes.js'
import { planBuild } from '../gate/plan.js'
import { prepareBuilder } from './choose.js'
import { stopOnProblems } from '../failure/stop.js'
import { settleCache, type CacheIntent } from '../cache/settle.js'
import { givenInputs, type Context } from '../occasion/context.js'
import { maskCredentials, readCredentials } from '../credentials/credentials.js'
import { environmentNotes } from '../inputs/environment.js'
import { findUnknownInputs, parseInputs } from '../inputs/inputs.js'
import { reportName, type Journal } from '../journal.js'
import type { BuildBase } from '../buildkit/command.js'
import type { Ports } from '../ports.js'
import { secretArguments } from '../credentials/arguments.js'
import { inMountNamespace } from '../mounts/mounts.js'
import { prepareRedactor } from '../report/redact.js'
import { planTrust } from '../occasion/trust.js'
import type { Asked, Flight, Scene, Told, World } from './scene.js'

/** Reads and checks the inputs and the credentials. From here on everything that is told is redacted. */
export async function readWorkflow(
  { runner }: Ports,
  { env, read, declaredInputs, look, folders }: World,
  context: Context,
  journal: Journal,
  told: Told
): Promise<Asked> {
  const { inputs, problems } = parseInputs(read, look, folders)
  const trustPlan = planTrust(context, inputs)
  const { credentials, problems: credentialProblems } = await readCredentials(inputs, context, env, trustPlan.trust)
  maskCredentials(credentials.sensitive, runner.mask)
  const redact = await prepareRedactor([...credentials.sensitive, ...secretArguments(inputs.buildArgs, env)])
  told.redact = redact
  told.redactAgain = redact.again
  journal.inputs = inputs
  journal.trust = trustPlan.trust
  const { mistyped, foreign } = findUnknownInputs(givenInputs(env), declaredInputs)
  journal.notes.push(...environmentNotes(env))
  journal.notes.push(...credentials.notes, ...foreign.map((name) => `There is no input "${name}": it has no effect.`))
  stopOnProblems([...mistyped, ...problems, ...credentialProblems])
  return { inputs, trustPlan, credentials }
}

/** Chooses the builder and plans the solves and the layer cache for it. */
export async function preflight(
  ports: Ports,
  inspecting: Promise<Builder>,
  scene: Pick<Scene, 'asked' | 'handed' | 'context' | 'journal' | 'book' | 'folder'> & {
    readonly intent: CacheIntent
    readonly env: World['env']
  }
): Promise<Flight> {
  const { asked, handed, context, journal, book, folder, intent, env } = scene
  const { inputs, trustPlan } = asked
  const { builder, cache, notes } = await prepareBuilder(ports, await inspecting, {
    inputs,
    context,
    cache: intent.plan,
    book
  })
  const build = buildFromInputs(inputs, reportName(inputs, context), env)
  const buildArgs = inMountNamespace(build.shape.buildArgs, context, trustPlan.trust)
  const base: BuildBase = {
    build: { ...build, shape: { ...build.shape, buildArgs } },
    credentials: handed.flags,
    ...(builder.flag === undefined ? {} : { builder: builder.flag })
  }
  const plan = await planBuild(ports, base, { folder, calls: knowsCall(builder), env: handed.env })
  const inTurn = plan.gate.file === undefined
  const { driver, nodes } = builder
  const perPlatform = nodes.filter((node) => !isDead(driver, node)).length > 1 ? inputs.platforms : []
  const wanted = { inputs, context, trustPlan, driver, plan: cache, inTurn, perPlatform }
  const settled = await settleCache(intent, wanted)
  journal.cache = { ...journal.cache, planned: settled.planned, outcomes: settled.outcomes, rows: settled.rows }
  journal.notes.push(...notes, ...settled.notes, ...plan.notes)
  Object.assign(journal, { builder, roles: plan.roles })
  return { builder, plan, settled }
}
