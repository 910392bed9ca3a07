/** What left the runner, and that it is what was inspected. */
import { capped, type Detail } from '../format/ladder.js'
import { bullets, code, sections } from '../format/markdown.js'
import { reachOf, type BuildView, type ImageReport, type PublishReport, type Reach } from '../model.js'
import { count, enumerated } from '../../core/units.js'

/** What was done with an image: `loaded into the engine`. */
export const reachWords: Readonly<Record<Reach, string>> = {
  pushed: 'published',
  unknown: 'perhaps published',
  loaded: 'loaded into the engine',
  exported: 'exported',
  nowhere: 'not published'
}

/** Every tag and the digest, and those that archives have besides. */
export function renderPublished(report: BuildView, detail: Detail): string | undefined {
  const { publish } = report
  if (!publish.published) return undefined
  const { shown, more } = capped(publish.tags, detail.rows)
  const tags = [...shown.map((tag) => code(tag, 200)), ...(more > 0 ? [`and ${count(more, 'more tag')}`] : [])]
  const title = reachWords[reachOf(publish)]
  return sections([
    `### ${title[0]?.toUpperCase() ?? ''}${title.slice(1)}`,
    tags.length === 0 ? undefined : bullets(tags),
    ...digestsOf(report.images, publish, detail)
  ])
}

function digestsOf(
  images: readonly ImageReport[],
  { digest, how, archives = [] }: Extract<PublishReport, { published: true }>,
  detail: Detail
): readonly (string | undefined)[] {
  const ways = how.filter((way) => archives.every(({ output }) => output !== way))
  const isOfArchive = how.length > 0 && ways.length === 0
  const others = archives.flatMap(({ output, digest: own }) =>
    own === undefined ? [] : [`Digest ${code(own)} in ${code(output, 120)}.`]
  )
  return [
    digest === '' || isOfArchive ? undefined : publishedDigest(images, digest, wayWords(ways), detail),
    ...others.slice(0, detail.rows)
  ]
}

/** What was inspected is a platform's manifest; what a tag names may be an index around it. */
function publishedDigest(images: readonly ImageReport[], digest: string, ways: string, detail: Detail): string {
  if (images.some((image) => image.manifestDigest === digest || image.configDigest === digest)) {
    return `Digest ${code(digest)}${ways}, the one that was inspected.`
  }
  const inspected = images.flatMap(({ platform, manifestDigest }) =>
    manifestDigest === undefined ? [] : [`${code(platform, 60)} ${code(manifestDigest)}`]
  )
  if (inspected.length === 0) return `Digest ${code(digest)}${ways}.`
  return `Digest ${code(digest)}${ways}, an index of what was inspected:\n\n${bullets(inspected.slice(0, detail.rows))}`
}

function wayWords(ways: readonly string[]): string {
  const words = ways.map((way) => (way === 'push' ? 'pushed' : way === 'load' ? 'loaded' : code(way, 120)))
  return words.length === 0 ? '' : ` (${enumerated(words.slice(0, 6))})`
}

/** The digest alone, for where the tags are named already. */
export function digestLine({ publish }: BuildView): string | undefined {
  return publish.published && publish.digest !== '' ? `Digest: ${code(publish.digest)}` : undefined
}
