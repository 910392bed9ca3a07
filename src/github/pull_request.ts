/** The pull request that a commit belongs to, where the event's payload does not tell. */
import { asPositive, asString, dig } from '../core/json.js'
import type { PullRequestSearch } from '../occasion/place.js'
import type { Client } from './client.js'
import type { ApiResult } from './errors.js'

/** Open pull requests of this repository whose head is exactly there now. */
export async function findPullRequests(
  client: Client,
  search: PullRequestSearch
): Promise<ApiResult<readonly number[]>> {
  const [owner = ''] = search.headRepository.split('/')
  const query = new URLSearchParams({ state: 'open', head: `${owner}:${search.headBranch}` })
  const listed = await client.list(`/pulls?${query.toString()}`, { permission: 'pull-requests: read' })
  if (!listed.ok) return listed
  const numbers = listed.value
    .filter(
      (pull) =>
        dig(pull, 'head', 'sha') === search.headSha &&
        asString(dig(pull, 'head', 'repo', 'full_name'))?.toLowerCase() === search.headRepository.toLowerCase()
    )
    .map((pull) => asPositive(dig(pull, 'number')))
    .filter((number) => number !== undefined)
  return { ok: true, value: numbers }
}
