/** The build: the tests and the image in one call, and the image read as soon as it is there. */
import path from 'node:path'
import { removeImageCommand } from '../buildkit/builder.js'
import type { BuildMetadata } from '../buildkit/provenance.js'
import { nameTag, removeStaleTags } from '../buildkit/temporary_tag.js'
import { forImage } from '../cache/plan.js'
import { readOutcomes } from '../cache/outcome.js'
import { dockerfilePath } from '../core/source.js'
import type { SuppliedCredentials } from '../credentials/credentials.js'
import { loadIgnored } from '../explain/context.js'
import { Stop } from '../failure/stop.js'
import type { BuildFindings, Learned, Workflow } from '../findings.js'
import type { BuildOptions } from '../gate/build.js'
import { openInspector, type Inspector } from '../inspect/inspect.js'
import type { LeftoverList } from '../leftovers.js'
import type { Occasion } from '../occasion/occasion.js'
import { Cancelled, endedBy, type Ports } from '../ports.js'
import { prepareFiles } from '../publish/files.js'
import {
  annotatedLater,
  planAttestations,
  leavesInFiles,
  namesOf,
  planPublication,
  stagedOutput,
  withMediaTypes,
  withSources,
  type Publication
} from '../publish/plan.js'
import type { Content } from '../registry/content.js'
import { openContent } from './content.js'
import type { Prepared } from './prepare.js'
import { runFresh, type FreshRun } from './refresh.js'
import { readStageReports, type Tested } from './tests.js'

type GateOptions = {
  readonly workflow: Workflow
  readonly occasion: Occasion
  readonly env: Readonly<Record<string, string | undefined>>
  readonly prepared: Prepared
  readonly supplied: SuppliedCredentials
  readonly leftovers: LeftoverList
  /** Private. */
  readonly folder: string
  /** Ends the build: it is not wanted any more. */
  readonly unwanted: AbortSignal
}

/** What was built, red or green. */
export type Built = Tested & {
  readonly learned: Learned & Pick<BuildFindings, 'steps' | 'provenance' | 'lint'>
  readonly publication: Publication
  /** What the builder was asked for. */
  readonly asked: BuildOptions
  readonly inspector: Inspector
  /** One a platform; empty where no image was built. `path` is a layout's folder or a saved archive. */
  readonly images: readonly { readonly platform: string; readonly path: string; readonly metadata: BuildMetadata }[]
  /** The images with all their parts, read once. On the classic image store they are what docker has saved. */
  readonly content: () => Promise<Content>
  /** Name of the image in the engine, on its classic store. */
  readonly classicTag?: string
}

/**
 * Builds it all. A red build is a value, too: what it has built is worth keeping. Rejects with `Cancelled` where it is not
 * wanted any more.
 * @param cleanup ends what has to be there until the end of the run
 */
