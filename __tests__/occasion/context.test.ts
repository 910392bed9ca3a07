import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { givenInputs, readContext } from '../../src/occasion/context.js'
import { runs } from '../fixtures/events.js'
import { contextFor, contextOf } from '../fixtures/started.js'

test('a push', () => {
  expect(contextFor('push')).toEqual({
    eventName: 'push',
    repository: 'acme/app',
    sha: '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d',
    ref: 'refs/heads/main',
    actor: 'octocat',
    defaultBranch: 'main',
    payload: expect.objectContaining({ ref: 'refs/heads/main' }),
    serverUrl: 'https://github.com',
    apiUrl: 'https://api.github.com',
    isHosted: false,
    hasCacheService: false,
    workflow: 'build',
    workflowFile: '.github/workflows/build.yml',
    job: 'image',
    runID: '9120386437',
    runAttempt: '1',
    runnerName: 'GitHub Actions 12',
    workspace: '/home/runner/work/app/app',
    temporaryFolder: '/home/runner/work/_temp'
  })
})

test.each([
  ['pullRequest', { headRepository: 'acme/app', headRef: 'feature/login', author: 'octocat' }],
  ['fork', { headRepository: 'mallory/app', headRef: 'feature/login', author: 'mallory' }],
  ['dependabot', { headRepository: 'acme/app', headRef: 'dependabot/pip/idna-3.15', author: 'dependabot[bot]' }]
] as const)('the pull request of %s', (name, expected) => {
  expect(contextFor(name).pullRequest).toEqual({
    number: 214,
    headSha: 'a'.repeat(40),
    baseRef: 'main',
    ...expected
  })
})

test('a deleted fork has no repository', () => {
  const { pullRequest } = contextFor('deletedFork')
  expect(pullRequest?.number).toBe(214)
  expect(pullRequest).not.toHaveProperty('headRepository')
})

test.each(['push', 'tag', 'schedule', 'dispatch', 'mergeQueue', 'workflowRun'] as const)(
  '%s has no pull request',
  (name) => {
    expect(contextFor(name)).not.toHaveProperty('pullRequest')
  }
)

test.each([
  ['/run/user/1000/agent', '/run/user/1000/agent'],
  ['', undefined]
])('SSH_AUTH_SOCK %j', (socket, expected) => {
  expect(contextOf(runs.push, { SSH_AUTH_SOCK: socket }).sshAuthSock).toBe(expected)
})

describe('without a usable event', () => {
  test('outside a workflow everything has a harmless value', () => {
    const context = readContext({})
    expect(context).toMatchObject({
      eventName: '',
      repository: '',
      ref: '',
      runID: '',
      serverUrl: 'https://github.com'
    })
    expect(context.workspace).toBe(process.cwd())
    expect(context.temporaryFolder).toBe(tmpdir())
    expect(context).not.toHaveProperty('pullRequest')
  })

  test.each([
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '{"pull_request":{"number":"7"}}',
    '{"pull_request":null}',
    '{"repository":[]}'
  ])('an event file with %j', (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-event-'))
    const file = join(folder, 'event.json')
    writeFileSync(file, text)
    const context = readContext({ ...runs.push.env, GITHUB_EVENT_PATH: file })
    rmSync(folder, { recursive: true })
    expect(context.eventName).toBe('push')
    expect(context).not.toHaveProperty('pullRequest')
    expect(context).not.toHaveProperty('defaultBranch')
  })

  test('an event file that is not there', () => {
    expect(readContext({ ...runs.push.env, GITHUB_EVENT_PATH: '/no/such/event.json' }).ref).toBe('refs/heads/main')
  })
})

test('the inputs that the workflow set', () => {
  expect(
    givenInputs({ INPUT_TARGET: 'x', 'INPUT_TEST-TARGET': 'y', INPUT_FILE: '', PATH: '/bin', INPUT_TEST_TARGET: 'z' })
  ).toEqual(['target', 'test-target', 'test_target'])
})
