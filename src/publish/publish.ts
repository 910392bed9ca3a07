/** Publishing: the inspected image leaves the builder, under its tags, and is proved to be the inspected one. */
import { asArray, asString, dig, parseJSON } from '../build/json.js'
import { classifyFailure } from '../build/classify.js'
import type { BuildMetadata } from '../build/provenance.js'
import { logProgress, runSolve } from '../build/solve.js'
import { Stop } from '../build/stop.js'
import { planPublishOutputs, type BuildBase } from '../plan/command.js'
import type { CachePlan } from '../plan/cache.js'
import type { Ports } from '../ports.js'
import type { PublishPlan } from '../trust.js'

/** Digests of what was inspected: the platforms' manifests, or only their configs where the engine keeps no manifest. */
export type Inspected = {
  readonly manifestDigests: readonly string[]
  readonly configDigests: readonly string[]
}

export type PublishOptions = {
  readonly base: BuildBase
  readonly target: string
  readonly cacheFrom: CachePlan['from']
  readonly plan: PublishPlan
  readonly driver: string
  readonly env: Readonly<Record<string, string>>
  readonly metadataFile: string
  readonly inspected: Inspected
}

/** Pushes, loads and writes the user's outputs in one call. Stops the run when it fails or when something else came out. */
export async function publish(ports: Pick<Ports, 'exec' | 'log'>, options: PublishOptions): Promise<BuildMetadata> {
  const { base, plan } = options
  const result = await runSolve(
    ports,
    {
      ...base,
      target: options.target,
      tags: base.inputs.tags,
      outputs: planPublishOutputs(plan, options.driver),
      cache: { from: options.cacheFrom, to: [] },
      image: true,
      metadataFile: options.metadataFile
    },
    { env: options.env, listener: logProgress(ports.log, { again: true }) }
  )
  if (!result.ok) {
    throw new Stop(classifyFailure({ ...result, testStages: [] }))
  }
  if (plan.push || plan.load) await proveSame(ports, options, result.metadata)
  return result.metadata
}

/** What left must be what was inspected: the same platform manifests or, where only that is known, the same config. */
async function proveSame(
  ports: Pick<Ports, 'exec'>,
  { inspected, plan, base }: PublishOptions,
  { digest, configDigest, mediaType }: BuildMetadata
): Promise<void> {
  const isIndex = mediaType !== undefined && /index|manifest\.list/.test(mediaType)
  const published =
    plan.push && isIndex && digest !== undefined
      ? await readPlatformManifests(ports, base, digest)
      : isIndex || inspected.manifestDigests.length === 0
        ? []
        : [digest ?? '']
  if (published.length > 0 && sameSet(published, inspected.manifestDigests)) return
  if (published.length === 0 && configDigest !== undefined && inspected.configDigests.includes(configDigest)) return
  // `load` alone keeps the config but may store another manifest around it.
  if (!plan.push && configDigest !== undefined && inspected.configDigests.includes(configDigest)) return
  throw new Stop({
    kind: 'mismatch',
    inspected: [...inspected.manifestDigests, ...inspected.configDigests][0] ?? '',
    published: published[0] ?? configDigest ?? digest ?? 'nothing'
  })
}

/** Digests of the images in a pushed index, without its attestations, as the registry serves it. */
async function readPlatformManifests(ports: Pick<Ports, 'exec'>, base: BuildBase, digest: string): Promise<readonly string[]> {
  const repository = (base.inputs.tags[0] ?? '').replace(/:[^:/]+$/, '')
  const { stdout, exitCode, stderr } = await ports.exec(
    {
      file: 'docker',
      args: [
        ...['buildx', 'imagetools', 'inspect', '--raw'],
        ...(base.builder === undefined ? [] : ['--builder', base.builder]),
        `${repository}@${digest}`
      ]
    },
    { timeoutSeconds: 60 }
  )
  if (exitCode !== 0) {
    throw new Stop({ kind: 'registry', reference: repository, message: `the pushed image cannot be read back: ${stderr.trim()}` })
  }
  return asArray(dig(parseJSON(stdout), 'manifests'))
    .filter((entry) => asString(dig(entry, 'annotations', 'vnd.docker.reference.type')) !== 'attestation-manifest')
    .map((entry) => asString(dig(entry, 'digest')) ?? '')
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join() === [...b].sort().join()
}
