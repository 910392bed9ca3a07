/**
 * Every event that starts a run, with the payload that GitHub sends: which commit gets the status, whether there is a
 * comment, what is compared with what, whether a baseline is kept, and which layer caches are read and written.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { baselineKey } from '../../src/baseline/key.js'
import type { JSONObject } from '../../src/core/json.js'
import { CacheService } from '../baseline/support/cache-service.js'
import { recordedEvent } from '../fixtures/webhooks.js'
import { GitHub } from '../github/support/github.js'
import { cacheValues, recordBuildx, solves } from './support/buildx.js'
import { expectExit } from './support/log.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'
import { registryManifest, registryTags } from '../support/engine.js'
import { some } from '../support/tiers.js'

jest.setTimeout(120_000)

/** What GitHub starts: the variables beside the payload, and what its cache lets the run read and write. */
type Start = {
  readonly name: string
  readonly payload: JSONObject
  readonly sha: string
  readonly ref: string
  readonly actor?: string
}

/** What comes of it. */
type Effects = {
  /** The commit with the status. */
  readonly status?: string
  /** Pull requests with a comment that this run wrote. */
  readonly comment?: number
  /** Branch and commit of the baseline that was kept. */
  readonly kept?: readonly [branch: string, sha: string]
  /** The baseline's clause, or why there is none. */
  readonly compared: string
  /** Whose layer caches are read, and whose is written. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

const none = '0'.repeat(40)
// The payloads' own commits, and some of ours.
const [base, head] = ['f95f852bd8fca8fcc58a9a2d6c842781e32a215e', 'ec26c3e57ca3a959ca5aad62de7213c562f8c821']
const queued = '2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d'
const merge = 'e'.repeat(40)
const [second, third, fourth, tagged, branched] = ['2', '3', '4', '5', '6'].map((digit) => digit.repeat(40)) as [
  ...[string, string, string, string, string]
]
const recordedPush = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'
const short = (sha: string): string => sha.slice(0, 7)

const push = (before: string, after: string, ref = 'refs/heads/master'): Start => ({
  ...{ name: 'push', sha: after, ref },
  payload: {
    ...recordedEvent('push', { having: '"created":true', replace: { [recordedPush]: after } }),
    ...{ ref, before, created: before === none }
  }
})

const pullRequest = (name: string, from = 'acme/app'): Start => {
  const payload = recordedEvent('pull_request', { having: '"action":"synchronize"' })
  const pull = payload.pull_request as JSONObject
  const place = pull.head as JSONObject
  const repo = { ...(place.repo as JSONObject), full_name: from, fork: from !== 'acme/app' }
  return {
    name,
    payload: { ...payload, pull_request: { ...pull, head: { ...place, repo } } },
    ...(name === 'pull_request' ? { sha: merge, ref: 'refs/pull/2/merge' } : { sha: base, ref: 'refs/heads/master' }),
    ...(from === 'acme/app' ? {} : { actor: 'mallory' })
  }
}

const ofPullRequest = {
  compared: `master @ ${short(base)}, the commit this change is based on`,
  reads: ['pr-2', 'branch-master']
}

/** A story: master is built first, and what it keeps is what the others compare with. */
const events: readonly [string, Start, Effects][] = [
  [
    'the first push to the default branch',
    push(none, base),
    {
      status: base,
      kept: ['master', base],
      compared: 'no report of master is stored (yet)',
      reads: ['branch-master'],
      writes: ['branch-master']
    }
  ],
  [
    'pull_request, from a branch: its head gets the status, not the merge',
    pullRequest('pull_request'),
    { ...ofPullRequest, status: head, comment: 2, writes: ['pr-2'] }
  ],
  [
    'pull_request, from a fork: nothing is written',
    pullRequest('pull_request', 'mallory/app'),
    { ...ofPullRequest, writes: [] }
  ],
  [
    'pull_request_target, from a branch: no baseline, although it runs at a commit of the default branch',
    pullRequest('pull_request_target'),
    { ...ofPullRequest, status: head, comment: 2, writes: ['pr-2'] }
  ],
  [
    'pull_request_target, from a fork: nothing is written, although it could be',
    pullRequest('pull_request_target', 'mallory/app'),
    { ...ofPullRequest, writes: [] }
  ],
  [
    'merge_group: the commit of the queue',
    {
      ...{ name: 'merge_group', sha: queued, ref: `refs/heads/gh-readonly-queue/master/pr-104-${base}` },
      payload: recordedEvent('merge_group', {
        replace: {
          '380387fbc80638b734a49e1be1c4dfec1c01b33c': base,
          'refs/heads/main': 'refs/heads/master',
          'gh-readonly-queue/main/': 'gh-readonly-queue/master/',
          '"default_branch":"main"': '"default_branch":"master"'
        }
      })
    },
    {
      status: queued,
      compared: `master @ ${short(base)}, the commit this change is based on`,
      reads: ['branch-master'],
      writes: []
    }
  ],
  [
    'a push of a tag',
    push(none, tagged, 'refs/tags/simple-tag'),
    {
      status: tagged,
      compared: `master @ ${short(base)}, the newest stored report of that branch`,
      reads: ['branch-master', 'tags'],
      writes: ['tags']
    }
  ],
  [
    'the first push of another branch',
    push(none, branched, 'refs/heads/changes'),
    {
      status: branched,
      kept: ['changes', branched],
      compared: `master @ ${short(base)}, the newest stored report of that branch`,
      reads: ['branch-changes', 'branch-master'],
      writes: ['branch-changes']
    }
  ],
  [
    'a second push to the default branch',
    push(base, second),
    {
      status: second,
      kept: ['master', second],
      compared: `master @ ${short(base)}, the commit this change is based on`,
      reads: ['branch-master'],
      writes: ['branch-master']
    }
  ],
  [
    'workflow_dispatch',
    {
      ...{ name: 'workflow_dispatch', sha: third, ref: 'refs/heads/master' },
      payload: recordedEvent('workflow_dispatch', { having: '"ref":"refs/heads/master"' })
    },
    {
      status: third,
      kept: ['master', third],
      compared: `master @ ${short(second)}, the newest stored report of that branch`,
      reads: ['branch-master'],
      writes: ['branch-master']
    }
  ],
  [
    'schedule',
    {
      ...{ name: 'schedule', sha: fourth, ref: 'refs/heads/master' },
      // No webhook: the file has the line of the schedule beside what every event has.
      payload: { schedule: '0 4 * * 1', repository: recordedEvent('push').repository }
    },
    {
      status: fourth,
      kept: ['master', fourth],
      compared: `master @ ${short(third)}, the newest stored report of that branch`,
      reads: ['branch-master'],
      writes: ['branch-master']
    }
  ]
]

let github: GitHub
let cache: CacheService
let workspace: Workspace
let cacheImage: string
let cacheRepository: ReturnType<typeof freshRepository>
const registry = sharedRegistry()

beforeAll(async () => {
  github = await GitHub.start()
  cache = await CacheService.start()
  cacheRepository = freshRepository()
  cacheImage = cacheRepository.reference
  const lines = [
    `FROM ${await baseImage('busybox')} AS base`,
    `RUN echo ${fresh()} > /fresh`,
    'FROM base AS test',
    'RUN test -s /fresh',
    'FROM base AS production',
    'COPY app.txt /'
  ]
  workspace = await startWorkspace({ Dockerfile: `${lines.join('\n')}\n`, 'app.txt': 'app' })
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await cache[Symbol.asyncDispose]()
  await github[Symbol.asyncDispose]()
})

test.each(some(events, 3))('%s', async (_, start, effects) => {
  await using recorder = await recordBuildx()
  const before = {
    ...{ statuses: github.statuses.length, requests: github.requests.length, entries: cache.entries.length },
    caches: await storedCaches()
  }
  // The comment of the run before would be found equal, and left as it is.
  await workspace.write({ 'app.txt': fresh() })
  const result = await workspace.run(
    {
      ...{ 'test-target': 'test', target: 'production', 'cache-image': cacheImage },
      ...{ 'report-name': 'app', 'commit-status': 'stagegate', 'github-token': await tokenOf(start) }
    },
    {
      event: start,
      env: {
        GITHUB_SHA: start.sha,
        GITHUB_API_URL: github.apiUrl,
        ...recorder.env,
        ...cache.environment({ write: start.ref, read: [start.ref, 'refs/heads/master'] })
      }
    }
  )
  expectExit(result, 0)
  expect(github.faults).toEqual([])

  const statuses = github.statuses.slice(before.statuses).map(({ sha, state, context }) => [sha, state, context])
  expect(statuses).toEqual(effects.status === undefined ? [] : [[effects.status, 'success', 'stagegate']])

  const sent = github.requests.slice(before.requests).filter(({ method }) => method !== 'GET')
  const comments = sent.flatMap(({ method, path }) =>
    path.includes('/comments') ? [method === 'POST' ? Number(/issues\/(\d+)/.exec(path)?.[1]) : 'edited'] : []
  )
  const isFirst = comments.includes(effects.comment ?? 0)
  expect(comments).toEqual(effects.comment === undefined ? [] : [isFirst ? effects.comment : 'edited'])
  if (effects.comment !== undefined) {
    const all = await github.comments(effects.comment)
    expect(all).toHaveLength(1)
    expect(all[0]?.body).toContain(effects.compared.split(', ')[0]?.replace(/@ (\w+)/, '@ `$1`'))
  }

  const kept = cache.entries.slice(before.entries).map(({ key, scope }) => [key, scope])
  const series = { name: 'app', target: 'production' }
  expect(kept).toEqual(
    effects.kept === undefined
      ? []
      : [[baselineKey({ ...series, branch: effects.kept[0] }, effects.kept[1], '1-1'), start.ref]]
  )

  expect(result.summary.replaceAll('`', '')).toContain(effects.compared)
  const calls = solves(await recorder.calls())
  const planned = [...result.log.matchAll(/^ {2}(?:read|else) +(\S+)/gm)].map(([, reference = '']) => reference)
  expect(scopesIn(planned.filter((reference) => !reference.endsWith('-retry')))).toEqual(effects.reads)
  // One of them is read.
  const read = scopesIn(calls.flatMap((call) => cacheValues(call, '--cache-from')))
  expect([read.length, effects.reads.includes(read[0] ?? '')]).toEqual([1, true])
  const written = (await storedCaches()).filter((stored) => !before.caches.includes(stored))
  expect(scopesIn(written)).toEqual(effects.writes)
  const decisions = /^Trusted +(yes|no) .*\n(?:.*\n)*?Cache read +(yes|no) .*\nCache write +(yes|no) /m.exec(result.log)
  expect(decisions?.slice(2)).toEqual([
    effects.reads.length > 0 ? 'yes' : 'no',
    effects.writes.length > 0 ? 'yes' : 'no'
  ])
})

/** What GitHub gives the run: a fork's may only read, except in pull_request_target. */
function tokenOf({ name, actor }: Start): Promise<string> {
  const reads = actor !== undefined && name === 'pull_request'
  return github.workflowToken(reads ? { issues: 'read', pull_requests: 'read', contents: 'read' } : undefined)
}

/** What the registry has of layer caches: `REFERENCE DIGEST`. */
async function storedCaches(): Promise<readonly string[]> {
  const tags = await registryTags(registry, cacheRepository.name)
  const digests = tags.map(async (tag) => (await registryManifest(registry, cacheRepository.name, tag))?.digest)
  const found = await Promise.all(digests)
  return tags.map((tag, index) => `${cacheImage}:${tag} ${found[index]}`)
}

/** The scopes in planned tags, without stages and hash: `branch-master`. */
function scopesIn(texts: readonly string[]): readonly string[] {
  const scopes = texts
    .filter((text) => text.includes(`${cacheImage}:`))
    .map((text) => /:([\w-]+?)-test-production-/.exec(text.slice(text.indexOf(cacheImage) + cacheImage.length))?.[1])
  return [...new Set(scopes)].filter((scope) => scope !== undefined)
}
