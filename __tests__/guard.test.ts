/** What becomes of the private folders when the run is killed, ends, or goes on. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guardedBy, startGuard } from '../src/guard.js'
import { keepLeftovers } from '../src/leftovers.js'
import { endAll, makeFolder, processesWith, until } from './ssh/support.js'

jest.setTimeout(60_000)

let home: ReturnType<typeof makeFolder>
let killed: ChildProcess
beforeEach(() => {
  home = makeFolder()
  killed = spawn('sleep', ['300'], { stdio: 'ignore' })
})
afterEach(() => {
  killed.kill('SIGKILL')
  endAll(home.path)
  home[Symbol.dispose]()
})

function secretFolder(name: string): string {
  const folder = join(home.path, name)
  mkdirSync(folder)
  writeFileSync(join(folder, '0'), 'hunter2hunter2')
  return folder
}

test('a run that is killed leaves no folder, and the guard ends', async () => {
  const guard = startGuard(process.env, killed.pid)
  const folders = [secretFolder('stagegate-a'), secretFolder("stagegate-it's b")]
  // The book knows of a folder before anything is written there; so does the guard.
  const book = keepLeftovers({ saveState: () => undefined }, guard.watch)
  folders.forEach((folder) => book.addFolder(folder))
  await until('both are guarded', () => processesWith('stagegate-guard').length >= 2)
  expect(folders.map((folder) => existsSync(folder))).toEqual([true, true])
  killed.kill('SIGKILL')
  await until('the folders are gone', () => folders.every((folder) => !existsSync(folder)))
  await until('the guards have ended', () => processesWith(home.path).length === 0)
})

test('what a killed run has started on behalf of its folder ends with it, and nothing else', async () => {
  const [folder, other] = [secretFolder('stagegate-d'), secretFolder('stagegate-e')]
  await using guard = startGuard(process.env, killed.pid)
  guard.watch(folder)
  // As of a push: nothing on the command line tells whose it is.
  const begin = (env: Readonly<Record<string, string>>): ChildProcess =>
    spawn('sleep', ['300'], { stdio: 'ignore', detached: true, env: { PATH: process.env.PATH, ...env } })
  const [push, stranger] = [begin(guardedBy(folder)), begin(guardedBy(other))]
  // The run's own `post` comes at once where a runner kills a step.
  const post = begin({ STATE_leftovers: JSON.stringify({ folders: [folder] }) })
  try {
    killed.kill('SIGKILL')
    await until('the push has ended', () => push.signalCode !== null)
    await until('the folder is gone', () => !existsSync(folder))
    await until('the guard has ended', () => processesWith(home.path).length === 0)
    expect([stranger.signalCode, post.signalCode]).toEqual([null, null])
  } finally {
    for (const child of [push, stranger, post]) child.kill('SIGKILL')
  }
})

test('a run that ends takes its guard along, and the folder is its own affair', async () => {
  const folder = secretFolder('stagegate-c')
  {
    await using guard = startGuard(process.env, killed.pid)
    guard.watch(folder)
    await until('it is guarded', () => processesWith(home.path).length > 0)
  }
  await until('the guard has ended', () => processesWith(home.path).length === 0)
  expect(existsSync(folder)).toBe(true)
})
