import { describe, expect, test } from '@jest/globals'
import { inMountNamespace } from '../../src/mounts/namespace.js'
import {
  planTrust,
  tabulateTrust,
  type TrustPlan,
  type TrustRow,
  type PublishPlan
} from '../../src/occasion/trust_plan.js'
import { runs } from '../fixtures/events.js'
import { occasionOf } from '../../src/occasion/occasion.js'
import { contextOf, occasionFor } from '../fixtures/started.js'
import { inputsOf, type Given } from '../inputs/support.js'

type RunName = keyof typeof runs

const everything: Given = {
  target: 'production',
  'test-target': 'test',
  tags: 'ghcr.io/acme/app:1',
  push: 'true',
  load: 'true',
  outputs: 'type=local,dest=out\ntype=registry,name=ghcr.io/acme/other:1',
  'cache-image': 'ghcr.io/acme/app-cache',
  secrets: 'token=hunter2hunter2',
  'ssh-private-key': 'hunter3hunter3'
}

function plan(
  name: RunName,
  given: Given = everything,
  supplied = ['token']
): TrustPlan & { rows: readonly TrustRow[] } {
  const context = occasionFor(name)
  const inputs = inputsOf(given)
  const planned = planTrust(context, inputs)
  return { ...planned, rows: tabulateTrust(planned, context, inputs, supplied) }
}

const fork = (from: string): string => `pull request #214 comes from the fork ${from}`
const dependabot = 'Dependabot started it, and GitHub gives such a run a read-only token'

describe('who is trusted', () => {
  test.each<RunName>([
    'push',
    'pushToBranch',
    'tag',
    'release',
    'schedule',
    'dispatch',
    'pullRequest',
    'pullRequestOntoBranch',
    'targetFromHere',
    'personOnDependabotBranch',
    'dependabotDispatch',
    'mergeQueue',
    'mergeQueueOntoBranch',
    'workflowRun',
    'repositoryDispatch'
  ])('%s is', (name) => {
    expect(occasionFor(name).trust).toEqual({ trusted: true })
  })

  test.each<[RunName, string]>([
    ['fork', fork('mallory/app')],
    ['forkReview', fork('mallory/app')],
    ['forkOfSameBranchName', fork('mallory/app')],
    ['deletedFork', fork('a deleted repository')],
    ['dependabot', dependabot],
    ['dependabotPush', dependabot],
    ['dependabotCreate', dependabot]
  ])('%s is not, and GitHub has seen to its credentials', (name, reason) => {
    expect(occasionFor(name).trust).toEqual({ trusted: false, reason, withholds: false })
  })

  test.each<[RunName, string]>([
    ['targetFromFork', fork('mallory/app')],
    ['targetOfDependabot', "pull request #214 is Dependabot's"],
    ['personOnTargetOfDependabot', "pull request #214 is Dependabot's"],
    ['targetWithoutPayload', 'the event file (GITHUB_EVENT_PATH) does not tell where the pull request comes from']
  ])('%s is not, and its credentials are all there', (name, reason) => {
    expect(occasionFor(name).trust).toEqual({ trusted: false, reason, withholds: true })
  })

  test.each<[RunName, string]>([
    ['workflowRunOfBranch', 'the workflow before it ran on feature/login, so it may have checked out something else'],
    [
      'workflowRunOfFork',
      'the workflow before it ran on main of mallory/app, so it may have checked out something else'
    ],
    [
      'workflowRunOfUnknown',
      'the workflow before it ran on an unknown branch, so it may have checked out something else'
    ]
  ])('%s writes nobody’s cache', (name, reason) => {
    expect(occasionFor(name).scopes.write).toEqual({ reason })
    expect(occasionFor(name).storesMounts).toBe(false)
  })

  test.each<[RunName, boolean, string | undefined]>([
    ['push', true, undefined],
    ['pushToBranch', true, undefined],
    ['tag', true, undefined],
    ['schedule', true, undefined],
    ['mergeQueue', true, undefined],
    ['workflowRun', true, undefined],
    ['pullRequest', true, 'acme-app-pr-214'],
    ['fork', false, 'acme-app-pr-214'],
    ['targetFromFork', false, 'acme-app-pr-214'],
    ['dependabotPush', false, 'acme-app-untrusted-refs-heads-dependabot-pip-idna-3.15'],
    ['targetWithoutPayload', false, 'acme-app-untrusted-refs-heads-main'],
    ['workflowRunOfBranch', true, 'acme-app-event-workflow_run'],
    ['comment', true, 'acme-app-event-issue_comment']
  ])('%s has its cache mounts in the namespace %s', (name, trusted, namespace) => {
    const occasion = occasionFor(name)
    expect(occasion.trust.trusted).toBe(trusted)
    expect(inMountNamespace([], occasion)).toEqual(
      namespace === undefined ? [] : [`BUILDKIT_CACHE_MOUNT_NS=${namespace}`]
    )
    expect(inMountNamespace(['A=1', 'BUILDKIT_CACHE_MOUNT_NS=team'], occasion)).toEqual(
      namespace === undefined
        ? ['A=1', 'BUILDKIT_CACHE_MOUNT_NS=team']
        : ['A=1', `BUILDKIT_CACHE_MOUNT_NS=team-${namespace}`]
    )
  })

  // The namespace is a part of each step that has a mount: a layer cache of another run has none of them.
  test.each<[RunName, string, Parameters<typeof inMountNamespace>[2], boolean]>([
    ['pullRequest', 'the engine of the machine', { created: false, driver: 'docker' }, false],
    ['pullRequest', 'a builder of the job', { created: false, driver: 'docker-container' }, false],
    ['pullRequest', 'one that is not known yet', undefined, false],
    ['pullRequest', 'a builder elsewhere', { created: false, driver: 'remote' }, true],
    ['fork', 'the engine of the machine', { created: false, driver: 'docker' }, true],
    ['comment', 'the engine of the machine', { created: false, driver: 'docker' }, false]
  ])('%s on a machine of GitHub’s, with %s', (name, _, builder, isApart) => {
    const occasion = { ...occasionFor(name), isHosted: true }
    expect(inMountNamespace(['A=1'], occasion, builder)).toHaveLength(isApart ? 2 : 1)
  })

  test('a run of the repository on a machine of its own is kept apart, but not in a builder that it makes', () => {
    const occasion = { ...occasionFor('pullRequest'), isHosted: false }
    expect(inMountNamespace([], occasion, { created: false, driver: 'docker-container' })).toHaveLength(1)
    expect(inMountNamespace([], occasion, { created: true, driver: 'docker-container' })).toEqual([])
  })

  test('every run of the table was judged', () => {
    const judged = Object.keys(runs).map((name) => occasionFor(name as RunName).trust.trusted)
    expect([judged.filter(Boolean).length, judged.length]).toEqual([22, 33])
  })
})

