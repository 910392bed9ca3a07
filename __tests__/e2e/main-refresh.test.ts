/** `refresh-after` on a builder that has nothing but an old layer cache: one that is made today, with its times set back. */
import { describe, expect, jest, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { canStartEngine, startEngine } from '../support/engine.js'
import { some } from '../support/tiers.js'
import { readImageFile } from './support/image.js'
import { expectExit } from './support/log.js'
import { makeKey } from './support/keys.js'
import { docker, job } from './support/variety.js'
import { baseImage, fresh, freshRepository, startWorkspace } from './support/workspace.js'

jest.setTimeout(180_000)

const DAY = 86_400_000
const withEngine = canStartEngine() ? describe : describe.skip

/** The same build as inputs, and as the target of a bake file with a key. */
const ways: readonly (readonly [from: string, given: Readonly<Record<string, string>>])[] = [
  ['the inputs', job],
  ['a bake file, with a key', { 'bake-targets': 'app', 'test-target': 'test', 'ssh-private-key': makeKey().privateKey }]
]

withEngine('a layer cache of nine days', () => {
  test.each(some(ways, 1))('its stage is built again, tested and published, once: from %s', async (_from, way) => {
    await using engine = await startEngine({ name: 'refresh' })
    const base = await baseImage('busybox')
    const lines = [
      `FROM ${base} AS deps`,
      `RUN --mount=type=ssh echo ${fresh()} $(cat /proc/sys/kernel/random/uuid) > /packages`,
      'FROM deps AS test',
      'RUN echo tested $(cat /packages)',
      'FROM deps AS production',
      'COPY app /app',
      ''
    ]
    const files = {
      ...{ Dockerfile: lines.join('\n'), app: 'app', '.dockerignore': 'cache\nwritten\n' },
      'docker-bake.json': JSON.stringify({ target: { app: { target: 'production', ssh: ['default'] } } })
    }
    await using workspace = await startWorkspace(files)
    const cache = path.join(workspace.folder, 'cache')
    const exported = `type=local,dest=${cache},mode=max`
    await docker({}, 'buildx', 'build', '--quiet', '--cache-to', exported, '--target', 'production', workspace.folder)
    await ageCache(cache, 9 * DAY)

    const repository = freshRepository()
    const given = { ...way, push: 'true', 'refresh-after': '7d', 'cache-from': `type=local,src=${cache}` }
    const written = path.join(workspace.folder, 'written')
    const cacheTo = `type=local,dest=${written},mode=max`
    const first = await workspace.run(
      { ...given, tags: `${repository.reference}:1`, 'cache-to': cacheTo },
      { env: engine.env }
    )
    expectExit(first, 0)
    const why = /Stage deps was built again: its oldest cached layer was 9 days old \(RUN echo .*, and refresh-after is/
    expect(first.log).toMatch(why)
    expect(first.summary).toMatch(why)
    expect(first.summary).toContain('`refresh-after` asks for it: what the cache had was too old')
    const made = (await readImageFile(repository.name, '1', '/packages'))?.trim() ?? ''
    expect(made).not.toBe('')
    // What was tested last is what has left.
    expect(first.log.split('\n').filter((line) => line.includes(`tested ${made}`))).not.toEqual([])
    // And what later runs read is as new, but for the layer of the base image.
    const [, oldest = 0] = (await timesOf(written)).toSorted((a, b) => a - b)
    expect(oldest).toBeGreaterThan(Date.now() - DAY)

    // The same old cache is read again, and what the builder has now comes before it.
    const second = await workspace.run({ ...given, tags: `${repository.reference}:2` }, { env: engine.env })
    expectExit(second, 0)
    expect(second.log).not.toContain('was built again')
    expect((await readImageFile(repository.name, '2', '/packages'))?.trim()).toBe(made)
  })
})

type Document = {
  readonly config: { digest: string; size: number }
  readonly layers: readonly { readonly annotations: Record<string, string> }[]
}

async function readCache(folder: string) {
  const place = (digest: string): string => path.join(folder, 'blobs', ...digest.split(':'))
  const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as {
    manifests: { digest: string; size: number }[]
  }
  const [entry] = index.manifests
  if (entry === undefined) throw new Error(`${folder} has no cache`)
  const manifest = JSON.parse(await readFile(place(entry.digest), 'utf8')) as Document
  return { place, index, entry, manifest }
}

/** When the layers of a cache were made. */
async function timesOf(folder: string): Promise<readonly number[]> {
  const { manifest } = await readCache(folder)
  return manifest.layers.map(({ annotations }) => Date.parse(annotations['buildkit/createdat'] ?? ''))
}

/** Sets all times of a cache back. */
async function ageCache(folder: string, by: number): Promise<void> {
  const { place, index, entry, manifest } = await readCache(folder)
  const back = (time: string): string => new Date(Date.parse(time) - by).toISOString()
  const write = async (text: string): Promise<{ digest: string; size: number }> => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
    await writeFile(place(digest), text)
    return { digest, size: Buffer.byteLength(text) }
  }
  const config = await readFile(place(manifest.config.digest), 'utf8')
  const aged = config.replace(/("createdAt":")([^"]+)/g, (_, key: string, time: string) => key + back(time))
  Object.assign(manifest.config, await write(aged))
  for (const { annotations } of manifest.layers) {
    annotations['buildkit/createdat'] = back(annotations['buildkit/createdat'] ?? '')
  }
  Object.assign(entry, await write(JSON.stringify(manifest)))
  await writeFile(path.join(folder, 'index.json'), JSON.stringify(index))
}
