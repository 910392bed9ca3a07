/** One file in the Actions cache, through a worker that is ours to end. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { CACHE_WORKER } from '../core/cache_worker.js'
import { asString, dig } from '../core/json.js'
import type { Command, Exec, ExecResult } from '../ports.js'
import { cachedPath, parseCacheTaskResult, type CacheTask, type CacheTaskResult } from './worker.js'

export type Cache = {
  readonly exec: Exec
  /** Starts this program once more: node and its entry, which calls `runCacheWorker` when told to. */
  readonly worker: Command
  /** Folder that the runner empties after the job. */
  readonly temporaryFolder: string
  /** A task that takes longer is ended; 60 unless told. */
  readonly seconds?: number
}

/** What came of it. `troubles` is what the client complained about, in its words. */
export type CacheAnswer = {
  readonly result: CacheTaskResult | { readonly kind: 'crashed'; readonly reason: string }
  readonly troubles: readonly string[]
}

/** Gives the file to be saved, or takes the one that was restored; it is gone when the task is done. */
export type FileWork = (file: string) => Promise<unknown>

/** The client itself tries for about half a minute before it gives up. */
const WORKER_SECONDS = 60

/** A text that is bigger than this is none of ours. */
export const LARGEST_TEXT = 64 * 1024 * 1024

/** Saves or restores a text; `content` of the answer is there where one was restored. Never throws. */
export async function askCache(
  cache: Cache,
  task: CacheTask,
  content?: string
): Promise<CacheAnswer & { readonly content?: string }> {
  if (task.kind === 'save') return askCacheForFile(cache, task, (file) => writeFile(file, content ?? ''))
  let found: string | undefined
  const answer = await askCacheForFile(cache, task, async (file) => {
    const { size } = await stat(file).catch(() => ({ size: 0 }))
    if (size <= LARGEST_TEXT) found = await readIfThere(file)
  })
  return { ...answer, ...(found === undefined ? {} : { content: found }) }
}

/** Does one task in a new folder, which is gone afterwards. Never throws. */
export async function askCacheForFile(cache: Cache, task: CacheTask, work: FileWork): Promise<CacheAnswer> {
  try {
    const folder = await mkdtemp(path.join(cache.temporaryFolder, 'stagegate-cache-'))
    try {
      return await askIn(folder, cache, task, work)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } catch (error) {
    const code = asString(dig(error, 'code')) ?? 'unknown'
    return { result: { kind: 'crashed', reason: `its files could not be written (${code})` }, troubles: [] }
  }
}

async function askIn(folder: string, cache: Cache, task: CacheTask, work: FileWork): Promise<CacheAnswer> {
  const file = path.join(folder, cachedPath(task.name).slice('~/'.length))
  const resultFile = path.join(folder, 'result.json')
  if (task.kind === 'save') {
    await mkdir(path.dirname(file))
    await work(file)
  }
  const ended = await run(cache, [CACHE_WORKER, JSON.stringify(task), resultFile], folder)
  if (typeof ended === 'string') return { result: { kind: 'crashed', reason: ended }, troubles: [] }
  const result = ended.timedOut ? undefined : parseCacheTaskResult(await readIfThere(resultFile))
  const troubles = readTroubles(ended.stdout, result)
  if (result === undefined) {
    const reason = ended.timedOut
      ? `the cache service took longer than ${cache.seconds ?? WORKER_SECONDS} seconds`
      : `the cache client ended with exit code ${ended.exitCode}`
    return { result: { kind: 'crashed', reason }, troubles }
  }
  if (result.kind === 'restored') await work(file)
  return { result, troubles }
}

async function run(cache: Cache, args: readonly string[], folder: string): Promise<ExecResult | string> {
  const env = { HOME: folder, USERPROFILE: folder, GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder, RUNNER_DEBUG: '' }
  try {
    return await cache.exec(
      { file: cache.worker.file, args: [...cache.worker.args, ...args] },
      { cwd: folder, env, timeoutSeconds: cache.seconds ?? WORKER_SECONDS }
    )
  } catch {
    return 'the cache client could not be run'
  }
}

/**
 * The client's complaints are workflow commands: `::warning::Failed to restore: …`. Of a save that failed it may say
 * nothing but why it tried again.
 */
function readTroubles(stdout: string, result: CacheTaskResult | undefined): readonly string[] {
  const lines = stdout.split(/\r?\n/)
  const all = (pattern: RegExp): readonly string[] =>
    lines.map((line) => pattern.exec(line)?.[1]).filter((message) => message !== undefined)
  const complaints = all(/^::(?:warning|error)(?: [^:]*)?::(.*)$/)
  const attempts = result?.kind === 'failed' ? all(/^Attempt \d+ of \d+ failed with error: (.*)\. Retrying/) : []
  const found = (complaints.length > 0 ? complaints : attempts).map((message) => withoutQueries(unescaped(message)))
  return [...new Set(found)].slice(0, 3)
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions, as @actions/core escapes. */
function unescaped(message: string): string {
  return message.replaceAll('%0D', ' ').replaceAll('%0A', ' ').replaceAll('%25', '%').slice(0, 300)
}

/** A signed address is a credential for as long as it is valid. */
function withoutQueries(message: string): string {
  return message.replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1')
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}

/** Why there is no answer, as a clause without its full stop. */
export function troubleOf({ result, troubles }: CacheAnswer): string {
  if (result.kind === 'crashed') return result.reason
  if (result.kind === 'unavailable') return 'this runner offers no Actions cache'
  const [first] = troubles
  return first === undefined
    ? 'the Actions cache did not take it'
    : `the Actions cache says "${first.replace(/[\s.]+$/, '')}"`
}
