import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainBuild } from '../../src/builds/build.js'
import type { LinkedTarget } from '../../src/core/linked.js'
import { checkOutline, planBuild, type BuildPlan } from '../../src/gate/plan.js'
import { Stop } from '../../src/failure/stop.js'
import type { SuppliedCredentials } from '../../src/credentials/credentials.js'
import type { Exec } from '../../src/ports.js'
import type { Trust } from '../../src/occasion/trust.js'
import { recordedText } from '../fixtures/recorded.js'
import { noCredentials } from '../../src/buildkit/command.js'
import { buildOf } from '../builds/support.js'
import type { Given } from '../inputs/support.js'
import { makeFolder, makeLog } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

const fourStages = `FROM b AS base\nFROM base AS builder\nRUN x\nFROM builder AS test\nRUN --mount=type=secret,id=index x\nFROM base AS production\n`
const unnamed = 'FROM b\nRUN true\nFROM b AS named\nRUN true\nFROM named\n'

/** Plans with a docker that answers each call as recorded; the calls in the order in which they came. */
async function plan(
  dockerfile: string,
  given: Given,
  options: {
    readonly calls?: boolean
    readonly gateOnly?: boolean
    readonly answers?: string
    readonly ownFrontend?: boolean
    readonly linked?: readonly LinkedTarget[]
    readonly isElsewhere?: boolean
    readonly supplied?: Pick<SuppliedCredentials, 'env' | 'secretIDs' | 'sshIDs'>
  } = {}
) {
  const {
    calls = true,
    gateOnly = false,
    answers = 'targets',
    ownFrontend = true,
    linked = [],
    isElsewhere = false,
    supplied
  } = options
  const file = join(folder.path, 'Dockerfile')
  writeFileSync(file, dockerfile)
  const build = { ...buildOf(given, { file }), gateOnly, linked }
  const asked: string[] = []
  const exec: Exec = ({ args }) => {
    const call = /^--call=(\w+)/.exec(args[2] ?? '')?.[1] ?? ''
    const target = args.includes('--target') ? ` ${args[args.indexOf('--target') + 1] ?? ''}` : ''
    asked.push(`${call}${target}`)
    const recorded = call === 'targets' ? answers : call
    return Promise.resolve({ exitCode: 0, stdout: recordedText(`${recorded}.json`), stderr: '', timedOut: false })
  }
  const { log, lines } = makeLog()
  const base = { build, credentials: noCredentials }
  const plan: BuildPlan = await planBuild({ exec, log }, base, {
    ...{ folder: folder.path, dockerfile: isElsewhere ? undefined : Buffer.from(dockerfile), calls, ownFrontend },
    ...(supplied === undefined ? {} : { supplied })
  })
  return { ...plan, asked, lines }
}

async function stopOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Stop) return error.failure
    throw error
  }
  throw new Error('nothing was stopped')
}

