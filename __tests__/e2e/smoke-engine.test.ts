/** The very image, pulled from loopback into a real engine, started, probed, and gone again. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'
import { parseSmoke } from '../../src/inputs/smoke.js'
import { endLeftovers, keepLeftovers, parseLeftovers } from '../../src/leftovers.js'
import { processMark } from '../../src/core/process_mark.js'
import type { Exec, Log } from '../../src/ports.js'
import { readContent, type Content } from '../../src/registry/content.js'
import { writeArchive } from '../../src/serve/layout.js'
import { serveImage } from '../../src/serve/registry.js'
import { singleImage } from '../../src/serve/shelf.js'
import { removeForsaken } from '../../src/smoke/forsaken.js'
import { loadedName, planNetwork, planRemoveImage, planStart } from '../../src/smoke/plan.js'
import { smokeImage, type SmokeResult } from '../../src/smoke/smoke.js'
import { baseImage, fresh } from './support/workspace.js'
import { long, some } from '../support/tiers.js'

jest.setTimeout(120_000)

const log: Log = {
  info: () => undefined,
  untrusted: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  group: (_title, body) => body()
}
let folder = ''
let content: Content | undefined

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-smoke-'))
  await writeFile(
    path.join(folder, 'Dockerfile'),
    `FROM ${await baseImage('busybox')}
RUN echo ${fresh()} > /run.txt && mkdir /www && echo up > /www/index.html && printf 'echo a script' > /script && chmod +x /script
HEALTHCHECK --interval=30s CMD test -e /tmp/ready
CMD ["sh", "-c", "echo starting with $GREETING; sleep 1; touch /tmp/ready; exec httpd -f -p 8080 -h /www"]
`
  )
  const layout = path.join(folder, 'layout')
  execFileSync('docker', [
    ...['buildx', 'build', '--quiet', '--provenance=false', '--output', `type=oci,tar=false,dest=${layout}`, folder]
  ])
  content = await readContent([layout])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What is of ours in the engine. */
function ours(): readonly string[] {
  const list = (...args: readonly string[]) => execFileSync('docker', args, { encoding: 'utf8' }).split('\n')
  return [
    ...list('container', 'ls', '--all', '--format', '{{.Names}}'),
    ...list('network', 'ls', '--format', '{{.Name}}'),
    ...list('image', 'ls', '--digests', '--format', '{{.Repository}}')
  ].filter((name) => /stagegate-(?:smoke-)?[0-9a-f]{12}/.test(name))
}

async function smoke(
  text: string,
  more: { timeout?: number; reachable?: boolean; env?: string } = {}
): Promise<SmokeResult> {
  const probe = parseSmoke(text)
  if ('problem' in probe || content === undefined) throw new Error('bad test')
  const { root } = content
  const manifest = root.mediaType.includes('index') ? content.documents[0] : root
  const image = singleImage(content, manifest?.digest ?? '')
  if (image === undefined) throw new Error('no image')
  await using registry = await serveImage(content)
  const repository = more.reachable === false ? `127.0.0.1:1/stagegate-${'0'.repeat(32)}` : registry.repository
  const { signal } = new AbortController()
  const exec = createExec(childEnvironment(process.env), signal)
  const reference = `${repository}@${image.manifest.digest}`
  try {
    return await smokeImage(
      { log, now: () => Date.now(), exec, signal },
      {
        ...{ folder, probe: probe, platform: 'linux/amd64', timeoutSeconds: more.timeout ?? 60 },
        variables: more.env === undefined ? [] : [{ name: 'GREETING', value: more.env }],
        reference,
        writeArchive: async (tag) => {
          const file = path.join(folder, 'image.tar')
          await writeArchive(file, image, { refName: 'inspected', tag })
          return file
        },
        leftovers: { addSmoke: () => undefined, addImage: () => undefined }
      }
    )
  } finally {
    await exec(planRemoveImage(reference))
  }
}

