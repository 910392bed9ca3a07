/** The verify command: what it gets, what it does not, how it ends, and what is left of it. */
import { describe, expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Cancelled } from '../../src/ports.js'
import { planShell, runVerify } from '../../src/verify/command.js'
import { calledFiles, isSensitiveName, namesArchive, planEnvironment } from '../../src/verify/environment.js'

const facts = { image: 'i', layout: 'l', platform: 'linux/amd64', report: 'r' }

describe('the environment', () => {
  test.each([
    'GITHUB_TOKEN',
    'GH_TOKEN',
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_ID_TOKEN_REQUEST_URL',
    'ACTIONS_CACHE_URL',
    'INPUT_SECRETS',
    'STATE_leftovers',
    'SSH_AUTH_SOCK',
    'NPM_TOKEN',
    'DB_PASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'DEPLOY_KEY',
    'GITHUB_ENV',
    'BASH_ENV'
  ])('%s stays out', (name) => {
    expect(isSensitiveName(name)).toBe(true)
    expect(planEnvironment({ [name]: 'x' }, [], [], facts)).not.toHaveProperty(name)
    expect(planEnvironment({ [name]: 'x' }, [name], [], facts)).toHaveProperty(name, 'x')
  })

  test.each([
    'PATH',
    'HOME',
    'GITHUB_SHA',
    'GITHUB_REPOSITORY',
    'CI',
    'RUNNER_TEMP',
    'DOCKER_HOST',
    'KEYBOARD',
    'TOKENIZERS_PARALLELISM'
  ])('%s stays in', (name) => {
    expect(planEnvironment({ [name]: 'x' }, [], [], facts)).toHaveProperty(name, 'x')
  })

  test('a secret under an innocent name stays out, unless it is named', () => {
    expect(planEnvironment({ FOO: 'a hushhush b' }, [], ['hushhush\n'], facts)).not.toHaveProperty('FOO')
    expect(planEnvironment({ FOO: 'hushhush' }, ['FOO'], ['hushhush'], facts)).toHaveProperty('FOO')
  })

  test('the image is in it; an archive only where there is one', () => {
    expect(planEnvironment({}, [], [], facts)).toEqual({
      STAGEGATE_IMAGE: 'i',
      STAGEGATE_OCI_LAYOUT: 'l',
      STAGEGATE_PLATFORM: 'linux/amd64',
      STAGEGATE_REPORT: 'r'
    })
    expect(namesArchive(['dockle --input "$STAGEGATE_ARCHIVE"'])).toBe(true)
    expect(namesArchive(['trivy image --input "$STAGEGATE_OCI_LAYOUT"'])).toBe(false)
    expect(calledFiles('bash scripts/check.sh; ./verify "$X" && echo ../out /etc/passwd')).toEqual([
      ...['scripts/check.sh', './verify']
    ])
  })
})

async function ran(
  script: string,
  more: { seconds?: number; signal?: AbortSignal; env?: Record<string, string> } = {}
) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-verify-'))
  const lines: string[] = []
  let group = 0
  try {
    const end = await runVerify({
      ...{ script, folder, cwd: folder, timeoutSeconds: more.seconds ?? 60 },
      env: { PATH: process.env.PATH ?? '', ...more.env },
      onLine: (line) => lines.push(line),
      onStart: (pid) => (group = pid),
      signal: more.signal ?? new AbortController().signal
    })
    return { ...end, lines, group, left: await readdir(folder) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Processes of a group; a zombie that nobody collects does not count. */
function alive(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}

describe('the command', () => {
  test('is a script as a run: step has it', async () => {
    const { exitCode, lines, left } = await ran('echo one\necho two >&2\nfalse | true\necho never')
    expect(exitCode).toBe(1)
    expect([...lines].sort()).toEqual(['one', 'two'])
    expect(left).toEqual([])
  })

  test('runs to its end with code 0', async () => {
    expect(await ran('test "$A" = b', { env: { A: 'b' } })).toMatchObject({ exitCode: 0, timedOut: false })
  })

  test('a program that is not there is code 127', async () => {
    const { exitCode, log } = await ran('no-such-scanner --now')
    expect(exitCode).toBe(127)
    expect(log.join('\n')).toContain('no-such-scanner')
  })

  test('children that it leaves end with it', async () => {
    const { exitCode, group, lines } = await ran('sleep 300 & sleep 300 & echo up')
    expect(exitCode).toBe(0)
    expect(lines).toEqual(['up'])
    expect(alive(group)).toBe(false)
  })

  test('one that goes on for ever is ended with all its children', async () => {
    const { timedOut, group } = await ran('trap "" TERM; sleep 300 & while :; do sleep 0.1; done', { seconds: 0.5 })
    expect(timedOut).toBe(true)
    expect(alive(group)).toBe(false)
  })

  test('so is one whose run is cancelled', async () => {
    const cancelling = new AbortController()
    setTimeout(() => cancelling.abort(), 100)
    await expect(ran('sleep 300', { signal: cancelling.signal })).rejects.toThrow(Cancelled)
    await expect(ran('true', { signal: AbortSignal.abort() })).rejects.toThrow(Cancelled)
  })

  test('a flood is counted, not shown', async () => {
    const { lines, hidden, log } = await ran('seq 20100; head -c 100000 /dev/zero | tr "\\0" x; echo; echo last')
    expect(lines).toHaveLength(20_000)
    expect(hidden).toBe(102)
    expect(log.at(-1)).toBe('last')
    expect(Math.max(...log.map(({ length }) => length))).toBeLessThanOrEqual(8000)
  })

  test('without bash it is sh', () => {
    expect(planShell('/x/verify.sh', '/nowhere')).toEqual({ file: 'sh', args: ['-e', '/x/verify.sh'] })
  })
})
