/** Publishing by script: from an engine's classic image store, and archives beside other ways out. */
import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseOutput } from '../../src/inputs/outputs.js'
import { Cancelled, type Exec } from '../../src/ports.js'
import type { Publication } from '../../src/publish/plan.js'
import { publish, type Published } from '../../src/publish/publish.js'
import { readContent, type Content } from '../../src/registry/content.js'
import { keptLog } from '../buildkit/support/buildx.js'
import { imageOnDisk } from '../serve/support.js'

const layers = ['sha256:1', 'sha256:2']
const image = { platform: 'linux/amd64', manifestDigest: '', configDigest: 'sha256:c', diffIDs: layers }
const classicTag = 'stagegate-inspect:abc'
const nothing: Publication = { attributes: [], pushes: [], loads: [], files: [], indexAnnotations: {} }

type Trouble = { readonly at: string; readonly stderr: string } | { readonly at: string; readonly cancelled: true }

async function publishClassic(
  publication: Partial<Publication>,
  {
    held = layers,
    trouble,
    digests = []
  }: { readonly held?: readonly string[]; readonly trouble?: Trouble; readonly digests?: readonly string[] } = {}
): Promise<{ readonly published: Published; readonly did: readonly string[] }> {
  const did: string[] = []
  const exec: Exec = ({ args }) => {
    const line = args.join(' ')
    if (line.includes('.RepoDigests')) {
      return Promise.resolve({ exitCode: 0, stdout: JSON.stringify(digests), stderr: '', timedOut: false })
    }
    if (line.startsWith('image inspect')) {
      const stdout = JSON.stringify({ RootFS: { Layers: held } })
      // As Docker before 28.1: it does not know the flag.
      return Promise.resolve({ exitCode: line.includes('--platform') ? 125 : 0, stdout, stderr: '', timedOut: false })
    }
    did.push(line)
    const met = trouble?.at === line ? trouble : undefined
    if (met !== undefined && 'cancelled' in met) return Promise.reject(new Cancelled())
    return Promise.resolve({
      ...{ exitCode: met === undefined ? 0 : 1, stdout: '', timedOut: false },
      stderr: met?.stderr ?? ''
    })
  }
  const [published] = await publish({ exec, log: keptLog().log, signal: new AbortController().signal }, [
    {
      ...{ publication: { ...nothing, ...publication }, images: [image], classicTag },
      ...{ bases: [], env: {}, folder: '/private', onTag: () => undefined, onUntag: () => undefined },
      findInsecure: () => Promise.resolve([])
    }
  ])
  if (published === undefined) throw new Error('nothing is told of the image')
  return { published, did }
}

const names = ['r/a:1', 'r/a:2']
const pushes = [{ references: names, byDigest: false }]

