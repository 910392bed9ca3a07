/** Publishing: what was inspected goes out, byte for byte. Files and the engine first, blobs and manifests then, tags last. */
import { noMetadata, type BuildMetadata } from '../buildkit/provenance.js'
import { asArray, asObject, asString, parseJSON } from '../core/json.js'
import type { Failure } from '../failure/failure.js'
import { Stop } from '../failure/stop.js'
import { Cancelled, type Ports } from '../ports.js'
import { readContent } from '../registry/content.js'
import type { PushOutcome } from '../registry/outcome.js'
import type { RegistryProblem } from '../registry/problem.js'
import { pushImages } from '../registry/push.js'
import { placeFiles } from './files.js'
import { findDifference, loadImage, type LoadedImage } from './load.js'
import type { Publication } from './plan.js'

export type PublishOptions = {
  readonly publication: Publication
  /** Folders of the platforms' layouts, in the order of the platforms; none on the classic image store. */
  readonly layouts: readonly string[]
  /** Name of the one image in the engine of a classic image store. */
  readonly classicTag?: string
  readonly images: readonly LoadedImage[]
  /** References of the base images: what the same registry has of them is not sent. */
  readonly bases: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Private. */
  readonly folder: string
}

/** What has left. */
export type Published = {
  /** Tags that have the image now; also where something failed after them. */
  readonly tags: readonly string[]
  /** Of the manifest or index that was pushed or loaded. */
  readonly digest: string
  /** Id of the image in the engine, where it was loaded. */
  readonly imageID?: string
  /** `push`, `load`, and the outputs as typed. */
  readonly how: readonly string[]
  readonly notes: readonly string[]
  readonly failure?: Failure
  readonly cancelled?: true
}

/** Publishes. What failed is told with what had left by then; only what is a defect of ours is thrown. */
export async function publish(
  ports: Pick<Ports, 'exec' | 'log' | 'signal'>,
  options: PublishOptions
): Promise<Published> {
  const { publication, layouts, images } = options
  const digest =
    layouts.length === 0
      ? (images[0]?.configDigest ?? '')
      : (await readContent(layouts, publication.indexAnnotations)).root.digest
  let done: Published = { tags: [], digest, how: [], notes: [] }
  try {
    if (publication.load) {
      const imageID = await load(ports, options)
      done = { ...done, imageID, how: [...done.how, 'load'], tags: publication.loads }
    }
    const pushed = await push(ports, options)
    done = {
      ...done,
      ...pushed,
      tags: [...new Set([...done.tags, ...pushed.tags])],
      how: [...pushed.how, ...done.how]
    }
    if (done.failure !== undefined || done.cancelled === true) return done
    await placeFiles(publication.files)
    return { ...done, how: [...done.how, ...publication.files.map(({ entry }) => entry.text)] }
  } catch (error) {
    if (error instanceof Cancelled) return { ...done, cancelled: true }
    if (error instanceof Stop) return { ...done, failure: error.failure }
    throw error
  }
}

async function load(ports: Pick<Ports, 'exec' | 'log'>, options: PublishOptions): Promise<string> {
  const { publication, layouts, images, folder, classicTag } = options
  const { loads: names, indexAnnotations } = publication
  if (classicTag === undefined) return loadImage(ports, { layouts, images, names, indexAnnotations, folder })
  for (const name of names) await tagClassic(ports, classicTag, name)
  return images[0]?.configDigest ?? ''
}

type Pushed = Pick<Published, 'tags' | 'how' | 'notes' | 'failure' | 'cancelled'> & { readonly digest?: string }

async function push(ports: Pick<Ports, 'exec' | 'log' | 'signal'>, options: PublishOptions): Promise<Pushed> {
  const { publication, layouts, bases, env, classicTag } = options
  const { pushes, indexAnnotations } = publication
  if (pushes.length === 0) return { tags: [], how: [], notes: [] }
  if (classicTag !== undefined) return pushClassic(ports, options, classicTag)
  const outcome = await pushImages(ports, {
    env,
    images: pushes.map(({ references, byDigest }) => ({
      ...{ layouts, references, byDigest, annotations: indexAnnotations, mountFrom: bases }
    })),
    onRetry: ({ what, why }) => ports.log.info(`${what}: ${why}. It is tried again.`)
  })
  return readOutcome(outcome)
}

function readOutcome({ references, retries, problem }: PushOutcome): Pushed {
  const having = references.filter(({ state }) => state === 'pushed' || state === 'there')
  const tags = having.map(({ reference }) => reference)
  const unknown = references.filter(({ state }) => state === 'unknown').map(({ reference }) => reference)
  const cost = retries.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const notes = [
    ...(retries.length === 0
      ? []
      : [
          `The registry had to be asked again ${retries.length === 1 ? 'once' : `${retries.length} times`}, which took ${(cost / 1000).toFixed(1)} s: ${retries.at(-1)?.why ?? ''}.`
        ]),
    ...(problem === undefined || tags.length === 0
      ? []
      : [`These tags have the image, although publishing failed: ${tags.join(', ')}.`]),
    ...(unknown.length === 0 || problem === undefined
      ? []
      : [`Whether these tags have the image is not known: the registry could not be asked: ${unknown.join(', ')}.`])
  ]
  if (problem === undefined) return { tags, how: ['push'], notes }
  if (problem.kind === 'cancelled') return { tags, how: tags.length > 0 ? ['push'] : [], notes, cancelled: true }
  return { tags, how: tags.length > 0 ? ['push'] : [], notes, failure: failureOf(problem) }
}

