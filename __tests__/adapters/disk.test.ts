/** Folders are removed as they were left. */
import { chmodSync, existsSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { removeFolder } from '../../src/adapters/disk.js'

/** Root may write anywhere; the user that a runner runs as may not. */
const NOBODY = 65_534
const isRoot = process.geteuid?.() === 0

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'stagegate-disk-'))
})
afterEach(() => {
  process.seteuid?.(process.getuid?.() ?? 0)
  rmSync(root, { recursive: true, force: true })
})

test('also where somebody took the right to write into what is in it', async () => {
  const [kept, folder] = [path.join(root, 'kept'), path.join(root, 'private')]
  mkdirSync(kept, { mode: 0o500 })
  mkdirSync(path.join(folder, 'go', 'mod'), { recursive: true })
  writeFileSync(path.join(folder, 'go', 'mod', 'x.go'), 'package x')
  symlinkSync(kept, path.join(folder, 'go', 'link'))
  for (const place of ['go/mod', 'go']) chmodSync(path.join(folder, place), 0o500)
  if (isRoot) {
    for (const place of ['', 'private', 'private/go', 'private/go/mod', 'private/go/mod/x.go']) {
      lchownSync(path.join(root, place), NOBODY, NOBODY)
    }
    process.seteuid?.(NOBODY)
  }
  expect(() => rmSync(path.join(folder, 'go/mod/x.go'))).toThrow('EACCES')
  await removeFolder(folder)
  expect(existsSync(folder)).toBe(false)
  expect(existsSync(kept)).toBe(true)
})

test('is content with one that is gone', async () => {
  await removeFolder(path.join(root, 'nothing'))
  expect(existsSync(root)).toBe(true)
})
