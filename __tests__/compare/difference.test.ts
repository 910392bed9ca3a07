import { describe, expect, test } from '@jest/globals'
import {
  compare,
  compareImages,
  parseSnapshots,
  writeSnapshots,
  type Difference,
  type PathsDifference,
  type Snapshot
} from '../../src/compare/index.js'
import { matchLayers } from '../../src/compare/layers.js'
import { packageFolder } from '../../src/compare/packages.js'
import { pythonImage, randomSnapshot } from './support/images.js'
import { documents, filesIn, snapshot, transferSizeOf, type Content, type LayerStory } from './support/snapshots.js'

const base: LayerStory = { run: 'FROM python:3.12', base: true, size: 100_000 }
const packages = '/usr/lib/python3.12/site-packages'
const install: LayerStory = {
  run: 'RUN pip install -r requirements.txt',
  line: 24,
  stage: 'production',
  files: {
    ...filesIn(`${packages}/boto3`, 300, 100),
    [`${packages}/boto3-1.34.1.dist-info/METADATA`]: [500, 1],
    [`${packages}/boto3-1.34.1.dist-info/LICENSE`]: [900, 2],
    [`${packages}/six.py`]: 3000
  }
}
const code: LayerStory = { run: 'COPY ./app /app', line: 31, stage: 'production', files: { '/app/main.py': 2000 } }
const before = snapshot([base, install, code])

/** The rows in short. */
function rows({ byPath }: { readonly byPath: PathsDifference }) {
  return byPath.rows.map(({ path, kind, size }) => `${kind} ${path} ${size}`)
}

function kinds({ layers }: Difference) {
  return layers.map(({ kind }) => kind)
}

/** A snapshot written without some members and read again. */
function parsedAgain(image: Snapshot, keep: (key: string) => boolean): Snapshot {
  const text = JSON.stringify(JSON.parse(writeSnapshots([image])), (key, value: unknown) =>
    keep(key) ? value : undefined
  )
  const result = parseSnapshots(text)
  if (!result.ok) throw new Error(result.reason)
  return result.snapshots[0]!
}

function expectSums({ size, layers, byInstruction, base: baseChange, byPath }: Difference) {
  const sum = (list: readonly { readonly size: number }[]) => list.reduce((total, each) => total + each.size, 0)
  expect(sum(layers)).toBe(size.change)
  expect(sum(byInstruction) + baseChange).toBe(size.change)
  expect(byPath.listed + byPath.base + byPath.hidden).toBe(size.change)
  expect(sum(byPath.rows) + byPath.other.size).toBe(byPath.listed)
}

describe('the example that docs/difference.md works out', () => {
  const kB = 1000
  const was = snapshot([
    { run: 'FROM debian', base: true, size: 50 * kB },
    {
      run: 'RUN pip install .',
      files: {
        '/srv/site-packages/boto3/client.py': [10 * kB, 1],
        '/srv/site-packages/boto3/data.json': [20 * kB, 1],
        '/srv/site-packages/boto3-1.34.1.dist-info/METADATA': [1 * kB, 1],
        '/root/.cache/pip/http/a1': [8 * kB, 1],
        '/root/.cache/pip/http/b2': [6 * kB, 1]
      }
    },
    { run: 'COPY app /app', files: { '/app/main.py': [2 * kB, 1], '/app/logo.png': [4 * kB, 1] } }
  ])
  const now = snapshot([
    { run: 'FROM debian', base: true, size: 50 * kB },
    {
      run: 'RUN pip install --no-cache-dir .',
      files: {
        '/srv/site-packages/boto3/client.py': [11 * kB, 2],
        '/srv/site-packages/boto3/data.json': [22 * kB, 2],
        '/srv/site-packages/boto3-1.35.0.dist-info/METADATA': [1 * kB, 2]
      }
    },
    { run: 'COPY app /app', files: { '/app/main.py': [3 * kB, 2], '/app/static/logo.png': [4 * kB, 1] } },
    { run: 'RUN rm -rf /app/tmp', files: {} }
  ])
  const difference = compare(now, was)

  test('figures', () => {
    expect(difference.size).toEqual({ before: 101_000, now: 91_000, change: -10_000, share: -10_000 / 101_000 })
    // Three layers are new (34, 7 and 0 kB), the base is there.
    expect(difference.pullCost).toEqual({ bytes: 17_032 + 3_532 + 32 + documents, layers: 3 })
    expectSums(difference)
  })
  test('layers', () => {
    expect(kinds(difference)).toEqual(['reused', 'changed', 'changed', 'added'])
    expect(difference.byInstruction).toMatchObject([
      { kind: 'changed', size: -11_000, edited: true },
      { kind: 'changed', size: 1000, edited: false }
    ])
  })
  test('paths', () => {
    expect(rows(difference)).toEqual([
      'removed /root/.cache/pip -14000',
      'changed /srv/site-packages/boto3 3000',
      'changed /app/main.py 1000'
    ])
    expect(difference.byPath.moves).toEqual([
      { from: '/app/logo.png', to: '/app/static/logo.png', files: 1, size: 4000 }
    ])
    const boto3 = { name: 'boto3', path: '/srv/site-packages/boto3', from: ['1.34.1'], to: ['1.35.0'], size: 3000 }
    expect(difference.byPath.packages).toEqual([boto3])
    expect(difference.byPath.rows[1]?.package).toEqual(boto3)
    expect(difference.byPath.rows[0]?.layer).toMatchObject({ index: 1, instruction: 'RUN pip install .' })
  })
})

