import { describe, expect, it } from '@jest/globals'
import { budgetHeadline } from '../../src/report/sections/budget.js'
import { leakRemedies, leakRows } from '../../src/report/sections/leaks.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { judgedLimits, type RuleResult } from '../../src/judge/index.js'
import { verdictLine } from '../../src/report/sections/verdict.js'
import {
  figures,
  firstGreen,
  image,
  leakCheckOff,
  leakWarned,
  omitted,
  redLeak,
  redLeakKey,
  changed,
  viewOf
} from './support/reports.js'

const platform = 'linux/amd64'
const reclaimable = (limit: { bytes?: number; share?: number }): RuleResult => ({
  rule: 'max-reclaimable',
  platform,
  measured: 20_000_000,
  share: 0.1,
  limit,
  passed: false
})

const increase = (limit: { bytes?: number; share?: number }, share: number | null = 0.1): RuleResult => ({
  rule: 'max-increase',
  platform,
  baseline: 'found',
  measured: 20_000_000,
  ...(share === null ? {} : { share }),
  limit,
  exceeded: true,
  mode: 'fail',
  passed: false
})

describe('a rule in words', () => {
  it.each<readonly [RuleResult, string, string, string, string]>([
    [
      { rule: 'max-size', platform, measured: 260e6, limit: 250e6, passed: false },
      '260.0 MB',
      '250 MB',
      '10.0 MB',
      'the image is 10.0 MB over its budget of 250 MB'
    ],
    [
      { rule: 'max-size', platform, measured: 1.61e9, limit: 1.5 * 2 ** 30, passed: true },
      '1.6 GB',
      '1.6 GB',
      '0 B',
      'the image is 0 B over its budget of 1.6 GB'
    ],
    [
      { rule: 'max-layers', platform, measured: 9, limit: 8, passed: false },
      '9 layers',
      '8 layers',
      '1 layer',
      'the image has 1 layer more than its budget allows'
    ],
    [reclaimable({ share: 0.05 }), '20.0 MB (10 %)', '5 %', '10.0 MB', '10.0 MB too much of the image is reclaimable'],
    [reclaimable({ bytes: 5e6 }), '20.0 MB (10 %)', '5 MB', '15.0 MB', '15.0 MB too much of the image is reclaimable'],
    [
      reclaimable({ bytes: 5e6, share: 0.04 }),
      '20.0 MB (10 %)',
      '5 MB or 4 %',
      '12.0 MB',
      '12.0 MB too much of the image is reclaimable'
    ],
    [
      increase({ share: 0.05 }),
      '+20.0 MB (+10.0 %)',
      '5 %',
      '10.0 MB',
      'the image grew by 20.0 MB (10.0 %), limit: 5 %'
    ],
    [
      increase({ bytes: 5e6, share: 0.04 }),
      '+20.0 MB (+10.0 %)',
      '5 MB or 4 %',
      '12.0 MB',
      'the image grew by 20.0 MB (10.0 %), limit: 5 MB or 4 %, whichever is larger'
    ],
    [increase({ bytes: 5e6 }, null), '+20.0 MB', '5 MB', '15.0 MB', 'the image grew by 20.0 MB, limit: 5 MB']
  ])('%j', (rule, measured, limit, over, words) => {
    const limits = judgedLimits([rule])
    expect([
      ...limits.map(({ measured }) => measured),
      limits[0]?.limit,
      limits[0]?.over,
      budgetHeadline(limits)
    ]).toEqual([measured, limit, over, words])
  })

  it.each([
    [[-1, -2], 'not larger than before'],
    [[10_000, -2], 'grew by up to 10.0 kB of 5 MB']
  ])('of several platforms that grew by %j bytes, the nearest speaks for all', (changes, words) => {
    const verdict = changes.map((measured, index): RuleResult => {
      const platform = ['linux/amd64', 'linux/arm64'][index] ?? ''
      const result = { rule: 'max-increase', baseline: 'found', limit: { bytes: 5e6 }, mode: 'fail' } as const
      return { ...result, platform, measured, exceeded: false, passed: true }
    })
    const line = verdictLine(viewOf(firstGreen({ images: [image(), image()], verdict })))
    expect(line?.replaceAll('\u00a0', ' ')).toContain(`Within budget** (${words})`)
  })

  it('nothing of nothing is no number to stumble over', () => {
    const nothing: RuleResult = {
      rule: 'max-reclaimable',
      platform,
      measured: 0,
      share: 0,
      limit: { share: 0.1 },
      passed: true
    }
    expect(judgedLimits([nothing])[0]?.excess).toBe(0)
    expect(budgetHeadline([])).toBe('the image breaks 0 limits of its budget')
  })
})

