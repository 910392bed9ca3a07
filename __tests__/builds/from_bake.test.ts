/** What a bake file's targets come to: texts of inputs, or what is wrong. The definitions are as `--print` of 0.29 writes them. */
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { askedTargets, parseDefinition } from '../../src/builds/bake_definition.js'
import { readDefinition, type BakeQuestion } from '../../src/builds/from_bake.js'
import { parseInputs } from '../../src/inputs/parse.js'
import { folders, look, readGiven } from '../inputs/support.js'

type Target = Readonly<Record<string, unknown>>

function definition(targets: Readonly<Record<string, Target>>, asked = Object.keys(targets)) {
  return parseDefinition(JSON.stringify({ group: { default: { targets: asked } }, target: targets }))
}

const question: BakeQuestion = {
  tests: [],
  testReport: '',
  hasStage: () => undefined,
  given: () => '',
  hasVariable: () => false,
  mayUse: () => true
}
const app: Target = { context: 'app', dockerfile: 'Dockerfile', target: 'production', tags: ['ghcr.io/acme/app:1'] }
const other: Target = { ...app, target: 'test', tags: [] }

/** What the file says of the one image in it. */
function readOne(...args: Parameters<typeof readDefinition>) {
  const { images, problems } = readDefinition(...args)
  expect(images.length).toBeLessThan(2)
  return { target: images[0]?.name, texts: images[0]?.texts ?? {}, problems }
}

function problemsOf(targets: Readonly<Record<string, Target>>, more: Partial<BakeQuestion> = {}): readonly string[] {
  const { problems } = readDefinition(definition(targets), { ...question, ...more })
  return problems.map(({ input, problem, fix }) => `${input}: ${problem}. ${fix}`)
}

