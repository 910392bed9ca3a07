/**
 * Publishing: what was inspected goes out, byte for byte. First into the engine, then blobs and manifests, then the tags, when
 * all else of all images is in the registries; files come last, and are written before anything leaves.
 */
import { registryFix } from '../buildkit/registry_causes.js'
import { asArray, asString, parseJSON } from '../core/json.js'
import { canonicalName, canonicalRepository, parseReference } from '../core/reference.js'
import type { Failure } from '../failure/failure.js'
import { failureOf } from '../failure/of.js'
import { Stop } from '../failure/stop.js'
import { guardedBy } from '../guard.js'
import { Cancelled, type Ports } from '../ports.js'
import type { Content } from '../registry/content.js'
import type { PushOutcome, ReferenceOutcome } from '../registry/outcome.js'
import type { RegistryProblem } from '../registry/problem.js'
import { pushImages, type PushOptions } from '../registry/push.js'
import { placeFile, writeImage } from './files.js'
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
  /** Tags that have the image now in a registry; also where something failed after them. */
  readonly tags: readonly string[]
  /** References that were on their way when the run failed or was cancelled, and of which the registry does not say whether they have it. */
  readonly unknown: readonly string[]
  /** Names that it has in an engine. */
  readonly loaded: readonly string[]
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

/**
 * Publishes the images of a run together. Whatever fails is told with what had left by then, of the image that it is of; nothing
 * more of the others leaves.
 * @returns what became of each, in their order
 */
export async function publish(
  ports: Pick<Ports, 'exec' | 'log' | 'signal'>,
  images: readonly PublishOptions[]
): Promise<readonly Published[]> {
  const done = images.map(({ content, images: [first] }): Published => ({
    ...{
      tags: [],
      unknown: [],
      loaded: [],
      digest: content?.root.digest ?? first?.configDigest ?? '',
      how: [],
      notes: []
    }
  }))
  const add = (index: number, change: (before: Published) => Published): void => {
    const before = done[index]
    if (before !== undefined) done[index] = change(before)
  }
  let at = 0
  try {
    for (const [index, { publication, content }] of images.entries()) {
      at = index
      for (const file of publication.files) {
        if (file.source === 'image') await writeImage(file, content, ports.signal)
      }
    }
    for (const [index, options] of images.entries()) {
      at = index
      for (const loading of options.publication.loads) {
        const imageID = await load(ports, options, loading)
        // The id of the engine that docker speaks to of its own accord comes first.
        const names = ({ loaded }: Published) => [...new Set([...loaded, ...loading.names])]
        add(index, (before) => ({ imageID, ...before, how: ['load'], loaded: names(before) }))
      }
    }
    at = 0
    for (const [index, pushed] of (await push(ports, images)).entries()) {
      add(index, (before) => ({
        ...before,
        ...pushed,
        how: [...pushed.how, ...before.how]
      }))
    }
    if (done.some(({ failure, cancelled }) => failure !== undefined || cancelled === true)) return done
    for (const [index, { publication }] of images.entries()) {
      at = index
      for (const file of publication.files) {
        if (ports.signal.aborted) throw new Cancelled()
        await placeFile(file)
        add(index, (before) => ({ ...before, how: [...before.how, file.entry.text] }))
      }
    }
  } catch (error) {
    add(at, (before) =>
      error instanceof Cancelled ? { ...before, cancelled: true } : { ...before, failure: failureOf(error) }
    )
  }
  return done
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

type Pushed = Pick<Published, 'tags' | 'unknown' | 'how' | 'notes' | 'failure' | 'cancelled'> & {
  readonly digest?: string
}

/** Pushes what an engine's classic store has one after the other, and everything else at once. */
async function push(
  ports: Pick<Ports, 'exec' | 'log' | 'signal'>,
  images: readonly PublishOptions[]
): Promise<readonly Pushed[]> {
  const done: Pushed[] = images.map(() => ({ tags: [], unknown: [], how: [], notes: [] }))
  for (const [index, options] of images.entries()) {
    if (options.content !== undefined || options.publication.pushes.length === 0) continue
    const pushed = await pushClassic(ports, options, options.classicTag ?? '')
    done[index] = pushed
    if (pushed.failure !== undefined || pushed.cancelled === true) return done
  }
  const whole = images.flatMap(({ content, ...options }, index) =>
    content === undefined || options.publication.pushes.length === 0 ? [] : [{ ...options, index, content }]
  )
  const [first] = whole
  if (first === undefined) return done
  const plan: PushOptions = {
    env: first.env,
    images: whole.flatMap(({ content, publication, bases }) =>
      publication.pushes.map(({ references, byDigest }) => ({ content, references, byDigest, mountFrom: bases }))
    ),
    onRetry: ({ what, why }) => ports.log.info(`${what}: ${why}. It is tried again.`)
  }
  let outcome = await pushImages(ports, plan)
  if (outcome.problem?.kind === 'certificate') {
    const insecure = await first.findInsecure()
    if (insecure.length > 0) outcome = await pushImages(ports, { ...plan, insecure })
  }
  const { problem, retries, references } = outcome
  const isOf = ({ content, publication }: (typeof whole)[number]) => {
    const own = new Set(publication.pushes.flatMap((each) => each.references))
    return ({ reference, digest }: ReferenceOutcome): boolean => own.has(reference) && digest === content.root.digest
  }
  const failing = problem === undefined ? undefined : (whole[findNamed(whole, problem)] ?? first)
  for (const image of whole) {
    done[image.index] = readOutcome(references.filter(isOf(image)), {
      ...{ failed: problem !== undefined, retries: image === first ? retries : [] },
      ...(image === failing && problem !== undefined ? { problem } : {})
    })
  }
  return done
}

/** Which image a problem is with: that of its very name, else one that goes to its repository; -1 for none. */
function findNamed(images: readonly Pick<PublishOptions, 'publication'>[], { reference }: RegistryProblem): number {
  const find = (form: (name: string) => string | undefined): number =>
    images.findIndex(({ publication }) =>
      publication.pushes.some(({ references }) => references.some((each) => form(each) === form(reference)))
    )
  const named = find(canonicalName)
  return named < 0 ? find(canonicalRepositoryOf) : named
}

/**
 * @param failed something failed, be it of another image
 * @param problem of this one
 */
function readOutcome(
  references: PushOutcome['references'],
  { failed, retries, problem }: Pick<PushOutcome, 'retries' | 'problem'> & { readonly failed: boolean }
): Pushed {
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
    ...(failed ? tagNotes(tags, unknown) : [])
  ]
  const how = failed && tags.length === 0 ? [] : ['push']
  if (problem === undefined) return { tags, unknown, how, notes }
  if (problem.kind === 'cancelled') return { tags, unknown, how, notes, cancelled: true }
  return { tags, unknown, how, notes, failure: refusalOf(problem) }
}

