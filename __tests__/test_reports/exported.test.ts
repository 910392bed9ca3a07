/** JUnit files that a stage has exported: counted, written out without secrets, and never a pass by being broken. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { createRedactor } from '../../src/report/redact.js'
import { cleanXML } from '../../src/test_reports/clean.js'
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

describe('what is copied has no secret in it', () => {
  const copied = async (text: string, secret: string): Promise<string | undefined> => {
    const options = { folder, redact: createRedactor([{ id: 's', value: secret }]), exists: () => false }
    const files = [found('a.xml', `<testsuite><testcase name="a">${text}</testcase></testsuite>`)]
    await readExported([{ stage: 'report', platform: '', cached: false, files }], options)
    return readFileSync(path.join(folder, 'report', 'a.xml'), 'utf8')
  }
  const out = (text: string): string => `<system-out>${text}</system-out>`

  it.each([
    ['as it is', out('x ghp_A1b2C3d4 y'), out('x *** y')],
    ['beside a comment', out('ghp_A1b2C3d4<!-- b -->&#33;'), out('***<!-- b -->&#33;')],
    ['in CDATA sections', out('<![CDATA[x ghp_A1]]><![CDATA[b2C3d4 y]]>'), out('x *** y')],
    ['half in a CDATA section', out('x ghp_A1<![CDATA[b2C3d4 <y>]]>'), out('x *** &lt;y&gt;')],
    ['around a comment', out('x ghp_A1<!-- > -->b2C3d4 y'), out('x *** y')],
    ['around an instruction', out('x ghp_A1<?x y?>b2C3d4 y'), out('x *** y')],
    ['with letters as numbers', out('x ghp_&#x41;1b2&#67;3d4 y'), out('x *** y')],
    ['in an attribute, with numbers', '<failure message="ghp_&#65;1b2C3d4"/>', '<failure message="***"/>'],
    ['and a comment that nobody closes', out('ghp_A1<![CDATA[b2C3d4]]><!--'), out('***')]
  ])('%s', async (_, text, expected) => {
    expect(await copied(text, 'ghp_A1b2C3d4')).toBe(`<testsuite><testcase name="a">${expected}</testcase></testsuite>`)
  })

  it('with the end of a CDATA section in it, as everybody writes that', async () => {
    expect(await copied(out('<![CDATA[a]]]]><![CDATA[>hunter-22 b]]>'), ']]>hunter-22')).toContain(out('a*** b'))
  })

  it('and what has none is copied as it is', async () => {
    const text = out('<!-- c --><![CDATA[a <b> ]]>&#39;&#x27;<?x y?>')
    expect(await copied(text, 'ghp_A1b2C3d4')).toContain(text)
  })

  it('in a path, of which each file keeps one of its own', async () => {
    const tests = await read([
      found('x/hush/a.xml', passing),
      found('x/***/a.xml', passing),
      found('hush.xml', passing)
    ])
    expect(tests?.stages[0]).toMatchObject({ files: 3, omissions: [] })
    const files = readdirSync(path.join(folder, 'report'), { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => file.endsWith('.xml')).sort()).toEqual([
      'redacted.xml',
      path.join('x', 'redacted', 'a-2.xml'),
      path.join('x', 'redacted', 'a.xml')
    ])
  })

  it('nor half of one where a text is cut', async () => {
    const long = (length: number): string => `${'x'.repeat(length - 2)}hush`
    const failure = `<failure message="${long(2000)}"/>`
    const report = `<testsuite name="${long(500)}"><testcase name="${long(500)}">${failure}</testcase></testsuite>`
    const tests = await read([found('a.xml', report), found(`${'x/'.repeat(400)}hush${'y'.repeat(194)}.xml`, passing)])
    expect(JSON.stringify([tests?.stages, [...(tests?.outcomes.keys() ?? [])]])).not.toMatch(/xhu|shy/)
  })

  it('but for a document that declares entities, which is read alone', async () => {
    const tests = await read([found('a.xml', `<!DOCTYPE t [<!ENTITY h "sh">]>${passing}`)])
    expect(tests?.stages[0]).toMatchObject({
      counts: { passed: 1 },
      omissions: ['a.xml is read and not copied: it declares entities, of which a secret could be put together.']
    })
    expect(readdirSync(path.join(folder, 'report'))).toEqual([])
  })

  it.each(['<!--', '<![CDATA[', '<?x ', '<!-- -->', ']]>', '&#x0', '&#0', '&#65;', '<', '&'])(
    'also in a megabyte of %j, at once',
    (unit) => {
      const start = performance.now()
      cleanXML(`<testsuite>${unit.repeat(2 ** 20 / unit.length)}`, (text) => text.replaceAll('hush', '***'))
      expect(performance.now() - start).toBeLessThan(2000)
    }
  )
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
    ['tests without a name', [found('a.xml', '<testsuites tests="2"/>')], 'a.xml counts 2 tests, and names none'],
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

  it('no test is said, and known for the whole of it', async () => {
    expect(await read([found('a.xml', '<testsuites/>')])).toMatchObject({
      complete: true,
      stages: [{ counts: { passed: 0 }, omissions: ['report exported JUnit files without a test.'] }]
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
