/**
 * The proof that the image is what was tested. One bake call makes it so; here it is held against what the builder told: a
 * step that image and test share is one vertex, and both were built from the same bases, URLs and commit. Pure.
 */
import type { Provenance } from '../buildkit/provenance.js'
import { isWork, type Step } from '../core/step.js'

/** What an image and a test disagree on, as a clause; `undefined` where they agree. */
export function findDisagreement(
  steps: readonly Step[],
  builtFor: ReadonlyMap<string, readonly string[]>,
  targets: { readonly image: string; readonly test: string },
  provenance: { readonly image: Provenance; readonly test: Provenance }
): string | undefined {
  return findSplitStep(steps, builtFor, targets) ?? findOtherMaterial(provenance.image, provenance.test)
}

/** A step of both that was built twice: what it is made from is another for the image than for the test. */
function findSplitStep(
  steps: readonly Step[],
  builtFor: ReadonlyMap<string, readonly string[]>,
  { image, test }: { readonly image: string; readonly test: string }
): string | undefined {
  const work = steps.filter((step) => isWork(step) && step.state !== 'waiting')
  for (const [name, own] of Map.groupBy(work, ({ name }) => name)) {
    const of = (target: string): readonly string[] =>
      own.flatMap(({ vertex }) => (builtFor.get(vertex)?.includes(target) === true ? [vertex] : []))
    const [forImage, forTest] = [of(image), of(test)]
    const isShared =
      forImage.length === 0 || forTest.length === 0 || forImage.some((vertex) => forTest.includes(vertex))
    if (!isShared) return `the step ${name} was built twice, and of different things`
  }
  return undefined
}

/** Something that both were built from, and that changed between them. */
function findOtherMaterial(image: Provenance, test: Provenance): string | undefined {
  for (const [uri, digest] of image.materials) {
    const other = test.materials.get(uri)
    if (other !== undefined && other !== digest) return `${uri} was ${other} for the tests and ${digest} for the image`
  }
  return undefined
}
