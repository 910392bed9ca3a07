/** Links in a checkout that lead to what the runner has elsewhere. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { findForeignLinks } from '../../src/gate/links.js'

let home: string
let workspace: string
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'stagegate-links-'))
  workspace = path.join(home, 'checkout')
  await mkdir(path.join(workspace, 'docker'), { recursive: true })
  await writeFile(path.join(home, 'npmrc'), 'hunter2')
})
afterEach(() => rm(home, { recursive: true }))

const find = (file = '', context = workspace, trusted = true, buildContexts: readonly string[] = []) =>
  findForeignLinks({ context: { kind: 'local', path: context }, file, buildContexts, outputs: [] }, workspace, trusted)

test.each([
  ['Dockerfile', 'file'],
  ['Dockerfile.dockerignore', 'file'],
  ['.dockerignore', 'context']
])('%s is refused as a link out of the workspace, and what it leads to is not told', async (name, input) => {
  await symlink('../npmrc', path.join(workspace, name))
  const problems = await find()
  expect(problems).toMatchObject([{ input, problem: expect.stringContaining('leads out of the workspace') }])
  expect(JSON.stringify(problems)).not.toContain('npmrc')
})

test('a folder of the checkout may be the link', async () => {
  await symlink('..', path.join(workspace, 'outside'))
  await writeFile(path.join(home, 'Dockerfile'), 'FROM scratch')
  expect(await find(path.join(workspace, 'outside', 'Dockerfile'))).toHaveLength(1)
  await symlink(path.join(home, 'npmrc'), path.join(workspace, 'docker', 'Dockerfile'))
  expect(await find(path.join(workspace, 'docker', 'Dockerfile'))).toHaveLength(1)
})

test('a context that is a link is the business of a trusted run', async () => {
  const app = path.join(workspace, 'app')
  await symlink(home, app)
  const digest = `sha256:${'a'.repeat(64)}`
  const layout = [
    ...[`a=${app}`, `b=oci-layout://${app}`, `c=cwd://${app}`, 'd=docker-image://alpine'],
    ...[`e=oci-layout://${app}@${digest}`, `f=oci-layout://${app}:1`, `g=oci-layout://${app}:1@${digest}`]
  ]
  expect(await find(path.join(workspace, 'Dockerfile'), app, false, layout)).toMatchObject([
    { input: 'context' },
    ...Array.from({ length: 6 }, () => ({ input: 'build-contexts' }))
  ])
  expect(await find(path.join(workspace, 'Dockerfile'), app, true, layout)).toEqual([])
})

test('links within the workspace, files elsewhere and no files at all are no trouble', async () => {
  await writeFile(path.join(workspace, 'docker', 'Dockerfile.prod'), 'FROM scratch')
  await symlink('docker/Dockerfile.prod', path.join(workspace, 'Dockerfile'))
  expect(await find()).toEqual([])
  expect(await find(path.join(home, 'npmrc'))).toEqual([])
  expect(await find('', path.join(home, 'nothing'))).toEqual([])
  expect(
    await findForeignLinks(
      { context: { kind: 'remote', url: 'https://a.test/b.git' }, file: '', buildContexts: [], outputs: [] },
      workspace,
      false
    )
  ).toEqual([])
})

test.each(['out', 'out/new', 'out/new/er.tar', 'dangling', 'dangling/new', 'chain/new'])(
  'an output to %s is not written behind a stranger’s link',
  async (dest) => {
    await symlink(home, path.join(workspace, 'out'))
    await symlink(path.join(home, 'not-there-yet'), path.join(workspace, 'dangling'))
    await symlink('out/../out/there', path.join(workspace, 'chain'))
    const outputs = [{ dest: path.join(workspace, dest) }, {}]
    const found = (trusted: boolean) =>
      findForeignLinks(
        { context: { kind: 'local', path: workspace }, file: '', buildContexts: [], outputs },
        workspace,
        trusted
      )
    expect(await found(false)).toMatchObject([
      { input: 'outputs', problem: expect.stringContaining('leads out of the workspace') }
    ])
    expect(await found(true)).toEqual([])
  }
)

test('an output of a stranger’s run is written in the workspace, and beside it', async () => {
  await mkdir(path.join(workspace, 'real'))
  await symlink('real', path.join(workspace, 'out'))
  await symlink('loop', path.join(workspace, 'loop'))
  const places = [path.join(workspace, 'new/x.tar'), path.join(workspace, 'out/new'), path.join(home, 'elsewhere/x')]
  const outputs = [...places, path.join(workspace, 'loop')].map((dest) => ({ dest }))
  expect(
    await findForeignLinks(
      { context: { kind: 'local', path: workspace }, file: '', buildContexts: [], outputs },
      workspace,
      false
    )
  ).toEqual([])
})
