/** Runners for tests: each has its own folders and its own environment, and real children. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { childEnvironment, createExec } from '../../../src/adapters/exec.js'
import { openCache, type Cache } from '../../../src/actions-cache/cache.js'
import type { Command } from '../../../src/ports.js'

/** The bundle, as on a runner: the sources load the client from 300 files, which takes five times as long. */
export const worker: Command = {
  file: process.execPath,
  args: [fileURLToPath(new URL('../../../dist/index.js', import.meta.url))]
}

export type TestRunner = {
  readonly cache: Cache
  readonly folder: string
  /** What lies in the temporary folder: nothing, when the cache is closed. */
  readonly leftovers: () => readonly string[]
} & AsyncDisposable

/** A runner whose home, workspace and temporary folder are somewhere else on each. */
export function createTestRunner(
  environment: Readonly<Record<string, string>>,
  options: { readonly temporaryFolder?: string; readonly signal?: AbortSignal } = {}
): TestRunner {
  const folder = mkdtempSync(path.join(tmpdir(), 'stagegate-baseline-test-'))
  const { signal = new AbortController().signal } = options
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:ACTIONS_|GITHUB_|RUNNER_)/.test(name))
  const env = childEnvironment({
    ...Object.fromEntries(inherited),
    NODE_OPTIONS: '',
    HOME: path.join(folder, 'home'),
    GITHUB_WORKSPACE: path.join(folder, 'work', 'app', 'app'),
    ...environment
  })
  const temporaryFolder = mkdtempSync(path.join(folder, 'temp-'))
  const cache = openCache({
    exec: createExec(env, signal),
    worker,
    folder: Promise.resolve(options.temporaryFolder ?? temporaryFolder)
  })
  return {
    cache,
    folder,
    leftovers: () =>
      [...readdirSync(temporaryFolder), ...readdirSync(folder)].filter((name) => !name.startsWith('temp-')),
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
