/** How the stages of a Dockerfile hang together, as BuildKit resolves them. */
import { mountsOf } from './mounts.js'
import { parseDockerfile, type Dockerfile, type Instruction, type Stage } from './parse.js'
import { meaningOf, type BuildArguments } from './variables.js'

/** A place where a stage reads from another stage, or from an image. */
export type Source = {
  readonly way: 'from' | 'copy' | 'mount'
  /** As written. */
  readonly reference: string
  readonly line: number
}

/** The stage that an input means: a name, the last of two with one name, or an index. */
export function findStage({ stages }: Pick<Dockerfile, 'stages'>, meant: string): Stage | undefined {
  const lower = meant.toLowerCase()
  return (
    stages.findLast(({ name }) => name?.toLowerCase() === lower) ??
    (/^\d+$/.test(meant) ? stages[Number(meant)] : undefined)
  )
}

/** The stage that an input names; empty means the last one. */
export function targetStage(dockerfile: Pick<Dockerfile, 'stages'>, target: string): Stage | undefined {
  return target === '' ? dockerfile.stages.at(-1) : findStage(dockerfile, target)
}

/**
 * Every stage that some stages are built from, through FROM, COPY and mounts, themselves included, in the order of the
 * file. An empty name means the last stage; a name that is no stage adds none. Where a FROM has a variable whose value
 * the builder alone knows (TARGETARCH), every stage that it can mean is needed.
 */
export function stageNeeds(
  dockerfile: Dockerfile,
  wanted: string | readonly string[],
  given: BuildArguments = new Map()
): readonly Stage[] {
  // A set that grows is gone through to its end.
  const needed = new Set([wanted].flat().flatMap((name) => targetStage(dockerfile, name) ?? []))
  for (const stage of needed) {
    for (const { stages } of readStages(dockerfile, stage, given)) for (const read of stages) needed.add(read)
  }
  return dockerfile.stages.filter((stage) => needed.has(stage))
}

/** The stage and those it starts from, topmost first. */
export function chainOf(dockerfile: Dockerfile, target: string, given: BuildArguments = new Map()): readonly Stage[] {
  const chain: Stage[] = []
  for (let stage = targetStage(dockerfile, target); stage !== undefined; stage = parentOf(dockerfile, stage, given)) {
    chain.push(stage)
  }
  return chain
}

/** Where a stage reads from, its FROM first; what its parent's ONBUILD adds is its own. */
export function sourcesOf(dockerfile: Dockerfile, stage: Stage, given: BuildArguments = new Map()): readonly Source[] {
  return [
    { way: 'from', reference: stage.from, line: stage.line },
    ...stepsOf(dockerfile, stage, given).flatMap((instruction) => readsOf(instruction))
  ]
}

/** Where a stage reads from, each with the stages that it can mean; without any it is an image. */
export function readStages(
  dockerfile: Dockerfile,
  stage: Stage,
  given: BuildArguments = new Map()
): readonly { readonly source: Source; readonly stages: readonly Stage[] }[] {
  return sourcesOf(dockerfile, stage, given).map((source) => ({
    source,
    stages: resolve(dockerfile, stage, source, given)
  }))
}

/** The instructions that run in a stage: what its parent's ONBUILD holds for it, and its own but for ONBUILD. */
export function stepsOf(
  dockerfile: Dockerfile,
  stage: Stage,
  given: BuildArguments = new Map()
): readonly Instruction[] {
  const parent = parentOf(dockerfile, stage, given)
  return [
    ...(parent === undefined ? [] : triggersOf(parent)),
    ...stage.instructions.filter(({ keyword }) => keyword !== 'ONBUILD')
  ]
}

const triggers = new WeakMap<Stage, readonly Instruction[]>()

/** What a stage's ONBUILD holds for those that start from it, read once for all of them. */
function triggersOf(stage: Stage): readonly Instruction[] {
  const known = triggers.get(stage)
  if (known !== undefined) return known
  const read = stage.instructions
    .filter(({ keyword }) => keyword === 'ONBUILD')
    .flatMap(({ rest, line, endLine }) =>
      parseDockerfile(rest).instructions.map((instruction) => ({ ...instruction, line, endLine }))
    )
  triggers.set(stage, read)
  return read
}

/** The stage that a stage starts from; none where it starts from an image, or where it cannot be known which. */
export function parentOf(dockerfile: Dockerfile, stage: Stage, given: BuildArguments = new Map()): Stage | undefined {
  const [parent, ...others] = resolve(
    dockerfile,
    stage,
    { way: 'from', reference: stage.from, line: stage.line },
    given
  )
  return others.length > 0 ? undefined : parent
}

function readsOf(instruction: Instruction): readonly Source[] {
  const { keyword, flags, line } = instruction
  if (keyword === 'RUN') {
    return mountsOf(instruction).flatMap(({ options }) => {
      const reference = options.get('from')
      return reference === undefined ? [] : [{ way: 'mount' as const, reference, line }]
    })
  }
  if (keyword !== 'COPY') return []
  const reference = flags.findLast((flag) => flag.startsWith('--from='))?.slice('--from='.length)
  return reference === undefined ? [] : [{ way: 'copy', reference, line }]
}

/** Only stages above can be meant. An index is one to COPY alone, and variables are replaced in FROM alone. */
function resolve(
  dockerfile: Dockerfile,
  stage: Stage,
  { way, reference }: Source,
  given: BuildArguments
): readonly Stage[] {
  const isAbove = ({ index }: Stage): boolean => index < stage.index
  const { named, byName } = namesOf(dockerfile)
  if (way === 'from' && reference.includes('$')) {
    const isMeant = meaningOf(reference, dockerfile, given)
    return named
      .filter(({ name, found, until }) => isAbove(found) && until >= stage.index && isMeant(name))
      .map(({ found }) => found)
  }
  const found = byName.get(reference.toLowerCase())?.findLast(isAbove)
  const byIndex = way === 'copy' && /^\d+$/.test(reference) ? dockerfile.stages[Number(reference)] : undefined
  const one = found ?? byIndex
  return one !== undefined && isAbove(one) ? [one] : []
}

type Names = {
  readonly byName: ReadonlyMap<string, readonly Stage[]>
  /** Each stage that has a name, in lower case, and the index of the next stage of that name. */
  readonly named: readonly { readonly name: string; readonly found: Stage; readonly until: number }[]
}

const names = new WeakMap<Dockerfile, Names>()

/** The names of a file's stages, found once: each stage of a file can ask for all of them. */
function namesOf(dockerfile: Dockerfile): Names {
  const known = names.get(dockerfile)
  if (known !== undefined) return known
  const withName = dockerfile.stages.filter(({ name }) => name !== undefined)
  const byName = Map.groupBy(withName, ({ name = '' }) => name.toLowerCase())
  const named = [...byName].flatMap(([name, stages]) =>
    stages.map((found, at) => ({ name, found, until: stages[at + 1]?.index ?? Infinity }))
  )
  const made = { byName, named: named.sort((a, b) => a.found.index - b.found.index) }
  names.set(dockerfile, made)
  return made
}
