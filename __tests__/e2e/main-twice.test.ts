/** `verify-reproducible`: an image leaves only if a second build of it, from nothing, is the same. */
import { expect, jest, test } from '@jest/globals'
import { registryTags } from '../support/engine.js'
import { long } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { job, startProject } from './support/variety.js'
import { baseImage, freshRepository, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()
const env = { SOURCE_DATE_EPOCH: '1700000000' }

/** A push that is to be built twice. */
function pushed(reference: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { push: 'true', tags: `${reference}:1`, reproducible: 'true', 'verify-reproducible': 'true', ...more }
}

test('what a command draws by chance is named, and nothing leaves; without it the image leaves', async () => {
  const lines = [
    `FROM ${await baseImage('busybox')}`,
    'RUN mkdir /made',
    'RUN date +%s.%N > /made/now && touch /made/b',
    ''
  ]
  await using chance = await startWorkspace({ Dockerfile: lines.join('\n') })
  const [first, second] = [freshRepository(), freshRepository()]
  const red = await chance.run(pushed(first.reference), { env })
  expectExit(red, 1)
  expect(red.summary).toContain('a second build made another image, nothing was published')
  expect(red.summary).toContain('date +%s.%N > /made/now')
  expect(red.summary).toMatch(/\| `\/made\/now` \| content \|/)
  expect(red.summary).not.toMatch(/`\/made\/b`/)
  expect(red.outputs.published).toBe('false')
  expect(await registryTags(registry, first.name)).toEqual([])

  await using plain = await startProject()
  const green = await plain.run({ ...job, ...pushed(second.reference) }, { env })
  expectExit(green, 0)
  expect(green.summary).toContain('**reproducible**: built twice, same digest')
  expect(await registryTags(registry, second.name)).toEqual(['1'])
})

long.test('the times of the build are told as such, with what helps', async () => {
  await using workspace = await startProject()
  const repository = freshRepository()
  const result = await workspace.run({ ...job, ...pushed(repository.reference, { reproducible: 'false' }) })
  expectExit(result, 1)
  expect(result.summary).toMatch(/\| `\/base` \| only its time \|/)
  expect(result.summary).toContain('reproducible: true')
  expect(await registryTags(registry, repository.name)).toEqual([])
})
