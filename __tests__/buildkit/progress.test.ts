import { describe, expect, test } from '@jest/globals'
import type { Internal } from '../../src/core/progress.js'
import { parseName, readProgress } from '../../src/buildkit/progress.js'
import type { Step } from '../../src/core/step.js'
import { readRecorded } from '../fixtures/recorded.js'

const hidden = 'stagegate-gate'
const stateOf = ({ name, state }: Step): string => `${name.replace(/^(\[[^\]]*\] \S+).*$/s, '$1')}: ${state}`

describe('a build that ran', () => {
  const progress = readRecorded('gate-fresh', { hidden })
  const step = (stage: string, word: string): Step => {
    const found = progress.steps.find(
      (candidate) => candidate.stage === stage && candidate.instruction.startsWith(word)
    )
    if (found === undefined) throw new Error(`no ${word} in ${stage}`)
    return found
  }

  test('has the steps of the Dockerfile, without those of the generated stage', () => {
    expect(progress.steps.map(stateOf).sort()).toEqual([
      '[base 1/3] FROM: ran',
      '[base 2/3] WORKDIR: cached', // of another build: BuildKit found it although told not to look
      '[base 3/3] COPY: ran',
      '[builder 1/1] RUN: ran',
      '[production 1/2] COPY: ran',
      '[production 2/2] RUN: ran',
      '[test 1/1] RUN: ran'
    ])
  })

  test('has them with the generated stage where nothing is hidden', () => {
    const stages = readRecorded('gate-fresh').steps.map(({ stage }) => stage)
    expect(stages.filter((stage) => stage === hidden)).toHaveLength(2)
  })

  test('keeps the logs of both streams, whole characters, redrawn lines and a last line without an end', () => {
    expect([...step('builder', 'RUN').logTail].sort()).toEqual(['building', 'no newline at the end', 'on-stderr'])
    expect(step('test', 'RUN').logTail).toEqual(['testing', '100%', 'café \u001b[31mred\u001b[0m'])
  })

  test('knows when each began and how long it took', () => {
    for (const { startedAt = 0, seconds, state } of progress.steps) {
      expect(new Date(startedAt).getUTCFullYear()).toBe(2026)
      expect(seconds > 0).toBe(state === 'ran')
    }
    expect((step('test', 'RUN').startedAt ?? 0) > (step('builder', 'RUN').startedAt ?? 0)).toBe(true)
  })

  test('has what else was done, and the size of the context', () => {
    const names = progress.internals.map(({ name }) => name)
    expect(names).toContain('[internal] load build context')
    expect(names).toContain('[internal] load .dockerignore')
    expect(progress.internals.every(({ done, error }) => done && error === undefined)).toBe(true)
    expect(progress.contextBytes).toBeGreaterThan(5)
    expect(progress.plain).toEqual([])
  })
})

test.each([1, 7, 1000])('a stream that comes %d bytes at a time tells the same', (chunk) => {
  const whole = readRecorded('gate-fresh')
  expect(readRecorded('gate-fresh', { chunk })).toEqual(whole)
  expect(readRecorded('run-failed-test', { chunk })).toEqual(readRecorded('run-failed-test'))
})

test('a build from the cache took no time', () => {
  const { steps } = readRecorded('gate-cached', { hidden })
  const work = steps.filter(({ instruction }) => !instruction.startsWith('FROM'))
  expect(work).toHaveLength(6)
  expect(work.map(({ state, seconds }) => [state, seconds])).toEqual(work.map(() => ['cached', 0]))
})

test('a red step cancels the others', () => {
  const { steps, plain } = readRecorded('run-failed-others-cancelled', { hidden })
  expect(
    steps
      .map(stateOf)
      .filter((step) => !step.startsWith('[base'))
      .sort()
  ).toEqual([
    '[builder 1/1] RUN: ran',
    '[production 1/2] COPY: ran',
    '[production 2/2] RUN: cancelled',
    '[test 1/1] RUN: failed'
  ])
  expect(plain.at(-1)).toMatch(/^ERROR: failed to build: failed to solve: process .* exit code: 1$/)
})

test('steps after a red one wait for ever', () => {
  const { steps } = readRecorded('run-failed-builder', { hidden })
  expect(
    steps
      .filter(({ state }) => state === 'waiting')
      .map(({ stage }) => stage)
      .sort()
  ).toEqual(['production', 'production', 'test'])
})

