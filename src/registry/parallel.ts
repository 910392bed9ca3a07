/** Work of which some goes on at once. */
import { Cancelled } from '../ports.js'

/** Blobs on their way at once. More are no faster, fewer are where answers take long. */
const AT_ONCE = 4

/** Some at a time, each until it is done; the first that fails ends the others, which have come to rest when this rejects. */
export async function inParallel<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, stop: AbortSignal) => Promise<void>
): Promise<void> {
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const rest = items.values()
  let first: { readonly error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      if (stop.aborted) return
      try {
        await work(item, stop)
      } catch (error: unknown) {
        first ??= { error }
        failed.abort()
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (first !== undefined) throw first.error
  if (signal.aborted) throw new Cancelled()
}
