import { describe, expect, test } from '@jest/globals'
import { defaultLimits } from '../../src/image/limits.js'
import { tarReader, type TarEntry } from '../../src/image/tar/reader.js'
import {
  base256,
  endBlocks,
  file,
  folder,
  gnuLongName,
  hardLink,
  octal,
  paxBody,
  symlink,
  tar,
  tarEntry,
  type TarInput
} from './support/tar-builder.js'

type Read = { readonly entry: TarEntry; readonly content: string }

/** Reads an archive in chunks of a size, so that every state meets every border. */
function read(archive: Buffer, chunkSize = archive.length): readonly Read[] {
  const found: { entry: TarEntry; content: string }[] = []
  const reader = tarReader(
    {
      // Paths are views: they are gone with the next block.
      entry: (entry) => {
        const kept = { ...entry, path: Buffer.from(entry.path), linkPath: Buffer.from(entry.linkPath) }
        found.push({ entry: kept, content: '' })
      },
      content: (bytes) => {
        found.at(-1)!.content += bytes.toString('latin1')
      },
      entryEnd: () => undefined
    },
    defaultLimits
  )
  for (let at = 0; at < archive.length; at += chunkSize) reader.write(archive.subarray(at, at + chunkSize))
  reader.end()
  return found
}

function summary({ entry, content }: Read): string {
  const link = entry.linkPath.length > 0 ? ` -> ${entry.linkPath.toString()}` : ''
  return `${entry.type} ${entry.path.toString()}${link} ${entry.size}/${entry.storedSize} ${content}`.trimEnd()
}

const long = `${'very-long-folder-name/'.repeat(12)}file`

type Case = readonly [name: string, archive: Buffer, expected: readonly string[]]

