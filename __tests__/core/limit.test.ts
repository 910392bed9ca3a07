import { expect, test } from '@jest/globals'
import { parseLimit, parseSize, type Limit } from '../../src/core/limit.js'
import { inputsOf, problemsOf } from '../inputs/support.js'

test.each<[string, number | undefined]>([
  ['0', 0],
  ['250MB', 250_000_000],
  ['250 mb', 250_000_000],
  ['1.5GiB', 1_610_612_736],
  ['10KiB', 10_240],
  [' 7b ', 7],
  ['2TB', 2_000_000_000_000],
  ['5%', undefined],
  ['-1MB', undefined],
  ['1,5MB', undefined],
  ['MB', undefined],
  ['10 Mo', undefined],
  ['5constructor', undefined],
  ['', undefined]
])('the size %j', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each<[string, Limit | undefined]>([
  ['5%', { share: 0.05 }],
  ['12.5%', { share: 0.125 }],
  ['10MB', { bytes: 10_000_000 }],
  ['5%, 10MB', { share: 0.05, bytes: 10_000_000 }],
  ['10 MB and 5%', { share: 0.05, bytes: 10_000_000 }],
  ['5% 10MB', { share: 0.05, bytes: 10_000_000 }],
  ['5%\n10MiB\n', { share: 0.05, bytes: 10_485_760 }],
  ['5%, 6%', undefined],
  ['10MB, 20MB', undefined],
  ['5 percent', undefined],
  [',', undefined],
  ['', undefined]
])('the limit %j', (text, limit) => {
  expect(parseLimit(text)).toEqual(limit)
})

test('a budget', () => {
  const given = { 'max-size': '250MB', 'max-layers': '40', 'max-reclaimable': '5%, 10MB', 'leak-check': 'warn' }
  expect(inputsOf(given).budget).toEqual({
    maxSize: 250_000_000,
    maxLayers: 40,
    maxReclaimable: { share: 0.05, bytes: 10_000_000 },
    leakCheck: 'warn'
  })
})

test.each([
  [{ 'max-size': 'small' }, 'max-size: "small" is not valid. Write a size such as 250MB or 1.5GiB.'],
  [{ 'max-layers': '4.5' }, 'max-layers: "4.5" is not valid. Write a whole number.'],
  [{ 'leak-check': 'of' }, 'leak-check: "of" is not valid. Use fail, warn or off.']
])('%j', (given, problem) => {
  expect(problemsOf(given)).toEqual([problem])
})
