/** The grammars of the inputs: strings to values, with every problem collected instead of thrown. */
import { distance } from 'fastest-levenshtein'
import type { InputProblem } from '../core/problem.js'
import { parseReference } from '../core/reference.js'
import { readList } from './lists.js'
import { commonPlatforms, parsePlatform } from './platforms.js'

/** Reads one input's text as the workflow gave it; an absent input is the empty string. */
export type ReadInput = (name: string) => string

/** Parsers bound to one reading of the inputs. Each returns a usable value and adds what is wrong to `problems`. */
export type Grammar = ReturnType<typeof createGrammar>

export function createGrammar(read: ReadInput, problems: InputProblem[]) {
  const report = (input: string, problem: string, fix: string): void => {
    problems.push({ input, problem, fix })
  }

  const text = (name: string): string => read(name).trim()

  const isNot = (judge: (entry: string) => EntryProblem | undefined, name: string, entry: string): boolean => {
    const found = judge(entry)
    if (found !== undefined) report(name, found.problem, found.fix)
    return found === undefined
  }

  /** Whether an entry was written, and is not what an expression leaves. */
  const isWritten = (name: string, entry: string): boolean => isNot(leftOver, name, entry)

  const entries = (name: string, commas: 'separate' | 'keep'): readonly string[] => {
    const reading = readList(read(name), commas)
    if (reading.ok) return reading.entries.filter((entry) => isWritten(name, entry))
    report(
      name,
      `the double quote that opens in line ${reading.line} is not closed`,
      'Close it at the end of the entry; inside of it, write a double quote twice.'
    )
    return []
  }

  /** One entry per line, which may be in quotes; commas belong to the entry. */
  const lines = (name: string): readonly string[] => entries(name, 'keep')

  /** Entries separated by new lines or commas. */
  const list = (name: string): readonly string[] =>
    entries(name, 'separate').filter((entry) => isNot(entryElsewhere, name, entry))

  /** One entry per line, in which quotes are CSV's and buildx's to read. */
  const records = (name: string): readonly string[] =>
    read(name)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#') && isWritten(name, line))

  /** The same, but for an entry that is in quotes as a whole. */
  const unquotedRecords = (name: string): readonly string[] =>
    records(name).map((line) => (/^"(?:[^"]|"")*"$/.test(line) ? line.slice(1, -1).replaceAll('""', '"') : line))

  /** One of a few words; empty means `fallback`. */
  const word = <const T extends string>(name: string, words: readonly T[], fallback: NoInfer<T>): T => {
    const value = text(name)
    if (value === '') return fallback
    const found = words.find((candidate) => candidate === value)
    if (found !== undefined) return found
    report(name, `"${value}" is not one of the accepted values`, `Use ${oneOf(words)}.${didYouMean(value, words)}`)
    return fallback
  }

  /** A boolean by the YAML 1.2 core schema, as every action reads them; empty means `undefined`. */
  const optionalFlag = (name: string): boolean | undefined => {
    const value = text(name)
    if (value === '') return undefined
    if (['true', 'True', 'TRUE'].includes(value)) return true
    if (['false', 'False', 'FALSE'].includes(value)) return false
    report(name, `"${value}" is neither true nor false`, `Use true or false.${didYouMean(value, ['true', 'false'])}`)
    return undefined
  }

  const flag = (name: string): boolean => optionalFlag(name) ?? false

  /** Lines of `KEY=VALUE`; only the first `=` separates. `alone` matches a key that needs no value. */
  const pairs = (name: string, what: string, alone?: RegExp): readonly string[] =>
    lines(name).filter((line) => {
      if (!isNot(entryElsewhere, name, line)) return false
      if (/^[^=\s][^=]*=/.test(line) || (!line.includes('=') && alone?.test(line) === true)) return true
      report(name, `"${line}" has no "="`, `Write each ${what} on a line of its own, as NAME=VALUE.`)
      return false
    })

  /** Lines of attributes, one of which is the type. They can hold credentials, so a problem does not repeat them. */
  const typed = (name: string, example: string, accepts: (line: string) => boolean = () => false): readonly string[] =>
    unquotedRecords(name).filter((line, index) => {
      if (/(^|,)\s*"?type=/.test(line) || accepts(line)) return true
      report(name, `entry ${index + 1} has no "type="`, `Write the type and its attributes, as in "${example}".`)
      return false
    })

  const references = (name: string): readonly string[] =>
    list(name).filter((entry) => {
      const reading = parseReference(entry)
      if (!reading.ok) report(name, `"${entry}": ${reading.problem}`, reading.fix)
      else if (reading.reference.digest !== undefined) {
        report(name, `"${entry}" has a digest`, 'A tag to publish is written as "registry/name:tag".')
      } else return true
      return false
    })

  const platforms = (name: string): readonly string[] => {
    const parsed = list(name).flatMap((entry) => {
      const platform = parsePlatform(entry, process)
      if (platform !== undefined) return [platform]
      const isSeveral = entry.split(/\s+/).every((one) => parsePlatform(one, process) !== undefined)
      report(
        name,
        `"${entry.replace(/\s+/g, ' ')}" is ${isSeveral ? 'more than one platform' : 'not a platform'}`,
        isSeveral
          ? 'Put a comma between two platforms, or each on a line of its own.'
          : `Write it as os/architecture, for example linux/amd64.${didYouMean(entry, commonPlatforms)}`
      )
      return []
    })
    return [...new Set(parsed)]
  }

  return {
    report,
    text,
    lines,
    list,
    records,
    unquotedRecords,
    word,
    flag,
    optionalFlag,
    pairs,
    typed,
    references,
    platforms
  }
}

type EntryProblem = Omit<InputProblem, 'input'>

/** An entry of a list as YAML and JSON have it: inputs are text, and what is a list elsewhere is one entry of it. */
function entryElsewhere(entry: string): EntryProblem | undefined {
  const format = entry.startsWith('- ') ? 'YAML' : /^\[ *"/.test(entry) ? 'JSON' : undefined
  if (format === undefined) return undefined
  // The entry may be a secret that stands in the wrong place.
  return {
    problem: `an entry is written as in a list of ${format}, and the input is text`,
    fix: 'Write one entry per line, without anything around it.'
  }
}

/** What GitHub writes for an expression that has no text: https://docs.github.com/actions/reference/workflows-and-actions/expressions */
export function leftOver(entry: string): EntryProblem | undefined {
  if (entry === 'false') {
    return {
      problem: `"false" is no entry: an expression such as "a && b" leaves it where a does not hold`,
      fix: `Have it leave nothing there: "a && b || ''".`
    }
  }
  if (entry !== 'Array' && entry !== 'Object') return undefined
  return {
    problem: `"${entry}" is no entry: it is what an expression leaves of a list or a map`,
    fix: 'Use an output that is text, such as those of docker/metadata-action, or join() in the expression.'
  }
}

/** ` Did you mean "x"?` for the nearest candidate that is near enough, or the empty string. */
export function didYouMean(value: string, candidates: readonly string[]): string {
  const folded = value.toLowerCase()
  const [nearest] = candidates
    .map((candidate) => ({ candidate, distance: distance(folded, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const limit = Math.max(2, Math.floor(value.length / 3))
  return nearest !== undefined && nearest.distance <= limit ? ` Did you mean "${nearest.candidate}"?` : ''
}

function oneOf(words: readonly string[]): string {
  const quoted = words.map((candidate) => `"${candidate}"`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`
}