describe('an attribute', () => {
  test.each<[string, Target, Readonly<Record<string, unknown>>]>([
    ['context and dockerfile', {}, { context: { kind: 'local', path: 'app' }, file: 'app/Dockerfile' }],
    ['a Dockerfile from where bake is run', { dockerfile: 'cwd://Dockerfile' }, { file: 'Dockerfile' }],
    ['target and tags', {}, { target: 'production', tags: ['ghcr.io/acme/app:1'] }],
    ['args', { args: { A: '1,2', Q: 'a"b', L: 'x\ny' } }, { buildArgs: ['A=1,2', 'Q=a"b', 'L=x\ny'] }],
    ['labels', { labels: { 'org.example.text': 'l1\nl2' } }, { labels: ['org.example.text=l1\nl2'] }],
    ['annotations', { annotations: ['index:a=b, c'] }, { annotations: ['index:a=b, c'] }],
    [
      'contexts',
      { contexts: { alpine: 'docker-image://alpine:3' } },
      { buildContexts: ['alpine=docker-image://alpine:3'] }
    ],
    ['platforms', { platforms: ['linux/amd64', 'linux/arm64'] }, { platforms: ['linux/amd64', 'linux/arm64'] }],
    [
      'cache-from and cache-to',
      { 'cache-from': [{ type: 'registry', ref: 'x/y:c' }], 'cache-to': [{ mode: 'max', type: 'gha' }] },
      { cacheFrom: ['type=registry,ref=x/y:c'], cacheTo: ['type=gha,mode=max'] }
    ],
    [
      'the same of an older buildx',
      { 'cache-from': ['type=registry,ref=x/y:c'] },
      { cacheFrom: ['type=registry,ref=x/y:c'] }
    ],
    ['pull, no-cache', { pull: true, 'no-cache': true }, { pull: true, noCache: true }],
    ['no-cache-filter', { 'no-cache-filter': ['a', 'b'] }, { noCacheFilters: ['a', 'b'] }],
    ['network, shm-size', { network: 'none', 'shm-size': '2g' }, { network: 'none', shmSize: '2g' }],
    ['ulimits', { ulimits: ['nofile=1024:1024'] }, { ulimit: ['nofile=1024:1024'] }],
    ['extra-hosts', { 'extra-hosts': { h: '1.2.3.4' } }, { addHosts: ['h:1.2.3.4'] }],
    // As bake has a host of a compose file that has several addresses.
    [
      'several addresses',
      { 'extra-hosts': { h: '10.0.0.2,::1', x: '::2' } },
      { addHosts: ['h:10.0.0.2,::1', 'x:::2'] }
    ],
    ['a host with two', { 'extra-hosts': { h: '10.0.0.2,::1' } }, { addHosts: ['h:10.0.0.2,::1'] }],
    [
      'attest',
      { attest: [{ type: 'provenance', mode: 'max' }, { type: 'sbom' }] },
      { provenance: 'mode=max', sbom: 'true', attests: [] }
    ],
    ['attest, turned off', { attest: [{ type: 'provenance', disabled: true }] }, { provenance: 'false' }],
    [
      'secret',
      {
        secret: [{ id: 'npm', env: 'NPM' }, { id: 'f', src: './x' }, 'id=old,env=OLD', { id: 'SET' }, { id: 'plain' }]
      },
      {
        secrets: [
          { input: 'secret-envs', id: 'npm', variable: 'NPM' },
          { input: 'secret-envs', id: 'old', variable: 'OLD' },
          { input: 'secret-envs', id: 'SET', variable: 'SET' },
          { input: 'secret-files', id: 'f', path: './x' },
          { input: 'secret-files', id: 'plain', path: 'plain' }
        ]
      }
    ],
    [
      'ssh',
      { ssh: [{ id: 'default' }, { id: 'k', paths: ['/a', '/b'] }] },
      { ssh: [{ id: 'default' }, { id: 'k', path: '/a,/b' }] }
    ]
  ])('%s', (_, attributes, expected) => {
    const targets = definition({ app: { ...app, ...attributes } })
    const { texts, problems } = readOne(targets, { ...question, hasVariable: (name) => name === 'SET' })
    expect(problems).toEqual([])
    const reading = parseInputs((name) => texts[name] ?? readGiven({})(name), look, folders)
    expect(reading.problems).toEqual([])
    expect(reading.inputs).toMatchObject(expected)
  })

  test('output', () => {
    const { texts } = readOne(
      definition({ app: { ...app, output: [{ dest: 'out,1', type: 'local' }, { type: 'registry' }] } }),
      question
    )
    expect(texts.outputs).toBe('type=local,"dest=out,1"\ntype=registry')
  })

  test('that is not read is refused', () => {
    expect(problemsOf({ app: { ...app, 'of-tomorrow': 'yes' } })).toEqual([
      'bake-files: the target "app" has of-tomorrow, which this action does not read. Remove it, or reset it with bake-set.'
    ])
  })

  test('that bake has escaped for itself is read as it was meant', () => {
    const { targets } = definition({
      app: {
        ...{ args: { V: 'a$${b}$$$${c}' }, labels: { 'x.%%{y}': 'https://$${1}/%%{z}' }, annotations: ['q=$${z}'] },
        ...{ 'dockerfile-inline': 'RUN echo $${X:-1} $$X', tags: ['a/b:$${no}'] }
      }
    })
    expect(targets.app).toEqual({
      ...{ args: { V: 'a${b}$$${c}' }, labels: { 'x.%%{y}': 'https://${1}/%{z}' }, annotations: ['q=${z}'] },
      ...{ 'dockerfile-inline': 'RUN echo ${X:-1} $$X', tags: ['a/b:$${no}'] }
    })
  })

  test.each<[string, readonly object[], Readonly<Record<string, string>>]>([
    ['no output', [], {}],
    ['a registry', [{ type: 'registry' }], {}],
    ['a folder', [{ type: 'local', dest: 'out' }], { push: '', load: '', tags: '' }],
    ['nothing', [{ type: 'cacheonly' }], { push: '', load: '', tags: '' }],
    ['an archive', [{ type: 'oci', dest: 'a.tar' }], { push: '' }],
    ['an archive for docker', [{ type: 'docker', dest: 'a.tar' }], {}],
    ['a folder, and a registry', [{ type: 'local', dest: 'out' }, { type: 'registry' }], { load: '' }]
  ])('push and load mean to a target that writes %s what they mean to bake', (_, output, expected) => {
    const { texts } = readOne(definition({ app: { ...app, target: undefined, output } }), question)
    const said = Object.entries(texts).filter(([input]) => ['push', 'load', 'tags'].includes(input))
    expect(Object.fromEntries(said)).toEqual({ tags: 'ghcr.io/acme/app:1', ...expected })
  })

  test('call is a question of its own', () => {
    expect(problemsOf({ app: { ...app, call: 'check' } })).toEqual([
      'bake-files: the target "app" has call, which this action does not read. Leave it out of bake-targets, and ask in a step of its own, with the input call.'
    ])
  })

  test('dockerfile-inline is the text in the place of a file, which tests share', () => {
    const inline = { ...app, 'dockerfile-inline': 'FROM scratch' }
    const { images, problems } = readDefinition(definition({ app: inline }), question)
    expect(problems).toEqual([])
    expect(images[0]).toMatchObject({ inline: 'FROM scratch', texts: { context: 'app' } })
    expect(images[0]?.texts).not.toHaveProperty('file')
    const unit = { ...inline, target: 'test', 'dockerfile-inline': 'FROM a' }
    expect(problemsOf({ app: inline, unit }, { tests: ['unit'] })).toEqual([
      'test-target: the targets "unit" and "app" have different dockerfile-inline. Tests and image are stages of one Dockerfile, built together: let one target inherit from the other.'
    ])
    expect(problemsOf({ app: { ...inline, context: 'https://example.com/app.git' } })).toEqual([
      'bake-files: the target "app" has dockerfile-inline, and a context that is not on the runner. Write the Dockerfile to a file of that context, or check the context out.'
    ])
  })
})

