/** Deploy keys, each for a repository of its own: real keys in a real agent, git, and a server that lets each read its own. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startAgent, type Agent } from '../../src/ssh/agent.js'
import { repositoriesOf, writeGitSSH } from '../../src/ssh/deploy_keys.js'
import { readPrivateKeys } from '../../src/ssh/keys.js'
import { startSshd, type Sshd } from '../support/engine.js'
import { generateKey, makeExec, makeFolder, makeLog } from './support.js'

jest.setTimeout(60_000)

const run = promisify(execFile)

test.each<[string, readonly string[]]>([
  ['git@github.com:acme/pricing.git', ['github.com/acme/pricing']],
  ['git@github.com:Acme/Pricing', ['github.com/acme/pricing']],
  ['https://github.com/acme/pricing', ['github.com/acme/pricing']],
  ['https://github.com/acme/pricing.git/', ['github.com/acme/pricing']],
  ['github.com/acme/pricing', ['github.com/acme/pricing']],
  ['ssh://git@git.example.com:2222/group/sub/app.git', ['git.example.com/group/sub/app']],
  ['git@gitlab.com:group/sub.group/app', ['gitlab.com/group/sub.group/app']],
  ['reads git@github.com:acme/a.git and git@github.com:acme/b.git', ['github.com/acme/a', 'github.com/acme/b']],
  ['tester@example.com', []],
  ['deploy key of 2026/11', []],
  ['acme/pricing', []],
  ['(stdin)', []],
  ['', []],
  ["git@github.com:acme/x';touch${IFS}/tmp/evil;'", []],
  ['git@github.com:acme/$(id)', []],
  ['git@github.com:acme/a|b', []],
  ['git@github.com:acme/*', []]
])('the comment %j names %j', (comment, named) => {
  expect(repositoriesOf({ comment })).toEqual(named)
})

test('nothing of a key or a comment is a part of the program but what has the form of an address', () => {
  const comment = "git@github.com:acme/a.git '; touch /tmp/evil; ' $(touch /tmp/evil) `id` git@github.com:acme/b) touch"
  const program = writeGitSSH([{ type: 'ssh-ed25519', fingerprint: '', comment, publicKey: 'ssh-ed25519 AAAA' }])
  expect(program).not.toMatch(/evil|touch|`/)
  expect(program).toContain("  github.com/acme/a) key='ssh-ed25519 AAAA' ;;")
})

describe('what git asks for', () => {
  const folder = makeFolder()
  afterAll(() => {
    folder[Symbol.dispose]()
  })
  const program = join(folder.path, 'git_ssh')
  const key = (comment: string, publicKey: string) => ({ type: '', fingerprint: '', comment, publicKey })
  const keys = [
    key('git@github.com:acme/a.git', 'ssh-ed25519 AAAA'),
    key('ssh://git@git.example.com:2222/group/sub/B', 'ssh-rsa BBBB'),
    key('a second one for github.com/acme/a', 'ssh-ed25519 CCCC')
  ]

  beforeAll(() => {
    writeFileSync(program, writeGitSSH(keys), { mode: 0o755 })
    // Tells what it was given and which key, and ends as nobody else does.
    const ssh = '#!/bin/sh\necho "$@"; while [ $# -gt 0 ]; do [ "$1" != -i ] || cat "$2"; shift; done; exit 7\n'
    writeFileSync(join(folder.path, 'ssh'), ssh, { mode: 0o755 })
  })

  const shells = ['sh', 'bash', 'busybox'].filter(
    (shell) => existsSync(`/bin/${shell}`) || existsSync(`/usr/bin/${shell}`)
  )
  const rows: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['its repository', ['git@github.com', "git-upload-pack 'acme/a.git'"], 'ssh-ed25519 AAAA'],
    ['in capitals, without .git', ['git@github.com', "git-upload-pack 'Acme/A'"], 'ssh-ed25519 AAAA'],
    ['with slashes around it', ['git@github.com', "git-upload-pack '/acme/a.git/'"], 'ssh-ed25519 AAAA'],
    [
      'with options',
      ['-o', 'SendEnv=GIT_PROTOCOL', 'git@github.com', "git upload-pack 'acme/a.git'"],
      'ssh-ed25519 AAAA'
    ],
    ['on a port, to write', ['-p', '2222', 'git@git.example.com', "git-receive-pack 'group/sub/b'"], 'ssh-rsa BBBB'],
    ['Git LFS', ['--', 'git@github.com', 'git-lfs-authenticate acme/a.git download'], 'ssh-ed25519 AAAA'],
    [
      'Git LFS on a port, to write',
      ['-p', '2222', '--', 'git@git.example.com', "git-lfs-authenticate '/group/sub/B.git' upload"],
      'ssh-rsa BBBB'
    ],
    [
      'Git LFS over ssh alone',
      ['-oControlMaster=auto', '--', 'git@github.com', 'git-lfs-transfer /Acme/a upload'],
      'ssh-ed25519 AAAA'
    ],
    ['another repository of Git LFS', ['--', 'git@github.com', 'git-lfs-authenticate acme/ab.git download'], undefined],
    ['another repository', ['git@github.com', "git-upload-pack 'acme/ab.git'"], undefined],
    ['the same on another host', ['git@gitlab.com', "git-upload-pack 'acme/a.git'"], undefined],
    ['what ssh it is', ['-G', 'git@github.com'], undefined]
  ]
  const text = (): string => readFileSync(program, 'utf8')
  const quoted = (args: readonly string[]): string => args.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  /** How a caller starts the program, as a shell takes it. */
  const ways: readonly (readonly [string, (args: readonly string[]) => readonly string[]])[] = [
    ['as a file', (args) => [program, ...args]],
    ['its text, by git', (args) => ['-c', `${text()} "$@"`, 'git_ssh', ...args]],
    ['its text, by Git LFS', (args) => ['-c', `${text()} ${quoted(args)}`]]
  ]
  test.each(
    shells.flatMap((shell) => ways.flatMap(([way, call]) => rows.map((row) => [shell, way, ...row, call] as const)))
  )('%s, %s: %s', (shell, _way, _name, args, expected, call) => {
    const command = shell === 'busybox' ? ['busybox', 'sh'] : [shell]
    const [file = '', ...before] = command
    const { status, stdout } = spawnSync(file, [...before, ...call(args)], {
      encoding: 'utf8',
      env: { PATH: `${folder.path}:${process.env.PATH ?? ''}` }
    })
    expect(status).toBe(7)
    const [given, taken] = stdout.trim().split('\n')
    expect(taken).toBe(expected)
    const own = /^-o IdentitiesOnly=yes -i \S+ /.exec(given ?? '')?.[0] ?? ''
    expect(own !== '').toBe(expected !== undefined)
    expect(given?.slice(own.length)).toBe(args.join(' '))
  })
})

