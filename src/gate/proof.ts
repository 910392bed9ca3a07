/**
 * The proof that the image is what was tested. One bake call makes it so: what image and test share is one vertex, with one
 * exception. Of a folder on the runner each may have a reading of its own (readings.ts). They are the same as long as nothing
 * that both read has changed since the call began.
 */
import path from 'node:path'
import type { Provenance } from '../buildkit/provenance.js'
import type { Load } from '../core/progress.js'
import type { Step } from '../core/step.js'
import { isWithin } from './links.js'
import { wasDone, type FindContext, type Reading } from './readings.js'
import type { FindWritten } from './written.js'

/** What image and test were built from, and when that began. */
export type Evidence = {
  readonly steps: readonly Step[]
  readonly loads: readonly Load[]
  /** The bake targets that each vertex was built for. */
  readonly builtFor: ReadonlyMap<string, readonly string[]>
  readonly targets: { readonly image: string; readonly test: string }
  readonly provenance: { readonly image: Provenance; readonly test: Provenance }
  readonly contextOf: FindContext
  /** All of the call, by `findReadings`. */
  readonly readings: readonly Reading[]
  /** Finds what was written since the start of the call. */
  readonly findWritten: FindWritten
}

/** What an image and a test disagree on, or why that is not known, as a clause. */
export type Agreement =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly cause: string }
  | { readonly kind: 'unsure'; readonly why: string }

/** Holds an image and a test against each other. */
export async function compareBuilds(evidence: Evidence): Promise<Agreement> {
  const split = findSplitSteps(evidence)
  const names = new Set(split.map(({ name }) => name))
  const readers = new Set(evidence.readings.flatMap((reading) => reading.readers))
  const isExplained = (step: Step): boolean =>
    readers.has(step.vertex) || (step.inputs ?? []).some((input) => names.has(input))
  const odd = split.find((step) => !isExplained(step))
  if (odd !== undefined) return different(`the step ${odd.name} was built twice, from different inputs`)
  const { changed, isWhole } = await findChanged(evidence)
  if (changed !== undefined) return different(`${changed} changed while the build ran`)
  const material = findOtherMaterial(evidence.provenance.image, evidence.provenance.test)
  if (material !== undefined) return different(material)
  if (!isWhole)
    return { kind: 'unsure', why: 'the context has too many files, or too many that changed, to look at each' }
  const unknown = findUnknownLoad(evidence)
  return unknown === undefined ? { kind: 'same' } : { kind: 'unsure', why: `it is not known where ${unknown} lies` }
}

function different(cause: string): Agreement {
  return { kind: 'different', cause }
}

/** Steps of both that have one vertex for the image and another for the test. */
function findSplitSteps({ steps, builtFor, targets }: Evidence): readonly Step[] {
  return [...Map.groupBy(steps.filter(wasDone), ({ name }) => name).values()].flatMap((own) => {
    const of = (target: string): readonly Step[] =>
      own.filter(({ vertex }) => builtFor.get(vertex)?.includes(target) === true)
    const [forImage, forTest] = [of(targets.image), of(targets.test)]
    const isShared = forImage.length === 0 || forTest.length === 0 || forImage.some((step) => forTest.includes(step))
    return isShared ? [] : forImage
  })
}

/** What image or test alone have read of a folder that is not known. */
function findUnknownLoad({ loads, builtFor, targets, contextOf }: Evidence): string | undefined {
  const own = loads.find((load) => {
    const readers = builtFor.get(load.vertex) ?? []
    return readers.includes(targets.image) !== readers.includes(targets.test) && contextOf(load) === undefined
  })
  if (own === undefined) return undefined
  return own.context === undefined ? 'the build context' : `the context "${own.context}"`
}

/** The first of the files and folders that changed since the call began, and of which image and test have a reading each. */
async function findChanged(
  evidence: Evidence
): Promise<{ readonly changed?: string | undefined; readonly isWhole: boolean }> {
  const { targets, contextOf, findWritten, readings } = evidence
  const isOf = ({ targets }: Reading, target: string): boolean => targets.includes(target)
  const pairs = readings
    .filter((one) => isOf(one, targets.image))
    .flatMap((one) =>
      readings
        .filter((other) => other.vertex !== one.vertex && isOf(other, targets.test))
        // What both have of both is the same in the test and in the image.
        .filter((other) => !isOf(one, targets.test) || !isOf(other, targets.image))
        .map((other) => [one, other] as const)
    )
  const shared = pairs.flatMap(([{ places: own }, { places: theirs }]) => [
    ...within(own, theirs),
    ...within(theirs, own)
  ])
  if (shared.length === 0) return { isWhole: true }
  const { places, isWhole } = await findWritten([...new Set(shared)])
  for (const place of places) {
    for (const pair of pairs) {
      const [isRead, isTested] = [await reads(pair[0], place), await reads(pair[1], place)]
      if (isRead && isTested)
        return { changed: shownIn(contextOf({})?.folder ?? pair[0].context.folder, place), isWhole }
    }
  }
  return { isWhole }
}

/** Whether a reading has a place in it, and BuildKit does not pass it over. */
async function reads({ context: { folder, loadIgnored }, places }: Reading, place: string): Promise<boolean> {
  if (within([place], places).length === 0) return false
  const isIgnored = await loadIgnored?.()
  return isIgnored?.(path.relative(folder, place)) !== true
}

/** As the workflow would write it: relative to the context, or with its whole path where it lies elsewhere. */
function shownIn(context: string, place: string): string {
  return isWithin(place, context) ? path.relative(context, place) : place
}

/** Those of some places that are, or lie in, one of others. */
function within(places: readonly string[], others: readonly string[]): readonly string[] {
  return places.filter((place) => others.some((other) => isWithin(place, other)))
}

/** Something that both were built from, and that changed between them. */
function findOtherMaterial(image: Provenance, test: Provenance): string | undefined {
  for (const [uri, digest] of image.materials) {
    const other = test.materials.get(uri)
    if (other !== undefined && other !== digest) return `${uri} was ${other} for the tests and ${digest} for the image`
  }
  return undefined
}
