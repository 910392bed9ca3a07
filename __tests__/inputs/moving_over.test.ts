/**
 * `with:` blocks as they stand in public workflows of docker/build-push-action and docker/bake-action, and what buildx gets
 * of them: the attributes of the image's target, beside what is checked and used by this action itself.
 */
import { describe, expect, test } from '@jest/globals'
import { noCredentials } from '../../src/buildkit/command.js'
import { planBake } from '../../src/buildkit/bake.js'
import { asObject, dig, parseJSON } from '../../src/core/json.js'
import { planTargets } from '../../src/gate/targets.js'
import { parseBakeSource } from '../../src/inputs/bake.js'
import { createGrammar } from '../../src/inputs/grammar.js'
import { declaredInputs } from '../../src/inputs/declared.js'
import type { Inputs } from '../../src/inputs/inputs.js'
import { findUnknownInputs } from '../../src/inputs/unknown.js'
import { buildOf } from '../builds/support.js'
import { inputsOf, problemsOf, readGiven, type Given } from './support.js'

/** The image's target, without the paths of this machine. */
function targetOf(given: Given): Readonly<Record<string, unknown>> {
  const build = buildOf(given)
  const { target, annotations, platforms, attests, tags, cacheFrom, noCache, noCacheFilters } = inputsOf(given)
  const exporting = { folder: '/p', attributes: [], attestations: attests, files: [], tags, names: [], cacheTo: [] }
  const call = planBake({
    ...{ build, credentials: noCredentials, metadataFile: '/p/metadata.json', cache: { from: cacheFrom } },
    ...{ fresh: { noCache, noCacheFilters } },
    targets: planTargets({ tests: [], target, annotations, platforms, exporting })
  })
  const whole = asObject(dig(parseJSON(call.input), 'target', '_image-0')) ?? {}
  return Object.fromEntries(
    Object.entries(whole).filter(([name]) => !['context', 'dockerfile', 'output'].includes(name))
  )
}

type Row = [name: string, given: Given, target: Readonly<Record<string, unknown>>, inputs?: Partial<Inputs>]

