/**
 * A Dockerfile's text as far as advice needs it: which line holds which instruction, what the stages are called and
 * built from, and which rules are to be ignored. It guesses nothing: what only the builder knows (lines of steps and
 * layers, the value of a variable) comes from the builder.
 * https://docs.docker.com/reference/dockerfile/
 */

/** One instruction. Continuation lines are joined by a blank, comments between them left out. */
export type Instruction = {
  /** In capitals: `FROM`. */
  readonly keyword: string
  /** `--chown=app`, in their order. */
  readonly flags: readonly string[]
  /** What follows the flags. */
  readonly rest: string
  /** 1-based line it starts on. */
  readonly line: number
  /** What a shell is given: the lines joined as they are, blanks and heredocs included, without what goes before it. */
  readonly written: string
  /** Index of its stage; -1 above the first `FROM`. */
  readonly stage: number
}

/** One `FROM`. */
export type Stage = {
  readonly index: number
  readonly name?: string
  /** What it starts from, as written. */
  readonly from: string
  readonly line: number
}

export type Dockerfile = {
  readonly instructions: readonly Instruction[]
  readonly stages: readonly Stage[]
  /** The value of `# check=…`; empty without one. */
  readonly check: string
}

/** Reads the text of a Dockerfile. What it cannot read it leaves out: BuildKit says what is wrong with it. */
export function readDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  const directives = readDirectives(lines)
  const ends = Map.groupBy(lines.keys(), (at) => (lines[at] ?? '').replace(/^\t+/, ''))
  const escape = directives.get('escape') === '`' ? '`' : '\\'
  const instructions: Instruction[] = []
  const stages: Stage[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1
    const read = readInstruction(lines, at, { escape, ends })
    at = read.last
    const [, word = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s+([^]*))?$/.exec(read.text) ?? []
    if (word === '') continue
    const keyword = word.toUpperCase()
    if (keyword === 'FROM') {
      const [, from = '', name] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(rest) ?? []
      stages.push({ index: stages.length, from, line, ...(name === undefined ? {} : { name }) })
    }
    const { flags, others } = splitFlags(rest)
    const written = read.written.replace(/^\s*[A-Za-z]+\s*/, '')
    instructions.push({ keyword, flags, rest: others, line, written, stage: stages.length - 1 })
  }
  return { instructions, stages, check: directives.get('check') ?? '' }
}

/** Parser directives stand at the very top; the first line that is none ends them. */
function readDirectives(lines: readonly string[]): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  for (const line of lines[0]?.startsWith('#!') === true ? lines.slice(1) : lines) {
    const [, name, value = ''] = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? []
    if (name === undefined) break
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), value)
  }
  return directives
}

/** The instruction that starts on a line, without its heredocs; `last` is the last line that belongs to it. */
function readInstruction(
  lines: readonly string[],
  first: number,
  { escape, ends }: { readonly escape: string; readonly ends: ReadonlyMap<string, readonly number[]> }
): { readonly text: string; readonly written: string; readonly last: number } {
  const isNothing = (line: string): boolean => /^\s*(?:#|$)/.test(line)
  const start = lines[first] ?? ''
  if (isNothing(start)) return { text: '', written: '', last: first }
  const parts: string[] = []
  let last = first
  for (let at = first; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (at > first && isNothing(line)) continue
    last = at
    const continued = line.trimEnd().endsWith(escape)
    parts.push(continued ? line.trimEnd().slice(0, -1) : line)
    if (!continued) break
  }
  const text = parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ')
  const joined = parts.join('').trim()
  const own = last
  for (const word of heredocsOf(text)) {
    const end = firstAfter(ends.get(word) ?? [], last)
    if (end === undefined) break
    last = end
  }
  return { text, written: [joined, ...lines.slice(own + 1, last + 1)].join('\n'), last }
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

/** The end words of `RUN <<EOF`, `COPY <<"EOF" /x` and `RUN cat <<-EOF`. */
function heredocsOf(text: string): readonly string[] {
  if (!/^\s*(?:RUN|COPY|ADD)\s/i.test(text)) return []
  return [...text.matchAll(/(?:^|[\s\d])<<-?(["']?)([A-Za-z_][\w.-]*)\1/g)].map((match) => match[2] ?? '')
}

function splitFlags(rest: string): { readonly flags: readonly string[]; readonly others: string } {
  const flags = /^(?:--[a-z][a-z-]*(?:=\S*)?(?:\s+|$))+/.exec(rest)?.[0] ?? ''
  return {
    flags: flags
      .trim()
      .split(/\s+/)
      .filter((flag) => flag !== ''),
    others: rest.slice(flags.length).trim()
  }
}

/** The words of `COPY` or `ADD`, in either form. */
export function wordsOf(rest: string): readonly string[] {
  if (rest.startsWith('[')) {
    const strings = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '')
    if (strings.length > 0) return strings
  }
  return rest.split(/\s+/).filter((word) => word !== '')
}

/** The stage that a name or an index means; stage names are case-insensitive. */
export function findStage({ stages }: Dockerfile, meant: string): Stage | undefined {
  const lower = meant.toLowerCase()
  return (
    stages.findLast(({ name }) => name?.toLowerCase() === lower) ??
    (/^\d+$/.test(meant) ? stages[Number(meant)] : undefined)
  )
}

/** Every stage that some stages are built from, themselves included; an empty name means the last stage. */
export function neededStages(dockerfile: Dockerfile, wanted: readonly string[]): readonly Stage[] {
  const needed = new Set<Stage>()
  const visit = (stage: Stage | undefined): void => {
    if (stage === undefined || needed.has(stage)) return
    needed.add(stage)
    const before = { ...dockerfile, stages: dockerfile.stages.slice(0, stage.index) }
    for (const name of [stage.from, ...sourcesOf(dockerfile, stage)]) visit(findStage(before, name))
  }
  for (const name of wanted) visit(name === '' ? dockerfile.stages.at(-1) : findStage(dockerfile, name))
  return dockerfile.stages.filter((stage) => needed.has(stage))
}

function sourcesOf({ instructions }: Dockerfile, stage: Stage): readonly string[] {
  return instructions
    .filter((instruction) => instruction.stage === stage.index)
    .flatMap(({ flags }) => flags.flatMap((flag) => /^--(?:from=|mount=(?:.*,)?from=)([^,]+)/.exec(flag)?.[1] ?? []))
}

/** The target's own chain: the stage and those it starts from, topmost first. */
export function chainOf(dockerfile: Dockerfile, target: string): readonly Stage[] {
  const chain: Stage[] = []
  let stage = target === '' ? dockerfile.stages.at(-1) : findStage(dockerfile, target)
  while (stage !== undefined) {
    chain.push(stage)
    const { index, from }: Stage = stage
    stage = findStage({ ...dockerfile, stages: dockerfile.stages.slice(0, index) }, from)
  }
  return chain
}

/**
 * The rules that a Dockerfile says to ignore, as BuildKit reads it: names as written, `all` for every one. The build
 * argument BUILDKIT_DOCKERFILE_CHECK takes the directive's place. Unknown names are no error to BuildKit.
 * https://docs.docker.com/reference/dockerfile/#check
 */
export function ignoredRules(check: string): ReadonlySet<string> {
  const values = check.split(';').map((part) => /^\s*skip\s*=(.*)$/i.exec(part)?.[1] ?? '')
  return new Set(values.flatMap((value) => value.split(',').map((name) => name.trim())).filter((name) => name !== ''))
}
