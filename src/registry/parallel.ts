/** Work of which some goes on at once. */
import { Cancelled } from '../ports.js'

/** Blobs on their way at once. More are no faster, fewer are where answers take long. */
const AT_ONCE = 4

/**
 * Some at a time, each until it is done; the first that fails ends the others, which have come to rest when this rejects.
 * @param work may say by `sent` that it only waits for an answer: another one begins then, and waits no longer than for it
 */
export async function inParallel<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, stop: AbortSignal, sent: () => void) => Promise<void>
): Promise<void> {
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const rest = items.values()
  let first: { readonly error: unknown } | undefined
  const perform = async (item: T, sent: () => void): Promise<void> => {
    try {
      await work(item, stop, sent)
    } catch (error: unknown) {
      first ??= { error }
      failed.abort()
    }
  }
  const worker = async (): Promise<void> => {
    let before: Promise<void> | undefined
    for (const item of rest) {
      if (stop.aborted) break
      const { promise: sending, resolve } = Promise.withResolvers<void>()
      const done = perform(item, resolve)
      await Promise.race([sending, done])
      await before
      before = done
    }
    await before
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (first !== undefined) throw first.error
  if (signal.aborted) throw new Cancelled()
}