describe('what buildx gets', () => {
  test.each<Row>([
    [
      'metadata-action: labels with "=", quotes and commas, tags a line each',
      {
        tags: 'ghcr.io/acme/app:main\nghcr.io/acme/app:sha-1a2b3c4\n',
        labels: 'org.opencontainers.image.title=app\norg.opencontainers.image.description=Says "hi, you": a=b & more'
      },
      {
        labels: {
          'org.opencontainers.image.title': 'app',
          'org.opencontainers.image.description': 'Says "hi, you": a=b & more'
        }
      },
      { tags: ['ghcr.io/acme/app:main', 'ghcr.io/acme/app:sha-1a2b3c4'] }
    ],
    [
      'a description that begins with a quote',
      { labels: 'org.opencontainers.image.description="Quoted" words, and a comma' },
      { labels: { 'org.opencontainers.image.description': '"Quoted" words, and a comma' } }
    ],
    [
      'annotations with levels: those of an index where there is one',
      { annotations: 'manifest,index:a=b\nindex:c=d\ne=f', attests: 'type=sbom' },
      { annotations: ['manifest,index:a=b', 'index:c=d', 'e=f'], attest: ['type=sbom'] }
    ],
    [
      'build-args: quoted, JSON, empty, options, and a comment',
      {
        'build-args':
          '"VERSION=26.04"\nJSON={"a":1,"b":"2"}\nEMPTY=\n# off\n  FLAGS=--x=1 "--y=a,b"\nLIST=a,"b c",d\n"TWO=line1\nline2"'
      },
      {
        args: {
          ...{ VERSION: '26.04', JSON: '{"a":1,"b":"2"}', EMPTY: '' },
          ...{ FLAGS: '--x=1 "--y=a,b"', LIST: 'a,b c,d', TWO: 'line1\nline2' }
        }
      }
    ],
    ['build-args on one line are one', { 'build-args': 'A=1,B=2' }, { args: { A: '1,B=2' } }],
    [
      'named contexts of every kind',
      {
        'build-contexts':
          'alpine=docker-image://alpine:3.22\n"lib=https://github.com/acme/lib.git#v1:src"\nsrc=app\nkeys=git@github.com:acme/keys.git'
      },
      {
        contexts: {
          ...{ alpine: 'docker-image://alpine:3.22', lib: 'https://github.com/acme/lib.git#v1:src' },
          ...{ src: 'app', keys: 'git@github.com:acme/keys.git' }
        }
      }
    ],
    [
      'platforms with blanks',
      { platforms: ' linux/amd64 , linux/arm64,\n linux/arm/v7 \n' },
      { platforms: ['linux/amd64'] },
      { platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] }
    ],
    [
      'gha cache with a scope, a rotated local one, and a reference alone',
      {
        'cache-from':
          'type=gha,scope=app-amd64\ntype=local,src=/tmp/.buildx-cache\n"type=registry,ref=a/b:c"\na/b:cache',
        'cache-to': 'type=gha,mode=max,scope=app-amd64\ntype=local,dest=/tmp/.buildx-cache-new,mode=max'
      },
      {
        'cache-from': [
          'type=gha,scope=app-amd64',
          'type=local,src=/tmp/.buildx-cache',
          'type=registry,ref=a/b:c',
          'a/b:cache'
        ]
      },
      { cacheTo: ['type=gha,mode=max,scope=app-amd64', 'type=local,dest=/tmp/.buildx-cache-new,mode=max'] }
    ],
    [
      'attestations',
      {
        provenance: 'mode=max,version=v1',
        sbom: 'generator=docker/scout-sbom-indexer:latest',
        attests: 'type=sbom,generator=x/y:1'
      },
      { attest: ['type=sbom,generator=x/y:1'] },
      { provenance: 'mode=max,version=v1', sbom: 'generator=docker/scout-sbom-indexer:latest' }
    ],
    [
      'hosts, limits, network and entitlements',
      {
        'add-hosts': 'docker:10.180.0.1,db=10.0.0.1\nhost.docker.internal:host-gateway\nv6:::1',
        ...{ ulimit: 'nofile=1024:1024\nnproc=3', 'shm-size': '2g', network: 'host' },
        allow: 'network.host,security.insecure'
      },
      {
        'extra-hosts': { docker: '10.180.0.1', db: '10.0.0.1', 'host.docker.internal': 'host-gateway', v6: '::1' },
        ...{ ulimits: ['nofile=1024:1024', 'nproc=3'], 'shm-size': '2g', network: 'host' },
        entitlements: ['network.host', 'security.insecure']
      }
    ],
    [
      'no-cache-filters',
      { 'no-cache-filters': 'builder, deps\nfinal' },
      { 'no-cache-filter': ['builder', 'deps', 'final'] }
    ],
    [
      'no-cache says it all',
      { 'no-cache': 'true', 'no-cache-filters': 'deps', pull: 'true' },
      { 'no-cache': true, pull: true }
    ],
    [
      'a Dockerfile outside of the context, and a target',
      { context: 'empty', file: 'app/release.Dockerfile', target: 'release' },
      { target: 'release' },
      { context: { kind: 'local', path: 'empty' }, file: 'app/release.Dockerfile' }
    ],
    [
      'a git context with a fragment and a folder',
      { context: 'https://github.com/acme/app.git#refs/pull/1/merge:docker' },
      {},
      { context: { kind: 'remote', url: 'https://github.com/acme/app.git#refs/pull/1/merge:docker' } }
    ],
    [
      'a git context with a query',
      { context: 'https://github.com/acme/app.git?branch=main&subdir=docker' },
      {},
      { context: { kind: 'remote', url: 'https://github.com/acme/app.git?branch=main&subdir=docker' } }
    ],
    [
      'secrets: several lines in quotes, doubled quotes, commas',
      {
        secrets: '"TOKEN=abc,def=ghi\njklmno=pqrst"\nFOO=bar\n"JSON={""key"":""value""}"\n"LINES=a\n\nb"',
        'secret-envs': 'A=ENV_A,B=ENV_B',
        'secret-files': '"F=./app/f"\nG=app/g'
      },
      {},
      {
        secrets: [
          { id: 'TOKEN', input: 'secrets', value: 'abc,def=ghi\njklmno=pqrst' },
          { id: 'FOO', input: 'secrets', value: 'bar' },
          { id: 'JSON', input: 'secrets', value: '{"key":"value"}' },
          { id: 'LINES', input: 'secrets', value: 'a\n\nb' },
          { id: 'A', input: 'secret-envs', variable: 'ENV_A' },
          { id: 'B', input: 'secret-envs', variable: 'ENV_B' },
          { id: 'F', input: 'secret-files', path: './app/f' },
          { id: 'G', input: 'secret-files', path: 'app/g' }
        ]
      }
    ],
    [
      'ssh: a comma begins another entry, or another file of the same',
      { ssh: 'default=/tmp/a.sock,deploy=/tmp/b.sock\none,two\nkeys=/k/a,/k/b' },
      {},
      {
        ssh: [
          { id: 'default', path: '/tmp/a.sock' },
          { id: 'deploy', path: '/tmp/b.sock' },
          { id: 'one' },
          { id: 'two' },
          { id: 'keys', path: '/k/a,/k/b' }
        ]
      }
    ],
    ['a question', { call: 'check', target: 'lint' }, { target: 'lint' }, { call: 'check' }],
    ['a question under its other name', { call: 'lint' }, {}, { call: 'check' }],
    [
      'names of build arguments',
      { 'build-args': 'a-b=1\na.b=${x}\n1=2' },
      { args: { 'a-b': '1', 'a.b': '$${x}', '1': '2' } },
      {}
    ]
  ])('%s', (_, given, target, inputs = {}) => {
    expect(targetOf(given)).toEqual(target)
    expect(inputsOf(given)).toMatchObject(inputs)
  })
})

