/** What a request shows of who asks: https://distribution.github.io/distribution/spec/auth/ */
import { isLoopback } from '../core/host.js'
import { asNumber, asString, dig, parseJSON } from '../core/json.js'
import type { Exec } from '../ports.js'
import type { Repository } from './address.js'
import { mergeScopes, type Challenge } from './challenge.js'
import { findLogin, type Actions, type Login } from './login.js'
import type { Answer, Exchange } from './transport.js'
import { isTransient } from './retry.js'

/** Who asks for what. */
export type Purpose = {
  readonly repository: Repository
  readonly actions: Actions
  /** Path of another repository of the same registry, whose blobs are taken over. */
  readonly mountFrom?: string
}

/** What was used to log in, without its secrets, for messages. */
export type LoginNote = {
  readonly kind: Login['kind']
  /** The file, variable or program that it came from. */
  readonly source: string
  readonly user?: string
  /** Why it could not be had, or what the token service said. */
  readonly why?: string
  /** What is broken where it was looked for. */
  readonly fault?: string
}

/** A header, or nothing; or what the token service answered where it may answer otherwise in a moment. */
export type Authorization =
  | { readonly kind: 'header'; readonly header: string; readonly until: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'later'; readonly answer: Answer }

export type Authorizer = {
  /** What is known to be wanted; `undefined` before the registry has said so. */
  readonly known: (purpose: Purpose, signal: AbortSignal) => Promise<Authorization | undefined>
  /** Answers a challenge. `spent` is the header that was just refused: it is not given again. */
  readonly answer: (
    purpose: Purpose,
    challenge: Challenge,
    spent: string | undefined,
    signal: AbortSignal
  ) => Promise<Authorization>
  readonly noteFor: (purpose: Purpose) => LoginNote | undefined
}

type Setting = {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
  readonly send: (exchange: Exchange) => Promise<Answer>
  readonly patience: Exchange['patience']
}

/** Helpers hand out logins that end after some minutes, the shortest after five. */
const LOGIN_MILLISECONDS = 290_000
/** What a token without an end of its own is good for: https://distribution.github.io/distribution/spec/auth/token/ */
const SHORTEST_TOKEN = 60
const TOKEN_BYTES = 256 * 1024

