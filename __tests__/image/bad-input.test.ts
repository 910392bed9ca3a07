import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import {
  analyseImage,
  ImageError,
  planNeedles,
  readImages,
  type ImageErrorCode,
  type Limits
} from '../../src/image/index.js'
import { analyse, analyseLayers } from './support/analyse.js'
import {
  addBlob,
  addImage,
  addJson,
  archiveOf,
  digestOf,
  dockerSaveOf,
  layerTar,
  layoutOf,
  temporaryFolder,
  withIndex,
  writeFiles,
  type LayoutFiles
} from './support/image-builder.js'
import { seeded } from './support/random.js'
import { file, tar } from './support/tar-builder.js'

const simple = () => layoutOf([{ layers: [{ entries: [file('a', 'x'.repeat(5000))] }] }])

async function open(files: LayoutFiles, limits: Partial<Limits> = {}): Promise<void> {
  await using folder = await temporaryFolder()
  const { images } = await readImages(await writeFiles(folder.path, files), { limits })
  for (const image of images) await analyseImage(image, { limits })
}

async function expectError(work: Promise<unknown>, code: ImageErrorCode, message: RegExp): Promise<void> {
  const caught: unknown = await work.then(
    () => undefined,
    (error: unknown) => error
  )
  expect(caught).toBeInstanceOf(ImageError)
  expect(caught).toMatchObject({ code, message: expect.stringMatching(message) })
}

/** A layout with something else in place of one kind of blob. */
function spoilt(
  kind: 'layer' | 'config' | 'manifest' | 'index',
  change: (bytes: Buffer) => Buffer | undefined
): LayoutFiles {
  const files = simple()
  for (const [name, bytes] of files) {
    if (!name.startsWith('blobs/')) continue
    const text = bytes.toString('latin1')
    const found =
      bytes[0] === 0x1f
        ? 'layer'
        : text.includes('"rootfs"')
          ? 'config'
          : text.includes('"manifests"')
            ? 'index'
            : 'manifest'
    if (found !== kind) continue
    const changed = change(bytes)
    if (changed === undefined) files.delete(name)
    else files.set(name, changed)
  }
  return files
}

const flipped = (bytes: Buffer) => {
  const copy = Buffer.from(bytes)
  copy[copy.length >> 1]! ^= 1
  return copy
}

describe('blobs', () => {
  test.each(['config', 'manifest', 'index'] as const)('a changed %s', async (kind) => {
    await expectError(open(spoilt(kind, flipped)), 'wrong-digest', /has digest sha256:.*, not sha256:/)
  })
  test.each(['config', 'manifest', 'index', 'layer'] as const)('a missing %s', async (kind) => {
    await expectError(open(spoilt(kind, () => undefined)), 'missing-blob', /is not in the layout/)
  })
  test.each(['config', 'manifest', 'index', 'layer'] as const)('a %s cut short', async (kind) => {
    await expectError(
      open(spoilt(kind, (bytes) => bytes.subarray(0, -3))),
      'wrong-size',
      /has \d+ bytes, its descriptor says \d+/
    )
  })
  test('a changed layer', async () => {
    await expectError(
      open(spoilt('layer', (bytes) => Buffer.from(bytes).fill(0xff, 4, 5))),
      'wrong-digest',
      /the blob has digest/
    )
  })
  test('a wrong diffID', async () => {
    const layer = { entries: [file('a')], diffID: digestOf(Buffer.from('other')) }
    await expectError(analyseLayers([layer]), 'wrong-digest', /the uncompressed tar has digest/)
  })
})

