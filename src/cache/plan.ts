/**
 * The cache plan: which references of the registry layer cache a run reads and writes. Pure.
 *
 * With `cache-image` every branch and pull request has references of its own, one per Dockerfile, set of stages and set
 * of platforms, because a reference written twice keeps only the last writer's layers. A run reads the first that is there
 * of its own, its base branch's and the default branch's, and writes only its own: what a pull request writes is never
 * read by its base.
 * docs/caching.md tells it to users.
 */
import type { CacheValues } from '../buildkit/command.js'
import type { Build } from '../builds/build.js'
import { sixteenDigits } from '../builds/identity.js'
import { cacheIdentity } from '../builds/shape.js'
import type { Occasion } from '../occasion/occasion.js'
import { cacheReference, isInlineCache, isShortCache } from '../inputs/cache_value.js'
import type { Presence } from '../registry/presence.js'
import type { TrustPlan } from '../occasion/trust_plan.js'

/** What a run reads and writes. */
export type CachePlan = CacheValues & {
  /**
   * The reference for what a red run had built, which the next run reads instead of its own; absent where the run may not
   * write one. It is none of the others, since half a cache must not replace a whole one.
   */
  readonly retry?: string
}

/** The references that `cache-image` has a run read, best first: it reads one of them. */
export function candidates({ from, retry }: CachePlan, { cache, fresh }: Build): readonly string[] {
  const planned = from.filter((value) => !cache.from.includes(value)).map(cacheReference)
  return [...(retry === undefined || fresh.noCache ? [] : [retry]), ...planned]
}

/**
 * The plan with the one reference that is read, beside those that the user names: the best that is there. Of several
 * BuildKit takes now the one's and now the other's result of a step (https://github.com/moby/buildkit/issues/6418), and
 * the tests would run on other layers than the image has. A retry cache that is there is written with the next whole one,
 * so that it is never older than that.
 */
export function readOne(plan: CachePlan, build: Build, presenceOf: (reference: string) => Presence): CachePlan {
  const possible = candidates(plan, build)
  const whole = possible.filter((reference) => reference !== plan.retry)
  const best =
    possible.find((reference) => presenceOf(reference) === 'there') ??
    whole.find((reference) => presenceOf(reference) === 'unknown') ??
    whole.find((reference) => presenceOf(reference) === 'missing') // the builder says so in the report
  const hasRetry = plan.retry !== undefined && presenceOf(plan.retry) === 'there'
  return {
    ...plan,
    from: [
      ...plan.from.filter((value) => build.cache.from.includes(value)),
      ...(best === undefined ? [] : [`type=registry,ref=${best}`])
    ],
    to: [...plan.to, ...(hasRetry && plan.to.length > 0 ? [exportTo(plan.retry)] : [])]
  }
}

/** The plan for a solve of the image: an inline cache is a part of it, and so of what is inspected and published. */
export function forImage({ from, to }: CachePlan): CachePlan {
  return { from, to: to.filter(isInlineCache) }
}

/** The plan for saving what a red run has built; `undefined` where there is nowhere to put it. */
export function forRetry({ from, retry }: CachePlan): CachePlan | undefined {
  return retry === undefined ? undefined : { from, to: [exportTo(retry)] }
}

/** The plan for a solve that writes the cache: all but what is in the image. */
export function forExport({ from, to }: CachePlan): CachePlan {
  return { from, to: to.filter((value) => !isInlineCache(value)) }
}

/**
 * Plans the cache references of a run.
 * @param part set for a solve of its own beside the main one, whose reference it must not overwrite
 */
export function planCache(
  build: Build,
  occasion: Occasion,
  plan: Pick<TrustPlan, 'cacheRead' | 'cacheWrite'>,
  part?: string
): CachePlan {
  const { reads, write } = planReferences(build, occasion, part)
  return {
    // What was built of no cache must not meet what is in one: the tests would see the one, and the image have the other.
    from:
      plan.cacheRead && !build.fresh.noCache
        ? [...build.cache.from, ...reads.map(({ reference }) => `type=registry,ref=${reference}`)]
        : [],
    to: plan.cacheWrite
      ? [
          ...(part === undefined ? build.cache.to.map(neverFatal) : []),
          ...('reference' in write ? [exportTo(write.reference)] : [])
        ]
      : [],
    ...(plan.cacheWrite && part === undefined && 'retry' in write ? { retry: write.retry } : {})
  }
}

/** The part of the name for a test target's own references, where each test has some. */
export function testPart({ tests }: Build, stage: string): string {
  return tests.length === 1 ? 'tests' : `tests-${[...tests].sort().indexOf(stage) + 1}`
}

/** A line of the printed table: a reference, what the run does with it, and why. */
export type CacheRow = {
  readonly reference: string
  /** `else`: read where none of those before it is there. */
  readonly action: 'read' | 'else' | 'write' | 'none'
  readonly why: string
}

