/** The record of a build as text, and back. Anybody may have written what is read: it is parsed within bounds, or is none. */
import { asArray, asNumber, asObject, asString, dig, parseJSON } from '../core/json.js'
import { MOST_FILES, readColumns, writeColumns, type FileColumns, type SnapshotFile } from '../compare/files.js'
import { MOST_CONTEXT_FILES } from './context.js'
import { MOST_TEXT, type BuildRecord, type StageText, type StepRecord } from './record.js'

/** Characters of the whole text. */
export const MOST_RECORD = 8 * 2 ** 20

/** Steps of one build, over all platforms; names, stages, instructions and arguments are as many at most. */
const MOST_STEPS = 5000

/** Inputs of all steps together. */
const MOST_INPUTS = 50_000

const FORMAT = 'stagegate-build'
const VERSION = 1

/** Writes the record; `undefined` where it would be too long even without the files. */
export function writeRecord(record: BuildRecord): string | undefined {
  const { steps, stages, args, shape, files } = record
  const names = [...new Set(steps.flatMap(({ name, inputs }) => [name, ...inputs]))]
  const indexOf = new Map(names.map((name, index) => [name, index]))
  const inputCount = steps.reduce((sum, { inputs }) => sum + inputs.length, 0)
  if (names.length > MOST_STEPS * 2 || steps.length > MOST_STEPS || inputCount > MOST_INPUTS) return undefined
  const document = {
    ...{ format: FORMAT, version: VERSION, names },
    // A name, how long it took (-1: not known), what it is built from.
    steps: steps.map(({ name, seconds = -1, inputs }) => [
      indexOf.get(name),
      Math.round(seconds * 1000) / 1000,
      ...inputs.map((input) => indexOf.get(input))
    ]),
    stages: stages.map(({ instructions, ...stage }) => ({
      ...stage,
      instructions: instructions.map(({ text, mark, line }) => [text, mark, line])
    })),
    args,
    ...(shape === undefined ? {} : { shape })
  }
  const whole = files === undefined ? undefined : JSON.stringify({ ...document, files: writeColumns(files) })
  if (whole !== undefined && whole.length <= MOST_RECORD) return whole
  const bare = JSON.stringify(document)
  return bare.length <= MOST_RECORD ? bare : undefined
}

/** Reads what `writeRecord` wrote; `undefined` for anything else. Never throws. */
export function parseRecord(text: string): BuildRecord | undefined {
  if (text.length > MOST_RECORD || countOf(text, ',') > 300_000) return undefined
  const json = parseJSON(text)
  if (dig(json, 'format') !== FORMAT || dig(json, 'version') !== VERSION) return undefined
  const names = asArray(dig(json, 'names')).map((name) => (asString(name) ?? '').slice(0, MOST_TEXT))
  const steps = readAll(asArray(dig(json, 'steps')), (step) => readStep(step, names))
  const stages = readAll(asArray(dig(json, 'stages')), readStage)
  const args = asObject(dig(json, 'args'))
  if (steps === undefined || stages === undefined || args === undefined || steps.length > MOST_STEPS) return undefined
  const files = readFiles(dig(json, 'files'))
  const shape = asObject(dig(json, 'shape'))
  return {
    ...{ steps, stages },
    args: readMarks(args),
    ...(shape === undefined ? {} : { shape: readMarks(shape) }),
    ...(files === undefined ? {} : { files })
  }
}

function readAll<T>(values: readonly unknown[], read: (value: unknown) => T | undefined): readonly T[] | undefined {
  const all = values.map(read)
  return all.every((value) => value !== undefined) ? all : undefined
}

function readMarks(values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, mark]) => (typeof mark === 'string' ? [[name, mark]] : []))
  )
}

function readStep(value: unknown, names: readonly string[]): StepRecord | undefined {
  const [name, seconds, ...inputs] = asArray(value).map((number) => asNumber(number) ?? NaN)
  const nameOf = (index: number | undefined): string | undefined => names[index ?? NaN]
  const own = nameOf(name)
  const from = inputs.map(nameOf).filter((input) => input !== undefined)
  if (own === undefined || seconds === undefined || from.length !== inputs.length) return undefined
  return { name: own, inputs: from, ...(seconds >= 0 && seconds < 1e7 ? { seconds } : {}) }
}

function readStage(value: unknown): StageText | undefined {
  const from = asString(dig(value, 'from'))
  const name = asString(dig(value, 'name'))
  const instructions = readAll(asArray(dig(value, 'instructions')), (entry) => {
    const [text, mark, line] = asArray(entry)
    if (typeof text !== 'string' || typeof mark !== 'string' || typeof line !== 'number') return undefined
    return { text: text.slice(0, MOST_TEXT), mark, line }
  })
  if (from === undefined || instructions === undefined) return undefined
  return { from, instructions, ...(name === undefined ? {} : { name }) }
}

function readFiles(value: unknown): readonly SnapshotFile[] | undefined {
  const columns = asObject(value)
  if (columns === undefined) return undefined
  const text = (name: keyof FileColumns): string => asString(columns[name]) ?? ''
  const count = asNumber(columns.count) ?? -1
  if (!Number.isSafeInteger(count) || count < 0 || count > Math.min(MOST_CONTEXT_FILES, MOST_FILES)) return undefined
  const files = readColumns(
    {
      count,
      ...{ names: text('names'), shared: text('shared'), sizes: text('sizes') },
      ...{ layers: text('layers'), crcs: text('crcs') }
    },
    1
  )
  return typeof files === 'string' ? undefined : files
}

function countOf(text: string, sign: string): number {
  let count = 0
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) count += 1
  return count
}
