import { describe, expect, test } from '@jest/globals'
import { mergeOutcomes, readOutcomes, type CacheOutcome } from '../../src/cache/outcome.js'
import type { Internal } from '../../src/core/progress.js'
import { readRecorded } from '../fixtures/recorded.js'

const dead = '127.0.0.1:9/t/cache:1'
const good = '127.0.0.1:5000/t/fixture-cache:1'
const none = '127.0.0.1:5000/t/fixture-cache:none'
const registry = (reference: string): string => `type=registry,ref=${reference},mode=max`

const resultsOf = (name: string, from: readonly string[], to: readonly string[]): readonly string[] =>
  readOutcomes({ from, to }, readRecorded(name).internals).map(({ reference, result }) => `${reference} ${result}`)

describe('in what a builder has printed', () => {
  test('what was read, what was not there and what could not be reached', () => {
    expect(resultsOf('cache-imports', [registry(good), registry(none), registry(dead)], [])).toEqual([
      `${good} ok`,
      `${none} missing`,
      `${dead} failed`
    ])
  })

  test('what could not be written, with the reason', () => {
    const { internals } = readRecorded('cache-export-ignored')
    expect(readOutcomes({ from: [], to: [registry(dead)] }, internals)).toEqual([
      { reference: dead, way: 'write', result: 'failed', message: expect.stringContaining('connection refused') }
    ])
  })

  test.each([[[dead, good]], [[good, dead]]])('one of two that could not be written: %j', (references) => {
    expect(resultsOf('cache-exports-one-failed', [], references.map(registry)).toSorted()).toEqual([
      `${good} ok`,
      `${dead} failed`
    ])
  })

  test('a cache that BuildKit names by a number', () => {
    expect(resultsOf('cache-local-in', ['type=local,src=x'], [])).toEqual(['local ok'])
  })

  test('what was never tried', () => {
    expect(resultsOf('gate-fresh', [registry(good)], [registry(dead)])).toEqual([`${good} not-run`, `${dead} not-run`])
  })

  test('the bytes of a cache that no registry tells of, where the size of each layer is known', () => {
    const { internals } = readRecorded('cache-local-out')
    const layers = internals.flatMap((internal) => internal.layers ?? [])
    expect(layers.length).toBeGreaterThan(0)
    const bytesOf = (digests: readonly string[]): number | undefined =>
      readOutcomes({ from: [], to: ['type=local,dest=x'] }, internals, new Map(digests.map((each) => [each, 100])))[0]
        ?.bytes
    expect([bytesOf(layers), bytesOf([])]).toEqual([100 * layers.length, undefined])
  })
})

/** What BuildKit calls the writing of each type, and a value of it. */
const backends: readonly (readonly [string, string, string])[] = [
  ['registry', `type=registry,ref=${good}`, 'exporting cache to registry'],
  ['a reference alone', good, 'exporting cache to registry'],
  ['gha', 'type=gha,mode=max', 'exporting to GitHub Actions Cache'],
  ['gha of an older BuildKit', 'type=gha', 'exporting to GitHub cache'],
  ['local', 'type=local,dest=/tmp/x', 'exporting cache to client directory'],
  ['s3', 'type=s3,region=x,bucket=y', 'exporting cache to Amazon S3'],
  ['azblob', 'type=azblob,account_url=x', 'exporting cache to Azure Blob Storage'],
  ['inline', 'type=inline', 'preparing layers for inline cache'],
  ['inline of an older BuildKit', 'type=inline', 'exporting inline cache'],
  ['registry of a BuildKit that does not say so', good, 'exporting cache']
]

