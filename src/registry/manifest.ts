/** Manifests and indexes in a registry: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
import { createHash } from 'node:crypto'
import type { Repository } from './address.js'
import type { RegistryClient } from './client.js'
import type { Actions } from './login.js'
import type { Answer } from './transport.js'

/** What a manifest may be: without these a registry says 404 for an OCI manifest. */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json'
].join(', ')

/** Bytes of a manifest; the most that a registry has to take. */
export const MANIFEST_BYTES = 4 * 2 ** 20

/** A manifest as its registry has it. */
export type StoredManifest = { readonly digest: string; readonly mediaType: string; readonly bytes: Buffer }

/**
 * What a tag or digest stands for: its digest, `undefined` where there is nothing, or the answer that tells neither.
 * Some registries do not take HEAD, and some give no digest with it: then the manifest itself is read.
 */
export async function findDigest(
  client: RegistryClient,
  repository: Repository,
  reference: string,
  options: { readonly actions?: Actions; readonly signal?: AbortSignal } = {}
): Promise<{ readonly digest: string | undefined } | { readonly answer: Answer }> {
  const head = await client.askAgain(repository, { ...question(reference, options), method: 'HEAD' })
  const named = head.headers['docker-content-digest']
  if (head.status === 200 && typeof named === 'string') return { digest: named }
  if (head.status === 404) return { digest: undefined }
  if (head.status !== 200 && head.status !== 405) return { answer: head }
  const read = await readManifest(client, repository, reference, options)
  return 'answer' in read ? (read.answer.status === 404 ? { digest: undefined } : read) : { digest: read.digest }
}

/** Reads a manifest; the answer where it is not to be had. */
export async function readManifest(
  client: RegistryClient,
  repository: Repository,
  reference: string,
  options: { readonly actions?: Actions; readonly signal?: AbortSignal } = {}
): Promise<StoredManifest | { readonly answer: Answer }> {
  const answer = await client.askAgain(repository, {
    ...question(reference, options),
    method: 'GET',
    limitBytes: MANIFEST_BYTES
  })
  if (answer.status !== 200) return { answer }
  const digest = `sha256:${createHash('sha256').update(answer.bytes).digest('hex')}`
  return { digest, mediaType: answer.headers['content-type'] ?? '', bytes: answer.bytes }
}

function question(reference: string, { actions = 'pull', signal }: { actions?: Actions; signal?: AbortSignal }) {
  return {
    at: `manifests/${reference}`,
    actions,
    headers: { Accept: manifestTypes },
    ...(signal === undefined ? {} : { signal })
  }
}
