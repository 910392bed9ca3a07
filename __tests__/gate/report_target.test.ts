/** The stage of `test-report-target`: its exit code decides, and what is no exit code never passes. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {
  failedStages,
  isCachedExport,
  judgeExports,
  readExports,
  type StageExport
} from '../../src/gate/report_target.js'
import { planTargets, type PlannedTarget } from '../../src/gate/targets.js'
import { file, folder, symlink, tar, type TarInput } from '../image/support/tar-builder.js'
import { step } from '../report/support/reports.js'

let place: string
beforeAll(() => {
  place = mkdtempSync(path.join(os.tmpdir(), 'stagegate-report-target-'))
})
afterAll(() => {
  rmSync(place, { recursive: true })
})

function planned(): readonly PlannedTarget[] {
  return planTargets({
    ...{ tests: ['unit', 'report'], testReport: 'report', target: undefined, platforms: [], annotations: [] },
    exporting: { folder: place, attributes: [], attestations: [], files: [], tags: [], names: [], cacheTo: [] }
  })
}

async function exported(...entries: readonly TarInput[]): Promise<readonly StageExport[]> {
  writeFileSync(path.join(place, 'test-report-0.tar'), tar(entries))
  return readExports(planned(), true)
}

const ran = step('RUN pytest; echo $? > /out/exit-code', { stage: 'run-tests', vertex: 'sha256:run' })
const copied = step('COPY --from=run-tests /out /', { stage: 'report', vertex: 'sha256:copy', state: 'cached' })
const progress = {
  steps: [ran, copied],
  builtFor: new Map([
    ['sha256:run', ['_test1-0']],
    ['sha256:copy', ['_test1-0']]
  ])
}
const judge = (exports: readonly StageExport[]) => judgeExports(exports, ['_image-0'], progress)

it('only that stage is exported, as an archive that no link leads out of', () => {
  expect(planned().map(({ stage, outputs }) => [stage, ...outputs])).toEqual([
    ['unit', 'type=cacheonly'],
    ['report', `type=tar,dest=${place}/test-report-0.tar`]
  ])
})

describe('the exit code', () => {
  it.each<readonly [string, string]>([
    ['exit-code', '0\n'],
    ['exit_code', '0'],
    ['exitcode', ' 0 '],
    ['out/exit-code.txt', '0\r\n']
  ])('of %s passes when it is %j', async (name, content) => {
    const exports = await exported(file(name, content), file('junit.xml', '<testsuites/>'))
    expect(judge(exports)).toBeUndefined()
    expect(failedStages(exports)).toEqual([])
    expect(exports[0]?.files.map((each) => each.path)).toEqual(['junit.xml'])
  })

  it('that is not 0 is the failure of the step that ran the tests', async () => {
    const exports = await exported(file('exit-code', '4\n'))
    expect(judge(exports)).toEqual({ kind: 'test', step: ran, exitCode: 4, reported: true })
    expect(failedStages(exports)).toEqual(['report'])
  })

  it('of several the one that is not 0 counts', async () => {
    expect(judge(await exported(file('a/exit-code', '0'), file('b/exit-code', '1')))).toMatchObject({ exitCode: 1 })
  })

  it.each<readonly [string, readonly TarInput[], string]>([
    ['is not there', [file('junit.xml', '<testsuites/>')], 'exports no file "exit-code"'],
    ['is a folder', [folder('exit-code')], 'exports no file "exit-code"'],
    ['is a link', [symlink('exit-code', '/dev/null')], 'exports no file "exit-code"'],
    ['is empty', [file('exit-code')], 'holds no exit code'],
    ['is a word', [file('exit-code', 'passed')], 'holds no exit code'],
    ['is below zero', [file('exit-code', '-1')], 'holds no exit code'],
    ['is a book', [file('exit-code', '0'.repeat(1000))], 'holds no exit code'],
    ['is beside one that says 0', [file('exit-code', '0'), file('b/exit-code', '')], 'holds no exit code']
  ])('that %s is red', async (_what, entries, problem) => {
    const exports = await exported(...entries)
    expect(judge(exports)).toMatchObject({
      kind: 'input',
      problems: [{ input: 'test-report-target', problem: expect.stringContaining(problem) }]
    })
    expect(failedStages(exports)).toEqual(['report'])
  })
})

it('paths that lead out are left out', async () => {
  const [only] = await exported(file('../a.xml', '<a/>'), file('/b/../../c.xml', '<a/>'), file('./d/e.xml', '<a/>'))
  expect(only?.files.map((each) => each.path)).toEqual(['d/e.xml'])
})

it('an archive that a red call has left unfinished is none; a green one has it whole', async () => {
  writeFileSync(path.join(place, 'test-report-0.tar'), tar([file('junit.xml', 'x'.repeat(2000))]).subarray(0, 700))
  expect(await readExports(planned(), false)).toEqual([])
  await expect(readExports(planned(), true)).rejects.toThrow()
})

it('is cached when no command of its own ran, however the files were copied', async () => {
  const exports = await exported(file('exit-code', '0'))
  const [only] = exports
  if (only === undefined) throw new Error('nothing exported')
  expect(isCachedExport(only, [], progress)).toBe(false)
  const cached = { ...progress, steps: progress.steps.map((each) => ({ ...each, state: 'cached' as const })) }
  expect(isCachedExport(only, [], cached)).toBe(true)
})
