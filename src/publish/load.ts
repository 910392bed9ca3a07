/** Into the engine: the inspected bytes, and proof that it has them. */
import path from 'node:path'
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import { canonicalRepository, parseReference } from '../core/reference.js'
import { Stop } from '../failure/stop.js'
import type { Ports } from '../ports.js'
import { readContent } from '../registry/content.js'
import { writeArchive } from '../serve/layout.js'
import { serveImage } from '../serve/registry.js'
import { singleImage } from '../serve/shelf.js'

export type LoadOptions = {
  /** Folders of the platforms' layouts. */
  readonly layouts: readonly string[]
  readonly images: readonly LoadedImage[]
  readonly names: readonly string[]
  readonly indexAnnotations: Readonly<Record<string, string>>
  /** Private. */
  readonly folder: string
}

/** An image as it was inspected. */
export type LoadedImage = {
  readonly platform: string
  readonly manifestDigest: string
  readonly configDigest: string
  readonly diffIDs: readonly string[]
}

const pullSeconds = 600

/**
 * Loads it. The engine pulls it from a registry on loopback, and so takes nothing that it has; one that is elsewhere gets
 * an archive. Resolves to the image's id, as `docker run` takes it.
 */
export async function loadImage(ports: Pick<Ports, 'exec' | 'log'>, options: LoadOptions): Promise<string> {
  const pulled = await pullImage(ports, options)
  // An engine whose ids are digests of manifests has what it was asked for by digest.
  if (pulled !== undefined && pulled.id === pulled.digest) return pulled.id
  const id = pulled?.id ?? (await loadArchive(ports, options))
  const [name = id] = options.names
  const differs = await findDifference(ports, name, options.images)
  if (differs !== undefined) throw new Stop({ kind: 'mismatch', cause: differs })
  return id
}

/** `undefined` where the engine cannot reach this machine's loopback address. */
async function pullImage(
  { exec, log }: Pick<Ports, 'exec' | 'log'>,
  { layouts, images, names, indexAnnotations }: LoadOptions
): Promise<{ readonly id: string; readonly digest: string } | undefined> {
  const content = await readContent(layouts, indexAnnotations)
  await using served = await serveImage(content)
  const reference = `${served.repository}@${content.root.digest}`
  for (const { platform } of images) {
    const only = images.length > 1 ? ['--platform', platform] : []
    const pull = await exec(
      { file: 'docker', args: ['image', 'pull', '--quiet', ...only, reference] },
      { timeoutSeconds: pullSeconds }
    )
    if (pull.exitCode !== 0) {
      log.debug(`The engine did not pull from loopback: ${pull.stderr.trim()}`)
      return undefined
    }
  }
  const inspected = await exec({ file: 'docker', args: ['image', 'inspect', '--format', '{{.Id}}', reference] })
  const id = inspected.stdout.trim()
  for (const name of names) await tag(exec, reference, name)
  // The name of the registry that is gone in a moment; the image stays under its others, or without a name.
  if (names.length > 0) await exec({ file: 'docker', args: ['image', 'rm', '--no-prune', reference] })
  return { id, digest: content.root.digest }
}

async function loadArchive({ exec }: Pick<Ports, 'exec'>, options: LoadOptions): Promise<string> {
  const { layouts, images, names, folder } = options
  const content = await readContent(layouts)
  const [image, ...others] = images
  const single = image === undefined ? undefined : singleImage(content, image.manifestDigest)
  if (single === undefined || image === undefined || others.length > 0) {
    throw new Stop({
      kind: 'engine',
      message: 'the engine does not reach this machine, and an archive holds one platform only',
      fix: 'Load one platform, or push the image and pull it there.'
    })
  }
  const file = path.join(folder, 'load.tar')
  const [first = `stagegate-load:${image.configDigest.slice(7, 19)}`, ...more] = names
  await writeArchive(file, single, archiveNames(first))
  const loaded = await exec(
    { file: 'docker', args: ['image', 'load', '--input', file] },
    { timeoutSeconds: pullSeconds }
  )
  if (loaded.exitCode !== 0) throw new Stop({ kind: 'engine', message: `docker image load: ${loaded.stderr.trim()}` })
  for (const name of more) await tag(exec, first, name)
  const inspected = await exec({ file: 'docker', args: ['image', 'inspect', '--format', '{{.Id}}', first] })
  return inspected.stdout.trim()
}

/** A name as an archive has it: in full, since containerd knows no short ones. */
function archiveNames(name: string): { readonly refName: string; readonly tag: string } {
  const reading = parseReference(name)
  if (!reading.ok) return { refName: 'latest', tag: name }
  const { tag: refName = 'latest' } = reading.reference
  return { refName, tag: `${canonicalRepository(reading.reference)}:${refName}` }
}

async function tag(exec: Ports['exec'], from: string, name: string): Promise<void> {
  const tagged = await exec({ file: 'docker', args: ['image', 'tag', from, name] }, { timeoutSeconds: 60 })
  if (tagged.exitCode !== 0)
    throw new Stop({ kind: 'engine', message: `docker image tag ${name}: ${tagged.stderr.trim()}` })
}

/** What the engine has under a name is what was inspected: the same manifest, or the same layers. */
export async function findDifference(
  { exec }: Pick<Ports, 'exec'>,
  name: string,
  images: readonly LoadedImage[]
): Promise<string | undefined> {
  const ask = async (...args: readonly string[]): Promise<unknown> => {
    const { exitCode, stdout } = await exec(
      { file: 'docker', args: ['image', 'inspect', '--format', '{{json .}}', ...args, name] },
      { timeoutSeconds: 60 }
    )
    return exitCode === 0 ? parseJSON(stdout) : undefined
  }
  const holds = (answer: unknown, { manifestDigest, diffIDs }: LoadedImage): boolean =>
    asString(dig(answer, 'Descriptor', 'digest')) === manifestDigest ||
    asArray(dig(answer, 'RootFS', 'Layers')).join() === diffIDs.join()
  const answers = await Promise.all(images.map(({ platform }) => ask('--platform', platform)))
  if (answers.every((answer) => answer !== undefined)) {
    const other = images.find((image, index) => !holds(answers[index], image))
    return other === undefined ? undefined : `the engine has other layers under ${name} than were inspected`
  }
  // Docker before 28.1 shows its own platform alone.
  const answer = await ask()
  return images.some((image) => holds(answer, image))
    ? undefined
    : `the engine has another image under ${name} than was inspected`
}
