/**
 * What is known of cache references before they are read: which are there, and whether their registry answers at all.
 * BuildKit waits without end for one that takes a connection and then says nothing, and a builder that waits like this
 * cannot be used for anything else.
 */
import { planManifest } from '../buildkit/command.js'
import type { Exec } from '../ports.js'
import { repositoryAt } from './address.js'
import { askWithLogin, readAnswer, withClient } from './ask.js'

/** `unknown`: the registry answered something else. It may know the builder better than this process. */
export type Presence = 'there' | 'missing' | 'silent' | 'unknown'

/** Seconds after which a registry is taken for silent; one that works answers in a tenth of one. */
export const silenceSeconds = 10

/** What a manifest may be: without these a registry says 404 for an OCI manifest. */
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json'
].join(', ')

/** Asks for each reference, with docker's login where the registry wants one. Never throws. */
export async function findPresence(
  exec: Exec,
  env: Readonly<Record<string, string | undefined>>,
  references: readonly string[],
  limitSeconds = silenceSeconds
): Promise<ReadonlyMap<string, Presence>> {
  const asked = [...new Set(references)].map(
    async (reference) => [reference, await presenceOf(exec, env, reference, limitSeconds)] as const
  )
  return new Map(await Promise.all(asked))
}

async function presenceOf(
  exec: Exec,
  env: Readonly<Record<string, string | undefined>>,
  reference: string,
  limitSeconds: number
): Promise<Presence> {
  const repository = repositoryAt(reference)
  if (repository === undefined) return 'unknown'
  const answer = await withClient(limitSeconds, (client) =>
    askWithLogin({ exec, env, client, repository, actions: 'pull' }, async (login) => {
      const url = `${repository.url}/manifests/${repository.tag}`
      return readAnswer(await client.head(url, { ...login, Accept: manifestTypes }))
    })
  )
  if (answer === 'late') return 'silent'
  if (answer === 'failed') return 'unknown'
  if (answer === undefined) return askDocker(exec, reference)
  return answer.status === 200 ? 'there' : answer.status === 404 ? 'missing' : 'unknown'
}

/** Docker has a login that only it can use. */
async function askDocker(exec: Exec, reference: string): Promise<Presence> {
  const answer = await exec(planManifest({}, reference), { timeoutSeconds: silenceSeconds }).catch(() => undefined)
  if (answer?.exitCode === 0) return 'there'
  return answer !== undefined && /not found/i.test(answer.stderr) ? 'missing' : 'unknown'
}
