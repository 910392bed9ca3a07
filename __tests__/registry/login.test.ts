/** Which login docker has for a repository, in every form in which it keeps them. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { repositoryAt } from '../../src/registry/address.js'
import { findLogin, type Actions } from '../../src/registry/login.js'
import { encoded, homeWith, portsFor, type Environment, type Home } from './support/ports.js'

/** `user:password`, `identity TOKEN`, `bearer TOKEN`, `none` or `unusable`. */
async function loginFor(home: Home, reference: string, env: Environment = {}, actions: Actions = 'pull,push') {
  const repository = repositoryAt(reference)
  if (repository === undefined) throw new Error(`${reference} is no reference`)
  const all = { ...home.env, PATH: `${home.folder}:${process.env.PATH ?? ''}`, ...env }
  const login = await findLogin(portsFor(all).exec, all, { repository, actions })
  if (login.kind === 'basic') return `${login.user}:${login.password}`
  return 'token' in login ? `${login.kind} ${login.token}` : login.kind
}

async function writeHelper(home: Home, script: string): Promise<void> {
  const file = path.join(home.folder, 'docker-credential-test')
  await writeFile(file, `#!/bin/sh\n[ "$1" = get ] || exit 9\nread -r key\n${script}\n`)
  await chmod(file, 0o755)
}

const auth = (user: string): object => ({ auth: encoded(user, `${user}-password`) })

describe('auths', () => {
  test.each<[string, object, string, string]>([
    ['a host', { 'ghcr.io': auth('a') }, 'ghcr.io/acme/app:1', 'a:a-password'],
    ['a host with a port', { 'localhost:5000': auth('a') }, 'localhost:5000/app', 'a:a-password'],
    ['a host as an address', { 'https://ghcr.io/v1/': auth('a') }, 'ghcr.io/acme/app', 'a:a-password'],
    ['Docker Hub', { 'https://index.docker.io/v1/': auth('a') }, 'acme/app', 'a:a-password'],
    ['Docker Hub by its name', { 'docker.io': auth('a') }, 'docker.io/acme/app', 'a:a-password'],
    [
      'Docker Hub behind hardened images',
      { 'https://index.docker.io/v1/': auth('a') },
      'dhi.io/node:24',
      'a:a-password'
    ],
    ['the key that says most', { 'ghcr.io': auth('a'), 'ghcr.io/acme': auth('b') }, 'ghcr.io/acme/app', 'b:b-password'],
    [
      'the same as an address',
      { 'https://ghcr.io/v2/acme': auth('b'), 'ghcr.io': auth('a') },
      'ghcr.io/acme/app',
      'b:b-password'
    ],
    ['no part of a name', { 'ghcr.io/ac': auth('b') }, 'ghcr.io/acme/app', 'none'],
    ['another host', { 'quay.io': auth('a') }, 'ghcr.io/acme/app', 'none'],
    ['a colon in the password', { 'ghcr.io': { auth: encoded('a', 'b:c') } }, 'ghcr.io/x', 'a:b:c'],
    ['two members', { 'ghcr.io': { username: 'a', password: 'b' } }, 'ghcr.io/x', 'a:b'],
    ['an identity token', { 'x.azurecr.io': { ...auth('a'), identitytoken: 't' } }, 'x.azurecr.io/x', 'identity t'],
    ['a registry token', { 'ghcr.io': { registrytoken: 't' } }, 'ghcr.io/x', 'bearer t'],
    ['an empty entry, as a store leaves it', { 'ghcr.io': {} }, 'ghcr.io/x', 'none'],
    ['nonsense', { 'ghcr.io': { auth: 7 } }, 'ghcr.io/x', 'none']
  ])('%s', async (_, auths, reference, expected) => {
    await using home = await homeWith({ auths })
    expect(await loginFor(home, reference)).toBe(expected)
  })
})

