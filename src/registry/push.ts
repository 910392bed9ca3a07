/**
 * Pushing images as they lie in OCI layouts (content.ts): what a registry has is left out, blobs come first, then manifests by
 * digest, and tags last, when everything else is in every registry. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
import { setTimeout } from 'node:timers/promises'
import { Cancelled } from '../ports.js'
import { repositoryAt, type Repository } from './address.js'
import {
  createRegistryClient,
  type ClientOptions,
  type ClientPorts,
  type RegistryClient,
  type Retry
} from './client.js'
import type { Blob, PartialContent, PushedDocument } from './content.js'
import type { Doing } from './explain.js'
import { findHeld, type Held, type Place } from './held.js'
import { findDigest, manifestTypes } from './manifest.js'
import type { BlobCount, PushOutcome, ReferenceOutcome, Target } from './outcome.js'
import { inParallel } from './parallel.js'
import { RegistryError, type RegistryProblem } from './problem.js'
import { placeOf, told } from './told.js'
import { ensureBlob, type BlobWay } from './upload.js'

/** One image, and where it goes. */
export type PushImage = {
  readonly content: PartialContent
  /** `ghcr.io/acme/app:1`, once a tag; with `byDigest`, repositories. None: nothing is done. */
  readonly references: readonly string[]
  /** No tag is written, whatever the references say. */
  readonly byDigest?: boolean
  /** References of images whose layers this one may share, such as its bases: what is in the same registry is not sent. */
  readonly mountFrom?: readonly string[]
}

export type PushOptions = Omit<ClientOptions, 'onRetry'> & {
  readonly images: readonly PushImage[]
  /** Told of each further attempt as it comes. */
  readonly onRetry?: (retry: Retry) => void
}

/** Seconds for the question which tags have the image, after a failure or a cancel. */
const QUESTION_SECONDS = 10

/** An image, read and with its targets. */
type Work = {
  readonly content: PartialContent
  readonly targets: readonly Target[]
  readonly sources: readonly Repository[]
}

/** Never rejects: whatever happens is told, with what is in the registries then. */
export async function pushImages(ports: ClientPorts, options: PushOptions): Promise<PushOutcome> {
  const retries: Retry[] = []
  const onRetry = (retry: Retry): void => {
    retries.push(retry)
    options.onRetry?.(retry)
  }
  const ways: Ways = {
    present: { blobs: 0, bytes: 0 },
    mounted: { blobs: 0, bytes: 0 },
    uploaded: { blobs: 0, bytes: 0 }
  }
  const states = new Map<Target, ReferenceOutcome['state']>()
  const begun = new Set<Target>()
  let works: readonly Work[] = []
  using client = createRegistryClient(ports, { ...options, onRetry })
  let problem: RegistryProblem | undefined
  try {
    works = options.images.filter(({ references }) => references.length > 0).map(planWork)
    const held = await findHeld(client, placesOf(works), ports.signal)
    await pushBlobs(client, works, { held, ways }, ports.signal)
    await pushDocuments(client, works, { held, begun }, ports.signal)
    await pushTags(client, works, { states, begun }, ports.signal)
  } catch (error: unknown) {
    problem = problemOf(error, options.images)
    const asked = works.flatMap(({ content, targets }) => targets.map((target) => ({ content, target })))
    await findStates(
      client,
      asked.filter(({ target }) => states.get(target) !== 'pushed'),
      states
    )
    if (problem.kind === 'cancelled') {
      await findLate(
        client,
        asked.filter(({ target }) => begun.has(target)),
        states
      )
    }
  }
  const references = works.flatMap(({ content, targets }) =>
    targets.map((target) => {
      const state = states.get(target) ?? 'unknown'
      const isUntouched = state === 'unknown' && !begun.has(target)
      return {
        reference: target.reference,
        digest: content.root.digest,
        state: isUntouched ? ('untouched' as const) : state
      }
    })
  )
  return { ok: problem === undefined, references, ...ways, retries, ...(problem === undefined ? {} : { problem }) }
}

function planWork({ content, references, byDigest = false, mountFrom }: PushImage): Work {
  const targets = references.map((reference): Target => {
    const repository = repositoryAt(reference)
    if (repository === undefined) {
      const fix = 'Write it as "registry/name:tag".'
      throw new RegistryError({ kind: 'refused', reference, message: 'it is not an image reference', fix })
    }
    return { reference, repository, ...(byDigest ? {} : { tag: repository.tag }) }
  })
  const sources = (mountFrom ?? []).flatMap((reference) => repositoryAt(reference) ?? [])
  return { content, targets, sources }
}

