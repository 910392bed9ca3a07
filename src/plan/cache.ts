/**
 * The cache plan: which references of the registry layer cache a run reads and writes. Pure.
 *
 * With `cache-image` every branch and pull request has references of its own, one per Dockerfile, set of stages and set
 * of platforms, because a reference written twice keeps only the last writer's layers. A run reads its own, its base
 * branch's and the default branch's, and writes only its own: what a pull request writes is never read by its base.
 * docs/caching.md tells it to users.
 */
import { createHash } from 'node:crypto'
import type { Context } from '../context.js'
import type { Inputs } from '../inputs/inputs.js'
import { dockerfilePath } from '../inputs/inputs.js'
import type { TrustPlan } from '../trust.js'

/** Values for `--cache-from` and `--cache-to`, in order. */
export type CachePlan = {
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** Where a red run keeps what it had built; absent where there is no such place. */
  readonly toAfterFailure?: string
}

/** The imports of a run: whether one broke a solve, and how slow they may be. */
export type ImportHealth = {
  broken?: BrokenImport
  /** What was downloaded so far, and for how long. */
  downloads: { readonly bytes: number; readonly seconds: number }
  readonly patience: Patience
}

/** What an imported cache did to a build: BuildKit's words, and the seconds that were lost. */
export type BrokenImport = { readonly message: string; readonly seconds: number }

/** A download that moves fewer bytes than this in so many seconds is given up. */
export type Patience = { readonly seconds: number; readonly bytes: number }

/** The plan for a solve that only reads. */
export function readOnly({ from }: CachePlan): CachePlan {
  return { from, to: [] }
}

/** The plan for a solve of the image: an inline cache is a part of it, and so of what is inspected and published. */
export function forImage({ from, to }: CachePlan): CachePlan {
  return { from, to: to.filter(isInline) }
}

/** The plan for a solve that writes the cache: all but what is in the image. */
export function forExport({ from, to }: CachePlan): CachePlan {
  return { from, to: to.filter((value) => !isInline(value)) }
}

function isInline(cacheTo: string): boolean {
  return /(^|,)type=inline/.test(cacheTo)
}

/**
 * Plans the cache references of a run.
 * @param part set for a solve of its own beside the main one, whose reference it must not overwrite
 */
export function planCache(
  inputs: Inputs,
  context: Context,
  plan: Pick<TrustPlan, 'cacheRead' | 'cacheWrite'>,
  part?: string
): CachePlan {
  const { reads, write } = planReferences(inputs, context, part)
  return {
    from: plan.cacheRead
      ? [...inputs.cacheFrom, ...reads.map(({ reference }) => `type=registry,ref=${reference}`)]
      : [],
    to: plan.cacheWrite
      ? [
          ...(part === undefined ? inputs.cacheTo.map(neverFatal) : []),
          ...('reference' in write ? [exportTo(write.reference)] : [])
        ]
      : [],
    ...(plan.cacheWrite && part === undefined && 'afterFailure' in write
      ? { toAfterFailure: exportTo(write.afterFailure) }
      : {})
  }
}

/** A line of the printed table: a reference, what the run does with it, and why. */
export type CacheRow = { readonly reference: string; readonly action: 'read' | 'write' | 'none'; readonly why: string }

/** The plan as a table. Empty where the run has no layer cache. */
export function tabulateCache(
  inputs: Inputs,
  context: Context,
  { cacheRead, cacheWrite, trust }: Pick<TrustPlan, 'cacheRead' | 'cacheWrite' | 'trust'>
): readonly CacheRow[] {
  const { reads, write } = planReferences(inputs, context)
  const none = (why: string): CacheRow => ({ reference: '', action: 'none', why })
  if (inputs.cacheImage === '' && inputs.cacheFrom.length === 0 && inputs.cacheTo.length === 0) return []
  if (!cacheRead) return [none(`cache-mode is ${inputs.cacheMode}`)]
  const raw = (value: string, action: 'read' | 'write'): CacheRow => ({
    ...{ reference: cacheReference(value), action },
    why: action === 'read' ? 'cache-from' : 'cache-to'
  })
  const reading = [
    ...inputs.cacheFrom.map((value) => raw(value, 'read')),
    ...reads.map(({ reference, why }): CacheRow => ({ reference, action: 'read', why }))
  ]
  if (!cacheWrite) {
    const mode = inputs.cacheMode === 'read' ? 'cache-mode is read' : 'cache-image and cache-to are not set'
    return [...reading, none(`nothing is written: ${trust.trusted ? mode : trust.reason}`)]
  }
  const writing = inputs.cacheTo.map((value) => raw(value, 'write'))
  if ('reason' in write) return [...reading, ...writing, ...(inputs.cacheImage === '' ? [] : [none(write.reason)])]
  return [
    ...reading,
    ...writing,
    { reference: write.reference, action: 'write', why: `${write.why}; once everything has passed` },
    { reference: write.afterFailure, action: 'write', why: 'instead, if a step fails: the stages that were built' }
  ]
}

