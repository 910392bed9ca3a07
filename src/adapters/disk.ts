/** What is on the disk, asked in one step each; for checks before a run, where an answer may be out of date at once. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs'
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
