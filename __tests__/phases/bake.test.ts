/** Whose bake file it is decides whether bake is asked at all. */
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { readBake } from '../../src/phases/bake.js'
import { occasionFor } from '../fixtures/started.js'
import { keptLog } from '../buildkit/support/buildx.js'

let home: string
let cleanup: AsyncDisposableStack
let workspace: string
const folders: string[] = []
beforeEach(async () => {
  cleanup = new AsyncDisposableStack()
  folders.length = 0
  home = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bake-'))
  workspace = path.join(home, 'checkout')
  await mkdir(workspace)
  await writeFile(path.join(home, 'npmrc'), '_authToken=npm_hunter2hunter2\n')
})
afterEach(async () => {
  await cleanup.disposeAsync()
  await rm(home, { recursive: true })
})

/** As a run keeps it. */
function kept() {
  return { cleanup, leftovers: { addFolder: (folder: string) => void folders.push(folder) } }
}

async function ask(run: 'push' | 'fork', file: string) {
  const asked: string[] = []
  const printed = JSON.stringify({ group: { default: { targets: ['app'] } }, target: { app: { context: workspace } } })
  const { problems } = await readBake(
    {
      log: keptLog().log,
      exec: ({ args }) => {
        asked.push(args.join(' '))
        return Promise.resolve({ exitCode: 0, stdout: printed, stderr: '', timedOut: false })
      }
    },
    {
      read: (name) => (name === 'bake-files' ? path.join(workspace, file) : ''),
      env: { GITHUB_WORKSPACE: workspace }
    },
    { ...occasionFor(run), workspace },
    kept()
  )
  return { asked: asked.length, problems }
}

const reading = 'services:\n  app:\n    build: { context: ., args: [_authToken] }\n    env_file: [../npmrc]\n'

test('a stranger’s compose file that has others read is refused before bake reads them', async () => {
  await writeFile(path.join(workspace, 'compose.yaml'), reading)
  expect(await ask('fork', 'compose.yaml')).toMatchObject({
    asked: 0,
    problems: [{ input: 'bake-files', problem: expect.stringContaining('has env_file, include or extends') }]
  })
  expect(await ask('push', 'compose.yaml')).toEqual({ asked: 1, problems: [] })
  await writeFile(path.join(workspace, 'compose.yaml'), reading.replace(/ *env_file.*\n/, ''))
  expect(await ask('fork', 'compose.yaml')).toEqual({ asked: 1, problems: [] })
})

test('a stranger’s bake file is no link to what the runner has elsewhere', async () => {
  await symlink('../npmrc', path.join(workspace, 'docker-bake.hcl'))
  const { asked, problems } = await ask('fork', 'docker-bake.hcl')
  expect(problems).toMatchObject([
    { input: 'bake-files', problem: expect.stringContaining('leads out of the workspace') }
  ])
  expect({ asked, told: JSON.stringify(problems).includes('hunter2') }).toEqual({ asked: 0, told: false })
})

test.each(['/dev/zero', 'pipe'])('a stranger’s link to %s is refused before it is read', async (target) => {
  execFileSync('mkfifo', [path.join(home, 'pipe')])
  await symlink(path.resolve(home, target), path.join(workspace, 'docker-bake.hcl'))
  expect(await ask('fork', 'docker-bake.hcl')).toMatchObject({
    asked: 0,
    problems: [{ input: 'bake-files', problem: expect.stringContaining('leads out of the workspace') }]
  })
})

test('a bake file that may have no end is not opened, whoever wrote it', async () => {
  const file = path.join(workspace, 'docker-bake.hcl')
  execFileSync('mkfifo', [file])
  for (const run of ['push', 'fork'] as const) {
    expect(await ask(run, 'docker-bake.hcl')).toMatchObject({
      asked: 0,
      problems: [{ input: 'bake-files', problem: `"${file}" is not a regular file` }]
    })
  }
})

