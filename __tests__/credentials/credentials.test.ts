import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { supplyCredentials, maskCredentials, readCredentials } from '../../src/credentials/credentials.js'
import { keepLeftovers, parseLeftovers } from '../../src/leftovers.js'
import type { Runner } from '../../src/ports.js'
import { occasionOf } from '../../src/occasion/occasion.js'
import { runs } from '../fixtures/events.js'
import { contextOf } from '../fixtures/started.js'
import { inputsOf, type Given } from '../inputs/support.js'
import { endAll, generateKey, makeExec, makeFolder, makeLog, processesWith } from '../ssh/support.js'

jest.setTimeout(60_000)

const folder = makeFolder()
afterAll(() => {
  endAll(folder.path)
  folder[Symbol.dispose]()
})
const key = generateKey(folder.path)

type Started = { readonly run?: keyof typeof runs; readonly env?: Readonly<Record<string, string>> }

async function read(given: Given, { run = 'push', env = {} }: Started = {}) {
  const occasion = occasionOf(contextOf(runs[run], env))
  const reading = await readCredentials(inputsOf(given), occasion, env)
  const { credentials, problems } = reading
  return {
    ...credentials,
    ids: credentials.secrets.map(({ id }) => id),
    problems: problems.map(({ input, problem }) => `${input}: ${problem}`)
  }
}

describe('what a build is offered', () => {
  test('the known hosts, always', async () => {
    const { secrets, keys, problems } = await read({})
    expect(secrets.map(({ id }) => id)).toEqual(['known_hosts'])
    expect(secrets[0]?.value.toString()).toMatch(/^github\.com|\ngithub\.com/)
    expect([keys, problems]).toEqual([[], []])
  })

  test("the user's own secret of that name instead", async () => {
    const { secrets } = await read({ secrets: 'known_hosts=mine' })
    expect(secrets).toEqual([{ id: 'known_hosts', value: Buffer.from('mine') }])
  })

  test.each<[string, string, readonly string[]]>([
    [
      'a repository on the server',
      'https://github.com/acme/app.git#main',
      ['known_hosts', 'GIT_AUTH_TOKEN.github.com']
    ],
    ['its port', 'https://github.com:443/acme/app.git', ['known_hosts', 'GIT_AUTH_TOKEN.github.com:443']],
    ['the name as it is written', 'https://GitHub.com/acme/app.git', ['known_hosts', 'GIT_AUTH_TOKEN.GitHub.com']],
    ['another port', 'https://github.com:8443/acme/app.git', ['known_hosts']],
    ['a login of its own', 'https://me:mine@github.com/acme/app.git', ['known_hosts']],
    ['an address that can be read in two ways', 'https://github.com\\\\@evil.example/app.git', ['known_hosts']],
    ['one elsewhere', 'https://git.evil.example/acme/app.git', ['known_hosts']],
    ['one whose address begins alike', 'https://github.com.evil.example/acme/app.git', ['known_hosts']],
    ['one with another name before the host', 'https://github.com@evil.example/app.git', ['known_hosts']],
    ['one without encryption', 'http://github.com/acme/app.git', ['known_hosts']],
    ['one over SSH', 'git@github.com:acme/app.git', ['known_hosts']],
    ['a folder', '.', ['known_hosts']]
  ])('the token for %s', async (_, context, ids) => {
    expect((await read({ context, 'github-token': 'ghs_hunter2hunter2' })).ids).toEqual(ids)
  })

  test.each(['GIT_AUTH_TOKEN', 'GIT_AUTH_TOKEN.github.com', 'GIT_AUTH_HEADER', 'GIT_AUTH_HEADER.github.com'])(
    "the user's own %s instead",
    async (id) => {
      const { secrets } = await read({
        context: 'https://github.com/a/b.git',
        'github-token': 'ours',
        secrets: `${id}=theirs`
      })
      expect(secrets.filter((secret) => secret.id.startsWith('GIT_'))).toEqual([{ id, value: Buffer.from('theirs') }])
    }
  )

  test('our token beside one for another host', async () => {
    const given = { context: 'https://github.com/a/b.git', 'github-token': 'ours', secrets: 'GIT_AUTH_TOKEN.x.org=a' }
    expect((await read(given)).ids).toEqual(['GIT_AUTH_TOKEN.x.org', 'known_hosts', 'GIT_AUTH_TOKEN.github.com'])
  })

  test('a token for a server with a port, as BuildKit writes it', async () => {
    const given = { context: 'http://127.0.0.1:18081/app.git#main', 'github-token': 'ours' }
    const env = { GITHUB_SERVER_URL: 'http://127.0.0.1:18081' }
    expect((await read(given, { env })).ids).toEqual(['known_hosts', 'GIT_AUTH_TOKEN.127.0.0.1:18081'])
  })
})

