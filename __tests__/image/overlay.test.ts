import { describe, expect, test } from '@jest/globals'
import { analyseLayers, listing } from './support/analyse.js'
import { seeded } from './support/random.js'
import { applyNaively } from './support/naive-overlay.js'
import { file, folder, hardLink, symlink, type TarInput } from './support/tar-builder.js'

type Story = readonly [name: string, layers: readonly (readonly TarInput[])[], expected: readonly string[]]

const stories: readonly Story[] = [
  ['nothing', [[]], []],
  ['a file', [[file('a', '123')]], ['/a 3']],
  [
    'names with ./ and / and doubled slashes',
    [[folder('./'), file('./a', '1'), file('/b', '22'), folder('c//d/'), file('c/./d//e', '333')]],
    ['/a 1', '/b 2', '/c/', '/c/d/', '/c/d/e 3']
  ],
  ['a folder that no entry made', [[file('x/y/z', '1')]], ['/x/', '/x/y/', '/x/y/z 1']],
  ['a replaced file', [[file('a', '1')], [file('a', '22')]], ['/a 2']],
  ['the last of two entries in a layer', [[file('a', '1'), file('a', '22')]], ['/a 2']],
  ['a whiteout', [[file('a', '1'), file('b', '1')], [file('.wh.a')]], ['/b 1']],
  [
    'a whiteout of a folder',
    [[folder('d'), file('d/a', '1'), file('d/e/f', '1'), file('b', '1')], [file('.wh.d')]],
    ['/b 1']
  ],
  ['a whiteout of nothing', [[file('a', '1')], [file('.wh.b')]], ['/a 1']],
  ['a whiteout and a new file, in either order', [[file('a', '1')], [file('a', '22'), file('.wh.a')]], ['/a 2']],
  ['a whiteout does not hide its own layer', [[file('a', '1'), file('.wh.a')]], ['/a 1']],
  [
    'an opaque folder',
    [
      [folder('d'), file('d/a', '1'), file('d/b', '1')],
      [folder('d'), file('d/.wh..wh..opq'), file('d/c', '1')]
    ],
    ['/d/', '/d/c 1']
  ],
  [
    'an opaque folder, whose mark comes last',
    [
      [folder('d'), file('d/a', '1'), file('d/b', '1')],
      [folder('d'), file('d/c', '1'), file('d/.wh..wh..opq')]
    ],
    ['/d/', '/d/c 1']
  ],
  [
    'an opaque root',
    [
      [file('a', '1'), file('d/b', '1')],
      [file('.wh..wh..opq'), file('c', '1')]
    ],
    ['/c 1']
  ],
  [
    'an opaque folder below which things come back',
    [[file('d/e/a', '1')], [file('d/.wh..wh..opq'), file('d/e/a', '22')]],
    ['/d/', '/d/e/', '/d/e/a 2']
  ],
  [
    'other AUFS marks are no whiteouts',
    [[file('plnk', '1')], [file('.wh..wh.plnk/1.2', 'x'), file('.wh..wh.aufs')]],
    ['/.wh..wh.plnk/', '/.wh..wh.plnk/1.2 1', '/plnk 1']
  ],
  ['a folder becomes a file', [[folder('d'), file('d/a', '1')], [file('d', '22')]], ['/d 2']],
  [
    'a folder becomes a symlink',
    [[folder('d'), file('d/a', '1'), folder('e')], [symlink('d', 'e')]],
    ['/d -> e', '/e/']
  ],
  ['a file becomes a folder', [[file('d', '1')], [folder('d'), file('d/a', '22')]], ['/d/', '/d/a 2']],
  [
    'a folder becomes a file and a folder again',
    [[file('d/a', '1')], [file('d', '1')], [folder('d'), file('d/b', '1')]],
    ['/d/', '/d/b 1']
  ],
  [
    'a folder again keeps what is in it',
    [[folder('d'), file('d/a', '1')], [folder('d', { mode: 0o700 })]],
    ['/d/', '/d/a 1']
  ],
  ['a hard link', [[file('a', '123'), hardLink('b', 'a')]], ['/a 3', '/b = /a']],
  ['a hard link to a lower layer', [[file('a', '123')], [hardLink('b', '/a')]], ['/a 3', '/b = /a']],
  ['a hard link to itself', [[file('a', '123')], [hardLink('a', 'a')]], ['/a 3']],
  [
    'an entry below a symlink',
    [[folder('usr/bin'), symlink('bin', 'usr/bin')], [file('bin/sh', '12')]],
    ['/bin -> usr/bin', '/usr/', '/usr/bin/', '/usr/bin/sh 2']
  ],
  [
    'an entry below an absolute symlink',
    [[folder('usr/bin'), symlink('bin', '/usr/bin')], [file('bin/sh', '12')]],
    ['/bin -> /usr/bin', '/usr/', '/usr/bin/', '/usr/bin/sh 2']
  ],
  [
    'a whiteout below a symlink',
    [[file('usr/bin/sh', '12'), symlink('bin', 'usr/bin')], [file('bin/.wh.sh')]],
    ['/bin -> usr/bin', '/usr/', '/usr/bin/']
  ],
  [
    'an opaque mark below a symlink',
    [[file('usr/bin/sh', '12'), symlink('bin', 'usr/bin')], [file('bin/.wh..wh..opq')]],
    ['/bin -> usr/bin', '/usr/', '/usr/bin/']
  ],
  [
    'symlinks that lead through each other',
    [[folder('c'), symlink('a', 'b'), symlink('b', './x/../c'), folder('x')], [file('a/f', '1')]],
    ['/a -> b', '/b -> ./x/../c', '/c/', '/c/f 1', '/x/']
  ],
  [
    'a symlink that climbs above the root',
    [[symlink('a', '../../../etc')], [file('a/f', '1')]],
    ['/a -> ../../../etc', '/etc/', '/etc/f 1']
  ],
  ['a loop of symlinks', [[symlink('a', 'b'), symlink('b', 'a')], [file('a/f', '1')]], ['/a -> b', '/b -> a']],
  ['a symlink replaced by its own name', [[symlink('a', 'b')], [file('a', '1')]], ['/a 1']],
  ['names that climb', [[file('../../etc/passwd', '1'), file('a/../../b', '1')]], ['/b 1', '/etc/', '/etc/passwd 1']],
  ['a file where a folder should be', [[file('a', '1')], [file('a/b', '1')]], ['/a/', '/a/b 1']]
]

