/** What a run has learned, as its report tells it. */
import { describe, expect, test } from '@jest/globals'
import { noImports } from '../../src/core/progress.js'
import { UNEXPLAINED } from '../../src/explain/explain.js'
import { addLearned, openFindings, type Findings, type Learned } from '../../src/findings.js'
import { readOccasion } from '../../src/occasion/occasion.js'
import { makeReport } from '../../src/phases/report.js'
import { readWorkflows } from '../../src/phases/start.js'
import { CONTEXT, recordOf, stepsOf, type Build } from '../explain/support/builds.js'
import { readGiven } from '../inputs/support.js'

const occasion = readOccasion({ GITHUB_REPOSITORY: 'acme/app' })
const time = { startedAt: 0, seconds: 1 }

/** The findings after phases that have learned something, one after the other. */
function findingsOf(...parts: readonly Learned[]): Findings {
  return parts.reduce((known, learned) => addLearned(known, 'app', learned), openFindings(occasion))
}

describe('what phases have learned', () => {
  test('takes the place of what was known', () => {
    const gate = { verdict: 'passed', targets: [] } as const
    const { builds } = findingsOf({ publish: { published: false, reason: 'one' } }, { gate })
    expect(builds.get('app')).toMatchObject({ gate, publish: { reason: 'one' }, images: [] })
  })

  test('is added to it where it is of the cache, or a note', () => {
    const outcome = { reference: 'r.example.com/c', way: 'read', result: 'ok' } as const
    const { builds, notes } = findingsOf(
      { cache: { rows: [{ reference: 'c', action: 'read', why: 'because' }] }, notes: ['one'] },
      { cache: { outcomes: [outcome], imports: { downloads: { bytes: 1, seconds: 2 } } } },
      { cache: { outcomes: [{ ...outcome, way: 'write' }], imports: { downloads: { bytes: 3, seconds: 4 } } } },
      { notes: ['two'] }
    )
    expect(notes).toEqual(['one', 'two'])
    expect(builds.get('app')?.cache).toEqual({
      planned: { from: [], to: [] },
      rows: [{ reference: 'c', action: 'read', why: 'because' }],
      outcomes: [outcome, { ...outcome, way: 'write' }],
      imports: { ...noImports, downloads: { bytes: 4, seconds: 6 } }
    })
  })
})

describe('the report', () => {
  test('of a run that ended before anything tells just that', () => {
    const report = makeReport(openFindings(occasion), { failure: { kind: 'cancelled' } }, time)
    expect(report).toMatchObject({
      ...{ name: 'app', outcome: { kind: 'red' }, trusted: true, steps: [], notes: [] },
      gate: { verdict: 'skipped', reason: 'the run ended before the gate' },
      builds: [{ name: 'app', images: [], publish: { published: false, reason: 'the run failed' } }]
    })
  })

  test('of a red run tells what had left by then', () => {
    const publish = { published: true, tags: ['a:1'], digest: 'sha256:1', how: ['push'] } as const
    expect(makeReport(findingsOf({ publish }), { failure: { kind: 'cancelled' } }, time).builds[0].publish).toEqual(
      publish
    )
  })

  test('that cannot be explained is one without an explanation', async () => {
    const copy = (content: string): Build => ({
      dockerfile: 'FROM scratch AS a\nCOPY x /\n',
      steps: [['[a 1/1] COPY x /', 1, [CONTEXT]]],
      files: { x: content }
    })
    const history = {
      ...{ now: recordOf(copy('1')), before: recordOf(copy('2')) },
      matcher: () => () => {
        throw new Error('a pattern that is none')
      }
    }
    const read = readGiven({})
    const world = { env: {}, read, declaredInputs: [], look: () => 'folder' as const }
    const cacheWorker = { file: 'false', args: [] }
    const ports = { runner: { mask: () => undefined }, exec: () => Promise.reject(new Error('nothing is run')) }
    const { workflows } = await readWorkflows(ports, { ...world, cacheWorker }, occasion, [{ read }])
    const findings = findingsOf({ steps: stepsOf(copy('1').steps), history, workflow: workflows[0] })
    const { stages, notes } = makeReport(findings, undefined, time)
    expect(stages.map(({ name, why }) => [name, why])).toEqual([['a', undefined]])
    expect(notes).toEqual([UNEXPLAINED])
  })
})