describe('stories', () => {
  test('the same image', () => {
    const difference = compare(before, before)
    expect(difference).toMatchObject({ same: true, pullCost: { bytes: 0, layers: 0 }, byInstruction: [] })
    expect(difference.byPath).toMatchObject({ rows: [], moves: [], packages: [], listed: 0, hidden: 0, base: 0 })
  })

  test('the first image of a new stage: nothing to divide by', () => {
    const difference = compare(before, snapshot([]))
    expect(difference.size).toEqual({ before: 0, now: before.size, change: before.size })
    expect(difference.reclaimable).toEqual({ before: 0, now: 0, change: 0 })
    expect(kinds(difference)).toEqual(['added', 'added', 'added'])
    expect(difference.pullCost?.bytes).toBe(before.transferSize)
    expect(JSON.stringify(difference)).not.toMatch(/null|NaN|Infinity/)
    expectSums(difference)
  })

  test('all of it gone', () => {
    const difference = compare(snapshot([]), before)
    expect(kinds(difference)).toEqual(['removed', 'removed', 'removed'])
    expect(difference.size.share).toBe(-1)
    expect(difference.pullCost).toEqual({ bytes: documents, layers: 0 })
    expectSums(difference)
  })

  test('both empty', () => {
    expect(compare(snapshot([]), snapshot([]))).toMatchObject({ same: true, size: { before: 0, now: 0, change: 0 } })
  })

  test('a package upgrade is the package, not its 300 files', () => {
    const upgraded: LayerStory = {
      ...install,
      files: {
        ...filesIn(`${packages}/boto3`, 310, 110, 1),
        [`${packages}/boto3-1.35.0.dist-info/METADATA`]: [520, 3],
        [`${packages}/boto3-1.35.0.dist-info/LICENSE`]: [900, 2],
        [`${packages}/six.py`]: 3000
      }
    }
    const difference = compare(snapshot([base, upgraded, code]), before)
    expect(rows(difference)).toEqual([`changed ${packages}/boto3 4120`])
    expect(difference.byPath.rows[0]).toMatchObject({
      files: { added: 10, changed: 301, removed: 0 },
      directory: true,
      package: { name: 'boto3', from: ['1.34.1'], to: ['1.35.0'], size: 4120 },
      layer: { index: 1, line: 24 }
    })
    // The licence went along with the version's directory: no news.
    expect(difference.byPath).toMatchObject({ moves: [], files: { moved: 1 } })
    // Layers above stay although one below is another.
    expect(kinds(difference)).toEqual(['reused', 'changed', 'reused'])
    expectSums(difference)
  })

  test('a new package and one that is gone', () => {
    const other = {
      [`${packages}/yaml/__init__.py`]: 4000,
      [`${packages}/PyYAML-6.0.2.dist-info/METADATA`]: 100,
      [`${packages}/six.py`]: 3000
    }
    const difference = compare(snapshot([base, { ...install, files: other }, code]), before)
    expect(difference.byPath.packages).toEqual([
      { name: 'boto3', path: `${packages}/boto3`, from: ['1.34.1'], size: -31_400 },
      { name: 'PyYAML', path: `${packages}/PyYAML-6.0.2.dist-info`, to: ['6.0.2'] }
    ])
    expect(rows(difference)).toEqual([
      `removed ${packages}/boto3 -31400`,
      `added ${packages}/yaml 4000`,
      `added ${packages}/PyYAML-6.0.2.dist-info 100`
    ])
  })

  test.each([
    [
      '/app/node_modules/.pnpm/lodash@4.17.20/node_modules/lodash',
      '/app/node_modules/.pnpm/lodash@4.17.21/node_modules/lodash',
      'lodash',
      '4.17.20',
      '4.17.21'
    ],
    [
      '/app/node_modules/.pnpm/@types+node@20.1.0',
      '/app/node_modules/.pnpm/@types+node@22.0.0',
      '@types/node',
      '20.1.0',
      '22.0.0'
    ],
    ['/usr/lib/ruby/gems/3.2.0/gems/rack-2.2.7', '/usr/lib/ruby/gems/3.2.0/gems/rack-3.1.0', 'rack', '2.2.7', '3.1.0'],
    ['/var/lib/gems/3.1.0/gems/rack-2.2.7', '/var/lib/gems/3.1.0/gems/rack-3.1.0', 'rack', '2.2.7', '3.1.0'],
    ['/usr/local/bundle/gems/rails-7.0.1', '/usr/local/bundle/gems/rails-7.1.0', 'rails', '7.0.1', '7.1.0'],
    [
      '/usr/local/bundle/ruby/3.3.0/gems/rack-2.2.7',
      '/usr/local/bundle/ruby/3.3.0/gems/rack-3.1.0',
      'rack',
      '2.2.7',
      '3.1.0'
    ],
    [
      '/go/pkg/mod/golang.org/x/net@v0.1.0',
      '/go/pkg/mod/golang.org/x/net@v0.2.0',
      'golang.org/x/net',
      'v0.1.0',
      'v0.2.0'
    ],
    [
      '/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.1',
      '/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.2',
      'serde',
      '1.0.1',
      '1.0.2'
    ],
    [
      '/root/.nuget/packages/newtonsoft.json/13.0.1',
      '/root/.nuget/packages/newtonsoft.json/13.0.3',
      'newtonsoft.json',
      '13.0.1',
      '13.0.3'
    ]
  ])('a version in a directory: %s', (from, to, name, was, is) => {
    const image = (folder: string, size: number, seed: number) =>
      snapshot([{ run: 'RUN install', files: filesIn(folder, 30, size, seed) }])
    const { byPath } = compare(image(to, 120, 1), image(from, 100, 2))
    expect(byPath.packages).toMatchObject([{ name, from: [was], to: [is], size: 600 }])
    expect(byPath.rows).toMatchObject([{ size: 600, package: { name } }])
  })

  test('several versions of a package: those that became others are one change, one that came or went alone is its own', () => {
    const store = '/app/node_modules/.pnpm'
    const lodash = (versions: Readonly<Record<string, number>>) =>
      snapshot([
        {
          run: 'RUN pnpm install',
          files: Object.fromEntries(
            Object.entries(versions).map(([version, size]) => [
              `${store}/lodash@${version}/node_modules/lodash/index.js`,
              [size, size] as const
            ])
          )
        }
      ])
    const two = lodash({ '3.10.0': 8000, '4.17.20': 10_000 })
    const fewer = compare(lodash({ '4.17.21': 11_000 }), two)
    const change = { name: 'lodash', path: `${store}/lodash@4.17.21`, from: ['3.10.0', '4.17.20'], to: ['4.17.21'] }
    expect(fewer.byPath.packages).toEqual([{ ...change, size: -7000 }])
    expect(fewer.byPath.rows).toMatchObject([{ path: change.path, kind: 'changed', size: -7000, package: change }])

    const both = compare(lodash({ '4.17.21': 11_000, '10.0.0': 9000, '3.11.0': 7000 }), two)
    expect(both.byPath.packages).toMatchObject([{ to: ['3.11.0', '4.17.21', '10.0.0'], size: 9000 }])

    const gone = compare(lodash({ '4.17.20': 10_000 }), two)
    expect(gone.byPath.packages).toEqual([
      { name: 'lodash', path: `${store}/lodash@3.10.0`, from: ['3.10.0'], size: -8000 }
    ])
    const beside = compare(two, lodash({}))
    expect(beside.byPath.packages).toMatchObject([{ to: ['4.17.20'] }, { to: ['3.10.0'] }])
    for (const difference of [fewer, both, gone, beside]) expectSums(difference)
  })

  describe('packages at another home', () => {
    const requests = (home: string, version: string, size: number): LayerStory => ({
      run: 'RUN pip install',
      files: {
        [`${home}/requests/api.py`]: [size, size],
        [`${home}/requests-${version}.dist-info/METADATA`]: [200, 1]
      }
    })
    const [old, next] = ['/usr/lib/python3.11/site-packages', '/usr/lib/python3.12/site-packages']
    const was = snapshot([requests(old, '2.31.0', 5000)])

    test.each<[string, home: string]>([
      ['of the next Python', next],
      ['of another kind', '/venv/site-packages']
    ])('%s: the same version is neither new nor gone', (_, home) => {
      const difference = compare(snapshot([requests(home, '2.31.0', 5000)]), was)
      expect(difference.byPath).toMatchObject({ rows: [], packages: [], files: { added: 0, removed: 0, moved: 2 } })
      expectSums(difference)
    })

    test('of the next Python: another version became of the first, in one row', () => {
      const difference = compare(snapshot([requests(next, '2.32.0', 5500)]), was)
      const change = { path: `${next}/requests`, from: ['2.31.0'], to: ['2.32.0'], size: 500 }
      expect(difference.byPath.packages).toMatchObject([change])
      expect(difference.byPath.rows).toMatchObject([
        { path: change.path, size: 500, from: `${old}/requests`, package: change }
      ])
      expectSums(difference)
    })

    test('of several Pythons, each is its own', () => {
      const homes = [next, next.replace('3.12', '3.13')] as const
      const [one, two] = homes.map((home, at) => requests(home, '2.32.0', 5500 + at))
      const both = snapshot([one!, two!])
      for (const start of [was, snapshot([])]) {
        const difference = compare(both, start)
        expect(difference.byPath.packages.filter(({ to }) => to !== undefined)).toMatchObject(
          homes.map((home) => ({ path: `${home}/requests`, to: ['2.32.0'] })).reverse()
        )
        expectSums(difference)
      }
    })

    test('beside the first one, it is new', () => {
      const one = requests(old, '2.31.0', 5000)
      const difference = compare(snapshot([one, requests(next, '2.32.0', 5500)]), was)
      expect(difference.byPath.packages).toMatchObject([{ path: `${next}/requests`, to: ['2.32.0'] }])
    })
  })

  test('a directory that replaced one of another version is not new', () => {
    const tool = (version: string, size: number, more: Readonly<Record<string, Content>> = {}) =>
      snapshot([{ run: 'RUN get', files: { ...filesIn(`/opt/tool-${version}/lib`, 10, size, size), ...more } }])
    const [now, is] = ['/opt/tool-1.1.0/lib', '/opt/tool-1.0.0/lib']
    const replaced = compare(tool('1.1.0', 1100), tool('1.0.0', 1000))
    expect(replaced.byPath.rows).toMatchObject([
      { path: now, kind: 'changed', from: is, size: 1000, files: { added: 0, changed: 10, removed: 0 } }
    ])
    const larger = compare(tool('1.1.0', 1100, { [`${now}/z`]: 50 }), tool('1.0.0', 1000))
    expect(larger.byPath.rows).toMatchObject([{ path: now, from: is, size: 1050, files: { added: 1, changed: 10 } }])
    // What is left of the first keeps it from having become the other.
    const left = compare(tool('1.1.0', 1100, { [`${is}/kept`]: 9 }), tool('1.0.0', 1000, { [`${is}/kept`]: 9 }))
    expect(left.byPath.rows[0]).not.toHaveProperty('from')
    expect(left.byPath.rows).toMatchObject([{ path: now, kind: 'changed', size: 1000 }])
    for (const difference of [replaced, larger, left]) expectSums(difference)
  })

  test('node_modules: one row a package, scopes included', () => {
    const modules = '/app/node_modules'
    const image = (grown: number) =>
      snapshot([
        {
          run: 'RUN npm ci',
          files: {
            ...filesIn(`${modules}/react/cjs`, 40, 100 + grown, grown),
            ...filesIn(`${modules}/@types/node`, 40, 100 + grown * 2, grown),
            ...filesIn(`${modules}/react/node_modules/scheduler`, 10, 100 + grown, grown)
          }
        }
      ])
    expect(rows(compare(image(1), image(0)))).toEqual([
      `changed ${modules}/@types/node 80`,
      `changed ${modules}/react 50`
    ])
  })

  test('a new program version beside the rest', () => {
    const image = (version: string, size: number) =>
      snapshot([{ run: 'RUN get', files: { [`/opt/lib/libz.so.${version}`]: size, '/opt/lib/a': 5 } }])
    const difference = compare(image('1.3.1', 900), image('1.2.13', 800))
    expect(difference.byPath.rows).toMatchObject([
      { path: '/opt/lib/libz.so.1.3.1', from: '/opt/lib/libz.so.1.2.13', kind: 'changed', size: 100, directory: false }
    ])
  })

  test('a moved directory is a move, not growth', () => {
    const image = (folder: string) =>
      snapshot([{ run: 'COPY', files: { ...filesIn(`${folder}/a`, 50, 10), ...filesIn(`${folder}/b/c`, 50, 20, 1) } }])
    const difference = compare(image('/srv/www'), image('/app/public'))
    expect(difference.byPath).toMatchObject({
      rows: [],
      moves: [{ from: '/app/public', to: '/srv/www', files: 100, size: 1500 }],
      files: { added: 0, changed: 0, removed: 0, moved: 100 }
    })
    expectSums(difference)
  })

  test('the same contents in several directories keep to their own', () => {
    const image = (root: string, names: readonly string[]) =>
      snapshot([
        {
          run: 'COPY',
          files: Object.fromEntries(names.map((name) => [`${root}/${name}/__init__.py`, [30, 7] as const]))
        }
      ])
    const { byPath } = compare(image('/new', ['x', 'y', 'z', 'copy']), image('/old', ['x', 'y', 'z']))
    expect(byPath.moves).toEqual([{ from: '/old', to: '/new', files: 3, size: 90 }])
    expect(byPath.rows).toMatchObject([{ path: '/new/copy/__init__.py', kind: 'added', size: 30 }])
  })

  test('renamed files: a few by name, many by directory', () => {
    const image = (names: readonly string[]) =>
      snapshot([
        { run: 'COPY', files: Object.fromEntries(names.map((name, at) => [`/app/${name}`, [100, at] as const])) }
      ])
    expect(compare(image(['one', 'two']), image(['eins', 'zwei'])).byPath.moves).toEqual([
      { from: '/app/eins', to: '/app/one', files: 1, size: 100 },
      { from: '/app/zwei', to: '/app/two', files: 1, size: 100 }
    ])
    const many = (prefix: string) => Array.from({ length: 9 }, (_, at) => `${prefix}${at}`)
    expect(compare(image(many('new')), image(many('old'))).byPath.moves).toEqual([
      { from: '/app', to: '/app', files: 9, size: 900 }
    ])
  })

  test('timestamps only: nothing grew, and yet it is pulled', () => {
    const difference = compare(snapshot([base, { ...install, time: 2 }, code]), before)
    expect(difference.layers[1]).toMatchObject({ kind: 'changed', timestampsOnly: true, size: 0 })
    expect(difference).toMatchObject({ same: false, timestampsOnly: 1, byPath: { rows: [], files: { changed: 0 } } })
    const { transferSize = 0 } = before.layers[1]!
    expect(difference.pullCost).toEqual({ bytes: transferSize + documents, layers: 1 })
  })

  test('recompressed: the same files; above a changed layer the blob is fetched again', () => {
    const difference = compare(snapshot([base, { ...install, recompressed: true }, code]), before)
    expect(difference.layers[1]).toMatchObject({ kind: 'reused', recompressed: true })
    expect(difference.pullCost).toEqual({ bytes: documents, layers: 0 })
    const above = compare(
      snapshot([base, { run: 'RUN new', files: { '/n': 1 } }, { ...install, recompressed: true }, code]),
      before
    )
    expect(above.pullCost?.layers).toBe(2)
  })

  test('a thousand changed files in one directory are one row', () => {
    const image = (size: number) =>
      snapshot([
        base,
        { run: 'COPY', files: { ...filesIn('/app/static/js', 1000, size, size), '/app/big.bin': size * 3000 } }
      ])
    const difference = compare(image(11), image(10))
    expect(rows(difference)).toEqual(['changed /app/big.bin 3000', 'changed /app/static/js 1000'])
    expect(difference.byPath.rows[1]?.files).toEqual({ added: 0, changed: 1000, removed: 0 })
  })

  test('a big file in a directory of small ones is named, the rest is its directory', () => {
    const image = (size: number) =>
      snapshot([{ run: 'RUN', files: { ...filesIn('/usr/lib', 100, size, size), '/usr/lib/libbig.so': size * 1000 } }])
    const { byPath } = compare(image(11), image(10))
    expect(byPath.rows).toMatchObject([
      { path: '/usr/lib/libbig.so', size: 1000, rest: false },
      { path: '/usr/lib', size: 100, rest: true, kind: 'changed' }
    ])
  })

  test('more than twenty directories: the largest, and what is left is told', () => {
    const image = (grown: number) => {
      const files = Array.from({ length: 60 }, (_, at) => [`/app/d${at}/x`, 100 + at * 10 * grown] as const)
      return snapshot([{ run: 'RUN', files: Object.fromEntries(files) }])
    }
    const difference = compare(image(1), image(0))
    expect(difference.byPath.rows.length).toBeLessThanOrEqual(20)
    expect(difference.byPath.rows[0]).toMatchObject({ path: '/app' })
    expectSums(difference)
  })

  test('a file where a directory was, and the other way round', () => {
    const file = { '/thing': 50_000 }
    const folder = { '/thing/a': 20_000, '/thing/b': 10_000 }
    const at = (files: LayerStory['files']) => snapshot([{ run: 'COPY', files: files ?? {} }])
    const told = (difference: Difference) => difference.byPath.rows.map(({ path, kind, rest }) => [path, kind, rest])
    const there = compare(at(folder), at(file))
    expect(told(there)).toEqual([
      ['/thing', 'removed', false],
      ['/thing/a', 'added', false],
      ['/thing/b', 'added', false]
    ])
    const back = compare(at(file), at(folder))
    expect(told(back)[0]).toEqual(['/thing', 'added', false])
    for (const difference of [there, back]) expectSums(difference)
  })

  test('overwritten and deleted bytes are in no path, but accounted for', () => {
    const difference = compare(snapshot([base, { ...install, hidden: 700 }, code]), before)
    expect(difference).toMatchObject({
      size: { change: 700 },
      reclaimable: { change: 700 },
      byPath: { hidden: 700, listed: 0 }
    })
  })
})