test('a stranger’s bake file is of a size that can be looked through', async () => {
  const file = path.join(workspace, 'docker-bake.hcl')
  await writeFile(file, '#'.repeat(4_000_001))
  expect(await ask('fork', 'docker-bake.hcl')).toMatchObject({
    asked: 0,
    problems: [{ input: 'bake-files', problem: `"${file}" is larger than 4.0 MB` }]
  })
  expect(await ask('push', 'docker-bake.hcl')).toEqual({ asked: 1, problems: [] })
  await writeFile(file, '#'.repeat(4_000_000))
  expect(await ask('fork', 'docker-bake.hcl')).toEqual({ asked: 1, problems: [] })
})

test('an agent that the step starts later is stood in for while bake is asked, and its id is kept', async () => {
  await writeFile(path.join(workspace, 'docker-bake.hcl'), 'target "app" { ssh = ["default"] }')
  const sockets: boolean[] = []
  const target = { app: { context: '.', ssh: [{ id: 'default' }] } }
  const { images, problems } = await readBake(
    {
      log: keptLog().log,
      exec: async ({ args }, options) => {
        expect(args.join(' ')).not.toContain('ssh=')
        const socket = options?.env?.SSH_AUTH_SOCK
        const isThere = socket !== undefined && (await stat(socket)).isSocket()
        sockets.push(isThere)
        const stdout = JSON.stringify({ group: { default: { targets: ['app'] } }, target })
        const stderr = 'ERROR: failed to convert agent config {default [] false}: invalid empty ssh agent socket'
        return isThere
          ? { exitCode: 0, stdout, stderr: '', timedOut: false }
          : { exitCode: 1, stdout: '', stderr, timedOut: false }
      }
    },
    { read: (name) => (name === 'bake-files' ? 'docker-bake.hcl' : ''), env: { GITHUB_WORKSPACE: workspace } },
    { ...occasionFor('push'), workspace },
    kept()
  )
  expect(problems).toEqual([])
  expect(sockets).toEqual([false, true])
  expect(images[0].read('ssh')).toBe('"default"')
})

test('a Dockerfile that cannot be read has stages that are not known', async () => {
  await writeFile(path.join(workspace, 'Dockerfile'), 'FROM scratch AS unit\n')
  const context = { context: workspace }
  // A file to look at, and an error to read.
  const target = { api: context, web: { ...context, dockerfile: '/proc/self/mem' }, cli: context }
  const { images, problems } = await readBake(
    {
      log: keptLog().log,
      exec: ({ args }) => {
        const stdout = JSON.stringify({ group: { default: { targets: Object.keys(target) } }, target })
        const isStage = args.at(-1) === 'unit' || args.at(-1) === 'lint'
        return Promise.resolve({
          exitCode: isStage ? 1 : 0,
          stdout,
          stderr: 'ERROR: failed to find it',
          timedOut: false
        })
      }
    },
    {
      read: (name) => ({ 'bake-files': 'docker-bake.hcl', 'test-target': 'unit,lint' })[name] ?? '',
      env: { GITHUB_WORKSPACE: workspace }
    },
    { ...occasionFor('push'), workspace },
    kept()
  )
  expect(problems).toEqual([])
  expect(images.map(({ read }) => read('test-target'))).toEqual(['unit', 'unit\nlint', 'unit'])
})

/** Bake as it is: it empties the files that outputs name before it prints them, unless it is told of other outputs. */
async function askWithOutput(run: 'push' | 'fork', dest: string) {
  await writeFile(path.join(workspace, 'docker-bake.hcl'), `target "app" { output = ["type=tar,dest=${dest}"] }`)
  return readBake(
    {
      log: keptLog().log,
      exec: async ({ args }) => {
        const output = args.includes('*.output=') ? [] : [{ type: 'tar', dest }]
        if (output.length > 0) await writeFile(dest, '')
        const target = { app: { context: workspace, output } }
        const stdout = JSON.stringify({ group: { default: { targets: ['app'] } }, target })
        return { exitCode: 0, stdout, stderr: '', timedOut: false }
      }
    },
    {
      read: (name) => (name === 'bake-files' ? path.join(workspace, 'docker-bake.hcl') : ''),
      env: { GITHUB_WORKSPACE: workspace }
    },
    { ...occasionFor(run), workspace },
    kept()
  )
}

