/**
 * A layout while its builder still writes it: buildx keeps its blobs in containerd's content store.
 * https://github.com/containerd/containerd/tree/main/plugins/content/local
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseJSON } from '../core/json.js'
import { blobName, isDigest, type Digest, type FileRange, type GrowingFile } from '../image/index.js'

/** Milliseconds between two looks, and how many there are: some hours. */
const LOOK_MILLISECONDS = 15
const MOST_LOOKS = 1_000_000

/** Milliseconds between two looks for the index. */
const INDEX_MILLISECONDS = 5

/** Tells layers that are being written, and blobs that are there, until `signal`; one may be told both ways. */
export async function watchBlobs(
  layout: string,
  signal: AbortSignal,
  onBlob: (digest: Digest, blob: FileRange | GrowingFile) => void
): Promise<void> {
  const seen = new Set<string>()
  for (let look = 0; look < MOST_LOOKS && !signal.aborted; look += 1) {
    for (const find of [findGrowing, findComplete]) {
      for (const [place, found] of await find(layout, seen)) {
        seen.add(place)
        if (found !== undefined) onBlob(found.digest, found.blob)
      }
    }
    await setTimeout(LOOK_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

/**
 * Waits for the index of a layout, until `signal`. buildx writes it when the builder has answered, which of an image of
 * hundreds of layers is many seconds after it has said that all is exported.
 */
export async function untilComplete(place: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await readIndex(place)) === undefined) {
    await setTimeout(INDEX_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

/** The text of a layout's index; `undefined` where it is not there in full, and empty for an archive, which has none to wait for. */
export async function readIndex(place: string): Promise<string | undefined> {
  if ((await stat(place).catch(() => undefined))?.isFile() === true) return ''
  const text = await readFile(path.join(place, 'index.json'), 'utf8').catch(() => '')
  return parseJSON(text) === undefined ? undefined : text
}

/** By name of the file or folder; undefined for one that is of no interest. */
type Found = Map<string, { readonly digest: Digest; readonly blob: FileRange | GrowingFile } | undefined>

/** A blob that has its name is complete: it is written elsewhere and renamed. */
async function findComplete(layout: string, seen: ReadonlySet<string>): Promise<Found> {
  const folder = path.join(layout, 'blobs', 'sha256')
  const found: Found = new Map()
  for (const name of await namesIn(folder, seen)) {
    const digest = `sha256:${name}`
    const file = path.join(folder, name)
    const { size } = (await stat(file).catch(() => undefined)) ?? {}
    found.set(
      name,
      size === undefined || !isDigest(digest) ? undefined : { digest, blob: { path: file, offset: 0, size } }
    )
  }
  return found
}

/** What is being written has a folder with its name and size in full before its first byte. */
async function findGrowing(layout: string, seen: ReadonlySet<string>): Promise<Found> {
  const folder = path.join(layout, 'ingest')
  const found: Found = new Map()
  for (const name of await namesIn(folder, seen)) {
    const textOf = (file: string): Promise<string> => readFile(path.join(folder, name, file), 'utf8').catch(() => '')
    const reference = await textOf('ref')
    const digest = reference.slice('layer-'.length)
    if (!reference.startsWith('layer-') || !isDigest(digest)) {
      if (reference !== '') found.set(name, undefined)
      continue
    }
    const size = Number(await textOf('total'))
    if (!Number.isSafeInteger(size) || size <= 0) continue
    const later = path.join(layout, blobName(digest))
    found.set(name, { digest, blob: { path: path.join(folder, name, 'data'), later, size } })
  }
  return found
}

async function namesIn(folder: string, seen: ReadonlySet<string>): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => !seen.has(name))
}
