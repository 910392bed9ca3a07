/**
 * GitHub for tests: `emulate` (stateful, somebody else's reading of the API) behind a front of ours. The front adds what
 * emulate lacks (commit statuses, GraphQL's viewer, the limit of a comment, what a workflow's token may not ask), holds
 * every request against GitHub's description, keeps a record, and can be told to be in trouble. Loopback only.
 */
import { createSign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { createEmulator, type Emulator } from 'emulate'
import { createClient, type Client, type ClientOptions } from '../../../src/github/client.js'
import { findFaults } from './openapi.js'

export type Request = {
  readonly method: string
  /** Path and query without the prefix. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  /** Parsed; `undefined` without one. */
  readonly body: unknown
}

export type Reply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type Status = {
  readonly sha: string
  readonly state: string
  readonly context: string
  readonly description: string
  readonly target_url?: string
}

export type Comment = {
  readonly id: number
  readonly body: string
  readonly user: { readonly login: string; readonly type: string }
  readonly updated_at: string
}

export type Permissions = Readonly<Record<string, 'read' | 'write'>>

const APP = 15_368
const INSTALLATION = 100
const EVERYTHING: Permissions = { issues: 'write', pull_requests: 'write', statuses: 'write', contents: 'write' }
const PEOPLE = ['acme', 'octocat', 'mallory']

export class GitHub {
  readonly requests: Request[] = []
  readonly statuses: Status[] = []
  /** Every request that GitHub's own description does not allow. */
  readonly faults: string[] = []
  /** Called before each request; a reply takes the place of the real one. */
  trouble: (request: Request) => Reply | undefined | Promise<Reply | undefined> = () => undefined
  /** Whether GraphQL is there. */
  hasGraphql = true

  private readonly logins = new Map<string, { readonly login: string; readonly permissions: Permissions }>()
  private readonly tokens = new Map<string, string>()

  readonly apiUrl: string
  private readonly emulator: Emulator
  private readonly closeFront: () => Promise<void>

  private constructor(apiUrl: string, emulator: Emulator, closeFront: () => Promise<void>) {
    this.apiUrl = apiUrl
    this.emulator = emulator
    this.closeFront = closeFront
  }

  /** Starts it with the repository acme/app, with pull request #1 from a branch and #2 from mallory's fork. */
  static async start(prefix = ''): Promise<GitHub> {
    const emulator = await createEmulator({
      service: 'github',
      port: await freePort(),
      seed: {
        tokens: Object.fromEntries(PEOPLE.map((login) => [`ghp_${login}`, { login, scopes: ['repo'] }])),
        github: {
          users: PEOPLE.map((login) => ({ login })),
          repos: [{ owner: 'acme', name: 'app', auto_init: true }],
          apps: [
            {
              app_id: APP,
              slug: 'github-actions',
              name: 'GitHub Actions',
              permissions: EVERYTHING,
              installations: [{ installation_id: INSTALLATION, account: 'acme', permissions: EVERYTHING }]
            }
          ]
        }
      }
    })
    const state: { github?: GitHub } = {}
    const front = createServer((incoming, outgoing) => void state.github?.answer(incoming, outgoing, prefix))
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const apiUrl = `http://127.0.0.1:${(front.address() as AddressInfo).port}${prefix}`
    const github = new GitHub(apiUrl, emulator, async () => {
      front.closeAllConnections()
      await new Promise((resolve) => front.close(resolve))
    })
    for (const login of PEOPLE) github.logins.set(`ghp_${login}`, { login, permissions: EVERYTHING })
    state.github = github
    await github.makePullRequests()
    return github
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeFront()
    await this.emulator.close()
  }

  /** Forgets what was asked and said, and all trouble. */
  forget(): void {
    this.requests.length = 0
    this.faults.length = 0
    this.statuses.length = 0
    this.hasGraphql = true
    this.trouble = () => undefined
  }

  /** A workflow's token with these permissions: an installation token of an app, as GitHub makes them. */
  async workflowToken(
    permissions: Permissions = { issues: 'write', pull_requests: 'write', statuses: 'write' }
  ): Promise<string> {
    const known = JSON.stringify(permissions)
    const kept = this.tokens.get(known)
    if (kept !== undefined) return kept
    const path = `/app/installations/${INSTALLATION}/access_tokens`
    const { token } = (await this.direct('POST', path, this.appToken(), { permissions })) as { token: string }
    this.tokens.set(known, token)
    this.logins.set(token, { login: 'github-actions[bot]', permissions })
    return token
  }

  /** A client as the action makes one. Waiting takes no time and is written down in `waits`. */
  client(token: string, options: Partial<ClientOptions> & { readonly waits?: number[] } = {}): Client {
    const { waits = [], ...rest } = options
    return createClient({
      apiUrl: this.apiUrl,
      token,
      repository: 'acme/app',
      redact: (text) => text,
      fetch,
      now: () => Date.now(),
      signal: new AbortController().signal,
      sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
      ...rest
    })
  }

  /** All comments of a pull request, oldest first. */
  async comments(pullRequest: number): Promise<readonly Comment[]> {
    const pages = [1, 2, 3].map((page) =>
      this.direct('GET', `/repos/acme/app/issues/${pullRequest}/comments?per_page=100&page=${page}`, 'ghp_acme')
    )
    return (await Promise.all(pages)).flat() as Comment[]
  }

  /** Writes a comment as somebody. */
  async write(pullRequest: number, token: string, body: string): Promise<Comment> {
    return (await this.direct('POST', `/repos/acme/app/issues/${pullRequest}/comments`, token, { body })) as Comment
  }

  async removeComment(id: number): Promise<void> {
    await this.direct('DELETE', `/repos/acme/app/issues/comments/${id}`, 'ghp_acme')
  }

  /** Opens one more pull request from a new branch; resolves to its number and head. */
  async openPullRequest(branch: string): Promise<{ readonly number: number; readonly headSha: string }> {
    const main = (await this.direct('GET', '/repos/acme/app/git/ref/heads/main', 'ghp_acme')) as {
      object: { sha: string }
    }
    await this.direct('POST', '/repos/acme/app/git/refs', 'ghp_acme', {
      ref: `refs/heads/${branch}`,
      sha: main.object.sha
    })
    return await this.propose('acme', branch, branch)
  }

  /** Where the head of a pull request is now. */
  async headOf(pullRequest: number): Promise<string> {
    const pull = (await this.direct('GET', `/repos/acme/app/pulls/${pullRequest}`, 'ghp_acme')) as {
      head: { sha: string }
    }
    return pull.head.sha
  }

  /**
   * Moves the head of mallory's pull request #2 on, and resolves to it. By the button that merges the base: emulate
   * leaves a pull request's head where it was when its branch is pushed to.
   */
  async moveFork(): Promise<string> {
    await this.direct('PUT', '/repos/acme/app/pulls/2/update-branch', 'ghp_mallory', {})
    return await this.headOf(2)
  }

  /** Straight to the emulator: what others do. */
  async direct(method: string, path: string, token: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.emulator.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }

  private async makePullRequests(): Promise<void> {
    await this.openPullRequest('feature/login')
    await this.direct('POST', '/repos/acme/app/forks', 'ghp_mallory', {})
    await this.propose('mallory', 'main', 'mallory:main')
  }

  /** Commits to a branch and asks for it to be merged. */
  private async propose(owner: string, branch: string, head: string): Promise<{ number: number; headSha: string }> {
    const content = Buffer.from(`${owner}:${branch}`).toString('base64')
    await this.direct('PUT', `/repos/${owner}/app/contents/change.txt`, `ghp_${owner}`, {
      message: 'Change',
      content,
      branch
    })
    const body = { title: branch, head, base: 'main' }
    const pull = (await this.direct('POST', '/repos/acme/app/pulls', `ghp_${owner}`, body)) as {
      number: number
      head: { sha: string }
    }
    return { number: pull.number, headSha: pull.head.sha }
  }

  private appToken(): string {
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
    const seconds = Math.floor(Date.now() / 1000)
    const text = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: seconds - 10, exp: seconds + 500, iss: String(APP) })}`
    const key = this.emulator.generatedSecrets[0]?.value ?? ''
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse, prefix: string): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const path = (incoming.url ?? '').replace(prefix, '')
    const request: Request = {
      method: incoming.method ?? '',
      path,
      headers: incoming.headers,
      text,
      body: text === '' ? undefined : (JSON.parse(text) as unknown)
    }
    this.requests.push(request)
    const isGraphql = /\/(?:api\/)?graphql$/.test(incoming.url ?? '')
    if (!isGraphql) this.faults.push(...findFaults(request.method, new URL(path, 'http://github'), request.body))
    const reply = (await this.trouble(request)) ?? (isGraphql ? this.viewer(request) : this.own(request))
    if (reply === undefined) return await this.pass(request, outgoing)
    outgoing.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    outgoing.end(reply.body === undefined ? '' : JSON.stringify(reply.body))
  }

  /** What emulate lacks or is too kind about. */
  private own(request: Request): Reply | undefined {
    const { method, path, body } = request
    const who = this.logins.get(tokenOf(request))
    const isApp = tokenOf(request).startsWith('ghs_')
    // https://docs.github.com/rest/users/users#get-the-authenticated-user: only for tokens of people.
    if (path === '/user' && isApp) return refusal(403, 'Resource not accessible by integration')
    if (method !== 'GET' && typeof body === 'object' && body !== null && 'body' in body) {
      const length = [...String(body.body)].length
      if (length > 65_536) {
        const errors = [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message: 'Body is too long' }]
        return { status: 422, body: { message: 'Validation Failed', errors } }
      }
    }
    const of = /^\/repos\/acme\/app\/commits\/(\w+)\/statuses\?/.exec(path)?.[1]
    if (of !== undefined) return { status: 200, body: this.statuses.filter(({ sha }) => sha === of).toReversed() }
    const sha = /^\/repos\/acme\/app\/statuses\/(\w+)$/.exec(path)?.[1]
    if (sha === undefined) return undefined
    if (who?.permissions.statuses !== 'write') return refusal(403, 'Resource not accessible by integration')
    const status = body as Omit<Status, 'sha'>
    if (status.description.length > 140) {
      const errors = [{ resource: 'Status', code: 'custom', field: 'description', message: 'is too long' }]
      return { status: 422, body: { message: 'Validation Failed', errors } }
    }
    this.statuses.push({ sha, ...status })
    return { status: 201, body: { ...status, url: `${this.apiUrl}${path}`, creator: { login: who.login } } }
  }

  private viewer(request: Request): Reply {
    if (!this.hasGraphql) return refusal(404, 'Not Found')
    return { status: 200, body: { data: { viewer: { login: this.logins.get(tokenOf(request))?.login } } } }
  }

  private async pass(request: Request, outgoing: ServerResponse): Promise<void> {
    const response = await fetch(`${this.emulator.url}${request.path}`, {
      method: request.method,
      headers: { authorization: String(request.headers.authorization), 'content-type': 'application/json' },
      ...(request.text === '' ? {} : { body: request.text })
    })
    const text = await response.text()
    const link = response.headers.get('link')
    outgoing.writeHead(response.status, { 'content-type': 'application/json', ...(link === null ? {} : { link }) })
    outgoing.end(text)
  }
}

function tokenOf(request: Request): string {
  return String(request.headers.authorization).replace(/^Bearer /, '')
}

/** GitHub's way of saying no. */
export function refusal(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }
  }
}

export async function freePort(): Promise<number> {
  const server = createNetServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
