import { describe, expect, test } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { compare, parseSnapshots, takeSnapshot, writeSnapshots, type Snapshot } from '../../src/compare/index.js'
import { keepLargest } from '../../src/compare/files.js'
import type { ImageAnalysis } from '../../src/image/index.js'
import { analyseLayers } from '../image/support/analyse.js'
import { digestOf, layerTar } from '../image/support/image-builder.js'
import { seeded } from '../image/support/random.js'
import { file, folder, hardLink, symlink, type TarInput } from '../image/support/tar-builder.js'
import { pythonImage, randomSnapshot } from './support/images.js'
import { snapshot } from './support/snapshots.js'

const system: readonly TarInput[] = [folder('bin'), file('bin/sh', 'x'.repeat(500))]

/** An image on a base of one layer, and its snapshot. */
async function imageOf(...layers: readonly (readonly TarInput[])[]): Promise<Snapshot> {
  const analysis = await analyseLayers([system, ...layers], {
    baseDiffIDs: [digestOf(layerTar({ entries: system }))]
  })
  return takeSnapshot(analysis, shown(analysis))
}

function shown({ layers, transferSize }: ImageAnalysis) {
  return {
    transferSize,
    layers: layers.map((layer, at) => ({
      instruction: `RUN step ${at}`,
      line: at + 1,
      transferSize: layer.transferSize
    }))
  }
}

function parsed(text: string): readonly Snapshot[] {
  const result = parseSnapshots(text)
  if (!result.ok) throw new Error(result.reason)
  return result.snapshots
}

describe('takeSnapshot, of real images', () => {
  test('holds the live files of own layers, hard links once', async () => {
    const taken = await imageOf(
      [file('app/a', 'aaa'), hardLink('app/b', 'app/a'), file('app/gone', 'g'), symlink('app/link', 'a')],
      [file('app/.wh.gone'), file('app/c', 'cc')]
    )
    expect(taken.files.list.map(({ path, size, layer }) => [path, size, layer])).toEqual([
      ['/app/a', 3, 1],
      ['/app/b', 0, 1],
      ['/app/c', 2, 2]
    ])
    expect(taken).toMatchObject({ platform: 'linux/amd64', size: 506, reclaimable: 1, omissions: [] })
    expect(taken.layers).toMatchObject([{ base: true, line: 1 }, { base: false }, { instruction: 'RUN step 2' }])
    expect(parsed(writeSnapshots([taken]))).toEqual([taken])
  })

  test('a link whose first name is gone carries the content', async () => {
    const taken = await imageOf([file('a', 'aaa'), hardLink('b', 'a'), hardLink('c', 'a')], [file('.wh.a')])
    expect(taken.files.list.map(({ size }) => size).sort()).toEqual([0, 3])
  })

  test('a real difference: grown, moved, only touched', async () => {
    const was = await imageOf([file('app/main', 'one')], [file('data/x', 'content of x')], [file('lib/t', 't')])
    const now = await imageOf(
      [file('app/main', 'one and more')],
      [file('moved/x', 'content of x')],
      [file('lib/t', 't', { mtime: 1_800_000_000 })]
    )
    const difference = compare(now, was)
    expect(difference).toMatchObject({ size: { change: 9 }, timestampsOnly: 1 })
    expect(difference.byPath).toMatchObject({
      rows: [{ path: '/app/main', kind: 'changed', size: 9, layer: { instruction: 'RUN step 1', line: 2 } }],
      moves: [{ from: '/data/x', to: '/moved/x', files: 1, size: 12 }],
      hidden: 0
    })
    expect(difference.layers.map(({ kind }) => kind)).toEqual(['reused', 'changed', 'changed', 'changed'])
  })

  test('redacts what it shows', async () => {
    const analysis = await analyseLayers([[file('opt/hunter2/x', 'x')]])
    const redact = (text: string) => text.replaceAll('hunter2', '***')
    const taken = takeSnapshot(
      analysis,
      { layers: [{ instruction: 'RUN echo hunter2', stage: 'hunter2' }], base: 'registry.example.com/hunter2:1' },
      { redact }
    )
    expect(writeSnapshots([taken])).not.toContain('hunter2')
    expect(taken.files.list[0]?.path).toBe('/opt/***/x')
  })

  test('knows what either image is built on', async () => {
    const analysis = await analyseLayers([[file('a', 'a')]])
    const on = (base?: string): Snapshot =>
      takeSnapshot(analysis, { ...shown(analysis), ...(base === undefined ? {} : { base }) })
    const [before] = parsed(writeSnapshots([on('debian:11')]))
    expect(compare(on('debian:12'), before!).baseBefore).toBe('debian:11')
    expect(compare(on('debian:12'), parsed(writeSnapshots([on()]))[0]!)).not.toHaveProperty('baseBefore')
  })

  test('keeps the largest files and says how many it left out', async () => {
    const analysis = await analyseLayers([
      [file('a', 'a'), file('b', 'bb'), file('c', 'ccc'), file('d', 'dddd'), file('e', 'eeeee')]
    ])
    const taken = takeSnapshot(analysis, shown(analysis), { files: 2 })
    expect(taken.files).toMatchObject({
      list: [{ path: '/d' }, { path: '/e' }],
      leftOut: { files: 3, size: 6, largest: 3 }
    })
    expect(taken.omissions).toEqual(['3 of the smallest files are not in the index of files'])
    expect(parsed(writeSnapshots([taken]))).toEqual([taken])
  })
})

