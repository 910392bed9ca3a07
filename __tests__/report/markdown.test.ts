import { describe, expect, it } from '@jest/globals'
import {
  alert,
  block,
  bullets,
  code,
  details,
  htmlCode,
  inline,
  link,
  mermaidLabel,
  shorten,
  shortened,
  table,
  text,
  visibleLine
} from '../../src/report/format/markdown.js'
import { historyInstruction } from '../../src/report/format/instruction.js'
import { HOSTILE } from './support/hostile.js'
import { ALIVE, HIDDEN, rendered } from './support/tree.js'

const COLUMNS = [
  { title: 'a', align: 'left' },
  { title: 'b', align: 'right' },
  { title: 'c', align: 'left' }
] as const

/** Blanks and what shows an invisible character do not matter when asking whether a text came through. */
function folded(value: string): string {
  return value.replace(/\s+/g, ' ').trim()
}

describe.each(HOSTILE)('%s', (_, value) => {
  it('is plain words in text', () => {
    const { tags, links, live, text: seen } = rendered(`before\n\n${text(value)}\n\nafter`)
    expect(tags.filter((tag) => tag !== 'code')).toEqual(value.trim() === '' ? ['p', 'p'] : ['p', 'p', 'p'])
    expect(links).toEqual([])
    expect(live).not.toMatch(ALIVE)
    expect(seen).not.toMatch(HIDDEN)
    expect(seen).toContain('after')
  })

  it('is all there in text and in code', () => {
    const expected = folded(inline(value)).slice(0, 150)
    expect(folded(rendered(code(value, 2000)).text)).toContain(expected)
    // A pair of backticks becomes code; everything else stays as it is.
    const bare = (words: string): string => folded(words).replace(/[`\s]/g, '')
    expect(bare(rendered(text(value)).text)).toContain(bare(expected))
  })

  it('is code in a code span', () => {
    const { tags, live, links, text: seen } = rendered(`x ${code(value)} y`)
    expect(tags.filter((tag) => tag !== 'em')).toEqual(['p', ...tags.filter((tag) => tag === 'code')])
    expect(links).toEqual([])
    expect(live).not.toMatch(ALIVE)
    expect(seen).not.toMatch(HIDDEN)
    expect(seen.endsWith(' y')).toBe(true)
  })

  it('keeps the columns of a table', () => {
    const markdown = table(COLUMNS, [
      [code(value), text(value), code(value)],
      [text(value), code(value), text(value)],
      ['x', 'y', 'z']
    ])
    const { rows, links, live, tags } = rendered(markdown)
    expect(rows).toEqual([3, 3, 3, 3])
    expect(links).toEqual([])
    expect(live).not.toMatch(ALIVE)
    expect(tags.filter((tag) => tag === 'table')).toHaveLength(1)
    expect(tags).not.toContain('img')
  })

  it('keeps its words in a table cell', () => {
    const cell = rendered(table(COLUMNS.slice(0, 1), [[code(value, 2000)]])).text
    expect(folded(cell)).toContain(folded(inline(value)).slice(0, 150))
  })

  it('stays inside a fence', () => {
    const lines = value.split('\n')
    const { tags, text: seen } = rendered(`${block(lines)}\n\nafter`)
    expect(tags).toEqual(['pre', 'code', 'p'])
    expect(seen.replaceAll('\t', ' ')).not.toMatch(HIDDEN)
    expect(seen.endsWith('after')).toBe(true)
  })

  it('stays inside lists, alerts and details', () => {
    const markdown = [
      '## heading',
      bullets([text(value), `${text(value)}\n\n${block([value])}`]),
      alert('NOTE', [text(value)]),
      details(htmlCode(value), text(value)),
      'after'
    ].join('\n\n')
    const { tags, live, links } = rendered(markdown)
    expect(tags.filter((tag) => !['code', 'p', 'li', 'pre'].includes(tag))).toEqual([
      'h2',
      'ul',
      'blockquote',
      'details',
      'summary'
    ])
    expect(tags.at(-1)).toBe('p')
    expect(links).toEqual([])
    expect(live).not.toMatch(ALIVE)
  })

  it('is a harmless mermaid label', () => {
    expect(mermaidLabel(value)).toMatch(/^(?:(?:RUN|COPY)\b|step)[\p{L}\p{N} ./_=+,()@&'!*…-]*$/u)
  })
})

describe('text', () => {
  it.each([
    ['plain words, 3.5 of them.', 'plain words, 3.5 of them.'],
    ['add `packages: write`', 'add `packages: write`'],
    ['snake_case _it_', 'snake_case \\_it\\_'],
    ['by @team, see https://x.example/a_b?c.', 'by `@team`, see `https://x.example/a_b?c`.'],
    ['a < b && c > d', 'a &lt; b &amp;&amp; c &gt; d'],
    ['1. not a list', '1\\. not a list'],
    ['- not a list', '\\- not a list'],
    ['digest sha256:0123456789abcdef', 'digest `sha256:0123456789abcdef`'],
    ['it took 1234567 bytes', 'it took `1234567` bytes'],
    ['a\nb', 'a b']
  ])('writes %j as %j', (value, markdown) => {
    expect(text(value)).toBe(markdown)
  })
})

describe('code', () => {
  it.each([
    ['a', '`a`'],
    ['a ` b', '``a ` b``'],
    ['`a`', '`` `a` ``'],
    ['', '*(empty)*'],
    ['a\\|b', '`a\\`<!-- -->`|b`'],
    ['a\u202eb', '`a\\u202eb`'],
    ['a\u{e0041}b', '`a\\u{e0041}b`']
  ])('writes %j as %j', (value, markdown) => {
    expect(code(value)).toBe(markdown)
  })

  it('keeps the joiner of an emoji', () => {
    expect(code('👩‍💻 👷🏽‍♂️ a\u200db')).toBe('`👩‍💻 👷🏽‍♂️ a\\u200db`')
  })
})

describe('shortening', () => {
  it('says that something is missing, and how much when it is much', () => {
    expect(shortened('abcdef', 6)).toBe('abcdef')
    expect(shortened('abcdefg', 6)).toBe('abcdef…')
    expect(shortened('x'.repeat(10_000), 100)).toBe(`${'x'.repeat(100)}… (9,900 more characters)`)
    expect(code('x'.repeat(1_000))).toBe(`\`${'x'.repeat(200)}…\` (800 more characters)`)
    // Below each other in a table, the count is noise.
    expect(code('x'.repeat(1_000), 10)).toBe(`\`${'x'.repeat(10)}…\``)
  })

  it('never splits a character', () => {
    expect(shorten('a😀b', 2)).toEqual({ head: 'a', omitted: 3 })
  })
})

describe('a log line', () => {
  it('shows what a terminal would show in the end', () => {
    expect(visibleLine('10%\r50%\r100%\r\n')).toBe('100%')
    expect(visibleLine('\u001b[1m\u001b[31mE  \u001b[0massert\u001b[K')).toBe('E  assert')
    expect(visibleLine('\u001b]0;title\u0007text')).toBe('text')
    expect(visibleLine('a\tb\u0000')).toBe('a\tb\\u0000')
  })
})

describe('link', () => {
  it('goes only to http addresses', () => {
    expect(link('a', 'https://github.com/a/b(c)')).toBe('[a](https://github.com/a/b%28c%29)')
    expect(link('a', 'javascript:alert(1)')).toBe('a')
    expect(link('a', 'https://x.example/ "title')).toBe('a')
    expect(link('a', undefined)).toBe('a')
  })
})

describe('text that was written to keep its reader busy', () => {
  const many = 2_000_000

  it.each([
    ['line ends', `a${'\n'.repeat(many)}b`],
    ['carriage returns', `a${'\r'.repeat(many)}b`],
    ['titles that do not end', `${'\u009b]'.repeat(many)}b`],
    ['strings that do not end', `${'\u009bP'.repeat(many)}b`]
  ])('%s', (_, line) => {
    expect(visibleLine(line).endsWith('b')).toBe(true)
  })

  it('blanks of a cell', () => {
    expect(table([COLUMNS[0]], [[`a${' '.repeat(many)}b \n c`]])).toContain('b c')
  })

  it('blanks and variables in the history of an image', () => {
    expect(historyInstruction(`RUN a${' '.repeat(many)}b # buildkit`).endsWith(' b')).toBe(true)
    expect(historyInstruction(`RUN |1 ${'a='.repeat(many)}`)).toHaveLength('RUN '.length + 2 * many)
    expect(historyInstruction('RUN |2 A=b=c =D= /bin/sh -c x # buildkit')).toBe('RUN x')
  })
})
