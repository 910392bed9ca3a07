import { afterAll, describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  judgeUntested,
  runGate,
  writeGateFile,
  type GateOptions,
  type GatePlan,
  type GateRun
} from '../../src/gate/gate.js'
import { replay } from '../fixtures/recorded.js'
import { noCredentials } from '../../src/buildkit/command.js'
import { buildOf } from '../builds/support.js'
import type { Given } from '../inputs/support.js'
import type { GateReport } from '../../src/report/model.js'
import { makeFolder, makeLog } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

const file = { path: '/project/gate/Dockerfile', stage: 'stagegate-gate', lastUserLine: 16 }
const plan: GatePlan = { testTargets: ['test'], target: 'production', file }

async function gate(
  byTarget: Readonly<Record<string, string>>,
  change: Partial<GateOptions> & { readonly given?: Given } = {}
): Promise<GateRun & { readonly asked: readonly string[][]; readonly lines: readonly string[] }> {
  const { given = {}, ...options } = change
  const { exec, asked } = replay(byTarget)
  const { log, lines } = makeLog()
  const run = await runGate(
    { exec, log },
    {
      base: { build: buildOf(given), credentials: noCredentials },
      plan,
      cache: { from: ['from'], to: ['to'] },
      testCaches: ['test', 'lint'].map((stage) => ({ from: [`${stage}-from`], to: [] })),
      env: {},
      metadataFile: join(folder.path, 'metadata.json'),
      untrusted: undefined,
      supplied: [],
      ...options
    }
  )
  return { ...run, asked, lines }
}

test.each<[string, GateReport, 'fail' | 'pass', readonly string[] | undefined]>([
  ['a test left out', skippedGate(['test', 'skipped']), 'fail', ['test']],
  ['one of two left out', skippedGate(['unit', 'cached'], ['e2e', 'skipped']), 'fail', ['e2e']],
  ['one accepted', skippedGate(['test', 'skipped']), 'pass', undefined],
  ['no gate', { verdict: 'skipped', reason: 'no test-target is set', targets: [] }, 'fail', undefined],
  [
    'tests that passed',
    { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 1 }] },
    'fail',
    undefined
  ]
])('%s', (_, gate, untested, stages) => {
  expect(judgeUntested(gate, untested)).toEqual(stages === undefined ? undefined : { kind: 'untested', stages })
})

function skippedGate(...targets: readonly (readonly [string, 'cached' | 'skipped'])[]): GateReport {
  return { verdict: 'skipped', reason: '', targets: targets.map(([stage, result]) => ({ stage, result, seconds: 0 })) }
}