/** The plan as a table. Empty where the run has no layer cache. */
export function tabulateCache(
  build: Build,
  occasion: Occasion,
  { cacheRead, cacheWrite, trust }: Pick<TrustPlan, 'cacheRead' | 'cacheWrite' | 'trust'>
): readonly CacheRow[] {
  const { reads, write } = planReferences(build, occasion)
  const none = (why: string): CacheRow => ({ reference: '', action: 'none', why })
  const { image, mode, from, to } = build.cache
  if (image === '' && from.length === 0 && to.length === 0) return []
  if (!cacheRead) return [none(`cache-mode is ${mode}`)]
  const raw = (value: string, action: 'read' | 'write'): CacheRow => ({
    ...{ reference: cacheReference(value), action },
    why: action === 'read' ? 'cache-from' : 'cache-to'
  })
  const planned = [
    ...(cacheWrite && 'retry' in write ? [{ reference: write.retry, why: 'what the last red run had built' }] : []),
    ...reads
  ]
  const reading = build.fresh.noCache
    ? [none('nothing is read: no-cache is true')]
    : [
        ...from.map((value) => raw(value, 'read')),
        ...planned.map((row, index): CacheRow => ({ ...row, action: index === 0 ? 'read' : 'else' }))
      ]
  const nothing = (why: string): CacheRow => none(`nothing is written: ${why}`)
  if (!trust.trusted) return [...reading, nothing(trust.reason)]
  if (mode === 'read') return [...reading, nothing('cache-mode is read')]
  if (image !== '' && 'reason' in write) return [...reading, nothing(write.reason)]
  const writing = to.map((value) => raw(value, 'write'))
  if ('reason' in write) return [...reading, ...(writing.length > 0 ? writing : [nothing('cache-to is not set')])]
  return [
    ...reading,
    ...writing,
    { reference: write.reference, action: 'write', why: `${write.why}; once everything has passed` },
    { reference: write.retry, action: 'write', why: 'instead, if the run is red: what has been built by then' }
  ]
}

/** Whether a value is one of the plan's own, which say all of the form that a cache has. */
export function isPlannedExport(value: string): boolean {
  return value === exportTo(cacheReference(value))
}

/** `mode=max`: every stage, not only the layers of the last one. As an image manifest, which every registry takes. */
export const cacheForm = 'mode=max,image-manifest=true,oci-mediatypes=true'

function exportTo(reference: string): string {
  return `type=registry,ref=${reference},${cacheForm},ignore-error=true`
}

type References = {
  readonly reads: readonly { readonly reference: string; readonly why: string }[]
  readonly write:
    { readonly reference: string; readonly retry: string; readonly why: string } | { readonly reason: string }
}

function planReferences(build: Build, { scopes, repository, ref }: Occasion, part?: string): References {
  const { image } = build.cache
  if (image === '') return { reads: [], write: { reason: 'cache-image is not set' } }
  const { reads, write } = scopes
  const reference = (scope: string, of = build, ...suffix: readonly string[]): string => {
    const parts = [...(part === undefined ? [] : [part]), ...suffix]
    return `${image}:${[slug(scope, 56), ...stagesPart(of), identity(scope, of, repository), ...parts].join('-')}`
  }
  // "Test on every commit, build on tags": a tag's build finds the tests in what the branch's gate-only runs wrote.
  const gateOnly = ref.startsWith('refs/tags/') && build.tests.length > 0 && build.target !== ''
  const ofTests = { ...build, target: '' }
  return {
    reads: reads.flatMap(({ scope, why }) => [
      { reference: reference(scope), why },
      ...(gateOnly ? [{ reference: reference(scope, ofTests), why: `${why}: the tests alone` }] : [])
    ]),
    write:
      'scope' in write
        ? { reference: reference(write.scope), retry: reference(write.scope, build, 'retry'), why: write.why }
        : write
  }
}

/** A cache that cannot be written is a warning, never a failed build; backends without the attribute ignore it. */
function neverFatal(cacheTo: string): string {
  if (isInlineCache(cacheTo) || /(^|,)ignore-error=/.test(cacheTo)) return cacheTo
  const attributes = isShortCache(cacheTo) ? `type=registry,ref=${cacheTo}` : cacheTo
  return `${attributes},ignore-error=true`
}

/** The stages as a readable part of the tag; none where only the last stage is built. */
function stagesPart({ tests, target }: Build): readonly string[] {
  const stages = [...tests, ...(target === '' ? [] : [target])]
  return stages.length === 0 ? [] : [slug(stages.join('-'), 40)]
}

/**
 * Sixteen hexadecimal digits that differ for another branch or pull request, another repository and another build: what is
 * readable of them is shortened and cleaned, and could be made to look alike. An explicit `report-name` counts, since it
 * tells the legs of a matrix apart.
 */
function identity(scope: string, build: Build, repository: string): string {
  const parts = [scope, repository.toLowerCase(), ...cacheIdentity(build), build.cache.variant]
  return sixteenDigits(parts)
}

/** Text as a part of a registry tag (https://github.com/opencontainers/distribution-spec: `[a-zA-Z0-9_.-]`). */
function slug(text: string, longest: number): string {
  return text.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, longest)
}
