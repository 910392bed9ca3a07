/** Deploy keys, each for a repository of its own: real keys in a real agent, git, and a server that lets each read its own. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFile, execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
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
