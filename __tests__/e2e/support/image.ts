/** Images as a registry or an archive holds them, read without any code of ours: HTTP, gzip and tar. */
import { execFileSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { registryBlob, registryManifest, type RegistryManifest } from '../../support/engine.js'
import { sharedRegistry } from './workspace.js'

/** The manifest of the only platform behind a tag, without the attestations beside it. */
export async function imageManifest(repository: string, tag: string): Promise<RegistryManifest> {
  const manifest = await mustHave(repository, tag)
  if (manifest.config !== undefined) return manifest
  const [image, ...more] = manifest.manifests.filter((_, index) => attestationOf(manifest, index) === undefined)
  if (image === undefined || more.length > 0) throw new Error(`${repository}:${tag} is not of one platform`)
  return mustHave(repository, image.digest)
}

async function mustHave(repository: string, reference: string): Promise<RegistryManifest> {
  const manifest = await registryManifest(sharedRegistry(), repository, reference)
  if (manifest === undefined) throw new Error(`the registry has no ${repository}:${reference}`)
  return manifest
}

function attestationOf(manifest: RegistryManifest, index: number): string | undefined {
  type Document = { readonly manifests?: readonly { readonly annotations?: Readonly<Record<string, string>> }[] }
  return (manifest.document as Document).manifests?.[index]?.annotations?.['vnd.docker.reference.type']
}

/** What the attestations behind a tag or digest are of, in order: names with their digests. */
export async function attestedSubjects(repository: string, reference: string): Promise<readonly Subject[]> {
  const index = await mustHave(repository, reference)
  const attestations = index.manifests.filter((_, at) => attestationOf(index, at) !== undefined)
  const subjects: Subject[] = []
  for (const { digest } of attestations) {
    for (const layer of (await mustHave(repository, digest)).layers) {
      const statement = JSON.parse((await registryBlob(sharedRegistry(), repository, layer.digest)).toString()) as {
        readonly subject: readonly Subject[]
      }
      subjects.push(...statement.subject)
    }
  }
  return subjects.toSorted((a, b) => a.name.localeCompare(b.name))
}

/** https://github.com/in-toto/attestation/blob/main/spec/v0.1.0/statement.md */
export type Subject = { readonly name: string; readonly digest: Readonly<Record<string, string>> }

/** What an image weighs, computed from the registry's manifest and the unpacked layers alone. */
export type Weight = { readonly size: number; readonly transferSize: number; readonly layers: number }

/** Sums up the file content of all layers (`size`), and what a `docker pull` of the image downloads (`transferSize`). */
export async function weigh(repository: string, tag: string): Promise<Weight> {
  const { layers, config, digest: manifestDigest } = await imageManifest(repository, tag)
  const manifestBytes = (await registryManifestText(repository, manifestDigest)).length
  let size = 0
  for (const { digest } of layers) size += contentBytes(await layerTar(repository, digest))
  return {
    size,
    transferSize: layers.reduce((sum, layer) => sum + layer.size, manifestBytes + (config?.size ?? 0)),
    layers: layers.length
  }
}

async function registryManifestText(repository: string, digest: string): Promise<Buffer> {
  const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
  const url = `http://${sharedRegistry().address}/v2/${repository}/manifests/${digest}`
  return Buffer.from(await (await fetch(url, { headers: { Accept: accept } })).arrayBuffer())
}

async function layerTar(repository: string, digest: string): Promise<Buffer> {
  return gunzipSync(await registryBlob(sharedRegistry(), repository, digest))
}

/** Bytes of the regular files in an archive, as tar lists them. */
function contentBytes(archive: Buffer): number {
  const listing = execFileSync('tar', ['-tv', '--numeric-owner'], { input: archive, maxBuffer: 1 << 26 }).toString()
  const sizes = listing.split('\n').filter((line) => line.startsWith('-'))
  return sizes.reduce((sum, line) => sum + Number(line.split(/\s+/)[2]), 0)
}

/** A file's content in a pushed image; `undefined` if no layer has it. */
export async function readImageFile(repository: string, tag: string, file: string): Promise<string | undefined> {
  const { layers } = await imageManifest(repository, tag)
  for (const { digest } of layers.toReversed()) {
    const found = readTarFile(await layerTar(repository, digest), file)
    if (found !== undefined) return found
  }
  return undefined
}

/** A file's content in an archive; `undefined` if it has none. */
export function readTarFile(archive: Buffer, file: string): string | undefined {
  const name = file.replace(/^\//, '')
  try {
    return execFileSync('tar', ['-xO', name], { input: archive, stdio: 'pipe', maxBuffer: 1 << 26 }).toString()
  } catch {
    return undefined
  }
}

/** Every document and every unpacked layer behind a tag: indexes, manifests, configs, attestations, cache records. */
export async function everythingBehind(repository: string, tag: string): Promise<readonly Buffer[]> {
  const manifest = await mustHave(repository, tag)
  const blobs = [...(manifest.config === undefined ? [] : [manifest.config]), ...manifest.layers]
  const contents = await Promise.all(blobs.map(({ digest }) => registryBlob(sharedRegistry(), repository, digest)))
  const parts = await Promise.all(manifest.manifests.map(({ digest }) => everythingBehind(repository, digest)))
  return [Buffer.from(JSON.stringify(manifest.document)), ...contents.map(unpacked), ...parts.flat()]
}

function unpacked(blob: Buffer): Buffer {
  return blob[0] === 0x1f && blob[1] === 0x8b ? gunzipSync(blob) : blob
}
