/** Publishing: the inspected image leaves the builder, under its tags, and is proved to be the inspected one. */
import { createHash } from 'node:crypto'
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import { classifyFailure } from '../buildkit/classify.js'
import type { BuildMetadata } from '../buildkit/provenance.js'
import { logProgress, runSolve } from '../buildkit/solve.js'
import { Stop } from '../failure/stop.js'
import { planManifest, planPublishOutputs, type BuildBase } from '../buildkit/command.js'
import type { CachePlan } from '../cache/plan.js'
import type { Ports } from '../ports.js'
import type { PublishPlan } from '../occasion/trust.js'

/** One platform's image as it was inspected, for comparison with what is published. */
export type InspectedImage = {
  /** `linux/amd64` */
  readonly platform: string
  /** Absent where the engine keeps no manifest (the classic image store). */
  readonly manifestDigest?: string
  readonly configDigest: string
  readonly diffIDs: readonly string[]
}

export type PublishOptions = {
  readonly base: BuildBase
  readonly target: string
  readonly cache: CachePlan
  readonly plan: PublishPlan
  readonly driver: string
  readonly env: Readonly<Record<string, string>>
  readonly metadataFile: string
  readonly inspected: readonly InspectedImage[]
  /** Told what has left the builder, also by a publish that fails: tags are pushed one after the other. */
  readonly onOut: (tags: readonly string[], digest?: string) => void
}

/** Pushes, loads and writes the user's outputs in one call. Stops the run when it fails or when something else came out. */
export async function publish(ports: Pick<Ports, 'exec' | 'log'>, options: PublishOptions): Promise<BuildMetadata> {
  const { base, plan } = options
  const outputs = planPublishOutputs(plan, options.driver)
  const result = await runSolve(
    ports,
    {
      ...base,
      target: options.target,
      tags: base.build.wants.tags,
      outputs,
      cache: options.cache,
      image: true,
      metadataFile: options.metadataFile
    },
    { env: options.env, listener: logProgress(ports.log, { again: true }) }
  )
  if (!result.ok) {
    const out = plan.push && base.build.wants.tags.length > 1 ? await findPushed(ports, options) : []
    if (out.length > 0) options.onOut(out)
    throw new Stop(classifyFailure({ ...result, testStages: [] }))
  }
  const tags = plan.push || plan.load ? base.build.wants.tags : []
  options.onOut(tags, result.metadata.digest)
  // Of several exports the metadata tells one, which need not be the push.
  const metadata =
    plan.push && outputs.length > 1 ? { ...result.metadata, ...(await readTag(ports, base)) } : result.metadata
  options.onOut(tags, metadata.digest)
  if (plan.push || plan.load)
    await proveSame(ports, options, metadata, outputs.length === 1 ? result.progress.manifests : [])
  return metadata
}

/** What left must be what was inspected: the same platform manifests or, where only that is known, the same config. */
async function proveSame(
  ports: Pick<Ports, 'exec'>,
  { inspected, plan, base }: PublishOptions,
  metadata: BuildMetadata,
  exported: readonly string[]
): Promise<void> {
  const { digest, configDigest } = metadata
  const manifests = inspected.flatMap(({ manifestDigest }) => manifestDigest ?? [])
  // The builder itself names the manifests it exports. Where it does not, or differs, the registry is asked.
  if (plan.push && manifests.length > 0 && sameSet(exported, manifests)) return
  const published = plan.push && manifests.length > 0 ? await readPushed(ports, base, metadata) : undefined
  const isSame =
    published !== undefined
      ? sameSet(published, manifests)
      : inspected.some((image) => image.configDigest === configDigest) ||
        (!plan.push && (await isLoaded(ports, base.build.wants.tags[0] ?? digest ?? '', inspected)))
  if (isSame) return
  throw new Stop({
    kind: 'mismatch',
    cause: `${manifests[0] ?? inspected[0]?.configDigest ?? ''} was inspected, and ${published?.[0] ?? configDigest ?? digest ?? 'nothing'} was published`
  })
}