test('a stranger’s bake file empties no file of the runner by naming it as an output', async () => {
  expect((await askWithOutput('fork', path.join(home, 'npmrc'))).problems).toEqual([])
  expect(await readFile(path.join(home, 'npmrc'), 'utf8')).toContain('hunter2')
})

test('a stranger’s test that writes nothing stays a test', async () => {
  const asked: string[] = []
  await writeFile(path.join(workspace, 'docker-bake.hcl'), 'target "unit" { output = ["type=cacheonly"] }')
  const exec = ({ args }: { readonly args: readonly string[] }) => {
    asked.push(args.join(' '))
    return Promise.resolve({ exitCode: 1, stdout: '', stderr: '', timedOut: false })
  }
  const read = (name: string) => (name === 'bake-files' ? path.join(workspace, 'docker-bake.hcl') : '')
  await readBake({ log: keptLog().log, exec }, { read, env: {} }, { ...occasionFor('fork'), workspace }, kept())
  expect(asked.join()).not.toContain('*.output=')
})

test('the empty file that bake makes of an output is not there until the image may leave', async () => {
  const dest = path.join(workspace, 'app.tar')
  const { images, problems } = await askWithOutput('push', dest)
  expect([problems, images[0].read('outputs')]).toEqual([[], `type=tar,dest=${dest}`])
  await expect(stat(dest)).rejects.toThrow('ENOENT')
})

test('a group in test-target stands for the tests in it', async () => {
  const target = {
    app: { context: '.', target: 'production' },
    unit: { context: '.', target: 'unit' },
    lint: { context: '.', target: 'lint' }
  }
  const { images, problems } = await readBake(
    {
      log: keptLog().log,
      exec: ({ args }) => {
        const asked = args.at(-1) === 'checks' ? ['unit', 'lint'] : ['app']
        const named = Object.fromEntries(Object.entries(target).filter(([name]) => asked.includes(name)))
        const group = {
          default: { targets: args.at(-1) === 'checks' ? ['checks'] : asked },
          checks: { targets: asked }
        }
        const stdout = JSON.stringify({ group, target: named })
        return Promise.resolve({ exitCode: 0, stdout, stderr: '', timedOut: false })
      }
    },
    {
      read: (name) => ({ 'bake-files': 'docker-bake.hcl', 'bake-targets': 'app', 'test-target': 'checks' })[name] ?? '',
      env: { GITHUB_WORKSPACE: workspace }
    },
    { ...occasionFor('push'), workspace },
    kept()
  )
  expect([problems, images.map(({ read }) => read('test-target'))]).toEqual([[], ['unit\nlint']])
})

test('a Dockerfile that stands in the file lies in a folder of the run, which goes with it', async () => {
  const dockerfile = 'FROM scratch\nCOPY . /\n'
  const inline = { context: '.', dockerfile: 'Dockerfile', 'dockerfile-inline': dockerfile }
  const target = { app: inline, web: { ...inline, 'dockerfile-inline': 'FROM alpine' } }
  const { images } = await readBake(
    {
      log: keptLog().log,
      exec: () => Promise.resolve({ exitCode: 0, stdout: printedOf(target), stderr: '', timedOut: false })
    },
    { read: (name) => (name === 'bake-files' ? 'docker-bake.hcl' : ''), env: {} },
    { ...occasionFor('push'), workspace, temporaryFolder: home },
    kept()
  )
  const files = images.map(({ read }) => read('file'))
  expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual([dockerfile, 'FROM alpine'])
  expect(images[0].from?.bake).toEqual({ files: ['docker-bake.hcl'], target: 'app', set: [], isInline: true })
  // For a run that is killed.
  expect(new Set(files.map((file) => path.dirname(path.dirname(file))))).toEqual(new Set(folders))
  expect(folders.map((folder) => path.dirname(folder))).toEqual([home])
  await cleanup.disposeAsync()
  await expect(stat(folders[0] ?? '')).rejects.toThrow('ENOENT')
})

function printedOf(target: object): string {
  return JSON.stringify({ group: { default: { targets: Object.keys(target) } }, target })
}
