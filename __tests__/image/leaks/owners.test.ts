import { describe, expect, test } from '@jest/globals'
import { foldersAround } from '../../../src/image/leaks/owners.js'

const told = (path: string) => foldersAround(path).map(({ owner, described }) => [owner, ...described].join(' '))

test.each<[path: string, expected: readonly string[]]>([
  ['/app/node_modules/a/k.pem', ['the npm package a /app/node_modules/a/package.json']],
  ['/app/node_modules/@a/b/k.pem', ['the npm package @a/b /app/node_modules/@a/b/package.json']],
  ['/app/node_modules/@a/k.pem', ['the npm package @a /app/node_modules/@a/package.json']],
  ['/node_modules/a/node_modules/b/k.pem', ['the npm package b /node_modules/a/node_modules/b/package.json']],
  ['/node_modules/a/node_modules/k.pem', ['the npm package a /node_modules/a/package.json']],
  ['/app/node_modules/k.pem', []],
  ['/gems/3.3.0/gems/rack-3.1.0/k.pem', ['the gem rack-3.1.0 /gems/3.3.0/specifications/rack-3.1.0.gemspec']],
  ['/gems/rack/k.pem', []],
  ['/gems/rack-3', []],
  ['/go/pkg/mod/a.com/x@v1.0.0/k.pem', ['the Go module a.com/x@v1.0.0']],
  ['/pkg/mod/@v1/go/pkg/mod/x@v1/k.pem', ['the Go module x@v1']],
  ['/go/pkg/mod/x@v1', []],
  ['/go/pkg/mod/x@main/k.pem', []],
  ['/usr/go/src/crypto/tls/testdata/k.pem', ['Go /usr/go/VERSION /usr/go/bin/go']],
  ['/usr/go/src/net/http/a_test.go', ['Go /usr/go/VERSION /usr/go/bin/go']],
  ['/usr/go/src/own/a_test.go', []],
  ['/src/net/a_test.go', []],
  ['/usr/go/src/mytestdata/k.pem', []]
])('%s is in %j', (path, expected) => {
  expect(told(path)).toEqual(expected)
})

/** As long as a path in an image can be, many times over: each of these was tried from each of its parts. */
describe('a path that was written to keep its reader busy', () => {
  const many = 200_000

  test.each<[what: string, path: string]>([
    ['packages and a line end', `${'/node_modules/x'.repeat(many)}\n`],
    ['versions', `/gems/${'a-1'.repeat(many)}`],
    ['folders of modules', '/pkg/mod/'.repeat(many)],
    ['sources', '/src/'.repeat(many)],
    ['sources of the network', `${'/src/net'.repeat(many)}/x_test.g`]
  ])('%s', (_what, path) => {
    expect(foldersAround(path).length).toBeLessThan(2)
  })
})
