import { afterEach, beforeEach, expect, test } from '@jest/globals'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseOutput } from '../../src/inputs/outputs.js'
import { placeFile, prepareFiles } from '../../src/publish/files.js'
import type { FileOutput } from '../../src/publish/plan.js'

let root: string

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'stagegate-files-'))
})

afterEach(() => rmSync(root, { recursive: true }))

const at = (...parts: readonly string[]): string => path.join(root, ...parts)

function output(text: string, dest: string): FileOutput {
  const entry = parseOutput(text, (_, problem) => {
    throw new Error(problem)
  })
  if (entry === undefined) throw new Error(text)
  return { entry, dest: at(dest), staged: at('private', dest), names: [], source: 'builder' }
}

test('folders are made for what is written, and not the file itself', async () => {
  const files = [output('type=local,dest=x', 'out'), output('type=oci,dest=x', 'deep/app.tar')]
  await prepareFiles(files)
  expect([
    existsSync(at('private/out')),
    existsSync(at('private/deep')),
    existsSync(at('private/deep/app.tar'))
  ]).toEqual([true, true, false])
  expect([existsSync(at('out')), existsSync(at('deep'))]).toEqual([false, false])
})

test('a file goes to its place, in a folder that is made for it, over an older one', async () => {
  const file = output('type=oci,dest=x', 'deep/app.tar')
  await prepareFiles([file])
  writeFileSync(file.staged, 'new')
  mkdirSync(at('deep'))
  writeFileSync(file.dest, 'old')
  await placeFile(file)
  expect(readFileSync(file.dest, 'utf8')).toBe('new')
  expect(existsSync(file.staged)).toBe(false)
})

test('a file goes through a link, also one that leads nowhere yet, and leaves the link', async () => {
  for (const exists of [true, false]) {
    const file = output('type=oci,dest=x', `app-${exists}.tar`)
    await prepareFiles([file])
    writeFileSync(file.staged, 'new')
    const real = at(`real-${exists}.tar`)
    if (exists) writeFileSync(real, 'old')
    symlinkSync(real, file.dest)
    await placeFile(file)
    expect([readlinkSync(file.dest), readFileSync(real, 'utf8'), existsSync(file.staged)]).toEqual([real, 'new', false])
  }
})

test('a folder goes as it is: links stay links, modes stay, nothing is left', async () => {
  const folder = output('type=local,dest=x', 'out')
  await prepareFiles([folder])
  mkdirSync(path.join(folder.staged, 'bin'))
  writeFileSync(path.join(folder.staged, 'bin/app'), 'x')
  chmodSync(path.join(folder.staged, 'bin/app'), 0o755)
  symlinkSync('/nowhere', path.join(folder.staged, 'link'))
  mkdirSync(folder.dest)
  await placeFile(folder)
  expect(readdirSync(folder.dest).sort()).toEqual(['bin', 'link'])
  expect(lstatSync(at('out/bin/app')).mode & 0o777).toBe(0o755)
  expect(readlinkSync(at('out/link'))).toBe('/nowhere')
  expect(readdirSync(folder.staged)).toEqual([])
})

test('an empty folder is there, too', async () => {
  const folder = output('type=local,dest=x', 'deep/out')
  await prepareFiles([folder])
  await placeFile(folder)
  expect(readdirSync(folder.dest)).toEqual([])
})