describe('credential helpers', () => {
  const gives = (user: string): string => `printf '{"Username":"${user}","Secret":"%s"}' "$key"`

  test.each<[string, object, string, string]>([
    ['of a host', { credHelpers: { 'ghcr.io': 'test' } }, gives('a'), 'a:ghcr.io'],
    ['for all', { credsStore: 'test' }, gives('a'), 'a:ghcr.io'],
    ['of another host', { credHelpers: { 'quay.io': 'test' } }, gives('a'), 'none'],
    ['with a token', { credsStore: 'test' }, gives('<token>'), 'identity ghcr.io'],
    ['without one', { credsStore: 'test' }, 'echo credentials not found in native keychain; exit 1', 'none'],
    [
      'without one, and a login in the file',
      { credsStore: 'test', auths: { 'ghcr.io': auth('f') } },
      'echo credentials not found; exit 1',
      'f:f-password'
    ],
    ['with a login that is empty', { credsStore: 'test' }, 'echo "{}"', 'none'],
    ['that fails', { credsStore: 'test' }, 'exit 3', 'unusable'],
    ['that is not there', { credsStore: 'nowhere' }, '', 'unusable'],
    ['whose name is a path', { credsStore: '../test' }, gives('a'), 'unusable']
  ])('%s', async (_, config, script, expected) => {
    await using home = await homeWith(config)
    await writeHelper(home, script)
    expect(await loginFor(home, 'ghcr.io/acme/app:1')).toBe(expected)
  })

  test('one is asked once for a registry in a run, whatever is asked for there', async () => {
    await using home = await homeWith({ credsStore: 'test' })
    const count = path.join(home.folder, 'count')
    await writeHelper(home, `echo "$key" >> ${count}; sleep 0.05; ${gives('a')}`)
    const env = { ...home.env, PATH: `${home.folder}:${process.env.PATH ?? ''}` }
    const ask = async (reference: string, actions: Actions, since = 0): Promise<unknown> => {
      const repository = repositoryAt(reference)
      return repository && findLogin(portsFor(env).exec, env, { repository, actions, since })
    }
    const asked = async (): Promise<readonly string[]> => (await readFile(count, 'utf8')).trim().split('\n')
    await Promise.all([ask('ghcr.io/a/a', 'pull'), ask('ghcr.io/a/b', 'pull,push'), ask('ghcr.io/a/c', 'pull')])
    expect(await ask('ghcr.io/b/d', 'pull')).toMatchObject({ kind: 'basic', password: 'ghcr.io' })
    expect(await asked()).toEqual(['ghcr.io'])
    await ask('quay.io/a/a', 'pull')
    // A token that the registry takes no longer.
    await ask('ghcr.io/a/a', 'pull', Date.now() + 1)
    expect(await asked()).toEqual(['ghcr.io', 'quay.io', 'ghcr.io'])
  })

  test('one that failed is asked again', async () => {
    await using home = await homeWith({ credsStore: 'test' })
    const env = { ...home.env, PATH: `${home.folder}:${process.env.PATH ?? ''}` }
    const repository = repositoryAt('ghcr.io/a/a')!
    const ask = () => findLogin(portsFor(env).exec, env, { repository, actions: 'pull' })
    await writeHelper(home, 'exit 3')
    expect(await ask()).toMatchObject({ kind: 'unusable' })
    await writeHelper(home, gives('a'))
    expect(await ask()).toMatchObject({ kind: 'basic' })
  })

  test('Docker Hub is asked for by the name that its login is kept under', async () => {
    await using home = await homeWith({ credsStore: 'test' })
    await writeHelper(home, gives('a'))
    expect(await loginFor(home, 'alpine')).toBe('a:https://index.docker.io/v1/')
  })
})

