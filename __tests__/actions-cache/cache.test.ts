/** How many workers there are, and what becomes of one that ends; `__tests__/baseline/store.test.ts` has the real one. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { askCache, openCache, troubleOf, type Cache } from '../../src/actions-cache/cache.js'
import { parseJSON, dig, asString } from '../../src/core/json.js'
import type { Exec, ExecResult } from '../../src/ports.js'

const noCommand = { file: 'none', args: [] }
const ended = (exitCode: number): ExecResult => ({ exitCode, stdout: '', stderr: '', timedOut: false })

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'stagegate-cache-test-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a worker does with a task: the line it answers, `undefined` to wait, or the exit code it ends with. */
type Script = (key: string, home: string) => string | number | undefined

/** A cache whose workers follow a script. */
function scripted(
  script: Script,
  place = Promise.resolve(folder)
): { readonly cache: Cache; readonly workers: () => number } {
  let workers = 0
  const exec: Exec = (_command, { input, onStdout, signal } = {}) =>
    new Promise((resolve) => {
      workers++
      signal?.addEventListener('abort', () => resolve(ended(143)), { once: true })
      if (!(input instanceof Readable)) throw new Error('no stream')
      createInterface(input).on('line', (line) => {
        const request = parseJSON(line)
        const answer = script(asString(dig(request, 'task', 'key')) ?? '', asString(dig(request, 'folder')) ?? '')
        if (typeof answer === 'number') resolve(ended(answer))
        else if (answer !== undefined) {
          // In two pieces, as a pipe may bring it.
          const bytes = Buffer.from(`::warning::größer?%0Ano\n${asString(dig(request, 'mark'))}${answer}\n`)
          onStdout?.(bytes.subarray(0, 15))
          onStdout?.(bytes.subarray(15))
        }
      })
    })
  return { cache: openCache({ exec, worker: noCommand, folder: place }), workers: () => workers }
}

const saved = '{"kind":"saved"}'
const saving = (cache: Cache, key: string) =>
  askCache(cache, { kind: 'save', name: 'baseline.json', key }, { content: key })

describe('workers', () => {
  it('are not started before they are needed, and are gone at the end', async () => {
    const { cache, workers } = scripted(() => saved)
    expect(workers()).toBe(0)
    await saving(cache, 'a')
    await cache[Symbol.asyncDispose]()
    expect(readdirSync(folder)).toEqual([])
  })

  it('are there before they are needed where that was wished, and go also where no folder came', async () => {
    const { cache, workers } = scripted(() => saved)
    cache.begin()
    expect(workers()).toBe(1)
    await saving(cache, 'a')
    expect(workers()).toBe(1)
    await cache[Symbol.asyncDispose]()

    const homeless = scripted(() => saved, new Promise(() => undefined))
    homeless.cache.begin()
    await homeless.cache[Symbol.asyncDispose]()
    expect(homeless.workers()).toBe(1)
  })

  it('do texts one after another, each with its own file', async () => {
    const seen: string[] = []
    const { cache, workers } = scripted((key, home) => {
      seen.push(`${key} ${readFileSync(path.join(home, 'stagegate/baseline.json'), 'utf8')}`)
      return saved
    })
    const answers = await Promise.all(['a', 'b', 'c'].map((key) => saving(cache, key)))
    expect(answers).toEqual(Array(3).fill({ result: { kind: 'saved' }, troubles: ['größer? no'] }))
    expect(seen).toEqual(['a a', 'b b', 'c c'])
    expect(workers()).toBe(1)
    await cache[Symbol.asyncDispose]()
  })

  it('are four at most for contents', async () => {
    const { cache, workers } = scripted(() => saved)
    const keys = ['a', 'b', 'c', 'd', 'e', 'f']
    await Promise.all(
      keys.map((key) => cache.ask({ kind: 'save', name: 'mount.tar', key }, () => Promise.resolve(undefined)))
    )
    expect(workers()).toBe(4)
    await cache[Symbol.asyncDispose]()
    expect(readdirSync(folder)).toEqual([])
  })

  it('that end are replaced, and whoever waits is not forgotten', async () => {
    const { cache, workers } = scripted((key) => (key === 'bad' ? 137 : saved))
    const [bad, good] = await Promise.all([saving(cache, 'bad'), saving(cache, 'good')])
    expect(troubleOf(bad)).toBe('the cache client ended with exit code 137')
    expect(good.result).toEqual({ kind: 'saved' })
    expect(workers()).toBe(2)
    await cache[Symbol.asyncDispose]()
    expect(readdirSync(folder)).toEqual([])
  })

  it('that do not answer are ended', async () => {
    const { cache } = scripted((key) => (key === 'slow' ? undefined : saved))
    const slow = await askCache(cache, { kind: 'save', name: 'baseline.json', key: 'slow' }, { seconds: 0.05 })
    expect(troubleOf(slow)).toBe('the cache service took longer than 0.05 seconds')
    expect((await saving(cache, 'next')).result).toEqual({ kind: 'saved' })
    await cache[Symbol.asyncDispose]()
  })

  it('are not started once the cache is disposed of, and whoever waits or asks then is told', async () => {
    const asked = Promise.withResolvers<undefined>()
    const { cache, workers } = scripted(() => void asked.resolve(undefined))
    const [first, second] = [saving(cache, 'a'), saving(cache, 'b')]
    await asked.promise
    await cache[Symbol.asyncDispose]()
    cache.begin()
    const later = saving(cache, 'c')
    expect((await Promise.all([first, second, later])).map(troubleOf)).toEqual([
      'the cache client ended with exit code 143',
      ...['the run was over', 'the run was over']
    ])
    await cache[Symbol.asyncDispose]()
    expect(workers()).toBe(1)
    expect(readdirSync(folder)).toEqual([])
  })

  it('say what the file was in the way of', async () => {
    const { cache } = scripted(() => saved)
    const broken = Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
    const answer = await cache.ask({ kind: 'save', name: 'mount.tar', key: 'a' }, () => broken)
    expect(troubleOf(answer)).toBe('its files could not be written (ENOSPC)')
    // And go on.
    expect((await saving(cache, 'b')).result).toEqual({ kind: 'saved' })
    await cache[Symbol.asyncDispose]()
  })
})