/** Each repository of each image once. */
function placesOf(works: readonly Work[]): readonly Place[] {
  return works.flatMap(({ content, targets }) => {
    const repositories = new Map(targets.map(({ repository }) => [repository.name, repository]))
    return [...repositories.values()].map((repository) => ({ repository, content }))
  })
}

type Ways = Record<'present' | 'mounted' | 'uploaded', BlobCount>

/** Each blob goes to each repository once; a second repository of a registry takes it over from the first. */
async function pushBlobs(
  client: RegistryClient,
  works: readonly Work[],
  { held, ways }: { readonly held: Held; readonly ways: Ways },
  signal: AbortSignal
): Promise<void> {
  const count = (way: BlobWay, { size }: Blob): void => {
    const { blobs, bytes } = ways[way]
    ways[way] = { blobs: blobs + 1, bytes: bytes + size }
  }
  type Job = { readonly blob: Blob; readonly repositories: Map<string, Repository>; readonly sources: Set<string> }
  const jobs = new Map<string, Job>()
  for (const { content, targets, sources } of works) {
    for (const { repository } of targets) {
      for (const blob of content.blobs) {
        const key = `${repository.host} ${blob.digest}`
        const job = jobs.get(key) ?? { blob, repositories: new Map(), sources: new Set() }
        job.repositories.set(repository.path, repository)
        // A config is the image's own.
        if (blob.layer) for (const { host, path } of sources) if (host === repository.host) job.sources.add(path)
        jobs.set(key, job)
      }
    }
  }
  const inPieces = new Set<string>()
  // The largest first, so that none is left over at the end.
  const inOrder = [...jobs.values()].sort((a, b) => b.blob.size - a.blob.size)
  await inParallel(inOrder, signal, async ({ blob, repositories, sources }, stop, sent) => {
    const isHeld = ({ name }: Repository): boolean => held.get(name)?.has(blob.digest) === true
    const done = [...repositories.values()].filter(isHeld).map(({ path }) => path)
    done.forEach(() => count('present', blob))
    for (const repository of repositories.values()) {
      if (isHeld(repository)) continue
      const doing: Doing = { ...placeOf(repository), part: 'blob' }
      const mountFrom = [...done, ...sources]
      // The others are taken over from the first.
      const onSent = repositories.size > 1 ? {} : { onSent: sent }
      const task = { client, repository, blob, mountFrom, inPieces, signal: stop, ...onSent }
      const way = await told(client, repository, doing, () => ensureBlob(task))
      count(way, blob)
      done.push(repository.path)
    }
  })
}

/**
 * Images before what speaks of them, since some registries look: https://github.com/moby/buildkit/issues/7007. Those of a
 * kind go together, but for indexes: one may hold another.
 */
async function pushDocuments(
  client: RegistryClient,
  works: readonly Work[],
  { held, begun }: { readonly held: Held; readonly begun: Set<Target> },
  signal: AbortSignal
): Promise<void> {
  // Where there is no tag, it is the digest that is published.
  const put = (repository: Repository, document: PushedDocument, stop: AbortSignal): Promise<void> => {
    for (const { content, targets } of works) {
      if (content.root.digest !== document.digest || stop.aborted) continue
      for (const target of targets) {
        if (target.tag === undefined && target.repository.name === repository.name) begun.add(target)
      }
    }
    return putDocument(client, repository, document, document.digest, stop)
  }
  const jobs = placesOf(works).map(({ repository, content }) => ({
    repository,
    documents: content.documents.filter(({ digest }) => held.get(repository.name)?.has(digest) !== true)
  }))
  for (const part of ['manifest', 'attestation'] as const) {
    const puts = jobs.flatMap(({ repository, documents }) =>
      documents.filter((document) => document.part === part).map((document) => ({ repository, document }))
    )
    await inParallel(puts, signal, ({ repository, document }, stop) => put(repository, document, stop))
  }
  await inParallel(jobs, signal, async ({ repository, documents }, stop) => {
    const indexes = documents.filter((document) => document.part === 'index')
    for (const index of indexes) await put(repository, index, stop)
  })
}

async function putDocument(
  client: RegistryClient,
  repository: Repository,
  document: PushedDocument,
  reference: string,
  signal: AbortSignal
): Promise<void> {
  const isTag = reference !== document.digest
  const doing: Doing = {
    reference: isTag ? `${repository.name}:${reference}` : repository.name,
    host: repository.host,
    part: isTag ? 'tag' : document.part,
    ...(document.attests === undefined ? {} : { attests: document.attests })
  }
  await told(client, repository, doing, async () => {
    const answer = await client.askAgain(repository, {
      method: 'PUT',
      at: `manifests/${reference}`,
      actions: 'pull,push',
      headers: { 'Content-Type': document.mediaType, Accept: manifestTypes },
      body: { kind: 'bytes', bytes: document.bytes },
      signal
    })
    if (!TAKEN.includes(answer.status)) return answer
    await expectTaken(
      client,
      { repository, document, reference, named: answer.headers['docker-content-digest'] },
      doing,
      signal
    )
    return 'pushed'
  })
}

