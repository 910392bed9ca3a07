import { describe, expect, test } from '@jest/globals'
import type { Shape } from '../../src/builds/build.js'
import type { LinkedTarget } from '../../src/core/linked.js'
import type { Cause } from '../../src/explain/cause.js'
import { explain, type Circumstances } from '../../src/explain/causes.js'
import { CONTEXT, digest, questionOf, recordOf, type Build, type Told } from './support/builds.js'

const FROM = (image: string, digit: string): string => `[base 1/3] FROM ${image}@${digest(digit)}`
const dockerfile = `ARG SUITE=trixie
FROM python:3.12 AS base
ARG SUITE
ENV MODE=a
COPY lock.txt src ./
RUN pip install -r lock.txt
FROM base AS test
ARG LEVEL=1
RUN pytest
`
const copy = '[base 2/3] COPY lock.txt src ./'
const install = '[base 3/3] RUN pip install -r lock.txt'
const pytest = '[test 1/1] RUN pytest'
const files = { 'lock.txt': '1', 'src/a.py': 'a', 'src/b/c.py': 'c', 'README.md': 'r' }

/** Everything came from the cache but for what is told. */
const steps = (ran: Readonly<Record<string, number>>, base = FROM('python:3.12', '1')): readonly Told[] => [
  [base, 'cached', []],
  [copy, ran.copy ?? 'cached', [base, CONTEXT]],
  [install, ran.install ?? 'cached', [copy]],
  [pytest, ran.pytest ?? 'cached', [install]]
]
const earlier: Build = { steps: steps({ copy: 0.1, install: 40, pytest: 5 }), dockerfile, files }
const all = steps({ copy: 0.1, install: 40, pytest: 5 })
const testOnly = steps({ pytest: 5 })

const causeOf = (now: Build, before?: Build, change: Partial<Circumstances> = {}): Cause =>
  explain(...questionOf(now, before, change)).cause

const imports = (result: string) => [{ reference: 'r.example.com/c:main', result }]

