/** Where a report belongs, for every way a run can start. */
import { describe, expect, it } from '@jest/globals'
import { placeOf, type Place } from '../../src/occasion/place.js'
import { runs, type StartedRun } from '../fixtures/events.js'

type StartingEvent = Parameters<typeof placeOf>[0]

const sha = '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d'
const head = 'a'.repeat(40)
const base = 'b'.repeat(40)
const before = 'c'.repeat(40)

function event({ env, payload }: StartedRun, more: object = {}): StartingEvent {
  return {
    eventName: env.GITHUB_EVENT_NAME ?? '',
    payload: { ...(payload as object), ...more },
    sha: env.GITHUB_SHA ?? '',
    ref: env.GITHUB_REF ?? ''
  }
}

/** As GitHub sends it, cut: the run of a pull request's workflow, reported on by another. */
const workflowRun = (run: object): StartingEvent =>
  event(runs.workflowRun, {
    workflow_run: {
      id: 9_120_386_437,
      event: 'pull_request',
      status: 'completed',
      conclusion: 'success',
      head_branch: 'feature/login',
      head_sha: head,
      pull_requests: [],
      repository: { full_name: 'acme/app' },
      head_repository: { full_name: 'mallory/app', fork: true },
      ...run
    }
  })

const ofPullRequest = { commit: head, pullRequest: 214, base: { branch: 'main', sha: base } }

describe('the place of a report', () => {
  it.each<[string, StartingEvent, Place]>([
    ['a pull request: its head, not the merge', event(runs.pullRequest), ofPullRequest],
    [
      'a pull request onto a branch',
      event(runs.pullRequestOntoBranch),
      { ...ofPullRequest, base: { branch: 'release/1.x', sha: base } }
    ],
    ['a fork', event(runs.fork), ofPullRequest],
    ['a deleted fork', event(runs.deletedFork), ofPullRequest],
    ['a review of a fork', event(runs.forkReview), ofPullRequest],
    ['pull_request_target', event(runs.targetFromFork), ofPullRequest],
    ['a push', event(runs.push), { commit: sha, base: { branch: 'main', sha: before }, baselineOf: 'main' }],
    [
      'the first push of a branch',
      event(runs.pushToBranch, { before: '0'.repeat(40), created: true }),
      { commit: sha, base: { branch: 'main' }, baselineOf: 'feature/login' }
    ],
    ['the end of a branch', event(runs.pushToBranch, { after: '0'.repeat(40), deleted: true }), {}],
    ['a tag', event(runs.tag, { after: 'd'.repeat(40) }), { commit: sha, base: { branch: 'main' } }],
    ['a release', event(runs.release), { commit: sha, base: { branch: 'main' } }],
    ['a schedule', event(runs.schedule), { commit: sha, base: { branch: 'main' }, baselineOf: 'main' }],
    [
      'a run by hand',
      event(runs.dispatch),
      { commit: sha, base: { branch: 'feature/login' }, baselineOf: 'feature/login' }
    ],
    ['a merge group: no comment', event(runs.mergeQueue), { commit: sha, base: { branch: 'main', sha: base } }],
    [
      'a merge group whose payload is cut',
      event(runs.mergeQueueOntoBranch),
      { commit: sha, base: { branch: 'release/1.x' } }
    ],
    [
      'a comment on a pull request: no baseline',
      { eventName: 'issue_comment', payload: { issue: { number: 7, pull_request: {} } }, sha, ref: 'refs/heads/main' },
      { commit: sha, base: { branch: 'main' } }
    ],
    [
      "a fork's run, seen from workflow_run",
      workflowRun({}),
      { commit: head, search: { headSha: head, headRepository: 'mallory/app', headBranch: 'feature/login' } }
    ],
    [
      'the pull requests in a workflow_run are not believed',
      workflowRun({ pull_requests: [{ number: 1 }] }),
      { commit: head, search: { headSha: head, headRepository: 'mallory/app', headBranch: 'feature/login' } }
    ],
    ["a push's run, seen from workflow_run", workflowRun({ event: 'push' }), { commit: head }],
    ['a workflow_run of a deleted fork', workflowRun({ head_repository: null }), { commit: head }],
    ['nothing at all', { eventName: '', payload: undefined, sha: '', ref: '' }, {}],
    [
      'nonsense',
      {
        eventName: 'pull_request',
        payload: { pull_request: { number: '1; rm', head: { sha: '../x' } } },
        sha,
        ref: ''
      },
      {}
    ]
  ])('%s', (_name, started, place) => {
    expect(placeOf(started)).toEqual(place)
  })
})
