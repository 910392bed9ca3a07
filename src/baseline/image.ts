/**
 * The baseline from a registry: an image that the workflow names. The run's own builder reads it, with the builder's
 * logins and content store, as the only instruction of a Dockerfile that is built beside the gate.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { exportImage } from '../buildkit/export.js'
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import type { Step } from '../core/step.js'
import { Stop } from '../failure/stop.js'
import { takeSnapshot, type Snapshot } from '../compare/index.js'
import { analyseImage, readImages } from '../image/index.js'
import { reportImage } from '../inspect/inspect.js'
import { plainBuild, type Build } from '../builds/build.js'
import { withStoredManifests } from './stored.js'
import { noCredentials, type BuildBase } from '../buildkit/command.js'
import type { Ports } from '../ports.js'

export type ImageRequest = {
  /** As in `compare-to`. */
  readonly reference: string
  /** What the run builds with; of its build only the platforms count. */
  readonly base: BuildBase
  readonly classicStore: boolean
  /** Private folder. */
  readonly folder: string
  readonly onTag: (tag: string) => void
  /** The run's, with the logins of the machine. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly redact: (text: string) => string
  /** Aborted when nobody waits for the image any more. */
  readonly signal: AbortSignal
  /** A platform that takes longer is not compared; 300 unless told. */
  readonly seconds?: number
}

/** The image, or why it could not be read, as a clause; and sentences about platforms that could not. */
export type BaselineImage = { readonly notes: readonly string[] } & (
  | {
      readonly kind: 'image'
      readonly reference: string
      /** What the registry has under the reference: a manifest or an index. */
      readonly digest?: string
      readonly snapshots: readonly Snapshot[]
    }
  | { readonly kind: 'none'; readonly reason: string }
)

const SECONDS = 300

const LACKING = 'it has no image for this platform'

/** Reads the image on the run's platforms. Never throws: an image that cannot be had is no baseline. */
export async function readBaselineImage(
  ports: Pick<Ports, 'exec' | 'log'>,
  request: ImageRequest
): Promise<BaselineImage> {
  const { reference, base, redact } = request
  const platforms = base.build.shape.platforms.length === 0 ? [undefined] : base.build.shape.platforms
  const snapshots = new Map<string, Snapshot>()
  const troubles: string[] = []
  let digest: string | undefined
  // One platform at a time: an image that lacks one of them would fail the build of all.
  for (const [index, platform] of platforms.entries()) {
    if (request.signal.aborted) break
    try {
      const read = await readPlatform(ports, request, path.join(request.folder, `baseline-${index}`), platform)
      digest ??= read.digest
      for (const snapshot of read.snapshots) snapshots.set(snapshot.platform, snapshot)
    } catch (error) {
      troubles.push(redact(explain(error, reference)))
    }
  }
  if (snapshots.size === 0) {
    const reason = `${reference} could not be read: ${troubles[0] ?? 'it has no image'}`
    return { kind: 'none', reason, notes: [`The baseline ${reason}.`] }
  }
  const { env, signal } = request
  const exported = [...snapshots.values()]
  return {
    kind: 'image',
    reference,
    snapshots:
      digest === undefined
        ? exported
        : await withStoredManifests({ exec: ports.exec, signal }, { reference, digest, env }, exported),
    // That it lacks a platform is told where the platforms are compared.
    notes: troubles
      .filter((trouble) => trouble !== LACKING)
      .map((trouble) => `The baseline ${reference} could not be read on every platform: ${trouble}.`),
    ...(digest === undefined ? {} : { digest })
  }
}

