/**
 * A Dockerfile as a value: its stages, and which lines hold which instruction. Lines, continuations, comments, flags and
 * heredocs are told apart as BuildKit's parser does. It guesses nothing: what only the builder knows (the value of a
 * variable, what a base image holds) comes from the builder.
 * https://docs.docker.com/reference/dockerfile/
 */
import { linesOf, readDirectives } from './directives.js'
import { heredocsOf, type Heredoc } from './heredoc.js'
import { splitFlags } from './words.js'

/** One instruction. */
export type Instruction = {
  /** In capitals: `FROM`. */
  readonly keyword: string
  /** `--chown=app`, in their order, without quotes. */
  readonly flags: readonly string[]
  /** The whole instruction on one line, as a person would write it; comments between its lines are left out. */
  readonly text: string
  /** What follows the flags. */
  readonly rest: string
  /** 1-based line it starts on. */
  readonly line: number
  /** 1-based line it ends on, the end word of its last heredoc included. */
  readonly endLine: number
  readonly heredocs: readonly Heredoc[]
  /** What a shell is given: the lines joined as they are, blanks and heredocs included, without what goes before it. */
  readonly written: string
  /** Index of its stage; -1 above the first `FROM`. */
  readonly stage: number
}

/** One `FROM` and what follows it. */
export type Stage = {
  readonly index: number
  /** As written; names of stages are case-insensitive. */
  readonly name?: string
  /** What it starts from, as written: a stage, an image, or either with variables. */
  readonly from: string
  readonly line: number
  /** Its own, without `FROM`. */
  readonly instructions: readonly Instruction[]
}

export type Dockerfile = {
  readonly stages: readonly Stage[]
  /** All of the file, `FROM` and what stands above the first one included. */
  readonly instructions: readonly Instruction[]
  /** The frontend that `# syntax=…` names. */
  readonly syntax?: string
  /** The value of `# check=…`; empty without one. */
  readonly check: string
  readonly escape: '\\' | '`'
}

/** Reads a Dockerfile. What it cannot read it leaves out: BuildKit says what is wrong with it. */
export function parseDockerfile(bytes: Uint8Array | string): Dockerfile {
  const lines = linesOf(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'))
  const { syntax, check, escape } = readDirectives(lines)
  const endOf = findEnds(lines)
  const instructions: Instruction[] = []
  const heads: Omit<Stage, 'instructions'>[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1
    const read = readInstruction(lines, at, { escape, endOf })
    at = read.last
    const [, word = '', arguments_ = ''] = /^\s*([A-Za-z]+)(?:\s+([^]*))?$/.exec(read.text) ?? []
    if (word === '') continue
    const keyword = word.toUpperCase()
    const { flags, rest } = splitFlags(arguments_)
    if (keyword === 'FROM') {
      const [from = '', as, name] = rest.split(/\s+/, 3)
      const named = as?.toLowerCase() === 'as' && name !== undefined && name !== '' ? { name } : {}
      heads.push({ index: heads.length, from, line, ...named })
    }
    instructions.push({
      keyword,
      flags,
      text: read.text.trim(),
      rest,
      line,
      endLine: read.last + 1,
      heredocs: read.heredocs,
      written: read.written.replace(/^\s*[A-Za-z]+\s*/, ''),
      stage: heads.length - 1
    })
  }
  const byStage = Map.groupBy(instructions, ({ stage }) => stage)
  const stages = heads.map((head) => ({ ...head, instructions: (byStage.get(head.index) ?? []).slice(1) }))
  return { stages, instructions, check, escape, ...(syntax === undefined ? {} : { syntax }) }
}

type Found = {
  readonly text: string
  readonly written: string
  readonly heredocs: readonly Heredoc[]
  /** Index of the last line that belongs to it. */
  readonly last: number
}

type EndOf = (heredoc: Pick<Heredoc, 'name' | 'chomp'>, after: number) => number | undefined

/** The instruction that starts on a line. */
function readInstruction(
  lines: readonly string[],
  first: number,
  { escape, endOf }: { readonly escape: string; readonly endOf: EndOf }
): Found {
  const isNothing = (line: string): boolean => /^\s*(?:#|$)/.test(line)
  if (isNothing(lines[first] ?? '')) return { text: '', written: '', heredocs: [], last: first }
  const parts: string[] = []
  let last = first
  for (let at = first; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (at > first && isNothing(line)) continue
    last = at
    const kept = withoutContinuation(line, escape)
    parts.push(kept ?? line)
    if (kept === undefined) break
  }
  const written = parts.join('')
  const own = last
  const heredocs: Heredoc[] = []
  for (const heredoc of heredocsOf(written)) {
    const end = endOf(heredoc, last)
    if (end === undefined) break
    heredocs.push({ ...heredoc, line: last + 2, content: lines.slice(last + 1, end).join('\n') })
    last = end
  }
  const below = lines.slice(own + 1, last + 1)
  return { text: joinBlanks(parts), written: [written.trim(), ...below].join('\n'), heredocs, last }
}

/** A line without the escape character at its end; `undefined` where the next line does not continue it. */
function withoutContinuation(line: string, escape: string): string | undefined {
  const trimmed = line.replace(/(?<![ \t])[ \t]+$/, '')
  if (!trimmed.endsWith(escape) || trimmed.endsWith(escape + escape)) return undefined
  return trimmed.slice(0, -1)
}

/** Joins the lines of one instruction; indentation at a joint becomes one blank, and no blank stays none. */
function joinBlanks(parts: readonly string[]): string {
  const words: string[] = []
  let isApart = false
  for (const part of parts) {
    const core = part.trim()
    isApart ||= /^\s/.test(part)
    if (core === '') continue
    words.push(words.length > 0 && isApart ? ` ${core}` : core)
    isApart = part.trimEnd() !== part
  }
  return words.join('')
}

/** Looks up the line where a heredoc ends, in a time that does not grow with the number of heredocs. */
function findEnds(lines: readonly string[]): EndOf {
  const exact = Map.groupBy(lines.keys(), (at) => lines[at] ?? '')
  const chomped = Map.groupBy(lines.keys(), (at) => (lines[at] ?? '').replace(/^\t+/, ''))
  return ({ name, chomp }, after) => firstAfter((chomp ? chomped : exact).get(name) ?? [], after)
}

/** The first of ascending numbers that is larger. */
function firstAfter(numbers: readonly number[], limit: number): number | undefined {
  let low = 0
  for (let high = numbers.length; low < high;) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) > limit) high = middle
    else low = middle + 1
  }
  return numbers[low]
}