/** What is known of the tags of a push that has failed. */
function tagNotes(tags: readonly string[], unknown: readonly string[]): readonly string[] {
  return [
    ...(tags.length === 0 ? [] : [`These tags have the image, although publishing failed: ${tags.join(', ')}.`]),
    ...(unknown.length === 0
      ? []
      : [`Whether these tags have the image is not known, since the registry did not say: ${unknown.join(', ')}.`])
  ]
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
  const ended = async (unknown: readonly string[]): Promise<Pushed> => {
    const digest = tags[0] === undefined ? undefined : await findRegistryDigest(ports, tags[0]).catch(() => undefined)
    return {
      ...{ tags, unknown, how: tags.length > 0 ? ['push'] : [], notes: tagNotes(tags, unknown) },
      ...(digest === undefined ? {} : { digest })
    }
  }
  for (const name of publication.pushes.flatMap(({ references }) => references)) {
    let begun = false
    const onPush = (): void => void (begun = true)
    try {
      await pushOneClassic(ports, images, { from, name, folder, onPush })
    } catch (error) {
      // The engine says why it could not push; one whose push is cut off says nothing more.
      if (error instanceof Cancelled) return { ...(await ended(begun ? [name] : [])), cancelled: true }
      return { ...(await ended([])), failure: failureOf(error) }
    }
    tags.push(name)
  }
  return { ...(await ended([])), notes: [] }
}

type ClassicPush = {
  readonly from: string
  readonly name: string
  readonly folder: string
  /** Told before the first byte may leave. */
  readonly onPush: () => void
}

async function pushOneClassic(
  ports: Pick<Ports, 'exec'>,
  images: readonly LoadedImage[],
  { from, name, folder, onPush }: ClassicPush
): Promise<void> {
  await tagClassic(ports, from, name)
  const differs = await findDifference(ports, { name }, images)
  if (differs !== undefined) throw new Stop({ kind: 'mismatch', cause: differs })
  const push = { file: 'docker', args: ['image', 'push', '--quiet', name] }
  onPush()
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
