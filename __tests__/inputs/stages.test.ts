import { describe, expect, test } from '@jest/globals'
import { parseDockerfile } from '../../src/dockerfile/index.js'
import { environmentNotes } from '../../src/inputs/environment.js'
import { isGateOnly } from '../../src/inputs/inputs.js'
import { checkStages, type Roles } from '../../src/inputs/stages.js'
import { inputsOf, problemsOf, type Given } from './support.js'

const FILE = `ARG VERSION
FROM python:3.12 AS base
ARG APP
RUN pip install x
FROM base AS test
RUN pytest
FROM base AS production
COPY . /app
`

type Given_ = Partial<Omit<Roles, 'shape'> & Roles['shape']>

function check(
  text: string,
  { tests = ['test'], target = '', gateOnly = false, buildArgs = [], buildContexts = [] }: Given_
) {
  return checkStages(parseDockerfile(text), { tests, target, gateOnly, shape: { buildArgs, buildContexts } })
}

test.each([
  ['a comment', 'RUN # pytest'],
  ['mounts alone', 'RUN --mount=type=cache,target=/x'],
  ['a colon', 'RUN :'],
  ['an empty heredoc', 'RUN <<EOF\nEOF'],
  ['a heredoc of comments', 'RUN --network=none <<EOF\n\n# pytest\n  # ruff\nEOF'],
  ['several', 'RUN :\nRUN # x']
])('a RUN without a command tests nothing: %s', (_, run) => {
  const check = (body: string) =>
    checkStages(parseDockerfile(`FROM a AS base\nFROM base AS test\n${body}\nFROM base`), {
      ...{ tests: ['test'], target: '', gateOnly: false, shape: { buildArgs: [], buildContexts: [] } }
    }).problems.map(({ problem }) => problem)
  expect(check(`${run}\nCMD pytest`)).toEqual([
    'the stage "test" (line 2) runs nothing: its RUN has no command, and a build does not run CMD'
  ])
  expect(check(`${run}\nRUN python3 <<EOF\n# tests\nEOF`)).toEqual([])
})

test('what is wrong with the stage of test-report-target is told of that input', () => {
  const roles = { target: '', gateOnly: false, shape: { buildArgs: [], buildContexts: [] }, testReport: 'report' }
  const inputsOfProblems = (text: string, tests: readonly string[]) =>
    checkStages(parseDockerfile(text), { ...roles, tests }).problems.map(({ input }) => input)
  expect(inputsOfProblems('FROM a AS test\nRUN x\nFROM scratch AS report\nCOPY x /\nFROM a', ['report'])).toEqual([
    'test-report-target'
  ])
  expect(inputsOfProblems('FROM a\nRUN x\nFROM a AS report\nRUN y', ['report'])).toEqual(['test-report-target'])
})

