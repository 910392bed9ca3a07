/** Keys: from the workflow into an agent, through BuildKit to a real SSH server, and out of the world again. */
import { describe, expect, jest, test } from '@jest/globals'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { startSshd } from '../support/engine.js'
import { long } from '../support/tiers.js'
import { recordBuildx, solves } from './support/buildx.js'
import { readImageFile } from './support/image.js'
import { makeKey, type Key } from './support/keys.js'
import { expectExit, printed } from './support/log.js'
import { processesWith, until } from './support/processes.js'
import { baseImage, fresh, freshRepository, sentinel, startWorkspace } from './support/workspace.js'

jest.setTimeout(300_000)

const run = promisify(execFile)

/** Clones a repository in a RUN, as the README tells to. */
async function cloning(url: string): Promise<string> {
  return `FROM ${await baseImage('python')} AS deps
ARG RUN=${fresh()}
RUN --mount=type=ssh \\
    --mount=type=secret,id=known_hosts,target=/etc/ssh/ssh_known_hosts,mode=0444 \\
    git clone -q ${url} /dependency
FROM ${await baseImage('busybox')} AS test
COPY --from=deps /dependency/word.txt /word.txt
RUN echo TESTED=$(cat /word.txt)
FROM ${await baseImage('busybox')} AS production
COPY --from=deps /dependency/word.txt /word.txt
`
}

const gated = { 'test-target': 'test', target: 'production', network: 'host' }

describe('a private repository on a real SSH server', () => {
  test('is cloned with a deploy key that opens with a passphrase, and the agent goes with the step', async () => {
    const passphrase = `open ${sentinel()} "sesame"`
    const key = makeKey({ passphrase })
    const other = makeKey()
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey] })
    const word = fresh()
    const url = await sshd.addRepository('dependency', { 'word.txt': word })
    const repository = freshRepository()
    await using workspace = await startWorkspace({ Dockerfile: await cloning(url) })
    const given = {
      ...gated,
      'ssh-known-hosts': sshd.hostKeyLine,
      tags: `${repository.reference}:1`,
      push: 'true'
    }

    const stranger = await workspace.run({ ...given, 'ssh-private-key': other.privateKey })
    expectExit(stranger, 1)
    expect(stranger.outputs).toMatchObject({ published: 'false' })
    expect(stranger.summary).toMatch(/^## ❌ .*the build failed \(deps\)/)
    expect(stranger.summary).toContain('Permission denied (publickey)')
    expect(stranger.summary).toContain('The host refused the SSH key')
    expect(stranger.summary).toContain('Dockerfile:3')

    // Two keys, and only the second one opens the door; pasted by somebody on Windows.
    const both = `${other.privateKey}\n${key.privateKey}`.trimEnd().replaceAll('\n', '\r\n')
    const green = await workspace.run({ ...given, 'ssh-private-key': both, 'ssh-passphrase': passphrase })
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(printed(green.log, 'TESTED')).toEqual([word])
    expect(await readImageFile(repository.name, '1', '/word.txt')).toBe(word)
    expect(green.log).toContain(key.fingerprint)
    expect(green.log).toMatch(/was repaired/)
    expect(green.exported).toEqual({})
    // Gone before `post`.
    expect(processesWith(green.temporary)).toEqual([])
    const { agents } = JSON.parse(green.state.leftovers ?? '') as { agents: { agentPid: number; folder: string }[] }
    expect(agents).toHaveLength(1)
    expect(existsSync(agents[0]?.folder ?? '')).toBe(false)
    // An orphan that has ended is collected by whoever plays init, sooner or later.
    await until('the end of the agent', 5, () => !existsSync(`/proc/${agents[0]?.agentPid}`))
  })

  test('is one of two, each with a deploy key of its own that names it in its comment', async () => {
    await using sshd = await startSshd({ authorizedKeys: [] })
    const [words, urls, keys] = [[fresh(), fresh()], [] as string[], [] as Key[]]
    for (const [index, word] of words.entries()) {
      const url = await sshd.addRepository(`dependency-${index}`, { 'word.txt': word })
      const key = makeKey({ comment: url })
      await sshd.addDeployKey(key.publicKey, url)
      urls.push(url)
      keys.push(key)
    }
    const mounts = `--mount=type=ssh --mount=type=secret,id=known_hosts,target=/etc/ssh/ssh_known_hosts,mode=0444`
    const dockerfile = `FROM ${await baseImage('python')} AS deps
ARG RUN=${fresh()}
RUN ${mounts} \\
    --mount=type=secret,id=git_ssh,target=/run/git_ssh,mode=0755 \\
    export GIT_SSH_COMMAND=/run/git_ssh && git clone -q ${urls[0]} /a && git clone -q ${urls[1]} /b
FROM deps AS test
RUN echo TESTED=$(cat /a/word.txt)-$(cat /b/word.txt); ls -A /tmp /run | sed s/^/LEFT=/
FROM scratch AS production
COPY --from=deps /a/word.txt /b/word.txt /
`
    await using workspace = await startWorkspace({ Dockerfile: dockerfile })
    const given = { ...gated, 'ssh-known-hosts': sshd.hostKeyLine }
    const green = await workspace.run({
      ...given,
      'ssh-private-key': keys.map(({ privateKey }) => privateKey).join('')
    })
    expectExit(green, 0)
    expect(printed(green.log, 'TESTED')).toEqual([words.join('-')])
    expect(printed(green.log, 'LEFT').filter((name) => name.includes('git_ssh') || name.startsWith('tmp.'))).toEqual([])
    expect(green.log).toMatch(/with git_ssh it is the key for 127\.0\.0\.1\/\S+\/dependency-1/)
    expect(green.summary).not.toContain('git_ssh" is supplied')

    const one = await workspace.run({
      ...given,
      'ssh-private-key': keys[0]?.privateKey ?? '',
      'build-args': 'RUN=again'
    })
    expectExit(one, 1)
    expect(one.summary).toContain('`git_ssh`')
  })

  long.test('is not cloned from a host that nobody vouched for', async () => {
    const key = makeKey()
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey] })
    const url = await sshd.addRepository('dependency', { 'word.txt': 'word' })
    await using workspace = await startWorkspace({ Dockerfile: await cloning(url) })
    const red = await workspace.run({ ...gated, 'ssh-private-key': key.privateKey })
    expectExit(red, 1)
    expect(red.summary).toContain('Host key verification failed')
  })

  long.test('can be the build context: one call for the tests and the image', async () => {
    const key = makeKey()
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey] })
    const word = fresh()
    const dockerfile = `FROM ${await baseImage('busybox')} AS base
COPY word.txt /word.txt
RUN cat /proc/sys/kernel/random/uuid > /id && echo MADE=$(cat /id)
FROM base AS test
RUN echo TESTED=$(cat /id) && test "$(cat /word.txt)" = WORD
FROM base AS production
RUN echo PACKED=$(cat /id)
`
    const goodURL = await sshd.addRepository('good', {
      Dockerfile: dockerfile.replace('WORD', word),
      'word.txt': word
    })
    const badURL = await sshd.addRepository('bad', { Dockerfile: dockerfile, 'word.txt': fresh() })
    const repository = freshRepository()
    await using workspace = await startWorkspace({})
    await using recorder = await recordBuildx()
    const given = {
      'test-target': 'test',
      target: 'production',
      'ssh-private-key': key.privateKey,
      'ssh-known-hosts': sshd.hostKeyLine,
      tags: `${repository.reference}:1`,
      push: 'true'
    }

    const red = await workspace.run({ ...given, context: `${badURL}#main` }, { env: recorder.env })
    expectExit(red, 1)
    expect(red.outputs).toMatchObject({ gate: 'failed', published: 'false' })
    expect(red.summary).toContain('exit code 1')
    expect(solves(await recorder.calls())).toHaveLength(1)

    const green = await workspace.run({ ...given, context: `${goodURL}#main` }, { env: recorder.env })
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    const [id, ...again] = printed(green.log, 'MADE')
    expect(again).toEqual([])
    expect(printed(green.log, 'TESTED')).toEqual([id])
    expect(printed(green.log, 'PACKED')).toEqual([id])
    expect(await readImageFile(repository.name, '1', '/word.txt')).toBe(word)
    expect(solves(await recorder.calls()).map(({ args }) => args[0])).toEqual(['bake', 'bake'])
  })
})

