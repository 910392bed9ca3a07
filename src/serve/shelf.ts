/** An inspected image as the parts that a registry, a layout or an archive is made of. */
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import type { Digest, FileRange } from '../image/index.js'

/** A manifest or an index, byte for byte. */
export type ShelfDocument = { readonly mediaType: string; readonly digest: Digest; readonly bytes: Buffer }

/** A config or a layer, where it lies. */
export type ShelfBlob = { readonly digest: Digest; readonly size: number; readonly file: FileRange }

/** All of one image; what the registry room reads from layouts, and pushes, has this shape. */
export type Shelf = {
  /** What will be published under the tags. */
  readonly root: ShelfDocument
  /** Further members of its descriptor. */
  readonly described?: { readonly platform?: object; readonly annotations?: object }
  readonly documents: readonly ShelfDocument[]
  readonly blobs: readonly ShelfBlob[]
}

/** One platform's image by itself. */
export type SingleImage = {
  readonly manifest: ShelfDocument
  readonly config: ShelfBlob
  readonly layers: readonly (ShelfBlob & { readonly mediaType: string })[]
}

/** The image whose manifest has this digest; `undefined` where the shelf lacks it or a part of it. */
export function singleImage({ root, documents, blobs }: Shelf, digest: string): SingleImage | undefined {
  const manifest = [root, ...documents].find((document) => document.digest === digest)
  if (manifest === undefined) return undefined
  const json = parseJSON(manifest.bytes.toString('utf8'))
  const find = (value: unknown): ShelfBlob | undefined => blobs.find((blob) => blob.digest === dig(value, 'digest'))
  const config = find(dig(json, 'config'))
  const layers = asArray(dig(json, 'layers')).map((layer) => {
    const blob = find(layer)
    return blob === undefined ? undefined : { ...blob, mediaType: asString(dig(layer, 'mediaType')) ?? '' }
  })
  const complete = layers.filter((layer) => layer !== undefined)
  return config === undefined || complete.length < layers.length ? undefined : { manifest, config, layers: complete }
}