describe('a test stage that runs nothing tested nothing', () => {
  test.each<[string, string, Given_]>([
    ['a RUN of its own', FILE, {}],
    [
      'stages that it collects',
      'FROM a AS b\nFROM b AS lint\nRUN x\nFROM b AS unit\nRUN y\nFROM scratch AS test\nCOPY --from=lint / /\nCOPY --from=unit / /\nFROM b AS app\nCOPY . .',
      {}
    ],
    [
      'a collecting last stage, when no image is built',
      'FROM a AS lint\nRUN x\nFROM scratch AS test\nCOPY --from=lint / /',
      { gateOnly: true }
    ],
    [
      'a parent that the image does without',
      'FROM a AS deps\nRUN test -f x\nFROM deps AS test\nCOPY . .\nFROM a\nCOPY . .',
      {}
    ],
    ['a RUN that ONBUILD brings', 'FROM a AS b\nONBUILD RUN pytest\nFROM b AS test\nFROM a\nCOPY . .', {}],
    ['a base that may bring one', 'FROM acme/tester:onbuild AS test\nFROM a\nCOPY . .', {}],
    ['a heredoc', 'FROM a AS test\nRUN <<EOF\npytest\nEOF\nFROM a\nCOPY . .', {}],
    ['another frontend', '# syntax=acme/yaml\nFROM a AS test\nFROM a', {}],
    ['a stage that is not there', FILE, { tests: ['nope'] }]
  ])('%s', (_, text, given) => {
    expect(check(text, given).problems).toEqual([])
  })

  test.each<[string, string, string]>([
    [
      'CMD',
      'FROM a AS base\nRUN pip install x\nFROM base AS test\nCOPY . .\nCMD ["pytest", "-q"]\nFROM base\nCOPY . .',
      'pytest -q'
    ],
    [
      'a RUN of the image alone',
      'FROM a AS base\nRUN pip install x\nFROM base AS test\nENTRYPOINT npm test\nFROM base\nCOPY . .',
      'npm test'
    ],
    [
      'a RUN that is text in a heredoc',
      'FROM a AS b\nFROM b AS test\nCOPY <<EOF /x\nRUN pytest\nEOF\nFROM b\nCOPY . .',
      'COMMAND'
    ]
  ])('%s', (_, text, command) => {
    const line = text.split('\n').findIndex((row) => row.endsWith('AS test')) + 1
    expect(check(text, {}).problems).toEqual([
      {
        input: 'test-target',
        problem: `the stage "test" (line ${line}) runs nothing: it has no RUN, and a build does not run CMD`,
        fix: `Write the test as a step of that stage: "RUN ${command}".`
      }
    ])
  })
})

test('a stage that collects what the image needs anyway is told by the stages to name', () => {
  const text = [
    ...['FROM a AS b', 'RUN install', 'FROM b AS lint', 'RUN ruff', 'FROM b AS unit', 'RUN pytest'],
    ...['FROM scratch AS test', 'COPY --from=lint /ok /lint', 'COPY --from=unit /ok /unit'],
    ...['FROM b', 'COPY --from=test / /tmp/']
  ].join('\n')
  expect(check(text, {}).problems).toEqual([
    {
      input: 'test-target',
      problem: 'the stage "test" (line 7) has no RUN, and the image needs all that it collects',
      fix: 'Name the stages that run the tests: lint, unit.'
    }
  ])
  expect(check(text, { tests: ['lint', 'unit'] }).problems).toEqual([])
})

describe('a stage cannot be both', () => {
  test.each<[Given_, string]>([
    [{ tests: ['production'] }, '"production" is the last stage, which is the image'],
    [{ tests: ['1'], target: 'Test' }, '"1" is the stage that the target "Test" means'],
    [{ tests: ['test'], target: '1' }, '"test" is the stage that the target "1" means']
  ])('%j', (given, problem) => {
    expect(check(FILE, given).problems).toContainEqual({
      input: 'test-target',
      problem,
      fix: 'Name the stage to ship in target, and the stage that tests it in test-target.'
    })
  })

  test('but the last stage may be the only thing that is built', () => {
    expect(check('FROM a AS test\nRUN x', { gateOnly: true }).problems).toEqual([])
  })
})