describe('in one solve', () => {
  test('green', async () => {
    const {
      gate: report,
      targetBuilt,
      steps,
      provenance,
      failure,
      asked
    } = await gate({ 'stagegate-gate': 'gate-fresh' })
    expect(report).toEqual({
      verdict: 'passed',
      targets: [{ stage: 'test', result: 'ran', seconds: expect.any(Number) }]
    })
    expect(report.targets[0]?.seconds).toBeGreaterThan(0)
    expect([targetBuilt, failure, provenance.length]).toEqual([true, undefined, 1])
    expect(steps.map(({ stage }) => stage)).not.toContain('stagegate-gate')
    expect(asked).toHaveLength(1)
    expect(asked[0]).toEqual(
      expect.arrayContaining(['--file', file.path, '--cache-from', 'from', '--output', 'type=cacheonly'])
    )
    // Nothing leaves the runner before the verdict, not even as cache.
    expect(asked[0]).not.toContain('--cache-to')
  })

  test('green from the cache', async () => {
    const { gate: report } = await gate({ 'stagegate-gate': 'gate-cached' })
    expect(report).toEqual({ verdict: 'passed', targets: [{ stage: 'test', result: 'cached', seconds: 0 }] })
  })

  test('a gate alone builds no target', async () => {
    const { targetBuilt } = await gate(
      { 'stagegate-gate': 'gate-fresh' },
      { plan: { testTargets: ['test'], target: undefined, file } }
    )
    expect(targetBuilt).toBe(false)
  })

  test('a red test', async () => {
    const { gate: report, targetBuilt, failure } = await gate({ 'stagegate-gate': 'run-failed-test' })
    expect(report).toEqual({
      verdict: 'failed',
      targets: [{ stage: 'test', result: 'failed', seconds: expect.any(Number) }]
    })
    expect(targetBuilt).toBe(false)
    expect(failure).toMatchObject({ kind: 'test', exitCode: 1, line: 9 })
  })

  test('a red test that is named in another case', async () => {
    const { gate: report, failure } = await gate(
      { 'stagegate-gate': 'run-failed-test-upper-case' },
      { plan: { ...plan, testTargets: ['Test'] } }
    )
    expect([report.verdict, report.targets[0]?.result, failure?.kind]).toEqual(['failed', 'failed', 'test'])
  })

  test('a red test without a name', async () => {
    const { gate: report, failure } = await gate(
      { 'stagegate-gate': 'run-failed-test-unnamed' },
      { plan: { ...plan, testTargets: ['2'] } }
    )
    expect([report.verdict, report.targets[0]?.result, failure?.kind]).toEqual(['failed', 'failed', 'test'])
  })

  test('two tests, of which the red one cancels the other', async () => {
    const { gate: report, failure } = await gate(
      { 'stagegate-gate': 'run-failed-others-cancelled' },
      { plan: { ...plan, testTargets: ['production', 'test'], target: undefined } }
    )
    expect(report.targets.map(({ stage, result }) => [stage, result])).toEqual([
      ['production', 'cancelled'],
      ['test', 'failed']
    ])
    expect(failure).toMatchObject({ kind: 'test', step: { stage: 'test' } })
  })

  test('a build that fails before the tests', async () => {
    const { gate: report, failure } = await gate({ 'stagegate-gate': 'run-failed-builder' })
    expect(report).toEqual({
      verdict: 'skipped',
      reason: 'the build ended before the tests did',
      targets: [{ stage: 'test', result: 'cancelled', seconds: 0 }]
    })
    expect(failure).toMatchObject({ kind: 'build', exitCode: 3, step: { stage: 'builder' } })
  })

  test('tests that had passed before the target failed have passed', async () => {
    const { gate: report, failure } = await gate(
      { 'stagegate-gate': 'run-failed-test' },
      { plan: { ...plan, testTargets: ['builder'], target: 'test' } }
    )
    expect(failure?.kind).toBe('build')
    expect([report.verdict, report.targets[0]?.result]).toEqual(['passed', 'cached'])
  })

  test('a Dockerfile that is wrong is no verdict on the tests', async () => {
    const { gate: report, failure } = await gate({ 'stagegate-gate': 'syntax-error' })
    expect([report.verdict, failure?.kind]).toEqual(['skipped', 'dockerfile'])
  })

  test.each<[string, Given, readonly string[]]>([
    [
      'rerun leaves out the cache of the tests',
      { 'test-cache': 'rerun', 'test-target': 'test' },
      ['--no-cache-filter', 'test']
    ],
    ['so do filters of the user', { 'no-cache-filters': 'base' }, ['--no-cache-filter', 'base']],
    ['no-cache leaves it all out', { 'no-cache': 'true' }, ['--no-cache']]
  ])('%s', async (_, given, expected) => {
    const { asked } = await gate({ 'stagegate-gate': 'gate-fresh' }, { given })
    expect(asked[0]).toEqual(expect.arrayContaining([...expected]))
  })
})

describe('without test targets', () => {
  test('nothing is built', async () => {
    const { gate: report, targetBuilt, asked } = await gate({}, { plan: { testTargets: [], target: '' } })
    expect(report).toEqual({ verdict: 'skipped', reason: 'no test-target is set', targets: [] })
    expect([targetBuilt, asked]).toEqual([true, []])
  })
})

describe('in turn', () => {
  const inTurn: GatePlan = { testTargets: ['test'], target: 'production' }

  test('the tests come first, with a cache reference of their own', async () => {
    const {
      gate: report,
      targetBuilt,
      steps,
      provenance,
      asked
    } = await gate({ test: 'gate-fresh', production: 'gate-cached' }, { plan: inTurn })
    expect(report.verdict).toBe('passed')
    expect([targetBuilt, provenance.length]).toEqual([true, 2])
    expect(asked.map((args) => [args[args.indexOf('--target') + 1], args[args.indexOf('--cache-from') + 1]])).toEqual([
      ['test', 'test-from'],
      ['production', 'from']
    ])
    // The second solve meets the same steps as cached; what they did is what the first one says.
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length)
    expect(steps.filter(({ stage, state }) => stage === 'test' && state === 'ran')).toHaveLength(1)
  })

  test('each of several tests has a reference of its own', async () => {
    const both: GatePlan = { ...inTurn, testTargets: ['test', 'lint'] }
    const { asked } = await gate({ test: 'gate-fresh', lint: 'gate-fresh', production: 'gate-cached' }, { plan: both })
    expect(asked.map((args) => args[args.indexOf('--cache-from') + 1])).toEqual(['test-from', 'lint-from', 'from'])
  })

  test('a red test ends it', async () => {
    const { gate: report, targetBuilt, failure, asked } = await gate({ test: 'run-failed-test' }, { plan: inTurn })
    expect([report.verdict, targetBuilt, failure?.kind, asked.length]).toEqual(['failed', false, 'test', 1])
  })

  test('a red target does not make the tests red', async () => {
    const { gate: report, failure } = await gate(
      { test: 'gate-fresh', production: 'run-failed-builder' },
      { plan: inTurn }
    )
    expect([report.verdict, failure?.kind]).toEqual(['passed', 'build'])
  })

  test('a Dockerfile with one stage, whose steps have no names', async () => {
    const onlyStage: GatePlan = { testTargets: ['test'], target: undefined, onlyStage: 'test' }
    const red = await gate({ test: 'run-failed-one-stage' }, { plan: onlyStage })
    expect([red.gate.verdict, red.failure?.kind]).toEqual(['failed', 'test'])
    const green = await gate({ test: 'one-stage' }, { plan: onlyStage })
    expect(green.gate.targets.map(({ result }) => result)).toEqual(['ran'])
  })
})

