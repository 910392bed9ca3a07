import { describe, expect, it } from '@jest/globals'
import {
  chainOf,
  declaredArguments,
  parseDockerfile,
  readArguments,
  stageNeeds,
  stepsOf
} from '../../src/dockerfile/index.js'

const SIMPLE = `FROM python:3.12-slim AS base
WORKDIR /app
FROM base AS test
RUN pytest
FROM base AS production
COPY . /app
`

describe('stages', () => {
  it.each([
    ['a chain', SIMPLE, 'production', [0, 2]],
    ['the last stage', SIMPLE, '', [0, 2]],
    ['an index', SIMPLE, '1', [0, 1]],
    ['names in any case', SIMPLE.replaceAll('base', 'Base').replace('FROM Base', 'FROM bASE'), 'TEST', [0, 1]],
    ['no such stage', SIMPLE, 'nosuch', []],
    [
      'COPY by name and by index',
      'FROM a AS x\nFROM b\nFROM c\nCOPY --from=1 f f\nCOPY --link --from=X f f',
      '',
      [0, 1, 2]
    ],
    ['a mount', 'FROM a AS x\nFROM b\nRUN --mount=type=bind,target=/o,From=x y', '', [0, 1]],
    ['a mount in quotes', 'FROM a AS x\nFROM b\nRUN --mount="type=bind","from=x" y', '', [0, 1]],
    [
      'a cache mount that starts from a stage',
      'FROM a AS x\nFROM b\nRUN --mount=type=cache,from=x,target=/c y',
      '',
      [0, 1]
    ],
    ['a number that is an image to FROM and to mounts', 'FROM a\nFROM 0\nRUN --mount=from=0,target=/x y', '', [1]],
    ['a later stage is none', 'FROM a AS x\nCOPY --from=y f f\nFROM b AS y\nFROM x', '', [0, 2]],
    ['the last of two with one name', 'FROM a AS x\nFROM b AS x\nFROM x', '', [1, 2]],
    ['a stage that is called like its base', 'FROM python AS python\nRUN x', '', [0]],
    ['a default of ARG', 'ARG B=x\nFROM a AS x\nFROM ${B} AS y', '', [0, 1]],
    ['a default in a default', 'ARG A=x\nARG B=${A}y\nFROM a AS xy\nFROM $B', '', [0, 1]],
    ['a word for an empty value', 'ARG B\nFROM a AS x\nFROM ${B:-x}', '', [0, 1]],
    ['an ARG of a stage is none', 'FROM a AS x\nARG B=x\nFROM $B AS y', '', [1]],
    [
      'what the builder alone knows',
      'FROM a AS for-amd64\nFROM a AS for-arm64\nFROM a AS z\nFROM for-$TARGETARCH',
      '',
      [0, 1, 3]
    ],
    ['a heredoc that looks like stages', 'FROM a AS x\nFROM b\nRUN <<E\nFROM x\nCOPY --from=x a b\nE', '', [1]],
    ['ONBUILD of the parent', 'FROM a AS x\nFROM b AS y\nONBUILD COPY --from=x a b\nFROM y\n', '', [0, 1, 2]],
    ['ONBUILD of its own', 'FROM a AS x\nFROM b AS y\nONBUILD COPY --from=x a b', '', [1]]
  ])('%s', (_what, text, target, expected) => {
    expect(stageNeeds(parseDockerfile(text), target).map(({ index }) => index)).toEqual(expected)
  })

  it('take build arguments', () => {
    const text = 'ARG B=x\nFROM a AS x\nFROM a AS z\nFROM ${B}'
    const given = readArguments(['B=z', 'C'])
    expect(stageNeeds(parseDockerfile(text), '', given).map(({ index }) => index)).toEqual([1, 2])
  })

  it('several are asked at once', () => {
    expect(stageNeeds(parseDockerfile(SIMPLE), ['test', '']).map(({ index }) => index)).toEqual([0, 1, 2])
  })

  it('have a chain', () => {
    expect(chainOf(parseDockerfile(SIMPLE), 'production').map(({ line }) => line)).toEqual([5, 1])
    expect(chainOf(parseDockerfile('FROM python AS python\nRUN x'), '').map(({ line }) => line)).toEqual([1])
  })

  it('run what ONBUILD holds for them, and not what they hold for others', () => {
    const dockerfile = parseDockerfile('FROM a AS x\nONBUILD RUN one\nFROM x\nRUN two\nONBUILD RUN three')
    const [, last] = dockerfile.stages
    expect(last === undefined ? [] : stepsOf(dockerfile, last).map(({ text }) => text)).toEqual(['RUN one', 'RUN two'])
  })
})

it('lists the arguments that are declared', () => {
  const dockerfile = parseDockerfile('ARG A=1 B\nFROM x\nARG C="a b"\nRUN <<E\nARG D\nE')
  expect([...declaredArguments(dockerfile)].slice(0, 3)).toEqual(['A', 'B', 'C'])
  expect(declaredArguments(dockerfile).has('D')).toBe(false)
})
