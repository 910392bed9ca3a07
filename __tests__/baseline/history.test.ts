/** What a clone knows of its history. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'
import { commitsBetween, firstParents, mergedBase, type Clone } from '../../src/baseline/history.js'

const exec = createExec(childEnvironment(process.env), new AbortController().signal)
let folder: string
let clone: Clone
let shallow: Clone
let base: string
let head: string

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
    cwd,
    encoding: 'utf8'
  }).trim()

// As actions/checkout leaves it for a pull request: HEAD is the merge of the base branch and the change.
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stagegate-history-test-'))
  const full = path.join(folder, 'full')
  git(folder, 'init', '-q', '-b', 'main', full)
  const commit = (message: string): string => {
    git(full, 'commit', '-q', '--allow-empty', '-m', message)
    return git(full, 'rev-parse', 'HEAD')
  }
  commit('one')
  git(full, 'switch', '-q', '-c', 'change')
  head = commit('change\n\nparent 0000000000000000000000000000000000000000')
  git(full, 'switch', '-q', 'main')
  base = commit('two')
  git(full, 'switch', '-q', '--detach')
  git(full, 'merge', '-q', '--no-ff', '-m', 'Merge', head)
  git(full, 'branch', 'merge')
  git(folder, 'clone', '-q', '--depth', '1', '--branch', 'merge', `file://${full}`, path.join(folder, 'shallow'))
  clone = { exec, workspace: full }
  shallow = { exec, workspace: path.join(folder, 'shallow') }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the base of a pull request', () => {
  it('is what was merged with, in a shallow clone too', async () => {
    expect(await mergedBase(clone, head)).toBe(base)
    expect(await mergedBase(shallow, head)).toBe(base)
  })

  it('is not known when something else is checked out', async () => {
    expect(await mergedBase(clone, base)).toBeUndefined()
    expect(await mergedBase({ exec, workspace: tmpdir() }, head)).toBeUndefined()
  })
})

describe('ancestors', () => {
  it('are as many as asked for, nearest first', async () => {
    expect(await firstParents(clone, base, 8)).toEqual([base, git(clone.workspace, 'rev-parse', `${base}^`)])
    expect(await firstParents(clone, base, 0)).toEqual([base])
  })

  it('are none where the clone ends', async () => {
    expect(await firstParents(shallow, base, 8)).toEqual([base])
  })

  it('are counted only along a line', async () => {
    const first = git(clone.workspace, 'rev-parse', `${base}^`)
    expect(await commitsBetween(clone, first, base)).toBe(1)
    expect(await commitsBetween(clone, base, first)).toBeUndefined()
    expect(await commitsBetween(clone, head, base)).toBeUndefined()
    expect(await commitsBetween(clone, '--output=/tmp/x', base)).toBeUndefined()
  })
})
