/**
 * What event this is, and what follows from it, decided once: nobody else looks at the event. What a run was asked for comes
 * in later (see `trust_plan.ts`). Pure but for reading.
 */
import { asPositive, asString, dig } from '../core/json.js'
import { readContext, type Context } from './context.js'
import { placeOf, type Place } from './place.js'
import { ownerOfMounts, planScopes, type Scopes } from './scopes.js'
import { judgeTrust, type Trust } from './trust.js'

export type Occasion = Omit<Context, 'payload'> & {
  readonly trust: Trust
  /** Whose layer cache is read and written. */
  readonly scopes: Scopes
  /** Where the report belongs, and what the image is compared with. */
  readonly place: Place
  /**
   * Whether an image may be refused since it has grown too much: only where its commit can still be. A branch has its
   * commits already: a red run would keep the image of everything after them back, and the new baseline with it. In a merge
   * queue a baseline that is not the group's very base counts the growth of other pull requests, too.
   */
  readonly refusesGrowth: 'always' | 'over-its-very-base' | 'never'
  /** Whether what cache mounts hold is stored for other runs. */
  readonly storesMounts: boolean
  /** Who has the cache mounts of this run to itself, such as `pr-12`; absent where they are the branch's. */
  readonly ownerOfMounts?: string
  /** Whether only people with access can see the repository. */
  readonly isPrivate: boolean
  /** Address of this run; absent outside a workflow. */
  readonly runUrl?: string
  /** In an event `workflow_run`: the run that it is about. */
  readonly otherRun?: OtherRun
}

/** A run as `workflow_run` tells of it. */
export type OtherRun = {
  readonly id?: number
  /** The event that had started it. */
  readonly event?: string
  /** How it ended: `success`, `failure`, `timed_out`, …; absent where it has not. */
  readonly conclusion?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the environment and the event file, and decides. */
export function readOccasion(env: Environment): Occasion {
  return occasionOf(readContext(env))
}

/** What follows from what GitHub says. */
export function occasionOf({ payload, ...facts }: Context): Occasion {
  const context = { payload, ...facts }
  const { eventName, pullRequest, serverUrl, repository, runID } = facts
  const trust = judgeTrust(context)
  const scopes = planScopes(context)
  const owner = ownerOfMounts(context, trust)
  return {
    ...facts,
    ...{ trust, scopes, place: placeOf(context), storesMounts: storesMounts(context, trust, scopes) },
    refusesGrowth: pullRequest !== undefined ? 'always' : eventName === 'merge_group' ? 'over-its-very-base' : 'never',
    isPrivate: dig(payload, 'repository', 'private') !== false,
    ...(owner === undefined ? {} : { ownerOfMounts: owner }),
    ...(repository === '' || runID === '' ? {} : { runUrl: `${serverUrl}/${repository}/actions/runs/${runID}` }),
    ...(eventName === 'workflow_run' ? { otherRun: readOtherRun(dig(payload, 'workflow_run')) } : {})
  }
}

/**
 * An untrusted run stores nothing. Nor does a pull request that runs on its base branch (`pull_request_target`): the entry
 * would be the branch's. Nor one whose entries nobody would ever read, since the cache service shows them to the same ref
 * only: that of a tag or of a merge queue.
 */
function storesMounts({ cacheServiceMode, ref, pullRequest }: Context, { trusted }: Trust, { write }: Scopes): boolean {
  if (!trusted || cacheServiceMode === 'read' || 'reason' in write) return false
  return ref.startsWith(pullRequest === undefined ? 'refs/heads/' : 'refs/pull/')
}

function readOtherRun(run: unknown): OtherRun {
  const [id, event, conclusion] = [
    asPositive(dig(run, 'id')),
    asString(dig(run, 'event')),
    asString(dig(run, 'conclusion'))
  ]
  return {
    ...(id === undefined ? {} : { id }),
    ...(event === undefined ? {} : { event }),
    ...(conclusion === undefined ? {} : { conclusion })
  }
}
