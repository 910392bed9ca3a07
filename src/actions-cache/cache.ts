/** Files in the Actions cache, through workers that are ours to end. */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { CACHE_WORKER } from '../core/cache_worker.js'
import { asString, dig } from '../core/json.js'
import type { Command, Exec } from '../ports.js'
import {
  cachedPath,
  readCacheAnswer,
  writeCacheTask,
  type CachedFile,
  type CacheTask,
  type CacheTaskResult
} from './worker.js'

export type CacheOptions = {
  readonly exec: Exec
  /** Starts this program once more: node and its entry, which calls `runCacheWorker` when told to. */
  readonly worker: Command
  /** The workers make theirs in it, before their first task. */
  readonly folder: Promise<string>
}

/** What came of it. `troubles` is what the client complained about, in its words. */
export type CacheAnswer = {
  readonly result: CacheTaskResult | { readonly kind: 'crashed'; readonly reason: string }
  readonly troubles: readonly string[]
}

/** Gives the file to be saved, or takes the one that was restored; it is gone when the task is done. */
export type FileWork = (file: string) => Promise<unknown>

/** The Actions cache for as long as a run lasts. */
export type Cache = AsyncDisposable & {
  /** Starts a worker for whoever will ask first: its client takes a tenth of a second to load. */
  readonly begin: () => void
  /**
   * Does one task. Never throws.
   * @param seconds a task that takes longer is ended; 60 unless told
   */
  readonly ask: (task: CacheTask, work: FileWork, seconds?: number) => Promise<CacheAnswer>
}

/** The client itself tries for about half a minute before it gives up. */
const TASK_SECONDS = 60

/** A text that is bigger than this is none of ours. */
export const LARGEST_TEXT = 64 * 1024 * 1024

/**
 * How many workers there may be for a task to have one of its own. A worker takes longer to start than most texts take to
 * come; contents of mounts are worth it.
 */
const mostWorkers: Readonly<Record<CachedFile, number>> = { 'baseline.json': 1, 'mounts.json': 1, 'mount.tar': 4 }

/** Saves or restores a text; `content` of the answer is there where one was restored. Never throws. */
export async function askCache(
  cache: Cache,
  task: CacheTask,
  { content, seconds }: { readonly content?: string; readonly seconds?: number } = {}
): Promise<CacheAnswer & { readonly content?: string }> {
  if (task.kind === 'save') return cache.ask(task, (file) => writeFile(file, content ?? ''), seconds)
  let found: string | undefined
  const read: FileWork = async (file) => {
    const { size } = await stat(file)
    if (size <= LARGEST_TEXT) found = await readFile(file, 'utf8')
  }
  const answer = await cache.ask(task, (file) => read(file).catch(() => undefined), seconds)
  return { ...answer, ...(found === undefined ? {} : { content: found }) }
}

/** What is answered once the cache is disposed of. */
const OVER: CacheAnswer = { result: { kind: 'crashed', reason: 'the run was over' }, troubles: [] }

/** Starts nothing before it is asked, or told to begin, and nothing after it is disposed of, which ends the workers. */
export function openCache(options: CacheOptions): Cache {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  const waiting: ((worker: Worker | undefined) => void)[] = []
  let isOver = false

  function start(): Worker {
    const worker = startWorker(options)
    all.add(worker)
    return worker
  }
  /** `undefined` where the cache is disposed of before there is one. */
  function take(most: number): Worker | undefined | Promise<Worker | undefined> {
    if (isOver) return undefined
    return idle.pop() ?? (all.size < most ? start() : new Promise((resolve) => waiting.push(resolve)))
  }
  /** Whoever waits gets it, or a new one in its place. */
  async function giveBack(worker: Worker): Promise<void> {
    if (worker.hasEnded()) {
      all.delete(worker)
      waiting.shift()?.(start())
      await worker.end()
    } else {
      const next = waiting.shift()
      if (next === undefined) idle.push(worker)
      else next(worker)
    }
  }

  return {
    begin() {
      if (!isOver) idle.push(start())
    },
    async ask(task, work, seconds) {
      const worker = await take(mostWorkers[task.name])
      if (worker === undefined) return OVER
      try {
        return await worker.perform(task, work, seconds ?? TASK_SECONDS)
      } catch (error) {
        const code = asString(dig(error, 'code')) ?? 'unknown'
        return { result: { kind: 'crashed', reason: `its files could not be written (${code})` }, troubles: [] }
      } finally {
        await giveBack(worker)
      }
    },
    async [Symbol.asyncDispose]() {
      isOver = true
      for (const settle of waiting.splice(0)) settle(undefined)
      await Promise.all([...all].map((worker) => worker.end()))
    }
  }
}

