/** The files of a local build context, as BuildKit would be sent them, each with a checksum. */
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { byPath, type SnapshotFile } from '../compare/files.js'
import { isSearchable, type Matcher } from './sources.js'

/** Files that are looked at; a context of more is not. */
export const MOST_CONTEXT_FILES = 20_000

/** Bytes that are read; a context of more is not. */
const MOST_CONTEXT_BYTES = 256_000_000

/** Files that are read at a time. */
const AT_A_TIME = 16

/** What fits into memory many times. */
const WHOLE_BYTES = 4_000_000

/** Characters of the longest path that Linux opens, so of the longest pattern that matches any. */
const LONGEST_PATTERN = 4096

/** Makes the matcher by the rules of `.dockerignore`. */
export async function loadMatcher(): Promise<Matcher> {
  const { default: dockerignore } = await import(/* webpackChunkName: "dockerignore" */ '@balena/dockerignore')
  return (patterns) => {
    const short = patterns.filter((pattern) => pattern.length <= LONGEST_PATTERN)
    const rules = dockerignore.default({ ignorecase: false }).add(short.map(escapeOthers))
    return (relative) => rules.ignores(relative)
  }
}

/**
 * The library makes a regular expression of a pattern, and escapes only some of what has a meaning there alone. A bracket
 * that is not closed stands for itself, as does all behind it.
 */
function escapeOthers(pattern: string): string {
  return pattern.replace(
    /\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*(\]?)|[+(){}|^\]]/g,
    (part: string, end: string | undefined) => {
      if (part.startsWith('\\') || end === ']') return part
      return part.replace(/\\[^]|[+(){}|^[\]]/g, (sign) => (sign.length === 1 ? `\\${sign}` : sign))
    }
  )
}

/**
 * Reads the files that are not ignored, sorted by path; `undefined` where there are too many, they are too big, or one
 * cannot be read. The checksum covers content and mode, as BuildKit's does; times and owners it leaves out, too.
 * @param dockerfile path of the Dockerfile, whose own ignore file goes before the context's
 */
export async function readContextFiles(
  folder: string,
  dockerfile: string,
  signal: AbortSignal,
  limits: { readonly files: number; readonly bytes: number } = { files: MOST_CONTEXT_FILES, bytes: MOST_CONTEXT_BYTES }
): Promise<readonly SnapshotFile[] | undefined> {
  const patterns = await readPatterns(folder, dockerfile)
  if (!isSearchable(patterns)) return undefined
  const isIgnored = patterns.length === 0 ? () => false : (await loadMatcher())(patterns)
  const exceptions = patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern.startsWith('!'))
  const found: string[] = []
  try {
    const folders = ['']
    for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
      signal.throwIfAborted()
      for (const entry of await readdir(path.join(folder, at), { withFileTypes: true })) {
        const relative = at === '' ? entry.name : `${at}/${entry.name}`
        const ignored = isIgnored(relative)
        if (entry.isDirectory()) {
          if (!ignored || exceptions.some((pattern) => mayHold(relative, pattern.slice(1)))) folders.push(relative)
        } else if (!ignored && (entry.isFile() || entry.isSymbolicLink())) {
          if (found.push(relative) > limits.files) return undefined
        }
      }
    }
    return await readAll(folder, found, limits.bytes, signal)
  } catch {
    return undefined // Files come and go, and some belong to others: what cannot be read is not explained.
  }
}

async function readPatterns(folder: string, dockerfile?: string): Promise<readonly string[]> {
  const read = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined)
  const own = dockerfile === undefined ? undefined : await read(`${dockerfile}.dockerignore`)
  const rules = own ?? (await read(path.join(folder, '.dockerignore'))) ?? ''
  return rules
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
}

/**
 * Loads what tells the paths of a context that are ignored: none where that takes too long to tell.
 * @param dockerfile path of the Dockerfile, whose own ignore file goes before the folder's; a named context has none
 */
export async function loadIgnored(folder: string, dockerfile?: string): Promise<(relative: string) => boolean> {
  const patterns = await readPatterns(folder, dockerfile)
  return patterns.length === 0 || !isSearchable(patterns) ? () => false : (await loadMatcher())(patterns)
}

/** Whether a pattern may match something in a folder, so that a folder that is ignored has to be looked into. */
export function mayHold(folder: string, pattern: string): boolean {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  for (const [index, name] of folder.split('/').entries()) {
    const part = parts[index]
    if (part !== undefined && /[*?[\\]/.test(part)) return true
    if (part !== name) return false
  }
  return true
}

async function readAll(
  folder: string,
  paths: readonly string[],
  mostBytes: number,
  signal: AbortSignal
): Promise<readonly SnapshotFile[] | undefined> {
  const files: SnapshotFile[] = []
  let bytes = 0
  let next = 0
  const work = async (): Promise<void> => {
    while (next < paths.length && bytes <= mostBytes && !signal.aborted) {
      const relative = paths[next++] ?? ''
      const absolute = path.join(folder, relative)
      const facts = await lstat(absolute)
      bytes += facts.size
      if (bytes > mostBytes) return
      const start = crc32(String(facts.mode & 0o7777))
      const crc = facts.isSymbolicLink()
        ? crc32(await readlink(absolute), start)
        : await checksumOf(absolute, facts.size, start)
      files.push({ path: `/${relative}`, size: facts.size, crc, layer: 0 })
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return bytes > mostBytes || signal.aborted ? undefined : files.sort(byPath)
}

async function checksumOf(file: string, size: number, start: number): Promise<number> {
  if (size <= WHOLE_BYTES) return crc32(await readFile(file), start)
  let crc = start
  for await (const chunk of createReadStream(file)) crc = crc32(chunk as Buffer, crc)
  return crc
}
