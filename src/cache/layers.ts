/** What a registry holds under a cache reference. */
import { planManifest, type BuildBase } from '../buildkit/command.js'
import { asArray, asNumber, asString, dig, parseJSON } from '../core/json.js'
import { repositoryAt } from '../registry/address.js'
import { readManifest } from '../registry/manifest.js'
import { quickly, type Asking } from '../registry/quickly.js'
import { seesAsBuilder, type Near } from './near.js'

/** Compressed bytes of each layer, by its digest. */
export type CacheLayers = ReadonlyMap<string, number>

const LIMIT_SECONDS = 20

/** Reads the layers of a cache reference; `undefined` where the registry or the text of its answer does not tell. */
export async function readCacheLayers(
  asking: Asking,
  base: Pick<BuildBase, 'builder'>,
  reference: string,
  near: Near
): Promise<CacheLayers | undefined> {
  const repository = repositoryAt(reference)
  if (repository !== undefined && seesAsBuilder(near, reference)) {
    const name = repository.digest ?? repository.tag
    const read = await quickly(asking, near.env, LIMIT_SECONDS, (client) => readManifest(client, repository, name))
    if (typeof read === 'object' && 'bytes' in read) return parseCacheLayers(read.bytes.toString())
  }
  if (asking.signal?.aborted === true) return undefined
  // The builder's client may know the registry better: where it speaks no TLS, or has a certificate of its own.
  const { exitCode, stdout } = await asking.exec(planManifest(base, reference), { timeoutSeconds: LIMIT_SECONDS })
  return exitCode === 0 ? parseCacheLayers(stdout) : undefined
}

/** The layers in a cache's manifest. In its older form the layers stand in an index, as if they were images. */
function parseCacheLayers(text: string): CacheLayers | undefined {
  const manifest = parseJSON(text)
  const layers = dig(manifest, 'layers') ?? dig(manifest, 'manifests')
  if (!Array.isArray(layers)) return undefined
  return new Map(
    asArray(layers).flatMap((layer) => {
      const digest = asString(dig(layer, 'digest'))
      return digest === undefined ? [] : [[digest, asNumber(dig(layer, 'size')) ?? 0]]
    })
  )
}
