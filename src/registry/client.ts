/**
 * The one client for every question to a registry, and for what is pushed there.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
import type { Exec } from '../ports.js'
import type { Repository } from './address.js'
import { createAuthorizer, type LoginNote, type Purpose } from './authorize.js'
import { readChallenge } from './challenge.js'
import { openConnections } from './connections.js'
import type { Actions } from './login.js'
import { planWait, sleep as sleepForReal, type Sleep } from './retry.js'
import { NoAnswer, type Answer, type Body, type Exchange, type Patience } from './transport.js'

export type ClientPorts = {
  /** For credential helpers. */
  readonly exec: Exec
  /** Ends everything that is under way. */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch; the machine's clock unless told. */
  readonly now?: () => number
  readonly sleep?: Sleep
}

export type ClientOptions = {
  /** Where docker's configuration and the proxies are found. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Registries that may be spoken to without TLS or with any certificate, as in docker's `insecure-registries`. */
  readonly insecure?: readonly string[]
  readonly patience?: Patience
  /** How often something is tried; 4 unless told. */
  readonly attempts?: number
  /** Told of each further attempt, before it is waited for. */
  readonly onRetry?: (retry: Retry) => void
}

/** One more attempt: what was tried, what came, and what the wait costs. */
export type Retry = { readonly what: string; readonly why: string; readonly milliseconds: number }

/** One request about a repository. */
export type Question = {
  readonly method: Exchange['method']
  /** Below the repository, such as `manifests/latest`; or the address that a registry gave for an upload. */
  readonly at: string | URL
  readonly actions: Actions
  readonly mountFrom?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
  readonly onSent?: Exchange['onSent']
  /** Bytes of the answer that are read; 64 KiB unless told. */
  readonly limitBytes?: number
  /** A registry may have to move a large blob before it answers: it gets five times the patience. */
  readonly slow?: boolean
  readonly signal?: AbortSignal
}

export type RegistryClient = Disposable & {
  /**
   * Asks once: with docker's login where one is wanted, a new token where the old one has ended, and along redirects.
   * Resolves to whatever was answered, also 401 where no login helps. Rejects with `NoAnswer` or `Cancelled`.
   */
  readonly ask: (repository: Repository, question: Question) => Promise<Answer>
  /** Asks until there is an answer that stays, a bounded number of times. */
  readonly askAgain: (repository: Repository, question: Question) => Promise<Answer>
  /** Tries anything that asks; `undefined` from `failed` means that it has gone well. Rejects as `ask` does. */
  readonly retrying: <T>(what: string, attempt: () => Promise<T>, settings: RetrySettings<T>) => Promise<T>
  /** What was used to log in for this purpose, if a login was wanted. */
  readonly loginFor: (purpose: Purpose) => LoginNote | undefined
}

export type RetrySettings<T> = {
  readonly failed: (result: T) => Answer | undefined
  readonly signal?: AbortSignal
}

const defaultPatience: Patience = { idle: 60, answer: 60 }
const ANSWER_BYTES = 64 * 1024
const MOST_REDIRECTS = 5

export function createRegistryClient(ports: ClientPorts, options: ClientOptions): RegistryClient {
  const { exec, now = Date.now, sleep = sleepForReal } = ports
  const { env, insecure = [], patience = defaultPatience, attempts = 4, onRetry } = options
  const connections = openConnections(env, insecure)
  const { send } = connections
  const authorizer = createAuthorizer({ exec, env, now, send, patience })

  const ask: RegistryClient['ask'] = async (repository, question) => {
    const { signal = ports.signal, actions, mountFrom } = question
    const home = new URL(`${await connections.schemeFor(repository.host)}://${repository.host}`)
    const url = typeof question.at === 'string' ? new URL(`/v2/${repository.path}/${question.at}`, home) : question.at
    const purpose: Purpose = { repository, actions, ...(mountFrom === undefined ? {} : { mountFrom }) }
    const isHome = url.origin === home.origin
    // No login leaves for another host, and a challenge of one is none of the registry's.
    let authorization = isHome ? await authorizer.known(purpose, signal) : undefined
    for (let attempt = 1; ; attempt += 1) {
      if (authorization?.kind === 'later') return authorization.answer
      const header = authorization?.kind === 'header' ? authorization.header : undefined
      const answer = await follow(question, { url, header, signal })
      if (answer.status !== 401 || answer.url.origin !== home.origin || attempt > 2) return answer
      const challenge = readChallenge(answer.headers['www-authenticate'] ?? '')
      if (challenge === undefined) return answer
      authorization = await authorizer.answer(purpose, challenge, header, signal)
      if (authorization.kind === 'none') return answer
      if (authorization.kind === 'header' && authorization.header === header) return answer
    }
  }

  const follow = async (
    { method, headers = {}, body, onSent, limitBytes = ANSWER_BYTES, slow = false }: Question,
    { url: start, header, signal }: { url: URL; header: string | undefined; signal: AbortSignal }
  ): Promise<Answer> => {
    let url = start
    for (let redirects = 0; ; redirects += 1) {
      const authorized = header === undefined || url.origin !== start.origin ? {} : { Authorization: header }
      const answer = await send({
        ...{ method, url, limitBytes, signal, patience: slow ? slowly(patience) : patience },
        headers: { ...headers, ...authorized },
        ...(body === undefined ? {} : { body }),
        ...(onSent === undefined ? {} : { onSent })
      })
      const isRead = method === 'GET' || method === 'HEAD'
      const leads = isRead ? [301, 302, 303, 307, 308] : [307, 308]
      const { location } = answer.headers
      if (!leads.includes(answer.status) || location === undefined || redirects === MOST_REDIRECTS) return answer
      const next = resolveLocation(location, url)
      if (next === undefined) return answer
      url = next
    }
  }

  const retrying: RegistryClient['retrying'] = async (what, attempt, { failed, signal = ports.signal }) => {
    for (let count = 1; ; count += 1) {
      const { outcome, end } = await attempt().then(
        (result) => ({ outcome: failed(result), end: () => result }),
        (error: unknown) => {
          if (!(error instanceof NoAnswer)) throw error
          return {
            outcome: error,
            end: () => {
              throw error
            }
          }
        }
      )
      const wait = outcome === undefined || count === attempts ? undefined : planWait(outcome, count, now())
      if (outcome === undefined || wait === undefined) return end()
      const why = outcome instanceof NoAnswer ? outcome.message : `status ${outcome.status}`
      onRetry?.({ what, why, milliseconds: wait })
      await sleep(wait, signal)
    }
  }

  return {
    ask,
    askAgain: (repository, question) =>
      retrying(`${question.method} ${repository.name}`, () => ask(repository, question), {
        failed: (answer) => answer,
        ...(question.signal === undefined ? {} : { signal: question.signal })
      }),
    retrying,
    loginFor: (purpose) => authorizer.noteFor(purpose),
    [Symbol.dispose]: () => connections[Symbol.dispose]()
  }
}

function slowly({ idle, answer }: Patience): Patience {
  return { idle: idle * 2, answer: answer * 5 }
}

/**
 * Where a `Location` leads: it may be relative, absolute, on another host, and has a query of its own. A registry behind a
 * proxy that ends TLS often takes itself for plain HTTP: we stay in TLS. `undefined` where it would leave TLS.
 */
export function resolveLocation(location: string, from: URL): URL | undefined {
  const url = URL.parse(location, from.href)
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  if (from.protocol === 'http:' || url.protocol === 'https:') return url
  return url.hostname === from.hostname ? new URL(url.pathname + url.search, from.origin) : undefined
}