test('a Dockerfile of a remote context is named as bake names it', () => {
  const { texts } = readOne(
    definition({ app: { ...app, context: 'https://github.com/acme/app.git', dockerfile: 'docker/Dockerfile' } }),
    question
  )
  expect(texts).toMatchObject({ context: 'https://github.com/acme/app.git', file: 'docker/Dockerfile' })
})

describe('targets', () => {
  test('are found through groups, also through one that names itself', () => {
    const groups = { default: { targets: ['all', 'b'] }, all: { targets: ['a', 'b', 'all'] } }
    expect(askedTargets(parseDefinition(JSON.stringify({ group: groups, target: { a: {}, b: {}, c: {} } })))).toEqual([
      'a',
      'b'
    ])
  })

  test('are found in as many steps as there are groups, however they are nested', () => {
    const group = Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        at === 0 ? 'default' : `g${at}`,
        { targets: at === 199 ? ['a'] : [`g${at + 1}`, `g${at + 1}`] }
      ])
    )
    expect(askedTargets(parseDefinition(JSON.stringify({ group, target: { a: {} } })))).toEqual(['a'])
  })

  test('a test of the file is its stage, with its secrets; another is a stage as it is', () => {
    const tests = { ...other, secret: [{ id: 'npm', env: 'NPM' }] }
    const { target, texts, problems } = readOne(definition({ app, unit: tests }), {
      ...question,
      tests: ['unit', 'lint']
    })
    expect(problems).toEqual([])
    expect(target).toBe('app')
    expect(texts).toMatchObject({ 'test-target': 'test\nlint', target: 'production', 'secret-envs': 'npm=NPM' })
  })

  test.each<[string, Partial<BakeQuestion>, Readonly<Record<string, string | undefined>>]>([
    ['a target of the file is its stage', { testReport: 'unit' }, { 'test-report-target': 'test' }],
    ['another is a stage as it is', { testReport: 'junit' }, { 'test-report-target': 'junit' }],
    [
      'one that is also a test',
      { tests: ['unit'], testReport: 'unit' },
      { 'test-target': 'test', 'test-report-target': 'test' }
    ],
    ['none', {}, { 'test-report-target': undefined }]
  ])('test-report-target: %s', (_, more, expected) => {
    const asked = more.testReport === 'unit' ? ['app', 'unit'] : ['app']
    const { target, texts, problems } = readOne(definition({ app, unit: other }, asked), {
      ...question,
      ...more
    })
    expect(problems).toEqual([])
    expect(target).toBe('app')
    expect({ 'test-target': texts['test-target'], 'test-report-target': texts['test-report-target'] }).toEqual({
      'test-target': undefined,
      ...expected
    })
  })

  test('tests alone are the gate alone', () => {
    const { texts, problems } = readOne(definition({ unit: other }), { ...question, tests: ['unit'] })
    expect(problems).toEqual([])
    expect(texts).toMatchObject({ 'test-target': 'test', context: 'app' })
    expect(texts.target).toBeUndefined()
  })

  test.each<[string, Readonly<Record<string, Target>>, Partial<BakeQuestion>, readonly string[]]>([
    ['none', {}, {}, ['bake-files: no target was found. Name a target in bake-targets.']],
    [
      'a test of other files',
      { app, unit: { ...other, context: 'elsewhere', args: { A: '1' } } },
      { tests: ['unit'] },
      [
        'test-target: the targets "unit" and "app" have different context. Tests and image are stages of one Dockerfile, built together: let one target inherit from the other.',
        'test-target: the targets "unit" and "app" have different args. Tests and image are stages of one Dockerfile, built together: let one target inherit from the other.'
      ]
    ],
    [
      'a test without a stage',
      { app, unit: { ...other, target: undefined } },
      { tests: ['unit'] },
      ['test-target: the target "unit" names no stage. Give it target = "STAGE".']
    ],
    [
      'a report of other files, from no stage',
      { app, unit: { ...other, dockerfile: 'other', target: undefined } },
      { testReport: 'unit' },
      [
        'test-report-target: the targets "unit" and "app" have different dockerfile. Tests and image are stages of one Dockerfile, built together: let one target inherit from the other.',
        'test-report-target: the target "unit" names no stage. Give it target = "STAGE".'
      ]
    ]
  ])('%s', (_, targets, more, expected) => {
    expect(problemsOf(targets, more)).toEqual(expected)
  })
})

