import { describe, expect, test } from '@jest/globals'
import { fileIndex, type Digest, type ImageAnalysis } from '../../src/image/index.js'
import { analyse, analyseLayers } from './support/analyse.js'
import { addImage, layerBlob, layerTar, digestOf, type LayoutFiles } from './support/image-builder.js'
import { file, folder, hardLink, symlink, type TarInput } from './support/tar-builder.js'

const kilo = (count: number) => 'k'.repeat(count * 1000)

/** The example that docs/analysis.md works out by hand. */
const base: readonly TarInput[] = [
  folder('etc'),
  file('etc/issue', kilo(1)),
  file('lib/c.so', kilo(10)),
  file('lib/old.so', kilo(4))
]
const upgrade: readonly TarInput[] = [file('lib/c.so', `${kilo(10)}${kilo(1)}`), file('lib/.wh.old.so')]
const build: readonly TarInput[] = [
  file('app/main', kilo(20)),
  hardLink('app/main2', 'app/main'),
  file('app/tmp.o', kilo(6)),
  file('app/data', kilo(8))
]
const chown: readonly TarInput[] = [
  file('app/main', kilo(20), { uid: 1000 }),
  hardLink('app/main2', 'app/main'),
  file('app/data', kilo(8), { uid: 1000, mode: 0o600 }),
  file('app/.wh.tmp.o')
]
const example = [base, upgrade, build, chown]

async function withBase(layers: readonly (readonly TarInput[])[], count: number): Promise<ImageAnalysis> {
  const baseDiffIDs = layers.slice(0, count).map((entries): Digest => digestOf(layerTar({ entries })))
  return analyseLayers(layers, { baseDiffIDs })
}

describe('the worked example', () => {
  test('sizes, reclaimable bytes and efficiency', async () => {
    const analysis = await withBase(example, 2)
    expect(analysis).toMatchObject({
      size: 15_000 + 11_000 + 34_000 + 28_000,
      reclaimable: { base: 14_000, own: 34_000 },
      efficiency: 40_000 / 88_000
    })
    expect(analysis.layers.map(({ size, base: isBase, files }) => ({ size, isBase, ...files }))).toEqual([
      { size: 15_000, isBase: true, added: 3, changed: 0, removed: 0 },
      { size: 11_000, isBase: true, added: 0, changed: 1, removed: 1 },
      { size: 34_000, isBase: false, added: 4, changed: 0, removed: 0 },
      { size: 28_000, isBase: false, added: 0, changed: 3, removed: 1 }
    ])
    expect(analysis.reclaimable.paths).toEqual([
      {
        path: '/app/main',
        size: 20_000,
        own: 20_000,
        deleted: false,
        layers: [
          { index: 2, size: 20_000, live: false },
          { index: 3, size: 20_000, live: true }
        ]
      },
      {
        path: '/lib/c.so',
        size: 10_000,
        own: 0,
        deleted: false,
        layers: [
          { index: 0, size: 10_000, live: false },
          { index: 1, size: 11_000, live: true }
        ]
      },
      {
        path: '/app/data',
        size: 8_000,
        own: 8_000,
        deleted: false,
        layers: [
          { index: 2, size: 8_000, live: false },
          { index: 3, size: 8_000, live: true }
        ]
      },
      {
        ...{ path: '/app/tmp.o', size: 6_000, own: 6_000, deleted: true, deletedBy: 3 },
        layers: [{ index: 2, size: 6_000, live: false }]
      },
      {
        ...{ path: '/lib/old.so', size: 4_000, own: 0, deleted: true, deletedBy: 1 },
        layers: [{ index: 0, size: 4_000, live: false }]
      }
    ])
  })

  test('what chown and chmod cost', async () => {
    const { layers } = await withBase(example, 2)
    expect(layers.map(({ copies }) => copies.size)).toEqual([0, 0, 0, 28_000])
    expect(layers[3]?.copies).toEqual({
      files: 2,
      size: 28_000,
      chown: { files: 2, size: 28_000 },
      chmod: { files: 1, size: 8_000 },
      paths: [
        { path: '/app/main', size: 20_000 },
        { path: '/app/data', size: 8_000 }
      ]
    })
  })

  test('what setcap costs: extended attributes, not nothing but times', async () => {
    const capability = { 'SCHILY.xattr.security.capability': 'cap' }
    const { layers } = await analyseLayers([
      [file('srv', kilo(3)), file('had', kilo(2), { pax: capability })],
      [file('srv', kilo(3), { pax: capability }), file('had', kilo(2), { pax: capability, mtime: 9 })]
    ])
    const none = { files: 0, size: 0 }
    expect(layers[1]?.copies).toMatchObject({
      ...{ files: 2, size: 5000, chown: none, chmod: none },
      attributes: { files: 1, size: 3000 }
    })
  })

  test('biggest files and directories', async () => {
    const { biggestFiles, biggestDirectories } = await withBase(example, 2)
    expect(biggestFiles.own).toEqual([
      { path: '/app/main', size: 20_000, layer: 3, base: false },
      { path: '/app/data', size: 8_000, layer: 3, base: false }
    ])
    expect(biggestFiles.base.map(({ path }) => path)).toEqual(['/lib/c.so', '/etc/issue'])
    expect(biggestDirectories.own).toEqual([{ path: '/app', size: 28_000, own: 28_000 }])
    expect(biggestDirectories.all.map(({ path, size }) => [path, size])).toEqual([
      ['/app', 28_000],
      ['/lib', 11_000],
      ['/etc', 1_000]
    ])
  })

  test('the index of own files', async () => {
    const { tree } = await withBase(example, 2)
    expect([...fileIndex(tree)].map(({ layer, path, size, uid }) => `${layer} ${path} ${size} ${uid}`)).toEqual([
      '2 /app/main 20000 0',
      '2 /app/main2 20000 0',
      '2 /app/tmp.o 6000 0',
      '2 /app/data 8000 0',
      '3 /app/main 20000 1000',
      '3 /app/main2 20000 0',
      '3 /app/data 8000 1000'
    ])
  })
})