describe('what is wrong', () => {
  test.each<[string, Given, string]>([
    ['an empty secret', { secrets: 'token=' }, 'secrets: the secret "token" is empty'],
    [
      'an unset variable',
      { 'secret-envs': 'TOKEN' },
      'secret-envs: the secret "TOKEN" names the environment variable TOKEN, which is not set'
    ],
    [
      'an ssh id without an agent',
      { ssh: 'default' },
      'ssh: the ssh id "default" has no agent behind it: ssh-private-key is empty and SSH_AUTH_SOCK is not set'
    ]
  ])('%s', async (_, given, expected) => {
    expect((await read(given)).problems).toEqual([expected])
  })

  test('keys, secrets and hosts are told at once', async () => {
    const { problems } = await read({ 'ssh-private-key': 'nonsense', 'ssh-known-hosts': 'nonsense', secrets: 'a=' })
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['ssh-private-key', 'ssh-known-hosts', 'secrets'])
  })

  test('an agent that was there before will do', async () => {
    expect((await read({ ssh: 'default' }, { env: { SSH_AUTH_SOCK: '/run/agent' } })).problems).toEqual([])
  })

  test('a run of a fork, to which GitHub gave nothing, has no problems', async () => {
    const given = { secrets: 'token=', 'ssh-private-key': '\n\n', ssh: 'default' }
    const { problems, notes, ids, keys } = await read(given, { run: 'fork' })
    expect([problems, ids, keys]).toEqual([[], ['known_hosts'], []])
    expect(notes).toEqual(['the secret "token" is empty: this run is not trusted, so the build goes on without it.'])
  })
})

describe('what must not be seen', () => {
  const given = {
    secrets: 'token=hunter2hunter2\nshort=dev',
    'ssh-private-key': key.text,
    'ssh-known-hosts': '',
    'github-token': 'ghs_hunter3hunter3'
  }

  test('is every value, with the id that a message may give', async () => {
    const { sensitive } = await read(given)
    expect(sensitive.map(({ id }) => id)).toEqual([
      'token',
      'short',
      'ssh-private-key',
      'ssh-private-key',
      'github-token'
    ])
    expect(sensitive.every(({ value }) => value.length > 0)).toBe(true)
  })

  test('is masked line by line, and nothing short is', async () => {
    const masks: string[] = []
    maskCredentials((await read(given)).sensitive, (value) => masks.push(value))
    expect(masks).toContain('hunter2hunter2')
    expect(masks).toContain('ghs_hunter3hunter3')
    expect(masks).not.toContain('dev')
    const body = key.text.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))
    expect(masks).toEqual(expect.arrayContaining(body))
    expect(masks.filter((mask) => /\n|BEGIN|END/.test(mask))).toEqual([])
    expect(new Set(masks).size).toBe(masks.length)
  })
})

