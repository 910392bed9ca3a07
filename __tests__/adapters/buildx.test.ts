/** Which program stands for `docker buildx`, with real files and real children. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { findBuildx, startDirectly } from '../../src/adapters/buildx.js'
import { createExec } from '../../src/adapters/exec.js'
import { Cancelled } from '../../src/ports.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-buildx-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** A program that prints its name and its arguments. */
async function program(place: string, text = '#!/bin/sh\necho "$0 $*"\n'): Promise<string> {
  const file = path.join(folder, place)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  await chmod(file, 0o755)
  return file
}

test('finds the plugin in the order of the docker CLI', async () => {
  const system = path.join(folder, 'system')
  const PATH = `/nosuch${path.delimiter}${path.dirname(await program('bin/docker'))}`
  const DOCKER_CONFIG = path.join(folder, 'config')
  const find = (): string | undefined => findBuildx({ PATH, DOCKER_CONFIG }, [system])
  expect(find()).toBeUndefined()
  const systemWide = await program('system/docker-buildx')
  expect(find()).toBe(systemWide)
  const own = await program('config/cli-plugins/docker-buildx')
  expect(find()).toBe(own)
  const extra = await program('extra/docker-buildx')
  await writeFile(
    path.join(folder, 'config/config.json'),
    JSON.stringify({ cliPluginsExtraDirs: [path.join(folder, 'extra')] })
  )
  expect(find()).toBe(extra)
  expect(findBuildx({ PATH: '/nosuch', DOCKER_CONFIG }, [system])).toBeUndefined()
})

test('takes the configuration of HOME, passes over what is no program and what is no configuration', async () => {
  const PATH = path.dirname(await program('bin/docker'))
  const find = (): string | undefined => findBuildx({ PATH, HOME: folder }, [])
  const plugin = await program('.docker/cli-plugins/docker-buildx')
  expect(find()).toBe(plugin)
  await writeFile(path.join(folder, '.docker/config.json'), '{ not JSON')
  expect(find()).toBe(plugin)
  await chmod(plugin, 0o644)
  expect(find()).toBeUndefined()
})

test('starts the plugin for docker buildx and nothing else', async () => {
  const plugin = await program('plugins/docker-buildx')
  const docker = await program('bin/docker')
  const env = { PATH: `${path.dirname(docker)}:/usr/bin:/bin` }
  const exec = startDirectly(createExec(env, new AbortController().signal), plugin)
  const told = async (args: readonly string[]): Promise<string> => (await exec({ file: 'docker', args })).stdout.trim()
  expect(await told(['buildx', 'build', '--tag', 'a b', '.'])).toBe(`${plugin} build --tag a b .`)
  expect(await told(['image', 'save', 'app'])).toBe(`${docker} image save app`)

  await rm(plugin)
  expect(await told(['buildx', 'version'])).toBe(`${docker} buildx version`)
  const without = startDirectly(createExec(env, new AbortController().signal), undefined)
  expect((await without({ file: 'docker', args: ['buildx', 'version'] })).stdout.trim()).toBe(
    `${docker} buildx version`
  )
})

test('a cancelled build is not started a second time', async () => {
  const plugin = await program('plugins/docker-buildx', '#!/bin/sh\nexec sleep 20\n')
  await program('bin/docker', `#!/bin/sh\ntouch ${folder}/again\n`)
  const cancelling = new AbortController()
  const exec = startDirectly(createExec({ PATH: `${folder}/bin:/usr/bin:/bin` }, cancelling.signal), plugin)
  const running = exec({ file: 'docker', args: ['buildx', 'build'] })
  setTimeout(() => cancelling.abort(), 50)
  await expect(running).rejects.toBeInstanceOf(Cancelled)
  await expect(rm(path.join(folder, 'again'))).rejects.toThrow('ENOENT')
})
