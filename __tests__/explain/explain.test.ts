import { describe, expect, test } from '@jest/globals'
import { explainStages, startRecorder, withSaving, type BuildHistory } from '../../src/explain/explain.js'
import { plainBuild } from '../../src/builds/build.js'
import { groupStages } from '../../src/report/assemble.js'
import type { CacheReport } from '../../src/report/model.js'
import { matcher, recordOf, stepsOf, type Build } from './support/builds.js'

const build: Build = { dockerfile: 'FROM scratch AS a\nRUN x\n', steps: [['[a 1/1] RUN x', 5, []]] }
const steps = stepsOf(build.steps)
const history: BuildHistory = { now: recordOf(build), before: recordOf(build), since: 'main @ 1234567', matcher }
const stages = groupStages(steps, { testTargets: [], target: 'a' })
const why = (cache: CacheReport) =>
  explainStages(stages, steps, history, {
    build: plainBuild('app', '.'),
    cache,
    refreshed: [],
    onlyStage: undefined
  }).get('a')

describe('what a stage is explained with', () => {
  const read = { reference: 'r.example.com/c:main', result: 'ok', seconds: 1 } as const

  test('is what became of the caches that were read', () => {
    expect(why({ imports: [read], exports: [] })).toMatchObject({ cause: { kind: 'evicted' }, certainty: 'likely' })
    expect(why({ imports: [{ ...read, result: 'not-run' }], exports: [] })?.cause).toEqual({ kind: 'cold' })
  })

  test('a cache that broke the build was read, and yet of no use', () => {
    const broken = { message: 'blob unknown', seconds: 3 }
    expect(why({ imports: [read], exports: [], broken })?.cause).toEqual({
      ...{ kind: 'no-cache-found', references: [read.reference], result: 'failed' }
    })
  })
})

test('the record tells the namespace of cache mounts from the build arguments', async () => {
  const { shape, ...rest } = plainBuild('app', '.')
  const buildArgs = ['A=1', 'BUILDKIT_CACHE_MOUNT_NS=acme-app-pr-1']
  const recorder = startRecorder({
    ...{ build: { ...rest, shape: { ...shape, buildArgs } }, dockerfile: undefined, redact: (text) => text },
    ...{ fetching: Promise.resolve(undefined), files: false }
  })
  const { now } = await recorder.lookBack(steps, 'waits')
  recorder.stop()
  expect(Object.keys(now.args)).toEqual(['A'])
  expect(Object.keys(now.shape ?? {})).toEqual(['namespace'])
})

test('the report names the earlier build, also where nothing was saved', () => {
  const cache = { imports: [], exports: [] }
  expect(withSaving(cache, steps, history)).toEqual({ ...cache, comparedWith: 'main @ 1234567' })
})
