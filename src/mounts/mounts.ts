/** Cache mounts between runs, for Dockerfiles that have any: the rest is loaded only then. */
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { Cache } from '../actions-cache/cache.js'
import type { Build } from '../builds/build.js'
import { filesInRepository } from '../builds/checkout.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Credentials } from '../credentials/credentials.js'
import type { MountsSession } from './session.js'
import { inMountNamespace, ownNamespace } from './namespace.js'
import { reportIDs } from './mount.js'
import type { Ports } from '../ports.js'

export type { MountsSession } from './session.js'

type MountsOptions = {
  readonly build: Build
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  /** As the workflow names it; `auto` unless it does. */
  readonly builder: string
  readonly occasion: Occasion
  readonly credentials: Pick<Credentials, 'sensitive'>
  readonly cache: Cache
  /** Private folder of the run. */
  readonly folder: string
  readonly redact: (text: string) => string
}

/** Begins to fetch what is stored of the mounts; `undefined` where none can be carried, or shall be, and none holds reports. */
export async function openMounts(
  ports: Pick<Ports, 'exec' | 'log'>,
  { build, dockerfile, builder, occasion, credentials, cache, folder, redact }: MountsOptions
): Promise<MountsSession | undefined> {
  const text = dockerfile?.toString('latin1')
  const carries = build.cache.mounts && occasion.hasCacheService && mayMount(text)
  // A remote one may have any.
  const reports = text === undefined ? ['$'] : reportIDs(`${text}\n${build.shape.buildArgs.join('\n')}`)
  if (!carries && reports.length === 0) return undefined
  const { startSession } = await import(/* webpackChunkName: "mounts" */ './session.js')
  return startSession(ports, {
    ...{ build, builder, freshMachine: occasion.isHosted },
    isApart: (chosen) => ownNamespace(occasion, chosen) !== undefined,
    argumentsFor: (chosen) => inMountNamespace(build.shape.buildArgs, occasion, chosen),
    cache,
    folder: path.join(folder, 'mounts'),
    unique: [occasion.runID, occasion.runAttempt, randomUUID()].join('-'),
    stores: occasion.storesMounts,
    sensitive: credentials.sensitive,
    machine: `${process.platform}-${process.arch}`,
    ...{ carries, redact, reportIDs: reports, exists: filesInRepository(build.source, occasion) },
    reportsFolder: path.join(occasion.temporaryFolder, `stagegate-test-reports-${randomUUID()}`)
  })
}

/** Whether a Dockerfile can have a cache mount at all; a remote one is not known before the build. */
function mayMount(text: string | undefined): boolean {
  return text === undefined || /type=["']?(?:cache|\$)/i.test(text)
}