function failureOf({ reference, message, fix }: RegistryProblem): Failure {
  return { kind: 'registry', reference, message: `failed to push ${reference}: ${message}`, fix }
}

/** The classic image store pushes what it has: the very image that was saved and inspected, by its name. */
async function pushClassic(
  ports: Pick<Ports, 'exec'>,
  { publication, images }: PublishOptions,
  from: string
): Promise<Pushed> {
  const tags: string[] = []
  const pushed = (): Pushed => ({
    tags,
    how: tags.length > 0 ? ['push'] : [],
    notes: tags.length > 0 ? [`These tags have the image, although publishing failed: ${tags.join(', ')}.`] : []
  })
  for (const name of publication.pushes.flatMap(({ references }) => references)) {
    try {
      await pushOneClassic(ports, images, { from, name })
    } catch (error) {
      if (error instanceof Cancelled) return { ...pushed(), cancelled: true }
      if (error instanceof Stop) return { ...pushed(), failure: error.failure }
      throw error
    }
    tags.push(name)
  }
  const digest = await findRegistryDigest(ports, tags[0] ?? from)
  return { ...pushed(), notes: [], ...(digest === undefined ? {} : { digest }) }
}

async function pushOneClassic(
  ports: Pick<Ports, 'exec'>,
  images: readonly LoadedImage[],
  { from, name }: { readonly from: string; readonly name: string }
): Promise<void> {
  await tagClassic(ports, from, name)
  const differs = await findDifference(ports, name, images)
  if (differs !== undefined) throw new Stop({ kind: 'mismatch', cause: differs })
  const { exitCode, stderr } = await ports.exec({ file: 'docker', args: ['image', 'push', '--quiet', name] })
  if (exitCode === 0) return
  const message = `failed to push ${name}: ${stderr.trim().split('\n').at(-1) ?? ''}`
  throw new Stop({ kind: 'registry', reference: name, message })
}

/** Only the registry's manifest has a digest there, and the engine remembers it. */
async function findRegistryDigest({ exec }: Pick<Ports, 'exec'>, name: string): Promise<string | undefined> {
  const { stdout } = await exec({
    file: 'docker',
    args: ['image', 'inspect', '--format', '{{json .RepoDigests}}', name]
  })
  const repository = name.replace(/:[^:/]+$/, '')
  const found = asArray(parseJSON(stdout)).find(
    (entry) => typeof entry === 'string' && entry.startsWith(`${repository}@`)
  )
  return asString(found)?.split('@')[1]
}

async function tagClassic({ exec }: Pick<Ports, 'exec'>, from: string, name: string): Promise<void> {
  const { exitCode, stderr } = await exec(
    { file: 'docker', args: ['image', 'tag', from, name] },
    { timeoutSeconds: 60 }
  )
  if (exitCode !== 0) throw new Stop({ kind: 'engine', message: `docker image tag ${name}: ${stderr.trim()}` })
}

/** The metadata of the build, as buildx would have written it of what was published. */
export function describePublished(
  built: readonly { readonly platform: string; readonly metadata: BuildMetadata }[],
  {
    digest,
    configDigest,
    mediaType,
    names
  }: {
    readonly digest: string
    readonly configDigest?: string
    readonly mediaType?: string
    readonly names: readonly string[]
  }
): BuildMetadata {
  const several = built.length > 1
  const members = built.flatMap(({ platform, metadata }) =>
    Object.entries(asObject(parseJSON(metadata.text)) ?? {})
      .filter(([key]) => !key.startsWith('containerimage.'))
      .map(([key, value]): [string, unknown] => [
        several && key === 'buildx.build.provenance' ? `${key}/${platform}` : key,
        value
      ])
  )
  const first = asObject(parseJSON(built[0]?.metadata.text ?? ''))
  const json = {
    ...Object.fromEntries(members),
    ...(configDigest === undefined ? {} : { 'containerimage.config.digest': configDigest }),
    ...(several || first?.['containerimage.descriptor'] === undefined
      ? {}
      : { 'containerimage.descriptor': first['containerimage.descriptor'] }),
    'containerimage.digest': digest,
    ...(names.length === 0 ? {} : { 'image.name': names.join(',') })
  }
  const provenance = built[0]?.metadata.provenance ?? noMetadata.provenance
  return {
    text: JSON.stringify(json, undefined, 2),
    digest,
    provenance,
    ...(configDigest === undefined ? {} : { configDigest }),
    ...(mediaType === undefined ? {} : { mediaType })
  }
}
