/** What a run has learned, as its report tells it. */
import { describe, expect, test } from '@jest/globals'
import { noImports } from '../../src/core/progress.js'
import { UNEXPLAINED } from '../../src/explain/explain.js'
import { addLearned, addNotes, openFindings, type Findings, type Learned, type Workflow } from '../../src/findings.js'
import { readOccasion } from '../../src/occasion/occasion.js'
import { planOutputs } from '../../src/outputs.js'
import { makeReport } from '../../src/phases/report.js'
import { readWorkflows } from '../../src/phases/start.js'
import { CONTEXT, recordOf, stepsOf, type Build } from '../explain/support/builds.js'
import { readGiven, type Given } from '../inputs/support.js'

const occasion = readOccasion({ GITHUB_REPOSITORY: 'acme/app' })
const time = { startedAt: 0, seconds: 1 }

/** The findings after phases that have learned something, one after the other. */
function findingsOf(...parts: readonly Learned[]): Findings {
  return parts.reduce((known, learned) => addLearned(known, 'app', learned), openFindings(occasion))
}

/** What a step asks for. */
async function workflowOf(given: Given, env: Readonly<Record<string, string>> = {}): Promise<Workflow> {
  return (await readingOf(given, env)).workflows[0]
}

/** The inputs that something is wrong with. */
async function wrongInputs(...asked: Parameters<typeof readingOf>): Promise<readonly string[]> {
  return (await readingOf(...asked)).problems.map(({ input }) => input)
}

function readingOf(given: Given, env: Readonly<Record<string, string>>) {
  const read = readGiven(given)
  const world = { env, read, declaredInputs: [], look: () => 'folder' as const }
  const cacheWorker = { file: 'false', args: [] }
  const ports = { runner: { mask: () => undefined }, exec: () => Promise.reject(new Error('nothing is run')) }
  return readWorkflows(ports, { ...world, cacheWorker }, occasion, [{ read }])
}

test('the platform of the environment counts where the step names none, as in docker buildx build', async () => {
  const env = { DOCKER_DEFAULT_PLATFORM: 'linux/arm64' }
  expect((await workflowOf({}, env)).inputs.platforms).toEqual(['linux/arm64'])
  expect((await workflowOf({ platforms: 'linux/amd64' }, env)).inputs.platforms).toEqual(['linux/amd64'])
})

test('and what is wrong with it is not the input’s', async () => {
  const env = { DOCKER_DEFAULT_PLATFORM: 'bogus' }
  expect(await wrongInputs({}, env)).toContain('DOCKER_DEFAULT_PLATFORM')
  expect(await wrongInputs({ platforms: 'bogus' }, env)).toContain('platforms')
})

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
    expect(notes.map(({ text }) => text)).toEqual(['one', 'two'])
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

  test('of several images says of which a note is, where it is not of all', () => {
    const learned = [
      ['api', ['of all', 'of one']],
      ['web', ['of all', 'of two']],
      ['worker', ['of two', 'of all']]
    ] as const
    const findings = learned.reduce(
      (known, [name, notes]) => addLearned(known, name, { notes }),
      addNotes(openFindings(occasion), ['of the run'])
    )
    expect(makeReport(findings, undefined, time).notes).toEqual([
      ...['of the run', 'of all', 'api: of one', 'web, worker: of two']
    ])
  })

  test('of several images has a step that they share once, as it ran for one of them', () => {
    const states = { api: 'waiting', web: 'cached', worker: 'ran' } as const
    const findings = Object.entries(states).reduce(
      (known, [name, state]) =>
        addLearned(known, name, {
          steps: [
            { ...{ vertex: 'v', name: '[base 1/1] RUN make', instruction: 'RUN make', logTail: [] }, state, seconds: 1 }
          ]
        }),
      openFindings(occasion)
    )
    const report = makeReport(findings, undefined, time)
    expect(report.steps.map(({ state }) => state)).toEqual(['ran'])
    expect(planOutputs({ report, metadata: new Map() })).toMatchObject({ steps: '1', 'cached-steps': '0' })
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
    const workflow = await workflowOf({})
    const findings = findingsOf({ steps: stepsOf(copy('1').steps), history, workflow })
    const { stages, notes } = makeReport(findings, undefined, time)
    expect(stages.map(({ name, why }) => [name, why])).toEqual([['a', undefined]])
    expect(notes).toEqual([UNEXPLAINED])
  })
})

describe('the report of several images', () => {
  const passed = { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 1 }] } as const
  /** Of two images, each with what is known of it. */
  const reportOf = (api: Learned, web: Learned) =>
    makeReport(addLearned(addLearned(openFindings(occasion), 'api', api), 'web', web), undefined, time)

  test.each([
    ['passed where one has no test', 'passed', {}, {}],
    ['skipped where the tests of one were not seen', 'skipped', { 'test-target': 'test' }, {}],
    ['skipped where it is not known whether one has any', 'skipped', undefined, {}],
    ['failed where one has', 'failed', {}, { gate: { verdict: 'failed', targets: [] } as const }]
  ])('says of the gate that it has %s', async (_, verdict, given, web) => {
    const workflow = given === undefined ? {} : { workflow: await workflowOf(given) }
    const api = { gate: passed, workflow: await workflowOf({ 'test-target': 'test' }) }
    expect(reportOf(api, { ...workflow, ...web }).gate).toMatchObject({ verdict, targets: passed.targets })
  })

  test('has the tests of all, and of each what has changed', () => {
    const changes = { newlyFailing: [], newlyPassing: [], unnamed: 0, added: 1 }
    const tests = { stages: [], changes, folder: '/a' }
    const { builds, ...run } = reportOf({ tests }, { tests: { stages: [], folder: '/b' } })
    expect(run.tests).toEqual({ stages: [] })
    expect(builds.map(({ own }) => own?.tests)).toEqual([tests, { stages: [], folder: '/b' }])
    expect(planOutputs({ report: { builds, ...run }, metadata: new Map() })['test-reports']).toBe('/a\n/b')
  })
})