describe('the bounds of an index', () => {
  test('by files', () => {
    const files = function* () {
      for (let at = 0; at < 450_000; at++) yield { path: `/d${at % 100}/${at}`, size: at % 1000, crc: at, layer: 0 }
    }
    const { list, leftOut } = keepLargest(files())
    expect(list).toHaveLength(200_000)
    expect(leftOut?.files).toBe(250_000)
    expect(leftOut?.largest).toBeLessThanOrEqual(Math.min(...list.slice(0, 1000).map(({ size }) => size)))
  })

  test('by the length of paths', () => {
    const long = 'x'.repeat(4000)
    const files = Array.from({ length: 10_000 }, (_, at) => ({ path: `/${long}${at}`, size: at, crc: 1, layer: 0 }))
    const { list, leftOut } = keepLargest([...files, { path: `/${long}${long}`, size: 7, crc: 1, layer: 0 }])
    expect(list.length).toBeLessThan(8400)
    expect(list.length + leftOut!.files).toBe(10_001)
    const whole = { ...snapshot([{ run: 'COPY', files: {} }]), files: { list, ...(leftOut && { leftOut }) } }
    // Written, it is cut again until it fits.
    const text = writeSnapshots([whole])
    expect(text.length).toBeLessThanOrEqual(32 * 2 ** 20)
    expect(parsed(text)[0]?.files.leftOut?.files).toBeGreaterThanOrEqual(leftOut!.files)
  })
})

describe('what is stored', () => {
  test('comes back the same', () => {
    for (let seed = 0; seed < 200; seed++) {
      const snapshots = [randomSnapshot(seed), { ...randomSnapshot(seed + 1), platform: 'linux/arm64' }]
      expect(parsed(writeSnapshots(snapshots))).toEqual(snapshots)
    }
  })

  test('is below 25 bytes a file when compressed', () => {
    const text = writeSnapshots([pythonImage(20_000, 0)])
    expect(gzipSync(text).length / 20_000).toBeLessThan(25)
  })
})

