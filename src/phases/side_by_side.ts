/** Images of one run that are built side by side, until all of them are there or one of them is red. */
import { inTurns } from '../adapters/held_log.js'
import type { Log, Ports } from '../ports.js'
import { inParallel } from '../registry/parallel.js'

/** What the build of one of them is given. */
export type Side = {
  /** Its part of the log. */
  readonly log: Log
  /** It is not wanted any more: another one is red, or the run is cancelled. */
  readonly unwanted: AbortSignal
  /** Told when this one is red, before what it has built is kept for the next run. It fails then. */
  readonly onRed: () => void
}

/**
 * Builds some at a time, each in its part of the log. The first that is red ends the others: this rejects with what it failed
 * with, when all have come to rest.
 */
export async function sideBySide<Image extends { readonly turn: () => void }, Built>(
  images: readonly Image[],
  { log, signal }: Pick<Ports, 'log' | 'signal'>,
  build: (image: Image, side: Side) => Promise<Built>
): Promise<readonly Built[]> {
  const ended = new AbortController()
  const built = new Map<Image, Built>()
  let red: Image | undefined
  const turnRed = (image: Image): void => {
    red ??= image
    ended.abort()
  }
  await inParallel(inTurns(log, images), signal, async ({ item: image, log, done }, stop) => {
    const unwanted = AbortSignal.any([stop, ended.signal])
    try {
      built.set(image, await build(image, { log, unwanted, onRed: () => turnRed(image) }))
    } catch (error) {
      turnRed(image)
      // However another one ends, it is ended for the sake of the first, which fails as well.
      if (red !== image) return
      image.turn()
      throw error
    } finally {
      await done()
    }
  })
  // What leaves is all of them, or none: whatever may have become of one that is missing.
  if (built.size < images.length) throw new Error('an image was not built, and nothing has said why')
  return images.flatMap((image) => built.get(image) ?? [])
}
