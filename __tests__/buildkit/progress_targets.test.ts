/** The stream of a call with several targets: buildx writes a target's name before each vertex, and tells each target of it. */
import { describe, expect, test } from '@jest/globals'
import type { Progress } from '../../src/core/progress.js'
import { readProgress, type ProgressListener, type ToldTarget } from '../../src/buildkit/progress.js'
import { logOf, streamOf } from './support/buildx.js'

const targets = ['_test0-0', '_image-0'] as const
const several = new Map<string, ToldTarget>(targets.map((name) => [name, {}]))

function read(
  stream: string,
  named: ReadonlyMap<string, ToldTarget> = several,
  listener: ProgressListener = {}
): Progress {
  const reader = readProgress(listener, () => false, named)
  reader.feed(Buffer.from(stream))
  return reader.end()
}

const states = ({ steps }: Progress): readonly string[] => steps.map(({ name, state }) => `${name}: ${state}`)

describe('a step', () => {
  test('goes by its own name, and is known for its target', () => {
    const progress = read(
      streamOf([
        { vertex: 't', name: '[_test0-0 test 1/2] RUN pytest' },
        { vertex: 'u', name: '[_test0-0 test  2/12] RUN x' },
        { vertex: 'p', name: '[_image-0 2/2] RUN make' }
      ])
    )
    expect(states(progress)).toEqual(['[test 1/2] RUN pytest: ran', '[test  2/12] RUN x: ran', '[2/2] RUN make: ran'])
    expect(progress.steps.map(({ stage }) => stage)).toEqual(['test', 'test', undefined])
    expect(Object.fromEntries(progress.builtFor)).toEqual({ t: ['_test0-0'], u: ['_test0-0'], p: ['_image-0'] })
  })

  test('of two targets is one, that is told once', () => {
    const heard: string[] = []
    const progress = read(
      streamOf(targets.map((target) => ({ vertex: 'b', name: `[${target} build 1/1] RUN make`, seconds: 2 }))),
      several,
      { onStep: ({ name }, event) => heard.push(`${name} ${event}`) }
    )
    expect(progress.steps.map(({ name, seconds }) => [name, seconds])).toEqual([['[build 1/1] RUN make', 2]])
    expect(progress.builtFor.get('b')).toEqual([...targets])
    expect(heard).toEqual(['[build 1/1] RUN make started', '[build 1/1] RUN make finished'])
  })

  test.each<[string, readonly ('ran' | 'cached')[], string]>([
    ['ran for one, and is there for the other', ['ran', 'cached'], 'ran'],
    ['is told to be there first, and ran', ['cached', 'ran'], 'ran'],
    ['is there for both', ['cached', 'cached'], 'cached'],
    ['ran for both', ['ran', 'ran'], 'ran']
  ])('%s', (_, told, state) => {
    const progress = read(
      streamOf(told.map((state, at) => ({ vertex: 'b', name: `[${targets[at] ?? ''} build 1/1] RUN make`, state })))
    )
    expect(states(progress)).toEqual([`[build 1/1] RUN make: ${state}`])
  })

  test.each([
    ['first', ['exit code: 7', 'exit code: 137: context canceled: context canceled']],
    ['last', ['context canceled', 'exit code: 7']]
  ])('that fails on one node, and is cancelled on the other, has failed: told %s', (_, errors) => {
    const progress = read(
      streamOf(
        errors.map((error, at) => {
          return { vertex: 'b', name: `[${targets[at] ?? ''} build 1/1] RUN make`, state: 'failed', error }
        })
      )
    )
    expect(progress.steps).toMatchObject([{ state: 'failed', error: 'exit code: 7' }])
  })

  test('has the inputs that it is told of, by their own names', () => {
    const progress = read(
      streamOf([
        { vertex: 'b', name: '[_test0-0 build 1/1] RUN make' },
        { vertex: 't', name: '[_test0-0 test 1/1] RUN pytest', inputs: ['b'] }
      ])
    )
    expect(progress.steps.at(-1)?.inputs).toEqual(['[build 1/1] RUN make'])
  })

  test('of a stage that is called like no target keeps its name', () => {
    const progress = read(streamOf([{ vertex: 'x', name: '[app 1/1] RUN make' }]))
    expect(states(progress)).toEqual(['[app 1/1] RUN make: ran'])
    expect(progress.builtFor.get('x')).toEqual([])
  })
})

