/** Runs that GitHub gives no credentials: they build, test and report, and write nothing. */
import { describe, expect, jest, test } from '@jest/globals'
import { registryManifest, registryTags } from '../support/engine.js'
import { pullRequestEvent } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { expectExit, printed } from './support/log.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()

const untrustedEvents = [
  ['a fork', pullRequestEvent('stranger/app', 'stranger'), 'pull request #12 comes from the fork stranger/app'],
  ['Dependabot', pullRequestEvent('acme/app', 'dependabot[bot]'), 'Dependabot started it']
] as const

/** A test that wants the secret `TOKEN` on its mount, and a target that wants none. */
async function dockerfile({ test = '', target = '' }: { test?: string; target?: string } = {}): Promise<string> {
  return `FROM ${await baseImage('busybox')} AS base
ARG RUN=${fresh()}
FROM base AS test
RUN ${test} echo TESTED=$RUN
FROM base AS production
RUN ${target} echo BUILT=$RUN
`
}

const required = '--mount=type=secret,id=TOKEN,required=true'

describe.each(some(untrustedEvents, 1))('a pull request of %s', (_, event, reason) => {
  test('is green, writes neither tags nor cache, and says why', async () => {
    const [app, cache] = [freshRepository(), freshRepository()]
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
    const given = {
      'test-target': 'test',
      target: 'production',
      tags: `${app.reference}:1`,
      push: 'true',
      'cache-image': cache.reference
    }
    const trusted = await workspace.run(given)
    expectExit(trusted, 0)
    const [cacheTag = '', ...more] = await registryTags(registry, cache.name)
    expect(more).toEqual([])
    const digests = async () => [
      (await registryManifest(registry, app.name, '1'))?.digest,
      (await registryManifest(registry, cache.name, cacheTag))?.digest
    ]
    const before = await digests()

    await workspace.write({ Dockerfile: await dockerfile() })
    const step = await workspace.run(
      {
        ...given,
        tags: `${app.reference}:1\n${app.reference}:2`,
        outputs: `type=image,name=${app.reference}:3,push=true`,
        // What GitHub makes of ${{ secrets.… }} here.
        secrets: 'TOKEN=',
        'ssh-private-key': '',
        ssh: 'default'
      },
      { event }
    )
    expectExit(step, 0)
    expect(step.outputs).toMatchObject({ gate: 'passed', published: 'false' })
    expect(Number(step.outputs.size)).toBeGreaterThan(1_000_000)
    expect(printed(step.log, 'TESTED')).toHaveLength(1)
    expect(printed(step.log, 'BUILT')).toHaveLength(1)

    expect(await registryTags(registry, app.name)).toEqual(['1'])
    expect(await registryTags(registry, cache.name)).toEqual([cacheTag])
    expect(await digests()).toEqual(before)

    expect(step.summary).toContain('This run is untrusted')
    expect(step.summary.replaceAll('`', '')).toContain(reason)
    expect(step.log).toMatch(new RegExp(`Publish +no +${reason}`))
    expect(step.annotations.map(({ level }) => level)).not.toContain('error')
    expect(step.annotations.some(({ level, text }) => level === 'notice' && text.includes(reason))).toBe(true)
  })

  test('is red when its tests fail', async () => {
    const app = freshRepository()
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile({ test: 'exit 3;' }) })
    const step = await workspace.run(
      { 'test-target': 'test', target: 'production', tags: `${app.reference}:1`, push: 'true', secrets: 'TOKEN=' },
      { event }
    )
    expectExit(step, 1)
    expect(step.outputs).toMatchObject({ gate: 'failed', published: 'false' })
    expect(step.summary).toContain('the tests failed')
    expect(step.summary).toContain('This run is untrusted')
    expect(await registryTags(registry, app.name)).toEqual([])
  })
})

