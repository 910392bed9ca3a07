/** What links and annotations may name, wherever actions/checkout has put the repository. Real git. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { dockerfileInRepository, filesInRepository } from '../../src/builds/checkout.js'
import { readOccasion } from '../../src/occasion/occasion.js'

let workspace: string
beforeEach(() => void (workspace = mkdtempSync(path.join(os.tmpdir(), 'sg-checkout-'))))
afterEach(() => rmSync(workspace, { recursive: true }))

const ours = 'https://github.com/acme/app'

/** A checkout in a folder of the workspace, with its remote. */
function checkOut(folder: string, remote?: string): void {
  const place = path.join(workspace, folder)
  mkdirSync(path.join(place, 'docker'), { recursive: true })
  for (const file of ['Dockerfile', 'docker/Dockerfile', 'a.test.ts']) writeFileSync(path.join(place, file), '')
  git(folder, 'init', '-q')
  if (remote !== undefined) git(folder, 'remote', 'add', 'origin', remote)
}

function git(folder: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'protocol.file.allow=always']
  execFileSync('git', [...identity, ...args], { cwd: path.join(workspace, folder), stdio: 'pipe' })
}

/** The Dockerfile of a context in the workspace, as a link names it, and whether a file of the tests is found. */
function named(context: string, file = '', headRepository?: string): readonly [string | undefined, boolean] {
  const place = {
    ...{ workspace, repository: 'acme/app' },
    ...(headRepository === undefined
      ? {}
      : { pullRequest: { number: 1, headSha: '', headRef: '', baseRef: '', author: '', headRepository } })
  }
  const source = {
    context: { kind: 'local', path: path.join(workspace, context) },
    file: file === '' ? '' : path.join(workspace, file)
  } as const
  return [dockerfileInRepository(source, place), filesInRepository(source, place)('a.test.ts')]
}

describe('a checkout', () => {
  test.each<[string, string, string, string]>([
    ['at the workspace itself', '.', '.', 'Dockerfile'],
    ['in a folder', 'src', 'src', 'Dockerfile'],
    ['in a folder, with a Dockerfile below', 'src', 'src/docker', 'docker/Dockerfile'],
    ['deeper', 'a/b', 'a/b', 'Dockerfile']
  ])('%s', (_, folder, context, file) => {
    checkOut(folder, ours)
    expect(named(context)[0]).toBe(file)
    expect(named(folder)[1]).toBe(true)
  })

  test.each([
    `${ours}.git`,
    'https://x-access-token@github.com/Acme/App/',
    'git@github.com:acme/app.git',
    'ssh://git@github.com/acme/app',
    '/srv/mirror/elsewhere.git',
    undefined
  ])('of the repository, or of nobody knows which: %s', (remote) => {
    checkOut('src', remote)
    expect(named('src')).toEqual(['Dockerfile', true])
  })

  test.each(['https://github.com/acme/other', 'git@github.com:acme/app2.git'])('of another one: %s', (remote) => {
    checkOut('.', ours)
    checkOut('src', remote)
    expect(named('src')).toEqual([undefined, false])
    expect(named('src', 'docker/Dockerfile')).toEqual(['docker/Dockerfile', false])
  })

  test('of a fork, in its pull request', () => {
    checkOut('.', 'https://github.com/stranger/app')
    expect(named('.')).toEqual([undefined, false])
    expect(named('.', '', 'stranger/app')).toEqual(['Dockerfile', true])
  })

  test('as a worktree', () => {
    checkOut('main', ours)
    git('main', 'add', '.')
    git('main', 'commit', '-q', '-m', 'x')
    git('main', 'worktree', 'add', '-q', '../tree')
    expect(named('tree')).toEqual(['Dockerfile', true])
    git('main', 'remote', 'set-url', 'origin', 'https://github.com/acme/other')
    expect(named('tree')).toEqual([undefined, false])
  })

  test('of a submodule is of another repository', () => {
    checkOut('.', ours)
    checkOut('.lib')
    git('.lib', 'add', '.')
    git('.lib', 'commit', '-q', '-m', 'x')
    git('.', 'submodule', '--quiet', 'add', path.join(workspace, '.lib'), 'lib')
    git('lib', 'remote', 'set-url', 'origin', 'https://github.com/acme/lib')
    expect(named('lib')).toEqual([undefined, false])
  })
})

test('without git, the workspace is what is in the repository', () => {
  mkdirSync(path.join(workspace, 'docker'))
  writeFileSync(path.join(workspace, 'a.test.ts'), '')
  expect(named('docker')).toEqual(['docker/Dockerfile', true])
  expect(named('.')).toEqual(['Dockerfile', true])
})

test('outside of the workspace, and on no disk, there is none', () => {
  const place = readOccasion({ GITHUB_WORKSPACE: workspace, GITHUB_REPOSITORY: 'acme/app' })
  expect(dockerfileInRepository({ context: { kind: 'local', path: os.tmpdir() }, file: '' }, place)).toBeUndefined()
  expect(
    dockerfileInRepository({ context: { kind: 'remote', url: 'https://x/y.git' }, file: '' }, place)
  ).toBeUndefined()
})
