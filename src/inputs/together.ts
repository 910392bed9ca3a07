/** What the images of one step may not have in common, since the last of them would take the place of the others. */
import path from 'node:path'
import { readFields } from '../core/csv.js'
import type { InputProblem } from '../core/problem.js'
import { canonicalName } from '../core/reference.js'
import { cacheReference, cacheType, isInlineCache, isRegistryCache } from './cache_value.js'
import type { Inputs } from './inputs.js'
import { namesToLeave } from './outputs.js'

/** An image of several, with what is asked of it. */
export type NamedInputs = {
  readonly name: string
  readonly inputs: Pick<Inputs, 'tags' | 'outputs' | 'cacheTo' | 'compareTo'>
}

/** Something that an image has, and that must be its own. */
type Claim = {
  readonly image: string
  /** As it was written. */
  readonly value: string
  /** The same for all ways of writing it. */
  readonly place: string
}

/** Names and places that two images would have, and an image that all of them would be compared with. */
export function findShared(images: readonly NamedInputs[]): readonly InputProblem[] {
  const refuse = (input: string, { who, value }: Shared): InputProblem => ({
    input,
    problem: `the images ${who} would all have "${value}"`,
    fix: `Give each target ${input} of its own in the bake file, or name one of them in bake-targets if they are one image.`
  })
  const files = images.flatMap(({ name, inputs }) =>
    inputs.outputs.flatMap(({ dest, text, isFolder }) =>
      dest === undefined ? [] : [{ image: name, value: text, place: path.resolve(dest), isFolder }]
    )
  )
  const inside = files.flatMap(({ image, value, place }) => {
    const around = files.find((other) => other.image !== image && other.isFolder && place.startsWith(`${other.place}/`))
    if (around === undefined) return []
    const problem = `the output "${value}" of "${image}" lies in the folder of "${around.image}"`
    return [{ input: 'outputs', problem, fix: 'Give each target outputs of its own in the bake file.' }]
  })
  return [
    ...sharedOf(images.flatMap(namesOf)).map((shared) => refuse(shared.input, shared)),
    ...sharedOf(files).map((shared) => refuse('outputs', shared)),
    ...inside,
    ...findOneForAll(images)
  ]
}

/** The step names one image, and cannot mean it of several. */
function findOneForAll([first, ...others]: readonly NamedInputs[]): readonly InputProblem[] {
  if (first?.inputs.compareTo.kind !== 'image' || others.length === 0) return []
  const { reference } = first.inputs.compareTo
  const problem = `"${reference}" is one image, and cannot be what ${others.length + 1} images are compared with`
  return [{ input: 'compare-to', problem, fix: 'Leave it out: each is compared with what the base branch has of it.' }]
}

/** Caches that two images would write. That costs time and nothing else, so it is a note. */
export function tellSharedCaches(images: readonly NamedInputs[]): readonly string[] {
  const written = images.flatMap(({ name, inputs }) =>
    inputs.cacheTo
      .filter((value) => !isInlineCache(value))
      .map((value): Claim => ({ image: name, value: cacheReference(value), place: placeOfCache(value) }))
  )
  return sharedOf(written).map(
    ({ who, value }) =>
      `The images ${who} all write the cache "${value}", and only what the last of them writes is kept. Give each target a cache-to of its own, or use cache-image, which has one for each.`
  )
}

type Shared<Of extends Claim = Claim> = Of & { readonly who: string }

/** The first of those that have one place, with the images that they are of. */
function sharedOf<Of extends Claim>(claims: readonly Of[]): readonly Shared<Of>[] {
  return [...Map.groupBy(claims, ({ place }) => place).values()].flatMap((those) => {
    const who = [...new Set(those.map(({ image }) => `"${image}"`))]
    const [first] = those
    return first === undefined || who.length < 2 ? [] : [{ ...first, who: who.join(', ') }]
  })
}

/** What is pushed by digest has a repository, and no name in it. */
function namesOf({ name: image, inputs }: NamedInputs): readonly (Claim & { readonly input: string })[] {
  return namesToLeave(inputs)
    .filter(({ entry }) => entry?.pushByDigest !== true)
    .map(({ input, name }) => ({ image, input, value: name, place: canonicalName(name) ?? name }))
}

/** The type of a cache, and what tells it from another of the type. */
function placeOfCache(value: string): string {
  if (isRegistryCache(value)) return `registry ${canonicalName(cacheReference(value)) ?? cacheReference(value)}`
  const where = readFields(value).filter((field) => /^(?:dest|scope|name|bucket|prefix)=/.test(field))
  return [cacheType(value), ...where.sort()].join(' ')
}