describe('an untrusted run, without a credential that a stage requires', () => {
  const untrusted = 'pull request #214 comes from the fork mallory/app'

  test('builds what it can', async () => {
    const {
      gate: report,
      targetBuilt,
      failure,
      notes,
      lines,
      asked
    } = await gate(
      { 'stagegate-gate': 'ssh-missing-id', test: 'ssh-missing-id', production: 'gate-fresh' },
      { untrusted }
    )
    expect(report).toEqual({
      verdict: 'skipped',
      reason: 'test could not be built without credentials',
      targets: [{ stage: 'test', result: 'skipped', seconds: 0 }]
    })
    expect([targetBuilt, failure]).toEqual([true, undefined])
    expect(notes).toEqual([`stage test was left out: it needs the ssh id "gh", and ${untrusted}.`])
    expect(lines.join('\n')).toContain('needs the ssh id "gh"')
    // Trusted runs have written all of it in one solve, so all of it is in one reference.
    expect(asked.map((args) => args[args.indexOf('--cache-from') + 1])).toEqual(['from', 'from', 'from'])
  })

  test('whose target needs it too has a gate and no image', async () => {
    const {
      gate: report,
      targetBuilt,
      failure
    } = await gate(
      { 'stagegate-gate': 'secret-missing', test: 'gate-fresh', production: 'secret-missing' },
      { untrusted }
    )
    expect([report.verdict, targetBuilt, failure]).toEqual(['passed', false, undefined])
  })

  test('is red for a red test like any other', async () => {
    const { gate: report, failure } = await gate({ 'stagegate-gate': 'run-failed-test' }, { untrusted })
    expect([report.verdict, failure?.kind]).toEqual(['failed', 'test'])
  })

  test('and a trusted run is red for the credential', async () => {
    const { failure, asked } = await gate({ 'stagegate-gate': 'secret-missing' })
    expect(failure).toMatchObject({ kind: 'credential', id: 'tok', line: 2 })
    expect(asked).toHaveLength(1)
  })
})

describe('the file', () => {
  test('is written beside a copy of its ignore file', async () => {
    const source = join(folder.path, 'release.Dockerfile')
    writeFileSync(source, 'FROM scratch AS test\n')
    writeFileSync(`${source}.dockerignore`, '*.md\n')
    const build = buildOf({}, { file: source })
    const written = await writeGateFile(build, ['test'], folder.path)
    expect(written).toEqual({
      path: join(folder.path, 'gate/release.Dockerfile'),
      stage: 'stagegate-gate',
      lastUserLine: 1
    })
    expect(readFileSync(join(folder.path, 'gate/release.Dockerfile'), 'utf8')).toMatch(
      /^FROM scratch AS test\nFROM scratch AS stagegate-gate\n/
    )
    expect(readFileSync(join(folder.path, 'gate/release.Dockerfile.dockerignore'), 'utf8')).toBe('*.md\n')
  })

  test('has no ignore file where the user has none', async () => {
    const source = join(folder.path, 'Dockerfile')
    writeFileSync(source, 'FROM scratch AS test')
    await writeGateFile(buildOf({}, { file: source }), ['test'], folder.path)
    expect(existsSync(join(folder.path, 'gate/Dockerfile.dockerignore'))).toBe(false)
  })

  test('of a remote context is not there to be read', async () => {
    expect(await writeGateFile(buildOf({ context: 'https://github.com/a/b.git' }), ['test'], folder.path)).toEqual({
      reason: 'the context is remote'
    })
  })
})
