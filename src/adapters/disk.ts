/** The disk. What is asked of it before a run is asked in one step each, as an answer may be out of date at once. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Folders, Look } from '../ports.js'

/** What a path is; links are followed. */
export function look(place: string): ReturnType<Look> {
  const found = statSync(place, { throwIfNoEntry: false })
  return found?.isDirectory() === true ? 'folder' : found?.isFile() === true ? 'file' : undefined
}

export const folders: Folders = {
  isEmpty: (folder) => {
    try {
      return readdirSync(folder).length === 0
    } catch {
      return true // that it cannot be read is told by isWritable, or by the build
    }
  },
  isWritable: (folder) => {
    try {
      accessSync(folder, constants.W_OK | constants.X_OK)
      return true
    } catch {
      return false
    }
  }
}

/** Removes a folder, also where whoever wrote into it has left folders that nobody may write to, as Go's module cache does. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true })
  } catch {
    await open(folder)
    await rm(folder, { recursive: true, force: true })
  }
}

/** Gives its owner every right to a folder and to all in it; links are not followed. What is not ours stays as it is. */
async function open(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true) return
  await chmod(folder, 0o700).catch(() => undefined)
  for (const name of await readdir(folder).catch(() => [])) await open(path.join(folder, name))
}
