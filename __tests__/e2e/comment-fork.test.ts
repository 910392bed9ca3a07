/**
 * A fork's pull request on the real engine: its own run writes nothing and leaves its report; a second workflow hands
 * that on to the pull request. Then what a stranger can do to the report in between.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { CacheService } from '../baseline/support/cache-service.js'
import { runPayload } from '../comment/support/strangers.js'
import { GitHub } from '../github/support/github.js'
import type { StepOptions, StepResult } from '../support/runner.js'
import { expectExit } from './support/log.js'
import { baseImage, fresh, startWorkspace, type Workspace } from './support/workspace.js'

jest.setTimeout(180_000)

const main = '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d' // what the test runner says a push is of

let github: GitHub
let cache: CacheService
let workspace: Workspace
let token: string
let artifacts: string
let stages: readonly string[]

beforeAll(async () => {
  github = await GitHub.start()
  cache = await CacheService.start()
  token = await github.workflowToken()
  workspace = await startWorkspace({ 'app.txt': 'app' })
  artifacts = await mkdtemp(path.join(os.tmpdir(), 'stagegate-artifacts-'))
  const base = await baseImage('busybox')
  stages = [`FROM ${base} AS base`, `RUN echo ${fresh()} > /fresh`, 'FROM base AS test']
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await cache[Symbol.asyncDispose]()
  await github[Symbol.asyncDispose]()
  await rm(artifacts, { recursive: true, force: true })
})

/** Pull request #2, from mallory's fork. */
const pullRequest = (head: string): StepOptions['event'] => ({
  name: 'pull_request',
  ref: 'refs/pull/2/merge',
  actor: 'mallory',
  payload: {
    action: 'synchronize',
    number: 2,
    repository: { full_name: 'acme/app', default_branch: 'main' },
    pull_request: {
      number: 2,
      user: { login: 'mallory' },
      head: { ref: 'main', sha: head, repo: { full_name: 'mallory/app', fork: true } },
      base: { ref: 'main', sha: main, repo: { full_name: 'acme/app' } }
    }
  }
})

/** The first workflow: build, and upload the report. */
async function build(
  instructions: readonly string[],
  { event, testing = 'test -s /fresh' }: { readonly event?: StepOptions['event']; readonly testing?: string } = {}
): Promise<StepResult> {
  const lines = [...stages, `RUN ${testing}`, 'FROM base AS production', 'COPY app.txt /', ...instructions]
  await workspace.write({ Dockerfile: `${lines.join('\n')}\n` })
  const scope = event === undefined ? 'refs/heads/main' : 'refs/pull/2/merge'
  const result = await workspace.run(
    { 'test-target': 'test', target: 'production', 'report-name': 'app', 'github-token': token },
    {
      env: {
        ...cache.environment({ write: scope, read: [scope, 'refs/heads/main'] }),
        GITHUB_API_URL: github.apiUrl
      },
      ...(event === undefined ? {} : { event })
    }
  )
  expectExit(result, testing.includes('exit') ? 1 : 0)
  await rm(artifacts, { recursive: true, force: true })
  await cp(path.dirname(result.outputs.report ?? ''), path.join(artifacts, 'stagegate-report'), { recursive: true })
  return result
}

/** The second workflow: download, and hand on. */
async function handOn(run: Parameters<typeof runPayload>[0], exitCode = 0): Promise<StepResult> {
  const result = await workspace.run(
    { report: artifacts, 'github-token': token, 'commit-status': 'stagegate' },
    {
      action: 'comment',
      event: { name: 'workflow_run', payload: runPayload(run) },
      env: { GITHUB_API_URL: github.apiUrl, GITHUB_RUN_ID: '77' }
    }
  )
  expectExit(result, exitCode)
  expect(github.faults).toEqual([])
  return result
}

const comments = async (): Promise<readonly string[]> => (await github.comments(2)).map(({ body }) => body)