describe('a step ran because', () => {
  test.each<[what: string, now: Build, change: Partial<Circumstances>, expected: Cause]>([
    [
      'files that it copies changed',
      { steps: all, dockerfile, files: { ...files, 'src/a.py': 'A', 'src/new.py': 'n', 'README.md': 'R' } },
      {},
      {
        kind: 'files',
        changed: [
          { path: 'src/a.py', how: 'changed' },
          { path: 'src/new.py', how: 'added' }
        ],
        more: 0
      }
    ],
    [
      'a file is gone, and what chooses packages comes first',
      { steps: all, dockerfile, files: { 'requirements.txt': 'x', 'lock.txt': '1', 'src/requirements.txt': '2' } },
      {},
      {
        kind: 'files',
        changed: [
          { path: 'src/requirements.txt', how: 'added' },
          { path: 'src/a.py', how: 'removed' },
          { path: 'src/b/c.py', how: 'removed' }
        ],
        more: 0
      }
    ],
    [
      'the base image moved',
      { steps: steps({ copy: 0.1 }, FROM('python:3.12', '2')), dockerfile, files },
      {},
      { kind: 'base', before: `python:3.12@${digest('1')}`, after: `python:3.12@${digest('2')}` }
    ],
    [
      'the stage starts from another image',
      {
        steps: steps({ copy: 0.1 }, FROM('python:3.13', '2')),
        dockerfile: dockerfile.replace('python:3.12', 'python:3.13'),
        files
      },
      {},
      { kind: 'base', before: `python:3.12@${digest('1')}`, after: `python:3.13@${digest('2')}` }
    ],
    [
      'its instruction is another one',
      {
        steps: testOnly.map(([name, ...rest]) => [name.replace('pytest', 'pytest -x'), ...rest]),
        dockerfile: dockerfile.replace('RUN pytest', 'RUN pytest -x'),
        files
      },
      {},
      { kind: 'instruction', before: 'RUN pytest', after: 'RUN pytest -x' }
    ],
    [
      'a build argument that its stage declares has another value',
      { steps: testOnly, dockerfile, files, args: ['LEVEL=2', 'UNUSED=1'] },
      {},
      { kind: 'argument', names: ['LEVEL'] }
    ],
    [
      'an ENV of the stage that it starts from changed',
      { steps: testOnly, dockerfile: dockerfile.replace('MODE=a', 'MODE=b'), files },
      {},
      { kind: 'above', before: 'ENV MODE=a', after: 'ENV MODE=b', line: 4 }
    ],
    [
      'the default above all stages changed',
      { steps: testOnly, dockerfile: dockerfile.replace('SUITE=trixie', 'SUITE=forky'), files },
      {},
      { kind: 'above', before: 'ARG SUITE=trixie', after: 'ARG SUITE=forky', line: 3 }
    ],
    ['no-cache asks for it', earlier, { noCache: true }, { kind: 'asked', by: 'no-cache' }],
    ['its stage was too old', earlier, { refreshed: ['base'] }, { kind: 'asked', by: 'refresh-after' }],
    ['a stage without a name was too old', earlier, { refreshed: 'all' }, { kind: 'asked', by: 'refresh-after' }],
    ['a filter names its stage', earlier, { noCacheFilters: ['BASE'] }, { kind: 'asked', by: 'no-cache-filters' }],
    [
      'the tests are to run again',
      { ...earlier, steps: testOnly },
      { rerun: ['test'] },
      { kind: 'asked', by: 'test-cache' }
    ],
    [
      'the cache to read was not there',
      earlier,
      { imports: imports('missing') },
      { kind: 'no-cache-found', references: ['r.example.com/c:main'], result: 'missing' }
    ],
    [
      'the cache to read could not be read',
      earlier,
      { imports: [...imports('missing'), ...imports('failed')] },
      { kind: 'no-cache-found', references: ['r.example.com/c:main', 'r.example.com/c:main'], result: 'failed' }
    ],
    ['nobody had kept it', { ...earlier, steps: testOnly }, { imports: imports('ok') }, { kind: 'evicted' }],
    ['no cache is read and the builder has nothing', earlier, {}, { kind: 'cold' }],
    [
      'of something in files that were not looked at',
      { dockerfile, steps: steps({ copy: 1 }) },
      { imports: imports('ok') },
      { kind: 'unknown', reason: 'files-unread' }
    ]
  ])('%s', (_, now, change, expected) => {
    expect(causeOf(now, earlier, change)).toEqual(expected)
  })
})

test('what Git keeps is one thing, named last', () => {
  const steps: readonly Told[] = [['[a 1/1] COPY . /', 1, [CONTEXT]]]
  const before = { steps, files: { '.git/HEAD': '1', '.git/index': '1', '.gitignore': '1', 'a.txt': '1' } }
  const now = { steps, files: { '.git/HEAD': '2', '.git/index': '2', '.gitignore': '1', 'a.txt': '2' } }
  const [git, file] = [
    { path: '.git', how: 'changed' },
    { path: 'a.txt', how: 'changed' }
  ]
  expect(causeOf(now, before)).toEqual({ kind: 'files', changed: [file, git], more: 0 })
  expect(causeOf({ steps, files: { ...now.files, 'a.txt': '1' } }, before)).toMatchObject({ changed: [git] })
})

test('without an earlier build only what the run shows is told', () => {
  const changed = { ...earlier, files: { ...files, 'src/a.py': 'A' } }
  expect(causeOf(changed)).toEqual({ kind: 'cold' })
  expect(causeOf({ ...changed, steps: testOnly })).toEqual({ kind: 'unknown', reason: 'no-record' })
  expect(causeOf(changed, undefined, { imports: imports('missing') })).toMatchObject({ kind: 'no-cache-found' })
})