describe('Dockerfiles with one stage, whose twelve steps have aligned numbers', () => {
  test('on one platform', () => {
    const { steps } = readRecorded('one-stage')
    expect(steps).toHaveLength(12)
    expect(steps.filter(({ stage, platform }) => stage !== undefined || platform !== undefined)).toEqual([])
    expect(
      steps.map(({ instruction }) => instruction).filter((instruction) => !/^(FROM|RUN echo \d+$)/.test(instruction))
    ).toEqual([])
  })

  test('on two', () => {
    const { steps } = readRecorded('one-stage-two-platforms')
    expect(steps).toHaveLength(11)
    expect(steps.every(({ stage, platform }) => stage === undefined && platform?.startsWith('linux/') === true)).toBe(
      true
    )
  })
})

test('stages on two platforms', () => {
  const { steps, internals } = readRecorded('target-two-platforms')
  expect(steps.map(({ platform, stage }) => `${platform ?? ''} ${stage ?? ''}`).sort()).toEqual([
    ...Array<string>(3).fill('linux/amd64 base'),
    ...Array<string>(3).fill('linux/arm64 base')
  ])
  expect(internals.map(({ name }) => name)).toContain(
    '[linux/arm64 internal] load metadata for 127.0.0.1:5000/base/busybox:1'
  )
})

test('the stream of buildx 0.13, which is spread over lines', () => {
  const { steps, plain } = readRecorded('old-buildx')
  expect(steps.map(stateOf).sort()).toEqual(['[a 1/1] COPY: ran', '[test 1/2] COPY: ran', '[test 2/2] COPY: ran'])
  expect(plain).toEqual([])
})

describe('what a listener is told', () => {
  test('steps begin before they log and end after it', () => {
    const events: string[] = []
    readRecorded('gate-fresh', {
      hidden,
      chunk: 512,
      listener: {
        onStep: ({ stage = '', instruction }, event) =>
          events.push(`${stage} ${instruction.split(' ')[0] ?? ''} ${event}`),
        onLog: ({ stage = '' }, line) => events.push(`${stage}: ${line}`)
      }
    })
    expect(events.filter((event) => event.startsWith('test'))).toEqual([
      'test RUN started',
      'test: testing',
      'test: 100%',
      'test: café \u001b[31mred\u001b[0m',
      'test RUN finished'
    ])
    expect(events.filter((event) => event.startsWith(hidden))).toEqual([])
    expect(events.filter((event) => event === 'builder: no newline at the end')).toHaveLength(1)
  })

  test('each internal work once, with its error', () => {
    const begun: Internal[] = []
    const told: Internal[] = []
    readRecorded('cache-imports', {
      listener: { onInternal: (internal, event) => (event === 'started' ? begun : told).push(internal) }
    })
    const names = told.map(({ name }) => name)
    expect(new Set(names).size).toBe(told.length)
    expect(begun.map(({ name }) => name).sort()).toEqual(names.toSorted())
    expect(
      told
        .filter(({ error }) => error !== undefined)
        .map(({ name }) => name)
        .sort()
    ).toEqual([
      'importing cache manifest from 127.0.0.1:5000/t/fixture-cache:none',
      'importing cache manifest from 127.0.0.1:9/t/cache:1'
    ])
  })

  test('a cached step begins and ends as cached', () => {
    const states = new Set<string>()
    readRecorded('gate-cached', {
      hidden,
      listener: { onStep: ({ instruction, state }) => void (instruction.startsWith('FROM') || states.add(state)) }
    })
    expect([...states]).toEqual(['cached'])
  })
})

describe('findings of the checks', () => {
  const warning = (short: string, line?: number, url = 'https://docs.docker.com/go/dockerfile/rule/x/') => ({
    ...{ vertex: 'sha256:1', level: 1, url, short: Buffer.from(short).toString('base64') },
    ...(line === undefined ? {} : { range: [{ start: { line }, end: { line } }] })
  })
  const read = (...warnings: readonly unknown[]) => {
    const reader = readProgress()
    // As a pipe brings it: a line in many pieces.
    const bytes = Buffer.from(`${JSON.stringify({ warnings })}\n${JSON.stringify({ warnings })}\n`)
    for (let at = 0; at < bytes.length; at += 7) reader.feed(bytes.subarray(at, at + 7))
    return reader.end().findings
  }

  test('are told once, by line, without what stands beside them already', () => {
    const url = 'https://docs.docker.com/go/dockerfile/rule/x/'
    expect(read(warning('StageNameCasing: größer (line 9) (line 9)', 9), warning('Ab: b: c (line 2)', 2))).toEqual([
      { rule: 'Ab', message: 'b: c', url, line: 2 },
      { rule: 'StageNameCasing', message: 'größer (line 9)', url, line: 9 }
    ])
    expect(read(warning('FromAsCasing: x'))).toEqual([{ rule: 'FromAsCasing', message: 'x', url }])
  })

  test.each([
    ['no rule', warning('something else', 1)],
    ['another address', warning('Rule: x', 1, 'https://example.com')],
    ['no text', { url: 'https://docs.docker.com/go/dockerfile/rule/x/' }],
    ['no object', 7]
  ])('%s is none', (_, other) => {
    expect(read(other)).toEqual([])
  })
})

