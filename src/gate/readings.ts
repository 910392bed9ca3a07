/**
 * What the targets of a call have read of folders on the runner. BuildKit reads of a folder only what a target copies, so two
 * selections of one folder are two readings of it, a moment apart; the same selection is read once for all who share it.
 */
import { readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import { readLinkedStage } from '../core/linked.js'
import type { Load, Progress } from '../core/progress.js'
import { isWork, type Step } from '../core/step.js'
import { mountSources, mountsOf, parseDockerfile, readsContext, type Instruction } from '../dockerfile/index.js'

/** A folder that steps read from. */
export type LocalContext = {
  readonly folder: string
  /** Whether BuildKit passes a path of it over; asked only where something has changed. */
  readonly loadIgnored?: () => Promise<(relative: string) => boolean>
}

/** The folder that a load is of; `undefined` for one that is not known. */
export type FindContext = (load: Pick<Load, 'context' | 'linked'>) => LocalContext | undefined

/** One reading: what of a folder, and which targets of the call it is in. */
export type Reading = {
  readonly vertex: string
  readonly context: LocalContext
  /** Files and folders, and the links on the way to them. */
  readonly places: readonly string[]
  /** Vertices of the steps that read it. */
  readonly readers: readonly string[]
  readonly targets: readonly string[]
}

type Told = Pick<Progress, 'steps' | 'loads' | 'builtFor'>

/** All readings of known folders. */
export async function findReadings(told: Told, contextOf: FindContext): Promise<readonly Reading[]> {
  const byVertex = new Map(told.steps.map((step) => [step.vertex, step]))
  const readings = allLoads(told).map(async (load): Promise<readonly Reading[]> => {
    const context = contextOf(load)
    if (context === undefined) return []
    // A stage that starts from a folder, and ends there, has all of it. What generated stages read is not the user's.
    const readers = load.readers.flatMap((vertex) => byVertex.get(vertex) ?? [])
    const sources = load.readers.length === 0 ? ['.'] : readers.flatMap((step) => sourcesOf(step, load, told.loads))
    const targets = told.builtFor.get(load.vertex) ?? []
    const { vertex } = load
    return [{ vertex, context, places: await placesOf(context.folder, sources), readers: load.readers, targets }]
  })
  return (await Promise.all(readings)).flat()
}

/** The loads; a step that reads the context without one is a reading by itself. */
function allLoads({ steps, loads, builtFor }: Told): readonly Load[] {
  const loaded = new Set(loads.flatMap(({ readers }) => readers))
  const others = steps.filter(wasDone).flatMap((step): readonly Load[] => {
    if (loaded.has(step.vertex) || readerOf(step) === undefined) return []
    const linked = readLinkedStage(step.stage ?? '')?.target
    return [{ vertex: step.vertex, readers: [step.vertex], ...(linked === undefined ? {} : { linked }) }]
  })
  return [...loads.filter(({ vertex }) => builtFor.has(vertex)), ...others]
}

/** Whether a step is work, and somebody wanted it done. */
export function wasDone(step: Step): boolean {
  return isWork(step) && step.state !== 'waiting'
}

/** The instruction of a step that reads the context; `undefined` for any other. */
function readerOf({ instruction }: Step): Instruction | undefined {
  return parseDockerfile(instruction).instructions.slice(0, 1).find(readsContext)
}

/** What a step reads of a load; all of it where its words do not tell. */
function sourcesOf(step: Step, { context, vertex }: Load, loads: readonly Load[]): readonly string[] {
  if (context === undefined) return contextSources(step)
  // A stage that starts from a folder may mount a part of it, too.
  const several = loads.some(
    (other) => other.vertex !== vertex && other.context === context && other.readers.includes(step.vertex)
  )
  const [reader] = parseDockerfile(step.instruction).instructions
  if (several || reader === undefined) return ['.']
  if (reader.keyword !== 'RUN') return reader.flags.some((flag) => flag.startsWith('--from=')) ? copied(step) : ['.']
  const mounts = mountsOf(reader).filter(({ options }) => options.has('from'))
  return mounts.length === 0 ? ['.'] : mounts.map(({ options }) => known(options.get('source') ?? '.'))
}

/** What a step reads of the build context. */
function contextSources(step: Step): readonly string[] {
  const reader = readerOf(step)
  if (reader === undefined) return ['.']
  return reader.keyword === 'RUN' ? mountSources(reader).map(known) : copied(step)
}

function copied({ instruction }: Step): readonly string[] {
  if (/<<|\[/.test(instruction)) return ['.']
  const words = instruction.split(/\s+/).slice(1)
  return words
    .filter((word) => !word.startsWith('--'))
    .slice(0, -1)
    .map(known)
}

/** A path; all of the folder for one that a variable decides. */
function known(source: string): string {
  return source.includes('$') ? '.' : source
}

/** Where sources of COPY and of mounts lie, and what links on the way to them lead to. */
async function placesOf(context: string, sources: readonly string[]): Promise<readonly string[]> {
  const found = [...new Set(sources)].map(async (source) => {
    const named = await namesOf(context, source)
    return (await Promise.all(named.map((relative) => follow(context, relative)))).flat()
  })
  return [...new Set((await Promise.all(found)).flat())]
}

/** The paths that a source stands for; of a pattern, everything in its folder that begins like it. */
async function namesOf(context: string, source: string): Promise<readonly string[]> {
  const plain = path.posix.join('/', source).slice(1)
  const at = plain.search(/[*?[]/)
  if (at < 0) return [plain]
  const start = `${plain.slice(0, at)}x`
  const [above, begins] = [path.posix.dirname(start), path.posix.basename(start).slice(0, -1)]
  const names = await readdir(path.join(context, above)).catch(() => [])
  return names.filter((name) => name.startsWith(begins)).map((name) => path.posix.join(above, name))
}

const MOST_LINKS = 40

/** A path and the links on the way to it: BuildKit sends what they lead to as well, and takes none for a way out. */
async function follow(context: string, relative: string): Promise<readonly string[]> {
  const links: string[] = []
  let at = context
  const open = partsOf(relative)
  for (let part = open.shift(); part !== undefined && links.length < MOST_LINKS; part = open.shift()) {
    if (part === '..') {
      if (at !== context) at = path.dirname(at)
      continue
    }
    const place = path.join(at, part)
    const target = await readlink(place).catch(() => undefined)
    if (target === undefined) at = place
    else {
      links.push(place)
      if (path.isAbsolute(target)) at = context
      open.unshift(...partsOf(target))
    }
  }
  return [...links, at]
}

function partsOf(text: string): string[] {
  return text.split('/').filter((part) => part !== '' && part !== '.')
}