describe('layers', () => {
  const archive = tar([file('a', seeded(1).bytes(20_000))])
  const diffID = digestOf(archive)
  const two = (first: Buffer, second: Buffer) => Buffer.concat([first, second])

  test.each<readonly [name: string, blob: Buffer, message: RegExp]>([
    ['gzip cut short', gzipSync(archive).subarray(0, -100), /does not inflate as gzip: unexpected end of file/],
    ['gzip with a changed byte', flipped(gzipSync(archive)), /does not inflate as gzip|a wrong checksum|is not/],
    [
      'gzip with garbage behind it',
      two(gzipSync(archive), Buffer.from('garbage')),
      /incorrect header check|bytes follow/
    ],
    ['zstd cut short', zstdCompressSync(archive).subarray(0, -100), /does not inflate as zstd/],
    ['zstd with garbage behind it', two(zstdCompressSync(archive), Buffer.from('garbage')), /does not inflate as zstd/],
    ['only a gzip magic', Buffer.of(0x1f, 0x8b), /does not inflate as gzip/],
    ['only a zstd magic', Buffer.of(0x28, 0xb5, 0x2f, 0xfd), /does not inflate as zstd/],
    ['text', Buffer.from('<html>not found</html>'.repeat(40)), /wrong checksum/],
    ['bzip2, which no spec names', Buffer.from(`BZh91AY&SY${'x'.repeat(600)}`), /wrong checksum/]
  ])('%s', async (_, blob, message) => {
    await expectError(analyseLayers([{ blob, diffID }]), 'corrupt-layer', message)
  })

  test.each<readonly [name: string, blob: Buffer]>([
    ['gzip in two members', two(gzipSync(archive.subarray(0, 9000)), gzipSync(archive.subarray(9000)))],
    [
      'gzip in hundreds of members, as estargz',
      Buffer.concat(
        Array.from({ length: archive.length / 64 }, (_, at) => gzipSync(archive.subarray(at * 64, at * 64 + 64)))
      )
    ],
    ['gzip with zeros behind it', two(gzipSync(archive), Buffer.alloc(100))],
    ['zstd in two frames', two(zstdCompressSync(archive.subarray(0, 9000)), zstdCompressSync(archive.subarray(9000)))],
    [
      'zstd with skippable frames, as zstd:chunked',
      Buffer.concat([
        skippable(10),
        zstdCompressSync(archive.subarray(0, 9000)),
        skippable(0),
        zstdCompressSync(archive.subarray(9000)),
        skippable(5000)
      ])
    ],
    ['plain tar under a gzip media type', archive]
  ])('%s is read to its end', async (_, blob) => {
    expect((await analyseLayers([{ blob, diffID }])).size).toBe(20_000)
  })

  test('an empty blob is an empty layer', async () => {
    expect((await analyseLayers([{ blob: Buffer.alloc(0), diffID: digestOf(Buffer.alloc(0)) }])).layers).toMatchObject([
      { empty: true }
    ])
  })

  test('one bad layer among many stops the others', async () => {
    const good = { entries: [file('a', 'x'.repeat(100_000))] }
    await expectError(
      analyseLayers([good, good, { blob: Buffer.from('no'), diffID }, good, good]),
      'wrong-digest',
      /the uncompressed tar has digest/
    )
  })
})

