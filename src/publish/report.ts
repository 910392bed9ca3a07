/** What has left, as it is reported. Pure. */
import { asString, dig, parseJSON } from '../core/json.js'
import { reachOf, type Archive, type PublishReport } from '../report/model.js'
import type { BuiltMetadata } from './metadata.js'
import type { FileOutput } from './plan.js'
import type { Published } from './publish.js'

/** What was written into files, with what the builder says of each that it has made. */
export type Written = { readonly files: readonly FileOutput[]; readonly metadata: readonly BuiltMetadata[] }

/** What is told of an image. In a run that failed a name in an engine is none of its tags. */
export function reportPublished(published: Published, written: Written, failed: boolean): PublishReport {
  const { tags, loaded, how, digest } = published
  const unknown = published.unknown.length === 0 ? {} : { unknown: published.unknown }
  if (how.length === 0) {
    return { published: false, reason: 'the image output neither pushes nor has a name', ...unknown }
  }
  const isPushed = how.includes('push')
  const isImage = isPushed || how.includes('load')
  const inFiles = archivesOf(written, digest).filter(({ output }) => how.includes(output))
  const archives = inFiles.filter((each) => each.digest !== digest)
  const known = inFiles.flatMap((each) => each.digest ?? [])
  return {
    published: true,
    tags: [...new Set([...tags, ...(failed && isPushed ? [] : loaded)])],
    digest: isImage || known.includes(digest) ? digest : (known.at(-1) ?? ''),
    how,
    ...(archives.length === 0 ? {} : { archives }),
    ...unknown
  }
}

/** The same in a run that has failed by now: what is on the runner alone is not published. */
export function inFailedRun(publish: PublishReport): PublishReport {
  const reason = 'the run failed'
  if (!publish.published) return { ...publish, reason }
  if (reachOf(publish) === 'pushed') return publish
  const { tags, how, unknown } = publish
  return { published: false, reason, kept: { tags, how }, ...(unknown === undefined ? {} : { unknown }) }
}

/**
 * The builder makes a file by itself, in a form that may be another than that of the image that was inspected.
 * @param inspected digest of that image
 */
function archivesOf({ files, metadata }: Written, inspected: string): readonly Archive[] {
  const built = files.filter(({ source }) => source === 'builder')
  return files.flatMap((file) => {
    const { entry, source } = file
    if (entry.type !== 'oci' && entry.type !== 'docker') return []
    if (source === 'image') return [{ output: entry.text, digest: inspected }]
    // Without an answer for each it is not known which is whose.
    const text = metadata.length === built.length ? (metadata[built.indexOf(file)]?.text ?? '') : ''
    const digest = asString(dig(parseJSON(text), 'containerimage.digest'))
    return [{ output: entry.text, ...(digest === undefined ? {} : { digest }) }]
  })
}
