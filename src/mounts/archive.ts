/** What is in an archive of a mount, read once: its digest, and whether it may be stored. */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { defaultLimits, hitStream, tarReader, type NeedlePlan } from '../image/index.js'

export type ArchiveContent = {
  /** sha256, hexadecimal; the same whatever the order and the times of the files. */
  readonly digest: string
  /** Nothing but the folder itself. */
  readonly empty: boolean
  /** Ids of the run's secrets whose values are in it. */
  readonly secrets: readonly string[]
}

/** Reads a tar file. Throws an `ImageError` where it is none. */
export async function readArchive(file: string, needles: NeedlePlan): Promise<ArchiveContent> {
  const entries: string[] = []
  const leaks = hitStream(needles)
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
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    leaks.write(chunk as Buffer)
    reader.write(chunk as Buffer)
  }
  reader.end()
  const all = createHash('sha256')
  for (const entry of entries.sort()) all.update(`${entry}\n`)
  const { hits } = leaks.end()
  return {
    digest: all.digest('hex'),
    empty: entries.length <= 1,
    secrets: [...new Set(hits.flatMap((hit) => (hit.kind === 'secret' ? [hit.secretId] : [])))]
  }
}
