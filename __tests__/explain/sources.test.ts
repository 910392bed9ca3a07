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
  const odd = ['c++/x.h', 'app/(group)/page.tsx', 'app/[id].ts', 'app/id.ts', 'a|b', '{x,y}', 'x^y', 'xy']
  const paths = ['a.txt', 'src/b.ts', 'src/deep/c.ts', 'src/d.md', 'constructor', ...odd]
  const before = filesOf(Object.fromEntries(paths.map((path) => [path, '1'])))
  const now = filesOf(Object.fromEntries(paths.map((path) => [path, '2'])))

  test.each<[instruction: string, expected: readonly string[]]>([
    ['COPY . .', paths],
    ['COPY ./src/ /', ['src/b.ts', 'src/d.md', 'src/deep/c.ts']],
    ['COPY /src/deep /', ['src/deep/c.ts']],
    ['COPY *.txt /', ['a.txt']],
    ['COPY src/*.ts /', ['src/b.ts']],
    ['COPY --exclude=**/*.md src /', ['src/b.ts', 'src/deep/c.ts']],
    ['COPY A.TXT /', []],
    ['COPY c++ /', ['c++/x.h']],
    ['COPY app/(group)/page.tsx app/[id].ts /', ['app/(group)/page.tsx']],
    ['COPY app/\\[id\\].ts /', ['app/[id].ts']],
    ['COPY app/[a-i]d.ts /', ['app/id.ts']],
    ['COPY app/[^x]d.ts /', ['app/id.ts']],
    ['COPY a|b {x,y} x^y (old [z-a ] /', ['a|b', '{x,y}', 'x^y']],
    ['COPY app/[[i]d.ts app/[(^+ /', ['app/id.ts']],
    ['COPY sr /', []],
    ['COPY **/c.ts /', []],
    ['COPY --parents **/c.ts /', ['src/deep/c.ts']]
  ])('that %s reads', (instruction, expected) => {
    const changed = changedFiles(before, now, readSources(instruction), matcher)
    expect(changed.map(({ path }) => path)).toEqual([...expected].sort())
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

/** Each bracket was looked for the end of, and a regular expression can be too large. */
test.each([
  ['brackets that are not closed', '['],
  ['brackets that are not, and are not closed', '[^'],
  ['an escape behind each bracket', '[\\'],
  ['single characters', '?']
])('a pattern of many %s matches no path', (_what, part) => {
  const ignores = matcher([part.repeat(500_000), `${part.repeat(200)}/\\]`, 'a'])
  expect(['a', 'b', '['.repeat(200)].map(ignores)).toEqual([true, false, false])
})
