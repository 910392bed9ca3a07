import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from '@jest/globals'
import type { Failure } from '../../src/failure/failure.js'
import { REPORT_SCHEMA, toJSON } from '../../src/report/surfaces/json.js'
import { COMPARED } from './support/compared.js'
import { GOLDEN, redTest } from './support/reports.js'

const SCHEMA: unknown = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) }
})
const validate = ajv.compile(SCHEMA as object)

/** As a reader gets it. */
function read(report: unknown): unknown {
  return JSON.parse(JSON.stringify(report))
}

describe('the JSON report', () => {
  it.each(Object.entries({ ...GOLDEN, ...COMPARED }))('of %s keeps to the schema', (_, report) => {
    validate(read(toJSON(report())))
    expect(validate.errors ?? []).toEqual([])
  })

  it('has the comparison', () => {
    const json = read(toJSON(COMPARED.larger?.() ?? redTest()))
    expect(json).toMatchObject({
      builds: [
        {
          comparison: {
            kind: 'compared',
            differences: [{ size: { change: 10_327_000 }, byInstruction: expect.any(Array) as unknown, byPath: {} }]
          }
        }
      ]
    })
    expect(read(toJSON(COMPARED['no-baseline']?.() ?? redTest()))).toMatchObject({
      builds: [{ comparison: { kind: 'none' } }]
    })
  })

  it('has what the failed step was not given, and its heredocs', () => {
    const report = redTest()
    if (report.outcome.kind === 'green') throw new Error('the report is to be red')
    const more = {
      lacking: [{ credential: 'ssh', id: 'default' }],
      script: { lines: ['pytest', 'EOF'], more: 0 }
    } as const
    const json = read(
      toJSON({ ...report, outcome: { kind: 'red', failure: { ...report.outcome.failure, ...more } as Failure } })
    )
    expect(json).toMatchObject({ outcome: { failure: more } })
    validate(json)
    expect(validate.errors ?? []).toEqual([])
  })

  it('has the version that the schema is about', () => {
    expect(SCHEMA).toMatchObject({ properties: { schema: { const: REPORT_SCHEMA } } })
  })

  it('has the log of the failed step, and no other', () => {
    const report = redTest()
    const json = read(toJSON(report))
    expect(json).toMatchObject({ outcome: { failure: { step: { logTail: expect.any(Array) as unknown } } } })
    expect(JSON.stringify(json).match(/"logTail"/g)).toHaveLength(1)
    const [first] = report.steps
    const loud = { ...report, steps: [{ ...(first ?? redTest().steps[0]), logTail: ['noise'] }] } as typeof report
    expect(JSON.stringify(toJSON(loud))).not.toContain('noise')
  })

  it.each<readonly [string, Record<string, unknown>]>([
    ['another version', { schema: 1 }],
    ['a member nobody knows', { extra: true }],
    ['a size that is no count', { builds: [{ name: 'app', images: [{ size: -1 }], verdict: [], advice: [] }] }],
    ['a failure of no known kind', { outcome: { kind: 'red', failure: { kind: 'weather' } } }]
  ])('%s does not keep to it', (_, change) => {
    expect(validate({ ...(read(toJSON(redTest())) as object), ...change })).toBe(false)
  })
})
