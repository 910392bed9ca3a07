import { describe, expect, test } from '@jest/globals'
import { cacheReference } from '../../src/inputs/cache_value.js'
import {
  forExport,
  candidates,
  forImage,
  forRetry,
  planCache,
  readOne,
  testPart,
  tabulateCache,
  type CachePlan
} from '../../src/cache/plan.js'
import type { Presence } from '../../src/registry/presence.js'
import { planTrust } from '../../src/occasion/trust_plan.js'
import { runs } from '../fixtures/events.js'
import { occasionFor } from '../fixtures/started.js'
import { buildFromInputs } from '../../src/builds/from_inputs.js'
import { buildOf } from '../builds/support.js'
import { inputsOf, type Given } from '../inputs/support.js'

type RunName = keyof typeof runs

const image: Given = { 'cache-image': 'ghcr.io/acme/app-cache' }

function plan(name: RunName, given: Given = image, part?: string): CachePlan {
  const context = occasionFor(name)
  const inputs = inputsOf(given)
  return planCache(buildFromInputs(inputs, '', {}), context, planTrust(context, inputs), part)
}

/** The scopes of a plan's references, without what tells Dockerfiles and stages apart. */
function scopes(values: readonly string[]): readonly string[] {
  return values
    .map(cacheReference)
    .map((reference) => reference.replace(/^ghcr\.io\/acme\/app-cache:/, '').replace(/-[0-9a-f]{16}$/, ''))
}

describe('whose references a run reads and writes', () => {
  const release = 'branch-release-1.x'

  test.each<[RunName, readonly string[], readonly string[]]>([
    ['push', ['branch-main'], ['branch-main']],
    ['schedule', ['branch-main'], ['branch-main']],
    ['workflowRun', ['branch-main'], ['branch-main']],
    ['workflowRunOfPullRequest', ['branch-main'], []],
    ['workflowRunOfWorkflowRun', ['branch-main'], []],
    ['repositoryDispatch', ['branch-main'], []],
    ['checkSuite', ['branch-main'], []],
    ['comment', ['branch-main'], []],
    ['tag', ['branch-main', 'tags'], ['tags']],
    ['release', ['branch-main', 'tags'], ['tags']],
    ['pullRequest', ['pr-214', 'branch-main'], ['pr-214']],
    ['pullRequestOntoBranch', ['pr-214', release, 'branch-main'], ['pr-214']],
    ['targetFromHere', ['pr-214', 'branch-main'], ['pr-214']],
    ['mergeQueue', ['branch-main'], []],
    ['mergeQueueOntoBranch', [release, 'branch-main'], []],
    ['fork', ['pr-214', 'branch-main'], []],
    ['deletedFork', ['pr-214', 'branch-main'], []],
    ['targetFromFork', ['pr-214', 'branch-main'], []],
    ['dependabot', ['pr-214', 'branch-main'], []],
    ['targetOfDependabot', ['pr-214', 'branch-main'], []]
  ])('%s', (name, reads, writes) => {
    const { from, to } = plan(name)
    expect([scopes(from), scopes(to)]).toEqual([reads, writes])
  })

  test('"test on every commit, build on tags": a tag reads what the gate alone wrote on the branch', () => {
    const gateAlone = plan('push', { ...image, 'test-target': 'test' }).to.map(cacheReference)
    const tagged = plan('tag', { ...image, 'test-target': 'test', target: 'production' })
    expect(tagged.from.map(cacheReference)).toEqual(expect.arrayContaining(gateAlone))
    expect(tagged.to.map(cacheReference)).not.toEqual(gateAlone)
  })

  test('an event about nothing in particular reads the default branch, and writes nothing', () => {
    const context = occasionFor('checkSuite', { eventName: 'deployment', ref: '' })
    const inputs = inputsOf(image)
    const { from, to } = planCache(buildFromInputs(inputs, '', {}), context, planTrust(context, inputs))
    expect([scopes(from), to]).toEqual([['branch-main'], []])
  })

  test('the branch a pull request is merged into reads the reference that a push to it wrote', () => {
    expect(plan('pullRequest').from).toContain(plan('push').from[0])
  })
})

