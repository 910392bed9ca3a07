import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Cancelled, type Exec } from '../../src/ports.js'
import { startAgent, type AgentOptions } from '../../src/ssh/agent.js'
import { readPrivateKeys, type PrivateKey } from '../../src/ssh/keys.js'
import {
  commandLines,
  endAll,
  failureOf,
  generateKey,
  makeExec,
  makeFolder,
  makeLog,
  problemsOf,
  processesWith,
  run,
  shreds,
  until,
  type GeneratedKey
} from './support.js'

jest.setTimeout(60_000)

let folder: ReturnType<typeof makeFolder>
let home: string
let written: ReturnType<typeof makeLog>

beforeEach(() => {
  folder = makeFolder()
  home = join(folder.path, 'run')
  mkdirSync(home)
  written = makeLog()
})
afterEach(() => {
  try {
    expect(processesWith(home)).toEqual([])
    expect(readdirSync(home)).toEqual([])
  } finally {
    endAll(home)
    folder[Symbol.dispose]()
  }
})

const environment = { PATH: process.env.PATH }

function read(...keys: readonly GeneratedKey[]): readonly PrivateKey[] {
  const reading = readPrivateKeys(keys.map((key) => key.text).join(''))
  expect(reading.problems).toEqual([])
  return reading.keys
}

function start(
  options: Partial<AgentOptions> & Pick<AgentOptions, 'keys'>,
  exec: Exec = makeExec()
): ReturnType<typeof startAgent> {
  return startAgent(
    { exec, log: written.log },
    { passphrase: '', scope: 'build', folder: home, environment, ...options }
  )
}

function sshAdd(socketPath: string, ...args: readonly string[]): string {
  return run('ssh-add', args, { env: { SSH_AUTH_SOCK: socketPath } })
}

