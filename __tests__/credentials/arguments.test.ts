import { expect, test } from '@jest/globals'
import { secretArguments } from '../../src/credentials/arguments.js'

test.each([
  ['NPM_AUTH=abc', true],
  ['NPM_TOKEN=abc', true],
  ['db_password=a=b', true],
  ['DB_PASSWD=abc', true],
  ['API_KEY=abc', true],
  ['KEY=abc', true],
  ['CLIENT_SECRET=abc', true],
  ['VERSION=1.2.3', false],
  ['TOKEN_URL=https://x', false],
  ['MONKEY=abc', false],
  ['KEYBOARD=us', false],
  ['NPM_TOKEN', false]
])('%s', (argument, isSecret) => {
  expect(secretArguments([argument])).toHaveLength(isSecret ? 1 : 0)
})
