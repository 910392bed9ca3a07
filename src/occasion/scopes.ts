/** Whose cache a run reads and writes: its own, and those of the branches that its change is based on. Pure. */
import { asString, dig } from '../core/json.js'
import { isOfItsRef, queuedBranch, type Context } from './context.js'

/** The runs that share a cache, and why this one reads or writes theirs. */
export type Scope = { readonly scope: string; readonly why: string }
export type Scopes = { readonly reads: readonly Scope[]; readonly write: Scope | { readonly reason: string } }

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
 * from. A `workflow_run` is as good as the event of the workflow before it; one after another tells nothing.
 */
function mayBuildAnother({ eventName, payload }: Context): string | undefined {
  if (eventName === '' || isOfItsRef(eventName)) return undefined
  const origin = eventName === 'workflow_run' ? asString(dig(payload, 'workflow_run', 'event')) : undefined
  if (origin !== undefined && isOfItsRef(origin)) return undefined
  if (eventName === 'workflow_run')
    return `the workflow before it was started by ${origin ?? 'an unknown event'}, so it may have checked out something else`
  return `${eventName} started it, so it may have checked out something else than the branch`
}

function distinct(scopes: readonly Scope[]): readonly Scope[] {
  return scopes.filter(({ scope }, index) => scopes.findIndex((other) => other.scope === scope) === index)
}