describe('a named context', () => {
  test.each([
    ['test', '"test" is a test target and also a named context: no test would run'],
    ['TEST', '"TEST" is a test target and also a named context: no test would run'],
    ['production', '"production" is a stage and also a named context, which would take its place'],
    ['base', '"base" is a stage and also a named context, which would take its place'],
    ['test::linux/amd64', '"test::linux/amd64" is a test target and also a named context: no test would run'],
    ['docker.io/library/test', '"docker.io/library/test" is a test target and also a named context: no test would run'],
    ['Test:latest', '"Test:latest" is a test target and also a named context: no test would run'],
    ['base::linux/arm64/v8', '"base::linux/arm64/v8" is a stage and also a named context, which would take its place'],
    [
      'stagegate-gate-2::linux/amd64',
      '"stagegate-gate-2::linux/amd64" is a name that Stagegate uses for a stage of its own'
    ],
    ['stagegate-gate', '"stagegate-gate" is a name that Stagegate uses for a stage of its own']
  ])('%s', (name, problem) => {
    expect(check(FILE, { buildContexts: [`${name}=docker-image://x`] }).problems).toMatchObject([
      { input: 'build-contexts', problem }
    ])
  })

  test.each<[string, readonly string[]]>([
    ['python:3.12', []],
    // Of a bake file, which hands them on as they are written.
    ...['docker.io/library/python:3.12', 'Python:3.12'].map((name): [string, readonly string[]] => [
      name,
      [`build-contexts: nothing in the Dockerfile uses the named context "${name}". BuildKit looks for "python:3.12".`]
    ]),
    ['python:3.12::linux/amd64', []],
    [
      'pyton:3.12',
      ['build-contexts: nothing in the Dockerfile uses the named context "pyton:3.12". Did you mean "python:3.12"?']
    ]
  ])('%s in the place of a base image', (name, notes) => {
    expect(check(FILE, { buildContexts: [`${name}=docker-image://x`] })).toEqual({ problems: [], notes })
  })

  test('may be what a variable means', () => {
    const text = 'ARG B=x\nFROM $B AS base\nFROM base AS test\nRUN x\nFROM base'
    expect(check(text, { buildContexts: ['y=docker-image://x'] }).notes).toEqual([])
  })
})

test('build arguments that nothing takes are told', () => {
  const buildArgs = [
    'VERSION=1',
    'APP=a',
    'VERSIN=2',
    'http_proxy=x',
    'BUILDKIT_INLINE_CACHE=1',
    'CI',
    'DOCKER_META_IMAGES=a'
  ]
  expect(check(FILE, { buildArgs }).notes).toEqual([
    'build-args: no ARG of the Dockerfile takes "VERSIN". Did you mean "VERSION"?',
    'build-args: no ARG of the Dockerfile takes "CI".'
  ])
})

describe('moving over', () => {
  test.each<[Given, boolean]>([
    [{ 'test-target': 'test' }, true],
    [{ 'test-target': 'test', tags: 'ghcr.io/a/b:1' }, false],
    [{ 'test-target': 'test', 'max-size': '2MB' }, false],
    [{ 'test-target': 'test', 'max-layers': '3' }, false],
    [{ 'test-target': 'test', target: 'production' }, false],
    [{ 'test-target': 'test', load: 'true' }, false],
    [{ 'test-target': 'test', smoke: '--version' }, false],
    [{ 'test-target': 'test', verify: 'trivy image' }, false],
    [{ tags: 'ghcr.io/a/b:1' }, false]
  ])('%j is tests alone: %s', (given, expected) => {
    expect(isGateOnly(inputsOf(given))).toBe(expected)
  })

  test.each([
    ['{{defaultContext}}', 'Leave context out'],
    ['{{defaultContext}}:server', 'Write "./server"'],
    ['{{ defaultContext }}:./a/b', 'Write "./a/b"']
  ])('the context %s is explained', (context, fix) => {
    expect(problemsOf({ context })).toContain(
      `context: "${context}" is not expanded here. ${fix}, and run actions/checkout before this step.`
    )
  })

  test('call asks a question and leaves nothing behind', () => {
    expect(inputsOf({ call: 'check', comment: 'true', 'cache-image': 'a/cache', 'commit-status': 'x' })).toMatchObject({
      call: 'check',
      comment: 'false',
      cacheImage: '',
      commitStatus: '',
      cacheMounts: false
    })
    expect(problemsOf({ call: 'chek' })).toHaveLength(1)
  })

  test('variables without effect are named', () => {
    expect(
      environmentNotes({ DOCKER_BUILD_SUMMARY: 'false', DOCKER_BUILD_RECORD_UPLOAD: '', BUILDX_BUILDER: 'x' })
    ).toEqual(['DOCKER_BUILD_SUMMARY has no effect: the summary is always written.'])
  })
})

test('colons of any number in a reference are read once', () => {
  const dockerfile = `FROM a AS test\nRUN a\nFROM a\nCOPY --from="a${':'.repeat(2_000_000)}\u2028b" c /d`
  expect(check(dockerfile, { buildContexts: ['a=b'] }).notes).toEqual([])
})
