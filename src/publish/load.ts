/** Into an engine: the inspected bytes, and proof that it has them. Nothing of how they came there stays. */
import path from 'node:path'
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import { Stop } from '../failure/stop.js'
import { guardedBy } from '../guard.js'
import { Cancelled, type ExecResult, type Ports } from '../ports.js'
import type { Content } from '../registry/content.js'
import { archiveNames, writeArchive } from '../serve/layout.js'
import { removeForsakenImages } from '../serve/forsaken.js'
import { serveImage } from '../serve/registry.js'
import { singleImage } from '../serve/shelf.js'
import type { Loading } from './plan.js'

export type LoadOptions = {
  readonly content: Content
  readonly images: readonly LoadedImage[]
  readonly loading: Loading
  /** Private. */
  readonly folder: string
  /** Told of a name in the engine that is to go again, before it is there. */
  readonly onTag: (name: string) => void
  /** Told of it again when it has gone. */
  readonly onUntag: (name: string) => void
}

/** An image as it was inspected. */
export type LoadedImage = {
  readonly platform: string
  readonly manifestDigest: string
  readonly configDigest: string
  readonly diffIDs: readonly string[]
}

type LoadPorts = Pick<Ports, 'exec' | 'log'>

const pullSeconds = 600
const callSeconds = 60

/**
 * Loads it. The engine pulls it from a registry on loopback, and so takes nothing that it has; one that is elsewhere gets
 * an archive, and so does one that is to have it without a name. Resolves to the image's id, as `docker run` takes it.
 */
export async function loadImage(ports: LoadPorts, options: LoadOptions): Promise<string> {
  const { content, images, loading } = options
  const { context, names } = loading
  const id = (names.length === 0 ? undefined : await pullImage(ports, options)) ?? (await loadArchive(ports, options))
  // An engine whose ids are digests of manifests has what it was asked for by digest.
  if (id === content.root.digest) return id
  const differs = await findDifference(ports, { name: names[0] ?? id, context }, images)
  if (differs !== undefined) throw new Stop({ kind: 'mismatch', cause: differs })
  return id
}

/** `undefined` where the engine cannot reach this machine's loopback address. */
async function pullImage(ports: LoadPorts, options: LoadOptions): Promise<string | undefined> {
  const { content, images, loading, folder, onTag, onUntag } = options
  const call = caller(ports, loading.context, folder)
  await using served = await serveImage(content)
  const reference = `${served.repository}@${content.root.digest}`
  // Where the run ends here, `post` removes it. In another context there is nobody to do so.
  if (loading.context === undefined) onTag(reference)
  // Of runs that were killed while the engine pulled, and had no `post`. Trouble with it is nobody's.
  const tidying = removeForsakenImages(call).catch(() => undefined)
  try {
    for (const { platform } of images) {
      const only = content.root.part === 'index' && platform !== '' ? ['--platform', platform] : []
      const pull = await call(['image', 'pull', '--quiet', ...only, reference], pullSeconds)
      if (pull.exitCode !== 0) {
        ports.log.debug(`The engine did not pull from loopback: ${pull.stderr.trim()}`)
        return undefined
      }
    }
    const [inspected] = await Promise.all([
      call(['image', 'inspect', '--format', '{{.Id}}', reference]),
      ...loading.names.map((name) => tag(call, reference, name))
    ])
    return inspected.stdout.trim()
  } finally {
    // The image stays under its own names, and goes where it has none yet.
    const removed = await unlessCancelled(call(['image', 'rm', '--no-prune', reference]))
    if (removed?.exitCode === 0) onUntag(reference)
    await tidying
  }
}

async function loadArchive(ports: LoadPorts, options: LoadOptions): Promise<string> {
  const { content, images, loading, folder } = options
  const call = caller(ports, loading.context, folder)
  const [first] = images
  const single = first === undefined ? undefined : singleImage(content, first.manifestDigest)
  if (first === undefined || single === undefined) throw new Error('no image to load')
  const file = path.join(folder, 'load.tar')
  const [name, ...more] = loading.names
  await writeArchive(file, single, name === undefined ? undefined : archiveNames(name), content)
  const loaded = await call(['image', 'load', '--quiet', '--input', file], pullSeconds)
  if (loaded.exitCode !== 0) throw new Stop({ kind: 'engine', message: `docker image load: ${loaded.stderr.trim()}` })
  for (const other of more) await tag(call, name ?? '', other)
  // Without a name it is there by one of its digests, which depends on the engine's image store.
  for (const known of name === undefined ? [content.root.digest, first.configDigest] : [name]) {
    const { exitCode, stdout } = await call(['image', 'inspect', '--format', '{{.Id}}', known])
    if (exitCode === 0) return stdout.trim()
  }
  throw new Stop({ kind: 'engine', message: `the engine does not have what it has loaded: ${loaded.stdout.trim()}` })
}

type Call = (args: readonly string[], timeoutSeconds?: number) => Promise<ExecResult>

function caller({ exec }: Pick<Ports, 'exec'>, context: string | undefined, folder?: string): Call {
  return (args, timeoutSeconds = callSeconds) =>
    exec(
      { file: 'docker', args: [...(context === undefined ? [] : ['--context', context]), ...args] },
      { timeoutSeconds, ...(folder === undefined ? {} : { env: guardedBy(folder) }) }
    )
}

async function tag(call: Call, from: string, name: string): Promise<void> {
  const tagged = await call(['image', 'tag', from, name])
  if (tagged.exitCode !== 0)
    throw new Stop({ kind: 'engine', message: `docker image tag ${name}: ${tagged.stderr.trim()}` })
}

/** A cancelled run removes nothing any more; its `post` does. */
async function unlessCancelled(call: Promise<ExecResult>): Promise<ExecResult | undefined> {
  return call.catch((error: unknown) => {
    if (!(error instanceof Cancelled)) throw error
    return undefined
  })
}

/** What an engine has under a name is what was inspected: the same manifest, or the same layers. */
export async function findDifference(
  ports: Pick<Ports, 'exec'>,
  { name, context }: { readonly name: string; readonly context?: string | undefined },
  images: readonly LoadedImage[]
): Promise<string | undefined> {
  const call = caller(ports, context)
  const ask = async (...args: readonly string[]): Promise<unknown> => {
    const { exitCode, stdout } = await call(['image', 'inspect', '--format', '{{json .}}', ...args, name])
    return exitCode === 0 ? parseJSON(stdout) : undefined
  }
  const holds = (answer: unknown, { manifestDigest, diffIDs }: LoadedImage): boolean =>
    asString(dig(answer, 'Descriptor', 'digest')) === manifestDigest ||
    asArray(dig(answer, 'RootFS', 'Layers')).join() === diffIDs.join()
  const answers = await Promise.all(images.map(({ platform }) => ask('--platform', platform)))
  if (answers.every((answer) => answer !== undefined)) {
    const other = images.find((image, index) => !holds(answers[index], image))
    return other === undefined ? undefined : `the engine has different layers under ${name} than were inspected`
  }
  // Docker before 28.1 shows its own platform alone.
  const answer = await ask()
  return images.some((image) => holds(answer, image))
    ? undefined
    : `the engine has a different image under ${name} than was inspected`
}