describe('what a pull request writes is read by nobody else', () => {
  /** Branches that somebody might choose so that their cache has the name of another's. */
  const crafted = [
    ...[
      'pr-214',
      'pr-1',
      'main',
      'MAIN',
      'tags',
      'local',
      'branch-main',
      'feature/login',
      'feature-login',
      'feature login'
    ],
    ...['main-test', 'main-test-production', 'main/test', '../pr-214', 'pr-214-retry', 'main-retry', 'release/1.x'],
    ...['release-1.x', 'x'.repeat(200), `${'x'.repeat(200)}y`, '@', 'ü', '日本', 'a:b', 'refs/pull/214/merge']
  ]
  const builds: readonly Given[] = [
    image,
    { ...image, 'test-target': 'test', target: 'production' },
    { ...image, 'test-target': 'test' },
    { ...image, file: 'app/Dockerfile' },
    { ...image, 'report-name': 'pr-214' }
  ]
  const onBranch = (branch: string, given: Given, part?: string): CachePlan => {
    const context = occasionFor('push', { ref: `refs/heads/${branch}` })
    const inputs = inputsOf(given)
    return planCache(buildFromInputs(inputs, '', {}), context, planTrust(context, inputs), part)
  }
  const onPull = (number: number, headRef: string, given: Given, part?: string): CachePlan => {
    const context = occasionFor('pullRequest')
    const inputs = inputsOf(given)
    const pullRequest = { ...context.pullRequest!, number, headRef }
    return planCache(
      buildFromInputs(inputs, '', {}),
      occasionFor('pullRequest', { pullRequest }),
      planTrust(context, inputs),
      part
    )
  }
  const written = ({ to, retry }: CachePlan): readonly string[] => [
    ...to.map(cacheReference),
    ...(retry === undefined ? [] : [retry])
  ]
  const read = (planned: CachePlan): readonly string[] => candidates(planned, buildOf(image))
  const parts = [undefined, 'tests']

  test('not by a push to any branch, however the branches are called', () => {
    const reads = new Set(
      crafted.flatMap((branch) =>
        builds.flatMap((given) => parts.flatMap((part) => read(onBranch(branch, given, part))))
      )
    )
    const writes = crafted.flatMap((headRef) =>
      [1, 21, 214].flatMap((number) =>
        builds.flatMap((given) => parts.flatMap((part) => written(onPull(number, headRef, given, part))))
      )
    )
    expect(writes.length).toBeGreaterThan(100)
    expect(writes.filter((reference) => reads.has(reference))).toEqual([])
  })

  test('not by another pull request', () => {
    const reads = new Set(builds.flatMap((given) => read(onPull(21, 'main', given))))
    const writes = builds.flatMap((given) => [2, 1, 214].flatMap((number) => written(onPull(number, 'main', given))))
    expect(writes.filter((reference) => reads.has(reference))).toEqual([])
  })

  test('no branch writes what another one reads, but the default branch', () => {
    const given = builds[1] ?? image
    const main = new Set(written(onBranch('main', given)))
    for (const branch of crafted) {
      const others = new Set(
        crafted.filter((other) => other !== branch).flatMap((other) => written(onBranch(other, given)))
      )
      expect(
        read(onBranch(branch, given)).filter((reference) => others.has(reference) && !main.has(reference))
      ).toEqual([])
    }
  })

  test('not by any run of another kind', () => {
    const names = Object.keys(runs) as RunName[]
    const isPull = (name: RunName): boolean => occasionFor(name).pullRequest !== undefined
    const writes = names.filter(isPull).flatMap((name) => written(plan(name)))
    const reads = new Set(names.filter((name) => !isPull(name)).flatMap((name) => read(plan(name))))
    expect(writes.length).toBeGreaterThan(0)
    expect(writes.filter((reference) => reads.has(reference))).toEqual([])
  })
})

function rowsOf(name: RunName, given: Given = image): readonly string[] {
  const context = occasionFor(name)
  const inputs = inputsOf(given)
  return tabulateCache(buildFromInputs(inputs, '', {}), context, planTrust(context, inputs)).map(
    ({ reference, action, why }) =>
      [action, reference.replace(/^.*:/, '').replace(/[0-9a-f]{16}/, '#'), why]
        .filter((part) => part !== '')
        .join(' | ')
  )
}