describe('green', () => {
  test.each(
    some(
      [
        ['healthy', 'its HEALTHCHECK says that it is healthy'],
        ['http://:8080/', 'port 8080 answered / with 200'],
        ['sh -c "test -s /run.txt"', 'it ended with exit code 0']
      ],
      1
    )
  )('%s', async (text, words) => {
    const before = ours()
    const result = await smoke(text)
    expect(result).toMatchObject({ result: 'passed', words, platform: 'linux/amd64' })
    expect(ours()).toEqual(before)
  })

  long.test('a command that leaves children: they go with it', async () => {
    const before = ours()
    const word = fresh()
    expect(await smoke(`sh -c "sh -c 'exec -a ${word} sleep 1000' & exit 0"`)).toMatchObject({ result: 'passed' })
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    expect(processes).not.toContain(word)
    expect(ours()).toEqual(before)
  })

  test('an engine that does not reach the runner gets the image in an archive', async () => {
    const before = ours()
    expect(await smoke('sh -c "exit 0"', { reachable: false })).toMatchObject({ result: 'passed' })
    expect(ours()).toEqual(before)
  })
})

describe('red', () => {
  test('an exit code, the log, and the variable that was given', async () => {
    const result = await smoke(`sh -c 'echo hello $GREETING; echo "TOKEN_URL is not set" >&2; exit 3'`, { env: 'you' })
    expect(result).toMatchObject({ result: 'failed', reason: 'it ended with exit code 3', exitCode: 3 })
    if (result.result !== 'failed') return
    expect(result.log).toContain('hello you')
    expect(result.advice).toEqual(['It needs the variable TOKEN_URL: give it a value in smoke-env.'])
  })

  test.each(
    some(
      [
        ['another port', 'http://:9090/', 2, /^port 9090 /, 'It listens on port 8080, not on 9090.'],
        ['another path', 'http://:8080/healthz', 2, /answered \/healthz with 404/, 'Nothing is at /healthz'],
        [
          'a program that is not there',
          'no-such-program',
          30,
          /exit code 127|could not start it/,
          'is not in the image'
        ],
        ['a program that does not end', 'sleep 100', 1, /did not end within 1 s/, 'It is still running'],
        ['a flood', 'yes flood', 2, /did not end within 2 s/, 'flood'],
        ['one line of 50 MB', `sh -c "head -c 50000000 /dev/zero | tr '\\\\0' x; exit 4"`, 60, /exit code 4/, 'xxx'],
        ['a server that does not end itself', 'sh -c "exit 0 & exit 7"', 30, /exit code 7/, '']
      ],
      1
    )
  )('%s', async (_name, text, timeout, reason, advice) => {
    const before = ours()
    const result = await smoke(text, { timeout })
    expect(result).toMatchObject({ result: 'failed', reason: expect.stringMatching(reason) })
    if (result.result === 'failed') {
      expect([...result.log, ...result.advice].join('\n')).toContain(advice)
      expect(result.log.length).toBeLessThanOrEqual(60)
      expect(Math.max(0, ...result.log.map(({ length }) => length))).toBeLessThanOrEqual(500)
    }
    expect(ours()).toEqual(before)
  })
})

test.each([
  [
    'its post',
    async (exec: Exec, name: string) => {
      let state = ''
      const leftovers = keepLeftovers({ saveState: (_name, value) => (state = value) })
      leftovers.addSmoke(name)
      leftovers.addImage(loadedName(name))
      expect(await endLeftovers({ exec }, parseLeftovers(state))).toEqual([])
    }
  ],
  ['the next run', (exec: Exec) => removeForsaken({ exec })]
])('what a killed run has left is removed by %s', async (_who, remove) => {
  const before = ours()
  const name = `stagegate-smoke-${processMark(spawnSync('true').pid)}0123456789ab`
  const run = (...args: readonly string[]) => execFileSync('docker', args, { stdio: 'pipe' })
  const image = await baseImage('busybox')
  execFileSync('docker', ['pull', '--quiet', image], { stdio: 'pipe' })
  const exec = createExec(childEnvironment(process.env), new AbortController().signal)
  run(...planNetwork(name).args)
  run('image', 'tag', image, loadedName(name))
  const probe = { kind: 'arguments', args: ['sleep', '300'] } as const
  // Not every engine has an init.
  run(...planStart({ name, image, platform: 'linux/amd64', probe, bare: true }).args)
  expect(ours()).toHaveLength(before.length + 3)
  await remove(exec, name)
  expect(ours()).toEqual(before)
})
