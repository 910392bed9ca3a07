/**
 * The cache plan: which references of the registry layer cache a run reads and writes. Pure.
 *
 * With `cache-image` every branch and pull request has references of its own, one per Dockerfile, set of stages and set
 * of platforms, because a reference written twice keeps only the last writer's layers. A run reads its own, its base
 * branch's and the default branch's, and writes only its own: what a pull request writes is never read by its base.
 */
import { createHash } from 'node:crypto'
import { queuedBranch, type Context } from '../context.js'
import type { Inputs } from '../inputs/inputs.js'
import { dockerfilePath } from '../inputs/inputs.js'
import type { TrustPlan } from '../trust.js'

/** Values for `--cache-from` and `--cache-to`, in order. */
export type CachePlan = {
  readonly from: readonly string[]
  readonly to: readonly string[]
  /**
   * The reference for what a red run had built, read by the first solve of the next run; absent where the run may not write
   * one. It is none of the others, since half a cache must not replace a whole one.
   */
  readonly retry?: string
}

/** The plan for the first solve of a run, which only reads. */
export function forFirst({ from, retry }: CachePlan): CachePlan {
  return { from: [...from, ...(retry === undefined ? [] : [`type=registry,ref=${retry}`])], to: [] }
}

/** The plan for a solve of the image: an inline cache is a part of it, and so of what is inspected and published. */
export function forImage(plan: CachePlan, { isFirst = false } = {}): CachePlan {
  return { from: isFirst ? forFirst(plan).from : plan.from, to: plan.to.filter(isInline) }
}

/** The plan for saving what a red run has built; `undefined` where there is nowhere to put it. */
export function forRetry({ from, retry }: CachePlan): CachePlan | undefined {
  return retry === undefined ? undefined : { from, to: [exportTo(retry)] }
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
  const scopes = planScopes(context)
  const reference = (scope: string, of = inputs, ...suffix: readonly string[]): string =>
    `${inputs.cacheImage}:${[slug(scope, 70), ...stagesPart(of), identity(of), ...(part === undefined ? [] : [part]), ...suffix].join('-')}`
  const planned = inputs.cacheImage !== ''
  const retry = planned && scopes.write !== undefined ? reference(scopes.write, inputs, 'retry') : undefined
  // "Test on every commit, build on tags": a tag's build finds the tests in what the branch's gate-only runs wrote.
  const gateOnly = context.ref.startsWith('refs/tags/') && inputs.testTargets.length > 0 && inputs.target !== ''
  const read = [
    ...scopes.read.map((scope) => reference(scope)),
    ...(gateOnly ? scopes.read.map((scope) => reference(scope, { ...inputs, target: '' })) : [])
  ]
  return {
    from: plan.cacheRead
      ? [...inputs.cacheFrom, ...(planned ? read.map((from) => `type=registry,ref=${from}`) : [])]
      : [],
    to: plan.cacheWrite
      ? [
          ...(part === undefined ? inputs.cacheTo.map(neverFatal) : []),
          ...(planned && scopes.write !== undefined ? [exportTo(reference(scopes.write))] : [])
        ]
      : [],
    ...(plan.cacheWrite && retry !== undefined ? { retry } : {})
  }
}

/** `mode=max`: every stage, not only the layers of the last one. As an image manifest, which every registry takes. */
function exportTo(reference: string): string {
  return `type=registry,ref=${reference},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`
}

/** The reference in a `--cache-from` or `--cache-to` value, for messages; its type where it has none. */
export function cacheReference(value: string): string {
  return /(?:^|,)ref=([^,]+)/.exec(value)?.[1] ?? /(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? value
}

type Scopes = { readonly read: readonly string[]; readonly write?: string }

/** Whose references a run reads, nearest first, and which one it writes. */
function planScopes(context: Context): Scopes {
  const { pullRequest, ref, defaultBranch } = context
  const fallback = defaultBranch === undefined ? [] : [`branch-${defaultBranch}`]
  if (pullRequest !== undefined) {
    const own = `pr-${pullRequest.number}`
    return { read: distinct([own, `branch-${pullRequest.baseRef}`, ...fallback]), write: own }
  }
  const queue = queuedBranch(ref)
  if (queue !== undefined) return { read: distinct([`branch-${queue}`, ...fallback]) }
  if (ref.startsWith('refs/heads/')) {
    const own = `branch-${ref.slice('refs/heads/'.length)}`
    return { read: distinct([own, ...fallback]), write: own }
  }
  if (ref.startsWith('refs/tags/')) return { read: distinct(['tags', ...fallback]), write: 'tags' }
  return { read: distinct(['local', ...fallback]), write: 'local' }
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

/** Eight hexadecimal digits that differ for another context or Dockerfile, other stages or other platforms. */
function identity(inputs: Inputs): string {
  const { context } = inputs
  const parts = [
    context.kind === 'local' ? context.path : context.url,
    dockerfilePath(inputs),
    [...inputs.testTargets].sort(),
    inputs.target,
    [...inputs.platforms].sort()
  ]
  return hash(JSON.stringify(parts))
}

/** Text as a part of a registry tag (https://github.com/opencontainers/distribution-spec: `[a-zA-Z0-9_.-]`). */
function slug(text: string, longest: number): string {
  const clean = text.replace(/[^A-Za-z0-9_.-]+/g, '-')
  return clean === text && clean.length <= longest ? clean : `${clean.slice(0, longest - 9)}-${hash(text)}`
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

function distinct(scopes: readonly string[]): readonly string[] {
  return [...new Set(scopes)]
}
