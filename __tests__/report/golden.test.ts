import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { handOn } from '../../src/comment/origin.js'
import { renderComment } from '../../src/report/surfaces/comment.js'
import type { Report } from '../../src/report/model.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { originOf, startedBy } from '../comment/support/strangers.js'
import { COMPARED } from './support/compared.js'
import {
  firstGreen,
  fork,
  GOLDEN,
  leakWarned,
  redOneOfSeveral,
  redBuild,
  redDockerfile,
  redInput,
  redLeak,
  redTest,
  severalImages
} from './support/reports.js'

/** Files a person can open and read. `UPDATE_GOLDEN=1` writes them anew: read the difference before committing it. */
const FOLDER = new URL('../golden/', import.meta.url)

const COMMENTED = {
  'first-green': firstGreen,
  'several-images': severalImages,
  'red-one-of-several': redOneOfSeveral,
  fork,
  'leak-warn': leakWarned,
  'red-test': redTest,
  'red-build': redBuild,
  'red-dockerfile': redDockerfile,
  'red-input': redInput,
  'red-leak': redLeak,
  ...COMPARED,
  relayed: () => relayed(COMPARED.larger!(), 'success'),
  'relayed-same-image': () => relayed(COMPARED['same-image']!(), 'success'),
  'relayed-contradicted': () => relayed(firstGreen(), 'failure'),
  'relayed-red': () => relayed(redTest(), 'failure')
}

/** As the second action shows a fork's report. */
function relayed(report: Report, conclusion: string): Report {
  const context = startedBy({ conclusion })
  return handOn(report, originOf(context), context, 214)
}

describe.each<readonly [string, string, Readonly<Record<string, () => Report>>, (report: Report) => string]>([
  ['job summary', '', { ...GOLDEN, ...COMPARED }, renderSummary],
  ['comment', 'comment/', COMMENTED, renderComment]
])('the %s of', (_, folder, reports, render) => {
  const place = new URL(folder, FOLDER)

  it.each(Object.entries(reports))('%s', (name, report) => {
    const file = new URL(`${name}.md`, place)
    const rendering = render(report())
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(place, { recursive: true })
      writeFileSync(file, rendering)
    }
    expect(rendering).toBe(readFileSync(file, 'utf8'))
  })

  it('has no golden file that no report makes', () => {
    const files = readdirSync(place).filter((file) => file.endsWith('.md'))
    expect(files.sort()).toEqual(
      Object.keys(reports)
        .map((name) => `${name}.md`)
        .sort()
    )
  })
})
