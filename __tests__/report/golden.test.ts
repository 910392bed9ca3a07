import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { renderSummary } from '../../src/report/summary.js'
import { GOLDEN } from './support/reports.js'

/** Files a person can open and read. `UPDATE_GOLDEN=1` writes them anew: read the difference before committing it. */
const FOLDER = new URL('../golden/', import.meta.url)

describe('the job summary of', () => {
  it.each(Object.entries(GOLDEN))('%s', (name, report) => {
    const file = new URL(`${name}.md`, FOLDER)
    const summary = renderSummary(report())
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, summary)
    expect(summary).toBe(readFileSync(file, 'utf8'))
  })

  it('has no golden file that no report makes', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.md'))
    expect(files.sort()).toEqual(
      Object.keys(GOLDEN)
        .map((name) => `${name}.md`)
        .sort()
    )
  })
})
