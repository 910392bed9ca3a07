/**
 * Other targets of a bake file that a build starts or copies from: named contexts that say `target:NAME`. They are handed back to
 * bake as it has resolved them, and are built in the same call as what needs them.
 * https://docs.docker.com/build/bake/contexts/#use-another-target-as-base
 */
import { asObject } from './json.js'
import { splitPairs } from './pair.js'
import type { Source } from './source.js'

/** One of them. */
export type LinkedTarget = {
  /** In the file. */
  readonly name: string
  readonly source: Source
  /** As bake has them, with absolute paths. What it is given, and what it would publish, is not among them. */
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What links a build to other targets. */
export type Links = {
  /** `NAME=target:TARGET`, as in `build-contexts`. */
  readonly contexts: readonly string[]
  /** All that these contexts lead to, directly or not; each behind those that it needs itself. */
  readonly targets: readonly LinkedTarget[]
}

/** Of a build that stands by itself. */
export const noLinks: Links = { contexts: [], targets: [] }

const SCHEME = 'target:'

/** The target that a named context stands for; `undefined` where it is none. */
export function linkedName(place: string): string | undefined {
  return place.startsWith(SCHEME) ? place.slice(SCHEME.length) : undefined
}

/**
 * How the steps of a linked target are told from those of the build's own stages: by the target, and by their stage in it.
 * @param stage absent in a Dockerfile with one stage
 */
export function linkedStage(target: string, stage?: string): string {
  return stage === undefined ? `${SCHEME}${target}` : `${SCHEME}${target}:${stage}`
}

/** What `linkedStage` was made of; `undefined` for a stage of the build's own. */
export function readLinkedStage(shown: string): { readonly target: string; readonly stage?: string } | undefined {
  const [, target, stage] = /^target:([^:]+)(?::(.+))?$/.exec(shown) ?? []
  return target === undefined ? undefined : { target, ...(stage === undefined ? {} : { stage }) }
}

/** Whether a step is one of a linked target: its line is in another Dockerfile than the build's own. */
export function isLinkedStep({ stage }: { readonly stage?: string }): boolean {
  return stage?.startsWith(SCHEME) === true
}

/** Build arguments of a linked target, `NAME=VALUE`. */
export function argumentsOf({ attributes }: Pick<LinkedTarget, 'attributes'>): readonly string[] {
  return Object.entries(asObject(attributes.args) ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name}=${value}`] : []
  )
}

/** The target with other build arguments. */
export function withArguments(target: LinkedTarget, buildArgs: readonly string[]): LinkedTarget {
  const args = Object.fromEntries(splitPairs(buildArgs))
  return { ...target, attributes: { ...target.attributes, args } }
}