describe('layers', () => {
  const step = (run: string, size = 0, more: Partial<LayerStory> = {}): LayerStory =>
    size === 0 ? { run, ...more } : { run, files: { [`/${run}`]: size }, ...more }

  test.each<[string, readonly LayerStory[], readonly LayerStory[], readonly string[]]>([
    ['one on top', [step('A', 1), step('B', 1)], [step('A', 1)], ['reused', 'added']],
    [
      'one gone',
      [step('A', 1), step('C', 1)],
      [step('A', 1), step('B', 1), step('C', 1)],
      ['reused', 'removed', 'reused']
    ],
    [
      'one between',
      [step('A', 1), step('B', 1), step('C', 1)],
      [step('A', 1), step('C', 1)],
      ['reused', 'added', 'reused']
    ],
    ['all others', [step('RUN x', 1)], [step('COPY y', 1)], ['removed', 'added']],
    ['the same line, other files', [step('A', 2)], [step('A', 1)], ['changed']],
    [
      'the same line in two stages',
      [step('A', 2, { stage: 'b' }), step('A', 3, { stage: 'a' })],
      [step('A', 4, { stage: 'a' }), step('A', 5, { stage: 'b' })],
      ['changed', 'changed']
    ],
    ['a stage renamed', [step('A', 2, { stage: 'b' })], [step('A', 1, { stage: 'a' })], ['changed']],
    ['twice the same line', [step('A', 2), step('A', 3)], [step('A', 1)], ['changed', 'added']],
    [
      'an edited line',
      [step('RUN pip install boto3==1.35.0', 2)],
      [step('RUN pip install boto3==1.34.1', 1)],
      ['changed']
    ]
  ])('%s', (_name, now, was, expected) => {
    const difference = compare(snapshot(now), snapshot(was))
    expect(kinds(difference)).toEqual(expected)
    expectSums(difference)
  })

  test('a stage decides which of two equal lines is meant', () => {
    const { layers } = compare(
      snapshot([step('A', 2, { stage: 'b' }), step('A', 3, { stage: 'a' })]),
      snapshot([step('A', 4, { stage: 'a' }), step('A', 5, { stage: 'b' })])
    )
    expect(layers).toMatchObject([
      { layer: { stage: 'b' }, before: { stage: 'b' } },
      { layer: { stage: 'a' }, before: { stage: 'a' } }
    ])
  })

  test('empty layers are all equal; the instruction tells them apart', () => {
    const { layers } = compare(
      snapshot([step('WORKDIR /a'), step('RUN true'), step('WORKDIR /b')]),
      snapshot([step('WORKDIR /b'), step('WORKDIR /a')])
    )
    expect(layers).toMatchObject([
      { kind: 'reused', layer: { index: 0 }, before: { index: 1 } },
      { kind: 'added', layer: { instruction: 'RUN true' } },
      { kind: 'reused', layer: { index: 2 }, before: { index: 0 } }
    ])
  })

  test('another order: reused, moved, and not fetched again', () => {
    const [a, b, c] = [step('A', 100), step('B', 200), step('C', 300)]
    const difference = compare(snapshot([c, a, b]), snapshot([a, b, c]))
    expect(difference.layers).toMatchObject([
      { kind: 'reused', moved: true, layer: { instruction: 'C' } },
      { kind: 'reused', moved: false },
      { kind: 'reused', moved: false }
    ])
    expect(difference).toMatchObject({ same: false, size: { change: 0 }, pullCost: { bytes: documents, layers: 0 } })
  })

  test('forty layers, three of them changed', () => {
    const image = (seed: number) =>
      snapshot(Array.from({ length: 40 }, (_, at) => step(`RUN step ${at}`, 100 + (at % 13 === 5 ? seed : 0))))
    const difference = compare(image(50), image(0))
    expect(difference.layers.filter(({ kind }) => kind === 'changed').map(({ size }) => size)).toEqual([50, 50, 50])
    expect(difference.layers.filter(({ kind }) => kind === 'reused')).toHaveLength(37)
    expectSums(difference)
  })

  test('forty layers, all changed: none is left out of the sum', () => {
    const image = (grown: number) =>
      snapshot(Array.from({ length: 40 }, (_, at) => step(`RUN step ${at}`, 100 + at + grown)))
    const difference = compare(image(7), image(0))
    expect(difference.byInstruction).toHaveLength(40)
    expectSums(difference)
  })

  test('one blob twice is pulled once', () => {
    const twice = step('A', 1000)
    const difference = compare(snapshot([twice, step('B', 10), twice]), snapshot([]))
    expect(difference.pullCost).toEqual({ bytes: transferSizeOf(1000) + transferSizeOf(10) + documents, layers: 2 })
  })

  test('an engine without compressed layers: no pull cost, and nothing made up', () => {
    const plain = parsedAgain(before, (key) => key !== 'transferSize')
    const difference = compare(plain, before)
    expect(difference.pullCost).toBeUndefined()
    expect(difference.transferSize).toBeUndefined()
    expect(difference.layers[0]?.transferSize).toBeUndefined()
    expect(compare(before, plain).pullCost).toEqual({ bytes: 0, layers: 0 })
  })
})

