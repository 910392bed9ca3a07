/** Publishing that does not come to its end: what the registries have then is what the run tells. */
import { expect, jest, test } from '@jest/globals'
import { execFile, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { registryManifest, registryTags } from '../support/engine.js'
import { long } from '../support/tiers.js'
import { startFaultyRegistry } from './support/faults.js'
import { expectExit } from './support/log.js'
import { docker, job, startProject } from './support/variety.js'
import { freshRepository, sharedRegistry } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()
const run = promisify(execFile)

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
  // It was on its way: nobody knows whether it arrives yet.
  expect(result.summary).toContain(`the registry did not say: ${tag('b')}.`)
  expect(result.summary.split(tag('b'))).toHaveLength(2)
})

long.test('a cancel in the writing of the first tag, of which the registry says nothing: that is told', async () => {
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
  expect(result.summary).toContain('whether the image was published is not known')
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

const hasSkopeo = (process.env.PATH ?? '').split(':').some((folder) => existsSync(path.join(folder, 'skopeo')))
const withSkopeo = hasSkopeo ? test : test.skip

withSkopeo('what was pushed is what others pull: skopeo the same manifests, docker an image that runs', async () => {
  await using workspace = await startProject()
  const { name, reference } = freshRepository()
  const result = await workspace.run({ ...job, push: 'true', tags: `${reference}:1` })
  expectExit(result, 0)
  const digest = result.outputs.digest ?? ''
  const pulled = path.join(workspace.folder, 'pulled')
  const flags = ['--insecure-policy', 'copy', '--quiet', '--all', '--preserve-digests', '--src-tls-verify=false']
  await run('skopeo', [...flags, `docker://${reference}:1`, `dir:${pulled}`])
  expect(await digestOf(path.join(pulled, 'manifest.json'))).toBe(digest)
  const { manifests } = (await registryManifest(registry, name, '1')) ?? { manifests: [], loads: [] }
  expect(manifests).toHaveLength(2)
  await docker({}, 'image', 'pull', '--quiet', `${reference}@${digest}`)
  const size = await docker({}, 'run', '--rm', '--network', 'none', `${reference}@${digest}`, 'wc', '-c', '/app')
  expect(size).toBe('100000 /app')
  await docker({}, 'image', 'rm', `${reference}@${digest}`)
})

async function digestOf(file: string): Promise<string> {
  return `sha256:${createHash('sha256')
    .update(await readFile(file))
    .digest('hex')}`
}
