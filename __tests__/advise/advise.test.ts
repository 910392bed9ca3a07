import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { advise } from '../../src/advise/advise.js'
import { RULES, type RuleName, type Subject } from '../../src/advise/rule.js'
import type { ImageReport, LayerReport } from '../../src/report/model.js'
import { digest, figures, image, layer, step } from '../report/support/reports.js'

type Config = Subject['images'][number]['config']

function subject(
  change: Partial<Subject> & { readonly report?: ImageReport; readonly config?: Partial<Config> } = {}
): Subject {
  const { report = image({ layers: [], figures: figures() }), config, ...rest } = change
  return {
    images: [{ report, config: { user: 'app', env: [], ...config } }],
    dockerfile: 'FROM scratch\nUSER app\n',
    target: '',
    testTargets: [],
    steps: [],
    lint: [],
    buildArgs: [],
    buildContexts: [],
    ...rest
  }
}

/** `RULE:LINE` of every piece of advice, in order. */
function told(change: Parameters<typeof subject>[0] = {}): readonly string[] {
  return advise(subject(change)).map(({ rule, line }) => (line === undefined ? rule : `${rule}:${line}`))
}

function withLayers(layers: readonly LayerReport[], change: Partial<ImageReport['figures']> = {}): ImageReport {
  return image({ layers, figures: figures(change) })
}

const COPIES = { files: 4, size: 900_000, paths: [], chown: { files: 4, size: 900_000 }, chmod: { files: 0, size: 0 } }

describe('RunsAsRoot', () => {
  it.each([
    ['', ['RunsAsRoot:5']],
    ['root', ['RunsAsRoot:5']],
    ['0:0', ['RunsAsRoot:5']],
    ['root:app', ['RunsAsRoot:5']],
    ['app', []],
    ['10001:0', []],
    ['1000', []]
  ])('for the user %j gives %j', (user, expected) => {
    const dockerfile = `FROM scratch AS base\nRUN x\nFROM base AS test\nRUN y\nFROM base AS production\nRUN z\n`
    expect(told({ dockerfile, config: { user }, target: 'production' })).toEqual(expected)
  })

  it('points to the USER that says so', () => {
    expect(told({ dockerfile: 'FROM scratch\nUSER app\nUSER root\n', config: { user: 'root' } })).toEqual([
      'RunsAsRoot:3'
    ])
    expect(advise(subject({ config: { user: undefined }, dockerfile: '' }))).toMatchObject([{ rule: 'RunsAsRoot' }])
  })
})

