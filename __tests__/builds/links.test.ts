/** What a linked target is built from is looked for before anything is built. */
import { expect, test } from '@jest/globals'
import { findMissing, linksOf } from '../../src/builds/bake_links.js'
import type { Target } from '../../src/builds/bake_definition.js'
import type { Look } from '../../src/ports.js'

const places: Readonly<Record<string, 'file' | 'folder'>> = {
  ...{ base: 'folder', 'base/Dockerfile': 'file', 'base/own.Dockerfile': 'file', file: 'file' },
  ...{ old: 'folder', 'old/dockerfile': 'file', empty: 'folder' }
}
const look: Look = (place) => places[place]

function missing(base: Target): readonly string[] {
  const links = linksOf('app', { app: { context: '.', contexts: { base: 'target:base' } }, base })
  return findMissing(links, look).map(({ input, problem }) => `${input}: ${problem}`)
}

test.each<[string, Target]>([
  ['a Dockerfile by its usual name', { context: 'base' }],
  ['a Dockerfile in small letters', { context: 'old' }],
  ['a Dockerfile by another name', { context: 'base', dockerfile: 'own.Dockerfile' }],
  ['a Dockerfile in the bake file', { context: 'empty', 'dockerfile-inline': 'FROM scratch\n' }],
  ['a context elsewhere', { context: 'https://example.com/owner/repository.git' }]
])('nothing is said of %s', (_, base) => {
  expect(missing(base)).toEqual([])
})

test.each<[string, Target, string]>([
  ['a folder that is not there', { context: 'nowhere' }, '"nowhere", the context of the target "base", does not exist'],
  ['a file as context', { context: 'file' }, '"file", the context of the target "base", is a file'],
  ['no Dockerfile', { context: 'empty' }, 'there is no Dockerfile at "empty/Dockerfile", for the target "base"'],
  [
    'an empty one in the bake file',
    { context: 'empty', 'dockerfile-inline': '' },
    'there is no Dockerfile at "empty/Dockerfile", for the target "base"'
  ]
])('%s is told by its target', (_, base, problem) => {
  expect(missing(base)).toEqual([`bake-files: ${problem}`])
})
