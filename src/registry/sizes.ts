/**
 * What a registry tells of its images without sending them: which tags there are, and how much a pull of one transfers.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 */
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import {
  ImageError,
  parseJSONObject,
  platformName,
  readDocument,
  transferBytes,
  type Platform
} from '../image/index.js'
import { nextPage } from '../core/link.js'
import type { Repository } from './address.js'
import { resolveLocation, type RegistryClient } from './client.js'
import { readManifest } from './manifest.js'

/** Compressed bytes of an image on one platform: its manifest, its config, and each of its layers once. */
export type TransferSize = {
  readonly platform: string
  /** Of the manifest. */
  readonly digest: string
  readonly bytes: number
}

const TAGS_BYTES = 4 * 2 ** 20
const MOST_PAGES = 10
const CONFIG_BYTES = 4 * 2 ** 20

/** All tags of a repository; `undefined` where the registry does not list them, or has more than are read. */
export async function listTags(client: RegistryClient, repository: Repository): Promise<readonly string[] | undefined> {
  const tags: string[] = []
  let at: string | URL | undefined = 'tags/list?n=1000'
  for (let page = 0; at !== undefined; page += 1) {
    if (page === MOST_PAGES) return undefined
    const answer = await client.ask(repository, { method: 'GET', at, actions: 'pull', limitBytes: TAGS_BYTES })
    if (answer.status !== 200) return undefined
    const listed = dig(parseJSON(answer.bytes.toString()), 'tags')
    if (!Array.isArray(listed)) return undefined
    tags.push(...asArray(listed).flatMap((tag) => asString(tag) ?? []))
    const next = nextPage(String(answer.headers.link ?? ''))
    const url = next === undefined ? undefined : resolveLocation(next, answer.url)
    at = url?.origin === answer.url.origin ? url : undefined
  }
  return tags
}

/** What a tag transfers on those of the platforms that it has; nothing where the registry does not tell. */
export async function readTransferSizes(
  client: RegistryClient,
  repository: Repository,
  tag: string,
  platforms: readonly string[]
): Promise<readonly TransferSize[]> {
  const root = await readImage(client, repository, tag)
  if (root === undefined) return []
  if (root.document.kind === 'manifest') {
    const platform = await platformOf(client, repository, root.document.config.digest)
    const named = platforms.find((name) => platform !== undefined && isSame(name, platform))
    return named === undefined ? [] : [{ platform: named, digest: root.digest, bytes: transferOf(root) }]
  }
  const { manifests } = root.document
  const sizes: TransferSize[] = []
  for (const platform of platforms) {
    const found = manifests.find((entry) => entry.platform !== undefined && isSame(platform, entry.platform))
    const image = found === undefined ? undefined : await readImage(client, repository, found.digest)
    if (image?.document.kind === 'manifest') {
      sizes.push({ platform, digest: image.digest, bytes: transferOf(image) })
    }
  }
  return sizes
}

type ReadImage = {
  readonly digest: string
  readonly document: ReturnType<typeof readDocument>
  readonly bytes: number
}

async function readImage(
  client: RegistryClient,
  repository: Repository,
  reference: string
): Promise<ReadImage | undefined> {
  const read = await readManifest(client, repository, reference)
  if ('answer' in read) return undefined
  // What is asked for by its digest is only taken for what it is.
  if (reference.startsWith('sha256:') && read.digest !== reference) return undefined
  try {
    const document = readDocument(parseJSONObject(read.bytes, reference), reference)
    return { digest: read.digest, document, bytes: read.bytes.length }
  } catch (error) {
    if (error instanceof ImageError) return undefined
    throw error
  }
}

function transferOf({ document, bytes }: ReadImage): number {
  if (document.kind !== 'manifest') return 0
  return transferBytes(bytes + document.config.size, document.layers)
}

/** A manifest that stands alone names its platform in its config only. */
async function platformOf(
  client: RegistryClient,
  repository: Repository,
  digest: string
): Promise<Platform | undefined> {
  const at = `blobs/${digest}`
  const answer = await client.ask(repository, { method: 'GET', at, actions: 'pull', limitBytes: CONFIG_BYTES })
  if (answer.status !== 200) return undefined
  const config = parseJSON(answer.bytes.toString())
  const [os, architecture] = [asString(dig(config, 'os')), asString(dig(config, 'architecture'))]
  if (os === undefined || architecture === undefined) return undefined
  return { os, architecture, variant: asString(dig(config, 'variant')), osVersion: undefined }
}

/** `linux/arm64` and `linux/arm64/v8` are one: https://github.com/containerd/platforms */
function isSame(name: string, platform: Platform): boolean {
  const plain = (text: string): string => text.replace(/\/arm64\/v8$/, '/arm64')
  return plain(name) === plain(platformName(platform))
}
