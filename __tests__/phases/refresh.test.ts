/** `refresh-after`, on a buildx by script that leaves images whose layers have an age. */
import { describe, expect, test } from '@jest/globals'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { noCredentials } from '../../src/buildkit/command.js'
import type { BuildOptions } from '../../src/gate/build.js'
import { runFresh, type FreshRun } from '../../src/phases/refresh.js'
import {
  keptLog,
  redEnd,
  scriptedBuildx,
  streamOf,
  type Answer,
  type Asked,
  type Told
} from '../buildkit/support/buildx.js'
import { buildOf } from '../builds/support.js'
import { privateFolder } from '../gate/support/build.js'
import { digestOf, layerBlob, layoutOf } from '../image/support/image-builder.js'
import type { Given } from '../inputs/support.js'

const folder = privateFolder()
const NOW = Date.UTC(2026, 10, 29)
const DAY = 86_400
/** Days of the layers of `deps` and of the last stage; the base image is older than all. */
type Ages = { readonly deps?: number | string; readonly last?: number | string }
type Names = { readonly deps: string; readonly last: string }

const named: Names = { deps: 'deps ', last: 'production ' }
const layers = ['base', 'deps', 'last'].map((content) => ({
  entries: [{ path: content, content: Buffer.from(content) }]
}))
const digests = layers.map((layer) => digestOf(layerBlob(layer)))
const timeOf = (age: number | string): string =>
  typeof age === 'string' ? age : new Date(NOW - age * DAY * 1000).toISOString()

/** As the builder tells which step made which layer. */
const provenance = {
  'buildx.build.provenance': {
    buildConfig: {
      digestMapping: { base: 's0', deps: 's1', last: 's2' },
      llbDefinition: [
        { id: 's0', op: { Op: { source: { identifier: 'docker-image://docker.io/library/debian:12' } } } },
        { id: 's1', inputs: ['s0:0'], op: { Op: { exec: {} } } },
        { id: 's2', inputs: ['s1:0'], op: { Op: { exec: {} } } }
      ]
    },
    metadata: {
      'https://mobyproject.org/buildkit@v1#metadata': {
        layers: Object.fromEntries(
          digests.map((_, at) => [`s${at}:0`, [digests.slice(0, at + 1).map((digest) => ({ digest }))]])
        )
      }
    }
  }
}

