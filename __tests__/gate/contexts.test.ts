import { expect, test } from '@jest/globals'
import path from 'node:path'
import { openContexts } from '../../src/gate/contexts.js'
import { buildOf } from '../builds/support.js'

const linked = {
  name: 'below',
  source: { context: { kind: 'local' as const, path: 'under' }, file: 'x.Dockerfile' },
  attributes: { contexts: { lib: '/abs/lib' } }
}
const plain = buildOf()
const buildContexts = ['lib=./lib', 'docker.io/library/alpine=image', 'tools::linux/arm64=arm']
const build = {
  ...plain,
  source: { ...plain.source, context: { kind: 'local' as const, path: 'app' } },
  shape: { ...plain.shape, buildContexts },
  linked: [linked]
}

test.each([
  ['the build context', {}, 'app'],
  ['a named one', { context: 'lib' }, 'lib'],
  ['one by the name that BuildKit shows', { context: 'alpine:latest' }, 'image'],
  ['one for a platform', { context: 'tools::linux/arm64' }, 'arm'],
  ['one that is for all platforms, on one', { context: 'lib::linux/arm64' }, 'lib'],
  ['that of a linked target', { linked: 'below' }, 'under'],
  ['a named one of it', { linked: 'below', context: 'lib' }, '/abs/lib'],
  ['none that is not named', { context: 'other' }, undefined],
  ['none of a linked target that there is not', { linked: 'other' }, undefined]
])('%s is found', (_, load, folder) => {
  expect(openContexts(build, undefined)(load)?.folder).toBe(folder === undefined ? undefined : path.resolve(folder))
})

test('what is passed over in a context is by the Dockerfile, and by the folder alone in a named one; it is loaded once', async () => {
  const asked: unknown[] = []
  const contextOf = openContexts(build, (folder, source) => {
    asked.push([path.basename(folder), source?.file])
    return Promise.resolve(() => false)
  })
  await contextOf({})?.loadIgnored?.()
  await contextOf({})?.loadIgnored?.()
  await contextOf({ context: 'lib' })?.loadIgnored?.()
  await contextOf({ linked: 'below' })?.loadIgnored?.()
  expect(asked).toEqual([
    ['app', ''],
    ['lib', undefined],
    ['under', 'x.Dockerfile']
  ])
})
