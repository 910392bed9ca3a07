import { describe, expect, it } from '@jest/globals'
import {
  contextPaths,
  hasCommand,
  ignoredRules,
  mountedCredentials,
  mountsOf,
  parseDockerfile,
  stageNeeds,
  wordsOf
} from '../../src/dockerfile/index.js'

/** `KEYWORD:LINE-ENDLINE rest` of every instruction. */
function told(text: string): readonly string[] {
  return parseDockerfile(text).instructions.map(
    ({ keyword, line, endLine, rest }) => `${keyword}:${line}-${endLine} ${rest}`
  )
}

it('is read with its continuations, comments, heredocs and directives', () => {
  const text = [
    '# syntax=docker/dockerfile:1',
    '# escape=`',
    '# check=skip=RunsAsRoot;error=true',
    '',
    'FROM --platform=$BUILDPLATFORM base:1 as Build',
    'RUN a `',
    '  # a comment',
    '',
    '  && b',
    'RUN <<EOF',
    'ADD x y',
    'EOF',
    'COPY --from=0 <<A <<-"B" /x/',
    'FROM evil',
    'A',
    'FROM evil',
    '\tB',
    'add --chown=a x y'
  ].join('\r\n')
  const read = parseDockerfile(Buffer.from(`\ufeff${text}`))
  expect(read).toMatchObject({ syntax: 'docker/dockerfile:1', escape: '`', check: 'skip=RunsAsRoot;error=true' })
  expect(read.stages).toMatchObject([{ index: 0, name: 'Build', from: 'base:1', line: 5 }])
  expect(told(text)).toEqual([
    'FROM:5-5 base:1 as Build',
    'RUN:6-9 a && b',
    'RUN:10-12 <<EOF',
    'COPY:13-17 <<A <<-"B" /x/',
    'ADD:18-18 x y'
  ])
  expect(read.stages[0]?.instructions).toHaveLength(4)
  expect(read.instructions[0]?.flags).toEqual(['--platform=$BUILDPLATFORM'])
  expect(read.instructions[3]?.heredocs).toEqual([
    { name: 'A', chomp: false, expand: true, line: 14, content: 'FROM evil' },
    { name: 'B', chomp: true, expand: false, line: 16, content: 'FROM evil' }
  ])
  expect(read.instructions[4]).toMatchObject({ flags: ['--chown=a'], rest: 'x y', stage: 0 })
})

describe('lines', () => {
  // Seen with BuildKit 0.23 wherever BuildKit and a reader of lines could disagree.
  it.each([
    [
      'two escape characters continue nothing',
      'FROM a\nCOPY f /f\\\\\nCOPY g /g',
      ['COPY:2-2 f /f\\\\', 'COPY:3-3 g /g']
    ],
    ['blanks may follow the escape character', 'FROM a\nRUN x \\ \t\n  y', ['RUN:2-3 x y']],
    ['a word may go on in the next line', 'FROM a\nRUN ech\\\no hi', ['RUN:2-3 echo hi']],
    ['a blank before the escape character parts two words', 'FROM a\nRUN x \\\ny', ['RUN:2-3 x y']],
    ['a continuation at the end of the file', 'FROM a\nRUN x \\', ['RUN:2-2 x']],
    ['an empty file', '', []],
    ['comments alone', '# a\n  # b\n', []],
    ['a comment with blanks before it', 'FROM a\n  # RUN x\nRUN y', ['RUN:3-3 y']],
    ['no heredoc in the exec form', 'FROM a\nRUN ["cat", "<<EOF"]\nRUN y', ['RUN:2-2 ["cat", "<<EOF"]', 'RUN:3-3 y']],
    ['a heredoc with a number for a name', 'FROM a\nCOPY <<1 /x\nFROM evil\n1', ['COPY:2-4 <<1 /x']],
    ['a quoted heredoc is none', "FROM a\nRUN echo '<<EOF'\nRUN y", ["RUN:2-2 echo '<<EOF'", 'RUN:3-3 y']],
    ['a here string is none', 'FROM a\nRUN cat <<<EOF\nRUN y', ['RUN:2-2 cat <<<EOF', 'RUN:3-3 y']],
    ['a shift is none', 'FROM a\nRUN echo $((1<<2))\nRUN y', ['RUN:2-2 echo $((1<<2))', 'RUN:3-3 y']],
    [
      'a heredoc of another file descriptor',
      'FROM a\nRUN 3<<-EOF cat\n\tFROM evil\n\t\tEOF\nRUN y',
      ['RUN:2-4 3<<-EOF cat', 'RUN:5-5 y']
    ],
    ['tabs before the end word without a dash', 'FROM a\nRUN <<EOF\n\tEOF\nEOF\nRUN y', ['RUN:2-4 <<EOF', 'RUN:5-5 y']],
    ['a heredoc below ONBUILD', 'FROM a\nONBUILD RUN <<EOF\nFROM evil\nEOF', ['ONBUILD:2-4 RUN <<EOF']],
    ['a heredoc of no instruction that has them', 'FROM a\nENV X=<<EOF\nRUN y', ['ENV:2-2 X=<<EOF', 'RUN:3-3 y']],
    ['a heredoc without an end is left out', 'FROM a\nRUN <<EOF\nRUN y', ['RUN:2-2 <<EOF', 'RUN:3-3 y']]
  ])('%s', (_what, text, expected) => {
    expect(told(text).filter((line) => !line.startsWith('FROM'))).toEqual(expected)
  })

  it('a large file of heredocs is read in a time that grows with it', () => {
    const text = `FROM a\n${'RUN <<A\n'.repeat(100_000)}`
    expect(parseDockerfile(text).instructions).toHaveLength(100_001)
  })
})

