/** The size of a branch's image over its last builds. */
import { describe, expect, it } from '@jest/globals'
import { extendTrend, MOST_POINTS, parseTrend, writeTrend } from '../../src/baseline/trend.js'
import { sparkline } from '../../src/report/sections/trend.js'

const shaOf = (index: number): string => index.toString(16).padStart(40, '0')
const at = '2026-11-28T21:00:00.000Z'
const image = (size: number, platform = 'linux/amd64') => ({ platform, size, transferSize: Math.floor(size / 3) })

function grown(builds: number) {
  let series: ReturnType<typeof parseTrend>['series'] = []
  for (let index = 0; index < builds; index += 1) {
    const next = extendTrend(series, [image(1000 + index)], { sha: shaOf(index), at })
    series = parseTrend(writeTrend({ series: next })).series
  }
  return series
}

describe('the trend', () => {
  it('goes on from build to build, and keeps the last twenty', () => {
    const [series, ...others] = grown(25)
    expect(others).toEqual([])
    expect(series?.points.map(({ size }) => size)).toEqual(Array.from({ length: MOST_POINTS }, (_, i) => 1005 + i))
    expect(series?.points.at(-1)).toEqual({ sha: shaOf(24), at, size: 1024, transferSize: 341 })
  })

  it('has one point for a run that was started again, and two where the base had changed', () => {
    const again = extendTrend(grown(3), [image(1002)], { sha: shaOf(2), at })
    expect(again[0]?.points).toHaveLength(3)
    const nightly = extendTrend(grown(3), [image(5000)], { sha: shaOf(2), at })
    expect(nightly[0]?.points.map(({ size }) => size)).toEqual([1000, 1001, 1002, 5000])
  })

  it('is one for each platform that is built now', () => {
    const both = extendTrend(grown(2), [image(9, 'linux/arm64'), image(7)], { sha: shaOf(9), at })
    expect(both.map(({ platform, points }) => [platform, points.map(({ size }) => size)])).toEqual([
      ['linux/arm64', [9]],
      ['linux/amd64', [1000, 1001, 7]]
    ])
    expect(extendTrend(both, [image(8)], { sha: shaOf(10), at }).map(({ platform }) => platform)).toEqual([
      'linux/amd64'
    ])
  })

  it.each([
    ['nothing', ''],
    ['no list', '{"series": {"platform": "x"}}'],
    ['no point', '{"series": [{"platform": "linux/amd64", "points": [1, null, {"sha": "x", "at": "y", "size": 1}]}]}'],
    ['a size below zero', JSON.stringify({ series: [{ platform: 'p', points: [{ sha: shaOf(1), at, size: -1 }] }] })],
    [
      'a time that is none',
      JSON.stringify({ series: [{ platform: 'p', points: [{ sha: shaOf(1), at: '<b>', size: 1 }] }] })
    ]
  ])('is not read from %s', (_what, text) => {
    expect(parseTrend(text)).toEqual({ series: [] })
  })
})

it('a sparkline goes from the least to the most', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█')
  expect(sparkline([5, 5, 5])).toBe('▄▄▄')
  expect(sparkline([100, 900, 100])).toBe('▁█▁')
})