/** The reference in a `--cache-from` or `--cache-to` value, for messages; its type where it has none. */
export function cacheReference(value: string): string {
  return /(?:^|,)ref=([^,]+)/.exec(value)?.[1] ?? /(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? value
}

/** A reference after its suffix: what a failed run had built. */
const AFTER_FAILURE = 'failed'

/** Whether a reference is the one that only failed runs write. */
export function isAfterFailure(reference: string): boolean {
  return reference.endsWith(`-${AFTER_FAILURE}`)
}

/** BuildKit's own words for a cache that holds every layer in a form that every registry takes, and fails no build. */
function exportTo(reference: string): string {
  return `type=registry,ref=${reference},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`
}

type References = {
  readonly reads: readonly { readonly reference: string; readonly why: string }[]
  readonly write:
    { readonly reference: string; readonly afterFailure: string; readonly why: string } | { readonly reason: string }
}

function planReferences(inputs: Inputs, context: Context, part?: string): References {
  if (inputs.cacheImage === '') return { reads: [], write: { reason: 'cache-image is not set' } }
  const { reads, write } = planScopes(context)
  const reference = (scope: string, suffix: string | undefined = part, of = inputs): string => {
    const end = suffix === undefined ? [] : [suffix]
    const tag = [slug(scope, 56), ...stagesPart(of), identity(scope, of), ...end].join('-')
    return `${inputs.cacheImage}:${tag}`
  }
  // "Test on every commit, build on tags": a tag's build finds the tests in what the branch's gate-only runs wrote.
  const gateOnly = context.ref.startsWith('refs/tags/') && inputs.testTargets.length > 0 && inputs.target !== ''
  const own = 'scope' in write ? write.scope : undefined
  return {
    reads: [
      ...reads.flatMap(({ scope, why }) => [
        { reference: reference(scope), why },
        ...(scope === own && part === undefined
          ? [{ reference: reference(scope, AFTER_FAILURE), why: `${why}: what its last failed run had built` }]
          : [])
      ]),
      ...(gateOnly
        ? reads.map(({ scope, why }) => ({
            reference: reference(scope, part, { ...inputs, target: '' }),
            why: `${why}: the tests alone`
          }))
        : [])
    ],
    write:
      'scope' in write
        ? { reference: reference(write.scope), afterFailure: reference(write.scope, AFTER_FAILURE), why: write.why }
        : write
  }
}

type Scope = { readonly scope: string; readonly why: string }
type Scopes = { readonly reads: readonly Scope[]; readonly write: Scope | { readonly reason: string } }

/**
 * Whose references a run reads, nearest first, and which one it writes. `pr-`, `branch-` and `tags` never meet, whatever
 * a branch is called; a pull request is known by its number alone, which nobody can choose.
 */
function planScopes(context: Context): Scopes {
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
  const queue = /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-\d+-[0-9a-f]+$/.exec(ref)?.[1]
  if (queue !== undefined) {
    return {
      reads: readsOf({ scope: `branch-${queue}`, why: `the branch of the merge queue, ${queue}` }),
      write: { reason: 'nothing is written: a merge queue builds what may never be merged' }
    }
  }
  if (ref.startsWith('refs/heads/')) {
    const branch = ref.slice('refs/heads/'.length)
    const own = { scope: `branch-${branch}`, why: `the branch itself, ${branch}` }
    const foreign = startedByPullRequest(context)
    return { reads: readsOf(own), write: foreign === undefined ? own : { reason: `nothing is written: ${foreign}` } }
  }
  if (ref.startsWith('refs/tags/')) {
    const own = { scope: 'tags', why: 'all git tags together' }
    return { reads: readsOf(own), write: own }
  }
  const own = { scope: 'local', why: 'runs outside of a workflow' }
  return { reads: readsOf(own), write: own }
}

/**
 * Why a run on a branch may be building somebody's pull request: these events run on the default branch, with all rights,
 * and are made for workflows that check out something else.
 */
function startedByPullRequest({ eventName, payload }: Context): string | undefined {
  if (eventName === 'issue_comment') return 'a comment started it, so it may have checked out a pull request'
  const origin = eventName === 'workflow_run' ? readOrigin(payload) : ''
  return origin?.startsWith('pull_request') === false
    ? undefined
    : 'a pull request started the workflow before it, so it may have checked that out'
}

/** The event behind a `workflow_run`; `undefined` where the payload does not say. */
function readOrigin(payload: unknown): string | undefined {
  const member = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  const origin = member(member(payload, 'workflow_run'), 'event')
  return typeof origin === 'string' ? origin : undefined
}

/** A cache that cannot be written is a warning, never a failed build; backends without the attribute ignore it. */
function neverFatal(cacheTo: string): string {
  if (isInline(cacheTo) || /(^|,)ignore-error=/.test(cacheTo)) return cacheTo
  // A reference alone is short for a registry: https://docs.docker.com/reference/cli/docker/buildx/build/#cache-to
  const attributes = cacheTo.includes('=') ? cacheTo : `type=registry,ref=${cacheTo}`
  return `${attributes},ignore-error=true`
}

/** The stages as a readable part of the tag; none where only the last stage is built. */
function stagesPart(inputs: Inputs): readonly string[] {
  const stages = [...inputs.testTargets, ...(inputs.target === '' ? [] : [inputs.target])]
  return stages.length === 0 ? [] : [slug(stages.join('-'), 40)]
}

/**
 * Sixteen hexadecimal digits that differ for another branch or pull request, context or Dockerfile, other stages or other
 * platforms: what is readable of them is shortened and cleaned, and could be made to look alike. An explicit
 * `report-name` counts, since it tells the legs of a matrix apart. Build arguments do not: one that changes with each
 * commit would give each commit an empty cache.
 */
function identity(scope: string, inputs: Inputs): string {
  const { context } = inputs
  const parts = [
    scope,
    context.kind === 'local' ? context.path : context.url,
    dockerfilePath(inputs),
    [...inputs.testTargets].sort(),
    inputs.target,
    [...inputs.platforms].sort(),
    inputs.reportName
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** Text as a part of a registry tag (https://github.com/opencontainers/distribution-spec: `[a-zA-Z0-9_.-]`). */
function slug(text: string, longest: number): string {
  return text.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, longest)
}

function distinct(scopes: readonly Scope[]): readonly Scope[] {
  return scopes.filter(({ scope }, index) => scopes.findIndex((other) => other.scope === scope) === index)
}
