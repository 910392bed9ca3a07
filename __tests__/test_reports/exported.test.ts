/** JUnit files that a stage has exported: counted, written out without secrets, and never a pass by being broken. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { FoundFile } from '../../src/test_reports/collect.js'
import { joinFindings, readExported, type ExportedFiles } from '../../src/test_reports/exported.js'
import { MOST_BYTES } from '../../src/test_reports/model.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stagegate-exported-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const found = (name: string, text: string, size = text.length): FoundFile => ({
  path: name,
  size,
  read: () => Readable.from([Buffer.from(text)]) as AsyncIterable<Buffer>
})
const passing = '<testsuite name="s"><testcase name="a"/></testsuite>'
const read = (files: readonly FoundFile[], more: Partial<ExportedFiles> = {}, place = folder) =>
  readExported([{ stage: 'report', platform: '', cached: false, files, ...more }], {
    folder: place,
    redact: (text) => text.replaceAll('hush', '***'),
    exists: (file) => file === 'tests/test_a.py'
  })

it('counts, and writes a folder a stage and a platform', async () => {
  const tests = await read([found('a.xml', passing), found('b/c.xml', passing.replace('"a"', '"b hush"'))], {
    platform: 'linux/arm64'
  })
  expect(tests).toMatchObject({
    folder,
    complete: true,
    stages: [{ stage: 'report', platform: 'linux/arm64', files: 2, counts: { passed: 2 }, omissions: [] }]
  })
  const place = path.join(folder, 'report', 'linux-arm64')
  expect(readdirSync(place, { recursive: true }).sort()).toEqual(['a.xml', 'b', path.join('b', 'c.xml')])
  expect(readFileSync(path.join(place, 'b', 'c.xml'), 'utf8')).not.toContain('hush')
})

describe('an encoding', () => {
  const report = (named: string, name = 'größe') =>
    `<?xml version="1.0" encoding="${named}"?>\n<testsuite name="s"><testcase name="${name}"/></testsuite>`
  const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
  it.each<[string, Buffer]>([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${report('utf-8')}`)],
    ['UTF-8 that calls itself UTF-16', Buffer.from(report('utf-16'))],
    ['UTF-8 of an unknown name', Buffer.from(report('x-none'))],
    ['UTF-16, the lower byte first', Buffer.from(`\ufeff${report('utf-16')}`, 'utf16le')],
    ['the same without a mark', Buffer.from(report('utf-16'), 'utf16le')],
    ['UTF-16, the higher byte first', bigEndian(`\ufeff${report('UTF-16')}`)],
    ['Latin-1', Buffer.from(report('ISO-8859-1'), 'latin1')],
    ['none that is named', Buffer.from('<testsuite name="s"><testcase name="größe"/></testsuite>')]
  ])('%s is read, and what is written calls itself what it is', async (_what, content) => {
    const file = { path: 'a.xml', size: content.length, read: () => Readable.from([content]) as AsyncIterable<Buffer> }
    const tests = await read([file])
    expect([...(tests?.outcomes.keys() ?? [])]).toEqual(['s › größe'])
    const written = readFileSync(path.join(folder, 'report', 'a.xml'))
    expect(written.toString()).toContain('größe')
    expect(/encoding="([^"]+)"/.exec(written.toString())?.[1] ?? 'UTF-8').toBe('UTF-8')
  })
})

describe('never a pass', () => {
  it.each<readonly [string, readonly FoundFile[], string]>([
    ['no file', [], 'report exported no JUnit file.'],
    ['a file of another kind', [found('readme.txt', passing)], 'report exported no JUnit file.'],
    ['no test', [found('a.xml', '<testsuites/>')], 'report exported JUnit files without a test.'],
    ['broken XML', [found('a.xml', '<testsuite><testcase')], 'a.xml is broken'],
    ['another XML', [found('a.xml', '<html/>')], 'a.xml is not a JUnit report'],
    ['half of UTF-16', [found('a.xml', '\ufeff<\0t\0')], 'a.xml is broken'],
    ['an empty file', [found('a.xml', '')], 'a.xml is empty'],
    ['a path without an end', [found(`${'long/'.repeat(200)}a.xml`, passing)], 'its path is too long'],
    ['more than 50 MB', [found('a.xml', passing, MOST_BYTES + 1)], 'the reports of a stage may have']
  ])('%s', async (_what, files, omission) => {
    const tests = await read(files)
    expect(tests).toMatchObject({
      complete: false,
      stages: [{ counts: { passed: 0, failed: 0 }, omissions: [expect.stringContaining(omission)] }]
    })
  })

  it('a file of 50 MB beside another one: what does not fit is said, and the other counts', async () => {
    const tests = await read([found('a.xml', passing), found('b.xml', passing, MOST_BYTES)])
    expect(tests?.stages[0]).toMatchObject({ files: 1, counts: { passed: 1 } })
    expect(tests?.stages[0]?.omissions).toEqual([expect.stringMatching(/^b\.xml \(52\.4 MB\) is not read/)])
    expect(tests?.complete).toBe(false)
  })
})

it('nothing to export is nothing to tell, and no file leaves no folder', async () => {
  const options = { folder, redact: (text: string) => text, exists: () => false }
  expect(await readExported([], options)).toBeUndefined()
  expect(await read([])).not.toHaveProperty('folder')
  expect(existsSync(folder)).toBe(false)
})

it('what lies in cache mounts is joined, with its files', async () => {
  const one = await read([found('a.xml', passing)])
  const other = await read([found('b.xml', passing.replace('"a"', '"b"'))], { stage: 'unit' }, path.join(folder, 'x'))
  const joined = await joinFindings(one, other)
  expect(joined?.stages.map(({ stage }) => stage)).toEqual(['report', 'unit'])
  expect([...(joined?.outcomes.keys() ?? [])]).toEqual(['s › a', 's › b'])
  expect(existsSync(path.join(folder, 'unit', 'b.xml'))).toBe(true)
  expect(await joinFindings(one, undefined)).toBe(one)
  expect(await joinFindings(undefined, other)).toBe(other)
})