describe('the plan', () => {
  test('of a gate and a target, both named in the text: nobody needs to be asked', async () => {
    const { gate, roles, asked, notes } = await plan(fourStages, { target: 'production', 'test-target': 'test' })
    expect(gate).toEqual({
      testTargets: ['test'],
      target: 'production',
      file: { path: join(folder.path, 'gate/Dockerfile'), stage: 'stagegate-gate', lastUserLine: 6 },
      ownRuns: new Map([['test', new Set(['RUN --mount=type=secret,id=index x'])]])
    })
    expect(roles).toEqual({ testTargets: ['test'], target: 'production' })
    expect([asked, notes]).toEqual([[], []])
    expect(readFileSync(join(folder.path, 'gate/Dockerfile'), 'utf8')).toContain('COPY --from=test ')
  })

  test('of a Dockerfile with a frontend of its own, where that is let in', async () => {
    const own = `# syntax=evil.test/docker/dockerfile:1\n${fourStages}`
    const given = { target: 'production', 'test-target': 'test' }
    await plan(own, given)
    await plan(`# syntax=docker/dockerfile:1.9\n${fourStages}`, given, { ownFrontend: false })
    expect(await stopOf(plan(own, given, { ownFrontend: false }))).toMatchObject({
      kind: 'input',
      problems: [{ input: 'file' }]
    })
  })

  test.each<[string, Given, Readonly<Record<string, unknown>>, file: string]>([
    ['that an argument names', { 'build-args': 'BUILDKIT_SYNTAX=evil.test/own' }, {}, ''],
    ['of a linked target', {}, { 'dockerfile-inline': '# syntax=evil.test/own\nFROM a' }, ''],
    [
      'that an argument of a linked target names',
      {},
      { 'dockerfile-inline': 'FROM a', args: { BUILDKIT_SYNTAX: 'evil.test/own' } },
      ''
    ],
    ['in the Dockerfile of a linked target', {}, {}, 'Dockerfile'],
    ['in one beside an empty one in the bake file', {}, { 'dockerfile-inline': '' }, 'Dockerfile'],
    ['in one with a small letter', {}, {}, 'dockerfile']
  ])('of a frontend %s, only where that is let in', async (_, more, attributes, name) => {
    const place = join(folder.path, 'linked')
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, name || 'Dockerfile'), name === '' ? 'FROM a' : '# syntax=evil.test/own\nFROM a')
    const linked = [{ name: 'base', source: plainBuild('', place).source, attributes }]
    const given = { target: 'production', 'test-target': 'test', ...more }
    await plan(fourStages, given, { linked })
    expect(await stopOf(plan(fourStages, given, { linked, ownFrontend: false }))).toMatchObject({
      kind: 'input',
      problems: [{ input: 'file' }]
    })
  })

  test('of a Dockerfile that nobody can look into, only where any frontend is let in', async () => {
    const context = { kind: 'remote' as const, url: 'https://git.test/a.git' }
    const linked = [{ name: 'base', source: { context, file: '' }, attributes: {} }]
    const given = { target: 'production', 'test-target': 'test' }
    for (const options of [{ linked }, { isElsewhere: true }]) {
      await plan(fourStages, given, options)
      expect(await stopOf(plan(fourStages, given, { ...options, ownFrontend: false }))).toMatchObject({
        problems: [{ input: 'context' }]
      })
    }
    const named = { ...given, 'build-args': 'BUILDKIT_SYNTAX=docker/dockerfile:1' }
    await plan(fourStages, named, { isElsewhere: true, ownFrontend: false })
  })

  test('of a Dockerfile elsewhere, one of whose stages a named context would replace', async () => {
    const given = { target: 'production', 'test-target': 'test' }
    const replaced = (name: string) =>
      stopOf(plan(fourStages, { ...given, 'build-contexts': `${name}=docker-image://x` }, { isElsewhere: true }))
    expect(await replaced('builder::linux/amd64')).toMatchObject({ problems: [{ input: 'build-contexts' }] })
    expect(await replaced('test')).toMatchObject({
      problems: [{ problem: expect.stringContaining('no test would run') }]
    })
  })

  test('without a target, the last stage is one', async () => {
    const { gate, roles, asked } = await plan(fourStages, { 'test-target': 'test' })
    expect(asked).toEqual(['targets'])
    expect([gate.target, roles.target]).toEqual(['', 'production'])
    expect(readFileSync(join(folder.path, 'gate/Dockerfile'), 'utf8')).toContain('COPY --from=production ')
  })

  test('of a gate alone', async () => {
    const { gate, asked } = await plan(fourStages, { 'test-target': 'test' }, { gateOnly: true })
    expect([gate.target, asked]).toEqual([undefined, []])
    expect(readFileSync(join(folder.path, 'gate/Dockerfile'), 'utf8').match(/COPY --from/g)).toHaveLength(1)
  })

  test('without a gate there is no file', async () => {
    const { gate } = await plan(fourStages, { target: 'production' })
    expect(gate).toEqual({ testTargets: [], target: 'production', ownRuns: new Map() })
  })

  test('has the instructions with heredocs', async () => {
    const text = `${fourStages}RUN <<EOF\nmake "é"\nEOF\n`
    const { gate } = await plan(text, { target: 'production', 'test-target': 'test' })
    expect(gate.scripts).toEqual([{ first: 7, last: 9, script: { lines: ['make "é"', 'EOF'], more: 0 } }])
  })

  test('an unnamed last stage is meant by its index', async () => {
    const { gate, roles } = await plan(unnamed, { 'test-target': 'named' }, { answers: 'targets-unnamed' })
    expect([gate.target, roles.target]).toEqual(['', '2'])
    expect(readFileSync(join(folder.path, 'gate/Dockerfile'), 'utf8')).toContain('COPY --from=2 ')
  })

  test('an index that has a name is that name', async () => {
    const { gate } = await plan(unnamed, { 'test-target': '1', target: '2' }, { answers: 'targets-unnamed' })
    expect([gate.testTargets, gate.target]).toEqual([['named'], '']) // the last stage needs no name
  })

  test('a test stage without a name is refused: nobody can build it by itself', async () => {
    const asked = plan(unnamed, { 'test-target': '0', target: 'named' }, { answers: 'targets-unnamed' })
    expect(await stopOf(asked)).toEqual({
      kind: 'input',
      problems: [
        {
          ...{ input: 'test-target', problem: 'stage 0 has no name to build it by' },
          fix: 'Add "AS NAME" to its FROM line.'
        }
      ]
    })
  })

  test.each<[Given, string]>([
    [{ 'test-target': '1', target: '0' }, 'stage 0 has no name to build it by'],
    [{ 'test-target': 'named', target: '1' }, 'stage 1 is "named", which is also a test target']
  ])('a number as the target of %j ends it: %s', async (given, problem) => {
    expect(await stopOf(plan(unnamed, given, { answers: 'targets-unnamed' }))).toMatchObject({
      kind: 'input',
      problems: [{ input: 'target', problem }]
    })
  })

  test('a stage that is not there ends it', async () => {
    expect(await stopOf(plan(fourStages, { target: 'prod', 'test-target': 'tests' }))).toEqual({
      kind: 'input',
      problems: [
        {
          input: 'test-target',
          problem: 'the Dockerfile has no stage "tests"',
          fix: 'Its stages are base, builder, test, production. Did you mean "test"?'
        },
        {
          input: 'target',
          problem: 'the Dockerfile has no stage "prod"',
          fix: 'Its stages are base, builder, test, production.'
        }
      ]
    })
  })

  test('a stage without a name cannot be run again on its own', async () => {
    const stop = await stopOf(
      plan(unnamed, { 'test-target': '0', target: 'named', 'test-cache': 'rerun' }, { answers: 'targets-unnamed' })
    )
    expect(stop).toEqual({
      kind: 'input',
      problems: [
        {
          input: 'test-cache',
          problem: 'stage 0 has no name to run it again by',
          fix: 'Add "AS NAME" to its FROM line.'
        }
      ]
    })
  })

  test('a Dockerfile that cannot take a stage is built in turn, and it is said why', async () => {
    const { gate, lines } = await plan(`${fourStages}RUN x \\`, { target: 'production', 'test-target': 'test' })
    expect(gate).not.toHaveProperty('file')
    expect(lines.join('\n')).toContain('its last line ends in a line continuation')
  })

  test('one with a single stage has a name for its steps', async () => {
    const { gate } = await plan('FROM b AS test\nRUN x\n', { 'test-target': 'test' }, { gateOnly: true })
    expect(gate.onlyStage).toBe('test')
  })
})

