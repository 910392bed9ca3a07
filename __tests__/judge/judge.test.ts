import { describe, expect, test } from '@jest/globals'
import { delta } from '../../src/compare/difference.js'
import type { ImageAnalysis } from '../../src/image/index.js'
import { parseLimit, parseSize } from '../../src/core/limit.js'
import { judge, type Budget } from '../../src/judge/index.js'
import { exceeds } from '../../src/judge/limits.js'

describe('sizes and limits', () => {
  test.each([
    ['0', 0],
    ['250', 250],
    ['250B', 250],
    ['250MB', 250e6],
    ['250mb', 250e6],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['2 GB', 2e9],
    ['64KiB', 65536]
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  test.each(['', '-1', '5%', 'MB', '1.MB', '5 apples', '1e6', '0x10', '1,5GB'])('"%s" is no size', (text) =>
    expect(parseSize(text)).toBeUndefined()
  )

  test.each([
    ['5%', { share: 0.05 }],
    ['10MB', { bytes: 10e6 }],
    ['5%, 10MB', { share: 0.05, bytes: 10e6 }],
    ['10 MB and 5%', { share: 0.05, bytes: 10e6 }],
    ['10MB\n5%', { share: 0.05, bytes: 10e6 }]
  ])('%j is a limit', (text, limit) => expect(parseLimit(text)).toEqual(limit))

  test.each(['', '5%, 6%', '10MB 20MB', '5 %', 'small'])('"%s" is no limit', (text) =>
    expect(parseLimit(text)).toBeUndefined()
  )

  test('a limit with two parts is broken only when both are', () => {
    const limit = { bytes: 10, share: 0.1 }
    expect(exceeds(limit, 11, 0.2)).toBe(true)
    expect(exceeds(limit, 11, 0.1)).toBe(false)
    expect(exceeds(limit, 10, 0.2)).toBe(false)
    expect(exceeds({}, 1e12, 1)).toBe(false)
  })
})

describe('judge', () => {
  test.each<[string, Budget, readonly [string, boolean][]]>([
    ['nothing asked but leaks', { leakCheck: 'fail' }, [['leak-check', false]]],
    ['leaks only warn', { leakCheck: 'warn' }, [['leak-check', true]]],
    ['leaks off', { leakCheck: 'off' }, []],
    [
      'exactly at the limit',
      { leakCheck: 'off', maxSize: 1000, maxLayers: 3 },
      [
        ['max-size', true],
        ['max-layers', true]
      ]
    ],
    [
      'one over',
      { leakCheck: 'off', maxSize: 999, maxLayers: 2 },
      [
        ['max-size', false],
        ['max-layers', false]
      ]
    ],
    ['reclaimable by share', { leakCheck: 'off', maxReclaimable: { share: 0.09 } }, [['max-reclaimable', false]]],
    [
      'reclaimable needs both',
      { leakCheck: 'off', maxReclaimable: { share: 0.09, bytes: 100 } },
      [['max-reclaimable', true]]
    ]
  ])('%s', (_, budget, expected) => {
    const results = judge([analysis()], budget)
    expect(results.map(({ rule, passed }) => [rule, passed])).toEqual(expected)
  })

  test('an empty image has no share to exceed', () => {
    const empty = { ...analysis(), size: 0, reclaimable: { own: 0, base: 0, paths: [] } }
    expect(judge([empty], { leakCheck: 'off', maxReclaimable: { share: 0 } })[0]?.passed).toBe(true)
  })

  test('growth is judged on each platform that the baseline has', () => {
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7']
    const images = platforms.map((platform) => ({ ...analysis(), platform }))
    const differences = [
      { platform: 'linux/amd64', size: delta(1000, 900) },
      { platform: 'linux/arm64', size: delta(1000, 990) }
    ]
    const budget: Budget = { leakCheck: 'off', maxIncrease: { share: 0.05 } }
    const results = judge(images, budget, { comparison: { kind: 'compared', differences }, mode: 'fail' })
    expect(results).toMatchObject([
      { platform: 'linux/amd64', baseline: 'found', measured: 100, exceeded: true, passed: false },
      { platform: 'linux/arm64', baseline: 'found', measured: 10, exceeded: false, passed: true },
      { platform: 'linux/arm/v7', baseline: 'none', reason: 'the baseline has no linux/arm/v7', passed: true }
    ])
  })

  test('growth without a baseline is not judged', () => {
    const budget: Budget = { leakCheck: 'off', maxIncrease: { bytes: 0 } }
    const comparison = { kind: 'none', reason: 'no report of main is stored (yet)' } as const
    expect(judge([analysis()], budget, { comparison, mode: 'fail' })).toMatchObject([
      { baseline: 'none', reason: 'no report of main is stored (yet)', passed: true }
    ])
  })

  test('every platform is judged on its own', () => {
    const arm = { ...analysis(), platform: 'linux/arm64', size: 2000 }
    const results = judge([analysis(), arm], { leakCheck: 'off', maxSize: 1500 })
    expect(results.map(({ platform, passed }) => [platform, passed])).toEqual([
      ['linux/amd64', true],
      ['linux/arm64', false]
    ])
  })
})

/** The parts of an analysis that rules look at: 1000 bytes in 3 layers, 100 of them reclaimable, one leak. */
function analysis(): ImageAnalysis {
  const figures: Pick<ImageAnalysis, 'platform' | 'size' | 'reclaimable' | 'leaks'> & { layers: readonly unknown[] } = {
    platform: 'linux/amd64',
    size: 1000,
    reclaimable: { own: 100, base: 900, paths: [] },
    layers: [{}, {}, {}],
    leaks: [
      {
        kind: 'secret',
        secretId: 'npm',
        encoding: 'raw',
        extent: 'whole',
        place: { in: 'env', name: 'NPM_TOKEN' },
        count: 1
      }
    ]
  }
  return figures as ImageAnalysis
}
