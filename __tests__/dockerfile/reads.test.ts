import { describe, expect, it } from '@jest/globals'
import { contextPaths, imagesRead, parseDockerfile, readArguments } from '../../src/dockerfile/index.js'

describe('what a target reads of the context', () => {
  it.each<readonly [what: string, lines: readonly string[], target: string, expected: readonly string[]]>([
    ['nothing', ['FROM a', 'RUN b'], '', []],
    [
      'what it copies, sorted, each once',
      ['FROM a', 'COPY src ./lock.txt /x/', 'ADD /src/ /y'],
      '',
      ['lock.txt', 'src']
    ],
    ['what stages above copy', ['FROM a AS b', 'COPY one /', 'FROM b', 'COPY two /'], '', ['one', 'two']],
    [
      'what a stage copies that it copies from',
      ['FROM a AS b', 'COPY one /', 'FROM c', 'COPY --from=b /x /'],
      '',
      ['one']
    ],
    ['nothing of a stage that it does not need', ['FROM a AS b', 'COPY one /', 'FROM c'], '', []],
    ['all of it', ['FROM a', 'COPY lock.txt /', 'COPY . /'], '', ['.']],
    ['all of it, by its root', ['FROM a', 'COPY / /x'], '', ['.']],
    ['words of JSON', ['FROM a', 'COPY ["one file", "two", "/x"]'], '', ['one file', 'two']],
    ['no address and no heredoc', ['FROM a', 'ADD https://h/x git@h:y /', 'COPY <<EOF /x', 'one', 'EOF'], '', []],
    ['a mount', ['FROM a', 'RUN --mount=target=/x,source=docs b'], '', ['docs']],
    ['a mount of all of it', ['FROM a', 'RUN --mount=type=bind,target=/x b'], '', ['.']],
    [
      'no mount of a stage or a cache',
      ['FROM a AS b', 'FROM c', 'RUN --mount=from=b,target=/x --mount=type=cache,target=/y z'],
      '',
      []
    ]
  ])('%s', (_, lines, target, expected) => {
    expect(contextPaths(parseDockerfile(lines.join('\n')), target)).toEqual(expected)
  })
})

describe('the images that targets read', () => {
  it.each<readonly [what: string, lines: readonly string[], expected: readonly string[]]>([
    ['of FROM, once', ['FROM a:1 AS x', 'FROM a:1 AS test', 'COPY --from=x / /'], ['a:1']],
    [
      'of COPY and mounts',
      ['FROM scratch AS test', 'COPY --from=b:1 / /', 'RUN --mount=from=c:1,target=/x y'],
      ['b:1', 'c:1']
    ],
    ['with a platform', ['FROM --platform=$BUILDPLATFORM a AS test', 'COPY --from=b / /'], ['$BUILDPLATFORM a', 'b']],
    ['with a variable, as written', ['ARG V=1', 'FROM a:$V AS test'], ['a:$V']],
    ['not of other stages', ['FROM secret AS other', 'FROM a AS test'], ['a']],
    ['not a stage that a variable means', ['ARG V=one', 'FROM a AS one', 'FROM $V AS test'], ['a']]
  ])('%s', (_, lines, expected) => {
    const reads = imagesRead(parseDockerfile(lines.join('\n')), ['test'], readArguments([]))
    expect(
      reads.map(({ reference, platform }) => (platform === undefined ? reference : `${platform} ${reference}`))
    ).toEqual(expected)
  })
})
