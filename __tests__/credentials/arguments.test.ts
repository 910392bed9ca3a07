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

test('a name alone has its value from the environment, and an address its password', () => {
  const values = (argument: string) =>
    secretArguments([argument], { NPM_TOKEN: 'abc', VERSION: '1' }).map(({ value }) => value)
  expect(values('NPM_TOKEN')).toEqual(['abc'])
  expect(values('VERSION')).toEqual([])
  expect(values('INDEX_URL=https://ci:h%40nter2hunter@pypi.test/simple')).toEqual(['h%40nter2hunter', 'h@nter2hunter'])
  expect(values('HTTP_PROXY=http://proxy.test:8080')).toEqual([])
})
