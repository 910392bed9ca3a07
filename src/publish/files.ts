/** Files and folders of the user's `outputs`: from the private place to their own. */
import { createReadStream, createWriteStream } from 'node:fs'
import { cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { asString, dig } from '../core/json.js'
import { diskFailure } from '../failure/disk.js'
import { Stop } from '../failure/stop.js'
import { ImageError } from '../image/index.js'
import { Cancelled } from '../ports.js'
import { archiveNames, writeLayout, writeLayoutArchive } from '../serve/layout.js'
import type { Shelf } from '../serve/shelf.js'
import type { FileOutput } from './plan.js'

/**
 * Writes an archive of the inspected image to its private place. Throws a `Stop` where the disk is full, or a blob has changed,
 * and `Cancelled`.
 */
export async function writeImage(
  { entry, staged, names }: FileOutput,
  content: Shelf | undefined,
  signal: AbortSignal
): Promise<void> {
  if (content === undefined) throw new Error('an engine with a classic image store has no layout')
  try {
    await (entry.isFolder ? writeLayout : writeLayoutArchive)(staged, content, names.map(archiveNames), signal)
  } catch (error) {
    if (signal.aborted) throw new Cancelled()
    const full = diskFailure(error)
    if (full !== undefined) throw new Stop(full, { cause: error })
    if (!(error instanceof ImageError)) throw error
    const cause = `the image was changed after it had been inspected: ${error.message}`
    const fix =
      'A command of `verify`, or another program on the runner, has written into the files that it was to read. Have it work on a copy.'
    throw new Stop({ kind: 'mismatch', cause, fix }, { cause: error })
  }
}

/** Moves one; what was written of it stays where not all of it can be. Throws a `Stop` then. */
export async function placeFile({ dest, staged, entry }: FileOutput): Promise<void> {
  try {
    await mkdir(path.dirname(path.resolve(dest)), { recursive: true })
    if (entry.isFolder) {
      await mkdir(dest, { recursive: true })
      for (const name of await readdir(staged)) await move(path.join(staged, name), path.join(dest, name))
    } else await move(staged, dest)
  } catch (error) {
    const full = diskFailure(error)
    if (full !== undefined) throw new Stop(full, { cause: error })
    const reason = asString(dig(error, 'code')) ?? 'unknown'
    const problem = `"${entry.text}" was built, and could not be put in its place (${reason})`
    const fix =
      'It was free when the run began: see what lies there now, and whether the file system takes all that is in the image.'
    throw new Stop({ kind: 'input', problems: [{ input: 'outputs', problem, fix }] }, { cause: error })
  }
}

/** Makes the folders that BuildKit writes into, without what an earlier call has left there. */
export async function prepareFiles(files: readonly FileOutput[]): Promise<void> {
  for (const { staged, entry } of files) {
    await rm(path.dirname(staged), { recursive: true, force: true })
    await mkdir(entry.isFolder ? staged : path.dirname(staged), { recursive: true })
  }
}

/** A file goes through a link, and into a device, as buildx writes it: neither is replaced. */
async function move(from: string, to: string): Promise<void> {
  const there = await lstat(to).catch(() => undefined)
  const isOther = there !== undefined && !there.isFile() && !there.isDirectory()
  try {
    if (isOther && (await lstat(from)).isFile()) {
      await pipeline(createReadStream(from), createWriteStream(to))
      return await rm(from)
    }
    await rename(from, to)
  } catch (error) {
    if (isOther) throw error
    // Another file system.
    await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    await rm(from, { recursive: true, force: true })
  }
}
