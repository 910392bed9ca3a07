/**
 * The manifest of a baseline as its registry has it. The builder that reads the image writes another: an OCI one in place
 * of Docker's, which has the same layers, and is of another size.
 */
import { repositoryAt } from '../registry/address.js'
import { quickly, type Asking } from '../registry/quickly.js'
import { readTransferSizes } from '../registry/sizes.js'
import type { Snapshot } from '../compare/index.js'

/** It is asked beside the build, which does not wait for long. */
const SECONDS = 5

type Stored = {
  readonly reference: string
  /** What the registry has under the reference: a manifest or an index. */
  readonly digest: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The snapshots with digest and transfer size of the registry's manifests; as they are where it does not tell. Never throws. */
export async function withStoredManifests(
  asking: Asking,
  { reference, digest, env }: Stored,
  snapshots: readonly Snapshot[]
): Promise<readonly Snapshot[]> {
  const repository = repositoryAt(reference)
  // The classic image store tells no transfer size, and what has the digest of the root is the manifest itself.
  const others = snapshots.filter((each) => each.transferSize !== undefined && each.manifestDigest !== digest)
  if (repository === undefined || others.length === 0) return snapshots
  const platforms = others.map(({ platform }) => platform)
  const read = await quickly(asking, env, SECONDS, (client) => readTransferSizes(client, repository, digest, platforms))
  if (typeof read === 'string') return snapshots
  return snapshots.map((snapshot) => {
    const stored = others.includes(snapshot) ? read.find(({ platform }) => platform === snapshot.platform) : undefined
    return stored === undefined ? snapshot : { ...snapshot, transferSize: stored.bytes, manifestDigest: stored.digest }
  })
}
