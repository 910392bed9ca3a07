import { describe, expect, test } from '@jest/globals'
import { parseBakeSource } from '../../src/inputs/bake.js'
import { createGrammar, didYouMean, type ReadInput } from '../../src/inputs/grammar.js'
import { declaredInputs } from '../../src/inputs/declared.js'
import { wantsExport, type Inputs } from '../../src/inputs/inputs.js'
import { parseInputs } from '../../src/inputs/parse.js'
import { findUnknownInputs } from '../../src/inputs/unknown.js'
import { dockerfilePath } from '../../src/core/source.js'
import { action, inputsOf, look, problemsOf, readGiven, type Given } from './support.js'

describe('action.yml', () => {
  const declared = Object.keys(action.inputs)

  test('declares the inputs that the program knows, in the same order', () => {
    expect(declaredInputs).toEqual(declared)
  })

  test('declares nothing that is not read', () => {
    const asked = new Set<string>()
    const read = readGiven({})
    const noted: ReadInput = (name) => {
      asked.add(name)
      return read(name)
    }
    parseInputs(noted, look)
    parseBakeSource(createGrammar(noted, []))
    expect([...asked].sort()).toEqual([...declared].sort())
  })

  test('has all that docker/build-push-action has, but for what docs/migrating.md says', () => {
    const theirs = `add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call
      cgroup-parent context file github-token labels load network no-cache no-cache-filters outputs platforms provenance
      pull push sbom secret-envs secret-files secrets shm-size ssh tags target ulimit`
    expect(theirs.split(/\s+/).filter((name) => !declared.includes(name))).toEqual([])
    expect(['imageid', 'digest', 'metadata'].filter((name) => action.outputs[name] === undefined)).toEqual([])
  })

  test('says what each input and output is for', () => {
    const texts = [...Object.values(action.inputs), ...Object.values(action.outputs)].map(
      ({ description }) => description
    )
    expect(texts.filter((text) => text.trim() === '')).toEqual([])
  })
})

test('a step without inputs builds the Dockerfile of the working directory and exports nothing', () => {
  expect(inputsOf()).toEqual({
    call: 'build',
    context: { kind: 'local', path: '.' },
    file: '',
    target: '',
    testTargets: [],
    testReportTarget: '',
    testCache: 'reuse',
    untested: 'fail',
    tags: [],
    push: false,
    load: false,
    outputs: [],
    buildArgs: [],
    buildContexts: [],
    labels: [],
    links: { contexts: [], targets: [] },
    annotations: [],
    platforms: [],
    pull: false,
    noCache: false,
    noCacheFilters: [],
    network: '',
    addHosts: [],
    allow: [],
    shmSize: '',
    ulimit: [],
    cgroupParent: '',
    provenance: '',
    sbom: '',
    attests: [],
    reproducible: false,
    verifyReproducible: false,
    refreshAfter: undefined,
    builder: 'auto',
    cacheImage: '',
    cacheMode: 'auto',
    cacheMounts: true,
    cacheFrom: [],
    cacheTo: [],
    secrets: [],
    ssh: [],
    sshPrivateKey: '',
    sshPassphrase: '',
    sshKnownHosts: '',
    sshAgentScope: 'build',
    githubToken: '',
    budget: { leakCheck: 'fail' },
    leakIgnore: [],
    trial: { smokeEnv: [], smokeTimeoutSeconds: 60, verify: '', verifyEnv: [] },
    reportName: '',
    compareTo: { kind: 'auto' },
    comment: 'auto',
    commitStatus: ''
  })
})

