/** What an image's releases transfer, asked of a real registry that counts the questions. */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { lastReleases, MOST_RELEASES, readReleases, type ReleasesReport } from '../../src/baseline/releases.js'
import { parseTrend, writeTrend } from '../../src/baseline/trend.js'
import { pushImages } from '../../src/registry/push.js'
import { startFaultyRegistry, type FaultyRegistry } from '../e2e/support/faults.js'
import { makeLayout, readImages, type MadeLayout } from '../registry/support/layout.js'
import { portsFor } from '../registry/support/ports.js'
import { startRegistry, type Registry } from '../support/engine.js'

jest.setTimeout(60_000)

describe('releases are the last version tags', () => {
  const many = Array.from({ length: 12 }, (_, minor) => `1.${minor}.0`)
  test.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['by number', ['1.10.0', '1.9.0', '1.9.10', '1.9.2'], [], ['1.9.0', '1.9.2', '1.9.10', '1.10.0']],
    ['no more than are shown', many, [], many.slice(-MOST_RELEASES)],
    ['without what is no version', ['latest', '1', '1.8', 'main', 'sha-1a2b3c4', 'pr-12', '1.8.0'], [], ['1.8.0']],
    ['without previews', ['1.8.0', '1.9.0-rc.1', '2.0.0-beta', '2.0.0-SNAPSHOT', '1.9.0-dev'], [], ['1.8.0']],
    ['without this run’s own', ['1.8.0', '1.9.0'], ['1.9.0', 'latest'], ['1.8.0']],
    ['nor under its other name', ['v1.8.0', '1.8.0', 'v1.9.0'], ['1.9.0'], ['1.8.0']],
    ['of this variant', ['1.8.0', '1.8.0-alpine', '1.8.0-slim'], ['main-alpine'], ['1.8.0-alpine']],
    ['and not itself', ['1.8.0', '1.8.0-alpine', '1.9.0-alpine'], ['1.9.0-alpine'], ['1.8.0-alpine']],
    [
      'of the variant that says most',
      ['1.8.0-alpine', '1.8.0-debug-alpine'],
      ['x-debug-alpine'],
      ['1.8.0-debug-alpine']
    ],
    ['of no variant where the tags differ', ['1.8.0', '1.8.0-alpine'], ['main', 'main-alpine'], ['1.8.0']],
    ['nothing where only variants are', ['1.8.0-alpine'], ['main'], []],
    ['nothing of nothing', [], ['main'], []]
  ])('%s', (_what, tags, own, expected) => {
    expect(lastReleases(tags, own)).toEqual(expected)
  })
})

describe('a registry', () => {
  let real: Registry
  let registry: FaultyRegistry
  let folder: string
  let single: MadeLayout
  let index: MadeLayout
  const { exec } = portsFor({})
  const env = (): Record<string, string> => ({ DOCKER_CONFIG: folder })
  const read = (tags: readonly string[], known?: ReleasesReport, platforms = ['linux/amd64'], name = 'app') => {
    const references = tags.map((tag) => `${registry.address}/${name}:${tag}`)
    return readReleases(exec, env(), { references, platforms, known })
  }
  const transferOf = ({ image, config, layers }: MadeLayout): number =>
    [image, config, ...layers].reduce((sum, { size }) => sum + size, 0)
  const asked = (): readonly string[] =>
    registry.takePassed().map(({ method, path }) => `${method} ${path.replace(/^\/v2\/app\/|sha256:[0-9a-f]+$/g, '')}`)

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-releases-'))
    real = await startRegistry({ inMemory: true })
    registry = await startFaultyRegistry(real)
    ;[single, index] = await Promise.all([
      makeLayout(path.join(folder, 'single')),
      makeLayout(path.join(folder, 'index'), { layers: 5, attestation: 'artifact' })
    ])
    const to = (...tags: readonly string[]) => tags.map((tag) => `${real.address}/app:${tag}`)
    const images = await readImages([
      { layouts: [single.folder], references: to('1.7.0', 'latest') },
      { layouts: [index.folder], references: to('1.8.0', '1.8', 'main') }
    ])
    expect((await pushImages(portsFor({}), { env: env(), images })).ok).toBe(true)
  })
  beforeEach(() => {
    registry.misbehave()
    registry.takePassed()
  })
  afterAll(async () => {
    await registry[Symbol.asyncDispose]()
    await real[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const both = (): ReleasesReport => ({
    repository: `${registry.address}/app`,
    series: [
      {
        platform: 'linux/amd64',
        releases: [
          { tag: '1.7.0', transferSize: transferOf(single) },
          { tag: '1.8.0', transferSize: transferOf(index) }
        ]
      }
    ]
  })

  test('tells what each release transfers, of an image and of an index', async () => {
    expect(await read(['main'])).toEqual(both())
    expect([...asked()].sort()).toEqual([
      ...['GET blobs/', 'GET manifests/', 'GET manifests/1.7.0', 'GET manifests/1.8.0', 'GET tags/list?n=1000']
    ])
  })

  test('is asked for each release once', async () => {
    const stored = parseTrend(writeTrend({ series: [], releases: both() })).releases
    expect(await read(['main'], stored)).toEqual(both())
    expect(asked()).toEqual(['GET tags/list?n=1000'])
  })

  test('tells nothing of what this run is about to replace', async () => {
    const [series] = both().series
    const releases = series?.releases.slice(0, 1)
    expect(await read(['1.8.0', 'latest'])).toEqual({ ...both(), series: [{ ...series, releases }] })
  })

  test('tells nothing of a platform that it has no release for', async () => {
    expect(await read(['main'], undefined, ['linux/arm64'])).toBeUndefined()
    expect(await read(['main'], undefined, ['linux/amd64', 'linux/arm64'])).toEqual(both())
  })

  test('that is silent or broken leaves what is known', async () => {
    registry.misbehave(() => ({ kind: 'answer', status: 500 }))
    expect(await read(['main'], both())).toEqual(both())
    expect(await read(['main'])).toBeUndefined()
  })

  test('has no such repository', async () => {
    expect(await read(['main'], both(), ['linux/amd64'], 'other')).toBeUndefined()
  })
})

test.each([
  [
    'a tag that is no version',
    { repository: 'r', series: [{ platform: 'p', releases: [{ tag: '<b>', transferSize: 1 }] }] }
  ],
  [
    'a size below zero',
    { repository: 'r', series: [{ platform: 'p', releases: [{ tag: '1.0.0', transferSize: -1 }] }] }
  ],
  ['no repository', { series: [{ platform: 'p', releases: [{ tag: '1.0.0', transferSize: 1 }] }] }]
])('releases are not read from %s', (_what, releases) => {
  expect(parseTrend(JSON.stringify({ series: [], releases }))).toEqual({ series: [] })
})
