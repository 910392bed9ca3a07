/** The clean-up of examples/workflows/cache-cleanup.yml, run as a runner would, against a registry that deletes. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, jest, test } from '@jest/globals'
import { parse } from 'yaml'
import { registryTags, startRegistry, type RegistryAddress } from '../support/engine.js'
import { repositoryRoot } from '../support/runner.js'

jest.setTimeout(60_000)

const run = promisify(execFile)

type Workflow = {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run: string }[] }>>
}

const workflow = parse(
  readFileSync(path.join(repositoryRoot, 'examples/workflows/cache-cleanup.yml'), 'utf8')
) as Workflow
const auth = { user: 'ci', password: 'p:a"s\\$s' }
const name = 'acme/app-cache'

test.each(['ghcr', 'registry'])('the step for %s is a script that bash can read', async (job) => {
  await run('bash', ['-n', '-c', scriptOf(job)])
})

test('deletes what belongs to the pull request, and nothing else', async () => {
  await using registry = await startRegistry({ auth })
  const others = ['branch-main-test-aaaa', 'pr-1-bbbb', 'pr-123-cccc', 'branch-pr-12-dddd', 'tags-eeee']
  const own = ['pr-12-test-production-ffff', 'pr-12-test-production-ffff-failed']
  for (const tag of [...others, ...own]) await put(registry, tag, tag)
  // The same cache under two tags is one manifest: it must stay for the other one.
  await put(registry, 'pr-12-same', 'shared')
  await put(registry, 'branch-same', 'shared')

  const output = await cleanUp(registry, 12)
  expect(await registryTags(registry, name)).toEqual([...others, 'branch-same', 'pr-12-same'].sort())
  expect(output).toContain(`deleted ${own[0] ?? ''}`)
  expect(output).toContain('kept pr-12-same')

  // Nothing is left to do, and that is no failure.
  expect(await cleanUp(registry, 12)).not.toContain('deleted')
  expect(await cleanUp(registry, 99)).toBe('')
})

test('of the versions of a package on ghcr.io it picks those of the pull request, and old ones without a tag', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-cleanup-'))
  const version = (id: number, updated: string, ...tags: readonly string[]) => ({
    ...{ id, name: `sha256:${id}`, updated_at: updated, metadata: { package_type: 'container', container: { tags } } }
  })
  const versions = [
    version(1, '2026-01-01T00:00:00Z', 'branch-main-test-aaaa'),
    version(2, '2026-01-01T00:00:00Z', 'pr-12-test-bbbb'),
    version(3, '2026-01-01T00:00:00Z', 'pr-12-test-cccc', 'branch-main-cccc'),
    version(4, '2026-01-01T00:00:00Z'),
    version(5, new Date().toISOString()),
    version(6, new Date().toISOString(), 'pr-12-test-dddd', 'pr-12-test-dddd-failed'),
    version(7, '2026-01-01T00:00:00Z', 'pr-123-eeee')
  ]
  try {
    // In the place of gh, which needs GitHub: its --jq is jq.
    await writeFile(path.join(folder, 'versions.json'), JSON.stringify(versions))
    const gh =
      '#!/bin/sh\ncase "$2" in --method) echo "$4" ;; *) jq --raw-output "$5" "$FOLDER/versions.json" ;; esac\n'
    await writeFile(path.join(folder, 'gh'), gh, { mode: 0o755 })
    const env = {
      FOLDER: folder,
      PATH: `${folder}:${process.env.PATH ?? ''}`,
      NUMBER: '12',
      OWNER: 'orgs/acme',
      PACKAGE: 'app-cache'
    }
    const { stdout } = await run('bash', [...asRunner, scriptOf('ghcr')], { env })
    const deleted = [...stdout.matchAll(/^orgs\/acme\/packages\/container\/app-cache\/versions\/(\d+)$/gm)]
    expect(deleted.map(([, id]) => Number(id))).toEqual([2, 4, 6])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('says when the registry refuses it', async () => {
  await using registry = await startRegistry({ auth })
  await expect(cleanUp({ ...registry, auth: { user: 'ci', password: 'wrong' } }, 12)).rejects.toThrow(/401/)
})

function scriptOf(job: string): string {
  return workflow.jobs[job]?.steps[0]?.run ?? 'exit 1'
}

/** How the runner starts `shell: bash`. */
const asRunner = ['--noprofile', '--norc', '-eo', 'pipefail', '-c']

async function cleanUp(registry: RegistryAddress, number: number): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    REPOSITORY: `http://${registry.address}/v2/${name}`,
    CREDENTIALS: `${registry.auth?.user ?? ''}:${registry.auth?.password ?? ''}`,
    NUMBER: String(number)
  }
  const { stdout } = await run('bash', [...asRunner, scriptOf('registry')], { env })
  return stdout
}

/** Pushes a manifest of one small blob. */
async function put({ address, auth }: RegistryAddress, tag: string, content: string): Promise<void> {
  const headers = {
    Authorization: `Basic ${Buffer.from(`${auth?.user ?? ''}:${auth?.password ?? ''}`).toString('base64')}`
  }
  const blob = Buffer.from(JSON.stringify({ content }))
  const digest = `sha256:${createHash('sha256').update(blob).digest('hex')}`
  const started = await fetch(`http://${address}/v2/${name}/blobs/uploads/`, { method: 'POST', headers })
  const location = new URL(started.headers.get('location') ?? '', `http://${address}`)
  location.searchParams.set('digest', digest)
  expect((await fetch(location, { method: 'PUT', headers, body: blob })).status).toBe(201)
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const config = { mediaType: 'application/vnd.buildkit.cacheconfig.v0', digest, size: blob.length }
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] })
  const response = await fetch(`http://${address}/v2/${name}/manifests/${tag}`, {
    ...{ method: 'PUT', body: manifest },
    headers: { ...headers, 'Content-Type': mediaType }
  })
  expect(response.status).toBe(201)
}
