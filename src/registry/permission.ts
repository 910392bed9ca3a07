/**
 * Whether a repository may be written, asked before hours of work depend on it: an upload is begun and at once given up.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import type { HttpClient } from '@actions/http-client'
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import type { Exec } from '../ports.js'
import { repositoryAt, type Repository } from './address.js'
import { askWithLogin, readAnswer, withClient, type Answer, type LoginHeader } from './ask.js'

/** Seconds until the answer. It is asked for while the build goes on, and waited for at its end. */
const questionSeconds = 20

/**
 * Why docker's login may not write to a repository, in the registry's words; `undefined` where it may, and where it is not
 * known: then the attempt will tell. Never throws.
 */
export async function findRefusal(
  exec: Exec,
  env: Readonly<Record<string, string | undefined>>,
  reference: string,
  limitSeconds = questionSeconds
): Promise<string | undefined> {
  const repository = repositoryAt(reference)
  if (repository === undefined) return undefined
  const answer = await withClient(limitSeconds, (client) =>
    askWithLogin({ exec, env, client, repository, actions: 'pull,push' }, (login) =>
      beginUpload(client, repository, login)
    )
  )
  return typeof answer === 'object' ? refusalOf(answer) : undefined
}

async function beginUpload(client: HttpClient, { url }: Repository, login: LoginHeader): Promise<Answer> {
  const response = await client.request('POST', `${url}/blobs/uploads/`, '', { ...login, 'Content-Length': '0' })
  const { location } = response.message.headers
  const answer = await readAnswer(response)
  if (answer.status === 202 && location !== undefined) {
    const upload = new URL(location, url)
    // Where it leads elsewhere, the registry ends it by itself after a while.
    if (upload.origin === new URL(url).origin) (await client.del(upload.href, login)).message.resume()
  }
  return answer
}

/** A registry without the repository says 404 where it does not make repositories by itself. */
function refusalOf({ status, text }: Answer): string | undefined {
  if (status !== 401 && status !== 403 && status !== 404) return undefined
  const words = asString(dig(asArray(dig(parseJSON(text), 'errors'))[0], 'message')) ?? ''
  const name = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status]
  const line = words.replace(/\s+/g, ' ').trim().slice(0, 200)
  return [`${status} ${name}`, ...(line === '' ? [] : [line])].join(': ')
}