describe('an old buildx', () => {
  test('is asked nothing, and this is noted', async () => {
    const { gate, outline, asked, notes } = await plan(
      fourStages,
      { target: 'production', 'test-target': 'test' },
      { calls: false }
    )
    expect(gate.file?.stage).toBe('stagegate-gate')
    expect([await outline(), asked]).toEqual([undefined, []])
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain('0.15')
  })

  test('builds in turn where the stages cannot be known', async () => {
    const { gate, lines } = await plan(fourStages, { 'test-target': 'test' }, { calls: false })
    expect(gate).not.toHaveProperty('file')
    expect(lines.join('\n')).toContain('its stages cannot be listed')
  })
})

describe('questions', () => {
  test('are about the whole gate', async () => {
    const { outline, asked } = await plan(fourStages, { target: 'production', 'test-target': 'test' })
    await outline()
    expect(asked).toEqual(['outline stagegate-gate'])
  })

  test('about mounts are not asked where the text has none', async () => {
    const { outline, asked } = await plan('FROM b AS test\nFROM test AS production\n', { target: 'production' })
    expect([await outline(), asked]).toEqual([undefined, []])
  })

  describe('about mounts are not asked where the text mounts what is supplied', () => {
    const wanted = { target: 'production', 'test-target': 'test' }
    const hand = (...secretIDs: readonly string[]) => ({ env: {}, secretIDs, sshIDs: ['default'] })
    test.each<[string, string, Given, ReturnType<typeof hand>, readonly string[]]>([
      ['just that', fourStages, wanted, hand('index'), []],
      ['beside what is ours', fourStages, wanted, hand('index', 'known_hosts', 'git_ssh', 'GIT_AUTH_TOKEN'), []],
      ['not in the stages that are built', fourStages, { target: 'production' }, hand(), []],
      ['not all of it', fourStages, wanted, hand(), ['outline stagegate-gate']],
      ['and less', fourStages, wanted, hand('index', 'other'), ['outline stagegate-gate']],
      ['to Docker’s frontend', `# syntax=docker/dockerfile:1\n${fourStages}`, wanted, hand('index'), []],
      [
        'to a frontend of long ago',
        `# syntax=docker/dockerfile:1.2\n${fourStages}`,
        wanted,
        hand('index'),
        ['outline stagegate-gate']
      ],
      [
        'to another’s',
        `# syntax=acme/front:1\n${fourStages}`,
        wanted,
        hand('index'),
        ['outline test', 'outline production']
      ],
      [
        'but an argument names the frontend',
        fourStages,
        { ...wanted, 'build-args': 'BUILDKIT_SYNTAX=acme/front:1' },
        hand('index'),
        ['outline stagegate-gate']
      ]
    ])('%s', async (_, dockerfile, given, supplied, expected) => {
      const { outline, asked } = await plan(dockerfile, given, { supplied })
      await outline()
      expect(asked).toEqual(expected)
    })
  })

  test('findings are those of the user’s own lines', async () => {
    const { ownFindings } = await plan(fourStages, { target: 'production', 'test-target': 'test' })
    const at = (line?: number) => ({ rule: 'R', message: 'm', ...(line === undefined ? {} : { line }) })
    expect(ownFindings([at(), at(6), at(7)])).toEqual([at(), at(6)])
    const elsewhere = await plan(fourStages, { target: 'production' }, { isElsewhere: true })
    expect(elsewhere.ownFindings([at(1)])).toEqual([])
  })
})

