/** The definition of a bake call, as text that buildx reads back as it was meant. */
import { describe, expect, test } from '@jest/globals'
import path from 'node:path'
import { linkedBuilds, planBake, planPrint, type Bake, type BakeTarget } from '../../src/buildkit/bake.js'
import { noCredentials } from '../../src/buildkit/command.js'
import { asObject, dig, parseJSON } from '../../src/core/json.js'
import { plainBuild } from '../../src/builds/build.js'
import { buildOf } from '../builds/support.js'
import type { Given } from '../inputs/support.js'

const testTarget: BakeTarget = { name: '_test0-0', stage: 'test', platforms: [], outputs: ['type=cacheonly'] }
const imageTarget: BakeTarget = {
  ...{ name: '_image-0', stage: 'production', platforms: [], outputs: ['type=oci,tar=false,dest=/p/image'] },
  ...{ annotations: [], attestations: [], cacheTo: [] }
}

function bakeOf(given: Given = {}, change: Partial<Bake> = {}): Bake {
  return {
    ...{ build: buildOf(given), credentials: noCredentials, metadataFile: '/p/metadata.json' },
    ...{ targets: [testTarget, imageTarget], ...change }
  }
}

function definitionOf(bake: Bake, target = '_image-0'): Readonly<Record<string, unknown>> {
  return asObject(dig(parseJSON(planBake(bake).input), 'target', target)) ?? {}
}

test('a plain call: two targets of one Dockerfile, all paths absolute', () => {
  const { file, args, input, env } = planBake(bakeOf())
  expect([file, ...args]).toEqual([
    ...['docker', 'buildx', 'bake', '--file', '-', '--progress', 'rawjson', '--metadata-file', '/p/metadata.json']
  ])
  expect(parseJSON(input)).toEqual({
    group: { default: { targets: ['_test0-0', '_image-0'] } },
    target: {
      '_test0-0': {
        ...{ context: process.cwd(), dockerfile: path.resolve('Dockerfile') },
        ...{ target: 'test', output: ['type=cacheonly'] }
      },
      '_image-0': {
        ...{ context: process.cwd(), dockerfile: path.resolve('Dockerfile') },
        ...{ target: 'production', output: ['type=oci,tar=false,dest=/p/image'] }
      }
    }
  })
  expect(env).toEqual({ BUILDX_BAKE_ENTITLEMENTS_FS: '0' })
})

test('a builder and entitlements are arguments', () => {
  const { args } = planBake(bakeOf({ allow: 'network.host\nsecurity.insecure' }, { builder: 'big' }))
  expect(args.slice(8)).toEqual(['--builder', 'big', '--allow', 'network.host', '--allow', 'security.insecure'])
})

test('the question what buildx understands is asked with the same definition, and builds nothing', () => {
  const bake = bakeOf({ 'add-hosts': 'db:10.0.0.1' }, { builder: 'big' })
  expect(planPrint(bake)).toEqual({
    ...planBake(bake),
    args: ['buildx', 'bake', '--file', '-', '--print']
  })
})

describe('the source', () => {
  test.each<[string, Given, unknown, unknown]>([
    ['a folder', { context: 'app' }, path.resolve('app'), path.resolve('app/Dockerfile')],
    ['a file elsewhere', { context: 'app', file: 'Dockerfile' }, path.resolve('app'), path.resolve('Dockerfile')],
    ['a repository', { context: 'https://g/o/r.git#v1:app' }, 'https://g/o/r.git#v1:app', undefined],
    [
      'a file of a repository',
      { context: 'https://g/o/r.git', file: 'x/Dockerfile' },
      'https://g/o/r.git',
      'x/Dockerfile'
    ]
  ])('%s', (_, given, context, dockerfile) => {
    const definition = definitionOf(bakeOf(given))
    expect([definition.context, definition.dockerfile]).toEqual([context, dockerfile])
  })

  test('the last stage has no name', () => {
    const targets = [{ ...imageTarget, stage: '' }]
    expect('target' in definitionOf(bakeOf({}, { targets }))).toBe(false)
  })
})