describe('the classic image store', () => {
  test('pushes each name after its own', async () => {
    const { published, did } = await publishClassic({ pushes })
    expect(did).toEqual(names.flatMap((name) => [`image tag ${classicTag} ${name}`, `image push --quiet ${name}`]))
    expect(published).toEqual({
      ...{ tags: names, unknown: [], loaded: [], digest: 'sha256:c', how: ['push'], notes: [] }
    })
  })

  test.each([
    ['acme/app:1', 'acme/app'],
    ['docker.io/acme/app:1', 'acme/app'],
    ['index.docker.io/acme/app:1', 'acme/app'],
    ['docker.io/library/app', 'app'],
    ['r.example.com:5000/app:1', 'r.example.com:5000/app']
  ])('knows the digest of %s, which docker calls %s', async (name, called) => {
    const digests = [`other/app@sha256:${'a'.repeat(64)}`, `${called}@sha256:${'b'.repeat(64)}`]
    const { published } = await publishClassic({ pushes: [{ references: [name], byDigest: false }] }, { digests })
    expect(published.digest).toBe(`sha256:${'b'.repeat(64)}`)
  })

  test('loads by giving names', async () => {
    const { published, did } = await publishClassic({ loads: [{ names }] })
    expect(did).toEqual(names.map((name) => `image tag ${classicTag} ${name}`))
    expect(published).toEqual({
      ...{ tags: [], unknown: [], loaded: names, digest: 'sha256:c', imageID: 'sha256:c', how: ['load'], notes: [] }
    })
  })

  test('does both', async () => {
    const { published } = await publishClassic({ loads: [{ names }], pushes })
    expect([published.tags, published.loaded, published.how]).toEqual([names, names, ['push', 'load']])
  })

  test('does nothing where nothing is asked', async () => {
    const { published, did } = await publishClassic({})
    expect([did, published.tags, published.how]).toEqual([[], [], []])
  })

  test('pushes nothing that has other layers than were inspected', async () => {
    const { published, did } = await publishClassic({ pushes }, { held: ['sha256:1', 'sha256:other'] })
    expect(did).toEqual([`image tag ${classicTag} r/a:1`])
    expect(published).toMatchObject({
      ...{ tags: [], how: [] },
      failure: { kind: 'mismatch', cause: 'the engine has a different image under r/a:1 than was inspected' }
    })
  })

  test('tells which names have the image when a push is refused', async () => {
    const trouble = { at: 'image push --quiet r/a:2', stderr: 'waiting\ndenied: no\n' }
    const { published } = await publishClassic({ pushes }, { trouble })
    expect(published).toMatchObject({
      ...{ tags: ['r/a:1'], how: ['push'] },
      notes: ['These tags have the image, although publishing failed: r/a:1.'],
      failure: { kind: 'registry', reference: 'r/a:2', message: 'failed to push r/a:2: denied: no' }
    })
  })

  test.each<[string, Trouble, Partial<Published>]>([
    [
      'the engine takes a name no more',
      { at: `image tag ${classicTag} r/a:2`, stderr: 'no space left on device\n' },
      { failure: { kind: 'engine', message: 'docker image tag r/a:2: no space left on device' } }
    ],
    ['the run is cancelled between two', { at: `image tag ${classicTag} r/a:2`, cancelled: true }, { cancelled: true }],
    [
      'the run is cancelled',
      { at: 'image push --quiet r/a:2', cancelled: true },
      {
        ...{ cancelled: true, unknown: ['r/a:2'] },
        notes: [
          'These tags have the image, although publishing failed: r/a:1.',
          'Whether these tags have the image is not known, since the registry did not say: r/a:2.'
        ]
      }
    ]
  ])('tells which names have the image when %s', async (_, trouble, expected) => {
    // By this digest the registry has it, whatever came after.
    const digests = [`r/a@sha256:${'d'.repeat(64)}`]
    const { published } = await publishClassic({ pushes }, { trouble, digests })
    expect(published).toEqual({
      ...{ tags: ['r/a:1'], unknown: [], loaded: [], digest: `sha256:${'d'.repeat(64)}`, how: ['push'] },
      notes: ['These tags have the image, although publishing failed: r/a:1.'],
      ...expected
    })
  })

  test('tells what the engine says of a name that it does not take', async () => {
    const trouble = { at: `image tag ${classicTag} r/a:1`, stderr: 'no space left on device\n' }
    const { published } = await publishClassic({ loads: [{ names }] }, { trouble })
    expect(published).toMatchObject({
      ...{ tags: [], how: [] },
      failure: { kind: 'engine', message: 'docker image tag r/a:1: no space left on device' }
    })
  })
})

describe('an archive of the inspected image', () => {
  /** Loads the image, too, on an engine that says yes to everything. */
  async function publishArchive(spoil: (content: Content, cancel: AbortController) => Promise<void> | void) {
    await using disk = await imageOnDisk()
    const content = await readContent([disk.folder])
    const cancel = new AbortController()
    await spoil(content, cancel)
    const dest = path.join(disk.folder, 'a.tar')
    const entry = parseOutput(`type=oci,dest=${dest}`, () => undefined)
    if (entry === undefined) throw new Error('no output')
    const did: string[] = []
    const exec: Exec = ({ args }) => {
      did.push(args.slice(0, 2).join(' '))
      return Promise.resolve({ exitCode: 0, stdout: content.root.digest, stderr: '', timedOut: false })
    }
    const file = { entry, dest, staged: path.join(disk.folder, 'staged.tar'), names: ['a:1'], source: 'image' } as const
    const [published] = await publish({ exec, log: keptLog().log, signal: cancel.signal }, [
      {
        ...{ publication: { ...nothing, loads: [{ names: ['a:1'] }], files: [file] }, images: [image], content },
        ...{ bases: [], env: {}, folder: disk.folder, onTag: () => undefined, onUntag: () => undefined },
        findInsecure: () => Promise.resolve([])
      }
    ])
    if (published === undefined) throw new Error('nothing is told of the image')
    return { published, did, isThere: existsSync(dest) }
  }

  test('is in its place at the end', async () => {
    const { published, did, isThere } = await publishArchive(() => undefined)
    expect(published.failure).toBeUndefined()
    expect(published.how).toEqual(['load', expect.stringContaining('type=oci')])
    expect(did).toContain('image pull')
    expect(isThere).toBe(true)
  })

  test.each<[string, Parameters<typeof publishArchive>[0], object]>([
    [
      'that has been changed',
      async ({ blobs: [blob] }) => writeFile(blob?.file.path ?? '', Buffer.alloc(blob?.size ?? 0)),
      { failure: { kind: 'mismatch', cause: expect.stringContaining('changed after it had been inspected') } }
    ],
    ['of a run that is cancelled meanwhile', (_, cancel) => cancel.abort(), { cancelled: true }]
  ])('%s keeps back all else', async (_, spoil, expected) => {
    const { published, did, isThere } = await publishArchive(spoil)
    expect(published).toMatchObject({ ...expected, tags: [], loaded: [], how: [] })
    expect([did, isThere]).toEqual([[], false])
  })
})