describe('the verdict line', () => {
  it.each([
    [
      'nothing found',
      firstGreen(),
      '**No secret or private key** found in 4 own layers, config and provenance (3 values, 9 encodings)'
    ],
    ['not searched', leakCheckOff(), '**Not searched** for secrets and keys (`leak-check: off`)'],
    [
      'found',
      leakWarned(),
      '**1 place with a secret or a key** in 7 own layers, config and provenance (3 values, 9 encodings)'
    ],
    [
      'omissions',
      omitted(),
      '**No secret or private key** found in 3 own layers, config and provenance (3 values, 9 encodings), **but 2 things could not be examined**'
    ],
    [
      'no secrets given',
      firstGreen({ images: [image({ figures: figures({ leakSearch: { layers: [4], secretIds: [], bytes: 1 } }) })] }),
      '**No private key** found in 1 own layer, config and provenance'
    ],
    ['no image', firstGreen({ images: [], verdict: [] }), undefined]
  ])('%s', (_, report, line) => {
    expect(verdictLine(viewOf(report))).toBe(line)
  })

  it('one platform that was not searched is enough', () => {
    const report = firstGreen({ images: [image(), ...viewOf(leakCheckOff()).images] })
    expect(verdictLine(viewOf(report))).toContain('Not searched')
  })
})

describe('a leak', () => {
  it('is one row for each place, whatever was found there', () => {
    expect(leakRows(viewOf(redLeak())).map(({ found, layer }) => [found.length, layer?.line])).toEqual([
      [1, 18],
      [2, 20],
      [1, undefined],
      [1, undefined]
    ])
    expect(leakRows(viewOf(redLeakKey()))[0]?.platforms).toEqual(['linux/amd64'])
  })

  it('on all platforms is one row without their names', () => {
    const [first] = viewOf(redLeak()).images
    const images = first === undefined ? [] : [first, { ...first, platform: 'linux/arm64' }]
    expect(leakRows({ ...viewOf(redLeak()), images }).map(({ platforms }) => platforms)).toEqual([[], [], [], []])
  })

  it('is told where no image is reported, too', () => {
    expect(leakRows({ ...viewOf(redLeak()), images: [] })).toHaveLength(4)
    expect(renderSummary(changed(redLeak(), { images: [] }))).toContain('`/root/.config/pip/pip.conf`')
  })

  it('says what got out: the tags, or nothing', () => {
    const first = (report: ReturnType<typeof redLeak>): string => leakRemedies(viewOf(report))[0]?.sentence ?? ''
    expect(first(leakWarned())).toMatch(/^Rotate `pip_token` now: the image was published/)
    expect(first(redLeak())).toMatch(/This run published nothing and wrote no layer cache/)
    expect(renderSummary(redLeak())).toContain('Nothing left the runner, not even to the layer cache.')
  })

  it.each([
    ['load', 'It was loaded into the engine all the same', 'This run only loaded the image into the engine and wrote'],
    ['type=tar,dest=a.tar', 'It was exported all the same', 'This run only exported the image and wrote']
  ])('says that only a push publishes: %s', (way, warning, remedy) => {
    const publish = { published: true, tags: [], digest: '', how: [way] } as const
    const summary = renderSummary(changed(leakWarned(), { publish, cache: { imports: [], exports: [] } }))
    expect(summary).toContain(warning)
    expect(summary).toContain(`if an earlier run published or cached these layers. ${remedy} no layer cache.`)
  })

  it('says that the cache may have it, where one was written', () => {
    const written = { reference: 'r.example/app-cache:main', result: 'ok', seconds: 1 } as const
    const report = changed(leakWarned(), {
      publish: { published: false, reason: 'push, load and outputs are not set' },
      cache: { imports: [], exports: [written] }
    })
    expect(renderSummary(report)).toContain(
      'now: this run wrote the layer cache `r.example/app-cache:main`, which may hold it.'
    )
    expect(renderSummary(report)).not.toContain('wrote no layer cache')
  })
})