/** Hands over in a folder of its own; everything is taken away at the end. */
async function handed(given: Given, started: Started & { readonly name: string }) {
  const home = join(folder.path, started.name)
  mkdirSync(home)
  const occasion = { ...occasionOf(contextOf(runs[started.run ?? 'push'], started.env)), temporaryFolder: home }
  const inputs = inputsOf(given)
  const { credentials } = await readCredentials(inputs, occasion, started.env ?? {})
  const exported: Record<string, string> = {}
  const states: string[] = []
  const runner: Runner = {
    mask: () => undefined,
    saveState: (_, value) => states.push(value),
    setOutput: () => undefined,
    exportVariable: (name, value) => (exported[name] = value),
    writeSummary: () => Promise.resolve()
  }
  const exec = makeExec()
  const { log, lines } = makeLog()
  const handover = await supplyCredentials({ exec, log, runner }, credentials, {
    inputs,
    occasion,
    env: { PATH: process.env.PATH, ...started.env },
    leftovers: keepLeftovers(runner)
  })
  return { handover, home, exported, exec, lines, leftovers: () => parseLeftovers(states.at(-1) ?? '') }
}

describe('handing over', () => {
  test('a key is in an agent, under the id default, until the end of the step', async () => {
    const { handover, home, exec, leftovers, exported } = await handed(
      { 'ssh-private-key': key.text },
      { name: 'build' }
    )
    expect(handover.sshIDs).toEqual(['default'])
    const socket = /^default=(.+)$/.exec(handover.flags.ssh.at(-1) ?? '')?.[1] ?? ''
    const { stdout } = await exec({ file: 'ssh-add', args: ['-L'] }, { env: { SSH_AUTH_SOCK: socket } })
    expect(stdout.split(' ')[1]).toBe(key.publicLine.split(' ')[1])
    expect(leftovers().agents).toHaveLength(1)
    expect(exported).toEqual({})
    await handover[Symbol.asyncDispose]()
    expect(existsSync(socket)).toBe(false)
    expect(processesWith(home)).toEqual([])
    expect(readdirSync(home)).toEqual([])
  })

  test('a key for the job outlives the step, and is in the book', async () => {
    const { handover, home, exported, leftovers } = await handed(
      { 'ssh-private-key': key.text, 'ssh-agent-scope': 'job' },
      { name: 'job' }
    )
    await handover[Symbol.asyncDispose]()
    expect(existsSync(exported.SSH_AUTH_SOCK ?? '')).toBe(true)
    expect(leftovers().agents.map(({ socketPath }) => socketPath)).toEqual([exported.SSH_AUTH_SOCK])
    expect(processesWith(home).length).toBeGreaterThan(0)
    endAll(home)
  })

  test('ids name the agent, a socket or key files', async () => {
    const given = { 'ssh-private-key': key.text, ssh: 'default\ngithub=/run/other.sock\nkeys=a.pem,b.pem' }
    const { handover } = await handed(given, { name: 'ids' })
    expect(handover.sshIDs).toEqual(['default', 'github', 'keys'])
    expect(handover.flags.ssh.slice(1)).toEqual(['github=/run/other.sock', 'keys=a.pem,b.pem'])
    await handover[Symbol.asyncDispose]()
  })

  test('an agent that was there is used and left alone', async () => {
    const { handover, leftovers } = await handed(
      { ssh: 'default' },
      { name: 'there', env: { SSH_AUTH_SOCK: '/run/agent' } }
    )
    expect(handover.flags.ssh).toEqual(['default=/run/agent'])
    expect(leftovers().agents).toEqual([])
    await handover[Symbol.asyncDispose]()
  })

  test('without keys and ids there is no agent, not even one that was there', async () => {
    const { handover } = await handed({}, { name: 'none', env: { SSH_AUTH_SOCK: '/run/agent' } })
    expect(handover.flags).toEqual({ secrets: ['id=known_hosts,env=STAGEGATE_SECRET_0'], ssh: [] })
    expect([handover.secretIDs, handover.sshIDs]).toEqual([['known_hosts'], []])
    await handover[Symbol.asyncDispose]()
  })

  test('a value that needs a file is in the book before it is on the disk', async () => {
    const { handover, home, leftovers } = await handed({ secrets: `big=${'x'.repeat(140_000)}` }, { name: 'big' })
    expect(leftovers().folders).toEqual(readdirSync(home).map((name) => join(home, name)))
    await handover[Symbol.asyncDispose]()
    expect(readdirSync(home)).toEqual([])
  })
})