describe('mounts held against what is supplied', () => {
  const outline = {
    secrets: [
      { id: 'index', required: true, line: 3 },
      { id: 'optional', required: false, line: 8 }
    ],
    ssh: [{ id: 'default', required: false }]
  }
  const trusted: Trust = { trusted: true }
  const untrusted: Trust = { trusted: false, reason: 'x', withholds: false }
  const handed = (secretIDs: readonly string[], sshIDs: readonly string[]): SuppliedCredentials => ({
    flags: noCredentials,
    env: {},
    secretIDs,
    sshIDs,
    [Symbol.asyncDispose]: () => Promise.resolve()
  })

  test('what is required ends a trusted run', async () => {
    const checking = Promise.resolve().then(() => checkOutline(outline, handed(['known_hosts'], []), trusted))
    expect(await stopOf(checking)).toEqual({ kind: 'credential', credential: 'secret', id: 'index', line: 3 })
  })

  test('and not an untrusted one', () => {
    expect(checkOutline(outline, handed(['known_hosts'], ['default']), untrusted)).toEqual([
      'The Dockerfile mounts the secret "optional" (line 8), which is not supplied: the step runs without it.'
    ])
  })

  test('what is absent and what is unused is noted, but not what is always there', () => {
    expect(checkOutline(outline, handed(['known_hosts', 'GIT_AUTH_TOKEN', 'index', 'indx'], []), trusted)).toEqual([
      'The secret "indx" is supplied, but no stage that is built mounts it.',
      'The Dockerfile mounts the secret "optional" (line 8), which is not supplied: the step runs without it.',
      'The Dockerfile mounts the ssh id "default", which is not supplied: the step runs without it.'
    ])
  })

  test('nothing is said where nothing is known', () => {
    expect(checkOutline(undefined, handed([], []), trusted)).toEqual([])
  })
})
