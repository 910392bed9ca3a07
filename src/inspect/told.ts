/** By which digests a builder knows the layers of an image: an exporter may write them anew, and tells nobody. */
import type { Provenance } from '../buildkit/provenance.js'
import type { ImageLayer } from '../image/index.js'

/**
 * The digests of an image's layers as its provenance has them. With `rewrite-timestamp` they are not those of the image:
 * BuildKit changes the times in the layers as it exports them, one by one, when the provenance is written already. So they
 * are those of the result that the image was made of, if that has as many.
 * @param own the image's own provenance: a test's result may have as many layers
 */
export function toldDigests(layers: readonly ImageLayer[], own: Provenance | undefined): readonly string[] {
  const { result } = own ?? {}
  return result?.length === layers.length ? result : layers.map(({ descriptor }) => descriptor.digest)
}