describe('bad input', () => {
  test.each([
    ['nothing', '', []],
    ['text', 'WARNING: no output\n\nERROR: x', ['WARNING: no output', 'ERROR: x']],
    ['JSON of another kind', '{"a":1}\n{}\n', []],
    ['broken JSON', '{"vertexes":[\nERROR: x\n', ['{"vertexes":[', 'ERROR: x']],
    ['wrong types', '{"vertexes":{"a":1},"logs":[null,{"data":7}],"statuses":["x"]}\n', []]
  ])('%s', (_, text, plain) => {
    const reader = readProgress()
    reader.feed(Buffer.from(text))
    expect(reader.end()).toEqual({
      ...{ steps: [], internals: [], plain, contextBytes: 0, findings: [], loads: [] },
      downloads: { bytes: 0, seconds: 0 },
      builtFor: new Map(),
      graph: new Map()
    })
  })

  test('a log keeps its last two hundred lines', () => {
    const reader = readProgress()
    const send = (json: object): void => reader.feed(Buffer.from(`${JSON.stringify(json)}\n`))
    send({ vertexes: [{ digest: 'd', name: '[1/1] RUN x', started: '2026-11-20T00:00:00Z' }] })
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`)
    send({ logs: [{ vertex: 'd', stream: 1, data: Buffer.from(lines.join('\n')).toString('base64') }] })
    const [step] = reader.end().steps
    expect(step?.logTail).toEqual(lines.slice(-200))
    expect(step?.state).toBe('cancelled')
  })
})

test.each([
  ['[test 3/5] RUN pytest', { stage: 'test', position: '3/5', instruction: 'RUN pytest' }],
  ['[test  3/12] RUN pytest', { stage: 'test', position: '3/12', instruction: 'RUN pytest' }],
  ['[2/3] RUN x', { position: '2/3', instruction: 'RUN x' }],
  ['[ 2/12] RUN x', { position: '2/12', instruction: 'RUN x' }],
  ['[linux/arm64 2/3] RUN x', { platform: 'linux/arm64', position: '2/3', instruction: 'RUN x' }],
  ['[linux/arm64  2/12] RUN x', { platform: 'linux/arm64', position: '2/12', instruction: 'RUN x' }],
  [
    '[linux/arm/v7 stage-1 10/12] COPY . .',
    { platform: 'linux/arm/v7', stage: 'stage-1', position: '10/12', instruction: 'COPY . .' }
  ],
  [
    '[linux/amd64->arm64 builder 1/2] RUN go build',
    { platform: 'linux/amd64->arm64', stage: 'builder', position: '1/2', instruction: 'RUN go build' }
  ],
  [
    '[a.b_c-d 1/1] RUN <<EOF (echo 1...)\nx',
    { stage: 'a.b_c-d', position: '1/1', instruction: 'RUN <<EOF (echo 1...)\nx' }
  ],
  ['[10/12] COPY 1/2] x', { position: '10/12', instruction: 'COPY 1/2] x' }],
  ['[internal] load build context', undefined],
  ['[linux/arm64 internal] load metadata for x', undefined],
  ['[auth] library/x:pull token for registry', undefined],
  ['importing cache manifest from ghcr.io/a/b:c', undefined],
  ['exporting to image', undefined],
  ['', undefined]
])('%s', (name, expected) => {
  expect(parseName(name)).toEqual(expected)
})

describe('what an ADD downloads', () => {
  const name = '[base 2/2] ADD https://example.com/x /x'
  const at = (second: number): string => `2026-11-21T07:00:0${second}.000Z`
  const stream = (...vertexes: readonly object[]) => {
    const reader = readProgress()
    reader.feed(Buffer.from(`${JSON.stringify({ vertexes })}\n`))
    return reader.end()
  }
  const below = { digest: 'b', name: '[base 1/2] RUN one', started: at(0), completed: at(1) }
  const download = { digest: 'd', name, started: at(1), completed: at(3) }
  const add = { digest: 'a', name, inputs: ['b', 'd'] }

  test('is a part of its step', () => {
    const { steps, internals } = stream(below, download, { ...add, started: at(3), completed: at(4) })
    expect(steps.map(({ state, seconds, inputs }) => ({ state, seconds, inputs }))).toEqual([
      { state: 'ran', seconds: 1, inputs: [] },
      { state: 'ran', seconds: 3, inputs: [below.name] }
    ])
    expect(internals.map((each) => each.name)).toEqual([name])
  })

  test('does not make a step run that was cached', () => {
    const { steps } = stream(below, download, { ...add, started: at(3), completed: at(3), cached: true })
    expect(steps[1]).toMatchObject({ state: 'cached', seconds: 0 })
  })

  test('speaks for the step if it failed', () => {
    const { steps } = stream(below, { ...download, error: 'not found' }, add)
    expect(steps.map(({ state }) => state)).toEqual(['ran', 'failed', 'waiting'])
  })
})

test.each([
  ['10%\r20%\r', '20%'],
  ['\r: done', ': done'],
  ["env: can't execute 'sh\r': No such file or directory", "env: can't execute 'sh\\r': No such file or directory"],
  ['a.sh: 2: foo\r: not found', 'a.sh: 2: foo\\r: not found'],
  ['set: Illegal option -\r', 'set: Illegal option -']
])('a carriage return is one that redraws, or the end of a name: %j', (line, expected) => {
  const reader = readProgress()
  const started = '2026-11-21T07:00:00.000Z'
  const stream = {
    vertexes: [{ digest: 'a', name: '[test 1/1] RUN a', started }],
    logs: [{ vertex: 'a', stream: 1, data: Buffer.from(`${line}\n`).toString('base64'), timestamp: started }]
  }
  reader.feed(Buffer.from(`${JSON.stringify(stream)}\n`))
  expect(reader.end().steps[0]?.logTail).toEqual([expected])
})

describe('a stream that was written to keep its reader busy', () => {
  const many = 2_000_000

  test('slashes in the name of a step', () => {
    expect(parseName(`[${'/'.repeat(many)}`)).toBeUndefined()
  })

  test('carriage returns in a line of a log', () => {
    const reader = readProgress()
    const name = '[test 1/1] RUN a'
    const data = Buffer.from(`a${'\r'.repeat(many)}b\n`).toString('base64')
    const started = '2026-11-21T07:00:00.000Z'
    const stream = {
      vertexes: [{ digest: 'a', name, started }],
      logs: [{ vertex: 'a', stream: 1, data, timestamp: started }]
    }
    reader.feed(Buffer.from(`${JSON.stringify(stream)}\n`))
    expect(reader.end().steps).toHaveLength(1)
  })
})

test('readings of folders on the runner are told with what is built upon them', () => {
  const targets = new Map([
    ['_test0-0', {}],
    ['_image-0', {}],
    ['_linked0-0', { linked: { name: 'base', rank: 0 } }]
  ])
  const reader = readProgress({}, undefined, targets)
  const told = (digest: string, names: readonly string[], inputs: readonly string[] = []): void => {
    const vertexes = names.map((name) => ({ digest, name, inputs }))
    reader.feed(Buffer.from(`${JSON.stringify({ vertexes })}\n`))
  }
  told('own', ['[_test0-0 internal] load build context', '[_image-0 internal] load build context'])
  told('lib', ['[_test0-0 context lib] load from client'])
  told('base', ['[_image-0 internal] load build context', '[_linked0-0 internal] load build context'])
  told('ignore', ['[_test0-0 context lib] load .dockerignore'])
  told('a', ['[_test0-0 test 1/2] COPY . .'], ['own'])
  told('b', ['[_test0-0 test 2/2] RUN --mount=from=lib,target=/l x'], ['a', 'lib'])
  told('c', ['[_linked0-0 1/1] COPY a b', '[_image-0 1/1] COPY a b'], ['base'])
  const { loads, builtFor } = reader.end()
  expect(loads).toEqual([
    { vertex: 'own', readers: ['a'] },
    { vertex: 'lib', context: 'lib', readers: ['b'] },
    { vertex: 'base', linked: 'base', readers: ['c'] }
  ])
  expect(builtFor.get('base')).toEqual(['_image-0', '_linked0-0'])
})