describe('what is read', () => {
  test.each<[string, Given, Partial<Inputs>]>([
    ['lists take new lines and commas', { tags: 'a:1, b:2\n\nc:3,' }, { tags: ['a:1', 'b:2', 'c:3'] }],
    [
      'the stage with the report is a test, once',
      { 'test-target': 'unit, report', 'test-report-target': 'report' },
      { testTargets: ['unit', 'report'], testReportTarget: 'report' }
    ],
    [
      'a stage with a report alone is a test, too',
      { 'test-report-target': 'report' },
      { testTargets: ['report'], testReportTarget: 'report' }
    ],
    ['lists take the line ends of Windows', { 'test-target': 'unit\r\nlint\r\n' }, { testTargets: ['unit', 'lint'] }],
    ['lines keep their commas', { 'build-args': 'A=1,2\nB=x y = z' }, { buildArgs: ['A=1,2', 'B=x y = z'] }],
    ['a build argument may come from the environment', { 'build-args': 'CI' }, { buildArgs: ['CI'] }],
    ['labels', { labels: 'a=b,c\norg.x/y=' }, { labels: ['a=b,c', 'org.x/y='] }],
    ['a label without a value', { labels: 'a=b\nempty' }, { labels: ['a=b', 'empty='] }],
    ['annotations with a level', { annotations: 'index,manifest:a=b' }, { annotations: ['index,manifest:a=b'] }],
    [
      'named contexts',
      { 'build-contexts': 'base=docker-image://x:1\nsrc=app\nlib=oci-layout://app:1' },
      { buildContexts: ['base=docker-image://x:1', 'src=app', 'lib=oci-layout://app:1'] }
    ],
    [
      'named contexts as BuildKit looks for them',
      { 'build-contexts': 'docker.io/library/alpine:latest=docker-image://x:1\npython:3::linux/amd64=app' },
      { buildContexts: ['alpine=docker-image://x:1', 'python:3::linux/amd64=app'] }
    ],
    [
      'flags by the YAML core schema',
      { push: 'TRUE', tags: 'a', load: 'False', pull: ' true ' },
      { push: true, load: false, pull: true }
    ],
    [
      'platforms',
      { platforms: 'linux/amd64,linux/arm64/v8\nlinux/arm/v7' },
      { platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] }
    ],
    [
      'platforms under other names, each once',
      { platforms: 'linux/x86_64,linux/aarch64,linux/arm64/v8,linux/amd64' },
      { platforms: ['linux/amd64', 'linux/arm64'] }
    ],
    ['words', { 'cache-mode': ' read ', 'ssh-agent-scope': 'job' }, { cacheMode: 'read', sshAgentScope: 'job' }],
    ['a cache repository', { 'cache-image': 'localhost:5000/a/cache' }, { cacheImage: 'localhost:5000/a/cache' }],
    ['raw cache entries', { 'cache-from': 'a/b:c\ntype=gha,scope=x' }, { cacheFrom: ['a/b:c', 'type=gha,scope=x'] }],
    [
      'attestations',
      { provenance: 'mode=max,version=v1', sbom: 'False', attests: 'type=sbom,x=y' },
      { provenance: 'mode=max,version=v1', sbom: 'False', attests: ['type=sbom,x=y'] }
    ],
    [
      'ssh ids',
      { ssh: 'default\ngithub.com=/run/agent,1\nkeys=a.pem,b.pem' },
      { ssh: [{ id: 'default' }, { id: 'github.com', path: '/run/agent,1' }, { id: 'keys', path: 'a.pem,b.pem' }] }
    ],
    ['keys keep every byte', { 'ssh-private-key': ' a\r\nb \n' }, { sshPrivateKey: ' a\r\nb \n' }],
    ['nothing to compare with', { 'compare-to': 'none' }, { compareTo: { kind: 'none' } }],
    [
      'an image to compare with',
      { 'compare-to': 'ghcr.io/a/b:latest' },
      { compareTo: { kind: 'image', reference: 'ghcr.io/a/b:latest' } }
    ],
    [
      'an image of Docker Hub, by its digest',
      { 'compare-to': `app@sha256:${'0'.repeat(64)}` },
      { compareTo: { kind: 'image', reference: `app@sha256:${'0'.repeat(64)}` } }
    ],
    [
      'growth of two parts',
      { 'max-increase': '5%, 10MB' },
      { budget: { leakCheck: 'fail', maxIncrease: { share: 0.05, bytes: 10_000_000 } } }
    ],
    ['an empty builder is auto', { builder: '' }, { builder: 'auto' }],
    ['a context in a folder', { context: 'app' }, { context: { kind: 'local', path: 'app' } }],
    [
      'a remote context needs no file here',
      { context: 'https://github.com/a/b.git#main' },
      { context: { kind: 'remote', url: 'https://github.com/a/b.git#main' } }
    ]
  ])('%s', (_, given, expected) => {
    expect(inputsOf(given)).toMatchObject(expected)
  })

  test.each(['git@github.com:a/b.git', 'ssh://git@host/a.git', 'git://host/a.git', 'http://host/x.tar.gz'])(
    '%s is remote',
    (context) => {
      expect(inputsOf({ context }).context).toEqual({ kind: 'remote', url: context })
    }
  )

  test('secrets of all three kinds, in order', () => {
    const { secrets } = inputsOf({ secrets: 'a=1', 'secret-envs': 'b=B, C', 'secret-files': 'd=./x,y' })
    expect(secrets).toEqual([
      { id: 'a', input: 'secrets', value: '1' },
      { id: 'b', input: 'secret-envs', variable: 'B' },
      { id: 'C', input: 'secret-envs', variable: 'C' },
      { id: 'd', input: 'secret-files', path: './x,y' }
    ])
  })

  test.each<[Given, string]>([
    [{}, 'Dockerfile'],
    [{ context: 'app' }, 'app/Dockerfile'],
    [{ context: 'app', file: 'app/release.Dockerfile' }, 'app/release.Dockerfile'],
    [{ context: 'lower' }, 'lower/dockerfile'],
    [{ context: 'https://x.test/a.git' }, 'Dockerfile']
  ])('the Dockerfile of %j is %s', (given, expected) => {
    expect(dockerfilePath(inputsOf(given))).toBe(expected)
  })

  test.each<[Given, boolean]>([
    [{}, false],
    [{ push: 'true', tags: 'a' }, true],
    [{ load: 'true' }, true],
    [{ outputs: 'out' }, true],
    [{ outputs: 'type=image,name=a,push=true' }, true],
    [{ tags: 'a' }, false]
  ])('%j leaves the builder: %s', (given, leaves) => {
    expect(wantsExport(inputsOf(given))).toBe(leaves)
  })
})