const outputsIn = ({ outputs }: PublishPlan): readonly string[] => outputs.map(({ text }) => text)

describe('what may leave', () => {
  test('a trusted run pushes, loads and writes', () => {
    const { publish, cacheRead, cacheWrite } = plan('push')
    expect(publish).toMatchObject({ push: true, load: true })
    expect(outputsIn(publish)).toEqual(['type=local,dest=out', 'type=registry,name=ghcr.io/acme/other:1'])
    expect([cacheRead, cacheWrite]).toEqual([true, true])
  })

  test.each<RunName>(['fork', 'deletedFork', 'dependabot', 'dependabotPush', 'targetFromFork'])(
    '%s keeps to the runner, and reads the cache',
    (name) => {
      const { publish, cacheRead, cacheWrite } = plan(name)
      expect(publish).toMatchObject({ push: false, load: true })
      expect(outputsIn(publish)).toEqual(['type=local,dest=out'])
      expect([cacheRead, cacheWrite]).toEqual([true, false])
    }
  )

  test.each<[string, boolean]>([
    ['type =registry,name=a.test/b', false],
    ['"type =registry",name=a.test/b', false],
    ['TYPE=registry,name=a.test/b', false],
    ['type=image,name=a.test/b,push=', false],
    ['type=image,name=a.test/b,PUSH=t', false],
    ['type=image,name=a.test/b,push =true', false],
    ['type=image,name=a.test/b,push-by-digest=true', false],
    ['type=docker,context=elsewhere', false],
    ['type=docker,dest=a.tar', true],
    ['type=oci,dest=push.tar', true],
    ['type=cacheonly', true]
  ])('of a fork, %s stays on the runner: %s', (outputs, stays) => {
    const given = { 'test-target': 'test', outputs }
    expect(outputsIn(plan('fork', given).publish)).toEqual(stays ? [outputs] : [])
    expect(outputsIn(plan('push', given).publish)).toEqual([outputs])
  })

  test.each<[string, Given, boolean, boolean]>([
    ['no cache', {}, false, false],
    ['a repository', { 'cache-image': 'a/c' }, true, true],
    ['read-write', { 'cache-image': 'a/c', 'cache-mode': 'read-write' }, true, true],
    ['read', { 'cache-image': 'a/c', 'cache-mode': 'read' }, true, false],
    ['off', { 'cache-image': 'a/c', 'cache-mode': 'off' }, false, false],
    ['sources alone', { 'cache-from': 'type=gha' }, true, false],
    ['destinations alone', { 'cache-to': 'type=gha' }, true, true],
    ['destinations, off', { 'cache-to': 'type=gha', 'cache-mode': 'off' }, false, false]
  ])('the cache with %s', (_, given, reads, writes) => {
    const { cacheRead, cacheWrite } = plan('push', given)
    expect([cacheRead, cacheWrite]).toEqual([reads, writes])
  })

  test.each<[string, Given, boolean]>([
    ['its own: nobody reads it', { 'cache-image': 'a/c' }, false],
    ['what the workflow names', { 'cache-to': 'type=gha' }, true]
  ])('a merge queue and the cache, %s', (_, given, writes) => {
    const { cacheRead, cacheWrite } = plan('mergeQueue', given)
    expect([cacheRead, cacheWrite]).toEqual([true, writes])
  })

  test.each<RunName>(['fork', 'dependabot', 'targetFromFork'])(
    '%s writes no cache, whatever cache-mode says',
    (name) => {
      expect(plan(name, { 'cache-image': 'a/c', 'cache-mode': 'read-write' }).cacheWrite).toBe(false)
    }
  )
})