describe('documents', () => {
  const withManifest = (manifest: Record<string, unknown>): LayoutFiles => {
    const files: LayoutFiles = new Map()
    return withIndex(files, [addJson(files, manifest, 'application/vnd.oci.image.manifest.v1+json')])
  }
  const index = (text: string): LayoutFiles => simple().set('index.json', Buffer.from(text))

  test.each<readonly [name: string, files: LayoutFiles, message: RegExp]>([
    ['index.json is no JSON', index('{'), /^index.json is not JSON: /],
    ['index.json is an array', index('[]'), /^index.json is not a JSON object/],
    ['index.json is empty of meaning', index('{}'), /neither an index .* nor a manifest/],
    [
      'a digest that climbs',
      index('{"manifests":[{"digest":"sha256:../../../etc/passwd","size":1}]}'),
      /is not a sha256 or sha512 digest/
    ],
    [
      'a digest of another algorithm',
      index('{"manifests":[{"digest":"md5:00","size":1}]}'),
      /is not a sha256 or sha512 digest/
    ],
    [
      'a size that is none',
      index(`{"manifests":[{"digest":"sha256:${'0'.repeat(64)}","size":-1}]}`),
      /size is not a whole number/
    ],
    ['a manifest without a config', withManifest({ layers: [] }), /neither an index .* nor a manifest/],
    ['more layers than diffIDs', spoiltLayers(), /has 0 layers, its config 1 diffIDs/]
  ])('%s', async (_, files, message) => {
    await expectError(open(files), 'corrupt-document', message)
  })

  test('an index that names itself by a wrong digest', async () => {
    const files = simple()
    const digest = `sha256:${'ab'.repeat(32)}`
    const cyclic = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ digest, size: 133 }] }))
    files.set(`blobs/sha256/${digest.slice(7)}`, cyclic)
    await expectError(
      open(withIndex(files, [{ digest, size: cyclic.length }])),
      'wrong-digest',
      /^manifest sha256:abab/
    )
  })

  test('indices nested without end', async () => {
    const files: LayoutFiles = new Map()
    let manifests = addImage(files, { layers: [] })
    for (let depth = 0; depth < 20; depth++)
      manifests = [addJson(files, { schemaVersion: 2, manifests, depth }, 'application/vnd.oci.image.index.v1+json')]
    await expectError(open(withIndex(files, manifests)), 'limit', /nested deeper than 8/)
  })

  test('an index of the same index, a thousandfold', async () => {
    const files: LayoutFiles = new Map()
    let manifests = addImage(files, { layers: [] })
    for (let depth = 0; depth < 5; depth++) {
      const inner = addJson(files, { schemaVersion: 2, manifests, depth }, 'application/vnd.oci.image.index.v1+json')
      manifests = Array.from({ length: 10 }, () => inner)
    }
    await expectError(open(withIndex(files, manifests)), 'limit', /more than 1000 manifests/)
  })

  test('a layout of a version to come', async () => {
    await expectError(
      open(simple().set('oci-layout', Buffer.from('{"imageLayoutVersion":"2.0.0"}'))),
      'unsupported',
      /is not 1.x/
    )
  })

  test('a document of many megabytes', async () => {
    const files: LayoutFiles = new Map()
    const blob = addBlob(files, Buffer.alloc(3_000_000, ' '), 'application/vnd.oci.image.manifest.v1+json')
    await expectError(
      open(withIndex(files, [blob]), { documentBytes: 1_000_000 }),
      'limit',
      /has 3000000 bytes, more than 1000000/
    )
  })

  test('a docker-save config whose name is another digest', async () => {
    const files = dockerSaveOf({ layers: [] })
    const name = [...files.keys()].find((key) => key.endsWith('.json') && key !== 'manifest.json')!
    files.set(name, Buffer.from('{"rootfs":{"diff_ids":[]}}'))
    await expectError(open(files), 'wrong-digest', /^config .* has digest/)
  })

  test('a docker-save manifest whose layer climbs out', async () => {
    const files = dockerSaveOf({ layers: [{ entries: [] }] })
    const manifest = files
      .get('manifest.json')!
      .toString()
      .replace(/"Layers":\["[^"]*"/, '"Layers":["../../../../etc/passwd"')
    await expectError(
      open(files.set('manifest.json', Buffer.from(manifest))),
      'missing-blob',
      /^layer \.\.\/.* is not in the archive/
    )
  })
})

describe('places that hold no image', () => {
  test.each<readonly [name: string, make: (root: string) => Promise<string>, message: RegExp]>([
    ['nothing', (root) => Promise.resolve(join(root, 'none')), /none does not exist/],
    ['an empty folder', (root) => Promise.resolve(root), /neither index.json .* nor manifest.json/],
    ['a pipe', () => Promise.resolve('/dev/null'), /neither a folder nor a file/],
    [
      'a text file',
      async (root) => written(root, Buffer.from('hello '.repeat(200))),
      /is not a complete tar archive: .* wrong checksum/
    ],
    [
      'an archive cut short',
      async (root) => written(root, archiveOf(simple()).subarray(0, 700)),
      /is not a complete tar archive: .*ends inside/
    ],
    [
      'an archive of something else',
      async (root) => written(root, tar([file('a', 'x')])),
      /neither index.json .* nor manifest.json/
    ],
    [
      'folders where files should be',
      async (root) => {
        await mkdir(join(root, 'index.json'))
        return root
      },
      /neither index.json .* nor manifest.json/
    ]
  ])('%s', async (_, make, message) => {
    await using folder = await temporaryFolder()
    await expectError(readImages(await make(folder.path)), 'not-an-image', message)
  })
})

