/** What the second action does with the reports of a run, against GitHub's API. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { comment, type CommentResult } from '../../src/comment/run.js'
import type { Report } from '../../src/report/model.js'
import { GitHub, refusal } from '../github/support/github.js'
import { cachedGreen, firstGreen, fork, redTest } from '../report/support/reports.js'
import { documentOf, startedBy, type RunPayload } from './support/strangers.js'

let github: GitHub
let headSha: string
let folder: string

beforeAll(async () => {
  github = await GitHub.start()
  headSha = await github.headOf(2)
})
afterAll(async () => {
  await github[Symbol.asyncDispose]()
})
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stagegate-reports-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  github.trouble = () => undefined
  for (const pull of [1, 2]) for (const { id } of await github.comments(pull)) await github.removeComment(id)
  expect(github.faults).toEqual([])
  github.forget()
})

/** Puts a file where a download would. */
function leave(artifact: string, document: unknown): void {
  mkdirSync(path.join(folder, artifact), { recursive: true })
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  writeFileSync(path.join(folder, artifact, 'report.json'), text)
}

const named = (name: string, report: Report = fork()): unknown => documentOf({ ...report, name })

type Step = {
  readonly run?: RunPayload
  readonly inputs?: Readonly<Record<string, string>>
  readonly eventName?: string
}

async function handOn({ run = {}, inputs = {}, eventName }: Step = {}): Promise<CommentResult> {
  const all: Readonly<Record<string, string>> = {
    report: folder,
    'github-token': await github.workflowToken(),
    ...inputs
  }
  return await comment(
    { now: () => Date.now(), signal: new AbortController().signal },
    {
      occasion: startedBy({ headSha, ...run }, eventName, github.apiUrl),
      given: Object.keys(all),
      read: (name) => all[name] ?? '',
      fetch
    }
  )
}

const bodies = async (pull: number): Promise<readonly string[]> => (await github.comments(pull)).map(({ body }) => body)

