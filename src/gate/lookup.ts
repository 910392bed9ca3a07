/**
 * Looking up an imported layer cache once for all targets of a call.
 *
 * BuildKit imports a cache for each target by itself. A step that two targets share takes its result from the import of the
 * target that came first, and what the other one builds upon it is then not found in the other's import: it runs again
 * (docker/buildx#3878, moby/buildkit#4674). It happens to steps that are told by content, that is from the first `COPY` on.
 *
 * So a target of ours comes first. It needs everything that such targets need, which makes every step theirs and its own;
 * and they start when the images are resolved that it starts from, by when it has looked up what they share. Nothing but
 * time depends on that order: each target still imports the cache for itself.
 */
import path from 'node:path'
import type { Build } from '../builds/build.js'
import { buildMark } from '../builds/identity.js'
import { linkedName } from '../core/linked.js'
import { splitPairs } from '../core/pair.js'
import { familiarName } from '../core/reference.js'
import { dockerfilePath } from '../core/source.js'
import {
  contextPaths,
  imagesRead,
  isToldByContent,
  readArguments,
  stageNeeds,
  stepsOf,
  type BuildArguments,
  type Dockerfile,
  type ImageRead
} from '../dockerfile/index.js'
import { placeDockerfile } from './gate_file.js'
import { appendStages, type AppendedStage } from './gate_stage.js'

/** The generated Dockerfile of the lookup, and its stages. */
export type Lookup = {
  readonly dockerfile: string
  /** Each needs all that a group of targets needs which read the same files. */
  readonly groups: readonly string[]
  /** One for each image that those targets read. */
  readonly images: readonly string[]
}

/**
 * The stages of the lookup: none where no two targets read the same files of the context, as then every step that is told by
 * content has a vertex of its own for each, and its own import; and none where they share no such step. Where several are built
 * upon linked targets, whose steps are the same for all of them, there is one stage for all. Pure.
 * @param stages what the call builds: names, or indices of unnamed stages
 */
export function planLookup(
  dockerfile: Dockerfile,
  stages: readonly string[],
  { shape }: Pick<Build, 'shape'>
): { readonly groups: readonly AppendedStage[]; readonly images: readonly AppendedStage[] } {
  const given = readArguments(shape.buildArgs)
  const contexts = new Map(splitPairs(shape.buildContexts))
  const isLinked = ({ reference }: ImageRead): boolean =>
    linkedName(contexts.get(familiarName(reference)) ?? '') !== undefined
  const uponLinked =
    contexts.size === 0 ? [] : stages.filter((stage) => imagesRead(dockerfile, [stage], given).some(isLinked))
  const groups =
    uponLinked.length > 1
      ? [stages]
      : [...Map.groupBy(stages, (stage) => contextPaths(dockerfile, stage, given).join('\n')).values()].filter(
          (group) => sharesContent(dockerfile, group, given)
        )
  const images = imagesRead(dockerfile, groups.flat(), given).filter(
    (image) => isLinked(image) || !contexts.has(familiarName(image.reference))
  )
  return {
    groups: groups.map((copies) => ({ from: 'scratch', copies })),
    images: images.map(({ reference, platform }) => ({
      from: platform === undefined ? reference : `--platform=${platform} ${reference}`,
      copies: []
    }))
  }
}

/** Whether a stage that at least two targets need has a step that is told by content. */
function sharesContent(dockerfile: Dockerfile, targets: readonly string[], given: BuildArguments): boolean {
  const needed = targets.flatMap((target) => stageNeeds(dockerfile, target, given))
  const shared = new Set(needed.filter((stage, index) => needed.indexOf(stage) < index))
  return [...shared].some((stage) => stepsOf(dockerfile, stage, given).some(isToldByContent))
}

/** Writes the Dockerfile of the lookup into `folder`; `undefined` where none is needed, or none can be made. */
export async function writeLookupFile(
  build: Build,
  { text, dockerfile }: { readonly text: Buffer; readonly dockerfile: Dockerfile },
  { stages, folder }: { readonly stages: readonly string[]; readonly folder: string }
): Promise<Lookup | undefined> {
  const { groups, images } = planLookup(dockerfile, stages, build)
  if (groups.length === 0) return undefined
  const planned = appendStages(text, {
    name: 'stagegate-lookup',
    mark: buildMark(build),
    stages: [...groups, ...images]
  })
  if (!planned.ok) return undefined
  return {
    dockerfile: await placeDockerfile(planned.text, dockerfilePath(build.source), path.join(folder, 'lookup')),
    groups: planned.stages.slice(0, groups.length),
    images: planned.stages.slice(groups.length)
  }
}