describe('the printed table', () => {
  const rows = rowsOf

  test('of a pull request', () => {
    expect(rows('pullRequestOntoBranch')).toEqual([
      'read | pr-214-#-retry | what the last red run had built',
      'else | pr-214-# | pull request #214 itself',
      'else | branch-release-1.x-# | the branch it merges into, release/1.x',
      'else | branch-main-# | the default branch, main',
      'write | pr-214-# | pull request #214 itself; once everything has passed',
      'write | pr-214-#-retry | instead, if the run is red: what has been built by then'
    ])
  })

  test.each<[RunName, Given, string]>([
    ['fork', image, 'none | nothing is written: pull request #214 comes from the fork mallory/app'],
    ['mergeQueue', image, 'none | nothing is written: nobody reads what a merge queue writes'],
    [
      'comment',
      image,
      'none | nothing is written: issue_comment started it, so it may have checked out something else than the branch'
    ],
    [
      'workflowRunOfPullRequest',
      image,
      'none | nothing is written: the workflow before it was started by pull_request, so it may have checked out something else'
    ],
    ['push', { ...image, 'cache-mode': 'read' }, 'none | nothing is written: cache-mode is read'],
    ['push', { ...image, 'cache-mode': 'off' }, 'none | cache-mode is off'],
    ['push', { 'cache-to': 'type=gha' }, 'write | gha | cache-to']
  ])('of %s with %j ends with why', (name, given, last) => {
    expect(rows(name, given).at(-1)).toBe(last)
  })

  test('is empty where there is no layer cache', () => {
    expect(rows('push', {})).toEqual([])
  })

  test('says what the plan does', () => {
    for (const name of Object.keys(runs) as RunName[]) {
      const context = occasionFor(name)
      const inputs = inputsOf(image)
      const table = tabulateCache(buildFromInputs(inputs, '', {}), context, planTrust(context, inputs))
      const planned = plan(name)
      const of = (action: string) => table.filter((row) => row.action === action).map(({ reference }) => reference)
      expect([...of('read'), ...of('else')]).toEqual(candidates(planned, buildOf(image)))
      expect(of('write')).toEqual([...planned.to, ...(forRetry(planned)?.to ?? [])].map(cacheReference))
    }
  })
})

test('what a red run had built has a reference of its own, which comes first', () => {
  for (const name of ['push', 'pullRequest', 'tag'] as const) {
    const planned = plan(name)
    const [own = ''] = planned.to.map(cacheReference)
    expect(planned.retry).toBe(`${own}-retry`)
    expect(candidates(planned, buildOf(image))).toEqual([`${own}-retry`, ...planned.from.map(cacheReference)])
    expect(forRetry(planned)?.to.map(cacheReference)).toEqual([`${own}-retry`])
    expect(forExport(planned).to.join()).not.toContain('-retry')
    expect(forImage(planned).from).toEqual(planned.from)
  }
  for (const name of ['fork', 'mergeQueue', 'dependabot'] as const) {
    expect(plan(name).retry).toBeUndefined()
    expect(forRetry(plan(name))).toBeUndefined()
  }
})

test('a reference that is written holds every layer, and fails no build', () => {
  expect(plan('push').to).toEqual([
    expect.stringMatching(
      /^type=registry,ref=ghcr\.io\/acme\/app-cache:branch-main-[0-9a-f]{16},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true$/
    )
  ])
})