test('every input that shapes a step is the same of each target, except for its platforms', () => {
  const given = {
    'build-args': 'A=1\nB=2,3\nC=',
    'build-contexts': 'x=docker-image://y',
    platforms: 'linux/amd64,linux/arm64',
    pull: 'true',
    network: 'host',
    'add-hosts': 'a:1.2.3.4',
    'shm-size': '2g',
    ulimit: 'nofile=1:2'
  }
  const shape = {
    args: { A: '1', B: '2,3', C: '' },
    contexts: { x: 'docker-image://y' },
    network: 'host',
    'extra-hosts': { a: '1.2.3.4' },
    'shm-size': '2g',
    ulimits: ['nofile=1:2'],
    pull: true
  }
  const targets = [
    { ...testTarget, platforms: ['linux/amd64'] },
    { ...imageTarget, platforms: ['linux/arm64'] }
  ]
  const bake = bakeOf(given, { targets })
  expect(definitionOf(bake, '_test0-0')).toMatchObject({ ...shape, platforms: ['linux/amd64'] })
  expect(definitionOf(bake)).toMatchObject({ ...shape, platforms: ['linux/arm64'] })
})

describe('what is afresh', () => {
  test.each<[string, Bake['fresh'], Readonly<Record<string, unknown>>]>([
    ['nothing', { noCache: false, noCacheFilters: [] }, {}],
    ['nothing that is said', undefined, {}],
    ['some stages', { noCache: false, noCacheFilters: ['test'] }, { 'no-cache-filter': ['test'] }],
    ['everything, and then no stage by name', { noCache: true, noCacheFilters: ['test'] }, { 'no-cache': true }]
  ])('%s, of each target', (_, fresh, expected) => {
    const bake = bakeOf({}, fresh === undefined ? {} : { fresh })
    for (const { name } of bake.targets) {
      const { 'no-cache': all, 'no-cache-filter': some } = definitionOf(bake, name)
      expect({ 'no-cache': all, 'no-cache-filter': some }).toEqual({
        ...{ 'no-cache': undefined, 'no-cache-filter': undefined },
        ...expected
      })
    }
  })
})

test('credentials and imports are of each target, exports of their own', () => {
  const targets = [testTarget, { ...imageTarget, cacheTo: ['type=inline'], tags: ['a:1'] }]
  const credentials = { secrets: ['id=token,env=TOKEN'], ssh: ['default=/run/agent'] }
  const bake = bakeOf({}, { targets, credentials, cache: { from: ['type=registry,ref=r/c'] } })
  const both = { secret: credentials.secrets, ssh: credentials.ssh, 'cache-from': ['type=registry,ref=r/c'] }
  expect(definitionOf(bake, '_test0-0')).toMatchObject(both)
  expect(definitionOf(bake)).toMatchObject({ ...both, 'cache-to': ['type=inline'], tags: ['a:1'] })
  for (const name of ['cache-to', 'tags']) expect(name in definitionOf(bake, '_test0-0')).toBe(false)
})

test('labels, annotations and attestations are of images alone', () => {
  const targets = [testTarget, { ...imageTarget, annotations: ['a=b'], attestations: ['type=provenance,mode=max'] }]
  const bake = bakeOf({ labels: 'org.x=a=b\nempty=', annotations: 'index:other=for the index' }, { targets })
  expect(definitionOf(bake)).toMatchObject({
    labels: { 'org.x': 'a=b', empty: '' },
    annotations: ['a=b'],
    attest: ['type=provenance,mode=max']
  })
  expect(Object.keys(definitionOf(bake, '_test0-0')).sort()).toEqual(['context', 'dockerfile', 'output', 'target'])
})

/** https://github.com/hashicorp/hcl/blob/main/json/spec.md: each string of the file, and each name, is a template. */
describe('what looks like a template is written so that it is none', () => {
  test.each([
    ['${HOME}', '$${HOME}'],
    ['%{ if true }', '%%{ if true }'],
    ['$${HOME}', '$$${HOME}'],
    ['a$b%c{d}', 'a$b%c{d}'],
    ['${a}%{b}${c}', '$${a}%%{b}$${c}']
  ])('%s', (text, written) => {
    const targets = [
      {
        ...{ ...imageTarget, stage: text, outputs: [`type=oci,dest=/p/${text}`], tags: [text], cacheTo: [text] },
        ...{ annotations: [`a=${text}`], attestations: [`type=sbom,x=${text}`] }
      }
    ]
    const credentials = { secrets: [`id=a,src=/${text}`], ssh: [`a=/${text}`] }
    const bake = bakeOf({}, { targets, credentials, cache: { from: [text] } })
    const { build } = bake
    const context = { kind: 'remote', url: text } as const
    const whole: Bake = {
      ...bake,
      fresh: { noCache: false, noCacheFilters: [text] },
      build: {
        ...{ ...build, source: { context, file: text } },
        shape: { ...build.shape, buildArgs: [`A=${text}`, `${text}=1`], buildContexts: [`x=${text}`], ulimit: [text] },
        image: { ...build.image, labels: [`l=${text}`, `${text}=1`] }
      }
    }
    expect(definitionOf(whole)).toEqual({
      ...{ context: written, dockerfile: written, target: written, output: [`type=oci,dest=/p/${written}`] },
      ...{ args: { A: written, [written]: '1' }, contexts: { x: written }, ulimits: [written] },
      ...{ tags: [written], secret: [`id=a,src=/${written}`], ssh: [`a=/${written}`] },
      ...{ 'cache-from': [written], 'cache-to': [written], 'no-cache-filter': [written] },
      ...{ labels: { l: written, [written]: '1' }, annotations: [`a=${written}`], attest: [`type=sbom,x=${written}`] }
    })
  })
})

