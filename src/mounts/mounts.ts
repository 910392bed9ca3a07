/** Cache mounts between runs, for Dockerfiles that have any: the rest is loaded only then. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Build } from '../builds/build.js'
import type { Context } from '../occasion/context.js'
import type { Credentials } from '../credentials/credentials.js'
import { dockerfilePath } from '../core/source.js'
import type { Inputs } from '../inputs/inputs.js'
import type { MountsSession } from './session.js'
import { mountNamespace, planScopes } from '../occasion/scopes.js'
import { namespaceIn, withNamespace } from './namespace.js'
import { namesReports } from './mount.js'
import type { Command, Ports } from '../ports.js'
import type { Trust } from '../occasion/trust.js'

export type { MountsSession } from './session.js'

type MountsOptions = {
  readonly inputs: Inputs
  readonly build: Build
  readonly context: Context
  readonly trust: Trust
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
  { inputs, build, context, trust, credentials, worker, folder, redact }: MountsOptions
): Promise<MountsSession | undefined> {
  const text = await textOf(inputs)
  const carries = inputs.cacheMounts && context.hasCacheService && mayMount(text)
  const reports = text === undefined || namesReports(`${text}\n${build.shape.buildArgs.join('\n')}`)
  if (!carries && !reports) return undefined
  const { startSession } = await import(/* webpackChunkName: "mounts" */ './session.js')
  const buildArgs = inMountNamespace(build.shape.buildArgs, context, trust)
  return startSession(ports, {
    ...{ inputs, build, buildArgs, ownNamespace: buildArgs !== build.shape.buildArgs, freshMachine: context.isHosted },
    cache: { exec: ports.exec, worker, temporaryFolder: context.temporaryFolder },
    folder: path.join(folder, 'mounts'),
    unique: [context.runID, context.runAttempt, randomUUID()].join('-'),
    stores: storesMounts(context, trust),
    sensitive: credentials.sensitive,
    machine: `${process.platform}-${process.arch}`,
    ...{ carries, redact, readsReports: reports, workspace: context.workspace },
    reportsFolder: path.join(context.temporaryFolder, `stagegate-test-reports-${randomUUID()}`)
  })
}

/**
 * Whether a run stores what its mounts hold. An untrusted one does not. Nor does a pull request that runs on its base
 * branch (`pull_request_target`): the entry would be the branch's. Nor one whose entries nobody would ever read, since the
 * cache service shows them to the same ref only: that of a tag or of a merge queue.
 */
export function storesMounts(context: Context, trust: Trust): boolean {
  if (!trust.trusted || context.cacheServiceMode === 'read' || 'reason' in planScopes(context).write) return false
  return context.ref.startsWith(context.pullRequest === undefined ? 'refs/heads/' : 'refs/pull/')
}

/** Build arguments that keep the cache mounts of a run apart, where they must be: see `mountNamespace`. */
export function inMountNamespace(buildArgs: readonly string[], context: Context, trust: Trust): readonly string[] {
  return withNamespace(buildArgs, mountNamespace(context, trust.trusted, namespaceIn(buildArgs)))
}

/** The Dockerfile's text; `undefined` for a remote one, which is not known before the build. */
async function textOf(inputs: Inputs): Promise<string | undefined> {
  return inputs.context.kind === 'remote' ? undefined : readFile(dockerfilePath(inputs), 'latin1').catch(() => '')
}

/** Whether it can have a cache mount at all. */
function mayMount(text: string | undefined): boolean {
  return text === undefined || /type=["']?(?:cache|\$)/i.test(text)
}
