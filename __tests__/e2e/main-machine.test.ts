/** Machines that are not as they should be: a temporary folder that is full or mounted otherwise, and builders that die. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startProxyBuilder, type EngineEnv } from '../support/engine.js'
import { long, some } from '../support/tiers.js'
import { makeKey } from './support/keys.js'
import { expectExit } from './support/log.js'
import { plain } from './support/refusal.js'
import { job, startProject } from './support/variety.js'
import { baseImage, fresh, startWorkspace, type Workspace } from './support/workspace.js'

jest.setTimeout(180_000)

const run = promisify(execFile)

/** A file system of its own. */
type Mounted = AsyncDisposable & { readonly folder: string }

async function mounted(options: string): Promise<Mounted> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-disk-'))
  const dispose = async (): Promise<void> => {
    await run('umount', ['--lazy', folder]).catch(() => undefined)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  } catch (error) {
    await dispose()
    throw error
  }
  return { folder, [Symbol.asyncDispose]: dispose }
}

const canMount = await mounted('size=1m').then(
  async (disk) => {
    await disk[Symbol.asyncDispose]()
    return true
  },
  () => false
)

let workspace: Workspace
beforeAll(async () => {
  workspace = await startProject()
}, 300_000)
afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

const withMounts = canMount ? describe : describe.skip

withMounts('a temporary folder', () => {
  test.each(
    some(
      [
        ['that is full', 'size=20m', 'no space, or no inode, is left on its disk'],
        ['with little left', 'size=8m', 'left'],
        ['that is read-only', 'ro', 'its file system is read-only'],
        ['without inodes', 'nr_inodes=1', 'no space, or no inode, is left on its disk']
      ],
      1
    )
  )('%s is told before anything is built', async (_, options, words) => {
    await using disk = await mounted(options)
    if (words.startsWith('no space') && options.startsWith('size')) {
      await run('dd', ['if=/dev/zero', `of=${disk.folder}/filler`, 'bs=1M']).catch(() => undefined)
    }
    const result = await workspace.run(job, { env: { RUNNER_TEMP: disk.folder } })
    expectExit(result, 1)
    expect(plain(result.summary)).toContain(plain('the temporary folder of the runner (RUNNER_TEMP'))
    expect(plain(result.summary)).toContain(plain(words))
    expect(result.log).not.toMatch(/\bat .*\(?.*:\d+:\d+\)?$/m)
    expect(result.log).not.toContain('RUN echo all tests passed')
    // The report is written where there is room.
    expect(result.outputs.report).toMatch(/stagegate-report-/)
  })

  long.test('that the image does not fit into is told as one', async () => {
    await using disk = await mounted('size=40m')
    await using large = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')}\nRUN dd if=/dev/urandom of=/large bs=1M count=60 # ${fresh()}\n`
    })
    const result = await large.run({}, { env: { RUNNER_TEMP: disk.folder } })
    expectExit(result, 1)
    expect(plain(result.summary)).toMatch(/no space|disk/)
    expect(plain(result.summary)).not.toContain('nothing in your code')
    expect(result.log).not.toMatch(/\bat .*\(?.*:\d+:\d+\)?$/m)
  })

  test('that is mounted noexec is as good as another, also for a key with a passphrase', async () => {
    await using disk = await mounted('size=512m,noexec')
    const key = makeKey({ passphrase: 'hunter2 hunter2' })
    const result = await workspace.run(
      { ...job, 'ssh-private-key': key.privateKey, 'ssh-passphrase': key.passphrase },
      { env: { RUNNER_TEMP: disk.folder } }
    )
    expectExit(result, 0)
    expect(result.log).toContain('into the agent')
    await result.post()
  })
})

// Root without these is stopped by a file's mode as anybody is.
const without = ['setpriv', ...['--inh-caps', '--bounding-set'].map((set) => `${set}=-dac_override,-dac_read_search`)]
const canChange = await run(without[0] ?? '', [...without.slice(1), 'true']).then(
  () => process.getuid?.() === 0,
  () => false
)
const withUsers = canChange ? describe : describe.skip

withUsers('a user', () => {
  test('that may not read a file of the context is told which, and where to write it', async () => {
    await using own = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test\nCOPY . /src\nRUN echo ${fresh()}\n`,
      'pgdata/base': 'rows'
    })
    await chown(path.join(own.folder, 'pgdata'), 4711, 4711)
    await chmod(path.join(own.folder, 'pgdata'), 0o700)
    const refused = await own.run({ 'test-target': 'test' }, { through: without })
    expectExit(refused, 1)
    expect(plain(refused.summary)).toMatch(/may not read "?\S*pgdata/)
    expect(plain(refused.summary)).toContain('.dockerignore')
    await own.write({ '.dockerignore': 'pgdata\n' })
    expectExit(await own.run({ 'test-target': 'test' }, { through: without }), 0)
  })
})

long.test('a comma in the path of the temporary folder, and a key', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'stagegate-a, "b" '))
  try {
    await using own = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test
RUN --mount=type=ssh,required=true test -S "$SSH_AUTH_SOCK" && echo AGENT ${fresh()}
`
    })
    const result = await own.run(
      { 'test-target': 'test', 'ssh-private-key': makeKey().privateKey },
      { env: { RUNNER_TEMP: home } }
    )
    expectExit(result, 0)
    await result.post()
  } finally {
    await rm(home, { recursive: true })
  }
})

test('a builder that dies in the middle of a build is told by its place, and not as the code’s fault', async () => {
  const { DOCKER_HOST = '', DOCKER_CONFIG = path.join(os.homedir(), '.docker'), PATH = '' } = process.env
  const env: EngineEnv = { DOCKER_HOST, DOCKER_CONFIG, PATH }
  const builder = await startProxyBuilder({ env })
  await using own = await startWorkspace({
    Dockerfile: `FROM ${await baseImage('busybox')} AS test\nRUN echo STARTED ${fresh()} && sleep 30\n`
  })
  let dying: Promise<void> | undefined
  const result = await own.run(
    { 'test-target': 'test', builder: builder.name },
    {
      onLog: (text) => {
        if (text.includes('│ STARTED')) dying ??= Promise.resolve(builder[Symbol.asyncDispose]())
      }
    }
  )
  await (dying ?? builder[Symbol.asyncDispose]())
  expectExit(result, 1)
  expect(result.outputs.gate).not.toBe('passed')
  expect(plain(result.summary)).toContain('the connection to the builder broke in the middle of the build')
  expect(plain(result.summary)).toMatch(/unix:\/\/\S+node0\.sock/)
  expect(plain(result.summary)).not.toMatch(/the tests failed|nothing in your code/)
  await result.post()
})
