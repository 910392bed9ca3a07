/**
 * The proof that the image is what was tested. One bake call makes it so: what image and test share is one vertex, with one
 * exception. BuildKit reads of the context only what a target copies, so two targets that copy different files have two
 * readings of it, a moment apart. They are the same as long as nothing that both read has changed since the call began.
 */
import { readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import type { Provenance } from '../buildkit/provenance.js'
import { isWork, type Step } from '../core/step.js'
import { mountSources, parseDockerfile, readsContext, type Instruction } from '../dockerfile/index.js'
import { readLinkedStage } from '../core/linked.js'
import { isWithin } from './links.js'
import type { FindWritten } from './written.js'

/** What image and test were built from, and when that began. */
export type Evidence = {
  readonly steps: readonly Step[]
  /** The bake targets that each vertex was built for. */
  readonly builtFor: ReadonlyMap<string, readonly string[]>
  readonly targets: { readonly image: string; readonly test: string }
  readonly provenance: { readonly image: Provenance; readonly test: Provenance }
  /** A local context. */
  readonly context?: LocalContext
  /** Those of linked targets, by their names. */
  readonly linked?: ReadonlyMap<string, LocalContext>
  /** Finds what was written since the start of the call. */
  readonly findWritten: FindWritten
}

/** A folder that steps read from. */
export type LocalContext = {
  readonly folder: string
  /** Whether BuildKit passes a path of it over; asked only where something has changed. */
  readonly loadIgnored?: () => Promise<(relative: string) => boolean>
}

/** What an image and a test disagree on, or why that is not known, as a clause. */
export type Agreement =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly cause: string }
  | { readonly kind: 'unsure'; readonly why: string }

/** Holds an image and a test against each other. */
export async function compareBuilds(evidence: Evidence): Promise<Agreement> {
  const split = findSplitSteps(evidence)
  const names = new Set(split.map(({ name }) => name))
  const isExplained = (step: Step): boolean =>
    readerOf(step) !== undefined || (step.inputs ?? []).some((input) => names.has(input))
  const odd = split.find((step) => evidence.context === undefined || !isExplained(step))
  if (odd !== undefined) return different(`the step ${odd.name} was built twice, from different inputs`)
  const { changed, isWhole } = await findChanged(evidence)
  if (changed !== undefined) return different(`${changed} changed while the build ran`)
  const material = findOtherMaterial(evidence.provenance.image, evidence.provenance.test)
  if (material !== undefined) return different(material)
  return isWhole
    ? { kind: 'same' }
    : { kind: 'unsure', why: 'the context has too many files, or too many that changed, to look at each' }
}

function different(cause: string): Agreement {
  return { kind: 'different', cause }
}

/** Steps of both that have one vertex for the image and another for the test. */
function findSplitSteps({ steps, builtFor, targets }: Evidence): readonly Step[] {
  return [...Map.groupBy(steps.filter(wasDone), ({ name }) => name).values()].flatMap((own) => {
    const of = (target: string): readonly Step[] =>
      own.filter(({ vertex }) => builtFor.get(vertex)?.includes(target) === true)
    const [forImage, forTest] = [of(targets.image), of(targets.test)]
    const isShared = forImage.length === 0 || forTest.length === 0 || forImage.some((step) => forTest.includes(step))
    return isShared ? [] : forImage
  })
}

function wasDone(step: Step): boolean {
  return isWork(step) && step.state !== 'waiting'
}

/** The instruction of a step that reads the context; `undefined` for any other. */
function readerOf({ instruction }: Step): Instruction | undefined {
  return parseDockerfile(instruction).instructions.slice(0, 1).find(readsContext)
}

/** The first of the files and folders that changed since the call began, and of which image and test have a reading each. */
async function findChanged({
  steps,
  builtFor,
  targets,
  context,
  linked,
  findWritten
}: Evidence): Promise<{ readonly changed?: string | undefined; readonly isWhole: boolean }> {
  const contextOf = ({ stage = '' }: Step): LocalContext | undefined => {
    const name = readLinkedStage(stage)?.target
    return name === undefined ? context : linked?.get(name)
  }
  const readBy = (target: string, other: string): Promise<readonly Reading[]> => {
    const own = steps.filter(wasDone).filter(({ vertex }) => {
      const readers = builtFor.get(vertex) ?? []
      return readers.includes(target) && !readers.includes(other)
    })
    const readings = [...Map.groupBy(own, contextOf)].map(async ([at, of]): Promise<readonly Reading[]> => {
      const sources = at === undefined ? [] : of.flatMap(sourcesOf)
      return at === undefined || sources.length === 0 ? [] : [{ at, places: await placesOf(at.folder, sources) }]
    })
    return Promise.all(readings).then((found) => found.flat())
  }
  const [image, test] = await Promise.all([readBy(targets.image, targets.test), readBy(targets.test, targets.image)])
  if (image.length === 0 || test.length === 0) return { isWhole: true }
  const placesIn = (readings: readonly Reading[]): readonly string[] => readings.flatMap(({ places }) => places)
  const [own, theirs] = [placesIn(image), placesIn(test)]
  const { places, isWhole } = await findWritten([...new Set([...within(own, theirs), ...within(theirs, own)])])
  for (const place of places) {
    const [by, also] = [await readerOfPlace(place, image), await readerOfPlace(place, test)]
    if (by === undefined || also === undefined) continue
    const { folder } = context !== undefined && isWithin(place, context.folder) ? context : by
    return { changed: path.relative(folder, place), isWhole }
  }
  return { isWhole }
}

/** What some steps read of a context. */
type Reading = { readonly at: LocalContext; readonly places: readonly string[] }

/** The context that a place was read from; `undefined` where BuildKit passes it over. */
async function readerOfPlace(place: string, readings: readonly Reading[]): Promise<LocalContext | undefined> {
  for (const { at, places } of readings) {
    if (within([place], places).length === 0) continue
    const isIgnored = await at.loadIgnored?.()
    if (isIgnored?.(path.relative(at.folder, place)) !== true) return at
  }
  return undefined
}

/** Those of some places that are, or lie in, one of others. */
function within(places: readonly string[], others: readonly string[]): readonly string[] {
  return places.filter((place) => others.some((other) => isWithin(place, other)))
}

/** What a step reads of the context; the whole of it where its words do not tell. */
function sourcesOf(step: Step): readonly string[] {
  const reader = readerOf(step)
  if (reader === undefined) return []
  if (reader.keyword === 'RUN') return mountSources(reader).map((source) => (source.includes('$') ? '.' : source))
  const { instruction } = step
  if (/<<|\[/.test(instruction)) return ['.']
  const words = instruction.split(/\s+/).slice(1)
  return words.filter((word) => !word.startsWith('--')).slice(0, -1)
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

/** Something that both were built from, and that changed between them. */
function findOtherMaterial(image: Provenance, test: Provenance): string | undefined {
  for (const [uri, digest] of image.materials) {
    const other = test.materials.get(uri)
    if (other !== undefined && other !== digest) return `${uri} was ${other} for the tests and ${digest} for the image`
  }
  return undefined
}