/** Digests of the pushed images, without attestations. An index is read back from the registry. */
async function readPushed(
  ports: Pick<Ports, 'exec'>,
  base: BuildBase,
  { digest = '', mediaType }: BuildMetadata
): Promise<readonly string[]> {
  // A builder of several nodes does not tell the media type.
  if (mediaType !== undefined && !/index|manifest\.list/.test(mediaType)) return [digest]
  const repository = (base.build.wants.tags[0] ?? '').replace(/:[^:/]+$/, '')
  const { stdout, exitCode, stderr } = await readManifest(ports, base, `${repository}@${digest}`)
  if (exitCode !== 0) throw unreadable(repository, stderr)
  return imagesIn(parseJSON(stdout)) ?? [digest]
}

/** What the first tag stands for in its registry. */
async function readTag(ports: Pick<Ports, 'exec'>, base: BuildBase): Promise<{ digest: string; mediaType: string }> {
  const [tag = ''] = base.build.wants.tags
  const { stdout, exitCode, stderr } = await readManifest(ports, base, tag)
  if (exitCode !== 0) throw unreadable(tag, stderr)
  return {
    digest: `sha256:${createHash('sha256').update(stdout).digest('hex')}`,
    mediaType: asString(dig(parseJSON(stdout), 'mediaType')) ?? 'application/vnd.oci.image.index.v1+json'
  }
}

function unreadable(reference: string, stderr: string): Stop {
  return new Stop({ kind: 'registry', reference, message: `the pushed image cannot be read back: ${stderr.trim()}` })
}

/** The tags that have the inspected image now. */
async function findPushed(ports: Pick<Ports, 'exec'>, { base, inspected }: PublishOptions): Promise<readonly string[]> {
  const { tags } = base.build.wants
  const answers = await Promise.all(tags.map((tag) => readManifest(ports, base, tag)))
  return tags.filter((_, index) => {
    const manifest = parseJSON(answers[index]?.stdout ?? '')
    const images = imagesIn(manifest)
    if (images !== undefined)
      return sameSet(
        images,
        inspected.flatMap(({ manifestDigest }) => manifestDigest ?? [])
      )
    return inspected.some(({ configDigest }) => configDigest === asString(dig(manifest, 'config', 'digest')))
  })
}

function readManifest(ports: Pick<Ports, 'exec'>, base: BuildBase, reference: string) {
  return ports.exec(planManifest(base, reference), { timeoutSeconds: 60 })
}

/** Digests of the images in an index, without its attestations; `undefined` for anything else. */
function imagesIn(index: unknown): readonly string[] | undefined {
  const entries = dig(index, 'manifests')
  if (entries === undefined) return undefined
  return asArray(entries)
    .filter((entry) => asString(dig(entry, 'annotations', 'vnd.docker.reference.type')) !== 'attestation-manifest')
    .map((entry) => asString(dig(entry, 'digest')) ?? '')
}

/**
 * Whether the engine holds what was inspected. Only it can tell where it was given an index: that is in no registry, and
 * buildx names its digest alone. It may have put another manifest around the same layers.
 */
async function isLoaded(
  ports: Pick<Ports, 'exec'>,
  reference: string,
  inspected: readonly InspectedImage[]
): Promise<boolean> {
  const inspect = ['image', 'inspect', '--format', '{{json .}}']
  const ask = (...args: readonly string[]) =>
    ports.exec({ file: 'docker', args: [...inspect, ...args] }, { timeoutSeconds: 60 })
  const holds = (answer: string, { manifestDigest, diffIDs }: InspectedImage): boolean =>
    asString(dig(parseJSON(answer), 'Descriptor', 'digest')) === manifestDigest ||
    asArray(dig(parseJSON(answer), 'RootFS', 'Layers')).join() === diffIDs.join()

  const exact = await Promise.all(inspected.map(({ platform }) => ask('--platform', platform, reference)))
  if (exact.every(({ exitCode }) => exitCode === 0)) {
    return inspected.every((image, index) => holds(exact[index]?.stdout ?? '', image))
  }
  // Docker before 28.1 shows its own platform alone.
  const { stdout } = await ask(reference)
  return inspected.some((image) => holds(stdout, image))
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join() === [...b].sort().join()
}
