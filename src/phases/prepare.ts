/** Before anything is built: who builds it, from which file, and with which cache. */
import type { BuildBase } from '../buildkit/command.js'
import { isOfTheJob, knowsCall, type Builder } from '../buildkit/builder.js'
import { isDead } from '../buildkit/nodes.js'
import type { Build } from '../builds/build.js'
import { settleCache, type CacheIntent, type SettledCache } from '../cache/settle.js'
import type { SuppliedCredentials } from '../credentials/credentials.js'
import type { Learned, Workflow } from '../findings.js'
import { planBuild, type BuildPlan } from '../gate/plan.js'
import type { LeftoverList } from '../leftovers.js'
import { inMountNamespace } from '../mounts/namespace.js'
import type { Occasion } from '../occasion/occasion.js'
import { allowedTo } from '../occasion/trust_plan.js'
import type { Ports } from '../ports.js'
import { chooseBuilder } from './choose.js'

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
  { workflow, build, dockerfile, occasion, supplied, intent, leftovers, folder }: PrepareOptions
): Promise<Prepared & { readonly learned: Learned }> {
  const { inputs, trustPlan } = workflow
  const wishes = { inputs, dockerfile, occasion, cache: intent.plan, leftovers }
  const chosen = await chooseBuilder(ports, await inspecting, wishes)
  const { builder } = chosen
  const buildArgs = inMountNamespace(build.shape.buildArgs, occasion)
  const base: BuildBase = {
    build: { ...build, shape: { ...build.shape, buildArgs, allow: allowedTo(trustPlan.trust, build.shape.allow) } },
    credentials: supplied.flags,
    ...(builder.flag === undefined ? {} : { builder: builder.flag })
  }
  const plan = await planBuild(ports, base, {
    ...{ folder, dockerfile, calls: knowsCall(builder), env: supplied.env },
    // Another frontend than Docker's can name the mounts of other runs, whatever namespace it is told.
    ownFrontend: trustPlan.trust.trusted || isOfTheJob(builder, occasion.isHosted)
  })
  const { driver, nodes } = builder
  const cache = await settleCache(intent, {
    ...{ build, occasion, trustPlan, driver, plan: chosen.cache },
    inTurn: plan.gate.file === undefined,
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
