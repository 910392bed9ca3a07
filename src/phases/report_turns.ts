/**
 * A mount for test reports is one folder of the builder for all images of a run. Of what two of them leave there at once nobody
 * can tell whose it is, and whoever takes it out first takes out both: those that have one in common are built in turn.
 */
import { haveReportsInCommon } from '../mounts/mount.js'
import type { MountsSession } from '../mounts/mounts.js'
import { Cancelled, type Log } from '../ports.js'

type Reporting = {
  readonly build: { readonly name: string }
  readonly mounts: Pick<MountsSession, 'reportIDs' | 'reports'> | undefined
}

/** Does something for an image when the test reports of those before it have been taken out. */
type InTurn<Image> = <T>(
  image: Image,
  side: { readonly log: Pick<Log, 'info'>; readonly unwanted: AbortSignal },
  build: () => Promise<T>
) => Promise<T>

/** The turns of some images, which are begun in their order. */
export function reportTurns<Image extends Reporting>(images: readonly Image[]): InTurn<Image> {
  const ends = new Map(images.map((image) => [image, Promise.withResolvers<void>()]))
  return async (image, { log, unwanted }, build) => {
    const own = image.mounts?.reportIDs ?? []
    const before = images
      .slice(0, images.indexOf(image))
      .filter(({ mounts }) => haveReportsInCommon(mounts?.reportIDs ?? [], own))
    if (before.length > 0) {
      const names = before.map((other) => other.build.name).join(', ')
      log.info(`${image.build.name} is built after ${names}: their test reports may be in one cache mount.`)
      await Promise.all(before.flatMap((other) => ends.get(other)?.promise ?? []))
      if (unwanted.aborted) throw new Cancelled()
    }
    try {
      return await build()
    } finally {
      const read = image.mounts?.reports() ?? Promise.resolve()
      void read.then(() => ends.get(image)?.resolve())
    }
  }
}