describe('a target that writes nothing', () => {
  const check: Target = { ...other, output: [{ type: 'cacheonly' }] }
  const read = (targets: Readonly<Record<string, Target>>, more: Partial<BakeQuestion> = {}) => {
    const { images, problems } = readDefinition(definition(targets), { ...question, ...more })
    expect(problems).toEqual([])
    return images.map(({ name, texts }) => [name, texts['test-target'], texts.target, texts.push])
  }

  test('is a test of the image whose Dockerfile it shares', () => {
    expect(read({ app, unit: check })).toEqual([['app', 'test', 'production', undefined]])
    expect(read({ app, unit: { ...check, output: ['type=cacheonly'] } }, { tests: ['lint'] })).toEqual([
      ['app', 'lint\ntest', 'production', undefined]
    ])
  })

  test('is a build of tests alone where it shares it with none', () => {
    const docs = { ...check, context: 'docs', target: 'links' }
    const given = (name: string): string => (name === 'push' ? 'true' : '')
    expect(read({ app, links: docs, spelling: { ...docs, target: 'spelling' } }, { given })).toEqual([
      ['app', '', 'production', undefined],
      ['links', 'links\nspelling', undefined, '']
    ])
    expect(read({ unit: check, links: docs })).toEqual([
      ['unit', 'test', undefined, ''],
      ['links', 'links', undefined, '']
    ])
  })

  test('and names no stage is an image that is not kept', () => {
    expect(read({ app, all: { ...check, target: undefined } })).toHaveLength(2)
  })
})

