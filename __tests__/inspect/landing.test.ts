/** A layout is read while its builder writes it, as containerd's content store does. */
import { expect, test } from '@jest/globals'
import { appendFile, mkdir, readdir, readlink, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { openInspector } from '../../src/inspect/inspect.js'
import { watchBlobs } from '../../src/inspect/landing.js'
import { layoutOf, temporaryFolder, type ImageInput } from '../image/support/image-builder.js'
import { seeded } from '../image/support/random.js'
import { file } from '../image/support/tar-builder.js'

const SECRET = 'ghp_0123456789abcdef'
const random = seeded(3).bytes(60_000).toString('hex')
const image: ImageInput = { layers: [{ entries: [file('a', `${random}${SECRET}${random}`)] }] }

/** What is being written has a folder: its name, its size, its bytes so far. */
type Ingest = { readonly write: (bytes: Buffer) => Promise<void>; readonly commit: () => Promise<void> }

async function openIngest(layout: string, digest: string, kind: string, size: number): Promise<Ingest> {
  const folder = path.join(layout, 'ingest', digest.slice(-8))
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'data'), '')
  await writeFile(path.join(folder, 'ref'), `${kind}-${digest}`)
  await writeFile(path.join(folder, 'total'), String(size))
  return {
    write: (bytes) => appendFile(path.join(folder, 'data'), bytes),
    async commit() {
      await mkdir(path.join(layout, 'blobs', 'sha256'), { recursive: true })
      await rename(path.join(folder, 'data'), path.join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length)))
      await rm(folder, { recursive: true })
    }
  }
}

/** Resolves when this process reads something that is being written. */
async function untilOpened(layout: string): Promise<void> {
  for (let look = 0; look < 2000; look++) {
    const open = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
    )
    if (open.some((place) => place.startsWith(path.join(layout, 'ingest')))) return
    await setTimeout(5)
  }
  throw new Error('nobody reads it')
}

/** The layers of a layout and its documents, by digest. */
function partsOf(files: ReadonlyMap<string, Buffer>) {
  const blobs = [...files].flatMap(([name, bytes]) => {
    const digest = /^blobs\/sha256\/(.+)$/.exec(name)?.[1]
    return digest === undefined ? [] : [{ digest: `sha256:${digest}`, bytes }]
  })
  const isLayer = ({ bytes }: { readonly bytes: Buffer }): boolean => bytes[0] === 0x1f
  return { layers: blobs.filter(isLayer), documents: blobs.filter((blob) => !isLayer(blob)) }
}

test('a layer is told while it is written, a document when it is there, each once', async () => {
  await using folder = await temporaryFolder()
  const layout = path.join(folder.path, 'image')
  const { layers, documents } = partsOf(layoutOf([image]))
  const told: string[] = []
  const stopping = new AbortController()
  const watching = watchBlobs(layout, stopping.signal, (digest, blob) => {
    told.push(`${'later' in blob ? 'growing' : 'complete'} ${digest} ${blob.size}`)
  })
  await setTimeout(30) // nothing is there yet
  const [layer] = layers
  const ingest = await openIngest(layout, layer!.digest, 'layer', layer!.bytes.length)
  await openIngest(layout, `sha256:${'0'.repeat(64)}`, 'manifest', 10)
  await openIngest(layout, 'sha256:odd', 'layer', 10)
  const until = async (count: number): Promise<void> => {
    for (let look = 0; look < 1000 && told.length < count; look++) await setTimeout(5)
  }
  await until(1)
  expect(told).toEqual([`growing ${layer!.digest} ${layer!.bytes.length}`])
  await ingest.write(layer!.bytes)
  await ingest.commit()
  await until(2)
  const [document] = documents
  await writeFile(path.join(layout, 'blobs', 'sha256', document!.digest.slice(7)), document!.bytes)
  await until(3)
  await setTimeout(50)
  stopping.abort()
  await watching
  expect(told.slice(1)).toEqual([
    `complete ${layer!.digest} ${layer!.bytes.length}`,
    `complete ${document!.digest} ${document!.bytes.length}`
  ])
})

test('what was read while it was written is not read again', async () => {
  await using folder = await temporaryFolder()
  const layout = path.join(folder.path, 'image')
  const files = layoutOf([image])
  const { layers, documents } = partsOf(files)
  const [layer] = layers
  using inspector = openInspector(
    { signal: new AbortController().signal },
    { sensitive: [{ id: 'token', kind: 'secret', value: SECRET }] }
  )
  inspector.expect({ path: layout })
  const { bytes, digest } = layer!
  const ingest = await openIngest(layout, digest, 'layer', bytes.length)
  await ingest.write(bytes.subarray(0, 50_000))
  await untilOpened(layout)
  await ingest.write(bytes.subarray(50_000))
  await ingest.commit()
  // Only a second reading would find this.
  const blob = path.join(layout, 'blobs', 'sha256', digest.slice(7))
  await rm(blob)
  await writeFile(blob, Buffer.alloc(bytes.length))
  for (const document of documents) {
    await writeFile(path.join(layout, 'blobs', 'sha256', document.digest.slice(7)), document.bytes)
  }
  await writeFile(path.join(layout, 'index.json'), files.get('index.json')!)
  inspector.begin({ path: layout })
  const { analyses } = await inspector.conclude([{ path: layout, provenance: [] }])
  expect(analyses[0]?.leaks).toHaveLength(1)
})

test('an image whose builder gave up on a first try is read all the same', async () => {
  await using folder = await temporaryFolder()
  const files = layoutOf([image])
  const { layers, documents } = partsOf(files)
  using inspector = openInspector(
    { signal: new AbortController().signal },
    { sensitive: [{ id: 'token', kind: 'secret', value: SECRET }] }
  )
  const layout = path.join(folder.path, 'image')
  inspector.expect({ path: layout })
  // A layer that is no image's in the end.
  const other = partsOf(layoutOf([{ layers: [{ entries: [file('b', random)] }] }])).layers[0]!
  for (const { digest, bytes } of [other, ...layers]) {
    const ingest = await openIngest(layout, digest, 'layer', bytes.length)
    await ingest.write(bytes)
    await setTimeout(50)
    await ingest.commit()
  }
  for (const document of documents) {
    await writeFile(path.join(layout, 'blobs', 'sha256', document.digest.slice(7)), document.bytes)
  }
  await writeFile(path.join(layout, 'index.json'), files.get('index.json')!)
  const { analyses } = await inspector.conclude([{ path: layout, provenance: [] }])
  expect(analyses[0]?.leaks).toHaveLength(1)
})