/** A call that writes the image, tests included. */
function built(
  ages: Ages,
  { names = named, metadata = { '_image-0': provenance } }: { names?: Names; metadata?: Answer['metadata'] } = {}
) {
  return ({ definition }: Asked): Answer => {
    // The classic image store gets none.
    const dest = /dest=([^,"]+)/.exec(JSON.stringify(definition['_image-0']))?.[1]
    const history = [2000, ages.deps ?? 0, ages.last ?? 0].map((age, at) => ({
      ...{ created: timeOf(age), created_by: `RUN step ${at}`, comment: 'buildkit.dockerfile.v0' }
    }))
    for (const [name, content] of layoutOf([{ layers, history }])) {
      if (dest === undefined) break
      mkdirSync(path.dirname(path.join(dest, name)), { recursive: true })
      writeFileSync(path.join(dest, name), content)
    }
    const told: readonly Told[] = [
      { vertex: 'deps', name: `[_image-0 ${names.deps}2/2] RUN apt-get install -y hunter2`, state: 'cached' },
      { vertex: 'last', name: `[_image-0 ${names.last}1/1] COPY --from=deps / /`, state: 'cached', inputs: ['deps'] },
      { vertex: 'test', name: '[_test0-0 test 1/1] RUN pytest', inputs: ['deps'] }
    ]
    return { stream: streamOf(told), ...(metadata === undefined ? {} : { metadata }) }
  }
}

type Change = Partial<BuildOptions> & { readonly given?: Given; readonly env?: Readonly<Record<string, string>> }

async function refresh(
  answers: readonly (Answer | ((asked: Asked) => Answer))[],
  { given = {}, env = {}, ...change }: Change = {},
  after = 7 * DAY
): Promise<{ readonly run: FreshRun; readonly filters: readonly unknown[]; readonly lines: readonly string[] }> {
  const { exec, asked } = scriptedBuildx(answers)
  const { log, lines } = keptLog()
  const options: BuildOptions = {
    base: { build: buildOf({ 'build-args': 'PACKAGE=hunter2', ...given }), credentials: noCredentials },
    plan: { testTargets: ['test'], target: 'production' },
    ...{ cacheFrom: [], env: {}, untrusted: undefined, supplied: [] },
    exporting: { folder: folder.path, attributes: [], attestations: [], files: [], tags: [], names: [], cacheTo: [] },
    metadataFile: path.join(folder.path, 'metadata.json'),
    ...change
  }
  const ports = { exec, log, now: () => NOW, signal: new AbortController().signal }
  const run = await runFresh(ports, options, { after: after === 0 ? undefined : after, env })
  const filters = asked.map(({ definition }) =>
    ['_image-0', '_test0-0'].map((target) => {
      const attributes = definition[target] as Readonly<Record<string, unknown>> | undefined
      return attributes?.['no-cache'] ?? attributes?.['no-cache-filter']
    })
  )
  return { run, filters, lines }
}

const nothing = [undefined, undefined]

test('an image that cannot be read ends the run with words about it', async () => {
  const damaged = (asked: Asked): Answer => {
    const answer = built({ deps: 9.2 })(asked)
    writeFileSync(path.join(folder.path, 'image', 'index.json'), '{}')
    return answer
  }
  await expect(refresh([damaged])).rejects.toMatchObject({
    failure: { kind: 'engine', message: expect.stringMatching(/^the image cannot be read for refresh-after: /) }
  })
})

describe('is made again', () => {
  test('the stage that is too old, for the tests, too, and what is published is of the second call', async () => {
    const prepared: string[] = []
    const { run, filters, lines } = await refresh([built({ deps: 9.2, last: 3 }), built({})], {
      beforeAgain: () => Promise.resolve(void prepared.push('files'))
    })
    expect(filters).toEqual([nothing, [['deps'], ['deps']]])
    expect(run.images.map(({ layout }) => layout)).toEqual([path.join(folder.path, 'refreshed', 'image')])
    expect([run.failure, run.refreshed, prepared]).toEqual([undefined, ['deps'], ['files']])
    expect(run.notes).toEqual([
      'Stage deps was built again: its oldest cached layer was 9 days old (RUN apt-get install -y $PACKAGE), and refresh-after is 7 days.'
    ])
    expect(lines).toContain(run.notes[0])
  })

  test('without a cache that has broken the first call', async () => {
    const cacheFrom = ['type=registry,ref=r.example/cache:main']
    const words =
      'failed to copy: httpReadSeeker: failed open: https://r.example/v2/cache/blobs/sha256:1: 404 Not Found'
    const broken: Answer = { stream: redEnd('_test0-0', words), exitCode: 1 }
    const imports: unknown[] = []
    const asking = (answer: (asked: Asked) => Answer) => (asked: Asked) => {
      imports.push((asked.definition['_image-0'] as Readonly<Record<string, unknown>>)['cache-from'])
      return answer(asked)
    }
    const { run } = await refresh([asking(() => broken), asking(built({ deps: 9.2 })), asking(built({}))], {
      cacheFrom
    })
    expect(imports).toEqual([cacheFrom, undefined, undefined])
    expect([run.failure, run.refreshed, run.progress.broken?.message]).toEqual([undefined, ['deps'], words])
  })

  test('with it a stage that something too old was copied from', async () => {
    const { run, filters } = await refresh([built({ deps: 0, last: 2 }), built({})], {}, 12 * 3600)
    expect(filters[1]).toEqual([
      ['deps', 'production'],
      ['deps', 'production']
    ])
    expect(run.notes).toEqual([
      'Stage deps was built again: what is copied from it was 2 days old (COPY --from=deps / /), and refresh-after is 12 hours.',
      'Stage production was built again: its oldest cached layer was 2 days old (COPY --from=deps / /), and refresh-after is 12 hours.'
    ])
  })

  test('beside the stages that the workflow names', async () => {
    const { filters } = await refresh([built({ deps: 9 }), built({})], { given: { 'no-cache-filters': 'other' } })
    expect(filters[1]).toEqual([
      ['other', 'deps'],
      ['other', 'deps']
    ])
  })

  test.each<[string, Names]>([
    ['that has no name', { ...named, deps: 'stage-0 ' }],
    ['that is the only one', { ...named, deps: '' }]
  ])('all, for a stage %s', async (_, names) => {
    const { run, filters } = await refresh([built({ deps: 9 }, { names }), built({}, { names })])
    expect([run.refreshed, filters[1]]).toEqual(['all', [true, true]])
  })

  test('once, though what comes is as old', async () => {
    const { run, filters } = await refresh([built({ deps: 9 }), built({ deps: 9 })])
    expect([filters.length, run.failure, run.images.length]).toEqual([2, undefined, 1])
  })

  test('and red, where the tests fail with what is new; the first image is not there any more', async () => {
    const error = 'process "/bin/sh -c pytest" did not complete successfully: exit code: 1'
    const stream = streamOf([{ vertex: 'test', name: '[_test0-0 test 1/1] RUN pytest', state: 'failed', error }])
    const red = { stream: stream + redEnd('_test0-0', error), exitCode: 1 }
    const { run } = await refresh([built({ deps: 9 }), red])
    expect(run.failure).toMatchObject({ kind: 'test' })
    expect([run.images, run.notes.length]).toEqual([[], 1])
  })
})

describe('one call is enough', () => {
  test.each<[string, Ages]>([
    ['where all is young; a base image has any age', { deps: 6.9, last: 1 }],
    ['where a time is nobody’s', { deps: '1970-01-01T00:00:00Z', last: '1980-01-01T00:00:00Z' }],
    ['where there is no time', { deps: '', last: 'yesterday' }]
  ])('%s', async (_, ages) => {
    const { run } = await refresh([built(ages)])
    expect([run.notes, run.refreshed]).toEqual([[], []])
  })

  test.each<[string, Change]>([
    ['nothing was cached', { given: { 'no-cache': 'true' } }],
    [
      'the tests failed',
      { plan: { testTargets: ['test', 'lint'], target: 'production' } } // nothing ran for the other
    ]
  ])('where %s', async (_, change) => {
    const { run } = await refresh([built({ deps: 9 })], change)
    expect([run.notes, run.refreshed]).toEqual([[], []])
  })

  test('where any age is welcome', async () => {
    const { run } = await refresh([built({ deps: 900 })], {}, 0)
    expect([run.notes, run.refreshed]).toEqual([[], []])
  })

  test.each<[string, Change, Answer['metadata']]>([
    ['SOURCE_DATE_EPOCH sets the times in the image', { env: { SOURCE_DATE_EPOCH: '1' } }, { '_image-0': provenance }],
    [
      'SOURCE_DATE_EPOCH sets the times in the image',
      { given: { 'build-args': 'SOURCE_DATE_EPOCH=1' } },
      { '_image-0': provenance }
    ],
    ['the builder did not tell which step made which layer', {}, {}]
  ])('and a note says why: %s', async (why, change, metadata) => {
    const { run } = await refresh([built({ deps: 9 }, { metadata })], change)
    expect(run.notes).toEqual([`refresh-after had no effect: ${why}.`])
  })

  test('and a note says why: there is no image', async () => {
    const stream = streamOf([{ vertex: 'test', name: '[test 1/1] RUN pytest' }])
    const { run } = await refresh([{ stream }], { plan: { testTargets: ['test'], target: undefined } })
    expect(run.notes).toEqual(['refresh-after had no effect: no image was built, whose layers tell their age.'])
  })

  test('and a note says why: the classic image store', async () => {
    const exporting = {
      folder: folder.path,
      attributes: [],
      attestations: [],
      files: [],
      tags: [],
      names: [],
      cacheTo: []
    }
    const { run } = await refresh([built({ deps: 9 })], { exporting: { ...exporting, classicTag: 'a:1' } })
    expect(run.notes).toEqual([expect.stringContaining('the classic image store exports no image')])
  })
})
