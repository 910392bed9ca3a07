/** The build: the tests and the image in one call, and the image read as soon as it is there. */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { removeImageCommand } from '../buildkit/builder.js'
import type { BuildMetadata } from '../buildkit/provenance.js'
import { forImage } from '../cache/plan.js'
import { keepForRetry } from '../cache/keep.js'
import { readOutcomes } from '../cache/outcome.js'
import type { Failure } from '../failure/failure.js'
import { Stop } from '../failure/stop.js'
import { runBuild, type BuildRun } from '../gate/build.js'
import { openInspector, type Inspector } from '../inspect/inspect.js'
import { noteCache } from '../journal.js'
import { planAttestations, planPublication, stagedOutput, type Publication } from '../publish/plan.js'
import { prepareFiles } from '../publish/files.js'
import { Cancelled } from '../ports.js'
import { dig } from '../core/json.js'
import { keepOptions, type Scene } from './scene.js'

/** What was built and passed its tests. */
export type Passed = {
  readonly publication: Publication
  readonly inspector: Inspector
  /** One a platform; empty where no image was built. `path` is a layout's folder or a saved archive. */
  readonly images: readonly { readonly platform: string; readonly path: string; readonly metadata: BuildMetadata }[]
  readonly contextBytes: number
  /** Name of the image in the engine, on its classic store. */
  readonly classicTag?: string
}

/** Builds it all; a red build stops the run, with what was built kept for the next. */
export async function build(scene: Scene, cleanup: AsyncDisposableStack): Promise<Passed> {
  const { ports, asked, context, journal, handed, flight, folder, linting, mounts, book } = scene
  const { plan, settled, builder } = flight
  const { inputs, trustPlan, credentials } = asked
  const { trust } = trustPlan
  const wishes = plan.base.build.image
  const publication = planPublication(trustPlan.publish, { tags: inputs.tags, image: wishes, folder })
  await prepareFiles(publication.files)
  const inspector = cleanup.use(
    openInspector(
      ports,
      inputs.budget.leakCheck === 'off' ? {} : { sensitive: credentials.sensitive, ignoredKeys: inputs.leakIgnore }
    )
  )
  const classicTag = builder.classicStore ? `stagegate-inspect:${randomBytes(6).toString('hex')}` : undefined
  if (classicTag !== undefined && plan.gate.target !== undefined) {
    book.addImage(classicTag)
    cleanup.defer(async () => {
      await ports.exec(removeImageCommand(classicTag), { timeoutSeconds: 30 }).catch(() => undefined)
    })
  }
  const { serverUrl, repository, runID } = context
  const run = await runBuild(ports, {
    base: plan.base,
    plan: plan.gate,
    cacheFrom: settled.cache.from,
    exporting: {
      folder,
      attributes: publication.attributes,
      attestations: planAttestations(wishes, {
        // An annotation of the index that is pushed needs the index.
        pushes:
          publication.pushes.length > 0 && (!publication.load || Object.keys(publication.indexAnnotations).length > 0),
        can: !builder.classicStore,
        isPrivate: dig(context.payload, 'repository', 'private') !== false,
        runUrl: repository === '' || runID === '' ? '' : `${serverUrl}/${repository}/actions/runs/${runID}`
      }),
      files: publication.files.map(stagedOutput),
      tags: inputs.tags,
      cacheTo: forImage(settled.cache).to,
      ...(classicTag === undefined ? {} : { classicTag })
    },
    env: handed.env,
    metadataFile: path.join(folder, 'metadata.json'),
    untrusted: trust.trusted ? undefined : trust.reason,
    builder,
    supplied: [...handed.secretIDs.map((id) => `secret:${id}`), ...handed.sshIDs.map((id) => `ssh:${id}`)],
    beforeAgain: () => prepareFiles(publication.files),
    onExported: ({ layout }) => inspector.begin({ path: layout })
  })
  note(scene, run)
  // What a failing test has cached is worth most: its next run comes soon.
  mounts?.save(run.progress.steps, run.failure === undefined)
  // Where a finding is the failure, the lines are in the findings.
  if (run.failure === undefined || run.failure.kind === 'dockerfile') journal.lint = await linting
  if (run.failure !== undefined) {
    inspector[Symbol.dispose]()
    await salvage(scene, run.failure)
    throw new Stop(run.failure)
  }
  const images = run.images.map(({ platform, layout, metadata }) => ({ platform, path: layout, metadata }))
  const kept = classicTag === undefined || images.length === 0 ? images : await saveClassic(scene, classicTag, images)
  return {
    ...{ publication, inspector, images: kept, contextBytes: run.progress.contextBytes },
    ...(classicTag === undefined ? {} : { classicTag })
  }
}

/** What the run has learned of the build, green or red. */
function note({ journal, flight }: Scene, { gate, progress, provenance, notes }: BuildRun): void {
  const { cache } = flight.settled
  Object.assign(journal, { gate, steps: progress.steps, provenance })
  const inline = forImage(cache).to
  const [first] = provenance
  noteCache(journal, readOutcomes({ from: cache.from, to: inline }, progress.internals, first?.layerSizes), progress)
  journal.notes.push(...notes)
}

/** The classic image store exports no layout: what it has is saved. */
async function saveClassic({ ports, folder }: Scene, tag: string, images: Passed['images']): Promise<Passed['images']> {
  const archive = path.join(folder, 'image.tar')
  const saved = await ports.exec({ file: 'docker', args: ['image', 'save', '--output', archive, tag] })
  if (saved.exitCode !== 0) {
    throw new Stop({ kind: 'engine', message: `docker image save failed: ${saved.stderr.trim()}` })
  }
  return images.map((image) => ({ ...image, path: archive }))
}

/** Saves what a red build has built for the next run. The failure stays what it was, also where this is cancelled. */
async function salvage(scene: Scene, failure: Failure): Promise<void> {
  const { ports, journal } = scene
  try {
    const { outcomes, notes, imports } = await keepForRetry(ports, { ...keepOptions(scene), failure })
    noteCache(journal, outcomes, imports)
    journal.notes.push(...notes)
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
  }
}
