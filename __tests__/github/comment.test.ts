/** The report as a comment, on a GitHub that keeps state. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createRedactor } from '../../src/report/redact.js'
import { COMMENT_LIMIT, commentNote, upsertComment, type CommentRequest } from '../../src/github/comment.js'
import { markerLine, markerStart } from '../../src/github/marker.js'
import { GitHub, refusal, type Request } from './support/github.js'

let github: GitHub
let token: string
/** A pull request of each test's own. */
let pullRequest: number
let branches = 0

beforeAll(async () => {
  github = await GitHub.start()
})
afterAll(async () => {
  await github[Symbol.asyncDispose]()
})
beforeEach(async () => {
  token = await github.workflowToken()
  branches += 1
  pullRequest = (await github.openPullRequest(`change-${branches}`)).number
  github.forget()
})
afterEach(() => {
  expect(github.faults).toEqual([])
})

const request = (text: string, more: Partial<CommentRequest> = {}): CommentRequest => ({
  client: github.client(token),
  pullRequest,
  name: 'app',
  render: () => text,
  ...more
})
const marker = (name: string): string => markerLine(markerStart(name), undefined)
const bodies = async (): Promise<readonly string[]> =>
  (await github.comments(pullRequest)).map(({ body }) => body.replace(/^<!--.*-->\n/, ''))
const asked = (): readonly string[] => github.requests.map(({ method, path }) => `${method} ${path}`)
const writes = (): readonly Request[] => github.requests.filter(({ method }) => method !== 'GET')