test('outputs: by digest under two names, to the index, and to a file', () => {
  const outputs = [
    'type=image,"name=ghcr.io/acme/app,docker.io/acme/app",push-by-digest=true,name-canonical=true,push=true',
    'type=registry,name=a/b:1,annotation-index.org.opencontainers.image.description=My image',
    'type=docker,dest=app/image.tar'
  ]
  expect(inputsOf({ outputs: outputs.join('\n') }).outputs).toMatchObject([
    { type: 'image', names: ['ghcr.io/acme/app', 'docker.io/acme/app'], push: true, pushByDigest: true },
    { type: 'image', names: ['a/b:1'], push: true, pushByDigest: false },
    { type: 'docker', dest: 'app/image.tar', push: false }
  ])
})

describe('what is refused is refused once, with what to write', () => {
  test.each<[string, Given, string]>([
    [
      'the default context',
      { context: '{{defaultContext}}:docker' },
      'context: "{{defaultContext}}:docker" is not expanded here. Write "./docker", and run actions/checkout before this step.'
    ],
    [
      'a Dockerfile from elsewhere',
      { file: 'https://example.com/Dockerfile' },
      'file: "https://example.com/Dockerfile" is a URL. Download it in an earlier step, and give its path.'
    ],
    [
      'a parent of the control group',
      { 'cgroup-parent': 'ci' },
      'cgroup-parent: tests and image are built in one bake call, which cannot set it. Set it on the builder: docker/setup-buildx-action with driver-opts "cgroup-parent=…".'
    ]
  ])('%s', (_, given, expected) => {
    expect(problemsOf(given)).toEqual([expected])
  })
})

