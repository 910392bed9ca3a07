/** Publishing: what was inspected goes out, byte for byte. Files and the engine first, blobs and manifests then, tags last. */
import { registryFix } from '../buildkit/registry_causes.js'
import { asArray, asString, parseJSON } from '../core/json.js'
import { canonicalRepository, parseReference } from '../core/reference.js'
import type { Failure } from '../failure/failure.js'
import { failureOf } from '../failure/of.js'
import { Stop } from '../failure/stop.js'
import { guardedBy } from '../guard.js'
import { Cancelled, type Ports } from '../ports.js'
import type { Content } from '../registry/content.js'
import type { PushOutcome } from '../registry/outcome.js'
import type { RegistryProblem } from '../registry/problem.js'
import { pushImages, type PushOptions } from '../registry/push.js'
import { placeFile } from './files.js'
import { findDifference, loadImage, type LoadedImage } from './load.js'
import type { Loading, Publication } from './plan.js'

export type PublishOptions = {
  readonly publication: Publication
  /** What was inspected; absent on the classic image store. */
  readonly content?: Content
  /** Name of the one image in the engine of a classic image store. */
  readonly classicTag?: string
  readonly images: readonly LoadedImage[]
  /** References of the base images: what the same registry has of them is not sent. */
  readonly bases: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Private. */
  readonly folder: string
  /** Registries that the builder speaks to without TLS, or without a look at the certificate. */
  readonly findInsecure: () => Promise<readonly string[]>
  /** Told of a name in the engine that is to go again, before it is there. */
  readonly onTag: (name: string) => void
  /** Told of it again when it has gone. */
  readonly onUntag: (name: string) => void
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

/** Publishes. Whatever fails is told with what had left by then. */
export async function publish(
  ports: Pick<Ports, 'exec' | 'log' | 'signal'>,
  options: PublishOptions
): Promise<Published> {
  const { publication, content, images } = options
  const digest = content?.root.digest ?? images[0]?.configDigest ?? ''
  let done: Published = { tags: [], digest, how: [], notes: [] }
  try {
    for (const loading of publication.loads) {
      const imageID = await load(ports, options, loading)
      // The id of the engine that docker speaks to of its own accord comes first.
      done = { imageID, ...done, how: ['load'], tags: [...new Set([...done.tags, ...loading.names])] }
    }
    const pushed = await push(ports, options)
    done = {
      ...done,
      ...pushed,
      tags: [...new Set([...done.tags, ...pushed.tags])],
      how: [...pushed.how, ...done.how]
    }
    if (done.failure !== undefined || done.cancelled === true) return done
    for (const file of publication.files) {
      await placeFile(file)
      done = { ...done, how: [...done.how, file.entry.text] }
    }
    return done
  } catch (error) {
    if (error instanceof Cancelled) return { ...done, cancelled: true }
    return { ...done, failure: failureOf(error) }
  }
}

async function load(
  ports: Pick<Ports, 'exec' | 'log'>,
  { content, images, folder, classicTag, onTag, onUntag }: PublishOptions,
  loading: Loading
): Promise<string> {
  if (content !== undefined) return loadImage(ports, { content, images, loading, folder, onTag, onUntag })
  for (const name of loading.names) await tagClassic(ports, classicTag ?? '', name)
  return images[0]?.configDigest ?? ''
}

type Pushed = Pick<Published, 'tags' | 'how' | 'notes' | 'failure' | 'cancelled'> & { readonly digest?: string }

async function push(ports: Pick<Ports, 'exec' | 'log' | 'signal'>, options: PublishOptions): Promise<Pushed> {
  const { publication, content, bases, env, findInsecure, classicTag = '' } = options
  const { pushes } = publication
  if (pushes.length === 0) return { tags: [], how: [], notes: [] }
  if (content === undefined) return pushClassic(ports, options, classicTag)
  const plan: PushOptions = {
    env,
    images: pushes.map(({ references, byDigest }) => ({
      ...{ content, references, byDigest, mountFrom: bases }
    })),
    onRetry: ({ what, why }) => ports.log.info(`${what}: ${why}. It is tried again.`)
  }
  const outcome = await pushImages(ports, plan)
  if (outcome.problem?.kind !== 'certificate') return readOutcome(outcome)
  const insecure = await findInsecure()
  return readOutcome(insecure.length === 0 ? outcome : await pushImages(ports, { ...plan, insecure }))
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
  return { tags, how: tags.length > 0 ? ['push'] : [], notes, failure: refusalOf(problem) }
}

function refusalOf({ reference, message, fix }: RegistryProblem): Failure {
  return { kind: 'registry', reference, message: `failed to push ${reference}: ${message}`, fix }
}

/** The classic image store pushes what it has: the very image that was saved and inspected, by its name. */
async function pushClassic(
  ports: Pick<Ports, 'exec'>,
  { publication, images, folder }: PublishOptions,
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
      await pushOneClassic(ports, images, { from, name, folder })
    } catch (error) {
      if (error instanceof Cancelled) return { ...pushed(), cancelled: true }
      return { ...pushed(), failure: failureOf(error) }
    }
    tags.push(name)
  }
  const digest = await findRegistryDigest(ports, tags[0] ?? from)
  return { ...pushed(), notes: [], ...(digest === undefined ? {} : { digest }) }
}

async function pushOneClassic(
  ports: Pick<Ports, 'exec'>,
  images: readonly LoadedImage[],
  { from, name, folder }: { readonly from: string; readonly name: string; readonly folder: string }
): Promise<void> {
  await tagClassic(ports, from, name)
  const differs = await findDifference(ports, { name }, images)
  if (differs !== undefined) throw new Stop({ kind: 'mismatch', cause: differs })
  const push = { file: 'docker', args: ['image', 'push', '--quiet', name] }
  const { exitCode, stderr } = await ports.exec(push, { env: guardedBy(folder) })
  if (exitCode === 0) return
  const message = `failed to push ${name}: ${stderr.trim().split('\n').at(-1) ?? ''}`
  const fix = registryFix(stderr)
  throw new Stop({ kind: 'registry', reference: name, message, ...(fix === undefined ? {} : { fix }) })
}

/** Only the registry's manifest has a digest there, and the engine remembers it. */
async function findRegistryDigest({ exec }: Pick<Ports, 'exec'>, name: string): Promise<string | undefined> {
  const { stdout } = await exec({
    file: 'docker',
    args: ['image', 'inspect', '--format', '{{json .RepoDigests}}', name]
  })
  const repository = canonicalRepositoryOf(name)
  // Docker leaves its own registry's name out, however the image was called.
  return asArray(parseJSON(stdout))
    .flatMap((entry) => asString(entry) ?? [])
    .find((entry) => canonicalRepositoryOf(entry) === repository)
    ?.split('@')[1]
}

function canonicalRepositoryOf(text: string): string | undefined {
  const reading = parseReference(text)
  return reading.ok ? canonicalRepository(reading.reference) : undefined
}

async function tagClassic({ exec }: Pick<Ports, 'exec'>, from: string, name: string): Promise<void> {
  const { exitCode, stderr } = await exec(
    { file: 'docker', args: ['image', 'tag', from, name] },
    { timeoutSeconds: 60 }
  )
  if (exitCode !== 0) throw new Stop({ kind: 'engine', message: `docker image tag ${name}: ${stderr.trim()}` })
}
