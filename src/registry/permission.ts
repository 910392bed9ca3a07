/**
 * Whether a repository may be written, asked before hours of work depend on it: an upload is begun and at once given up.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import { repositoryAt, type Repository } from './address.js'
import { resolveLocation, type RegistryClient } from './client.js'
import { registryWords } from './explain.js'
import { quickly, type Asking } from './quickly.js'
import type { Answer } from './transport.js'

/** Seconds until the answer. It is asked for while the build goes on, and waited for at its end. */
const QUESTION_SECONDS = 20

/**
 * Why docker's login may not write to a repository, in the registry's words; `undefined` where it may, and where it is not
 * known: then the attempt will tell. Never throws.
 */
export async function findRefusal(
  asking: Asking,
  env: Readonly<Record<string, string | undefined>>,
  reference: string,
  limitSeconds = QUESTION_SECONDS
): Promise<string | undefined> {
  const repository = repositoryAt(reference)
  if (repository === undefined) return undefined
  const answer = await quickly(asking, env, limitSeconds, (client) => beginUpload(client, repository))
  return typeof answer === 'object' ? refusalOf(answer) : undefined
}

/** `undefined` where a login is wanted that docker has and cannot give. */
async function beginUpload(client: RegistryClient, repository: Repository): Promise<Answer | undefined> {
  const purpose = { repository, actions: 'pull,push' } as const
  const answer = await client.ask(repository, { ...purpose, method: 'POST', at: 'blobs/uploads/' })
  if (answer.status === 401 && client.loginFor(purpose)?.kind === 'unusable') return undefined
  const upload = resolveLocation(answer.headers.location ?? '', answer.url)
  // Where it leads elsewhere, the registry ends it by itself after a while.
  if (answer.status === 202 && upload?.origin === answer.url.origin) {
    await client.ask(repository, { ...purpose, method: 'DELETE', at: upload })
  }
  return answer
}

/** A registry without the repository says 404 where it does not make repositories by itself. */
function refusalOf({ status, bytes }: Answer): string | undefined {
  if (status !== 401 && status !== 403 && status !== 404) return undefined
  const words = registryWords(bytes)
  const name = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status]
  return [`${status} ${name}`, ...(words === '' ? [] : [words])].join(': ')
}
