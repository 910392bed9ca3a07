import { describe, expect, test } from '@jest/globals'
import { indexSteps } from '../../src/explain/record.js'
import { estimateSaving } from '../../src/explain/saved.js'
import { MOST_RECORD, parseRecord, writeRecord } from '../../src/explain/store.js'
import { filesOf, recordOf, stepsOf, type Build, type Told } from './support/builds.js'

const dockerfile = `FROM debian AS base
ENV A=1
RUN apt-get update
FROM base AS test
WORKDIR /app
COPY . .
RUN pytest
FROM debian
COPY --from=base /x /x
`
const told: readonly Told[] = [
  ['[base 2/2] RUN apt-get update', 30, ['[base 1/2] FROM debian']],
  ['[test 1/3] WORKDIR /app', 0.1],
  ['[test 2/3] COPY . .', 0.2],
  ['[test 3/3] RUN pytest', 10],
  ['[stage-2 2/2] COPY --from=base /x /x', 5, ['[base 2/2] RUN apt-get update']]
]
const build: Build = { steps: told, dockerfile, files: { 'a.py': '1' }, args: ['B=2'], shape: { network: 'none' } }
const cached = told.map(([name, , inputs]): Told => [name, 'cached', inputs])

describe('a step has its place in the Dockerfile', () => {
  test('by counting, with and without the FROM', () => {
    const record = recordOf(build)
    const lines = indexSteps(record).places.map(
      (place) => place && record.stages[place.stage]?.instructions[place.instruction]?.line
    )
    expect(lines).toEqual([3, 5, 6, 7, 9])
  })

  test.each([
    ['a base image adds steps of its own', '[base 2/4] RUN apt-get update'],
    ['another Dockerfile', '[other 1/1] RUN x']
  ])('or none: %s', (_, name) => {
    expect(indexSteps(recordOf({ dockerfile, steps: [[name, 1]] })).places).toEqual([undefined])
  })

  test('also where there is one stage, which has no name', () => {
    const record = recordOf({ dockerfile: 'FROM x AS y\nRUN a\nRUN b\n', steps: [['[3/3] RUN b', 1]] })
    expect(indexSteps(record).places).toEqual([{ stage: 0, instruction: 1 }])
  })
})

describe('durations', () => {
  test('of cached steps are those of the last run that is known, over any number of cached runs', () => {
    const first = recordOf(build)
    const second = recordOf({ ...build, steps: cached }, first)
    const third = recordOf({ ...build, steps: cached }, second)
    expect(third.steps.map(({ seconds }) => seconds)).toEqual([30, 0.1, 0.2, 10, 5])
    expect(recordOf({ ...build, steps: cached }).steps.map(({ seconds }) => seconds)).toEqual(Array(5).fill(undefined))
  })

  test('follow a step that moved, that has the name of another stage, but no other instruction', () => {
    const before = recordOf(build)
    const moved = cached.map(([name, how, inputs]): Told => [name.replace('[test 3/3]', '[test 4/4]'), how, inputs])
    const more = dockerfile.replace('RUN pytest', 'RUN new\nRUN pytest')
    expect(recordOf({ ...build, dockerfile: more, steps: moved }, before).steps[3]?.seconds).toBe(10)
    const shared = cached.map(([name, how, inputs]): Told => [name.replace('[test ', '[check '), how, inputs])
    const renamed = dockerfile.replace('AS test', 'AS check')
    expect(recordOf({ ...build, dockerfile: renamed, steps: shared }, before).steps[3]?.seconds).toBe(10)
    const other = cached.map(([name, how]): Told => [name.replace('pytest', 'mypy'), how])
    expect(
      recordOf({ ...build, dockerfile: dockerfile.replace('pytest', 'mypy'), steps: other }, before).steps[3]?.seconds
    ).toBeUndefined()
  })

  test('of failed steps are none', () => {
    expect(recordOf({ steps: [['[1/1] RUN x', 'failed']] }).steps[0]).not.toHaveProperty('seconds')
  })
})

describe('the cache saved', () => {
  const saved = (steps: readonly Told[], before = recordOf(build)) =>
    estimateSaving(stepsOf(steps), recordOf({ ...build, steps }, before))

  test('the longest way through what was cached, not the sum of what ran side by side', () => {
    expect(saved(cached)).toEqual({ seconds: 40.3, stepSeconds: 45.3, unknownSteps: 0 })
  })

  test('less than that where something had to run', () => {
    const ran = cached.map(([name, how, inputs]): Told => [name, name.includes('stage-2') ? 25 : how, inputs])
    // 30 + 25 s instead of 25 s.
    expect(saved(ran)?.seconds).toBe(30)
  })

  test('something unknown where no run of a step is known', () => {
    expect(saved(cached, recordOf({ ...build, steps: told.slice(0, 1) }))).toEqual({
      ...{ seconds: 30, stepSeconds: 30, unknownSteps: 4 }
    })
    expect(saved(cached, recordOf({ ...build, steps: [] }))).toBeUndefined()
  })

  test('nothing where nothing was cached', () => {
    expect(saved(told)).toBeUndefined()
  })

  test('a finite time even if steps went in a circle', () => {
    const circle: readonly Told[] = [
      ['[1/2] RUN a', 'cached', ['[2/2] RUN b']],
      ['[2/2] RUN b', 'cached', ['[1/2] RUN a']]
    ]
    const before = recordOf({ steps: circle.map(([name, , inputs]): Told => [name, 2, inputs]) })
    expect(estimateSaving(stepsOf(circle), recordOf({ steps: circle }, before))?.seconds).toBe(4)
  })
})

