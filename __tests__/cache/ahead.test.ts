/** A search begun before its turn: it is had once, by the solve it was begun for, and nothing of it stays where nobody has it. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { noCredentials } from '../../src/buildkit/command.js'
import { openSearchAhead, type PlannedSearch, type SearchAhead } from '../../src/cache/ahead.js'
import type { CacheSolve } from '../../src/cache/search.js'
import type { Exec } from '../../src/ports.js'
import { buildOf } from '../builds/support.js'
import { makeFolder, makeLog } from '../ssh/support.js'

jest.setTimeout(60_000) // the first search loads the image library

let folder: ReturnType<typeof makeFolder>
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => {
  folder[Symbol.dispose]()
})

const layout = (): string => path.join(folder.path, 'searched-cache')

function planned(): PlannedSearch {
  return {
    solve: {
      ...{ build: buildOf(), credentials: noCredentials, target: 'all', dockerfile: '/gate/Dockerfile' },
      cache: { from: ['type=registry,ref=a'], to: ['type=registry,ref=a'] },
      metadataFile: path.join(folder.path, 'metadata.json')
    },
    searching: { sensitive: [], known: new Set(), env: {}, folder: folder.path, timeoutSeconds: 60 }
  }
}

/** A builder that writes one layer, and then ends when it is told to, or is ended. */
function builder() {
  const told = Promise.withResolvers<undefined>()
  const begun = Promise.withResolvers<undefined>()
  const called: string[] = []
  const ended: string[] = []
  const exec: Exec = async ({ args }, options) => {
    called.push(args[args.indexOf('--target') + 1] ?? '')
    mkdirSync(path.join(layout(), 'blobs', 'sha256'), { recursive: true })
    writeFileSync(path.join(layout(), 'blobs', 'sha256', 'a'.repeat(64)), 'nothing to see here')
    options?.onStderr?.(Buffer.from('{"vertexes":[{"digest":"sha256:b","name":"[all 1/1] RUN make"'))
    options?.onStderr?.(Buffer.from(',"started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:01Z"}]}\n'))
    begun.resolve(undefined)
    const isEnded = await new Promise<boolean>((resolve) => {
      options?.signal?.addEventListener('abort', () => resolve(true))
      void told.promise.then(() => resolve(false))
    })
    if (isEnded) ended.push('ended')
    return { exitCode: isEnded ? 143 : 0, stdout: '', stderr: '', timedOut: false }
  }
  return { exec, begun: begun.promise, called, ended, end: () => told.resolve(undefined) }
}

test('is had by its own solve, once, with what it had to say', async () => {
  const { exec, called, end } = builder()
  const { log, lines } = makeLog()
  await using ahead = openSearchAhead({ exec, log })
  ahead.begin(Promise.resolve(planned()))
  end()
  const { solve } = planned()
  const to = ['type=registry,ref=elsewhere']
  const others: readonly CacheSolve[] = [
    { ...solve, target: 'test' },
    { ...solve, cache: { from: [], to: solve.cache.to } }
  ]
  for (const other of others) expect(await ahead.take(other)).toBeUndefined()
  expect(lines.join('\n')).not.toContain('RUN make')
  // Where it will go does not change what is in it.
  const taken = await ahead.take({ ...solve, cache: { ...solve.cache, to } })
  expect(taken).toMatchObject({ layout: layout() })
  expect(taken).not.toHaveProperty('why')
  expect(lines.join('\n')).toContain('RUN make')
  expect(await ahead.take(solve)).toBeUndefined()
  expect(called).toEqual(['all'])
  expect(existsSync(layout())).toBe(true)
  await taken?.[Symbol.asyncDispose]()
  expect(existsSync(layout())).toBe(false)
})

test('is ended where nobody has it, and nothing of it stays', async () => {
  const { exec, begun, called, ended } = builder()
  const { log, lines } = makeLog()
  const ahead = openSearchAhead({ exec, log })
  ahead.begin(Promise.resolve(planned()))
  await begun
  expect(called).toEqual(['all'])
  expect(existsSync(layout())).toBe(true)
  await ahead[Symbol.asyncDispose]()
  expect(ended).toEqual(['ended'])
  expect(existsSync(layout())).toBe(false)
  expect(lines.join('\n')).not.toContain('RUN make')
})

test.each<[string, (ahead: SearchAhead) => void]>([
  ['it was not begun', () => undefined],
  ['there is nothing to search', (ahead) => ahead.begin(Promise.resolve(undefined))],
  ['it cannot be planned', (ahead) => ahead.begin(Promise.reject(new Error('no registry')))]
])('where %s, nobody has it', async (_, begin) => {
  const { exec, called } = builder()
  await using ahead = openSearchAhead({ exec, log: makeLog().log })
  begin(ahead)
  expect(await ahead.take(planned().solve)).toBeUndefined()
  expect(called).toEqual([])
})

test('is not begun after its end, which waits for no plan', async () => {
  const { exec, called } = builder()
  const ahead = openSearchAhead({ exec, log: makeLog().log })
  const planning = Promise.withResolvers<PlannedSearch>()
  ahead.begin(planning.promise)
  await ahead[Symbol.asyncDispose]()
  planning.resolve(planned())
  expect(await ahead.take(planned().solve)).toBeUndefined()
  expect(called).toEqual([])
})