describe('layers laid over each other', () => {
  test.each(stories)('%s', async (_, layers, expected) => {
    expect(listing(await analyseLayers(layers))).toEqual(expected)
  })

  test('a layer counts paths added, changed and removed', async () => {
    const { layers } = await analyseLayers([
      [folder('d'), file('a', '1'), file('b', '1'), file('d/c', '1'), file('d/e', '1'), symlink('s', 'a')],
      [
        file('a', '2'),
        file('.wh.b'),
        file('d/.wh..wh..opq'),
        file('d/c', '2'),
        file('new', '1'),
        file('new', '2'),
        symlink('s', 'b')
      ]
    ])
    expect(layers.map(({ files }) => files)).toEqual([
      { added: 5, changed: 0, removed: 0 },
      { added: 1, changed: 3, removed: 2 }
    ])
  })

  test('a file hidden and brought back by one layer is changed, not removed', async () => {
    const { layers } = await analyseLayers([[file('a', '1')], [file('.wh.a'), file('a', '1')]])
    expect(layers[1]?.files).toEqual({ added: 0, changed: 1, removed: 0 })
  })

  test('oddities are stated', async () => {
    const { omissions } = await analyseLayers([
      [
        symlink('a', 'b'),
        symlink('b', 'a'),
        file('a/f', '1'),
        hardLink('h', 'nowhere'),
        file('.wh.'),
        file('x/../../y', '1'),
        { path: Buffer.from('caf\xe9', 'latin1') },
        { path: 'odd', flag: 'Z' }
      ]
    ])
    expect(omissions.every((each) => each.kind === 'layer' && each.layer === 0)).toBe(true)
    expect(omissions.map(({ words }) => words)).toEqual([
      'has 1 name with "..": read as the engines do, which never leave the root',
      'has 1 name that are no UTF-8, shown with U+FFFD',
      'has 1 whiteout without a name, ignored',
      'has 1 entry of a type that is no file, ignored',
      'has 1 hard link to nothing, counted as empty',
      'has 1 entry that no engine could place, left out'
    ])
  })

  test('a tree of ten thousand folders deep', async () => {
    const deep = 'd/'.repeat(10_000)
    const analysis = await analyseLayers([[file('x', '', { pax: { path: `${deep}f` } })], [file('.wh.d')]])
    expect(listing(analysis)).toEqual([])
  })

  test('random layers agree with a naive model', async () => {
    const random = seeded(20_261_120)
    for (let round = 0; round < 60; round++) {
      const layers = Array.from({ length: random.below(5) + 1 }, () => random.entries(random.below(12)))
      expect({ round, listing: listing(await analyseLayers(layers)) }).toEqual({ round, listing: applyNaively(layers) })
    }
  }, 60_000)
})
