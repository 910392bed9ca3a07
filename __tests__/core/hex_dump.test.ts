import { describe, expect, test } from '@jest/globals'
import { searchStream, searchSlices } from '../../src/core/byte_search.js'
import { dumpMarks, dumpReach, findDump } from '../../src/core/hex_dump.js'
import { atOnce } from '../../src/core/slices.js'
import { planNeedles, searchText } from '../../src/image/index.js'
import { pickFrom } from '../attack/area.js'

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
const pairs = (bytes: Buffer): readonly string[] => Array.from(bytes, hex)
const shown = (bytes: Buffer): string => bytes.toString('latin1').replace(/[^ -~]/g, '.')

/** What each line of so many bytes becomes. */
const linesOf = (bytes: Buffer, width: number, write: (line: Buffer, offset: number) => string): string =>
  Array.from({ length: Math.ceil(bytes.length / width) }, (_, at) =>
    write(bytes.subarray(at * width, at * width + width), at * width)
  ).join('\n')

const xxd = (line: Buffer, offset: number, columns: number): string => {
  const groups = Array.from({ length: Math.ceil(line.length / columns) }, (_, at) =>
    pairs(line.subarray(at * columns, at * columns + columns)).join('')
  )
  return `${offset.toString(16).padStart(8, '0')}: ${groups.join(' ').padEnd((16 / columns) * (2 * columns + 1) - 1)}  ${shown(line)}`
}

const dumps: readonly (readonly [string, (bytes: Buffer) => string])[] = [
  ['xxd', (bytes) => linesOf(bytes, 16, (line, offset) => xxd(line, offset, 2))],
  ['xxd -g 1', (bytes) => linesOf(bytes, 16, (line, offset) => xxd(line, offset, 1))],
  ['xxd -c 8', (bytes) => linesOf(bytes, 8, (line, offset) => xxd(line, offset, 2))],
  [
    'hexdump -C',
    (bytes) =>
      linesOf(bytes, 16, (line, offset) => {
        const halves = [line.subarray(0, 8), line.subarray(8)].map((half) => pairs(half).join(' ').padEnd(23))
        return `${offset.toString(16).padStart(8, '0')}  ${halves.join('  ')}  |${shown(line)}|`
      })
  ],
  [
    'od -tx1',
    (bytes) => linesOf(bytes, 16, (line, offset) => `${offset.toString(8).padStart(7, '0')} ${pairs(line).join(' ')}`)
  ],
  ['od -An -tx1', (bytes) => linesOf(bytes, 16, (line) => ` ${pairs(line).join(' ')}`)],
  [
    'xxd -i',
    (bytes) =>
      linesOf(
        bytes,
        12,
        (line) =>
          `  ${pairs(line)
            .map((pair) => `0x${pair}`)
            .join(', ')},`
      )
  ],
  ['openssl', (bytes) => linesOf(bytes, 15, (line) => `    ${pairs(line).join(':')}:`)],
  ['OpenSSL, upper case', (bytes) => pairs(bytes).join(':').toUpperCase()],
  ['.NET, BitConverter', (bytes) => pairs(bytes).join('-').toUpperCase()],
  [
    'a string of C',
    (bytes) =>
      linesOf(
        bytes,
        16,
        (line) =>
          `"${pairs(line)
            .map((pair) => `\\x${pair}`)
            .join('')}"`
      )
  ],
  [
    'every byte percent-encoded',
    (bytes) =>
      pairs(bytes)
        .map((pair) => `%${pair}`)
        .join('')
  ],
  [
    'every character as in JSON',
    (bytes) =>
      pairs(bytes)
        .map((pair) => `\\u00${pair}`)
        .join('')
  ]
]

const letters = [...'ABCDEFabcdefghijklmnopqrstuvwxyz0123456789+/=_-']

/** A value, and how many bytes of something else stand before it. */
const cases = [6, 7, 8, 9, 11, 12, 13, 16, 17, 24, 31, 40, 64].flatMap((length) =>
  Array.from({ length: 17 }, (_, before) => {
    const pick = pickFrom(length * 100 + before)
    return { before, value: Buffer.from(Array.from({ length }, () => pick(letters)).join('')) }
  })
)

const searchFor = (value: Buffer) => {
  const find = (around: Uint8Array) => findDump(Buffer.from(around).toString('latin1'), value)
  const confirm = { reach: dumpReach(value), find }
  return atOnce(searchSlices(dumpMarks(value).map((bytes) => ({ bytes, mayWrap: false, confirm }))))
}

describe.each(dumps)('%s', (_, write) => {
  test('of a value, wherever its lines end', () => {
    const missed = cases.filter(({ before, value }) => {
      const text = Buffer.from(`x\n${write(Buffer.concat([Buffer.alloc(before, '\t'), value, Buffer.from('\n#')]))}\ny`)
      let found = 0
      searchFor(value).find(text, text.length, () => found++)
      return found !== 1
    })
    expect(missed.map(({ before, value }) => `${before} ${value.toString()}`)).toEqual([])
  })

  test('in pieces of any size, once', () => {
    const value = Buffer.from('gh0_A1b2C3d4E5f6+G7h8/I9j0=KlMnOp')
    const dump = write(Buffer.concat([Buffer.from('12345'), value, Buffer.from('678')]))
    const text = Buffer.from(`${'all work and no play\n'.repeat(40)}${dump}\n${'makes jack a dull boy\n'.repeat(40)}`)
    for (const size of [1, 7, 100, 500, 900, 1100, 5000]) {
      const found: number[] = []
      const feed = searchStream(searchFor(value), (_pattern, start) => found.push(start))
      for (let at = 0; at < text.length; at += size) feed(text.subarray(at, at + size))
      expect({ size, found: found.length }).toEqual({ size, found: 1 })
    }
  })

  test('is told as hex', async () => {
    const value = 'gh0_A1b2C3d4E5f6+G7h8/I9j0=KlMnOp'
    const plan = await planNeedles([{ id: 's', value, kind: 'secret' }])
    expect(searchText(plan, write(Buffer.from(value)))).toEqual([
      { kind: 'secret', secretId: 's', encoding: 'hex', extent: 'whole', count: 1 }
    ])
  })
})

test('a dump of something that begins alike is none', () => {
  const value = Buffer.from('https://ci:hunter22@pypi.example/simple')
  for (const [, write] of dumps) {
    const text = Buffer.from(write(Buffer.from('see https://ci:secret@pypi.example/simple or https://ci.example/')))
    const found: number[] = []
    searchFor(value).find(text, text.length, (pattern) => found.push(pattern))
    expect(found).toEqual([])
  }
})

test('many beginnings take no longer than their length', () => {
  const value = Buffer.from('hunter22-and-more-of-it')
  const line = Buffer.from(`${pairs(value.subarray(0, 16)).join(' ')}\n`)
  const text = Buffer.alloc(line.length * 20_000, line)
  const { reach } = { reach: dumpReach(value) }
  let looked = 0
  const find = (around: Uint8Array) => {
    looked += around.length
    return findDump(Buffer.from(around).toString('latin1'), value)
  }
  const confirm = { reach, find }
  const search = atOnce(searchSlices(dumpMarks(value).map((bytes) => ({ bytes, mayWrap: false, confirm }))))
  search.find(text, text.length, () => undefined)
  expect(looked).toBeLessThan(5 * text.length)
})
