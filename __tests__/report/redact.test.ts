import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { SHORTEST_SECRET } from '../../src/core/secret_forms.js'
import { redacted } from '../../src/core/own_words.js'
import { createRedactor } from '../../src/report/redact.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { redTest } from './support/reports.js'

const TOKEN = 'pk_live/4f+9 "Z"&é<x>'
const redact = createRedactor([{ id: 'token', value: TOKEN }])
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a secret is hidden', () => {
  it.each([
    ['raw', TOKEN],
    ['hex', Buffer.from(TOKEN).toString('hex')],
    ['HEX', Buffer.from(TOKEN).toString('hex').toUpperCase()],
    ['URL-escaped', encodeURIComponent(TOKEN)],
    ['URL-escaped in lower case', encodeURIComponent(TOKEN).replace(/%../g, (octet) => octet.toLowerCase())],
    ['form-escaped', encodeURIComponent(TOKEN).replaceAll('%20', '+')],
    ['as JSON', JSON.stringify(TOKEN).slice(1, -1)],
    [
      'as JSON by Go',
      JSON.stringify(TOKEN)
        .slice(1, -1)
        .replaceAll('&', '\\u0026')
        .replaceAll('<', '\\u003c')
        .replaceAll('>', '\\u003e')
    ],
    ['as JSON in JSON', JSON.stringify(JSON.stringify(TOKEN).slice(1, -1)).slice(1, -1)],
    ['as base64url', Buffer.from(TOKEN).toString('base64url')]
  ])('%s', (_, form) => {
    expect(redact(`before ${form} after`)).toBe('before *** after')
  })

  it.each(['', 'u', 'us', 'user:', 'a longer prefix '])('in base64 after %j', (prefix) => {
    const encoded = base64(`${prefix}${TOKEN} and more`)
    const result = redact(`Authorization: Basic ${encoded}`)
    expect(result).toContain('***')
    // What is left decodes to nothing of the secret but, at the ends, parts of single characters.
    const rest = result.replace('Authorization: Basic ', '').split('***')
    expect(rest.every((piece) => !Buffer.from(piece, 'base64').toString('latin1').includes(TOKEN.slice(1, 6)))).toBe(
      true
    )
  })

  it.each([
    // Of 12 bytes, so that no piece between two folds is long enough to be known by itself.
    ['base64', '4"O<8aX@ThV7', 'YTQiTzw4YVhAVGhW', 'N3g='],
    ['base64 behind a backslash', '5I/NsjG%r4yZ', 'YTVJL05zakcl\\', 'cjR5Wng='],
    ['hex', 'k7B4QLa>BWzW', '6b374234514c613e', '42577a57']
  ])('in %s, short and folded anywhere', (_, value, ...lines) => {
    const redacted = createRedactor([{ id: 's', value }])(`t=${lines.join('\n')} and more`)
    expect(redacted).toMatch(/^t=\S{0,3}\*\*\*\S{0,3} and more$/)
  })

  it('in base64 folded by the base64 command', () => {
    const key =
      'k'.repeat(50) + Array.from({ length: 150 }, (_, index) => String.fromCharCode(65 + (index % 26))).join('')
    const folded = base64(key).replace(/.{76}/g, '$&\n').trim()
    const redact = createRedactor([{ id: 'key', value: key }])
    expect(redact(folded)).toBe(folded.split('\n').fill('***').join('\n'))
    // A part of it, as the end of a log may be one.
    expect(redact(folded.split('\n').slice(1, 3).join('\n'))).toBe('***\n***')
  })

  it('more than once, beside itself and overlapping another', () => {
    const both = createRedactor([
      { id: 'a', value: 'abcdef-123' },
      { id: 'b', value: '123-uvwxyz' }
    ])
    expect(both('abcdef-123 abcdef-123abcdef-123 abcdef-123-uvwxyz.')).toBe('*** *** ***.')
  })

  it('the longer one first', () => {
    const both = createRedactor([
      { id: 'a', value: 'abcdef' },
      { id: 'b', value: 'abcdefghij' }
    ])
    expect(both('xabcdefghijx abcdefx')).toBe('x***x ***x')
  })
})

describe('a value of several lines', () => {
  const key = [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU',
    'QyNTUxOQAAACBhello',
    '-----END OPENSSH PRIVATE KEY-----',
    ''
  ].join('\n')
  const hide = createRedactor([{ id: 'key', value: key }])

  it('is hidden whole, with either line end', () => {
    expect(hide(`a ${key} b`)).toBe('a *** b')
    expect(hide(`a ${key.trim()} b`)).toBe('a *** b')
    expect(hide(`a ${key.replaceAll('\n', '\r\n')} b`)).toBe('a *** b')
    expect(hide(JSON.stringify({ key }))).toBe('{"key":"***"}')
  })

  it('is hidden line by line, but for the lines everyone has', () => {
    expect(hide(' b3BlbnNzaC1rZXktdjEAAAAABG5vbmU ')).toBe(' *** ')
    expect(hide('key starts with -----BEGIN OPENSSH PRIVATE KEY-----')).toContain('BEGIN')
  })

  it('never makes a mask of a brace', () => {
    const json = createRedactor([{ id: 'json', value: '{\n  "a": 1,\n  "private_key_id": "0123456789"\n}' }])
    expect(json('{ "b": 1, }')).toBe('{ "b": 1, }')
    expect(json('x "private_key_id": "0123456789" y')).toBe('x *** y')
  })
})

describe('what is left alone', () => {
  it('short values, and everything when there are no secrets', () => {
    const text = 'a dev { text'
    expect(createRedactor([])(text)).toBe(text)
    expect(
      createRedactor([
        { id: 'a', value: 'x'.repeat(SHORTEST_SECRET - 1) },
        { id: 'b', value: '  \n ' }
      ])('xxxxx')
    ).toBe('xxxxx')
  })
})

describe('a report', () => {
  it('is redacted before it is escaped, keeping everything else', () => {
    const secret = 's3cr3t|`x`*_'
    const report = redTest()
    const leaky = redacted(
      { ...report, notes: [`the token ${secret} is wrong`] },
      createRedactor([{ id: 'a', value: secret }])
    )
    expect(leaky).toEqual({ ...report, notes: ['the token *** is wrong'] })
    expect(renderSummary(leaky)).not.toContain('s3cr3t')
  })
})

describe('speed', () => {
  it('a megabyte of log against a thousand forms takes well under a second', () => {
    const lines = Array.from({ length: 50 }, (_, index) => gzipSync(`line ${index}`).toString('base64').padEnd(70, 'x'))
    const hide = createRedactor([{ id: 'key', value: lines.join('\n') }])
    const log = Array.from(
      { length: 12_000 },
      (_, index) => `#12 ${index}.1 Collecting package-${index} from the index, please wait`
    )
    const start = performance.now()
    for (const line of log) hide(line)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