test('an instruction that was put in, and one that was taken out', () => {
  const text = 'FROM scratch AS a\nRUN one\nRUN two\n'
  const both: Build = {
    dockerfile: text,
    steps: [
      ['[a 1/2] RUN one', 1],
      ['[a 2/2] RUN two', 1]
    ]
  }
  const one: Build = { dockerfile: 'FROM scratch AS a\nRUN two\n', steps: [['[a 1/1] RUN two', 1]] }
  expect(causeOf(both, one)).toEqual({ kind: 'instruction', after: 'RUN one' })
  expect(causeOf(one, both)).toEqual({ kind: 'above', before: 'RUN one' })
  // The step above is cached this time, since an earlier run of this branch had it.
  const cachedOne: Build = {
    ...both,
    steps: [
      ['[a 1/2] RUN one', 'cached'],
      ['[a 2/2] RUN two', 1]
    ]
  }
  expect(causeOf(cachedOne, one)).toEqual({ kind: 'above', after: 'RUN one', line: 2 })
})

test('a heredoc is compared as a whole, of which BuildKit shows one line', () => {
  const name = '[a 1/1] RUN <<EOF (echo 1...)'
  const build = (last: string): Build => ({
    dockerfile: `FROM scratch AS a\nRUN <<EOF\necho 1\n${last}\nEOF\n`,
    steps: [[name, 1]]
  })
  expect(causeOf(build('echo 3'), build('echo 2'))).toMatchObject({ kind: 'instruction' })
  expect(causeOf(build('echo 2'), build('echo 2'))).toEqual({ kind: 'cold' })
})

describe('what a step runs in', () => {
  const [ran, cached] = [['[a 2/2] RUN two', 1] as const, ['[a 1/2] RUN one', 'cached', []] as const]
  const build = (settings: readonly string[], args: readonly string[] = []): Build => ({
    dockerfile: ['ARG SUITE=trixie', 'FROM scratch AS a', 'RUN one', ...settings, 'RUN two'].join('\n'),
    steps: [cached, ran],
    args
  })
  const evicted: Cause = { kind: 'evicted' }

  test.each<[what: string, before: Build, now: Build, expected: Cause]>([
    ['a setting is new', build([]), build(['USER app']), { kind: 'above', after: 'USER app', line: 4 }],
    ['a setting is gone', build(['USER app']), build([]), { kind: 'above', before: 'USER app' }],
    [
      'two that have nothing to do with each other',
      build(['ENV A=1']),
      build(['ENV B=1']),
      { kind: 'above', after: 'ENV B=1', line: 4 }
    ],
    ['an argument without a value has no effect', build([]), build(['ARG X']), evicted],
    ['a default that a value covers has none', build(['ARG X=1'], ['X=a']), build(['ARG X=2'], ['X=a']), evicted],
    ['a value came', build(['ARG X']), build(['ARG X'], ['X=a']), { kind: 'argument', names: ['X'] }],
    [
      'a value went',
      build(['ARG X=1 Y'], ['X=a', 'Y=b']),
      build(['ARG X=1 Y']),
      { kind: 'argument', names: ['X', 'Y'] }
    ],
    [
      'the default of two above all stages',
      build(['ARG SUITE Y']),
      { ...build(['ARG SUITE Y']), dockerfile: 'ARG O SUITE=forky\nFROM scratch AS a\nRUN one\nARG SUITE Y\nRUN two' },
      { kind: 'above', before: 'ARG SUITE=trixie', after: 'ARG SUITE=forky', line: 4 }
    ]
  ])('%s', (_, before, now, expected) => {
    expect(causeOf(now, before, { imports: imports('ok') })).toEqual(expected)
  })

  test('to a shell blanks count, comments do not', () => {
    const text = (command: string): Build => ({
      dockerfile: `FROM scratch AS a\nRUN ${command}\n`,
      steps: [['[a 1/1] RUN a && b', 1]]
    })
    const before = text('a && \\\n  b')
    const indented = causeOf(text('a && \\\n    b'), before)
    expect(indented).toMatchObject({ kind: 'instruction' })
    expect(causeOf(text('a && \\\n# why\n  b'), before)).toEqual({ kind: 'cold' })
  })
})