describe('what GitHub leaves of an expression that has no text', () => {
  const nothing = `an expression such as "a && b" leaves it where a does not hold. Have it leave nothing there: "a && b || ''".`

  test.each(['tags', 'labels', 'build-args', 'cache-from', 'cache-to', 'cache-image', 'outputs', 'test-target'])(
    'false is no entry of %s',
    (input) => {
      expect(problemsOf({ [input]: 'false' })).toEqual([`${input}: "false" is no entry: ${nothing}`])
    }
  )

  test('one of several tags', () => {
    expect(problemsOf({ tags: 'a/b:1\nfalse', push: 'true' })).toEqual([`tags: "false" is no entry: ${nothing}`])
  })

  test.each([
    ['tags', 'Array'],
    ['labels', 'Object']
  ])('%s: %s', (input, word) => {
    expect(problemsOf({ [input]: word })).toEqual([
      `${input}: "${word}" is no entry: it is what an expression leaves of a list or a map. Use an output that is text, such as those of docker/metadata-action, or join() in the expression.`
    ])
  })
})

test.each<[Given, string, string]>([
  [{ 'test-target': '- test' }, 'test-target', 'YAML'],
  [{ tags: '["a/b:1"]' }, 'tags', 'JSON'],
  [{ labels: '- org.opencontainers.image.title=app' }, 'labels', 'YAML'],
  [{ annotations: '- a=b' }, 'annotations', 'YAML'],
  [{ 'secret-envs': '- hunter2' }, 'secret-envs', 'YAML']
])('a list of another kind is told: %j', (given, input, format) => {
  expect(problemsOf(given)).toEqual([
    `${input}: an entry is written as in a list of ${format}, and the input is text. Write one entry per line, without anything around it.`
  ])
})

describe('docker/bake-action', () => {
  test('set keeps the quotes that buildx reads', () => {
    const source = parseBakeSource(
      createGrammar(
        readGiven({
          'bake-files': './docker-bake.hcl, ./ci/compose.yml',
          'bake-targets': 'app,test',
          'bake-set':
            '*.output=type=image,"name=a/b:1,c/d:1",push=true\n# off\n*.platform=linux/amd64,linux/arm64\n"app.args.TITLE=My, app"\napp.args.JSON={"a":1,"b":2}'
        }),
        []
      )
    )
    expect(source).toEqual({
      files: ['./docker-bake.hcl', './ci/compose.yml'],
      targets: ['app', 'test'],
      set: [
        '*.output=type=image,"name=a/b:1,c/d:1",push=true',
        '*.platform=linux/amd64,linux/arm64',
        'app.args.TITLE=My, app',
        'app.args.JSON={"a":1,"b":2}'
      ]
    })
  })

  test('what bake alone asks for may stand in allow', () => {
    const allow = 'fs.read=/tmp,fs=*\nssh\nnetwork.host'
    expect(inputsOf({ allow, 'bake-files': 'docker-bake.hcl' }).allow).toEqual(['network.host'])
    expect(problemsOf({ allow })).toHaveLength(3)
  })

  test('a push without tags is told where tags would stand', () => {
    const add = 'push: push is true but tags is empty. Add the tags to publish, for example "ghcr.io/owner/app:1.2.3".'
    expect(problemsOf({ push: 'true' })).toEqual([add])
    expect(problemsOf({ push: 'true' }, ['docker-bake.hcl'])).toEqual([
      `${add} If docker-bake.hcl has them, write bake-files: docker-bake.hcl.`
    ])
    expect(problemsOf({ push: 'true', 'bake-files': 'docker-bake.hcl' }, ['docker-bake.hcl'])).toEqual([
      'push: push is true, and a target of the bake file has no tags. Give it tags. If it is a test, name it in test-target.'
    ])
  })

  test.each(['files', 'targets', 'set', 'source', 'workdir', 'vars'])('its %s is no word without effect', (name) => {
    const { mistyped, foreign } = findUnknownInputs([name], declaredInputs)
    expect([mistyped.map(({ input }) => input), foreign]).toEqual([[name], []])
  })
})
