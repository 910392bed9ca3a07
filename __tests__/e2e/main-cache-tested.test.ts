/**
 * What is tested is what is published, whatever the references hold: of a step that two runners have built, each with
 * another result, the tests must not see the one and the image have the other. What BuildKit takes of several references
 * is a matter of chance, so each story is told several times.
 */
import { beforeAll, describe, expect, jest } from '@jest/globals'
import { canStartEngine, startEngine } from '../support/engine.js'
import { pullRequestEvent, type StepResult } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { readImageFile } from './support/image.js'
import { expectExit, printed, ranSteps } from './support/log.js'
import { baseImage, fresh, freshRepository, startWorkspace, type Workspace } from './support/workspace.js'

jest.setTimeout(300_000)

const withEngine = canStartEngine() ? describe : describe.skip

async function dockerfile(): Promise<string> {
  return `FROM ${await baseImage('busybox')} AS deps
ARG RUN=${fresh()}
RUN cat /proc/sys/kernel/random/uuid > /deps
FROM deps AS build
COPY app.txt /app.txt
RUN cat /proc/sys/kernel/random/uuid > /built
FROM build AS test
COPY test.txt /test.txt
RUN echo TESTED=$(cat /deps)-$(cat /built) && ! grep bad /test.txt
FROM ${await baseImage('busybox')} AS production
COPY --from=build /deps /deps
COPY --from=build /built /built
RUN cat /deps /built > /all
`
}

type Run = {
  readonly event?: ReturnType<typeof pullRequestEvent>
  readonly env?: Record<string, string>
  readonly inputs?: Record<string, string>
}

withEngine('runners that each start empty', () => {
  beforeAll(() => baseImage('busybox'), 300_000)

  /** A project whose runs all have a new builder. */
  async function project(): Promise<
    AsyncDisposable & {
      readonly write: Workspace['write']
      readonly run: (run?: Run) => Promise<StepResult>
      /** The results of the steps that are in the image, as the tests print theirs. */
      readonly published: () => Promise<string>
    }
  > {
    const app = freshRepository()
    const cache = freshRepository()
    const files = { Dockerfile: await dockerfile(), 'app.txt': 'one', 'test.txt': 'good' }
    const workspace = await startWorkspace(files)
    const inputs = { 'test-target': 'test', target: 'production', tags: `${app.reference}:1`, push: 'true' }
    return {
      write: workspace.write,
      run: async ({ event, env = {}, inputs: more = {} } = {}) => {
        await using engine = await startEngine({ name: 'new' })
        const given = { ...inputs, 'cache-image': cache.reference, ...more }
        return await workspace.run(given, { env: { ...engine.env, ...env }, ...(event === undefined ? {} : { event }) })
      },
      published: async () => {
        const read = async (file: string): Promise<string> => (await readImageFile(app.name, '1', file))?.trim() ?? ''
        return `${await read('/deps')}-${await read('/built')}`
      },
      [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]()
    }
  }

  long.test('a pull request with a cache of its own, and the same commit once more', async () => {
    await using own = await project()
    expectExit(await own.run(), 0)
    await own.write({ 'app.txt': 'two' })
    const event = pullRequestEvent()
    const first = await own.run({ event })
    expectExit(first, 0)
    const [tested] = printed(first.log, 'TESTED')
    expect(await own.published()).toBe(tested)
    for (let turn = 0; turn < 3; turn += 1) {
      const again = await own.run({ event })
      expectExit(again, 0)
      expect(ranSteps(again.log)).toEqual([])
      expect(await own.published()).toBe(tested)
    }
    await own.write({ 'test.txt': 'better' })
    const other = await own.run({ event })
    expectExit(other, 0)
    expect(ranSteps(other.log)).toEqual(['test COPY', 'test RUN'])
    expect([await own.published(), ...printed(other.log, 'TESTED')]).toEqual([tested, tested])
  })

  long.test('a branch that was red in between', async () => {
    await using own = await project()
    expectExit(await own.run(), 0)
    await own.write({ 'app.txt': 'two', 'test.txt': 'bad' })
    const red = await own.run()
    expectExit(red, 1)
    expect(red.summary).toContain('the next run starts there')
    await own.write({ 'test.txt': 'good again' })
    const mended = await own.run()
    expectExit(mended, 0)
    expect(ranSteps(mended.log, { but: 'production' })).toEqual(['test COPY', 'test RUN'])
    const [tested] = printed(mended.log, 'TESTED')
    expect(printed(red.log, 'TESTED')).toEqual([tested])
    expect(await own.published()).toBe(tested)
    for (let turn = 0; turn < 2; turn += 1) {
      const again = await own.run()
      expectExit(again, 0)
      expect(ranSteps(again.log)).toEqual([])
      expect(again.summary).toContain('holds everything')
      expect(await own.published()).toBe(tested)
    }
  })

  long.test('a tag and the branch it is on, built at the same time', async () => {
    await using own = await project()
    const tag = { GITHUB_REF: 'refs/tags/v1', GITHUB_REF_NAME: 'v1' }
    // One after the other, but neither with the cache of the other: the tag's is written first.
    expectExit(await own.run({ env: tag }), 0)
    const branch = await own.run()
    expectExit(branch, 0)
    for (let turn = 0; turn < 3; turn += 1) {
      await own.write({ 'test.txt': `good ${turn}` })
      const tagged = await own.run({ env: tag })
      expectExit(tagged, 0)
      const [tested] = printed(tagged.log, 'TESTED')
      expect(tested).toMatch(/^[0-9a-f-]{73}$/)
      expect(await own.published()).toBe(tested)
    }
  })

  long.test('a build without cache beside the cache of another', async () => {
    await using own = await project()
    expectExit(await own.run(), 0)
    const event = pullRequestEvent()
    const without = await own.run({ event, inputs: { 'no-cache': 'true' } })
    expectExit(without, 0)
    expect(without.summary).toContain('nothing is read: no-cache is true')
    const [tested] = printed(without.log, 'TESTED')
    expect(await own.published()).toBe(tested)
    for (let turn = 0; turn < 2; turn += 1) {
      await own.write({ 'test.txt': `good ${turn}` })
      const next = await own.run({ event, inputs: { 'cache-mode': 'read' } })
      expectExit(next, 0)
      expect([await own.published(), ...printed(next.log, 'TESTED')]).toEqual([tested, tested])
    }
  })
})
