import { describe, expect, test } from '@jest/globals'
import {
  findMissingCredential,
  findMissingStage,
  findUnusedSecrets,
  lint,
  listStages,
  mountsCredentials,
  namesStage,
  readOutline
} from '../../src/buildkit/preflight.js'
import type { Command, Exec } from '../../src/ports.js'
import { recordedText } from '../fixtures/recorded.js'

const command: Command = { file: 'docker', args: ['buildx', 'build', '--call=…'] }

/** Answers as buildx did; with exit code 1, as it has for findings and for mistakes alike. */
function answering(stdout: string): Exec {
  return () => Promise.resolve({ exitCode: 1, stdout, stderr: '', timedOut: false })
}
const recorded = (name: string): Exec => answering(recordedText(`${name}.json`))

describe('stages', () => {
  test('with names', async () => {
    expect(await listStages(recorded('targets'), command)).toEqual([
      { index: 0, name: 'base', isDefault: false },
      { index: 1, name: 'builder', isDefault: false },
      { index: 2, name: 'test', isDefault: false },
      { index: 3, name: 'production', isDefault: true }
    ])
  })

  test('without', async () => {
    expect(await listStages(recorded('targets-unnamed'), command)).toEqual([
      { index: 0, isDefault: false },
      { index: 1, name: 'named', isDefault: false },
      { index: 2, isDefault: true }
    ])
  })

  test.each(['', 'unknown flag: --call', '{"sources":[]}', '[]'])('an answer that is none: %j', async (stdout) => {
    expect(await listStages(answering(stdout), command)).toBeUndefined()
  })

  test('one that is missing is told with those that are there', async () => {
    const stages = (await listStages(recorded('targets'), command)) ?? []
    expect(
      findMissingStage(stages, [
        { input: 'test-target', stage: 'tset' },
        { input: 'test-target', stage: 'TEST' },
        { input: 'target', stage: 'prod' },
        { input: 'target', stage: '3' }
      ])
    ).toEqual({
      kind: 'input',
      problems: [
        {
          input: 'test-target',
          problem: 'the Dockerfile has no stage "tset"',
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

  test('none is missing', async () => {
    const stages = (await listStages(recorded('targets-unnamed'), command)) ?? []
    expect(
      findMissingStage(stages, [
        { input: 'target', stage: 'Named' },
        { input: 'test-target', stage: '0' }
      ])
    ).toBeUndefined()
  })

  test('two with a blank between them, as a folded block leaves them', async () => {
    const stages = (await listStages(recorded('targets'), command)) ?? []
    expect(findMissingStage(stages, [{ input: 'test-target', stage: 'builder Test' }])).toMatchObject({
      problems: [{ fix: 'Put a comma between two stages, or each on a line of its own.' }]
    })
  })

  test('a Dockerfile without names is told how to give them', () => {
    expect(findMissingStage([{ index: 0, isDefault: true }], [{ input: 'target', stage: 'x' }])).toMatchObject({
      problems: [{ fix: 'No stage has a name: add "AS NAME" to its FROM line.' }]
    })
  })
})

describe('mounts', () => {
  test('of a target and the stages it is built from', async () => {
    expect(await readOutline(recorded('outline'), command)).toEqual({
      secrets: [
        { id: 'index', required: true, line: 3 },
        { id: 'optional', required: false, line: 8 }
      ],
      ssh: [
        { id: 'default', required: false, line: 3 },
        { id: 'github', required: true, line: 8 }
      ]
    })
  })

  test('of a target that needs less', async () => {
    const outline = await readOutline(recorded('outline-production'), command)
    expect(outline?.secrets.map(({ id }) => id)).toEqual(['index'])
    expect(outline?.ssh.map(({ id }) => id)).toEqual(['default'])
  })

  test('of a target that needs none', async () => {
    expect(await readOutline(recorded('outline-empty'), command)).toEqual({ secrets: [], ssh: [] })
  })

  test('of an image that cannot be reached are not known', async () => {
    expect(await readOutline(recorded('outline-unreachable'), command)).toBeUndefined()
  })

  test.each<[readonly string[], readonly string[], object | undefined]>([
    [[], [], { kind: 'credential', credential: 'secret', id: 'index', line: 3 }],
    [['index'], ['default'], { kind: 'credential', credential: 'ssh', id: 'github', line: 8 }],
    [['INDEX'], ['github'], { kind: 'credential', credential: 'secret', id: 'index', line: 3 }],
    [['index'], ['github'], undefined]
  ])('with the secrets %j and the ssh ids %j', async (secrets, ssh, failure) => {
    const outline = (await readOutline(recorded('outline'), command)) ?? { secrets: [], ssh: [] }
    expect(findMissingCredential(outline, { secrets, ssh })).toEqual(failure)
  })

  test('supplied and not mounted', async () => {
    const outline = (await readOutline(recorded('outline'), command)) ?? { secrets: [], ssh: [] }
    expect(findUnusedSecrets(outline, ['index', 'optional', 'indx'])).toEqual(['indx'])
  })
})

describe('lint', () => {
  test('has rule, message, address and line of each finding', async () => {
    const findings = await lint(recorded('check'), command)
    expect(findings[0]).toEqual({
      rule: 'StageNameCasing',
      message: "Stage name 'Base' should be lowercase",
      url: 'https://docs.docker.com/go/dockerfile/rule/stage-name-casing/',
      line: 1
    })
    expect(findings.map(({ rule, line }) => `${rule} ${line ?? ''}`)).toEqual([
      'StageNameCasing 1',
      'FromAsCasing 1',
      'MaintainerDeprecated 2',
      'ConsistentInstructionCasing 1',
      'InvalidDefaultArgInFrom 7'
    ])
  })

  test.each(['check-clean', 'check-build-error'])('%s has none', async (name) => {
    expect(await lint(recorded(name), command)).toEqual([])
  })
})

describe('what the text alone tells', () => {
  test.each<[string, string, boolean]>([
    ['FROM a AS test\n', 'test', true],
    ['  from a as Test  \r\n', 'TEST', true],
    ['FROM --platform=$BUILDPLATFORM a:1 AS test', 'test', true],
    ['FROM a AS tester\n', 'test', false],
    ['FROM a AS t.st\n', 'test', false],
    ['FROM a AS test\n', 't.st', false],
    ['FROM a AS x(y\n', 'x(y', true],
    ['# FROM a AS test\n', 'test', false],
    ['FROM a \\\n AS test\n', 'test', false],
    ['FROM test\n', 'test', false]
  ])('%j names "%s": %s', (text, stage, expected) => {
    expect(namesStage(text, stage)).toBe(expected)
  })

  test.each<[string, boolean]>([
    ['RUN --mount=type=secret,id=x true', true],
    ['RUN --mount=id=x,type=ssh true', true],
    ['RUN --mount=type=$KIND true', true],
    ['RUN --mount=type=cache,target=/x true', false],
    ['# syntax=docker/dockerfile:1\nRUN --mount=target=/x true', true],
    ['RUN true', false]
  ])('%j can mount credentials: %s', (text, expected) => {
    expect(mountsCredentials(text)).toBe(expected)
  })
})

test('blanks of any number behind FROM are read once', () => {
  const blanks = ' '.repeat(2_000_000)
  expect(namesStage(`FROM${blanks}x`, 'test')).toBe(false)
  expect(namesStage(`FROM x${blanks}AS${blanks}test`, 'test')).toBe(true)
  expect(mountsCredentials(`#${blanks}x --mount=`)).toBe(false)
})
