/** The verify command: what it gets, what it does not, how it ends, and what is left of it. */
import { describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { readImages } from '../../src/image/index.js'
import { Cancelled } from '../../src/ports.js'
import { singleImage } from '../../src/serve/shelf.js'
import { planShell, runVerify } from '../../src/verify/command.js'
import { calledFiles, isSensitiveName, namesArchive, planEnvironment } from '../../src/verify/environment.js'
import { verifyImage } from '../../src/verify/verify.js'
import { keptLog } from '../buildkit/support/buildx.js'
import { imageOnDisk } from '../serve/support.js'

const facts = { image: 'i', layout: 'l', name: 'app', platform: 'linux/amd64', report: 'r' }

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
    'PGPASSWORD',
    'MYSQL_PWD',
    'npmToken',
    'TOKEN2',
    'GOOGLE_GHA_CREDS_PATH',
    'GOOGLE_APPLICATION_CREDENTIALS',
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
    'PWD',
    'OLDPWD',
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
      STAGEGATE_NAME: 'app',
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

  test('one that says 0 when its time is over has not passed', async () => {
    const end = await ran(`trap 'exit 0' TERM; while :; do sleep 0.05; done`, { seconds: 1 })
    expect(end.timedOut).toBe(true)
    expect(end.exitCode).not.toBe(0)
  })

  test('a daemon that has left its group ends with it', async () => {
    const env = { STAGEGATE_OCI_LAYOUT: `/nowhere/${randomUUID()}` }
    const { lines } = await ran('setsid sleep 300 & echo $!', { env })
    expect(lines).toEqual([expect.stringMatching(/^\d+$/)])
    // A zombie that nobody collects does not count.
    expect(await readFile(`/proc/${lines[0]}/stat`, 'latin1').catch(() => ') Z ')).toMatch(/\) [ZX] /)
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

describe('for one platform the command finds', () => {
  /** Runs it with a workspace of these files; `at` is a file that it has left there, `files` what lay beside the layout. */
  async function verified(script: string, files: Readonly<Record<string, string>> = {}) {
    await using disk = await imageOnDisk()
    const [, digest = ''] = disk.manifests
    const image = singleImage(disk.shelf, digest)
    if (image === undefined) throw new Error('no image')
    const workspace = await mkdtemp(path.join(os.tmpdir(), 'stagegate-workspace-'))
    try {
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(workspace, name), text)
      const { log } = keptLog()
      const result = await verifyImage(
        { log, now: () => Date.now(), signal: new AbortController().signal },
        {
          ...{
            script,
            name: 'app',
            image,
            workspace,
            platform: 'linux/arm64/v8',
            reference: 'localhost/x@y',
            report: '/r.json'
          },
          ...{ env: { PATH: process.env.PATH, HUSH_TOKEN: 'hush', TOLD_TOKEN: 'told' }, named: ['TOLD_TOKEN'] },
          ...{ secret: [], folder: path.join(disk.folder, 'run'), onStart: () => undefined }
        }
      )
      const variables = await readFile(path.join(workspace, 'env.txt'), 'utf8')
      const layout = /^STAGEGATE_OCI_LAYOUT=(.*)$/m.exec(variables)?.[1] ?? ''
      const { images, strayAttestations } = await readImages(layout)
      return {
        ...{ result, digest, variables, strayAttestations, layout },
        names: images.flatMap(({ names }) => names),
        digests: images.map(({ manifestDigest }) => manifestDigest),
        beside: await readdir(path.dirname(layout)),
        inside: await readdir(layout)
      }
    } finally {
      await rm(workspace, { recursive: true, force: true })
    }
  }

  test('a layout with its image alone, by name, and nothing that is not told', async () => {
    const found = await verified('env > env.txt')
    expect(found.result).toMatchObject({ platform: 'linux/arm64/v8', exitCode: 0 })
    expect(found.digests).toEqual([found.digest])
    expect(found.names).toEqual(['linux-arm64-v8'])
    expect(found.strayAttestations).toEqual([])
    expect(found.inside.sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
    expect(path.basename(found.layout)).toBe('linux-arm64-v8')
    const names = [...found.variables.matchAll(/^(STAGEGATE_\w+|\w+_TOKEN)=(.*)$/gm)].map(([, name]) => name)
    expect(names.sort()).toEqual([
      ...['STAGEGATE_IMAGE', 'STAGEGATE_NAME', 'STAGEGATE_OCI_LAYOUT', 'STAGEGATE_PLATFORM', 'STAGEGATE_REPORT'],
      'TOLD_TOKEN'
    ])
  })

  test('no archive where none is named', async () => {
    expect((await verified('env > env.txt', { 'other.sh': 'STAGEGATE_ARCHIVE' })).beside).toEqual(['linux-arm64-v8'])
  })

  test.each([
    ['the command', 'env > env.txt; test -s "$STAGEGATE_ARCHIVE"', {}],
    ['a script that it calls', 'sh ./scan.sh', { 'scan.sh': 'env > env.txt; test -s "$STAGEGATE_ARCHIVE"' }]
  ])('an archive where %s names it', async (_, script, files) => {
    const { result, beside } = await verified(script, files)
    expect(result.exitCode).toBe(0)
    expect(beside.sort()).toEqual(['image.tar', 'linux-arm64-v8'])
  })
})