describe('a loaded agent', () => {
  test('holds every type and format of key, and signs with each', async () => {
    const made = [
      generateKey(folder.path, { comment: 'deploy key of a' }),
      generateKey(folder.path, { type: 'rsa', bits: 2048 }),
      generateKey(folder.path, { type: 'rsa', bits: 2048, format: 'PEM' }),
      generateKey(folder.path, { type: 'rsa', bits: 2048, format: 'PKCS8' }),
      generateKey(folder.path, { type: 'ecdsa' }),
      generateKey(folder.path, { type: 'ecdsa', bits: 384, format: 'PEM' }),
      generateKey(folder.path, { type: 'ecdsa', bits: 521, format: 'PKCS8' }),
      generateKey(folder.path, { format: 'PKCS8' })
    ]
    await using agent = await start({ keys: read(...made) })
    expect(agent.keys.map((key) => key.fingerprint)).toEqual(made.map((key) => key.fingerprint))
    expect(agent.keys[0]).toMatchObject({ type: 'ssh-ed25519', comment: 'deploy key of a' })
    const listed = sshAdd(agent.socketPath, '-l').trim().split('\n')
    expect(listed.map((line) => line.split(' ')[1])).toEqual(made.map((key) => key.fingerprint))
    for (const { file } of made) {
      const env = { SSH_AUTH_SOCK: agent.socketPath }
      const signature = run('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'test', '-f', `${file}.pub`], { input: 'x', env })
      expect(signature).toMatch(/BEGIN SSH SIGNATURE/)
    }
    expect(written.lines).toContain(`Loaded ssh-ed25519 ${made[0]?.fingerprint ?? ''} into the agent.`)
  })

  test('lives in a folder that nobody else may enter, and is gone at once when disposed, also twice', async () => {
    const agent = await start({ keys: read(generateKey(folder.path)) })
    const { folder: own, agentPid, watcherPid } = agent.leftovers
    expect(dirname(own)).toBe(home)
    expect(statSync(own).mode & 0o777).toBe(0o700)
    expect(agent.pid).toBe(agentPid)
    expect(processesWith(own)).toEqual(expect.arrayContaining([agentPid, watcherPid]))
    await Promise.all([agent[Symbol.asyncDispose](), agent[Symbol.asyncDispose]()])
    await agent[Symbol.asyncDispose]()
    expect(processesWith(own)).toEqual([])
    expect(existsSync(own)).toBe(false)
  })

  test.each([
    ['too long for a socket', 'x'.repeat(90)],
    ['with a comma, which ends a path in --ssh', 'a,b']
  ])('a folder %s gives way to the system folder', async (_, name) => {
    const long = join(home, name)
    mkdirSync(long)
    {
      await using agent = await start({ keys: read(generateKey(folder.path)), folder: long })
      expect(dirname(agent.leftovers.folder)).toBe(tmpdir())
      expect(readdirSync(long)).toEqual([])
    }
    run('rm', ['-r', long])
  })

  test('an agent that runs already is left as it is', async () => {
    await using users = await start({ keys: [] })
    const [mine] = [read(generateKey(folder.path))]
    const env = { ...environment, SSH_AUTH_SOCK: users.socketPath, SSH_AGENT_PID: String(users.pid) }
    const exec = makeExec({ PATH: environment.PATH ?? '', SSH_AUTH_SOCK: users.socketPath })
    await using agent = await start({ keys: mine, environment: env }, exec)
    expect(sshAdd(agent.socketPath, '-l')).toMatch(/ED25519/)
    expect(() => sshAdd(users.socketPath, '-l')).toThrow(/: 1 /)
  })

  test('the environment of the agent holds nothing but what it needs', async () => {
    const secret = 'sentinel-environment'
    await using agent = await start({
      keys: [],
      environment: { ...environment, INPUT_TOKEN: secret, GITHUB_TOKEN: secret }
    })
    for (const pid of [agent.leftovers.watcherPid, agent.pid]) {
      expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain(secret)
    }
  })

  test('keys and agent have a bounded life', async () => {
    // Long enough to load a key on a busy machine: one that has gone already is refused.
    const agent = await start({ keys: read(generateKey(folder.path)), lifetimeSeconds: 5 })
    await until('the agent has ended', () => processesWith(agent.leftovers.folder).length === 0)
    expect(existsSync(agent.leftovers.folder)).toBe(false)
    await agent[Symbol.asyncDispose]()
  })

  test('an agent killed from outside takes its watcher and folder along', async () => {
    const agent = await start({ keys: [] })
    process.kill(agent.pid, 'SIGKILL')
    await until('the watcher has ended', () => processesWith(agent.leftovers.folder).length === 0)
    await until('the folder is gone', () => !existsSync(agent.leftovers.folder))
    await agent[Symbol.asyncDispose]()
  })

  test('a watcher killed from outside: disposing still ends the agent', async () => {
    const agent = await start({ keys: [] })
    process.kill(-agent.leftovers.watcherPid, 'SIGKILL')
    await until('the watcher has ended', () => processesWith('stagegate-ssh-watch').every((pid) => pid === agent.pid))
    await agent[Symbol.asyncDispose]()
    expect(processesWith(agent.leftovers.folder)).toEqual([])
  })
})

describe('passphrases', () => {
  test('one for all encrypted keys, whatever the format', async () => {
    const passphrase = ` it's "quoted" $HOME \\ %s `
    const made = [
      generateKey(folder.path, { passphrase }),
      generateKey(folder.path, { type: 'rsa', bits: 2048, format: 'PEM', passphrase }),
      generateKey(folder.path),
      generateKey(folder.path, { type: 'ecdsa', format: 'PKCS8', passphrase })
    ]
    await using agent = await start({ keys: read(...made), passphrase })
    expect(agent.keys.map((key) => key.fingerprint)).toEqual(made.map((key) => key.fingerprint))
  })

  test('one line each, in the order of the encrypted keys', async () => {
    const made = [
      generateKey(folder.path, { passphrase: 'first one' }),
      generateKey(folder.path),
      generateKey(folder.path, { passphrase: 'second one' })
    ]
    await using agent = await start({ keys: read(...made), passphrase: 'first one\nsecond one\n' })
    expect(agent.keys).toHaveLength(3)
  })

  test('a wrong one ends at once, names the keys, and leaves nothing', async () => {
    const made = [
      generateKey(folder.path),
      generateKey(folder.path, { passphrase: 'right one' }),
      generateKey(folder.path, { type: 'rsa', bits: 2048, format: 'PEM', passphrase: 'other one' })
    ]
    const problems = await problemsOf(start({ keys: read(...made), passphrase: 'wrong one' }))
    expect(problems).toMatchObject([
      { input: 'ssh-passphrase', problem: 'The passphrase does not open key 2 of 3 in ssh-private-key.' },
      { input: 'ssh-passphrase', problem: 'The passphrase does not open key 3 of 3 in ssh-private-key.' }
    ])
  })

  test('a missing one is told before anything starts', async () => {
    const noExec: Exec = () => Promise.reject(new Error('nothing may run'))
    const problems = await problemsOf(
      start({ keys: read(generateKey(folder.path, { passphrase: 'right one' })) }, noExec)
    )
    expect(problems).toMatchObject([
      { input: 'ssh-passphrase', problem: 'The key in ssh-private-key is encrypted, and no passphrase was given.' }
    ])
  })

  test('a key that ssh-add cannot read is not called a wrong passphrase', async () => {
    const [key] = read(generateKey(folder.path))
    if (key === undefined) throw new Error('no key')
    const damaged = { ...key, text: key.text.replace(/\n.{8}/, '\nAAAAAAAA') }
    const problems = await problemsOf(start({ keys: [damaged] }))
    expect(problems).toMatchObject([
      { input: 'ssh-private-key', problem: expect.stringMatching(/ssh-add .* cannot read it/) }
    ])
  })
})

describe('failures leave nothing behind', () => {
  test('the second of two keys fails', async () => {
    const [good, bad] = read(generateKey(folder.path), generateKey(folder.path))
    if (good === undefined || bad === undefined) throw new Error('no keys')
    await problemsOf(start({ keys: [good, { ...bad, text: 'junk\n' }] }))
  })

  test('the run is cancelled while keys are loaded', async () => {
    const exec: Exec = () => Promise.reject(new Cancelled())
    await expect(start({ keys: read(generateKey(folder.path)) }, exec)).rejects.toBeInstanceOf(Cancelled)
  })

  test('ssh-add hangs', async () => {
    const bin = join(folder.path, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'ssh-add'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    const exec = makeExec({ PATH: `${bin}:${environment.PATH ?? ''}` })
    const { failure } = await failureOf(start({ keys: read(generateKey(folder.path)), timeoutSeconds: 1 }, exec))
    expect(failure).toMatchObject({ kind: 'engine', message: 'ssh-add did not end within 1 seconds.' })
  })

  test.each([
    ['ssh-agent', ['sh', 'mkdir']],
    ['ssh-add', ['ssh-agent', 'sh', 'mkdir', 'sleep', 'rm']]
  ])('%s is not there', async (missing, present) => {
    const bin = join(folder.path, 'bin')
    mkdirSync(bin)
    present.forEach((name) => {
      symlinkSync(run('which', [name]).trim(), join(bin, name))
    })
    const options = { keys: read(generateKey(folder.path)), environment: { PATH: bin } }
    const { failure } = await failureOf(start(options, makeExec({ PATH: bin })))
    expect(failure).toMatchObject({ kind: 'engine', message: `${missing} was not found on PATH.` })
    expect(failure).toMatchObject({ fix: expect.stringMatching(/apt-get install openssh-client/) })
  })

  test('ssh-agent may not run, or ends at once', async () => {
    const bin = join(folder.path, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'ssh-agent'), '#!/bin/sh\necho bind: not here >&2; exit 3\n', { mode: 0o644 })
    const options = { keys: [], environment: { PATH: `${bin}` } }
    for (const name of ['sh', 'mkdir']) symlinkSync(run('which', [name]).trim(), join(bin, name))
    expect((await failureOf(start(options))).failure).toMatchObject({
      message: 'ssh-agent could not be started: Permission denied.'
    })
    run('chmod', ['755', join(bin, 'ssh-agent')])
    expect((await failureOf(start(options))).failure).toMatchObject({
      message: 'ssh-agent ended at once with exit code 3: bind: not here'
    })
  })

  test('the folder is not there, or is a file', async () => {
    for (const [name, reason] of [
      ['missing', 'No such file or directory'],
      ['file', 'Not a directory']
    ] as const) {
      writeFileSync(join(folder.path, 'file'), '')
      const place = join(folder.path, name)
      const { failure } = await failureOf(start({ keys: [], folder: place }))
      const message = `No folder for the ssh-agent could be made in ${place}: ${reason}.`
      expect(failure).toMatchObject({ kind: 'engine', message })
    }
  })
})

describe('the sentinel', () => {
  test('key and passphrase are in no command line, file, message or log line', async () => {
    const passphrase = 'sentinel-passphrase-5f3a'
    const made = [generateKey(home, { passphrase }), generateKey(home, { type: 'rsa', bits: 2048, passphrase })]
    const keys = read(...made)
    made.forEach(({ file }) => run('rm', ['-r', dirname(file)]))
    // The public half is in the private key's file, too, and no secret.
    const isPublic = (shred: string): boolean => made.some(({ publicLine }) => publicLine.includes(shred))
    const own = made.flatMap((key) => shreds(key.text)).filter((shred) => !isPublic(shred))
    const secrets = [passphrase, 'wrong-sentinel-77', ...own]
    const seen = new Set<string>()
    const real = makeExec()
    // Looks at every command line and at every file below the folder, again and again while ssh-add runs.
    const exec: Exec = async (command, options) => {
      let running = true
      const ended = real(command, options).finally(() => (running = false))
      while (running) {
        commandLines().forEach(({ line }) => seen.add(line))
        filesBelow(home).forEach((text) => seen.add(text))
        await new Promise((resolve) => setImmediate(resolve))
      }
      return ended
    }
    const started: string[] = []
    const onStarted: AgentOptions['onStarted'] = (leftovers) => started.push(JSON.stringify(leftovers))
    const agent = await start({ keys, passphrase, onStarted }, exec)
    const shown = JSON.stringify(agent)
    filesBelow(home).forEach((text) => seen.add(text))
    await agent[Symbol.asyncDispose]()
    const wrong = await failureOf(start({ keys, passphrase: 'wrong-sentinel-77' }, exec))
    const errors = [wrong.message, wrong.stack ?? '', JSON.stringify(wrong), JSON.stringify(wrong.failure)]
    const all = [...seen, shown, ...started, ...written.lines, ...errors].join('\n')
    expect(all).toContain('ssh-add -q -t')
    expect(all).toContain('askpass')
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([])
    expect(secrets.length).toBeGreaterThan(80)
  })

  function filesBelow(path: string): readonly string[] {
    return readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const file = join(entry.parentPath, entry.name)
      if (!entry.isFile()) return [file]
      try {
        return [file, readFileSync(file, 'latin1')]
      } catch {
        return [file] // It has been removed meanwhile.
      }
    })
  }
})