describe('stored', () => {
  test('it comes back as it was', () => {
    const record = recordOf(build)
    expect(parseRecord(writeRecord(record) ?? '')).toEqual(record)
    const bare = recordOf({ steps: told })
    expect(parseRecord(writeRecord(bare) ?? '')).toEqual(bare)
  })

  test('it holds no secret, no value of an argument, no content', () => {
    const text = writeRecord(
      recordOf({
        steps: [['[1/1] RUN echo hunter2', 1]],
        dockerfile: 'FROM x\nENV P=hunter2\nRUN echo hunter2\n',
        args: ['PLAIN=value-of-it', 'SECRET=hunter2'],
        files: { 'hunter2.txt': 'content-of-it', 'z.txt': '1' }
      })
    )
    for (const hidden of ['hunter2', 'value-of-it', 'content-of-it']) expect(text).not.toContain(hidden)
    expect(parseRecord(text ?? '')?.files?.map(({ path }) => path)).toEqual(['/***.txt', '/z.txt'])
  })

  test('it holds no value of an argument that BuildKit wrote into the name of a step', () => {
    const steps: readonly Told[] = [
      ['[a 1/4] WORKDIR /srv/hidden', 1, []],
      [
        '[a 2/4] ADD https://example.com/hidden.tar /x',
        1,
        ['[a 1/4] WORKDIR /srv/hidden', 'https://example.com/hidden.tar']
      ],
      ['[a 3/4] RUN echo hid', 1],
      ['[a 4/4] LINK COPY --link hidden /x', 1],
      ['[onbuild 9/9] RUN echo hidden', 1]
    ]
    const text =
      'FROM x AS a\nARG V\nWORKDIR /srv/$V\nADD https://example.com/$V.tar /x\nRUN echo ${V%den}\nCOPY --link $V /x\n'
    for (const dockerfile of [text, undefined]) {
      const record = recordOf({ steps, args: ['V=hidden'], ...(dockerfile === undefined ? {} : { dockerfile }) })
      expect(writeRecord(record)).not.toMatch(/hid/)
      expect(record.steps[1]?.inputs).toEqual([record.steps[0]?.name])
    }
  })

  test('a build of ten thousand steps is not kept, and of too many files only the steps', () => {
    const steps = Array.from({ length: 10_001 }, (_, index): Told => [`[a 1/1] RUN ${index}`, 1, []])
    expect(writeRecord(recordOf({ steps }))).toBeUndefined()
    const long = Array.from({ length: 3000 }, (_, index) => [`${index}-${'x'.repeat(4000)}`, ''] as const)
    const files = filesOf(Object.fromEntries(long))
    const text = writeRecord({ ...recordOf({ steps: told }), files }) ?? ''
    expect(text.length).toBeLessThan(MOST_RECORD)
    expect(parseRecord(text)).toEqual(recordOf({ steps: told }))
  })

  const good = JSON.parse(writeRecord(recordOf(build)) ?? '') as Record<string, unknown>
  test.each<[what: string, text: string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another format', JSON.stringify({ ...good, format: 'x' })],
    ['a later version', JSON.stringify({ ...good, version: 2 })],
    ['steps of names that are not there', JSON.stringify({ ...good, steps: [[99, 1]] })],
    ['inputs that are not there', JSON.stringify({ ...good, steps: [[0, 1, -1]] })],
    ['no times', JSON.stringify({ ...good, steps: [[0]] })],
    ['broken instructions', JSON.stringify({ ...good, stages: [{ from: 'x', instructions: [[1, 2, 3]] }] })],
    ['no arguments', JSON.stringify({ ...good, args: [] })],
    ['too much', `${' '.repeat(MOST_RECORD)}${JSON.stringify(good)}`],
    ['a million values', JSON.stringify({ ...good, names: Array(400_000).fill('') })]
  ])('%s is no record', (_, text) => {
    expect(parseRecord(text)).toBeUndefined()
  })

  test('broken files are no files', () => {
    const files = { ...(good.files as object), crcs: 'zz' }
    expect(parseRecord(JSON.stringify({ ...good, files }))).toEqual({
      ...recordOf({ ...build, files: {} }),
      files: undefined
    })
  })
})