describe('of all that could be read, one is', () => {
  const build = buildOf(image)
  const planned = plan('pullRequestOntoBranch')
  const [own = '', base = '', main = ''] = planned.from.map(cacheReference)
  const retry = planned.retry ?? ''
  const settle = (presence: Readonly<Record<string, Presence>>, given = build): readonly (readonly string[])[] => {
    const { from, to } = readOne(planned, given, (reference) => presence[reference] ?? 'missing')
    return [from.map(cacheReference), to.map(cacheReference)]
  }

  test.each<[string, Readonly<Record<string, Presence>>, string]>([
    ['its own', { [own]: 'there', [base]: 'there', [main]: 'there' }, own],
    ['that of the base branch', { [base]: 'there', [main]: 'there' }, base],
    ['that of the default branch', { [main]: 'there' }, main],
    ['one that is there before one that may be', { [own]: 'unknown', [main]: 'there' }, main],
    ['one that may be there', { [retry]: 'unknown', [own]: 'missing', [base]: 'unknown' }, base],
    ['its own, for the builder to say that it is not there', {}, own]
  ])('%s', (_, presence, expected) => {
    expect(settle(presence)).toEqual([[expected], [own]])
  })

  test('what a red run had built, which is written again with the whole', () => {
    expect(settle({ [retry]: 'there', [own]: 'there' })).toEqual([[retry], [own, retry]])
  })

  test('none where no registry answers', () => {
    const { from } = readOne({ from: [], to: [] }, build, () => 'silent')
    expect(from).toEqual([])
  })

  test('beside what the user names', () => {
    const given = inputsOf({ ...image, 'cache-from': 'ghcr.io/acme/other:1' })
    const context = occasionFor('push')
    const own = buildFromInputs(given, '', {})
    const { from } = readOne(planCache(own, context, planTrust(context, given)), own, () => 'missing')
    expect(from.map(cacheReference)).toEqual(['ghcr.io/acme/other:1', expect.stringMatching(/:branch-main-/)])
  })

  test('and none in a build without cache, which is written all the same', () => {
    const given = inputsOf({ ...image, 'no-cache': 'true', 'cache-from': 'ghcr.io/acme/other:1' })
    const context = occasionFor('push')
    const without = planCache(buildFromInputs(given, '', {}), context, planTrust(context, given))
    const settled = readOne(without, buildFromInputs(given, '', {}), () => 'there')
    expect(settled.from).toEqual([])
    expect(settled.to.map(cacheReference)).toEqual([expect.stringMatching(/:branch-main-/), without.retry])
    expect(rowsOf('push', { ...image, 'no-cache': 'true' })[0]).toBe('none | nothing is read: no-cache is true')
  })
})

describe('what tells references apart', () => {
  const reference = (given: Given, part?: string): string =>
    cacheReference(plan('push', { ...image, ...given }, part).to[0] ?? '')
  const differing: readonly [string, Given, string?][] = [
    ['nothing', {}],
    ['the target', { target: 'production' }],
    ['another target', { target: 'debug' }],
    ['a test', { target: 'production', 'test-target': 'test' }],
    ['two tests', { target: 'production', 'test-target': 'test,lint' }],
    ['a test alone', { 'test-target': 'test' }],
    ['a test named as the target', { 'test-target': 'production' }],
    ['the Dockerfile', { file: 'app/Dockerfile' }],
    ['the context', { context: 'app' }],
    ['the context with a Dockerfile of its own', { context: 'app', file: 'app/release.Dockerfile' }],
    ['that Dockerfile in the whole', { file: 'app/release.Dockerfile' }],
    ['a platform', { platforms: 'linux/amd64' }],
    ['two platforms', { platforms: 'linux/amd64,linux/arm64' }],
    ['a solve of its own', { 'test-target': 'test' }, 'tests'],
    ['a leg of a matrix', { 'report-name': 'python-3.12' }],
    ['another leg', { 'report-name': 'python-3.13' }]
  ]

  test('another GitHub repository has others, whatever cache-image it names', () => {
    const writes = ['acme/app', 'acme/site'].map((repository) =>
      planCache(buildOf(image), occasionFor('pullRequest', { repository }), {
        cacheRead: true,
        cacheWrite: true
      }).to.map(cacheReference)
    )
    expect(writes[0]).toHaveLength(1)
    expect(writes[0]).not.toEqual(writes[1])
  })

  test('the tests of a run have one each where they are solved in turn, in whatever order they are named', () => {
    const parts = (testTarget: string): readonly string[] => {
      const inputs = inputsOf({ 'test-target': testTarget })
      return inputs.testTargets.map((stage) => `${stage} ${testPart(buildFromInputs(inputs, '', {}), stage)}`)
    }
    expect(parts('test')).toEqual(['test tests'])
    expect(parts('test,lint')).toEqual(['test tests-2', 'lint tests-1'])
    expect(parts('lint,test')).toEqual(['lint tests-1', 'test tests-2'])
  })

  test('each of these has one of its own', () => {
    const references = differing.map(([, given, part]) => reference(given, part))
    expect(new Set(references).size).toBe(differing.length)
  })

  test.each<[string, Given, Given]>([
    ['the order of tests', { 'test-target': 'a,b' }, { 'test-target': 'a\nb' }],
    ['the order of platforms', { platforms: 'linux/amd64,linux/arm64' }, { platforms: 'linux/arm64\nlinux/amd64' }],
    ['tags, labels and build arguments', { tags: 'a:1', 'build-args': 'A=1' }, { tags: 'a:2', labels: 'a=b' }]
  ])('%s does not', (_, one, other) => {
    expect(reference(one)).toBe(reference(other))
  })

  test('the stages can be read in it', () => {
    expect(reference({ target: 'production', 'test-target': 'test' })).toMatch(
      /:branch-main-test-production-[0-9a-f]{16}$/
    )
  })
})

