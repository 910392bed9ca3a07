import type { PlacedHit } from '../scan.js'
import type { FileTree } from '../tree.js'
import type { Digest } from '../digest.js'
import { groupHits, type LeakFinding, type LeakPlace } from './findings.js'

/** Findings in layers: the hits of each file together, with the layer and whether a container still sees the file. */
export function layerFindings(
  { paths, overlay, scans }: FileTree,
  layers: readonly { readonly digest: Digest; readonly createdBy: string | undefined }[],
  redact: (text: string) => string
): readonly LeakFinding[] {
  return scans.flatMap((scan, index) => {
    const { digest, createdBy } = layers[index]!
    const places = new Map<string, PlacedHit[]>()
    for (const hit of scan.hits) {
      const key = `${placeOf(hit)} ${hit.path} ${hit.entry}`
      const place = places.get(key)
      if (place === undefined) places.set(key, [hit])
      else place.push(hit)
    }
    return [...places.values()].flatMap((hits) => {
      const { path, entry } = hits[0]!
      const place: LeakPlace = {
        in: placeOf(hits[0]!),
        layer: { index, digest, createdBy },
        path: path === 0 ? '' : redact(paths.format(path)),
        live: entry !== 0 && overlay.live[path] === entry
      }
      return groupHits(hits.map(({ hit }) => hit)).map((leak) => ({ ...leak, place }))
    })
  })
}

function placeOf({ entry, path, inName }: PlacedHit): 'file' | 'name' | 'outside' {
  if (path === 0) return 'outside'
  return inName || entry === 0 ? 'name' : 'file'
}
