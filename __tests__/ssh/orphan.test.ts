/** What becomes of the agent when the action is killed, ends without a word, or hands it to `post`. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endAgent, parseLeftover, type AgentLeftover } from '../../src/ssh/end.js'
import { compile, endAll, generateKey, makeExec, makeFolder, processesWith, run, until } from './support.js'

jest.setTimeout(60_000)

const compiled = makeFolder()
let folder: ReturnType<typeof makeFolder>
let program: string
const spawned: ChildProcess[] = []

beforeAll(() => {
  // What the action does, as small as can be: start an agent with the key from stdin, print the leftovers, stay or end.
  const code = compile(join(compiled.path, 'action'))
  program = join(compiled.path, 'action', 'main.js')
  writeFileSync(
    program,
    `import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { startAgent } from '${code}/agent.js'
import { readPrivateKeys } from '${code}/keys.js'
const exec = async (command, options = {}) => {
  const child = spawn(command.file, command.args, { env: { ...process.env, ...options.env } })
  child.stdin.on('error', () => {}) // ssh-add may end before it is given its empty input.
  child.stdin.end(options.input ?? '')
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), new Promise((r) => child.on('close', r))])
  return { stdout, stderr, exitCode, timedOut: false }
}
const [folder, scope, then] = process.argv.slice(2)
const { keys } = readPrivateKeys(await text(process.stdin))
const agent = await startAgent({ exec, log: { info() {} } }, { keys, passphrase: '', scope, folder, environment: process.env })
console.log(JSON.stringify(agent.leftovers))
if (then === 'stay') setInterval(() => {}, 1000)
`
  )
})
afterAll(() => {
  compiled[Symbol.dispose]()
})
beforeEach(() => {
  folder = makeFolder()
})
afterEach(async () => {
  spawned.splice(0).forEach((child) => child.kill('SIGKILL'))
  try {
    await until('no process of this test is left', () => processesWith(folder.path).length === 0)
  } finally {
    endAll(folder.path)
    folder[Symbol.dispose]()
  }
})

const exec = makeExec()

/** Runs the program, below a shell that plays the runner's worker, until it prints what it left. */
async function runAction(
  scope: 'build' | 'job',
  then: 'stay' | 'end'
): Promise<{ worker: ChildProcess; leftover: AgentLeftover }> {
  const home = join(folder.path, 'run')
  mkdirSync(home, { recursive: true })
  const key = generateKey(folder.path)
  const action = `"$0" "$@" < ${key.file} & echo $!; wait; sleep 60`
  const worker = spawn('sh', ['-c', action, process.execPath, program, home, scope, then], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
    env: { PATH: process.env.PATH }
  })
  spawned.push(worker)
  let out = ''
  worker.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  await until('the agent has started', () => out.includes('}\n'))
  const [pid = '', json = ''] = out.split('\n')
  actionPid = Number(pid)
  const leftover = parseLeftover(json)
  if (leftover === undefined) throw new Error(json)
  return { worker, leftover }
}
let actionPid = 0

function keysIn(leftover: AgentLeftover): string {
  return run('ssh-add', ['-l'], { env: { SSH_AUTH_SOCK: leftover.socketPath } })
}

async function untilGone({ folder: own }: AgentLeftover): Promise<void> {
  await until('agent and watcher have ended', () => processesWith(own).length === 0)
  await until('the folder is gone', () => !existsSync(own))
}

test('scope build: after a SIGKILL of the action the agent dies by itself', async () => {
  const { worker, leftover } = await runAction('build', 'stay')
  expect(keysIn(leftover)).toMatch(/ED25519/)
  process.kill(actionPid, 'SIGKILL')
  await untilGone(leftover)
  expect(worker.exitCode).toBe(null) // The worker above it still runs.
  process.kill(-(worker.pid ?? 0), 'SIGKILL')
})

