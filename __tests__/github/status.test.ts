/** Commit statuses. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createRedactor } from '../../src/report/redact.js'
import { DESCRIPTION_LIMIT, setCommitStatus, shortened, type StatusRequest } from '../../src/github/status.js'
import { GitHub } from './support/github.js'

const sha = '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d'
let github: GitHub
let token: string

beforeAll(async () => {
  github = await GitHub.start()
  token = await github.workflowToken()
})
afterAll(async () => {
  await github[Symbol.asyncDispose]()
})
beforeEach(() => github.forget())
afterEach(() => {
  expect(github.faults).toEqual([])
})

const status = (more: Partial<StatusRequest> = {}): StatusRequest => ({
  client: github.client(token),
  sha,
  state: 'success',
  context: 'stagegate/app',
  description: 'tests passed, 201.3 MB (+1.2 MB)',
  targetUrl: 'https://github.com/acme/app/actions/runs/1',
  ...more
})

describe('a status', () => {
  it('says what it is told', async () => {
    const outcome = await setCommitStatus(status())
    expect(outcome.kind).toBe('set')
    expect(github.statuses).toEqual([
      {
        sha,
        state: 'success',
        context: 'stagegate/app',
        description: 'tests passed, 201.3 MB (+1.2 MB)',
        target_url: 'https://github.com/acme/app/actions/runs/1'
      }
    ])
  })

  it('has one line that fits', async () => {
    await setCommitStatus(status({ description: `line one\nline two\u0000 ${'word '.repeat(60)}`, context: ' a\nb ' }))
    expect(github.statuses[0]?.description).toMatch(/^line one line two word .*word…$/)
    expect(github.statuses[0]?.description.length).toBeLessThanOrEqual(DESCRIPTION_LIMIT)
    expect(github.statuses[0]?.context).toBe('a b')
  })

  it.each(['javascript:alert(1)', 'nothing', ''])('does not lead to %p', async (targetUrl) => {
    await setCommitStatus(status({ targetUrl }))
    expect(github.statuses[0]).not.toHaveProperty('target_url')
  })

  it('names the permission it lacks', async () => {
    const client = github.client(await github.workflowToken({ issues: 'write' }))
    expect(await setCommitStatus(status({ client }))).toEqual({
      kind: 'failed',
      error: { kind: 'forbidden', status: 403, permission: 'statuses: write' },
      message:
        'The commit status "stagegate/app" was not set: the token may not do this (403). Add `statuses: write` to the job\'s `permissions`.'
    })
  })

  it.each<[string, unknown]>([
    ['a page of something in between', undefined],
    ['an object of another kind', { message: 'Please log in' }],
    ['a list', []],
    ['a status that says otherwise', { context: 'stagegate/app', state: 'pending' }]
  ])('is not set where the answer is %s', async (_, body) => {
    github.trouble = ({ method }) => (method === 'POST' ? { status: 200, body } : undefined)
    expect(await setCommitStatus(status())).toEqual({
      kind: 'failed',
      error: { kind: 'unavailable', reason: 'the response is not the status' },
      message: 'The commit status "stagegate/app" was not set: the response is not the status.'
    })
  })

  it('is set where its state is called "status", as by Gitea', async () => {
    github.trouble = () => ({ status: 201, body: { id: 1, context: 'stagegate/app', status: 'success' } })
    expect(await setCommitStatus(status())).toEqual({ kind: 'set' })
  })

  it.each(['', 'main', '../../pulls/1', '0'.repeat(40)])('is not set on %p', async (wrong) => {
    expect(await setCommitStatus(status({ sha: wrong }))).toMatchObject({ kind: 'failed', error: { kind: 'invalid' } })
    expect(github.requests).toEqual([])
  })

  it('holds no secret, nor the half of one that the limit would leave', async () => {
    const sentinel = 'S3ntinel+value with spaces'
    const client = github.client(token, { redact: createRedactor([{ id: 'token', value: sentinel }]) })
    await setCommitStatus(status({ client, description: `${'x'.repeat(125)} ${sentinel} and more`, context: sentinel }))
    const sent = github.requests.map(({ text }) => text).join('\n')
    expect(sent).not.toContain('S3nt')
    expect(github.statuses[0]).toMatchObject({ context: '***', description: expect.stringContaining('***') })
  })
})

describe('two images, or two workflows, under one name', () => {
  const small = { identity: 'BASE=3.12 .github/workflows/ci.yml' }
  const large = { identity: 'BASE=3.13 .github/workflows/ci.yml' }
  const told = /^The commit status "stagegate\/app" is that of another image or workflow .* its own `commit-status`\./
  const states = () => github.statuses.map(({ state }) => state)

  it('are told, whichever comes second', async () => {
    expect(await setCommitStatus(status(small))).not.toHaveProperty('message')
    expect(await setCommitStatus(status(large))).toMatchObject({ kind: 'set', message: expect.stringMatching(told) })
    expect(await setCommitStatus(status(small))).toMatchObject({ kind: 'set', message: expect.stringMatching(told) })
    // The link leads where it did.
    const [, link] = github.statuses.map((each) => new URL(each.target_url ?? ''))
    expect(`${link?.origin}${link?.pathname}`).toBe('https://github.com/acme/app/actions/runs/1')
  })

  it('are red if one is', async () => {
    await setCommitStatus(status({ ...small, state: 'failure' }))
    const left = await setCommitStatus(status(large))
    expect(left).toMatchObject({
      kind: 'left',
      message: expect.stringMatching(/It still says that the other one failed\.$/)
    })
    expect(states()).toEqual(['failure'])
    // The one that failed, run again.
    await setCommitStatus(status(small))
    await setCommitStatus(status({ ...large, state: 'failure' }))
    expect(states()).toEqual(['failure', 'success', 'failure'])
  })

  it.each([
    ['the same one again', small, {}],
    ['one under another name', large, { context: 'stagegate/large' }],
    ['one of another commit', large, { sha: 'b'.repeat(40) }]
  ])('are not %s', async (_, of, more) => {
    await setCommitStatus(status({ ...small, state: 'failure' }))
    expect(await setCommitStatus(status({ ...of, ...more }))).toEqual({ kind: 'set', url: expect.any(String) })
    expect(states()).toEqual(['failure', 'success'])
  })

  it('are not asked for where nobody can answer', async () => {
    await setCommitStatus(status({ ...small, state: 'failure' }))
    github.trouble = ({ method }) => (method === 'GET' ? { status: 404, body: { message: 'Not Found' } } : undefined)
    expect(await setCommitStatus(status(large))).toMatchObject({ kind: 'set' })
  })
})

describe('a description', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly 10', 10, 'exactly 10'],
    ['more than ten', 10, 'more than…'],
    ['more, than', 6, 'more…'],
    ['abcdefghijklmnop', 10, 'abcdefghi…'],
    ['abcdefgh😀 more', 10, 'abcdefgh…'],
    ['a bcdefghijklmno', 10, 'a bcdefgh…']
  ])('%p in %i characters', (text, limit, expected) => {
    expect(shortened(text, limit)).toBe(expected)
    expect(shortened(text, limit).length).toBeLessThanOrEqual(limit)
  })
})