async function readPlatform(
  ports: Pick<Ports, 'exec' | 'log'>,
  { reference, base, classicStore, onTag, redact, signal, seconds = SECONDS }: ImageRequest,
  folder: string,
  platform: string | undefined
): Promise<{ readonly digest?: string; readonly snapshots: readonly Snapshot[] }> {
  const context = path.join(folder, 'context')
  await mkdir(context, { recursive: true })
  await writeFile(path.join(context, 'Dockerfile'), `FROM ${reference}\n`)
  await using exported = await exportImage(ports, {
    solve: { ...base, build: baselineBuild(context, platform), credentials: noCredentials, target: '' },
    ...{
      env: { BUILDX_METADATA_WARNINGS: '1' },
      folder,
      classicStore,
      onTag,
      listener: {},
      timeoutSeconds: seconds,
      signal
    }
  })
  const { steps } = exported.progress
  if (isOfAnotherPlatform(exported.metadata.text)) throw new Error(LACKING)
  if (steps.some(({ instruction }) => !instruction.startsWith('FROM '))) {
    throw new Error('it has ONBUILD instructions, which make it a different image from the one in the registry')
  }
  const { images } = await readImages(exported.path, { signal })
  const snapshots: Snapshot[] = []
  for (const image of images) {
    // Which layers are its base's nobody knows here; the image that is compared tells of those that both have.
    const analysis = await analyseImage(image, { baseDiffIDs: [], signal })
    const report = reportImage(analysis, { steps: [], provenance: [], hasTransferSize: !classicStore })
    snapshots.push(takeSnapshot(analysis, report, { redact }))
  }
  const digest = digestOf(steps)
  return { snapshots, ...(digest === undefined ? {} : { digest }) }
}

/** Nothing of the run's but the platform: a build argument or a named context could make another image of it. */
function baselineBuild(context: string, platform: string | undefined): Build {
  const build = plainBuild('baseline', context)
  return {
    ...build,
    shape: { ...build.shape, platforms: platform === undefined ? [] : [platform] },
    // The registry's, also where the engine has an image of this name.
    fresh: { ...build.fresh, pull: true }
  }
}

/** Of an image without an index BuildKit takes what there is, and only warns. The metadata has warnings in base64. */
function isOfAnotherPlatform(metadata: string): boolean {
  return asArray(dig(parseJSON(metadata), 'buildx.build.warnings')).some((warning) =>
    Buffer.from(asString(dig(warning, 'short')) ?? '', 'base64')
      .toString()
      .startsWith('InvalidBaseImagePlatform')
  )
}

/** BuildKit names the image that it resolved in the step: `FROM busybox:1@sha256:…`. */
function digestOf(steps: readonly Step[]): string | undefined {
  return steps.map(({ instruction }) => /^FROM \S+@(sha256:[0-9a-f]{64})\b/.exec(instruction)?.[1]).find(Boolean)
}

/** What the builder or the registry said, without the reference that the sentence has already. A clause. */
function explain(error: unknown, reference: string): string {
  const said = error instanceof Stop && 'message' in error.failure ? error.failure.message : reasonOf(error)
  const message = said
    .replaceAll(`${reference}: `, '')
    .replace(/^failed to (?:resolve source metadata|load metadata) for (?:\S+: )?/, '')
    .replace(/^failed to do request: /, '')
    .replace(/[\s.]+$/, '')
    .slice(0, 300)
  if (message.includes('no match for platform')) return LACKING
  if (
    /\b401\b|\b403\b|denied|unauthorized|authorization failed|insufficient_scope|authentication required/i.test(message)
  ) {
    return `the registry refused it (${message}); log in before this step, with docker/login-action`
  }
  if (
    /connection refused|no such host|timeout|TLS handshake|deadline exceeded|EOF$|\b50[0234]\b|certificate/i.test(
      message
    )
  ) {
    return `the registry returned an error (${message})`
  }
  if (/not found|manifest unknown|does not exist/i.test(message)) return `there is no such image (${message})`
  return message === '' ? 'the builder gave no reason' : message
}

function reasonOf(error: unknown): string {
  if (error instanceof Stop && error.failure.kind === 'input') {
    return error.failure.problems.map(({ problem }) => problem).join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}