test.each([
  ['12h', 43_200],
  ['7d', 604_800],
  [' 2w ', 1_209_600],
  ['', undefined]
])('refresh-after: "%s" is %s seconds', (text, seconds) => {
  expect(inputsOf({ 'refresh-after': text }).refreshAfter).toBe(seconds)
})

describe('what is wrong', () => {
  test.each<[string, Given, string]>([
    ...['7', '7 days', '0d', '1.5h', '-1w', '30m', '10000d'].map((age): [string, Given, string] => [
      `no age: ${age}`,
      { 'refresh-after': age },
      `refresh-after: "${age}" is not an age. Write a whole number from 1 to 9999 and its unit, h, d or w, as in "7d"; leave it empty for any age.`
    ]),
    ['a flag', { push: 'yes' }, 'push: "yes" is neither true nor false. Use true or false.'],
    [
      'a mistyped flag',
      { pull: 'ture' },
      'pull: "ture" is neither true nor false. Use true or false. Did you mean "true"?'
    ],
    [
      'a mistyped word',
      { 'cache-mode': 'readwrite' },
      'cache-mode: "readwrite" is not one of the accepted values. Use "auto", "read-write", "read" or "off". Did you mean "read-write"?'
    ],
    [
      'a word far from any',
      { 'test-cache': 'sometimes' },
      'test-cache: "sometimes" is not one of the accepted values. Use "reuse" or "rerun".'
    ],
    [
      'a tag in upper case',
      { tags: 'ghcr.io/Acme/App:1' },
      'tags: "ghcr.io/Acme/App:1": repository names are lower case. Write "ghcr.io/acme/app:1".'
    ],
    [
      'a tag with a digest',
      { tags: `app@sha256:${'a'.repeat(64)}` },
      `tags: "app@sha256:${'a'.repeat(64)}" has a digest. A tag to publish is written as "registry/name:tag".`
    ],
    [
      'platforms without a comma',
      { platforms: 'linux/amd64 linux/arm64' },
      'platforms: "linux/amd64 linux/arm64" is more than one platform. Put a comma between two platforms, or each on a line of its own.'
    ],
    [
      'a platform',
      { platforms: 'linux/amd46' },
      'platforms: "linux/amd46" is not a platform. Write it as os/architecture, for example linux/amd64. Did you mean "linux/amd64"?'
    ],
    [
      'a cache repository with a tag',
      { 'cache-image': 'ghcr.io/acme/cache:main' },
      'cache-image: "ghcr.io/acme/cache:main" has a tag or digest. Give the repository alone ("ghcr.io/acme/cache"): the tags are planned per branch and target.'
    ],
    [
      'a cache repository that is none',
      { 'cache-image': 'ghcr.io/Acme/cache' },
      'cache-image: "ghcr.io/Acme/cache": repository names are lower case. Write "ghcr.io/acme/cache".'
    ],
    [
      'a cache repository that is a registry',
      { 'cache-image': 'ghcr.io' },
      'cache-image: "ghcr.io" is a registry without a repository. Write it as "ghcr.io/owner/app-cache".'
    ],
    [
      'a cache repository that ends in a slash',
      { 'cache-image': 'ghcr.io/acme/cache/' },
      'cache-image: "ghcr.io/acme/cache/" ends in a slash. Write "ghcr.io/acme/cache".'
    ],
    [
      'two cache repositories',
      { 'cache-image': 'ghcr.io/acme/a\nghcr.io/acme/b' },
      'cache-image: "ghcr.io/acme/a ghcr.io/acme/b" is more than one word. Name one repository.'
    ],
    [
      'cache and image in one repository',
      { 'cache-image': 'acme/app', tags: 'docker.io/acme/app:1' },
      'cache-image: it is the repository that "docker.io/acme/app:1" is published to. Use a repository of its own, for example "acme/app-cache": cache and image tags must not collide.'
    ],
    [
      'cache and an output in one repository',
      { 'cache-image': 'acme/app', outputs: 'type=image,name=docker.io/acme/app:1,push=true' },
      'cache-image: it is the repository that "docker.io/acme/app:1" is published to. Use a repository of its own, for example "acme/app-cache": cache and image tags must not collide.'
    ],
    [
      'cache and an output that is pushed by digest in one repository',
      { 'cache-image': 'acme/app', outputs: 'type=image,name=acme/app,push-by-digest=true' },
      'cache-image: it is the repository that "acme/app" is published to. Use a repository of its own, for example "acme/app-cache": cache and image tags must not collide.'
    ],
    [
      'two plans for the cache',
      { 'cache-image': 'a/c', 'cache-to': 'type=inline' },
      'cache-to: cache-image already plans where the cache is written. Remove either cache-to or cache-image.'
    ],
    [
      'a cache over the image',
      { 'cache-to': 'type=registry,ref=acme/app:1,mode=max', tags: 'docker.io/acme/app:1' },
      'cache-to: it writes the cache to "docker.io/acme/app:1", which is also published. Give the cache a tag or a repository of its own: one would overwrite the other.'
    ],
    [
      'a cache over the image without a tag',
      { 'cache-to': 'acme/app', tags: 'acme/app:latest' },
      'cache-to: it writes the cache to "acme/app:latest", which is also published. Give the cache a tag or a repository of its own: one would overwrite the other.'
    ],
    [
      'a cache over an output',
      { 'cache-to': 'acme/app:1', outputs: 'type=image,name=acme/app:1', push: 'true' },
      'cache-to: it writes the cache to "acme/app:1", which is also published. Give the cache a tag or a repository of its own: one would overwrite the other.'
    ],
    [
      'a cache entry without a type',
      { 'cache-to': 'ref=a/b,secret=x' },
      'cache-to: entry 1 has no "type=". Write the type and its attributes, as in "type=registry,ref=ghcr.io/owner/app-cache:main,mode=max".'
    ],
    [
      'an attestation',
      { attests: 'sbom' },
      'attests: entry 1 has no "type=". Write the type and its attributes, as in "type=sbom,generator=docker/scout-sbom-indexer".'
    ],
    [
      'provenance',
      { provenance: 'max' },
      'provenance: "max" is neither true nor false nor an attribute. Write it as true, false or "mode=max".'
    ],
    [
      'a push without tags',
      { push: 'true' },
      'push: push is true but tags is empty. Add the tags to publish, for example "ghcr.io/owner/app:1.2.3".'
    ],
    [
      'a rerun of nothing',
      { 'test-cache': 'rerun' },
      'test-cache: rerun has no test to run again. Name the test stage in test-target.'
    ],
    [
      'a target that is its own test',
      { target: 'Test', 'test-target': 'test' },
      'target: "Test" is also a test target. The target is the stage to ship, test-target the stage to pass.'
    ],
    [
      'a passphrase for nothing',
      { 'ssh-passphrase': 'sesame' },
      'ssh-passphrase: there is no ssh-private-key to open with it. Remove it or add ssh-private-key.'
    ],
    [
      'a label',
      { labels: 'my version' },
      'labels: "my version" has no "=". Write each label on a line of its own, as NAME=VALUE.'
    ],
    [
      'a build argument without a name',
      { 'build-args': '=x' },
      'build-args: the name before "=" is empty. Write each build argument on a line of its own, as NAME=VALUE.'
    ],
    [
      'a named context',
      { 'build-contexts': 'base' },
      'build-contexts: "base" has no "=". Write each named context on a line of its own, as NAME=VALUE.'
    ],
    [
      'an ssh id',
      { ssh: 'a/b=c' },
      'ssh: "a/b" is not an ssh id. Write one entry per line: ID, ID=SOCKET or ID=KEYFILE.'
    ],
    [
      'an ssh id without its path',
      { ssh: 'default=' },
      'ssh: nothing follows "default=". Write "default" alone for the agent, or the path of a socket or key file.'
    ],
    [
      'an ssh id twice',
      { ssh: 'default\ndefault=x' },
      'ssh: the ssh id "default" is given more than once. Keep one of them.'
    ],
    [
      'a secret id twice',
      { secrets: 'a=1', 'secret-envs': 'a=A' },
      'secrets: the secret id "a" is given more than once. Keep one of them.'
    ],
    [
      'a missing file',
      { file: 'nope' },
      'file: there is no Dockerfile at "nope". The path is relative to the working directory, not to the context.'
    ],
    [
      'a folder as file',
      { file: 'app' },
      'file: "app" is a folder. The path is relative to the working directory, not to the context.'
    ],
    [
      'a context without a Dockerfile',
      { context: 'empty' },
      'file: there is no Dockerfile at "empty/Dockerfile". Name it in the input file; its path is relative to the working directory, not to the context.'
    ],
    [
      'standard input',
      { context: '-' },
      'context: standard input ("-") cannot be used in a workflow step. Give a path.'
    ],
    [
      'a Dockerfile from standard input',
      { file: '-' },
      'file: standard input ("-") cannot be used in a workflow step. Give a path.'
    ],
    [
      'what a bake call cannot do',
      { 'cgroup-parent': '/ci' },
      'cgroup-parent: tests and image are built in one bake call, which cannot set it. Set it on the builder: docker/setup-buildx-action with driver-opts "cgroup-parent=…".'
    ],
    [
      'a set time and times of the build',
      { 'refresh-after': '7d', 'build-args': 'SOURCE_DATE_EPOCH=1' },
      'refresh-after: SOURCE_DATE_EPOCH in build-args sets the times in the image, so that nothing tells how old a cached layer is. Remove it, and build with no-cache or no-cache-filters on a schedule of your own.'
    ],
    [
      'the time of the commit and times of the build',
      { 'refresh-after': '7d', reproducible: 'true' },
      'refresh-after: reproducible: true sets the times in the image, so that nothing tells how old a cached layer is. Remove it, and build with no-cache or no-cache-filters on a schedule of your own.'
    ],
    [
      'times of the commit and times of the build',
      { reproducible: 'true', outputs: 'type=image,name=a/b,rewrite-timestamp=false' },
      'reproducible: the output "type=image,name=a/b,rewrite-timestamp=false" keeps the times of the build. Remove its rewrite-timestamp, or reproducible.'
    ],
    [
      'two builds to compare, and a cache with times in the image',
      { 'verify-reproducible': 'true', 'cache-to': 'type=inline' },
      'verify-reproducible: cache-to has type=inline, which writes the time of each step into the image. Use another type of cache, such as cache-image, or remove verify-reproducible.'
    ]
  ])('%s', (_, given, expected) => {
    expect(problemsOf(given)).toEqual([expected])
  })

  test.each([
    ['nope', 'does not exist'],
    ['Dockerfile', 'is a file']
  ])('the context "%s" %s', (context, what) => {
    expect(problemsOf({ context })).toEqual([
      `context: "${context}" ${what} (looked from ${process.cwd()}). Give the folder that holds the sources, and check that actions/checkout runs before this step.`
    ])
  })

  test('all of it is told at once', () => {
    const problems = problemsOf({
      context: 'nope',
      push: 'yes',
      tags: 'App',
      platforms: 'linux/x',
      'cache-mode': 'on',
      secrets: 'x',
      'secret-envs': 'a=b c',
      ssh: '?',
      labels: 'x y'
    })
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(
      ['context', 'push', 'tags', 'platforms', 'cache-mode', 'secrets', 'secret-envs', 'ssh', 'labels'].sort()
    )
  })

  test('a key in the wrong input is told once, and nothing of it is shown', () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn+/aGFu\nQUJD/REVG==\n-----END OPENSSH PRIVATE KEY-----'
    expect(problemsOf({ ssh: `default=${key}` })).toEqual([
      'ssh: it holds a key. Put the key into ssh-private-key; ssh takes ids, as in "default".'
    ])
  })
})

