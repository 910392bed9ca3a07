/** Whose cache a run reads and writes: its own, and those of the branches that its change is based on. Pure. */
import { asString, dig } from '../core/json.js'
import { isOfItsRef, queuedBranch, type Context } from './context.js'
import type { Trust } from './trust.js'

/** The runs that share a cache, and why this one reads or writes theirs. */
export type Scope = { readonly scope: string; readonly why: string }
export type Scopes = {
  /** Nearest first. */
  readonly reads: readonly Scope[]
  readonly write: Scope | { readonly reason: string }
}

/**
 * Whose references a run reads, nearest first, and which one it writes. `pr-`, `branch-` and `tags` never meet, whatever
 * a branch is called; a pull request is known by its number alone, which nobody can choose.
 */
export function planScopes(context: Context): Scopes {
  const { pullRequest, ref, defaultBranch } = context
  const fallback =
    defaultBranch === undefined
      ? []
      : [{ scope: `branch-${defaultBranch}`, why: `the default branch, ${defaultBranch}` }]
  const readsOf = (...nearest: readonly Scope[]): readonly Scope[] => distinct([...nearest, ...fallback])
  if (pullRequest !== undefined) {
    const own = { scope: `pr-${pullRequest.number}`, why: `pull request #${pullRequest.number} itself` }
    const { baseRef } = pullRequest
    return {
      reads: readsOf(own, { scope: `branch-${baseRef}`, why: `the branch it merges into, ${baseRef}` }),
      write: own
    }
  }
  const queue = queuedBranch(ref)
  if (queue !== undefined) {
    return {
      reads: readsOf({ scope: `branch-${queue}`, why: `the branch of the merge queue, ${queue}` }),
      write: { reason: 'nobody reads what a merge queue writes' }
    }
  }
  if (ref.startsWith('refs/heads/')) {
    const branch = ref.slice('refs/heads/'.length)
    const own = { scope: `branch-${branch}`, why: `the branch itself, ${branch}` }
    const foreign = mayBuildAnother(context)
    return { reads: readsOf(own), write: foreign === undefined ? own : { reason: foreign } }
  }
  if (ref.startsWith('refs/tags/')) {
    // What a tag is put on has mostly just been built on the default branch; the tag before it is older.
    const own = { scope: 'tags', why: 'all git tags together' }
    return { reads: [...fallback, own], write: own }
  }
  if (context.eventName !== '') {
    return { reads: fallback, write: { reason: `${context.eventName} is about no branch, tag or pull request` } }
  }
  const own = { scope: 'local', why: 'runs outside of a workflow' }
  return { reads: readsOf(own), write: own }
}

/**
 * Why a run on a branch may be building something else than that branch: what it then wrote, the branch would be built
 * from. A `workflow_run` is on the default branch whatever the workflow before it was about, and is mostly made to check
 * that out. So it counts as the branch's own only where that workflow ran on this very branch of this very repository, and
 * for an event that is about its branch; one `workflow_run` after another tells nothing.
 */
function mayBuildAnother({ eventName, payload, ref, repository }: Context): string | undefined {
  if (eventName === '' || isOfItsRef(eventName)) return undefined
  if (eventName !== 'workflow_run')
    return `${eventName} started it, so it may have checked out something else than the branch`
  const before = (...keys: readonly string[]): string | undefined => asString(dig(payload, 'workflow_run', ...keys))
  const origin = before('event')
  if (origin === undefined || !isOfItsRef(origin))
    return `the workflow before it was started by ${origin ?? 'an unknown event'}, so it may have checked out something else`
  const branch = before('head_branch')
  const from = before('head_repository', 'full_name')
  if (`refs/heads/${branch ?? ''}` === ref && from?.toLowerCase() === repository.toLowerCase()) return undefined
  const where = from === undefined || from.toLowerCase() === repository.toLowerCase() ? '' : ` of ${from}`
  return `the workflow before it ran on ${branch ?? 'an unknown branch'}${where}, so it may have checked out something else`
}

/**
 * Who has the cache mounts of a run to itself, where it may build somebody else's change; `undefined` for one that builds its
 * own branch or tag. Mounts belong to the builder, not to the ref: shared, what a pull request leaves in a mount of a builder
 * that lives on would be found there by the next run of `main`.
 */
export function ownerOfMounts(context: Context, { trusted }: Trust): string | undefined {
  const { pullRequest, ref, eventName } = context
  if (pullRequest !== undefined) return `pr-${pullRequest.number}`
  if (!trusted) return `untrusted-${ref}`
  const isOfBranch = queuedBranch(ref) === undefined && ref.startsWith('refs/heads/')
  return isOfBranch && mayBuildAnother(context) !== undefined ? `event-${eventName}` : undefined
}

function distinct(scopes: readonly Scope[]): readonly Scope[] {
  return scopes.filter(({ scope }, index) => scopes.findIndex((other) => other.scope === scope) === index)
}
