/** Several images at a glance: each has its row, and nothing else has one. */
import { expect, test } from '@jest/globals'
import { headline } from '../../src/report/sections/headline.js'
import { renderOverview } from '../../src/report/sections/overview.js'
import { redOneOfSeveral, severalImages } from './support/reports.js'

const cells = (overview = ''): readonly string[] => overview.split('\n').filter((line) => line.startsWith('| '))

test('a run that is cancelled has a row for each image, and none for itself', () => {
  const several = severalImages()
  const [app, worker] = several.builds
  const publish = { published: false, reason: 'the run failed' } as const
  const overview = renderOverview({
    ...several,
    name: 'shop',
    outcome: { kind: 'red', failure: { kind: 'cancelled' } },
    builds: [{ ...app, publish }, ...(worker === undefined ? [] : [{ ...worker, images: [], publish }])]
  })
  expect(overview).toContain('shop: cancelled, nothing was published')
  expect(cells(overview).slice(2)).toEqual([
    expect.stringMatching(
      /^\| ⚪️ \*\*app\*\* \| tests passed, 201.3 MB; not published, since the run was cancelled \|/
    ),
    expect.stringMatching(
      /^\| ⚪️ \*\*worker\*\* \| tests passed \(cached\); not published, since the run was cancelled \|/
    )
  ])
})

test('tests that failed in a second image, too, are not kept quiet', () => {
  const report = redOneOfSeveral()
  const [app, ...others] = report.builds
  const own = others[0]?.own
  const builds = [{ ...app, images: [], ...(own === undefined ? {} : { own }) }, ...others] as const
  expect(headline({ ...report, builds })).toMatch(/; app: the tests failed, too; not published, since worker failed$/)
})