export async function buildAndTest(ports: Ports, options: GateOptions, cleanup: AsyncDisposableStack): Promise<Built> {
  const { workflow, occasion, env, prepared, supplied, leftovers, folder, unwanted } = options
  const { inputs, trustPlan, credentials } = workflow
  const { plan, cache, builder } = prepared
  const { trust } = trustPlan
  const wishes = plan.base.build.image
  const planned = planPublication(trustPlan.publish, { tags: inputs.tags, image: wishes, folder })
  await prepareFiles(planned.files)
  const inspector = cleanup.use(
    openInspector(
      ports,
      // Where there is no image, nothing is worked out for its search.
      inputs.budget.leakCheck === 'off' || plan.gate.target === undefined
        ? {}
        : {
            sensitive: credentials.sensitive,
            ignoredKeys: inputs.leakIgnore,
            annotated: annotatedLater(planned)
          }
    )
  )
  const classicTag = builder.classicStore ? nameTag() : undefined
  if (classicTag !== undefined && plan.gate.target !== undefined) {
    await removeStaleTags(ports)
    leftovers.addImage(classicTag)
    cleanup.defer(async () => {
      await ports.exec(removeImageCommand(classicTag), { timeoutSeconds: 30 }).catch(() => undefined)
    })
  }
  const attestations = planAttestations(wishes, {
    keeps: planned.pushes.length > 0 || (planned.loads.length > 0 && builder.driver === 'docker'),
    loads: planned.loads.length > 0,
    can: !builder.classicStore,
    isPrivate: occasion.isPrivate,
    noDefault: /^(?:1|t|true)$/i.test(env.BUILDX_NO_DEFAULT_ATTESTATIONS ?? ''),
    runUrl: occasion.runUrl === undefined ? '' : `${occasion.runUrl}/attempts/${occasion.runAttempt || '1'}`
  })
  const { indexAnnotations } = planned
  const attributes = withMediaTypes(planned.attributes, {
    ...{ ...builder, attestations, indexAnnotations, inFiles: leavesInFiles(planned) }
  })
  const publication = { ...planned, files: withSources(planned.files, attributes, wishes.annotations) }
  const classic = classicTag === undefined ? {} : { classicTag }
  const asked: BuildOptions = {
    base: plan.base,
    plan: plan.gate,
    // Targets that wait for each other are built on one node.
    looksUp: builder.nodes.length === 1,
    cacheFrom: cache.cache.from,
    exporting: {
      folder,
      attributes,
      attestations,
      files: publication.files.filter(({ source }) => source === 'builder').map(stagedOutput),
      tags: inputs.tags,
      names: namesOf(publication),
      cacheTo: forImage(cache.cache).to,
      ...classic
    },
    env: supplied.env,
    metadataFile: path.join(folder, 'metadata.json'),
    untrusted: trust.trusted ? undefined : trust.reason,
    builder,
    supplied: [...supplied.secretIDs.map((id) => `secret:${id}`), ...supplied.sshIDs.map((id) => `ssh:${id}`)],
    loadIgnored: (folder, source) => loadIgnored(folder, source && dockerfilePath(source)),
    beforeAgain: () => prepareFiles(publication.files),
    onExporting: ({ layout }) => inspector.expect({ path: layout }),
    onExported: ({ layout }) => inspector.begin({ path: layout })
  }
  const building = { ...ports, exec: endedBy(unwanted, ports.exec) }
  const run = await runFresh(building, asked, { after: inputs.refreshAfter, env })
  if (unwanted.aborted) throw new Cancelled()
  if (run.failure !== undefined) inspector[Symbol.dispose]()
  const reported = await readStageReports(run, workflow, occasion)
  const images = run.images.map(({ platform, layout, metadata }) => ({ platform, path: layout, metadata }))
  const content = openContent(
    ports,
    images.map((image) => image.path),
    indexAnnotations
  )
  return {
    ...{ learned: learnedFrom(run, prepared), run, asked, publication, inspector, images, content, ...classic },
    ...(reported === undefined ? {} : { reported })
  }
}

/** What is known once it is built, red or green. */
function learnedFrom(
  { gate, refreshed, progress, provenance, notes, failure }: FreshRun,
  { plan, cache: { cache } }: Prepared
): Built['learned'] {
  const [first] = provenance
  const values = { from: cache.from, to: forImage(cache).to }
  const outcomes = readOutcomes(values, progress.internals, first?.layerSizes)
  // Where a finding is the failure, the lines are in the findings; any other failure has more to say than they.
  const lint = failure === undefined || failure.kind === 'dockerfile' ? plan.ownFindings(progress.findings) : []
  return { gate, refreshed, steps: progress.steps, provenance, notes, lint, cache: { outcomes, imports: progress } }
}

/** The classic image store exports no layout: what it has is saved. */
export async function saveClassic(ports: Pick<Ports, 'exec'>, built: Built, folder: string): Promise<Built> {
  const { classicTag, images } = built
  if (classicTag === undefined || images.length === 0) return built
  const archive = path.join(folder, 'image.tar')
  const saved = await ports.exec({ file: 'docker', args: ['image', 'save', '--output', archive, classicTag] })
  if (saved.exitCode !== 0) {
    throw new Stop({ kind: 'engine', message: `docker image save failed: ${saved.stderr.trim()}` })
  }
  const content = openContent(ports, [archive])
  return { ...built, images: images.map((image) => ({ ...image, path: archive })), content }
}
