/**
 * What is known of cache references before they are read: which are there, and whether their registry answers at all.
 * BuildKit waits without end for one that takes a connection and then says nothing, and a builder that waits like this
 * cannot be used for anything else.
 */
import { repositoryAt } from './address.js'
import { quickly, type Asking } from './quickly.js'
import { manifestTypes } from './manifest.js'

/** `unknown`: the registry answered something else. It may know the builder better than this process. */
export type Presence = 'there' | 'missing' | 'silent' | 'unknown'

/** Seconds after which a registry is taken for silent; one that works answers in a tenth of one. */
export const SILENCE_SECONDS = 10

/** Asks for each reference, with docker's login where the registry wants one. Never throws. */
export async function findPresence(
  asking: Asking,
  env: Readonly<Record<string, string | undefined>>,
  references: readonly string[],
  limitSeconds = SILENCE_SECONDS
): Promise<ReadonlyMap<string, Presence>> {
  const asked = [...new Set(references)].map(
    async (reference) => [reference, await presenceOf(asking, env, reference, limitSeconds)] as const
  )
  return new Map(await Promise.all(asked))
}

async function presenceOf(
  asking: Asking,
  env: Readonly<Record<string, string | undefined>>,
  reference: string,
  limitSeconds: number
): Promise<Presence> {
  const repository = repositoryAt(reference)
  if (repository === undefined) return 'unknown'
  const answer = await quickly(asking, env, limitSeconds, (client) =>
    client.ask(repository, {
      method: 'HEAD',
      at: `manifests/${repository.digest ?? repository.tag}`,
      actions: 'pull',
      headers: { Accept: manifestTypes }
    })
  )
  if (answer === 'late') return 'silent'
  if (answer === 'failed') return 'unknown'
  return answer.status === 200 ? 'there' : answer.status === 404 ? 'missing' : 'unknown'
}
