/** What a build reads from outside its Dockerfile: files of the context, and images. */
import { mountsOf, type Mount } from './mounts.js'
import type { Dockerfile, Instruction } from './parse.js'
import { readStages, stageNeeds, stepsOf } from './stages.js'
import type { BuildArguments } from './variables.js'
import { wordsOf } from './words.js'

/**
 * The files and folders of the context that a stage and all it needs read, sorted; `.` alone where one of them reads all of
 * it. BuildKit sends a target these and no others (`followpaths`), so two targets with the same list share what they copy.
 */
export function contextPaths(
  dockerfile: Dockerfile,
  target: string,
  given: BuildArguments = new Map()
): readonly string[] {
  const needed = stageNeeds(dockerfile, target, given)
  const paths = needed.flatMap((stage) => stepsOf(dockerfile, stage, given).flatMap(pathsOf)).map(normalise)
  return paths.includes('.') ? ['.'] : [...new Set(paths)].sort()
}

/** Whether an instruction reads files of the context: all but what comes from a stage or an image. */
export function readsContext(instruction: Instruction): boolean {
  const { keyword, flags } = instruction
  if (keyword === 'RUN') return contextMounts(instruction).length > 0
  return (keyword === 'COPY' || keyword === 'ADD') && !flags.some((flag) => flag.startsWith('--from='))
}

/** Whether BuildKit tells a step by the content of files, and not by its instruction and what it is built on alone. */
export function isToldByContent(instruction: Instruction): boolean {
  const { keyword } = instruction
  if (keyword === 'RUN') return mountsOf(instruction).some(({ type }) => !WITHOUT_CONTENT.includes(type))
  return keyword === 'COPY' || keyword === 'ADD'
}

/** Mounts whose files are none of the build's. */
const WITHOUT_CONTENT = ['cache', 'secret', 'ssh', 'tmpfs']

/** The mounts of a RUN that hold files of the context. One whose type is a variable may be of any. */
function contextMounts(instruction: Instruction): readonly Mount[] {
  return mountsOf(instruction).filter(({ type, options }) => !WITHOUT_CONTENT.includes(type) && !options.has('from'))
}

/** What of the context a RUN has mounted. */
export function mountSources(instruction: Instruction): readonly string[] {
  return contextMounts(instruction).map(({ options }) => options.get('source') ?? '.')
}

function pathsOf(instruction: Instruction): readonly string[] {
  if (!readsContext(instruction)) return []
  if (instruction.keyword === 'RUN') return mountSources(instruction)
  const sources = wordsOf(instruction.rest).slice(0, -1)
  return sources.filter((word) => !/^(?:<<|[a-z][a-z+]*:\/\/|git@)/i.test(word))
}

function normalise(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '').replace(/(?<!\/)\/+(?:\.\/*)?$/, '') || '.'
}

/** An image that a build starts from or copies from, as `FROM` takes it: with its platform, where one is written. */
export type ImageRead = { readonly reference: string; readonly platform?: string }

/** The images that some stages and all they need read, each once. */
export function imagesRead(
  dockerfile: Dockerfile,
  targets: readonly string[],
  given: BuildArguments = new Map()
): readonly ImageRead[] {
  const reads = stageNeeds(dockerfile, targets, given).flatMap((stage) => {
    const platform = dockerfile.instructions
      .find(({ keyword, line }) => keyword === 'FROM' && line === stage.line)
      ?.flags.findLast((flag) => flag.startsWith('--platform='))
      ?.slice('--platform='.length)
    return readStages(dockerfile, stage, given).flatMap(({ source, stages }) =>
      stages.length > 0 || source.reference === 'scratch' || source.reference === ''
        ? []
        : [{ reference: source.reference, ...(source.way !== 'from' || platform === undefined ? {} : { platform }) }]
    )
  })
  return [...new Map(reads.map((read) => [`${read.platform ?? ''} ${read.reference}`, read])).values()]
}
