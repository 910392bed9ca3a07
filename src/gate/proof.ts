/**
 * The proof that the image is what was tested. One bake call makes it so: what image and test share is one vertex, with one
 * exception. BuildKit reads of the context only what a target copies, so two targets that copy different files have two
 * readings of it, a moment apart, and all that is built upon them has two vertices. Such a pair is the same as long as
 * none of these files changed since the call began.
 */
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Provenance } from '../buildkit/provenance.js'
import { isWork, type Step } from '../core/step.js'
import { parseDockerfile, readsContext } from '../dockerfile/index.js'

/** What image and test were built from, and when that began. */
export type Evidence = {
  readonly steps: readonly Step[]
  /** The bake targets that each vertex was built for. */
  readonly builtFor: ReadonlyMap<string, readonly string[]>
  readonly targets: { readonly image: string; readonly test: string }
  readonly provenance: { readonly image: Provenance; readonly test: Provenance }
  /** Folder of a local context. */
  readonly context?: string
  /** Milliseconds since the epoch at the start of the call. */
  readonly since: number
}

/** What an image and a test disagree on, as a clause; `undefined` where they agree. */
export async function findDisagreement(evidence: Evidence): Promise<string | undefined> {
  const split = findSplitSteps(evidence)
  const names = new Set(split.map(({ name }) => name))
  const readers = split.filter(({ instruction }) =>
    parseDockerfile(instruction).instructions.slice(0, 1).some(readsContext)
  )
  const isExplained = (step: Step): boolean =>
    readers.includes(step) || (step.inputs ?? []).some((input) => names.has(input))
  const odd = split.find((step) => evidence.context === undefined || !isExplained(step))
  if (odd !== undefined) return `the step ${odd.name} was built twice, from different inputs`
  if (evidence.context !== undefined && readers.length > 0) {
    const changed = await findChanged(evidence.context, readers.flatMap(sourcesOf), evidence.since)
    if (changed !== undefined) return `${changed} changed while the build ran`
  }
  return findOtherMaterial(evidence.provenance.image, evidence.provenance.test)
}

/** Steps of both that have one vertex for the image and another for the test. */
function findSplitSteps({ steps, builtFor, targets }: Evidence): readonly Step[] {
  const work = steps.filter((step) => isWork(step) && step.state !== 'waiting')
  return [...Map.groupBy(work, ({ name }) => name).values()].flatMap((own) => {
    const of = (target: string): readonly Step[] =>
      own.filter(({ vertex }) => builtFor.get(vertex)?.includes(target) === true)
    const [forImage, forTest] = [of(targets.image), of(targets.test)]
    const isShared = forImage.length === 0 || forTest.length === 0 || forImage.some((step) => forTest.includes(step))
    return isShared ? [] : forImage
  })
}

/** What a step reads of the context; the whole of it where its words do not tell. */
function sourcesOf({ instruction }: Step): readonly string[] {
  if (!/^(?:COPY|ADD)\s/i.test(instruction) || /<<|\[/.test(instruction)) return ['.']
  const words = instruction.split(/\s+/).slice(1)
  const sources = words.filter((word) => !word.startsWith('--')).slice(0, -1)
  return sources
}

/** Entries that are looked at; in a larger context nobody can be sure, and nothing is said. */
const MOST_ENTRIES = 200_000

/** The first of the files and folders that was written since then. Git's own folder is nobody's source. */
async function findChanged(context: string, sources: readonly string[], since: number): Promise<string | undefined> {
  const open = (await Promise.all([...new Set(sources)].map((source) => placesOf(context, source)))).flat()
  for (let seen = 0; open.length > 0 && seen < MOST_ENTRIES; seen += 1) {
    const place = open.pop() ?? ''
    const facts = await lstat(place).catch(() => undefined)
    if (facts === undefined) continue
    if (facts.ctimeMs >= since) return path.relative(context, place) || 'the context'
    if (!facts.isDirectory()) continue
    for (const name of await readdir(place).catch(() => [])) if (name !== '.git') open.push(path.join(place, name))
  }
  return undefined
}

/** Where a source of COPY lies; of a pattern, everything in its folder that begins like it. */
async function placesOf(context: string, source: string): Promise<readonly string[]> {
  const place = path.join(context, path.posix.join('/', source))
  const at = source.search(/[*?[]/)
  if (at < 0) return [place]
  const start = path.join(context, path.posix.join('/', `${source.slice(0, at)}x`))
  const [above, begins] = [path.dirname(start), path.basename(start).slice(0, -1)]
  const names = await readdir(above).catch(() => [])
  return names.filter((name) => name.startsWith(begins)).map((name) => path.join(above, name))
}

/** Something that both were built from, and that changed between them. */
function findOtherMaterial(image: Provenance, test: Provenance): string | undefined {
  for (const [uri, digest] of image.materials) {
    const other = test.materials.get(uri)
    if (other !== undefined && other !== digest) return `${uri} was ${other} for the tests and ${digest} for the image`
  }
  return undefined
}