const wild: readonly Case[] = [
  ['nothing at all', Buffer.alloc(0), []],
  ['only end blocks', endBlocks, []],
  ['one end block', tar([file('a', 'x')], Buffer.alloc(512)), ['file a 1/1 x']],
  ['no end blocks', tar([file('a', 'x')], Buffer.alloc(0)), ['file a 1/1 x']],
  ['no padding after the last file', tarEntry(file('a', 'x')).subarray(0, 513), ['file a 1/1 x']],
  [
    'a file of exactly one block',
    tar([file('a', 'y'.repeat(512)), file('b', 'z')]),
    [`file a 512/512 ${'y'.repeat(512)}`, 'file b 1/1 z']
  ],
  [
    'every type',
    tar([
      folder('d'),
      file('d/f', 'abc'),
      symlink('s', 'd/f'),
      hardLink('h', 'd/f'),
      { path: 'c', flag: '3', device: [1, 3] },
      { path: 'b', flag: '4', device: [8, 0] },
      { path: 'p', flag: '6' },
      { path: '7', flag: '7', content: 'k' }
    ]),
    [
      'directory d/ 0/0',
      'file d/f 3/3 abc',
      'symlink s -> d/f 0/0',
      'hard-link h -> d/f 0/0',
      'character-device c 0/0',
      'block-device b 0/0',
      'fifo p 0/0',
      'file 7 1/1 k'
    ]
  ],
  [
    'a v7 directory',
    tar([
      { path: 'old/', flag: '\0' },
      { path: 'f', flag: '\0', content: 'q' }
    ]),
    ['directory old/ 0/0', 'file f 1/1 q']
  ],
  ['a ustar prefix', tar([file('name', 'x', { prefix: 'some/prefix' })]), ['file some/prefix/name 1/1 x']],
  [
    'a GNU header, where the prefix is something else',
    tar([
      file('a', 'x', {
        patch: (block) => block.write('ustar  \0', 257, 'latin1') && block.write('00000000001', 345, 'latin1')
      })
    ]),
    ['file a 1/1 x']
  ],
  ['a PAX path', tar([file('short', 'x', { pax: { path: long } })]), [`file ${long} 1/1 x`]],
  ['a PAX link path', tar([{ ...symlink('s', 'short'), pax: { linkpath: long } }]), [`symlink s -> ${long} 0/0`]],
  ['a PAX size', tar([file('a', 'hello', { pax: { size: '5' }, sizeField: octal(0, 12) })]), ['file a 5/5 hello']],
  [
    'a global PAX header, which the engines ignore',
    tar([{ path: 'g', flag: 'g', content: paxBody({ path: 'nope', comment: 'c' }) }, file('a', 'x')]),
    ['file a 1/1 x']
  ],
  ['a GNU long name', tar([gnuLongName(long), file('cut', 'x')]), [`file ${long} 1/1 x`]],
  [
    'GNU long name and link',
    tar([gnuLongName(long, 'K'), gnuLongName(`${long}2`), symlink('cut', 'cut')]),
    [`symlink ${long}2 -> ${long} 0/0`]
  ],
  [
    'a long name for one entry only',
    tar([gnuLongName(long), file('cut'), file('next')]),
    [`file ${long} 0/0`, 'file next 0/0']
  ],
  ['a base-256 size', tar([file('a', 'hello', { sizeField: base256(5, 12) })]), ['file a 5/5 hello']],
  ['a size with leading blanks', tar([file('a', 'hello', { sizeField: '          5 ' })]), ['file a 5/5 hello']],
  [
    'a hard link that states a size',
    tar([{ ...hardLink('h', 'a'), sizeField: octal(5, 12) }, file('b', 'x')]),
    ['hard-link h -> a 0/0', 'file b 1/1 x']
  ],
  [
    'a directory that states a size',
    tar([{ ...folder('d'), sizeField: octal(4096, 12) }, file('b', 'x')]),
    ['directory d/ 0/0', 'file b 1/1 x']
  ],
  ['a signed checksum', tar([file('ü', 'x', { signedChecksum: true })]), ['file ü 1/1 x']],
  [
    'PAX sparse 1.0',
    tar([
      file('GNUSparseFile.0/a', 'map+data', {
        pax: {
          'GNU.sparse.major': '1',
          'GNU.sparse.minor': '0',
          'GNU.sparse.name': 'a',
          'GNU.sparse.realsize': '1000000'
        }
      })
    ]),
    ['file a 1000000/8 map+data']
  ],
  [
    'PAX sparse 0.1',
    tar([file('a', 'data', { pax: { 'GNU.sparse.size': '9000', 'GNU.sparse.map': '0,4' } })]),
    ['file a 9000/4 data']
  ],
  [
    'old GNU sparse',
    tar([oldSparse('a', 'data', 5_000_000, 0), file('b', 'x')]),
    ['file a 5000000/4 data', 'file b 1/1 x']
  ],
  [
    'old GNU sparse with two more map blocks',
    tar([oldSparse('a', 'data', 5_000_000, 2), file('b', 'x')]),
    ['file a 5000000/4 data', 'file b 1/1 x']
  ],
  [
    'a type nobody knows, with content',
    tar([{ path: 'odd', flag: 'Z', content: 'skip me' }, file('b', 'x')]),
    ['other odd 0/7 skip me', 'file b 1/1 x']
  ],
  ['an empty name', tar([{ path: '', flag: '5' }]), ['directory  0/0']]
]

describe('tar as found in the wild', () => {
  test.each(wild)('%s', (_, archive, expected) => {
    expect(read(archive).map(summary)).toEqual(expected)
  })

  test.each(wild)('%s, in chunks of any size', (_, archive, expected) => {
    for (const size of [1, 7, 511, 512, 513, 1000]) expect(read(archive, size).map(summary)).toEqual(expected)
  })

  test('numbers beyond octal, from PAX', () => {
    const [found] = read(tar([file('a', '', { pax: { uid: '4294967294', gid: '2000000000' } })]))
    expect(found?.entry).toMatchObject({ uid: 4294967294, gid: 2000000000 })
  })

  test('extended attributes are kept as they stand', () => {
    const [found] = read(tar([file('a', '', { pax: { 'SCHILY.xattr.security.capability': 'cap' } })]))
    expect(found?.entry.attributes.map(String)).toEqual(['SCHILY.xattr.security.capability=cap\n'])
  })

  test('offsets name where an entry begins and where its content does', () => {
    const [, second] = read(tar([file('a', 'x'), file('b', 'y', { pax: { path: long } })]))
    expect(second?.entry).toMatchObject({ headerOffset: 1024, dataOffset: 1024 + 512 + 512 + 512 })
  })
})

