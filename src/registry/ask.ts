/** Questions to a registry, with docker's login where it wants one: https://distribution.github.io/distribution/spec/auth/ */
import { HttpClient, type HttpClientResponse } from '@actions/http-client'
import { asString, dig, parseJSON } from '../core/json.js'
import type { Exec } from '../ports.js'
import type { Repository } from './address.js'
import { findLogin } from './login.js'

/** What a registry said. */
export type Answer = { readonly status: number; readonly text: string; readonly challenge: string }

/** What a request says of who asks; empty for nobody. */
export type LoginHeader = { readonly Authorization?: string }

/** Who asks whom, and what for. */
export type Asking = {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string | undefined>>
  readonly client: HttpClient
  readonly repository: Repository
  readonly actions: 'pull' | 'pull,push'
}

/** Bytes of an answer that are read. */
const mostBytes = 64 * 1024

/**
 * Asks, and comes to an end within its time, its connections closed.
 * @returns what `body` does; 'late' when it took too long, 'failed' when it threw
 */
export async function withClient<T>(
  seconds: number,
  body: (client: HttpClient) => Promise<T>
): Promise<T | 'late' | 'failed'> {
  const client = new HttpClient('stagegate', [], {
    socketTimeout: seconds * 1000,
    allowRetries: false,
    allowRedirects: false
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), seconds * 1000)
  })
  const asked = body(client).catch((error: unknown) =>
    /timeout/i.test(error instanceof Error ? error.message : '') ? 'late' : 'failed'
  )
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
    client.dispose()
  }
}

/**
 * Asks a question, and once more with docker's login if the registry wants one. `undefined` where it wants a login that
 * only docker itself can use, or does not take.
 */
export async function askWithLogin(
  asking: Asking,
  question: (login: LoginHeader) => Promise<Answer>
): Promise<Answer | undefined> {
  const first = await question({})
  if (first.status !== 401) return first
  const login = await findLogin(asking.exec, asking.env, asking.repository.loginKey)
  if (login.kind === 'foreign') return undefined
  const known: LoginHeader = login.kind === 'basic' ? { Authorization: login.header } : {}
  const wanted = await answerChallenge(asking, first.challenge, known)
  if (wanted.Authorization === undefined) return login.kind === 'none' ? first : undefined
  return question(wanted)
}

/** An answer read to its end. */
export async function readAnswer({ message }: HttpClientResponse): Promise<Answer> {
  const { statusCode: status = 0, headers } = message
  return { status, challenge: headers['www-authenticate'] ?? '', text: await readText(message) }
}

/** What a challenge wants to see; nothing where there is none to be had. */
async function answerChallenge(
  { client, repository, actions }: Asking,
  challenge: string,
  login: LoginHeader
): Promise<LoginHeader> {
  if (/^basic/i.test(challenge)) return login
  const parameter = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(challenge)?.[1]
  const realm = parameter('realm')
  if (!/^bearer/i.test(challenge) || realm === undefined || !URL.canParse(realm)) return {}
  const address = new URL(realm)
  const service = parameter('service')
  if (service !== undefined) address.searchParams.set('service', service)
  address.searchParams.set('scope', `repository:${repository.path}:${actions}`)
  const answer = await readAnswer(await client.get(address.href, login))
  const body = parseJSON(answer.text)
  const token = asString(dig(body, 'token')) ?? asString(dig(body, 'access_token'))
  return answer.status === 200 && token !== undefined ? { Authorization: `Bearer ${token}` } : {}
}

/** Rejects where the text is larger than any that a registry has reason to give. */
async function readText(message: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