describe('the agent of scope job', () => {
  test('serves later steps with every key, holds no secret in its environment, and ends in post', async () => {
    const keys = [makeKey({ type: 'rsa' }), makeKey({ passphrase: sentinel() }), makeKey({ type: 'ecdsa' })]
    const secret = sentinel()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test\nRUN echo ${fresh()}\n`
    })
    const step = await workspace.run({
      'test-target': 'test',
      'ssh-private-key': keys.map(({ privateKey }) => privateKey).join(''),
      'ssh-passphrase': keys[1]?.passphrase ?? '',
      'ssh-agent-scope': 'job',
      secrets: `TOKEN=${secret}`
    })
    expectExit(step, 0)
    expect(Object.keys(step.exported).sort()).toEqual(['SSH_AGENT_PID', 'SSH_AUTH_SOCK'])

    const { stdout } = await run('ssh-add', ['-l'], { env: { ...process.env, ...step.exported } })
    for (const { fingerprint } of keys) expect(stdout).toContain(fingerprint)
    for (const { pid } of processesWith(step.exported.SSH_AUTH_SOCK ?? '')) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
      expect(environment).not.toContain('PRIVATE KEY')
      expect(environment).not.toContain(keys[1]?.passphrase)
      expect(environment).not.toContain(secret)
    }

    await step.post()
    expect(existsSync(step.exported.SSH_AUTH_SOCK ?? '')).toBe(false)
    await until('the end of the agent', 5, () => !existsSync(`/proc/${step.exported.SSH_AGENT_PID}`))
    expect(() =>
      execFileSync('ssh-add', ['-l'], { env: { ...process.env, ...step.exported }, stdio: 'pipe' })
    ).toThrow()
    // A second `post` finds nothing and complains about nothing.
    expect(await step.post()).toBe('')
  })

  long.test('an agent that was there before is used and left alone', async () => {
    const key = makeKey()
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey] })
    const word = fresh()
    const url = await sshd.addRepository('dependency', { 'word.txt': word })
    await using workspace = await startWorkspace({ Dockerfile: await cloning(url) })
    const [, socket = '', pid = ''] =
      /SSH_AUTH_SOCK=([^;]+);[^]*SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s']).toString()) ?? []
    try {
      execFileSync('ssh-add', ['-q', '-'], { input: key.privateKey, env: { ...process.env, SSH_AUTH_SOCK: socket } })
      const green = await workspace.run(
        { ...gated, ssh: 'default', 'ssh-known-hosts': sshd.hostKeyLine },
        { env: { SSH_AUTH_SOCK: socket } }
      )
      expectExit(green, 0)
      expect(printed(green.log, 'TESTED')).toEqual([word])
      await green.post()
      expect(existsSync(socket)).toBe(true)
      expect(existsSync(`/proc/${pid}`)).toBe(true)
    } finally {
      process.kill(Number(pid))
    }
  })
})
