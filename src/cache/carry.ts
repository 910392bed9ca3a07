/**
 * Pushing a searched cache: the very files that were searched go to the registry, so that nothing else can, and BuildKit
 * need not write it a second time. What lies in a layer that needed no search comes from the image beside it, or is in the
 * registry already; where it is neither, BuildKit has to do it.
 */
import { ImageError } from '../image/index.js'
import { cacheReference } from '../inputs/cache_value.js'
import { Cancelled, type Ports } from '../ports.js'
import { readPartialContent, type LocalBlob, type PartialContent } from '../registry/content.js'
import { pushImages } from '../registry/push.js'
import type { CacheLayers } from './layers.js'
import { seesAsBuilder, type Near } from './near.js'
import { isPlannedExport } from './plan.js'

/** What pushing a cache from the runner takes. */
export type Carrying = Near & {
  /** Layers of the image, where they lie. */
  readonly layers: readonly LocalBlob[]
  /** References of images whose layers the cache may share. */
  readonly mountFrom: readonly string[]
}

/**
 * Pushes the cache in a layout to all its references. Throws `Cancelled`.
 * @param to values of `--cache-to`
 * @returns its layers; 'late' where the time is up, `undefined` where not all of it could be pushed, or not everywhere
 */
export async function carryCache(
  ports: Pick<Ports, 'exec' | 'log' | 'signal'>,
  layout: string,
  { to, limitSeconds, ...carrying }: Carrying & { readonly to: readonly string[]; readonly limitSeconds: number }
): Promise<CacheLayers | 'late' | undefined> {
  const references = to.map(cacheReference)
  if (!to.every(isPlannedExport) || !references.every((each) => seesAsBuilder(carrying, each))) return undefined
  const cache = await readCache(layout, carrying.layers)
  if (cache === undefined) return undefined
  const signal = AbortSignal.any([ports.signal, AbortSignal.timeout(limitSeconds * 1000)])
  const { env, mountFrom } = carrying
  // BuildKit tries it again, should it fail.
  const { ok, problem } = await pushImages(
    { exec: ports.exec, signal },
    { env, attempts: 2, images: [{ content: cache.content, references, mountFrom }] }
  )
  if (ports.signal.aborted) throw new Cancelled()
  if (!ok && signal.aborted) return 'late'
  if (problem !== undefined) ports.log.debug(`The layer cache was not pushed from here: ${problem.message}`)
  return ok ? cache.layers : undefined
}

/** The cache in a layout as it is pushed; `undefined` for one in BuildKit's older form, an index of layers. */
async function readCache(
  layout: string,
  others: readonly LocalBlob[]
): Promise<{ readonly content: PartialContent; readonly layers: CacheLayers } | undefined> {
  try {
    const elsewhere = new Map(others.map(({ digest, file }) => [digest, file]))
    const content = await readPartialContent(layout, elsewhere)
    if (content.root.part !== 'manifest') return undefined
    const layers = content.blobs.filter(({ layer }) => layer)
    // What had to be searched lies in the layout itself and is new: no other repository is asked for it.
    const blobs = content.blobs.map((blob) => ({
      ...blob,
      layer: blob.layer && blob.file === elsewhere.get(blob.digest)
    }))
    return {
      content: { ...content, blobs },
      layers: new Map(layers.map(({ digest, size }) => [digest, size]))
    }
  } catch (error) {
    if (error instanceof ImageError) return undefined
    throw error
  }
}
