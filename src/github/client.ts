/**
 * A small REST client for one repository on GitHub, GitHub Enterprise Server or what speaks their dialect (Gitea).
 * Answers and failures are values. It never throws, and nothing it returns holds the token or what a server wrote.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { redacted } from '../core/own_words.js'
import { parseJSON } from '../core/json.js'
import { nextPage } from '../core/link.js'
import { attemptOnce, type Fetch } from './attempt.js'
import { readError, type ApiError, type ApiResult } from './errors.js'
import { planWait } from './retry.js'

export type ClientOptions = {
  /** `https://api.github.com`, `https://HOST/api/v3`, `https://HOST/api/v1`: the runner's `GITHUB_API_URL`. */
  readonly apiUrl: string
  readonly token: string
  /** `owner/name`. */
  readonly repository: string
  /** Takes the secrets of this run out of a text; every string of every body goes through it. */
  readonly redact: (text: string) => string
  readonly fetch: Fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly signal: AbortSignal
  /** Waits between attempts; rejects when the signal is aborted. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>
  readonly patience?: Patience
}

/** Milliseconds that are waited. */
export type Patience = {
  /** For one answer. */
  readonly answer: number
  /** For one answer, where everything else is used up: a server that asks for a long rest is asked once more after it. */
  readonly lastAnswer: number
  /** For all answers and between all attempts of a client together. */
  readonly all: number
}

export type Call = {
  /** What the token needs for this call, as in a workflow: `pull-requests: write`. Said when it is refused. */
  readonly permission: string
  readonly body?: Readonly<Record<string, unknown>>
}