describe('the table', () => {
  const table = (name: RunName, given?: Given): readonly string[] =>
    plan(name, given).rows.map(({ what, decision, why }) => `${what} | ${decision} | ${why}`)

  test('of a push', () => {
    expect(table('push')).toEqual([
      'Trusted | yes | event push',
      'SSH key | loaded into a private agent | ssh-private-key, scope build',
      'Secrets | token | handed to the build as mounts',
      'Cache read | yes | cache-image ghcr.io/acme/app-cache',
      'Cache write | yes | cache-image ghcr.io/acme/app-cache',
      'Publish | push ghcr.io/acme/app:1; load; 2 outputs | only after the gate has passed'
    ])
  })

  test('of a fork, to which GitHub gave nothing', () => {
    expect(table('fork', { ...everything, secrets: '', 'ssh-private-key': '', load: 'false', outputs: '' })).toEqual([
      `Trusted | no | ${fork('mallory/app')}`,
      'SSH key | none | ssh-private-key is empty',
      'Secrets | none | no secrets, secret-envs or secret-files',
      'Cache read | yes | cache-image ghcr.io/acme/app-cache',
      `Cache write | no | ${fork('mallory/app')}`,
      `Publish | no | ${fork('mallory/app')}`
    ])
  })

  test('of a fork in pull_request_target', () => {
    expect(table('targetFromFork').slice(0, 3)).toEqual([
      `Trusted | no | ${fork('mallory/app')}`,
      `SSH key | withheld | ${fork('mallory/app')}`,
      `Secrets | withheld | ${fork('mallory/app')}`
    ])
  })

  test('of a fork on a runner that has things of its own', () => {
    const context = occasionOf(contextOf(runs.fork, { SSH_AUTH_SOCK: '/run/agent' }))
    const inputs = inputsOf({
      'secret-files': 'npmrc=/home/runner/.npmrc',
      'secret-envs': 'token=TOKEN',
      'build-args': 'NPM_TOKEN\nVERSION=1',
      secrets: 'given=hunter4hunter4',
      ssh: 'default\nother=/home/runner/.ssh/id'
    })
    const rows = tabulateTrust(planTrust(context, inputs), context, inputs, ['given'])
    expect(rows.slice(2, 4).map(({ what, decision, why }) => `${what} | ${decision} | ${why}`)).toEqual([
      `Secrets | given | 2 of 3 are not handed over: ${fork('mallory/app')}`,
      `The runner's own | withheld: the files of npmrc; the variables of token; the variables of the build arguments NPM_TOKEN; the sockets and key files of other; its agent | ${fork('mallory/app')}`
    ])
    const trusted = occasionOf(contextOf(runs.push, { SSH_AUTH_SOCK: '/run/agent' }))
    expect(tabulateTrust(planTrust(trusted, inputs), trusted, inputs, ['given']).map(({ what }) => what)).not.toContain(
      "The runner's own"
    )
  })

  test.each<[string, readonly string[], boolean]>([
    ['none', ['none'], false],
    ['read', ['read only'], true],
    ['write-only', ['write only'], true],
    ['write', [], true],
    ['', [], true],
    ['something-new', [], true]
  ])('of a job to which GitHub gives ACTIONS_CACHE_MODE=%s', (mode, decisions, offered) => {
    const context = occasionOf(
      contextOf(runs.push, { ACTIONS_CACHE_MODE: mode, ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/' })
    )
    const inputs = inputsOf({})
    const rows = tabulateTrust(planTrust(context, inputs), context, inputs, [])
    expect(rows.filter(({ what }) => what === 'Actions cache').map(({ decision }) => decision)).toEqual(decisions)
    expect([context.hasCacheService, context.storesMounts]).toEqual([offered, mode !== 'read'])
  })

  test('of a gate alone', () => {
    expect(table('pullRequest', { 'test-target': 'test', 'cache-from': 'type=gha', 'cache-mode': 'off' })).toEqual([
      'Trusted | yes | pull request #214 from this repository',
      'SSH key | none | ssh-private-key is empty',
      'Secrets | none | no secrets, secret-envs or secret-files',
      'Cache read | no | cache-mode is off',
      'Cache write | no | cache-mode is off',
      'Publish | no | push, load and outputs are not set'
    ])
  })

  test('never shows a value', () => {
    for (const name of Object.keys(runs)) expect(table(name as RunName).join()).not.toContain('hunter')
  })
})

test('a secret without a value is not said to be handed over', () => {
  const given = { ...everything, secrets: 'token=hunter2hunter2\nother=' }
  const secretsOf = (supplied: string[]) => plan('fork', given, supplied).rows.find(({ what }) => what === 'Secrets')
  expect(secretsOf(['token'])).toEqual({
    what: 'Secrets',
    decision: 'token',
    why: expect.stringMatching(/^1 of 2 are not handed over: pull request #214/)
  })
  expect(secretsOf([])?.decision).toBe('none')
})
