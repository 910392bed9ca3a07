import { expect, test } from '@jest/globals'
import { inputsOf, problemsOf } from './support.js'

const print = `sha256:${'0a'.repeat(32)}`

test('paths, folders and fingerprints', () => {
  const given = { 'leak-ignore': `/etc/ssl/test.key\n# a comment\n/opt/app/tests/**\n${print}` }
  expect(inputsOf(given).leakIgnore).toEqual(['/etc/ssl/test.key', '/opt/app/tests/**', print])
})

test.each([
  ['etc/test.key', '"etc/test.key"'],
  ['/etc/*.key', '"/etc/*.key"'],
  ['sha256:12', '"sha256:12"'],
  ['-----BEGIN PRIVATE KEY-----', 'an entry']
])('%s is refused', (entry, shown) => {
  expect(problemsOf({ 'leak-ignore': entry })).toEqual([
    `leak-ignore: ${shown} is neither a path in the image nor a fingerprint. Write a path such as /etc/ssl/private/test.key, a folder such as /opt/app/tests/**, or sha256: and 64 hex digits, as the report has them.`
  ])
})
