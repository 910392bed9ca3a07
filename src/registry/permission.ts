/**
 * Whether a repository may be written, asked before hours of work depend on it: an upload is begun and at once given up.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import { HttpClient, type HttpClientResponse } from '@actions/http-client'
import { asArray, asString, dig, parseJSON } from '../build/json.js'
import type { Exec } from '../ports.js'
import { repositoryAt, type Repository } from './address.js'
import { findLogin } from './login.js'

/** Seconds until the answer. It is asked for while the build goes on, and waited for at its end. */
const questionSeconds = 20

/** Bytes of an answer that are read. */
const mostBytes = 64 * 1024

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
  const client = new HttpClient('stagegate', [], {
    socketTimeout: limitSeconds * 1000,
    allowRetries: false,
    allowRedirects: false
  })
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitSeconds * 1000)
  })
  try {
    return await Promise.race([askToWrite(client, exec, env, repository).catch(() => undefined), tooLate])
  } finally {
    clearTimeout(timer)
    client.dispose()
  }
}

async function askToWrite(
  client: HttpClient,
  exec: Exec,
  env: Readonly<Record<string, string | undefined>>,
  repository: Repository
): Promise<string | undefined> {
  const first = await beginUpload(client, repository)
  if (first.status !== 401) return refusalOf(first)
  const login = await findLogin(exec, env, repository.loginKey)
  if (login.kind === 'foreign') return undefined
  const header = login.kind === 'basic' ? login.header : undefined
  const authorization = await answerChallenge(client, repository, first.challenge, header)
  if (authorization === undefined) return header === undefined ? refusalOf(first) : undefined
  return refusalOf(await beginUpload(client, repository, authorization))
}

type Answer = { readonly status: number; readonly text: string; readonly challenge: string }

async function beginUpload(client: HttpClient, { url }: Repository, authorization?: string): Promise<Answer> {
  const headers = authorization === undefined ? {} : { Authorization: authorization }
  const response = await client.request('POST', `${url}/blobs/uploads/`, '', { ...headers, 'Content-Length': '0' })
  const { location, 'www-authenticate': challenge = '' } = response.message.headers
  const text = await readText(response)
  if (status(response) === 202 && location !== undefined) {
    const upload = new URL(location, url)
    // Where it leads elsewhere, the registry ends it by itself after a while.
    if (upload.origin === new URL(url).origin) (await client.del(upload.href, headers)).message.resume()
  }
  return { status: status(response), text, challenge }
}

/** The `Authorization` for a challenge; `undefined` where there is none to be had. */
async function answerChallenge(
  client: HttpClient,
  { path }: Repository,
  challenge: string,
  login: string | undefined
): Promise<string | undefined> {
  if (/^basic/i.test(challenge)) return login
  const parameter = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(challenge)?.[1]
  const realm = parameter('realm')
  if (!/^bearer/i.test(challenge) || realm === undefined || !URL.canParse(realm)) return undefined
  const address = new URL(realm)
  const service = parameter('service')
  if (service !== undefined) address.searchParams.set('service', service)
  address.searchParams.set('scope', `repository:${path}:pull,push`)
  const response = await client.get(address.href, login === undefined ? {} : { Authorization: login })
  const body = parseJSON(await readText(response))
  const token = asString(dig(body, 'token')) ?? asString(dig(body, 'access_token'))
  return status(response) === 200 && token !== undefined ? `Bearer ${token}` : undefined
}

/** A registry without the repository says 404 where it does not make repositories by itself. */
function refusalOf({ status, text }: Answer): string | undefined {
  if (status !== 401 && status !== 403 && status !== 404) return undefined
  const words = asString(dig(asArray(dig(parseJSON(text), 'errors'))[0], 'message'))
  const name = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status]
  const line = (words ?? '').replace(/\s+/g, ' ').trim().slice(0, 200)
  return [`${status} ${name}`, ...(line === '' ? [] : [line])].join(': ')
}

/** The text of an answer; rejects where it is larger than any that a registry has reason to give. */
async function readText({ message }: HttpClientResponse): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function status({ message }: HttpClientResponse): number {
  return message.statusCode ?? 0
}
