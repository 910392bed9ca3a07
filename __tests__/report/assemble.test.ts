import { describe, expect, test } from '@jest/globals'
import { parseMetadata } from '../../src/buildkit/provenance.js'
import type { Internal } from '../../src/core/progress.js'
import { groupStages, locateSteps, readCache } from '../../src/report/assemble.js'
import { isWork } from '../../src/core/step.js'
import { readRecorded, recordedBuild } from '../fixtures/recorded.js'

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
  const dead = '127.0.0.1:9/t/cache:1'
  const good = '127.0.0.1:5000/t/fixture-cache:1'
  const none = '127.0.0.1:5000/t/fixture-cache:none'
  const registry = (reference: string): string => `type=registry,ref=${reference},mode=max`
  const resultsOf = (name: string, from: readonly string[], to: readonly string[]) => {
    const { imports, exports } = readCache({ from, to }, readRecorded(name).internals)
    return [...imports, ...exports].map(({ reference, result }) => `${reference} ${result}`)
  }

  test('what was read, what was not there and what could not be reached', () => {
    expect(resultsOf('cache-imports', [registry(good), registry(none), registry(dead)], [])).toEqual([
      `${good} ok`,
      `${none} missing`,
      `${dead} failed`
    ])
  })

  test('what was written', () => {
    const { exports } = readCache({ from: [], to: ['type=local,dest=x'] }, readRecorded('cache-local-out').internals)
    expect(exports).toEqual([{ reference: 'local', result: 'ok', seconds: expect.any(Number) }])
  })

  test('what could not be written, with the reason', () => {
    const { exports } = readCache({ from: [], to: [registry(dead)] }, readRecorded('cache-export-ignored').internals)
    expect(exports).toEqual([
      { reference: dead, result: 'failed', message: expect.stringContaining('connection refused') }
    ])
  })

  test('one of two that could not be written', () => {
    expect(resultsOf('cache-exports-one-failed', [], [registry(dead), registry(good)])).toEqual([
      `${dead} failed`,
      `${good} ok`
    ])
    expect(resultsOf('cache-exports-one-failed', [], [registry(good), registry(dead)])).toEqual([
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

  test('what the run knows beside the builder: bytes, what was left alone, what broke the build', () => {
    const internals: readonly Internal[] = [{ name: 'exporting cache to registry', seconds: 1, done: true }]
    const facts = {
      uploads: { [good]: 300 },
      unchanged: { [none]: good },
      plan: [{ reference: good, action: 'write', why: 'the branch itself, main' }] as const,
      imports: {
        patience: { seconds: 60, bytes: 1 },
        downloads: { bytes: 2000, seconds: 0.5 },
        broken: { message: 'not found', seconds: 3 }
      }
    }
    expect(readCache({ from: [], to: [registry(good), registry(none)] }, internals, facts)).toEqual({
      imports: [],
      exports: [
        { reference: good, result: 'ok', seconds: 1, bytes: 300 },
        { reference: none, result: 'unchanged', heldBy: good }
      ],
      plan: facts.plan,
      downloads: { bytes: 2000, seconds: 0.5 },
      broken: { message: 'not found', seconds: 3 }
    })
  })

  test('a reference that has lost a part is no missing one', () => {
    const error = 'httpReadSeeker: failed open: could not fetch content descriptor sha256:4743 from remote: not found'
    const internals: readonly Internal[] = [
      { name: `importing cache manifest from ${dead}`, seconds: 0, done: true, error }
    ]
    expect(readCache({ from: [registry(dead)], to: [] }, internals).imports[0]?.result).toBe('failed')
  })

  test('a host that is not found is no missing reference', () => {
    const internals: readonly Internal[] = [
      {
        name: `importing cache manifest from ${dead}`,
        seconds: 0,
        done: true,
        error: 'dial tcp: lookup x: no such host: not found'
      }
    ]
    expect(readCache({ from: [registry(dead)], to: [] }, internals).imports[0]?.result).toBe('failed')
  })
})