describe('what is no step', () => {
  test('has its target', () => {
    const { internals } = read(
      streamOf([
        { vertex: 'e', name: '[_image-0] exporting to oci image format' },
        { vertex: 'c', name: '[_test0-0 internal] load build context' },
        { vertex: 'i', name: '[_test0-0] importing cache manifest from r/c' }
      ])
    )
    expect(internals.map(({ name, target }) => [name, target])).toEqual([
      ['exporting to oci image format', '_image-0'],
      ['[internal] load build context', '_test0-0'],
      ['importing cache manifest from r/c', '_test0-0']
    ])
  })
})

describe('the log', () => {
  const begin = streamOf(targets.map((target) => ({ vertex: 'b', name: `[${target} build 1/1] RUN make` })))

  test('of a shared step is sent to each of its targets, and read once', () => {
    const lines: string[] = []
    const chunk = logOf('b', 'one\ntw', { at: 1 }) + logOf('b', 'o\n', { at: 2 })
    const { steps } = read(begin + chunk + chunk, several, { onLog: (_, line) => lines.push(line) })
    expect([lines, steps[0]?.logTail]).toEqual([
      ['one', 'two'],
      ['one', 'two']
    ])
  })

  test('keeps what a step says again', () => {
    const { steps } = read(begin + logOf('b', 'again\n', { at: 1 }) + logOf('b', 'again\n', { at: 2 }))
    expect(steps[0]?.logTail).toEqual(['again', 'again'])
  })

  test('of both streams at one time is kept', () => {
    const { steps } = read(begin + logOf('b', 'out\n', { stream: 1 }) + logOf('b', 'err\n', { stream: 2 }))
    expect(steps[0]?.logTail).toEqual(['out', 'err'])
  })

  test('of a call with one target is never sent twice', () => {
    const { steps } = read(
      streamOf([{ vertex: 'b', name: '[build 1/1] RUN make' }]) + logOf('b', 'x\n') + logOf('b', 'x\n'),
      new Map([['_image-0', {}]])
    )
    expect(steps[0]?.logTail).toEqual(['x', 'x'])
  })
})

describe('platforms', () => {
  const both = new Map([
    ['_image-0', { platform: 'linux/amd64' }],
    ['_image-1', { platform: 'linux/arm64' }]
  ])

  test('are in the names of their steps, as in one solve for all', () => {
    const progress = read(
      streamOf([
        { vertex: 'a', name: '[_image-0 build 1/1] RUN make' },
        { vertex: 'b', name: '[_image-1 build 1/1] RUN make' },
        { vertex: 'c', name: '[_image-1 2/2] RUN make' },
        { vertex: 'd', name: '[_image-1 linux/amd64 build 1/1] RUN cross' },
        { vertex: 'e', name: '[_image-1] exporting to oci image format' }
      ]),
      both
    )
    expect(progress.steps.map(({ name, platform, stage }) => [name, platform, stage])).toEqual([
      ['[linux/amd64 build 1/1] RUN make', 'linux/amd64', 'build'],
      ['[linux/arm64 build 1/1] RUN make', 'linux/arm64', 'build'],
      ['[linux/arm64 2/2] RUN make', 'linux/arm64', undefined],
      ['[linux/amd64 build 1/1] RUN cross', 'linux/amd64', 'build']
    ])
    expect(progress.internals.map(({ name, target }) => [name, target])).toEqual([
      ['exporting to oci image format', '_image-1']
    ])
  })
})