describe('two deploy keys of one host', () => {
  const folder = makeFolder()
  const urls: Record<string, string> = {}
  let sshd: Sshd
  let agent: Agent
  let env: Record<string, string>
  let program: string

  beforeAll(async () => {
    sshd = await startSshd({ authorizedKeys: [] })
    const texts: string[] = []
    for (const name of ['one', 'two']) {
      const url = await sshd.addRepository(name, { 'word.txt': name })
      const key = generateKey(folder.path, { comment: url })
      await sshd.addDeployKey(key.publicLine, url)
      urls[name] = url
      texts.push(key.text)
    }
    const { keys } = readPrivateKeys(texts.join(''))
    const ports = { exec: makeExec(), log: makeLog().log }
    agent = await startAgent(ports, {
      keys,
      passphrase: '',
      scope: 'build',
      folder: folder.path,
      environment: process.env
    })
    program = writeGitSSH(agent.keys)
    const hosts = join(folder.path, 'known_hosts')
    writeFileSync(hosts, `${sshd.hostKeyLine}\n`)
    writeFileSync(join(folder.path, 'git_ssh'), program, { mode: 0o755 })
    // Where a build has /etc/ssh/ssh_known_hosts.
    const ssh = `#!/bin/sh\nexec ${execFileSync('which', ['ssh']).toString().trim()} -o UserKnownHostsFile=${hosts} "$@"\n`
    writeFileSync(join(folder.path, 'ssh'), ssh, { mode: 0o755 })
    const temporary = join(folder.path, 'tmp')
    execFileSync('mkdir', [temporary])
    env = {
      ...{ PATH: `${folder.path}:${process.env.PATH ?? ''}`, SSH_AUTH_SOCK: agent.socketPath, TMPDIR: temporary },
      ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
    }
  })
  afterAll(async () => {
    await agent[Symbol.asyncDispose]()
    await sshd[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function clone(name: string, more: Readonly<Record<string, string>>): Promise<string> {
    const to = join(folder.path, `clone-${name}-${readdirSync(folder.path).length}`)
    await run('git', ['clone', '-q', urls[name] ?? '', to], { env: { ...env, ...more } })
    return readFileSync(join(to, 'word.txt'), 'utf8')
  }

  test('without the program the first key is taken for both', async () => {
    expect(await clone('one', {})).toBe('one')
    await expect(clone('two', {})).rejects.toThrow('Repository not found')
  })

  test.each(['one', 'two'])('with the program as a file each repository has its key: %s', async (name) => {
    expect(await clone(name, { GIT_SSH_COMMAND: join(folder.path, 'git_ssh') })).toBe(name)
  })

  test.each(['one', 'two'])('with its text in the variable, too: %s', async (name) => {
    expect(await clone(name, { GIT_SSH_COMMAND: program })).toBe(name)
  })

  test('a repository that no key names is asked for with all keys, and what git says is what ssh says', async () => {
    const url = await sshd.addRepository('other', { 'word.txt': 'other' })
    urls.other = url
    const cloning = clone('other', { GIT_SSH_COMMAND: join(folder.path, 'git_ssh') })
    await expect(cloning).rejects.toThrow('Repository not found')
    const elsewhere = run('git', ['ls-remote', urls.one ?? ''], {
      env: { ...env, GIT_SSH_COMMAND: join(folder.path, 'git_ssh'), SSH_AUTH_SOCK: '' }
    })
    await expect(elsewhere).rejects.toThrow('Permission denied (publickey)')
  })

  test('nothing stays behind', () => {
    expect(readdirSync(join(folder.path, 'tmp'))).toEqual([])
  })
})