describe('the base image', () => {
  test('a newer one is one figure, not files', () => {
    const newer: LayerStory = { run: 'FROM python:3.13', base: true, size: 130_000 }
    const difference = compare(snapshot([newer, install, code]), before)
    expect(difference).toMatchObject({ base: 30_000, byInstruction: [], byPath: { rows: [], base: 30_000, hidden: 0 } })
    expectSums(difference)
  })

  test('a baseline that knows no base: shared layers are not compared by file', () => {
    const system: LayerStory = { run: 'FROM', files: { '/bin/sh': 100_000 } }
    const now = snapshot([{ ...system, base: true }, install])
    const was = snapshot([{ ...system, base: false }, install])
    // The same layer: base or not is no part of what it holds.
    const same = { ...was, layers: was.layers.map((layer, at) => ({ ...layer, diffID: now.layers[at]!.diffID })) }
    const difference = compare(now, same)
    expect(difference.byPath).toMatchObject({ rows: [], hidden: 0 })
    expectSums(difference)
  })

  test('a baseline that knows no base, and another base: files are not compared, and it says so', () => {
    const was = snapshot([{ run: 'FROM other', files: { '/bin/sh': 90_000 } }, install])
    const difference = compare(snapshot([base, install]), was)
    expect(difference.byPath.rows).toEqual([])
    expect(difference.omissions).toEqual([expect.stringContaining('base image is known of only one')])
    expectSums(difference)
  })

  describe('known of only one of the two: what the other lacks and what it has instead are one net figure', () => {
    const system: LayerStory = { run: 'ADD rootfs', files: { '/bin/sh': 5000 } }
    const big = (size: number): LayerStory => ({ run: `RUN fill ${size}`, files: { '/big': [size, size] } })
    const asBase = (story: LayerStory): LayerStory => ({ ...story, base: true })
    const onBase = (...layers: readonly LayerStory[]) => snapshot(layers)

    test.each<[string, now: Snapshot, was: Snapshot, base: number, own: readonly string[]]>([
      ['a larger one', onBase(asBase(big(31_000)), code), onBase(big(30_000), code), 1000, []],
      ['a smaller one', onBase(asBase(big(30_000)), code), onBase(big(31_000), code), -1000, []],
      ['of the image it is not known', onBase(big(31_000), code), onBase(asBase(big(30_000)), code), 1000, []],
      [
        'a layer of the own that is gone from above is told as such',
        onBase(asBase(big(31_000)), code),
        onBase(big(30_000), code, { run: 'RUN more', files: { '/more': 700 } }),
        1000,
        ['removed RUN more -700']
      ],
      [
        'a new own layer',
        onBase(asBase(big(31_000)), { run: 'RUN more', files: { '/more': 700 } }, code),
        onBase(big(30_000), code),
        1000,
        ['added RUN more 700']
      ],
      [
        'an empty own layer marks nothing: it is like any other',
        onBase(asBase(big(31_000)), { run: 'WORKDIR /app' }, code),
        onBase({ run: 'RUN true' }, big(30_000), code),
        1000,
        []
      ],
      ['no layer of the own is left', onBase(asBase(big(31_000))), onBase(big(30_000), code), -1000, []]
    ])('%s', (_, now, was, base, own) => {
      const difference = compare(now, was)
      expect(difference).toMatchObject({ base, baseUnknown: true, byPath: { base } })
      expect(
        difference.byInstruction.map((change) => {
          const { instruction } = change.kind === 'removed' ? change.before : change.layer
          return `${change.kind} ${instruction} ${change.size}`
        })
      ).toEqual(own)
      expectSums(difference)
    })

    test('both are known, or the one that is known is in both: the figure is the base image’s', () => {
      expect(compare(snapshot([base, install]), snapshot([asBase(big(30_000)), install]))).not.toHaveProperty(
        'baseUnknown'
      )
      const shared = { ...asBase(system), time: 1 }
      const is = snapshot([shared, install])
      const was = snapshot([shared, install, code])
      const blank = { ...was, layers: was.layers.map((layer) => ({ ...layer, base: false })) }
      expect(compare(is, blank)).not.toHaveProperty('baseUnknown')
    })
  })
})

