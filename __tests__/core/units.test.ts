import { describe, expect, it } from '@jest/globals'
import {
  bar,
  bytes,
  count,
  duration,
  enumerated,
  grouped,
  percent,
  share,
  signedBytes,
  signedCount,
  signedPercent
} from '../../src/core/units.js'

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [-5, '0 B'],
    [Number.NaN, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [201_300_000, '201.3 MB'],
    [999_999_999, '1.0 GB'],
    [2_560_000_000, '2.6 GB'],
    [5_000_000_000_000_000, '5000.0 TB']
  ])('%d is %s', (value, text) => {
    expect(bytes(value)).toBe(text)
  })
})

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [Number.NaN, '0 s'],
    [0.01, '<0.1 s'],
    [0.4, '0.4 s'],
    [12.44, '12.4 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 0 s'],
    [100, '1 min 40 s'],
    [3599.6, '1 h 0 min'],
    [7500, '2 h 5 min']
  ])('%d is %s', (value, text) => {
    expect(duration(value)).toBe(text)
  })
})

describe('percent', () => {
  it.each([
    [1, 0, '0 %'],
    [0, 10, '0 %'],
    [1, 1_000_000, '<0.1 %'],
    [3, 1000, '0.3 %'],
    [949, 100_000, '0.9 %'],
    [65, 100, '65 %'],
    [12, 10, '100 %']
  ])('of %d in %d is %s', (part, whole, text) => {
    expect(percent(part, whole)).toBe(text)
  })

  it('has a bar of constant width', () => {
    expect(bar(0, 0)).toBe('\u00a0'.repeat(20))
    expect(bar(65, 100)).toBe('█'.repeat(13) + '\u00a0'.repeat(7))
    expect(bar(200, 100, 10)).toBe('█'.repeat(10))
    expect(share(Number.NaN, 1)).toBe(0)
  })
})

describe('words', () => {
  it('count and list', () => {
    expect(count(1, 'layer')).toBe('1 layer')
    expect(count(1204, 'layer')).toBe('1,204 layers')
    expect(grouped(12_345_678)).toBe('12,345,678')
    expect(enumerated([])).toBe('')
    expect(enumerated(['a'])).toBe('a')
    expect(enumerated(['a', 'b', 'c'])).toBe('a, b and c')
  })
})

it.each<readonly [number, string]>([
  [0, 'none'],
  [Number.NaN, 'none'],
  [400_000, '+400.0 kB'],
  [-14_100_000, '−14.1 MB'],
  [-36, '−36 B']
])('a change of %d bytes is %s', (value, text) => {
  expect(signedBytes(value)).toBe(text)
})

it.each<readonly [number | undefined, string | undefined]>([
  [undefined, undefined],
  [0, undefined],
  [0.0004, undefined],
  [-0.0654, '−6.5 %'],
  [0.001, '+0.1 %'],
  [12.5, '+1,250 %']
])('a change by the share %p is %p', (value, text) => {
  expect(signedPercent(value)).toBe(text)
})

it('a change of a number has its sign', () => {
  expect([-1, 0, 2].map(signedCount)).toEqual(['−1', 'none', '+2'])
})
