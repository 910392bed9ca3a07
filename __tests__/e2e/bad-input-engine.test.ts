/** No Docker, half a Docker, and a Docker that dies: the machine is to blame, and the message says what it needs. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { canStartEngine, startEngine } from '../support/engine.js'
import { some } from '../support/tiers.js'
import { expectRefused } from './support/refusal.js'
import { baseImage, fresh, startWorkspace, type Workspace } from './support/workspace.js'

jest.setTimeout(120_000)

let workspace: Workspace

beforeAll(async () => {
  workspace = await startWorkspace({
    Dockerfile: `FROM ${await baseImage('busybox')} AS test\nRUN echo test\nFROM test AS production\nRUN echo > /app\n`
  })
})

const folders: string[] = []

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  for (const folder of folders) await rm(folder, { recursive: true })
})

/** A folder for PATH with only these programs; outside of the checkout, from which nothing is started. */
async function folderWith(...programs: readonly string[]): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bin-'))
  folders.push(folder)
  for (const program of programs) {
    const found = execFileSync('/bin/sh', ['-c', `command -v ${program}`])
    await symlink(found.toString().trim(), path.join(folder, program))
  }
  return folder
}

// docker also looks for plugins where the machine's packages put them.
const machinePlugins = ['lib', 'libexec', 'local/lib', 'local/libexec'].map(
  (folder) => `/usr/${folder}/docker/cli-plugins`
)
const withoutOtherPlugins = machinePlugins.some((folder) => existsSync(folder)) ? test.skip : test

describe('a runner', () => {
  test('without docker', async () => {
    const { summary } = await expectRefused(workspace, {
      env: { PATH: await folderWith('sh') },
      says: ['there is no docker command on this runner', 'Run the job on a runner with Docker']
    })
    expect(summary).toContain('the Docker engine failed')
  })

  withoutOtherPlugins('without buildx', async () => {
    const home = path.join(workspace.folder, fresh('home'))
    await mkdir(home)
    await expectRefused(workspace, {
      env: { DOCKER_CONFIG: home, HOME: home },
      says: ['docker has no buildx', 'docker/setup-buildx-action']
    })
  })

  test.each(some(['unix:///nosuch/docker.sock', 'tcp://127.0.0.1:9'], 1))(
    'whose DOCKER_HOST is %s, where nobody is',
    async (host) => {
      await expectRefused(workspace, {
        env: { DOCKER_HOST: host },
        says: ['Cannot connect to the Docker daemon', host, 'Start Docker before this step']
      })
    }
  )

  test('whose agent needs a program that is not there', async () => {
    const file = path.join(workspace.folder, fresh('key'))
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
    await expectRefused(workspace, {
      with: { 'ssh-private-key': await readFile(file, 'utf8') },
      env: { PATH: await folderWith('docker', 'sh') },
      says: ['ssh-agent']
    })
  })
})

const ownEngine = canStartEngine() ? describe : describe.skip

ownEngine('an engine that dies', () => {
  test('in the middle of a step', async () => {
    await using engine = await startEngine({ name: 'dying' })
    await workspace.write({
      'dying/Dockerfile': `FROM ${await baseImage('busybox')} AS test\nRUN echo NOW-${fresh()} && sleep 120\nFROM test AS production\n`
    })
    let killed = false
    const { summary, outputs } = await expectRefused(workspace, {
      with: { context: 'dying' },
      env: engine.env,
      onLog: (text) => {
        if (killed || !text.includes('│ NOW-')) return
        killed = true
        engine.kill()
      },
      says: ['The connection to the builder broke in the middle of the build']
    })
    expect(killed).toBe(true)
    expect(summary).toContain('the Docker engine failed')
    expect(outputs.gate).toBe('skipped')
  })
})
