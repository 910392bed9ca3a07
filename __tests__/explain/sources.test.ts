import { describe, expect, test } from '@jest/globals'
import { changedFiles, readSources } from '../../src/explain/sources.js'
import { filesOf, matcher } from './support/builds.js'

describe('what a step reads of the context', () => {
  test.each<[instruction: string, wanted: readonly string[], excluded?: readonly string[]]>([
    ['COPY . .', ['.']],
    ['COPY package.json yarn.lock ./', ['package.json', 'yarn.lock']],
    ['COPY --chown=app --link src /src', ['src']],
    ['COPY --exclude=*.md --exclude=docs . /', ['.'], ['*.md', 'docs']],
    ['COPY ["a b", "/c d/"]', ['a b']],
    ['COPY [a b, c, /d/]', ['a b', 'c']], // as BuildKit shows it
    ['COPY --from=build /out /out', []],
    ['ADD https://example.com/x.tar local.tar /', ['local.tar']],
    ['ADD git@github.com:acme/app.git /src', []],
    ['COPY <<EOF own.txt /x', ['own.txt']],
    ['RUN --mount=type=bind,source=src,target=/src --mount=type=cache,target=/c make', ['src']],
    ['RUN --mount=target=/ctx make', ['.']],
    ['RUN --mount=type=bind,from=deps,target=/d --mount=type=secret,id=x make', []],
    ['RUN make --mount=type=bind,source=src', []],
    ['COPY **/package.json /', ['*/package.json']], // to a COPY two stars are one
    ['COPY --parents **/package.json /', ['**/package.json']],
    ['COPY #notes !bang /', ['./#notes', './!bang']],
    ['WORKDIR /app', []]
  ])('%s', (instruction, wanted, excluded = []) => {
    expect(readSources(instruction)).toEqual({ wanted, excluded })
  })
})

describe('changed files', () => {
  const before = filesOf({ 'a.txt': '1', 'src/b.ts': '1', 'src/deep/c.ts': '1', 'src/d.md': '1', constructor: '1' })
  const now = filesOf({ 'a.txt': '2', 'src/b.ts': '2', 'src/deep/c.ts': '2', 'src/d.md': '2', constructor: '2' })

  test.each<[instruction: string, expected: readonly string[]]>([
    ['COPY . .', ['a.txt', 'constructor', 'src/b.ts', 'src/d.md', 'src/deep/c.ts']],
    ['COPY ./src/ /', ['src/b.ts', 'src/d.md', 'src/deep/c.ts']],
    ['COPY /src/deep /', ['src/deep/c.ts']],
    ['COPY *.txt /', ['a.txt']],
    ['COPY src/*.ts /', ['src/b.ts']],
    ['COPY --exclude=**/*.md src /', ['src/b.ts', 'src/deep/c.ts']],
    ['COPY A.TXT /', []],
    ['COPY sr /', []],
    ['COPY **/c.ts /', []],
    ['COPY --parents **/c.ts /', ['src/deep/c.ts']]
  ])('that %s reads', (instruction, expected) => {
    expect(changedFiles(before, now, readSources(instruction), matcher).map(({ path }) => path)).toEqual(expected)
  })

  test('are new, gone or other; the same is none', () => {
    const sources = readSources('COPY . .')
    expect(
      changedFiles(filesOf({ a: '1', b: '1', c: '1' }), filesOf({ b: '2', c: '1', d: '1' }), sources, matcher)
    ).toEqual([
      { path: 'a', how: 'removed' },
      { path: 'b', how: 'changed' },
      { path: 'd', how: 'added' }
    ])
  })
})
