/** What was inspected, as the parts that a registry or an archive is made of. */
import { mkdir } from 'node:fs/promises'
import { Stop } from '../failure/stop.js'
import { ImageError } from '../image/index.js'
import type { Ports } from '../ports.js'
import { readContent, type Content } from '../registry/content.js'

/**
 * Reads it when it is first asked for, and once.
 * @param places folders of layouts, one a platform; or the one archive that docker has saved of a classic image store
 * @param annotations of the index over several platforms
 */
export function openContent(
  ports: Pick<Ports, 'exec'>,
  places: readonly string[],
  annotations: Readonly<Record<string, string>> = {}
): () => Promise<Content> {
  let reading: Promise<Content> | undefined
  return () => (reading ??= read(ports, places, annotations))
}

async function read(
  ports: Pick<Ports, 'exec'>,
  places: readonly string[],
  annotations: Readonly<Record<string, string>>
): Promise<Content> {
  const [archive] = places.filter((place) => place.endsWith('.tar'))
  try {
    if (archive === undefined) return await readContent(places, annotations)
    const layout = archive.replace(/\.tar$/, '-saved')
    await mkdir(layout, { recursive: true })
    await ports.exec({ file: 'tar', args: ['-xf', archive, '-C', layout] })
    return await readContent([layout])
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    throw new Stop({ kind: 'engine', message: `the image cannot be handed on: ${error.message}` })
  }
}