describe('directives', () => {
  it.each([
    ['# a comment\n# check=skip=all\nFROM a', { check: '', escape: '\\' }],
    ['#!/usr/bin/env docker\n#syntax=x/y:1 --flag\nFROM a', { syntax: 'x/y:1' }],
    ['// syntax=earthly/x\nFROM a', { syntax: 'earthly/x' }],
    ['// check=skip=all\n// syntax = earthly/x --flag\nFROM a', { syntax: 'earthly/x', check: '' }],
    ['# syntax=a/dockerfile\n// syntax=b', { syntax: 'a/dockerfile' }],
    ['{"syntax": "acme/other", "stages": []}', { syntax: 'acme/other' }],
    ['# syntax=acme/other \u2028x\nFROM a', { syntax: 'acme/other' }],
    ['\u00ef\u00bb\u00bf# syntax=acme/other\nFROM a', { syntax: 'acme/other' }],
    ['# escape=x\nFROM a', { escape: '\\' }],
    ['# ESCAPE = `\nFROM a', { escape: '`' }],
    ['\n# escape=`\nFROM a', { escape: '\\' }]
  ])('%j', (text, expected) => {
    expect(parseDockerfile(text)).toMatchObject(expected)
  })

  it.each([
    ['', []],
    ['skip=A', ['A']],
    ['skip=A, B ;error=true', ['A', 'B']],
    ['error=true;skip=all', ['all']],
    ['error=true', []]
  ])('%j ignores %j', (check, rules) => {
    expect([...ignoredRules(check)]).toEqual(rules)
  })
})

it('flags lose their quotes, and mounts are read as CSV with keys in lower case', () => {
  const text =
    'FROM a\nRUN --mount=type=secret,id=x,required --mount="type=bind,from=b c,\\"target=/a,b\\"" --network=none -- --not-a-flag'
  const [, run] = parseDockerfile(text).instructions
  expect(run?.rest).toBe('--not-a-flag')
  expect(run?.flags).toHaveLength(3)
  expect(run === undefined ? [] : mountsOf(run)).toEqual([
    {
      type: 'secret',
      options: new Map([
        ['type', 'secret'],
        ['id', 'x'],
        ['required', '']
      ])
    },
    {
      type: 'bind',
      options: new Map([
        ['type', 'bind'],
        ['from', 'b c'],
        ['target', '/a,b']
      ])
    }
  ])
})

