/** Nothing that lies in the checkout, or that would be looked for relative to it, is run or read as configuration. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { findBuildx } from '../../src/adapters/buildx.js'
import { readEnvironment } from '../../src/adapters/environment.js'
import { dockerConfigFolder, homeFolder } from '../../src/core/docker_config.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stagegate-environment-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function program(...parts: readonly string[]): string {
  const file = path.join(folder, ...parts)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o755)
  return file
}

describe('what docker would look for in the working directory', () => {
  const own = os.userInfo().homedir

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['nothing is set', {}, path.join(own, '.docker')],
    ['DOCKER_CONFIG is empty', { DOCKER_CONFIG: '', HOME: '/home/me' }, '/home/me/.docker'],
    ['HOME is empty', { HOME: '' }, path.join(own, '.docker')],
    ['HOME is relative', { HOME: 'home' }, path.join(own, '.docker')],
    ['both are empty', { HOME: '', DOCKER_CONFIG: '' }, path.join(own, '.docker')],
    ['DOCKER_CONFIG is somewhere else', { DOCKER_CONFIG: '/etc/docker-cli', HOME: '/home/me' }, '/etc/docker-cli']
  ])('%s', (_, env, expected) => {
    expect(dockerConfigFolder(env)).toBe(expected)
    expect(dockerConfigFolder(readEnvironment(env))).toBe(expected)
  })

  test('a home is always absolute', () => {
    expect(path.isAbsolute(homeFolder({ HOME: '.' }) ?? '')).toBe(true)
    expect(path.isAbsolute(readEnvironment({}).HOME ?? '')).toBe(true)
  })

  test.each(['DOCKER_CONFIG', 'BUILDX_CONFIG', 'RUNNER_TEMP', 'GITHUB_WORKSPACE', 'SSH_AUTH_SOCK', 'TMPDIR'])(
    'an empty %s is unset',
    (name) => {
      expect(Object.keys(readEnvironment({ [name]: '' }))).not.toContain(name)
      expect(readEnvironment({ [name]: '/somewhere' })[name]).toBe('/somewhere')
    }
  )

  test('a variable that names no folder stays empty', () => {
    expect(readEnvironment({ DOCKER_BUILDKIT: '', TOKEN: '' })).toMatchObject({ DOCKER_BUILDKIT: '', TOKEN: '' })
  })
})

describe('PATH', () => {
  test.each<[string, string, string]>([
    ['empty entries', ':/usr/bin::/bin:', '/usr/bin:/bin'],
    ['relative entries', '.:bin:./node_modules/.bin:/usr/bin:../x', '/usr/bin'],
    [
      'entries in the checkout',
      '/checkout/app:/checkout/app/bin:/checkout/app-tools:/usr/bin',
      '/checkout/app-tools:/usr/bin'
    ],
    ['a way around', '/checkout/other/../app/bin:/usr/bin', '/usr/bin']
  ])('holds no %s', (_, given, expected) => {
    expect(readEnvironment({ PATH: given, GITHUB_WORKSPACE: '/checkout/app' }).PATH).toBe(expected)
  })

  test.each([undefined, '', ':', '.'])('is the usual one where it says nothing (%s)', (given) => {
    expect(readEnvironment({ PATH: given }).PATH).toMatch(/^\/usr\/local\/sbin:.*\/usr\/bin/)
  })

  test('holds no link into the checkout', () => {
    program('app', 'bin', 'docker')
    symlinkSync(path.join(folder, 'app', 'bin'), path.join(folder, 'tools'))
    const env = { PATH: `${path.join(folder, 'tools')}:/usr/bin`, GITHUB_WORKSPACE: path.join(folder, 'app') }
    expect(readEnvironment(env).PATH).toBe('/usr/bin')
  })

  test('is kept whole where the checkout is the root or is not known', () => {
    for (const workspace of ['/', '', undefined]) {
      expect(readEnvironment({ PATH: '/usr/bin:/bin', GITHUB_WORKSPACE: workspace }).PATH).toBe('/usr/bin:/bin')
    }
  })
})

test('buildx is not taken from the checkout, whoever points there', () => {
  const PATH = path.dirname(program('bin', 'docker'))
  const workspace = path.join(folder, 'app')
  program('app', '.docker', 'cli-plugins', 'docker-buildx')
  const extra = path.dirname(program('app', 'extra', 'docker-buildx'))
  writeFileSync(
    path.join(workspace, '.docker', 'config.json'),
    JSON.stringify({ cliPluginsExtraDirs: [extra, 'extra'] })
  )
  const system = program('system', 'docker-buildx')
  const find = (env: Readonly<Record<string, string>>): string | undefined =>
    findBuildx({ PATH, GITHUB_WORKSPACE: workspace, ...env }, [path.dirname(system)])
  expect(find({ DOCKER_CONFIG: path.join(workspace, '.docker') })).toBe(system)
  expect(find({ HOME: workspace })).toBe(system)
  expect(find({ GITHUB_WORKSPACE: '', HOME: workspace })).toBe(path.join(extra, 'docker-buildx'))
})
