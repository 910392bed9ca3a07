import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { findPullRequests } from '../../src/github/pull_request.js'
import { GitHub } from './support/github.js'

const head = 'a'.repeat(40)

describe('the pull request of a commit', () => {
  let github: GitHub
  let fork: { readonly number: number; readonly headSha: string }
  beforeAll(async () => {
    github = await GitHub.start()
    const pull = (await github.direct('GET', '/repos/acme/app/pulls/2', 'ghp_acme')) as { head: { sha: string } }
    fork = { number: 2, headSha: pull.head.sha }
  })
  afterAll(async () => {
    await github[Symbol.asyncDispose]()
  })

  it.each<[string, Partial<{ headSha: string; headRepository: string; headBranch: string }>, readonly number[]]>([
    ['is found by head and repository', {}, [2]],
    ['is not one whose head has moved on', { headSha: head }, []],
    ['is not one of another repository', { headRepository: 'acme/app' }, []],
    ['is not one of another branch', { headBranch: 'feature/login' }, []],
    ['of a branch with marks in its name is looked for', { headBranch: 'a&state=closed#1' }, []]
  ])('%s', async (_name, more, expected) => {
    const client = github.client(await github.workflowToken())
    const search = { headSha: fork.headSha, headRepository: 'mallory/app', headBranch: 'main', ...more }
    expect(await findPullRequests(client, search)).toEqual({ ok: true, value: expected })
    expect(github.faults).toEqual([])
  })

  it('names the permission when it may not look', async () => {
    github.trouble = () => ({ status: 403, body: { message: 'Resource not accessible by integration' } })
    const client = github.client(await github.workflowToken())
    expect(
      await findPullRequests(client, { headSha: head, headRepository: 'mallory/app', headBranch: 'main' })
    ).toEqual({
      ok: false,
      error: { kind: 'forbidden', status: 403, permission: 'pull-requests: read' }
    })
  })
})