describe('inputs that are part of a step', () => {
  const mount = '--mount=type=cache,target=/root/.cache'
  const apart = (name: string): Partial<Shape> => ({ buildArgs: [`BUILDKIT_CACHE_MOUNT_NS=${name}`] })
  const none: Cause = { kind: 'evicted' }
  const input = (...names: Extract<Cause, { kind: 'input' }>['names']): Cause => ({ kind: 'input', names })

  test.each<[what: string, instruction: string, before: Partial<Shape>, now: Partial<Shape>, expected: Cause]>([
    ['network', 'RUN x', {}, { network: 'none' }, input('network')],
    ['the network of the builder by its name', 'RUN x', {}, { network: 'default' }, none],
    ['the network of a step with its own', 'RUN --network=host x', {}, { network: 'none' }, none],
    ['the network of one that leaves it', 'RUN --network=default x', {}, { network: 'none' }, input('network')],
    ['a host', 'RUN x', { addHosts: ['a:10.0.0.1'] }, { addHosts: ['a=10.0.0.1', 'b:::1'] }, input('add-hosts')],
    ['the address of a host', 'RUN x', { addHosts: ['a:10.0.0.1'] }, { addHosts: ['a:10.0.0.2'] }, none],
    ['limits', 'RUN x', { ulimit: ['cpu=1', 'core=2'] }, { ulimit: ['core=2'] }, input('ulimit')],
    ['limits in another order', 'RUN x', { ulimit: ['cpu=1', 'core=2'] }, { ulimit: ['core=2', 'cpu=1'] }, none],
    ['shared memory', 'RUN x', { shmSize: '64m' }, { shmSize: '128m' }, input('shm-size')],
    ['as much in another unit', 'RUN x', { shmSize: '64m' }, { shmSize: '65536 kb' }, none],
    ['two of them', 'RUN x', { network: 'host' }, { shmSize: '1g' }, input('network', 'shm-size')],
    ['none for a copy', 'COPY --from=other x /', { network: 'host' }, { shmSize: '1g', ulimit: ['core=1'] }, none],
    ['the platform', 'WORKDIR /x', { platforms: ['linux/amd64'] }, { platforms: ['linux/arm64'] }, input('platforms')],
    ['a platform that may be the builder’s', 'RUN x', {}, { platforms: ['linux/arm64'] }, none],
    ['another namespace', `RUN ${mount} x`, apart('pr-1'), apart('pr-2'), input('namespace')],
    ['a namespace of its own', `RUN --network=none ${mount} x`, {}, apart('pr-2'), input('namespace')],
    ['a namespace without a mount in it', 'RUN x', apart('pr-1'), apart('pr-2'), none]
  ])('%s', (_, instruction, before, now, expected) => {
    const build = (shape: Partial<Shape>): Build => ({
      dockerfile: `FROM scratch AS a\nRUN one\n${instruction}\n`,
      steps: [
        ['[a 1/2] RUN one', 'cached', []],
        [`[a 2/2] ${instruction}`, 1]
      ],
      shape
    })
    expect(causeOf(build(now), build(before), { imports: imports('ok') })).toEqual(expected)
  })

  test('are told as sure where BuildKit looks at them in any case', () => {
    const build = (shape: Partial<Shape>): Build => ({ steps: [[`[a 1/1] RUN ${mount} x`, 1, []]], shape })
    const sure = (now: Partial<Shape>): unknown => explain(...questionOf(build(now), build({}))).certainty
    expect(sure({ network: 'none' })).toBe('certain')
    expect(sure(apart('pr-1'))).toBe('likely')
    expect(sure({ network: 'none', ...apart('pr-1') })).toBe('certain')
  })

  test('are those of the linked target where the step is its own', () => {
    const steps: readonly Told[] = [['[target:base 1/1] RUN x', 1, []]]
    const linked = (attributes: LinkedTarget['attributes']): readonly LinkedTarget[] => [
      { name: 'base', source: { context: { kind: 'local', path: '.' }, file: '' }, attributes }
    ]
    const before: Build = { steps, shape: { network: 'none' }, linked: linked({ 'extra-hosts': { a: '10.0.0.1' } }) }
    expect(causeOf({ ...before, shape: { network: 'host' } }, before)).toEqual({ kind: 'cold' })
    expect(causeOf({ ...before, linked: linked({ 'extra-hosts': { b: '10.0.0.1' } }) }, before)).toEqual(
      input('add-hosts')
    )
  })

  test('are not compared with those of a record that has none', () => {
    const steps: readonly Told[] = [['[a 1/1] RUN x', 1, []]]
    expect(causeOf({ steps, shape: { network: 'none' } }, { steps })).toEqual({ kind: 'cold' })
  })

  test.each([
    ['RUN x', 'BUILDKIT_SANDBOX_HOSTNAME', 'certain'],
    ['WORKDIR /x', 'SOURCE_DATE_EPOCH', 'likely']
  ])('%s, with %s in `build-args`', (instruction, name, certainty) => {
    const build = (value: string): Build => ({
      dockerfile: `FROM scratch AS a\n${instruction}\n`,
      steps: [[`[a 1/1] ${instruction}`, 1, []]],
      args: [`${name}=${value}`, `OTHER=${value}`]
    })
    expect(explain(...questionOf(build('2'), build('1')))).toMatchObject({
      cause: { kind: 'argument', names: [name] },
      certainty
    })
  })
})

