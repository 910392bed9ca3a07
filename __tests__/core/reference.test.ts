/** Cases from https://github.com/distribution/reference (reference_test.go, normalize_test.go), in our words for them. */
import { describe, expect, test } from '@jest/globals'
import { canonicalRepository, familiarName, parseReference, repositoryOf } from '../../src/core/reference.js'

const f = (count: number): string => 'f'.repeat(count)
const hex64 = '1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a'

describe('references that are valid', () => {
  test.each([
    ['debian', { path: 'debian' }],
    ['test_com', { path: 'test_com' }],
    ['test.com:tag', { path: 'test.com', tag: 'tag' }],
    ['test.com:5000', { path: 'test.com', tag: '5000' }],
    ['192.168.1.1:5000', { path: '192.168.1.1', tag: '5000' }],
    ['docker/docker', { path: 'docker/docker' }],
    ['test.com/repo:tag', { domain: 'test.com', path: 'repo', tag: 'tag' }],
    ['test:5000/repo:tag', { domain: 'test:5000', path: 'repo', tag: 'tag' }],
    ['localhost/repo', { domain: 'localhost', path: 'repo' }],
    ['Docker/docker', { domain: 'Docker', path: 'docker' }],
    ['127.0.0.1:5050/a/b/c:5050', { domain: '127.0.0.1:5050', path: 'a/b/c', tag: '5050' }],
    ['[::1]:5000/repo:tag', { domain: '[::1]:5000', path: 'repo', tag: 'tag' }],
    ['[2001:db8::1]/repo', { domain: '[2001:db8::1]', path: 'repo' }],
    ['xn--n3h.com/myimage:xn--n3h.com', { domain: 'xn--n3h.com', path: 'myimage', tag: 'xn--n3h.com' }],
    ['lowercase:Uppercase', { path: 'lowercase', tag: 'Uppercase' }],
    ['ghcr.io/owner/app:_x.y-Z', { domain: 'ghcr.io', path: 'owner/app', tag: '_x.y-Z' }],
    ['dock__er/docker---x', { path: 'dock__er/docker---x' }],
    [`docker.io/${hex64}`, { domain: 'docker.io', path: hex64 }],
    [`repo@sha256:${f(64)}`, { path: 'repo', digest: `sha256:${f(64)}` }],
    [`a.io/repo:tag@sha512:${f(128)}`, { domain: 'a.io', path: 'repo', tag: 'tag', digest: `sha512:${f(128)}` }],
    [`x:${'t'.repeat(128)}`, { path: 'x', tag: 't'.repeat(128) }],
    [`${'a/'.repeat(127)}a:tag`, { path: `${'a/'.repeat(127)}a`, tag: 'tag' }]
  ])('%s', (text, reference) => {
    expect(parseReference(text)).toEqual({ ok: true, reference })
  })
})

describe('references that are not', () => {
  test.each([
    ['', 'the repository name is empty'],
    [':justtag', 'the repository name is empty'],
    [`@sha256:${f(64)}`, 'the repository name is empty'],
    ['docker/', 'between two "/" is empty'],
    ['docker///docker', 'between two "/" is empty'],
    ['ghcr.io/', 'the repository name is empty'],
    ['https://ghcr.io/owner/app', 'URL scheme'],
    ['a b', 'white space'],
    ['docker/Docker', 'lower case'],
    ['Uppercase:tag', 'lower case'],
    ['-docker', '"-docker" is not a valid name'],
    ['docker-/docker', '"docker-" is not a valid name'],
    ['____/____', '"____" is not a valid name'],
    ['dock..er/docker', '"dock..er" is not a registry host'],
    ['a/dock_.er', '"dock_.er" is not a valid name'],
    ['-docker.io/docker', '"-docker.io" is not a registry host'],
    ['[fc00::1]', 'not a valid'],
    ['[fe80::1%eth0]:5000/debian', '"[fe80::1%eth0]:5000" is not a registry host'],
    ['fc00::1:5000/debian', '"fc00::1:5000" is not a registry host'],
    ['aa/asdf$$^/aa', '"asdf$$^" is not a valid name'],
    ['app:', 'the tag after ":" is empty'],
    ['app:-x', '"-x" is not a valid tag'],
    ['app:feature/x', 'the tag after ":" has a "/"'],
    ['ghcr.io/owner/app:feature/x', 'the tag after ":" has a "/"'],
    ['ghcr.io:443/owner/app:feature/x', 'the tag after ":" has a "/"'],
    ['app:v1+build', '"v1+build" is not a valid tag'],
    [`x:${'t'.repeat(129)}`, 'is not a valid tag'],
    [`${'a/'.repeat(128)}a:tag`, 'longer than 255'],
    [hex64, 'the id of an image'],
    ['repo@sha256:ffff', '"sha256:ffff" is not a digest'],
    [`repo@md5:${f(32)}`, 'is not a digest'],
    [`repo@sha256:${'F'.repeat(64)}`, 'is not a digest']
  ])('%j', (text, problem) => {
    const reading = parseReference(text)
    expect(reading).toMatchObject({ ok: false })
    if (!reading.ok) expect(`${reading.problem} ${reading.fix}`).toContain(problem)
  })

  test.each([
    ['ghcr.io/Owner/App:Tag', 'Write "ghcr.io/owner/app:Tag".'],
    ['Acme.io/Acme:Acme', 'Write "Acme.io/acme:Acme".'],
    ['App', 'Write "app".']
  ])('%s is told in lower case', (text, fix) => {
    expect(parseReference(text)).toMatchObject({ ok: false, fix })
  })
})

test.each([
  ['app', 'docker.io/library/app'],
  ['docker.io/app:1', 'docker.io/library/app'],
  ['index.docker.io/library/app', 'docker.io/library/app'],
  ['owner/app', 'docker.io/owner/app'],
  ['ghcr.io/app', 'ghcr.io/app']
])('%s is the repository %s', (text, repository) => {
  const reading = parseReference(text)
  expect(reading.ok && canonicalRepository(reading.reference)).toBe(repository)
})

// What buildx 0.29 makes of `--build-context NAME=…`.
test.each([
  ['alpine', 'alpine'],
  ['alpine:latest', 'alpine'],
  ['docker.io/library/alpine', 'alpine'],
  ['index.docker.io/library/alpine:3', 'alpine:3'],
  ['docker.io/library/a/b', 'library/a/b'],
  ['ghcr.io/library/a:latest', 'ghcr.io/library/a'],
  [`a:latest@sha256:${'0'.repeat(64)}`, `a:latest@sha256:${'0'.repeat(64)}`],
  ['$BASE', '$BASE']
])('BuildKit looks for %s as %s', (text, name) => {
  expect(familiarName(text)).toBe(name)
})

test('the repository is as written', () => {
  const reading = parseReference('localhost:5000/a/b:c')
  expect(reading.ok && repositoryOf(reading.reference)).toBe('localhost:5000/a/b')
})
