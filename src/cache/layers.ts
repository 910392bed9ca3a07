/** What a registry holds under a cache reference. */
import { planManifest, type BuildBase } from '../buildkit/command.js'
import type { Ports } from '../ports.js'
import { asArray, asNumber, asString, dig, parseJSON } from '../core/json.js'

/** Compressed bytes of each layer, by its digest. */
export type CacheLayers = ReadonlyMap<string, number>

/** Reads the layers of a cache reference; `undefined` where the registry or the text of its answer does not tell. */
export async function readCacheLayers(
  ports: Pick<Ports, 'exec'>,
  base: Pick<BuildBase, 'builder'>,
  reference: string
): Promise<CacheLayers | undefined> {
  const { exitCode, stdout } = await ports.exec(planManifest(base, reference), { timeoutSeconds: 20 })
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