test('a call with one target: names without it, and everything is for it', () => {
  const progress = read(
    streamOf([
      { vertex: 'b', name: '[build 1/1] RUN make' },
      { vertex: 'e', name: 'exporting to oci image format' }
    ]),
    new Map([['_image-0', {}]])
  )
  expect(states(progress)).toEqual(['[build 1/1] RUN make: ran'])
  expect([...progress.builtFor.values()]).toEqual([['_image-0'], ['_image-0']])
  expect(progress.internals.map(({ name, target }) => [name, target])).toEqual([
    ['exporting to oci image format', '_image-0']
  ])
})

describe('linked targets', () => {
  const linked = new Map<string, ToldTarget>([
    ['_image-0', {}],
    ['_linked0-0', { linked: { name: 'tools', rank: 0 } }],
    ['_linked1-0', { linked: { name: 'base', rank: 1 } }],
    ['_linked1-1', { linked: { name: 'base', rank: 1 }, platform: 'linux/arm64' }]
  ])

  test('have the steps that they are told of, whoever is told of them first', () => {
    const progress = read(
      streamOf([
        { vertex: 'a', name: '[_image-0 stage-1 2/2] COPY . .' },
        { vertex: 'a', name: '[_linked1-0 stage-1 2/2] COPY . .' },
        { vertex: 'a', name: '[_image-0 stage-1 2/2] COPY . .' },
        { vertex: 'b', name: '[_linked1-0 2/2] RUN make' },
        { vertex: 'b', name: '[_linked0-0 2/2] RUN make' },
        { vertex: 'b', name: '[_linked1-0 2/2] RUN make' },
        { vertex: 'c', name: '[_image-0 stage-1 2/2] COPY . .' },
        { vertex: 'd', name: '[_linked1-1 build 2/2] RUN make' }
      ]),
      linked
    )
    expect(progress.steps.map(({ name, stage, platform }) => [name, stage, platform])).toEqual([
      ['[target:base:stage-1 2/2] COPY . .', 'target:base:stage-1', undefined],
      ['[target:tools 2/2] RUN make', 'target:tools', undefined],
      ['[stage-1 2/2] COPY . .', 'stage-1', undefined],
      ['[linux/arm64 target:base:build 2/2] RUN make', 'target:base:build', 'linux/arm64']
    ])
    expect(progress.builtFor.get('a')).toEqual(['_image-0', '_linked1-0'])
  })

  test('have findings of their own, which are not about the lines of the Dockerfile', () => {
    const finding = (vertex: string): string => {
      const short = Buffer.from(`StageNameCasing: of ${vertex} (line 1)`).toString('base64')
      const url = 'https://docs.docker.com/go/dockerfile/rule/stage-name-casing/'
      return `${JSON.stringify({ warnings: [{ vertex, short, url, range: [{ start: { line: 1 } }] }] })}\n`
    }
    const { findings } = read(
      streamOf([
        { vertex: 'own', name: '[_image-0 internal] load build definition from Dockerfile' },
        { vertex: 'theirs', name: '[_linked0-0 internal] load build definition from Dockerfile' },
        { vertex: 'both', name: '[_linked0-0 internal] load build definition from Dockerfile' },
        { vertex: 'both', name: '[_image-0 internal] load build definition from Dockerfile' }
      ]) + ['own', 'theirs', 'both'].map(finding).join(''),
      linked
    )
    expect(findings.map(({ message }) => message)).toEqual(['of own', 'of both'])
  })
})

test('a stream that comes a byte at a time tells the same', () => {
  const stream = streamOf(targets.map((target) => ({ vertex: 'b', name: `[${target} build 1/1] RUN make` })))
  const reader = readProgress({}, () => false, several)
  for (const byte of Buffer.from(stream)) reader.feed(Buffer.from([byte]))
  expect(reader.end()).toEqual(read(stream))
})