describe('figures', () => {
  test('an image without layers', async () => {
    expect(await analyseLayers([])).toMatchObject({
      size: 0,
      efficiency: 1,
      layers: [],
      reclaimable: { own: 0, base: 0, paths: [] }
    })
  })

  test('an image of empty files', async () => {
    expect(await analyseLayers([[file('a'), folder('d')], []])).toMatchObject({
      size: 0,
      efficiency: 1,
      layers: [{ empty: false }, { empty: true }]
    })
  })

  test('transfer size counts config, manifest and each blob once', async () => {
    const layer = { entries: [file('a', 'x')] }
    const files: LayoutFiles = new Map()
    const [manifest] = addImage(files, { layers: [layer, layer] })
    const { transferSize } = await analyseLayers([layer, layer])
    const blobs = [...files.values()].reduce((sum, blob) => sum + blob.length, 0)
    expect(manifest).toHaveProperty('size')
    expect(transferSize).toBe(blobs)
    expect(layerBlob(layer).length).toBeLessThan(transferSize)
  })

  test('content that only a hard link still shows is not reclaimable', async () => {
    const { reclaimable } = await analyseLayers([[file('a', kilo(1)), hardLink('b', 'a')], [file('.wh.a')]])
    expect(reclaimable.own).toBe(0)
  })

  test('the layer that deletes a folder deletes what is in it', async () => {
    const { reclaimable } = await analyseLayers([
      [file('.wh.app')],
      [file('app/cache/a', kilo(1))],
      [file('app/b', 'b')],
      [file('app/.wh.cache')],
      [file('.wh.app')]
    ])
    expect(reclaimable.paths[0]).toMatchObject({ path: '/app/cache/a', deleted: true, deletedBy: 3 })
  })

  test.each<[string, readonly (readonly TarInput[])[], number | undefined]>([
    [
      'a folder',
      [
        [folder('a'), file('a/b', 'b')],
        [folder('a'), file('a/c', 'c')]
      ],
      1
    ],
    ['a folder, once it is deleted', [[file('.wh.a')], [folder('a'), file('a/b', 'b')]], 1],
    ['a folder without an entry', [[file('a/b', 'b')]], undefined],
    ['a link', [[file('other', 'x')], [symlink('a', 'other')]], 2],
    ['a hard link', [[file('other', 'x'), hardLink('a', 'other')]], 1]
  ])('a file in whose place is %s', async (_, layers, replacedBy) => {
    const { reclaimable } = await analyseLayers([[file('a', kilo(1))], ...layers])
    expect(reclaimable.paths).toEqual([
      {
        ...{ path: '/a', size: 1000, own: 1000, deleted: false, layers: [{ index: 0, size: 1000, live: false }] },
        ...(replacedBy === undefined ? {} : { replacedBy })
      }
    ])
  })

  test('content that both names lost is', async () => {
    const { reclaimable } = await analyseLayers([
      [file('a', kilo(1)), hardLink('b', 'a')],
      [file('.wh.a'), file('b', 'x')]
    ])
    expect(reclaimable).toMatchObject({ own: 1000, paths: [{ path: '/a', size: 1000, deleted: true }] })
  })

  test('a sparse file weighs what it is when extracted', async () => {
    const sparse = file('a', 'data', { pax: { 'GNU.sparse.size': '1000000', 'GNU.sparse.map': '0,4' } })
    expect((await analyseLayers([[sparse]])).size).toBe(1_000_000)
  })

  test('the same content under several names', async () => {
    const lower = [file('lib/a', kilo(5)), file('lib/b', kilo(5)), file('small', 'x')]
    const upper = [
      ...[file('app/a', kilo(5)), file('app/m.js', `${kilo(2)}1`), file('srv/m.js', `${kilo(2)}1`)],
      ...[hardLink('srv/link', 'srv/m.js'), symlink('srv/s', 'm.js'), file('other', `${kilo(2)}2`), file('s', 'x')],
      ...[file('gone', kilo(7)), file('kept', kilo(7))]
    ]
    const analysis = await withBase([lower, upper, [file('.wh.gone')]], 1)
    expect(analysis.duplicates).toEqual({
      size: 5000 + 2001,
      files: 2,
      contents: [
        { size: 5000, copies: 3, paths: ['/lib/a', '/lib/b', '/app/a'], layer: 1 },
        { size: 2001, copies: 2, paths: ['/app/m.js', '/srv/m.js'], layer: 1 }
      ]
    })
    // What the base image has twice is nobody's here.
    expect((await withBase([lower, [file('x', kilo(1))]], 1)).duplicates).toBeUndefined()
  })

  test('sizes that are alike in their lower bits are not taken for each other', async () => {
    const a = file('a', Buffer.alloc(2000))
    const b = file('b', Buffer.alloc(2000 + 2 ** 20))
    expect((await analyseLayers([[a, b]])).duplicates).toBeUndefined()
  })

  test('a change of the same size is no copy', async () => {
    const { layers } = await analyseLayers([[file('a', 'xx')], [file('a', 'yy', { uid: 1 })]])
    expect(layers[1]?.copies).toMatchObject({ files: 0, size: 0 })
  })

  test('layers that differ in times only have equal content digests', async () => {
    const layer = (mtime: number, content = 'x') => [
      file('a', content, { mtime }),
      folder('d', { mtime }),
      symlink('s', 'a')
    ]
    const { layers } = await analyseLayers([layer(1), layer(2), layer(2, 'y'), [...layer(1), file('.wh.b')]])
    expect(layers[1]?.contentDigest).toBe(layers[0]?.contentDigest)
    expect(layers[1]?.diffID).not.toBe(layers[0]?.diffID)
    expect(new Set(layers.map(({ contentDigest }) => contentDigest)).size).toBe(3)
  })

  test('history pairs with layers, and is not guessed where it does not', async () => {
    const layers = [{ entries: [file('a')] }, { entries: [file('b')] }]
    const paired = await analyse({
      layers,
      history: [{ created_by: 'COPY a' }, { created_by: 'ENV x=1', empty_layer: true }, { created_by: 'RUN b' }]
    })
    expect(paired.layers.map(({ createdBy }) => createdBy)).toEqual(['COPY a', 'RUN b'])
    const short = await analyse({ layers, history: [{ created_by: 'squashed' }] })
    expect(short.layers.map(({ createdBy }) => createdBy)).toEqual([undefined, undefined])
  })

  test('a base that is not below is said, and nothing is taken for base', async () => {
    const { layers, omissions } = await analyseLayers([[file('a')]], { baseDiffIDs: [digestOf(Buffer.from('other'))] })
    expect(layers.map((layer) => layer.base)).toEqual([false])
    expect(omissions).toEqual([
      { kind: 'image', words: 'the base image has 1 layers, of which only 0 are in this image' }
    ])
  })

  test('a foreign layer that is not there is said', async () => {
    const layer = {
      entries: [file('a', 'x')],
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    }
    const { omissions, size } = await analyseLayers([
      { ...layer, absent: true, urls: ['https://example.com/layer'] },
      [file('b', 'y')]
    ])
    expect(size).toBe(1)
    expect(omissions).toEqual([
      {
        ...{ kind: 'layer', layer: 0 },
        words: expect.stringMatching(/^\(sha256:.*\) is not in the layout and was not examined$/) as unknown
      }
    ])
  })
})