type Worker = {
  /** Does one task; rejects where its files could not be written. */
  readonly perform: (task: CacheTask, work: FileWork, seconds: number) => Promise<CacheAnswer>
  readonly hasEnded: () => boolean
  /** Ends it, and removes its folder. */
  readonly end: () => Promise<void>
}

/** The line in which a worker answers, or why there is none, as a clause. */
type Heard = NonNullable<ReturnType<typeof readCacheAnswer>> | string

function startWorker({ exec, worker, folder: parent }: CacheOptions): Worker {
  const input = new PassThrough()
  const ending = new AbortController()
  const decoder = new StringDecoder()
  let printed = ''
  /** How it ended. */
  let end: string | undefined
  let listen = (): void => undefined

  let making: Promise<string> | undefined
  const running = serve().catch(() => 'the cache client could not be run')
  void running.then((how) => {
    end = how
    listen()
  })

  function home(): Promise<string> {
    return (making ??= parent.then((folder) => mkdtemp(path.join(folder, 'stagegate-cache-'))))
  }

  async function serve(): Promise<string> {
    const onStdout = (chunk: Buffer): void => {
      printed += decoder.write(chunk)
      listen()
    }
    const command = { file: worker.file, args: [...worker.args, CACHE_WORKER] }
    const env = { RUNNER_DEBUG: '' }
    const { exitCode } = await exec(command, { cwd: '/', env, input, onStdout, signal: ending.signal })
    return `the cache client ended with exit code ${exitCode}`
  }

  function answerTo(mark: string, seconds: number): Promise<Heard> {
    return new Promise((resolve) => {
      const settle = (heard: Heard): void => {
        clearTimeout(timer)
        listen = () => undefined
        resolve(heard)
      }
      const timer = setTimeout(() => {
        ending.abort()
        settle(`the cache service took longer than ${seconds} seconds`)
      }, seconds * 1000)
      listen = () => {
        const heard = readCacheAnswer(mark, printed) ?? end
        if (heard !== undefined) settle(heard)
      }
      listen()
    })
  }

  return {
    async perform(task, work, seconds) {
      const folder = await home()
      const file = path.join(folder, cachedPath(task.name).slice('~/'.length))
      try {
        if (task.kind === 'save') {
          await mkdir(path.dirname(file))
          await work(file)
        }
        printed = ''
        const mark = `${randomUUID()} `
        input.write(writeCacheTask({ mark, task, folder }))
        const heard = await answerTo(mark, seconds)
        if (typeof heard === 'string') {
          return { result: { kind: 'crashed', reason: heard }, troubles: readTroubles(printed) }
        }
        const { result } = heard
        if (result.kind === 'restored') await work(file)
        return { result, troubles: readTroubles(heard.printed, result) }
      } finally {
        await rm(path.dirname(file), { recursive: true, force: true })
      }
    },
    hasEnded: () => end !== undefined || ending.signal.aborted,
    async end() {
      ending.abort()
      await running
      await making?.then((folder) => rm(folder, { recursive: true, force: true })).catch(() => undefined)
    }
  }
}

/**
 * The client's complaints are workflow commands: `::warning::Failed to restore: …`. Of a save that failed it may say
 * nothing but why it tried again.
 */
function readTroubles(printed: string, result?: CacheTaskResult): readonly string[] {
  const lines = printed.split(/\r?\n/)
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

/** Why there is no answer, as a clause without its full stop. */
export function troubleOf({ result, troubles }: CacheAnswer): string {
  if (result.kind === 'crashed') return result.reason
  if (result.kind === 'unavailable') return 'this runner offers no Actions cache'
  const [first] = troubles
  return first === undefined
    ? 'the Actions cache did not take it'
    : `the Actions cache says "${first.replace(/[\s.]+$/, '')}"`
}