describe('BaseNotPinned', () => {
  it.each<readonly [string, Partial<Subject>, readonly string[]]>([
    ['FROM python:3.12', {}, ['BaseNotPinned:1']],
    [`FROM python:3.12@${digest(1)}`, {}, []],
    ['FROM scratch', {}, []],
    ['FROM python:3.12 AS base\nFROM base\nFROM BASE', {}, ['BaseNotPinned:1']],
    ['FROM python:3.12 AS unused\nFROM scratch', {}, []],
    ['FROM scratch AS a\nCOPY --from=a x y\nCOPY --from=busybox:1 x y', {}, ['BaseNotPinned:3']],
    ['ARG V=3.12\nFROM python:${V}', {}, ['BaseNotPinned:2']],
    [`ARG BASE="python@${digest(2)}"\nFROM $BASE`, {}, []],
    [`ARG BASE=python:3\nFROM \${BASE}`, { buildArgs: [`BASE=python@${digest(2)}`] }, []],
    ['ARG BASE\nFROM ${BASE}', {}, []],
    ['ARG BASE\nFROM ${BASE:-python:3}', {}, ['BaseNotPinned:2']],
    // As BuildKit reads them: of two the last counts, a value may have others in it, and a platform is the builder's to know.
    [`ARG BASE=python:3\nARG BASE=python@${digest(2)}\nFROM $BASE`, {}, []],
    [`ARG NAME=python\nARG BASE=$NAME:3\nFROM $BASE`, {}, ['BaseNotPinned:3']],
    ['FROM base-$TARGETARCH', {}, []],
    ['ARG X=a\nFROM python:3${X:+-slim}', {}, ['BaseNotPinned:2']],
    [
      'ARG S=one\nFROM a:1 AS one\nFROM b:1 AS two\nFROM $S',
      { buildArgs: ['S=two'], target: '', testTargets: [] },
      ['BaseNotPinned:3']
    ],
    ['FROM shared', { buildContexts: ['shared=./shared'] }, []],
    ['FROM a:1 AS t\nFROM b:1 AS p', { target: 'p', testTargets: ['t'] }, ['BaseNotPinned:1', 'BaseNotPinned:2']],
    ['FROM a:1 AS x\nFROM a:1', { target: '', testTargets: ['x'] }, ['BaseNotPinned:1']]
  ])('%j', (dockerfile, change, expected) => {
    expect(told({ dockerfile, ...change })).toEqual(expected)
  })

  it.each([
    ['python:3.12', 'docker.io/library/python:3.12'],
    ['python', 'docker.io/library/python:latest'],
    ['acme/app:1', 'docker.io/acme/app:1'],
    ['ghcr.io/acme/app:1', 'ghcr.io/acme/app:1'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['127.0.0.1:5050/base/bb:1', '127.0.0.1:5050/base/bb:1']
  ])('gives the digest that %s had in this build', (reference, resolved) => {
    const steps = [step(`FROM ${resolved}@${digest(5)}`)]
    const [first] = advise(subject({ dockerfile: `FROM ${reference}`, steps }))
    expect(first?.fix).toContain(`${reference}@${digest(5)}`)
  })

  it('is told of no value that is longer than a reference can be, however often it is written', () => {
    const dockerfile = `ARG A=${'a'.repeat(30_000)}\nFROM ${'$A'.repeat(30_000)}\nFROM python:3`
    expect(told({ dockerfile })).toEqual(['BaseNotPinned:3'])
    expect(told({ dockerfile, target: '0' })).toEqual([])
  })
})

describe('AddInsteadOfCopy', () => {
  it.each([
    ['ADD app /app', ['AddInsteadOfCopy:2']],
    ['ADD --chown=1000 ["a b", "/x/"]', ['AddInsteadOfCopy:2']],
    ['ADD https://example.com/a /a', []],
    ['ADD git@github.com:a/b.git /a', []],
    ['ADD app.tar.gz /app', []],
    ['ADD app.TGZ /app', []],
    ['ADD $FILES /app', []],
    ['ADD *.x /app', []],
    ['ADD --checksum=sha256:1 x /y', []],
    ['COPY a b', []]
  ])('%s', (instruction, expected) => {
    expect(told({ dockerfile: `FROM scratch\n${instruction}\n` })).toEqual(expected)
  })

  it('gives the line to write', () => {
    const [first] = advise(subject({ dockerfile: 'FROM scratch\nADD --chown=1000 a \\\n  /b\n' }))
    expect(first?.fix).toBe('Unless it is an archive to unpack, write `COPY --chown=1000 a /b`.')
  })
})

describe('CredentialInEnv', () => {
  it.each([
    ['DATABASE_URL=postgres://app:hunter22@db/x', ['CredentialInEnv:2']],
    ['DATABASE_URL=postgres://app:***@db/x', []],
    ['DATABASE_URL=postgres://app:$PASSWORD@db/x', []],
    ['DATABASE_URL=postgres://app@db/x', []],
    ['HOMEPAGE=https://example.com/a:b@c', []],
    ['TIME=12:30@noon', []]
  ])('%s', (variable, expected) => {
    const dockerfile = 'FROM scratch\nENV A=1 DATABASE_URL=x\nUSER app\n'
    const list = advise(subject({ dockerfile, config: { env: ['A=1', variable] } }))
    expect(list.map(({ rule, line }) => `${rule}:${line ?? ''}`)).toEqual(expected)
    expect(JSON.stringify(list)).not.toContain('hunter22')
  })

  it('leaves what BuildKit told to BuildKit', () => {
    const lint = [{ rule: 'SecretsUsedInArgOrEnv', message: 'm', line: 2 }]
    const dockerfile = 'FROM scratch\nENV TOKEN_URL=x\nUSER app\n'
    expect(told({ dockerfile, lint, config: { env: ['TOKEN_URL=https://a:bcd@e'] } })).toEqual([])
  })
})

describe('what an image costs', () => {
  const layers = [
    layer(1, 5_000_000, 'ADD file:1 in /', { base: true, copies: COPIES }),
    layer(2, 5_000_000, 'RUN apt-get install', { line: 4 }),
    layer(3, 900_000, 'RUN chown -R app /app', { line: 6, copies: COPIES })
  ]

  it('most costly first, then by weight of the rule', () => {
    const report = withLayers(layers, {
      packageCaches: [
        { kind: 'pip', path: '/root/.cache/pip', size: 400_000, live: 0, files: 1, layers: [1] },
        { kind: 'apt-lists', path: '/var/lib/apt/lists', size: 2_000_000, live: 0, files: 1, layers: [1] },
        { kind: 'apk', path: '/var/cache/apk', size: 99_999, live: 0, files: 1, layers: [1] }
      ],
      modes: {
        setuid: { count: 1, first: [{ path: '/usr/bin/mine', mode: 0o4755, layer: 1 }] },
        worldWritable: { count: 5, first: [{ path: '/app', mode: 0o777, layer: 2 }] }
      },
      clients: [
        { name: 'wget', path: '/usr/bin/wget', layer: 0, base: true },
        { name: 'curl', path: '/usr/bin/curl', layer: 1, base: false },
        { name: 'ssh', path: '/usr/bin/ssh', layer: 1, base: false }
      ]
    })
    const list = advise(subject({ report, config: { user: '' }, dockerfile: 'FROM scratch\n' }))
    expect(list.map(({ rule, line, bytes }) => [rule, line, bytes])).toEqual([
      ['AptListsInLayer', 4, 2_000_000],
      ['FilesCopiedByChown', 6, 900_000],
      ['PackageCacheInLayer', 4, 400_000],
      ['RunsAsRoot', 1, undefined],
      ['SetuidFiles', 4, undefined],
      ['WorldWritableFiles', 6, undefined],
      ['NetworkClientInImage', 4, undefined]
    ])
    expect(list.at(-1)?.message).toMatch(/^`curl`, `ssh` are in the final image/)
    for (const { message, fix } of list) {
      expect(message).not.toMatch(/[.\n]$/)
      expect(fix).toMatch(/\.$/)
      expect(`${message} ${fix}`).not.toMatch(/undefined|NaN/)
    }
  })

  it('a few bytes do not stand above what matters more', () => {
    const dockerfile = 'FROM scratch AS test\nFROM scratch\nCOPY --from=test a b\n'
    const report = withLayers([layer(1, 3, 'COPY --from=test a b', { line: 3 })])
    expect(told({ dockerfile, report, testTargets: ['test'], config: { user: '' } })).toEqual([
      'RunsAsRoot:2',
      'TestStageInImage:3'
    ])
  })

  it('a copy that changes the mode alone is a chmod', () => {
    const chmod = { ...COPIES, chown: { files: 0, size: 0 }, chmod: { files: 4, size: 900_000 } }
    expect(told({ report: withLayers([layer(3, 1, 'RUN chmod', { line: 6, copies: chmod })]) })).toEqual([
      'FilesCopiedByChmod:6'
    ])
  })

  it('is told once for all platforms, by the one where it costs most', () => {
    const cache = (size: number): ImageReport =>
      withLayers(layers.slice(0, 2), {
        packageCaches: [{ kind: 'npm', path: '/root/.npm', size, live: 0, files: 1, layers: [1] }]
      })
    const config = { user: 'app', env: [] }
    const images = [cache(200_000), cache(300_000)].map((report) => ({ report, config }))
    expect(advise({ ...subject(), images })).toMatchObject([{ rule: 'PackageCacheInLayer', bytes: 300_000, line: 4 }])
  })
})

describe('TestStageInImage', () => {
  const dockerfile = 'FROM scratch AS base\nFROM base AS test\nFROM base AS app\nUSER app\nCOPY --from=test /r /r\n'

  it.each<readonly [string, LayerReport, Partial<Subject>, readonly string[]]>([
    [
      'a copy from it',
      layer(1, 7, 'COPY --chown=1 --from=test /r /r', { line: 5, stage: 'app' }),
      {},
      ['TestStageInImage:5']
    ],
    ['a copy by its index', layer(1, 7, 'COPY --from=1 /r /r', { line: 5, stage: 'app' }), {}, ['TestStageInImage:5']],
    ['a layer of it', layer(1, 7, 'RUN pip install pytest', { line: 3, stage: 'test' }), {}, ['TestStageInImage:3']],
    ['a copy from another stage', layer(1, 7, 'COPY --from=base /r /r', { line: 5, stage: 'app' }), {}, []],
    ['a base layer', layer(1, 7, 'COPY --from=test /r /r', { base: true }), {}, []],
    ['the tested stage as the image', layer(1, 7, 'RUN x', { line: 3, stage: 'test' }), { target: 'test' }, []],
    [
      'the tested stage as the image, as the last one',
      layer(1, 7, 'RUN x', { line: 3, stage: 'app' }),
      { target: '', testTargets: ['APP'] },
      []
    ]
  ])('%s', (_, one, change, expected) => {
    expect(told({ dockerfile, target: 'app', testTargets: ['test'], report: withLayers([one]), ...change })).toEqual(
      expected
    )
  })
})

describe('ContextNotIgnored', () => {
  it.each([
    [9_999_999, false, []],
    [10_000_000, false, ['ContextNotIgnored']],
    [10_000_000, true, []]
  ])('%d bytes, a .dockerignore: %s', (bytes, hasIgnoreFile, expected) => {
    expect(told({ context: { bytes, hasIgnoreFile } })).toEqual(expected)
  })
})

describe('ignoring', () => {
  const noisy = { config: { user: 'root' }, context: { bytes: 20_000_000, hasIgnoreFile: false } }

  it.each([
    ['', ['RunsAsRoot:1', 'BaseNotPinned:1', 'ContextNotIgnored']],
    ['# check=skip=RunsAsRoot\n', ['BaseNotPinned:2', 'ContextNotIgnored']],
    ['# check=error=true;skip=RunsAsRoot, BaseNotPinned\n', ['ContextNotIgnored']],
    ['# check=skip=runsasroot\n', ['RunsAsRoot:2', 'BaseNotPinned:2', 'ContextNotIgnored']],
    ['# check=skip=all\n', []]
  ])('%j', (directive, expected) => {
    expect(told({ ...noisy, dockerfile: `${directive}FROM a:1\n` })).toEqual(expected)
  })

  it('by the build argument, which counts instead of the directive', () => {
    const buildArgs = ['BUILDKIT_DOCKERFILE_CHECK=skip=BaseNotPinned,ContextNotIgnored']
    expect(told({ ...noisy, buildArgs, dockerfile: '# check=skip=all\nFROM a:1\n' })).toEqual(['RunsAsRoot:2'])
  })
})

it('docs/advice.md explains every rule, and no other', () => {
  const docs = readFileSync(new URL('../../docs/advice.md', import.meta.url), 'utf8')
  const explained = [...docs.matchAll(/^### (\w+)$/gm)].map((match) => match[1] as RuleName)
  expect(explained.toSorted()).toEqual([...RULES].toSorted())
})

it('a Dockerfile of any kind is survived', () => {
  for (const text of [
    '',
    '\n',
    'FROM',
    'FROM \\',
    'FROM a\nRUN <<EOF',
    'COPY',
    '# check=',
    '\u0000',
    'FROM a AS a\nFROM a AS a',
    'ADD [',
    'ADD []',
    'FROM ${',
    'FROM $'
  ]) {
    expect(() => advise(subject({ dockerfile: text }))).not.toThrow()
  }
})
