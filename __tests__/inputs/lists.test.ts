import { describe, expect, test } from '@jest/globals'
import { readList } from '../../src/inputs/lists.js'

/** What docker/build-push-action makes of the same text, except for comments, which it passes on. */
describe('a list', () => {
  test.each<[string, string, readonly string[], readonly string[]]>([
    ['nothing', '', [], []],
    ['blank lines', '\n \n\t\n', [], []],
    ['lines', 'a\nb\r\nc', ['a', 'b', 'c'], ['a', 'b', 'c']],
    ['commas', 'a,b\nc', ['a,b', 'c'], ['a', 'b', 'c']],
    ['commas with blanks', 'a, b ,\nc', ['a, b ,', 'c'], ['a', 'b', 'c']],
    [
      'quotes on each line',
      '"VERSION=26.04"\n"IS_CLOUD=true"\n',
      ['VERSION=26.04', 'IS_CLOUD=true'],
      ['VERSION=26.04', 'IS_CLOUD=true']
    ],
    ['a comma in quotes', '"A=one, two"', ['A=one, two'], ['A=one', 'two']],
    ['quotes that are not around it', 'B="x"', ['B="x"'], ['B="x"']],
    ['several lines in quotes', '"C=line1\nline2"\nD=a', ['C=line1\nline2', 'D=a'], ['C=line1\nline2', 'D=a']],
    [
      'several lines of Windows in quotes',
      '"C=line1\r\nline2"\r\nD=a',
      ['C=line1\nline2', 'D=a'],
      ['C=line1\nline2', 'D=a']
    ],
    ['a quote in quotes', '"A={""k"":""v""}"', ['A={"k":"v"}'], ['A={"k":"v"}']],
    ['JSON without quotes around it', 'A={"a":1,"b":"2"}', ['A={"a":1,"b":"2"}'], ['A={"a":1', '"b":"2"}']],
    ['a JSON list', 'A=["x","y"]', ['A=["x","y"]'], ['A=["x"', '"y"]']],
    ['a field in quotes after another', 'a,"b,c"', ['a,b,c'], ['a', 'b,c']],
    ['quotes and more', '"a"b,c', ['"a"b,c'], ['"a"b', 'c']],
    [
      'comments',
      '# first\na=1 # no comment\n  # second\nb=#c',
      ['a=1 # no comment', 'b=#c'],
      ['a=1 # no comment', 'b=#c']
    ],
    ['a comment in quotes is none', '"#a\n#b"', ['#a\n#b'], ['#a\n#b']],
    ['indented', '  "a"\n  b', ['a', 'b'], ['a', 'b']],
    ['blanks after the quotes', '"a"  \nb', ['a', 'b'], ['a', 'b']]
  ])('%s', (_, text, kept, separated) => {
    expect(readList(text, 'keep')).toEqual({ ok: true, entries: kept })
    expect(readList(text, 'separate')).toEqual({ ok: true, entries: separated })
  })

  test.each([
    ['"a', 1],
    ['a\nb\n"c=d\ne', 3]
  ])('%j is not closed', (text, line) => {
    expect(readList(text, 'keep')).toEqual({ ok: false, line })
  })
})
