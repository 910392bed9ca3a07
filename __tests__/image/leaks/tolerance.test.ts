import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { planNeedles } from '../../../src/image/index.js'
import { analyseLayers } from '../support/analyse.js'
import { file } from '../support/tar-builder.js'
import { opensslKeys, sshKey } from './keys.js'

const key = opensslKeys()['RSA PKCS#8']
const body = Buffer.from(key.split('\n').slice(1, -2).join(''), 'base64')
const fingerprint = `sha256:${createHash('sha256').update(body).digest('hex')}`
const nothing = await planNeedles([])

const at = (path: string) => file(path.slice(1), key)

describe('a key of a package is told of, and no leak', () => {
  test.each([
    [
      'npm',
      '/app/node_modules/@a/b/test/k.pem',
      [file('app/node_modules/@a/b/package.json', '{}')],
      'the npm package @a/b'
    ],
    [
      'a gem',
      '/usr/lib/ruby/gems/3.3.0/gems/rack-3.1.0/test/k.pem',
      [file('usr/lib/ruby/gems/3.3.0/specifications/rack-3.1.0.gemspec')],
      'the gem rack-3.1.0'
    ],
    [
      'a Go module',
      '/root/go/pkg/mod/golang.org/x/crypto@v0.31.0/ssh/k.pem',
      [],
      'the Go module golang.org/x/crypto@v0.31.0'
    ],
    [
      'Go',
      '/usr/local/go/src/crypto/tls/testdata/k.pem',
      [file('usr/local/go/VERSION'), file('usr/local/go/bin/go')],
      'Go'
    ],
    [
      'dpkg',
      '/usr/lib/x/k.pem',
      [file('var/lib/dpkg/info/x:amd64.list', '/.\n/lib/x/k.pem\n')],
      'the Debian package x'
    ],
    [
      'distroless',
      '/usr/lib/x/k.pem',
      [file('var/lib/dpkg/status.d/x.md5sums', `${'0'.repeat(32)}  usr/lib/x/k.pem\n`)],
      'the Debian package x'
    ],
    [
      'apk',
      '/usr/share/x/k.pem',
      [file('lib/apk/db/installed', 'P:x-doc\nF:usr/share/x\nR:k.pem\n')],
      'the Alpine package x-doc'
    ],
    [
      'a wheel',
      '/usr/lib/python3/site-packages/tornado/test/k.pem',
      [file('usr/lib/python3/site-packages/tornado-6.5.dist-info/RECORD', 'tornado/test/k.pem,sha256=x,1\n')],
      'the Python package tornado-6.5'
    ],
    ['rpm', '/usr/share/x/k.pem', [file('var/lib/rpm/rpmdb.sqlite', 'a\0/usr/share/x/\0k.pem\0b')], 'an rpm package']
  ])('%s', async (_, path, others, owner) => {
    const { leaks, tolerated } = await analyseLayers([others, [at(path)]], { needles: nothing })
    expect(leaks).toEqual([])
    expect(tolerated).toEqual([{ path, fingerprint, because: `it came with ${owner}` }])
  })
})

describe('a key of nobody', () => {
  const path = '/etc/app/k.pem'

  test('is a leak, with its fingerprint', async () => {
    const { leaks } = await analyseLayers([[at(path)]], { needles: nothing })
    expect(leaks).toMatchObject([{ kind: 'private-key', fingerprint, place: { in: 'file', path } }])
  })

  test.each(['/etc/app/k.pem', '/etc/app/**', '/etc/**', fingerprint])(
    'is none where leak-ignore has %s',
    async (entry) => {
      const { leaks, tolerated } = await analyseLayers([[at(path)]], { needles: nothing, ignoredKeys: [entry] })
      expect([leaks, tolerated]).toEqual([[], [{ path, fingerprint, because: 'leak-ignore names it' }]])
    }
  )

  test.each(['/etc/app', '/etc/ap/**', '/etc/app/k.pem/**', `sha256:${'0'.repeat(64)}`])(
    'and one where it has %s',
    async (entry) => {
      const { leaks } = await analyseLayers([[at(path)]], { needles: nothing, ignoredKeys: [entry] })
      expect(leaks).toHaveLength(1)
    }
  )
})

test('a key of the run is a leak wherever it lies, and whatever is ignored', async () => {
  const own = sshKey('ed25519').key
  const needles = await planNeedles([{ id: 'deploy', value: own, kind: 'ssh-key' }])
  const layer = [file('app/node_modules/b/package.json', '{}'), file('app/node_modules/b/k.pem', own)]
  const { leaks, tolerated } = await analyseLayers([layer], { needles, ignoredKeys: ['/app/**'] })
  expect(leaks).toContainEqual(expect.objectContaining({ kind: 'secret', secretId: 'deploy' }))
  expect(tolerated).toEqual([])
})