describe('several images', () => {
  const api: Target = { ...app, target: 'api', tags: ['acme/api:1'] }
  const web: Target = { context: 'web', target: 'web', tags: ['acme/web:1'] }
  const testsOf = (targets: Readonly<Record<string, Target>>, more: Partial<BakeQuestion>) => {
    const { images, problems } = readDefinition(definition(targets), { ...question, ...more })
    expect(problems).toEqual([])
    return images.map(({ name, texts }) => [name, texts['test-target'], texts['test-report-target']])
  }

  test('have their own inputs, and one set of secrets', () => {
    const secret = [{ id: 'npm', env: 'NPM' }]
    const { images, problems } = readDefinition(definition({ api, web: { ...web, secret } }), question)
    expect(problems).toEqual([])
    expect(images).toMatchObject([
      { name: 'api', texts: { context: 'app', target: 'api', tags: 'acme/api:1', 'secret-envs': 'npm=NPM' } },
      { name: 'web', texts: { context: 'web', target: 'web', tags: 'acme/web:1', 'secret-envs': 'npm=NPM' } }
    ])
  })

  test('have the tests of their own Dockerfile', () => {
    const tests = { test: other, 'web-test': { ...web, target: 'test', tags: [] } }
    expect(testsOf({ api, web, ...tests }, { tests: ['test', 'web-test'] })).toEqual([
      ['api', 'test', undefined],
      ['web', 'test', undefined]
    ])
    expect(testsOf({ api, web, test: other }, { tests: ['test'], testReport: 'test' })).toEqual([
      ['api', 'test', 'test'],
      ['web', '', '']
    ])
  })

  test('have the stages that are in it, and those of which that is not known', () => {
    const known: Readonly<Record<string, readonly string[]>> = { api: ['unit', 'lint'], web: ['unit'] }
    const hasStage = (image: string, stage: string): boolean => known[image]?.includes(stage) === true
    expect(testsOf({ api, web }, { tests: ['unit', 'lint'], hasStage })).toEqual([
      ['api', 'unit\nlint', undefined],
      ['web', 'unit', undefined]
    ])
    // Whatever nobody has is looked for, and missed, in the first.
    expect(testsOf({ api, web }, { tests: ['tset'], hasStage })).toEqual([
      ['api', 'tset', undefined],
      ['web', '', undefined]
    ])
    expect(testsOf({ api, web }, { tests: ['unit'] })).toEqual([
      ['api', 'unit', undefined],
      ['web', 'unit', undefined]
    ])
  })

  test.each<[string, Readonly<Record<string, Target>>, Partial<BakeQuestion>, readonly string[]]>([
    [
      'a test that is of none',
      { api, web, unit: { ...other, args: { A: '1' } } },
      { tests: ['unit'] },
      [
        'test-target: the target "unit" belongs to none of the images: "api" has another args, "web" has another context and dockerfile and args. Tests and image are stages of one Dockerfile, built together: let the test inherit from the image that it is of.'
      ]
    ],
    [
      'one secret from two places',
      { api: { ...api, secret: [{ id: 'npm', env: 'API_NPM' }] }, web: { ...web, secret: ['id=npm,env=WEB_NPM'] } },
      {},
      [
        'bake-files: the targets "api" and "web" take the secret "npm" from different places. All of a step have one set of secrets: give each an id of its own.'
      ]
    ],
    [
      'what is wrong in each of them is told of each, and of the step once',
      { api: { ...api, nothing: 1 }, web: { ...web, entitlements: ['network.host'] } },
      {},
      [
        'bake-files: the target "api" has nothing, which this action does not read. Remove it, or reset it with bake-set.',
        'allow: the target "web" asks for network.host. Write allow: network.host, if it may have it.'
      ]
    ],
    [
      'too many',
      Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`t${index}`, { ...web, tags: [] }])),
      {},
      ['bake-targets: 21 images are asked for, and a step takes up to 20. Name some of them in bake-targets.']
    ]
  ])('%s', (_, targets, more, expected) => {
    expect(problemsOf(targets, more)).toEqual(expected)
  })
})