export function createAuthorizer({ exec, env, now, send, patience }: Setting): Authorizer {
  const challenges = new Map<string, Challenge>()
  const logins = new Map<string, { readonly login: Login; readonly at: number }>()
  const notes = new Map<string, LoginNote>()
  const granted = new Map<string, Promise<Authorization>>()

  const loginFor = async ({ repository, actions }: Purpose, again: boolean): Promise<Login> => {
    const key = `${repository.host}/${repository.path} ${actions}`
    const known = logins.get(key)
    if (known !== undefined && !again && now() - known.at < LOGIN_MILLISECONDS) return known.login
    const since = again ? (known?.at ?? now()) + 1 : now() - LOGIN_MILLISECONDS
    const login = await findLogin(exec, env, { repository, actions, since }).catch((error: unknown) => {
      // A run that is cancelled may still ask what became of it.
      if (known === undefined) throw error
      return known.login
    })
    logins.set(key, { login, at: now() })
    return login
  }

  const obtain = async (
    purpose: Purpose,
    challenge: Challenge,
    spent: string | undefined,
    signal: AbortSignal
  ): Promise<Authorization> => {
    const login = await loginFor(purpose, spent !== undefined)
    const note = (why?: string): void => {
      notes.set(keyOf(purpose), {
        kind: login.kind,
        source: login.source,
        ...(login.kind === 'basic' ? { user: login.user } : {}),
        ...(login.kind === 'none' && login.fault !== undefined ? { fault: login.fault } : {}),
        ...(why === undefined ? {} : { why })
      })
    }
    // Written when it is decided: others may be told of the last answer meanwhile.
    if (login.kind === 'unusable') {
      note(login.why)
      return { kind: 'none' }
    }
    if (login.kind === 'bearer' || challenge.scheme === 'basic') note()
    if (login.kind === 'bearer') return { kind: 'header', header: `Bearer ${login.token}`, until: Infinity }
    if (challenge.scheme === 'basic') {
      return login.kind === 'basic' ? { kind: 'header', header: basic(login), until: Infinity } : { kind: 'none' }
    }
    const realm = new URL(challenge.realm)
    if (realm.protocol !== 'https:' && !isLoopback(realm.host) && login.kind !== 'none') {
      note(`the token service ${realm.host} is not an https address, so the login was not sent there`)
      return { kind: 'none' }
    }
    const answer = await send({
      ...askForToken(realm, challenge, purpose, login),
      patience,
      signal,
      limitBytes: TOKEN_BYTES
    })
    if (isTransient(answer)) return { kind: 'later', answer }
    const body = parseJSON(answer.bytes.toString())
    const token = [asString(dig(body, 'token')), asString(dig(body, 'access_token'))].find((text) => text)
    if (answer.status !== 200 || token === undefined) {
      note(`the token service ${realm.host} answers ${answer.status}`)
      return { kind: 'none' }
    }
    note()
    const seconds = Math.max(SHORTEST_TOKEN, asNumber(dig(body, 'expires_in')) ?? 0)
    return { kind: 'header', header: `Bearer ${token}`, until: now() + (seconds - 10) * 1000 }
  }

  const shared = (
    purpose: Purpose,
    challenge: Challenge,
    spent: string | undefined,
    signal: AbortSignal
  ): Promise<Authorization> => {
    const key = keyOf(purpose)
    const asked = obtain(purpose, challenge, spent, signal)
    granted.set(key, asked)
    const forget = (): void => {
      if (granted.get(key) === asked) granted.delete(key)
    }
    asked.then(({ kind }) => (kind === 'header' ? undefined : forget()), forget)
    return asked
  }

  return {
    known: async (purpose, signal) => {
      const held = await granted.get(keyOf(purpose))
      if (held?.kind === 'header' && held.until > now()) return held
      const challenge = challenges.get(purpose.repository.host)
      return challenge === undefined ? undefined : shared(purpose, withoutScopes(challenge), undefined, signal)
    },
    answer: async (purpose, challenge, spent, signal) => {
      challenges.set(purpose.repository.host, challenge)
      const held = await granted.get(keyOf(purpose))?.catch(() => undefined)
      // Somebody else was refused with the same header and has a new one by now.
      if (held?.kind === 'header' && held.header !== spent && held.until > now()) return held
      return shared(purpose, challenge, spent, signal)
    },
    noteFor: (purpose) => notes.get(keyOf(purpose))
  }
}

function keyOf({ repository, actions, mountFrom = '' }: Purpose): string {
  return `${repository.host}/${repository.path} ${actions} ${mountFrom}`
}

function withoutScopes(challenge: Challenge): Challenge {
  return challenge.scheme === 'bearer' ? { ...challenge, scopes: [] } : challenge
}

function basic({ user, password }: Extract<Login, { kind: 'basic' }>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** https://distribution.github.io/distribution/spec/auth/oauth/ for identity tokens, and the token protocol for the rest. */
function askForToken(
  realm: URL,
  { service, scopes }: Extract<Challenge, { scheme: 'bearer' }>,
  { repository, actions, mountFrom }: Purpose,
  login: Login
): Pick<Exchange, 'method' | 'url' | 'headers' | 'body'> {
  const wanted = mergeScopes([
    `repository:${repository.path}:${actions}`,
    ...(mountFrom === undefined ? [] : [`repository:${mountFrom}:pull`]),
    ...scopes
  ])
  const fields: [string, string][] = service === undefined ? [] : [['service', service]]
  if (login.kind === 'identity') {
    const form = new URLSearchParams([
      ['grant_type', 'refresh_token'],
      ...fields,
      ['client_id', 'stagegate'],
      ['scope', wanted.join(' ')],
      ['refresh_token', login.token]
    ])
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    return { method: 'POST', url: realm, headers, body: { kind: 'bytes', bytes: Buffer.from(form.toString()) } }
  }
  const url = new URL(realm)
  for (const [name, value] of [...fields, ...wanted.map((scope): [string, string] => ['scope', scope])]) {
    url.searchParams.append(name, value)
  }
  return { method: 'GET', url, headers: login.kind === 'basic' ? { Authorization: basic(login) } : {} }
}