describe('every tag is one that a registry takes', () => {
  const long = 'x'.repeat(300)
  test.each<[string, string, Given]>([
    ['long names', long, { target: long, 'test-target': `${long}1,${long}2` }],
    ['blanks and accents', 'feature/ß ü@{日本}', { target: 'prod', 'test-target': 'Täst' }],
    ['nothing but marks', '...', { target: '...' }],
    ['a dash', '-', {}]
  ])('%s', (_, branch, given) => {
    const inputs = inputsOf({ ...image, ...given })
    const context = occasionFor('push', { ref: `refs/heads/${branch}` })
    for (const part of [undefined, 'tests', 'tests-12']) {
      const { to, retry } = planCache(
        buildFromInputs(inputs, '', {}),
        context,
        { cacheRead: true, cacheWrite: true },
        part
      )
      for (const value of [...to, retry ?? to[0] ?? '']) {
        expect(cacheReference(value).split(':').at(-1)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/)
      }
    }
  })

  test('branches that differ in their last characters or in their marks stay apart', () => {
    const branches = [`${long}a`, `${long}b`, 'a/b', 'a-b', 'a b', 'a_b', 'A/B']
    const tags = branches.map((branch) => {
      const context = occasionFor('push', { ref: `refs/heads/${branch}` })
      return planCache(buildOf(image), context, { cacheRead: true, cacheWrite: true }).to[0]
    })
    expect(new Set(tags).size).toBe(branches.length)
  })
})

describe('raw entries', () => {
  test.each([
    ['type=gha,mode=max', 'type=gha,mode=max,ignore-error=true'],
    ['type=registry,ref=a/b,ignore-error=false', 'type=registry,ref=a/b,ignore-error=false'],
    ['type=inline', 'type=inline'],
    ['ghcr.io/acme/cache:main', 'type=registry,ref=ghcr.io/acme/cache:main,ignore-error=true']
  ])('%s is written as %s', (given, expected) => {
    expect(plan('push', { 'cache-to': given }).to).toEqual([expected])
  })

  test('come before the planned ones, and belong to the main solve', () => {
    const given = { ...image, 'cache-from': 'type=gha' }
    expect(plan('push', given).from[0]).toBe('type=gha')
    expect(plan('push', { 'cache-to': 'type=gha' }, 'tests').to).toEqual([])
  })

  test('nothing is read or written where the mode is off', () => {
    expect(plan('push', { ...image, 'cache-mode': 'off', 'cache-from': 'type=gha' })).toEqual({ from: [], to: [] })
  })
})

test.each([
  ['type=registry,ref=ghcr.io/a/b:c,mode=max', 'ghcr.io/a/b:c'],
  ['ref=a/b,type=registry', 'a/b'],
  ['type=gha,scope=x', 'gha'],
  ['a/b:c', 'a/b:c']
])('%s is shown as %s', (value, shown) => {
  expect(cacheReference(value)).toBe(shown)
})
