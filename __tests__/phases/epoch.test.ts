/** The time in a reproducible image. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'
import { settleTime } from '../../src/phases/epoch.js'
import { readDefinition } from '../../src/builds/from_bake.js'
import { parseInputs } from '../../src/inputs/parse.js'
import { inputsOf, look, readGiven, type Given } from '../inputs/support.js'

const exec = createExec(childEnvironment(process.env), new AbortController().signal)
const TIME = 1700000000
let folder: string
/** A folder of the clone. */
let app: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stagegate-epoch-test-'))
  app = path.join(folder, 'clone', 'app')
  mkdirSync(app, { recursive: true })
  const git = (...args: readonly string[]): void => {
    const author = ['-c', 'user.name=committer Else 1 +0000', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false']
    // The author's time is another.
    const env = { ...process.env, GIT_AUTHOR_DATE: '1600000000 +0200', GIT_COMMITTER_DATE: `${TIME} +0200` }
    execFileSync('git', [...author, ...args], { cwd: path.dirname(app), env })
  }
  git('init', '-q')
  git('commit', '-q', '--allow-empty', '-m', 'committer x <y> 1 +0000')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What comes of inputs, with a context of their own or without. */
function settle(given: Given, env: Readonly<Record<string, string>> = {}, place = app) {
  const inputs = inputsOf({ reproducible: 'true', ...given })
  const context = { kind: 'local', path: place } as const
  return settleTime({ exec }, given.context === undefined ? { ...inputs, context } : inputs, { env, workspace: folder })
}

describe('the time is', () => {
  test.each<[string, Given, Readonly<Record<string, string>>, readonly string[]]>([
    ["the commit's", { 'build-args': 'A=1' }, {}, ['A=1', `SOURCE_DATE_EPOCH=${TIME}`]],
    [
      "the commit's, where a name has no value",
      { 'build-args': 'SOURCE_DATE_EPOCH' },
      {},
      [`SOURCE_DATE_EPOCH=${TIME}`]
    ],
    [
      'that of the build arguments',
      { 'build-args': 'SOURCE_DATE_EPOCH=7' },
      { SOURCE_DATE_EPOCH: '8' },
      ['SOURCE_DATE_EPOCH=7']
    ],
    ["that of the step's environment", {}, { SOURCE_DATE_EPOCH: '8' }, ['SOURCE_DATE_EPOCH=8']],
    [
      'of the context',
      { context: 'https://h.example.com/a.git' },
      { SOURCE_DATE_EPOCH: 'context' },
      ['SOURCE_DATE_EPOCH=context']
    ],
    ['nobody asked for', { reproducible: 'false' }, {}, []],
    ['of no matter to a question', { call: 'check' }, {}, []]
  ])('%s', async (_, given, env, buildArgs) => {
    const { inputs, problems, notes } = await settle(given, env)
    expect([problems, inputs.buildArgs]).toEqual([[], buildArgs])
    const said = buildArgs.some((argument) => /EPOCH=(?!1700)/.test(argument))
    expect(notes).toEqual(said ? [expect.stringContaining(buildArgs[0] ?? '')] : [])
  })

  test("that of the workspace's commit, where the context is generated", async () => {
    const generated = mkdtempSync(path.join(folder, 'generated-'))
    const inputs = { ...inputsOf({ reproducible: 'true' }), context: { kind: 'local', path: generated } as const }
    const { inputs: timed } = await settleTime({ exec }, inputs, { env: {}, workspace: app })
    expect(timed.buildArgs).toEqual([`SOURCE_DATE_EPOCH=${TIME}`])
  })
})

const noStage = (): undefined => undefined

describe('a bake file', () => {
  test.each<[string, object, string]>([
    ['that says nothing of it has the time of the commit', { A: '1' }, `SOURCE_DATE_EPOCH=${TIME}`],
    ['that says a time has that', { SOURCE_DATE_EPOCH: '9' }, 'SOURCE_DATE_EPOCH=9']
  ])('%s', async (_, args, expected) => {
    const given = readGiven({ reproducible: 'true' })
    const { images } = readDefinition(
      { groups: { default: ['app'] }, targets: { app: { context: '.', args } } },
      { ...{ tests: [], testReport: '', given }, hasStage: noStage, hasVariable: () => false, mayUse: () => true }
    )
    const { inputs } = parseInputs((name) => images[0]?.texts[name] ?? given(name), look)
    const context = { kind: 'local', path: app } as const
    const { inputs: timed } = await settleTime({ exec }, { ...inputs, context }, { env: {}, workspace: folder })
    expect(timed.buildArgs).toContain(expected)
    expect(timed.buildArgs.filter((argument) => argument.startsWith('SOURCE_DATE_EPOCH'))).toHaveLength(1)
  })
})

describe('there is none', () => {
  test.each<[string, Given, Readonly<Record<string, string>>, object]>([
    ['a context that is elsewhere', { context: 'https://h.example.com/a.git' }, {}, { input: 'reproducible' }],
    ['a word in the environment', {}, { SOURCE_DATE_EPOCH: 'now' }, { input: 'reproducible' }],
    ['a word in the build arguments', { 'build-args': 'SOURCE_DATE_EPOCH=1.5' }, {}, { input: 'build-args' }]
  ])('in %s', async (_, given, env, problem) => {
    expect((await settle(given, env)).problems).toMatchObject([problem])
  })

  test('without a clone, in the words of git', async () => {
    const { problems } = await settle({}, {}, folder)
    expect(problems).toMatchObject([
      { input: 'reproducible', problem: expect.stringContaining('not a git repository') }
    ])
  })

  test('in what only looks like a repository: its configuration would be run', async () => {
    const bare = path.join(folder, 'bare')
    execFileSync('git', ['clone', '-q', '--bare', path.dirname(app), bare])
    writeFileSync(path.join(bare, 'Dockerfile'), 'FROM scratch\n')
    expect((await settle({}, {}, bare)).problems).toHaveLength(1)
  })
})
