import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { findFiles, MOST_REPORTS, nameOf, readFileAsReport } from '../../src/comment/files.js'
import { MOST_BYTES } from '../../src/comment/read.js'
import { createValidator } from '../../src/comment/schema.js'
import { firstGreen } from '../report/support/reports.js'
import { documentOf } from './support/strangers.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stagegate-files-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Writes a file and returns its path. */
function write(name: string, content = '{}'): string {
  const place = path.join(folder, name)
  mkdirSync(path.dirname(place), { recursive: true })
  writeFileSync(place, content)
  return place
}

describe('the files of a download', () => {
  it('are the JSON files of each artifact’s folder, in order', async () => {
    const files = [write('stagegate-report-api/report.json'), write('stagegate-report-web/report.json')]
    write('stagegate-report-web/summary.md')
    expect(await findFiles([folder])).toEqual({ files, problems: [] })
  })

  it('are the files that are named, each once', async () => {
    const file = write('a/report')
    expect(await findFiles([file, file, path.join(folder, 'a/none.json')])).toEqual({ files: [file], problems: [] })
  })

  it('are none where a named one is a link', async () => {
    const file = path.join(folder, 'report.json')
    symlinkSync(write('outside/secret.json'), file)
    expect(await findFiles([file])).toEqual({ files: [], problems: [] })
  })

  it('are none where there is nothing', async () => {
    expect(await findFiles([path.join(folder, 'none')])).toEqual({ files: [], problems: [] })
  })

  it('are not found through a link, beyond a few folders, or under another kind of name', async () => {
    write('deep/1/2/3/4/5/report.json')
    const outside = write('outside/secret.txt', 'secret')
    mkdirSync(path.join(folder, 'download'))
    symlinkSync(outside, path.join(folder, 'download/report.json'))
    symlinkSync(path.dirname(outside), path.join(folder, 'download/more'))
    write('outside/other.json')
    expect(await findFiles([path.join(folder, 'download'), path.join(folder, 'deep')])).toEqual({
      files: [],
      problems: []
    })
  })

  it('are no more than a workflow has images', async () => {
    for (let index = 0; index < MOST_REPORTS + 5; index += 1) write(`${String(index).padStart(3, '0')}/report.json`)
    const { files, problems } = await findFiles([folder])
    expect(files).toHaveLength(MOST_REPORTS)
    expect(problems).toEqual([expect.objectContaining({ problem: expect.stringContaining('25 JSON files') })])
  })
})

describe('a file', () => {
  const validate = createValidator()

  it('is read', async () => {
    const file = write('report.json', JSON.stringify(documentOf(firstGreen())))
    expect(await readFileAsReport(file, validate)).toMatchObject({ ok: true, report: { name: 'app' } })
  })

  it('is not opened if it is larger than any report', async () => {
    const file = write('report.json')
    truncateSync(file, MOST_BYTES + 1)
    expect(await readFileAsReport(file, validate)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('10 MB')
    })
  })

  it('that is gone is a problem', async () => {
    expect(await readFileAsReport(path.join(folder, 'gone.json'), validate)).toMatchObject({ ok: false })
  })

  it('has a name that is no workflow command and no second line', () => {
    expect(nameOf('/tmp/x/a\n::error::b\u001b[31m.json')).not.toMatch(/[\n\u001b]/)
    expect(nameOf(`/tmp/${'x'.repeat(5000)}`).length).toBeLessThan(150)
  })
})
