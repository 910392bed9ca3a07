/** An image on its way through a run, as far as the gate: what is asked for, what it has ready, and who builds it. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Cache } from '../actions-cache/cache.js'
import type { Builder } from '../buildkit/builder.js'
import type { Build } from '../builds/build.js'
import { buildFromInputs, buildName } from '../builds/from_inputs.js'
import type { CacheIntent } from '../cache/settle.js'
import { dockerfileName } from '../core/source.js'
import type { SuppliedCredentials } from '../credentials/credentials.js'
import { encodingProblem, readDockerfile } from '../dockerfile/read.js'
import type { Learned, Workflow } from '../findings.js'
import { checkOutline } from '../gate/plan.js'
import type { LeftoverList } from '../leftovers.js'
import { openMounts, type MountsSession } from '../mounts/mounts.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Ports } from '../ports.js'
import type { BakedImage } from './bake.js'
import { prepare, type Prepared } from './prepare.js'
import type { World } from './start.js'

/** What is asked for. */
export type AskedImage = { readonly build: Build; readonly workflow: Workflow }

/** An image, and where what is learned of it goes. */
export type Image = AskedImage & {
  readonly intent: CacheIntent
  /** Adds what was learned of it. */
  readonly know: (learned: Learned) => void
  /** Adds what a phase has learned of it; a failure that it has learned of ends the run. */
  readonly learn: (learned: Learned) => void
  /** Times a phase; one that fails is timed too. */
  readonly phase: <T>(name: string, body: () => Promise<T>) => Promise<T>
  /** The title of a part of the log. */
  readonly titled: (title: string) => string
  /** From here on the run is at this image. */
  readonly turn: () => void
}

/** With what lies on the runner for it. */
export type EquippedImage = Image & {
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  /** Its cache mounts, where it has any. */
  readonly mounts: MountsSession | undefined
  /** Private. */
  readonly folder: string
}

/** All is planned, and can be built. */
export type ReadyImage = EquippedImage & {
  readonly prepared: Prepared
  /** Its cache mounts are being filled, and those of the images before it. */
  readonly filling: Promise<void> | undefined
}

/** Resolves when all cache mounts of some images are filled; `undefined` where they have none. */
export function lastFilling(images: readonly ReadyImage[]): Promise<void> | undefined {
  return images.at(-1)?.filling
}

/** What the images of a run share. */
export type Shared = {
  readonly ports: Ports
  /** For questions whose answers nobody waits for at the end. */
  readonly asking: Ports
  readonly occasion: Occasion
  readonly env: World['env']
  readonly look: World['look']
  readonly supplied: SuppliedCredentials
  readonly leftovers: LeftoverList
  readonly cache: Cache
  /** Of the run. */
  readonly cleanup: AsyncDisposableStack
}

/**
 * The builds that the images of a step are. One of several goes by its target's name, below the step's own if it has one.
 * @param images with the inputs of the workflow of the same place
 */
export function openBuilds(
  workflows: readonly Workflow[],
  images: readonly BakedImage[],
  { occasion, env }: Pick<Shared, 'occasion' | 'env'>
): readonly AskedImage[] {
  return workflows.map((workflow, index) => {
    const { inputs, trustPlan } = workflow
    const variables = trustPlan.trust.trusted ? env : {} // they are the runner's own
    const target = images[index]?.name
    if (target === undefined)
      return { workflow, build: buildFromInputs(inputs, buildName(inputs, occasion), variables) }
    const name = [inputs.reportName, target].filter((part) => part !== '').join('/')
    const build = buildFromInputs(inputs, name, variables)
    // Two targets may differ in nothing but their arguments, as those of a matrix do.
    return { workflow, build: { ...build, cache: { ...build.cache, variant: name } } }
  })
}

/**
 * Reads the Dockerfile, and begins to fetch the cache mounts.
 * @param nth counts the images of the run from 0; each of several has a folder of its own
 */
export async function equip(
  image: Image,
  nth: number,
  {
    ports,
    occasion,
    cache,
    cleanup,
    folder,
    isOne
  }: Pick<Shared, 'ports' | 'occasion' | 'cache' | 'cleanup'> & {
    /** Private, of the run. */
    readonly folder: string
    readonly isOne: boolean
  }
): Promise<EquippedImage> {
  const { build, workflow, phase, know } = image
  const own = isOne ? folder : path.join(folder, `image-${nth + 1}`)
  // It lies in the run's, which is guarded and removed.
  if (!isOne) await mkdir(own)
  const dockerfile = await readDockerfile(build.source)
  const wrong = encodingProblem(dockerfile)
  if (wrong !== undefined) {
    const problem = `"${dockerfileName(build.source)}" ${wrong}`
    image.learn({ failure: { kind: 'input', problems: [{ input: 'file', problem, fix: 'Save it as UTF-8.' }] } })
  }
  const { credentials, redact, inputs } = workflow
  const options = { build, dockerfile, occasion, credentials, cache, redact, folder: own }
  const mounts = await openMounts(ports, { ...options, builder: inputs.builder })
  if (mounts !== undefined) {
    cleanup.defer(() =>
      phase('keep cache mounts', async () => {
        const ended = await mounts.end()
        know({ notes: ended.notes, ...(ended.mounts.length === 0 ? {} : { cacheMounts: ended.mounts }) })
      })
    )
  }
  return { ...image, dockerfile, mounts, folder: own }
}

/**
 * The pre-flight: the builder, the stages, and what they mount.
 * @param images all of the run, and those before this one, which are ready: they may have cache mounts in common, which
 * are filled in turn
 */
export async function getReady(
  image: EquippedImage,
  inspecting: Promise<Builder>,
  shared: Pick<Shared, 'ports' | 'occasion' | 'supplied' | 'leftovers'>,
  { all, before }: { readonly all: readonly EquippedImage[]; readonly before: readonly ReadyImage[] }
): Promise<ReadyImage> {
  const { learn, phase, mounts } = image
  const { ports, occasion, supplied } = shared
  const uses = all.map(({ workflow: { inputs }, dockerfile, intent }) => ({ inputs, dockerfile, cache: intent.plan }))
  const prepared = await phase('pre-flight', () => prepare(ports, inspecting, { ...shared, ...image, uses }))
  learn(prepared.learned)
  const { builder, plan } = prepared
  const others = lastFilling(before)
  const filling = others === undefined ? mounts?.restore(builder) : others.then(() => mounts?.restore(builder))
  await phase('outline', async () => learn({ notes: checkOutline(await plan.outline(), supplied, occasion.trust) }))
  return { ...image, prepared, filling }
}
