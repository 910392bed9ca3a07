import { describe, expect, it } from '@jest/globals'
import type { ComparedBaseline } from '../../src/baseline/comparison.js'
import type { Relation } from '../../src/baseline/store.js'
import type { Difference } from '../../src/compare/index.js'
import { without } from '../../src/core/json.js'
import { baselineSentence, changeWords, renderNotCompared } from '../../src/report/sections/difference.js'
import type { BuildView, Report } from '../../src/report/model.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import {
  baseGrown,
  baseReplaced,
  filesChanged,
  type Files,
  fortyChanged,
  larger,
  platformsChanged,
  smaller,
  timesOnly
} from './support/compared.js'
import { firstGreen, reportOf, viewOf } from './support/reports.js'
import { rendered } from './support/tree.js'

const SHA = '3f2c1a9d5b7e4c6a8f0d2b4e6c8a0f1e3d5c7b9a'
const BASE = '8f0d2b4e6c8a0f1e3d5c7b9a3f2c1a9d5b7e4c6a'

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

  it.each<readonly [string, ComparedBaseline]>([
    ['release/1, 2', { kind: 'commit', branch: 'release/1, 2', sha: SHA, relation: { kind: 'newest' } }],
    ['feat,x', { kind: 'commit', branch: 'feat,x', sha: SHA, relation: { kind: 'base' } }],
    ['ghcr.io/acme/app', { kind: 'image', reference: 'ghcr.io/acme/app@sha256:1234', digest: 'sha256:1234' }],
    ['ghcr.io/acme/app:1', { kind: 'image', reference: 'ghcr.io/acme/app:1' }]
  ])('names %s', (name, baseline) => {
    expect(changeWords(against(baseline))).toBe(`5 B larger than ${name}`)
  })
})

