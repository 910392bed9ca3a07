/** The digest of an archive's content, which is the same whatever the order and the times of its files. */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { defaultLimits } from '../image/limits.js'
import { tarReader } from '../image/tar/reader.js'

export type ArchiveContent = {
  /** sha256, hexadecimal. */
  readonly digest: string
  /** Nothing but the folder itself. */
  readonly empty: boolean
}

/** Reads a tar file. Throws an `ImageError` where it is none. */
export async function digestOf(file: string): Promise<ArchiveContent> {
  const entries: string[] = []
  let line = ''
  let hash: Hash | undefined
  const reader = tarReader(
    {
      entry(entry) {
        const { type, mode, uid, gid, deviceMajor, deviceMinor } = entry
        const names = [entry.path, entry.linkPath].map((name) => name.toString('base64')).join(' ')
        line = `${names} ${type} ${mode} ${uid}:${gid} ${deviceMajor}:${deviceMinor}`
        hash = undefined
      },
      content(bytes) {
        hash ??= createHash('sha256')
        hash.update(bytes)
      },
      entryEnd() {
        entries.push(`${line} ${hash === undefined ? '' : hash.digest('base64')}`)
      }
    },
    defaultLimits
  )
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) reader.write(chunk as Buffer)
  reader.end()
  const all = createHash('sha256')
  for (const entry of entries.sort()) all.update(`${entry}\n`)
  return { digest: all.digest('hex'), empty: entries.length <= 1 }
}