describe('a variable in a step’s text', () => {
  const text = 'FROM scratch AS a\nARG V=1\nARG W\nCOPY x /$V\nRUN echo $V\n'
  const build = (value: string, dockerfile: string | undefined = text): Build => ({
    ...{ dockerfile, args: [`V=${value}`], files: {} },
    steps: [[`[a 1/2] COPY x /${value}`, 1, [CONTEXT]]]
  })

  test('is told by its name, never by its value', () => {
    const explanation = explain(...questionOf(build('new-value'), build('old-value')))
    expect(explanation).toMatchObject({ cause: { kind: 'argument', names: ['V'] }, certainty: 'likely' })
    expect(JSON.stringify(explanation)).not.toContain('value')
  })

  test('may come from an ENV', () => {
    const changed = { ...build('v'), dockerfile: text.replace('ARG W', 'ENV W=2') }
    expect(explain(...questionOf(changed, build('v')))).toMatchObject({
      cause: { kind: 'above', after: 'ENV W=2' },
      certainty: 'likely'
    })
  })

  test('is not guessed where the Dockerfile is not known', () => {
    const [now, before] = [build('new-value'), build('old-value')].map(({ steps, args }): Build => ({
      steps,
      args: args ?? []
    }))
    expect(causeOf(now!, before)).toEqual({ kind: 'unknown', reason: 'dockerfile-unread' })
    expect(JSON.stringify(recordOf(now!))).not.toContain('value')
  })
})

describe('a build argument in a path', () => {
  const text = 'FROM x AS a\nARG DIR\nARG OTHER\nCOPY ${DIR}/ /app\n'
  const build = (dir: string, total: number, change: Partial<Build> = {}): Build => ({
    ...{ dockerfile: text, args: [`DIR=${dir}`], files: { 'one/x': '1', 'two/x': '1' } },
    steps: [
      [`[a 1/${total}] FROM x@${digest('1')}`, 'cached', []],
      [`[a 2/${total}] COPY ${dir}/ /app`, 1, [`[a 1/${total}] FROM x@${digest('1')}`, CONTEXT]]
    ],
    ...change
  })

  test('is the reason, also where the files that it now stands for changed', () => {
    const argument: Cause = { kind: 'argument', names: ['DIR'] }
    expect(causeOf(build('two', 2), build('one', 2))).toEqual(argument)
    const files = { 'one/x': '1', 'two/x': '2' }
    expect(causeOf(build('two', 2, { files }), build('one', 2))).toEqual(argument)
    expect(causeOf(build('two', 2, { files, args: ['DIR=two', 'OTHER=1'] }), build('two', 2))).toMatchObject({
      kind: 'files'
    })
  })

  test('is not told from another instruction where steps of a base image shift the numbers', () => {
    const unknown: Cause = { kind: 'unknown', reason: 'dockerfile-unread' }
    expect(causeOf(build('two', 5), build('one', 5))).toEqual(unknown)
    expect(causeOf(build('two', 5), build('one', 5, { args: [] }))).toEqual(unknown)
  })

  test('is none where no argument changed, or where a step of another kind stood there', () => {
    const args = ['DIR=two']
    expect(causeOf(build('two', 5), build('one', 5, { args }))).toMatchObject({ kind: 'instruction' })
    const run = build('one', 5).steps.map(([name, ...rest]): Told => [name.replace('COPY', 'RUN'), ...rest])
    expect(causeOf(build('two', 5), build('one', 5, { steps: run }))).toMatchObject({ kind: 'instruction' })
  })
})