describe('the report of a fork', () => {
  it('becomes a comment on its pull request, and on no other', async () => {
    leave('stagegate-report', named('app'))
    const result = await handOn()
    expect(result).toMatchObject({
      pullRequest: 2,
      warnings: [],
      problems: [],
      done: ['"app": a comment was written on pull request #2.'],
      comments: [expect.stringContaining('http')]
    })
    const [body = '', ...others] = await bodies(2)
    expect(others).toEqual([])
    expect(body).toContain('pull request `#2` comes from the fork mallory/app')
    expect(body).toContain(`https://github.com/acme/app/blob/${headSha}/Dockerfile`)
    expect(await bodies(1)).toEqual([])
  })

  it('is edited by the next run, and left alone by an older one', async () => {
    leave('a', named('app'))
    await handOn({ run: { id: 100 } })
    leave('a', named('app', redTest()))
    expect((await handOn({ run: { id: 101, conclusion: 'failure' } })).done).toEqual([
      '"app": the comment was updated on pull request #2.'
    ])
    leave('a', named('app', cachedGreen()))
    expect((await handOn({ run: { id: 99 } })).done).toEqual([
      expect.stringContaining('of a later run is there already')
    ])
    const all = await bodies(2)
    expect(all).toHaveLength(1)
    expect(all[0]).toContain('the tests failed')
  })

  it('is one comment for each image of a matrix', async () => {
    for (const name of ['api', 'web', 'jobs']) leave(`report-${name}`, named(name))
    const { comments } = await handOn()
    expect(comments).toHaveLength(3)
    expect((await bodies(2)).map((body) => /## \S+ (\w+):/.exec(body)?.[1])).toEqual(['api', 'jobs', 'web'])
  })

  it('says so where a run failed and its report is green', async () => {
    leave('a', named('app', firstGreen()))
    await handOn({ run: { conclusion: 'failure' } })
    const [body = ''] = await bodies(2)
    expect(body).toContain('## ⚠️ app: the workflow run failed; its report says: tests passed')
  })

  it('names nothing: another pull request, commit or repository in it is not looked at', async () => {
    const document = documentOf(fork())
    leave('a', {
      ...document,
      number: 1,
      pull_request: { number: 1 },
      trusted: true,
      trustReason: 'pull request #1 comes from the fork acme/app',
      source: { dockerfile: 'Dockerfile', repository: 'octocat/other', sha: 'd'.repeat(40) }
    })
    await handOn()
    expect(await bodies(1)).toEqual([])
    const [body = ''] = await bodies(2)
    expect(body).not.toMatch(/octocat|dddd|#1\b/)
    expect(github.requests.map((request) => request.path).join('\n')).not.toMatch(/octocat|issues\/1\//)
  })

  it('leaves the comments of others alone, whatever marker they have', async () => {
    leave('a', named('app'))
    await handOn()
    const [body = ''] = await bodies(2)
    for (const { id } of await github.comments(2)) await github.removeComment(id)
    const { id } = await github.write(2, 'ghp_octocat', body)
    await handOn()
    expect((await github.comments(2)).map((each) => [each.id === id, each.user.login])).toEqual([
      [true, 'octocat'],
      [false, 'github-actions[bot]']
    ])
  })
})

describe('nothing is written', () => {
  it.each<readonly [string, RunPayload, RegExp]>([
    [
      'for a commit that is not the head any more',
      { headSha: 'd'.repeat(40) },
      /no open pull request .* newer commits/
    ],
    ['for the same commit in another repository', { headRepository: 'octocat/app' }, /no open pull request/],
    ['for another branch of the fork', { headBranch: 'other' }, /no open pull request/],
    ['for a fork that is gone', { headRepository: null }, /is gone/],
    ['for a run that waits for approval', { conclusion: 'action_required' }, /waits for the approval/],
    ['for a run that was skipped', { conclusion: 'skipped' }, /was skipped/],
    ['for a push', { event: 'push' }, /started by "push"/],
    ['for pull_request_target', { event: 'pull_request_target' }, /started by "pull_request_target"/]
  ])('%s', async (_, run, reason) => {
    leave('a', named('app'))
    const result = await handOn({ run, inputs: { 'commit-status': 'stagegate' } })
    expect(result).toMatchObject({ warnings: [], problems: [], comments: [] })
    expect(result.done).toEqual([expect.stringMatching(reason)])
    expect(await bodies(2)).toEqual([])
    expect(github.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('where two pull requests have the same head', async () => {
    leave('a', named('app'))
    const pull = (number: number): object => ({
      number,
      head: { sha: headSha, repo: { full_name: 'mallory/app' } }
    })
    github.trouble = ({ path: asked }) =>
      asked.startsWith('/repos/acme/app/pulls?') ? { status: 200, body: [pull(1), pull(2)] } : undefined
    const { done, comments } = await handOn()
    expect(comments).toEqual([])
    expect(done).toEqual([expect.stringContaining('the pull requests #1, #2 have the same head')])
    expect([...(await bodies(1)), ...(await bodies(2))]).toEqual([])
  })

  it('for a run that could write itself', async () => {
    const own = await github.headOf(1)
    leave('a', named('app', firstGreen()))
    const run = { headRepository: 'acme/app', headBranch: 'feature/login', headSha: own }
    const result = await handOn({ run, inputs: { 'commit-status': 'stagegate' } })
    expect(result.done).toEqual(['"app" was left alone: its run was trusted, and comments itself.'])
    expect(github.requests.filter(({ method }) => method !== 'GET')).toEqual([])
    // Dependabot's could not.
    leave('a', named('app', fork()))
    expect(await handOn({ run })).toMatchObject({ pullRequest: 1, comments: [expect.any(String)] })
    expect((await bodies(1))[0]).toContain('pull request `#1` was built with a token that may not write')
  })
})

describe('a workflow that cannot work', () => {
  it.each<readonly [string, Step, RegExp]>([
    ['another event', { eventName: 'pull_request' }, /started by "pull_request".*on: workflow_run/],
    ['a run that goes on', { run: { conclusion: null } }, /has not ended.*types: \[completed\]/],
    ['no path', { inputs: { report: ' ' } }, /report: it is empty/],
    ['no token', { inputs: { 'github-token': '' } }, /github-token: it is empty/],
    ['a mistyped input', { inputs: { 'commit-staus': 'x' } }, /commit-staus: there is no such input.*"commit-status"/]
  ])('is told what to do: %s', async (_, step, message) => {
    leave('a', named('app'))
    const { problems, comments } = await handOn(step)
    expect(problems.map(({ input, problem, fix }) => `${input}: ${problem}. ${fix}`)).toEqual([
      expect.stringMatching(message)
    ])
    expect(comments).toEqual([])
    expect(github.requests).toEqual([])
  })
})

describe('a file that is no report', () => {
  it('is a problem, and the others are shown all the same', async () => {
    leave('a', 'no JSON')
    leave('b', named('app'))
    leave('c', named('app', redTest()))
    const { problems, comments } = await handOn()
    expect(comments).toHaveLength(1)
    expect(problems.map(({ problem }) => problem)).toEqual([
      '"report.json": it is not JSON',
      '"report.json": another report has the same name, "app"'
    ])
  })

  it('is missed where there is none', async () => {
    const { warnings, problems } = await handOn()
    expect(problems).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('The run left no report')])
    expect(await handOn({ run: { conclusion: 'failure' } })).toMatchObject({
      warnings: [],
      done: ['The workflow run failed and left no report.']
    })
  })
})

describe('trouble with GitHub', () => {
  it('a missing permission is a warning that names it', async () => {
    leave('a', named('app'))
    const token = await github.workflowToken({ issues: 'read', pull_requests: 'read' })
    const result = await handOn({ inputs: { 'github-token': token, 'commit-status': 'stagegate' } })
    expect(result).toMatchObject({ problems: [], comments: [] })
    expect(result.warnings).toEqual([
      expect.stringContaining('`pull-requests: write`'),
      expect.stringContaining('`statuses: write`')
    ])
  })

  it.each([
    [404, /not found/],
    [401, /not valid/]
  ])('%d for the list of pull requests is a warning', async (status, message) => {
    leave('a', named('app'))
    github.trouble = () => refusal(status, 'no')
    const result = await handOn()
    expect(result).toMatchObject({ problems: [], comments: [] })
    expect(result.warnings).toEqual([expect.stringMatching(message)])
  })

  it('a server in trouble is asked again', async () => {
    leave('a', named('app'))
    let failures = 1
    github.trouble = ({ method }) => (method === 'POST' && failures-- > 0 ? refusal(502, 'no') : undefined)
    expect((await handOn()).comments).toHaveLength(1)
    expect(await bodies(2)).toHaveLength(1)
  })
})

describe('the commit status', () => {
  const inputs = { 'commit-status': 'stagegate' }

  it.each<readonly [string, string, readonly Report[], { readonly state: string; readonly description: RegExp }]>([
    ['a green run with a green report', 'success', [fork()], { state: 'success', description: /^app: tests passed/ }],
    ['a red report', 'failure', [redTest()], { state: 'failure', description: /^app: the tests failed/ }],
    [
      'a green report of a red run',
      'failure',
      [firstGreen()],
      { state: 'failure', description: /^app: the workflow run failed; its report says/ }
    ],
    ['a red report of a green run', 'success', [redTest()], { state: 'failure', description: /the tests failed/ }],
    [
      'a green report of a cancelled run',
      'cancelled',
      [firstGreen()],
      { state: 'error', description: /^app: the workflow run was cancelled; its report says/ }
    ],
    ['a red run without a report', 'failure', [], { state: 'failure', description: /^the workflow run failed$/ }],
    [
      'two green reports',
      'success',
      [fork(), { ...fork(), name: 'web' }],
      { state: 'success', description: /^2 images passed, app: tests/ }
    ],
    [
      'one of two red',
      'failure',
      [fork(), { ...redTest(), name: 'web' }],
      { state: 'failure', description: /^web: the tests failed/ }
    ]
  ])('of %s', async (_, conclusion, reports, { state, description }) => {
    reports.forEach((report, index) => leave(String(index), documentOf(report)))
    await handOn({ run: { conclusion }, inputs })
    expect(github.statuses).toEqual([
      expect.objectContaining({
        sha: headSha,
        context: 'stagegate',
        state,
        description: expect.stringMatching(description),
        target_url: 'https://github.com/acme/app/actions/runs/9120386437'
      })
    ])
  })

  it('is an error where a report cannot be read, and none where nothing was said', async () => {
    expect((await handOn({ inputs })).done).toEqual(['No commit status was set: there is no report.'])
    await handOn({ inputs, run: { conclusion: 'cancelled' } })
    expect(github.statuses).toEqual([])
    leave('a', '{}')
    await handOn({ inputs })
    expect(github.statuses).toEqual([expect.objectContaining({ state: 'error' })])
  })

  it('is not set unless it was asked for', async () => {
    leave('a', named('app'))
    await handOn()
    expect(github.statuses).toEqual([])
  })
})
