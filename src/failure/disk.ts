/** The runner's disk: whether a run can begin on it, and what it means when it ends a run. */
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { asString, dig } from '../core/json.js'
import { bytes } from '../core/units.js'
import type { Failure } from './failure.js'
import { Stop } from './stop.js'

/** Less is not worth beginning: a report, and the smallest of images. */
const LEAST_BYTES = 16_000_000

const PROBE_BYTES = 64 * 1024

/** Stops a run whose temporary folder cannot hold what it makes: the image is written there before it is looked at. */
export async function checkTemporaryFolder(folder: string): Promise<void> {
  let probe: string | undefined
  try {
    probe = await mkdtemp(path.join(folder, 'stagegate-'))
    await writeFile(path.join(probe, 'probe'), Buffer.alloc(PROBE_BYTES, 1))
    const { bavail, bsize } = await statfs(probe)
    const left = bavail * bsize
    if (left >= LEAST_BYTES) return
    const message = `the temporary folder of the runner (RUNNER_TEMP, ${folder}) has ${bytes(left)} left`
    throw new Stop({ kind: 'engine', message, fix: MAKE_ROOM })
  } catch (error) {
    if (error instanceof Stop) throw error
    const why = reasonOf(error)
    if (why === undefined) throw error
    const message = `the temporary folder of the runner (RUNNER_TEMP, ${folder}) cannot be used: ${why.what}`
    throw new Stop({ kind: 'engine', message, fix: why.fix }, { cause: error })
  } finally {
    if (probe !== undefined) await rm(probe, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** The failure that an error of the file system stands for, wherever in a run it came up. */
export function diskFailure(error: unknown): Failure | undefined {
  const why = reasonOf(error)
  // That a file is not there, or not ours to read, is a defect of ours wherever nobody saw it coming.
  if (why === undefined || !['ENOSPC', 'EDQUOT', 'EROFS'].includes(asString(dig(error, 'code')) ?? '')) return undefined
  const file = asString(dig(error, 'path'))
  const place = file === undefined ? '' : ` (${file})`
  return { kind: 'engine', message: `the runner could not write a file${place}: ${why.what}`, fix: why.fix }
}

const MAKE_ROOM =
  'Make room on its disk, or set RUNNER_TEMP to a folder on a larger one: an image takes twice its size there.'

type Reason = { readonly what: string; readonly fix: string }

function reasonOf(error: unknown): Reason | undefined {
  switch (dig(error, 'code')) {
    case 'ENOSPC':
      return { what: 'no space, or no inode, is left on its disk', fix: MAKE_ROOM }
    case 'EDQUOT':
      return { what: "the user's quota is used up", fix: MAKE_ROOM }
    case 'EROFS':
      return { what: 'its file system is read-only', fix: 'Give the runner a temporary folder that it may write to.' }
    case 'EACCES':
    case 'EPERM':
      return {
        what: 'the runner may not write there',
        fix: 'Give the folder to the user that the runner runs as: a step of a container that ran as root may have taken it.'
      }
    case 'ENOENT':
    case 'ENOTDIR':
      return { what: 'it is not there', fix: 'The runner makes it for each job: no step may remove it.' }
    default:
      return undefined
  }
}