test.each<[string, Given]>([
  ['the name of a file', { 'cache-image': 'acme/app', outputs: 'type=oci,name=acme/app:1,dest=app.tar' }],
  ['a name in the engine', { 'cache-to': 'acme/app:1', outputs: 'type=docker,name=acme/app:1' }],
  ['a digest without a name', { 'cache-to': 'acme/app', outputs: 'type=image,name=acme/app,push-by-digest=true' }],
  ['a name that tags replace', { 'cache-to': 'acme/a:1', tags: 'acme/b:1', outputs: 'type=registry,name=acme/a:1' }]
])('a cache does not overwrite %s', (_, given) => {
  expect(problemsOf(given)).toEqual([])
})

describe('inputs that do not exist', () => {
  test.each([
    ['tag', 'tags'],
    ['tests', 'test-target'],
    ['dockerfile', 'file']
  ])('%s is another word for one that does', (name, meant) => {
    expect(findUnknownInputs([name], declaredInputs)).toEqual({
      mistyped: [{ input: name, problem: 'there is no such input', fix: `The input is called "${meant}".` }],
      foreign: []
    })
  })

  test.each([
    ['test_target', ' Did you mean "test-target"?'],
    ['secret', ' Did you mean "secrets"?'],
    ['test-targets', ' Did you mean "test-target"?'],
    ['cache-images', ' Did you mean "cache-image"?']
  ])('%s is a typing error', (name, suggestion) => {
    expect(findUnknownInputs([name, 'target'], declaredInputs)).toEqual({
      mistyped: [{ input: name, problem: 'there is no such input', fix: `Correct its name.${suggestion}` }],
      foreign: []
    })
  })

  test.each(['ssh-key', 'buildkitd-config', 'policy'])('%s is foreign', (name) => {
    expect(findUnknownInputs([name, 'target'], declaredInputs)).toEqual({ mistyped: [], foreign: [name] })
  })

  test('those of action.yml are none of them', () => {
    expect(findUnknownInputs(Object.keys(action.inputs), declaredInputs)).toEqual({ mistyped: [], foreign: [] })
  })
})

test.each([
  ['prod', ['base', 'test', 'production'], ''],
  ['prodution', ['base', 'test', 'production'], ' Did you mean "production"?'],
  ['TEST', ['base', 'test'], ' Did you mean "test"?'],
  ['x', [], '']
])('"%s" among %j:%s', (value, candidates, suggestion) => {
  expect(didYouMean(value, candidates)).toBe(suggestion)
})
