/** Test reports in a cache mount: what the tests themselves say of a run, green, red, cached; and what never counts. */
import { describe, expect, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { JSONReport } from '../../src/report/surfaces/json.js'
import type { StepResult } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { baseImage, fresh, startWorkspace, type Files, type Workspace } from './support/workspace.js'

jest.setTimeout(180_000)

/** Like pytest: a report in the folder that it is told, and an exit code. */
const tests = (...names: readonly string[]): string =>
  `<testsuites><testsuite name="pytest">${names
    .map((name) =>
      name.startsWith('!')
        ? `<testcase classname="tests.test_app" name="${name.slice(1)}" time="0.1"><failure message="AssertionError: ${name.slice(1)} is wrong">def test():
tests/test_app.py:2: AssertionError</failure></testcase>`
        : `<testcase classname="tests.test_app" name="${name}" time="0.1"/>`
    )
    .join('')}</testsuite></testsuites>\n`

const mount = 'RUN --mount=type=cache,id=test-reports,target=/reports'

/** Its cache mounts are in a namespace of their own: an engine has one mount of a name for everybody. */
async function project(files: Files = {}): Promise<Workspace & { readonly inputs: Record<string, string> }> {
  const base = await baseImage('busybox')
  const workspace = await startWorkspace({
    Dockerfile: `FROM ${base} AS test
WORKDIR /srv
RUN echo ${fresh()}
COPY junit.xml verdict ./
${mount} cp junit.xml /reports/ && sh verdict
FROM ${base} AS production
`,
    'junit.xml': tests('one', 'two', 'three'),
    verdict: 'exit 0',
    'tests/test_app.py': 'def test():\n    assert False\n',
    '.dockerignore': 'tests\nnotes.txt\n',
    ...files
  })
  const namespace = fresh()
  return {
    ...workspace,
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
    inputs: {
      ...{ 'test-target': 'test', target: 'production', comment: 'false', 'compare-to': 'none' },
      'build-args': `BUILDKIT_CACHE_MOUNT_NS=${namespace}`
    }
  }
}

async function told(result: StepResult): Promise<NonNullable<JSONReport['tests']>['stages']> {
  const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as JSONReport
  return report.tests?.stages ?? []
}

const files = ({ outputs }: StepResult): readonly string[] =>
  outputs['test-reports'] === undefined
    ? []
    : readdirSync(outputs['test-reports'], { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.xml')
      )

describe('one stage', () => {
  test('green: counted in heading and table, and a folder to upload', async () => {
    await using workspace = await project()
    const green = await workspace.run(workspace.inputs)
    expectExit(green, 0)
    expect(await told(green)).toEqual([
      expect.objectContaining({ stage: 'test', cached: false, files: 1, counts: { passed: 3, failed: 0, skipped: 0 } })
    ])
    expect(green.summary).toMatch(/\*\*Gate passed\*\* \(`test`.*\): 3.passed/)
    expect(green.summary).toContain('passed: 3 passed')
    expect(files(green)).toEqual([path.join('test', 'junit.xml')])
  })

  test('red: the failing tests come first, with message, place and annotation', async () => {
    await using workspace = await project({ 'junit.xml': tests('one', '!two'), verdict: 'exit 1' })
    const red = await workspace.run(workspace.inputs)
    expectExit(red, 1)
    expect(red.summary).toMatch(/^## ❌ .*the tests failed \(1 passed, 1 failed\), nothing was published/)
    expect(red.summary).toMatch(/### The failing test\n\n- \*\*`tests.test_app › two`\*\* · .*tests\/test_app.py:2/)
    expect(red.summary.indexOf('The failing test')).toBeLessThan(red.summary.indexOf('ended with exit code 1'))
    expect(red.annotations).toContainEqual(
      expect.objectContaining({ level: 'error', text: expect.stringContaining('two is wrong') })
    )
    expect(red.log).toMatch(/::error title=[^\n]*tests\.test_app › two,file=tests\/test_app.py,line=2::/)
    expect(files(red)).toHaveLength(1)
  })

  long.test('a red report beside a green gate is never called passed', async () => {
    await using workspace = await project({ 'junit.xml': tests('one', '!two') })
    const odd = await workspace.run(workspace.inputs)
    expectExit(odd, 0)
    expect(odd.summary).toMatch(/^## ⚠️ .*tests failed \(1 passed, 1 failed\), and the gate passed/)
    expect(odd.summary).toContain('its command ended with exit code 0')
    expect(odd.summary).not.toMatch(/tests passed/)
  })

  long.test('cached: the report of the run that tested these very files, however many came between', async () => {
    await using workspace = await project()
    expectExit(await workspace.run(workspace.inputs), 0)
    const again = await workspace.run(workspace.inputs)
    expectExit(again, 0)
    expect(await told(again)).toMatchObject([{ cached: true, files: 1, counts: { passed: 3 }, omissions: [] }])
    expect(again.summary).toMatch(/^## ✅ .*tests passed \(cached\)/)
    expect(again.summary).toContain('came from the cache: the report is that of the run which tested these very files')

    await workspace.write({ 'junit.xml': tests('one', 'two', 'three', 'four') })
    expect(await told(await workspace.run(workspace.inputs))).toMatchObject([{ cached: false, counts: { passed: 4 } }])
    await workspace.write({ 'junit.xml': tests('one', 'two', 'three'), 'notes.txt': 'not in the context' })
    const back = await workspace.run(workspace.inputs)
    expect(await told(back)).toMatchObject([{ cached: true, counts: { passed: 3 } }])
    expect(files(back)).toHaveLength(1)
  })

  long.test('cached, and the report is not on this builder: said, not made up', async () => {
    await using workspace = await project()
    expectExit(await workspace.run(workspace.inputs), 0)
    const elsewhere = { ...workspace.inputs, 'build-args': `BUILDKIT_CACHE_MOUNT_NS=${fresh()}` }
    const cached = await workspace.run(elsewhere)
    expectExit(cached, 0)
    expect(await told(cached)).toMatchObject([{ cached: true, files: 0, counts: { passed: 0 } }])
    expect(cached.summary).toContain('the report of the run that it was cached from is not on this builder')
    expect(cached.outputs['test-reports']).toBeUndefined()
  })
})

describe('what never counts', () => {
  test('a file of an earlier build, and of one that nobody read', async () => {
    await using workspace = await project()
    // Whatever built this did not come by to take its report out of the mount.
    const args = ['--target', 'test', '--build-arg', workspace.inputs['build-args'] ?? '']
    execFileSync('docker', ['buildx', 'build', ...args, '--output', 'type=cacheonly', workspace.folder], {
      stdio: 'pipe'
    })
    await new Promise((resolve) => setTimeout(resolve, 1100)) // times in an archive are whole seconds
    await workspace.write({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test
RUN echo ${fresh()}
${mount} ls /reports | grep junit.xml && echo crashed; exit 7
FROM scratch AS production
`
    })
    const crashed = await workspace.run(workspace.inputs)
    expectExit(crashed, 1)
    expect(crashed.log).toContain('crashed')
    expect(await told(crashed)).toMatchObject([{ files: 0, counts: { passed: 0, failed: 0 } }])
    expect(crashed.summary).toContain('left no JUnit file in its cache mount')
    expect(crashed.summary).toMatch(/^## ❌ .*the tests failed, nothing was published/)
  })

  long.test('broken XML: what was read, and that the rest is missing', async () => {
    await using workspace = await project({ 'junit.xml': tests('one', 'two').replace('</testsuites>', '<bad') })
    const result = await workspace.run(workspace.inputs)
    expectExit(result, 0)
    expect(await told(result)).toMatchObject([{ counts: { passed: 2 } }])
    expect(result.summary).toContain('junit.xml is broken')
  })

  test('a secret that a test prints', async () => {
    const secret = `hush-${fresh()}`
    await using workspace = await project({
      'junit.xml': tests(`prints_${secret}`, `!fails_${secret}`),
      verdict: 'exit 1'
    })
    const red = await workspace.run({ ...workspace.inputs, secrets: `token=${secret}` })
    expectExit(red, 1)
    const folder = red.outputs['test-reports'] ?? ''
    const places = {
      summary: red.summary,
      report: await readFile(red.outputs.report ?? '', 'utf8'),
      annotations: JSON.stringify(red.annotations),
      files: await readFile(path.join(folder, 'test', 'junit.xml'), 'utf8')
    }
    for (const [place, text] of Object.entries(places)) expect([place, text.includes(secret)]).toEqual([place, false])
    expect(places.files).toContain('***')
  })
})

describe('several stages', () => {
  const several = async (unit: string, lint: string): Promise<string> => `FROM ${await baseImage('busybox')} AS base
WORKDIR /srv
COPY *.xml ./
RUN echo ${fresh()}
FROM base AS unit
${unit}
FROM base AS lint
${lint}
FROM scratch AS production
`
  const xml = { 'unit.xml': tests('a', 'b'), 'lint.xml': tests('c', '!d') }
  const both = { 'test-target': 'unit, lint' }

  long.test('each has a folder, with mounts of their own', async () => {
    await using workspace = await project({
      ...xml,
      Dockerfile: await several(
        `${mount.replace('test-reports', 'test-reports-unit')} cp unit.xml /reports/junit.xml`,
        `${mount.replace('test-reports', 'test-reports-lint')} cp lint.xml /reports/junit.xml`
      )
    })
    const result = await workspace.run({ ...workspace.inputs, ...both })
    expectExit(result, 0)
    expect((await told(result)).map(({ stage, counts }) => [stage, counts.passed, counts.failed])).toEqual([
      ['lint', 1, 1],
      ['unit', 2, 0]
    ])
    expect([...files(result)].sort()).toEqual([path.join('lint', 'junit.xml'), path.join('unit', 'junit.xml')])
  })

  long.test('one mount: told apart by their names, and else said that they cannot be', async () => {
    await using workspace = await project({
      ...xml,
      Dockerfile: await several(
        `${mount} sleep 3; mkdir -p /reports/unit; cp unit.xml /reports/unit/junit.xml`,
        `${mount} sleep 3; mkdir -p /reports/lint; cp lint.xml /reports/lint/junit.xml`
      )
    })
    const named = await workspace.run({ ...workspace.inputs, ...both })
    expectExit(named, 0)
    expect((await told(named)).map(({ stage, counts }) => [stage, counts.passed, counts.failed])).toEqual([
      ['lint', 1, 1],
      ['unit', 2, 0]
    ])

    await workspace.write({
      Dockerfile: await several(
        `${mount} sleep 3; cp unit.xml /reports/junit.xml`,
        `${mount} sleep 3; cp lint.xml /reports/junit.xml`
      )
    })
    const mixed = await workspace.run({ ...workspace.inputs, ...both })
    expectExit(mixed, 0)
    expect(await told(mixed)).toMatchObject([{ stage: 'lint, unit', files: 1 }])
    expect(mixed.summary).toContain('wrote to one cache mount at the same time')
  })
})

describe('a stage whose files are exported', () => {
  const dockerfile = async (run: string, more = 'COPY --from=run-tests /out /'): Promise<string> => {
    const base = await baseImage('busybox')
    return `FROM ${base} AS run-tests
WORKDIR /srv
RUN echo ${fresh()}
COPY junit.xml verdict ./
RUN mkdir /out && cp junit.xml /out/ && ${run}
FROM scratch AS report
${more}
FROM ${base} AS production
`
  }
  const judged = 'echo "the tests say" && sh verdict; echo $? > /out/exit-code'
  const asked = (inputs: Record<string, string>) => ({ ...inputs, 'test-target': '', 'test-report-target': 'report' })

  long.test('green, then cached: counted, and a folder to upload', async () => {
    await using workspace = await project({ Dockerfile: await dockerfile(judged) })
    const green = await workspace.run(asked(workspace.inputs))
    expectExit(green, 0)
    expect(await told(green)).toMatchObject([
      { stage: 'report', cached: false, files: 1, counts: { passed: 3, failed: 0 }, omissions: [] }
    ])
    expect(green.outputs.gate).toBe('passed')
    expect(green.summary).toMatch(/\*\*Gate passed\*\* \(`report`.*\): 3.passed/)
    expect(files(green)).toEqual([path.join('report', 'junit.xml')])

    const again = await workspace.run(asked(workspace.inputs))
    expectExit(again, 0)
    expect(await told(again)).toMatchObject([{ cached: true, files: 1, counts: { passed: 3 } }])
  })

  test('red by its exit code: the failing tests, the step that ran them, nothing leaves; also from the cache', async () => {
    await using workspace = await project({
      Dockerfile: await dockerfile(judged),
      'junit.xml': tests('one', '!two'),
      verdict: 'exit 3'
    })
    for (const cached of [false, true]) {
      const red = await workspace.run(asked(workspace.inputs))
      expectExit(red, 1)
      expect(await told(red)).toMatchObject([{ cached }])
      expect(red.outputs).toMatchObject({ gate: 'failed', published: 'false' })
      expect(red.summary).toMatch(/^## ❌ .*the tests failed \(1 passed, 1 failed\), nothing was published/)
      expect(red.summary).toContain('### The failing test')
      expect(red.summary).toMatch(/\*\*`run-tests`\*\* · .* left the exit code 3 in its report/)
      expect(red.summary).not.toContain('ended with exit code')
      expect(files(red)).toEqual([path.join('report', 'junit.xml')])
    }
  })

  test.each(
    some(
      [
        ['no exit code', 'true', undefined, 'exports no file "exit-code"'],
        [
          'a word for a number',
          'echo fine > /out/exit-code',
          undefined,
          'has an exit-code file that holds no exit code'
        ],
        ['an empty one', ': > /out/exit-code', undefined, 'has an exit-code file that holds no exit code'],
        ['tests that did not run', 'true', 'COPY junit.xml /\nCOPY verdict /exit-code', 'runs nothing']
      ],
      1
    )
  )('with %s: red, and says what to write', async (_what, run, more, problem) => {
    await using workspace = await project({ Dockerfile: await dockerfile(run, more) })
    const red = await workspace.run(asked(workspace.inputs))
    expectExit(red, 1)
    expect(red.outputs.published).toBe('false')
    expect(red.summary).toContain(problem)
  })
})