describe('a text that is no baseline of ours is rejected with the reason', () => {
  const good = writeSnapshots([snapshot([{ run: 'COPY', files: { '/a/b': 1, '/a/c': 2 } }])])
  type Json = { images: Record<string, unknown>[] } & Record<string, unknown>
  const changed = (change: (json: Json) => void): string => {
    const json = JSON.parse(good) as Json
    change(json)
    return JSON.stringify(json)
  }
  const inFiles = (files: Record<string, unknown>) =>
    changed((json) => {
      json.images[0]!.files = { ...(json.images[0]!.files as object), ...files }
    })
  const inLayer = (layer: Record<string, unknown>) =>
    changed((json) => {
      json.images[0]!.layers = [{ ...(json.images[0]!.layers as object[])[0], ...layer }]
    })

  test.each<[string, string, RegExp]>([
    ['nothing', '', /is not JSON/],
    ['cut short', good.slice(0, -3), /is not JSON/],
    ['another document', '{"version":1}', /is not a stored baseline/],
    ['a list', '[]', /is not an object/],
    ['null', 'null', /is not an object/],
    ['another version', changed((json) => (json.version = 2)), /another version/],
    ['no images', changed((json) => (json.images = {} as never)), /images is not a list/],
    ['two of one platform', changed((json) => json.images.push(json.images[0]!)), /two images of one platform/],
    ['too many platforms', changed((json) => (json.images = Array.from({ length: 65 }, () => ({})))), /more than 64/],
    ['a size below 0', changed((json) => (json.images[0]!.size = -1)), /size is not a whole number/],
    ['a huge size', changed((json) => (json.images[0]!.size = 1e300)), /size is not a whole number/],
    ['a size as text', changed((json) => (json.images[0]!.size = '1')), /size is not a whole number/],
    ['no omissions', changed((json) => delete json.images[0]!.omissions), /omissions is not a list/],
    ['a digest that is none', inLayer({ digest: 'sha256:zz' }), /digest is not a digest/],
    ['a base that is a text', inLayer({ base: 'yes' }), /base is neither/],
    ['a long instruction', inLayer({ instruction: 'x'.repeat(2001) }), /longer than 2000/],
    ['more files than names', inFiles({ count: 3 }), /checksum/],
    ['too many files', inFiles({ count: 1e6 }), /more than 200000/],
    ['unsorted paths', inFiles({ names: 'a/c//b' }), /not sorted/],
    ['the same path twice', inFiles({ names: 'a/b//b' }), /not sorted/],
    ['an empty name', inFiles({ names: 'a/b//' }), /that is none/],
    ['a path that shares too much', inFiles({ shared: '0,9' }), /shares more/],
    ['sizes that are none', inFiles({ sizes: '1,-2' }), /no size/],
    ['sizes beyond all numbers', inFiles({ sizes: '1,zzzzzzzzzzzzzzzzzzzz' }), /no size/],
    ['a layer that is not there', inFiles({ layers: '0,1' }), /layers that are not there/],
    ['checksums in capitals', inFiles({ crcs: 'ABCDEF0011223344' }), /checksum/],
    ['a flood of values', `[${'[],'.repeat(600_000)}[]]`, /more than 500000 values/],
    ['a deep nest', '['.repeat(400_000), /is not JSON/],
    ['too long', `"${' '.repeat(33 * 2 ** 20)}"`, /longer than/]
  ])('%s', (_name, text, reason) => {
    expect(parseSnapshots(text)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  test('a bomb of shared parts is no larger than its bound', () => {
    const folders = 'a/'.repeat(2000)
    const count = 100_000
    const names = [
      `${folders}0000000`,
      ...Array.from({ length: count - 1 }, (_, at) => String(at + 1).padStart(7, '0'))
    ]
    const bomb = inFiles({
      count,
      names: names.join('//'),
      shared: ['0', ...Array.from({ length: count - 1 }, () => (2000).toString(36))].join(),
      sizes: Array.from({ length: count }, () => '1').join(),
      layers: Array.from({ length: count }, () => '0').join(),
      crcs: '0'.repeat(8 * count)
    })
    expect(parseSnapshots(bomb)).toEqual({ ok: false, reason: expect.stringContaining('paths of more than') })
  })

  test('noise never throws, and what passes can be compared', () => {
    const { below, pick } = seeded(4)
    let passed = 0
    for (let round = 0; round < 3000; round++) {
      const text = [...writeSnapshots([randomSnapshot(round % 50)])]
      for (let flips = below(4) + 1; flips > 0; flips--) {
        text[below(text.length)] = pick(['"', '0', '9', 'a', '{', ']', ',', '\\', '/', '-', '\0', ''])
      }
      const result = parseSnapshots(text.join(''))
      if (!result.ok) expect(result.reason).not.toBe('')
      else {
        passed++
        const [noisy] = result.snapshots
        if (noisy === undefined) continue
        const difference = compare(randomSnapshot(round % 7), noisy)
        expect(JSON.stringify(difference)).not.toMatch(/:null|NaN|Infinity/)
      }
    }
    expect(passed).toBeGreaterThan(10)
  })
})