describe('one comment per report', () => {
  it('is created, then edited in its place', async () => {
    const created = await upsertComment(request('first'))
    const updated = await upsertComment(request('second'))
    expect(created.kind).toBe('created')
    expect(updated).toEqual({ ...created, kind: 'updated' })
    expect(await bodies()).toEqual(['second'])
    expect(created).toMatchObject({ url: expect.stringMatching(/#issuecomment-\d+$/) })
  })

  it('is left alone when nothing changed', async () => {
    await upsertComment(request('same\n\ntext\n', { sequence: 1 }))
    github.forget()
    expect(await upsertComment(request('same\n\ntext', { sequence: 2 }))).toMatchObject({ kind: 'unchanged' })
    expect(await upsertComment(request('same\r\n\r\ntext\n', { sequence: 2 }))).toMatchObject({ kind: 'unchanged' })
    expect(writes().filter(({ path }) => path !== '/graphql')).toEqual([])
  })

  it('is found behind the first page', async () => {
    for (let index = 0; index < 130; index += 1) await github.write(pullRequest, 'ghp_octocat', `chatter ${index}`)
    await upsertComment(request('first'))
    for (let index = 0; index < 5; index += 1) await github.write(pullRequest, 'ghp_octocat', `more ${index}`)
    expect(await upsertComment(request('second'))).toMatchObject({ kind: 'updated' })
    expect((await bodies()).filter((body) => ['first', 'second'].includes(body))).toEqual(['second'])
    expect(asked().filter((line) => line.includes('page=2')).length).toBeGreaterThan(0)
  }, 30_000)

  it('is not the one of a stranger who copied the marker', async () => {
    await github.write(pullRequest, 'ghp_mallory', `${marker('app')}mine now`)
    expect(await upsertComment(request('first'))).toMatchObject({ kind: 'created' })
    expect(await upsertComment(request('second'))).toMatchObject({ kind: 'updated' })
    expect(await bodies()).toEqual(['mine now', 'second'])
  })

  it('is not one that quotes the marker further down', async () => {
    await github.write(pullRequest, token, `See below\n${marker('app')}old`)
    expect(await upsertComment(request('first'))).toMatchObject({ kind: 'created' })
  })

  it('is created anew when somebody deleted it', async () => {
    const first = await upsertComment(request('first'))
    if (first.kind !== 'created') throw new Error('not created')
    await github.removeComment(first.id)
    expect(await upsertComment(request('second'))).toMatchObject({ kind: 'created' })
    expect(await bodies()).toEqual(['second'])
  })

  it('is created anew when somebody deletes it between the look and the edit', async () => {
    const first = await upsertComment(request('first'))
    if (first.kind !== 'created') throw new Error('not created')
    github.trouble = async ({ method }) => {
      if (method === 'PATCH') await github.removeComment(first.id)
      return undefined
    }
    expect(await upsertComment(request('second'))).toMatchObject({ kind: 'created' })
    expect(await bodies()).toEqual(['second'])
  })

  it('keeps a report of a later run', async () => {
    await upsertComment(request('run 12', { sequence: 12 }))
    const outcome = await upsertComment(request('run 11', { sequence: 11 }))
    expect(outcome).toMatchObject({ kind: 'superseded' })
    expect(commentNote(outcome)).toBe('The comment already shows a later run, so it was left as it is.')
    expect(await upsertComment(request('run 12 again', { sequence: 12 }))).toMatchObject({ kind: 'updated' })
    expect(await bodies()).toEqual(['run 12 again'])
  })
})

describe('two images of one name', () => {
  const first = { image: { identity: 'python 3.12', commit: 'c1' }, sequence: 7 }
  const second = { image: { identity: 'python 3.13', commit: 'c1' }, sequence: 7 }
  const fix = 'Another image or workflow of this commit goes by the same name'

  it('have one comment between them, which stays the first one’s and says so', async () => {
    await upsertComment(request('of 3.12\n', first))
    const outcome = await upsertComment(request('of 3.13\n', second))
    expect(outcome).toMatchObject({ kind: 'other-image' })
    expect(commentNote(outcome)).toMatch(/another image called "app", or from another workflow.*`report-name`/)
    const [body = '', ...others] = await bodies()
    expect(others).toEqual([])
    expect(body).toMatch(/^of 3\.12\n/)
    expect(body).toContain(fix)
    expect(body).not.toContain('of 3.13')
  })

  it('keep to it with the commits that follow, in any order', async () => {
    await upsertComment(request('of 3.12\n', first))
    await upsertComment(request('of 3.13\n', second))
    const next = (image: typeof first) => ({ image: { ...image.image, commit: 'c2' }, sequence: 8 })
    expect(await upsertComment(request('of 3.13 again\n', next(second)))).toMatchObject({ kind: 'other-image' })
    expect(await upsertComment(request('of 3.12 again\n', next(first)))).toMatchObject({ kind: 'updated' })
    const [body = ''] = await bodies()
    expect(body.startsWith('of 3.12 again\n')).toBe(true)
    expect(body.split(fix)).toHaveLength(2)
    github.forget()
    expect(await upsertComment(request('of 3.12 again\n', next(first)))).toMatchObject({ kind: 'unchanged' })
    expect(writes().filter(({ path }) => path !== '/graphql')).toEqual([])
  })

  it('are told apart from one whose arguments changed with the commit', async () => {
    await upsertComment(request('VERSION=1\n', { image: { identity: 'VERSION=1', commit: 'c1' } }))
    const bumped = { image: { identity: 'VERSION=2', commit: 'c2' } }
    expect(await upsertComment(request('VERSION=2\n', bumped))).toMatchObject({ kind: 'updated' })
    expect(await bodies()).toEqual(['VERSION=2\n'])
  })

  it('do not lose the one that raced to be first', async () => {
    const outcomes = await Promise.all([
      upsertComment(request('of 3.12\n', first)),
      upsertComment(request('of 3.13\n', second))
    ])
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['created', 'other-image'])
    const [body = '', ...others] = await bodies()
    expect(others).toEqual([])
    expect(body).toContain(fix)
  })

  it('are noticed beside a comment of a version that marked no image', async () => {
    await upsertComment(request('old\n', { sequence: 1 }))
    expect(await upsertComment(request('new\n', first))).toMatchObject({ kind: 'updated' })
    expect(await upsertComment(request('other\n', second))).toMatchObject({ kind: 'other-image' })
  })
})

describe('the jobs of a matrix', () => {
  it('do not touch the comments of each other', async () => {
    const names = ['app', 'app-2', 'app --> <b>', 'app\n<!-- stagegate -->', 'ä'.repeat(4000), '@team #1']
    const all = (text: string) =>
      Promise.all(names.map((name) => upsertComment(request(`${name.length} ${text}`, { name }))))
    expect((await all('first')).map(({ kind }) => kind)).toEqual(names.map(() => 'created'))
    expect((await all('second')).map(({ kind }) => kind)).toEqual(names.map(() => 'updated'))
    expect((await bodies()).toSorted()).toEqual(names.map(({ length }) => `${length} second`).toSorted())
  })

  it('end with one comment when two of the same name race', async () => {
    // Both look, find nothing, and only then does either write.
    let looking = 0
    const looked = Promise.withResolvers<undefined>()
    github.trouble = async ({ method }) => {
      if (method !== 'GET') return undefined
      looking += 1
      if (looking === 2) looked.resolve(undefined)
      if (looking <= 2) await looked.promise
      return undefined
    }
    const outcomes = await Promise.all([upsertComment(request('one')), upsertComment(request('two'))])
    expect(await bodies()).toHaveLength(1)
    expect(new Set(outcomes.map((outcome) => 'id' in outcome && outcome.id)).size).toBe(1)
  })

  it('are freed of duplicates that an earlier race has left', async () => {
    for (const text of ['one', 'two', 'three']) await github.write(pullRequest, token, marker('app') + text)
    expect(await upsertComment(request('now'))).toMatchObject({ kind: 'updated' })
    expect(await bodies()).toEqual(['now'])
  })

  it('do not write twice when the answer to a write got lost', async () => {
    let lost = false
    github.trouble = async ({ method, body }) => {
      if (method !== 'POST' || lost) return undefined
      lost = true
      await github.write(pullRequest, token, (body as { body: string }).body)
      return { status: 502 }
    }
    expect(await upsertComment(request('once'))).toMatchObject({ kind: 'unchanged' })
    expect(await bodies()).toEqual(['once'])
  })
})

describe('whose comment it is', () => {
  it('asks for the user behind a personal token', async () => {
    const client = github.client('ghp_octocat')
    await upsertComment(request('first', { client }))
    await github.write(pullRequest, token, `${marker('app')}of the workflow`)
    expect(await upsertComment(request('second', { client }))).toMatchObject({ kind: 'updated' })
    expect(await bodies()).toEqual(['second', 'of the workflow'])
    expect(asked()).toContain('GET /user')
  })

  it('asks nobody when there is nothing to ask about', async () => {
    await upsertComment(request('first'))
    expect(asked().filter((line) => /user|graphql/.test(line))).toEqual([])
  })

  it('takes a bot with the marker for itself where nobody tells', async () => {
    github.hasGraphql = false
    await github.write(pullRequest, 'ghp_mallory', `${marker('app')}mine now`)
    await upsertComment(request('first'))
    github.hasGraphql = false
    expect(await upsertComment(request('second'))).toMatchObject({ kind: 'updated' })
    expect(await bodies()).toEqual(['mine now', 'second'])
  })
})

describe('the length', () => {
  it('is offered to the renderer, and what fills it exactly is accepted', async () => {
    const limits: number[] = []
    const render = (limit: number): string => {
      limits.push(limit)
      return '€'.repeat(limit)
    }
    const outcome = await upsertComment(request('', { render, sequence: Number.MAX_SAFE_INTEGER }))
    expect(outcome).toMatchObject({ kind: 'created' })
    expect(limits).toHaveLength(1)
    expect(writes()[0]?.body).toMatchObject({ body: expect.stringMatching(/€$/) })
    expect((writes()[0]?.body as { body: string }).body).toHaveLength(COMMENT_LIMIT)
  })

  it('is never cut here', async () => {
    const outcome = await upsertComment(request('x'.repeat(COMMENT_LIMIT)))
    expect(commentNote(outcome)).toMatch(/^No comment was written: it would have 65,?\d+ characters\.$/)
    expect(github.requests).toEqual([])
  })

  it('of a body that GitHub finds too long is told without what is in it', async () => {
    github.trouble = ({ method }) =>
      method === 'POST'
        ? {
            status: 422,
            body: { message: 'Validation Failed: secret', errors: [{ field: 'data', code: 'unprocessable' }] }
          }
        : undefined
    expect(commentNote(await upsertComment(request('first')))).toBe(
      'No comment was written: the server did not accept the request (422: data unprocessable).'
    )
  })
})

describe('a comment that can not be written', () => {
  it('names the permission, as for the token of a fork', async () => {
    token = await github.workflowToken({ issues: 'read', contents: 'read' })
    const outcome = await upsertComment(request('first'))
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'forbidden', permission: 'pull-requests: write' } })
    expect(commentNote(outcome)).toBe(
      "No comment was written: the token may not do this (403). Add `pull-requests: write` to the job's `permissions`."
    )
    expect(await bodies()).toEqual([])
    expect(writes()).toHaveLength(1)
  })

  it('says so when there is no such pull request', async () => {
    const outcome = await upsertComment(request('first', { pullRequest: 4711 }))
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'not-found' } })
    expect(commentNote(outcome)).toContain('not found (404)')
  })

  it('tells a locked conversation from a missing permission', async () => {
    github.trouble = ({ method }) =>
      method === 'POST' ? refusal(403, 'Unable to create comment because issue is locked.') : undefined
    expect(commentNote(await upsertComment(request('first')))).toBe(
      'No comment was written: the conversation is locked (403).'
    )
  })

  it.each<[string, 'POST' | 'PATCH', unknown]>([
    ['created', 'POST', undefined],
    ['created', 'POST', { message: 'Please log in' }],
    ['edited', 'PATCH', undefined],
    ['edited', 'PATCH', { message: 'Please log in' }],
    ['edited', 'PATCH', { id: 1, user: { login: 'octocat' }, body: 'another' }]
  ])('is not taken for %s where the answer to %s is %j', async (_, method, body) => {
    if (method === 'PATCH') await upsertComment(request('first'))
    github.trouble = (asked) =>
      asked.method === method && asked.path !== '/graphql' ? { status: 200, body } : undefined
    expect(commentNote(await upsertComment(request('second')))).toBe(
      'No comment was written: the response is not the comment.'
    )
  })

  it('creates nothing when it could not look for what is there', async () => {
    github.trouble = ({ method }) => (method === 'GET' ? { status: 503 } : undefined)
    expect(await upsertComment(request('first'))).toMatchObject({ kind: 'failed', error: { kind: 'unavailable' } })
    expect(writes()).toEqual([])
  })
})