describe('facts for advice', () => {
  test('package caches of own layers, deleted ones too', async () => {
    const { packageCaches } = await analyseLayers([
      [
        file('var/cache/apt/archives/a.deb', kilo(3)),
        file('var/lib/apt/lists/x', kilo(2)),
        file('root/.cache/pip/http/x', kilo(5)),
        file('home/app/.npm/_cacache/x', kilo(1)),
        file('srv/me/.cache/uv/x', kilo(1))
      ],
      [file('var/lib/apt/.wh.lists')]
    ])
    expect(packageCaches).toEqual([
      { kind: 'pip', path: '/root/.cache/pip', size: 5000, live: 5000, files: 1, layers: [0] },
      { kind: 'apt', path: '/var/cache/apt', size: 3000, live: 3000, files: 1, layers: [0] },
      { kind: 'apt-lists', path: '/var/lib/apt/lists', size: 2000, live: 0, files: 1, layers: [0] },
      { kind: 'npm', path: '/home/app/.npm', size: 1000, live: 1000, files: 1, layers: [0] }
    ])
  })

  test('the home of the config is looked at too', async () => {
    const { packageCaches } = await analyse({
      layers: [{ entries: [file('srv/me/.cache/uv/x', kilo(1))] }],
      config: { Env: ['HOME=/srv/me'] }
    })
    expect(packageCaches).toMatchObject([{ kind: 'uv', path: '/srv/me/.cache/uv' }])
  })

  test('modes', async () => {
    const { modes } = await withBase(
      [
        [file('usr/bin/su', 'x', { mode: 0o4755 })],
        [
          folder('tmp', { mode: 0o1777 }),
          folder('open', { mode: 0o777 }),
          file('open/f', '', { mode: 0o666 }),
          file('own', 'x', { mode: 0o2755 }),
          symlink('s', 'own'),
          // Whoever opens a pipe or a device decides by other means.
          ...[
            { path: 'pipe', flag: '6', mode: 0o666 },
            { path: 'null', flag: '3', mode: 0o666, device: [1, 3] as const }
          ]
        ]
      ],
      1
    )
    expect(modes).toEqual({
      worldWritable: {
        count: 2,
        first: [
          { path: '/open', mode: 0o777, layer: 1 },
          { path: '/open/f', mode: 0o666, layer: 1 }
        ]
      },
      setuid: { count: 1, first: [{ path: '/own', mode: 0o2755, layer: 1 }] }
    })
  })

  test('clients', async () => {
    const { clients } = await withBase(
      [
        [file('usr/bin/curl', 'x'), file('usr/bin/wget', 'x')],
        [file('usr/bin/.wh.wget'), file('usr/local/bin/ssh', 'x')]
      ],
      1
    )
    expect(clients).toEqual([
      { name: 'curl', path: '/usr/bin/curl', layer: 0, base: true },
      { name: 'ssh', path: '/usr/local/bin/ssh', layer: 1, base: false }
    ])
  })
})

describe('a file with several names', () => {
  const below = [file('a/second', 'x')]

  test('goes by its own, whatever the layers below have', async () => {
    const { biggestFiles } = await analyseLayers([below, [file('z/first', kilo(1)), hardLink('a/second', 'z/first')]])
    expect(biggestFiles.own).toMatchObject([{ path: '/z/first', size: 1000 }])
  })

  test('goes by the first of the others where its own is gone', async () => {
    const { biggestFiles } = await analyseLayers([
      below,
      [file('z/first', kilo(1)), hardLink('b/third', 'z/first'), hardLink('a/second', 'z/first')],
      [file('z/.wh.first')]
    ])
    expect(biggestFiles.own).toMatchObject([{ path: '/a/second', size: 1000 }])
  })
})