describe('what is no archive', () => {
  test.each<readonly [name: string, archive: Buffer, message: RegExp]>([
    ['text', Buffer.from('hello world'.repeat(100)), /byte 0: a tar header has a wrong checksum/],
    [
      'a wrong checksum later on',
      tar([file('a', 'x'), file('b', 'y')]).fill('q', 1030, 1040),
      /byte 1024: a tar header has a wrong checksum/
    ],
    ['an end inside a header', tar([file('a')]).subarray(0, 300), /ends inside a header/],
    ['an end inside a file', tar([file('a', 'x'.repeat(5000))]).subarray(0, 2000), /ends inside the content/],
    ['an end after an extended header', tarEntry(gnuLongName(long)), /ends inside/],
    [
      'an entry after a block of zeros',
      Buffer.concat([Buffer.alloc(512), tarEntry(file('a'))]),
      /follows a block of zeros/
    ],
    ['a negative size', tar([file('a', '', { sizeField: Buffer.alloc(12, 0xff) })]), /negative number/],
    ['an absurd size', tar([file('a', '', { sizeField: Buffer.alloc(12, 0x7f).fill(0x80, 0, 1) })]), /beyond 2\^53/],
    ['a size that is no number', tar([file('a', '', { sizeField: '12x45678901\0' })]), /not octal/],
    ['a PAX size that is no number', tar([file('a', '', { pax: { size: '-1' } })]), /not a whole number/],
    ['a PAX size beyond 2^53', tar([file('a', '', { pax: { size: '99999999999999999' } })]), /not a whole number/],
    [
      'a PAX record whose length does not fit',
      tar([{ path: 'x', flag: 'x', content: '99 path=a\n' }, file('a')]),
      /length does not fit/
    ],
    [
      'a PAX record without a length',
      tar([{ path: 'x', flag: 'x', content: 'path=a\n' }, file('a')]),
      /length does not fit/
    ]
  ])('%s', (_, archive, message) => {
    for (const size of [archive.length, 100]) {
      expect(() => read(archive, size)).toThrow(
        expect.objectContaining({ code: 'corrupt-layer', message: expect.stringMatching(message) })
      )
    }
  })

  test.each<readonly [name: string, archive: Buffer]>([
    ['a path of 100 000 characters', tar([file('a', '', { pax: { path: 'x/'.repeat(50_000) } })])],
    ['an extended header of 2 MB', tar([{ path: 'x', flag: 'x', content: Buffer.alloc(2 ** 21) }, file('a')])]
  ])('%s passes a limit', (_, archive) => {
    expect(() => read(archive)).toThrow(expect.objectContaining({ code: 'limit' }))
  })
})

function oldSparse(path: string, content: string, realSize: number, mapBlocks: number): TarInput {
  return file(path, content, {
    flag: 'S',
    patch: (block) => {
      block.write('ustar  \0', 257, 'latin1')
      block.write(octal(realSize, 12), 483, 'latin1')
      block[482] = mapBlocks > 0 ? 1 : 0
    },
    mapBlocks: Array.from({ length: mapBlocks }, (_, at) => {
      const block = Buffer.alloc(512)
      block[504] = at + 1 < mapBlocks ? 1 : 0
      return block
    })
  })
}

test.each<readonly [string, TarInput, number]>([
  ['as the header has it', file('a', '', { mtime: 1_700_000_001 }), 1_700_000_001],
  ['as PAX has it, with a fraction', file('a', '', { mtime: 1, pax: { mtime: '1700000001.25' } }), 1_700_000_001.25],
  ['before 1970', file('a', '', { pax: { mtime: '-1.5' } }), -1.5],
  ['none, where the field is no number', file('a', '', { patch: (block) => block.write('yesterday', 136) }), NaN]
])('the time of an entry: %s', (_, input, expected) => {
  expect(read(tar([input]))[0]?.entry.modified).toBe(expected)
})