describe('a secret', () => {
  const sentinel = 'S3ntinel/+va"lue&more'
  const redact = createRedactor([{ id: 'token', value: sentinel }])

  it('is not sent in any form it may have taken', async () => {
    const forms = [
      sentinel,
      Buffer.from(sentinel).toString('base64'),
      Buffer.from(sentinel).toString('hex'),
      encodeURIComponent(sentinel)
    ]
    const client = github.client(token, { redact })
    await upsertComment(request(`- ${forms.join('\n- ')}`, { client, name: `app ${sentinel}` }))
    expect(await bodies()).toEqual(['- ***\n- ***\n- ***\n- ***'])
    const sent = github.requests.map(({ path, text }) => path + text).join('\n')
    for (const form of forms) expect(sent).not.toContain(form)
  })

  it('may be a word of the marker, and the comment is found again', async () => {
    const client = github.client(token, { redact: createRedactor([{ id: 'word', value: 'stagegate' }]) })
    await upsertComment(request('first', { client }))
    expect(await upsertComment(request('second', { client }))).toMatchObject({ kind: 'updated' })
    expect(await bodies()).toHaveLength(1)
  })
})

describe.each([
  ['GitHub Enterprise Server', '/api/v3', 'ghs'],
  ['Gitea', '/api/v1', 'ghp']
])('on %s', (_name, prefix, kind) => {
  it('writes and finds its comment', async () => {
    await using server = await GitHub.start(prefix)
    const client = server.client(kind === 'ghs' ? await server.workflowToken() : 'ghp_octocat')
    const upsert = (text: string) => upsertComment({ client, pullRequest: 1, name: 'app', render: () => text })
    expect((await upsert('first')).kind).toBe('created')
    expect((await upsert('second')).kind).toBe('updated')
    expect(server.faults).toEqual([])
    expect((await server.comments(1)).map(({ body }) => body)).toEqual([`${marker('app')}second`])
  })
})