export type Client = {
  /** Calls `/repos/OWNER/NAME` + `path`. The value is the parsed answer; `undefined` for an empty one. */
  readonly repo: (method: Method, path: string, call: Call) => Promise<ApiResult<unknown>>
  /** All elements of a list, over all its pages. */
  readonly list: (path: string, call: Call) => Promise<ApiResult<readonly unknown[]>>
  /** Calls a path of the API itself, such as `/user`. */
  readonly root: (method: Method, path: string, call: Call) => Promise<ApiResult<unknown>>
  /** Asks GraphQL; `not-found` where there is none (Gitea). */
  readonly graphql: (query: string) => Promise<ApiResult<unknown>>
  readonly redact: (text: string) => string
  readonly repository: string
  /** The token belongs to an app, as a workflow's own does: there is no user behind it to ask for. */
  readonly actsAsApp: boolean
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

type Answer = { readonly body: unknown; readonly next: string | undefined }

/** How often one call is tried. */
const MOST_ATTEMPTS = 4

/** A report is not worth a job that hangs. */
const PATIENCE: Patience = { answer: 15_000, lastAnswer: 5_000, all: 60_000 }

/** An issue has at most 2,500 comments. */
const MOST_PAGES = 50

const MOST_REDIRECTS = 3

const NO_ADDRESS: ApiError = { kind: 'unavailable', reason: 'GITHUB_API_URL is not an address' }

/** A client for one repository. Reads nothing and opens nothing until it is asked. */
export function createClient(options: ClientOptions): Client {
  const { token, repository, redact, signal, now, patience = PATIENCE } = options
  const sleep = options.sleep ?? ((milliseconds: number) => delay(milliseconds, undefined, { signal }))
  const base = options.apiUrl.replace(/\/+$/, '')
  const prefix = `/repos/${repository.split('/').map(encodeURIComponent).join('/')}`
  let waited = 0
  /** Why the last attempt had no answer: who has used everything up by silence is not asked again. */
  let silence: ApiError | undefined

  /** Sends once, and follows where a renamed repository has gone, as long as that is on the same server. */
  const send = async (
    method: Method,
    url: string,
    { body, milliseconds }: { readonly body: string | undefined; readonly milliseconds: number }
  ): ReturnType<Fetch> => {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
    let target = url
    for (let hop = 0; ; hop += 1) {
      const response = await options.fetch(target, {
        method,
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'user-agent': 'stagegate',
          'x-github-api-version': '2022-11-28',
          ...(body === undefined ? {} : { 'content-type': 'application/json' })
        },
        redirect: 'manual',
        signal: ended,
        ...(body === undefined ? {} : { body })
      })
      const place = [301, 302, 307, 308].includes(response.status) ? response.headers.get('location') : null
      const moved = place !== null && URL.canParse(place, target) ? new URL(place, target) : undefined
      // The token goes to the server it was issued by and to no other.
      if (moved?.origin !== new URL(base).origin || hop === MOST_REDIRECTS) return response
      await response.text()
      target = moved.href
    }
  }

  const call = async (method: Method, url: string, { permission, body }: Call): Promise<ApiResult<Answer>> => {
    if (!URL.canParse(url)) return { ok: false, error: NO_ADDRESS }
    const text = body === undefined ? undefined : JSON.stringify(redacted(body, redact))
    for (let attempt = 1; ; attempt += 1) {
      const left = patience.all - waited
      if (left <= 0 && silence !== undefined) return { ok: false, error: silence }
      const milliseconds = Math.min(patience.answer, Math.max(left, patience.lastAnswer))
      const began = now()
      const outcome = await attemptOnce(() => send(method, url, { body: text, milliseconds }), milliseconds)
      waited += Math.max(0, now() - began)
      silence = outcome.kind === 'no-answer' ? { kind: 'unavailable', reason: outcome.reason } : undefined
      if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) {
        return { ok: true, value: { body: parseJSON(outcome.text), next: nextPage(outcome.header('link')) } }
      }
      if (signal.aborted) return { ok: false, error: { kind: 'unavailable', reason: 'the run was cancelled' } }
      const wait = planWait(outcome, { attempt, now: now() })
      const error = readError(outcome, { permission, wait })
      if (wait === undefined || attempt === MOST_ATTEMPTS || waited + wait > patience.all) return { ok: false, error }
      waited += wait
      try {
        await sleep(wait, signal)
      } catch {
        return { ok: false, error: { kind: 'unavailable', reason: 'the run was cancelled' } }
      }
    }
  }

  const bodyOf = async (answer: Promise<ApiResult<Answer>>): Promise<ApiResult<unknown>> => {
    const result = await answer
    return result.ok ? { ok: true, value: result.value.body } : result
  }

  return {
    repo: (method, path, options) => bodyOf(call(method, `${base}${prefix}${path}`, options)),
    root: (method, path, options) => bodyOf(call(method, `${base}${path}`, options)),
    async list(path, options) {
      if (!URL.canParse(base)) return { ok: false, error: NO_ADDRESS }
      const first = new URL(`${base}${prefix}${path}`)
      first.searchParams.set('per_page', '100')
      let url: URL | undefined = first
      const items: unknown[] = []
      for (let page = 0; url !== undefined && page < MOST_PAGES; page += 1) {
        const result: ApiResult<Answer> = await call('GET', url.href, options)
        if (!result.ok) return result
        if (!Array.isArray(result.value.body)) {
          return { ok: false, error: { kind: 'unavailable', reason: 'the response is not a list' } }
        }
        items.push(...(result.value.body as readonly unknown[]))
        url = following(first, result.value.next)
      }
      return { ok: true, value: items }
    },
    graphql(query) {
      const url = graphqlUrl(base)
      return url === undefined
        ? Promise.resolve({ ok: false, error: { kind: 'not-found', status: 404 } })
        : bodyOf(call('POST', url, { permission: '', body: { query } }))
    },
    redact,
    repository,
    // https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    actsAsApp: token.startsWith('ghs_')
  }
}

/** Only the query of the link is used: behind a proxy a server may not know its own address. */
function following(first: URL, next: string | undefined): URL | undefined {
  if (next === undefined || !URL.canParse(next, first.href)) return undefined
  const url = new URL(first)
  url.search = new URL(next, first.href).search
  return url
}

/** https://docs.github.com/graphql and, for a server of one's own, https://HOST/api/graphql. */
function graphqlUrl(base: string): string | undefined {
  if (base.endsWith('/api/v3')) return base.replace(/v3$/, 'graphql')
  return /\/api\/v\d+$/.test(base) ? undefined : `${base}/graphql`
}