describe('a fork in pull_request_target', () => {
  const given = {
    context: 'https://github.com/mallory/app.git',
    secrets: 'token=hunter2hunter2',
    'ssh-private-key': key.text,
    ssh: 'default\nother=/run/other.sock',
    'github-token': 'ghs_hunter3hunter3'
  }

  test('gets nothing of what the step has, and is told so', async () => {
    const { ids, keys, notes, problems, sensitive } = await read(given, { run: 'targetFromFork' })
    expect([ids, keys, problems]).toEqual([['known_hosts'], [], []])
    expect(notes).toEqual([
      'The build gets none of the SSH keys and secrets of this step, because pull request #214 comes from the fork mallory/app.'
    ])
    // What is kept back is masked all the same.
    expect(sensitive.map(({ id }) => id)).toEqual(expect.arrayContaining(['token', 'ssh-private-key', 'github-token']))
  })

  test('also not through an agent that was there', async () => {
    const { handover, home } = await handed(given, {
      name: 'fork',
      run: 'targetFromFork',
      env: { SSH_AUTH_SOCK: '/run/agent' }
    })
    expect(handover.flags).toEqual({ secrets: ['id=known_hosts,env=STAGEGATE_SECRET_0'], ssh: [] })
    expect(handover.env).toEqual({ STAGEGATE_SECRET_0: expect.any(String), SSH_AUTH_SOCK: '' })
    expect([handover.secretIDs, handover.sshIDs]).toEqual([['known_hosts'], []])
    expect(processesWith(home)).toEqual([])
    await handover[Symbol.asyncDispose]()
  })

  test.each<keyof typeof runs>(['fork', 'forkReview', 'dependabot', 'dependabotPush'])(
    'and %s gets nothing of the runner: no files, variables, key files or agent',
    async (run) => {
      const file = join(folder.path, 'npmrc')
      writeFileSync(file, '//registry/:_authToken=npm_hunter5hunter5')
      const env = { SSH_AUTH_SOCK: '/run/agent', TOKEN: 'hunter6hunter6' }
      const own = { 'secret-files': `npmrc=${file}`, 'secret-envs': 'token=TOKEN', ssh: `default\nother=${file}` }
      const { ids, notes, sensitive } = await read(own, { run, env })
      expect(ids).toEqual(['known_hosts'])
      expect(sensitive.map(({ id }) => id)).toEqual(expect.arrayContaining(['npmrc', 'token']))
      expect(notes).toEqual([
        expect.stringMatching(/^The build gets nothing of the runner's own \(the files of npmrc; /)
      ])
      const { handover } = await handed(own, { name: `own-${run}`, run, env })
      expect(handover.flags).toEqual({ secrets: ['id=known_hosts,env=STAGEGATE_SECRET_0'], ssh: [] })
      // buildx would forward the agent to a git context over SSH unasked.
      expect(handover.env.SSH_AUTH_SOCK).toBe('')
      await handover[Symbol.asyncDispose]()
    }
  )

  test('while Dependabot gets the secrets that GitHub keeps for it', async () => {
    const { ids } = await read({ secrets: 'token=hunter2hunter2' }, { run: 'dependabot' })
    expect(ids).toEqual(['token', 'known_hosts'])
  })
})

test('known hosts of the user come with the pinned ones', async () => {
  const host = key.publicLine.split(' ').slice(0, 2).join(' ')
  const { secrets } = await read({ 'ssh-known-hosts': `git.example.com ${host}` })
  expect(secrets[0]?.value.toString()).toContain(`git.example.com ${host}`)
})