describe('limits', () => {
  const entries = Array.from({ length: 50 }, (_, at) => file(`f${at}`))
  test.each<readonly [name: string, limits: Partial<Limits>, message: RegExp]>([
    ['entries', { entries: 49 }, /more than 49 tar entries/],
    ['bytes of a layer', { layerBytes: 10_000 }, /inflates to more than 10000 bytes/],
    ['ratio', { ratio: 2, ratioFrom: 5000 }, /inflates to more than 2 times its size/],
    ['path length', { pathBytes: 2 }, /a path of 3 bytes, more than 2/]
  ])('%s', async (_, limits, message) => {
    await expectError(analyseLayers([entries], { limits }), 'limit', message)
  })

  test('a path of 100 000 characters', async () => {
    await expectError(
      analyseLayers([[file('a', '', { pax: { path: 'p/'.repeat(50_000) } })]]),
      'limit',
      /a path of 100000 bytes/
    )
  })
})

describe('stopping', () => {
  test('before it began', async () => {
    await expect(analyseLayers([[file('a')]], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough'
    )
  })

  test('while it runs', async () => {
    const stop = new AbortController()
    const layers = Array.from({ length: 30 }, () => [file('a', 'x'.repeat(100_000))])
    const running = analyseLayers(layers, { signal: stop.signal })
    setImmediate(() => {
      stop.abort(new Error('enough'))
    })
    await expect(running).rejects.toThrow('enough')
  })

  test('a folder that is read stays as it was', async () => {
    await using folder = await temporaryFolder()
    await writeFiles(folder.path, simple())
    const before = (await readdir(folder.path, { recursive: true })).sort()
    const { images } = await readImages(folder.path)
    await analyseImage(images[0]!, { needles: await planNeedles([]) })
    expect((await readdir(folder.path, { recursive: true })).sort()).toEqual(before)
  })
})

test('an attestation that is not what its digest says stops a leak check', async () => {
  const files = layoutOf([{ layers: [{ entries: [file('a')] }], statements: [{ a: 'statement' }] }])
  for (const [name, bytes] of files)
    if (bytes.toString() === '{"a":"statement"}') files.set(name, Buffer.from('{"a":"statemend"}'))
  await using folder = await temporaryFolder()
  const { images } = await readImages(await writeFiles(folder.path, files))
  await expectError(analyseImage(images[0]!, { needles: await planNeedles([]) }), 'wrong-digest', /^attestation /)
})

test('an image of nothing but its config', async () => {
  expect(await analyse({ layers: [] })).toMatchObject({ size: 0, leaks: [], omissions: [] })
})

function skippable(length: number): Buffer {
  const frame = Buffer.alloc(8 + length, 7)
  frame.writeUInt32LE(0x184d2a53, 0)
  frame.writeUInt32LE(length, 4)
  return frame
}

/** A manifest without layers whose config has one. */
function spoiltLayers(): LayoutFiles {
  const files: LayoutFiles = new Map()
  const diffID = digestOf(layerTar({ entries: [] }))
  const config = addJson(files, { rootfs: { diff_ids: [diffID] } }, 'application/vnd.oci.image.config.v1+json')
  return withIndex(files, [addJson(files, { config, layers: [] }, 'application/vnd.oci.image.manifest.v1+json')])
}

async function written(root: string, bytes: Buffer): Promise<string> {
  const path = join(root, 'file')
  await writeFile(path, bytes)
  return path
}
