/** Secrets in the names that an image leaves under. */
import { expect, test } from '@jest/globals'
import { findNamedSecrets } from '../../src/phases/names.js'
import { createRedactor } from '../../src/report/redact.js'
import { inputsOf, type Given } from '../inputs/support.js'

async function find(given: Given) {
  const secrets = [
    ['token', 'ghp-0123456789abcdefghij'],
    ['host', 'registry.acme-corp.example'],
    ['word', 'production']
  ].map(([id = '', value = '']) => ({ id, value: Buffer.from(value), kind: 'secret' as const }))
  return findNamedSecrets(inputsOf(given), secrets, createRedactor(secrets))
}

test.each<[string, Given]>([
  ['tags', { tags: 'ghcr.io/acme/app:ghp-0123456789abcdefghij' }],
  ['tags', { tags: 'ghcr.io/acme/ghp-0123456789abcdefghij' }],
  ['tags', { tags: `ghcr.io/acme/app:${Buffer.from('ghp-0123456789abcdefghij').toString('hex')}` }],
  ['outputs', { outputs: 'type=image,name=ghcr.io/acme/app:ghp-0123456789abcdefghij' }],
  ['cache-image', { 'cache-image': 'ghcr.io/acme/ghp-0123456789abcdefghij' }]
])('in %s is told, and not shown', async (input, given) => {
  const problems = await find(given)
  expect(problems).toMatchObject([{ input, problem: expect.stringContaining('holds the secret "token"') }])
  expect(JSON.stringify(problems)).not.toMatch(/0123456789|676870/)
})

test('the host of a registry and an ordinary word are none', async () => {
  expect(await find({ tags: 'registry.acme-corp.example/app:production', 'cache-image': 'ghcr.io/a/cache' })).toEqual(
    []
  )
})
