import { describe, expect, test } from '@jest/globals'
import { searchSlices, searchStream, type Pattern } from '../../src/core/byte_search.js'
import { atOnce } from '../../src/core/slices.js'
import { seeded } from '../image/support/random.js'

/** What indexOf finds, one pattern after the other. */
function naive(patterns: readonly Pattern[], text: Buffer): readonly string[] {
  return patterns
    .flatMap(({ bytes }, index) => {
      const found: string[] = []
      for (let at = text.indexOf(bytes); at !== -1; at = text.indexOf(bytes, at + 1)) found.push(`${index}@${at}`)
      return found
    })
    .sort()
}

function streamed(patterns: readonly Pattern[], text: Buffer, chunkSize: () => number): readonly string[] {
  const found: string[] = []
  const write = searchStream(atOnce(searchSlices(patterns)), (pattern, start) => found.push(`${pattern}@${start}`))
  for (let at = 0; at < text.length;) {
    const size = chunkSize()
    write(text.subarray(at, at + size))
    at += size
  }
  return found.sort()
}

const plain = (text: string): Pattern => ({ bytes: Buffer.from(text, 'latin1'), mayWrap: false })
const wrapping = (text: string): Pattern => ({ bytes: Buffer.from(text, 'latin1'), mayWrap: true })

describe('many patterns at once', () => {
  test('random texts of few letters, in random chunks, agree with indexOf', () => {
    const random = seeded(7)
    for (let round = 0; round < 400; round++) {
      const letters = random.pick(['ab', 'abc', 'abcdefgh'])
      const word = (length: number) => Array.from({ length }, () => random.pick([...letters])).join('')
      const patterns = Array.from({ length: random.below(6) + 1 }, () => plain(word(random.below(6) + 3)))
      const text = Buffer.from(word(random.below(300)), 'latin1')
      const sizes = () => random.below(random.pick([2, 5, 40, 500])) + 1
      expect({ round, found: streamed(patterns, text, sizes) }).toEqual({ round, found: naive(patterns, text) })
    }
  })

  test('random bytes with a pattern at every border', () => {
    const random = seeded(8)
    const secret = random.bytes(33)
    for (let border = 0; border <= 40; border++) {
      const text = Buffer.concat([random.bytes(20), secret, random.bytes(20)])
      const sizes = [border, 1000][Symbol.iterator]()
      const found = streamed([{ bytes: secret, mayWrap: false }], text, () => sizes.next().value ?? 1000)
      expect(found).toEqual(['0@20'])
    }
  })

  test('a pattern that is part of another', () => {
    expect(streamed([plain('secret'), plain('my-secret-is')], Buffer.from('so my-secret-is out'), () => 100)).toEqual([
      '0@6',
      '1@3'
    ])
  })

  test.each(['\n', '\r\n', '\n    ', '\\n'])('base64 broken by %j', (lineEnd) => {
    const text = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg'
    const wrapped = Buffer.from(`data: ${text.slice(0, 40)}${lineEnd}${text.slice(40)}`)
    for (const size of [1, 3, 1000]) {
      expect(streamed([wrapping(text)], wrapped, () => size)).toEqual(['0@6'])
      expect(streamed([plain(text)], wrapped, () => size)).toEqual([])
    }
  })
})
