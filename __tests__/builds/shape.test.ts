import { describe, expect, test } from '@jest/globals'
import type { Shape } from '../../src/builds/build.js'
import { cacheIdentity, mountsVariant, reproduction, shapeAttributes, shapeFlags } from '../../src/builds/shape.js'
import type { Given } from '../inputs/support.js'
import { buildOf } from './support.js'

describe('a build is told to buildx', () => {
  test.each<[Given, string, Partial<Record<string, unknown>>]>([
    [{}, '', {}],
    [{ 'build-args': 'A=1\nB=x=y z' }, '--build-arg A=1 --build-arg B=x=y z', { args: { A: '1', B: 'x=y z' } }],
    [
      { 'build-contexts': 'base=docker-image://alpine:3' },
      '--build-context base=docker-image://alpine:3',
      { contexts: { base: 'docker-image://alpine:3' } }
    ],
    [
      { platforms: 'linux/amd64,linux/arm64' },
      '--platform linux/amd64,linux/arm64',
      { platforms: ['linux/amd64', 'linux/arm64'] }
    ],
    [{ network: 'host' }, '--network host', { network: 'host' }],
    [{ 'add-hosts': 'db:10.0.0.1' }, '--add-host db:10.0.0.1', { 'extra-hosts': { db: '10.0.0.1' } }],
    [{ 'add-hosts': 'db:::1' }, '--add-host db:::1', { 'extra-hosts': { db: '::1' } }],
    [{ 'add-hosts': 'db=10.0.0.1' }, '--add-host db=10.0.0.1', { 'extra-hosts': { db: '10.0.0.1' } }],
    [{ allow: 'network.host' }, '--allow network.host', { entitlements: ['network.host'] }],
    [{ 'shm-size': '2g' }, '--shm-size 2g', { 'shm-size': '2g' }],
    [{ ulimit: 'nofile=10:20' }, '--ulimit nofile=10:20', { ulimits: ['nofile=10:20'] }]
  ])('%j', (given, flags, attributes) => {
    const { shape } = buildOf(given)
    expect(shapeFlags(shape).join(' ')).toBe(flags)
    expect(shapeAttributes(shape)).toEqual(attributes)
  })

  test('a build argument that is a name alone has the value of the variable, as buildx reads it', async () => {
    const { buildFromInputs } = await import('../../src/builds/from_inputs.js')
    const { inputsOf } = await import('../inputs/support.js')
    const { shape } = buildFromInputs(inputsOf({ 'build-args': 'SET\nUNSET\nC=d' }), 'app', { SET: 'a=b' })
    expect(shape.buildArgs).toEqual(['SET=a=b', 'C=d'])
  })
})

describe('what another value makes another of', () => {
  const plain = buildOf()
  test.each<[keyof Shape, Partial<Shape>, { readonly cache: boolean; readonly mounts: boolean }]>([
    ['buildArgs', { buildArgs: ['A=1'] }, { cache: false, mounts: true }],
    ['buildContexts', { buildContexts: ['a=b'] }, { cache: false, mounts: false }],
    ['platforms', { platforms: ['linux/arm64'] }, { cache: true, mounts: true }],
    ['network', { network: 'none' }, { cache: false, mounts: false }]
  ])('%s', (_, change, { cache, mounts }) => {
    const other = { ...plain, shape: { ...plain.shape, ...change } }
    const differs = (of: typeof cacheIdentity): boolean => JSON.stringify(of(plain)) !== JSON.stringify(of(other))
    expect([differs(cacheIdentity), differs(mountsVariant)]).toEqual([cache, mounts])
  })

  test('the time of a commit keeps its mounts', () => {
    const of = (buildArgs: string) => buildOf({ 'build-args': buildArgs })
    expect(mountsVariant(of('A=1\nSOURCE_DATE_EPOCH=2'))).toEqual(mountsVariant(of('A=1\nSOURCE_DATE_EPOCH=3')))
  })

  test('the order of platforms and tests does not matter', () => {
    const one = buildOf({ platforms: 'linux/amd64,linux/arm64', 'test-target': 'unit,lint' })
    const two = buildOf({ platforms: 'linux/arm64,linux/amd64', 'test-target': 'lint,unit' })
    expect(cacheIdentity(one)).toEqual(cacheIdentity(two))
    expect(mountsVariant(one)).toEqual(mountsVariant(two))
  })
})

test('what a person types to see the same elsewhere names secrets and never holds one', () => {
  const build = buildOf({ context: 'app', 'build-args': 'VERSION=1\nNAME=a b', network: 'host' })
  expect(reproduction(build, { secrets: ['token'], ssh: ['default'] })).toEqual([
    ...['--build-arg', 'VERSION=1', '--build-arg', 'NAME=a b', '--network', 'host'],
    ...['--secret', 'id=token', '--secret', 'id=known_hosts,src=$HOME/.ssh/known_hosts', '--ssh', 'default', 'app']
  ])
  expect(reproduction(buildOf(), { secrets: [], ssh: [] })).toEqual(['.'])
})
