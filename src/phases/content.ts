/** What was inspected, as the parts that a registry or an archive is made of. */
import { mkdir } from 'node:fs/promises'
import { Stop } from '../failure/stop.js'
import { readable } from '../inspect/inspect.js'
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
  const reading = archive === undefined ? readContent(places, annotations) : readContent([await unpack(ports, archive)])
  return reading.catch(readable(UNUSABLE))
}

const UNUSABLE = 'the image cannot be handed on'

/** Unpacks an archive beside it; returns the folder. */
async function unpack({ exec }: Pick<Ports, 'exec'>, archive: string): Promise<string> {
  const layout = archive.replace(/\.tar$/, '-saved')
  await mkdir(layout, { recursive: true })
  const { exitCode, stderr } = await exec({ file: 'tar', args: ['-xf', archive, '-C', layout] })
  if (exitCode === 0) return layout
  // It has a line for each file that it could not write.
  const lines = stderr.trim().split('\n')
  const words = lines.find((line) => /no space left/i.test(line)) ?? lines[0] ?? ''
  const message = `${UNUSABLE}: tar ended with exit code ${exitCode}${words === '' ? '' : `, ${words}`}`
  throw new Stop({ kind: 'engine', message })
}