describe('a base image that grew', () => {
  const DIGEST = `debian:12@sha256:${'1'.repeat(64)}`
  it.each<[string, now: string, before: string | undefined, words: RegExp]>([
    [
      'its tag moved',
      'debian:12',
      'debian:12',
      /`debian:12` grew by \*\*9\.2 MB\*\*, not your layers\. A tag may move/
    ],
    ['another one was written', 'debian:12', 'debian:11', /was `debian:11`, now `debian:12`: \*\*9\.2 MB\*\* more/],
    ['another digest was written', DIGEST, DIGEST.replace(/1/g, '2'), /The base image was/],
    ['what it was is not known', 'debian:12', undefined, /`debian:12` has \*\*9\.2 MB\*\* more than the baseline's/]
  ])('%s', (_, now, before, words) => {
    const report = before === undefined ? withoutBaseBefore(baseGrown(now)) : baseGrown(now, before)
    const text = renderSummary(report).replaceAll('\u00a0', ' ')
    expect(text).toMatch(words)
    expect(text.includes('A tag may move')).toBe(now === before)
  })

  function withoutBaseBefore(report: Report): Report {
    const { comparison } = viewOf(report)
    if (comparison?.kind !== 'compared') throw new Error('compared')
    const differences = comparison.differences.map((difference) => without(difference, 'baseBefore'))
    return reportOf({ ...viewOf(report), comparison: { ...comparison, differences } })
  }
})

describe('a base image that the baseline may not have', () => {
  it('of the same size is no layer of the same size', () => {
    const text = renderSummary(baseReplaced(0))
    expect(text).toMatch(/In all, the size is the same\. 2 layers are not the same: /)
    expect(text).not.toContain('No layer is larger or smaller')
  })

  it.each<[number, string]>([
    [1_000_000, '+1.0 MB'],
    [-1_000_000, '−1.0 MB']
  ])('changed by %i', (by, words) => {
    const report = baseReplaced(by)
    const text = renderSummary(report).replaceAll('\u00a0', ' ')
    expect(text).toContain(`| **${words}** | the layers below your own |`)
    expect(text).not.toMatch(/not of your layers|not your layers/)
  })
})

function against(baseline: ComparedBaseline): BuildView {
  const report = changedBy(5)
  if (report.comparison?.kind !== 'compared') throw new Error('compared')
  return { ...report, comparison: { ...report.comparison, baseline } }
}

describe('the baseline in a sentence', () => {
  it.each<readonly [Relation, string]>([
    [{ kind: 'base' }, 'the commit this change is based on'],
    [
      { kind: 'ancestor', base: BASE, behind: 1 },
      '1 commit before the one this change is based on (8f0d2b4), which has no stored report'
    ],
    [
      { kind: 'newest', base: BASE, behind: 13 },
      '13 commits before the one this change is based on (8f0d2b4); no nearer one has a stored report'
    ],
    [{ kind: 'newest' }, 'the newest stored report of that branch']
  ])('%j', (relation, words) => {
    const baseline: ComparedBaseline = { kind: 'commit', branch: 'main', sha: SHA, relation }
    expect(baselineSentence(against(baseline))).toEqual([`Baseline: main @ 3f2c1a9, ${words}.`])
  })

  it('says that it does not know how far apart the two are', () => {
    const baseline = { kind: 'commit', branch: 'main', sha: SHA, relation: { kind: 'newest', base: BASE } } as const
    expect(baselineSentence(against(baseline))[0]).toMatch(
      /\(8f0d2b4\) has none, and how far apart they are is not known/
    )
  })

  it('names the digest of an image', () => {
    const baseline = { kind: 'image', reference: 'ghcr.io/acme/app:1', digest: `sha256:${'1'.repeat(64)}` } as const
    expect(baselineSentence(against(baseline))).toEqual([
      `Baseline: ghcr.io/acme/app:1 @ 111111111111, read from the registry as sha256:${'1'.repeat(64)}.`
    ])
  })
})

it('says openly that nothing was compared, and why', () => {
  const none = (reason: string): string | undefined =>
    renderNotCompared(viewOf(firstGreen({ comparison: { kind: 'none', reason } })))
  expect(none('this runner offers no Actions cache')).toBe(
    '**Not compared with a baseline**: this runner offers no Actions cache.'
  )
  expect(renderNotCompared(viewOf(firstGreen()))).toBeUndefined()
})

describe('a summary says', () => {
  const words = (report: Report): string => rendered(renderSummary(report)).text.replaceAll('\u00a0', ' ')

  it('why an image grew, by instruction, path and package', () => {
    expect(words(larger())).toMatch(
      /By instruction.*COPY --from=builder .venv.*73\.4 MB, was 64\.2 MB.*gone \(was line 36\).*package pandas 2\.2\.3 is new.*package boto3 1\.35\.0, was 1\.34\.1.*Moved: .app.logo\.png is now .app.static.logo\.png/s
    )
  })

  it('several versions of a package as several, and a directory as the one that it replaced', () => {
    const store = '/app/node_modules/.pnpm/lodash'
    const files = (version: string, size: number): Files =>
      Array.from({ length: 10 }, (_, at) => [`/opt/tool-${version}/${at}.so`, size, size + at, 5])
    const now: Files = [[`${store}@4.17.21/index.js`, 11_000, 1, 5], ...files('1.1.0', 30_000)]
    const before: Files = [
      [`${store}@3.10.0/index.js`, 8_000, 2, 5],
      [`${store}@4.17.20/index.js`, 10_000, 3, 5],
      ...files('1.0.0', 10_000)
    ]
    const said = words(filesChanged(now, before))
    expect(said).toMatch(/−7\.0 kB.*package lodash 4\.17\.21, was 3\.10\.0 and 4\.17\.20/s)
    expect(said).toMatch(/\+200\.0 kB.*opt.tool-1\.1\.0.*was .opt.tool-1\.0\.0; 10 files changed/s)
    expect(words(filesChanged(before.slice(1), before))).toContain('package lodash 3.10.0 is gone')
  })

  it('that only times differ, and what that costs', () => {
    expect(words(timesOnly())).toMatch(/3 layers differ in nothing but timestamps, and yet they are pulled again/)
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
