/** What is still under way when a run ends before it wants to know. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Cache } from '../../src/actions-cache/cache.js'
import { noCredentials } from '../../src/buildkit/command.js'
import { plainBuild } from '../../src/builds/build.js'
import type { CompareTo } from '../../src/inputs/compare_to.js'
import { readOccasion } from '../../src/occasion/occasion.js'
import { fetchEarlier, type Earlier } from '../../src/phases/earlier.js'
import type { Exec } from '../../src/ports.js'
import { keptLog } from '../buildkit/support/buildx.js'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'stagegate-earlier-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** Begins to fetch, with as much of a run as is looked at. */
function fetchWith(compareTo: CompareTo, exec: Exec, cache: Partial<Cache> = {}): Earlier {
  const build = plainBuild('app', folder)
  const known = {
    workflow: { inputs: { compareTo }, redact: (text: string) => text },
    occasion: {
      ...readOccasion({ GITHUB_REPOSITORY: 'acme/app', GITHUB_WORKSPACE: folder }),
      ...{ hasCacheService: true, place: { base: { branch: 'main', sha: 'a'.repeat(40) } } }
    },
    prepared: {
      builder: { classicStore: false },
      plan: { base: { build, credentials: noCredentials }, gate: { target: '' } }
    },
    ...{ build, dockerfile: undefined, leftovers: { addImage: () => undefined }, cache, folder, readsReports: false }
  }
  return fetchEarlier({ exec, log: keptLog().log }, known as unknown as Parameters<typeof fetchEarlier>[1])
}

test('a cache service that does not answer holds nobody up', async () => {
  const asked = Promise.withResolvers<undefined>()
  const ask: Cache['ask'] = () => {
    asked.resolve(undefined)
    return new Promise(() => undefined)
  }
  const git: Exec = () => Promise.resolve({ exitCode: 128, stdout: '', stderr: '', timedOut: false })
  const earlier = fetchWith({ kind: 'auto' }, git, { ask })
  await asked.promise
  await earlier[Symbol.asyncDispose]()
})

test('nor does git', async () => {
  const asked = Promise.withResolvers<AbortSignal | undefined>()
  const git: Exec = (_command, { signal } = {}) => {
    asked.resolve(signal)
    return new Promise(() => undefined)
  }
  const earlier = fetchWith({ kind: 'auto' }, git)
  const signal = await asked.promise
  expect(signal?.aborted).toBe(false)
  await earlier[Symbol.asyncDispose]()
  expect(signal?.aborted).toBe(true)
})

test('an image that is being read is ended, and leaves nothing behind', async () => {
  const events: string[] = []
  const asked = Promise.withResolvers<undefined>()
  const docker: Exec = (_command, { signal } = {}) =>
    new Promise((resolve) => {
      asked.resolve(undefined)
      signal?.addEventListener('abort', () => {
        setTimeout(() => {
          events.push('ended')
          resolve({ exitCode: 143, stdout: '', stderr: '', timedOut: false })
        }, 50)
      })
    })
  const earlier = fetchWith({ kind: 'image', reference: 'ghcr.io/acme/app:1' }, docker)
  await asked.promise
  await earlier[Symbol.asyncDispose]()
  events.push('disposed')
  expect(events).toEqual(['ended', 'disposed'])
})