describe('one of several instructions with the same words', () => {
  const build = (ran: number, ...lines: readonly string[]): Build => ({
    dockerfile: ['FROM scratch AS a', ...lines.map((line) => `RUN ${line}`)].join('\n'),
    steps: lines.map((line, at): Told => [`[a ${at + 1}/${lines.length}] RUN ${line}`, at >= ran ? 1 : 'cached'])
  })
  const gone: Cause = { kind: 'above', before: 'RUN x' }
  test.each<[what: string, now: Build, before: Build, expected: Cause]>([
    ['the first is gone', build(0, 'y', 'x', 'z'), build(0, 'x', 'y', 'x', 'z'), gone],
    ['the last is gone', build(2, 'x', 'y', 'z'), build(0, 'x', 'y', 'x', 'z'), gone],
    ['one of two on top of each other', build(1, 'x', 'z'), build(0, 'x', 'x', 'z'), gone],
    ['the first, and what follows was cached', build(1, 'y', 'x', 'z'), build(0, 'x', 'y', 'x', 'z'), gone],
    ['one more', build(3, 'x', 'y', 'x', 'z'), build(0, 'x', 'y', 'z'), { kind: 'above', after: 'RUN x', line: 4 }],
    ['only their order', build(1, 'y', 'x', 'x', 'z'), build(0, 'x', 'y', 'x', 'z'), { kind: 'above' }]
  ])('%s', (_, now, before, expected) => {
    expect(causeOf(now, before, { imports: imports('ok') })).toEqual(expected)
  })
})

test('a stage that the earlier build left out is not new', () => {
  const left: Build = { ...earlier, steps: all.slice(0, 3) }
  expect(causeOf({ ...earlier, steps: testOnly }, left)).toEqual({ kind: 'unknown', reason: 'not-built' })
})

test('what an address held is not guessed at', () => {
  const name = '[a 2/2] ADD https://example.com/x.tar /'
  const steps: readonly Told[] = [
    ['[a 1/2] RUN first', 'cached', []],
    [name, 3],
    ['[b 1/1] RUN x', 4]
  ]
  const told = { cause: { kind: 'unknown', reason: 'source-unread' }, certainty: 'unknown' }
  expect(explain(...questionOf({ steps }, { steps }))).toEqual({ ...told, seconds: 7 })
  // A download that failed stands for its step, and on nothing.
  const failed: readonly Told[] = [steps[0]!, [name, 'failed', []]]
  expect(explain(...questionOf({ steps: failed }, { steps }))).toMatchObject(told)
})

test('contexts of other names and images without a digest are not guessed at', () => {
  const build = (input: string): Build => ({
    steps: [
      ['[a 1/2] RUN first', 'cached', []],
      ['[a 2/2] ADD x /', 1, [input]]
    ]
  })
  const unknown = { kind: 'unknown', reason: 'source-unread' }
  for (const input of ['[context other] load from client', 'FROM docker.io/library/local:1']) {
    expect(causeOf(build(input), build(input))).toEqual(unknown)
  }
  expect(causeOf(build('[internal] preparing inline document'), build('[internal] preparing inline document'))).toEqual(
    {
      kind: 'evicted'
    }
  )
})

