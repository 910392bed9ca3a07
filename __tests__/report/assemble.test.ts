import { describe, expect, test } from '@jest/globals'
import { parseMetadata } from '../../src/buildkit/provenance.js'
import { noImports } from '../../src/core/progress.js'
import { dockerfileSteps, groupStages, locateSteps, readCache } from '../../src/report/assemble.js'
import { isWork } from '../../src/core/step.js'
import { readRecorded, recordedBuild } from '../fixtures/recorded.js'
import { step } from './support/reports.js'

const hidden = 'stagegate-gate'
const roles = { testTargets: ['test'], target: 'production' }

test('steps get the lines of the build that they are from', () => {
  const { provenance } = parseMetadata(recordedBuild('gate-fresh').metadata)
  const other = parseMetadata(recordedBuild('target-oci').metadata).provenance
  const { steps } = readRecorded('gate-fresh', { hidden })
  const located = locateSteps(steps, [other, provenance])
  expect(located.map(({ stage, line }) => `${stage ?? ''} ${line ?? ''}`).sort()).toEqual([
    'base 1',
    'base 2',
    'base 3',
    'builder 6',
    'production 14',
    'production 15',
    'test 9'
  ])
  expect(locateSteps(steps, [])).toEqual(steps)
})

describe('stages', () => {
  const inWords = (
    name: string,
    change: Partial<typeof roles> & { readonly onlyStage?: string } = {}
  ): readonly string[] =>
    groupStages(readRecorded(name, { hidden }).steps, { ...roles, ...change })
      .map((stage) => `${stage.name}: ${stage.role}, ${stage.cached} of ${stage.steps} cached`)
      .sort()

  test('of a build that ran', () => {
    expect(inWords('gate-fresh')).toEqual([
      'base: other, 1 of 2 cached',
      'builder: other, 0 of 1 cached',
      'production: target, 0 of 2 cached',
      'test: test, 0 of 1 cached'
    ])
  })

  test('of one from the cache, in no time, with nothing that broke it', () => {
    const stages = groupStages(readRecorded('gate-cached', { hidden }).steps, roles)
    expect(stages.map(({ cached, steps }) => cached === steps)).toEqual([true, true, true, true])
    expect(stages.map(({ seconds, firstToRun }) => [seconds, firstToRun])).toEqual(Array(4).fill([0, undefined]))
  })

  test('steps that never began do not count', () => {
    expect(inWords('run-failed-builder')).toEqual(
      expect.arrayContaining(['production: target, 0 of 0 cached', 'test: test, 0 of 0 cached'])
    )
  })

  test('the first step to run is where the cache broke', () => {
    const [, builder] = ['base', 'builder'].map((name) =>
      groupStages(readRecorded('gate-fresh', { hidden }).steps, roles).find((stage) => stage.name === name)
    )
    expect(builder?.firstToRun?.instruction).toMatch(/^RUN echo building/)
    expect(builder?.seconds).toBeGreaterThan(0)
  })

  test.each<[string, Parameters<typeof inWords>[1], string]>([
    ['roles in another case', { testTargets: ['TEST'], target: 'Production' }, 'production: target'],
    ['no target', { target: '' }, 'production: other'],
    ['a test in another case', { testTargets: ['Test'], target: '' }, 'test: test']
  ])('%s', (_, change, expected) => {
    expect(inWords('gate-fresh', change).join()).toContain(expected)
  })

  test('without names: by index, or by the only name there is', () => {
    expect(inWords('run-failed-test-unnamed', { testTargets: ['2'] }).join()).toContain('stage-2: test')
    expect(inWords('one-stage', { testTargets: [], target: 'image', onlyStage: 'image' })).toEqual([
      'image: target, 0 of 11 cached'
    ])
  })

  test('naming a base image is no work', () => {
    const { steps } = readRecorded('gate-fresh', { hidden })
    expect(steps.filter((step) => !isWork(step)).map(({ instruction }) => instruction.split(' ')[0])).toEqual(['FROM'])
  })
})

describe('the cache', () => {
  const [main, dead, none] = ['r.example.com/c:main', 'r.example.com/c:dead', 'r.example.com/c:none']
  const nothing = { planned: { from: [], to: [] }, outcomes: [], imports: noImports, rows: [] }

  test('what was planned and never tried stands there as such', () => {
    const planned = { from: [`type=registry,ref=${main}`], to: ['type=gha,mode=max'] }
    expect(readCache({ ...nothing, planned })).toEqual({
      imports: [{ reference: main, result: 'not-run' }],
      exports: [{ reference: 'gha', result: 'not-run' }]
    })
  })

  test('each reference once, with what tells most of it; what came up on the way as well', () => {
    const planned = { from: [main, dead], to: [main] }
    expect(
      readCache({
        ...nothing,
        planned,
        outcomes: [
          { reference: main, way: 'read', result: 'ok', seconds: 0.3 },
          { reference: dead, way: 'read', result: 'ok', seconds: 0.1 },
          { reference: main, way: 'read', result: 'ok', seconds: 0.1 },
          { reference: dead, way: 'read', result: 'failed', message: 'hung up' },
          { reference: none, way: 'write', result: 'ok', seconds: 1, bytes: 300 }
        ],
        imports: { downloads: { bytes: 2000, seconds: 0.5 }, broken: { message: 'not found', seconds: 3 } },
        rows: [{ reference: main, action: 'write', why: 'the branch itself, main' }]
      })
    ).toEqual({
      imports: [
        { reference: main, result: 'ok', seconds: 0.3 },
        { reference: dead, result: 'failed', message: 'hung up' }
      ],
      exports: [
        { reference: main, result: 'not-run' },
        { reference: none, result: 'ok', seconds: 1, bytes: 300 }
      ],
      plan: [{ reference: main, action: 'write', why: 'the branch itself, main' }],
      downloads: { bytes: 2000, seconds: 0.5 },
      broken: { message: 'not found', seconds: 3 }
    })
  })
})

describe('COPY --link', () => {
  const named = (position: string, instruction: string, change: Parameters<typeof step>[1] = {}) =>
    step(instruction, { stage: 'app', name: `[app ${position}] ${instruction}`, ...change })
  const steps = [
    named('3/4', 'COPY --link a /a', { at: 1, seconds: 1 }),
    named('2/4', 'RUN make', { at: 2 }),
    named('3/4', 'LINK COPY --link a /a', { at: 3, seconds: 0.5 }),
    named('4/4', 'LINK COPY --link --from=b /b /b', { at: 4 })
  ]

  test('is one step, called by its name', () => {
    expect(dockerfileSteps(steps).map(({ name, seconds }) => [name, seconds])).toEqual([
      ['[app 3/4] COPY --link a /a', 1.5],
      ['[app 2/4] RUN make', 0.4],
      ['[app 4/4] COPY --link --from=b /b /b', 0.4]
    ])
  })

  test('counts once, and the first to run is the first in the Dockerfile', () => {
    const [stage] = groupStages(steps, { testTargets: [], target: 'app' })
    expect(stage).toMatchObject({ steps: 3, cached: 0, firstToRun: { instruction: 'RUN make' } })
  })
})

test('a step whose name is a long number is read once', () => {
  const name = `[${'1'.repeat(2_000_000)}] RUN a`
  expect(groupStages([step('RUN a', { name }), step('RUN a', { name })], roles)).toHaveLength(1)
})
