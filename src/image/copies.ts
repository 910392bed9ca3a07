import { TYPE_FILE } from './entries.js'
import { largest } from './figures.js'
import type { LayerScan } from './scan.js'
import type { FileTree } from './tree.js'

/** Files that a layer brings again with the content they had below: what `chown -R`, `chmod -R` and `setcap` cost. */
export type LayerCopies = {
  readonly files: number
  /** Bytes of content shipped a second time. */
  readonly size: number
  /** Those with another owner or group. */
  readonly chown: { readonly files: number; readonly size: number }
  /** Those with another mode. A file can be both. */
  readonly chmod: { readonly files: number; readonly size: number }
  /** Those with other extended attributes, as `setcap` and `setfattr` write them; absent where there is none. */
  readonly attributes?: { readonly files: number; readonly size: number }
  /** The largest, by path. */
  readonly paths: readonly { readonly path: string; readonly size: number }[]
}

/** Compares each file of a layer with the one it replaced: same size and CRC-32 is the same content. None for no layer. */
export function copiesOf({ paths, entries, overlay }: FileTree, scan: LayerScan | undefined): LayerCopies {
  const all = { files: 0, size: 0 }
  const chown = { files: 0, size: 0 }
  const chmod = { files: 0, size: 0 }
  const attributes = { files: 0, size: 0 }
  const list = largest(5)
  for (const entry of scan?.entries ?? []) {
    const below = overlay.replaced[entry]!
    const before = overlay.content[below]!
    const size = entries.size[entry]!
    if (before === 0 || size === 0 || entries.type[entry] !== TYPE_FILE) continue
    if (entries.size[before] !== size || entries.crc[before] !== entries.crc[entry]) continue
    add(all, size)
    if (entries.uid[entry] !== entries.uid[below] || entries.gid[entry] !== entries.gid[below]) add(chown, size)
    if (entries.mode[entry] !== entries.mode[below]) add(chmod, size)
    if (entries.attributes[entry] !== entries.attributes[below]) add(attributes, size)
    list.offer(entry, size)
  }
  const largestCopies = list
    .items()
    .map((entry) => ({ path: paths.format(entries.path[entry]!), size: entries.size[entry]! }))
  return { ...all, chown, chmod, ...(attributes.files === 0 ? {} : { attributes }), paths: largestCopies }
}

function add(sum: { files: number; size: number }, size: number): void {
  sum.files++
  sum.size += size
}
