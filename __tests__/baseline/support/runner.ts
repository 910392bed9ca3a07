/** Runners for tests: each has its own folders and its own environment, and real children. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { childEnvironment, createExec } from '../../../src/adapters/exec.js'
import type { Cache } from '../../../src/actions-cache/cache.js'
import type { Command } from '../../../src/ports.js'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** The sources, run by node itself. */
export const worker: Command = {
  file: process.execPath,
  args: ['--no-warnings', '--experimental-transform-types', '--import', here('typescript.mjs'), here('worker.ts')]
}

/** Halves the time in which the client is loaded from its 300 files. */
const compileCache = here('../../../node_modules/.cache/stagegate-tests')

export type TestRunner = {
  readonly cache: Cache
  readonly folder: string
  /** What lies in the temporary folder: nothing, when all is cleaned up. */
  readonly leftovers: () => readonly string[]
} & Disposable

/** A runner whose home, workspace and temporary folder are somewhere else on each. */
export function createTestRunner(
  environment: Readonly<Record<string, string>>,
  options: Partial<Cache> & { readonly signal?: AbortSignal } = {}
): TestRunner {
  const folder = mkdtempSync(path.join(tmpdir(), 'stagegate-baseline-test-'))
  const { signal = new AbortController().signal, ...more } = options
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:ACTIONS_|GITHUB_|RUNNER_)/.test(name))
  const env = childEnvironment({
    ...Object.fromEntries(inherited),
    NODE_OPTIONS: '',
    NODE_COMPILE_CACHE: compileCache,
    HOME: path.join(folder, 'home'),
    GITHUB_WORKSPACE: path.join(folder, 'work', 'app', 'app'),
    ...environment
  })
  const temporaryFolder = mkdtempSync(path.join(folder, 'temp-'))
  return {
    cache: { exec: createExec(env, signal), worker, temporaryFolder, ...more },
    folder,
    leftovers: () =>
      [...readdirSync(temporaryFolder), ...readdirSync(folder)].filter((name) => !name.startsWith('temp-')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true })
  }
}
