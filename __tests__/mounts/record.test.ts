import { describe, expect, test } from '@jest/globals'
import type { CacheMount } from '../../src/mounts/mount.js'
import {
  contentKey,
  fitInto,
  nextRecord,
  parseRecord,
  recordPrefixes,
  writeRecord,
  type StoredMount
} from '../../src/mounts/record.js'
import type { runs } from '../fixtures/events.js'
import { occasionFor } from '../fixtures/started.js'
import { buildOf } from '../builds/support.js'
import type { Given } from '../inputs/support.js'

const mount = (id: string, more: Partial<CacheMount> = {}): CacheMount => ({ id, sharing: 'shared', ...more })
const stored = (id: string, content: string, more: Partial<CacheMount> = {}): StoredMount => ({
  ...mount(id, more),
  digest: content.repeat(64).slice(0, 64),
  size: 10
})

describe('keys', () => {
  const prefixes = (given: Given = {}, machine = 'linux-x64') => recordPrefixes(buildOf(given), machine)

  test('begin with what they share, fit into the service and tell nothing', () => {
    const [exact = '', dockerfile = ''] = prefixes({ target: 'production', 'build-args': 'TOKEN=hush' })
    expect(exact.startsWith(dockerfile)).toBe(true)
    expect(exact).toMatch(/^stagegate-mounts-v1-linux-x64-[0-9a-f]{20}-[0-9a-f]{20}-$/)
    expect(contentKey('a'.repeat(64))).not.toContain(',')
  })

  test.each<[string, Given, boolean]>([
    ['other stages', { 'test-target': 'lint' }, true],
    ['other build arguments', { 'build-args': 'PYTHON=3.13' }, true],
    ['other platforms', { platforms: 'linux/arm64' }, true],
    ['another Dockerfile', { file: 'app/Dockerfile' }, false],
    ['another context', { context: 'app' }, false]
  ])('differ for %s', (_name, given, sameDockerfile) => {
    const [exact, dockerfile] = prefixes()
    const [other, otherDockerfile] = prefixes(given)
    expect(other).not.toBe(exact)
    expect(otherDockerfile === dockerfile).toBe(sameDockerfile)
  })

  test('differ for another machine, and not for the order of lists', () => {
    expect(prefixes({}, 'linux-arm64')[1]).not.toBe(prefixes()[1])
    expect(prefixes({ 'test-target': 'b\na' })).toEqual(prefixes({ 'test-target': 'a\nb' }))
  })
})

describe('the record', () => {
  test('comes back, and is the same text in any order', () => {
    const mounts = [stored('b', '1', { uid: 0, mode: 0o700 }), stored('a', '2', { sharing: 'locked' })]
    expect(parseRecord(writeRecord(mounts))).toEqual([mounts[1], mounts[0]])
    expect(writeRecord([...mounts].reverse())).toBe(writeRecord(mounts))
  })

  test.each([
    '',
    'null',
    '{"format":"v0","mounts":[]}',
    '{"format":"v1"}',
    JSON.stringify({ format: 'v1', mounts: [{ ...stored('a', '1'), digest: '../x' }] }),
    JSON.stringify({ format: 'v1', mounts: [{ ...stored('a', '1'), id: 'a b' }] })
  ])('that makes no sense is none: %s', (text) => {
    expect(parseRecord(text)).toEqual([])
  })

  const before = [stored('old', '1'), stored('same', '2'), stored('changed', '3')]
  const anew = [stored('changed', '4'), stored('new', '5')]
  test.each([
    ['a whole build drops what the Dockerfile has no more', true, ['changed 4', 'new 5', 'same 2']],
    ['a red one drops nothing', false, ['changed 4', 'new 5', 'old 1', 'same 2']]
  ])('%s', (_name, complete, expected) => {
    const present = ['same', 'changed', 'new'].map((id) => mount(id))
    const next = nextRecord(before, anew, { present, complete })
    expect(next.map(({ id, digest }) => `${id} ${digest[0]}`).sort()).toEqual(expected)
  })
})

test.each([
  [[5, 1, 3], 9, [1, 3, 5], []],
  [[5, 1, 3], 8, [1, 3], [5]],
  [[5], 4, [], [5]],
  [[], 4, [], []]
])('of %j, into %d fit %j', (sizes, bytes, within, beyond) => {
  const fit = fitInto(
    sizes.map((size) => ({ size })),
    bytes
  )
  expect([fit.within.map(({ size }) => size), fit.beyond.map(({ size }) => size)]).toEqual([within, beyond])
})

test.each<[keyof typeof runs, boolean]>([
  ['push', true],
  ['schedule', true],
  ['pullRequest', true],
  ['targetFromHere', false],
  ['repositoryDispatch', false],
  ['mergeQueue', false],
  ['tag', false],
  ['fork', false],
  ['targetFromFork', false],
  ['dependabot', false]
])('a run of kind %s stores mounts: %s', (name, expected) => {
  expect(occasionFor(name).storesMounts).toBe(expected)
})