describe('what a step cost', () => {
  const now = { steps: all, dockerfile, files: { ...files, 'src/a.py': 'A' } }

  test('is its time and that of all that had to follow; an installation among it is worth a hint', () => {
    expect(explain(...questionOf(now, earlier))).toMatchObject({
      certainty: 'certain',
      seconds: 45.1,
      install: { stage: 'base', instruction: 'RUN pip install -r lock.txt', seconds: 40 }
    })
  })

  test('a change in what chooses packages is no reason for a hint', () => {
    const text = dockerfile.replaceAll('lock.txt', 'requirements.txt')
    const told = all.map(([name, how, inputs]): Told => {
      const renamed = (each: string): string => each.replace('lock.txt', 'requirements.txt')
      return [renamed(name), how, inputs?.map(renamed)]
    })
    const build = (content: string): Build => ({
      steps: told,
      dockerfile: text,
      files: { 'requirements.txt': content }
    })
    const explanation = explain(...questionOf(build('2'), build('1')))
    expect(explanation.cause).toMatchObject({ kind: 'files' })
    expect(explanation.install).toBeUndefined()
  })
})

describe('a stage that follows another', () => {
  const text = `FROM scratch AS deps
COPY src /src
FROM deps AS test
RUN pytest
FROM scratch AS a
COPY app /app
RUN a
FROM scratch AS b
COPY app /app
RUN b
`
  const told: readonly Told[] = [
    ['[deps 1/1] COPY src /src', 1, [CONTEXT]],
    ['[test 1/1] RUN pytest', 2],
    ['[a 1/2] COPY app /app', 1, [CONTEXT]],
    ['[a 2/2] RUN a', 3],
    ['[b 2/2] RUN b', 4, ['[a 1/2] COPY app /app']]
  ]
  const now: Build = { dockerfile: text, steps: told, files: { 'app/x': '2' } }
  const before: Build = { ...now, files: { 'app/x': '1' } }
  const about = (name: string) => {
    const [, circumstances] = questionOf(now, before)
    const step = circumstances.steps.find((each) => each.name === name)
    return explain(step!, circumstances)
  }

  test('points at the step that it is built from', () => {
    expect(about('[test 1/1] RUN pytest')).toMatchObject({
      cause: { kind: 'parent', step: { stage: 'deps', instruction: 'COPY src /src' } },
      certainty: 'certain'
    })
  })

  test('unless that is its own, and goes by the name of another stage', () => {
    const files = { kind: 'files', changed: [{ path: 'app/x', how: 'changed' }] }
    expect(about('[b 2/2] RUN b')).toMatchObject({ cause: files, step: { instruction: 'COPY app /app' }, seconds: 8 })
    expect(about('[a 1/2] COPY app /app')).toMatchObject({ cause: files, seconds: 8 })
  })
})

test('steps of several platforms are told apart', () => {
  const name = (platform: string): string => `[${platform} a 1/1] RUN x`
  const build = (...platforms: readonly string[]): Build => ({
    dockerfile: 'FROM scratch AS a\nRUN x\n',
    steps: platforms.map((platform): Told => [name(platform), 1, []])
  })
  expect(causeOf(build('linux/arm64'), build('linux/amd64'))).toEqual({ kind: 'unknown', reason: 'not-built' })
  expect(causeOf(build('linux/arm64'), build('linux/amd64', 'linux/arm64'))).toEqual({ kind: 'cold' })
})

test('a step that two stages share may go by the name of the other', () => {
  const text = 'FROM a AS test\nCOPY x /\nRUN t\nFROM a AS production\nARG CHANNEL\nCOPY x /\nRUN p\n'
  const build = (owner: string, seconds: number | 'cached', value: string): Build => ({
    steps: [
      [`[${owner} 2/3] COPY x /`, 'cached', [CONTEXT]],
      ['[test 3/3] RUN t', 'cached', [`[${owner} 2/3] COPY x /`]],
      ['[production 3/3] RUN p', seconds, [`[${owner} 2/3] COPY x /`]]
    ],
    ...{ dockerfile: text, files: { x: '1' }, args: [`CHANNEL=${value}`] }
  })
  expect(causeOf(build('test', 3, 'b'), build('production', 3, 'a'))).toEqual({ kind: 'argument', names: ['CHANNEL'] })
})