describe('a file that was written to keep its reader busy', () => {
  const many = 500_000

  it.each([
    ['blanks in a line', `RUN a${' '.repeat(many)}b`, 'RUN'],
    ['blanks in a directive', `# check=a${' '.repeat(many)}b\nRUN a`, 'RUN'],
    ['blanks in a directive of another language', `// syntax=a${' '.repeat(many)}b\nRUN a`, 'RUN'],
    ['lines that go on', `RUN a \\\n${' b \\\n'.repeat(200_000)} c`, 'RUN']
  ])('%s', (_what, text, keyword) => {
    expect(parseDockerfile(text).instructions.at(-1)?.keyword).toBe(keyword)
  })

  it('words of heredocs', () => {
    const heredocs = [{ content: '' }]
    expect(hasCommand({ rest: `<<EOF ${'<<a'.repeat(many)} &&`, heredocs })).toBe(true)
    expect(hasCommand({ rest: `${'<<-a '.repeat(1000)}&&`, heredocs })).toBe(true)
    expect(hasCommand({ rest: '<<-a\t3<<"b" <<-', heredocs })).toBe(false)
  })

  it('strings that are not closed', () => {
    expect(wordsOf(`["a", "${'\\"'.repeat(many)}`)).toEqual(['a'])
  })

  it('slashes of a path', () => {
    expect(contextPaths(parseDockerfile(`FROM a\nCOPY a${'/'.repeat(many)}b /`), '')).toHaveLength(1)
  })

  it.each([
    ['variables that are not closed', '${a'.repeat(many), []],
    ['variables that are not known', `${'${TARGETARCH}a'.repeat(200)}b`, []],
    ['variables that can mean a stage', '${TARGETARCH}aa${TARGETOS}$TARGETARCH-A', [`${'a'.repeat(many)}-a`]]
  ])('%s', (_what, from, parents) => {
    const dockerfile = parseDockerfile(`FROM x AS ${'a'.repeat(many)}-a\nFROM ${from} AS last`)
    expect(stageNeeds(dockerfile, 'last').map(({ name }) => name)).toEqual([...parents, 'last'])
  })

  const doubled = Array.from({ length: 60 }, (_, at) => `ARG A${at + 1}=$A${at}\${A${at}}`)

  it.each([
    ['in each line', doubled, '$A60'],
    ['in each line, as what else there is', doubled.map((line) => line.replace('}', ':-x}')), '$A60'],
    ['as a word for what is set', doubled, '${A0:+$A30$A30}'],
    ['in one line', [`ARG B=${'b'.repeat(1000)}`], '$B'.repeat(many)]
  ])('values that multiply %s can mean any stage', (_what, args, from) => {
    const dockerfile = parseDockerfile(['ARG A0=ab', ...args, 'FROM x AS y', `FROM ${from} AS last`].join('\n'))
    expect(stageNeeds(dockerfile, 'last').map(({ name }) => name)).toEqual(['y', 'last'])
    expect(mountedCredentials(dockerfile, ['last'])).toBeUndefined()
  })

  it('values that are long, and not too long, are known', () => {
    const name = 'a'.repeat(1000)
    const args = [`ARG A=${'a'.repeat(500)}`, 'ARG B=$A$A', `ARG C=${'a'.repeat(many)}`]
    const dockerfile = parseDockerfile([...args, `FROM x AS ${name}`, 'FROM x AS y', 'FROM $B AS last'].join('\n'))
    expect(stageNeeds(dockerfile, 'last').map(({ name }) => name)).toEqual([name, 'last'])
  })

  it('stages that can start from each other', () => {
    const stages = Array.from({ length: 1500 }, (_, at) => `FROM $TARGETARCH AS s${at}`)
    expect(stageNeeds(parseDockerfile(stages.join('\n')), '')).toHaveLength(1500)
  })

  it('triggers for many stages', () => {
    const names = Array.from({ length: 1000 }, (_, at) => `s${at}`)
    const text = [
      ...['FROM x AS a', ...names.map((name) => `ONBUILD COPY ${name} /`)],
      ...names.map((name) => `FROM a AS ${name}`),
      ...['FROM scratch', ...names.map((name) => `COPY --from=${name} /a /`)]
    ]
    expect(contextPaths(parseDockerfile(text.join('\n')), '')).toEqual(names.toSorted())
  })
})
