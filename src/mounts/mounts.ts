/** Cache mounts between runs, for Dockerfiles that have any: the rest is loaded only then. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Build } from '../builds/build.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Credentials } from '../credentials/credentials.js'
import { dockerfilePath } from '../core/source.js'
import type { Inputs } from '../inputs/inputs.js'
import type { MountsSession } from './session.js'
import { inMountNamespace } from './namespace.js'
import { namesReports } from './mount.js'
import type { Command, Ports } from '../ports.js'

export type { MountsSession } from './session.js'

type MountsOptions = {
  readonly inputs: Inputs
  readonly build: Build
  readonly occasion: Occasion
  readonly credentials: Pick<Credentials, 'sensitive'>
  /** This program once more, as the process that talks to the Actions cache. */
  readonly worker: Command
  /** Private folder of the run. */
  readonly folder: string
  readonly redact: (text: string) => string
}

/** Begins to fetch what is stored of the mounts; `undefined` where none can be carried, or shall be, and none holds reports. */
export async function openMounts(
  ports: Pick<Ports, 'exec' | 'log'>,
  { inputs, build, occasion, credentials, worker, folder, redact }: MountsOptions
): Promise<MountsSession | undefined> {
  const text = await textOf(inputs)
  const carries = inputs.cacheMounts && occasion.hasCacheService && mayMount(text)
  const reports = text === undefined || namesReports(`${text}\n${build.shape.buildArgs.join('\n')}`)
  if (!carries && !reports) return undefined
  const { startSession } = await import(/* webpackChunkName: "mounts" */ './session.js')
  const buildArgs = inMountNamespace(build.shape.buildArgs, occasion)
  return startSession(ports, {
    ...{ inputs, build, buildArgs, ownNamespace: buildArgs !== build.shape.buildArgs, freshMachine: occasion.isHosted },
    cache: { exec: ports.exec, worker, temporaryFolder: occasion.temporaryFolder },
    folder: path.join(folder, 'mounts'),
    unique: [occasion.runID, occasion.runAttempt, randomUUID()].join('-'),
    stores: occasion.storesMounts,
    sensitive: credentials.sensitive,
    machine: `${process.platform}-${process.arch}`,
    ...{ carries, redact, readsReports: reports, workspace: occasion.workspace },
    reportsFolder: path.join(occasion.temporaryFolder, `stagegate-test-reports-${randomUUID()}`)
  })
}

/** The Dockerfile's text; `undefined` for a remote one, which is not known before the build. */
async function textOf(inputs: Inputs): Promise<string | undefined> {
  return inputs.context.kind === 'remote' ? undefined : readFile(dockerfilePath(inputs), 'latin1').catch(() => '')
}

/** Whether it can have a cache mount at all. */
function mayMount(text: string | undefined): boolean {
  return text === undefined || /type=["']?(?:cache|\$)/i.test(text)
}
