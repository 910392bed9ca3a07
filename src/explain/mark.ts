/**
 * What a step was made of, as one word: the instructions that it stands on, the base images, the files of the context that
 * they read, the build arguments that they can see. Two runs with the same word have done the same, so that what the one has
 * left behind tells what the other took from the cache. Pure.
 */
import { createHash } from 'node:crypto'
import { parseName } from '../buildkit/progress.js'
import { withoutLink, type Step } from '../core/step.js'
import { argumentName, CONTEXT, indexSteps, instructionsAbove, isFrom, readImage, type BuildRecord } from './record.js'
import { partsOf } from './shape.js'
import { changedFiles, isSearchable, readSources, type Matcher } from './sources.js'

type Build = {
  readonly steps: readonly Step[]
  /** The same steps, joined with the Dockerfile and the files. */
  readonly record: BuildRecord
  readonly matcher: Matcher
  readonly redact: (text: string) => string
}

/** `undefined` where something that it is made of is not known: another repository, a download, files that were not read. */
export function markOf(step: Step, { steps, record, matcher, redact }: Build): string | undefined {
  const { places } = indexSteps(record)
  const byName = Map.groupBy(steps, ({ name }) => name)
  const chain = new Set([step])
  // A set is walked through to its end, and what is added on the way belongs to it.
  for (const { inputs } of chain) {
    if (inputs === undefined) return undefined
    for (const input of inputs) {
      const parents = byName.get(input) ?? []
      if (parents.length === 0 && input !== CONTEXT && readImage(input) === undefined) return undefined
      for (const parent of parents) chain.add(parent)
    }
  }
  const parts = new Set<string>()
  for (const each of chain) {
    const place = places[steps.indexOf(each)]
    const text = place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction]
    if (text === undefined && each.instruction.includes('<<')) return undefined // a heredoc is not in the name
    const below = (each.inputs ?? []).map((input) => redact(bareName(input))).sort()
    parts.add(JSON.stringify(['step', redact(bareName(each.name)), text?.mark ?? '', below]))
    for (const part of partsOf(each, record.shape ?? {})) parts.add(JSON.stringify(['shape', part]))
    if (isFrom(each.name)) continue
    if (place !== undefined) {
      for (const { mark } of instructionsAbove(record, place)) parts.add(JSON.stringify(['setting', mark]))
    }
    const declared = place === undefined ? undefined : namesDeclared(record, place.stage)
    for (const [name, mark] of Object.entries(record.args)) {
      if (declared === undefined || declared.has(name)) parts.add(JSON.stringify(['argument', name, mark]))
    }
    if (each.inputs?.includes(CONTEXT) !== true) continue
    const sources = readSources(withoutLink(each.instruction))
    if (record.files === undefined || !isSearchable([...sources.wanted, ...sources.excluded])) return undefined
    const read = new Set(changedFiles([], record.files, sources, matcher).map(({ path }) => path))
    for (const { path, crc, size } of record.files) {
      if (read.has(path.slice(1))) parts.add(JSON.stringify(['file', path, crc, size]))
    }
  }
  return createHash('sha256')
    .update([...parts].sort().join('\n'))
    .digest('hex')
    .slice(0, 32)
}

/** Stages that begin alike share their steps, which go by the name of now the one and now the other. */
function bareName(name: string): string {
  const { platform = '', instruction } = parseName(name) ?? { instruction: name }
  return `${platform} ${instruction}`
}

/** Arguments that a stage declares. One that it does not is no part of its steps. */
function namesDeclared(record: BuildRecord, stage: number): ReadonlySet<string> {
  const texts = record.stages[stage]?.instructions ?? []
  return new Set(texts.flatMap(({ text }) => (/^ARG\s/.test(text) ? text.split(/\s+/).slice(1).map(argumentName) : [])))
}
