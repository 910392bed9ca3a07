/** Before anything is built: who builds it, from which file, and with which cache. */
import type { BuildBase } from '../buildkit/command.js'
import { builderFlag, isOfTheJob, knowsCall, type Builder } from '../buildkit/builder.js'
import { isDead } from '../buildkit/nodes.js'
import type { Build } from '../builds/build.js'
import { argumentsOf, withArguments, type LinkedTarget } from '../core/linked.js'
import { words } from '../builds/bake_definition.js'
import { settleCache, type CacheIntent, type SettledCache } from '../cache/settle.js'
import type { SuppliedCredentials } from '../credentials/credentials.js'
import type { Learned, Workflow } from '../findings.js'
import { planBuild, type BuildPlan } from '../gate/plan.js'
import type { LeftoverList } from '../leftovers.js'
import { inMountNamespace, ownNamespace } from '../mounts/namespace.js'
import type { Occasion } from '../occasion/occasion.js'
import { allowedTo } from '../occasion/trust_plan.js'
import { endedBy, type Ports } from '../ports.js'
import { chooseBuilder, type BuilderUse, type Chosen } from './choose.js'

type PrepareOptions = {
  readonly workflow: Workflow
  readonly build: Build
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  readonly occasion: Occasion
  readonly supplied: SuppliedCredentials
  readonly intent: CacheIntent
  readonly leftovers: LeftoverList
  /** Private folder of the run. */
  readonly folder: string
  /** Of all builds of the run. */
  readonly uses: readonly BuilderUse[]
}

/** What is known of a builder when a build is planned for it. */
type PlannedFor = {
  readonly flag: string | undefined
  readonly calls: boolean
  readonly ownFrontend: boolean
  /** Absent for a guess. */
  readonly builder?: Builder
}

/** Everything is planned that is run from here on. */
export type Prepared = {
  readonly builder: Builder
  readonly plan: BuildPlan
  readonly cache: SettledCache
}

/** Chooses the builder, and plans the build and the layer cache for it. */
export async function prepare(
  ports: Ports,
  inspecting: Promise<Builder>,
  { workflow, build, dockerfile, occasion, supplied, intent, leftovers, folder, uses }: PrepareOptions
): Promise<Prepared & { readonly learned: Learned }> {
  const { inputs, trustPlan } = workflow
  const { trusted } = trustPlan.trust
  const allow = allowedTo(trustPlan.trust, build.shape.allow)
  const planFor = ({ flag, calls, ownFrontend, builder }: PlannedFor, exec = ports.exec): Promise<BuildPlan> => {
    const inNamespace = (own: readonly string[]): readonly string[] => inMountNamespace(own, occasion, builder)
    const buildArgs = inNamespace(build.shape.buildArgs)
    const linked = build.linked.map((target) => confined(target, inNamespace, allow))
    const base: BuildBase = {
      build: { ...build, linked, shape: { ...build.shape, buildArgs, allow } },
      credentials: supplied.flags,
      ...(flag === undefined ? {} : { builder: flag })
    }
    return planBuild({ ...ports, exec }, base, { folder, dockerfile, calls, ownFrontend, supplied })
  }

  // Two questions at once: whether the builder will do, and what it says of the Dockerfile if it does.
  const asked = builderFlag(inputs.builder)
  const guess = trusted
    ? planAhead(ports.exec, (exec) => planFor({ flag: asked, calls: true, ownFrontend: true }, exec))
    : undefined
  let chosen: Chosen
  try {
    const wishes = { inputs, dockerfile, occasion, cache: intent.plan, leftovers, uses }
    chosen = await chooseBuilder(ports, await inspecting, wishes)
  } catch (error) {
    await guess?.drop()
    throw error
  }
  const { builder } = chosen
  const calls = knowsCall(builder)
  const isRight = calls && builder.flag === asked && ownNamespace(occasion) === ownNamespace(occasion, builder)
  if (!isRight) await guess?.drop()
  // Another frontend than Docker's can name the mounts of other runs, whatever namespace it is told.
  const ownFrontend = trusted || isOfTheJob(builder, occasion.isHosted)
  const plan = await ((isRight ? guess?.plan : undefined) ??
    planFor({ flag: builder.flag, calls, ownFrontend, builder }))
  const { driver, nodes } = builder
  const cache = await settleCache(intent, {
    ...{ build, occasion, trustPlan, driver, plan: chosen.cache },
    perTest: plan.gate.file === undefined,
    perPlatform: nodes.filter((node) => !isDead(driver, node)).length > 1 ? inputs.platforms : []
  })
  const { planned, outcomes, rows } = cache
  return {
    ...{ builder, plan, cache },
    learned: {
      ...{ builder, roles: plan.roles, cache: { planned, outcomes, rows } },
      notes: [...chosen.notes, ...cache.notes, ...plan.notes]
    }
  }
}

/** A linked target with the cache mounts and the entitlements that the run may have. */
function confined(
  target: LinkedTarget,
  inNamespace: (own: readonly string[]) => readonly string[],
  allow: readonly string[]
): LinkedTarget {
  const { attributes } = target
  const entitlements = words(attributes.entitlements).filter((entitlement) => allow.includes(entitlement))
  return withArguments({ ...target, attributes: { ...attributes, entitlements } }, inNamespace(argumentsOf(target)))
}

/** Plans before it is known whether the plan is wanted. Dropping it ends what was begun for it. */
function planAhead(
  exec: Ports['exec'],
  plan: (exec: Ports['exec']) => Promise<BuildPlan>
): { readonly plan: Promise<BuildPlan>; readonly drop: () => Promise<void> } {
  const unwanted = new AbortController()
  const planning = plan(endedBy(unwanted.signal, exec))
  const asking = planning.then((ready) => ready.outline())
  asking.catch(noop)
  return {
    plan: planning,
    async drop() {
      unwanted.abort()
      await asking.then(noop, noop)
    }
  }
}

function noop(): void {
  // Whoever wants the plan is told what is wrong with it.
}