describe('what the step says beside the file', () => {
  const given = (texts: Readonly<Record<string, string>>): Partial<BakeQuestion> => ({
    given: (name) => texts[name] ?? ''
  })

  test('the same of one thing is refused', () => {
    expect(problemsOf({ app }, given({ tags: 'acme/app:2', context: '.' }))).toEqual([
      'tags: the bake file sets it too. Remove it, or set it with bake-set: app.….'
    ])
  })

  test('secrets add up, and switches are the step’s', () => {
    const targets = {
      app: { ...app, secret: [{ id: 'a', env: 'A' }], attest: [{ type: 'provenance', mode: 'max' }], pull: true }
    }
    const texts = { 'secret-envs': 'b=B', provenance: 'false', pull: 'false' }
    const reading = readOne(definition(targets), { ...question, ...given(texts) })
    expect(reading.problems).toEqual([])
    expect(reading.texts).toMatchObject({ 'secret-envs': 'b=B\na=A', provenance: 'false', pull: 'true' })
  })

  test('an entitlement is the step’s to grant', () => {
    const targets = { app: { ...app, entitlements: ['network.host'] } }
    expect(problemsOf(targets)).toEqual([
      'allow: the target "app" asks for network.host. Write allow: network.host, if it may have it.'
    ])
    expect(problemsOf(targets, given({ allow: 'network.host' }))).toEqual([])
  })
})

test.each<[string, Target]>([
  ['context', { context: '/etc' }],
  ['a named context', { contexts: { x: '/etc' } }],
  ['a named context from where bake is run', { contexts: { x: 'cwd:///etc' } }],
  ['an OCI layout', { contexts: { x: 'oci-layout:///etc' } }],
  ['an output', { output: [{ type: 'local', dest: '/etc' }] }],
  ['an output in capitals', { output: [{ type: 'local', DEST: '/etc' }] }],
  ['an output of an old buildx', { output: ['type=local, Dest =/etc'] }],
  ['an output with a blank of Go', { output: ['type=local,\u0085dest=/etc'] }],
  ['an output that is a path alone', { output: ['/etc'] }],
  ['a cache', { 'cache-from': [{ type: 'local', src: '/etc' }] }],
  ['a cache in capitals', { 'cache-from': [{ type: 'local', SRC: '/etc' }] }]
])('a stranger’s file stays in the checkout: %s', (_, attributes) => {
  const mayUse = (place: string): boolean => !place.startsWith('/etc')
  expect(problemsOf({ app: { ...app, ...attributes } }, { mayUse }).at(0)).toMatch(
    /^bake-files: "\/etc.*outside of the checkout/
  )
})