test.each([
  // What is started at that moment, and where the action stands from there.
  ['the folder has been made', 'mkdir', '"$real" "$@"', '$(cut -d " " -f 4 "/proc/$PPID/stat")'],
  ['the agent starts', 'ssh-agent', '', '$PPID']
])('a SIGKILL of the action when %s, before it knows of either, leaves neither', async (_, name, first, action) => {
  const [home, bin] = [join(folder.path, 'run'), join(folder.path, 'bin')]
  for (const path of [home, bin]) mkdirSync(path)
  const real = run('which', [name]).trim()
  const seen = join(folder.path, 'seen')
  const then = first === '' ? 'exec "$real" "$@"' : ''
  const script = ['#!/bin/sh', `real=${real}`, first, `ls "${home}" >"${seen}"`, `kill -9 "${action}"`, then, '']
  writeFileSync(join(bin, name), script.join('\n'), { mode: 0o755 })
  const child = spawn(process.execPath, [program, home, 'build', 'stay'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { PATH: `${bin}:${process.env.PATH ?? ''}` }
  })
  spawned.push(child)
  child.stdin.end(generateKey(folder.path).text)
  await until('the action is gone', () => child.signalCode === 'SIGKILL')
  await until('agent and watcher have ended', () => processesWith(home).length === 0)
  expect(readFileSync(seen, 'utf8')).toMatch(/^stagegate-ssh-/)
  expect(readdirSync(home)).toEqual([])
})

test('scope job: the agent outlives the action, holds no pipe or event loop of it open, and dies with the worker', async () => {
  const { worker, leftover } = await runAction('job', 'end')
  await until('the action has ended', () => !processesWith(program).includes(actionPid))
  expect(keysIn(leftover)).toMatch(/ED25519/)
  process.kill(-(worker.pid ?? 0), 'SIGKILL')
  await untilGone(leftover)
})

test('neither agent nor watcher keeps a pipe of the action open', async () => {
  mkdirSync(join(folder.path, 'run'))
  const child = spawn(process.execPath, [program, join(folder.path, 'run'), 'job', 'end'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH }
  })
  spawned.push(child)
  child.stdin.end(generateKey(folder.path).text)
  let [out, closed] = ['', false]
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.resume()
  child.on('close', () => (closed = true)) // Only comes when all holders of the pipes have let go.
  await until('stdout and stderr are closed', () => closed)
  const leftover = parseLeftover(out)
  if (leftover === undefined) throw new Error(out)
  expect(keysIn(leftover)).toMatch(/ED25519/)
  await endAgent({ exec }, leftover)
  expect(existsSync(leftover.folder)).toBe(false)
})

test('post ends the agent of the main run from plain JSON, once and again', async () => {
  const { worker, leftover } = await runAction('job', 'end')
  const state = parseLeftover(JSON.stringify(leftover))
  if (state === undefined) throw new Error('no leftover')
  await endAgent({ exec }, state)
  expect(processesWith(leftover.folder)).toEqual([])
  expect(existsSync(leftover.folder)).toBe(false)
  await endAgent({ exec }, state)
  process.kill(-(worker.pid ?? 0), 'SIGKILL')
})

test('post leaves processes alone that have got the pids of an agent long gone', async () => {
  const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
  spawned.push(stranger)
  const own = join(folder.path, 'stagegate-ssh-abc123')
  mkdirSync(own)
  const pid = stranger.pid ?? 0
  await endAgent({ exec }, { socketPath: join(own, 'agent.sock'), agentPid: pid, watcherPid: pid, folder: own })
  expect(existsSync(own)).toBe(false)
  expect(stranger.signalCode).toBe(null)
  expect(process.kill(pid, 0)).toBe(true)
})

test.each([
  ['no JSON', 'x'],
  ['null', 'null'],
  ['a number', '7'],
  ['no pids', '{"socketPath":"/tmp/stagegate-ssh-a/agent.sock","folder":"/tmp/stagegate-ssh-a"}'],
  [
    'pid 1',
    '{"socketPath":"/tmp/stagegate-ssh-a/agent.sock","folder":"/tmp/stagegate-ssh-a","agentPid":1,"watcherPid":9}'
  ],
  [
    'a negative pid',
    '{"socketPath":"/tmp/stagegate-ssh-a/agent.sock","folder":"/tmp/stagegate-ssh-a","agentPid":9,"watcherPid":-1}'
  ],
  ['a folder that is not ours', '{"socketPath":"/home/me/agent.sock","folder":"/home/me","agentPid":9,"watcherPid":9}'],
  ['a socket elsewhere', '{"socketPath":"/tmp/agent.sock","folder":"/tmp/stagegate-ssh-a","agentPid":9,"watcherPid":9}']
])('a leftover from the state is not trusted: %s', (_, text) => {
  expect(parseLeftover(text)).toBeUndefined()
})