describe('indexes that were cut', () => {
  test('a file too small for the other index is neither new nor gone', () => {
    const full = snapshot([{ run: 'COPY', files: { '/big': 100, '/small': 5, '/tiny': 1 } }])
    const cut: Snapshot = {
      ...full,
      files: { list: full.files.list.filter(({ size }) => size > 5), leftOut: { files: 2, size: 6, largest: 5 } }
    }
    for (const difference of [compare(full, cut), compare(cut, full)]) {
      expect(difference.byPath).toMatchObject({ rows: [], files: { added: 0, removed: 0 }, hidden: 0 })
      expectSums(difference)
    }
  })
})

test('platforms: compared one by one, the others named', () => {
  const arm = { ...before, platform: 'linux/arm64' }
  const s390x = { ...before, platform: 'linux/s390x' }
  expect(compareImages([before, arm], [s390x, before])).toMatchObject({
    differences: [{ platform: 'linux/amd64', same: true }],
    added: ['linux/arm64'],
    removed: ['linux/s390x']
  })
})

describe('for any two images', () => {
  test.each(Array.from({ length: 40 }, (_, group) => group))('group %i', (group) => {
    for (let seed = group * 25; seed < group * 25 + 25; seed++) {
      const [now, was] = [randomSnapshot(seed), randomSnapshot(seed + 7_000_000)]
      const self = compare(now, now)
      expect(self.same).toBe(true)
      expect(self.byPath).toMatchObject({ rows: [], moves: [], packages: [], listed: 0, hidden: 0 })

      const there = compare(now, was)
      const back = compare(was, now)
      for (const difference of [there, back]) {
        expectSums(difference)
        expect(JSON.stringify(difference)).not.toMatch(/null|NaN|Infinity/)
        expect(difference.byPath.rows.length).toBeLessThanOrEqual(20)
        expect(difference.pullCost!.bytes).toBeLessThanOrEqual(difference.transferSize!.now)
      }
      expect(back.size.change).toBe(0 - there.size.change)
      expect(back.byPath.listed).toBe(0 - there.byPath.listed)
      expect(there.layers.filter(({ kind }) => kind !== 'removed')).toHaveLength(now.layers.length)
      expect(there.layers.filter(({ kind }) => kind !== 'added')).toHaveLength(was.layers.length)
    }
  })
})

test('twenty thousand files take no time to speak of', () => {
  const [now, was] = [pythonImage(20_000, 1), pythonImage(20_000, 0)]
  const start = performance.now()
  const difference = compare(now, was)
  // Well below 200 ms on a machine of its own; this one may be busy.
  expect(performance.now() - start).toBeLessThan(2000)
  expect(difference.byPath.rows).toHaveLength(20)
  expect(difference.byPath.rows[0]?.path).toMatch(/site-packages\/pkg\d+$/)
  expectSums(difference)
})

describe('a path or an instruction that was written to keep its reader busy', () => {
  const many = 2_000_000

  test.each([
    ['a Go module', `a${'/pkg/mod/'.repeat(many)}`],
    ['a crate', `a/registry/src/a/b${'-1'.repeat(many)}`]
  ])('%s', (_, path) => {
    expect(packageFolder(path, () => false)).toBeUndefined()
  })

  test('an instruction', () => {
    const of = (end: string) => snapshot([{ run: `RUN |1 ${'a='.repeat(many)}${end}` }])
    expect(matchLayers(of('b').layers, of('c').layers)).toHaveLength(1)
  })
})