describe('linked targets', () => {
  const tools: Target = { context: 'tools', dockerfile: 'Dockerfile' }
  const base: Target = {
    ...{ context: 'base', dockerfile: 'base.Dockerfile', contexts: { tools: 'target:tools', files: './files' } },
    ...{ args: { A: '1' }, labels: { a: 'b' }, tags: ['acme/base:1'], output: [{ type: 'registry' }], inherits: ['x'] },
    ...{ secret: [{ id: 'token', env: 'TOKEN', type: 'env' }], entitlements: ['network.host'] },
    ...{
      'cache-from': [{ type: 'registry', ref: 'acme/base:c' }],
      'cache-to': [{ type: 'registry', ref: 'acme/base:c' }]
    }
  }
  const upon: Target = {
    ...app,
    contexts: { base: 'target:base', 'alpine:3': 'target:tools', own: 'docker-image://a' },
    'cache-from': [{ type: 'registry', ref: 'acme/app:c' }]
  }
  const read = (more: Partial<BakeQuestion> = {}, targets: Readonly<Record<string, Target>> = {}) =>
    readDefinition(definition({ app: upon, base, tools, ...targets }, ['app']), {
      ...{ ...question, given: (input) => (input === 'allow' ? 'network.host' : '') },
      ...more
    })

  test('are given back to bake, each behind those that it needs, without what they are given and would publish', () => {
    const { images, problems } = read()
    expect(problems).toEqual([])
    expect(images).toHaveLength(1)
    expect(images[0]?.links).toEqual({
      contexts: ['base=target:base', 'alpine:3=target:tools'],
      targets: [
        {
          name: 'tools',
          source: { context: { kind: 'local', path: 'tools' }, file: 'tools/Dockerfile' },
          attributes: { context: path.resolve('tools'), dockerfile: 'Dockerfile' }
        },
        {
          name: 'base',
          source: { context: { kind: 'local', path: 'base' }, file: 'base/base.Dockerfile' },
          attributes: {
            ...{ context: path.resolve('base'), dockerfile: 'base.Dockerfile', args: { A: '1' }, labels: { a: 'b' } },
            ...{ contexts: { tools: 'target:tools', files: path.resolve('files') }, entitlements: ['network.host'] }
          }
        }
      ]
    })
  })

  test('add what they need to the inputs of the image', () => {
    const { texts } = read({ hasVariable: () => true }).images[0] ?? { texts: {} }
    expect(texts).toMatchObject({
      'build-contexts': '"own=docker-image://a"',
      'secret-envs': 'token=TOKEN',
      'cache-from': 'type=registry,ref=acme/app:c\ntype=registry,ref=acme/base:c',
      'cache-to': 'type=registry,ref=acme/base:c',
      tags: 'ghcr.io/acme/app:1'
    })
  })

  test.each<[string, Partial<BakeQuestion>, Readonly<Record<string, Target>>, readonly string[]]>([
    [
      'an entitlement that the step does not give',
      { given: () => '' },
      {},
      ['allow: the target "base" asks for network.host']
    ],
    [
      'places elsewhere, in an untrusted run',
      { mayUse: (place) => !place.startsWith('/') },
      { tools: { ...tools, context: '/etc', dockerfile: '/root/Dockerfile', contexts: { x: '/home' } } },
      ['"/etc"', '"/root/Dockerfile"', '"/home"'].map((place) => `bake-files: ${place} is outside of the checkout`)
    ],
    [
      'an attribute that is not read',
      {},
      { tools: { ...tools, policy: [{ filename: 'x' }], call: 'check', 'dockerfile-inline': 'FROM scratch' } },
      ['bake-files: the target "tools" has policy, which this action does not read']
    ],
    [
      'a secret that two of them take from different places',
      {},
      { tools: { ...tools, secret: [{ id: 'token', env: 'OTHER', type: 'env' }] } },
      ['bake-files: the targets "tools" and "base" take the secret "token" from different places']
    ]
  ])('have checks of their own: %s', (_, more, targets, expected) => {
    expect(read(more, targets).problems.map(({ input, problem }) => `${input}: ${problem}`)).toEqual(expected)
  })

  test('in a circle, or that are not there, end the reading all the same', () => {
    const circle = { base: { ...base, contexts: { app: 'target:app', no: 'target:no' } } }
    expect(read({}, circle).images[0]?.links.targets.map(({ name }) => name)).toEqual(['tools', 'base'])
  })

  test('thousands of them, each upon the one before, are read', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, at) => [`t${at}`, { ...tools, contexts: { next: `target:t${at + 1}` } }])
    )
    const { images } = read({}, { ...chain, app: { ...app, contexts: { base: 'target:t0' } } })
    expect(images[0]?.links.targets).toHaveLength(20_000)
    expect(images[0]?.links.targets[0]?.name).toBe('t19999')
  })
})
