import { expect, test } from '@jest/globals'
import { splitPair, type Pair } from '../../src/core/pair.js'

test.each<[string, Pair]>([
  ['NAME=VALUE', { name: 'NAME', value: 'VALUE' }],
  ['NAME=a=b==', { name: 'NAME', value: 'a=b==' }],
  ['NAME=', { name: 'NAME', value: '' }],
  ['NAME=a\nb', { name: 'NAME', value: 'a\nb' }],
  ['NAME', { name: 'NAME' }],
  ['=VALUE', { name: '', value: 'VALUE' }],
  ['', { name: '' }]
])('%j is taken apart', (text, pair) => {
  expect(splitPair(text)).toEqual(pair)
})
