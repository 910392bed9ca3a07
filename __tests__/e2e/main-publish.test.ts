/** Publishing that does not come to its end: what the registries have then is what the run tells. */
import { expect, jest, test } from '@jest/globals'
import type { ChildProcess } from 'node:child_process'
import { registryManifest, registryTags } from '../support/engine.js'
import { startFaultyRegistry } from './support/faults.js'
import { expectExit } from './support/log.js'
import { job, startProject } from './support/variety.js'
import { freshRepository, sharedRegistry } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()

test('a cancel after the first tag tells that this one has the image', async () => {
  await using slow = await startFaultyRegistry(registry)
  await using workspace = await startProject()
  const { name } = freshRepository()
  const tag = (last: string) => `${slow.address}/${name}:${last}`
  let child: ChildProcess | undefined
  slow.misbehave((method, path) => {
    if (method !== 'PUT' || !path.endsWith('/manifests/b')) return undefined
    child?.kill('SIGTERM')
    return { kind: 'silence' }
  })
  const result = await workspace.run(
    { ...job, push: 'true', tags: `${tag('a')}\n${tag('b')}` },
    { onStart: (started) => (child = started) }
  )
  expect(result.exitCode).not.toBe(0)
  expect(result.outputs.published).toBe('true')
  const digest = (await registryManifest(registry, name, 'a'))?.digest
  expect(result.outputs.digest).toBe(digest)
  expect(await registryTags(registry, name)).toEqual(['a'])
  expect(result.summary).toContain('cancelled')
  expect(result.summary).not.toContain('nothing was published')
  expect(result.summary).toContain(tag('a'))
  expect(result.summary).not.toContain(tag('b'))
})

test('a cancel before the first tag publishes nothing, and says so', async () => {
  await using slow = await startFaultyRegistry(registry)
  await using workspace = await startProject()
  const { name } = freshRepository()
  let child: ChildProcess | undefined
  slow.misbehave((method, path) => {
    if (method !== 'PUT' || !path.endsWith('/manifests/a')) return undefined
    child?.kill('SIGTERM')
    return { kind: 'silence' }
  })
  const result = await workspace.run(
    { ...job, push: 'true', tags: `${slow.address}/${name}:a` },
    { onStart: (started) => (child = started) }
  )
  expect(result.exitCode).not.toBe(0)
  expect(result.outputs.published).toBe('false')
  expect(await registryTags(registry, name)).toEqual([])
  expect(result.summary).toContain('nothing was published')
})

test('of two registries one refuses the image: no tag is written in the other either', async () => {
  await using refusing = await startFaultyRegistry(registry)
  await using workspace = await startProject()
  const [good, bad] = [freshRepository(), freshRepository()]
  refusing.misbehave((method) => (method === 'POST' ? { kind: 'answer', status: 403 } : undefined))
  const result = await workspace.run({
    ...job,
    ...{ push: 'true', tags: `${good.reference}:1\n${refusing.address}/${bad.name}:1` }
  })
  expectExit(result, 1)
  expect(result.outputs.published).toBe('false')
  for (const { name } of [good, bad]) expect(await registryTags(registry, name)).toEqual([])
  expect(result.summary).toMatch(/^## ❌ .*nothing was published/)
  expect(result.summary).toContain(`${refusing.address}/${bad.name}`)
})

test('of two tags one is refused: the other is told to have the image', async () => {
  await using refusing = await startFaultyRegistry(registry)
  await using workspace = await startProject()
  const [good, bad] = [freshRepository(), freshRepository()]
  const refused = `${refusing.address}/${bad.name}:1`
  refusing.misbehave((method, path) =>
    method === 'PUT' && path.endsWith('/manifests/1') ? { kind: 'answer', status: 403 } : undefined
  )
  const result = await workspace.run({ ...job, push: 'true', tags: `${good.reference}:1\n${refused}` })
  expectExit(result, 1)
  expect(result.outputs.published).toBe('true')
  expect(await registryTags(registry, good.name)).toEqual(['1'])
  expect(await registryTags(registry, bad.name)).toEqual([])
  expect(result.summary).toContain(`These tags have the image, although publishing failed: ${good.reference}:1`)
  expect(result.summary).not.toContain('nothing was published')
})