describe('a fork, when', () => {
  const event = pullRequestEvent('stranger/app', 'stranger')
  const given = { 'test-target': 'test', target: 'production', secrets: 'TOKEN=' }

  test('the tests need a secret: the rest is built, and the run is red unless it may be untested', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile({ test: required }) })
    const red = await workspace.run(given, { event })
    expectExit(red, 1)
    expect(red.outputs).toMatchObject({ gate: 'skipped', published: 'false' })
    expect(red.summary).toMatch(/^## ❌ .*the tests could not be built without credentials/)
    expect(red.summary).toContain('untested: pass')
    expect(printed(red.log, 'BUILT')).not.toEqual([])

    const step = await workspace.run({ ...given, untested: 'pass' }, { event })
    expectExit(step, 0)
    expect(step.outputs).toMatchObject({ gate: 'skipped', published: 'false' })
    expect(Number(step.outputs.size)).toBeGreaterThan(1_000_000)
    expect(printed(step.log, 'TESTED')).toEqual([])
    expect(step.summary).toMatch(/^## ⚪️ .*not tested/)
    expect(step.summary).toMatch(/stage test was left out: it needs the secret "TOKEN"/)
  })

  long.test('the target needs a secret: the tests still judge the change', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile({ target: required }) })
    const step = await workspace.run(given, { event })
    expectExit(step, 0)
    expect(step.outputs).toMatchObject({ gate: 'passed', published: 'false' })
    expect(step.outputs.size).toBeUndefined()
    // On a busy machine they may have been stopped in the first solve, and run again in the next.
    expect(printed(step.log, 'TESTED')).not.toEqual([])
    expect(step.summary).toMatch(/stage production was left out: it needs the secret "TOKEN"/)

    await workspace.write({ Dockerfile: await dockerfile({ test: 'exit 3;', target: required }) })
    const red = await workspace.run(given, { event })
    expectExit(red, 1)
    expect(red.outputs.gate).toBe('failed')
  })

  long.test('the tests need a key: the gate is skipped, and the run is red', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile({ test: '--mount=type=ssh,required=true' })
    })
    const step = await workspace.run({ ...given, 'ssh-private-key': '', ssh: 'default' }, { event })
    expectExit(step, 1)
    expect(step.outputs).toMatchObject({ gate: 'skipped', published: 'false' })
    expect(step.summary).toContain('it needs the ssh id "default"')
  })

  long.test('a test fails that could have had a secret: it is red, else any change could excuse itself', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile({ test: '--mount=type=secret,id=TOKEN cat /run/secrets/TOKEN &&' })
    })
    const step = await workspace.run(given, { event })
    expectExit(step, 1)
    expect(step.outputs).toMatchObject({ gate: 'failed', published: 'false' })
  })

  long.test('a step before the tests fails without its optional secret: nothing could be judged', async () => {
    const fetch = 'RUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN\nFROM base AS test'
    await using workspace = await startWorkspace({
      Dockerfile: (await dockerfile()).replace('FROM base AS test', fetch)
    })
    const step = await workspace.run(given, { event })
    expectExit(step, 1)
    expect(step.outputs).toMatchObject({ gate: 'skipped', published: 'false' })
    expect(step.summary).toContain('it needs the secret "TOKEN"')
  })
})

describe('a trusted run', () => {
  test('takes a missing secret or key for an error, and says what to add', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile({ test: required }) })
    const given = { 'test-target': 'test', target: 'production' }
    const empty = await workspace.run({ ...given, secrets: 'TOKEN=', ssh: 'default' })
    expectExit(empty, 1)
    expect(empty.log).not.toContain('Gate and build')
    expect(empty.summary).toContain('The secret "TOKEN" is empty')
    expect(empty.summary).toContain('no agent behind it')
    expect(empty.annotations.filter(({ level }) => level === 'error')).toHaveLength(2)

    // A pull request from a branch of the repository itself is trusted.
    const pull = await workspace.run({ ...given, secrets: `TOKEN=${sentinel()}` }, { event: pullRequestEvent() })
    expectExit(pull, 0)
    expect(pull.outputs.gate).toBe('passed')
  })
})
