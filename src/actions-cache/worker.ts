/**
 * The Actions cache client in a process of its own. The client takes its folders from the environment, talks to the job
 * log, turns its failures into annotations there and can't be stopped. In a child it gets an empty folder as home,
 * workspace and scratch, what it prints is ours to judge, and a timeout ends it.
 *
 * The child does one task after another: a line of its input each. What the client prints meanwhile is followed by a
 * line that begins with the task's mark.
 */
import { createInterface } from 'node:readline'
import { asArray, asString, dig, parseJSON } from '../core/json.js'

/** Which file an entry holds. A name is part of what an entry is found by. */
export type CachedFile = 'baseline.json' | 'mounts.json' | 'mount.tar'

/**
 * The path given to the client. Entries are found only by the same text, and lie in the archive relative to the
 * workspace: with home and workspace in one folder both are alike on every runner and in every container.
 */
export function cachedPath(name: CachedFile): string {
  return `~/stagegate/${name}`
}

const fileNames: readonly CachedFile[] = ['baseline.json', 'mounts.json', 'mount.tar']

const SLOW_MILLISECONDS = 10_000

/** What the worker is asked. */
export type CacheTask =
  | { readonly kind: 'save'; readonly name: CachedFile; readonly key: string }
  | { readonly kind: 'restore'; readonly name: CachedFile; readonly keys: readonly string[] }

/** What the worker came to. */
export type CacheTaskResult =
  | { readonly kind: 'saved' | 'exists' | 'failed' | 'missed' | 'unavailable' }
  | { readonly kind: 'restored'; readonly key: string }

/** Does the tasks that come in until there are no more. */
export async function runCacheWorker(): Promise<void> {
  const cache = await import(/* webpackChunkName: "cache" */ '@actions/cache')
  for await (const line of createInterface(process.stdin)) {
    const request = parseJSON(line)
    moveTo(asString(dig(request, 'folder')))
    const result = await work(cache, parseCacheTask(dig(request, 'task')))
    process.stdout.write(`\n${asString(dig(request, 'mark')) ?? ''}${JSON.stringify(result)}\n`)
  }
}

/** The line that a worker gets: a task, the mark of its answer, and the folder to be at home in. */
export function writeCacheTask(request: {
  readonly mark: string
  readonly task: CacheTask
  readonly folder: string
}): string {
  return `${JSON.stringify(request)}\n`
}

/** The client looks for its folders in the environment each time. */
function moveTo(folder: string | undefined): void {
  if (folder === undefined) return
  for (const name of ['HOME', 'USERPROFILE', 'GITHUB_WORKSPACE', 'RUNNER_TEMP']) process.env[name] = folder
  process.chdir(folder)
}

/** Finds the line that ends a task, and what the client has printed until then. */
export function readCacheAnswer(
  mark: string,
  printed: string
): { readonly result: CacheTaskResult; readonly printed: string } | undefined {
  const start = printed.indexOf(mark)
  const end = start === -1 ? -1 : printed.indexOf('\n', start)
  const result = end === -1 ? undefined : parseCacheTaskResult(printed.slice(start + mark.length, end))
  return result === undefined ? undefined : { result, printed: printed.slice(0, start) }
}

async function work(cache: typeof import('@actions/cache'), task: CacheTask | undefined): Promise<CacheTaskResult> {
  if (task === undefined || !cache.isFeatureAvailable()) return { kind: 'unavailable' }
  const paths = [cachedPath(task.name)]
  if (task.kind === 'save') {
    const startedAt = performance.now()
    const id = await cache.saveCache(paths, task.key)
    if (id !== -1) return { kind: 'saved' }
    // That took retries: the service is down, and would be for the next question.
    if (performance.now() - startedAt > SLOW_MILLISECONDS) return { kind: 'failed' }
    // The client says -1 to everything from "there already" to "the service is down".
    const found = await cache.restoreCache(paths, task.key, [], { lookupOnly: true })
    return { kind: found === task.key ? 'exists' : 'failed' }
  }
  const [key = '', ...others] = task.keys
  const found = await cache.restoreCache(paths, key, others)
  return found === undefined ? { kind: 'missed' } : { kind: 'restored', key: found }
}

function parseCacheTask(value: unknown): CacheTask | undefined {
  const name = fileNames.find((each) => each === dig(value, 'name'))
  if (name === undefined) return undefined
  const key = asString(dig(value, 'key'))
  if (dig(value, 'kind') === 'save' && key !== undefined) return { kind: 'save', name, key }
  const keys = asArray(dig(value, 'keys')).filter((entry) => typeof entry === 'string')
  return dig(value, 'kind') === 'restore' && keys.length > 0 ? { kind: 'restore', name, keys } : undefined
}

function parseCacheTaskResult(text: string): CacheTaskResult | undefined {
  const value = parseJSON(text)
  const kind = dig(value, 'kind')
  const key = asString(dig(value, 'key'))
  if (kind === 'restored') return key === undefined ? undefined : { kind, key }
  return kind === 'saved' || kind === 'exists' || kind === 'failed' || kind === 'missed' || kind === 'unavailable'
    ? { kind }
    : undefined
}