describe('every backend is seen', () => {
  const writing = (value: string, internal: Internal): CacheOutcome | undefined =>
    readOutcomes({ from: [], to: [value] }, [internal])[0]

  test.each(backends)('%s', (_, value, name) => {
    expect(writing(value, { name, seconds: 2, done: true })).toMatchObject({ way: 'write', result: 'ok', seconds: 2 })
    const error = 'error writing layer blob: failed to reserve cache: cache write denied'
    expect(writing(value, { name, seconds: 0, done: true, error })).toMatchObject({ result: 'failed', message: error })
  })

  test.each(['gha', 's3', 'azblob', 'local'])('the reading of %s', (type) => {
    const name = `importing cache manifest from ${type}:14196404673944113265`
    const read = (internal: Internal): CacheOutcome | undefined =>
      readOutcomes({ from: [`type=${type}`], to: [] }, [internal])[0]
    expect(read({ name, seconds: 0.2, done: true })).toMatchObject({ reference: type, way: 'read', result: 'ok' })
    expect(read({ name, seconds: 0, done: true, error: '403' })).toMatchObject({ result: 'failed', message: '403' })
  })

  test('one of them that fails says nothing of the others', () => {
    const internals = [
      { name: 'exporting to GitHub Actions Cache', seconds: 0, done: true, error: 'denied' },
      { name: 'exporting cache to registry', seconds: 1, done: true }
    ]
    const results = readOutcomes({ from: [], to: [registry(good), 'type=gha', 'type=s3'] }, internals)
    expect(results.map(({ result }) => result)).toEqual(['ok', 'failed', 'not-run'])
  })
})

describe('of two exports, the one that a failure names has failed', () => {
  const token = 'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://'
  test.each([
    ['ghcr.io/acme/app', 'https://ghcr.io/v2/acme/app/blobs/uploads/: 401 Unauthorized'],
    ['docker.io/acme/app', 'https://registry-1.docker.io/v2/acme/app/blobs/uploads/: 401 Unauthorized'],
    ['index.docker.io/acme/app', 'https://registry-1.docker.io/v2/acme/app/blobs/uploads/: 401 Unauthorized'],
    ['acme/app', 'https://registry-1.docker.io/v2/acme/app/blobs/uploads/: 401 Unauthorized'],
    ['app', 'https://registry-1.docker.io/v2/library/app/blobs/uploads/: 401 Unauthorized'],
    [
      'docker.io/acme/app',
      `${token}auth.docker.io/token?scope=repository%3Aacme%2Fapp%3Apull%2Cpush&service=registry.docker.io: 401`
    ]
  ])('%s: %s', (repository, error) => {
    const internals = [
      { name: 'exporting cache to registry', seconds: 1, done: true, error: `failed to push: ${error}` },
      { name: 'exporting cache to registry', seconds: 1, done: true }
    ]
    const references = [`${repository}:cache`, `${repository}2:cache`]
    const results = readOutcomes({ from: [], to: references.map(registry) }, internals)
    expect(results.map(({ reference, result }) => `${reference} ${result}`)).toEqual([
      `${repository}:cache failed`,
      `${repository}2:cache ok`
    ])
  })
})

test.each([
  [
    'has lost a part',
    'httpReadSeeker: failed open: could not fetch content descriptor sha256:4743 from remote: not found'
  ],
  ['is on a host that is not found', 'dial tcp: lookup x: no such host: not found']
])('a reference that %s is no missing one', (_, error) => {
  const internals = [{ name: `importing cache manifest from ${dead}`, seconds: 0, done: true, error }]
  expect(readOutcomes({ from: [registry(dead)], to: [] }, internals)[0]?.result).toBe('failed')
})

test('of several solves, what went wrong in one counts, and else the first that tried', () => {
  const outcome = (reference: string, result: CacheOutcome['result'], seconds: number): CacheOutcome => ({
    ...{ reference, way: 'read', result, seconds }
  })
  const solves = [outcome('a', 'not-run', 0), outcome('a', 'ok', 1), outcome('b', 'ok', 1), outcome('a', 'ok', 2)]
  expect(mergeOutcomes([...solves, outcome('b', 'failed', 0)])).toEqual([
    outcome('a', 'ok', 1),
    outcome('b', 'failed', 0)
  ])
})
