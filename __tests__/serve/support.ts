/** A small image on disk, as the parts that are served. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Digest } from '../../src/image/index.js'
import type { Shelf, ShelfDocument } from '../../src/serve/shelf.js'
import { layoutOf, temporaryFolder, writeFiles, type ImageInput } from '../image/support/image-builder.js'

export const twoPlatforms: readonly ImageInput[] = [
  { layers: [{ entries: [{ path: 'a.txt', content: Buffer.from('one') }] }], statements: [{ predicate: {} }] },
  { layers: [{ entries: [{ path: 'a.txt', content: Buffer.from('two') }] }], architecture: 'arm64' }
]

export type OnDisk = AsyncDisposable & {
  readonly folder: string
  readonly shelf: Shelf
  /** Digests of the images' manifests, in their order. */
  readonly manifests: readonly Digest[]
}

export async function imageOnDisk(images: readonly ImageInput[] = twoPlatforms): Promise<OnDisk> {
  const { path: folder, ...disposable } = await temporaryFolder()
  await writeFiles(folder, layoutOf(images))
  const blobs = await Promise.all(
    (await readdir(path.join(folder, 'blobs/sha256'))).map(async (hex) => {
      const file = path.join(folder, 'blobs/sha256', hex)
      const { size } = await stat(file)
      return { digest: `sha256:${hex}` as Digest, size, file: { path: file, offset: 0, size } }
    })
  )
  const documents = (
    await Promise.all(
      blobs.map(async ({ digest, file }): Promise<ShelfDocument[]> => {
        const bytes = await readFile(file.path)
        const text = bytes.toString('latin1')
        if (!text.startsWith('{"schemaVersion"')) return []
        const kind = text.includes('"manifests"') ? 'index' : 'manifest'
        return [{ digest, bytes, mediaType: `application/vnd.oci.image.${kind}.v1+json` }]
      })
    )
  ).flat()
  const root = documents.find(({ mediaType }) => mediaType.includes('index'))
  if (root === undefined) throw new Error('the layout has no index')
  const index = JSON.parse(root.bytes.toString()) as { manifests: { digest: Digest; platform: { os: string } }[] }
  return {
    ...disposable,
    folder,
    shelf: {
      root,
      documents,
      blobs: blobs.filter(({ digest }) => !documents.some((document) => document.digest === digest))
    },
    manifests: index.manifests.filter(({ platform }) => platform.os !== 'unknown').map(({ digest }) => digest)
  }
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