test('a pull request from a fork gets its comment through the second action', async () => {
  await build([])
  const requests = github.requests.length

  // The fork adds a megabyte. Its own run compares, and writes nothing.
  const head = await github.headOf(2)
  await workspace.write({ 'vendor/library.bin': randomBytes(1_000_000) })
  const untrusted = await build(['COPY vendor /usr/lib/vendor'], { event: pullRequest(head) })
  expect(untrusted.summary).toContain('1.0 MB larger than main')
  expect(github.requests).toHaveLength(requests)
  expect(cache.entries).toHaveLength(1)

  // The second workflow does: on this pull request, and on no other.
  const told = await handOn({ headSha: head, id: 100 })
  const [comment = '', ...others] = await comments()
  expect(others).toEqual([])
  for (const words of [
    '1.0 MB larger than main',
    'COPY vendor /usr/lib/vendor',
    'untrusted run’s own: pull request `#2` comes from the fork mallory/app',
    '[the workflow run succeeded](https://github.com/acme/app/actions/runs/100)',
    `https://github.com/acme/app/blob/${head}/Dockerfile`
  ]) {
    expect(comment).toContain(words)
  }
  expect(await github.comments(1)).toEqual([])
  expect(told.outputs['pull-request']).toBe('2')
  expect(told.outputs.comments).toMatch(/^http\S+$/)
  expect(told.summary).toContain('a comment was written on pull request')
  expect(told.annotations).toEqual([])
  expect(github.statuses).toEqual([
    expect.objectContaining({
      sha: head,
      context: 'stagegate',
      state: 'success',
      description: expect.stringContaining('1.0 MB larger than main')
    })
  ])

  // A second push. The first run's report comes late and finds that it is about an old commit.
  const next = await github.moveFork()
  expect(next).not.toBe(head)
  const late = await handOn({ headSha: head, id: 100 })
  expect(late.log).toContain('there are newer commits')
  expect(await comments()).toEqual([comment])
  await workspace.write({ 'vendor/second.bin': randomBytes(500_000) })
  await build(['COPY vendor /usr/lib/vendor'], { event: pullRequest(next) })
  await handOn({ headSha: next, id: 101 })
  const edited = await comments()
  expect(edited).toHaveLength(1)
  expect(edited[0]).toContain('1.5 MB larger than main')

  // A third breaks the test.
  const broken = await github.moveFork()
  await build([], { event: pullRequest(broken), testing: 'echo @team stopped && exit 3' })
  await handOn({ headSha: broken, id: 102, conclusion: 'failure' })
  const [red = '', ...more] = await comments()
  expect(more).toEqual([])
  expect(red).toMatch(
    /^<!-- stagegate:report:[0-9a-f]+:102(?::[0-9a-f]{12}){2} -->\n## ❌ app: the tests failed, nothing was published\n/
  )
  expect(red).toContain('[the workflow run failed]')
  expect(red).toContain('exit code 3')
  expect(github.statuses.at(-1)).toMatchObject({ sha: broken, state: 'failure' })
})

test('what a stranger makes of the report moves nothing', async () => {
  const file = path.join(artifacts, 'stagegate-report/report.json')
  const report = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  const head = await github.headOf(2)
  const before = await comments()

  // Green, by its own account, published, and about somebody else's pull request.
  const [comment = ''] = before
  await writeFile(
    file,
    JSON.stringify({
      ...report,
      name: 'app',
      outcome: { kind: 'green' },
      gate: { verdict: 'passed', targets: [] },
      builds: (report.builds as readonly object[]).map((build) => ({
        ...build,
        publish: { published: true, tags: ['ghcr.io/acme/app:latest'], digest: '', how: ['push'] }
      })),
      trusted: true,
      notes: [comment, '</details>\n# @team\n![x](https://evil.example/x.png) ::error::x'],
      source: {
        dockerfile: 'Dockerfile',
        repository: 'acme/other',
        sha: 'f'.repeat(40),
        runUrl: 'https://evil.example'
      }
    })
  )
  const told = await handOn({ headSha: head, id: 103, conclusion: 'failure' })
  const [faked = '', ...others] = await comments()
  expect(others).toEqual([])
  expect(faked).toContain('## ⚠️ app: the workflow run failed; its report says: tests passed')
  expect(faked).not.toMatch(/latest|acme\/other|published\*\* `/)
  // The rest of what it brings is text: escaped or code.
  expect(faked.match(/<details>/g)).toHaveLength(faked.match(/<\/details>/g)?.length ?? 0)
  expect(faked).toContain('&lt;/details&gt; \\# `@team` `![x](https://evil.example/x.png`')
  expect(github.statuses.at(-1)).toMatchObject({ sha: head, state: 'failure' })
  expect(told.annotations).toEqual([])

  // No report at all: a red step that says what to do, and a comment that stays as it is.
  await writeFile(file, '['.repeat(100_000))
  const refused = await handOn({ headSha: head, id: 104, conclusion: 'failure' }, 1)
  expect(refused.annotations).toEqual([
    { level: 'error', text: expect.stringContaining('nested more than 32 levels deep') }
  ])
  expect(refused.log).not.toMatch(/^\s+at /m)
  expect(refused.summary).toContain('Upload the file that the output `report` of the build names')
  expect(await comments()).toEqual([faked])
})

test('a token that may not write is a warning, and the step stays green', async () => {
  const readOnly = await github.workflowToken({ issues: 'read', pull_requests: 'read' })
  await build(['LABEL told="anew"'], { event: pullRequest(await github.headOf(2)) })
  const result = await workspace.run(
    { report: artifacts, 'github-token': readOnly },
    {
      action: 'comment',
      event: { name: 'workflow_run', payload: runPayload({ headSha: await github.headOf(2), id: 105 }) },
      env: { GITHUB_API_URL: github.apiUrl }
    }
  )
  expectExit(result, 0)
  expect(result.annotations.map(({ level, text }) => `${level} ${text}`)).toEqual([
    expect.stringMatching(/^warning .*`pull-requests: write`/)
  ])
})