describe('what is broken is named, and never shown', () => {
  const question = { repository: repositoryAt('ghcr.io/acme/app')!, actions: 'pull,push' } as const
  const find = async (home: Home, env: Environment = {}) => {
    const all = { ...home.env, PATH: `${home.folder}:${process.env.PATH ?? ''}`, ...env }
    return findLogin(portsFor(all).exec, all, question)
  }

  test.each<[string, string, string]>([
    ['a file that is cut off', '{"auths":{"ghcr.io":{"auth":"c2VjcmV0', 'FILE is cut off or not JSON'],
    ['a list', '[]', 'FILE is not a JSON object'],
    ['no colon', '{"auths":{"ghcr.io":{"auth":"c2VjcmV0"}}}', 'the "auth" for ghcr.io in FILE is not'],
    ['no base64', '{"auths":{"ghcr.io":{"auth":"!"}}}', 'the "auth" for ghcr.io in FILE is not'],
    ['no text', '{"auths":{"ghcr.io":{"auth":7}}}', 'the "auth" for ghcr.io in FILE is not'],
    ['no name', '{"credsStore":["secret"]}', 'in FILE the credential helper is not named']
  ])('a configuration: %s', async (_, text, expected) => {
    await using home = await homeWith({})
    const file = path.join(home.folder, 'config.json')
    await writeFile(file, text)
    const login = await find(home)
    expect(login).toMatchObject({ kind: 'none', fault: expect.stringContaining(expected.replace('FILE', file)) })
    expect(JSON.stringify(login)).not.toMatch(/secret|c2VjcmV0/)
  })

  test('a file that is none', async () => {
    await using home = await homeWith({})
    const file = path.join(home.folder, 'config.json')
    await rm(file)
    expect(await find(home)).toEqual({ kind: 'none', source: file })
    await mkdir(file)
    expect(await find(home)).toEqual({ kind: 'none', source: file, fault: `${file} cannot be read (EISDIR)` })
  })

  test.each(['', ' \n', 'null'])('no configuration at all: %j', async (text) => {
    await using home = await homeWith({})
    await writeFile(path.join(home.folder, 'config.json'), text)
    expect(await find(home)).not.toHaveProperty('fault')
  })

  test('the variable, where no file helps', async () => {
    await using home = await homeWith({})
    const env = { DOCKER_AUTH_CONFIG: '{"auths":' }
    expect(await find(home, env)).toMatchObject({ kind: 'none', fault: 'DOCKER_AUTH_CONFIG is cut off or not JSON' })
    await using other = await homeWith({ auths: { 'ghcr.io': auth('file') } })
    expect(await find(other, env)).toMatchObject({ kind: 'basic', user: 'file' })
  })

  test.each<[string, string]>([
    ['true', 'gave no answer'],
    [`printf '{"Username":"a","Secret":"sec'`, 'gave an answer that is cut off or not a JSON object'],
    ['echo secret', 'gave an answer that is cut off or not a JSON object'],
    [`echo '{"Username":"a","Secret":["secret"]}'`, 'gave an answer whose Username or Secret is not a text'],
    [`echo '{"Username":"a"}'`, 'gave no secret']
  ])('a helper: %s', async (script, expected) => {
    await using home = await homeWith({ credsStore: 'test' })
    await writeHelper(home, script)
    const source = 'docker-credential-test'
    expect(await find(home)).toEqual({ kind: 'unusable', why: `${source} ${expected}`, source })
  })
})

describe('logins for one repository, as docker/login-action keeps them', () => {
  test.each<[string, string, Actions, string]>([
    ['ghcr.io/acme/app', 'ghcr.io/acme/app:1', 'pull', 'scoped:scoped-password'],
    ['ghcr.io/acme/app@push', 'ghcr.io/acme/app:1', 'pull,push', 'scoped:scoped-password'],
    ['ghcr.io/acme/app@push', 'ghcr.io/acme/app:1', 'pull', 'general:general-password'],
    ['ghcr.io@pull,push', 'ghcr.io/acme/app:1', 'pull,push', 'scoped:scoped-password'],
    ['ghcr.io/acme/other', 'ghcr.io/acme/app:1', 'pull', 'general:general-password'],
    ['ghcr.io/acme', 'ghcr.io/acme/app:1', 'pull', 'general:general-password']
  ])('%s, asked for %s to %s', async (place, reference, actions, expected) => {
    await using home = await homeWith({ auths: { 'ghcr.io': auth('general') } })
    const scoped = path.join(home.folder, 'buildx/config', place)
    await mkdir(scoped, { recursive: true })
    await writeFile(path.join(scoped, 'config.json'), JSON.stringify({ auths: { 'ghcr.io': auth('scoped') } }))
    expect(await loginFor(home, reference, {}, actions)).toBe(expected)
  })
})

test('DOCKER_AUTH_CONFIG goes before the file', async () => {
  await using home = await homeWith({ auths: { 'ghcr.io': auth('file'), 'quay.io': auth('file') } })
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'ghcr.io': auth('variable') } }) }
  expect(await loginFor(home, 'ghcr.io/x', env)).toBe('variable:variable-password')
  expect(await loginFor(home, 'quay.io/x', env)).toBe('file:file-password')
  expect(await loginFor(home, 'ghcr.io/x', { DOCKER_AUTH_CONFIG: '' })).toBe('file:file-password')
})
