/** What the images of one step may not have in common, however each of them writes it. */
import { describe, expect, test } from '@jest/globals'
import { parseInputs } from '../../src/inputs/parse.js'
import { findShared, tellSharedCaches } from '../../src/inputs/together.js'
import { folders, look, readGiven } from './support.js'

type Texts = Parameters<typeof readGiven>[0]

/** Images, and what each is asked for. */
function images(given: readonly Texts[]) {
  return given.map((texts, index) => ({
    name: ['api', 'web', 'worker'][index] ?? '',
    inputs: parseInputs(readGiven(texts), look, folders).inputs
  }))
}

describe('is refused', () => {
  test.each<[string, readonly Texts[], readonly string[]]>([
    ['a tag', [{ tags: 'acme/api:1' }, { tags: 'acme/web:1\nacme/api:1' }], ['tags', '"acme/api:1"']],
    [
      'without its host',
      [{ tags: 'docker.io/acme/api:1' }, { tags: 'acme/api:1' }],
      ['tags', '"docker.io/acme/api:1"']
    ],
    ['without latest', [{ tags: 'acme/api:latest' }, { tags: 'acme/api' }], ['tags', '"acme/api:latest"']],
    [
      'the name of an output',
      [{ outputs: 'type=registry,name=acme/api:1' }, { outputs: 'type=image,push=true,name=acme/api:1' }],
      ['outputs', '"acme/api:1"']
    ],
    [
      'the name of an output that is a tag of the other',
      [{ tags: 'acme/api:1' }, { outputs: 'type=registry,name=acme/api:1' }],
      ['tags', '"acme/api:1"']
    ],
    [
      'a file',
      [{ outputs: 'type=oci,dest=./app.tar' }, { outputs: 'type=docker,dest=app.tar' }],
      ['outputs', '"type=oci,dest=./app.tar"']
    ],
    ['a folder', [{ outputs: 'type=local,dest=out/' }, { outputs: 'out' }], ['outputs', '"type=local,dest=out/"']]
  ])('%s', (_, given, [input, value]) => {
    expect(findShared(images(given))).toEqual([
      {
        input,
        problem: `the images "api", "web" would all have ${value}`,
        fix: `Give each target ${input} of its own in the bake file, or name one of them in bake-targets if they are one image.`
      }
    ])
  })

  test('a file in the folder of another one', () => {
    const found = findShared(images([{ outputs: 'out' }, { outputs: 'type=oci,dest=out/web.tar' }]))
    expect(found.map(({ problem }) => problem)).toEqual([
      'the output "type=oci,dest=out/web.tar" of "web" lies in the folder of "api"'
    ])
  })
})

test.each<[string, readonly Texts[]]>([
  ['tags of one repository', [{ tags: 'acme/app:api' }, { tags: 'acme/app:web' }]],
  [
    'pushes by digest',
    [
      { outputs: 'type=image,name=acme/app,push-by-digest=true' },
      { outputs: 'type=image,name=acme/app,push-by-digest=true' }
    ]
  ],
  [
    'outputs without a place',
    [
      { tags: 'a/a:1', outputs: 'type=registry' },
      { tags: 'a/b:1', outputs: 'type=registry' }
    ]
  ],
  ['folders side by side', [{ outputs: 'out/api' }, { outputs: 'out/apis' }]]
])('is none: %s', (_, given) => {
  expect(findShared(images(given))).toEqual([])
})

test.each<[string, readonly Texts[], readonly string[]]>([
  ['a reference', [{ 'cache-to': 'type=registry,ref=acme/c:x,mode=max' }, { 'cache-to': 'acme/c:x' }], ['acme/c:x']],
  ['one scope', [{ 'cache-to': 'type=gha' }, { 'cache-to': 'type=gha,mode=max' }], ['gha']],
  ['two scopes', [{ 'cache-to': 'type=gha,scope=a' }, { 'cache-to': 'type=gha,scope=b' }], []],
  ['in each image', [{ 'cache-to': 'type=inline' }, { 'cache-to': 'type=inline' }], []]
])('a cache of both is told: %s', (_, given, caches) => {
  expect(tellSharedCaches(images(given))).toEqual(
    caches.map((cache) => expect.stringContaining(`The images "api", "web" all write the cache "${cache}"`))
  )
})
