import { describe, expect, it } from '@jest/globals'
import { COMMENT_LIMIT_CHARACTERS, renderComment } from '../../src/report/surfaces/comment.js'
import type { BuildView, Report } from '../../src/report/model.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import {
  COMPARED,
  fortyChanged,
  increaseUnjudged,
  increaseWarned,
  larger,
  overIncrease,
  platformsChanged,
  sameImage,
  smaller
} from './support/compared.js'
import { HOSTILE, rotation } from './support/hostile.js'
import { poisoned } from './support/poison.js'
import {
  changed,
  figures,
  firstGreen,
  fork,
  GOLDEN,
  image,
  layer,
  leakWarned,
  redTest,
  viewOf
} from './support/reports.js'
import { expectUnmoved, rendered } from './support/tree.js'

const ALL = { ...GOLDEN, ...COMPARED }

describe.each<readonly [string, () => Report]>([
  ['larger', larger],
  ['same', sameImage],
  ['changed platforms', platformsChanged],
  ['fork', fork],
  ['leak that warns', leakWarned],
  ['red test', redTest],
  ['grown', overIncrease],
  ['grown on a branch', increaseWarned],
  ['grown from nothing', increaseUnjudged]
])('a comment on a %s run', (_, report) => {
  const usual = rendered(renderComment(report()))

  it.each(HOSTILE)('is not moved by %s', (_what, value) => {
    expectUnmoved(renderComment(poisoned(report(), () => value)), usual)
  })
})

describe('a comment on', () => {
  it.each(Object.entries(ALL))('%s is not moved by a different string in every place', (_, report) => {
    const comment = rendered(renderComment(report()))
    // Platforms with different names make another table of rules; the summary has one of as many columns.
    const usual = { ...comment, rows: [...comment.rows, ...rendered(renderSummary(report())).rows] }
    for (const start of [0, 1, 2]) {
      const bad = poisoned(report(), rotation(start))
      expectUnmoved(renderComment(bad), usual)
    }
  })

  it.each(Object.entries(ALL))('%s has whole words and no holes', (_, report) => {
    expect(rendered(renderComment(report())).text).not.toMatch(/undefined|NaN|\[object|null/)
  })
})

describe('where nothing changed', () => {
  it('a comment is one line', () => {
    expect(renderComment(sameImage())).toMatch(/^✅ \*\*app\*\*: same image as main @ `3f2c1a9`: .*\n$/)
  })

  it.each<readonly [string, Partial<BuildView>]>([
    ['no test passed', { gate: { verdict: 'skipped', targets: [] } }],
    [
      'something was not examined',
      { images: [image({ figures: figures({ omissions: [{ kind: 'layer', layer: 5, words: 'is missing' }] }) })] }
    ],
    ['there is a leak', { images: viewOf(leakWarned()).images }]
  ])('it is more than that if %s', (_, change) => {
    expect(renderComment(changed(sameImage(), change)).split('\n').length).toBeGreaterThan(5)
  })
})

/** As large as a run can make it. */
function huge(report: Report): Report {
  const layers = Array.from({ length: 120 }, (_, index) =>
    layer(index, index * 1000, `RUN ${'ü|'.repeat(2500)}`, { line: index + 1, stage: 'production' })
  )
  return changed(report, {
    images: Array.from({ length: 300 }, (_, index) => image({ platform: `linux/p${index}`, layers })),
    notes: Array.from({ length: 3000 }, () => '<|'.repeat(2500)),
    lint: { findings: Array.from({ length: 3000 }, () => ({ rule: 'R', message: '<|'.repeat(2500), line: 1 })) }
  })
}

describe('the limit', () => {
  it.each(['larger', 'forty-changed', 'platforms-changed', 'first-green', 'red-leak', 'red-budget', 'red-test'])(
    'is kept by %s, whatever it is',
    (name) => {
      const report = ALL[name]?.() ?? firstGreen()
      for (const each of [report, huge(report)]) {
        for (const limit of [COMMENT_LIMIT_CHARACTERS, 20_000, 8_000, 3_000, 1_000]) {
          const comment = renderComment(each, limit)
          const count = (pattern: RegExp): number => (comment.match(pattern) ?? []).length
          expect(comment.length).toBeLessThanOrEqual(limit)
          expect(count(/<details>/g)).toBe(count(/<\/details>/g))
          expect(count(/^ *```/gm) % 2).toBe(0)
          expect(comment.startsWith('## ')).toBe(true)
        }
      }
    }
  )

  it('leaves room for the marker', () => {
    expect(COMMENT_LIMIT_CHARACTERS).toBeLessThanOrEqual(65_536 - 100)
  })

  it('is not reached by an ordinary run, which has its layers, build and advice collapsed', () => {
    for (const report of [smaller(), larger(), fortyChanged()]) {
      const comment = renderComment(report)
      expect(comment).not.toContain('Shortened')
      expect(comment).toMatch(/<summary>Layers: .*<summary>Build: .*<summary>Advice: /s)
    }
  })
})
