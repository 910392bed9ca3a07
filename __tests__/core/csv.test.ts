import { expect, test } from '@jest/globals'
import { writeField } from '../../src/core/csv.js'

test.each([
  ['src=/a/b', 'src=/a/b'],
  ['src=/a,b', '"src=/a,b"'],
  ['src=/a"b', '"src=/a""b"'],
  ['src=/a b', 'src=/a b']
])('%s as a field: %s', (field, expected) => {
  expect(writeField(field)).toBe(expected)
})