/** As containerd reads them; 202 is what some answer that take it a moment later. */
const TAKEN = [200, 201, 202, 204]

/**
 * Makes sure that the registry has what it says that it took: by the digest in its answer or, where it names none, by asking. What
 * answers in its place, a portal or a proxy, may say yes to everything.
 */
async function expectTaken(
  client: RegistryClient,
  { repository, document, reference, named }: Taken,
  { reference: shown, host }: Doing,
  signal: AbortSignal
): Promise<void> {
  const found =
    typeof named === 'string'
      ? { digest: named }
      : await findDigest(client, repository, reference, { actions: 'pull,push', signal })
  const digest = 'answer' in found ? undefined : found.digest
  if (digest === document.digest) return
  const what = digest === undefined ? 'does not have it' : `has ${digest} instead of ${document.digest}`
  throw new RegistryError({
    kind: 'refused',
    reference: shown,
    message: `${host} answered as if it had taken it, and ${what}`,
    fix: 'See what stands between the runner and the registry: a proxy or a portal may answer in its place.'
  })
}

type Taken = {
  readonly repository: Repository
  readonly document: PushedDocument
  readonly reference: string
  /** The digest in the answer. */
  readonly named: unknown
}

/** One after the other: when one is refused, those after it are as they were. */
async function pushTags(
  client: RegistryClient,
  works: readonly Work[],
  { states, begun }: { readonly states: Map<Target, ReferenceOutcome['state']>; readonly begun: Set<Target> },
  signal: AbortSignal
): Promise<void> {
  for (const { content, targets } of works) {
    for (const target of targets) {
      const { repository, tag } = target
      if (!signal.aborted) begun.add(target)
      try {
        if (tag !== undefined) await putDocument(client, repository, content.root, tag, signal)
      } catch (error: unknown) {
        // A tag that may not be moved does not have to be where it stands for this image already.
        if (!(error instanceof RegistryError) || error.problem.status === undefined) throw error
        await findStates(client, [{ content, target }], states)
        if (states.get(target) !== 'there') throw error
        continue
      }
      states.set(target, 'pushed')
    }
  }
}

/** Asks which references have the image. Never throws, and does not listen to a cancel: it has a time of its own. */
async function findStates(
  client: RegistryClient,
  asked: readonly { readonly content: PartialContent; readonly target: Target }[],
  states: Map<Target, ReferenceOutcome['state']>
): Promise<void> {
  const signal = AbortSignal.timeout(QUESTION_SECONDS * 1000)
  const ask = async ({ content, target }: (typeof asked)[number]): Promise<ReferenceOutcome['state']> => {
    const { repository, tag = content.root.digest } = target
    const found = await findDigest(client, repository, tag, { actions: 'pull,push', signal })
    if ('answer' in found) return 'unknown'
    return found.digest === content.root.digest ? 'there' : 'without'
  }
  await Promise.all(
    asked.map(async (each) => {
      states.set(each.target, await ask(each).catch(() => 'unknown' as const))
    })
  )
}

/** What was on its way when the run was cancelled may arrive yet: it is looked for some more times, and then unknown. */
async function findLate(
  client: RegistryClient,
  begun: readonly { readonly content: PartialContent; readonly target: Target }[],
  states: Map<Target, ReferenceOutcome['state']>
): Promise<void> {
  const missing = () => begun.filter(({ target }) => states.get(target) === 'without')
  for (let look = 0; look < LATE_LOOKS && missing().length > 0; look += 1) {
    await setTimeout(LATE_MILLISECONDS)
    await findStates(client, missing(), states)
  }
  for (const { target } of missing()) states.set(target, 'unknown')
}

/** Two seconds: a job that is cancelled has little more than seven. */
const LATE_LOOKS = 4
const LATE_MILLISECONDS = 500

function problemOf(error: unknown, images: readonly PushImage[]): RegistryProblem {
  if (error instanceof RegistryError) return error.problem
  const reference = images.flatMap(({ references }) => references)[0] ?? ''
  if (error instanceof Cancelled) {
    return { kind: 'cancelled', reference, message: 'the run was cancelled', fix: 'Run the job again.' }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'refused', reference, message, fix: 'Run the job again.' }
}
