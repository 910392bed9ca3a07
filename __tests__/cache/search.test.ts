import { createHash, generateKeyPairSync } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { searchCache, type SearchOptions } from '../../src/cache/search.js'
import type { Exec } from '../../src/ports.js'
import { noCredentials } from '../../src/buildkit/command.js'
import { buildOf } from '../builds/support.js'
import { makeFolder, makeLog } from '../ssh/support.js'

jest.setTimeout(60_000) // the first search loads the image library

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

const token = 'ghp_A1b2C3d4E5f6G7h8I9j0KLmnOPqrSTuvWXyz'
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const digestOf = (blob: Buffer): string => `sha256:${createHash('sha256').update(blob).digest('hex')}`

/** A builder whose cache has these layers: it writes those that are not there yet, as BuildKit does. */
function builder(layers: readonly Buffer[], exitCode = 0): { readonly exec: Exec; readonly written: string[] } {
  const written: string[] = []
  const exec: Exec = ({ args }) => {
    const to = args[args.indexOf('--cache-to') + 1] ?? ''
    const blobs = join(/dest=(.+)$/.exec(to)?.[1] ?? '', 'blobs', 'sha256')
    for (const layer of layers) {
      const file = join(blobs, digestOf(layer).slice('sha256:'.length))
      if (existsSync(file)) continue
      writeFileSync(file, layer)
      written.push(digestOf(layer))
    }
    return Promise.resolve({ exitCode, stdout: '', stderr: '', timedOut: false })
  }
  return { exec, written }
}

async function search(
  layers: readonly Buffer[],
  { exitCode, ...options }: Partial<SearchOptions> & { readonly exitCode?: number } = {}
): Promise<{ readonly why: string | undefined; readonly written: readonly string[] }> {
  const { exec, written } = builder(layers, exitCode)
  const solve = {
    ...{ build: buildOf(), credentials: noCredentials, target: 'test' },
    cache: { from: [], to: ['type=registry,ref=registry.example.com/app-cache:main'] },
    metadataFile: join(folder.path, 'metadata.json')
  }
  await using searched = await searchCache({ exec, log: makeLog().log }, solve, {
    ...{ sensitive: [{ id: 'tok', value: token, kind: 'secret' }], known: new Set<string>() },
    ...{ env: {}, folder: folder.path, timeoutSeconds: 10 },
    ...options
  })
  return { why: searched?.why, written }
}

const harmless = gzipSync('nothing to see here')
const withToken = gzipSync(`machine example.com password ${token}\n`)
const withKey = gzipSync(key)

describe('a cache is kept back where a layer of it holds', () => {
  test.each<[string, readonly Buffer[], string]>([
    ['a secret of the run', [harmless, withToken], 'a layer of it holds the secret "tok"'],
    ['a private key that the run was not given', [harmless, withKey], 'a layer of it holds a private key']
  ])('%s', async (_, layers, expected) => {
    expect((await search(layers)).why).toBe(expected)
  })

  test('a private key, also where the run has no secrets', async () => {
    expect((await search([withKey], { sensitive: [] })).why).toBe('a layer of it holds a private key')
  })
})

/** A layer with one file. */
function layer(file: string, content: string): Buffer {
  using made = makeFolder()
  mkdirSync(join(made.path, dirname(file)), { recursive: true })
  writeFileSync(join(made.path, file), content)
  return gzipSync(execFileSync('tar', ['-C', made.path, '-c', '.']))
}

test.each<[string, string, string | undefined]>([
  ['a project', 'srv/server.key', 'a layer of it holds a private key, /srv/server.key'],
  ['an npm package', 'app/node_modules/parse-asn1/test/1.pem', undefined],
  ['a wheel', 'usr/local/lib/python3.13/site-packages/tornado/test/test.key', undefined],
  ['a Debian package', 'usr/share/doc/libgnutls/examples/key.pem', undefined]
])('a private key of %s', async (_, file, expected) => {
  expect((await search([layer('etc/motd', 'hello'), layer(file, key)])).why).toBe(expected)
})

test('a private key that leak-ignore names may leave', async () => {
  const { why } = await search([layer('srv/server.key', key)], { ignoredKeys: ['/srv/**'] })
  expect(why).toBeUndefined()
})

test('a secret of the run counts, also among the files of a package', async () => {
  const { why } = await search([layer('app/node_modules/.npmrc', `//registry.example.com/:_authToken=${token}`)])
  expect(why).toBe('a layer of it holds the secret "tok"')
})

test('a cache that holds nothing of it may leave, and nothing of it stays on disk', async () => {
  expect(await search([harmless])).toEqual({ why: undefined, written: [digestOf(harmless)] })
  expect(readdirSync(folder.path)).not.toContain('searched-cache')
})

test('layers that are known already are neither sent nor searched', async () => {
  const { why, written } = await search([withToken, harmless], { known: new Set([digestOf(withToken)]) })
  expect([why, written]).toEqual([undefined, [digestOf(harmless)]])
})

test('where nobody looks for anything, nothing is asked of the builder', async () => {
  expect(await search([withToken], { sensitive: undefined })).toEqual({ why: undefined, written: [] })
})

test('what cannot be searched does not leave', async () => {
  expect((await search([harmless], { exitCode: 1 })).why).toMatch(
    /^it could not be searched for secrets, since it could not be built once more/
  )
})
