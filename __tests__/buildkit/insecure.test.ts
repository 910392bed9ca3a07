/** Registries without TLS: what the engine or buildx says of them, and a push that goes by it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { findInsecureRegistries, readInsecure } from '../../src/buildkit/insecure.js'
import { publish, type Published } from '../../src/publish/publish.js'
import { readContent } from '../../src/registry/content.js'
import { makeLayout } from '../registry/support/layout.js'
import { portsFor } from '../registry/support/ports.js'
import { registryTags, startRegistry } from '../support/engine.js'
import { keptLog } from './support/buildx.js'

const toml = `debug = true
[registry."docker.io"]
  mirrors = ["m.test"]
[registry."plain.test:5000"]
  http = true
[registry.'open.test']
  insecure = true # for now
[registry."closed.test"]
  http = false
  ca = ["http = true"]
[worker.oci]
  insecure = true
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-insecure-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a configuration names hosts that need no TLS, or no certificate', () => {
  expect(readInsecure(toml)).toEqual(['plain.test:5000', 'open.test'])
  expect(readInsecure('')).toEqual([])
})

describe('a builder', () => {
  const ports = {
    exec: () =>
      Promise.resolve({
        ...{ exitCode: 0, stderr: '', timedOut: false },
        stdout: JSON.stringify({
          RegistryConfig: {
            InsecureRegistryCIDRs: ['10.0.0.0/8'],
            IndexConfigs: { 'docker.io': { Secure: true }, 'plain.test': { Secure: false } }
          }
        })
      })
  }

  test('of the docker driver does as its engine', async () => {
    expect(await findInsecureRegistries(ports, {}, { driver: 'docker', name: 'default' })).toEqual([
      'plain.test',
      '10.0.0.0/8'
    ])
  })

  test('of another one does as buildx has it written down', async () => {
    await mkdir(path.join(folder, 'instances'))
    const files = { 'buildkitd.toml': Buffer.from(toml).toString('base64') }
    await writeFile(
      path.join(folder, 'instances/mine'),
      JSON.stringify({ Name: 'mine', Nodes: [{ Files: files }, {}] })
    )
    const find = (name: string) =>
      findInsecureRegistries(ports, { BUILDX_CONFIG: folder }, { driver: 'docker-container', name })
    expect(await find('mine')).toEqual(['plain.test:5000', 'open.test'])
    expect([await find('other'), await find('../instances/mine')]).toEqual([[], []])
  })
})

test('what the builder may push to without TLS, the run may', async () => {
  await using registry = await startRegistry()
  // Another name of this machine, and not one that counts as loopback.
  const host = registry.address.replace('127.0.0.1', '0.0.0.0')
  const layout = await makeLayout(path.join(folder, 'layout'))
  const content = await readContent([layout.folder])
  const push = async (insecure: readonly string[]): Promise<Published | undefined> => {
    const [published] = await publish({ ...portsFor({}), log: keptLog().log }, [
      {
        publication: {
          ...{ attributes: [], loads: [], files: [], indexAnnotations: {} },
          pushes: [{ references: [`${host}/app:1`], byDigest: false }]
        },
        ...{
          content,
          images: [],
          bases: [],
          env: { DOCKER_CONFIG: folder },
          folder,
          onTag: () => undefined,
          onUntag: () => undefined
        },
        findInsecure: () => Promise.resolve(insecure)
      }
    ])
    return published
  }
  expect((await push([]))?.failure).toMatchObject({
    kind: 'registry',
    message: expect.stringContaining('does not speak TLS'),
    fix: expect.stringContaining('insecure-registries')
  })
  expect(await registryTags(registry, 'app')).toEqual([])
  expect(await push(['0.0.0.0'])).toMatchObject({ tags: [`${host}/app:1`], how: ['push'] })
  expect(await registryTags(registry, 'app')).toEqual(['1'])
})
