/** Files and folders of the user's `outputs`: from the private place to their own. */
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { FileOutput } from './plan.js'

/** Moves them; what was written of them stays where one cannot be. */
export async function placeFiles(files: readonly FileOutput[]): Promise<void> {
  for (const { dest, staged, entry } of files) {
    await mkdir(path.dirname(path.resolve(dest)), { recursive: true })
    if (entry.isFolder) {
      await mkdir(dest, { recursive: true })
      for (const name of await readdir(staged)) await move(path.join(staged, name), path.join(dest, name))
    } else await move(staged, dest)
  }
}

/** Makes the folders that BuildKit writes into, without what an earlier call has left there. */
export async function prepareFiles(files: readonly FileOutput[]): Promise<void> {
  for (const { staged, entry } of files) {
    await rm(path.dirname(staged), { recursive: true, force: true })
    await mkdir(entry.isFolder ? staged : path.dirname(staged), { recursive: true })
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch {
    // Another file system.
    await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    await rm(from, { recursive: true, force: true })
  }
}
