/** What a build reads from outside its Dockerfile: files of the context, and images. */
import { mountsOf } from './mounts.js'
import type { Dockerfile, Instruction } from './parse.js'
import { readStages, stageNeeds, stepsOf } from './stages.js'
import type { BuildArguments } from './variables.js'
import { isExecForm, wordsOf } from './words.js'

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

function pathsOf(instruction: Instruction): readonly string[] {
  const { keyword, flags, rest } = instruction
  if (keyword === 'RUN') {
    return mountsOf(instruction).flatMap(({ type, options }) =>
      type === 'bind' && !options.has('from') ? [options.get('source') ?? options.get('src') ?? '.'] : []
    )
  }
  if (keyword !== 'COPY' && keyword !== 'ADD') return []
  if (flags.some((flag) => flag.startsWith('--from='))) return []
  const words = isExecForm(rest) ? rest.split(',').map((word) => word.replace(/[[\]"\s]/g, '')) : wordsOf(rest)
  return words.slice(0, -1).filter((word) => !/^(?:<<|[a-z][a-z+]*:\/\/|git@)/i.test(word))
}

function normalise(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '').replace(/\/+(?:\.\/*)?$/, '') || '.'
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
