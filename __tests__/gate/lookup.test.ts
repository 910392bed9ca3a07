/** The targets that come first where a layer cache is read: what they are made of, and that they are nobody's concern. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { buildMark } from '../../src/builds/identity.js'
import { parseDockerfile } from '../../src/dockerfile/index.js'
import type { BuildOptions } from '../../src/gate/build.js'
import { planLookup, writeLookupFile, type Lookup } from '../../src/gate/lookup.js'
import { redEnd, streamOf, type Answer, type Told } from '../buildkit/support/buildx.js'
import { buildOf } from '../builds/support.js'
import type { Given } from '../inputs/support.js'
import { privateFolder, runScripted } from './support/build.js'

const folder = privateFolder()

const shared = ['FROM a:1 AS base', 'COPY src /src', 'FROM base AS test', 'RUN t', 'FROM base AS production', 'RUN p']

const planned = (lines: readonly string[], stages = ['test', 'production'], given: Given = {}) =>
  planLookup(parseDockerfile(lines.join('\n')), stages, buildOf(given))

describe('is planned', () => {
  test('for targets that read the same files, and for the images they need', () => {
    expect(planned(shared)).toEqual({
      groups: [{ from: 'scratch', copies: ['test', 'production'] }],
      images: [{ from: 'a:1', copies: [] }]
    })
  })

  test('for each group of such targets', () => {
    const lines = [
      ...shared,
      'FROM base AS docs',
      'COPY docs /',
      'FROM docs AS links',
      'RUN l',
      'FROM base AS alone',
      'COPY x /'
    ]
    const { groups } = planned(lines, ['test', 'docs', 'links', 'alone', 'production'])
    expect(groups.map(({ copies }) => copies)).toEqual([
      ['test', 'production'],
      ['docs', 'links']
    ])
  })

  test('not where each reads files of its own', () => {
    expect(planned([...shared, 'COPY notes /'])).toEqual({ groups: [], images: [] })
  })

  test.each<readonly [what: string, step: string, copies: number]>([
    ['they share no step that is told by content', 'RUN --mount=type=cache,target=/c --mount=type=secret,id=s x', 0],
    ['what they share copies from a stage', 'COPY --from=a:2 /x /', 1],
    ['what they share adds an address', 'ADD https://example.com/x /', 1],
    ['what they share mounts files', 'RUN --mount=from=a:2,target=/t x', 1],
    ['what they share mounts what a variable says', 'RUN --mount=type=$T,target=/t x', 1]
  ])('%s', (_, step, count) => {
    const { groups, images } = planned(shared.map((line) => (line === 'COPY src /src' ? step : line)))
    expect(groups).toHaveLength(count)
    expect(images.length > 0).toBe(count > 0)
  })

  test('not for what one of them has alone', () => {
    const lines = [
      'FROM a:1 AS base',
      'RUN b',
      'FROM base AS test',
      'COPY src /',
      'FROM base AS production',
      'COPY src /'
    ]
    expect(planned(lines).groups).toEqual([])
  })

  test('for all that is built upon a linked target, whatever they read themselves', () => {
    const lines = ['FROM base AS test', 'COPY test /', 'FROM a:1 AS production', 'COPY --from=base /x /', 'COPY app /']
    const build = buildOf()
    const shape = { ...build.shape, buildContexts: ['base=target:base'] }
    const planned = (lines: readonly string[]) =>
      planLookup(parseDockerfile(lines.join('\n')), ['test', 'production'], { shape })
    expect(planned(lines)).toEqual({
      groups: [{ from: 'scratch', copies: ['test', 'production'] }],
      images: [
        { from: 'base', copies: [] },
        { from: 'a:1', copies: [] }
      ]
    })
    expect(planned(lines.map((line) => line.replace('--from=base', '--from=b:1'))).groups).toEqual([])
  })

  test('without an image that another context stands for', () => {
    expect(planned(shared, undefined, { 'build-contexts': 'a:1=docker-image://b' }).images).toEqual([])
  })
})

test('its Dockerfile begins with the very bytes, and has its stages behind them', async () => {
  const file = path.join(folder.path, 'Dockerfile')
  const text = Buffer.from(`${shared.join('\n')}\n`)
  const build = { ...buildOf({}), source: { context: { kind: 'local' as const, path: folder.path }, file } }
  const place = { stages: ['test', 'production'], folder: path.join(folder.path, 'private') }
  const lookup = await writeLookupFile(build, { text, dockerfile: parseDockerfile(text) }, place)
  expect(lookup).toMatchObject({ groups: ['stagegate-lookup-at-0'], images: ['stagegate-lookup-at-1'] })
  expect(
    readFileSync(lookup?.dockerfile ?? '', 'utf8')
      .split('\n')
      .slice(shared.length)
  ).toEqual([
    'FROM scratch AS stagegate-lookup-at-0',
    `COPY --from=test /stagegate-lookup-${buildMark(build)}-no-such-file-* /0/`,
    `COPY --from=production /stagegate-lookup-${buildMark(build)}-no-such-file-* /1/`,
    'FROM a:1 AS stagegate-lookup-at-1',
    ''
  ])
})

const lookup: Lookup = {
  dockerfile: '/p/lookup/Dockerfile',
  groups: ['stagegate-lookup-at-0'],
  images: ['stagegate-lookup-at-1']
}
const cacheFrom = ['type=registry,ref=r.example.com/c:main']

const build = (answers: readonly Answer[], change: Partial<BuildOptions> = {}) =>
  runScripted(folder.path, answers, {
    plan: { testTargets: ['test'], target: 'production', lookup },
    ...{ cacheFrom, looksUp: true },
    ...change
  })

const green: readonly Told[] = [
  { vertex: 'from', name: '[_base0-0 stagegate-lookup-at-1 1/1] FROM a:1@sha256:1' },
  { vertex: 'from', name: '[_lookup0-0 base 1/2] FROM a:1@sha256:1', state: 'cached' },
  ...['_lookup0-0', '_test0-0', '_image-0'].map((target) => ({
    vertex: 'copy',
    name: `[${target} base 2/2] COPY src /src`
  })),
  ...['_lookup0-0', '_test0-0'].map((target) => ({
    vertex: 'test',
    name: `[${target} test 1/1] RUN t`,
    inputs: ['copy']
  })),
  ...['_lookup0-0', '_image-0'].map((target) => ({
    vertex: 'prod',
    name: `[${target} production 1/1] RUN p`,
    inputs: ['copy']
  })),
  { vertex: 'own', name: '[_lookup0-0 stagegate-lookup-at-0 1/2] COPY --from=test /x /0/', inputs: ['test'] }
]

describe('a call with it', () => {
  test('builds it first, and the others after the images', async () => {
    const { asked, run } = await build([{ stream: streamOf(green) }])
    expect(asked[0]?.targets).toEqual(['_lookup0-0', '_base0-0', '_test0-0', '_image-0'])
    const { definition = {} } = asked[0] ?? {}
    expect(definition['_lookup0-0']).toMatchObject({ dockerfile: '/p/lookup/Dockerfile', 'cache-from': cacheFrom })
    expect(definition['_base0-0']).not.toHaveProperty('cache-from')
    for (const name of ['_test0-0', '_image-0']) {
      expect(definition[name]).toMatchObject({
        contexts: { 'stagegate_base0-0': 'target:_base0-0' },
        'cache-from': cacheFrom
      })
    }
    expect([run.failure, run.gate.verdict]).toEqual([undefined, 'passed'])
    expect(run.images).toHaveLength(1)
    // Its own steps are nobody's; an image goes without the name of its stage.
    expect(run.progress.steps.map(({ name }) => name)).toEqual([
      ...['[base 2/2] COPY src /src', '[test 1/1] RUN t', '[production 1/1] RUN p']
    ])
  })

  test.each<readonly [string, Partial<BuildOptions>]>([
    ['no cache is read', { cacheFrom: [] }],
    ['there are several nodes', { looksUp: false }]
  ])('is one without it where %s', async (_, change) => {
    const stream = streamOf(green.filter(({ name }) => /_test|_image/.test(name)))
    const { asked } = await build([{ stream }], change)
    expect(asked[0]?.targets).toEqual(['_test0-0', '_image-0'])
    expect(asked[0]?.definition['_image-0']).not.toHaveProperty('contexts')
  })

  test('that ends at it is made again without it: the message is about a target of the user', async () => {
    const message = 'r.example.com/a:1: not found'
    const { asked, run } = await build([
      { exitCode: 1, stream: redEnd('_base0-0', message) },
      { exitCode: 1, stream: redEnd('_test0-0', message) }
    ])
    expect(asked[1]?.targets).toEqual(['_test0-0', '_image-0'])
    expect(run.failure).toBeDefined()
  })

  test('is red for a test that it names', async () => {
    const error = 'process "/bin/sh -c t" did not complete successfully: exit code: 1'
    const red = green
      .filter(({ vertex }) => vertex !== 'own')
      .map((told) => (told.vertex === 'test' ? { ...told, state: 'failed' as const, error } : told))
    const { asked, run } = await build([{ exitCode: 1, stream: streamOf(red) + redEnd('_lookup0-0', error) }])
    expect(asked).toHaveLength(1)
    expect(run.failure?.kind).toBe('test')
    expect(run.gate.targets).toEqual([expect.objectContaining({ stage: 'test', result: 'failed' })])
  })

  test('leaves out, in an untrusted run, whose step lacks a credential, though it is named itself', async () => {
    const lacking = 'secret token: not found'
    const red: readonly Told[] = [
      ...green.slice(0, 5),
      ...['_lookup0-0', '_image-0'].map((target) => ({
        vertex: 'prod',
        name: `[${target} production 1/1] RUN --mount=type=secret,id=token p`,
        state: 'failed' as const,
        error: lacking
      }))
    ]
    const { asked, run } = await build(
      [
        { exitCode: 1, stream: streamOf(red) + redEnd('_lookup0-0', lacking) },
        { stream: streamOf(green.filter(({ name }) => name.includes('_test'))) }
      ],
      { untrusted: 'a fork' }
    )
    expect(asked[1]?.targets).toEqual(['_test0-0'])
    expect(run.gate.verdict).toBe('passed')
  })
})
