/** Whose comments are ours: anyone can write our marker into a comment of their own. */
import { asString, dig } from '../core/json.js'
import type { Client } from './client.js'

/** Who wrote a comment, as far as it matters here. */
export type Author = { readonly login: string; readonly isBot: boolean }

/** What workflows' own tokens write as, where nobody can be asked. */
const WORKFLOW_IDENTITIES = ['github-actions[bot]', 'gitea-actions', 'forgejo-actions']

/** The `user` of a comment. */
export function readAuthor(comment: unknown): Author | undefined {
  const login = asString(dig(comment, 'user', 'login'))
  if (login === undefined) return undefined
  const app = asString(dig(comment, 'performed_via_github_app', 'slug'))
  return { login, isBot: dig(comment, 'user', 'type') === 'Bot' || (app !== undefined && login === `${app}[bot]`) }
}

/**
 * The login that the token writes as; `undefined` where the server does not tell. A workflow's token has no user, and
 * `GET /user` is refused to it; GraphQL's `viewer` knows it.
 */
export async function readOwnLogin(client: Client): Promise<string | undefined> {
  const user = async (): Promise<string | undefined> => {
    const result = await client.root('GET', '/user', { permission: '' })
    return result.ok ? asString(dig(result.value, 'login')) : undefined
  }
  const viewer = async (): Promise<string | undefined> => {
    const result = await client.graphql('query { viewer { login } }')
    return result.ok ? asString(dig(result.value, 'data', 'viewer', 'login')) : undefined
  }
  return client.actsAsApp ? await viewer() : ((await user()) ?? (await viewer()))
}

/** Whether `author` is the one that writes as `login`; without a login, whether it is a bot. */
export function isOwn(author: Author, login: string | undefined): boolean {
  if (login === undefined) return author.isBot || WORKFLOW_IDENTITIES.includes(author.login)
  const own = login.toLowerCase()
  const theirs = author.login.toLowerCase()
  // GraphQL leaves the suffix out in places; a person may have the same name without it.
  return theirs === own || (author.isBot && theirs === `${own}[bot]`)
}