test('no value of a secret or key is in an argument, the definition or a variable', () => {
  const build = buildOf({
    secrets: 'token=hunter2',
    'ssh-private-key': 'hunter3',
    'ssh-passphrase': 'hunter4',
    'github-token': 'hunter5'
  })
  expect(JSON.stringify([planBake(bakeOf({}, { build })), planPrint(bakeOf({}, { build }))])).not.toContain('hunter')
})

describe('linked targets', () => {
  const linked = [
    { name: 'tools', source: plainBuild('', 'tools').source, attributes: { context: '/p/tools', args: { A: '${B}' } } },
    {
      ...{ name: 'base', source: plainBuild('', 'base').source },
      attributes: {
        ...{
          context: '/p/base',
          contexts: { tools: 'target:tools', files: '/p/files' },
          entitlements: ['network.host']
        },
        ...{ 'no-cache': true, 'no-cache-filter': ['own'], pull: true }
      }
    }
  ]
  const build = { ...buildOf({ 'build-contexts': 'own=docker-image://a' }), linked }
  const shape = { ...build.shape, buildContexts: [...build.shape.buildContexts, 'base=target:base'] }
  const upon = (change: Partial<Bake> = {}): Bake =>
    bakeOf({}, { build: { ...build, shape }, credentials: { secrets: ['id=a,env=A'], ssh: ['default'] }, ...change })

  test('are built in the same call, and are not asked for by themselves', () => {
    const bake = upon({ cache: { from: ['type=registry,ref=c'] } })
    const fresh = { noCache: false, noCacheFilters: ['test'] }
    const { group, target } = asObject(parseJSON(planBake({ ...bake, fresh }).input)) ?? {}
    expect(group).toEqual({ default: { targets: ['_test0-0', '_image-0'] } })
    const contexts = { own: 'docker-image://a', base: 'target:_linked1-0' }
    expect(target).toMatchObject({ '_test0-0': { contexts }, '_image-0': { contexts } })
    const given = { secret: ['id=a,env=A'], ssh: ['default'], 'cache-from': ['type=registry,ref=c'] }
    expect(dig(target, '_linked0-0')).toEqual({
      ...{ context: '/p/tools', args: { A: '$${B}' }, 'no-cache': false },
      ...given
    })
    expect(dig(target, '_linked1-0')).toEqual({
      ...{ context: '/p/base', contexts: { tools: 'target:_linked0-0', files: '/p/files' } },
      ...{ entitlements: ['network.host'], 'no-cache': true, 'no-cache-filter': ['own'], pull: true },
      ...given
    })
  })

  test('are found in the builder by a later solve', () => {
    expect(definitionOf(upon(), '_linked1-0')).not.toHaveProperty('no-cache')
    expect(definitionOf(upon(), '_linked1-0')).not.toHaveProperty('no-cache-filter')
  })

  test('are built for each set of platforms that is built upon them', () => {
    const on = (platform: string, at: number): readonly BakeTarget[] => [
      { ...testTarget, name: `_test0-${at}`, platforms: [platform] },
      { ...imageTarget, name: `_image-${at}`, platforms: [platform] }
    ]
    const bake = upon({ targets: [...on('linux/amd64', 0), ...on('linux/arm64', 1)] })
    expect(linkedBuilds(bake).map(({ name, platforms }) => [name, ...platforms])).toEqual([
      ['_linked0-0', 'linux/amd64'],
      ['_linked1-0', 'linux/amd64'],
      ['_linked0-1', 'linux/arm64'],
      ['_linked1-1', 'linux/arm64']
    ])
    expect(definitionOf(bake, '_image-1')).toMatchObject({ contexts: { base: 'target:_linked1-1' } })
    expect(definitionOf(bake, '_linked1-1')).toMatchObject({
      ...{ platforms: ['linux/arm64'], contexts: { tools: 'target:_linked0-1' } }
    })
  })
})
