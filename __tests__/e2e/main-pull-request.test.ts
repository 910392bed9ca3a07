/**
 * The pull request, told as a story on the real engine: a push to main keeps the baseline; a pull request that adds to
 * the image gets one comment with the difference; a second push edits it; a fork writes nothing.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { CacheService } from '../baseline/support/cache-service.js'
import { GitHub } from '../github/support/github.js'
import type { StepOptions, StepResult } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { baseImage, fresh, freshRepository, startWorkspace, type Workspace } from './support/workspace.js'

jest.setTimeout(180_000)

const main = '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d' // what the test runner says a push is of
const head = 'a'.repeat(40)

let github: GitHub
let cache: CacheService
let workspace: Workspace
let token: string
let stages: readonly string[]

beforeAll(async () => {
  github = await GitHub.start()
  cache = await CacheService.start()
  token = await github.workflowToken()
  workspace = await startWorkspace({ 'app.txt': 'app' })
  const base = await baseImage('busybox')
  stages = [`FROM ${base} AS base`, `RUN echo ${fresh()} > /fresh`, 'FROM base AS test', 'RUN test -s /fresh']
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await cache[Symbol.asyncDispose]()
  await github[Symbol.asyncDispose]()
})

const pullRequest = (repository = 'acme/app', number = 1): StepOptions['event'] => ({
  name: 'pull_request',
  ref: `refs/pull/${number}/merge`,
  payload: {
    action: 'synchronize',
    number,
    repository: { full_name: 'acme/app', default_branch: 'main' },
    pull_request: {
      number,
      user: { login: 'octocat' },
      head: { ref: 'feature', sha: head, repo: { full_name: repository, fork: repository !== 'acme/app' } },
      base: { ref: 'main', sha: main, repo: { full_name: 'acme/app' } }
    }
  }
})

async function build(
  instructions: readonly string[],
  {
    event,
    inputs = {},
    env = {},
    scope = 'refs/heads/main'
  }: { event?: StepOptions['event']; inputs?: StepOptions['with']; env?: StepOptions['env']; scope?: string } = {}
): Promise<StepResult> {
  const lines = [...stages, 'FROM base AS production', 'COPY app.txt /', ...instructions]
  await workspace.write({ Dockerfile: `${lines.join('\n')}\n` })
  const result = await workspace.run(
    {
      ...{ 'test-target': 'test', target: 'production', 'github-token': token },
      ...{ 'report-name': 'app', 'commit-status': 'stagegate' },
      ...inputs
    },
    {
      env: {
        ...cache.environment({ write: scope, read: [scope, 'refs/heads/main'] }),
        GITHUB_API_URL: github.apiUrl,
        ...env
      },
      ...(event === undefined ? {} : { event })
    }
  )
  expectExit(result, 0)
  expect(github.faults).toEqual([])
  return result
}

test('from the first push to main to the last of the pull request', async () => {
  const scope = 'refs/pull/1/merge'
  const comments = (): Promise<readonly string[]> => github.comments(1).then((all) => all.map(({ body }) => body))

  // A push to main: nothing to compare with yet, and a baseline for those to come.
  const first = await build([])
  expect(first.summary).toContain('Not compared with a baseline')
  expect(cache.entries).toHaveLength(1)
  expect(await comments()).toEqual([])
  expect(github.statuses).toEqual([
    expect.objectContaining({
      sha: main,
      context: 'stagegate',
      state: 'success',
      description: expect.stringContaining('app: tests passed')
    })
  ])

  // A pull request that adds a megabyte of dependencies.
  await workspace.write({ 'vendor/library.bin': randomBytes(1_000_000) })
  const larger = await build(['COPY vendor /usr/lib/vendor'], { event: pullRequest(), scope })
  expect(larger.outputs).toMatchObject({ 'size-diff': '1000000' })
  expect(Number(larger.outputs['pull-cost'])).toBeGreaterThan(1_000_000)
  expect(larger.summary).toMatch(/^## ✅ app: .*1\.0 MB larger than main$/m)
  const [comment = '', ...others] = await comments()
  expect(others).toEqual([])
  for (const told of ['1.0 MB larger than main', 'COPY vendor /usr/lib/vendor', '/usr/lib/vendor', main.slice(0, 7)]) {
    expect(comment).toContain(told)
  }
  expect(github.statuses.at(-1)).toMatchObject({
    sha: head,
    description: expect.stringContaining('1.0 MB larger than main')
  })
  // The pull request's own figures are nobody's baseline.
  expect(cache.entries).toHaveLength(1)

  // A second push edits the same comment.
  await workspace.write({ 'vendor/second.bin': randomBytes(500_000) })
  await build(['COPY vendor /usr/lib/vendor'], { event: pullRequest(), scope })
  const edited = await comments()
  expect(edited).toHaveLength(1)
  expect(edited[0]).toContain('1.5 MB larger than main')

  // A third takes it all back.
  await build([], { event: pullRequest(), scope })
  const last = await comments()
  expect(last).toHaveLength(1)
  expect(last[0]).toContain('same image as main')

  // A fork's run compares all the same, and writes nothing.
  const requests = github.requests.filter(({ method }) => method !== 'GET').length
  const fork = await build(['COPY vendor /usr/lib/vendor'], { event: pullRequest('mallory/app'), scope })
  expect(fork.summary).toContain('1.5 MB larger than main')
  expect(github.requests.filter(({ method }) => method !== 'GET')).toHaveLength(requests)
})

long.test(
  'two legs of a matrix under one name: neither is judged by the other, nor loses its comment to it',
  async () => {
    const { number } = await github.openPullRequest('matrix')
    const scope = `refs/pull/${number}/merge`
    const leg = (size: number) => ({ 'build-args': `SIZE=${size}`, 'report-name': 'matrix', 'max-increase': '10%' })
    const instructions = ['ARG SIZE', 'RUN head -c $SIZE /dev/urandom > /of-the-leg']
    const event = pullRequest('acme/app', number)

    // Both are pushed in one run: the second notices the first.
    const small = await build(instructions, { inputs: leg(300_000) })
    expect(small.summary).not.toContain('share the name')
    const large = await build(instructions, { inputs: leg(5_000_000) })
    expect(large.summary).toContain('Two images share the name')

    // The pull request changes neither. Judged by the larger, the small one would be fine; the large one by the small: red.
    const smaller = await build(instructions, { event, scope, inputs: leg(300_000) })
    expect(smaller.summary).toContain('is another image (with other build arguments, platforms or stages)')
    expect(smaller.summary).toMatch(/`max-increase` was not judged/)
    expect(smaller.outputs['size-diff']).toBeUndefined()
    const larger = await build(instructions, { event, scope, inputs: leg(5_000_000) })
    expect(larger.outputs['size-diff']).toBe('0')

    // One comment, which is the first one's and says that there is another image.
    const [comment, ...others] = await github.comments(number)
    expect(others).toEqual([])
    expect(comment?.body).toContain('Not compared')
    expect(comment?.body).toContain('Another image or workflow of this commit goes by the same name')
    const warnings = larger.annotations.filter(({ level }) => level === 'warning').map(({ text }) => text)
    expect(warnings.join('\n')).toContain('The comment is about another image called "matrix"')
  }
)

long.test('the builds of the branch are a trend, and so are its releases', async () => {
  const { reference } = freshRepository()
  const grown = (index: number): readonly string[] => [`RUN head -c ${index}00000 /dev/urandom > /grows`]
  const inputs = { 'report-name': 'trend', 'commit-status': '' }
  const push = (index: number) =>
    build(grown(index), {
      inputs: { ...inputs, push: 'true', tags: `${reference}:1.${index}.0\n${reference}:latest` },
      env: { GITHUB_SHA: String(index).repeat(40), GITHUB_RUN_ID: String(index) }
    })
  expect((await push(1)).summary).not.toContain('**Trend**')
  expect((await push(2)).summary).not.toContain('**Trend**')
  const third = await push(3)
  expect(third.summary).toMatch(/\*\*Trend\*\*: `▁[▄▅]█` .* in 2 builds of main and this one/)
  for (const index of [1, 2]) expect(third.summary).toContain(`| \`${String(index).repeat(7)}\` |`)
  const releases = /\*\*Releases\*\*: .* from `1\.1\.0` to this build \(2 releases\)/
  expect(third.summary).toMatch(releases)
  expect(third.summary).toMatch(/\| `1\.2\.0` \| [\d.]+\sMB \| \+\d+\.\d\skB/)
  // The baseline remembers them: nothing is asked.
  const pull = await build(grown(3), { event: pullRequest(), inputs })
  expect(pull.summary).toMatch(releases)
})

test('a comment that may not be written is a warning that names the permission', async () => {
  const readOnly = await github.workflowToken({ issues: 'read', pull_requests: 'read' })
  // Something to tell: a comment that says the same already would not be written again.
  const result = await build(['LABEL told="anew"'], {
    event: pullRequest(),
    inputs: { 'github-token': readOnly, 'commit-status': '' }
  })
  const warnings = result.annotations.filter(({ level }) => level === 'warning').map(({ text }) => text)
  expect(warnings.join('\n')).toContain('pull-requests: write')
})

test('nothing is compared, commented or kept where the workflow says so', async () => {
  const before = [cache.calls.length, github.requests.length]
  const result = await build([], {
    event: pullRequest(),
    inputs: { 'compare-to': 'none', comment: 'false', 'commit-status': '' }
  })
  expect([cache.calls.length, github.requests.length]).toEqual(before)
  expect(result.outputs['size-diff']).toBeUndefined()
  expect(result.summary).not.toContain('aseline')
})
