import { describe, expect, test } from '@jest/globals'
import { judgeIncrease } from '../../src/judge/max_increase.js'
import { delta } from '../../src/compare/difference.js'
import type { Limit } from '../../src/core/limit.js'

describe('max-increase', () => {
  test.each<[string, Limit, before: number, now: number, passed: boolean]>([
    ['below in bytes', { bytes: 100 }, 1000, 1099, true],
    ['at the limit', { bytes: 100 }, 1000, 1100, true],
    ['above in bytes', { bytes: 100 }, 1000, 1101, false],
    ['at the share', { share: 0.05 }, 1000, 1050, true],
    ['above the share', { share: 0.05 }, 1000, 1051, false],
    ['a small image: much in percent, little in bytes', { bytes: 100, share: 0.05 }, 100, 150, true],
    ['a big image: much in bytes, little in percent', { bytes: 100, share: 0.05 }, 100_000, 101_000, true],
    ['both', { bytes: 100, share: 0.05 }, 1000, 1101, false],
    ['smaller', { bytes: 0, share: 0 }, 1000, 900, true],
    ['the same', { bytes: 0, share: 0 }, 1000, 1000, true],
    ['no growth at all allowed', { bytes: 0 }, 1000, 1001, false],
    ['from nothing, a share', { share: 10 }, 0, 1, false],
    ['from nothing, both', { bytes: 100, share: 0.05 }, 0, 100, true],
    ['nothing from nothing', { share: 0 }, 0, 0, true]
  ])('%s', (_name, limit, before, now, passed) => {
    const result = judgeIncrease('linux/amd64', { size: delta(now, before) }, { limit, mode: 'fail' })
    const exceeded = !passed
    const expected = { rule: 'max-increase', baseline: 'found', measured: now - before, limit, exceeded, passed }
    expect(result).toMatchObject(expected)
    expect('share' in result).toBe(before !== 0)
  })

  test('growth that can no longer be refused passes, and says that it was too much', () => {
    const result = judgeIncrease('linux/amd64', { size: delta(1101, 1000) }, { limit: { bytes: 100 }, mode: 'warn' })
    expect(result).toMatchObject({ exceeded: true, mode: 'warn', passed: true })
  })

  test('without a baseline nothing is judged, and the result says why', () => {
    const limit = { bytes: 1 }
    const reason = 'no report of main is stored (yet)'
    expect(judgeIncrease('linux/arm64', { reason }, { limit, mode: 'fail' })).toEqual({
      rule: 'max-increase',
      platform: 'linux/arm64',
      limit,
      baseline: 'none',
      reason,
      passed: true
    })
  })
})
