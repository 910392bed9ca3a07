/** What of an image is in a registry already: nothing of it is asked for or sent again. */
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import type { Repository } from './address.js'
import type { RegistryClient } from './client.js'
import type { PartialContent, PushedDocument } from './content.js'
import { manifestTypes } from './manifest.js'
import { inParallel } from './parallel.js'
import { placeOf, told } from './told.js'
import { isBusy } from './upload.js'

/** A repository that an image goes to. */
export type Place = { readonly repository: Repository; readonly content: PartialContent }

/** Digests of what a repository has already, by its name. */
export type Held = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Asks for each manifest by its digest: what a registry has it keeps with all that it names, so that nothing more need be
 * asked. Not so of an index: clean-up by age removes what stands in it, since that has no tag of its own.
 */
export async function findHeld(client: RegistryClient, places: readonly Place[], signal: AbortSignal): Promise<Held> {
  const held = new Map<string, Set<string>>()
  await inParallel(places, signal, async ({ repository, content: { root, documents } }, stop) => {
    const digests = held.get(repository.name) ?? new Set()
    held.set(repository.name, digests)
    const ask = async (document: PushedDocument): Promise<void> => {
      if (!(await hasManifest(client, repository, document, stop))) return
      for (const digest of [document.digest, ...blobsOf(document)]) digests.add(digest)
    }
    // The root alone: a login that is wanted is asked for once.
    await ask(root)
    await inParallel(
      documents.filter(({ digest }) => digest !== root.digest),
      stop,
      ask
    )
  })
  return held
}

async function hasManifest(
  client: RegistryClient,
  repository: Repository,
  { digest, part }: PushedDocument,
  signal: AbortSignal
): Promise<boolean> {
  const answer = await told(client, repository, { ...placeOf(repository), part }, async () => {
    const head = await client.askAgain(repository, {
      ...{ method: 'HEAD', at: `manifests/${digest}`, actions: 'pull,push', headers: { Accept: manifestTypes }, signal }
    })
    if (head.status === 200) return head.headers['docker-content-digest'] === digest ? 'present' : 'absent'
    return isBusy(head) ? head : 'absent'
  })
  return answer === 'present'
}

/** Digests of the config and the layers that a manifest names; none for an index. */
function blobsOf({ bytes }: PushedDocument): readonly string[] {
  const json = parseJSON(bytes.toString())
  return [dig(json, 'config'), ...asArray(dig(json, 'layers'))].flatMap((blob) => asString(dig(blob, 'digest')) ?? [])
}
