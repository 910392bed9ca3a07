import { describe, expect, it } from '@jest/globals'
import type { Difference } from '../../src/compare/index.js'
import { changeWords, renderNotCompared } from '../../src/report/sections/difference.js'
import type { BuildView, Report } from '../../src/report/model.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { fortyChanged, larger, platformsChanged, smaller, timesOnly } from './support/compared.js'
import { firstGreen, viewOf } from './support/reports.js'
import { rendered } from './support/tree.js'

function changedBy(...changes: readonly number[]): BuildView {
  const report = smaller()
  const { comparison } = viewOf(report)
  const [one] = comparison?.kind === 'compared' ? comparison.differences : []
  if (comparison?.kind !== 'compared' || one === undefined) throw new Error('compared')
  const differences = changes.map((change): Difference => ({ ...one, size: { ...one.size, change } }))
  return { ...viewOf(report), comparison: { ...comparison, differences } }
}

describe('the change in words', () => {
  it.each<readonly [readonly number[], string | undefined]>([
    [[-14_100_000], '14.1 MB smaller than main'],
    [[400_000], '400.0 kB larger than main'],
    [[0], 'same size as main'],
    [[1_000_000, 1_000_001], '1.0 MB larger than main'],
    [[1_000_000, 2_000_000], '1.0 MB to 2.0 MB larger than main'],
    [[-1_000_000, -2_000_000], '1.0 MB to 2.0 MB smaller than main'],
    [[-1_000_000, 2_000_000], '1.0 MB smaller to 2.0 MB larger than main'],
    [[0, 2_000_000], 'up to 2.0 MB larger than main'],
    [[], undefined]
  ])('of %j is %s', (changes, words) => {
    expect(changeWords(changedBy(...changes))).toBe(words)
  })

  it.each([
    ['Compared with main @ 3f2c1a9, the commit itself.', 'main'],
    ['release/1, 2 @ 3f2c1a9, its newest', 'release/1'],
    ['feat,x @ 3f2c1a9', 'feat,x'],
    ['ghcr.io/acme/app@sha256:1234', 'ghcr.io/acme/app@sha256:1234']
  ])('names %s by %s', (baseline, name) => {
    const report = changedBy(5)
    if (report.comparison?.kind !== 'compared') throw new Error('compared')
    expect(changeWords({ ...report, comparison: { ...report.comparison, baseline } })).toBe(`5 B larger than ${name}`)
  })
})

it('says openly that nothing was compared, and why', () => {
  const none = (reason: string): string | undefined =>
    renderNotCompared(viewOf(firstGreen({ comparison: { kind: 'none', reason } })))
  expect(none('this runner offers no Actions cache')).toBe(
    '**Not compared with a baseline**: this runner offers no Actions cache.'
  )
  expect(none('Compared with nothing: it broke.')).toBe('**Not compared with a baseline**: it broke.')
  expect(renderNotCompared(viewOf(firstGreen()))).toBeUndefined()
})

describe('a summary says', () => {
  const words = (report: Report): string => rendered(renderSummary(report)).text.replaceAll('\u00a0', ' ')

  it('why an image grew, by instruction, path and package', () => {
    expect(words(larger())).toMatch(
      /By instruction.*COPY --from=builder .venv.*73\.4 MB, was 64\.2 MB.*gone \(was line 36\).*package pandas 2\.2\.3 is new.*package boto3 1\.35\.0, was 1\.34\.1.*Moved: .app.logo\.png is now .app.static.logo\.png/s
    )
  })

  it('that only times differ, and what that costs', () => {
    expect(words(timesOnly())).toMatch(/3 layers differ in nothing but timestamps, and yet they are pulled anew/)
  })

  it('which platforms were not compared', () => {
    expect(words(platformsChanged())).toMatch(/Not compared: linux.arm.v7, which main does not have\. No longer built/)
  })

  it('which layers are gone, and links no line of theirs', () => {
    expect(renderSummary(fortyChanged())).toMatch(/\nGone \(in main only\): −63\.4\u00a0kB `COPY .*migrations\/`/)
  })

  it('a rise and a fall with a real sign', () => {
    expect(words(smaller())).toMatch(/−14\.2 MB \(−6\.6 %\)/)
    expect(words(larger())).toMatch(/\+10\.3 MB \(\+5\.1 %\)/)
  })
})
