/** Test reports out of a packed mount: real archives, as a step packs them. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mountKey } from '../../src/mounts/mount.js'
import { readReports, reportWriters, writeIndex, type ReportWriter } from '../../src/mounts/reports.js'
import type { TestFindings } from '../../src/test_reports/model.js'
import { stepsOf } from '../explain/support/builds.js'

jest.setTimeout(60_000) // it reads what is large

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stagegate-reports-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const mount = { id: 'test-reports', sharing: 'shared' } as const
const writer = (changed: Partial<ReportWriter> = {}): ReportWriter => ({
  ...{ mount, stage: 'test', startedAt: 1_000_000, seconds: 10, ran: true, cached: false, mark: 'm1' },
  ...changed
})
const passing = '<testsuite><testcase classname="a" name="b"/></testsuite>'

type Kept = Readonly<
  Record<string, { readonly writers: readonly ReportWriter[]; readonly files: Readonly<Record<string, string>> }>
>

/** A mount as a step packs it. Its files were written while the steps ran, unless told. */
async function read(kept: Kept, writers: readonly ReportWriter[], writtenAt = 1005): Promise<TestFindings> {
  const content = mkdtempSync(path.join(folder, 'mount-'))
  for (const [run, { writers: own, files }] of Object.entries(kept)) {
    const place = path.join(content, '.stagegate', run)
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(place, 'files', name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, text)
      utimesSync(file, writtenAt, writtenAt)
    }
    writeFileSync(path.join(place, 'index.json'), `${writeIndex(own)}\n`)
    symlinkSync('/etc/passwd', path.join(place, 'files', 'link.xml'))
  }
  const file = `${content}.tar`
  execFileSync('tar', ['-C', content, '--numeric-owner', '-cf', file, '.'])
  return readReports(writers, {
    packed: new Map([[mountKey(mount), { file }]]),
    ...{ run: 'r2', folder: `${content}-out`, redact: (text: string) => text.replaceAll('hunter2', '***') },
    ...{ elsewhere: () => false, exists: () => false }
  })
}

describe('a step that ran', () => {
  test('has the files of its run, and leaves them in a folder', async () => {
    const {
      stages,
      complete,
      folder: out = ''
    } = await read(
      {
        r2: {
          writers: [writer()],
          files: { 'deep/junit.xml': passing.replace('"b"', '"hunter2"'), 'page.html': '<p>' }
        }
      },
      [writer()]
    )
    expect(stages).toMatchObject([{ stage: 'test', files: 1, cached: false, counts: { passed: 1 }, omissions: [] }])
    expect(complete).toBe(true)
    expect(readFileSync(path.join(out, 'test', 'deep', 'junit.xml'), 'utf8')).toContain('name="***"')
    expect(existsSync(path.join(out, 'test', 'link.xml'))).toBe(false)
  })

  test('has nothing of an earlier run, whatever the clock of the runner says', async () => {
    const found = await read({ r2: { writers: [writer()], files: { 'junit.xml': passing } } }, [writer()], 900)
    expect(found.stages).toMatchObject([{ files: 0, counts: { passed: 0 } }])
    expect(found.stages[0]?.omissions).toEqual(['test ran, and left no JUnit file in its cache mount.'])
    expect([found.complete, found.folder]).toEqual([false, undefined])
  })

  test.each([
    ['too many bytes', `<testsuite>${' '.repeat(51 * 2 ** 20)}</testsuite>`, 'is not read'],
    [
      'too many tests',
      `<testsuite>${'<testcase name="x"/>'.repeat(100_001)}</testsuite>`,
      'has more than 100000 tests'
    ],
    ['a document that ends too soon', passing.replace('</testsuite>', ''), 'is broken'],
    ['no XML at all', 'ok', 'is broken'],
    ['tests without a name', '<testsuite tests="1"/>', 'counts 1 test, and names none of them']
  ])('is never whole with %s', async (_name, text, omission) => {
    const { stages, complete } = await read({ r2: { writers: [writer()], files: { 'junit.xml': text } } }, [writer()])
    expect(stages[0]?.omissions.join(' ')).toContain(omission)
    expect(complete).toBe(false)
  })
})

test('a report without a test is whole: that there is none is known', async () => {
  const { stages, complete, outcomes } = await read(
    { r2: { writers: [writer()], files: { 'junit.xml': '<testsuite tests="0"/>' } } },
    [writer()]
  )
  expect(stages).toMatchObject([{ files: 1, omissions: ['test left no test in its JUnit files.'] }])
  expect(stages[0]).not.toHaveProperty('whole')
  expect([complete, outcomes.size]).toEqual([true, 0])
})

describe('a cached step', () => {
  const cached = writer({ ran: false, cached: true, startedAt: 0 })

  test('has the report of the run that was made of the same', async () => {
    const kept: Kept = {
      r0: { writers: [writer()], files: { 'junit.xml': passing } },
      r1: { writers: [writer({ mark: 'm2' })], files: { 'junit.xml': '<testsuite/>' } }
    }
    expect((await read(kept, [cached])).stages).toMatchObject([{ cached: true, counts: { passed: 1 }, omissions: [] }])
  })

  test.each<[string, ReportWriter]>([
    ['of another make', { ...cached, mark: 'm3' }],
    ['of another stage', { ...cached, stage: 'lint' }],
    ['of which not all is known', { ...cached, mark: undefined } as unknown as ReportWriter]
  ])('%s has none, and it is said', async (_name, step) => {
    const { stages } = await read({ r0: { writers: [writer()], files: { 'junit.xml': passing } } }, [step])
    expect(stages).toMatchObject([{ cached: true, files: 0, counts: { passed: 0 } }])
    expect(stages[0]?.omissions[0]).toMatch(/came from the cache, and the report .* is not on this builder/)
  })
})

test('steps that mount the folder are known by the id', () => {
  const run = (id: string): string => `RUN --mount=type=cache,id=${id},target=/r x`
  const names = ['test-reports', 'test-reports-amd64', 'test-reports/unit', 'test-reportsX', 'my-test-reports']
  const steps = stepsOf(names.map((id, at) => [`[s${at} 1/1] ${run(id)}`, 1]))
  expect(reportWriters(steps, undefined, () => undefined).map(({ stage }) => stage)).toEqual(['s0', 's1', 's2'])
})
