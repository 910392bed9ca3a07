/** Two builds at the same work, as Docker 28.5.2+dfsg4 tells the one whose vertices wait. */
import { expect, test } from '@jest/globals'
import { readProgress } from '../../src/buildkit/progress.js'
import type { Progress } from '../../src/core/progress.js'
import { settleUntold } from '../../src/gate/untold.js'
import { streamOf, type Told } from '../buildkit/support/buildx.js'

const HELPER = 'stagegate-lookup'

function read(steps: readonly Told[]): Progress {
  const targets = new Map(['_test0-0', '_image-0', '_lookup-0'].map((name) => [name, {}]))
  const reader = readProgress({}, (stage) => stage === HELPER, targets)
  reader.feed(Buffer.from(streamOf(steps)))
  return reader.end()
}

const both = (vertex: string, name: string, told: Partial<Told> = {}): readonly Told[] =>
  ['_test0-0', '_image-0'].map((target) => ({ vertex, name: `[${target} ${name}`, state: 'waiting', ...told }))
const ofTest = (vertex: string, name: string, told: Partial<Told> = {}): Told => {
  return { vertex, name: `[_test0-0 ${name}`, state: 'waiting', ...told }
}
const ofImage = (vertex: string, name: string, told: Partial<Told> = {}): Told => {
  return { vertex, name: `[_image-0 ${name}`, state: 'waiting', ...told }
}

/** What the call has by itself, before anybody is at it. */
const asked = [
  ...both('base', 'base 2/2] RUN make', { inputs: ['from'] }),
  ...both('deps', 'deps 1/1] COPY app /', { inputs: ['base', 'context'] }),
  ...both('src', 'test 1/2] COPY src /', { inputs: ['deps', 'context'] }),
  ofTest('test', 'test 2/2] RUN pytest', { inputs: ['src'] }),
  ofImage('prod', 'production 2/2] RUN dist', { inputs: ['src'] })
]

test.each<[string, readonly Told[], readonly string[]]>([
  [
    'all of it is cached, and the last steps alone are told',
    [
      ofTest('their-test', 'test 2/2] RUN pytest', { state: 'cached', inputs: ['their-src'] }),
      ofImage('their-prod', 'production 2/2] RUN dist', { state: 'cached', inputs: ['their-src'] })
    ],
    ['base cached', 'deps cached', 'src cached', 'test cached', 'prod cached']
  ],
  [
    'what ran goes by the name of another stage',
    [
      ...both('their-deps', 'deps 1/1] COPY app /', { state: 'cached', inputs: ['base', 'their-context'] }),
      ofImage('their-src', 'production 1/2] COPY src /', { state: 'ran', inputs: ['their-deps', 'their-context'] }),
      ofTest('their-test', 'test 2/2] RUN pytest', { state: 'ran', inputs: ['their-src'] }),
      ofImage('their-prod', 'production 2/2] RUN dist', { state: 'ran', inputs: ['their-src'] })
    ],
    ['base cached', 'deps cached', 'src ran', 'test ran', 'prod ran']
  ],
  [
    'the tests ran upon what was not told',
    [
      ofTest('their-test', 'test 2/2] RUN pytest', { state: 'ran', inputs: ['their-src'] }),
      ofImage('their-prod', 'production 2/2] RUN dist', { state: 'cached', inputs: ['their-src'] })
    ],
    ['base waiting', 'deps waiting', 'src waiting', 'test ran', 'prod cached']
  ],
  [
    'another step stands where it was looked for',
    [
      ofImage('their-src', 'production 1/2] COPY other /', { state: 'ran', inputs: ['their-deps', 'their-context'] }),
      ofTest('their-test', 'test 2/2] RUN pytest', { state: 'ran', inputs: ['their-src'] }),
      ofImage('their-prod', 'production 2/2] RUN dist', { state: 'ran', inputs: ['their-src'] })
    ],
    ['base waiting', 'deps waiting', 'src waiting', 'test ran', 'prod ran', 'their-src ran']
  ],
  ['nothing is told', [], ['base waiting', 'deps waiting', 'src waiting', 'test waiting', 'prod waiting']]
])('where %s', (_, told, expected) => {
  const steps = settleUntold(read([...asked, ...told]))
  const names = new Set(['their-test', 'their-prod', 'their-deps'])
  expect(steps.flatMap(({ vertex, state }) => (names.has(vertex) ? ['theirs'] : [`${vertex} ${state}`]))).toEqual(
    expected
  )
})

test('what a generated stage has a use for is cached all the same', () => {
  const helper: Told = {
    vertex: 'look',
    name: `[_lookup-0 ${HELPER} 1/1] COPY a b`,
    state: 'waiting',
    inputs: ['base']
  }
  const deps = both('deps', 'deps 1/1] COPY app /', { state: 'cached', inputs: ['base'] })
  const { steps, ...progress } = read([...both('base', 'base 1/1] RUN make'), ...deps, helper])
  expect(settleUntold({ steps, ...progress }).map(({ state }) => state)).toEqual(['cached', 'cached'])
})

test('a step of the image that a test waited for stays the image’s own', () => {
  const progress = read([
    ofImage('image', 'base 1/1] RUN make', { state: 'ran', seconds: 2 }),
    ofTest('test', 'base 1/1] RUN make')
  ])
  expect(settleUntold(progress).map(({ vertex, state, seconds }) => [vertex, state, seconds])).toEqual([
    ['image', 'ran', 2],
    ['test', 'ran', 2]
  ])
})
